"""What of given weights fits a module: all of it, or an error that says by key what does not.

fitted(module, {"conv.weight": ...}, Renames({"backbone": ""}))  ->  Fitted(state, notes)
"""

import warnings
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from torch import Tensor, nn

from archspec.registry import nearest
from archspec.runtime.weights.read import WeightsError, read_weights, state_in
from archspec.runtime.weights.rename import Renames, read_renames, renamed
from archspec.values.dataclass import dataclass

SHOWN = 8  # keys of one kind in a message


Weights: TypeAlias = Mapping[str, Tensor] | nn.Module | str | PathLike[str]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Weights by the keys of a module.

    Attributes:
        state: all that the module asks for.
        notes: what was changed on the way, for the user.
    """

    state: Mapping[str, Tensor]
    notes: tuple[str, ...] = ()


def load(module: nn.Module, weights: Weights, rename: Mapping[str, str | None] | str = "") -> None:
    """Loads weights into a module, all of them or none.

    Args:
        module: it.
        weights: a state_dict, a module that has one, or a file.
        rename: what changed its name, as a mapping, a YAML file or "order"; "" for nothing.

    Raises:
        WeightsError: the file cannot be read, or the weights do not fit.
        SpecError: the file of renames has a mistake.
    """
    renames = (read_renames(rename) if rename else Renames()) if isinstance(rename, str) else Renames(rename)
    module.load_state_dict(fitted(module, tensors(weights, renames), renames).state, strict=False)


def tensors(weights: Weights, renames: Renames) -> dict[str, Tensor]:
    """Weights by the keys that they have where they come from. Raises WeightsError."""
    if isinstance(weights, nn.Module):
        return dict(weights.state_dict())
    if isinstance(weights, Mapping):
        return state_in("the mapping", weights, renames.entry)
    return read_weights(Path(weights), renames.entry)


def fitted(module: nn.Module, given: Mapping[str, Tensor], renames: Renames) -> Fitted:
    """The weights as the module takes them.

    A key is left to the module where torch does not ask for it either (a counter that older files lack), or where it is
    another name of a tensor that is there.

    Args:
        module: of the network; on the device meta nothing of it is touched.
        given: tensors by key.
        renames: what changed its name.

    Raises:
        WeightsError: a key is missing, extra, or of another shape.
    """
    needed = dict(module.state_dict(keep_vars=True))
    asked_for = _asked_for(module)
    found = renamed(given, renames.names)
    notes: tuple[str, ...] = ()
    if renames.by_order:
        return Fitted(_in_order(needed, asked_for, found))
    found, prefix = _without_prefix(found, needed)
    if prefix:
        notes = (f"left out {prefix} before every key",)
    found |= _under_other_names(needed, found)
    missing = [key for key in needed if key in asked_for and key not in found]
    extra = [key for key in found if key not in needed]
    other = [key for key in needed if key in found and found[key].shape != needed[key].shape]
    if missing or extra or other:
        raise WeightsError(_said(needed, found, missing, extra, other, _fits_in_order(needed, asked_for, given)))
    return Fitted({key: found[key] for key in needed if key in found}, notes)


def _asked_for(module: nn.Module) -> set[str]:
    """The keys without which torch does not load strictly: it makes up the counters of batch norms."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on the device meta, that nothing is copied
        return set(module.load_state_dict({}, strict=False).missing_keys)


def _without_prefix(found: dict[str, Tensor], needed: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """The keys without what all of them begin with, as `module.` of nn.DataParallel, where none of ours does."""
    taken = ""
    while found:
        first = next(iter(found)).partition(".")
        prefix = f"{first[0]}."
        inside = first[1] and all(key.startswith(prefix) for key in found)
        if not inside or any(key.startswith(prefix) for key in needed):
            break
        found = {key.removeprefix(prefix): one for key, one in found.items()}
        taken += prefix
    return found, taken


def _under_other_names(needed: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What is missing and the same tensor as one that is there: files hold tied weights once."""
    owner = {id(needed[key]): key for key in found if key in needed}
    return {key: found[owner[id(one)]] for key, one in needed.items() if key not in found and id(one) in owner}


def _in_order(needed: Mapping[str, Tensor], asked_for: set[str], given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keys one by one; where the file lacks what torch does not ask for either, without it."""
    ours = list(needed) if len(given) == len(needed) else [key for key in needed if key in asked_for]
    for number, (key, (theirs, one)) in enumerate(zip(ours, given.items(), strict=False), 1):
        if one.shape != needed[key].shape:
            raise WeightsError(
                f"by order, tensor {number} is {key} of {_size(needed[key])} here and {theirs} of {_size(one)} there: "
                "name what changed in a file of --rename"
            )
    if len(ours) != len(given):
        raise WeightsError(f"by order, there are {len(ours)} tensors here and {len(given)} there")
    return dict(zip(ours, given.values(), strict=True))


def _fits_in_order(needed: Mapping[str, Tensor], asked_for: set[str], given: Mapping[str, Tensor]) -> bool:
    try:
        _in_order(needed, asked_for, given)
    except WeightsError:
        return False
    return True


def _said(
    needed: Mapping[str, Tensor],
    found: Mapping[str, Tensor],
    missing: list[str],
    extra: list[str],
    other: list[str],
    in_order: bool,
) -> str:
    """By key what does not fit, and what would do."""
    counts = ((missing, "missing"), (extra, "extra"), (other, "of another shape"))
    heads = ", ".join(f"{len(keys)} {what}" for keys, what in counts if keys)
    lines = [f"the weights do not fit, and none was loaded: {heads}"]
    lines += _shown(missing, lambda key: f"missing  {key}  {_size(needed[key])}{_hint(key, extra)}")
    lines += _shown(extra, lambda key: f"extra    {key}  {_size(found[key])}")
    lines += _shown(other, lambda key: f"shape    {key}  {_size(needed[key])} here, {_size(found[key])} there")
    if in_order:
        lines.append("help: in order, all have the shapes that are asked for: --rename order takes them so")
    elif missing and extra:
        lines.append(
            "help: say what is called otherwise in a file: `rename: {old.name: new.name}`, and name it by --rename"
        )
    elif extra:
        lines.append("help: `rename: {name: null}` in a file for --rename leaves a part out")
    return "\n".join(lines)


def _shown(keys: list[str], line: Callable[[str], str]) -> list[str]:
    more = [f"  and {len(keys) - SHOWN} more"] if len(keys) > SHOWN else []
    return [*(f"  {line(key)}" for key in keys[:SHOWN]), *more]


def _hint(key: str, extra: list[str]) -> str:
    near = nearest(key, extra)
    return f"; the nearest that is extra is {near}" if near else ""


def _size(one: Tensor) -> str:
    return " x ".join(map(str, one.shape)) or "one number"
