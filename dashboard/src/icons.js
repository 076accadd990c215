// The icons of variation and assurance as Making Data Count names them, drawn here, each with its words.

const VARIATION = {
  common_cause: ["Common cause variation", "#768692", "", "M7 18c3-8 5-8 8 0s5 8 8 0"],
  improvement_high: ["Special cause improvement: higher", "#005eb8", "H", "M6 24l5-3 4 1 4-6"],
  improvement_low: ["Special cause improvement: lower", "#005eb8", "L", "M6 13l5 2 4-1 4 7"],
  concern_high: ["Special cause concern: higher", "#b5530c", "H", "M6 24l5-3 4 1 4-6"],
  concern_low: ["Special cause concern: lower", "#b5530c", "L", "M6 13l5 2 4-1 4 7"],
  neutral_high: ["Special cause: higher, neither good nor bad", "#6b3fa0", "H", "M6 24l5-3 4 1 4-6"],
  neutral_low: ["Special cause: lower, neither good nor bad", "#6b3fa0", "L", "M6 13l5 2 4-1 4 7"],
};

const ASSURANCE = {
  pass: ["Passes: the target will be met consistently", "#005eb8", "P"],
  inconsistent: ["Hit or miss: the target is within the limits", "#768692", "?"],
  fail: ["Fails: the target will not be met without change", "#b5530c", "F"],
};

export const variationIcon = (name) => VARIATION[name] && draw(...VARIATION[name]);
export const assuranceIcon = (name) => ASSURANCE[name] && draw(...ASSURANCE[name]);
export const variationWords = (name) => VARIATION[name]?.[0];
export const assuranceWords = (name) => ASSURANCE[name]?.[0];

function draw(words, colour, letter, path) {
  const span = document.createElement("span");
  span.className = "icon";
  span.innerHTML = `<svg viewBox="0 0 34 34" width="34" height="34" role="img" aria-label="${words}"><title>${words}</title>
    <circle cx="17" cy="17" r="15" fill="#fff" stroke="${colour}" stroke-width="3"/>${path ? line(letter, colour, path) : target(letter, colour)}</svg>`;
  return span;
}

function line(letter, colour, path) {
  const limits = `<path d="M5 12h24M5 24h24" stroke="#aeb7bd" stroke-dasharray="2 2" fill="none" transform="${letter ? "scale(.68) translate(3 14)" : "translate(0 -1)"}"/>`;
  const shifted = letter
    ? `<path d="${path}" transform="translate(-1 1)" fill="none" stroke="${colour}" stroke-width="2"/>`
    : `<path d="${path}" transform="translate(2 -1)" fill="none" stroke="${colour}" stroke-width="2.2"/>`;
  return (letter ? "" : limits) + shifted + (letter ? text(letter, colour, 23.5, letter === "H" ? 15 : 27, 12) : "");
}

function target(letter, colour) {
  return `<path d="M6 24h22" stroke="${colour}" stroke-width="1.5" stroke-dasharray="3 2"/>` + text(letter, colour, 17, 21, 15);
}

function text(letter, colour, x, y, size) {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="700" text-anchor="middle" fill="${colour}" font-family="Arial, sans-serif">${letter}</text>`;
}
