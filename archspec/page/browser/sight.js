// Sight: how the page looks before anyone touches it. The picture is laid out for the window, so that it fills it in type
// that reads, and the pane stands where the picture leaves room: beside it, or below one that is low and wide.
//
//   +-----------+------+      +------------------+
//   |  picture  | pane |      |     picture      |
//   |           |      |      +--------+---------+
//   |           |      |      | table  | source  |
//   +-----------+------+      +--------+---------+

const LEAST_TYPE = 7; // pixels of the smallest type that reads
const SIGHT = { least: LEAST_TYPE / Math.min(...data.fonts), largest: 2.4 }; // scales of what is fitted into the window
const BETTER = 1.05; // times the scale beside the pane from which on a pane below is worth it

// What the window shows at the least scale, in points.
function measurePaper() {
  paper.width = Math.max(stage.clientWidth - 2 * EDGE, 1) / SIGHT.least;
  paper.height = Math.max(stage.clientHeight - EDGE - FOOT, 1) / SIGHT.least;
}

// Lays the picture out for the window as it is: at which scale all of it can be seen then, and in how many rows.
function laidOutForWindow() {
  measurePaper();
  laidOut.clear();
  state.scene = unfold(state.open);
  findHottest();
  const { width, height, rows } = laidOut.get(ROOT);
  const whole = Math.min(paper.width / width, paper.height / height) * SIGHT.least;
  return { scale: Math.min(whole, SIGHT.largest), rows };
}

function firstSight() {
  setSide("below");
  const below = laidOutForWindow();
  if (!narrow.matches) {
    setSide("beside");
    const beside = laidOutForWindow();
    const fewer = below.rows < beside.rows && below.scale * BETTER >= beside.scale;
    if (fewer || below.scale > beside.scale * BETTER) {
      setSide("below");
      laidOutForWindow();
    }
  }
  fit(SIGHT.least);
}
