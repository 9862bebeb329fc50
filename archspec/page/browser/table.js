// Table: what the picture shows as rows, in writing order or sorted. Only the rows in view are in the page.

const grid = document.getElementById("table");
const rowsBox = document.getElementById("rows");
const ROW = 24;

const COLUMNS = {
  path: { title: "Block", value: (item) => item.path, text: (item) => item.name },
  op: { title: "Op", value: (item) => item.says, text: (item) => item.says },
  shape: {
    title: "Output", value: (item) => elements(item.shape), text: (item) => item.shape.replace(/×(\d+)×\1$/, "×$1²"),
  },
  params: { title: "Params", value: (item) => item.params, text: (item) => (item.params ? short(item.params) : "") },
  macs: { title: "MACs", value: (item) => item.macs, text: (item) => (item.macs ? short(item.macs) : "") },
  share: {
    title: "Share", value: (item) => shareOf(item), text: (item) => percent(shareOf(item)),
    hint: `share of all ${counted === "macs" ? "MACs" : "params"}`,
  },
};
if (comparing) {
  const { path, ...rest } = COLUMNS;
  const happened = { title: "Change", value: (item) => item.look, text: (item) => item.happened };
  for (const name of Object.keys(COLUMNS)) delete COLUMNS[name];
  Object.assign(COLUMNS, { path, happened, ...rest });
  delete COLUMNS.op;
}
const NUMBERS = new Set(["shape", "params", "macs", "share"]);
data.measures.forEach(([title, hint], index) => {
  const value = (item) => item.figures[index] ?? 0;
  COLUMNS[`measure${index}`] = { title, hint, value, text: (item) => (value(item) ? short(value(item)) : "") };
  NUMBERS.add(`measure${index}`);
});
const sorting = { column: "", descending: false };
let tableRows = [];

const elements = (shape) => (shape ? shape.split("×").reduce((product, size) => product * Number(size), 1) : 0);

function makeHead() {
  const head = document.getElementById("head");
  for (const [name, column] of Object.entries(COLUMNS)) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "columnheader");
    button.dataset.column = name;
    button.textContent = column.title;
    if (column.hint) button.title = column.hint;
    button.addEventListener("click", () => sortBy(name));
    head.append(button);
  }
}

// A click sorts numbers from the largest and names from A; another turns it round; a third goes back to writing order.
function sortBy(column) {
  const first = NUMBERS.has(column);
  if (sorting.column !== column) Object.assign(sorting, { column, descending: first });
  else if (sorting.descending === first) sorting.descending = !first;
  else sorting.column = "";
  fillTable();
  rowsBox.scrollTop = 0;
  drawRows();
}

// The rows: with their blocks around them in writing order; sorted, the boxes alone, so that nothing counts twice.
function fillTable() {
  const { order, places } = state.scene;
  if (!sorting.column) {
    tableRows = order;
  } else {
    const { value } = COLUMNS[sorting.column];
    const sign = sorting.descending ? -1 : 1;
    const compare = (a, b) => {
      const [first, second] = [value(items[a]), value(items[b])];
      return sign * (typeof first === "string" ? first.localeCompare(second, "en", { numeric: true }) : first - second);
    };
    tableRows = order.filter((item) => !places.get(item).open).sort((a, b) => compare(a, b) || a - b);
  }
  for (const button of document.querySelectorAll("#head button")) {
    const on = button.dataset.column === sorting.column;
    button.setAttribute("aria-sort", on ? (sorting.descending ? "descending" : "ascending") : "none");
  }
  grid.setAttribute("aria-rowcount", tableRows.length + 1);
  document.getElementById("extent").style.height = `${tableRows.length * ROW}px`;
}

function drawRows() {
  const first = Math.max(0, Math.floor(rowsBox.scrollTop / ROW) - 8);
  const last = Math.min(tableRows.length, Math.ceil((rowsBox.scrollTop + rowsBox.clientHeight) / ROW) + 8);
  const made = [];
  for (let index = first; index < last; index += 1) made.push(rowElement(tableRows[index], index));
  document.getElementById("extent").replaceChildren(...made);
}

function rowElement(index, number) {
  const item = items[index];
  const row = document.createElement("div");
  row.id = `row-${index}`;
  row.className = "row";
  row.setAttribute("role", "row");
  row.setAttribute("aria-rowindex", number + 2);
  row.setAttribute("aria-level", item.depth + 1);
  row.setAttribute("aria-selected", String(index === state.selected));
  row.dataset.item = index;
  row.style.top = `${number * ROW}px`;
  if (item.block) row.setAttribute("aria-expanded", String(state.open.has(index)));
  if (state.found !== changedItems && state.found.includes(index)) row.classList.add("found");
  if (item.training) row.classList.add("training");
  for (const name of Object.keys(COLUMNS)) row.append(cell(item, name));
  return row;
}

function cell(item, name) {
  const element = document.createElement("span");
  element.setAttribute("role", "gridcell");
  element.className = name;
  const flat = Boolean(sorting.column);
  const text = name === "path" && flat ? item.path : COLUMNS[name].text(item);
  if (name === "path") {
    const twist = document.createElement("span");
    twist.className = item.block && !flat ? "twist" : "no-twist";
    twist.textContent = item.block && !flat ? (state.open.has(item.index) ? "▾" : "▸") : "";
    if (!flat) element.style.paddingLeft = `${6 + 12 * item.depth}px`;
    element.append(twist, text);
    element.title = item.path;
  } else {
    element.textContent = text;
    if (name === "happened") element.classList.add(item.look);
    if (name === "op" || name === "shape" || name === "happened") element.title = name === "shape" ? item.shape : text;
    else if (text) element.title = name === "share" ? COLUMNS.share.hint : exact(COLUMNS[name].value(item));
  }
  if (name === "share") {
    const bar = element.appendChild(document.createElement("i"));
    bar.style.width = `${100 * Math.min(shareOf(item), 1)}%`;
  }
  return element;
}

// Brings the selection's row into view.
function showRow() {
  const number = tableRows.indexOf(state.selected);
  grid.setAttribute("aria-activedescendant", number < 0 ? "" : `row-${state.selected}`);
  if (number < 0) return drawRows();
  const top = number * ROW;
  if (top < rowsBox.scrollTop || top + ROW > rowsBox.scrollTop + rowsBox.clientHeight) {
    rowsBox.scrollTop = top - rowsBox.clientHeight / 2 + ROW / 2;
  }
  drawRows();
}

rowsBox.addEventListener("scroll", () => requestAnimationFrame(drawRows), { passive: true });
rowsBox.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (!row) return;
  const item = Number(row.dataset.item);
  if (event.target.className === "twist") toggle(item);
  else select(item, { source: true, reveal: true });
});
rowsBox.addEventListener("dblclick", (event) => {
  const row = event.target.closest(".row");
  if (row && event.target.className !== "twist") toggle(Number(row.dataset.item));
});

grid.addEventListener("keydown", (event) => {
  if (event.target.closest("button")) return;
  const at = tableRows.indexOf(state.selected);
  const go = (number) => {
    const row = Math.min(Math.max(number, 0), tableRows.length - 1);
    select(tableRows[row], { source: true, reveal: true });
  };
  const item = items[state.selected];
  const page = Math.max(1, Math.floor(rowsBox.clientHeight / ROW) - 1);
  const actions = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at < 0 ? 0 : at - 1),
    PageDown: () => go(at + page),
    PageUp: () => go(at - page),
    Home: () => go(0),
    End: () => go(tableRows.length - 1),
    Enter: () => item?.block && toggle(item.index),
    ArrowRight: () => item?.block && !state.open.has(item.index) && toggle(item.index),
    ArrowLeft: () => {
      if (item?.block && state.open.has(item.index)) toggle(item.index);
      else if (item && item.parent !== ROOT) select(item.parent, { source: true, reveal: true });
    },
  };
  if (!actions[event.key] || !tableRows.length) return;
  event.preventDefault();
  event.stopPropagation();
  actions[event.key]();
});
