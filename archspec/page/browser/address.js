// Address: what is open and selected, so that a link leads there and the back button goes back.

const LONGEST = 1500; // letters of a list of open blocks; beyond it, a bit for each block

function written() {
  const parts = [];
  const open = [...state.open].sort((a, b) => a - b);
  if (open.join() !== opened) parts.push(`open=${writtenOpen(open)}`);
  if (state.selected !== ROOT) parts.push(`at=${encoded(items[state.selected].key)}`);
  if (pinned.length) parts.push(`pins=${pinned.map((item) => encoded(items[item].key)).join(",")}`);
  const coloured = heating.by?.name ?? "";
  if (coloured !== data.heat) parts.push(`heat=${encoded(coloured)}`);
  if (shaping.on) parts.push("shapes");
  return parts.length ? `#${parts.join("&")}` : "";
}

const encoded = (key) => encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%40", "@");

function writtenOpen(open) {
  if (open.length === blockItems.length) return "*";
  const list = open.map((item) => encoded(items[item].key)).join(",");
  if (list.length <= LONGEST) return list;
  const bytes = new Uint8Array(Math.ceil(blockItems.length / 8));
  blockItems.forEach((item, index) => {
    if (state.open.has(item)) bytes[index >> 3] |= 1 << (index & 7);
  });
  return `~${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

function readOpen(text) {
  if (text === "*") return new Set(blockItems);
  if (!text.startsWith("~")) {
    const keys = text ? text.split(",").map(decodeURIComponent) : [];
    return new Set(keys.map((key) => byKey.get(key)).filter((item) => item !== undefined && items[item].block));
  }
  const bytes = atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
  return new Set(blockItems.filter((_, index) => bytes.charCodeAt(index >> 3) & (1 << (index & 7))));
}

// Writes the state into the address; what opens or closes is a step that the back button takes back.
function remember(isStep) {
  const hash = written();
  if (hash === location.hash) return;
  const url = hash || location.pathname + location.search;
  try {
    history[isStep ? "pushState" : "replaceState"](null, "", url);
  } catch {
    // A page without an address of its own has no history to write to.
  }
}

// Takes the state from the address; what it names that is not there is left out.
function recall() {
  const parts = new Map(location.hash.slice(1).split("&").map((each) => each.split(/=(.*)/s, 2)));
  let wanted = new Set(data.opened);
  let at;
  try {
    if (parts.has("open")) wanted = readOpen(parts.get("open"));
    if (parts.has("at")) at = byKey.get(decodeURIComponent(parts.get("at")));
  } catch {
    // An address that someone cut or mistyped says nothing.
  }
  setOpen(wanted);
  recallLook(parts);
  return at === undefined ? ROOT : visible(at);
}

// Takes pins, heat and shapes from the address.
function recallLook(parts) {
  const keys = (parts.get("pins") ?? "").split(",").map((key) => byKey.get(decoded(key)));
  pinned.splice(0, pinned.length, ...keys.filter((item) => item !== undefined));
  drawPins();
  const wanted = parts.has("heat") ? decoded(parts.get("heat")) : data.heat;
  const index = heats.findIndex(({ name }) => name === wanted);
  heating.by = heats[index] ?? null;
  heatPicker.value = index < 0 ? "" : String(index);
  shaping.on = parts.has("shapes");
  document.getElementById("shapes").setAttribute("aria-pressed", String(shaping.on));
  findHottest();
  forgetBoxes();
  makeLegend();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // cut or mistyped
  }
}

addEventListener("popstate", () => select(recall(), { source: true, reveal: true }));
