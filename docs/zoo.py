"""The page reference/zoo.md: every network of the gallery with its counts, its lines of code and its proof.

What needs torchvision stands in two tables of tests/reference, which tests/gallery/test_zoo.py holds against it: so the
page is the same where torchvision is not installed.
"""

import csv
from functools import cache
from pathlib import Path

from archspec.code.pytorch import emit
from archspec.gallery import Entry, Uses, gallery, resolve_spec
from archspec.graph.report import totals
from archspec.language.load import load_spec
from archspec.pipeline import load_network
from archspec.tables.reference import GENERATED
from docs.lines import lines_of_python, lines_of_spec

REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference"
FACTS = {
    "params": "params",
    "macs": "MACs",
    "buffers": "buffers",
    "train_only_params": "train-only params",
    "output": "outputs",
    "block": "blocks",
}
INTRODUCTION = """
# Every network

All networks of [the gallery](../gallery.md), each variant at its declared input. Params are learned parameters of
inference; MACs are multiply-adds per sample, as under [counts](summary.md).

**Lines of code** are counted in one way for all: lines on which something stands that is neither a comment nor
documentation. Blank lines, docstrings, imports and `__all__` are left out, and a spec's `doc:` lines.

- *spec*: the file of the spec, all its variants and what it expects of itself included;
- *source*: the source that `archspec compile` writes for this one variant;
- *torchvision*: the one module of torchvision 0.28 that defines its twin, with all the variants of that module. What it
  has for published weights alone is left out: the enums of weights and their constants, the decorators of the registry,
  what a builder does to check and load weights. Its modules import layers from others, and specs use other specs: both
  are counted where they stand.

**Verified against** says what the tests compare with, and how far: *keys* is a `state_dict` of the same keys in the
same order with the same shapes, *shapes* one of the same shapes in the same order under other names; *numbers* are the
outputs, bit for bit, from the same weights, in eval and in train mode; *but for the last bits* where the twin sums in
another order. *Starts* says that parameters are equal bit for bit as two constructors leave them from one seed, *starts
alike* that they are of the same distributions, tensor by tensor. A variant without *numbers* differs in depth and width
from one that has them. Without a twin, `expect` stands there and what it states of the variant, which `archspec check`
proves; the figures of papers are in [the gallery](../gallery.md).

| Network | Params | MACs | Spec | Source | torchvision | Verified against |
| :--- | ---: | ---: | ---: | ---: | ---: | :--- |
"""


def zoo_page() -> str:
    """docs/reference/zoo.md."""
    return zoo_head() + "".join(zoo_row(entry, variant) for entry in gallery() for variant in entry.variants or ("",))


def zoo_head() -> str:
    """What stands above the lines of the networks."""
    return f"{GENERATED}\n{INTRODUCTION}"


def zoo_row(entry: Entry, variant: str) -> str:
    """The line of one network, which is loaded and emitted for it."""
    twins, modules = _twins(), _modules()
    name = f"{entry.name}:{variant}" if variant else entry.name
    network = load_network(name)
    inference, _ = totals(network)
    twin = twins.get(name)
    cells = (
        f"`{name}`",
        f"{inference.params:,}",
        f"{inference.macs:,}",
        str(lines_of_spec(entry.path.read_text(encoding="utf-8"))),
        str(lines_of_python(emit(network))),
        modules.get(twin["twin"].partition(":")[0], "") if twin else "",
        _proof(twin) if twin else _expected(entry).get(variant, ""),
    )
    return f"| {' | '.join(cells)} |\n"


@cache
def _twins() -> dict[str, dict[str, str]]:
    return {row["spec"]: row for row in _table("twins.csv")}


@cache
def _starts() -> dict[str, str]:
    rows = _table("starts.csv")
    return {row["spec"]: ", starts" if row["equal"] == row["tensors"] else ", starts alike" for row in rows}


@cache
def _modules() -> dict[str, str]:
    return {row["module"]: row["lines"] for row in _table("torchvision_lines.csv")}


def _proof(twin: dict[str, str]) -> str:
    module, _, call = twin["twin"].partition(":")
    written_out = module.startswith("tests.")
    name = f"[{call}](../../{module.replace('.', '/')}.py)" if written_out else f"`{module}:{call}`"
    numbers = {"equal": ", numbers", "close": ", numbers but for the last bits", "": ""}
    return f"{name}: {twin['state_dict']}{numbers[twin['outputs']]}{_starts().get(twin['spec'], '')}"


@cache
def _expected(entry: Entry) -> dict[str, str]:
    """Variant -> the kinds of facts that the spec states of it."""
    source = resolve_spec(entry.path).source
    spec, _ = load_spec(source, Uses(source).resolve)
    kinds: dict[str, dict[str, None]] = {}
    for case in spec.expect:
        stated = (fact.figure if fact.of == "network" else fact.of for fact in case.facts)
        kinds.setdefault(case.variant, {}).update({FACTS.get(kind, kind): None for kind in stated})
    return {variant: f"`expect`: {', '.join(known)}" for variant, known in kinds.items()}


def _table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
