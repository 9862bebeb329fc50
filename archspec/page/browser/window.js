// Window: the bar, the pane, the theme, and paper.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

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

// The bar between the picture and the pane, and that between table and source, moved by pointer or keys.
function makeDivider(id, property, measure) {
  const divider = document.getElementById(id);
  const set = (value) => {
    const [least, most] = [120, measure.room() - 160];
    const size = Math.max(least, Math.min(value, most));
    document.body.style.setProperty(property, `${Math.round(size)}px`);
    divider.setAttribute("aria-valuenow", Math.round(size));
    drawRows();
    redraw();
  };
  divider.setAttribute("aria-valuenow", Math.round(measure.now()));
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    divider.onpointermove = (moving) => set(measure.at(moving));
    divider.onpointerup = () => { divider.onpointermove = null; };
    event.preventDefault();
  });
  divider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: 24, ArrowUp: -24, ArrowRight: -24, ArrowDown: 24 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    set(measure.now() + by);
  });
}

function makeBar() {
  const facts = document.getElementById("facts");
  const add = (text, title) => {
    const fact = facts.appendChild(document.createElement("span"));
    fact.textContent = text;
    fact.title = title;
  };
  document.getElementById("name").textContent = data.title;
  document.getElementById("name").title = data.doc;
  if (data.variant) add(data.variant, "variant");
  add(`${short(data.params)} params`, `${exact(data.params)} learned parameters`);
  add(`${short(data.macs)} MACs`, `${exact(data.macs)} multiply-adds per sample`);
  for (const [name, unit, total] of data.measures) add(`${short(total)} ${name}`, `${exact(total)} ${unit}`);
  for (const [name, shape] of data.inputs) add(shape, `input ${name}`);
  if (data.training) add(`training adds ${short(data.training)} params`, `${exact(data.training)} learned parameters`);
  const actions = {
    "open-all": openAll, "close-all": closeAll, fit: fitAll, "zoom-in": PAGE_KEYS["+"], "zoom-out": PAGE_KEYS["-"],
    dark: switchTheme, print: () => window.print(), "pane-button": togglePane, "help-button": () => showHelp(true),
    next: () => step(1), previous: () => step(-1),
  };
  for (const [id, action] of Object.entries(actions)) document.getElementById(id).addEventListener("click", action);
  for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
}

function makeLegend() {
  const legend = document.getElementById("legend");
  for (const [label, sample, paint] of data.legend) {
    const key = legend.appendChild(document.createElement("span"));
    const drawing = key.appendChild(made("svg", { width: 14, height: 10, "aria-hidden": "true" }));
    const mark = sample === "edge"
      ? made("path", { d: "M0 5H14", class: `p${paint}` })
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
  if (yes) {
    svg.setAttribute("viewBox", `-4 -4 ${fixed(width + 8)} ${fixed(height + 8)}`);
    world.style.transform = "none";
    const all = { left: 0, top: 0, right: width, bottom: height };
    render(state.scene, { k: 1 }, state.scene.boxes.length > 3 * MANY ? all : null);
    layers.marks.replaceChildren();
  } else {
    svg.removeAttribute("viewBox");
    applyView();
    redraw();
  }
}

matchMedia("print").addEventListener("change", (event) => toPaper(event.matches));
addEventListener("beforeprint", () => toPaper(true));
addEventListener("afterprint", () => toPaper(false));
