// Elements, and what every page is put together from.

/** h("p", {class: "note"}, "text", node): an element; what is null is left out, functions listen. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

function setAttribute(element, name, value) {
  if (value == null || value === false) return;
  if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
  else element.setAttribute(name, value === true ? "" : value);
}

/** A labelled list to choose from; options are [value, text] pairs. */
export function select(id, label, options, value, change) {
  const choices = options.map(([code, text]) => h("option", { value: code, selected: code === value }, text));
  const list = h("select", { id, onchange: () => change(list.value) }, choices);
  return h("div", { class: "control" }, h("label", { for: id }, label), list);
}

/** A row of controls above a page. */
export function controls(...children) {
  return h("div", { class: "controls", role: "group", "aria-label": "What is shown" }, children);
}

/** A figure in large type with what it is. */
export function card(title, value, ...notes) {
  return h(
    "div",
    { class: "card" },
    h("h2", {}, title),
    h("p", { class: "big" }, value),
    notes.map((note) => note && h("p", {}, note)),
  );
}

/** What a page says where there is nothing to show. */
export function empty(text) {
  return h("div", { class: "empty" }, h("p", {}, text));
}

export function heading(title, ...below) {
  return h(
    "div",
    { class: "heading" },
    h("h1", {}, title),
    below.map((text) => text && h("p", { class: "lead" }, text)),
  );
}
