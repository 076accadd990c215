// A chart over time with its limits, as the database drew it: the page computes nothing.
import * as Plot from "@observablehq/plot";
import { rows } from "./data.js";
import { digitsOf, measure, missing, number, periodLabel } from "./format.js";
import { figure, look, picture } from "./figure.js";
import { assuranceWords, variationWords } from "./icons.js";
import { GREY, GRID, INK, MUTED, ORANGE, SIGNALS } from "./palette.js";

/** The chart of an indicator of a unit, or nothing where there is none; of several grains the one with most points. */
export function spcFigure(unitKind, unit, indicator) {
  const summary = [...rows("summary", { unit_kind: unitKind, unit, indicator })].sort((a, b) => b.points - a.points)[0];
  const points = summary ? rows("trend", { unit_kind: unitKind, unit, indicator, grain: summary.grain }) : [];
  if (!points.some((point) => point.value != null)) return null;
  return figure({
    title: summary.indicator_name,
    note: wordsOf(summary, points),
    legend: legend(points),
    draw: (width) =>
      draw(
        summary,
        points.map((point) => ({ ...point, day: new Date(point.first_day) })),
        width,
      ),
    table: tableOf(summary, points),
  });
}

function wordsOf(summary, points) {
  const last = points.findLast((point) => point.value != null);
  return [
    `${measure(summary.value ?? last.value, summary.unit_of_measure)} in ${periodLabel(last.period)}.`,
    variationWords(summary.variation_icon),
    assuranceWords(summary.assurance_icon),
  ]
    .filter(Boolean)
    .map((text) => text.replace(/\.?$/, "."))
    .join(" ");
}

function legend(points) {
  const signals = Object.keys(SIGNALS).filter((signal) => points.some((point) => signalOf(point) === signal));
  return [
    ...signals.map((signal) => SIGNALS[signal]),
    { name: "Mean", colour: INK, line: "" },
    { name: "Process limits", colour: MUTED, line: "5 3" },
    points.some((point) => point.target != null) && { name: "Target or standard", colour: ORANGE, line: "2 3" },
    points.some(isPoor) && { name: "Inferred, partial or suppressed", colour: GREY, hollow: true },
    points.some((point) => point.is_ghost) && { name: "Takes no part", colour: GRID },
  ].filter(Boolean);
}

/** A figure that is not wholly what was reported. */
const isPoor = (point) => point.value != null && ["inferred", "partial", "suppressed"].includes(point.figure_status);

function fillOf(point) {
  if (point.is_ghost) return GRID;
  return isPoor(point) ? "white" : SIGNALS[signalOf(point)].colour;
}

const signalOf = (point) => (point.signal in SIGNALS ? point.signal : "common cause");

function draw(summary, points, width) {
  const unit = summary.unit_of_measure;
  const line = (y, options) => Plot.lineY(points, { x: "day", y, z: "segment", ...options });
  const shown = points.filter((point) => point.value != null);
  return picture(
    Plot.plot({
      ...look(`${summary.indicator_name}, ${summary.unit_name}: ${wordsOf(summary, points)}`),
      width,
      height: Math.max(260, Math.min(340, width * 0.5)),
      marginLeft: 52,
      marginRight: width > 480 ? 84 : 14,
      marginTop: 26,
      x: { label: null, type: "utc" },
      y: {
        label: unit,
        grid: true,
        nice: true,
        labelArrow: "none",
        tickFormat: (value) => number(value, value % 1 ? digitsOf(unit) : 0),
      },
      marks: [
        line("upper", { stroke: MUTED, strokeDasharray: "5 3" }),
        line("lower", { stroke: MUTED, strokeDasharray: "5 3" }),
        line("mean", { stroke: INK }),
        line("target", { stroke: ORANGE, strokeDasharray: "2 3", strokeWidth: 2, z: null }),
        Plot.lineY(points, { x: "day", y: "value", stroke: GREY, strokeWidth: 1.5 }),
        Plot.dot(shown, {
          x: "day",
          y: "value",
          r: 4,
          symbol: (point) => SIGNALS[signalOf(point)].shape,
          fill: fillOf,
          stroke: (point) => SIGNALS[signalOf(point)].colour,
        }),
        width > 480 ? endLabels(points.at(-1), unit) : null,
        Plot.tip(shown, Plot.pointerX({ x: "day", y: "value", title: (point) => tipOf(point, unit) })),
      ],
    }),
  );
}

function endLabels(last, unit) {
  const labels = [
    ["upper", "upper"],
    ["mean", "mean"],
    ["lower", "lower"],
    ["target", "target"],
  ];
  const shown = labels
    .filter(([column]) => last[column] != null)
    .map(([column, name]) => ({ y: last[column], text: `${name} ${number(last[column], digitsOf(unit))}` }));
  return Plot.text(apart(shown), { x: () => last.day, y: "y", text: "text", textAnchor: "start", dx: 10, fill: MUTED });
}

// Of labels that would be upon each other the first one stays.
function apart(labels) {
  const span = Math.max(...labels.map((label) => label.y)) - Math.min(...labels.map((label) => label.y));
  return labels.filter((label, place) => labels.slice(0, place).every((other) => Math.abs(other.y - label.y) > span * 0.09));
}

function tipOf(point, unit) {
  const limits =
    point.lower == null ? "" : `\nlimits ${number(point.lower, digitsOf(unit))} to ${number(point.upper, digitsOf(unit))}`;
  return `${periodLabel(point.period)}\n${measure(point.value, unit)}${limits}\n${SIGNALS[signalOf(point)].name}${isPoor(point) ? `\n${point.figure_status}` : ""}`;
}

function tableOf(summary, points) {
  const digits = digitsOf(summary.unit_of_measure);
  const column = (label, name) => ({ label, number: true, cell: (point) => number(point[name], digits) });
  return {
    caption: `${summary.indicator_name}, ${summary.unit_name} (${summary.unit_of_measure})`,
    rows: points,
    columns: [
      { label: "Period", head: true, cell: (point) => periodLabel(point.period) },
      {
        label: "Value",
        number: true,
        cell: (point) => (point.value == null ? missing(point.figure_status ?? point.status) : number(point.value, digits)),
      },
      column("Mean", "mean"),
      column("Lower limit", "lower"),
      column("Upper limit", "upper"),
      column("Target", "target"),
      { label: "Signal", cell: (point) => point.signal ?? "–" },
      { label: "Figure", cell: (point) => point.figure_status ?? "–" },
    ],
  };
}
