// One system: what its score is made of, how it compares, how it has moved, what would change it, and what is missing.
import { rows } from "./data.js";
import { card, controls, empty, h, heading } from "./dom.js";
import { missing, number, ordinal, periodLabel, plain, share, signed } from "./format.js";
import { assuranceIcon, variationIcon } from "./icons.js";
import { chip } from "./league.js";
import { categoriesOf, NO_CATEGORY } from "./palette.js";
import { pointsFigure } from "./points.js";
import { scoreFigure } from "./scores.js";
import { spcFigure } from "./spc.js";
import { spineFigure } from "./spine.js";
import { address, periodNow, ratingsNow, schemeControls, schemeNow, state, unitControl, unitNow } from "./state.js";
import { dataTable } from "./table.js";

export const id = "system";
export const title = "One system";

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
    leaves.length
      ? detail(rating, nodes, leaves, categories)
      : empty("What this rating is made of is kept for the last 13 periods of a scheme; choose a later one."),
    scoreFigure(rating, categories),
    next(rating, leaves),
    restsOn(rating, categories),
    gaps(nodes),
  ];
}

function headOf(rating, all, categories) {
  const region = rows("unit", { unit: rating.unit })[0]?.region_name;
  return h(
    "div",
    { class: "heading" },
    h("h1", {}, rating.unit_name, " ", rating.category && chip(rating.category, categories)),
    h("p", { class: "lead" }, [region, `${periodLabel(periodNow())}`, rating.scheme_name].filter(Boolean).join(" · ")),
    neighbours(rating, all),
  );
}

function neighbours(rating, all) {
  const place = all.indexOf(rating);
  const link = (other, words) =>
    other && h("a", { href: address({ page: "system", unit: other.unit }) }, `${words}: ${other.unit_name}`);
  return h("p", { class: "neighbours" }, link(all[place - 1], "One rank up"), " ", link(all[place + 1], "One rank down"));
}

function cards(rating, all, nodes, categories) {
  return h(
    "div",
    { class: "cards" },
    scoreCard(rating),
    rankCard(rating, all),
    sureCard(rating, categories),
    coverageCard(rating, nodes),
    nextCard(rating, nodes),
  );
}

function scoreCard(rating) {
  const before =
    rating.score_before == null
      ? null
      : `${signed(rating.score - rating.score_before)} since ${periodLabel(rating.period_before)}`;
  return card(
    "Score",
    number(rating.score, 1),
    before,
    rating.override && `Rule of the scheme: ${rating.override}`,
    rating.score == null && missing(rating.status),
  );
}

function rankCard(rating, all) {
  const ranked = all.filter((other) => other.rank != null).length;
  return card(
    "Rank",
    rating.rank == null ? "Not ranked" : `${ordinal(rating.rank)} of ${ranked}`,
    rating.rank_low != null && `could be ${ordinal(rating.rank_low)} to ${ordinal(rating.rank_high)} (90% of draws)`,
    rating.rank_before != null && `${ordinal(rating.rank_before)} in ${periodLabel(rating.period_before)}`,
  );
}

function sureCard(rating, categories) {
  const known = rows("category", { scheme: rating.scheme, period: rating.period, unit: rating.unit });
  const others = known
    .filter((row) => row.category !== rating.category && row.probability > 0.005)
    .map((row) => `${row.category ?? NO_CATEGORY.name} ${share(row.probability)}`);
  return card(
    "How sure is the category?",
    share(rating.probability_of_category),
    others.length ? `else ${others.join(", ")}` : `${rating.category ?? NO_CATEGORY.name} in nearly every draw`,
  );
}

function coverageCard(rating, nodes) {
  const without = incomplete(nodes).filter((node) => node.missing_weight > 0);
  return card(
    "Weight with data",
    share(rating.coverage),
    without.length > 0 && `Missing: ${without.map((node) => node.node_name).join(", ")}`,
    rating.lowest_score != null &&
      rating.highest_score != null &&
      `If all had what any has reported, the score would lie between ${number(rating.lowest_score, 1)} and ${number(rating.highest_score, 1)}`,
  );
}

function nextCard(rating, nodes) {
  if (!rating.next_category) return card("Next category", "None above");
  const enough = nodes.filter((node) => node.indicator && node.needed_value != null);
  return card(
    `To become ${rating.next_category}`,
    rating.points_needed == null ? "Not by points" : `${number(rating.points_needed, 1)} points`,
    enough.length
      ? `${enough.length === 1 ? "One indicator" : `${enough.length} indicators`} alone could bring it; see below`
      : "No indicator alone could bring it",
  );
}

function detail(rating, nodes, leaves, categories) {
  const chosen =
    leaves.find((leaf) => leaf.indicator === state.indicator) ?? leaves.find((leaf) => hasChart(rating, leaf)) ?? leaves[0];
  const chart =
    spcFigure(rating.unit_kind, rating.unit, chosen.indicator) ??
    h("div", { class: "panel" }, h("h2", {}, chosen.node_name), empty("There is no chart over time of this indicator here."));
  chart.classList.add("five");
  chart.id = "chart";
  return [
    pointsFigure(rating, nodes, leaves, categories),
    spineFigure(rating, leaves),
    indicatorTable(rating, leaves, chosen),
    chart,
  ];
}

const hasChart = (rating, leaf) =>
  rows("summary", { unit_kind: rating.unit_kind, unit: rating.unit, indicator: leaf.indicator }).length > 0;

function indicatorTable(rating, leaves, chosen) {
  const summaryOf = (leaf) =>
    [...rows("summary", { unit_kind: rating.unit_kind, unit: rating.unit, indicator: leaf.indicator })].sort(
      (a, b) => b.points - a.points,
    )[0];
  const content = dataTable({
    caption: "Choose an indicator to see its chart",
    rows: leaves,
    columns: [
      {
        label: "Indicator",
        head: true,
        cell: (leaf) => [linkTo(leaf, chosen), leaf.unit_of_measure !== "%" && h("small", {}, leaf.unit_of_measure)],
      },
      {
        label: "Value",
        number: true,
        cell: (leaf) => (leaf.value == null ? missing(leaf.status) : plain(leaf.value, leaf.unit_of_measure)),
      },
      { label: "Standard", number: true, cell: (leaf) => plain(leaf.target ?? leaf.standard, leaf.unit_of_measure) },
      { label: "Rank", number: true, cell: (leaf) => number(leaf.rank) },
      { label: "Variation", cell: (leaf) => variationIcon(summaryOf(leaf)?.variation_icon) ?? "–" },
      { label: "Assurance", cell: (leaf) => assuranceIcon(summaryOf(leaf)?.assurance_icon) ?? "–" },
    ],
  });
  return h("section", { class: "panel seven" }, h("h2", {}, "Every indicator: variation and assurance"), content);
}

function linkTo(leaf, chosen) {
  const current = leaf === chosen ? "true" : null;
  return h(
    "a",
    { href: address({ indicator: leaf.indicator }), id: `of-${leaf.indicator}`, "aria-current": current },
    leaf.node_name,
  );
}

function next(rating, leaves) {
  const able = leaves.filter((leaf) => leaf.needed_value != null);
  const content =
    able.length === 0
      ? h(
          "p",
          {},
          rating.next_category
            ? `No single indicator could lift this system to ${rating.next_category}: it is ${number(rating.points_needed, 1)} points away.`
            : "There is no better category.",
        )
      : dataTable({
          caption: "Each of these alone would be enough",
          csv: false,
          rows: able,
          columns: [
            { label: "Indicator", head: true, cell: (leaf) => leaf.node_name },
            { label: "Now", number: true, cell: (leaf) => plain(leaf.value, leaf.unit_of_measure) },
            { label: "Needed", number: true, cell: (leaf) => plain(leaf.needed_value, leaf.unit_of_measure) },
            { label: "Unit", cell: (leaf) => leaf.unit_of_measure },
            { label: "Gives", cell: (leaf) => leaf.needed_category ?? rating.next_category },
          ],
        });
  return h("section", { class: "panel third" }, h("h2", {}, "What would change the category"), content);
}

/** The category without one of the indicators, where it is another one. */
function restsOn(rating, categories) {
  const held = rows("without", { scheme: rating.scheme, period: rating.period, unit: rating.unit });
  const content =
    held.length === 0
      ? h("p", {}, "Without any one of its indicators it would have the same category.")
      : dataTable({
          caption: "What the rating would be without one indicator",
          csv: false,
          rows: held,
          columns: [
            { label: "Without", head: true, cell: (row) => row.node_name },
            {
              label: "Category",
              cell: (row) => (row.category_without ? chip(row.category_without, categories) : NO_CATEGORY.name),
            },
            { label: "Rank", number: true, cell: (row) => number(row.rank_without) },
          ],
        });
  return h("section", { class: "panel third" }, h("h2", {}, "What the category rests on"), content);
}

/** Indicators without all of their reports, and areas without any. */
function incomplete(nodes) {
  const lacks = (node) => node.missing_weight > 0 || (node.indicator && node.status && node.status !== "ok");
  return nodes.filter((node) => lacks(node) && !nodes.some((other) => other.parent === node.node && lacks(other)));
}

function gaps(nodes) {
  const poor = incomplete(nodes);
  const content =
    poor.length === 0
      ? h("p", {}, "Every indicator of the scheme has all of its reports.")
      : dataTable({
          caption: "Indicators without all of their reports",
          csv: false,
          rows: poor,
          columns: [
            { label: "Indicator", head: true, cell: (node) => node.node_name },
            { label: "Why", cell: (node) => missing(node.status) },
            { label: "Reports", cell: (node) => (node.expected ? `${node.organisations ?? 0} of ${node.expected}` : "–") },
            { label: "Weight", number: true, cell: (node) => share(node.missing_weight, 1) },
          ],
        });
  return h("section", { class: "panel third" }, h("h2", {}, "What is missing"), content);
}
