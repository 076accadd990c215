// One system: what its score is made of, how it compares, how it has moved, what would change it, and what is missing.
import * as Plot from "@observablehq/plot";
import { max, min } from "d3";
import { rows, table } from "./data.js";
import { card, controls, empty, h, heading } from "./dom.js";
import { figure, look, picture } from "./figure.js";
import { digitsOf, measure, missing, number, ordinal, periodLabel, plain, share, signed } from "./format.js";
import { assuranceIcon, variationIcon } from "./icons.js";
import { chip } from "./league.js";
import { BESIDE, BLUE, categoriesOf, GREY, GRID, INK, MUTED, NO_CATEGORY } from "./palette.js";
import { spcFigure } from "./spc.js";
import { address, go, periodNow, ratingsNow, schemeControls, schemeNow, state, unitControl, unitNow } from "./state.js";
import { dataTable } from "./table.js";

export const id = "system";
export const title = "One system";

const ROW = 26;

export function draw() {
  const all = ratingsNow();
  if (!all.length) return [heading(title), empty("There are no ratings in this database. CALL stp.refresh() makes them.")];
  const unit = unitNow(all.map((rating) => rating.unit));
  const rating = all.find((other) => other.unit === unit);
  const nodes = rows("node", { scheme: schemeNow(), period: periodNow(), unit });
  const leaves = nodes.filter((node) => node.indicator != null);
  const categories = categoriesOf(schemeNow());
  return [
    headOf(rating, all, categories),
    controls(unitControl("System", all, unit), schemeControls(true)),
    cards(rating, all, nodes, categories),
    leaves.length ? detail(rating, nodes, leaves, categories) : empty("What this rating is made of is kept for the last 13 periods of a scheme; choose a later one."),
    scoreFigure(rating, categories),
    next(rating, leaves), restsOn(rating, categories), gaps(nodes),
  ];
}

function headOf(rating, all, categories) {
  const region = rows("unit", { unit: rating.unit })[0]?.region_name;
  return h("div", { class: "heading" }, h("h1", {}, rating.unit_name, " ", rating.category && chip(rating.category, categories)),
    h("p", { class: "lead" }, [region, `${periodLabel(periodNow())}`, rating.scheme_name].filter(Boolean).join(" · ")), neighbours(rating, all));
}

function neighbours(rating, all) {
  const place = all.indexOf(rating);
  const link = (other, words) => other && h("a", { href: address({ page: "system", unit: other.unit }) }, `${words}: ${other.unit_name}`);
  return h("p", { class: "neighbours" }, link(all[place - 1], "One rank up"), " ", link(all[place + 1], "One rank down"));
}

function cards(rating, all, nodes, categories) {
  return h("div", { class: "cards" }, scoreCard(rating), rankCard(rating, all), sureCard(rating, categories), coverageCard(rating, nodes), nextCard(rating, nodes));
}

function scoreCard(rating) {
  const before = rating.score_before == null ? null : `${signed(rating.score - rating.score_before)} since ${periodLabel(rating.period_before)}`;
  return card("Score", number(rating.score, 1), before, rating.override && `Rule of the scheme: ${rating.override}`, rating.score == null && missing(rating.status));
}

function rankCard(rating, all) {
  const ranked = all.filter((other) => other.rank != null).length;
  return card("Rank", rating.rank == null ? "Not ranked" : `${ordinal(rating.rank)} of ${ranked}`,
    rating.rank_low != null && `could be ${ordinal(rating.rank_low)} to ${ordinal(rating.rank_high)} (90% of draws)`,
    rating.rank_before != null && `${ordinal(rating.rank_before)} in ${periodLabel(rating.period_before)}`);
}

function sureCard(rating, categories) {
  const known = rows("category", { scheme: rating.scheme, period: rating.period, unit: rating.unit });
  const others = known.filter((row) => row.category !== rating.category && row.probability > 0.005)
    .map((row) => `${row.category ?? NO_CATEGORY.name} ${share(row.probability)}`);
  return card("How sure is the category?", share(rating.probability_of_category), others.length ? `else ${others.join(", ")}` : `${rating.category ?? NO_CATEGORY.name} in nearly every draw`);
}

function coverageCard(rating, nodes) {
  const without = incomplete(nodes).filter((node) => node.missing_weight > 0);
  return card("Weight with data", share(rating.coverage), without.length > 0 && `Missing: ${without.map((node) => node.node_name).join(", ")}`,
    rating.lowest_score != null && rating.highest_score != null && `With all data the score would lie between ${number(rating.lowest_score, 1)} and ${number(rating.highest_score, 1)}`);
}

function nextCard(rating, nodes) {
  if (!rating.next_category) return card("Next category", "None above");
  const enough = nodes.filter((node) => node.indicator && node.needed_value != null);
  return card(`To become ${rating.next_category}`, `${signed(rating.points_needed)} points`,
    enough.length ? `${enough.length === 1 ? "One indicator" : `${enough.length} indicators`} alone could bring it; see below` : "No indicator alone could bring it");
}

function detail(rating, nodes, leaves, categories) {
  const chosen = leaves.find((leaf) => leaf.indicator === state.indicator) ?? leaves.find((leaf) => hasChart(rating, leaf)) ?? leaves[0];
  const chart = spcFigure(rating.unit_kind, rating.unit, chosen.indicator) ??
    h("div", { class: "panel" }, h("h2", {}, chosen.node_name), empty("There is no chart over time of this indicator here."));
  chart.classList.add("five");
  chart.id = "chart";
  return [pointsFigure(rating, nodes, leaves, categories), spineFigure(rating, leaves), indicatorTable(rating, leaves, chosen), chart];
}

const hasChart = (rating, leaf) => rows("summary", { unit_kind: rating.unit_kind, unit: rating.unit, indicator: leaf.indicator }).length > 0;

const themeOf = (node, nodes) => {
  let at = node;
  while (at.depth > 1) at = nodes.find((other) => other.node === at.parent) ?? { depth: 0 };
  return at.node_name;
};

const THEMES = [BLUE, "#6aaee0", "#003b71", GREY, "#9fb8c8"];

function pointsFigure(rating, nodes, leaves, categories) {
  const themes = [...new Set(leaves.map((leaf) => themeOf(leaf, nodes)))];
  const colours = new Map(themes.map((theme, place) => [theme, THEMES[place % THEMES.length]]));
  const bars = running(leaves).map((leaf) => ({ ...leaf, colour: colours.get(themeOf(leaf, nodes)) }));
  const result = figure({
    title: `The points that add up to ${number(rating.score, 1)}`, note: "Each bar begins where the one above it ends. Dashed lines: the scores from which on a category is given.",
    legend: themes.map((name) => ({ name, colour: colours.get(name) })),
    draw: (width) => drawPoints(rating, bars, categories, width), table: pointsTable(rating, nodes, leaves),
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

const namesWide = (width) => (width > 520 ? Math.min(300, width * 0.45) : width * 0.42);

function rowsFrame(leaves, width, more = 0) {
  return { width, height: (leaves.length + more) * ROW + 80, marginTop: 54, marginBottom: 26, marginLeft: namesWide(width) };
}

const rowNames = (leaves, width, more = []) => {
  const names = new Map(leaves.map((leaf) => [leaf.node, leaf.node_name]));
  return { y: { domain: [...leaves.map((leaf) => leaf.node), ...more], label: null, axis: null, padding: 0.3 }, names };
};

function nameAxis(names, width) {
  return Plot.axisY({ tickSize: 0, tickFormat: (node) => names.get(node) ?? node, lineWidth: namesWide(width) / 12.6, textOverflow: "ellipsis" });
}

function drawPoints(rating, bars, categories, width) {
  const { y, names } = rowNames(bars, width, rating.score == null ? [] : ["Score"]);
  const cuts = categories.filter((category) => Number.isFinite(category.cut));
  const reach = Math.max(rating.score ?? 0, max(bars, (bar) => bar.to) ?? 0, (max(cuts, (cut) => cut.cut) ?? 0) * 1.06);
  return picture(Plot.plot({
    ...look(`Points of each indicator that add up to the score of ${rating.unit_name}, ${number(rating.score, 1)}`), ...rowsFrame(bars, width, 1), marginRight: 34, y,
    x: { label: "points", labelArrow: "none", domain: [Math.min(0, min(bars, (bar) => bar.from) ?? 0), reach], grid: true, axis: null },
    marks: [
      Plot.axisX({ label: "points", labelArrow: "none", labelAnchor: "right", ticks: 5 }), nameAxis(names, width),
      Plot.barX(bars, { y: "node", x1: "from", x2: "to", fill: "colour" }),
      rating.score == null ? null : Plot.barX([rating], { y: () => "Score", x1: 0, x2: "score", fill: INK }),
      Plot.ruleX(cuts, { x: "cut", stroke: MUTED, strokeDasharray: "4 3" }),
      ...cuts.map((cut, place) => Plot.text([cut], { x: "cut", frameAnchor: "top", dy: -8 - 14 * place, text: "name", fill: MUTED, fontSize: 11 })),
      Plot.text(bars.filter((bar) => bar.contribution != null), { y: "node", x: (bar) => Math.max(bar.from, bar.to), text: (bar) => signed(bar.contribution), dx: 4, textAnchor: "start", stroke: "white", strokeWidth: 3, fill: INK }),
      Plot.text(bars.filter((bar) => bar.contribution == null), { y: "node", x: "from", text: (bar) => missing(bar.status), dx: 4, textAnchor: "start", fill: MUTED, fontStyle: "italic" }),
      rating.score == null ? null : Plot.text([rating], { y: () => "Score", x: "score", text: (row) => number(row.score, 1), dx: 4, textAnchor: "start", fontWeight: "bold", stroke: "white", strokeWidth: 3, fill: INK }),
      Plot.tip(bars, Plot.pointerY({ y: "node", x: "to", title: (bar) => `${bar.node_name}\n${signed(bar.contribution, 2)} points: score ${number(bar.score, 1)} with ${share(bar.effective_weight, 1)} of the weight` })),
    ],
  }), (bar) => bar.indicator && go({ indicator: bar.indicator }));
}

function pointsTable(rating, nodes, leaves) {
  return {
    caption: `Points of ${rating.unit_name}, ${periodLabel(rating.period)}`, rows: leaves, columns: [
      { label: "Indicator", head: true, cell: (leaf) => leaf.node_name }, { label: "Theme", cell: (leaf) => themeOf(leaf, nodes) ?? "–" },
      { label: "Score", number: true, cell: (leaf) => (leaf.score == null ? missing(leaf.status) : number(leaf.score, 1)) },
      { label: "Weight", number: true, cell: (leaf) => share(leaf.effective_weight, 1) },
      { label: "Points", number: true, cell: (leaf) => number(leaf.contribution, 2) }],
  };
}

/** Where a value lies on the way from the worst (0) over the median (0.5) to the best (1) of the cohort. */
function placeOf(leaf, value) {
  const reach = Math.max(Math.abs(leaf.cohort_maximum - leaf.cohort_median), Math.abs(leaf.cohort_median - leaf.cohort_minimum)) || 1;
  const side = leaf.better === "lower" ? -1 : 1;
  return 0.5 + (side * (value - leaf.cohort_median)) / (2 * reach);
}

function besideOf(leaf) {
  if (leaf.lower != null && leaf.upper != null && leaf.lower <= leaf.cohort_median && leaf.cohort_median <= leaf.upper) return "similar";
  const place = placeOf(leaf, leaf.value);
  return Math.abs(place - 0.5) < 1e-9 || leaf.better === "neutral" ? "similar" : place > 0.5 ? "better" : "worse";
}

function spineFigure(rating, leaves) {
  const known = leaves.map((leaf) => ({ ...leaf, known: leaf.value != null && leaf.cohort_median != null }));
  const result = figure({
    title: "Beside the others", note: "Left is worse, right is better. Light: from the worst to the best; dark: the middle half; line: the median.",
    legend: Object.values(BESIDE), draw: (width) => drawSpine(rating, known, width), table: spineTable(rating, leaves),
  });
  result.classList.add("half");
  return result;
}

function drawSpine(rating, leaves, width) {
  const { y, names } = rowNames(leaves, width, [""]);
  const known = leaves.filter((leaf) => leaf.known);
  const span = (from, to) => ({ y: "node", x1: (leaf) => placeOf(leaf, leaf[from]), x2: (leaf) => placeOf(leaf, leaf[to]) });
  const beside = (leaf) => BESIDE[besideOf(leaf)];
  return picture(Plot.plot({
    ...look(`Each indicator of ${rating.unit_name} beside the minimum, quartiles and maximum of the cohort`), ...rowsFrame(leaves, width, 1), marginRight: width > 480 ? 132 : 56, y,
    x: { domain: [0, 1], axis: null },
    marks: [
      nameAxis(names, width),
      Plot.barX(known, { ...span("cohort_minimum", "cohort_maximum"), fill: "#e4e9ec" }),
      Plot.barX(known, { ...span("cohort_lower_quartile", "cohort_upper_quartile"), fill: "#b9c5cd" }),
      Plot.ruleX([0.5], { stroke: INK, strokeWidth: 1.5 }),
      Plot.dot(known, { y: "node", x: (leaf) => placeOf(leaf, leaf.value), r: 6, symbol: (leaf) => beside(leaf).shape, fill: (leaf) => beside(leaf).colour, stroke: "white" }),
      Plot.text(leaves, { y: "node", frameAnchor: "right", textAnchor: "start", dx: 8, fill: INK, text: (leaf) => (leaf.value == null ? missing(leaf.status) : valueText(leaf, width)) }),
      Plot.text(["worse"], { frameAnchor: "top-left", dy: -16, fill: MUTED }), Plot.text(["median"], { frameAnchor: "top", dy: -16, fill: MUTED }), Plot.text(["better"], { frameAnchor: "top-right", dy: -16, fill: MUTED }),
      Plot.tip(known, Plot.pointerY({ y: "node", x: (leaf) => placeOf(leaf, leaf.value), title: spineTip })),
    ],
  }), (leaf) => go({ indicator: leaf.indicator }));
}

function valueText(leaf, width) {
  const limits = leaf.lower == null || width <= 480 ? "" : ` (${number(leaf.lower, digitsOf(leaf.unit_of_measure))} to ${number(leaf.upper, digitsOf(leaf.unit_of_measure))})`;
  return plain(leaf.value, leaf.unit_of_measure) + limits;
}

function spineTip(leaf) {
  const say = (value) => measure(value, leaf.unit_of_measure);
  return `${leaf.node_name}\n${say(leaf.value)}, ${ordinal(leaf.rank)}\nmedian ${say(leaf.cohort_median)}\nmiddle half ${say(leaf.cohort_lower_quartile)} to ${say(leaf.cohort_upper_quartile)}`;
}

function spineTable(rating, leaves) {
  const column = (label, name) => ({ label, number: true, cell: (leaf) => plain(leaf[name], leaf.unit_of_measure) });
  return {
    caption: `${rating.unit_name} beside the others, ${periodLabel(rating.period)}`, rows: leaves, columns: [
      { label: "Indicator", head: true, cell: (leaf) => leaf.node_name }, { label: "Unit", cell: (leaf) => leaf.unit_of_measure ?? "–" },
      { label: "Better is", cell: (leaf) => leaf.better ?? "–" }, column("Value", "value"), column("Lower limit", "lower"), column("Upper limit", "upper"),
      { label: "Beside the median", cell: (leaf) => (leaf.value == null ? missing(leaf.status) : besideOf(leaf)) },
      column("Lowest", "cohort_minimum"), column("Lower quartile", "cohort_lower_quartile"), column("Median", "cohort_median"), column("Upper quartile", "cohort_upper_quartile"), column("Highest", "cohort_maximum")],
  };
}

function indicatorTable(rating, leaves, chosen) {
  const summaryOf = (leaf) => [...rows("summary", { unit_kind: rating.unit_kind, unit: rating.unit, indicator: leaf.indicator })].sort((a, b) => b.points - a.points)[0];
  const content = dataTable({
    caption: "Choose an indicator to see its chart", rows: leaves, columns: [
      { label: "Indicator", head: true, cell: (leaf) => h("a", { href: address({ indicator: leaf.indicator }), id: `of-${leaf.indicator}`, "aria-current": leaf === chosen ? "true" : null }, leaf.node_name) },
      { label: "Value", number: true, cell: (leaf) => (leaf.value == null ? missing(leaf.status) : plain(leaf.value, leaf.unit_of_measure)) },
      { label: "Unit", cell: (leaf) => leaf.unit_of_measure ?? "–" }, { label: "Standard", number: true, cell: (leaf) => plain(leaf.target ?? leaf.standard, leaf.unit_of_measure) },
      { label: "Rank", number: true, cell: (leaf) => number(leaf.rank) },
      { label: "Variation", cell: (leaf) => variationIcon(summaryOf(leaf)?.variation_icon) ?? "–" },
      { label: "Assurance", cell: (leaf) => assuranceIcon(summaryOf(leaf)?.assurance_icon) ?? "–" }],
  });
  return h("section", { class: "panel seven" }, h("h2", {}, "Every indicator: variation and assurance"), content);
}

function scoreFigure(rating, categories) {
  const all = rows("rating", { scheme: schemeNow() }).filter((row) => row.score != null).map((row) => ({ ...row, day: new Date(row.first_day) }));
  const own = all.filter((row) => row.unit === rating.unit);
  if (new Set(all.map((row) => row.period)).size < 2) return null;
  return figure({
    title: "Score and category over time", wide: true, legend: [...categories, { name: "The other units", colour: "#b9c5cd", line: "" }],
    note: "Dashed lines: the scores from which on a category is given.",
    draw: (width) => drawScores(rating, all, own, categories, width),
    table: { caption: `Scores of ${rating.unit_name}`, rows: own, columns: [
      { label: "Period", head: true, cell: (row) => periodLabel(row.period) }, { label: "Score", number: true, cell: (row) => number(row.score, 1) },
      { label: "Rank", number: true, cell: (row) => number(row.rank) }, { label: "Category", cell: (row) => row.category ?? missing(row.status) }, { label: "Weight with data", number: true, cell: (row) => share(row.coverage) }] },
  });
}

function drawScores(rating, all, own, categories, width) {
  const looks = new Map(categories.map((category) => [category.name, category]));
  const cuts = categories.filter((category) => Number.isFinite(category.cut));
  const lookOf = (row) => looks.get(row.category) ?? NO_CATEGORY;
  return picture(Plot.plot({
    ...look(`Score of ${rating.unit_name} over time`), width, height: 300, marginLeft: 44, marginRight: width > 600 ? 150 : 20, marginTop: 24,
    x: { label: null, type: "utc" }, y: { label: "score", labelArrow: "none", grid: true, nice: true },
    marks: [
      Plot.lineY(all, { x: "day", y: "score", z: gapped, stroke: "#b9c5cd", strokeWidth: 1, strokeOpacity: 0.6 }),
      Plot.ruleY(cuts, { y: "cut", stroke: MUTED, strokeDasharray: "4 3" }),
      width > 600 ? Plot.text(cuts, { y: "cut", frameAnchor: "right", textAnchor: "start", dx: 8, text: (cut) => `${cut.name} from ${number(cut.cut)}`, fill: MUTED }) : null,
      Plot.lineY(own, { x: "day", y: "score", z: gapped, stroke: INK, strokeWidth: 2 }),
      Plot.dot(own, { x: "day", y: "score", r: 5, fill: (row) => lookOf(row).colour, symbol: (row) => lookOf(row).shape, stroke: INK, strokeWidth: 0.8 }),
      Plot.tip(own, Plot.pointerX({ x: "day", y: "score", title: (row) => `${periodLabel(row.period)}\nscore ${number(row.score, 1)}, ${ordinal(row.rank)}\n${row.category ?? NO_CATEGORY.name}` })),
    ],
  }));
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

function next(rating, leaves) {
  const able = leaves.filter((leaf) => leaf.needed_value != null);
  const content = able.length === 0
    ? h("p", {}, rating.next_category ? `No single indicator could lift this system to ${rating.next_category}: it is ${number(rating.points_needed, 1)} points away.` : "There is no better category.")
    : dataTable({ caption: "Each of these alone would be enough", csv: false, rows: able, columns: [
      { label: "Indicator", head: true, cell: (leaf) => leaf.node_name }, { label: "Now", number: true, cell: (leaf) => plain(leaf.value, leaf.unit_of_measure) },
      { label: "Needed", number: true, cell: (leaf) => plain(leaf.needed_value, leaf.unit_of_measure) }, { label: "Unit", cell: (leaf) => leaf.unit_of_measure },
      { label: "Gives", cell: (leaf) => leaf.needed_category ?? rating.next_category }] });
  return h("section", { class: "panel third" }, h("h2", {}, "What would change the category"), content);
}

/** The category without one of the indicators, where it is another one. */
function restsOn(rating, categories) {
  const held = rows("without", { scheme: rating.scheme, period: rating.period, unit: rating.unit });
  const content = held.length === 0 ? h("p", {}, "Without any one of its indicators it would have the same category.")
    : dataTable({ caption: "What the rating would be without one indicator", csv: false, rows: held, columns: [
      { label: "Without", head: true, cell: (row) => row.node_name },
      { label: "Category", cell: (row) => (row.category_without ? chip(row.category_without, categories) : NO_CATEGORY.name) },
      { label: "Rank", number: true, cell: (row) => number(row.rank_without) }] });
  return h("section", { class: "panel third" }, h("h2", {}, "What the category rests on"), content);
}

/** Indicators without all of their reports, and areas without any. */
function incomplete(nodes) {
  const lacks = (node) => node.missing_weight > 0 || (node.indicator && node.status && node.status !== "ok");
  return nodes.filter((node) => lacks(node) && !nodes.some((other) => other.parent === node.node && lacks(other)));
}

function gaps(nodes) {
  const poor = incomplete(nodes);
  const content = poor.length === 0 ? h("p", {}, "Every indicator of the scheme has all of its reports.")
    : dataTable({ caption: "Indicators without all of their reports", csv: false, rows: poor, columns: [
      { label: "Indicator", head: true, cell: (node) => node.node_name }, { label: "What is wrong", cell: (node) => missing(node.status) },
      { label: "Reports", cell: (node) => (node.expected ? `${node.organisations ?? 0} of ${node.expected}` : "–") },
      { label: "Weight", number: true, cell: (node) => share(node.missing_weight, 1) }] });
  return h("section", { class: "panel third" }, h("h2", {}, "What is missing"), content);
}
