"""The page of a difference: both networks, what happened to each item, and what corresponds to it."""

import pytest

from archspec.compare.difference import comparison, tabulate
from archspec.figure.look.theme import DARK, LIGHT
from archspec.page.difference import difference_page
from archspec.page.page import Page
from archspec.pipeline import load_network
from tests.compare.differences import HERE, THERE
from tests.graph.specs import network
from tests.page.conftest import Opens
from tests.page.driver import GEOMETRY, box, selected, shown

PAIR = "resnet:resnet34", "resnet:resnet50"


def made(one: str, other: str) -> Page:
    compared = comparison(load_network(one), load_network(other))
    return difference_page(compared, tabulate(compared))


def test_both_networks_are_blocks_that_are_open() -> None:
    page = made(*PAIR)
    assert page.opened == ("before", "before/layer1", "before/layer1/0", "after", "after/layer1", "after/layer1/0")
    assert {entry.path.partition("/")[0] for entry in page.entries} == {"before", "after"}
    assert {group.title for group in page.light.panel.groups if not group.parent} == {"resnet34", "resnet50"}
    assert page.facts[:2] == (
        ("+3.76 M params (+17.2 %)", "learned parameters: 21,797,672 -> 25,557,032"),
        ("+425.42 M MACs (+11.6 %)", "multiply-adds per sample: 3,663,761,408 -> 4,089,184,256"),
    )


def test_every_item_says_what_happened_and_what_corresponds() -> None:
    page = made(*PAIR)
    items = {box.id for box in page.light.panel.boxes} | page.light.closed.keys()
    assert items == page.marks.keys()
    told = {path: (mark.look, mark.words, mark.partner) for path, mark in page.marks.items()}
    assert told["after/layer1/0/conv3"] == ("added", "+ added", "")
    assert told["before/layer1/0/conv1"] == (
        "changed",
        "~ kernel_size 3 -> 1; ~ padding 1 -> 0",
        "after/layer1/0/conv1",
    )
    assert told["after/conv1"] == ("same", "", "before/conv1")
    assert {page.marks[mark.partner].partner for mark in page.marks.values() if mark.partner} <= items


def test_a_repeat_that_grew_says_by_how_much() -> None:
    marks = made("resnet:resnet50", "resnet:resnet101").marks
    assert (marks["before/layer3"].look, marks["before/layer3"].words) == ("changed", "~ 6 -> 23 blocks")
    assert marks["after/layer3/6"].look == "added"


def test_what_moved_corresponds_across_blocks() -> None:
    compared = comparison(network(HERE), network(THERE))
    marks = difference_page(compared, tabulate(compared)).marks
    assert (marks["before/left/pair"].look, marks["before/left/pair"].partner) == ("moved", "after/right/pair")


@pytest.mark.parametrize(("theme", "scheme"), [(LIGHT, "auto"), (DARK, "dark")])
def test_a_dark_theme_starts_dark(theme: str, scheme: str) -> None:
    compared = comparison(load_network(PAIR[0]), load_network(PAIR[1]))
    assert difference_page(compared, tabulate(compared), theme=theme).scheme == scheme


# -- in a browser -----------------------------------------------------------------------------------------------------


def test_what_corresponds_opens_together(explore: Opens) -> None:
    page = explore(PAIR[0], against=PAIR[1])
    box(page, "before/layer2").dblclick()
    assert {"before/layer2/0", "after/layer2/0"} <= set(shown(page))
    assert page.locator(".ring.partner").count() == 1
    page.evaluate("toggle(byKey.get('after/layer2'))")
    assert not {"before/layer2/0", "after/layer2/0"} & set(shown(page))
    page.evaluate("toggle(byKey.get('before'))")
    assert "after/conv1" in shown(page)
    assert "before/conv1" not in shown(page)


def test_the_changes_are_stepped_through(explore: Opens) -> None:
    page = explore(PAIR[0], against=PAIR[1])
    assert page.locator("#found").inner_text().strip().startswith("Change 1 of ")
    assert page.locator(".ring.found").count() == 0
    page.keyboard.press("n")
    first = selected(page)
    page.keyboard.press("n")
    assert selected(page) != first
    for path in (first, selected(page)):
        assert page.evaluate(f"items[byKey.get('{path}')].look") == "changed"
    page.keyboard.press("Escape")
    assert page.locator("#found").inner_text().strip().startswith("Change 1 of ")


def test_the_table_says_what_happened(explore: Opens) -> None:
    page = explore(PAIR[0], against=PAIR[1])
    row = page.locator('.row[data-item="' + str(page.evaluate("byKey.get('before/layer1/0/conv1')")) + '"]')
    assert row.locator(".happened").inner_text() == "~ kernel_size 3 -> 1; ~ padding 1 -> 0"
    assert page.evaluate("percent(shareOf(items[byKey.get('before')]))") == "100.0 %"


@pytest.mark.parametrize("pair", [PAIR, ("unet", "unet:upsample"), ("googlenet", "googlenet_torchvision")])
def test_lines_meet_their_boxes_in_both_networks(explore: Opens, pair: tuple[str, str]) -> None:
    page = explore(pair[0], against=pair[1])
    assert page.evaluate(GEOMETRY) == []
    page.keyboard.press("o")
    assert page.evaluate(GEOMETRY) == []
