"""Renames: what the keys of a file are called in the network.

rename:
  backbone.layer1: stages.0       # whole parts of names: backbone.layer1.0.conv.weight is stages.0.0.conv.weight
  backbone: ""                    # the longest that fits counts
  aux_classifier: null            # left out
entry: state_dict_ema             # which of several in a checkpoint
"""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from torch import Tensor

from archspec.diagnostics.diagnostic import Diagnostic, SpecError
from archspec.diagnostics.findings import Findings
from archspec.language.yaml.document import Mapping as Keys
from archspec.language.yaml.document import Scalar
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import read
from archspec.registry import nearest
from archspec.runtime.weights.read import WeightsError
from archspec.values.dataclass import dataclass

ORDER = "order"
_KEYS = ("rename", "entry")


@dataclass(frozen=True, slots=True)
class Renames:
    """What changed its name.

    Attributes:
        names: a key, or whole parts that keys begin with -> what it is called in the network; None leaves it out.
        entry: which state_dict of a checkpoint.
        by_order: keys are paired one by one in their order, whatever they are called.
    """

    names: Mapping[str, str | None] = field(default_factory=dict)
    entry: str = ""
    by_order: bool = False


def read_renames(text: str) -> Renames:
    """What the command line names: a YAML file, or `order`.

    Raises:
        SpecError: the file has a mistake.
    """
    if text == ORDER and not Path(text).exists():
        return Renames(by_order=True)
    document = parse(read(text))
    if not isinstance(document, Keys):
        example = "write `rename: {old.name: new.name}`"
        raise SpecError(
            (Diagnostic("wrong-type", "a file of renames has a key `rename`", document.span, help=example),)
        )
    findings = Findings()
    names: dict[str, str | None] = {}
    entry = ""
    for key, value in document.entries:
        if key.text not in _KEYS:
            findings.add_unknown_key(key.text, _KEYS, key.span)
        elif key.text == "entry" and isinstance(value, Scalar):
            entry = value.text
        elif key.text == "rename" and isinstance(value, Keys):
            for old, new in value.entries:
                if not isinstance(new, Scalar):
                    findings.add("wrong-type", f"{old.text} is called by one name, or null", new.span)
                    continue
                names[old.text] = None if new.value is None else new.text
        else:
            findings.add("wrong-type", "rename has a new name for each: {old.name: new.name}", value.span)
    findings.stop()
    return Renames(names, entry)


def renamed(given: Mapping[str, Tensor], names: Mapping[str, str | None]) -> dict[str, Tensor]:
    """Tensors under their new names, in their order.

    Raises:
        WeightsError: a name that is nowhere, or two tensors of one name.
    """
    used: set[str] = set()
    made: dict[str, Tensor] = {}
    origins: dict[str, str] = {}
    for key, one in given.items():
        old = next((part for part in _beginnings(key) if part in names), None)
        new: str | None = key
        if old is not None:
            used.add(old)
            new = _moved(key, old, names[old])
        if new is None:
            continue
        if new in made:
            raise WeightsError(f"{origins[new]} and {key} are both called {new}")
        made[new], origins[new] = one, key
    lost = next((name for name in names if name not in used), None)
    if lost is not None:
        near = nearest(lost, {part for key in given for part in _beginnings(key)})
        raise WeightsError(f"no key is called {lost}, or begins with it" + (f"; did you mean {near}?" if near else ""))
    return made


def _beginnings(key: str) -> list[str]:
    """`a.b.c -> a.b.c, a.b, a, ""`."""
    parts = key.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _moved(key: str, old: str, new: str | None) -> str | None:
    if new is None:
        return None
    rest = key.removeprefix(old).removeprefix(".")
    return ".".join(part for part in (new, rest) if part)
