"""Params: arguments of the whole class become params of the spec, where what is made follows from them.

ViT(dim=64, depth=6)    x: {op: linear, out_features: 64}       layers: {block: layer, dim: 64, repeat: 6}
ViT(dim=32, depth=6)    x: {op: linear, out_features: 32}       layers: {block: layer, dim: 32, repeat: 6}
ViT(dim=64, depth=3)    x: {op: linear, out_features: 64}       layers: {block: layer, dim: 64, repeat: 3}
                        x: {op: linear, out_features: $dim}     layers: {block: layer, dim: $dim, repeat: $depth}

Modules made with one argument otherwise are more uses of the class, whose template is found as that of a block is. An
argument from which something follows that no expression says stays a number.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import islice
from typing import TypeVar

from torch import Tensor, nn

from archspec.importer.arguments import Argument, Making, Try, tries
from archspec.importer.blocks.classes import Blocks, classes
from archspec.importer.blocks.solve import TYPES, Made, may_be_param
from archspec.importer.blocks.template import Mismatch, Param, Solution, Unexplained
from archspec.importer.layout import BatchIn
from archspec.importer.made import Log
from archspec.importer.read import Tree, sketched
from archspec.importer.state import Kept
from archspec.importer.tree import Graph, graphs, renumbered
from archspec.language.expression.symbolic import names, rebuild
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Name, parts
from archspec.values.shape import Shape

T = TypeVar("T")

APART = 1 << 32  # from the numbers of one tree's values to the next
MOST_TRIES = 8  # of one argument


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """A module made with one argument otherwise, as a graph. The run that it was made of is gone, as it holds tensors.

    Attributes:
        made: the module.
        graph: what it does.
        rounds: the same with rounds over lists, where it has some.
        shapes: of the inputs of every graph inside.
        batch_in: where each output has its batch, by name.
    """

    made: Try
    graph: Graph
    rounds: Graph | None
    shapes: Mapping[int, Shape]
    batch_in: Mapping[str, BatchIn]


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


def others(
    tree: Tree, making: Making, log: Log, inputs: Mapping[str, Tensor], *, folded_classes: bool = True
) -> tuple[Other, ...]:
    """For each argument from which something follows, the first module made with another value that can be said.

    Of a list there is one for each number, or none at all; one whose first number is unexplained is tried no further.

    Args:
        tree: what is imported.
        making: how it is made again.
        log: what the modules in it were made with.
        inputs: one sample of each.
        folded_classes: whether each class becomes a block.
    """
    tried = Making(
        {name: one for name, one in making.arguments.items() if may_be_param(name) and name not in inputs}, making.make
    )
    found: list[Other] = []
    for each in tries(tried, tree.graph.module, inputs):
        made: list[Other] = []
        for several in each:
            one = _first(tree, several)
            begins_unsaid = len(each) > 1 and not made and one is not None
            if one is None or (begins_unsaid and not _fits(tree, log, one, tried, folded_classes=folded_classes)):
                break
            made.append(one)
        found += made if len(made) == len(each) else []
    return tuple(found)


def _fits(tree: Tree, log: Log, other: Other, making: Making, *, folded_classes: bool) -> bool:
    """Whether what differs in one module may follow from arguments, with rounds over lists or without."""
    for mine, theirs in ((tree.graph, other.graph), (tree.rounds, other.rounds)):
        if mine is None or theirs is None:
            continue
        one = replace(other, graph=theirs)
        try:
            _classes(replace(tree, graph=mine), log, [one], folded_classes=folded_classes, beside=making.arguments)
            return True
        except (Mismatch, Unexplained):
            pass
    return False


def _first(tree: Tree, each: Iterator[Try]) -> Other | None:
    for one in islice(each, MOST_TRIES):
        kept = Kept(one.module, restored=False)
        found = sketched(kept, one.inputs, one.log, alike=tree.alike, untrained=tree.untrained)
        if found is not None and _gives(found) == _gives(tree):
            trees = (found.graph, found.rounds) if found.rounds is not None else (found.graph,)
            inside = (graph for tree_of in trees for graph in graphs(tree_of))
            shapes = {number: found.values.shape(number) for graph in inside for number in graph.reads}
            return Other(one, found.graph, found.rounds, shapes, found.batch_in)
    return None


def _gives(tree: Tree) -> object:
    return tree.outputs, tree.untrained, tree.trained, tree.batch_in


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
        except Unexplained as fault:
            left = _without(left, fault.trees)
        except Mismatch:
            if not left:
                raise
            left = _alike(tree, log, left, folded_classes=folded_classes)
    sizes = {name: _sizes(name, one, left) for name, one in inputs.items()}
    keys = {name for each in sizes.values() for size in each if isinstance(size, Expr) for name in names(size)}
    used = {one.made.argument.name for one in left if one.made.argument.key in keys | set(blocks.params)}
    left = tuple(one for one in left if one.made.argument.name in used)
    said = {one.made.argument.key: one.made.argument.expr for one in left}
    sizes = {name: tuple(_spoken(size, said) for size in each) for name, each in sizes.items()}
    params = {one.made.argument.name: _param(one.made.argument, left) for one in left}
    return Found(_said(blocks, said), sizes, params, left)


def _said(blocks: Blocks, said: Mapping[str, Expr]) -> Blocks:
    """The blocks, in which the root says its arguments as a spec does: `depths.0`."""
    was = blocks.solution
    solution = Solution(
        settings={key: _spoken(one, said) for key, one in was.settings.items()},
        first={key: _spoken(one, said) for key, one in was.first.items()},
        last={key: _spoken(one, said) for key, one in was.last.items()},
        when={key: _spoken(one, said) for key, one in was.when.items()},
        ops={key: _spoken(one, said) for key, one in was.ops.items()},
        counts={key: _spoken(one, said) for key, one in was.counts.items()},
    )
    return replace(blocks, solution=solution)


def _spoken(value: T, said: Mapping[str, Expr]) -> T:
    """A value in which each name stands for the expression that says it."""
    made: object = value
    if isinstance(value, Name):
        made = said.get(value.name, value)
    elif isinstance(value, tuple):
        made = tuple(_spoken(one, said) for one in value)
    elif isinstance(value, Expr):
        made = rebuild(value, tuple(_spoken(one, said) for one in parts(value)))
    return made  # type: ignore[return-value]  # an expression for an expression


def _classes(
    tree: Tree,
    log: Log,
    others: Sequence[Other],
    *,
    folded_classes: bool,
    beside: "Mapping[str, object] | None" = None,
) -> Blocks:
    """The blocks of a tree and others; where only some are there, with the arguments `beside` those that they tell."""
    logs = [log, *(one.made.log for one in others)]

    def made_with(module: nn.Module) -> Mapping[str, Made]:
        return next((one for one in logs if one.has(module)), log).made_with(module)

    def shape_of(number: int) -> Shape:
        at, own = divmod(number, APART)
        return others[at - 1].shapes[own] if at else tree.values.shape(own)

    roots = [tree.graph, *(renumbered(one.graph, at * APART) for at, one in enumerate(others, 1))]
    each = [one.made.argument for one in others]
    known = {name: one for name, one in (beside or {}).items() if isinstance(one, int | float)}
    usual = {name: Made(one, one) for name, one in known.items()} | {
        one.key: Made(one.usual, one.usual) for one in each
    }
    values = [one.made.value for one in others]
    changed = [{one.key: Made(value, one.usual)} for one, value in zip(each, values, strict=True)]
    arguments = [usual, *(usual | one for one in changed)]
    constants = beside is not None
    return classes(roots, made_with, shape_of, folded_classes=folded_classes, arguments=arguments, constants=constants)


def _without(others: Sequence[Other], trees: Container[int]) -> tuple[Other, ...]:
    """All but those of one argument of these trees, which together are not explained: a fraction, or else the last."""
    blamed = [one for at, one in enumerate(others, 1) if at in trees]
    fractions = [one for one in blamed if isinstance(one.made.value, float)]
    (*_, worst) = fractions or blamed
    return without(others, [worst])


def without(others: Sequence[Other], failing: Iterable[Other]) -> tuple[Other, ...]:
    """Those by which others than these were found: a list is a param with all of its numbers, a text with one less."""
    names = {_whole(one) for one in failing}
    return tuple(one for one in others if _whole(one) not in names)


def _whole(other: Other) -> tuple[str, str]:
    """What is a param as a whole or not at all: an argument, and each text that it may be."""
    value = other.made.value
    return other.made.argument.name, value if isinstance(value, str) else ""


def _alike(tree: Tree, log: Log, others: Sequence[Other], *, folded_classes: bool) -> tuple[Other, ...]:
    """Those that have a template together with the tree; one fewer where each of them has."""
    apart: list[Other] = []
    for one in others:
        if any(_whole(one) == _whole(other) for other in apart):
            continue
        try:
            _classes(tree, log, [one], folded_classes=folded_classes)
        except Mismatch:
            apart.append(one)
        except Unexplained:
            pass
    return without(others, apart or others[-1:])


def _sizes(name: str, given: Tensor, others: Sequence[Other]) -> tuple[int | Expr, ...]:
    """The sizes of an input, each as the argument that it was changed with."""
    made: list[int | Expr] = list(given.shape[1:])
    for one in others:
        for at, size in enumerate(one.made.inputs[name].shape[1:]):
            if size != given.shape[1:][at]:
                made[at] = Name(one.made.argument.key)
    return tuple(made)


def _param(argument: Argument, others: Sequence[Other]) -> Param:
    if argument.closed:
        texts = (one.made.value for one in others if one.made.argument.name == argument.name)
        usual = str(argument.usual)
        return Param("str", usual, required=False, choices=(usual, *map(str, texts)))
    if argument.usual is None:
        return Param("any", None, required=False)
    if isinstance(argument.whole, list | tuple):
        return Param("list", tuple(argument.whole), required=False, length=argument.length)
    return Param(TYPES[type(argument.whole)], argument.whole, required=False)
