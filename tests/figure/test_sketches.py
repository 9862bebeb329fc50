"""Pictures of one network for several pages share what no page changes, and no picture changes by that."""

from itertools import product

import pytest

from archspec.figure.place.fit import fitted
from archspec.figure.what import depict, panels
from archspec.figure.what.depict import Page, Sketches, diagram
from archspec.figure.what.fold import Fold
from archspec.pipeline import load_network
from tests.figure.drawn import network

NAMES = ("hourglass", "segnet", "densenet:densenet121", "mobilenet_v3:mobilenet_v3_large")


@pytest.mark.parametrize("name", NAMES)
def test_sketches_of_other_pages_change_no_picture(name: str) -> None:
    sketches: Sketches = {}
    for budget, by_level, terse in product((32, 8), (True, False), (False, True)):
        page = Page(width=245.0, budget=budget, by_level=by_level, terse=terse, turned=terse)
        made = diagram(network(name), page=page, sketches=sketches)
        assert made == diagram(load_network(name), page=page)


def test_what_is_open_is_drawn_once_however_many_pages_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[frozenset[str]] = []
    panel = panels.panel

    def counted(setting: object, folded: Fold, **rest: bool) -> object:
        drawn.append(folded.opened)
        return panel(setting, folded, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(depict, "panel", counted)
    fitted(network("hourglass"), width=245.0)
    assert len(drawn) <= 2 * len(set(drawn))  # in large type and in small
