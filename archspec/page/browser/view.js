// View: which part of the picture is seen, and how large. On the screen a point (x, y) of it stands at
// (view.k * x + view.x, view.k * y + view.y).

const stage = document.getElementById("stage");
const view = { x: 0, y: 0, k: 1 };
const LIMITS = [0.01, 8];
const EDGE = 12; // kept free round what is fitted into the window
const FOOT = 48; // kept free below it, where the zoom is
const AROUND = 0.4; // how far beyond the window boxes are drawn, in windows
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let frameAsked = false;
let marked = 0; // the scale at which the marks were drawn

function areaInView(beyond) {
  const [w, h] = [stage.clientWidth / view.k, stage.clientHeight / view.k];
  const [x, y] = [-view.x / view.k, -view.y / view.k];
  return { left: x - w * beyond, top: y - h * beyond, right: x + w * (1 + beyond), bottom: y + h * (1 + beyond) };
}

// Moves the world, and draws anew once the window leaves what is drawn.
function applyView() {
  world.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
  stage.style.setProperty("--dot", `${24 * Math.max(view.k, 0.25)}px`);
  document.getElementById("scale").textContent = `${Math.round(100 * view.k)} %`;
  moveMap();
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(() => {
    frameAsked = false;
    if (!stillDrawn()) redraw();
    else if (marked !== view.k) drawMarks();
  });
}

// Whether what is drawn serves the view: it reaches as far, at about this scale.
function stillDrawn() {
  const [seen, drawn] = [areaInView(0), shown.area];
  if (!drawn || (shown.near && view.k < NEAREST_TEXT)) return false;
  if (!shown.near && view.k >= NEAREST_TEXT && (shown.scale < NEAREST_TEXT || view.k > 1.2 * shown.scale)) return false;
  const across = seen.left >= drawn.left && seen.right <= drawn.right;
  const finer = drawn.right - drawn.left > 4 * (1 + 2 * AROUND) * (seen.right - seen.left);
  return across && seen.top >= drawn.top && seen.bottom <= drawn.bottom && !finer;
}

function redraw() {
  render(state.scene, view, areaInView(AROUND));
  drawMarks();
}

function drawMarks() {
  marked = view.k;
  renderMarks(state.scene, view);
}

function zoomAt(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const k = Math.min(Math.max(view.k * factor, LIMITS[0]), LIMITS[1]);
  view.x = x - ((x - view.x) * k) / view.k;
  view.y = y - ((y - view.y) * k) / view.k;
  view.k = k;
  applyView();
}

function panBy(dx, dy) {
  view.x += dx;
  view.y += dy;
  applyView();
}

// The whole picture in the window, no smaller than `least`: what is too large then goes on to the right or below.
function fit(least = LIMITS[0]) {
  const { width, height } = state.scene;
  const [w, h] = [stage.clientWidth - 2 * EDGE, stage.clientHeight - EDGE - FOOT];
  const whole = Math.min(w / Math.max(width, 1), h / Math.max(height, 1), SIGHT.largest);
  view.k = Math.min(Math.max(whole, least, LIMITS[0]), LIMITS[1]);
  view.x = Math.max((stage.clientWidth - width * view.k) / 2, EDGE);
  view.y = Math.max(EDGE + (h - height * view.k) / 2, EDGE);
  applyView();
}

const fitAll = () => glide(fit);

// Moves as little as brings a place into the window; what does not fit shows its upper left corner.
function reveal(place, { margin = 40, readable = false } = {}) {
  if (readable && view.k < NEAREST_TEXT * 1.5) {
    view.k = 1;
    view.x = stage.clientWidth / 2 - (place.x + place.width / 2);
    view.y = stage.clientHeight / 2 - (place.y + place.height / 2);
  }
  const step = (start, size, room, offset) => {
    const from = start * view.k + offset;
    const to = from + size * view.k;
    const keep = Math.min(margin, room / 4);
    if (from >= keep && to <= room - keep) return 0;
    if (size * view.k > room - 2 * keep || from < keep) return keep - from;
    return room - keep - to;
  };
  view.x += step(place.x, place.width, stage.clientWidth, view.x);
  view.y += step(place.y, place.height, stage.clientHeight, view.y);
  applyView();
}

// Runs `change` so that what stays on the page moves there instead of jumping.
function glide(change) {
  const still = calm.matches || shown.boxes.size > 400;
  if (!still) {
    svg.classList.add("gliding");
    clearTimeout(glide.timer);
    glide.timer = setTimeout(() => svg.classList.remove("gliding"), 220);
  }
  change();
}

// -- pointers ----------------------------------------------------------------------------------------------------------

const pointers = new Map();
let pressed = null;

function pointIn(event) {
  const box = stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// What is at a point of the window: an item, and whether it is its mark or its title.
function hit(x, y) {
  const [px, py] = [(x - view.x) / view.k, (y - view.y) / view.k];
  const reach = Math.max(TOGGLE + 1, Math.min(11 / view.k, 2 * TOGGLE));
  const within = ({ x: left, y: top, width, height }) => (
    px >= left && px <= left + width && py >= top && py <= top + height
  );
  let found = { item: ROOT, part: "" };
  for (const place of state.scene.frames) {
    if (Math.hypot(px - place.x - 6, py - place.y - 7) <= reach) return { item: place.item, part: "toggle" };
    if (within(place)) found = { item: place.item, part: py <= place.y + FRAME.top ? "title" : "inside" };
  }
  for (const place of state.scene.boxes) {
    const at = body(place);
    if (items[place.item].block && shown.near && Math.hypot(px - at.x, py - at.y) <= reach) {
      return { item: place.item, part: "toggle" };
    }
    if (within(at)) return { item: place.item, part: "body" };
  }
  return found;
}

stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 16 : 1;
  svg.classList.remove("gliding");
  if (event.ctrlKey || event.metaKey) zoomAt(Math.exp(-event.deltaY * lines * 0.01), ...pointIn(event));
  else if (event.shiftKey && !event.deltaX) panBy(-event.deltaY * lines, 0);
  else panBy(-event.deltaX * lines, -event.deltaY * lines);
}, { passive: false });

svg.addEventListener("pointerdown", (event) => {
  if (event.button > 1) return;
  svg.classList.remove("gliding");
  svg.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, pointIn(event));
  pressed = pointers.size === 1 ? { at: pointIn(event), moved: false } : null;
  hideTip();
});

svg.addEventListener("pointermove", (event) => {
  const now = pointIn(event);
  const before = pointers.get(event.pointerId);
  if (!before) {
    if (event.pointerType !== "touch") hover(...now);
    return;
  }
  if (pointers.size === 2) {
    const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
    const spread = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    panBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    zoomAt(spread(now) / Math.max(spread(before), 1), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  } else {
    if (pressed && Math.hypot(now[0] - pressed.at[0], now[1] - pressed.at[1]) > 4) pressed.moved = true;
    if (!pressed || pressed.moved) {
      svg.classList.add("dragging");
      panBy(now[0] - before[0], now[1] - before[1]);
    }
  }
  pointers.set(event.pointerId, now);
});

for (const name of ["pointerup", "pointercancel"]) {
  svg.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    svg.classList.remove("dragging");
    if (name === "pointerup" && pressed && !pressed.moved) click(event);
    if (!pointers.size) pressed = null;
  });
}

svg.addEventListener("pointerleave", () => hover(-1, -1));

function click(event) {
  const { item, part } = hit(...pointIn(event));
  const again = event.timeStamp - (click.last?.time ?? -Infinity) < 400 && click.last.item === item;
  click.last = again ? null : { time: event.timeStamp, item };
  if (item === ROOT) {
    select(ROOT);
  } else if (part === "toggle" || part === "title" || (again && items[item].block)) {
    click.last = null;
    toggle(item);
  } else {
    select(item, { source: true });
  }
  if (event.pointerType === "touch" && state.selected !== ROOT) showTip(state.selected);
}
