"""What is counted by doing steps again is what the pipeline counts, mistakes included."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from archspec.diagnostics.diagnostic import SpecError
from archspec.gallery import names
from archspec.pipeline import Reading, read_network
from archspec.search.counting import Counting, Figures, figures_of
from archspec.values.expression import Value
from tests.examples import one_in

SPECS = sorted((Path(__file__).parents[1] / "code/specs").glob("*.yaml"))


def others(value: Value) -> list[Value]:
    """Values near one of a param, most of which make a network."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value * 2, max(value // 2, 0)]
        case float():
            return [value / 2]
        case tuple() if value and all(isinstance(item, int) for item in value):
            return [tuple(item * 2 for item in value if isinstance(item, int)), value[1:], (*value, value[-1])]
        case _:
            return []


def asked(reading: Reading) -> Iterator[tuple[Mapping[str, object], Mapping[str, tuple[int, ...]]]]:
    """Variants of a spec: as it is, one param changed at a time, and every input at another size."""
    settled = reading.settled()
    sizes = {name: shape.dims for name, shape in settled.inputs.items()}
    yield {}, sizes
    yield {}, {name: (*dims[:1], *(size + 32 for size in dims[1:])) for name, dims in sizes.items()}
    for name, value in settled.params.items():
        for other in others(value):
            yield {name: list(other) if isinstance(other, tuple) else other}, sizes


def outcome(count: object) -> Figures | list[tuple[str, str]]:
    try:
        return count()  # type: ignore[operator,no-any-return]
    except SpecError as error:
        return [(found.code, found.message) for found in error.diagnostics if found.severity == "error"]


def hold_equal(reading: Reading) -> Counting:
    counting = Counting(reading)
    for settings, inputs in [*asked(reading)]:
        ours = outcome(lambda: counting.of(settings, inputs))  # noqa: B023  called at once
        assert ours == outcome(lambda: figures_of(reading(inputs, settings))), (settings, inputs)  # noqa: B023
    return counting


def first_of(spec: str | Path) -> Reading:
    """A spec as it is asked for: its first variant where its params have no values by themselves."""
    reading = read_network(spec)
    if any(param.required for param in reading.spec.body.params.values()):
        return read_network(f"{spec}:{next(iter(reading.spec.variants))}")
    return reading


@pytest.mark.parametrize("name", one_in(22, names(), "albert", "resnet", "siamese"))
def test_of_the_gallery(name: str) -> None:
    hold_equal(first_of(name))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_of_small_specs(path: Path) -> None:
    hold_equal(first_of(path))


def test_only_another_structure_is_expanded() -> None:
    counting = Counting(read_network("resnet:resnet50"))
    for depth in (1, 2):
        for width in (32, 64, 96):
            for size in (160, 224):
                counting.of({"depths": [depth] * 4, "base_width": width}, {"": (3, size, size)})
    assert counting.expanded == 2


def test_what_is_forgotten_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.search.known.MOST", 20)
    reading = read_network("resnet:resnet18")
    counting = Counting(reading)
    for size in (64, 96, 64, 128, 96):
        for width in (32, 64, 32):
            asked = {"base_width": width}, {"": (3, size, size)}
            assert counting.of(*asked) == figures_of(reading(asked[1], asked[0]))
    assert counting.expanded == 1
