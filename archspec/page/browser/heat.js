// Heat: boxes coloured by what they cost, over the colours of what they do. The scale has even steps, 0 to the hottest.

const heats = [
  { name: "params", unit: "params", scale: [], of: (item) => item.params },
  { name: "MACs", unit: "MACs", scale: [], of: (item) => item.macs },
  ...data.heats.map(([name, unit, scale], index) => ({ name, unit, scale, of: (item) => data.amounts[item.index][index] })),
];
const heatPicker = document.getElementById("heat");
const heating = { by: null, hottest: 0 };

function makeHeat() {
  for (const [index, { name }] of heats.entries()) {
    const option = heatPicker.appendChild(document.createElement("option"));
    option.value = index;
    option.textContent = name;
  }
  heatPicker.addEventListener("change", () => heatBy(heatPicker.value === "" ? null : Number(heatPicker.value)));
}

// Colours by the measure of this number; null for what boxes do.
function heatBy(index) {
  heating.by = index === null ? null : heats[index];
  heatPicker.value = index === null ? "" : String(index);
  findHottest();
  forgetBoxes();
  redraw();
  makeLegend();
  remember(false);
}

function nextHeat() {
  const index = heats.indexOf(heating.by) + 1;
  heatBy(index < heats.length ? index : null);
}

// The most that a box costs which can be seen now; what is open counts by what is in it.
function findHottest() {
  const boxes = heating.by ? state.scene.boxes.map(({ item }) => items[item]).filter((item) => !item.training) : [];
  heating.hottest = boxes.reduce((most, item) => Math.max(most, heating.by.of(item)), 0);
}

// The step of an item on the scale; -1 where nothing is coloured, or it is an input or an output.
function heatStep(item) {
  const kind = item.entries[0].kind;
  if (!heating.by || kind === "input" || kind === "output") return -1;
  const share = heating.hottest ? heating.by.of(item) / heating.hottest : 0;
  return Math.min(Math.floor(share * data.steps), data.steps - 1);
}

// Colours the elements of a box; what is written beside it keeps its colour.
function paintHeat(group, item) {
  const step = heatStep(item);
  if (step < 0) return;
  const [, top, bottom, shapes] = item.glyph;
  shapes.forEach(([form, , y], index) => {
    const element = group.children[index];
    if (form !== "t") element.classList.add("heated", `h${step}`);
    else if (y > top && y < bottom) element.classList.add(`i${step}`);
  });
}

function heatLegend(legend) {
  const key = legend.appendChild(document.createElement("span"));
  key.append("0");
  const drawing = key.appendChild(made("svg", { width: 10 * data.steps, height: 10, "aria-hidden": "true" }));
  for (let step = 0; step < data.steps; step += 1) {
    drawing.append(made("rect", { x: 10 * step, y: 0, width: 10, height: 10, class: `h${step}` }));
  }
  const { scale, unit } = heating.by;
  key.append(`${scale.length ? inUnits(heating.hottest, scale) : `${short(heating.hottest)} ${unit}`} a box`);
}
