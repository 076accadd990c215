// Who stands where, how sure that is, and where it stood a year before.
import * as Plot from "@observablehq/plot";
import { rows, table } from "./data.js";
import { controls, empty, h, heading, select } from "./dom.js";
import { figure, look, picture, swatch } from "./figure.js";
import { missing, number, ordinal, periodLabel, share } from "./format.js";
import { categoriesOf, GRID, INK, MUTED, NO_CATEGORY } from "./palette.js";
import { address, go, periodNow, ratingsNow, schemeControls, schemeNow, state } from "./state.js";
import { dataTable } from "./table.js";

export const id = "league";
export const title = "League table";

const ROW = 21;

export function draw() {
  const all = ratingsNow();
  if (!all.length) return [heading(title), empty("There are no ratings in this database. CALL stp.refresh() makes them.")];
  const categories = categoriesOf(schemeNow());
  const units = shown(all);
  return [
    heading(all[0].scheme_name, leadOf(all)),
    controls(schemeControls(), regionControl(all), groupControl(all)),
    cards(all, categories),
    units.length
      ? [chart(units, categories), tableOf(units, categories)]
      : empty("No rating is of this region and these categories."),
  ];
}

function leadOf(all) {
  const published = rows("published", { scheme: schemeNow(), period: periodNow() })[0];
  return (
    `${periodLabel(periodNow())}: ${number(all.length)} ${all[0].unit_kind}s rated` +
    (published ? `, published as revision ${published.revision}.` : "; not published.")
  );
}

const regionOf = (unit) => rows("unit", { unit })[0]?.region_name;
const categoryOf = (rating) => rating.category ?? NO_CATEGORY.name;
const off = () => new Set((state.without ?? "").split("|").filter(Boolean));

function shown(all) {
  return all.filter(
    (rating) =>
      (!state.region || regionOf(rating.unit) === state.region) &&
      (!state.group || rating.peer_group === state.group) &&
      !off().has(categoryOf(rating)),
  );
}

function regionControl(all) {
  const regions = [...new Set(all.map((rating) => regionOf(rating.unit)).filter(Boolean))].sort();
  return (
    regions.length > 1 &&
    select("region", "Region", [["", "All regions"], ...regions.map((name) => [name, name])], state.region ?? "", (region) =>
      go({ region }),
    )
  );
}

function groupControl(all) {
  const groups = [...new Set(all.map((rating) => rating.peer_group).filter(Boolean))].sort();
  return (
    groups.length > 1 &&
    select("group", "Peer group", [["", "All groups"], ...groups.map((name) => [name, name])], state.group ?? "", (group) =>
      go({ group }),
    )
  );
}

/** How many of each category: the cards are the filter. */
function cards(all, categories) {
  const here = all.filter((rating) => !state.region || regionOf(rating.unit) === state.region);
  const rated = [...categories, ...(all.some((rating) => !rating.category) ? [NO_CATEGORY] : [])];
  return h(
    "fieldset",
    { class: "cards" },
    h("legend", {}, "Categories shown"),
    rated.map((category, place) => {
      const n = here.filter((rating) => categoryOf(rating) === category.name).length;
      const box = h("input", {
        type: "checkbox",
        id: `category${place}`,
        checked: !off().has(category.name),
        onchange: () => toggle(category.name),
      });
      return h(
        "label",
        { class: "card check", style: `--colour: ${category.colour}` },
        box,
        h("span", { class: "big" }, number(n)),
        h("span", { class: "name" }, swatch(category, 16), category.name),
      );
    }),
  );
}

function toggle(name) {
  const without = off();
  if (!without.delete(name)) without.add(name);
  go({ without: [...without].join("|") });
}

function chart(units, categories) {
  const interval = units.some((rating) => rating.rank_low != null);
  const before = yearBefore(units);
  const legend = [
    ...categories,
    interval && { name: "Where the rank could lie (90% of draws)", colour: "#a9b7c1" },
    before.size && { name: "A year before", colour: MUTED, hollow: true },
  ].filter(Boolean);
  return figure({
    title: "Rank, how sure it is, and how much of it has data",
    wide: true,
    legend,
    note: "A long bar is a rank that small changes of figures and weights would move. Choose a name in the table to see why a system stands where it does.",
    draw: (width) => panels(width, units, categories, before),
  });
}

/** The rating of the same scheme and unit in the period that ended a year before. */
function yearBefore(units) {
  const first = (year, day) => `${Number(day.slice(0, 4)) - year}${day.slice(4)}`;
  const then = rows("rating", { scheme: schemeNow(), first_day: first(1, units[0].first_day) });
  return new Map(then.filter((rating) => rating.rank != null).map((rating) => [rating.unit, rating]));
}

function panels(width, units, categories, before) {
  const wide = width >= 760;
  const names = wide ? 290 : Math.min(170, width * 0.45);
  const [first, second, third] = wide ? [width * 0.56, width * 0.27, width * 0.15] : [width, width, width];
  const frame = (w, labelled) => ({
    width: Math.floor(w),
    height: units.length * ROW + 60,
    marginTop: 34,
    marginBottom: 26,
    marginLeft: labelled ? names : 8,
    marginRight: 14,
    y: { domain: units.map((rating) => rating.unit), label: null, axis: null, padding: 0.25 },
    names: labelled && names,
  });
  return h(
    "div",
    { class: "panels" },
    rankPanel(units, categories, before, frame(first, true)),
    surePanel(units, categories, frame(second, !wide)),
    wide && coveragePanel(units, frame(third, false)),
  );
}

/** Names with their ranks, where there is room for them. */
function nameAxis(units, { names }) {
  const texts = new Map(units.map((rating) => [rating.unit, rating]));
  const name = (unit) => cut(texts.get(unit).unit_name, names / 7.4) + `  ${texts.get(unit).rank ?? "–"}`;
  return names ? Plot.axisY({ tickSize: 0, tickFormat: name }) : null;
}

const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1).trim()}…` : text);

const colourOf = (categories) => (rating) =>
  (categories.find((category) => category.name === rating.category) ?? NO_CATEGORY).colour;
const shapeOf = (categories) => (rating) =>
  (categories.find((category) => category.name === rating.category) ?? NO_CATEGORY).shape;
const choose = (rating) => go({ page: "system", unit: rating.unit });

function rankPanel(units, categories, before, frame) {
  const colour = colourOf(categories);
  const ranked = units.filter((rating) => rating.rank != null);
  return picture(
    Plot.plot({
      ...look("Rank of each unit with its interval and its rank a year before; the table below has the numbers."),
      ...frame,
      x: {
        label: "rank (1 = best)",
        labelArrow: "none",
        labelAnchor: "left",
        labelOffset: 30,
        axis: "top",
        grid: true,
        domain: [0.5, Math.max(...units.map((rating) => rating.rank_high ?? rating.rank ?? 1)) + 0.5],
        tickFormat: (n) => number(n),
        ticks: 6,
      },
      marks: [
        nameAxis(units, frame),
        Plot.ruleY(units, { y: "unit", stroke: "#eef1f3" }),
        Plot.barX(ranked, {
          y: "unit",
          x1: (rating) => (rating.rank_low ?? rating.rank) - 0.4,
          x2: (rating) => (rating.rank_high ?? rating.rank) + 0.4,
          fill: colour,
          fillOpacity: 0.38,
          rx: 3,
          insetTop: 2,
          insetBottom: 2,
        }),
        Plot.dot(
          ranked.filter((rating) => before.has(rating.unit)),
          {
            y: "unit",
            x: (rating) => before.get(rating.unit).rank,
            r: 4,
            stroke: MUTED,
            strokeWidth: 1.5,
            fill: "white",
            fillOpacity: 0.7,
          },
        ),
        Plot.dot(ranked, {
          y: "unit",
          x: "rank",
          r: 6,
          symbol: shapeOf(categories),
          fill: colour,
          stroke: INK,
          strokeWidth: 0.8,
        }),
        Plot.tip(ranked, Plot.pointerY({ y: "unit", x: "rank", title: (rating) => tipOf(rating, before.get(rating.unit)) })),
      ],
    }),
    choose,
  );
}

function tipOf(rating, before) {
  return [
    rating.unit_name,
    `${ordinal(rating.rank)}${rating.rank_low == null ? "" : `, could be ${rating.rank_low} to ${rating.rank_high}`}`,
    `score ${number(rating.score, 1)}, ${categoryOf(rating)}`,
    before && `a year before ${ordinal(before.rank)}`,
  ]
    .filter(Boolean)
    .join("\n");
}

const percentAxis = (label) => ({
  label,
  labelArrow: "none",
  labelAnchor: "left",
  labelOffset: 30,
  axis: "top",
  domain: [0, 100],
  ticks: [0, 50, 100],
});

function surePanel(units, categories, frame) {
  const order = new Map(categories.map((category, place) => [category.name, place]));
  const known = rows("category", { scheme: schemeNow(), period: periodNow() }).filter((row) =>
    units.some((rating) => rating.unit === row.unit),
  );
  const parts = known.sort((a, b) => (order.get(a.category) ?? 99) - (order.get(b.category) ?? 99));
  return picture(
    Plot.plot({
      ...look("How probable each category is for each unit."),
      ...frame,
      x: percentAxis("probability of each category, %"),
      marks: [
        nameAxis(units, frame),
        Plot.ruleY(units, { y: "unit", stroke: "#eef1f3" }),
        Plot.barX(
          parts,
          Plot.stackX({
            y: "unit",
            x: (row) => 100 * row.probability,
            fill: colourOf(categories),
            insetRight: 0.5,
            tip: true,
            title: (row) => `${row.category ?? NO_CATEGORY.name}: ${share(row.probability)}`,
          }),
        ),
        parts.length ? null : Plot.text(["no probabilities are kept of this period"], { frameAnchor: "middle", fill: MUTED }),
      ],
    }),
  );
}

function coveragePanel(units, frame) {
  return picture(
    Plot.plot({
      ...look("Share of the weight for which each unit has data."),
      ...frame,
      x: percentAxis("weight with data, %"),
      marks: [
        Plot.barX(units, { y: "unit", x1: 0, x2: 100, fill: GRID, insetTop: 4, insetBottom: 4 }),
        Plot.barX(units, {
          y: "unit",
          x: (rating) => 100 * (rating.coverage ?? 0),
          fill: MUTED,
          insetTop: 4,
          insetBottom: 4,
          tip: true,
          title: (rating) => `${rating.unit_name}: ${share(rating.coverage)} of the weight has data`,
        }),
      ],
    }),
  );
}

export function chip(name, categories) {
  const category = categories.find((other) => other.name === name) ?? NO_CATEGORY;
  return h("span", { class: "chip", style: `background: ${category.colour}; color: ${category.on}` }, name ?? NO_CATEGORY.name);
}

function tableOf(units, categories) {
  const place = new Map(categories.map((category, n) => [category.name, n]));
  return h(
    "section",
    { class: "panel wide" },
    h("h2", {}, "All ratings"),
    dataTable({
      caption: `Ratings, ${periodLabel(periodNow())}`,
      rows: units,
      columns: [
        { label: "Rank", number: true, sort: (rating) => rating.rank, cell: (rating) => number(rating.rank) },
        {
          label: "Name",
          head: true,
          sort: (rating) => rating.unit_name,
          cell: (rating) => h("a", { href: address({ page: "system", unit: rating.unit }) }, rating.unit_name),
        },
        { label: "Region", sort: (rating) => regionOf(rating.unit), cell: (rating) => regionOf(rating.unit) ?? "–" },
        {
          label: "Category",
          sort: (rating) => place.get(rating.category),
          cell: (rating) => (rating.category ? chip(rating.category, categories) : missing(rating.status)),
        },
        {
          label: "Probability of it",
          number: true,
          sort: (rating) => rating.probability_of_category,
          cell: (rating) => share(rating.probability_of_category),
        },
        { label: "Score", number: true, sort: (rating) => rating.score, cell: (rating) => number(rating.score, 1) },
        {
          label: "Rank could be",
          number: true,
          cell: (rating) => (rating.rank_low == null ? "–" : `${rating.rank_low} to ${rating.rank_high}`),
        },
        {
          label: "Period before",
          number: true,
          sort: (rating) => rating.rank_before,
          cell: (rating) => number(rating.rank_before),
        },
        { label: "Weight with data", number: true, sort: (rating) => rating.coverage, cell: (rating) => share(rating.coverage) },
      ],
    }),
  );
}
