// Window: the bar, the pane, the theme, and paper.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 860px), (max-height: 520px)"); // as in page.css: the pane is always below

function setTheme(dark) {
  root.dataset.theme = dark ? "dark" : "light";
  document.getElementById("dark").setAttribute("aria-pressed", String(dark));
}

function switchTheme() {
  setTheme(root.dataset.theme !== "dark");
}

function togglePane() {
  const hidden = document.body.classList.toggle("bare");
  document.getElementById("pane-button").setAttribute("aria-pressed", String(!hidden));
  redraw();
  drawRows();
}

function showTab(name) {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
  }
  showRow();
  showPlaces(true);
}

// Where the pane stands in a window with room for either: "beside" the picture or "below" it.
function setSide(side) {
  document.body.dataset.side = side;
  const below = side === "below";
  document.getElementById("divider").setAttribute("aria-orientation", below ? "horizontal" : "vertical");
  document.getElementById("split").setAttribute("aria-orientation", below ? "vertical" : "horizontal");
}

// The two bars between the parts of the page: what each of them sizes on either side, and how large that is.
function makeDividers() {
  const pane = document.getElementById("pane");
  const table = document.getElementById("blocks");
  const edges = () => pane.getBoundingClientRect();
  makeDivider("divider", {
    beside: { property: "--pane", sign: -1, at: (x) => innerWidth - x, now: () => pane.offsetWidth, room: () => innerWidth },
    below: {
      property: "--pane-height", sign: -1, at: (x, y) => edges().bottom - y, now: () => pane.offsetHeight,
      room: () => innerHeight - 70,
    },
  });
  makeDivider("split", {
    beside: {
      property: "--table", sign: 1, at: (x, y) => y - edges().top, now: () => table.offsetHeight, room: () => pane.offsetHeight,
    },
    below: { property: "--table-width", sign: 1, at: (x) => x, now: () => table.offsetWidth, room: () => innerWidth },
  });
}

// A bar that is moved by pointer or keys. The keys move the bar; `sign` says whether what it sizes then grows.
function makeDivider(id, sides) {
  const divider = document.getElementById(id);
  const measure = () => sides[document.body.dataset.side];
  const set = (value) => {
    const { property, room } = measure();
    const size = Math.max(120, Math.min(value, room() - 160));
    document.body.style.setProperty(property, `${Math.round(size)}px`);
    divider.setAttribute("aria-valuenow", Math.round(size));
    drawRows();
    redraw();
  };
  divider.setAttribute("aria-valuenow", Math.round(measure().now()));
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    divider.onpointermove = (moving) => set(measure().at(moving.clientX, moving.clientY));
    divider.onpointerup = () => { divider.onpointermove = null; };
    event.preventDefault();
  });
  divider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -24, ArrowUp: -24, ArrowRight: 24, ArrowDown: 24 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    set(measure().now() + measure().sign * by);
  });
}

function makeBar() {
  const facts = document.getElementById("facts");
  const add = (text, title) => {
    if (facts.lastChild) facts.append(" "); // for those who hear or copy it
    const fact = facts.appendChild(document.createElement("span"));
    fact.textContent = text;
    fact.title = title;
  };
  document.getElementById("name").textContent = data.title;
  document.getElementById("name").title = data.doc;
  for (const [text, title] of data.facts) add(text, title);
  if (!data.facts.length) addFactsOfNetwork(add);
  const actions = {
    "open-all": openAll, "close-all": closeAll, fit: fitAll, "zoom-in": PAGE_KEYS["+"], "zoom-out": PAGE_KEYS["-"],
    dark: switchTheme, print: () => window.print(), "pane-button": togglePane, "help-button": () => showHelp(true),
    next: () => step(1), previous: () => step(-1), shapes: toggleShapes, "copy-svg": copySvg, "copy-png": copyPng,
    pin: () => pin(state.selected),
  };
  for (const [id, action] of Object.entries(actions)) document.getElementById(id).addEventListener("click", action);
  for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
}

function addFactsOfNetwork(add) {
  if (data.variant) add(data.variant, "variant");
  add(`${short(data.params)} params`, `${exact(data.params)} learned parameters`);
  add(`${short(data.macs)} MACs`, `${exact(data.macs)} multiply-adds per sample`);
  for (const [name, unit, total] of data.measures) add(`${short(total)} ${name}`, `${exact(total)} ${unit}`);
  for (const [name, shape] of data.inputs) add(`${name} ${shape}`.trimEnd(), `input ${name}`);
  if (data.training) add(`training adds ${short(data.training)} params`, `${exact(data.training)} learned parameters`);
}

function makeLegend() {
  const legend = document.getElementById("legend");
  legend.replaceChildren();
  if (heating.by) return heatLegend(legend);
  for (const [label, sample, paint] of data.legend) {
    const key = legend.appendChild(document.createElement("span"));
    const drawing = key.appendChild(made("svg", { width: 14, height: 10, "aria-hidden": "true" }));
    const path = { edge: "M0 5H14", flake: "M7 1V9M3.5 3L10.5 7M3.5 7L10.5 3" }[sample];
    const mark = path
      ? made("path", { d: path, class: `p${paint}` })
      : made("rect", { x: 1, y: 1, width: 12, height: 8, rx: 1.5, class: `p${paint}` });
    if (sample === "dashed") mark.setAttribute("stroke-dasharray", "3 2");
    drawing.append(mark);
    key.append(label);
  }
}

// -- printing: the whole picture on one page, in light colours ------------------------------------------------------

function toPaper(yes) {
  if (yes === svg.classList.contains("paper")) return;
  svg.classList.toggle("paper", yes);
  const { width, height } = state.scene;
  if (yes) svg.setAttribute("viewBox", `-4 -4 ${fixed(width + 8)} ${fixed(height + 8)}`);
  else svg.removeAttribute("viewBox");
  onPaper(yes);
}

// Draws the whole picture at its own size, or again what the window shows of it.
function onPaper(yes) {
  if (!yes) {
    applyView();
    return redraw();
  }
  const { width, height, boxes } = state.scene;
  world.style.transform = "none";
  render(state.scene, { k: 1 }, boxes.length > 3 * MANY ? { left: 0, top: 0, right: width, bottom: height } : null);
  layers.marks.replaceChildren();
}

matchMedia("print").addEventListener("change", (event) => toPaper(event.matches));
addEventListener("beforeprint", () => toPaper(true));
addEventListener("afterprint", () => toPaper(false));
