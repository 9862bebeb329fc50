// Keys: moving along the flow, and all else without a pointer.

const help = document.getElementById("help");

// The item before or behind the selection in the flow. An open block is a stop before what is in it.
function along(step) {
  const { order, places } = state.scene;
  const selected = places.get(state.selected);
  if (!selected) return step > 0 ? order[0] : order[order.length - 1];
  if (step > 0 && selected.open) return items[selected.item].block.children[0];
  let at = selected.item;
  while (at !== ROOT) {
    const next = linked(at, step);
    if (next !== ROOT) return step > 0 ? next : lastIn(next);
    if (step < 0) return items[at].parent;
    at = items[at].parent;
  }
  return ROOT;
}

// Where the flow goes on from an item within its container: the neighbour nearest to its height, flow before skips.
function linked(item, step) {
  const { lines, places } = state.scene;
  const here = places.get(item);
  let best = ROOT;
  let least = Infinity;
  for (const line of lines) {
    const [from, to] = step > 0 ? [line.tail, line.head] : [line.head, line.tail];
    if (from !== item || to === ROOT) continue;
    const cost = Math.abs(places.get(to).axis - here.axis) + (line.kind ? 1e6 : 0);
    if (cost < least) [best, least] = [to, cost];
  }
  return best;
}

// An open block is entered from behind at the last of its items.
function lastIn(item) {
  let at = item;
  while (state.open.has(at)) {
    const { sheets: [sheet], children } = items[at].block;
    const leaving = sheet.lines.find((line) => line.head === ROOT && line.tail !== ROOT);
    at = leaving ? children[leaving.tail] : children[children.length - 1];
  }
  return at;
}

// The nearest box above or below, as far as possible in the same column.
function across(step) {
  const selected = state.scene.places.get(state.selected);
  if (!selected) return along(1);
  const middle = selected.x + selected.width / 2;
  let best = ROOT;
  let least = Infinity;
  for (const place of state.scene.boxes) {
    const dy = step * (place.axis - selected.axis);
    if (dy < 4 || place.item === selected.item) continue;
    const dx = Math.max(0, Math.abs(place.x + place.width / 2 - middle) - place.width / 2);
    const cost = dy + 3 * dx;
    if (cost < least) [best, least] = [place.item, cost];
  }
  return best;
}

function move(next) {
  if (next === ROOT || next === undefined) return;
  select(next, { source: true, reveal: true, readable: true });
  showTip(next);
}

// The next or the previous of what was found, or of what is written on the line that was clicked.
function step(by) {
  const { found } = state;
  if (!found.length) return;
  state.foundAt = (state.foundAt + by + found.length) % found.length;
  goToItem(found[state.foundAt]);
}

const PICTURE_KEYS = {
  ArrowRight: () => move(along(1)),
  ArrowLeft: () => move(along(-1)),
  ArrowDown: () => move(across(1)),
  ArrowUp: () => move(across(-1)),
  Home: () => move(state.scene.order[0]),
  End: () => move(state.scene.order.at(-1)),
  Enter: () => items[state.selected]?.block && toggle(state.selected),
  " ": () => items[state.selected]?.block && toggle(state.selected),
  Backspace: () => {
    const outer = items[state.selected]?.parent ?? ROOT;
    if (outer !== ROOT) toggle(outer);
  },
};

const PAGE_KEYS = {
  "/": () => query.select(),
  n: () => step(1),
  N: () => step(-1),
  "+": () => glide(() => zoomAt(1.25)),
  "=": () => glide(() => zoomAt(1.25)),
  "-": () => glide(() => zoomAt(0.8)),
  0: fitAll,
  o: () => openAll(),
  c: () => closeAll(),
  d: () => switchTheme(),
  t: () => togglePane(),
  h: () => nextHeat(),
  s: () => toggleShapes(),
  m: () => toggleMap(),
  p: () => pin(state.selected),
  y: () => copySvg(),
  Y: () => copyPng(),
  "?": () => showHelp(help.hidden),
  Escape: () => {
    if (!help.hidden) return showHelp(false);
    hideTip();
    select(ROOT);
  },
};

svg.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Tab") {
    // With a selection Tab moves it on to the end of the picture; without one it leaves, as it does everywhere.
    const at = state.scene.order.indexOf(state.selected);
    const next = state.scene.order[at + (event.shiftKey ? -1 : 1)];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    move(next);
    return;
  }
  const action = PICTURE_KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
});

svg.addEventListener("focus", () => {
  if (!svg.matches(":focus-visible") || pressed) return;
  if (state.selected === ROOT) move(state.scene.order[0]);
});
svg.addEventListener("blur", hideTip);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  // Before anything has the focus the picture's keys work, too; the first of them gives it the focus.
  const fresh = document.activeElement === document.body && help.hidden;
  const action = PAGE_KEYS[event.key] ?? (fresh ? PICTURE_KEYS[event.key] : undefined);
  if (!action) return;
  event.preventDefault();
  action();
  if (fresh && PICTURE_KEYS[event.key]) svg.focus({ preventScroll: true });
});

function showHelp(yes) {
  help.hidden = !yes;
  if (yes) help.querySelector("button").focus();
  else svg.focus({ preventScroll: true });
}
help.addEventListener("click", (event) => {
  if (event.target === help || event.target.closest("button")) showHelp(false);
});
help.addEventListener("keydown", (event) => {
  if (event.key === "Tab") event.preventDefault();
});
