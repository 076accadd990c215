// Charts with a row for each indicator: two beside each other have the same rows.
import * as Plot from "@observablehq/plot";

const ROW = 26;

const namesWide = (width) => (width > 520 ? Math.min(300, width * 0.45) : width * 0.42);

export function rowsFrame(leaves, width, more = 0) {
  return { width, height: (leaves.length + more) * ROW + 80, marginTop: 54, marginBottom: 26, marginLeft: namesWide(width) };
}

export const rowNames = (leaves, width, more = []) => {
  const names = new Map(leaves.map((leaf) => [leaf.node, leaf.node_name]));
  return { y: { domain: [...leaves.map((leaf) => leaf.node), ...more], label: null, axis: null, padding: 0.3 }, names };
};

export function nameAxis(names, width) {
  return Plot.axisY({
    tickSize: 0,
    tickFormat: (node) => names.get(node) ?? node,
    lineWidth: namesWide(width) / 12.6,
    textOverflow: "ellipsis",
  });
}
