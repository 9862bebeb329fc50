"""Family: one spec of several modules of a class: the params of the first, and a variant for each.

resnet50 = ResNet(Bottleneck, [3, 4, 6, 3])       params: {layers: [3, 4, 6, 3]}
resnet101 = ResNet(Bottleneck, [3, 4, 23, 3])     variants: {resnet50: {}, resnet101: {layers: [3, 4, 23, 3]}}
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from archspec.diagnostics.diagnostic import SpecError
from archspec.importer.document import Yaml
from archspec.importer.idle import idle_macs
from archspec.importer.importing import Imported
from archspec.importer.made import Log
from archspec.importer.opaque import Opaque
from archspec.importer.page import page
from archspec.importer.prove import Claim, Known, Proof, prove
from archspec.importer.read import read
from archspec.importer.refused import ImportFault, Refused
from archspec.importer.state import Kept, settled
from archspec.pipeline import read_text
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A module of a family.

    Attributes:
        name: of the variant.
        text: what the user called the module.
        module: it.
        log: what the modules inside were made with.
        arguments: what it was made with, as a spec says it.
    """

    name: str
    text: str
    module: nn.Module
    log: Log
    arguments: Mapping[str, object]


def with_variants(found: Imported, variants: Sequence[Variant], inputs: Mapping[str, Tensor]) -> Imported:
    """The spec of the first module with all as its variants, and with the proof of each.

    Args:
        found: the spec of the first.
        variants: all.
        inputs: one sample of each input of the first.

    Raises:
        ImportFault: one is of another class, or does what no spec says.
    """
    if not found.proof.holds:
        return found
    (first, *others), params = variants, _params(found.spec)
    settings: dict[str, Mapping[str, object]] = {first.name: {}}
    for other in others:
        if _kind(other.module) != _kind(first.module):
            kinds = f"{type(other.module).__name__}, and {first.text} a {type(first.module).__name__}"
            raise ImportFault(f"{other.text} is no variant of {first.text}: it makes a {kinds}; import it by itself")
        settings[other.name] = _differing(params, other.arguments)
    spec = _placed(found.spec, settings)
    proofs = {other.name: _proof(page(spec), other, inputs) for other in others}
    claims = [*found.proof.claims]
    for other in others:
        proof = proofs[other.name]
        claims += [replace(claim, name=f"{other.name}: {claim.name}") for claim in proof.claims]
        if not proof.holds and (unsaid := _unsaid(params, first, other)):
            claims.append(Claim(f"{other.name}: arguments", False, f"no param says {' and '.join(unsaid)}"))
    whole = Proof(tuple(claims), found.proof.facts, found.proof.elsewhere)
    if whole.holds:
        facts = {first.name: found.proof.facts} | {name: proof.facts for name, proof in proofs.items()}
        spec["expect"] = {name: dict(one) for name, one in facts.items()}
    comment = (*found.comment, *(f"Variant {other.name}: {other.text}, held in the same way." for other in others))
    return replace(found, spec=spec, comment=comment, proof=whole)


def _kind(module: nn.Module) -> tuple[str, str]:
    """What a class is called: a file that is named twice is run twice, and has two of the same."""
    return type(module).__module__, type(module).__qualname__


def _params(spec: Mapping[str, Yaml]) -> dict[str, object]:
    """The params of a spec with their defaults."""
    params = spec.get("params")
    given = params if isinstance(params, dict) else {}
    return {name: one["default"] if isinstance(one, dict) else one for name, one in given.items()}


def _differing(params: Mapping[str, object], arguments: Mapping[str, object]) -> dict[str, object]:
    """The params that a module was made with other values of."""
    said = {name: _said(arguments.get(name, default)) for name, default in params.items()}
    return {name: one for name, one in said.items() if one != _said(params[name])}


def _unsaid(params: Mapping[str, object], first: Variant, other: Variant) -> list[str]:
    """The arguments in which a module differs from the first, and that are no params."""
    one, two = (each.log.arguments(each.module) for each in (first, other))
    return [name for name in one if name not in (*params, "self") and repr(one[name]) != repr(two.get(name))]


def _said(value: object) -> object:
    return [_said(one) for one in value] if isinstance(value, list | tuple) else value


def _placed(spec: Mapping[str, Yaml], variants: Mapping[str, Mapping[str, object]]) -> dict[str, Yaml]:
    """The spec with variants behind its params, and nothing expected yet."""
    made: dict[str, Yaml] = {}
    for key, value in spec.items():
        if key == "inputs":
            made["variants"] = {name: dict(one) for name, one in variants.items()}  # type: ignore[arg-type]  # as tried
        if key != "expect":
            made[key] = value
    return made


def _proof(text: str, variant: Variant, inputs: Mapping[str, Tensor]) -> Proof:
    """The spec's variant, held against its module at the sizes that the spec says then."""
    try:
        network = read_text(text, variant=variant.name)()
    except SpecError as wrong:
        return Proof(tuple(Claim("check", False, one.message) for one in wrong.diagnostics if one.severity == "error"))
    shapes = [network.shapes[id][0].dims for id in network.graph.inputs]
    sized = {
        name: torch.zeros((1, *dims), dtype=one.dtype) for (name, one), dims in zip(inputs.items(), shapes, strict=True)
    }
    kept = Kept(settled(variant.module, sized))
    try:
        tree = read(kept, sized, Opaque(variant.log))
    except Refused as refused:
        raise ImportFault(refused.whole(variant.text, strict=False)) from refused
    known = Known(idle_macs(tree.idle, kept, sized), tree.untrained, tree.batch_in, tree.left_out)
    return prove(text, kept, sized, known, variant.name)
