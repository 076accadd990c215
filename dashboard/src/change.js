// What has changed since the period before: by indicator, by organisation, and of all units.
import * as Plot from "@observablehq/plot";
import { rollup, sum } from "d3";
import { rows } from "./data.js";
import { card, controls, empty, h, heading } from "./dom.js";
import { figure, look, picture } from "./figure.js";
import { number, ordinal, periodLabel, signed } from "./format.js";
import { BLUE, INK, MUTED, ORANGE } from "./palette.js";
import { go, periodNow, ratingsNow, schemeControls, schemeNow, unitControl, unitNow } from "./state.js";
import { dataTable } from "./table.js";

export const id = "change";
export const title = "What changed";

export function draw() {
  const all = ratingsNow();
  if (!all.length) return [heading(title), empty("There are no ratings in this database. CALL stp.refresh() makes them.")];
  const rating = all.find((other) => other.unit === unitNow(all.map((row) => row.unit)));
  const changes = rows("change", { scheme: schemeNow(), period: periodNow(), unit: rating.unit });
  const compared = all.filter((row) => row.score != null && row.score_before != null);
  return [
    heading(
      `${rating.unit_name}: what changed`,
      rating.period_before
        ? `${periodLabel(rating.period_before)} to ${periodLabel(rating.period)} · ${rating.scheme_name}`
        : `${periodLabel(rating.period)} · ${rating.scheme_name}`,
    ),
    controls(unitControl("System", all, rating.unit), schemeControls(true)),
    changes.length
      ? own(rating, changes)
      : empty(
          rating.score_before == null
            ? "There is no rating of the period before to compare with."
            : "Why the score changed is not kept of this period.",
        ),
    compared.length ? allFigure(compared, rating) : null,
  ];
}

function own(rating, changes) {
  return [cards(rating, changes), bridgeFigure(rating, changes), organisationFigure(rating, changes), everyPart(rating, changes)];
}

const nameOf = (row) => row.indicator_name ?? sentence(row.part);
const sentence = (part) => part.charAt(0).toUpperCase() + part.slice(1);

/** Sums of points by a name, the greatest first. */
function totals(changes, name) {
  const known = [
    ...rollup(
      changes.filter((row) => row.points != null),
      (of) => sum(of, (row) => row.points),
      name,
    ),
  ];
  return known.map(([label, points]) => ({ label, points })).sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

/** What is behind a chart of such sums. */
const pointsTable = (caption, label, rows) => ({
  caption,
  rows,
  columns: [
    { label, head: true, cell: (row) => row.label },
    { label: "Points", number: true, cell: (row) => signed(row.points, 2) },
  ],
});

function cards(rating, changes) {
  const by = totals(
    changes.filter((row) => row.indicator_name),
    nameOf,
  );
  const [best, worst] = [by.filter((row) => row.points > 0)[0], by.filter((row) => row.points < 0)[0]];
  const points = sum(changes, (row) => row.points);
  return h(
    "div",
    { class: "cards" },
    card("Score", `${signed(points)} points`, `${number(rating.score - points, 1)} then, ${number(rating.score, 1)} now`),
    card(
      "Rank",
      rating.rank_before == null ? ordinal(rating.rank) : `${ordinal(rating.rank_before)} → ${ordinal(rating.rank)}`,
      rating.rank_before != null &&
        (rating.rank === rating.rank_before
          ? "as before"
          : `${Math.abs(rating.rank - rating.rank_before)} ${rating.rank < rating.rank_before ? "better" : "worse"}`),
    ),
    card("Gained most by", best ? `${signed(best.points)} points` : "–", best?.label),
    card("Lost most by", worst ? `${signed(worst.points)} points` : "–", worst?.label),
  );
}

const MOST = 14;

/** Then, each indicator, now: what is small is one step. */
function stepsOf(rating, changes) {
  const by = totals(changes, nameOf);
  const shown = by.slice(0, MOST);
  const rest = sum(by.slice(MOST), (row) => row.points);
  if (by.length > MOST) shown.push({ label: `${by.length - MOST} others together`, points: rest });
  let at = rating.score - sum(by, (row) => row.points);
  const steps = [{ label: periodLabel(rating.period_before) ?? "Before", from: 0, to: at, whole: true }];
  for (const row of shown) steps.push({ label: row.label, from: at, to: (at += row.points), points: row.points });
  return [...steps, { label: periodLabel(rating.period), from: 0, to: rating.score, whole: true }];
}

const colourOf = (points) => (points >= 0 ? BLUE : ORANGE);

function bridgeFigure(rating, changes) {
  const steps = stepsOf(rating, changes);
  const result = figure({
    title: "From then to now, by indicator",
    note: "Points of the score; the axis begins near the scores, not at 0.",
    legend: [
      { name: "Score", colour: INK },
      { name: "Gained", colour: BLUE },
      { name: "Lost", colour: ORANGE },
    ],
    draw: (width) => drawBridge(rating, steps, width),
    table: pointsTable(`${rating.unit_name}: change by indicator`, "Indicator or part", totals(changes, nameOf)),
  });
  result.classList.add("half");
  return result;
}

function drawBridge(rating, steps, width) {
  const names = Math.min(300, width * 0.45);
  const ends = steps
    .slice(1, -1)
    .flatMap((step) => [step.from, step.to])
    .concat(steps[0].to, rating.score);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max(high - low, 1) * 0.3;
  return picture(
    Plot.plot({
      ...look(`From a score of ${number(steps[0].to, 1)} to ${number(rating.score, 1)}, by indicator`),
      width,
      height: steps.length * 25 + 56,
      marginLeft: names,
      marginRight: 44,
      marginBottom: 40,
      x: { domain: [low - room, high + room / 3], label: "score", labelArrow: "none", grid: true, ticks: 5 },
      y: { domain: steps.map((step, place) => place), axis: null, label: null, padding: 0.25 },
      marks: [
        Plot.axisY({ tickSize: 0, tickFormat: (place) => steps[place].label, lineWidth: names / 12.6, textOverflow: "ellipsis" }),
        Plot.barX(steps, {
          y: (step, place) => place,
          x1: (step) => (step.whole ? low - room : step.from),
          x2: "to",
          fill: (step) => (step.whole ? INK : colourOf(step.points)),
        }),
        Plot.text(steps, {
          y: (step, place) => place,
          x: (step) => (step.whole ? step.to : Math.max(step.from, step.to)),
          text: (step) => (step.whole ? number(step.to, 1) : signed(step.points, 2)),
          dx: 4,
          textAnchor: "start",
          stroke: "white",
          strokeWidth: 3,
          fill: INK,
        }),
        Plot.tip(
          steps,
          Plot.pointerY({
            y: (step, place) => place,
            x: "to",
            title: (step) => `${step.label}\n${step.whole ? `score ${number(step.to, 1)}` : `${signed(step.points, 2)} points`}`,
          }),
        ),
      ],
    }),
  );
}

function organisationFigure(rating, changes) {
  const by = totals(changes, (row) => row.organisation_name ?? "Not of one organisation");
  const result = figure({
    title: "By organisation",
    note: "Points that the figures of each organisation moved the score by.",
    legend: [
      { name: "Gained", colour: BLUE },
      { name: "Lost", colour: ORANGE },
    ],
    draw: (width) => drawOrganisations(rating, by.slice(0, 16), width),
    table: pointsTable(`${rating.unit_name}: change by organisation`, "Organisation", by),
  });
  result.classList.add("half");
  return result;
}

function drawOrganisations(rating, by, width) {
  const names = Math.min(300, width * 0.45);
  const reach = Math.max(...by.map((row) => Math.abs(row.points)), 0.1) * 1.25;
  return picture(
    Plot.plot({
      ...look(`Change of the score of ${rating.unit_name} by organisation`),
      width,
      height: by.length * 28 + 56,
      marginLeft: names,
      marginRight: 20,
      marginBottom: 40,
      x: { label: "points", labelArrow: "none", grid: true, ticks: 5, domain: [-reach, reach] },
      y: { domain: by.map((row) => row.label), axis: null, label: null, padding: 0.25 },
      marks: [
        Plot.axisY({ tickSize: 0, lineWidth: names / 12.6, textOverflow: "ellipsis" }),
        Plot.barX(by, {
          y: "label",
          x: "points",
          fill: (row) => colourOf(row.points),
          tip: true,
          title: (row) => `${row.label}\n${signed(row.points, 2)} points`,
        }),
        Plot.ruleX([0], { stroke: INK }),
        ...[1, -1].map((sign) =>
          Plot.text(
            by.filter((row) => (row.points >= 0 ? 1 : -1) === sign),
            {
              y: "label",
              x: "points",
              text: (row) => signed(row.points, 2),
              dx: 4 * sign,
              textAnchor: sign > 0 ? "start" : "end",
              fill: INK,
            },
          ),
        ),
      ],
    }),
  );
}

function everyPart(rating, changes) {
  const columns = [
    { label: "Indicator", head: true, sort: (row) => row.indicator_name, cell: (row) => row.indicator_name ?? "–" },
    { label: "Part", sort: (row) => row.part, cell: (row) => row.part },
    { label: "Organisation", sort: (row) => row.organisation_name, cell: (row) => row.organisation_name ?? "–" },
    { label: "Points", number: true, sort: (row) => row.points, cell: (row) => signed(row.points, 2) },
  ];
  const details = h(
    "details",
    {
      ontoggle: () => {
        if (details.open && !details.querySelector("table"))
          details.append(dataTable({ caption: `${rating.unit_name}: every part of the change`, rows: changes, columns }));
      },
    },
    h("summary", {}, `Every part by indicator and organisation (${number(changes.length)})`),
  );
  return h("section", { class: "panel wide" }, h("h2", {}, "Every part"), details);
}

function allFigure(compared, rating) {
  const sorted = [...compared].sort((a, b) => b.score - b.score_before - (a.score - a.score_before));
  return figure({
    title: "All of them: the score then and now",
    wide: true,
    note: "The arrow goes from the score of the period before to that of this one; on the boundaries of this one. Choose one to see why.",
    legend: [
      { name: "Better", colour: BLUE },
      { name: "Worse", colour: ORANGE },
    ],
    draw: (width) => drawAll(sorted, rating, width),
    table: {
      caption: `Change of scores, ${periodLabel(rating.period_before)} to ${periodLabel(rating.period)}`,
      rows: sorted,
      columns: [
        { label: "Name", head: true, sort: (row) => row.unit_name, cell: (row) => row.unit_name },
        { label: "Score then", number: true, sort: (row) => row.score_before, cell: (row) => number(row.score_before, 1) },
        { label: "Score now", number: true, sort: (row) => row.score, cell: (row) => number(row.score, 1) },
        {
          label: "Change",
          number: true,
          sort: (row) => row.score - row.score_before,
          cell: (row) => signed(row.score - row.score_before),
        },
        { label: "Rank then", number: true, sort: (row) => row.rank_before, cell: (row) => number(row.rank_before) },
        { label: "Rank now", number: true, sort: (row) => row.rank, cell: (row) => number(row.rank) },
      ],
    },
  });
}

function drawAll(sorted, rating, width) {
  const names = Math.min(300, width * 0.42);
  const label = new Map(sorted.map((row) => [row.unit, row.unit_name]));
  const moved = (row) => row.score - row.score_before;
  return picture(
    Plot.plot({
      ...look("Score of each unit in the period before and now"),
      width,
      height: sorted.length * 20 + 60,
      marginLeft: names,
      marginRight: 52,
      marginTop: 34,
      marginBottom: 8,
      x: { label: "score", labelArrow: "none", labelAnchor: "left", axis: "top", grid: true, nice: true },
      y: { domain: sorted.map((row) => row.unit), axis: null, label: null },
      marks: [
        Plot.axisY({
          tickSize: 0,
          tickFormat: (unit) => `${unit === rating.unit ? "▸ " : ""}${label.get(unit)}`,
          lineWidth: names / 12.6,
          textOverflow: "ellipsis",
        }),
        Plot.arrow(sorted, {
          y: "unit",
          x1: "score_before",
          x2: "score",
          stroke: (row) => colourOf(moved(row)),
          strokeWidth: 2.2,
          headLength: 7,
          insetEnd: 0,
        }),
        Plot.dot(sorted, { y: "unit", x: "score_before", r: 2.5, fill: (row) => colourOf(moved(row)) }),
        Plot.text(sorted, {
          y: "unit",
          frameAnchor: "right",
          textAnchor: "end",
          dx: 46,
          text: (row) => signed(moved(row)),
          fill: MUTED,
        }),
        Plot.tip(
          sorted,
          Plot.pointerY({
            y: "unit",
            x: "score",
            title: (row) =>
              `${row.unit_name}\n${number(row.score_before, 1)} then, ${number(row.score, 1)} now\n${ordinal(row.rank_before)} then, ${ordinal(row.rank)} now`,
          }),
        ),
      ],
    }),
    (row) => go({ unit: row.unit }),
  );
}
