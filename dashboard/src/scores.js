// The score of a unit over time, among those of the others.
import * as Plot from "@observablehq/plot";
import { rows } from "./data.js";
import { figure, look, picture } from "./figure.js";
import { missing, number, ordinal, periodLabel, share } from "./format.js";
import { INK, MUTED, NO_CATEGORY } from "./palette.js";
import { schemeNow } from "./state.js";

export function scoreFigure(rating, categories) {
  const all = rows("rating", { scheme: schemeNow() })
    .filter((row) => row.score != null)
    .map((row) => ({ ...row, day: new Date(row.first_day) }));
  const own = all.filter((row) => row.unit === rating.unit);
  if (new Set(all.map((row) => row.period)).size < 2) return null;
  return figure({
    title: "Score and category over time",
    wide: true,
    legend: [...categories, { name: "The other units", colour: "#b9c5cd", line: "" }],
    note: "Dashed lines: the scores from which on a category is given.",
    draw: (width) => drawScores(rating, all, own, categories, width),
    table: {
      caption: `Scores of ${rating.unit_name}`,
      rows: own,
      columns: [
        { label: "Period", head: true, cell: (row) => periodLabel(row.period) },
        { label: "Score", number: true, cell: (row) => number(row.score, 1) },
        { label: "Rank", number: true, cell: (row) => number(row.rank) },
        { label: "Category", cell: (row) => row.category ?? missing(row.status) },
        { label: "Weight with data", number: true, cell: (row) => share(row.coverage) },
      ],
    },
  });
}

function drawScores(rating, all, own, categories, width) {
  const looks = new Map(categories.map((category) => [category.name, category]));
  const cuts = categories.filter((category) => Number.isFinite(category.cut));
  const lookOf = (row) => looks.get(row.category) ?? NO_CATEGORY;
  return picture(
    Plot.plot({
      ...look(`Score of ${rating.unit_name} over time`),
      width,
      height: 300,
      marginLeft: 44,
      marginRight: width > 600 ? 150 : 20,
      marginTop: 24,
      x: { label: null, type: "utc" },
      y: { label: "score", labelArrow: "none", grid: true, nice: true },
      marks: [
        Plot.lineY(all, { x: "day", y: "score", z: gapped, stroke: "#b9c5cd", strokeWidth: 1, strokeOpacity: 0.6 }),
        Plot.ruleY(cuts, { y: "cut", stroke: MUTED, strokeDasharray: "4 3" }),
        width > 600
          ? Plot.text(cuts, {
              y: "cut",
              frameAnchor: "right",
              textAnchor: "start",
              dx: 8,
              text: (cut) => `${cut.name} from ${number(cut.cut)}`,
              fill: MUTED,
            })
          : null,
        Plot.lineY(own, { x: "day", y: "score", z: gapped, stroke: INK, strokeWidth: 2 }),
        Plot.dot(own, {
          x: "day",
          y: "score",
          r: 5,
          fill: (row) => lookOf(row).colour,
          symbol: (row) => lookOf(row).shape,
          stroke: INK,
          strokeWidth: 0.8,
        }),
        Plot.tip(
          own,
          Plot.pointerX({
            x: "day",
            y: "score",
            title: (row) =>
              `${periodLabel(row.period)}\nscore ${number(row.score, 1)}, ${ordinal(row.rank)}\n${row.category ?? NO_CATEGORY.name}`,
          }),
        ),
      ],
    }),
  );
}

// A line goes on as long as a period follows on the one before it.
const stretchesOf = new Map();
function gapped(row) {
  return `${row.unit} ${stretchOf(row)}`;
}

function stretchOf(row) {
  if (!stretchesOf.has(row.scheme)) stretchesOf.set(row.scheme, stretches(row.scheme));
  return stretchesOf.get(row.scheme).get(row.first_day);
}

function stretches(scheme) {
  const days = [...new Set(rows("rating", { scheme }).map((row) => row.first_day))].sort();
  const steps = days.slice(1).map((day, place) => new Date(day) - new Date(days[place]));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  let stretch = 0;
  return new Map(days.map((day, place) => [day, place && steps[place - 1] > usual * 2.5 ? ++stretch : stretch]));
}
