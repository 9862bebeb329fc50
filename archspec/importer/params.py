"""Params: arguments of the whole class become params of the spec, where what is made follows from them.

ViT(dim=64, depth=6)    x: {op: linear, out_features: 64}       layers: {block: layer, dim: 64, repeat: 6}
ViT(dim=32, depth=6)    x: {op: linear, out_features: 32}       layers: {block: layer, dim: 32, repeat: 6}
ViT(dim=64, depth=3)    x: {op: linear, out_features: 64}       layers: {block: layer, dim: 64, repeat: 3}
                        x: {op: linear, out_features: $dim}     layers: {block: layer, dim: $dim, repeat: $depth}

Modules made with one argument otherwise are more uses of the class, whose template is found as that of a block is. An
argument from which something follows that no expression says stays a number.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice

from torch import Tensor, nn

from archspec.importer.arguments import Making, Try, tries
from archspec.importer.blocks.classes import Blocks, classes
from archspec.importer.blocks.solve import TYPES, Made, may_be_param
from archspec.importer.blocks.template import Mismatch, Param, Unexplained
from archspec.importer.made import Log
from archspec.importer.read import Tree, sketched
from archspec.importer.state import Kept
from archspec.importer.tree import renumbered
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Name
from archspec.values.shape import Shape

APART = 1 << 32  # from the numbers of one tree's values to the next
MOST_TRIES = 8  # of one argument


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """A module made with one argument otherwise, as a tree."""

    made: Try
    tree: Tree


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The blocks of a tree with the params of the whole.

    Attributes:
        blocks: them.
        params: in the order of the constructor.
        sizes: of the inputs, after the batch.
        others: what the params were found by.
    """

    blocks: Blocks
    sizes: Mapping[str, "tuple[int | Expr, ...]"]
    params: Mapping[str, Param] = field(default_factory=dict)
    others: tuple[Other, ...] = ()


def others(tree: Tree, making: Making, module: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Other, ...]:
    """For each argument from which something follows, the first module made with another value that can be said."""
    return tuple(
        other
        for name, each in tries(making, module, inputs)
        if may_be_param(name) and name not in inputs and (other := _first(tree, each)) is not None
    )


def _first(tree: Tree, each: Iterator[Try]) -> Other | None:
    for one in islice(each, MOST_TRIES):
        found = sketched(Kept(one.module, restored=False), one.inputs, one.log, alike=tree.alike)
        if found is not None and _gives(found) == _gives(tree):
            return Other(one, found)
    return None


def _gives(tree: Tree) -> object:
    return tree.outputs, tree.untrained, tree.trained, tree.batch_at


def found(
    tree: Tree, log: Log, others: Sequence[Other], inputs: Mapping[str, Tensor], *, folded_classes: bool = True
) -> Found:
    """The blocks of a tree, with params for the arguments that explain how the others differ from it.

    Raises:
        Mismatch: it has rounds over lists that no repeat says.
    """
    left = tuple(others)
    while True:
        try:
            blocks = _classes(tree, log, left, folded_classes=folded_classes)
            break
        except Unexplained as one:
            left = _without(left, one.trees)
        except Mismatch:
            if not left:
                raise
            left = _alike(tree, log, left, folded_classes=folded_classes)
    sizes = {name: _sizes(name, one, left) for name, one in inputs.items()}
    stated = {
        name for each in sizes.values() for size in each for name in ([size.name] if isinstance(size, Name) else [])
    }
    left = tuple(one for one in left if one.made.name in stated or one.made.name in blocks.params)
    params = {one.made.name: _param(one.made.usual) for one in left}
    return Found(blocks, sizes, params, left)


def _classes(tree: Tree, log: Log, others: Sequence[Other], *, folded_classes: bool) -> Blocks:
    trees = [tree, *(one.tree for one in others)]
    logs = [log, *(one.made.log for one in others)]

    def made_with(module: nn.Module) -> Mapping[str, Made]:
        return next((one for one in logs if one.has(module)), log).made_with(module)

    def shape_of(number: int) -> Shape:
        return trees[number // APART].values.shape(number % APART)

    roots = [tree.graph, *(renumbered(one.graph, at * APART) for at, one in enumerate(trees) if at)]
    usual = {one.made.name: Made(one.made.usual, one.made.usual) for one in others}
    arguments = [usual, *({**usual, one.made.name: Made(one.made.value, one.made.usual)} for one in others)]
    return classes(roots, made_with, shape_of, folded_classes=folded_classes, arguments=arguments)


def _without(others: Sequence[Other], trees: Container[int]) -> tuple[Other, ...]:
    """All but one of these trees, which together are not explained: a fraction, or else the last argument."""
    blamed = [one for at, one in enumerate(others, 1) if at in trees]
    fractions = [one for one in blamed if isinstance(one.made.value, float)]
    (*_, worst) = fractions or blamed
    return tuple(one for one in others if one is not worst)


def _alike(tree: Tree, log: Log, others: Sequence[Other], *, folded_classes: bool) -> tuple[Other, ...]:
    """Those that have a template together with the tree; one fewer where each of them has."""
    alike: list[Other] = []
    for one in others:
        try:
            _classes(tree, log, [one], folded_classes=folded_classes)
        except Mismatch:
            continue
        except Unexplained:
            pass
        alike.append(one)
    return tuple(alike if len(alike) < len(others) else alike[:-1])


def _sizes(name: str, given: Tensor, others: Sequence[Other]) -> tuple[int | Expr, ...]:
    """The sizes of an input, each as the argument that it was changed with."""
    made: list[int | Expr] = list(given.shape[1:])
    for one in others:
        for at, size in enumerate(one.made.inputs[name].shape[1:]):
            if size != given.shape[1:][at]:
                made[at] = Name(one.made.name)
    return tuple(made)


def _param(value: float) -> Param:
    return Param(TYPES[type(value)], value, required=False)
