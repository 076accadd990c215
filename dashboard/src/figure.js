// A chart with its title, its legend, what it says, and its figures as a table.
import { h } from "./dom.js";
import { INK, shapePath } from "./palette.js";
import { dataTable } from "./table.js";

const drawings = new WeakMap();

/** draw(width) gives an element; table is that of dataTable(), made when somebody opens it. */
export function figure({ title, note, legend, draw, table, wide }) {
  const place = h("div", { class: "plot" });
  drawings.set(place, draw);
  return h(
    "figure",
    { class: wide ? "panel wide" : "panel" },
    h("figcaption", {}, h("h2", {}, title), note && h("p", {}, note)),
    legend && legendOf(legend),
    place,
    table && tableBehind(table),
  );
}

function tableBehind(table) {
  const details = h(
    "details",
    {
      class: "behind",
      ontoggle: () => {
        if (details.open && !details.querySelector("table")) details.append(dataTable(table));
      },
    },
    h("summary", {}, "Show as a table"),
  );
  return details;
}

/** Charts are drawn when the page knows how wide they may be, and again when that changes. */
export function drawFigures(root, width) {
  for (const place of root.querySelectorAll(".plot")) {
    const room = width ?? place.clientWidth;
    if (room > 0) place.replaceChildren(drawings.get(place)(Math.floor(room)));
  }
}

/** items: {name, colour, shape} or {name, colour, line: dashes} or {name, colour, hollow: true} or {name, colour}: a field. */
export function legendOf(items) {
  return h(
    "ul",
    { class: "legend" },
    items.map((item) => h("li", {}, swatch(item), item.name)),
  );
}

export function swatch(item, size = 14) {
  const span = h("span", { class: "swatch", "aria-hidden": "true" });
  span.innerHTML = `<svg width="${item.line != null ? 24 : size}" height="${size}" viewBox="${item.line != null ? "-12 -7 24 14" : "-7 -7 14 14"}">${shapeOf(item)}</svg>`;
  return span;
}

function shapeOf(item) {
  if (item.line != null) return `<path d="M-12 0h24" stroke="${item.colour}" stroke-width="2" stroke-dasharray="${item.line}"/>`;
  if (item.hollow) return `<circle r="4.5" fill="none" stroke="${item.colour}" stroke-width="1.5"/>`;
  if (item.shape) return `<path d="${shapePath(item.shape, 75)}" fill="${item.colour}"/>`;
  return `<rect x="-6" y="-6" width="12" height="12" fill="${item.colour}"/>`;
}

/** What charts have in common; the label is what they show, for who cannot see them. */
export const look = (label) => ({
  ariaLabel: label,
  style: { fontFamily: "inherit", fontSize: "12px", color: INK, overflow: "visible" },
});

/** A drawn chart is one picture to a screen reader; who points at a mark and clicks is taken where choose(datum) says. */
export function picture(plot, choose) {
  const svg = plot.tagName === "svg" ? plot : plot.querySelector("svg");
  svg.setAttribute("role", "img");
  // Groups of marks have names and no role; the picture has its own.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  if (choose) {
    svg.classList.add("choosable");
    plot.addEventListener("click", () => plot.value && choose(plot.value));
  }
  return plot;
}
