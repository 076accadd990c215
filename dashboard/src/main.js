// The page: its heads, its pages, and what happens when somebody chooses, turns or prints it.
import { table } from "./data.js";
import { h } from "./dom.js";
import { drawFigures } from "./figure.js";
import { date, dateAndTime } from "./format.js";
import * as league from "./league.js";
import * as change from "./change.js";
import * as flow from "./flow.js";
import * as funnel from "./funnel.js";
import * as money from "./money.js";
import * as quality from "./quality.js";
import * as system from "./system.js";
import { address, readAddress, state } from "./state.js";

const PAGES = [league, system, flow, money, funnel, change, quality];
const PAPER = 980; // width of a printed page in pixels

const main = document.getElementById("main");
const pageNow = () => PAGES.find((page) => page.id === state.page) ?? PAGES[0];

function show() {
  readAddress();
  const focused = document.activeElement?.id;
  const page = pageNow();
  const section = h("section", { class: `page ${page.id}` }, page.draw());
  const turned = main.dataset.page !== page.id;
  main.dataset.page = page.id;
  main.replaceChildren(section);
  drawFigures(section);
  drawHead(page);
  if (focused && focused !== "main") document.getElementById(focused)?.focus({ preventScroll: true });
  if (turned) window.scrollTo(0, 0);
}

function drawHead(page) {
  document.title = `${page.title} · ${document.getElementById("brand").textContent}`;
  document
    .getElementById("pages")
    .replaceChildren(
      ...PAGES.map((other) =>
        h("li", {}, h("a", { href: address({ page: other.id }), "aria-current": other === page ? "page" : null }, other.title)),
      ),
    );
}

function drawFrame() {
  const [meta] = table("meta");
  document.getElementById("made").textContent = `Rated ${date(meta?.refreshed_at)}`;
  const notice = document.getElementById("notice");
  notice.textContent = meta?.note ?? "";
  notice.hidden = !meta?.note;
  document
    .getElementById("about")
    .replaceChildren(
      h(
        "p",
        {},
        `Source: views of schema stp_bi in database ${meta?.database}, stp_metrics ${meta?.version}. Ratings computed ${dateAndTime(meta?.refreshed_at)}; this file made ${dateAndTime(meta?.made_at)}. It asks nothing of any server.`,
      ),
      h(
        "p",
        {},
        h("button", { type: "button", class: "quiet", onclick: () => print([pageNow()]) }, "Print this page"),
        " ",
        h("button", { type: "button", class: "quiet", onclick: () => print(PAGES) }, "Print all pages"),
      ),
    );
}

/** Each page on a sheet of its own, then what was there. */
function print(pages) {
  const sheets = pages.map((page) => h("section", { class: `page sheet ${page.id}` }, page.draw()));
  main.replaceChildren(...sheets);
  sheets.forEach((sheet) => drawFigures(sheet, PAPER));
  window.print();
  show();
}

let waiting;
function fit() {
  clearTimeout(waiting);
  waiting = setTimeout(() => drawFigures(main), 150);
}

drawFrame();
show();
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address is that of the page
  main.focus();
});
window.addEventListener("hashchange", show);
window.addEventListener("resize", fit);
