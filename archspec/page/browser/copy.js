// Copy: the whole picture as it is open now, as an SVG that stands by itself, or as a PNG of it.

const INLINED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-weight", "paint-order"];
const PIXELS = { scale: 2, most: 8192 }; // of a PNG: for each point, and the longest side
const MARGIN = 8;

// The picture as SVG text: every style is written into its element.
function standalone() {
  const { width, height } = state.scene;
  onPaper(true);
  const copied = world.cloneNode(true);
  inline(world, copied);
  onPaper(false);
  const style = getComputedStyle(svg);
  const page = made("svg", {
    viewBox: `${-MARGIN} ${-MARGIN} ${fixed(width + 2 * MARGIN)} ${fixed(height + 2 * MARGIN)}`,
    width: fixed(width + 2 * MARGIN), height: fixed(height + 2 * MARGIN), "font-family": style.fontFamily,
  });
  const background = getComputedStyle(stage).backgroundColor;
  page.append(
    made("title", {}, data.title),
    made("rect", { x: -MARGIN, y: -MARGIN, width: "100%", height: "100%", fill: background }),
    ...copied.children,
  );
  return new XMLSerializer().serializeToString(page);
}

// Writes the styles of `from` and all in it into `to`, and leaves out what is of this page only.
function inline(from, to) {
  for (const name of [...to.attributes].map((each) => each.name)) {
    if (name === "class" || name === "id" || name === "style" || /^(?:aria|data)-|^role$/.test(name)) to.removeAttribute(name);
  }
  if (from.classList.contains("toggle")) return to.remove();
  const style = getComputedStyle(from);
  if (from.style.transform && from !== world) {
    const { e: x, f: y } = new DOMMatrix(style.transform);
    to.setAttribute("transform", `translate(${fixed(x)} ${fixed(y)})`);
  }
  if (!["g", "title"].includes(from.localName)) {
    for (const name of INLINED) to.setAttribute(name, style.getPropertyValue(name));
  }
  const pairs = [...from.children].map((child, index) => [child, to.children[index]]);
  for (const [child, copied] of pairs) inline(child, copied);
}

async function pngOf(text) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const scale = Math.min(PIXELS.scale, PIXELS.most / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

async function copySvg() {
  const text = standalone();
  const copied = await attempt(() => navigator.clipboard.writeText(text));
  if (!copied) save(new Blob([text], { type: "image/svg+xml" }), "svg");
  tell(copied ? "Copied as SVG" : "Saved as SVG");
}

async function copyPng() {
  const picture = await pngOf(standalone());
  const copied = await attempt(() => navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]));
  if (!copied) save(picture, "png");
  tell(copied ? "Copied as PNG" : "Saved as PNG");
}

// A page that may not write to the clipboard, such as one in a frame, saves a file instead.
async function attempt(write) {
  try {
    await write();
    return true;
  } catch {
    return false;
  }
}

function save(blob, suffix) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${data.title.replace(/[^\w.-]+/g, "_")}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Says for a moment what was done.
function tell(words) {
  const note = document.getElementById("told");
  note.textContent = words;
  note.hidden = false;
  document.getElementById("said").textContent = words;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { note.hidden = true; }, 1600);
}
