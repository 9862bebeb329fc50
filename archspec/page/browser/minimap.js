// Minimap: the whole picture in small, with the part of it that the window shows; it is there where that is not most of
// it, since it hides a corner.

const map = document.getElementById("minimap");
const MAP = { width: 168, height: 112, wanted: true, most: 0.7 };
const mapBoxes = map.appendChild(made("path", { class: "map-boxes" }));
const mapFrames = map.insertBefore(made("path", { class: "map-frames" }), mapBoxes);
const mapView = map.appendChild(made("rect", { class: "map-view" }));

// Draws the picture anew, after something opened or closed.
function drawMap() {
  const { width, height, boxes, frames } = state.scene;
  const scale = Math.min(MAP.width / width, MAP.height / height);
  map.setAttribute("viewBox", `0 0 ${fixed(width)} ${fixed(height)}`);
  map.style.width = `${Math.max(width * scale, 24)}px`;
  map.style.height = `${Math.max(height * scale, 24)}px`;
  const path = (places) => places.map((place) => rectanglePath(place.x, place.y, place.width, place.height)).join("");
  mapBoxes.setAttribute("d", path(boxes));
  mapFrames.setAttribute("d", path(frames));
  moveMap();
}

// Moves the part that the window shows, after the view moved.
function moveMap() {
  const { width, height } = state.scene;
  const { left, top, right, bottom } = areaInView(0);
  const seen = { x: Math.max(left, 0), y: Math.max(top, 0) };
  const size = {
    width: Math.max(Math.min(right, width) - seen.x, 0), height: Math.max(Math.min(bottom, height) - seen.y, 0),
  };
  map.toggleAttribute("hidden", size.width * size.height >= MAP.most * width * height || !MAP.wanted);
  for (const [name, value] of Object.entries({ ...seen, ...size })) mapView.setAttribute(name, fixed(value));
}

function toggleMap() {
  MAP.wanted = !MAP.wanted;
  moveMap();
}

// Brings the point under the pointer into the middle of the window.
function goToMap(event) {
  const box = map.getBoundingClientRect();
  const { width, height } = state.scene;
  view.x = stage.clientWidth / 2 - ((event.clientX - box.left) / box.width) * width * view.k;
  view.y = stage.clientHeight / 2 - ((event.clientY - box.top) / box.height) * height * view.k;
  applyView();
}

map.addEventListener("pointerdown", (event) => {
  map.setPointerCapture(event.pointerId);
  svg.classList.remove("gliding");
  goToMap(event);
  map.onpointermove = goToMap;
});
for (const name of ["pointerup", "pointercancel"]) map.addEventListener(name, () => { map.onpointermove = null; });
