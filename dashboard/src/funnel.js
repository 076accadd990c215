// Funnels: each unit beside its peers, with the limits of chance and those widened by what units differ by anyway.
import * as Plot from "@observablehq/plot";
import { symbolCircle, symbolSquare2, symbolTriangle } from "d3";
import { distinct, rows, table } from "./data.js";
import { controls, empty, heading, select } from "./dom.js";
import { figure, look, picture } from "./figure.js";
import { digitsOf, measure, missing, number, periodLabel } from "./format.js";
import { placeLabels } from "./labels.js";
import { BLUE, GREY, INK, MUTED, ORANGE } from "./palette.js";
import { go, state } from "./state.js";

export const id = "funnel";
export const title = "Funnels";

export function draw() {
  const kinds = distinct(
    table("funnel").filter((row) => row.units > 1),
    "unit_kind",
  );
  if (!kinds.length) return [heading(title), empty("No indicator in this database has the counts that a funnel needs.")];
  const kind = kinds.includes(state.kind)
    ? state.kind
    : (["organisation", "system"].find((name) => kinds.includes(name)) ?? kinds[0]);
  const known = distinct(
    [...rows("funnel", { unit_kind: kind })].filter((row) => row.value != null).sort(byPeriodAndName),
    "indicator",
  );
  if (!known.length) return [heading(title), empty("No unit has a figure to show here.")];
  const indicator = known.includes(state.indicator) ? state.indicator : known[0];
  const units = rows("funnel", { unit_kind: kind, indicator });
  return [
    heading(units[0].indicator_name, `${periodLabel(units[0].period)}: ${number(units[0].units)} ${kind}s.`),
    controls(
      select(
        "kind",
        "Units",
        kinds.map((name) => [name, `${name}s`]),
        kind,
        (value) => go({ kind: value }),
      ),
      indicatorControl(kind, known, indicator),
    ),
    funnelFigure(units, rows("curve", { unit_kind: kind, indicator })),
  ];
}

/** What is reported now comes before what was. */
const byPeriodAndName = (a, b) => b.last_day.localeCompare(a.last_day) || a.indicator_name.localeCompare(b.indicator_name);

function indicatorControl(kind, known, indicator) {
  const names = known.map((code) => [code, rows("funnel", { unit_kind: kind, indicator: code })[0].indicator_name]);
  return select("indicator", "Indicator", names, indicator, (value) => go({ indicator: value }));
}

const FLAGS = {
  inside: { name: "Within both limits", colour: GREY, shape: symbolCircle },
  0.95: { name: "Beyond the limits of 95%", colour: BLUE, shape: symbolSquare2 },
  0.998: { name: "Beyond the limits of 99.8%", colour: ORANGE, shape: symbolTriangle },
};
const flagOf = (unit) =>
  FLAGS[
    String(unit.od_flag ?? "inside")
      .split(" ")
      .at(-1)
  ] ?? FLAGS.inside;

function funnelFigure(units, curve) {
  const shown = units.filter((unit) => unit.value != null && unit.denominator > 0);
  if (!shown.length) return empty("No unit has a figure to show here.");
  return figure({
    title: "Where each one lies among its peers",
    wide: true,
    note: noteOf(units),
    legend: [
      ...Object.values(FLAGS),
      { name: "95%, widened for over-dispersion", colour: MUTED, line: "5 3" },
      { name: "99.8%, widened", colour: INK, line: "" },
      { name: "95% and 99.8% by chance alone", colour: GREY, line: "1 3" },
    ],
    draw: (width) => drawFunnel(shown, curve, width),
    table: tableOf(units),
  });
}

function noteOf(units) {
  const { phi, target, unit_of_measure: unit } = units.find((row) => row.target != null) ?? units[0];
  const spread =
    phi > 1.5
      ? `Units differ by far more than by chance (over-dispersion φ = ${number(phi, phi < 10 ? 1 : 0)}): read the widened limits.`
      : "Units differ by about as much as by chance.";
  return `All together: ${measure(target, unit)}. ${spread}`;
}

function drawFunnel(units, curve, width) {
  const [{ unit_of_measure: unit, target, indicator_name: name }] = units;
  const limits = (kind, level, options) =>
    ["lower", "upper"].map((y) =>
      Plot.lineY(
        curve.filter((row) => row.overdispersion === kind && row.level === level && row[y] != null),
        { x: "denominator", y, clip: true, ...options },
      ),
    );
  const margins = { marginLeft: 56, marginRight: 20, marginTop: 26, marginBottom: 40 };
  const frame = { width, height: Math.max(420, Math.min(620, width * 0.55)), ...margins };
  const plot = Plot.plot({
    ...look(`Funnel of ${name}; the table has every unit`),
    ...frame,
    x: {
      label: "denominator",
      labelArrow: "none",
      domain: [0, Math.max(...units.map((row) => row.denominator)) * 1.03],
      tickFormat: (value) => number(value),
      ticks: width > 600 ? 8 : 4,
    },
    y: {
      label: unit,
      labelArrow: "none",
      grid: true,
      domain: reachOf(units, unit),
      tickFormat: (value) => number(value, value % 1 ? digitsOf(unit) : 0),
    },
    marks: [
      ...limits("none", 0.95, { stroke: GREY, strokeDasharray: "1 3" }),
      ...limits("none", 0.998, { stroke: GREY, strokeDasharray: "1 3" }),
      ...limits("additive", 0.95, { stroke: MUTED, strokeDasharray: "5 3" }),
      ...limits("additive", 0.998, { stroke: INK }),
      target == null ? null : Plot.ruleY([target], { stroke: INK, strokeWidth: 1.5 }),
      Plot.dot(units, {
        x: "denominator",
        y: "value",
        r: 4.5,
        symbol: (row) => flagOf(row).shape,
        fill: (row) => flagOf(row).colour,
        stroke: "white",
        strokeWidth: 0.8,
      }),
      labelsMark(units),
      Plot.tip(
        units,
        Plot.pointer({
          x: "denominator",
          y: "value",
          title: (row) =>
            `${row.unit_name}\n${measure(row.value, unit)}\n${number(row.numerator, row.numerator % 1 ? 1 : 0)} of ${number(row.denominator)}\n${flagOf(row).name}`,
        }),
      ),
    ],
  });
  return picture(plot);
}

function reachOf(units, unit) {
  const values = units.flatMap((row) => [row.value, row.target]).filter((value) => value != null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [
    low >= 0 ? Math.max(0, low - room) : low - room,
    unit === "%" && high <= 100 ? Math.min(100, high + room) : high + room,
  ];
}

/** Names of those beyond the limits, the furthest first, as many as fit without touching. */
function labelsMark(units) {
  const named = units.filter((row) => flagOf(row) !== FLAGS.inside).sort((a, b) => Math.abs(b.od_z) - Math.abs(a.od_z));
  return (index, scales, values, { width, height, marginLeft, marginRight }) => {
    const at = (row) => ({ x: scales.x(row.denominator), y: scales.y(row.value) });
    return placeLabels(
      named.map((row) => ({ ...at(row), text: row.unit_name })),
      units.map(at),
      { left: marginLeft, right: width - marginRight, top: 8, bottom: height - 30 },
    );
  };
}

function tableOf(units) {
  const { unit_of_measure: unit } = units[0];
  const column = (label, name) => ({
    label,
    number: true,
    sort: (row) => row[name],
    cell: (row) => number(row[name], digitsOf(unit)),
  });
  return {
    caption: `${units[0].indicator_name}, ${periodLabel(units[0].period)} (${unit})`,
    rows: units,
    columns: [
      { label: "Name", head: true, sort: (row) => row.unit_name, cell: (row) => row.unit_name },
      {
        label: "Numerator",
        number: true,
        sort: (row) => row.numerator,
        cell: (row) => number(row.numerator, row.numerator % 1 ? 1 : 0),
      },
      {
        label: "Denominator",
        number: true,
        sort: (row) => row.denominator,
        cell: (row) => number(row.denominator, row.denominator % 1 ? 1 : 0),
      },
      {
        label: "Value",
        number: true,
        sort: (row) => row.value,
        cell: (row) => (row.value == null ? missing(row.status) : number(row.value, digitsOf(unit))),
      },
      column("Lower 95%", "od_lower_95"),
      column("Upper 95%", "od_upper_95"),
      column("Lower 99.8%", "od_lower_998"),
      column("Upper 99.8%", "od_upper_998"),
      { label: "Widened limits", sort: (row) => row.od_flag, cell: (row) => row.od_flag ?? missing(row.status) },
      { label: "By chance", sort: (row) => row.flag, cell: (row) => row.flag ?? missing(row.status) },
    ],
  };
}
