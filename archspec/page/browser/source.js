// Source: the texts that the network is written in, with what is written on each line tied to the picture.

const listing = document.getElementById("source");
const COLORED = 2000; // lines; a longer text stays in one color, so that the page stays light
const sourcePicker = document.getElementById("sources");
const drawnSources = new Map(); // source -> its lines
const writers = data.sources.map(() => new Map()); // source -> line -> items written there
let sourceShown = -1;

// What a line says is what the narrowest place around it says: a member rather than the block that it is in.
function tieLines() {
  const narrowest = data.sources.map(() => new Map());
  for (const entry of entries) {
    for (const place of new Set([entry.place, entry.definition])) {
      const span = place.end - place.line;
      const lines = narrowest[place.source];
      for (let line = place.line; line <= place.end; line += 1) {
        const known = lines.get(line);
        if (!known || span < known.span) lines.set(line, { span, items: new Set([entry.item]) });
        else if (span === known.span) known.items.add(entry.item);
      }
    }
  }
  narrowest.forEach((lines, source) => {
    for (const [line, { items: written }] of lines) writers[source].set(line, [...written].sort((a, b) => a - b));
  });
}

function makeSources() {
  tieLines();
  data.sources.forEach(([name], index) => {
    const option = document.createElement("option");
    option.value = index;
    option.textContent = name;
    sourcePicker.append(option);
  });
  sourcePicker.hidden = data.sources.length < 2;
  document.getElementById("source-name").textContent = data.sources.length < 2 ? data.sources[0][0] : "";
  sourcePicker.addEventListener("change", () => showSource(Number(sourcePicker.value)));
  showSource(0);
}

function showSource(index) {
  if (index === sourceShown) return;
  sourceShown = index;
  sourcePicker.value = index;
  if (!drawnSources.has(index)) drawnSources.set(index, listed(index));
  listing.replaceChildren(...drawnSources.get(index));
  listing.scrollTop = 0;
}

function listed(source) {
  const lines = data.sources[source][1].replace(/\n$/, "").split("\n");
  return lines.map((text, index) => {
    const line = document.createElement("div");
    line.className = "line";
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.dataset.line = index + 1;
    const written = writers[source].get(index + 1);
    if (written) line.classList.add("tied");
    const code = document.createElement("code");
    if (lines.length > COLORED) code.textContent = text || "\u200b";
    else code.append(...colored(text));
    line.append(code);
    return line;
  });
}

const FORMS = {
  comment: /#.*$/,
  string: /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/,
  name: /\$\([^)]*\)+|\$[A-Za-z_]\w*/,
  key: /[A-Za-z_][\w.-]*(?=\s*:(?:\s|$))/,
  number: /(?<![\w.])-?\d[\d.]*(?![\w.])/,
};
const TOKENS = Object.keys(FORMS);
const TOKEN = new RegExp(Object.values(FORMS).map(({ source }) => `(${source})`).join("|"), "g");

// A line of YAML as text and colored spans: enough to read by, no parser.
function* colored(text) {
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const kind = TOKENS[match.slice(1).findIndex((group) => group !== undefined)];
    if (kind === "comment" && match.index > 0 && !/\s/.test(text[match.index - 1])) continue;
    if (match.index < at) continue;
    if (match.index > at) yield document.createTextNode(text.slice(at, match.index));
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = match[0];
    yield span;
    at = match.index + match[0].length;
  }
  if (at < text.length || !text) yield document.createTextNode(text.slice(at) || "\u200b");
}

// Marks where the selection is written, and scrolls there: its own place first, then its definition and its parts.
function showPlaces(scroll) {
  const item = items[state.selected];
  const first = item?.entries[0].place;
  if (item && scroll) showSource(first.source);
  const lines = drawnSources.get(sourceShown);
  for (const line of listing.querySelectorAll(".own, .part, .here")) {
    line.classList.remove("own", "part", "here");
    line.setAttribute("aria-selected", "false");
  }
  if (!item) return;
  for (const entry of item.entries) {
    for (const place of [entry.definition, entry.place]) mark(lines, place, "part");
  }
  mark(lines, first, "own");
  if (!scroll) return;
  const line = lines[first.line - 1];
  const last = lines[Math.min(first.end, first.line + 8) - 1] ?? line;
  const [top, bottom] = [line.offsetTop, last.offsetTop + last.offsetHeight];
  if (top < listing.scrollTop + 24 || bottom > listing.scrollTop + listing.clientHeight - 24) {
    listing.scrollTop = top - listing.clientHeight / 3;
  }
}

function mark(lines, place, kind) {
  if (place.source !== sourceShown) return;
  for (let line = place.line; line <= place.end && line <= lines.length; line += 1) {
    lines[line - 1].classList.toggle("part", kind === "part");
    lines[line - 1].classList.toggle("own", kind === "own");
    if (kind === "own") lines[line - 1].setAttribute("aria-selected", "true");
  }
}

// Selects what is written on a line; where a block is used often, that is one item of each use.
function selectLine(line) {
  const written = writers[sourceShown].get(line);
  if (!written) return;
  const inView = written.find((item) => visible(item) === item) ?? written[0];
  const many = written.length > 1 ? written : [];
  setFound(many, `Line ${line}: `);
  state.foundAt = many.indexOf(inView);
  select(visible(inView), { reveal: true, keepFound: true });
  drawnSources.get(sourceShown)[line - 1].classList.add("here");
  tellFound();
}

listing.addEventListener("click", (event) => {
  const line = event.target.closest(".line");
  if (line && String(getSelection()) === "") selectLine(Number(line.dataset.line));
});

listing.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const lines = [...writers[sourceShown].keys()].sort((a, b) => a - b);
  const at = Number(listing.querySelector(".here, .own")?.dataset.line ?? 0);
  const next = step > 0 ? lines.find((line) => line > at) : lines.findLast((line) => line < at);
  if (next === undefined) return;
  selectLine(next);
  const line = drawnSources.get(sourceShown)[next - 1];
  line.scrollIntoView({ block: "nearest" });
});
