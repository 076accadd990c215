// The dashboard as a person has it: a file in a browser. What is shown is compared with what psql reads from stp_bi.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { violations } from "./accessibility.mjs";

const PAGES = ["league", "system/QWO", "flow/QWO", "money/QWO", "funnel", "change/QWO", "quality"];
const WIDTHS = [1280, 390];
const sideBySide = { concurrency: availableParallelism() };
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const screenshots = process.env.SCREENSHOTS;
if (screenshots) mkdirSync(screenshots, { recursive: true });

let browser;
before(async () => {
  const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
});
after(() => browser.close());

/** The rows of a query, each an array of texts. */
function ask(sql) {
  const text = execFileSync("psql", ["-qXAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql], { encoding: "utf8" });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t"));
}

/** A tab that tells of what it asks for and of what goes wrong in it. */
async function open(address, { file = "full", width = 1280, scripts = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    acceptDownloads: true,
    javaScriptEnabled: scripts,
  });
  context.setDefaultTimeout(120_000); // of a busy machine; how long it takes is told at the end
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.stack));
  page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`file://${process.env.PAGES}/${file}.html`) && !/^(data|blob):/.test(url)) faults.push(`asks for ${url}`);
  });
  const begun = performance.now();
  await page.goto(`file://${process.env.PAGES}/${file}.html#${address}`);
  if (scripts) await page.waitForSelector("main h1");
  return { page, faults, took: performance.now() - begun, close: () => context.close() };
}

/** What is done turns the page: the browser tells of a new address, and the page is drawn, only after it has answered. */
async function turn(page, act) {
  const turned = page.evaluate(() => new Promise((drawn) => addEventListener("hashchange", () => drawn(), { once: true })));
  await act();
  await turned;
}

/** The cells of a table whose caption begins so, as texts. */
async function cells(page, caption) {
  return page.$$eval(
    "table",
    (tables, start) => {
      const table = tables.find((other) => other.caption?.textContent.startsWith(start));
      return table && [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
    },
    caption,
  );
}

/** Opens the table behind the chart of that title and gives its cells. */
async function behind(page, title) {
  const figure = page.locator("figure", { has: page.getByRole("heading", { name: title }) }).first();
  await figure.locator("summary").click();
  await figure.locator("table").waitFor();
  return figure
    .locator("table")
    .evaluate((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
}

const number = (text) => (/\d/.test(text) ? Number(text.replace(/[^\d.−-]/g, "").replace("−", "-")) : null);
const value = (text) => (text === "" ? null : Number(text));

const scheme = "stp-2026";
const period = ask(
  `SELECT period FROM stp_bi.rating_history WHERE scheme = '${scheme}' AND is_latest ORDER BY last_day DESC LIMIT 1`,
)[0][0];

describe("every page", sideBySide, () => {
  for (const width of WIDTHS) {
    for (const address of PAGES) {
      const name = address.split("/")[0];
      test(`${name} at ${width} pixels: draws, asks for nothing, fits, is accessible`, async (context) => {
        const { page, faults, took, close } = await open(address, { width });
        context.diagnostic(`${name}: ${Math.round(took)} ms from opening the file to the page`);
        const words = await page.innerText("body");
        assert.doesNotMatch(words, /undefined|NaN|Invalid|\[object|null/);
        assert.ok((await page.locator("main .plot svg").count()) > 0, "no chart");
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "wider than the window");
        if (screenshots) await page.screenshot({ path: `${screenshots}/${name}-${width}.png`, fullPage: true });
        await page.locator("main details > summary").evaluateAll((all) => all.forEach((summary) => summary.click()));
        // The rows of a table are made alike: the first tell of all.
        await page.$$eval("tbody", (all) => all.forEach((body) => [...body.rows].slice(20).forEach((row) => row.remove())));
        assert.deepEqual(await violations(page, axe), []);
        assert.deepEqual(faults, []);
        await close();
      });
    }
  }
});

describe("numbers are those of stp_bi", sideBySide, () => {
  test("league: rank, name, probability, score, interval, coverage of every system", async () => {
    const { page, close } = await open("league");
    const shown = (await cells(page, "Ratings")).map(([rank, name, , category, probability, score, interval, , coverage]) => [
      number(rank),
      name,
      category,
      number(probability),
      number(score),
      interval,
      number(coverage),
    ]);
    const expected =
      ask(`SELECT rank, unit_name, category, round(100 * probability_of_category::numeric), round(score::numeric, 1),
      rank_low || ' to ' || rank_high, round(100 * coverage::numeric) FROM stp_bi.rating_history
      WHERE scheme = '${scheme}' AND period = '${period}' ORDER BY rank, unit`).map(
        ([rank, name, category, probability, score, interval, coverage]) => [
          value(rank),
          name,
          category,
          value(probability),
          value(score),
          interval,
          value(coverage),
        ],
      );
    assert.ok(expected.length > 30);
    assert.deepEqual(shown, expected);
    await close();
  });

  test("system: points and values of every indicator, and the points add up", async () => {
    const { page, close } = await open(`system/QWO?period=${period}`);
    const points = (await behind(page, /points that add up/)).map(([name, , score, , contribution]) => [
      name,
      number(score),
      number(contribution),
    ]);
    const expected = ask(`SELECT node_name, round(score::numeric, 1), round(contribution::numeric, 2) FROM stp_bi.rating_node
      WHERE scheme = '${scheme}' AND period = '${period}' AND unit = 'QWO' AND indicator IS NOT NULL ORDER BY place`);
    assert.deepEqual(
      points,
      expected.map(([name, score, contribution]) => [name, value(score), value(contribution)]),
    );
    const [[score]] = ask(
      `SELECT score FROM stp_bi.rating_history WHERE scheme = '${scheme}' AND period = '${period}' AND unit = 'QWO'`,
    );
    const sum = points.reduce((all, [, , contribution]) => all + contribution, 0);
    assert.ok(Math.abs(sum - score) < 0.005 * points.length, `${sum} for ${score}`);
    await close();
  });

  test("system: quartiles of the cohort", async () => {
    const { page, close } = await open(`system/QWO?period=${period}`);
    const shown = (await behind(page, "Beside the others")).map(([name, , , , , , , ...cohort]) => [name, ...cohort.map(number)]);
    const digits = "CASE WHEN unit_of_measure ~ '^(ratio|score|0 |1 )' THEN 2 ELSE 1 END";
    const columns = ["minimum", "lower_quartile", "median", "upper_quartile", "maximum"].map(
      (name) => `round(cohort_${name}::numeric, ${digits})`,
    );
    const expected = ask(`SELECT node_name, ${columns} FROM stp_bi.rating_node
      WHERE scheme = '${scheme}' AND period = '${period}' AND unit = 'QWO' AND indicator IS NOT NULL ORDER BY place`);
    assert.deepEqual(
      shown,
      expected.map(([name, ...cohort]) => [name, ...cohort.map(value)]),
    );
    await close();
  });

  test("system: the chart over time of the indicator that is chosen", async () => {
    const { page, close } = await open("system/QWO");
    await turn(page, () => page.getByRole("link", { name: "Waiting list within 18 weeks" }).click());
    assert.match(page.url(), /indicator=within_18_weeks/);
    const shown = (await behind(page, "Waiting list within 18 weeks")).map((row) => row.slice(1, 5).map(number));
    const expected = ask(`SELECT round(value::numeric, 1), round(mean::numeric, 1), round(lower_process_limit::numeric, 1),
      round(upper_process_limit::numeric, 1) FROM stp_bi.indicator_trend
      WHERE unit_kind = 'system' AND unit = 'QWO' AND indicator = 'within_18_weeks' ORDER BY first_day`);
    assert.deepEqual(
      shown,
      expected.map((row) => row.map(value)),
    );
    await close();
  });

  test("delays: days by month and attribution", async () => {
    const { page, close } = await open("flow/QWO");
    const shown = (await behind(page, "Delayed days, by whom")).map((row) => number(row.at(-1)));
    const expected = ask(`SELECT round(sum(delayed_days)::numeric) FROM stp_bi.delay
      WHERE unit_kind = 'system' AND unit = 'QWO' GROUP BY first_day ORDER BY first_day`);
    assert.ok(expected.length > 0);
    assert.deepEqual(
      shown,
      expected.map(([days]) => value(days)),
    );
    await close();
  });

  test("money: the bridge to the penny, and every system", async () => {
    const { page, close } = await open("money/QWO");
    const [[basis, month, year]] = ask(
      `SELECT basis, period, financial_year FROM stp_bi.finance WHERE unit_kind = 'system' AND actual IS NOT NULL ORDER BY basis, first_day DESC LIMIT 1`,
    );
    const shown = (await behind(page, "From plan to actual")).map(([label, from, to]) => [label, number(from), number(to)]);
    const expected = ask(
      `SELECT label, from_amount, to_amount FROM stp_bi.finance_bridge WHERE unit = 'QWO' AND basis = '${basis}' AND period = '${month}' ORDER BY place`,
    );
    assert.deepEqual(
      shown,
      expected.map(([label, from, to]) => [label, value(from), value(to)]),
    );
    const all = (await behind(page, "All systems")).map(([, , plan, actual]) => [number(plan), number(actual)]).sort();
    const systems =
      ask(`SELECT DISTINCT ON (unit) plan, actual FROM stp_bi.finance WHERE unit_kind = 'system' AND basis = '${basis}'
      AND financial_year = '${year}' AND actual IS NOT NULL ORDER BY unit, first_day DESC`).filter(([plan]) => plan !== "");
    assert.deepEqual(all, systems.map((row) => row.map(value)).sort());
    await close();
  });

  test("funnel: every organisation", async () => {
    const { page, close } = await open("funnel?kind=organisation&indicator=ae_within_4_hours");
    const shown = (await behind(page, "Where each one lies")).map(([name, numerator, denominator, figure]) => [
      name,
      number(numerator),
      number(denominator),
      number(figure),
    ]);
    const expected = ask(`SELECT unit_name, numerator, denominator, round(value::numeric, 1) FROM stp_bi.funnel
      WHERE unit_kind = 'organisation' AND indicator = 'ae_within_4_hours' ORDER BY unit`);
    assert.deepEqual(
      shown,
      expected.map(([name, ...numbers]) => [name, ...numbers.map(value)]),
    );
    await close();
  });

  test("change: points by indicator add up to the change of the score", async () => {
    const { page, close } = await open(`change/QWO?period=${period}`);
    const shown = new Map((await behind(page, "From then to now")).map(([name, points]) => [name, number(points)]));
    const expected =
      ask(`SELECT coalesce(indicator_name, upper(left(part, 1)) || substr(part, 2)), round(sum(points)::numeric, 2) FROM stp_bi.rating_change
      WHERE scheme = '${scheme}' AND period = '${period}' AND unit = 'QWO' AND points IS NOT NULL GROUP BY 1`);
    assert.deepEqual(
      shown,
      new Map(
        expected
          .map(([name, points]) => [name, value(points)])
          .sort((a, b) => [...shown.keys()].indexOf(a[0]) - [...shown.keys()].indexOf(b[0])),
      ),
    );
    await close();
  });

  test("quality: as many of each kind", async () => {
    const { page, close } = await open("quality");
    const shown = await page.$$eval(".card.check", (all) =>
      all.map((card) => [
        card.querySelector(".name").textContent,
        Number(card.querySelector(".big").textContent.replaceAll(",", "")),
      ]),
    );
    const expected = ask(
      `SELECT fault, count(*) FROM stp_bi.data_quality WHERE last_day IS NULL OR last_day > (SELECT max(last_day) - 396 FROM stp_bi.data_quality) GROUP BY fault`,
    );
    assert.deepEqual(shown.sort(), expected.map(([fault, n]) => [fault, Number(n)]).sort());
    await close();
  });
});

test("what the database says of itself stands above every page", async () => {
  const [note] = ask("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()");
  const { page, close } = await open("league");
  assert.equal(await page.locator("#notice").isVisible(), Boolean(note?.[0]));
  assert.equal(await page.locator("#notice").textContent(), note?.[0] ?? "");
  await close();
});

describe("choosing", sideBySide, () => {
  test("region and category filter the league, and the address keeps them", async () => {
    const { page, close } = await open("league");
    await turn(page, () => page.getByLabel("Region").selectOption("Midlands"));
    const worst = page.locator(".card.check", { hasText: "Needs most improvement" });
    await turn(page, () => worst.getByRole("checkbox").uncheck());
    const [[n]] =
      ask(`SELECT count(*) FROM stp_bi.rating_history r JOIN stp_bi.unit u ON u.unit = r.unit AND u.unit_kind = 'system'
      WHERE scheme = '${scheme}' AND period = '${period}' AND region_name = 'Midlands' AND category <> 'Needs most improvement'`);
    assert.equal((await cells(page, "Ratings")).length, Number(n));
    const again = await open(page.url().split("#")[1]);
    assert.equal((await cells(again.page, "Ratings")).length, Number(n));
    await again.close();
    await close();
  });

  test("period: another month has other numbers", async () => {
    const { page, close } = await open("league");
    const [[earlier]] = ask(
      `SELECT period FROM stp_bi.rating_history WHERE scheme = '${scheme}' AND period <> '${period}' ORDER BY last_day DESC LIMIT 1`,
    );
    await page.getByLabel("Period", { exact: true }).focus();
    await turn(page, () => page.getByLabel("Period", { exact: true }).selectOption(earlier));
    const expected = ask(
      `SELECT unit_name FROM stp_bi.rating_history WHERE scheme = '${scheme}' AND period = '${earlier}' ORDER BY rank, unit`,
    ).map(([name]) => name);
    assert.deepEqual(
      (await cells(page, "Ratings")).map(([, name]) => name),
      expected,
    );
    assert.equal(await page.evaluate(() => document.activeElement.id), "period", "focus is lost");
    await close();
  });

  test("a header sorts, a name leads to its page, and back", async () => {
    const { page, close } = await open("league");
    await page.getByRole("button", { name: "Name" }).click();
    const names = (await cells(page, "Ratings")).map(([, name]) => name);
    assert.deepEqual(
      names,
      [...names].sort((a, b) => a.localeCompare(b, "en-GB")),
    );
    await turn(page, () => page.getByRole("link", { name: "West Yorkshire" }).click());
    assert.match(await page.innerText("h1"), /^West Yorkshire/);
    await turn(page, () => page.goBack());
    await page.getByRole("heading", { name: "All ratings" }).waitFor();
    await close();
  });

  test("by keyboard: skip link, pages, a table", async () => {
    const { page, close } = await open("system/QWO");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to main content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    assert.match(await page.innerText("h1"), /^West Yorkshire/, "the skip link turned the page");
    await page.locator("figure summary").first().focus();
    await page.keyboard.press("Enter");
    await page.locator("figure table").first().waitFor();
    await close();
  });

  test("a table is saved as CSV", async () => {
    const { page, close } = await open("league");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as CSV" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .replace("\ufeff", "")
      .split("\r\n");
    assert.equal(lines.length, 1 + (await cells(page, "Ratings")).length);
    assert.match(lines[1], /^"1","North Central London"/);
    await close();
  });

  test("all pages are printed, each a sheet with its charts", async () => {
    const { page, faults, close } = await open("league");
    await page.evaluate(
      () =>
        (window.print = () =>
          (window.sheets = [...document.querySelectorAll(".sheet")].map((sheet) => sheet.querySelectorAll("svg").length))),
    );
    await page.getByRole("button", { name: "Print all pages" }).click();
    const sheets = await page.evaluate(() => window.sheets);
    assert.equal(sheets.length, PAGES.length);
    assert.ok(
      sheets.every((charts) => charts > 0),
      sheets.join(" "),
    );
    assert.equal(await page.locator(".sheet").count(), 0, "the screen is not as it was");
    assert.deepEqual(faults, []);
    await close();
  });
});

describe("other databases", sideBySide, () => {
  for (const address of PAGES) {
    test(`nothing in it: ${address.split("/")[0]} says so`, async () => {
      const { page, faults, close } = await open(address, { file: "bare" });
      assert.equal(await page.locator(".empty").count(), 1);
      assert.deepEqual(faults, []);
      await close();
    });
  }

  test("an odd name is a name, on every page", async () => {
    const { page, faults, close } = await open("system/QWO", { file: "odd" });
    assert.match(await page.innerText("h1"), /^<\/script><img src=x onerror=alert\(1\)> & "Sons"/);
    for (const address of PAGES) {
      if (!page.url().endsWith(`#${address}`)) await turn(page, () => page.evaluate((to) => (location.hash = to), address));
      assert.ok((await page.locator("main .plot svg").count()) > 0, `${address}: no chart`);
      assert.equal(await page.locator("main img").count(), 0, address);
      assert.deepEqual(faults, [], address);
    }
    await close();
  });

  test("what is not shown is not in the file", async () => {
    const { page, close } = await open("system/QWO", { file: "odd" });
    const row = (await cells(page, "Choose an indicator")).find(([name]) => name.startsWith("Cancer treatment within 62 days"));
    assert.match(row[1], /^not shown/);
    const html = readFileSync(`${process.env.PAGES}/odd.html`, "utf8");
    const data = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)[1]);
    assert.ok(!JSON.stringify([data.trend, data.summary, data.funnel]).includes("cancer_62_days"));
    await close();
  });

  test("without scripts it says what is wrong", async () => {
    const { page, close } = await open("league", { scripts: false });
    assert.match(await page.innerText("main"), /draws its charts with scripts/);
    await close();
  });
});
