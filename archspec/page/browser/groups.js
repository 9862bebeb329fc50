// Groups: a frame round what the author of the spec puts into one; where something else stands between, one for each row
// that it is laid out in, and none there where that is so still. There is none while the block around is closed.

const GROUP = { side: 4, top: 2 + DETAIL * 1.4 }; // points round what is in it; its title is above

function* groupElements(scene) {
  for (const [title, members] of data.groups) {
    const places = members.map((item) => scene.places.get(item));
    if (places.some((place) => !place)) continue;
    const others = scene.boxes.filter((place) => isStranger(place.item, members));
    const holds = (frame) => others.some((place) => meets(place, frame));
    const whole = roundAll(places);
    for (const frame of holds(whole) ? rowsOf(places).map(roundAll) : [whole]) {
      if (!holds(frame)) yield groupElement(title, frame);
    }
  }
}

// Places, in the order of the flow, by the rows that they stand in: a new one begins further left.
function rowsOf(places) {
  const rows = [];
  for (const place of places) {
    const before = rows.at(-1)?.at(-1);
    if (before && place.x >= before.x) rows.at(-1).push(place);
    else rows.push([place]);
  }
  return rows;
}

function roundAll(places) {
  const corners = places.map((place) => ({ ...place, right: place.x + place.width, bottom: place.y + place.height }));
  return {
    left: Math.min(...corners.map(({ x }) => x)) - GROUP.side, top: Math.min(...corners.map(({ y }) => y)) - GROUP.top,
    right: Math.max(...corners.map(({ right }) => right)) + GROUP.side,
    bottom: Math.max(...corners.map(({ bottom }) => bottom)) + GROUP.side,
  };
}

const isStranger = (item, members) => !members.includes(item) && ![...around(item)].some((outer) => members.includes(outer));

function groupElement(title, { left, top, right, bottom }) {
  const group = made("g", { class: "group", "aria-label": title });
  const size = { x: fixed(left), y: fixed(top), width: fixed(right - left), height: fixed(bottom - top), rx: 3 };
  group.append(made("rect", { ...size, class: `p${data.frames[0]}` }));
  group.append(made("text", { x: fixed(left + 4), y: fixed(top + DETAIL + 1), "font-size": DETAIL }, title));
  return group;
}
