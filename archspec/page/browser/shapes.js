// Shapes: what flows along a line, written on it: channels above, the other sizes below.
//
//         64
//   [] --------> []
//        112²

const shaping = { on: false };
const SHAPE = { least: 7, size: COUNTS * 0.95, above: 1.6 }; // points: of a run that is written on, of type, off the line

function toggleShapes() {
  shaping.on = !shaping.on;
  document.getElementById("shapes").setAttribute("aria-pressed", String(shaping.on));
  redraw();
  remember(false);
}

// The texts on lines, each value once for each item that gives it.
function* shapeElements(lines) {
  const told = new Set();
  for (const { from: source, container, points } of shaping.on ? lines : []) {
    const key = `${source} ${container}`;
    const shape = items[source]?.shape;
    const run = longestRun(points);
    if (!shape || told.has(key) || run.length < SHAPE.least) continue;
    told.add(key);
    const [first, ...rest] = shape.split("×");
    yield shapeText(first, run, run.y - SHAPE.above);
    if (rest.length) yield shapeText(squared(rest), run, run.y + SHAPE.above + SHAPE.size * 0.75);
  }
}

const squared = (sizes) => (sizes.length === 2 && sizes[0] === sizes[1] ? `${sizes[0]}²` : sizes.join("×"));

function longestRun(points) {
  let best = { length: 0, x: 0, y: 0 };
  for (let at = 0; at + 1 < points.length; at += 1) {
    const [[x0, y0], [x1, y1]] = [points[at], points[at + 1]];
    const length = Math.abs(x1 - x0);
    if (Math.abs(y1 - y0) < NEAR && length > best.length) best = { length, x: (x0 + x1) / 2, y: y0 };
  }
  return best;
}

// Narrowed where the run is short, so that no box is written on.
function shapeText(text, run, y) {
  const natural = text.length * SHAPE.size * 0.56;
  const attributes = { x: fixed(run.x), y: fixed(y), "font-size": fixed(SHAPE.size), "text-anchor": "middle", class: "shape-on" };
  if (natural > run.length) Object.assign(attributes, { textLength: fixed(run.length), lengthAdjust: "spacingAndGlyphs" });
  return made("text", attributes, text);
}
