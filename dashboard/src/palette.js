// Colours that colour-blind readers can tell apart, from blue (good) over grey to orange, each with a shape of its own.
import { rgb, scaleLinear, symbol, symbolCircle, symbolDiamond2, symbolSquare2, symbolTriangle, symbolTriangle2 } from "d3";
import { rows } from "./data.js";

export const INK = "#212b32";
export const MUTED = "#4c6272";
export const GRID = "#d8dde0";
export const BLUE = "#005eb8";
export const ORANGE = "#b5530c";
export const GREY = "#768692";
export const PURPLE = "#6b3fa0";

const FOUR = scaleLinear([0, 1 / 3, 2 / 3, 1], ["#00468b", "#6aaee0", "#f7bd72", "#b5530c"]);
const SHAPES = [symbolDiamond2, symbolCircle, symbolSquare2, symbolTriangle];

/** The categories of a scheme, best first: name, cut, colour, shape, and the colour of a text on it. */
export function categoriesOf(scheme) {
  const known = new Map();
  for (const row of rows("category", { scheme })) if (row.category != null) known.set(row.category, row);
  if (!known.size) for (const row of rows("rating", { scheme })) if (row.category) known.set(row.category, row);
  const sorted = [...known.values()].sort((a, b) => (a.position ?? a.rank) - (b.position ?? b.rank));
  return sorted.map((row, place) => ({ name: row.category, cut: row.cut, ...lookOf(place, sorted.length) }));
}

function lookOf(place, of) {
  const colour = rgb(FOUR(of === 1 ? 0 : place / (of - 1))).formatHex();
  const shape = SHAPES[of <= SHAPES.length ? place : Math.min(place, SHAPES.length - 1)];
  return { colour, shape, on: luminance(colour) > 0.3 ? INK : "#ffffff" };
}

function luminance(colour) {
  const { r, g, b } = rgb(colour);
  const [x, y, z] = [r, g, b].map((part) => (part / 255) ** 2.2);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

export const NO_CATEGORY = { name: "No category", colour: GREY, shape: symbolCircle, on: "#ffffff" };

/** What a point of a chart over time says; Making Data Count has blue for better, orange for worse. */
export const SIGNALS = {
  improvement: { name: "Special cause: improvement", colour: BLUE, shape: symbolDiamond2 },
  concern: { name: "Special cause: concern", colour: ORANGE, shape: symbolSquare2 },
  high: { name: "Special cause: high", colour: PURPLE, shape: symbolTriangle },
  low: { name: "Special cause: low", colour: PURPLE, shape: symbolTriangle2 },
  "non-random": { name: "Not random", colour: PURPLE, shape: symbolTriangle },
  "common cause": { name: "Common cause", colour: GREY, shape: symbolCircle },
};

/** Where a value lies beside the others. */
export const BESIDE = {
  better: { name: "Better than the median", colour: BLUE, shape: symbolDiamond2 },
  similar: { name: "Similar: the median is within its limits", colour: GREY, shape: symbolCircle },
  worse: { name: "Worse than the median", colour: ORANGE, shape: symbolSquare2 },
};

/** Things without an order: as many as there are reasons of delays. */
export const KINDS = [
  "#005eb8",
  "#f0a500",
  "#6b3fa0",
  "#1b9e8f",
  "#c2407a",
  "#7a5c3e",
  "#8fb8de",
  "#768692",
  "#b5c334",
  "#3b3b58",
  "#e58a6c",
];

export const shapePath = (shape, size = 70) => symbol(shape, size)();
