// Layout: a block's sheet is made with everything in it closed, and stretches like rubber where something in it opens:
// a column widens by what its widest item grows, a lane grows above and below its axis. What lies to the right of a
// column or below a lane shifts; so do the corners of the lines.
//
//   +------------------+
//   | - title          |   FRAME.top
//   |     +-----+      |
//   | --> |     | -->  |   the axis of the sheet stands on the axis of the lane that the block is in
//   |     +-----+      |
//   +------------------+   FRAME.bottom

const FRAME = { top: 14, bottom: 4, side: 4, title: 20 };
const JOIN = { first: 4, step: 3, beside: 5 }; // from the side of an open block to where a line changes its height
const NEAR = 0.01;
const ROWS = {
  narrowest: 640, room: 18, over: 1.5, // of a block's rows: how wide they may become
  deep: 4, gain: 1.15, // of the whole: how many windows deep it may be, and what makes another row worth it
  frame: 40, // what the frames round a block take of the width
};
const paper = { width: 1088, height: 640 }; // points that the window shows at the least scale at which all type reads

const laidOut = new Map(); // block -> its layout, until something in it opens or closes

function forget(item) {
  laidOut.delete(item);
  if (item === ROOT) return;
  for (const outer of around(item)) laidOut.delete(outer);
  laidOut.delete(ROOT);
}

function layout(item, open) {
  const known = laidOut.get(item);
  if (known) return known;
  const block = blocks.get(item);
  const { sheet, live, rows, extra } = chosen(block, open);
  const map = {
    x: (row, x) => shiftX(sheet, rows, extra, row, x),
    y: (y) => shiftY(sheet, rows, y),
  };
  live.forEach((place, index) => {
    const spot = sheet.spots[index];
    const row = rows[spot.row];
    const [left, right] = sheet.rows[spot.row].columns[spot.column];
    const middle = spot.x + spot.width / 2;
    place.x = middle + row.before[spot.column] + row.wider[spot.column] / 2 - place.width / 2;
    if (right - left < NEAR) place.x = spot.x + row.before[spot.column];
    place.axis = spot.axis + map.y(spot.axis);
    if (spot.bar) {
      const top = spot.axis - spot.above;
      const bottom = spot.axis + spot.below;
      place.above = place.axis - (top + map.y(top));
      place.below = bottom + map.y(bottom) - place.axis;
    }
  });
  const last = rows[rows.length - 1];
  const made = {
    width: sheet.width + extra,
    height: sheet.height + (last ? last.shift + last.taller : 0),
    axisIn: sheet.axisIn + map.y(sheet.axisIn),
    rows: rows.length,
    live,
    lines: stretched(block, sheet, live, map, extra),
    entries: new Map([...sheet.entries].map(([source, y]) => [block.sources[source], y + map.y(y)])),
    exits: new Map([...sheet.exits].map(([source, y]) => [block.sources[source], y + map.y(y)])),
  };
  laidOut.set(item, made);
  return made;
}

// The sheet of a block on which all that is open now can be seen at the largest scale.
function chosen(block, open) {
  const live = block.sheets[0].spots.map((spot, index) => room(spot, block.children[index], open));
  const tried = block.sheets.map((sheet) => {
    const rows = grown(sheet, live);
    const extra = rows.reduce((widest, row) => Math.max(widest, row.extra), 0);
    const height = sheet.height + rows.reduce((sum, row) => sum + row.taller, 0);
    return { sheet, live, rows, extra, width: sheet.width + extra, height };
  });
  return block.item === ROOT ? fillingPaper(tried) : ofFewRows(tried, live);
}

// Of the whole: the largest on paper, and where none reads there, one as wide as paper that goes on below it.
function fillingPaper(tried) {
  const scale = ({ width, height }) => Math.min(paper.width / width, paper.height / height, SIGHT.largest / SIGHT.least);
  const gains = (each, known) => scale(each) > scale(known) * (scale(known) < 1 ? 1 : ROWS.gain);
  const best = tried.reduce((known, each) => (gains(each, known) ? each : known));
  if (scale(best) >= 1) return best;
  const strips = tried.filter(({ width, height }) => width <= paper.width && height <= ROWS.deep * paper.height);
  return strips.length ? strips.reduce((known, each) => (each.height < known.height ? each : known)) : best;
}

// Of a block: the first, which has the fewest rows, as long as they are not far too wide; else that of the form of paper.
function ofFewRows(tried, live) {
  const aspect = Math.min(Math.max(paper.width / paper.height, 0.7), 1.7);
  const area = live.reduce((sum, { width, above, below }) => sum + (width + ROWS.room) * (above + below + ROWS.room), 0);
  const room = Math.max(paper.width - ROWS.frame, 1);
  const most = ROWS.over * Math.max(Math.min(ROWS.narrowest, room / ROWS.over), Math.sqrt(aspect * area));
  if (tried[0].width <= Math.min(most, room)) return tried[0];
  const fits = tried.filter(({ width }) => width <= room);
  const size = ({ width, height }) => Math.max(width / aspect, height);
  return (fits.length ? fits : tried).reduce((known, each) => (size(each) < size(known) ? each : known));
}

// The room that an item takes in its container, measured from its axis.
function room(spot, item, open) {
  if (!open.has(item)) {
    return { item, width: spot.width, label: spot.label, above: spot.above, below: spot.below, inner: null };
  }
  const inner = layout(item, open);
  const width = Math.max(inner.width + 2 * FRAME.side, items[item].block.titleWidth + FRAME.title);
  return {
    item,
    width,
    label: width,
    above: inner.axisIn + FRAME.top,
    below: inner.height - inner.axisIn + FRAME.bottom,
    inner,
  };
}

// How much each column and each lane of each row grows.
function grown(sheet, live) {
  const rows = sheet.rows.map((row) => ({
    wider: row.columns.map(() => 0),
    up: row.lanes.map(() => 0),
    down: row.lanes.map(() => 0),
    before: [],
    extra: 0,
    shift: 0,
    taller: 0,
  }));
  live.forEach((place, index) => {
    if (!place.inner) return;
    const spot = sheet.spots[index];
    const row = rows[spot.row];
    const [left, right] = sheet.rows[spot.row].columns[spot.column];
    const [top, axis, bottom] = sheet.rows[spot.row].lanes[spot.lane];
    row.wider[spot.column] = Math.max(row.wider[spot.column], place.width - (right - left));
    row.up[spot.lane] = Math.max(row.up[spot.lane], place.above - (axis - top));
    row.down[spot.lane] = Math.max(row.down[spot.lane], place.below - (bottom - axis));
  });
  let shift = 0;
  rows.forEach((row, index) => {
    let before = 0;
    row.wider.forEach((by, column) => {
      row.before[column] = before;
      before += by;
    });
    row.all = before;
    row.extra = Math.max(0, before - (sheet.right - rightOf(sheet.rows[index])));
    row.taller = row.up.reduce((sum, by, lane) => sum + by + row.down[lane], 0);
    row.shift = shift;
    shift += row.taller;
  });
  return rows;
}

// How far a point at `y` shifts: what lies above an axis in its lane moves with the axis.
function shiftY(sheet, rows, y) {
  let shift = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const { top, bottom, lanes } = sheet.rows[index];
    if (y < top - NEAR) break;
    const row = rows[index];
    shift = row.shift;
    if (y > bottom + NEAR) {
      shift += row.taller;
      continue;
    }
    for (let lane = 0; lane < lanes.length; lane += 1) {
      if (y > lanes[lane][0] + NEAR) shift += row.up[lane];
      if (y >= lanes[lane][2] - NEAR) shift += row.down[lane];
    }
    break;
  }
  return shift;
}

// How far a point at `x` beside or in a row shifts; what lies right of all rows moves with the sheet's right edge.
function shiftX(sheet, rows, extra, row, x) {
  const { columns } = sheet.rows[row];
  if (x > sheet.right + NEAR) return extra;
  let shift = 0;
  for (let column = 0; column < columns.length; column += 1) {
    const [left, right] = columns[column];
    if (x >= right - NEAR) shift += rows[row].wider[column];
    else if (x > left + NEAR) return shift + rows[row].wider[column] / 2;
    else break;
  }
  return shift;
}

// -- lines -----------------------------------------------------------------------------------------------------------

function stretched(block, sheet, live, map, extra) {
  const still = !live.some((each) => each.inner);
  const joints = new Map(); // "item side" -> number of lines that change their height there
  const beside = abreast(sheet);
  return sheet.lines.map((line) => {
    const points = still ? line.points.map((point) => [...point]) : moved(sheet, line.points, map);
    for (const point of points) point[1] -= beside.get(line) ?? 0;
    const source = block.sources[line.source];
    const tail = line.tail === ROOT ? null : live[line.tail];
    const head = line.head === ROOT ? null : live[line.head];
    if (tail) leave(points, tail, source, joints);
    else if (Math.abs(line.points[0][0]) < NEAR) points[0][0] = 0;
    if (head) arrive(points, head, source, joints);
    else points[points.length - 1][0] = sheet.width + extra;
    return {
      line, source, points,
      tail: tail ? tail.item : ROOT,
      head: head ? head.item : ROOT,
      arrow: Boolean(head) && !head.inner,
    };
  });
}

// How far above the first each line stands of those that run straight from one item to the next: values that leave a
// closed block for another one side by side.
function abreast(sheet) {
  if (sheet.abreast) return sheet.abreast;
  const straight = new Map();
  for (const line of sheet.lines) {
    if (line.points.length > 2 || line.tail === ROOT || line.head === ROOT) continue;
    const key = `${line.tail} ${line.head} ${line.points[0][1]}`;
    straight.set(key, [...(straight.get(key) ?? []), line]);
  }
  sheet.abreast = new Map();
  for (const lines of straight.values()) {
    const room = 0.7 * Math.min(sheet.spots[lines[0].tail].above, sheet.spots[lines[0].head].above);
    const apart = Math.min(JOIN.beside, room / lines.length);
    lines.sort((a, b) => a.kind - b.kind).forEach((line, index) => sheet.abreast.set(line, apart * index));
  }
  return sheet.abreast;
}

// The corners of a line shifted. A corner between two rows keeps to the end of its vertical piece that is in a row.
function moved(sheet, points, map) {
  const rowOf = points.map(([, y]) => sheet.rows.findIndex((row) => y >= row.top - NEAR && y <= row.bottom + NEAR));
  const shifts = points.map(([x], index) => (rowOf[index] < 0 ? null : map.x(rowOf[index], x)));
  for (let i = 0; i + 1 < points.length; i += 1) {
    if (Math.abs(points[i][0] - points[i + 1][0]) > NEAR) continue;
    const known = Math.max(shifts[i] ?? -Infinity, shifts[i + 1] ?? -Infinity);
    if (known === -Infinity) continue;
    shifts[i] = known;
    shifts[i + 1] = known;
  }
  return points.map(([x, y], index) => [x + (shifts[index] ?? map.x(nearestRow(sheet, y), x)), y + map.y(y)]);
}

function nearestRow(sheet, y) {
  const row = sheet.rows.findIndex(({ bottom }) => y <= bottom + NEAR);
  return row < 0 ? sheet.rows.length - 1 : row;
}

// A line leaves the right side of its tail, at the height at which its value leaves what is inside an open block.
function leave(points, tail, source, joints) {
  const [x, y] = points[0];
  const upright = points.length > 1 && Math.abs(points[1][0] - x) < NEAR && Math.abs(points[1][1] - y) > NEAR;
  if (upright) return;
  points[0][0] = tail.x + tail.width;
  if (!tail.inner) return;
  const from = tail.axis - tail.above + FRAME.top + (tail.inner.exits.get(source) ?? tail.inner.axisIn);
  if (Math.abs(from - y) < NEAR) return;
  if (points.length > 2) {
    // It turns right away, so it may turn from where it comes.
    points[0][1] = from;
    points[1][1] = from;
    return;
  }
  const bend = points[0][0] + joint(joints, `${tail.item} out`);
  points.splice(0, 1, [points[0][0], from], [bend, from], [bend, y]);
}

// A line enters a small head from above or below, else the left side of its head, at the height at which its value
// enters what is inside an open block.
function arrive(points, head, source, joints) {
  const end = points.length - 1;
  const [x, y] = points[end];
  const upright = end > 0 && Math.abs(points[end - 1][0] - x) < NEAR && Math.abs(points[end - 1][1] - y) > NEAR;
  if (upright) {
    points[end][1] = points[end - 1][1] < y ? head.axis - head.above : head.axis + head.below;
    return;
  }
  points[end][0] = head.x;
  if (!head.inner) return;
  const to = head.axis - head.above + FRAME.top + (head.inner.entries.get(source) ?? head.inner.axisIn);
  if (Math.abs(to - y) < NEAR) return;
  if (end > 2) {
    points[end - 1][1] = to;
    points[end][1] = to;
    return;
  }
  const bend = head.x - joint(joints, `${head.item} in`);
  points.splice(end, 1, [bend, y], [bend, to], [head.x, to]);
}

function joint(joints, key) {
  const count = joints.get(key) ?? 0;
  joints.set(key, count + 1);
  return JOIN.first + JOIN.step * count;
}

// -- from the tree to the page -----------------------------------------------------------------------------------------

// All that can be seen, in absolute places: boxes, frames of open blocks from the outside in, and lines.
function unfold(open) {
  const scene = { boxes: [], frames: [], lines: [], places: new Map(), order: [], width: 0, height: 0 };
  const root = layout(ROOT, open);
  scene.width = root.width;
  scene.height = root.height;
  place(scene, ROOT, root, 0, 0, 0);
  return scene;
}

function place(scene, container, made, dx, dy, reach) {
  for (const { line, source, points, tail, head, arrow } of made.lines) {
    const absolute = points.map(([x, y]) => [x + dx, y + dy]);
    // Inside an open block a line goes on to the frame, where the line outside takes over.
    if (tail === ROOT && container !== ROOT) absolute[0][0] = dx - reach;
    if (head === ROOT && container !== ROOT) absolute[absolute.length - 1][0] = dx + made.width + reach;
    scene.lines.push({ ...line, points: absolute, from: source, tail, head, container, arrow });
  }
  for (const each of made.live) {
    const found = {
      item: each.item,
      x: dx + each.x,
      y: dy + each.axis - each.above,
      axis: dy + each.axis,
      width: each.width,
      label: each.label,
      height: each.above + each.below,
      above: each.above,
      below: each.below,
      open: Boolean(each.inner),
    };
    scene.places.set(each.item, found);
    scene.order.push(each.item);
    if (!each.inner) {
      scene.boxes.push(found);
      continue;
    }
    scene.frames.push(found);
    const side = (each.width - each.inner.width) / 2;
    place(scene, each.item, each.inner, found.x + side, found.y + FRAME.top, side);
  }
}
