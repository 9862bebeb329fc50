// Picture: the scene as SVG. Near, every box is an element with all its text, and only what is in view is in the page;
// far, where type could not be read anyway, boxes are drawn together, one path for each paint.

const SVG = "http://www.w3.org/2000/svg";
const NEAREST_TEXT = 0.4; // scale below which no type can be read
const MANY = 900; // boxes in view above which they are drawn together
const CORNER = data.corner;
const ARROW = data.arrow;
const [BLOCK, DETAIL, COUNTS] = data.fonts;
const TOGGLE = 3.9; // radius of the mark that opens and closes
const TITLE_GAP = 4; // between the title of a frame and its counts

const svg = document.getElementById("picture");
const world = svg.appendChild(made("g", { id: "world" }));
const layers = Object.fromEntries(
  ["frames", "groups", "lines", "boxes", "marks"].map((name) => [name, world.appendChild(made("g", { id: name }))]),
);
const shown = { boxes: new Map(), frames: new Map(), near: true, area: null, scale: 1 };
const glyphElements = new Map();

function made(name, attributes = {}, text = null) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
}

const fixed = (value) => Math.round(value * 100) / 100;

// -- glyphs ------------------------------------------------------------------------------------------------------------

// A glyph stands with its axis at y = 0 and its middle at x = 0: [width, top, bottom, shapes].
function glyphElement(glyph) {
  let group = glyphElements.get(glyph);
  if (!group) {
    group = made("g");
    for (const shape of glyph[3]) group.append(shapeElement(shape));
    glyphElements.set(glyph, group);
  }
  return group.cloneNode(true);
}

function shapeElement([form, ...rest]) {
  if (form === "r") {
    const [x, y, width, height, rx, paint] = rest;
    return made("rect", { x, y, width, height, rx, class: `p${paint}` });
  }
  if (form === "y") return made("polygon", { points: rest[0], class: `p${rest[1]}` });
  if (form === "c") return made("circle", { cx: rest[0], cy: rest[1], r: rest[2], class: `p${rest[3]}` });
  if (form === "d") return made("path", { d: rest[0], class: `p${rest[1]}` });
  const [x, y, text, size, paint, look, length] = rest;
  const attributes = { x, y, "font-size": size, class: `p${paint}` };
  if (look & 1) attributes["font-weight"] = "bold";
  if (look & 2) attributes.transform = `rotate(-90 ${x} ${y})`;
  if (look & 12) attributes["text-anchor"] = look & 4 ? "middle" : "end";
  if (text) Object.assign(attributes, { textLength: length, lengthAdjust: "spacingAndGlyphs" });
  return made("text", attributes, text);
}

// A bar stretches: what lies above its axis goes up, what lies below goes down, what is across grows.
function stretchBar(group, glyph, place) {
  const up = place.above + glyph[1];
  const down = place.below - glyph[2];
  [...group.children].forEach((element, index) => {
    const [form, , y, , height] = glyph[3][index];
    if (form === "r") {
      const top = y < 0 ? y - up : y + down;
      const bottom = y + height < 0 ? y + height - up : y + height + down;
      element.setAttribute("y", fixed(top));
      element.setAttribute("height", fixed(bottom - top));
    } else {
      const by = form === "t" && y > glyph[2] ? down : (down - up) / 2;
      element.setAttribute("transform", `translate(0 ${fixed(by)}) ${element.getAttribute("transform") ?? ""}`);
    }
  });
}

// The body of a box, without captions: what is outlined and what a click hits.
function body(place) {
  const { glyph } = items[place.item];
  const stretched = glyph[4];
  const top = stretched ? -place.above : glyph[1];
  const bottom = stretched ? place.below : glyph[2];
  return { x: place.x, y: place.axis + top, width: glyph[0], height: bottom - top };
}

// -- drawing -----------------------------------------------------------------------------------------------------------

// Brings the page in line with the scene and the view.
function render(scene, view, area) {
  const inside = area ? scene.boxes.filter((place) => meets(place, area, (place.label - place.width) / 2)) : scene.boxes;
  const near = !area || (view.k >= NEAREST_TEXT && inside.length <= MANY);
  Object.assign(shown, { near, area, scale: view.k });
  svg.classList.toggle("far", !near);
  world.querySelectorAll(".together").forEach((element) => element.remove());
  syncFrames(scene, area, near);
  syncBoxes(scene, near ? inside : inside.filter((place) => place.item === state.selected), near);
  if (!near) {
    const frames = scene.frames.filter((place) => meets(place, area));
    drawTogether(inside, frames);
    drawLandmarks(frames, view);
  }
  layers.groups.replaceChildren(...(near ? groupElements(scene) : []));
  drawLines(scene, area, near);
}

function meets(place, area, overhang = 0) {
  return place.x - overhang < area.right && place.x + place.width + overhang > area.left
    && place.y < area.bottom && place.y + place.height > area.top;
}

function syncBoxes(scene, places, near) {
  const wanted = new Set(places.map((place) => place.item));
  for (const [item, group] of shown.boxes) {
    if (!wanted.has(item)) {
      group.remove();
      shown.boxes.delete(item);
    }
  }
  let next = layers.boxes.firstChild;
  for (const place of places) {
    let group = shown.boxes.get(place.item);
    if (!group) {
      group = boxElement(place);
      shown.boxes.set(place.item, group);
    }
    const { glyph } = items[place.item];
    if (glyph[4]) {
      group.replaceChildren(...glyphElement(glyph).children);
      paintHeat(group, items[place.item]);
      stretchBar(group, glyph, place);
    }
    group.style.transform = `translate(${fixed(place.x + glyph[0] / 2)}px, ${fixed(place.axis)}px)`;
    // In order, so that what reads the picture aloud goes with the flow; what stays is not moved, so that it can glide.
    if (group === next) next = next.nextSibling;
    else layers.boxes.insertBefore(group, next);
  }
}

// Takes away all boxes, so that they are made anew.
function forgetBoxes() {
  for (const group of shown.boxes.values()) group.remove();
  shown.boxes.clear();
}

function boxElement(place) {
  const item = items[place.item];
  const group = glyphElement(item.glyph);
  describe(group, item, "box");
  paintHeat(group, item);
  if (item.block) {
    group.setAttribute("aria-expanded", "false");
    const [width, top] = item.glyph;
    group.append(toggleMark(-width / 2, top, true));
  }
  return group;
}

function describe(group, item, kind) {
  group.id = `${kind}-${item.index}`;
  group.setAttribute("class", kind);
  group.setAttribute("role", "treeitem");
  group.setAttribute("aria-level", item.depth + 1);
  group.setAttribute("aria-label", inWords(item));
  group.dataset.path = item.key;
}

function inWords(item) {
  const figures = [item.params ? `${short(item.params)} params` : "", item.macs ? `${short(item.macs)} MACs` : ""];
  return [item.path, item.says, item.shape, ...figures, item.training ? "in training only" : "", item.happened].filter(Boolean).join(", ");
}

function toggleMark(x, y, closed) {
  const mark = made("g", { class: "toggle", transform: `translate(${fixed(x)} ${fixed(y)})` });
  mark.append(made("circle", { r: TOGGLE }), made("path", { d: closed ? "M-2 0H2M0-2V2" : "M-2 0H2" }));
  return mark;
}

function syncFrames(scene, area, near) {
  const places = near ? scene.frames.filter((place) => !area || meets(place, area)) : [];
  const wanted = new Set(places.map((place) => place.item));
  for (const [item, group] of shown.frames) {
    if (!wanted.has(item)) {
      group.remove();
      shown.frames.delete(item);
    }
  }
  let next = layers.frames.firstChild;
  for (const place of places) {
    let group = shown.frames.get(place.item);
    if (!group) {
      group = frameElement(place);
      shown.frames.set(place.item, group);
    }
    group.style.transform = `translate(${fixed(place.x)}px, ${fixed(place.y)}px)`;
    group.firstChild.setAttribute("width", fixed(place.width));
    group.firstChild.setAttribute("height", fixed(place.height));
    if (group === next) next = next.nextSibling;
    else layers.frames.insertBefore(group, next);
  }
}

function frameElement(place) {
  const item = items[place.item];
  const group = made("g");
  describe(group, item, "frame");
  group.setAttribute("aria-expanded", "true");
  const length = item.block.titleWidth + (item.block.counts ? TITLE_GAP : 0);
  const title = made("text", { x: 12, y: 9.4, "font-size": DETAIL, textLength: length, lengthAdjust: "spacingAndGlyphs" });
  title.append(made("tspan", { class: "name" }, item.block.title));
  if (item.block.counts) title.append(made("tspan", { class: "figures", dx: TITLE_GAP, "font-size": COUNTS }, item.block.counts));
  group.append(made("rect", { rx: 3, class: `p${item.frame}` }), title, toggleMark(6, 7, false));
  return group;
}

// Boxes, and frames behind them, as one path for each paint.
function drawTogether(places, frames) {
  if (frames.length) {
    // From the outside in, runs of one paint as one path, so that none covers what is in it.
    let path = null;
    for (const { item, x, y, width, height } of frames) {
      const name = `together p${items[item].frame}`;
      if (path?.getAttribute("class") !== name) path = layers.frames.appendChild(made("path", { d: "", class: name }));
      path.setAttribute("d", path.getAttribute("d") + rectanglePath(x, y, width, height));
    }
  }
  const paths = new Map();
  for (const place of places) {
    const item = items[place.item];
    const step = heatStep(item);
    for (const [paint, d] of outline(place, item.glyph)) {
      const name = step < 0 ? `p${paint}` : `heated h${step}`;
      paths.set(name, (paths.get(name) ?? "") + d);
    }
  }
  const together = [...paths].sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
  layers.boxes.prepend(...together.map(([name, d]) => made("path", { d, class: `together ${name}` })));
}

// From afar, the names of open blocks that are large enough, in type that can be read at any scale.
function drawLandmarks(frames, view) {
  const size = 11 / view.k;
  const taken = [];
  for (const place of frames) {
    const { title } = items[place.item].block;
    const width = title.length * size * 0.58;
    const at = { x: place.x + size * 0.4, y: place.y, width, height: size * 1.2 };
    if (width + size * 0.8 > place.width || place.height < 2 * size || taken.length > 300) continue;
    const area = { left: at.x, top: at.y, right: at.x + width, bottom: at.y + at.height };
    if (taken.some((other) => meets(other, area))) continue;
    taken.push(at);
    const attributes = { x: fixed(at.x), y: fixed(at.y + size), "font-size": fixed(size) };
    attributes["stroke-width"] = fixed(size * 0.3);
    layers.marks.before(made("text", { ...attributes, class: "together landmark" }, title));
  }
}

// The shapes of a box without its text.
function* outline(place, glyph) {
  const x = place.x + glyph[0] / 2;
  const y = place.axis;
  if (glyph[4]) {
    yield [glyph[3][0].at(-1), rectanglePath(place.x, y - place.above, glyph[0], place.above + place.below)];
    return;
  }
  for (const [form, ...rest] of glyph[3]) {
    if (form === "r") yield [rest[5], rectanglePath(x + rest[0], y + rest[1], rest[2], rest[3])];
    if (form === "y") {
      const points = rest[0].split(" ").map((point) => point.split(",").map(Number));
      yield [rest[1], `M${points.map(([px, py]) => `${fixed(px + x)} ${fixed(py + y)}`).join("L")}Z`];
    }
    if (form === "c") {
      const [cx, cy, r, paint] = rest;
      yield [paint, `M${fixed(x + cx - r)} ${fixed(y + cy)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`];
    }
  }
}

function rectanglePath(x, y, width, height) {
  return `M${fixed(x)} ${fixed(y)}h${fixed(width)}v${fixed(height)}h${fixed(-width)}z`;
}
