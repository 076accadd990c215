// The site as a reader has it, in a browser. Nothing serves it: each request is answered from the folder that was built.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { violations } from "../../dashboard/test/accessibility.mjs";

const { SITE: site, SCREENSHOTS: screenshots } = process.env;
const root = fileURLToPath(new URL("../..", import.meta.url));
const origin = "http://site.test";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
if (screenshots) mkdirSync(screenshots, { recursive: true });

let browser;
before(async () => {
  const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
});
after(() => browser.close());

/** The file that a path of the site stands for. */
const fileOf = (path) => join(site, decodeURIComponent(path.endsWith("/") ? `${path}index.html` : path));

/** A tab that tells of what it asks for elsewhere and of what goes wrong in it. */
async function open(path, { width = 1280 } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  context.setDefaultTimeout(120_000); // of a busy machine
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.stack));
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (url.origin === origin && existsSync(fileOf(url.pathname))) return route.fulfill({ path: fileOf(url.pathname) });
    faults.push(`asks for ${url}`);
    return route.abort();
  });
  await page.goto(origin + path, { waitUntil: "networkidle" });
  return { page, faults, close: () => context.close() };
}

/** Pages that were built, as paths from the root of the site. */
const built = readdirSync(site, { recursive: true })
  .filter((file) => file.endsWith(".html"))
  .map((file) => `/${file}`);
const html = Object.fromEntries(built.map((path) => [path, readFileSync(fileOf(path), "utf8")]));
const has = (path, id) => html[path].includes(`id="${id}"`);

describe("what was built", () => {
  test("every page of doc/ is there, and in the menu", () => {
    for (const page of readdirSync(join(root, "doc")).filter((file) => file.endsWith(".md"))) {
      const path = `/doc/${page.replace(".md", ".html")}`;
      assert.ok(built.includes(path), path);
      assert.match(html["/index.html"], new RegExp(`VPSidebarItem[^]*href="${path}"`), `${path} is not in the menu`);
    }
  });

  test("every link leads to a page and a heading, every picture to a file", () => {
    const dead = [];
    for (const path of built.filter((page) => page !== "/404.html")) {
      for (const [, address] of html[path].matchAll(/<(?:a|img|link|script)\b[^>]*? (?:href|src)="([^"]+)"/g)) {
        const url = new URL(address.replaceAll("&amp;", "&"), origin + path);
        if (url.origin !== origin) continue;
        const to = url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname;
        const found = html[to] ? !url.hash || has(to, decodeURIComponent(url.hash.slice(1))) : existsSync(fileOf(to));
        if (!found) dead.push(`${path}: ${address}`);
      }
    }
    assert.deepEqual(dead, []);
  });

  test("every function, table, view and type of the reference has its heading", () => {
    const names = [...readFileSync(join(root, "doc/reference.md"), "utf8").matchAll(/^### (\S+) \(([a-z ]+)\)$/gm)];
    assert.ok(names.length > 250, `${names.length} names`);
    const missing = names.filter(
      ([, name, kind]) => !has("/doc/reference.html", `${name.replace(".", "")}-${kind.replace(" ", "-")}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe("in the browser", () => {
  for (const width of [1280, 390]) {
    for (const path of ["/", "/doc/bi.html", "/doc/spc.html", "/doc/reference.html", "/doc/tutorial-r.html"]) {
      test(`${path} at ${width} pixels: asks nobody else, fits, has its pictures, is accessible`, async () => {
        const { page, faults, close } = await open(path, { width });
        const pictures = await page.$$eval("main img", (all) => all.map(({ src, naturalWidth }) => [src, naturalWidth > 0]));
        assert.deepEqual(
          pictures.filter(([, drawn]) => !drawn),
          [],
        );
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "wider than the window");
        const name = path.replace(/\W+/g, "-").replace(/^-|-html$/g, "");
        if (screenshots) await page.screenshot({ path: `${screenshots}/${name || "index"}-${width}.png` });
        assert.deepEqual(await violations(page, axe), []);
        assert.deepEqual(faults, []);
        await close();
      });
    }
  }

  test("the star of stp_bi is a picture on its page", async () => {
    const { page, close } = await open("/doc/bi.html");
    const star = page.locator('main img[src*="star"]');
    await star.scrollIntoViewIfNeeded();
    assert.ok((await star.boundingBox()).width > 600);
    if (screenshots) await star.screenshot({ path: `${screenshots}/star.png` });
    await close();
  });

  for (const [words, wanted] of [
    ["explain_change", "/doc/reference.html#stpexplain_change-function"],
    ["funnel", "/doc/funnel.html"],
    ["row-level security", "/doc/operate.html#row-level-security"],
  ]) {
    test(`a search for ${words} finds ${wanted} and goes there`, async () => {
      const { page, faults, close } = await open("/");
      await page.locator("#local-search button").first().click();
      await page.locator("#localsearch-input").fill(words);
      const found = page.locator(`#localsearch-list a[href^="${wanted}"]`).first();
      await found.waitFor();
      if (screenshots) await page.screenshot({ path: `${screenshots}/search-${words.replace(/\W/g, "-")}.png` });
      await found.click();
      await page.waitForURL(`${origin}${wanted}*`);
      assert.deepEqual(faults, []);
      await close();
    });
  }
});
