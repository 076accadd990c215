// The tables in the page: columns as encode.mjs wrote them become rows, each table when it is first asked for.

const stored = JSON.parse(document.getElementById("data").textContent);
const tables = new Map();
const groups = new Map();

/** All rows of a table, in the order of data.sql. */
export function table(name) {
  if (!tables.has(name)) tables.set(name, decodeTable(stored[name] ?? { n: 0, columns: {} }));
  return tables.get(name);
}

/** The rows of a table whose columns have these values: {scheme: "stp-2026", unit: "QWO"}. */
export function rows(name, where = {}) {
  const columns = Object.keys(where);
  if (!columns.length) return table(name);
  const key = name + " " + columns.join(" ");
  if (!groups.has(key)) groups.set(key, groupRows(name, columns));
  return groups.get(key).get(columns.map((column) => where[column]).join("\n")) ?? [];
}

/** The different values of a column, in their order. */
export function distinct(of, column) {
  return [...new Set(of.map((row) => row[column]))];
}

function groupRows(name, columns) {
  const result = new Map();
  for (const row of table(name)) {
    const key = columns.map((column) => row[column]).join("\n");
    if (!result.has(key)) result.set(key, []);
    result.get(key).push(row);
  }
  return result;
}

function decodeTable({ n, columns }) {
  const result = Array.from({ length: n }, () => ({}));
  for (const [name, column] of Object.entries(columns)) {
    decodeColumn(column).forEach((value, place) => (result[place][name] = value));
  }
  return result;
}

function decodeColumn(column) {
  if (Array.isArray(column)) return column;
  if (column.runs) return repeat(column.runs);
  const places = column.at ?? repeat(column.of);
  return places.map((place) => column.words[place]);
}

function repeat(runs) {
  const result = [];
  for (let place = 0; place < runs.length; place += 2) {
    for (let times = runs[place + 1]; times > 0; times--) result.push(runs[place]);
  }
  return result;
}
