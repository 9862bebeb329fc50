// Search: every path of the spec and what stands there, by any words of it.

const query = document.getElementById("query");
const results = document.getElementById("results");
const LISTED = 60;
const haystack = entries.map((entry) => {
  const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
  const item = items[entry.item];
  const says = entry.index === item.entries[0].index ? item.says : "";
  return {
    entry,
    name: name.toLowerCase(),
    path: entry.path.toLowerCase(),
    all: `${entry.path} ${entry.type} ${entry.settings} ${says} ${entry.shape}`.toLowerCase(),
  };
});
let matches = [];
let active = -1;

function search(text) {
  const words = text.toLowerCase().replace(/(\d)\s*x\s*(?=\d)/g, "$1×").split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const dotted = words.map((each) => each.replaceAll(".", "/"));
  const scored = [];
  for (const candidate of haystack) {
    let score = 0;
    const all = words.every((each, index) => {
      const path = dotted[index];
      if (candidate.path === path) score += 100;
      else if (candidate.name === path) score += 60;
      else if (candidate.name.startsWith(path)) score += 30;
      else if (candidate.path.includes(path)) score += 20;
      else if (candidate.all.includes(each)) score += 5;
      else return false;
      return true;
    });
    if (all) scored.push({ entry: candidate.entry, score });
  }
  return scored.sort((a, b) => b.score - a.score || a.entry.index - b.entry.index).map(({ entry }) => entry);
}

function showResults() {
  matches = search(query.value);
  active = matches.length ? 0 : -1;
  results.replaceChildren(...matches.slice(0, LISTED).map(resultElement));
  if (query.value.trim()) {
    const note = document.createElement("div");
    note.className = "note";
    const more = matches.length > LISTED ? `, ${exact(matches.length - LISTED)} more below` : "";
    note.textContent = matches.length ? `${exact(matches.length)} found${more}` : "Nothing is called that.";
    results.append(note);
  }
  openResults(Boolean(query.value.trim()));
  markActive();
}

function resultElement(entry, index) {
  const option = document.createElement("div");
  option.id = `result-${index}`;
  option.className = "result";
  option.setAttribute("role", "option");
  option.dataset.index = index;
  const path = option.appendChild(document.createElement("span"));
  path.className = "path";
  path.append(...emphasized(entry.path));
  const what = option.appendChild(document.createElement("span"));
  what.className = "what";
  what.textContent = [entry.type, entry.settings].filter(Boolean).join("  ");
  const figures = option.appendChild(document.createElement("span"));
  figures.className = "figures";
  figures.textContent = entry.macs ? `${short(entry.macs)} MACs` : entry.params ? `${short(entry.params)} params` : "";
  return option;
}

// A path with the words that were asked for set off.
function emphasized(path) {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean).map((each) => each.replaceAll(".", "/"));
  const lower = path.toLowerCase();
  const on = new Array(path.length).fill(false);
  for (const each of words) {
    for (let start = lower.indexOf(each); start >= 0; start = lower.indexOf(each, start + each.length)) {
      on.fill(true, start, start + each.length);
    }
  }
  const made = [];
  for (let at = 0; at < path.length;) {
    let end = at;
    while (end < path.length && on[end] === on[at]) end += 1;
    const element = document.createElement(on[at] ? "mark" : "span");
    element.textContent = path.slice(at, end);
    made.push(element);
    at = end;
  }
  return made;
}

function openResults(yes) {
  results.hidden = !yes;
  query.setAttribute("aria-expanded", String(yes));
}

function markActive() {
  for (const option of results.querySelectorAll(".result")) {
    const on = Number(option.dataset.index) === active;
    option.setAttribute("aria-selected", String(on));
    if (on) option.scrollIntoView({ block: "nearest" });
  }
  query.setAttribute("aria-activedescendant", active < 0 ? "" : `result-${active}`);
}

// Goes to a result, and keeps all of them for n and N.
function goTo(index) {
  if (!matches.length) return;
  const chosen = matches[index];
  const found = [...new Set(matches.map((entry) => entry.item))];
  setFound(found, "");
  state.foundAt = found.indexOf(chosen.item);
  openResults(false);
  goToItem(chosen.item);
  svg.focus({ preventScroll: true });
}

query.addEventListener("input", showResults);
query.addEventListener("focus", () => query.value.trim() && showResults());
query.addEventListener("blur", () => setTimeout(() => openResults(false), 120));
query.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && matches.length) {
    const shownCount = Math.min(matches.length, LISTED);
    active = (active + step + shownCount) % shownCount;
    markActive();
    event.preventDefault();
  } else if (event.key === "Enter") {
    event.preventDefault();
    goTo(Math.max(active, 0));
  } else if (event.key === "Escape") {
    event.preventDefault();
    query.value = "";
    matches = [];
    setFound(changedItems, "Change ");
    openResults(false);
    svg.focus({ preventScroll: true });
  }
  event.stopPropagation();
});
results.addEventListener("pointerdown", (event) => {
  const option = event.target.closest(".result");
  event.preventDefault();
  if (option) goTo(Number(option.dataset.index));
});
