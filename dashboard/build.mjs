// node dashboard/build.mjs FILE < what data.sql prints: the page, its style, its programs and its data in one file.
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { encodeTable, readTables } from "./encode.mjs";

const here = dirname(fileURLToPath(import.meta.url));

async function bundle() {
  const result = await build({
    entryPoints: [join(here, "src/main.js"), join(here, "src/style.css")],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: "out",
    format: "iife",
    target: "es2022",
    legalComments: "none",
    absWorkingDir: here,
  });
  const output = (end) => result.outputFiles.find((file) => file.path.endsWith(end)).text.trim();
  return { script: output(".js"), style: output(".css"), packages: packagesOf(result.metafile) };
}

/** The packages whose code is in the bundle. */
function packagesOf(metafile) {
  const names = Object.keys(metafile.inputs).map((path) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

/** Name, version and licence of each, with the text that must go along; packages with the same text share it. */
function licences(packages) {
  const texts = new Map();
  for (const name of packages) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json")));
    const text = licenceText(folder);
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...texts].map(([text, names]) => `${names.join(", ")}\n\n${text}`).join("\n\n----\n\n");
}

function licenceText(folder) {
  for (const name of ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"]) {
    try {
      return readFileSync(join(folder, name), "utf8").trim();
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  return "";
}

// Inside <script> only "<" could end it; what is none of a text is escaped for HTML.
const inScript = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");
const inHtml = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

function page({ script, style, packages }, tables) {
  const parts = {
    hash: createHash("sha256").update(script).digest("base64"),
    style,
    script,
    licences: inHtml(licences(packages)),
    data: inScript(tables),
  };
  const template = readFileSync(join(here, "page.html"), "utf8");
  return template.replace(/\{\{(\w+)\}\}/g, (all, name) => parts[name]);
}

const file = process.argv[2];
const tables = Object.entries(readTables(readFileSync(0, "utf8"))).map(([name, rows]) => [name, encodeTable(rows)]);
const html = page(await bundle(), Object.fromEntries(tables));
// Whoever opens it meanwhile sees the whole of the one or the other.
writeFileSync(`${file}.new`, html);
renameSync(`${file}.new`, file);
console.log(`${file}: ${Buffer.byteLength(html).toLocaleString("en-GB")} bytes`);
