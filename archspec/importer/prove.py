"""Prove: the source of a spec is what the module is: its keys, its parameters, and what it computes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from math import inf

import torch
from torch import Tensor, nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import Diagnostic, SpecError
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.importer.chance import DRAWN, LeftOut
from archspec.importer.elsewhere import other_size, smaller_sizes
from archspec.importer.inputs import batch_of
from archspec.importer.layout import BatchIn
from archspec.importer.side import Side
from archspec.importer.state import Kept, undrawn
from archspec.pipeline import read_text
from archspec.runtime.build import load_class
from archspec.runtime.compare import parts
from archspec.runtime.outcome import first_line
from archspec.values.dataclass import dataclass

TOLERANCE = 1e-4  # of the largest number: sums in another order differ in the last bits, and layers multiply that
TOLERANCE_OF_GRADIENTS = 1e-2  # their sums run over all places, and many nearly cancel
TAKEN = frozenset({"equal", "other", "declared only"})  # what is so at a size that the module takes
SHOWN = 4
_PIECE = 1 << 20  # numbers that are compared at once, as each is held in doubles several times


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that was held against the module.

    Attributes:
        name: `strict load`, `output in eval, batch 2`.
        holds: whether it does.
        detail: what is otherwise, or how equal it is.
        exact: it holds to the last bit.
        binding: no spec is written where it does not hold.
        bare: the module gives one sample without the batch, as `y.squeeze()` does.
    """

    name: str
    holds: bool
    detail: str = ""
    exact: bool = True
    binding: bool = True
    bare: bool = False

    def line(self) -> str:
        """One line for people."""
        found = "ok" if self.holds else "FAILED" if self.binding else "not so"
        alone = "; the module gives one sample without the batch" if self.bare else ""
        return f"{self.name}: {found}{f', {self.detail}' if self.detail else ''}{alone}"


@dataclass(frozen=True, slots=True)
class Proof:
    """All claims.

    Attributes:
        claims: in the order in which they were held.
        facts: what `archspec check` is to expect from now on.
        elsewhere: in a word or two, what is so at a second size of the inputs; "" where none was tried.
    """

    claims: tuple[Claim, ...]
    facts: Mapping[str, int] = field(default_factory=dict)
    elsewhere: str = ""

    @property
    def exact(self) -> bool:
        """Whether all of them hold to the last bit."""
        return all(claim.holds and claim.exact for claim in self.claims if claim.binding)

    @property
    def holds(self) -> bool:
        """Whether all of them do."""
        return all(claim.holds for claim in self.claims if claim.binding)

    def with_params(self, names: Iterable[str]) -> "Proof":
        """The proof in which it is said too of these params that modules made with other values are the spec's."""
        said = ", ".join(names)
        return replace(self, claims=(*self.claims, Claim(f"with other {said}", True))) if said else self


@dataclass(frozen=True, slots=True)
class Known:
    """What is known to be otherwise in the module than in its spec.

    Attributes:
        idle: multiply-adds of what no output of the spec follows from, and the spec does not have.
        training: why the spec says inference only; "" where it says both.
        batch_in: where each output of the module has its batch, by name; a spec's have it first.
        left_out: the outputs of the module that the spec does not have, by name.
    """

    idle: int = 0
    training: str = ""
    batch_in: Mapping[str, BatchIn] = field(default_factory=dict)
    left_out: Collection[str] = frozenset()


def prove(
    text: str, kept: Kept, inputs: Mapping[str, Tensor], known: Known | None = None, variant: str | None = None
) -> Proof:
    """Holds the source of a spec against a module, which is as before afterwards.

    Sizes and costs are held at the size of the inputs, and so is what one sample gives in inference. The rest, several
    samples, training and gradients, costs many times as much: it is held at a smaller size, where the module takes one
    and the source is equal there, and at the same size otherwise.

    Args:
        text: the spec.
        kept: the module that it was made from.
        inputs: by the names of forward's arguments.
        known: what is known to be otherwise.
        variant: the variant of the spec that the module is; None for its default.
    """
    known = known or Known()
    try:
        network = read_text(text, variant=variant)()
    except SpecError as wrong:
        return Proof(tuple(Claim("check", False, _said(one)) for one in wrong.diagnostics if one.severity == "error"))
    try:
        with undrawn():
            made = load_class(emit(network), root_class(network), filename=f"<archspec {network.name}>")()
    except Exception as fault:  # noqa: BLE001  whatever the source raises, it is not what the module is
        return Proof((Claim("source", False, f"{type(fault).__name__}: {first_line(fault)}"),))
    keys = held_keys(made, kept.module)
    if not keys.holds:
        return Proof((keys,))
    cost, _ = totals(network)
    mine = Side(made, False, Kept(made, kept))
    theirs = Side(kept.module, True, kept, known.batch_in, known.left_out)
    counted = tuple(_counts(network, mine, theirs, batch_of(inputs, 1), known.idle))
    runs, word = _runs(mine, theirs, inputs, known)
    kept.restore(everything=True)
    return Proof((keys, *counted, *runs), {"params": cost.params, "macs": cost.macs}, word)


def _runs(mine: Side, theirs: Side, inputs: Mapping[str, Tensor], known: Known) -> tuple[list[Claim], str]:
    """What both compute, the cheapest way, and in a word what is so at another size."""
    runs = [_run(mine, theirs, (inputs,), False, 1)]
    places, word, elsewhere = [inputs], "", []
    others = [*smaller_sizes(inputs), other_size(inputs)] if runs[0].holds else [other_size(inputs)]
    for other in others:
        word, claim = _elsewhere(mine, theirs, other) if other else ("", None)
        elsewhere = [claim] if claim is not None else []
        if word == "equal" and other is not others[-1]:
            places = [other, inputs]
        if word in TAKEN:
            break
    modes = ((False, 2),) if known.training else ((False, 2), (True, 2), (True, 1))
    runs += [_run(mine, theirs, places, training, samples) for training, samples in modes]
    runs += _gradients(mine, theirs, batch_of(places[0], 1)) if all(run.holds for run in runs) else ()
    if known.training:
        runs.append(Claim("training", False, known.training, binding=False))
    return [*runs, *elsewhere], word


def _said(wrong: Diagnostic) -> str:
    line = wrong.span.source.text.splitlines()[wrong.span.line - 1].strip()
    return f"{wrong.message} [{wrong.code}] at: {line}"


def held_keys(made: nn.Module, module: nn.Module) -> Claim:
    """Whether the source has the keys of a module, in these sizes; if so it holds what the module does afterwards."""
    want, have = module.state_dict(), made.state_dict()
    missing = [key for key in want if key not in have]
    extra = [key for key in have if key not in want]
    sizes = [key for key in want if key in have and want[key].shape != have[key].shape]
    for name, keys in (("missing", missing), ("extra", extra), ("of other sizes", sizes)):
        if keys:
            more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
            return Claim("strict load", False, f"{name}: {', '.join(keys[:SHOWN])}{more}")
    shared = _share(made, module)
    made.load_state_dict({key: one for key, one in want.items() if key not in shared}, strict=False)
    order = "" if list(want) == list(have) else " in another order"
    return Claim("strict load", True, f"{len(want)} keys{order}")


def _share(made: nn.Module, module: nn.Module) -> set[str]:
    """Lets the source's parameters be held where the module's are, to which they are equal; the keys of those."""
    theirs = dict(module.named_parameters(remove_duplicate=False))
    shared: set[str] = set()
    for key, one in made.named_parameters(remove_duplicate=False):
        same = theirs.get(key)
        if same is not None and (same.dtype, same.stride()) == (one.dtype, one.stride()):
            one.data = same.data
            shared.add(key)
    return shared


def _counts(network: Network, mine: Side, theirs: Side, inputs: Mapping[str, Tensor], idle: int) -> Iterator[Claim]:
    cost, train_only = totals(network)
    want = sum(parameter.numel() for parameter in theirs.module.parameters())
    have = cost.params + train_only.params
    detail = f"{have:,}" if want == have else f"the module has {want:,}, the spec {have:,}"
    yield Claim("params", want == have, detail)
    try:
        asked, given = theirs.macs(inputs), mine.macs(inputs)
    except Exception:  # noqa: BLE001  torch cannot count it, or the source does not run, which its outputs will say
        return
    detail = f"{cost.macs:,}" if asked == given else f"torch counts {asked:,} of the module, {given:,} of the source"
    if idle and asked - given == idle:
        reason = "for what is left out or unread" if theirs.left_out else "that nothing reads"
        detail = f"{cost.macs:,}, and the module does {idle:,} more {reason}"
    yield Claim("macs", asked - given == idle, detail)


def _sizes(inputs: Mapping[str, Tensor]) -> str:
    return " and ".join("x".join(map(str, one.shape[1:])) or "one number" for one in inputs.values())


def _elsewhere(mine: Side, theirs: Side, inputs: Mapping[str, Tensor]) -> tuple[str, Claim]:
    """What is so at another size, in a word and as a claim that is not binding."""
    name = f"output at {_sizes(inputs)}"
    try:
        want = theirs.outputs(inputs, training=False)
    except Exception:  # noqa: BLE001  the user's module raises what it will
        want = None
    try:
        have = mine.outputs(inputs, training=False)
    except Exception as fault:  # noqa: BLE001  whatever the source raises, it is not what the module is
        if want is None:
            return "refused by both", Claim(name, True, "both refuse it", binding=False)
        detail = f"the module takes it, and the source does not: {first_line(fault)}"
        return "declared only", Claim(name, False, detail, binding=False)
    if want is None:
        return "refused by the module", Claim(
            name, True, "the module refuses it, and the source does not", binding=False
        )
    claim = replace(equal(want, have), name=name, binding=False)
    return "equal" if claim.holds else "other", claim


def _run(mine: Side, theirs: Side, places: Sequence[Mapping[str, Tensor]], training: bool, samples: int) -> Claim:
    """What both give in one mode, at the first size at which the module runs."""
    name = f"output in {'training' if training else 'eval'}, batch {samples}"
    fault = ""
    for place in places:
        inputs = batch_of(place, samples)
        where = f"{name}, at {_sizes(place)}" if place is not places[-1] else name
        try:
            want = theirs.outputs(inputs, training=training)
        except Exception as raised:  # noqa: BLE001  the user's module raises what it will
            fault = f"{type(raised).__name__}: {first_line(raised)}"
            continue
        return replace(_held(mine, theirs, inputs, want, training), name=where)
    return Claim(name, True, f"the module itself does not run: {fault}")


def _held(mine: Side, theirs: Side, inputs: Mapping[str, Tensor], want: list[Tensor], training: bool) -> Claim:
    """Whether the source gives the same; in training with nothing left to chance, where it does not otherwise."""
    try:
        claim = equal(want, mine.outputs(inputs, training=training))
        for drawn in DRAWN if training else ():
            if claim.holds:
                break
            with LeftOut(drawn):
                sure = theirs.outputs(inputs, training=training)
                claim = equal(sure, mine.outputs(inputs, training=training))
            claim = replace(claim, exact=False, detail=f"{claim.detail} with nothing left to chance")
    except Exception as fault:  # noqa: BLE001  whatever the source raises, it is not what the module is
        return Claim("", False, f"{type(fault).__name__}: {first_line(fault)}")
    return claim


def _gradients(mine: Side, theirs: Side, inputs: Mapping[str, Tensor]) -> tuple[Claim, ...]:
    """Whether all parameters have the gradients that the module's have; nothing where that has none."""
    try:
        want = theirs.gradients(inputs)
    except Exception:  # noqa: BLE001  the user's module raises what it will, and may be for inference only
        return ()
    keys = dict(mine.module.named_parameters(remove_duplicate=False))
    want = {key: one for key, one in want.items() if key in keys}
    least = max((_largest(one) for one in want.values() if one.numel()), default=0.0) * TOLERANCE
    apart: dict[str, float] = {}
    missing: set[str] = set()

    def compare(key: str, have: Tensor) -> None:
        if (one := want.pop(key, None)) is not None:  # and is gone: all of a large network's are as much as its weights
            apart[key] = _apart(one, have, least)
            missing.update(() if one.any() else (key,))

    try:
        mine.each_gradient(inputs, compare)
    except Exception as fault:  # noqa: BLE001  whatever the source raises, it is not what the module is
        return (Claim("gradients", False, f"{type(fault).__name__}: {first_line(fault)}", binding=False),)
    if not apart:
        return ()
    worst, at = max((off, key) for key, off in apart.items())
    how = "to the last bit" if worst == 0.0 else "but for the last bits"
    detail = f"{len(apart)} equal {how}"
    if not worst <= TOLERANCE_OF_GRADIENTS:
        detail = f"that of {at} differs by {worst:.1g} of its largest number"
        if at in missing:
            detail = f"{at} has one, and in the module it has none"
    return (Claim("gradients", worst <= TOLERANCE_OF_GRADIENTS, detail, worst == 0.0, binding=False),)


def _largest(tensor: Tensor) -> float:
    """The largest number, whatever its sign, without a second tensor of that size."""
    low, high = torch.aminmax(parts(tensor))
    return max(-float(low), float(high))


def _apart(one: Tensor, two: Tensor, least: float = 0.0) -> float:
    """How far two values differ, of the largest number, which counts as `least` at least."""
    if torch.equal(one, two) or not one.numel():
        return 0.0
    apart, largest = 0.0, least
    pieces = (torch.split(parts(each).flatten(), _PIECE) for each in (one, two))
    for here, there in zip(*pieces, strict=True):
        alike = (here == there) | (here.isnan() & there.isnan())
        off = (here.double() - there.double()).abs().masked_fill(alike, 0.0).nan_to_num(inf)
        apart = max(apart, float(off.max()))
        largest = max(largest, float(here.double().abs().nan_to_num(0.0, 0.0).max()))
    return apart / (largest or 1.0)


def equal(want: list[Tensor], have: list[Tensor]) -> Claim:
    """Whether outputs are equal, but for the last bits at most; `y.squeeze()` takes the batch of one sample too."""
    if len(want) != len(have):
        return Claim("", False, f"{len(have)} outputs, and the module gives {len(want)}")
    worst, bare = 0.0, False
    for given, two in zip(want, have, strict=True):
        alone = two.shape == (1, *given.shape)
        one, bare = given.unsqueeze(0) if alone else given, bare or alone
        if one.shape != two.shape:
            return Claim("", False, f"{tuple(two.shape)}, and the module gives {tuple(one.shape)}")
        worst = max(worst, _apart(one, two))
    if worst == 0.0:
        return Claim("", True, "equal to the last bit", bare=bare)
    return Claim("", worst <= TOLERANCE, f"differs by {worst:.1g} of the largest number", exact=False, bare=bare)
