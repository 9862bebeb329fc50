// Main: what is open and selected, and everything that follows from it.

const state = { open: new Set(data.opened), selected: ROOT, hovered: ROOT, found: [], foundAt: 0, scene: null };
const opened = [...state.open].sort((a, b) => a - b).join();

// The item itself where it can be seen, else the innermost closed block around it.
function visible(item) {
  let at = item;
  for (const outer of around(item)) if (!state.open.has(outer)) at = outer;
  return at;
}

// -- opening and closing -----------------------------------------------------------------------------------------------

function rearrange(changed) {
  for (const item of changed) forget(item);
  state.scene = unfold(state.open);
  if (state.selected !== ROOT) state.selected = visible(state.selected);
  state.hovered = ROOT;
}

// Opens or closes a block; it stays where it is on the screen, and what is around it makes room.
function toggle(item) {
  const before = state.scene.places.get(item);
  if (state.open.has(item)) state.open.delete(item);
  else state.open.add(item);
  hideTip();
  glide(() => {
    rearrange([item]);
    const after = state.scene.places.get(item);
    view.x += (before.x - after.x) * view.k;
    view.y += (before.axis - after.axis) * view.k;
    const wide = Math.max(after.width / (stage.clientWidth - 80), after.height / (stage.clientHeight - 80));
    if (after.open && wide * view.k > 1) zoomAt(Math.max(1 / (wide * view.k), Math.min(1, 0.55 / view.k)));
    reveal(after);
    redraw();
  });
  refreshTable();
  select(item, { source: true, step: true });
}

function setOpen(wanted) {
  const changed = blockItems.filter((item) => state.open.has(item) !== wanted.has(item));
  if (!changed.length) return false;
  state.open = new Set(wanted);
  rearrange(changed);
  redraw();
  refreshTable();
  return true;
}

function openAll() {
  if (setOpen(new Set(blockItems))) afterAll();
}

function closeAll() {
  if (setOpen(new Set())) afterAll();
}

function afterAll() {
  hideTip();
  fitAll();
  select(state.selected, { source: true, step: true });
}

// -- selecting -----------------------------------------------------------------------------------------------------------

function select(
  item,
  { source = false, reveal: revealing = false, readable = false, keepFound = false, step: isStep = false } = {},
) {
  state.selected = item;
  if (item === ROOT && !keepFound) setFound([], "");
  const place = state.scene.places.get(item);
  if (place && revealing) {
    glide(() => {
      reveal(place.open ? { ...place, height: Math.min(place.height, FRAME.top * 3) } : place, { readable });
      redraw();
    });
  } else {
    redraw();
  }
  const element = shown.boxes.get(item) ?? shown.frames.get(item);
  if (element) svg.setAttribute("aria-activedescendant", element.id);
  else svg.removeAttribute("aria-activedescendant");
  for (const group of world.querySelectorAll("[aria-selected]")) group.removeAttribute("aria-selected");
  element?.setAttribute("aria-selected", "true");
  document.getElementById("said").textContent = place ? inWords(items[item]) : "";
  crumbs(item);
  showRow();
  showPlaces(source);
  remember(isStep);
}

// Shows an item, opening what is around it.
function goToItem(item) {
  const wanted = new Set([...state.open, ...around(item)]);
  const opens = setOpen(wanted);
  select(item, { source: true, reveal: true, readable: true, keepFound: true, step: opens });
  tellFound();
}

function setFound(found, what) {
  state.found = found;
  state.foundAt = 0;
  state.foundWhat = what;
  tellFound();
  if (state.scene) drawMarks();
}

function tellFound() {
  const { found, foundAt, foundWhat } = state;
  const note = document.getElementById("found");
  note.hidden = found.length < 2;
  note.querySelector("span").textContent = `${foundWhat}${foundAt + 1} of ${exact(found.length)}`;
}

// The path of the selection, each block around it a button.
function crumbs(item) {
  const trail = document.getElementById("crumbs");
  const path = item === ROOT ? [] : [...around(item)].reverse().concat(item);
  trail.replaceChildren(
    ...(path.length ? [] : [data.footnote]),
    ...path.map((each) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = items[each].name;
      button.addEventListener("click", () => select(each, { source: true, reveal: true }));
      return button;
    }),
  );
}

// -- state in the address ------------------------------------------------------------------------------------------------

const LONGEST = 1500; // letters of a list of open blocks; beyond it, a bit for each block

function written() {
  const parts = [];
  const open = [...state.open].sort((a, b) => a - b);
  if (open.join() !== opened) parts.push(`open=${writtenOpen(open)}`);
  if (state.selected !== ROOT) parts.push(`at=${encoded(items[state.selected].key)}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

const encoded = (key) => encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%40", "@");

function writtenOpen(open) {
  if (open.length === blockItems.length) return "*";
  const list = open.map((item) => encoded(items[item].key)).join(",");
  if (list.length <= LONGEST) return list;
  const bytes = new Uint8Array(Math.ceil(blockItems.length / 8));
  blockItems.forEach((item, index) => {
    if (state.open.has(item)) bytes[index >> 3] |= 1 << (index & 7);
  });
  return `~${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

function readOpen(text) {
  if (text === "*") return new Set(blockItems);
  if (!text.startsWith("~")) {
    const keys = text ? text.split(",").map(decodeURIComponent) : [];
    return new Set(keys.map((key) => byKey.get(key)).filter((item) => item !== undefined && items[item].block));
  }
  const bytes = atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
  return new Set(blockItems.filter((_, index) => bytes.charCodeAt(index >> 3) & (1 << (index & 7))));
}

// Writes the state into the address; what opens or closes is a step that the back button takes back.
function remember(isStep) {
  const hash = written();
  if (hash === location.hash) return;
  const url = hash || location.pathname + location.search;
  try {
    history[isStep ? "pushState" : "replaceState"](null, "", url);
  } catch {
    // A page without an address of its own has no history to write to.
  }
}

// Takes the state from the address; what it names that is not there is left out.
function recall() {
  const parts = new Map(location.hash.slice(1).split("&").map((each) => each.split(/=(.*)/s, 2)));
  let wanted = new Set(data.opened);
  let at;
  try {
    if (parts.has("open")) wanted = readOpen(parts.get("open"));
    if (parts.has("at")) at = byKey.get(decodeURIComponent(parts.get("at")));
  } catch {
    // An address that someone cut or mistyped says nothing.
  }
  setOpen(wanted);
  return at === undefined ? ROOT : visible(at);
}

addEventListener("popstate", () => select(recall(), { source: true, reveal: true }));

// -- the window ----------------------------------------------------------------------------------------------------------

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

// -- printing: the whole picture on one page, in light colours -------------------------------------------------------------

function toPaper(yes) {
  if (yes === svg.classList.contains("paper")) return;
  svg.classList.toggle("paper", yes);
  const { width, height } = state.scene;
  if (yes) {
    svg.setAttribute("viewBox", `-4 -4 ${fixed(width + 8)} ${fixed(height + 8)}`);
    world.style.transform = "none";
    render(state.scene, { k: 1 }, state.scene.boxes.length > 3 * MANY ? { left: 0, top: 0, right: width, bottom: height } : null);
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

// -- start -----------------------------------------------------------------------------------------------------------------

setTheme(data.scheme === "dark" || (data.scheme === "auto" && system.matches));
system.addEventListener("change", (event) => data.scheme === "auto" && setTheme(event.matches));
makeBar();
makeLegend();
makeHead();
makeSources();
makeDivider("divider", "--pane", {
  at: (event) => innerWidth - event.clientX,
  now: () => document.getElementById("pane").offsetWidth,
  room: () => innerWidth,
});
makeDivider("split", "--table", {
  at: (event) => event.clientY - document.getElementById("pane").getBoundingClientRect().top,
  now: () => document.getElementById("blocks").offsetHeight,
  room: () => document.getElementById("pane").offsetHeight,
});
state.scene = unfold(state.open);
const start = recall();
fit({ x: 0, y: 0, width: state.scene.width, height: state.scene.height });
refreshTable();
select(start, { source: true, reveal: start !== ROOT });
new ResizeObserver(() => {
  redraw();
  drawRows();
}).observe(stage);
