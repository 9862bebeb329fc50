"""What the tests ask of a page, and the geometry that every picture must keep."""

from typing import TYPE_CHECKING

from archspec.figure.look.color import channels

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def box(page: "Page", path: str) -> "Locator":
    return page.locator(f'#boxes > [data-path="{path}"]')


def frame(page: "Page", path: str) -> "Locator":
    return page.locator(f'#frames > [data-path="{path}"]')


def selected(page: "Page") -> str:
    return str(page.evaluate("state.selected < 0 ? '' : items[state.selected].key"))


def shown(page: "Page") -> list[str]:
    """What the picture shows, in the order of the flow."""
    return list(page.evaluate("state.scene.order.map((item) => items[item].key)"))


def own_lines(page: "Page") -> list[int]:
    return [int(line.get_attribute("data-line") or 0) for line in page.locator("#source .own").all()]


def skips(page: "Page") -> int:
    return sum(int(path.get_attribute("data-count") or 0) for path in page.locator("path.skip, path.residual").all())


def column(page: "Page", name: str) -> list[str]:
    return [cell.inner_text() for cell in page.locator(f".row .{name}").all()]


def shown_names(page: "Page") -> list[str]:
    names = page.evaluate(
        "state.scene.order.map((item) => [items[item].name, items[item].block, state.open.has(item)])"
    )
    return [f"{'▾' if is_open else '▸'}{name}" if block else name for name, block, is_open in names]


def rgb(color: str) -> str:
    return "rgb({}, {}, {})".format(*channels(color))


def fill(page: "Page") -> str:
    return str(box(page, "conv1").evaluate("(group) => getComputedStyle(group.firstElementChild).fill"))


# What is wrong with the places of lines and boxes, in words.
GEOMETRY = """() => {
  const faults = [];
  const near = (a, b) => Math.abs(a - b) < 0.02;
  const told = (line) => `${items[line.from].key} to ${line.head < 0 ? 'outside' : items[line.head].key}`;
  for (const line of state.scene.lines) {
    const { points } = line;
    for (let i = 0; i + 1 < points.length; i += 1) {
      const [[x0, y0], [x1, y1]] = [points[i], points[i + 1]];
      if (!near(x0, x1) && !near(y0, y1)) faults.push(`${told(line)} slants`);
      for (const place of state.scene.boxes) {
        const at = body(place);
        const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
        const [top, bottom] = [Math.min(y0, y1), Math.max(y0, y1)];
        if (right > at.x + 1 && left < at.x + at.width - 1 && bottom > at.y + 1 && top < at.y + at.height - 1) {
          faults.push(`${told(line)} crosses ${items[place.item].key}`);
        }
      }
    }
    const sides = [[points[0], line.tail], [points[points.length - 1], line.head]];
    for (const [[x, y], item] of sides) {
      const place = state.scene.places.get(item < 0 ? line.container : item);
      if (!place) continue;
      const on = (near(x, place.x) || near(x, place.x + place.width)) && y > place.y && y < place.y + place.height;
      const upright = (near(y, place.y) || near(y, place.y + place.height)) && x > place.x && x < place.x + place.width;
      if (!on && !upright) faults.push(`${told(line)} ends beside ${items[place.item].key}`);
    }
  }
  for (const outer of state.scene.places.values()) {
    for (const inner of state.scene.places.values()) {
      if (outer === inner || items[inner.item].parent !== outer.item) continue;
      if (inner.x < outer.x || inner.x + inner.width > outer.x + outer.width + 0.01
        || inner.y < outer.y || inner.y + inner.height > outer.y + outer.height + 0.01) {
        faults.push(`${items[inner.item].key} sticks out of ${items[outer.item].key}`);
      }
    }
  }
  const boxes = state.scene.boxes.map(body);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
    if (a.x + a.width > b.x && b.x + b.width > a.x && a.y + a.height > b.y && b.y + b.height > a.y) {
      faults.push(`${items[state.scene.boxes[i].item].key} lies on ${items[state.scene.boxes[i + 1 + j].item].key}`);
    }
  }));
  return faults;
}"""
