// Shapes: what flows along a line, written on it: channels above, the other sizes below.
//
//         64
//   [] --------> []
//        112²

const shaping = { on: false };
const SHAPE = { size: COUNTS * 0.95, above: 1.6, narrowest: 0.7 }; // points: of type, off the line; and of its width

function toggleShapes() {
  shaping.on = !shaping.on;
  document.getElementById("shapes").setAttribute("aria-pressed", String(shaping.on));
  redraw();
  remember(false);
}

// The texts on lines: each value once, where it has room first, and none on another.
function* shapeElements(lines) {
  const taken = [];
  for (const [source, runs] of shaping.on ? runsOfSources(lines) : []) {
    const [first, ...rest] = items[source].shape.split("×");
    const texts = rest.length ? [first, squared(rest)] : [first];
    const width = Math.max(...texts.map(naturalWidth));
    const fits = (run) => (
      run.length >= width * SHAPE.narrowest && !taken.some((other) => meets(placeOf(run, width), other))
    );
    const run = runs.find((each) => each.length >= width && fits(each)) ?? runs.find(fits);
    if (!run) continue;
    const { x: left, y: top, ...size } = placeOf(run, width);
    taken.push({ left, top, right: left + size.width, bottom: top + size.height });
    yield shapeText(first, run, run.y - SHAPE.above);
    if (rest.length) yield shapeText(texts[1], run, run.y + SHAPE.above + SHAPE.size * 0.75);
  }
}

// The level runs of the lines of each value whose sizes are known, from its box on.
function runsOfSources(lines) {
  const found = new Map();
  for (const line of lines) {
    if (!items[line.from]?.shape) continue;
    if (!found.has(line.from)) found.set(line.from, []);
    found.get(line.from).push(...levelRuns(line.points));
  }
  return found;
}

const squared = (sizes) => (sizes.length === 2 && sizes[0] === sizes[1] ? `${sizes[0]}²` : sizes.join("×"));
const naturalWidth = (text) => text.length * SHAPE.size * 0.56;

function* levelRuns(points) {
  for (let at = 0; at + 1 < points.length; at += 1) {
    const [[x0, y0], [x1, y1]] = [points[at], points[at + 1]];
    if (Math.abs(y1 - y0) < NEAR) yield { length: Math.abs(x1 - x0), x: (x0 + x1) / 2, y: y0 };
  }
}

// What the texts on a run cover, one above it and one below.
function placeOf(run, natural) {
  const width = Math.min(natural, run.length);
  const half = SHAPE.above + SHAPE.size * 0.75;
  return { x: run.x - width / 2, y: run.y - half, width, height: 2 * half };
}

// Narrowed where the run is short, so that no box is written on.
function shapeText(text, run, y) {
  const narrowed = { textLength: fixed(run.length), lengthAdjust: "spacingAndGlyphs" };
  return made("text", {
    x: fixed(run.x), y: fixed(y), "font-size": fixed(SHAPE.size), "text-anchor": "middle", class: "shape-on",
    ...(naturalWidth(text) > run.length ? narrowed : {}),
  }, text);
}
