// Rows become columns, each written in the shortest of three ways; src/data.js reads them again.

/** The tables of what data.sql prints: a name, then its rows, each a line of JSON. */
export function readTables(text) {
  const tables = {};
  let rows;
  for (const line of text.split("\n")) {
    if (line.startsWith("{")) rows.push(JSON.parse(line));
    else if (line) rows = tables[line] = [];
  }
  return tables;
}

/** A table as {n, columns: {name: column}}. */
export function encodeTable(rows) {
  const columns = {};
  for (const name of Object.keys(rows[0] ?? {})) columns[name] = encodeColumn(rows.map((row) => shorten(row[name])));
  return { n: rows.length, columns };
}

// Seven digits say more than is ever shown; pounds keep their pence.
function shorten(value) {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Math.abs(value) < 1e5 ? Number(value.toPrecision(7)) : Number(value.toFixed(2));
}

function encodeColumn(values) {
  const { words, numbers } = index(values);
  const ways = [values, { words, of: runs(numbers) }, { words, at: numbers }, { runs: runs(values) }];
  return ways.reduce((best, way) => (JSON.stringify(way).length < JSON.stringify(best).length ? way : best));
}

function index(values) {
  const places = new Map();
  const numbers = values.map((value) => places.get(value) ?? (places.set(value, places.size), places.size - 1));
  return { words: [...places.keys()], numbers };
}

/** value, how often, value, how often, ... */
function runs(values) {
  const result = [];
  for (const value of values) {
    if (result.length && result[result.length - 2] === value) result[result.length - 1]++;
    else result.push(value, 1);
  }
  return result;
}
