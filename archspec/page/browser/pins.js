// Pins: properties of items that stay in sight, so that one can be held against another.

const pinBoard = document.getElementById("pins");
const pinned = []; // items, the oldest first

// Pins an item, or takes its pin away.
function pin(index) {
  if (index === ROOT) return;
  const at = pinned.indexOf(index);
  if (at < 0) pinned.push(index);
  else pinned.splice(at, 1);
  drawPins();
  remember(false);
}

function drawPins() {
  pinBoard.hidden = !pinned.length;
  pinBoard.replaceChildren(...pinned.map(pinCard));
}

function pinCard(index) {
  const item = items[index];
  const card = document.createElement("article");
  card.setAttribute("aria-label", item.path);
  const [path, ...rest] = tipContent(item, { hint: "" });
  const name = document.createElement("button");
  name.type = "button";
  name.className = "path";
  name.textContent = path.textContent;
  name.addEventListener("click", () => goToItem(index));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "unpin";
  close.textContent = "×";
  close.setAttribute("aria-label", `Unpin ${item.path}`);
  close.addEventListener("click", () => pin(index));
  card.append(name, close, ...rest);
  return card;
}
