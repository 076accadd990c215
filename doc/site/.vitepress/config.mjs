// The site: the pages of the repository as they are. README is the first page, and its tables of pages are the menu.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (page) => readFileSync(resolve(root, page), "utf8");

/** A folder's README is its index. */
const rewritten = (page) => page.replace(/README\.md$/, "index.md");

/** What stands before the colon of a page's first heading: `load: input as it comes`. */
const title = (page) =>
  read(page)
    .match(/^# (.*)/m)[1]
    .split(/: /)[0];

/** The menu: under each heading of README that is followed by a table of pages, these pages. */
function menu() {
  const sections = read("README.md").split(/^##+ /m).slice(1);
  return sections
    .map((section) => ({
      text: section.split("\n")[0],
      items: [...section.matchAll(/^\| \[[^\]]*\]\(([^)]+\.md)\) \|/gm)].map(([, page]) => ({
        text: title(page),
        link: `/${rewritten(page)}`,
      })),
    }))
    .filter(({ items }) => items.length > 0);
}

/** As GitHub names headings, so that a link within a page is one there and here. */
const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");

/** Links between pages follow README to where it is. */
function followReadme(md) {
  md.core.ruler.push("follow_readme", ({ tokens }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const address = token.type === "link_open" && token.attrGet("href");
        if (address && !/^[a-z]+:/.test(address)) token.attrSet("href", address.replace(/README\.md(?=$|#)/, "index.md"));
      }
    }
  });
}

/** Pages lie above node_modules, where nobody would look for Vue: what draws them while building finds it by itself. */
const findVue = {
  name: "find-vue",
  enforce: "pre",
  resolveId: (id, from, { ssr }) => (ssr && /^vue($|\/)/.test(id) ? { id, external: true } : undefined),
};

export default defineConfig({
  lang: "en-GB",
  title: "stp_metrics",
  description: "A PostgreSQL extension that rates health systems",
  base: process.env.BASE || "/",
  srcDir: root,
  srcExclude: ["**/node_modules/**", "results/**", "build/**", "test/fuzz/**"],
  outDir: process.env.SITE,
  rewrites: (page) => rewritten(page),
  markdown: {
    html: false,
    anchor: { slugify },
    toc: { slugify },
    config: followReadme,
    languageAlias: { psql: "sql", conf: "ini" },
    // The default's red and green are too faint on grey.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  vite: { plugins: [findVue], build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    sidebar: menu(),
    outline: { level: [2, 3] },
    search: { provider: "local" },
    docFooter: { prev: false, next: false },
  },
});
