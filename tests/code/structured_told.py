"""What drawn specs tell of themselves beside what they compute: `figure` and `lint` of members, blocks and the spec."""

from collections.abc import Iterator
from random import Random
from typing import Any

from archspec.language.forms import GLYPHS
from archspec.lint.rule import rules

LABELS = ("mix", "3 x 3", 'the "one"', "a_b", "λ & co", "x" * 40, "two\nlines")


def add_told(rng: Random, spec: dict[str, Any]) -> None:
    """Keys that change no number, now and then."""
    for holder in (spec, *spec.get("blocks", {}).values()):
        for entry in _members(holder["graph"]):
            op = "op" in entry
            if rng.random() < 0.15:
                entry["figure"] = _figure(rng, op=op)
            if rng.random() < 0.05:
                entry["lint"] = {"ignore": rng.sample(list(rules()), rng.choice([1, 2]))}
        if rng.random() < 0.1:
            holder["lint"] = {"ignore": rng.sample(list(rules()), 1)}
        if holder is not spec and rng.random() < 0.2:
            holder["figure"] = _figure(rng, op=False)


def _figure(rng: Random, *, op: bool) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "label": rng.choice(LABELS),
        "hidden": rng.random() < 0.5,
        "glyph": rng.choice(GLYPHS),
        "group": rng.choice(["stem", "head"]),
        "row": rng.choice([0, 1, 2]),
    }
    if not op:
        keys["opened"] = rng.random() < 0.5
    return {key: keys[key] for key in rng.sample(sorted(keys), rng.choice([1, 1, 2, 3]))}


def _members(graph: Any) -> Iterator[dict[str, Any]]:
    """The members of a graph that are written as mappings, and those of graphs in place inside of it."""
    for entry in graph.values() if isinstance(graph, dict) else graph:
        for one in entry if isinstance(entry, list) else [entry]:
            if isinstance(one, dict):
                yield one
                yield from _members(one.get("graph", ()))
