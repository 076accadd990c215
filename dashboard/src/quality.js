// What is wrong with the data: what has not come, what has come in part, and what does not go through.
import * as Plot from "@observablehq/plot";
import { rollup } from "d3";
import { distinct, table } from "./data.js";
import { controls, empty, h, heading, select } from "./dom.js";
import { figure, look, picture, swatch } from "./figure.js";
import { count, number, periodLabel } from "./format.js";
import { KINDS, MUTED } from "./palette.js";
import { go, state } from "./state.js";
import { dataTable } from "./table.js";

export const id = "quality";
export const title = "Data quality";

const ROWS = 500; // as many as somebody may read; the CSV of BI tools has all

export function draw() {
  const all = table("quality");
  if (!all.length) return [heading(title), empty("Nothing is wrong: no report is missing, no figure is partial, nothing fails.")];
  const faults = distinct(all, "fault");
  const colours = new Map(faults.map((fault, place) => [fault, KINDS[place % KINDS.length]]));
  const here = all.filter(
    (row) => (!state.month || row.period === state.month) && (!state.indicator || row.indicator === state.indicator),
  );
  const shown = here.filter((row) => !hidden().has(row.fault));
  return [
    heading(title, `${count(all.length, "thing")} to look at, the latest first.`),
    controls(monthControl(all), indicatorControl(all)),
    cards(here, faults, colours),
    shown.length
      ? [whatFigure(shown, faults, colours), whoFigure(shown), list(shown)]
      : empty("Nothing is wrong of this kind, month and indicator."),
  ];
}

const hidden = () => new Set((state.hide ?? "").split("|").filter(Boolean));
const whatOf = (row) => row.indicator_name ?? row.what ?? "–";
const whoOf = (row) => row.organisation_name ?? row.unit_name ?? "–";

function monthControl(all) {
  const months = distinct(all, "period").filter(Boolean).sort().reverse();
  return select(
    "month",
    "Period",
    [["", "All periods"], ...months.map((period) => [period, periodLabel(period)])],
    state.month ?? "",
    (month) => go({ month }),
  );
}

function indicatorControl(all) {
  const names = [...new Map(all.filter((row) => row.indicator).map((row) => [row.indicator, whatOf(row)]))].sort((a, b) =>
    a[1].localeCompare(b[1]),
  );
  return select("indicator", "Indicator", [["", "All indicators"], ...names], state.indicator ?? "", (indicator) =>
    go({ indicator }),
  );
}

function cards(here, faults, colours) {
  return h(
    "fieldset",
    { class: "cards" },
    h("legend", {}, "Kinds shown"),
    faults.map((fault, place) => {
      const box = h("input", {
        type: "checkbox",
        id: `fault${place}`,
        checked: !hidden().has(fault),
        onchange: () => toggle(fault),
      });
      return h(
        "label",
        { class: "card check", style: `--colour: ${colours.get(fault)}` },
        box,
        h("span", { class: "big" }, number(here.filter((row) => row.fault === fault).length)),
        h("span", { class: "name" }, swatch({ colour: colours.get(fault) }), fault),
      );
    }),
  );
}

function toggle(fault) {
  const now = hidden();
  if (!now.delete(fault)) now.add(fault);
  go({ hide: [...now].join("|") });
}

function whatFigure(shown, faults, colours) {
  const cells = [
    ...rollup(
      shown,
      (of) => of.length,
      whatOf,
      (row) => row.fault,
    ),
  ].flatMap(([what, parts]) => [...parts].map(([fault, n]) => ({ what, fault, n })));
  const order = [...rollup(shown, (of) => of.length, whatOf)].sort((a, b) => b[1] - a[1]).map(([what]) => what);
  const result = figure({
    title: "What it concerns",
    legend: faults.filter((fault) => !hidden().has(fault)).map((fault) => ({ name: fault, colour: colours.get(fault) })),
    draw: (width) =>
      bars("Things to look at by indicator", cells, order.slice(0, 20), "what", (cell) => colours.get(cell.fault), width),
    table: {
      caption: "Things to look at by indicator and fault",
      rows: cells,
      columns: [
        { label: "What", head: true, cell: (cell) => cell.what },
        { label: "Fault", cell: (cell) => cell.fault },
        { label: "How many", number: true, cell: (cell) => number(cell.n) },
      ],
    },
  });
  result.classList.add("half");
  return result;
}

function whoFigure(shown) {
  const cells = [...rollup(shown, (of) => of.length, whoOf)].map(([who, n]) => ({ who, n })).sort((a, b) => b.n - a.n);
  const result = figure({
    title: "Whom it concerns",
    note: cells.length > 20 ? "The twenty with most." : null,
    draw: (width) =>
      bars(
        "Things to look at by organisation or system",
        cells,
        cells.slice(0, 20).map((cell) => cell.who),
        "who",
        () => MUTED,
        width,
      ),
    table: {
      caption: "Things to look at by organisation or system",
      rows: cells,
      columns: [
        { label: "Who", head: true, cell: (cell) => cell.who },
        { label: "How many", number: true, cell: (cell) => number(cell.n) },
      ],
    },
  });
  result.classList.add("half");
  return result;
}

function bars(label, cells, order, by, colour, width) {
  const names = Math.min(290, width * 0.5);
  return picture(
    Plot.plot({
      ...look(label),
      width,
      height: order.length * 22 + 44,
      marginLeft: names,
      marginRight: 16,
      marginTop: 30,
      marginBottom: 8,
      x: {
        label: "how many",
        labelArrow: "none",
        labelAnchor: "left",
        axis: "top",
        grid: true,
        ticks: 5,
        tickFormat: (n) => (n % 1 ? "" : number(n)),
      },
      y: { domain: order, axis: null, label: null, padding: 0.25 },
      marks: [
        Plot.axisY({ tickSize: 0, lineWidth: names / 12.6, textOverflow: "ellipsis" }),
        Plot.barX(
          cells.filter((cell) => order.includes(cell[by])),
          Plot.stackX({
            y: by,
            x: "n",
            fill: colour,
            insetRight: 0.5,
            tip: true,
            title: (cell) => `${cell[by]}\n${cell.fault ?? ""} ${number(cell.n)}`,
          }),
        ),
      ],
    }),
  );
}

function list(shown) {
  return h(
    "section",
    { class: "panel wide" },
    h("h2", {}, "Each of them"),
    shown.length > ROWS &&
      h("p", {}, `The first ${number(ROWS)} of ${number(shown.length)}; choose a month or an indicator to see fewer.`),
    dataTable({
      caption: "What to look at",
      rows: shown.slice(0, ROWS),
      columns: [
        { label: "Fault", head: true, sort: (row) => row.fault, cell: (row) => row.fault },
        { label: "Who", sort: whoOf, cell: whoOf },
        { label: "What", sort: whatOf, cell: whatOf },
        { label: "Period", sort: (row) => row.period, cell: (row) => (row.period ? periodLabel(row.period) : "–") },
        { label: "In words", cell: (row) => row.detail ?? "–" },
      ],
    }),
  );
}
