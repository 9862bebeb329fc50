// Lines: the ways between boxes, one path for each paint, and the marks over the picture.

const KINDS = ["flow", "residual", "skip"];

function drawLines(scene, area, near) {
  const groups = new Map();
  const labels = [];
  for (const line of scene.lines) {
    if (area && !meets(bounds(line), area)) continue;
    const key = `${line.kind} ${line.paint}`;
    if (!groups.has(key)) groups.set(key, { kind: line.kind, paint: line.paint, d: "", heads: "", count: 0 });
    const group = groups.get(key);
    group.d += linePath(line, near);
    if (line.arrow && near) group.heads += arrowPath(line.points);
    group.count += 1;
    if (line.label && near) labels.push(line);
  }
  const elements = [];
  for (const { kind, paint, d, heads, count } of [...groups.values()].sort((a, b) => a.kind - b.kind)) {
    const line = made("path", { d, class: `line p${paint} ${KINDS[kind]}`, "data-count": count });
    elements.push(line, made("path", { d: heads, class: `head s${paint}` }));
  }
  elements.push(...labelElements(labels, scene));
  if (near) elements.push(...shapeElements(scene.lines.filter((line) => !area || meets(bounds(line), area))));
  layers.lines.replaceChildren(...elements);
}

function bounds(line) {
  if (!line.box) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of line.points) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    line.box = { x: left - 4, y: top - 4, width: right - left + 8, height: bottom - top + 8 };
  }
  return line.box;
}

const spot = ([x, y]) => `${fixed(x)} ${fixed(y)}`;

function linePath(line, near) {
  const points = line.arrow && near ? shortened(line.points) : line.points;
  let d = `M${spot(points[0])}`;
  for (let i = 1; i + 1 < points.length; i += 1) {
    if (near) {
      const arrive = towards(points[i], points[i - 1]);
      const depart = towards(points[i], points[i + 1]);
      d += `L${spot(arrive)}Q${spot(points[i])} ${spot(depart)}`;
    } else {
      d += `L${spot(points[i])}`;
    }
  }
  return `${d}L${spot(points[points.length - 1])}`;
}

// The point CORNER away from `from` on the way to `to`; half way where that is nearer.
function towards(from, to) {
  const length = Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]);
  const share = length ? Math.min(CORNER / length, 0.5) : 0;
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function direction(points) {
  const [x, y] = points[points.length - 1];
  for (let i = points.length - 2; i >= 0; i -= 1) {
    const length = Math.hypot(x - points[i][0], y - points[i][1]);
    if (length > 0.5) return [(x - points[i][0]) / length, (y - points[i][1]) / length];
  }
  return [1, 0];
}

function shortened(points) {
  const [ux, uy] = direction(points);
  const end = points[points.length - 1];
  return [...points.slice(0, -1), [end[0] - ux * ARROW[0] * 0.8, end[1] - uy * ARROW[0] * 0.8]];
}

function arrowPath(points) {
  const [ux, uy] = direction(points);
  const [x, y] = points[points.length - 1];
  const [bx, by] = [x - ux * ARROW[0], y - uy * ARROW[0]];
  const [sx, sy] = [(-uy * ARROW[1]) / 2, (ux * ARROW[1]) / 2];
  return `M${fixed(x)} ${fixed(y)}L${fixed(bx + sx)} ${fixed(by + sy)}L${fixed(bx - sx)} ${fixed(by - sy)}Z`;
}

const LABEL = { off: 3, widest: 1.2, shares: [0.5, 0.3, 0.7, 0.15, 0.85] }; // points off; of a wide font; along

// The names on lines: none on another or on a box, nor on a line where there is room; left out where there is none.
function* labelElements(lines, scene) {
  const taken = [];
  for (const line of lines) {
    const around = bounds(line);
    const reach = line.label.length * COUNTS;
    const area = {
      left: around.x - reach, right: around.x + around.width + reach,
      top: around.y - reach, bottom: around.y + around.height + reach,
    };
    const boxes = scene.boxes.map(body).filter((box) => meets(box, area)).map(edges);
    const ways = scene.lines.filter((other) => meets(bounds(other), area)).flatMap(pieces);
    const free = (place, others) => !others.some((other) => meets(place, other));
    const places = [...labelPlaces(line)].filter((place) => free(place, taken) && free(place, boxes));
    const place = places.find((each) => free(each, ways)) ?? places[0];
    if (!place) continue;
    taken.push(edges(place));
    const attributes = { x: fixed(place.x + place.width / 2), y: fixed(place.y + place.height), "font-size": COUNTS };
    yield made("text", { ...attributes, "text-anchor": "middle", class: `label s${line.paint}` }, line.label);
  }
}

const edges = ({ x, y, width, height }) => ({ left: x, right: x + width, top: y, bottom: y + height });

function pieces(line) {
  return line.points.slice(1).map(([x1, y1], at) => {
    const [x0, y0] = line.points[at];
    return { left: Math.min(x0, x1), right: Math.max(x0, x1), top: Math.min(y0, y1), bottom: Math.max(y0, y1) };
  });
}

// Where a name may stand: above the level pieces of a line, below them, and beside the upright ones, the longest first.
function* labelPlaces(line) {
  const [width, height] = [naturalWidth(line.label) * LABEL.widest, COUNTS * 0.75];
  const long = ({ left, right, top, bottom }) => right - left + bottom - top;
  const sorted = pieces(line).sort((a, b) => long(b) - long(a));
  const level = sorted.filter((piece) => piece.bottom - piece.top < NEAR);
  const upright = sorted.filter((piece) => piece.bottom - piece.top >= NEAR);
  const size = { width, height };
  for (const off of [-height - LABEL.off, LABEL.off]) {
    for (const { left, right, top } of level) {
      for (const share of LABEL.shares) yield { x: left + (right - left) * share - width / 2, y: top + off, ...size };
    }
  }
  for (const off of [LABEL.off, -width - LABEL.off]) {
    for (const { left, top, bottom } of upright) {
      for (const share of LABEL.shares) yield { x: left + off, y: top + (bottom - top) * share - height / 2, ...size };
    }
  }
}

// The selection with the lines that touch it, what the pointer is on, and what was found.
function renderMarks(scene, view) {
  const elements = [];
  const gap = Math.max(2, 2 / view.k);
  const width = Math.max(1.4, 1.6 / view.k);
  const ring = (place, kind) => {
    const at = place.open ? place : body(place);
    return made("rect", {
      x: fixed(at.x - gap), y: fixed(at.y - gap), width: fixed(at.width + 2 * gap), height: fixed(at.height + 2 * gap),
      rx: fixed(gap + 3), class: `ring ${kind}`, "stroke-width": fixed(width),
    });
  };
  const selected = scene.places.get(state.selected);
  if (selected) {
    const touching = scene.lines.filter((line) => line.tail === state.selected || line.head === state.selected);
    const near = view.k >= NEAREST_TEXT;
    const d = touching.map((line) => linePath(line, near)).join("");
    const heads = touching.filter((line) => line.arrow).map((line) => arrowPath(line.points)).join("");
    elements.push(
      made("path", { d, class: "hot", "stroke-width": fixed(width), "data-count": touching.length }),
      made("path", { d: near ? heads : "", class: "hot-head" }),
    );
  }
  const found = new Set(state.found === changedItems ? [] : state.found.map(visible)); // what changed is painted
  found.delete(state.selected);
  if (found.size) {
    const outlines = [...found].map((item) => {
      const place = scene.places.get(item);
      const at = place.open ? place : body(place);
      return rectanglePath(at.x - gap, at.y - gap, at.width + 2 * gap, at.height + 2 * gap);
    });
    const attributes = { d: outlines.join(""), "stroke-width": fixed(width), "data-count": found.size };
    elements.push(made("path", { ...attributes, class: "ring found" }));
  }
  const hovered = scene.places.get(state.hovered);
  if (hovered && state.hovered !== state.selected) elements.push(ring(hovered, "hovered"));
  const partner = scene.places.get(selected ? items[state.selected].partner : ROOT);
  if (partner) elements.push(ring(partner, "selected partner"));
  if (selected) elements.push(ring(selected, "selected"));
  layers.marks.replaceChildren(...elements);
}
