// Money: from plan to actual, month by month, what is to be expected, and all systems beside each other.
import * as Plot from "@observablehq/plot";
import { distinct, rows, table } from "./data.js";
import { card, controls, empty, h, heading, select } from "./dom.js";
import { figure, look, picture } from "./figure.js";
import { count, millions, missing, number, periodLabel, pounds } from "./format.js";
import { BLUE, GREY, GRID, INK, MUTED, ORANGE } from "./palette.js";
import { go, state, unitControl, unitNow } from "./state.js";

export const id = "money";
export const title = "Money";

export function draw() {
  if (!table("finance").length) return [heading(title), empty("There are no reports of money in this database.")];
  const { basis, year, known } = chosen();
  const unit = unitNow(bySize(known).map((row) => row.unit));
  const months = rows("finance", { basis, financial_year: year, unit });
  const last = months.findLast((month) => month.actual != null) ?? months.at(-1);
  return [
    heading(
      `${last.unit_name}: money in ${year}`,
      `Year to date, ${periodLabel(last.period)}. A surplus is positive, a deficit negative.`,
    ),
    controls(
      unitControl("System", known, unit),
      choice("basis", "Basis", distinct(table("finance"), "basis"), basis),
      choice("year", "Financial year", distinct(rows("finance", { basis }), "financial_year"), year),
    ),
    cards(last),
    bridgeFigure(last),
    monthsFigure(months, last),
    allFigure(known, unit, year),
  ];
}

function chosen() {
  const bases = distinct(table("finance"), "basis");
  const basis = bases.includes(state.basis) ? state.basis : bases[0];
  const years = distinct(rows("finance", { basis }), "financial_year");
  const year = years.includes(state.year) ? state.year : years.at(-1);
  const kinds = distinct(rows("finance", { basis, financial_year: year }), "unit_kind");
  const kind = kinds.includes("system") ? "system" : kinds[0];
  return { basis, year, known: lastOfEach(rows("finance", { basis, financial_year: year, unit_kind: kind })) };
}

/** The last month of each system that has an actual. */
function lastOfEach(of) {
  const last = new Map();
  for (const row of of) if (row.actual != null || !last.has(row.unit)) last.set(row.unit, row);
  return [...last.values()];
}

const variance = (row) => (row.actual == null || row.plan == null ? null : row.actual - row.plan);
const bySize = (known) => [...known].sort((a, b) => (variance(a) ?? Infinity) - (variance(b) ?? Infinity));

/** Where there is a choice. */
const choice = (id, label, names, chosen) =>
  names.length > 1 &&
  select(
    id,
    label,
    names.map((name) => [name, name]),
    chosen,
    (value) => go({ [id]: value }),
  );

function cards(last) {
  const meets = last.forecast == null || last.control_total == null ? null : last.forecast - last.control_total;
  return h(
    "div",
    { class: "cards" },
    card(
      "Against plan, year to date",
      variance(last) == null ? missing(last.status) : against(variance(last)),
      `plan ${millions(last.plan)}, actual ${millions(last.actual)}`,
    ),
    card(
      "Forecast of the year",
      millions(last.forecast),
      last.forecast_lower != null && `between ${millions(last.forecast_lower)} and ${millions(last.forecast_upper)}`,
    ),
    card(
      "Control total",
      millions(last.control_total),
      meets != null && `the forecast ${meets >= 0 ? "meets it" : "misses it"} by ${millions(Math.abs(meets))}`,
    ),
    card(
      "Reports",
      last.organisations == null ? "–" : `${last.reported} of ${last.organisations}`,
      `organisations: ${last.status}`,
    ),
  );
}

const against = (amount) => `${millions(Math.abs(amount))} ${amount >= 0 ? "better" : "worse"}`;

function bridgeFigure(last) {
  const steps = rows("bridge", { basis: last.basis, unit: last.unit, period: last.period });
  if (!steps.length)
    return h("section", { class: "panel half" }, h("h2", {}, "From plan to actual"), empty("There is no bridge of this month."));
  const result = figure({
    title: "From plan to actual, by organisation",
    note: `Year to date, ${periodLabel(last.period)}; each organisation's variance from its plan.`,
    legend: [
      { name: "Plan and actual", colour: INK },
      { name: "Better than plan", colour: BLUE },
      { name: "Worse than plan", colour: ORANGE },
    ],
    draw: (width) => drawBridge(last, steps, width),
    table: {
      caption: `${last.unit_name}: from plan to actual, ${periodLabel(last.period)}`,
      rows: steps,
      columns: [
        { label: "Step", head: true, cell: (step) => step.label },
        { label: "From", number: true, cell: (step) => pounds(step.from_amount) },
        { label: "To", number: true, cell: (step) => pounds(step.to_amount) },
        { label: "Change", number: true, cell: (step) => pounds(step.to_amount - step.from_amount) },
      ],
    },
  });
  result.classList.add("half");
  return result;
}

const STEPS = { plan: INK, actual: INK, better: BLUE, worse: ORANGE };
const m = (amount) => amount / 1e6;

function drawBridge(last, steps, width) {
  const names = Math.min(250, width * 0.42);
  return picture(
    Plot.plot({
      ...look(`${last.unit_name}: from a plan of ${millions(last.plan)} to an actual of ${millions(last.actual)}`),
      width,
      height: steps.length * 34 + 70,
      marginBottom: 42,
      marginLeft: names,
      marginRight: 56,
      x: {
        label: "surplus, £ million",
        labelArrow: "none",
        grid: true,
        nice: true,
        ticks: 5,
        tickFormat: (value) => number(value, value % 1 ? 1 : 0),
      },
      y: { domain: steps.map((step) => step.place), axis: null, label: null, padding: 0.25 },
      marks: [
        Plot.axisY({
          tickSize: 0,
          tickFormat: (place) => steps.find((step) => step.place === place).label,
          lineWidth: names / 12.6,
          textOverflow: "ellipsis",
        }),
        Plot.ruleX([0], { stroke: INK }),
        Plot.barX(steps, {
          y: "place",
          x1: (step) => m(step.from_amount),
          x2: (step) => m(step.to_amount),
          fill: (step) => STEPS[step.kind] ?? GREY,
        }),
        Plot.text(steps, {
          y: "place",
          x: (step) => m(Math.max(step.from_amount, step.to_amount)),
          dx: 5,
          textAnchor: "start",
          stroke: "white",
          strokeWidth: 3,
          fill: INK,
          text: (step) =>
            step.kind === "plan" || step.kind === "actual"
              ? millions(step.to_amount)
              : `${step.to_amount >= step.from_amount ? "+" : ""}${millions(step.to_amount - step.from_amount)}`,
        }),
        Plot.tip(
          steps,
          Plot.pointerY({
            y: "place",
            x: (step) => m(step.to_amount),
            title: (step) => `${step.label}\n${pounds(step.from_amount)} to ${pounds(step.to_amount)}`,
          }),
        ),
      ],
    }),
  );
}

const LINES = [
  ["actual", "Actual", INK, ""],
  ["plan", "Plan", BLUE, "6 3"],
  ["line", "Control total, a twelfth a month", GREY, "2 3"],
];

function monthsFigure(months, last) {
  const lines = LINES.filter(([column]) => months.some((month) => valueOf(month, column) != null));
  const result = figure({
    title: "Month by month",
    note: "Surplus of the year to date, and at the right the year's end that the months so far let expect, with its interval.",
    legend: [
      ...lines.map(([, name, colour, line]) => ({ name, colour, line })),
      last.forecast != null && { name: "Forecast", colour: ORANGE },
    ].filter(Boolean),
    draw: (width) => drawMonths(months, last, lines, width),
    table: {
      caption: `${last.unit_name}: months of ${last.financial_year}`,
      rows: months,
      columns: [
        { label: "Month", head: true, cell: (month) => periodLabel(month.period) },
        ...["plan", "actual"].map((name) => ({
          label: name === "plan" ? "Plan" : "Actual",
          number: true,
          cell: (month) => pounds(month[name]),
        })),
        { label: "Forecast of the year", number: true, cell: (month) => pounds(month.forecast) },
        { label: "Lower", number: true, cell: (month) => pounds(month.forecast_lower) },
        { label: "Upper", number: true, cell: (month) => pounds(month.forecast_upper) },
        { label: "Control total", number: true, cell: (month) => pounds(month.control_total) },
      ],
    },
  });
  result.classList.add("half");
  return result;
}

const monthOfYear = (month) => ((Number(month.first_day.slice(5, 7)) + 8) % 12) + 1;

function valueOf(month, column) {
  if (column !== "line") return month[column];
  return month.control_total == null ? null : (month.control_total * monthOfYear(month)) / 12;
}

function drawMonths(months, last, lines, width) {
  const day = (month) => new Date(month.last_day);
  const end = new Date(Date.UTC(Number(last.financial_year.slice(0, 4)) + 1, 2, 31));
  const forecast = last.forecast == null ? [] : [last];
  return picture(
    Plot.plot({
      ...look(`${last.unit_name}: plan, actual and forecast of ${last.financial_year}`),
      width,
      height: 340,
      marginLeft: 48,
      marginRight: width > 480 ? 96 : 16,
      marginTop: 24,
      x: { type: "utc", label: null, domain: [new Date(months[0].last_day), end] },
      y: {
        label: "£ million, year to date",
        labelArrow: "none",
        grid: true,
        nice: true,
        tickFormat: (value) => number(value, value % 1 ? 1 : 0),
      },
      marks: [
        Plot.ruleY([0], { stroke: INK }),
        Plot.link(forecast, {
          x1: day,
          y1: (row) => m(row.actual),
          x2: () => end,
          y2: (row) => m(row.forecast),
          stroke: ORANGE,
          strokeDasharray: "3 3",
        }),
        Plot.ruleX(
          forecast.filter((row) => row.forecast_lower != null),
          {
            x: () => end,
            y1: (row) => m(row.forecast_lower),
            y2: (row) => m(row.forecast_upper),
            stroke: ORANGE,
            strokeWidth: 5,
            strokeOpacity: 0.5,
          },
        ),
        Plot.dot(forecast, { x: () => end, y: (row) => m(row.forecast), fill: ORANGE, r: 5, symbol: "square2" }),
        width > 480
          ? Plot.text(forecast, {
              x: () => end,
              y: (row) => m(row.forecast),
              text: (row) => `forecast ${millions(row.forecast)}`,
              dx: 9,
              textAnchor: "start",
              fill: INK,
            })
          : null,
        ...lines.flatMap(([column, , colour, dashes]) => [
          Plot.lineY(
            months.filter((month) => valueOf(month, column) != null),
            { x: day, y: (month) => m(valueOf(month, column)), stroke: colour, strokeWidth: 2, strokeDasharray: dashes },
          ),
          column === "actual"
            ? Plot.dot(
                months.filter((month) => month.actual != null),
                { x: day, y: (month) => m(month.actual), fill: colour, r: 3.5 },
              )
            : null,
        ]),
        Plot.tip(
          months.filter((month) => month.actual != null),
          Plot.pointerX({
            x: day,
            y: (month) => m(month.actual),
            title: (month) => `${periodLabel(month.period)}\nactual ${millions(month.actual)}\nplan ${millions(month.plan)}`,
          }),
        ),
      ],
    }),
  );
}

function allFigure(known, unit, year) {
  const sorted = bySize(known).filter((row) => variance(row) != null);
  if (!sorted.length) return empty(`No system has a plan and an actual in ${year}.`);
  return figure({
    title: "All systems: variance from plan, year to date",
    wide: true,
    note: `${count(sorted.filter((row) => variance(row) < 0).length, "system is", "systems are")} worse than plan. Choose a bar to see the system.`,
    legend: [
      { name: "Better than plan", colour: BLUE },
      { name: "Worse than plan", colour: ORANGE },
    ],
    draw: (width) => drawAll(sorted, unit, width),
    table: {
      caption: `Variance from plan, ${year}`,
      rows: sorted,
      columns: [
        { label: "System", head: true, sort: (row) => row.unit_name, cell: (row) => row.unit_name },
        { label: "To", cell: (row) => periodLabel(row.period) },
        { label: "Plan", number: true, sort: (row) => row.plan, cell: (row) => pounds(row.plan) },
        { label: "Actual", number: true, sort: (row) => row.actual, cell: (row) => pounds(row.actual) },
        { label: "Variance", number: true, sort: variance, cell: (row) => pounds(variance(row)) },
        { label: "Forecast", number: true, sort: (row) => row.forecast, cell: (row) => pounds(row.forecast) },
      ],
    },
  });
}

function drawAll(sorted, unit, width) {
  const names = Math.min(300, width * 0.42);
  const label = new Map(sorted.map((row) => [row.unit, row.unit_name]));
  const zero = (row) => m(Math.max(variance(row), 0));
  return picture(
    Plot.plot({
      ...look("Variance from plan of every system"),
      width,
      height: sorted.length * 20 + 60,
      marginLeft: names,
      marginRight: 60,
      marginTop: 34,
      marginBottom: 8,
      x: {
        label: "£ million",
        labelArrow: "none",
        labelAnchor: "left",
        axis: "top",
        grid: true,
        tickFormat: (value) => number(value, value % 1 ? 1 : 0),
      },
      y: { domain: sorted.map((row) => row.unit), axis: null, label: null, padding: 0.25 },
      marks: [
        Plot.barX(
          sorted.filter((row) => row.unit === unit),
          {
            y: "unit",
            x1: (row) => m(Math.min(variance(row), 0)),
            x2: zero,
            insetLeft: -4,
            insetRight: -4,
            insetTop: -3,
            insetBottom: -3,
            fill: GRID,
            stroke: INK,
          },
        ),
        Plot.axisY({
          tickSize: 0,
          tickFormat: (code) => label.get(code),
          lineWidth: names / 12.6,
          textOverflow: "ellipsis",
          fontWeight: 400,
        }),
        Plot.barX(sorted, { y: "unit", x: (row) => m(variance(row)), fill: (row) => (variance(row) < 0 ? ORANGE : BLUE) }),
        Plot.ruleX([0], { stroke: INK }),
        Plot.text(sorted, {
          y: "unit",
          x: zero,
          text: (row) => millions(variance(row)),
          textAnchor: "start",
          dx: 5,
          fill: MUTED,
        }),
        Plot.tip(
          sorted,
          Plot.pointerY({
            y: "unit",
            x: (row) => m(variance(row)),
            title: (row) =>
              `${row.unit_name}\n${against(variance(row))} than plan\nplan ${millions(row.plan)}, actual ${millions(row.actual)}`,
          }),
        ),
      ],
    }),
    (row) => go({ unit: row.unit }),
  );
}
