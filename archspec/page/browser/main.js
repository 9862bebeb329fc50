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
  findHottest();
  drawMap();
  if (state.selected !== ROOT) state.selected = visible(state.selected);
  fillTable();
  state.hovered = ROOT;
}

// Opens or closes a block; it stays where it is on the screen, and what is around it makes room.
function toggle(item) {
  const before = state.scene.places.get(item);
  const opens = !state.open.has(item);
  const changed = togetherWith(item);
  for (const each of changed) {
    if (opens) state.open.add(each);
    else state.open.delete(each);
  }
  hideTip();
  glide(() => {
    rearrange(changed);
    const after = state.scene.places.get(item);
    view.x += (before.x - after.x) * view.k;
    view.y += (before.axis - after.axis) * view.k;
    const wide = Math.max(after.width / (stage.clientWidth - 80), after.height / (stage.clientHeight - 80));
    if (after.open && wide * view.k > 1) zoomAt(Math.max(1 / (wide * view.k), Math.min(1, 0.55 / view.k)));
    reveal(after);
  });
  select(item, { source: true, step: true });
}

// What opens and closes with an item: of a difference, what corresponds to it in the other network; not a whole network.
function togetherWith(item) {
  const { partner, parent } = items[item];
  return partner !== ROOT && parent !== ROOT && items[partner].block ? [item, partner] : [item];
}

// Opens and closes what differs from `wanted`; what is selected then is drawn by `select`.
function setOpen(wanted) {
  const changed = blockItems.filter((item) => state.open.has(item) !== wanted.has(item));
  if (!changed.length) return false;
  state.open = new Set(wanted);
  rearrange(changed);
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
  if (item === ROOT && !keepFound) setFound(changedItems, "Change ");
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

// -- start -----------------------------------------------------------------------------------------------------------

setTheme(data.scheme === "dark" || (data.scheme === "auto" && system.matches));
system.addEventListener("change", (event) => data.scheme === "auto" && setTheme(event.matches));
makeBar();
makeHeat();
makeLegend();
makeHead();
makeSources();
firstSight();
makeDividers();
const start = recall();
firstSight();
drawMap();
fillTable();
select(start, { source: true, reveal: start !== ROOT });
if (changedItems.length) setFound(changedItems, "Change ");
// A page in what is folded, as in a notebook, has no size at first, and is laid out when it gets one.
let unseen = !stage.clientWidth;
new ResizeObserver(() => {
  if (unseen && stage.clientWidth) {
    unseen = false;
    firstSight();
    drawMap();
  }
  redraw();
  drawRows();
}).observe(stage);
