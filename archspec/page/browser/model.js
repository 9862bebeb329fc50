// The network: items (boxes and blocks), entries (paths of the spec) and the sheets that blocks are laid out on.
// An item is a number; ROOT is the container around all.

const ROOT = -1;
const data = JSON.parse(document.getElementById("data").textContent);
const word = (index) => data.words[index];

const items = data.items.map(([parent, glyph, says], index) => ({
  index, parent, glyph: data.glyphs[glyph], says: word(says), entries: [], block: null, depth: 0,
}));
const sheets = data.sheets.map(readSheet);
const blocks = new Map(
  data.blocks.map(([item, numbers, children, sources, title, counts, titleWidth]) => [
    item,
    { item, sheets: numbers.map((number) => sheets[number]), children, sources, title, counts, titleWidth },
  ]),
);
for (const [item, block] of blocks) if (item !== ROOT) items[item].block = block;
for (const item of items) item.depth = item.parent === ROOT ? 0 : items[item.parent].depth + 1;

const ENTRY_KINDS = ["op", "block", "input", "output"];
const entries = data.entries.map(
  ([path, item, kind, type, settings, doc, shape, params, macs, training, ...places], index) => {
    const [source, line, end, definitionSource = source, definitionLine = line, definitionEnd = end] = places;
    const entry = {
      index, path, item, kind: ENTRY_KINDS[kind],
      type: word(type), settings: word(settings), doc: word(doc), shape: word(shape),
      params, macs, training: Boolean(training),
      place: { source, line, end },
      definition: { source: definitionSource, line: definitionLine, end: definitionEnd },
    };
    items[item].entries.push(entry);
    return entry;
  },
);
for (const item of items) {
  item.path = item.entries[0].path;
  item.key = (item.entries[0].kind === "output" ? "output@" : "") + item.path;
  // An item's figures are those of all that it stands for: a block's own, or the sum over the ops fused into a box.
  const own = item.block ? [item.entries[0]] : item.entries.filter((entry) => entry.kind !== "block");
  item.params = own.reduce((sum, entry) => sum + entry.params, 0);
  item.macs = own.reduce((sum, entry) => sum + entry.macs, 0);
  item.figures = data.figures[item.index] ?? []; // no sums: measured of all that the item stands for
  item.shape = item.entries[0].kind === "block" ? item.entries[0].shape : own[own.length - 1].shape;
  item.training = own.every((entry) => entry.training);
}
for (const { children } of blocks.values()) nameApart(children.map((child) => items[child]));

// Names the items of one block by the shortest ends of their paths that tell them apart.
function nameApart(siblings) {
  let left = siblings;
  for (let length = 1; left.length; length += 1) {
    const counts = new Map();
    for (const item of left) {
      item.name = item.path.split("/").slice(-length).join("/");
      counts.set(item.name, (counts.get(item.name) ?? 0) + 1);
    }
    left = left.filter((item) => counts.get(item.name) > 1 && item.name !== item.path);
  }
}

// Of a difference: what happened to each item, and what corresponds to it in the other network.
const UNTOUCHED = new Set(["same", "affected"]);
const comparing = data.marks.length > 0;
for (const item of items) {
  const [look, says, partner, frame] = data.marks[item.index] ?? [];
  item.look = comparing ? data.looks[look] : "";
  item.happened = comparing ? word(says) : "";
  item.partner = comparing ? partner : ROOT;
  item.frame = comparing ? frame : data.frames[item.training ? 1 : 0];
}
const changedItems = comparing ? items.filter(({ look }) => !UNTOUCHED.has(look)).map(({ index }) => index) : [];

const byKey = new Map(items.map((item) => [item.key, item.index]));
const blockItems = [...blocks.keys()].filter((item) => item !== ROOT).sort((a, b) => a - b);

function readSheet(raw) {
  const [width, height, axisIn, rawRows, spots, lines, enters, leaves] = raw;
  const rows = rawRows.map(([top, bottom, columns, lanes]) => ({ top, bottom, columns, lanes }));
  return {
    width, height, axisIn,
    right: Math.max(0, ...rows.map(rightOf)),
    rows,
    spots: spots.map(([x, axis, wide, above, below, label, row, column, lane, bar]) => (
      { x, axis, width: wide, above, below, label, row, column, lane, bar })),
    lines: lines.map(([tail, head, source, kind, paint, label, ...flat]) => {
      const points = [];
      for (let i = 0; i < flat.length; i += 2) points.push([flat[i], flat[i + 1]]);
      return { tail, head, source, kind, paint, label, points };
    }),
    entries: new Map(enters),
    exits: new Map(leaves),
  };
}

// The right edge of a row's last column.
function rightOf({ columns }) {
  return columns.length ? columns[columns.length - 1][1] : 0;
}

// The items around `item`, the innermost first.
function* around(item) {
  for (let at = items[item].parent; at !== ROOT; at = items[at].parent) yield at;
}

const UNITS = ["", "k", "M", "G", "T", "P", "E"];

// `count` in the largest of these units that it reaches, each with how many of the first it is: 12.30 MiB, 1.23 ms.
function inUnits(count, scale) {
  const [size, unit] = scale.findLast(([one]) => count >= one) ?? scale[0];
  return `${size === 1 ? count : (count / size).toFixed(2)} ${unit}`;
}

// `count` to three digits, as boxes say it: 9.41 k, 118 M.
function short(count) {
  if (count < 1000) return String(count);
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${UNITS[unit]}`;
}

const exact = (count) => count.toLocaleString("en-US");
const part = (count, total) => (total ? count / total : 0);
const percent = (share) => (share === 0 ? "" : share < 0.0005 ? "<0.1 %" : `${(100 * share).toFixed(1)} %`);
const counted = data.macs ? "macs" : "params"; // what the share of the total is a share of

// The whole that an item is a part of: the network, or that of the two which it is in.
function wholeOf(item) {
  return comparing ? items[[item.index, ...around(item.index)].at(-1)] : data;
}

const shareOf = (item) => (item.training ? 0 : part(item[counted], wholeOf(item)[counted]));
