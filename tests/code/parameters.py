"""Constructor parameters, tried: `Net(p=v)` beside the source for `--set p=v`, for every network there is.

    python tests/code/parameters.py                  a table for the gallery and all cases
    python tests/code/parameters.py resnet source/f  for these only

Two values that the spec takes are tried of each, as `verify` tries one; see `archspec/runtime/arguments.py`. Of a param
that is none the table says why: a variant sets it, the source does not read it, or which member it decides.
"""

import inspect
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import inf
from pathlib import Path
from types import FrameType
from typing import Any, Self
from unittest import mock

from archspec.code.constructors import settled
from archspec.code.followed import is_list
from archspec.code.settings import Settling
from archspec.code.sizes import Walk
from archspec.diagnostics.diagnostic import SpecError
from archspec.graph.graph import Param
from archspec.graph.network import Network
from archspec.pipeline import load_network
from archspec.runtime.arguments import JUDGED, Emitted, Trial, emitted, others, trial
from archspec.values.expression import Value

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Tried:
    """A network, its constructor's parameters, and its spec's params that are none, each with the reason."""

    name: str
    trials: tuple[Trial, ...]
    lost: tuple[tuple[str, str], ...]


def lies(one: Trial) -> bool:
    """Whether the constructor takes the value and does not do what the spec does with it."""
    return one.outcome not in ("equal", "refused by both", "another length", "untried")


def names() -> list[str]:
    """Every case as KIND/NAME, and every network of the gallery, one variant of each structure."""
    from tests.gallery.networks import representatives

    return [
        *sorted(path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.yaml")),
        *representatives(),
    ]


def load(name: str, settings: Mapping[str, Value] | None = None) -> Network:
    """A case, a file or a network of the gallery, with values for some of its params. Raises SpecError."""
    path = CASES / f"{name}.yaml"
    return load_network(path if path.exists() else name, settings=settings)


def tried(name: str, *, numbers: bool = False) -> Tried:
    """Tries every constructor parameter of a network. Linear in the network's size times its parameters."""
    made = emitted(load(name))
    params = {param.name: param for param in made.network.graph.scopes[""].definition.params}
    trials = tuple(one for argument in made.arguments for one in _trials(name, made, argument, numbers=numbers))
    reasons = noted(made.network)
    lost = tuple(
        (param.name, _why(param, made.network.params[param.name], reasons))
        for param in params.values()
        if param.name not in made.arguments.values()
    )
    return Tried(name, trials, lost)


def _why(param: Param, value: Value, reasons: Mapping[str, str]) -> str:
    """Why a param is no parameter."""
    if param.varied:
        return "a variant sets it"
    if param.follows is not None:
        return "it follows from others"
    if not isinstance(value, int | float) and not is_list(value):
        return "no number"
    return reasons.get(param.name, "the source does not read it")


class _Noted(set[str]):
    """The params that have to be literals, which keeps who said so first."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__()
        self.reasons = reasons

    def __ior__(self, names: AbstractSet[object]) -> Self:  # type: ignore[override]  # only what is a name
        for name in map(str, names - self):
            self.reasons.setdefault(name, _said_by(inspect.currentframe()))
        self.update(map(str, names))
        return self


def _said_by(frame: FrameType | None) -> str:
    """The class of the spec, the member and the setting at which the compiler is."""
    held: dict[str, object] = {}
    called: list[str] = []
    while frame is not None and "settled" not in called:
        for name in frame.f_locals.keys() - held.keys():
            held[name] = frame.f_locals[name]
        called.append(frame.f_code.co_name)
        if isinstance(frame.f_locals.get("self"), Walk):
            held["walk"] = frame.f_locals["self"]
        frame = frame.f_back
    walk, part = held.get("walk"), held.get("part")
    where = walk.template.definition.name if isinstance(walk, Walk) else ""
    slot = f", {held['slot']}" if "slot" in held else ""
    site = getattr(part, "site", None)
    name = getattr(part, "name", "") or getattr(site, "name", "") or "what is there"
    return f"decides {name}{slot} in {where} ({called[2]})"


def noted(network: Network) -> dict[str, str]:
    """Param that has to be a literal -> why."""
    reasons: dict[str, str] = {}
    made = Settling.__init__

    def noting(self: Settling, *given: Any) -> None:
        made(self, *given)
        self.structural = _Noted(reasons)

    with mock.patch.object(Settling, "__init__", noting):
        settled(network)
    return reasons


def _trials(name: str, made: Emitted, argument: str, *, numbers: bool) -> list[Trial]:
    """Two values that the spec takes, and those that it refuses on the way."""
    held = made.network.params[made.arguments[argument]]
    found: list[Trial] = []
    for value in others(held):
        found.append(
            trial(made, lambda settings: load(name, settings), argument, value, most_work=inf if numbers else 0)
        )
        if sum(one.outcome in JUDGED for one in found) == 2:
            break
    kept = [one for one in found if one.outcome not in ("refused by both", "another length")]
    return kept or found[:1] or [Trial(argument, held, "untried")]


def table(wanted: list[str]) -> Iterator[str]:
    """A line for each parameter, and for each param that is none."""
    for name in wanted:
        try:
            found = tried(name)
        except (SpecError, SyntaxError, TypeError, ValueError, NameError, AttributeError, ImportError) as error:
            yield f"{name:44} no class: {type(error).__name__}"
            continue
        for one in found.trials:
            yield f"{name:44} {one.name}={one.value!r:<12} {one.outcome}  {one.told}"
        for param, why in found.lost:
            yield f"{name:44} {param:<20} lost: {why}"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    for line in table(sys.argv[1:] or names()):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
