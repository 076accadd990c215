// Delays of discharge and emergencies: month by month, why and by whom.
import * as Plot from "@observablehq/plot";
import { ascending, group, rollup, sum } from "d3";
import { distinct, rows, table } from "./data.js";
import { card, controls, empty, h, heading } from "./dom.js";
import { figure, look, picture } from "./figure.js";
import { count, missing, number, periodLabel, share } from "./format.js";
import { INK, KINDS, MUTED } from "./palette.js";
import { spcFigure } from "./spc.js";
import { unitControl, unitNow } from "./state.js";

export const id = "flow";
export const title = "Delays and emergencies";

const CHARTS = [
  "delayed_bed_days",
  "discharged_on_ready_date",
  "delayed_transfers",
  "delayed_transfers_of_bed_days",
  "delayed_transfers_of_residents",
  "ae_within_4_hours",
  "handover_within_30_minutes",
  "emergency_admissions",
  "ae_emergency_admissions",
  "emergency_bed_days",
  "mean_emergency_stay",
];

const COUNTS = [
  ["attendances", "A&E attendances"],
  ["within_4_hours", "A&E attendances within 4 hours"],
  ["emergency_admissions", "Emergency admissions"],
  ["ae_emergency_admissions", "Emergency admissions through A&E"],
  ["emergency_bed_days", "Bed days of emergency admissions"],
  ["bed_days", "Bed days"],
];

export function draw() {
  const known = [...table("delay"), ...table("emergency"), ...table("summary").filter((row) => CHARTS.includes(row.indicator))];
  if (!known.length) return [heading(title), empty("There are no reports of delays or emergencies in this database.")];
  const units = [...new Map(known.map((row) => [row.unit, row])).values()].filter((row) => row.unit_kind !== "organisation");
  const { unit, unit_name: name, unit_kind: kind } = units.find((row) => row.unit === unitNow(latestFirst(units))) ?? units[0];
  const delays = rows("delay", { unit });
  const emergencies = rows("emergency", { unit });
  const charts = CHARTS.map((indicator) => spcFigure(kind, unit, indicator)).filter(Boolean);
  charts.forEach((chart) => chart.classList.add("half"));
  return [
    heading(`${name}: delays and emergencies`, leadOf(delays, emergencies)),
    controls(unitControl("System", units, unit)),
    cards(delays, emergencies),
    h("h2", { class: "part" }, "Delayed transfers of care"),
    delays.length ? delayFigures(name, delays) : empty("There are no reports of delays by reason of this system."),
    h("h2", { class: "part" }, "Emergencies"),
    emergencies.length ? emergencyFigures(name, emergencies) : empty("There are no reports of emergencies of this system."),
    h("h2", { class: "part" }, "Is it changing?"),
    charts.length ? charts : empty("There are no charts over time of this system."),
  ];
}

/** Units with the latest months first: systems of the past are chosen by whoever wants them. */
function latestFirst(units) {
  const last = rollup(
    [...table("delay"), ...table("emergency")],
    (of) => of.at(-1).first_day,
    (row) => row.unit,
  );
  return [...units]
    .sort(
      (a, b) =>
        (a.unit_kind !== "system") - (b.unit_kind !== "system") ||
        ascending(last.get(b.unit) ?? "", last.get(a.unit) ?? "") ||
        a.unit_name.localeCompare(b.unit_name),
    )
    .map((row) => row.unit);
}

function leadOf(delays, emergencies) {
  const months = distinct(
    [...delays, ...emergencies].sort((a, b) => ascending(a.first_day, b.first_day)),
    "period",
  );
  return months.length ? `${periodLabel(months[0])} to ${periodLabel(months.at(-1))}` : "";
}

/** Pairs of a name and its sum, the greatest first. */
const bySize = (list, amount, name) => [...rollup(list, (of) => sum(of, amount), name)].sort((a, b) => b[1] - a[1]);

const partsOf = (cells) =>
  bySize(
    cells,
    (cell) => cell.days,
    (cell) => cell.part,
  ).map(([part]) => part);

function cards(delays, emergencies) {
  const last = delays.at(-1)?.period;
  const now = delays.filter((row) => row.period === last);
  const days = sum(now, (row) => row.delayed_days);
  const hidden = now.some((row) => row.delayed_days == null);
  const parts = bySize(
    now,
    (row) => row.delayed_days,
    (row) => row.attribution,
  );
  return h(
    "div",
    { class: "cards" },
    now.length > 0 && card("Delayed days", hidden ? "not shown" : number(days), periodLabel(last)),
    now.length > 0 &&
      !hidden &&
      days > 0 &&
      parts.length > 1 &&
      card(
        "Attributed to",
        `${share(parts[0][1] / days)} ${parts[0][0]}`,
        parts
          .slice(1)
          .map(([name, n]) => `${name} ${share(n / days)}`)
          .join(", "),
      ),
    COUNTS.map(([column, name]) => countCard(emergencies, column, name)),
  );
}

function countCard(emergencies, column, name) {
  const last = emergencies.findLast((row) => row[column] != null || row[`${column}_status`] === "not shown");
  return last && card(name, last[column] == null ? "not shown" : number(last[column]), periodLabel(last.period));
}

function delayFigures(name, delays) {
  const shown = delays.filter((row) => row.delayed_days != null);
  if (!shown.length) return empty(`Delays are ${missing(delays[0].status)}.`);
  return [
    stackFigure(`Delayed days, by whom they are attributed to`, name, shown, "attribution"),
    stackFigure("Delayed days, by reason", name, shown, "reason_name"),
    reasonFigure(name, shown),
  ];
}

function monthly(of, by) {
  return [
    ...group(
      of,
      (row) => row.period,
      (row) => row[by] ?? "not known",
    ),
  ].flatMap(([period, parts]) =>
    [...parts].map(([part, list]) => ({
      period,
      part,
      day: new Date(list[0].first_day),
      days: sum(list, (row) => row.delayed_days),
    })),
  );
}

function stackFigure(title_, name, shown, by) {
  const cells = monthly(shown, by);
  const order = partsOf(cells);
  const colours = new Map(order.map((part, place) => [part, KINDS[place % KINDS.length]]));
  const result = figure({
    title: title_,
    note: "Days of the month on which patients waited in a bed though they were ready to leave.",
    legend: order.map((part) => ({ name: part, colour: colours.get(part) })),
    draw: (width) => drawStack(title_, cells, order, colours, width),
    table: monthTable(`${title_}, ${name}`, cells, order),
  });
  result.classList.add("half");
  return result;
}

function drawStack(title_, cells, order, colours, width) {
  return picture(
    Plot.plot({
      ...look(`${title_}, month by month`),
      width,
      height: 300,
      marginLeft: 56,
      marginTop: 26,
      x: { type: "utc", label: null },
      y: { label: "days", labelArrow: "none", grid: true, tickFormat: (n) => number(n) },
      marks: [
        Plot.rectY(
          cells,
          Plot.stackY({
            x: "day",
            interval: "month",
            y: "days",
            fill: (cell) => colours.get(cell.part),
            order: (cell) => order.indexOf(cell.part),
            insetLeft: 0.5,
            insetRight: 0.5,
            tip: true,
            title: (cell) => `${cell.part}\n${periodLabel(cell.period)}\n${number(cell.days)} days`,
          }),
        ),
        Plot.ruleY([0], { stroke: INK }),
      ],
    }),
  );
}

function monthTable(caption, cells, order) {
  const months = [...group(cells, (cell) => cell.period)].map(([period, of]) => ({
    period,
    parts: new Map(of.map((cell) => [cell.part, cell.days])),
  }));
  return {
    caption,
    rows: months,
    columns: [
      { label: "Month", head: true, cell: (month) => periodLabel(month.period) },
      ...order.map((part) => ({ label: part, number: true, cell: (month) => number(month.parts.get(part)) })),
      { label: "All", number: true, cell: (month) => number(sum(month.parts.values())) },
    ],
  };
}

/** Reason by attribution over the last twelve months: where to begin. */
function reasonFigure(name, shown) {
  const months = distinct(shown, "period").slice(-12);
  const recent = shown.filter((row) => months.includes(row.period));
  const cells = [
    ...group(
      recent,
      (row) => row.reason_name,
      (row) => row.attribution,
    ),
  ].flatMap(([reason, parts]) => [...parts].map(([part, of]) => ({ reason, part, days: sum(of, (row) => row.delayed_days) })));
  const reasons = bySize(
    cells,
    (cell) => cell.days,
    (cell) => cell.reason,
  );
  const parts = partsOf(cells);
  const colour = (cell) => KINDS[parts.indexOf(cell.part) % KINDS.length];
  return figure({
    title: `Reasons, ${months.length === 1 ? periodLabel(months[0]) : `the last ${count(months.length, "month")}`}`,
    wide: true,
    legend: parts.map((part, place) => ({ name: part, colour: KINDS[place % KINDS.length] })),
    draw: (width) => drawReasons(cells, reasons, colour, width),
    table: {
      caption: `Delayed days by reason and attribution, ${name}`,
      rows: reasons,
      columns: [
        { label: "Reason", head: true, cell: ([reason]) => reason },
        ...parts.map((part) => ({
          label: part,
          number: true,
          cell: ([reason]) => number(cells.find((cell) => cell.reason === reason && cell.part === part)?.days),
        })),
        { label: "All", number: true, cell: ([, days]) => number(days) },
      ],
    },
  });
}

function drawReasons(cells, reasons, colour, width) {
  const names = Math.min(340, width * 0.42);
  const all = sum(reasons, ([, days]) => days);
  return picture(
    Plot.plot({
      ...look("Delayed days by reason and attribution"),
      width,
      height: reasons.length * 26 + 44,
      marginLeft: names,
      marginRight: 96,
      marginTop: 30,
      marginBottom: 8,
      x: {
        label: "days",
        labelArrow: "none",
        labelAnchor: "left",
        axis: "top",
        grid: true,
        ticks: 5,
        tickFormat: (n) => number(n),
      },
      y: { domain: reasons.map(([reason]) => reason), axis: null, label: null, padding: 0.2 },
      marks: [
        Plot.axisY({ tickSize: 0, lineWidth: names / 12.6, textOverflow: "ellipsis" }),
        Plot.barX(
          cells,
          Plot.stackX({
            y: "reason",
            x: "days",
            fill: colour,
            insetRight: 0.5,
            tip: true,
            title: (cell) => `${cell.reason}\n${cell.part}: ${number(cell.days)} days`,
          }),
        ),
        Plot.text(reasons, {
          y: ([reason]) => reason,
          x: ([, days]) => days,
          text: ([, days]) => `${number(days)} (${share(days / all)})`,
          textAnchor: "start",
          dx: 5,
          fill: MUTED,
        }),
      ],
    }),
  );
}

function emergencyFigures(name, emergencies) {
  const known = COUNTS.filter(([column]) => emergencies.some((row) => row[column] != null));
  return known.map(([column, label]) => {
    const result = figure({
      title: label,
      note: "a month",
      draw: (width) => drawCounts(name, emergencies, column, label, width),
      table: {
        caption: `${label}, ${name}`,
        rows: emergencies,
        columns: [
          { label: "Month", head: true, cell: (row) => periodLabel(row.period) },
          { label, number: true, cell: (row) => (row[column] == null ? missing(row[`${column}_status`]) : number(row[column])) },
        ],
      },
    });
    result.classList.add(known.length % 3 === 0 ? "third" : "half");
    return result;
  });
}

function drawCounts(name, emergencies, column, label, width) {
  const points = emergencies.map((row) => ({ ...row, day: new Date(row.first_day) }));
  return picture(
    Plot.plot({
      ...look(`${label} of ${name} by month`),
      width,
      height: 210,
      marginLeft: 60,
      marginTop: 14,
      x: { type: "utc", label: null, ticks: 4 },
      y: { label: null, grid: true, nice: true, ticks: 5, tickFormat: (n) => number(n) },
      marks: [
        Plot.lineY(points, { x: "day", y: column, stroke: KINDS[0], strokeWidth: 2 }),
        Plot.dot(
          points.filter((row) => row[column] != null),
          { x: "day", y: column, fill: KINDS[0], r: 2.5 },
        ),
        Plot.tip(
          points.filter((row) => row[column] != null),
          Plot.pointerX({ x: "day", y: column, title: (row) => `${periodLabel(row.period)}\n${number(row[column])}` }),
        ),
      ],
    }),
  );
}
