// The points that add up to a score.
import * as Plot from "@observablehq/plot";
import { max, min } from "d3";
import { figure, look, picture } from "./figure.js";
import { missing, number, periodLabel, share, signed } from "./format.js";
import { nameAxis, rowNames, rowsFrame } from "./leaves.js";
import { BLUE, GREY, INK, MUTED } from "./palette.js";
import { go } from "./state.js";

const themeOf = (node, nodes) => {
  let at = node;
  while (at.depth > 1) at = nodes.find((other) => other.node === at.parent) ?? { depth: 0 };
  return at.node_name;
};

const THEMES = [BLUE, "#6aaee0", "#003b71", GREY, "#9fb8c8"];

export function pointsFigure(rating, nodes, leaves, categories) {
  const themes = [...new Set(leaves.map((leaf) => themeOf(leaf, nodes)))];
  const colours = new Map(themes.map((theme, place) => [theme, THEMES[place % THEMES.length]]));
  const bars = running(leaves).map((leaf) => ({ ...leaf, colour: colours.get(themeOf(leaf, nodes)) }));
  const result = figure({
    title: `The points that add up to ${number(rating.score, 1)}`,
    note: "Each bar begins where the one above it ends. Dashed lines: the scores from which on a category is given.",
    legend: themes.map((name) => ({ name, colour: colours.get(name) })),
    draw: (width) => drawPoints(rating, bars, categories, width),
    table: pointsTable(rating, nodes, leaves),
  });
  result.classList.add("half");
  return result;
}

/** Where each bar begins and ends; the database says so of what has points. */
function running(leaves) {
  let sum = 0;
  return leaves.map((leaf) => {
    const from = leaf.running_from ?? sum;
    sum = leaf.running_to ?? from + (leaf.contribution ?? 0);
    return { ...leaf, from, to: sum };
  });
}

function drawPoints(rating, bars, categories, width) {
  const { y, names } = rowNames(bars, width, rating.score == null ? [] : ["Score"]);
  const cuts = categories.filter((category) => Number.isFinite(category.cut));
  const reach = Math.max(rating.score ?? 0, max(bars, (bar) => bar.to) ?? 0, (max(cuts, (cut) => cut.cut) ?? 0) * 1.06);
  return picture(
    Plot.plot({
      ...look(`Points of each indicator that add up to the score of ${rating.unit_name}, ${number(rating.score, 1)}`),
      ...rowsFrame(bars, width, 1),
      marginRight: 34,
      y,
      x: {
        label: "points",
        labelArrow: "none",
        domain: [Math.min(0, min(bars, (bar) => bar.from) ?? 0), reach],
        grid: true,
        axis: null,
      },
      marks: [
        Plot.axisX({ label: "points", labelArrow: "none", labelAnchor: "right", ticks: 5 }),
        nameAxis(names, width),
        Plot.barX(bars, { y: "node", x1: "from", x2: "to", fill: "colour" }),
        rating.score == null ? null : Plot.barX([rating], { y: () => "Score", x1: 0, x2: "score", fill: INK }),
        Plot.ruleX(cuts, { x: "cut", stroke: MUTED, strokeDasharray: "4 3" }),
        ...cuts.map((cut, place) =>
          Plot.text([cut], { x: "cut", frameAnchor: "top", dy: -8 - 14 * place, text: "name", fill: MUTED, fontSize: 11 }),
        ),
        Plot.text(
          bars.filter((bar) => bar.contribution != null),
          {
            y: "node",
            x: (bar) => Math.max(bar.from, bar.to),
            text: (bar) => signed(bar.contribution),
            dx: 4,
            textAnchor: "start",
            stroke: "white",
            strokeWidth: 3,
            fill: INK,
          },
        ),
        Plot.text(
          bars.filter((bar) => bar.contribution == null),
          {
            y: "node",
            x: "from",
            text: (bar) => missing(bar.status),
            dx: 4,
            textAnchor: "start",
            fill: MUTED,
            fontStyle: "italic",
          },
        ),
        rating.score == null
          ? null
          : Plot.text([rating], {
              y: () => "Score",
              x: "score",
              text: (row) => number(row.score, 1),
              dx: 4,
              textAnchor: "start",
              fontWeight: "bold",
              stroke: "white",
              strokeWidth: 3,
              fill: INK,
            }),
        Plot.tip(
          bars,
          Plot.pointerY({
            y: "node",
            x: "to",
            title: (bar) =>
              `${bar.node_name}\n${signed(bar.contribution, 2)} points: score ${number(bar.score, 1)} with ${share(bar.effective_weight, 1)} of the weight`,
          }),
        ),
      ],
    }),
    (bar) => bar.indicator && go({ indicator: bar.indicator }),
  );
}

function pointsTable(rating, nodes, leaves) {
  return {
    caption: `Points of ${rating.unit_name}, ${periodLabel(rating.period)}`,
    rows: leaves,
    columns: [
      { label: "Indicator", head: true, cell: (leaf) => leaf.node_name },
      { label: "Theme", cell: (leaf) => themeOf(leaf, nodes) ?? "–" },
      { label: "Score", number: true, cell: (leaf) => (leaf.score == null ? missing(leaf.status) : number(leaf.score, 1)) },
      { label: "Weight", number: true, cell: (leaf) => share(leaf.effective_weight, 1) },
      { label: "Points", number: true, cell: (leaf) => number(leaf.contribution, 2) },
    ],
  };
}
