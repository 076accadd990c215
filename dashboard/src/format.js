// Numbers, money, dates and words as they are written in British English.
import { rows } from "./data.js";

const formats = new Map();

/** 1,234.5; what is not there is an en dash. */
export function number(value, digits = 0) {
  if (value == null) return "–";
  if (!formats.has(digits)) {
    formats.set(digits, new Intl.NumberFormat("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  const text = formats.get(digits).format(value);
  return Number(text.replaceAll(",", "")) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

export const signed = (value, digits = 1) => (value > 0 ? "+" : "") + number(value, digits);
export const share = (value, digits = 0) => (value == null ? "–" : `${number(100 * value, digits)}%`);

/** How many digits a measure is shown with: by its unit, since one column has one kind of number. */
export function digitsOf(unit) {
  return /^(ratio|score|0 |1 )/.test(unit ?? "") ? 2 : 1;
}

/** 78.8%, 9.5 per 1,000 people. */
export function measure(value, unit) {
  const text = number(value, digitsOf(unit));
  if (value == null || !unit) return text;
  return unit === "%" ? `${text}%` : `${text} ${unit}`;
}

/** A value in a column whose unit stands beside it: only the percent sign is repeated. */
export function plain(value, unit) {
  return unit === "%" ? measure(value, unit) : number(value, digitsOf(unit));
}

/** −£51.2m */
export function millions(value) {
  return value == null ? "–" : `${value < -49999 ? "−" : ""}£${number(Math.abs(value) / 1e6, 1)}m`;
}

/** −£51,213,456.20 */
export function pounds(value) {
  return value == null ? "–" : `${value < 0 ? "−" : ""}£${number(Math.abs(value), 2)}`;
}

export function date(text) {
  return text
    ? new Date(text).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })
    : "–";
}

export function dateAndTime(text) {
  if (!text) return "–";
  return new Date(text).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/London" });
}

/** March 2026 for 2026-03. */
export function periodLabel(period) {
  return rows("period", { period })[0]?.label ?? period ?? "–";
}

/** 1st, 2nd, 3rd, 11th. */
export function ordinal(rank) {
  const end = rank % 100 > 10 && rank % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][rank % 10] ?? "th");
  return rank == null ? "not ranked" : `${rank}${end}`;
}

/** Some, one or none of a thing, with its number. */
export function count(n, one, many = `${one}s`) {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** Why a number is not there. */
export function missing(status) {
  return { "not shown": "not shown: a small number", "no data": "no data" }[status] ?? status ?? "no data";
}
