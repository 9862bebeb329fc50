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
  for (const line of labels) elements.push(labelElement(line));
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

function labelElement(line) {
  let best = 0;
  for (let i = 1; i + 1 < line.points.length; i += 1) {
    const run = (index) => Math.abs(line.points[index + 1][0] - line.points[index][0]);
    if (run(i) > run(best)) best = i;
  }
  const [[x0, y0], [x1]] = [line.points[best], line.points[best + 1]];
  const attributes = { x: fixed((x0 + x1) / 2), y: fixed(y0 - 3), "font-size": COUNTS, "text-anchor": "middle" };
  return made("text", { ...attributes, class: `label s${line.paint}` }, line.label);
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
