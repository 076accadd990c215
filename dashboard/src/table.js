// Tables: sorted by their headers, kept as CSV.
import { h } from "./dom.js";

/**
 * columns: {label, cell(row), sort(row)?, number?, head?}; cell gives a text or an element; a column with sort has a button;
 * the head column is the header of its row.
 */
export function dataTable({ caption, columns, rows, csv = true }) {
  const body = h("tbody");
  const heads = columns.map((column) =>
    headOf(
      column,
      (ascending) => fill(sorted(rows, column, ascending)),
      () => heads,
    ),
  );
  const fill = (of) => body.replaceChildren(...of.map((row) => rowOf(row, columns)));
  fill(rows);
  const table = h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, heads)), body);
  return h(
    "div",
    { class: "table" },
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table),
    csv && h("p", {}, h("button", { type: "button", class: "quiet", onclick: () => save(table, caption) }, "Save as CSV")),
  );
}

function headOf(column, sort, heads) {
  const attributes = { scope: "col", class: column.number ? "number" : null };
  if (!column.sort) return h("th", attributes, column.label);
  const head = h("th", attributes, h("button", { type: "button", onclick: () => turn(head, heads(), sort) }, column.label));
  return head;
}

function turn(head, heads, sort) {
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const other of heads) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  sort(ascending);
}

function sorted(rows, column, ascending) {
  const sign = ascending ? 1 : -1;
  // What is not there comes last, whichever way.
  const compare = (x, y) => (x == null) - (y == null) || sign * (typeof x === "string" ? x.localeCompare(y, "en-GB") : x - y);
  return [...rows].sort((a, b) => compare(column.sort(a), column.sort(b)));
}

function rowOf(row, columns) {
  return h(
    "tr",
    {},
    columns.map((column) =>
      h(
        column.head ? "th" : "td",
        { class: column.number ? "number" : null, scope: column.head ? "row" : null },
        column.cell(row),
      ),
    ),
  );
}

function save(table, caption) {
  const lines = [...table.rows].map((row) => [...row.cells].map((cell) => quoted(wordsOf(cell))).join(","));
  const url = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n")], { type: "text/csv" }));
  h("a", { href: url, download: `${caption.replace(/[^\w]+/g, "_")}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function wordsOf(cell) {
  const icon = cell.querySelector("svg[aria-label]");
  return icon && !cell.textContent.trim() ? icon.getAttribute("aria-label") : cell.textContent.trim().replace("−", "-");
}

// A spreadsheet takes what begins like a formula for one.
const quoted = (text) => `"${(/^[=+@]/.test(text) && isNaN(text) ? "'" + text : text).replaceAll('"', '""')}"`;
