// Sight: how the page looks before anyone touches it. The picture is laid out for the window, so that it fills it in type
// that reads, and the pane stands where the picture leaves room: beside it, or below one that is low and wide.
//
//   +-----------+------+      +------------------+
//   |  picture  | pane |      |     picture      |
//   |           |      |      +--------+---------+
//   |           |      |      | table  | source  |
//   +-----------+------+      +--------+---------+

const LEAST_TYPE = 7; // pixels of the smallest type that reads
const WHOLE_TYPE = 6.5; // and where no larger one lets all of the picture be seen
const SMALLEST = Math.min(...data.fonts); // points of the smallest type
const SIGHT = { least: LEAST_TYPE / SMALLEST, largest: 2.4 }; // scales of what is fitted into the window
const BETTER = 1.05; // times as much as beside the pane from which on a pane below is worth it

// What the window shows at the least scale, in points.
function measurePaper() {
  paper.width = Math.max(stage.clientWidth - 2 * EDGE, 1) / SIGHT.least;
  paper.height = Math.max(stage.clientHeight - EDGE - FOOT, 1) / SIGHT.least;
}

// Lays the picture out for the window as it is: at which scale all of it can be seen then, how much of it in type that
// reads, and in how many rows.
function laidOutForWindow() {
  measurePaper();
  laidOut.clear();
  state.scene = unfold(state.open);
  findHottest();
  const { width, height, rows } = laidOut.get(ROOT);
  const [across, down] = [paper.width / width, paper.height / height];
  const whole = Math.min(across, down) * SIGHT.least;
  return { scale: Math.min(whole, SIGHT.largest), seen: Math.min(across, 1) * Math.min(down, 1), rows };
}

// Whether the picture is seen better in the first way than in the second: more of it, or as much of it larger.
function isBetter(one, other) {
  if (Math.min(one.seen, other.seen) < 1) return one.seen > other.seen * BETTER;
  return one.scale > other.scale * BETTER || (one.rows < other.rows && one.scale * BETTER >= other.scale);
}

function firstSight() {
  setSide("below");
  const below = laidOutForWindow();
  if (narrow.matches) return fitReadable(below);
  setSide("beside");
  const beside = laidOutForWindow();
  if (!isBetter(below, beside)) return fitReadable(beside);
  setSide("below");
  fitReadable(laidOutForWindow());
}

const fitReadable = ({ scale }) => fit(scale >= WHOLE_TYPE / SMALLEST ? LIMITS[0] : SIGHT.least);
