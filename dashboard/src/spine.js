// Each indicator of a unit beside the others: a spine chart.
import * as Plot from "@observablehq/plot";
import { figure, look, picture } from "./figure.js";
import { digitsOf, measure, missing, number, ordinal, periodLabel, plain } from "./format.js";
import { nameAxis, rowNames, rowsFrame } from "./leaves.js";
import { BESIDE, INK, MUTED } from "./palette.js";
import { go } from "./state.js";

/** Where a value lies on the way from the worst (0) over the median (0.5) to the best (1) of the cohort. */
function placeOf(leaf, value) {
  const reach =
    Math.max(Math.abs(leaf.cohort_maximum - leaf.cohort_median), Math.abs(leaf.cohort_median - leaf.cohort_minimum)) || 1;
  const side = leaf.better === "lower" ? -1 : 1;
  return 0.5 + (side * (value - leaf.cohort_median)) / (2 * reach);
}

function besideOf(leaf) {
  if (leaf.lower != null && leaf.upper != null && leaf.lower <= leaf.cohort_median && leaf.cohort_median <= leaf.upper)
    return "similar";
  const place = placeOf(leaf, leaf.value);
  return Math.abs(place - 0.5) < 1e-9 || leaf.better === "neutral" ? "similar" : place > 0.5 ? "better" : "worse";
}

export function spineFigure(rating, leaves) {
  const known = leaves.map((leaf) => ({ ...leaf, known: leaf.value != null && leaf.cohort_median != null }));
  const result = figure({
    title: "Beside the others",
    note: "Left is worse, right is better. Light: from the worst to the best; dark: the middle half; line: the median.",
    legend: Object.values(BESIDE),
    draw: (width) => drawSpine(rating, known, width),
    table: spineTable(rating, leaves),
  });
  result.classList.add("half");
  return result;
}

function drawSpine(rating, leaves, width) {
  const { y, names } = rowNames(leaves, width, [""]);
  const known = leaves.filter((leaf) => leaf.known);
  const span = (from, to) => ({ y: "node", x1: (leaf) => placeOf(leaf, leaf[from]), x2: (leaf) => placeOf(leaf, leaf[to]) });
  const beside = (leaf) => BESIDE[besideOf(leaf)];
  return picture(
    Plot.plot({
      ...look(`Each indicator of ${rating.unit_name} beside the minimum, quartiles and maximum of the cohort`),
      ...rowsFrame(leaves, width, 1),
      marginRight: width > 480 ? 132 : 56,
      y,
      x: { domain: [0, 1], axis: null },
      marks: [
        nameAxis(names, width),
        Plot.barX(known, { ...span("cohort_minimum", "cohort_maximum"), fill: "#e4e9ec" }),
        Plot.barX(known, { ...span("cohort_lower_quartile", "cohort_upper_quartile"), fill: "#b9c5cd" }),
        Plot.ruleX([0.5], { stroke: INK, strokeWidth: 1.5 }),
        Plot.dot(known, {
          y: "node",
          x: (leaf) => placeOf(leaf, leaf.value),
          r: 6,
          symbol: (leaf) => beside(leaf).shape,
          fill: (leaf) => beside(leaf).colour,
          stroke: "white",
        }),
        Plot.text(leaves, {
          y: "node",
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK,
          text: (leaf) => (leaf.value == null ? missing(leaf.status) : valueText(leaf, width)),
        }),
        Plot.text(["worse"], { frameAnchor: "top-left", dy: -16, fill: MUTED }),
        Plot.text(["median"], { frameAnchor: "top", dy: -16, fill: MUTED }),
        Plot.text(["better"], { frameAnchor: "top-right", dy: -16, fill: MUTED }),
        Plot.tip(known, Plot.pointerY({ y: "node", x: (leaf) => placeOf(leaf, leaf.value), title: spineTip })),
      ],
    }),
    (leaf) => go({ indicator: leaf.indicator }),
  );
}

function valueText(leaf, width) {
  const limits =
    leaf.lower == null || width <= 480
      ? ""
      : ` (${number(leaf.lower, digitsOf(leaf.unit_of_measure))} to ${number(leaf.upper, digitsOf(leaf.unit_of_measure))})`;
  return plain(leaf.value, leaf.unit_of_measure) + limits;
}

function spineTip(leaf) {
  const say = (value) => measure(value, leaf.unit_of_measure);
  return `${leaf.node_name}\n${say(leaf.value)}, ${ordinal(leaf.rank)}\nmedian ${say(leaf.cohort_median)}\nmiddle half ${say(leaf.cohort_lower_quartile)} to ${say(leaf.cohort_upper_quartile)}`;
}

function spineTable(rating, leaves) {
  const column = (label, name) => ({ label, number: true, cell: (leaf) => plain(leaf[name], leaf.unit_of_measure) });
  return {
    caption: `${rating.unit_name} beside the others, ${periodLabel(rating.period)}`,
    rows: leaves,
    columns: [
      { label: "Indicator", head: true, cell: (leaf) => leaf.node_name },
      { label: "Unit", cell: (leaf) => leaf.unit_of_measure ?? "–" },
      { label: "Better is", cell: (leaf) => leaf.better ?? "–" },
      column("Value", "value"),
      column("Lower limit", "lower"),
      column("Upper limit", "upper"),
      { label: "Beside the median", cell: (leaf) => (leaf.value == null ? missing(leaf.status) : besideOf(leaf)) },
      column("Lowest", "cohort_minimum"),
      column("Lower quartile", "cohort_lower_quartile"),
      column("Median", "cohort_median"),
      column("Upper quartile", "cohort_upper_quartile"),
      column("Highest", "cohort_maximum"),
    ],
  };
}
