// duckdb.mjs FOLDER: the questions of make bench-duckdb, asked of PostgreSQL and of DuckDB in turn, with as many processes here as threads
// there. Rows stay in the engines. Both must give the same, and what DuckDB takes is that of its quickest form. One thread is timed on the
// processor, whoever else uses the machine; two by the clock.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const folder = process.argv[2];
const { DuckDBInstance } = createRequire(`${folder}/node/`)("@duckdb/node-api");
const rounds = 5;
// Every day of every organisation, so that there is one on which nobody comes or goes.
const everyDay = `SELECT organisation, unnest(range(DATE '2016-04-01', DATE '2026-04-01', INTERVAL 1 DAY))::DATE AS day
                    FROM (SELECT DISTINCT organisation FROM spell)`;
// From day to day what has changed is added up, as DOUBLE, which is quicker there than whole numbers; a row for each day of each spell
// takes three times as long.
const sumChanges = (changes) =>
  `SELECT organisation, day, sum(change) OVER (PARTITION BY organisation ORDER BY day ROWS UNBOUNDED PRECEDING)::BIGINT AS occupied
     FROM (SELECT organisation, day, sum(change)::DOUBLE AS change FROM (${changes} UNION ALL SELECT organisation, day, 0 FROM (${everyDay}))
            WHERE day IS NOT NULL GROUP BY ALL)`;
const countDays = (day) => `SELECT organisation, ${day} AS day, count(*)::DOUBLE AS n FROM spell GROUP BY ALL`;
const questions = [
  {
    name: "census",
    target: 1.5,
    ours: `SELECT organisation, day, occupied
             FROM (SELECT organisation, stp.census(admission_date, discharge_date, '[2016-04-01,2026-03-31]') FROM stp.spell
                    GROUP BY organisation) s, stp.daily(census)`,
    duckdb: [
      sumChanges(`SELECT organisation, unnest([admission_date, discharge_date]) AS day, unnest([1, -1]) AS change FROM spell`),
      sumChanges(`SELECT organisation, admission_date AS day, 1 AS change FROM spell UNION ALL SELECT organisation, discharge_date, -1 FROM spell`),
      `SELECT organisation, day, sum(coalesce(a.n, 0) - coalesce(d.n, 0))
                                   OVER (PARTITION BY organisation ORDER BY day ROWS UNBOUNDED PRECEDING)::BIGINT AS occupied
         FROM (${everyDay}) LEFT JOIN (${countDays("admission_date")}) a USING (organisation, day)
         LEFT JOIN (${countDays("discharge_date")}) d USING (organisation, day)`,
    ],
    same: "count(*), sum(occupied), sum(occupied * occupied)",
  },
  {
    name: "months",
    target: 3,
    ours: `SELECT organisation, stp.month(admission_date) AS month, count(*) AS admissions FROM stp.spell GROUP BY 1, 2`,
    duckdb: [
      `SELECT organisation, date_trunc('month', admission_date) AS month, count(*) AS admissions FROM spell GROUP BY ALL`,
      `SELECT organisation, 12 * year(admission_date) + month(admission_date) AS month, count(*) AS admissions FROM spell GROUP BY ALL`,
    ],
    same: "count(*), sum(admissions), sum(admissions * admissions)",
  },
];

const connection = await (await DuckDBInstance.create(`${folder}/spell.duckdb`)).connect();

async function load() {
  await connection.run(`CREATE TABLE loaded AS FROM read_csv('${folder}/spell.csv', all_varchar = true)`);
  await connection.run(`CREATE TABLE kept AS SELECT * REPLACE (admission_date::DATE AS admission_date,
                                                               discharge_date::DATE AS discharge_date, age::INT AS age) FROM loaded`);
  await connection.run("DROP TABLE loaded");
  await connection.run(`COPY kept TO '${folder}/spell.parquet'`);
  await connection.run("CHECKPOINT");
}

function psql(threads, query) {
  const env = { ...process.env, PGOPTIONS: `-c max_parallel_workers_per_gather=${threads - 1}` };
  return execFileSync("psql", ["-qXAt", "-v", "ON_ERROR_STOP=1", "-c", query], { env, encoding: "utf8" }).trim();
}

function timeOurs(threads, query) {
  const timer = threads === 1 ? "on_processor" : "elapsed";
  return Number(psql(threads, `SELECT ${timer}($query$${query}$query$)`));
}

async function timeTheirs(threads, query) {
  const before = process.cpuUsage();
  const begun = performance.now();
  await connection.run(query);
  const { user, system } = process.cpuUsage(before);
  return threads === 1 ? (user + system) / 1000 : performance.now() - begun;
}

async function checkSame(question, queries) {
  const expected = psql(1, `SELECT concat_ws(',', ${question.same}) FROM (${question.ours}) q`);
  for (const query of queries) {
    const reader = await connection.runAndReadAll(`SELECT concat_ws(',', ${question.same}) FROM (${query}) q`);
    const actual = reader.getRows()[0][0];
    if (actual !== expected) throw new Error(`${question.name}: ${actual} where PostgreSQL says ${expected}: ${query}`);
  }
}

const fastest = (times) => Math.min(...times);

async function compare(question, queries, threads) {
  await connection.run(`SET threads = ${threads}`);
  const ours = [];
  const theirs = queries.map(() => []);
  for (let round = 0; round < rounds; round++) {
    ours.push(timeOurs(threads, question.ours));
    for (const [form, query] of queries.entries()) theirs[form].push(await timeTheirs(threads, query));
  }
  return [fastest(ours), fastest(theirs.map(fastest))];
}

await load();
console.log("question\tDuckDB reads\tthreads\tours_ms\tduckdb_ms\tratio\ttarget");
for (const question of questions)
  for (const [from, source] of [["Parquet", `'${folder}/spell.parquet'`], ["its table", "kept"]]) {
    const queries = question.duckdb.map((query) => query.replaceAll("FROM spell", `FROM ${source}`));
    await checkSame(question, queries);
    for (const threads of [1, 2]) {
      const [ours, theirs] = await compare(question, queries, threads);
      const numbers = [ours.toFixed(0), theirs.toFixed(0), (ours / theirs).toFixed(2), question.target];
      console.log([question.name, from, threads, ...numbers].join("\t"));
    }
  }
