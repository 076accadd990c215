// Labels of points that neither touch each other nor cover points: each takes the first free place around its point.
import { create } from "d3";
import { INK, MUTED } from "./palette.js";

const HEIGHT = 13;
const pen = document.createElement("canvas").getContext("2d");

/** labels: {x, y, text}, most important first; points: {x, y} to keep free; what has no place is left out. */
export function placeLabels(labels, points, frame) {
  pen.font = "11px Arial, Liberation Sans, sans-serif";
  const taken = points.map(({ x, y }) => ({ left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 }));
  const group = create("svg:g")
    .attr("font-size", 11)
    .attr("fill", INK)
    .attr("text-anchor", "start")
    .attr("paint-order", "stroke")
    .attr("stroke", "white")
    .attr("stroke-width", 3);
  for (const label of labels) {
    const box = around(label).find((place) => within(place, frame) && !taken.some((other) => meet(place, other)));
    if (!box) continue;
    taken.push(box);
    if (box.far)
      group
        .append("line")
        .attr("x1", label.x)
        .attr("y1", label.y)
        .attr("x2", nearest(box, label.x))
        .attr("y2", (box.top + box.bottom) / 2)
        .attr("stroke", MUTED)
        .attr("stroke-width", 0.7);
    group
      .append("text")
      .attr("x", box.left)
      .attr("y", box.bottom - 3)
      .text(label.text);
  }
  return group.node();
}

const nearest = (box, x) => (Math.abs(box.left - x) < Math.abs(box.right - x) ? box.left - 1 : box.right + 1);

function around({ x, y, text }) {
  const wide = pen.measureText(text).width;
  const places = [];
  for (const far of [0, 14, 28, 42, -14, -28]) {
    for (const left of [x + 8 + Math.abs(far) / 2, x - 8 - Math.abs(far) / 2 - wide])
      places.push({ left, top: y - HEIGHT / 2 + far, far: far !== 0 });
  }
  places.push({ left: x - wide / 2, top: y - 6 - HEIGHT }, { left: x - wide / 2, top: y + 6 });
  return places.map((place) => ({ ...place, right: place.left + wide, bottom: place.top + HEIGHT }));
}

const within = (box, frame) =>
  box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
const meet = (a, b) => a.left < b.right + 2 && b.left < a.right + 2 && a.top < b.bottom && b.top < a.bottom;
