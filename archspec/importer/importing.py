"""The whole way from a module to a spec, read top to bottom."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from torch import Tensor, nn

from archspec.importer.arguments import Making
from archspec.importer.blocks.template import Mismatch
from archspec.importer.document import Given, Titles, Yaml, document
from archspec.importer.idle import idle_macs
from archspec.importer.leaves import op_of
from archspec.importer.made import Log
from archspec.importer.opaque import NOTHING, Maker, Opaque, Share, share
from archspec.importer.page import page
from archspec.importer.params import Found, Other, found, others, without
from archspec.importer.prove import Known, Proof, prove
from archspec.importer.prove_params import failing_params
from archspec.importer.read import Tree, read
from archspec.importer.refused import ImportFault, Refused
from archspec.importer.state import Kept, require_run, settled
from archspec.importer.values import dtype_of
from archspec.importer.words import doc_of
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Imported:
    """A module as a spec.

    Attributes:
        spec: it.
        comment: the lines at its top.
        proof: what was held against the module.
        opaque: what could not be said in ops.
        share: how much of the network that is.
        left_out: outputs of the module that cannot be said, by name, with the reasons.
    """

    spec: Mapping[str, Yaml]
    comment: tuple[str, ...]
    proof: Proof
    opaque: tuple[Refused, ...]
    share: Share = NOTHING
    left_out: Mapping[str, Refused] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The spec as text."""
        return page(self.spec, self.comment)

    def report(self) -> tuple[str, ...]:
        """Lines for people: what was proven, what is opaque, and what is left out."""
        opaque = dict.fromkeys(f"opaque: {one.line()}" for one in self.opaque)  # a module may be called again
        return (*(claim.line() for claim in self.proof.claims), *opaque, *_left_out(self.left_out))

    @property
    def most_wanted(self) -> str:
        """What stands against most of what is opaque."""
        reasons = Counter(one.reason for one in self.opaque)
        return reasons.most_common(1)[0][0] if reasons else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a module is to be written.

    Attributes:
        name: of the network; the class's where it is empty.
        origin: what the comment at the top says that it was made from.
        folded: each class becomes a block; otherwise all stands in place.
        strict: nothing may be opaque.
        maker: what made the module, of which an opaque member may be a part.
        params: arguments of the module become params.
        part: where the module that is meant stands in the one that is named; "" for that itself.
    """

    name: str = ""
    origin: str = ""
    folded: bool = True
    strict: bool = False
    maker: Maker | None = None
    params: bool = True
    part: str = ""


def import_module(
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    log: Log,
    wish: Wish | None = None,
    making: Making | None = None,
) -> Imported:
    """The spec of a module, proven or not.

    Args:
        module: it.
        inputs: one sample of each input, by the names of forward's arguments.
        log: what the modules in it were made with.
        wish: how it is to be written.
        making: how it is made again, so that its arguments become params; None where nobody knows.

    Raises:
        Refused: something in it cannot be said.
        ImportFault: it does not run.
    """
    wish = wish or Wish()
    if op := op_of(module):
        kind = type(module).__name__
        raise ImportFault(f"{kind} is one layer, which a spec says as `op: {op}`: import a module that holds it")
    kept = Kept(settled(module, inputs))
    tree = read(kept, inputs, Opaque(log, wish.strict, wish.maker))
    known = Known(idle_macs(tree.idle, kept, inputs), tree.untrained, tree.batch_in, tree.left_out)
    tried: tuple[Other, ...] = ()
    if making is not None and wish.params:
        tried = others(tree, making, log, inputs, folded_classes=wish.folded)
    way = _Way(kept, inputs, log, wish, making, known)
    spec, proof = way.in_rounds(tree, tried) or way.written(tree, tried)
    if not proof.holds:
        require_run(module, inputs)
    if proof.facts and proof.holds:
        spec["expect"] = dict(proof.facts)
    hidden = share(tree.graph, proof.facts) if tree.refused else NOTHING
    comment = _comment(module, wish, proof, tree.left_out)
    return Imported(spec, comment, proof, tree.refused, hidden, tree.left_out)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """How a tree becomes a spec that is held against its module."""

    kept: Kept
    inputs: Mapping[str, Tensor]
    log: Log
    wish: Wish
    making: Making | None
    known: Known

    def in_rounds(self, tree: Tree, tried: Sequence[Other]) -> tuple[dict[str, Yaml], Proof] | None:
        """The spec with rounds over lists, with its proof; None where it has none that hold and are worth it.

        They are where the spec is no longer for them, or has more params: a depth that only a repeat can say.
        """
        if tree.rounds is None:
            return None
        rolled = [replace(one, graph=one.rounds) for one in tried if one.rounds is not None]
        try:
            spec, proof = self.written(replace(tree, graph=tree.rounds), rolled)
        except Mismatch:
            return None
        if not proof.holds:
            return None
        there = found(tree, self.log, tried, self.inputs, folded_classes=self.wish.folded)
        longer = page(spec).count("\n") - page(self.document(tree, there)).count("\n")
        return (spec, proof) if longer <= 0 or not _params(spec) <= set(there.params) else None

    def document(self, tree: Tree, there: Found) -> dict[str, Yaml]:
        """The spec of a tree."""
        return document(there.blocks, _titles(self.kept.module, self.wish, tree, self.inputs, there))

    def written(self, tree: Tree, tried: Sequence[Other]) -> tuple[dict[str, Yaml], Proof]:
        """The spec of a tree with the params that hold, and its proof."""
        making = self.making
        while True:
            there = found(tree, self.log, tried, self.inputs, folded_classes=self.wish.folded)
            spec = self.document(tree, there)
            proof = prove(page(spec), self.kept, self.inputs, self.known)
            failing = failing_params(page(spec), making, there) if making is not None and proof.holds else there.others
            if not failing:
                return spec, proof.with_params(there.params)
            tried = without(there.others, failing)


def _titles(module: nn.Module, wish: Wish, tree: Tree, inputs: Mapping[str, Tensor], there: Found) -> Titles:
    given = tuple(Given(name, there.sizes[name], dtype_of(one)) for name, one in inputs.items())
    name, doc = wish.name or type(module).__name__, doc_of(type(module))
    return Titles(name, doc, given, tree.outputs, tree.trained, there.params)


def _params(spec: Mapping[str, Yaml]) -> set[str]:
    """The names of a spec's params."""
    found = spec.get("params")
    return set(found) if isinstance(found, dict) else set()


def _left_out(outputs: Mapping[str, Refused]) -> tuple[str, ...]:
    return tuple(f"left out: output {name}: {one.line()}" for name, one in outputs.items())


def _comment(module: nn.Module, wish: Wish, proof: Proof, left_out: Mapping[str, Refused]) -> tuple[str, ...]:
    """What it was made from, and how it was proven; of what is not proven, each line."""
    origin = wish.origin or f"{type(module).__module__}:{type(module).__qualname__}"
    if not proof.holds:
        return (f"Imported from {origin}, and NOT PROVEN:", *(c.line() for c in proof.claims if not c.holds))
    how = "bit for bit" if proof.exact else "but for the last bits"
    otherwise = [claim for claim in proof.claims if not claim.holds]
    modes = "inference" if any(claim.name == "training" for claim in otherwise) else "inference and in training"
    words = {"training": "In training the module does otherwise", "gradients": "Its gradients are otherwise"}
    more = (
        f"{words[claim.name]}: {claim.detail}."
        if claim.name in words
        else f"At another size it may be otherwise: {claim.line().rstrip('.')}."
        for claim in otherwise
    )
    first = f"Imported from {origin}: equal keys, and equal outputs {how}, in {modes}."
    if any(claim.bare for claim in proof.claims):
        first += " One sample comes without its batch there, and with it here."
    return (first, *more, *(f"{line[0].upper()}{line[1:]}." for line in _left_out(left_out)))
