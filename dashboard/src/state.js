// What is shown is in the address: #system/QWO?period=2026-03. A link to it shows the same.
import { distinct, rows, table } from "./data.js";
import { periodLabel } from "./format.js";
import { select } from "./dom.js";

export let state = { page: "league" };

export function readAddress() {
  const [path, query] = decodeURI(location.hash.slice(1)).split("?");
  const [page, unit] = path.split("/").map(decodeURIComponent);
  state = { page: page || "league", ...Object.fromEntries(new URLSearchParams(query)), ...(unit && { unit }) };
}

/** The address of what is shown now with something else. */
export function address(changes) {
  const { page, unit, ...others } = { ...state, ...changes };
  const query = new URLSearchParams(Object.entries(others).filter(([, value]) => value != null && value !== ""));
  return `#${page}${unit ? `/${encodeURIComponent(unit)}` : ""}${query.size ? `?${query}` : ""}`;
}

export function go(changes) {
  location.hash = address(changes);
}

/** The scheme that is chosen, or the one that has rated last. */
export function schemeNow() {
  const known = distinct(table("rating"), "scheme");
  if (known.includes(state.scheme)) return state.scheme;
  const latest = [...table("rating")].sort((a, b) => b.first_day.localeCompare(a.first_day))[0];
  return latest?.scheme;
}

export function periodNow() {
  const known = periodsOf(schemeNow());
  return known.includes(state.period) ? state.period : known.at(-1);
}

export const periodsOf = (scheme) => distinct(rows("rating", { scheme }), "period");

/** The ratings of the scheme and period that are chosen, best first. */
export const ratingsNow = () => rows("rating", { scheme: schemeNow(), period: periodNow() });

/** The unit that is chosen, or the first of them. */
export function unitNow(known) {
  return known.includes(state.unit) ? state.unit : known[0];
}

export function schemeControls(detailed) {
  const schemes = new Map(table("rating").map((row) => [row.scheme, row.scheme_name]));
  const periods = periodsOf(schemeNow())
    .filter((period) => !detailed || hasDetail(period))
    .reverse();
  return [
    schemes.size > 1 &&
      select("scheme", "Scheme", [...schemes], schemeNow(), (scheme) => go({ scheme, period: null, unit: null })),
    select(
      "period",
      "Period",
      periods.map((period) => [period, periodLabel(period)]),
      periodNow(),
      (period) => go({ period }),
    ),
  ];
}

const hasDetail = (period) => rows("node", { scheme: schemeNow(), period }).length > 0;

/** A list of the units of some rows, by name. */
export function unitControl(label, of, value) {
  const names = new Map(of.map((row) => [row.unit, `${row.unit_name ?? row.unit}${ended(row.unit)}`]));
  const options = [...names].sort((a, b) => a[1].localeCompare(b[1], "en-GB"));
  return select("unit", label, options, value, (unit) => go({ unit }));
}

// Systems of the past have names like those of today.
function ended(unit) {
  const last = rows("unit", { unit })[0]?.valid_to;
  return last ? ` (until ${last.slice(0, 4)})` : "";
}
