// Tips: what is known of an item, beside it.

const tip = document.getElementById("tip");
const DELAY = 120; // milliseconds before the pointer calls a tip
let tipTimer = 0;

function hover(x, y) {
  const { item } = x < 0 ? { item: ROOT } : hit(x, y);
  const on = item !== ROOT && state.scene.places.get(item).open && !overTitle(item, y) ? ROOT : item;
  svg.classList.toggle("pointing", on !== ROOT);
  if (on === state.hovered) return;
  state.hovered = on;
  drawMarks();
  clearTimeout(tipTimer);
  if (on === ROOT) hideTip();
  else tipTimer = setTimeout(() => showTip(on), tip.hidden ? DELAY : 0);
}

const overTitle = (item, y) => (y - view.y) / view.k <= state.scene.places.get(item).y + FRAME.top;

function hideTip() {
  clearTimeout(tipTimer);
  tip.hidden = true;
}

function showTip(index) {
  const item = items[index];
  const place = state.scene.places.get(index);
  if (!place) return hideTip();
  tip.replaceChildren(...tipContent(item));
  tip.hidden = false;
  const at = place.open ? { ...place, height: FRAME.top } : body(place);
  const left = at.x * view.k + view.x;
  const top = at.y * view.k + view.y;
  const below = (at.y + (place.open ? at.height : place.above + place.below)) * view.k + view.y + 8;
  const room = stage.clientHeight - tip.offsetHeight - 8;
  const y = below <= room ? below : top - tip.offsetHeight - 8;
  tip.style.left = `${Math.max(8, Math.min(left, stage.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(8, Math.min(y, room))}px`;
}

// What is known of an item; what opens or closes it is said where that is at hand.
function tipContent(item, { hint = state.open.has(item.index) ? " · Enter closes" : " · double click opens" } = {}) {
  const [first] = item.entries;
  const lines = [line("path", item.path)];
  const ops = item.block ? [first] : item.entries.filter((entry) => entry.kind !== "block");
  for (const entry of ops) lines.push(opLine(entry));
  if (item.happened) lines.push(line(`happened ${item.look}`, item.happened));
  if (first.doc) lines.push(line("doc", first.doc));
  const facts = document.createElement("dl");
  const fact = (name, value, share = "") => {
    facts.append(line("", name, "dt"), line("", value, "dd"), line("share", share, "dd"));
  };
  if (item.shape) fact(first.kind === "input" ? "shape" : "output", item.shape);
  if (item.params || item.macs) {
    fact("params", exact(item.params), item.training ? "" : percent(part(item.params, wholeOf(item).params)));
    fact("MACs", exact(item.macs), item.training ? "" : percent(part(item.macs, wholeOf(item).macs)));
  }
  data.measures.forEach(([name], index) => {
    if (item.figures[index]) fact(name, exact(item.figures[index]));
  });
  if (item.training) fact("", "in training only");
  lines.push(facts);
  const { source, line: number } = first.place;
  lines.push(line("where", `${data.sources[source][0]}:${number}${item.block ? hint : ""}`));
  return lines;
}

function opLine(entry) {
  const made = line("op", "");
  const name = document.createElement("b");
  name.textContent = entry.type;
  made.append(name);
  if (entry.settings) made.append(` ${entry.settings}`);
  return made;
}

function line(kind, text, name = "div") {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.textContent = text;
  return element;
}
