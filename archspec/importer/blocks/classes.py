"""Classes: every class of which there are several calls becomes a block, the innermost first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from torch import nn

from archspec.importer.blocks.holes import ShapeOf
from archspec.importer.blocks.items import folded, shape_key
from archspec.importer.blocks.solve import Made, solve
from archspec.importer.blocks.template import Block, Mismatch, Placed, Solution, Template
from archspec.importer.blocks.unify import unify
from archspec.importer.naming import free
from archspec.importer.tree import Graph, graphs
from archspec.importer.words import doc_of, snake
from archspec.language.names import EXPRESSION_WORDS
from archspec.values.dataclass import dataclass

MadeWith = Callable[[nn.Module], Mapping[str, Made]]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """What a tree became: named blocks, the innermost first, and the root as a template of one use."""

    blocks: tuple[Block, ...]
    root: Template
    solution: Solution
    placed: Placed


@dataclass
class _Making:
    made_with: MadeWith
    shape_of: ShapeOf
    placed: Placed = field(default_factory=Placed)
    blocks: list[Block] = field(default_factory=list)

    def add(self, uses: Sequence[Graph]) -> None:
        """One block of these uses. Raises Mismatch."""
        kind, called = type(uses[0].module), uses[0].called
        template = unify(uses, self.placed)
        if _is_one_repeat(uses, self.placed):  # a class that only repeats another is written where it is used
            return
        solved = solve(template, [self.made_with(use.module) for use in uses], self.placed, self.shape_of)
        name = free(called or snake(kind.__name__), {block.name for block in self.blocks} | EXPRESSION_WORDS)
        block = Block(name, template, solved.params, solved.solution, "" if called else doc_of(kind))
        self.blocks.append(block)
        for use, arguments in zip(uses, solved.arguments, strict=True):
            self.placed.blocks[id(use)] = block
            self.placed.arguments[id(use)] = arguments


def classes(root: Graph, made_with: MadeWith, shape_of: ShapeOf, *, folded_classes: bool = True) -> Blocks:
    """The blocks of a tree, and its root.

    Args:
        root: the tree.
        made_with: what a module was made with, by the names of its constructor's arguments.
        shape_of: the shape of a value.
        folded_classes: False leaves every graph in place.
    """
    making = _Making(made_with, shape_of)
    found: dict[tuple[type, str], list[Graph]] = {}
    for graph in graphs(root):
        if graph is not root and graph.block and folded_classes:
            found.setdefault((type(graph.module), graph.called), []).append(graph)
    for kind in sorted(found, key=lambda kind: max(map(_depth, found[kind]))):
        if len(found[kind]) > 1:
            _class(making, found[kind])
    template = unify([root], making.placed)
    solved = solve(template, [{}], making.placed, shape_of)
    return Blocks(tuple(making.blocks), template, solved.solution, making.placed)


def _class(making: _Making, uses: list[Graph]) -> None:
    """One block, or one for each structure where the uses have none in common."""
    try:
        making.add(uses)
    except Mismatch:
        by_structure: dict[object, list[Graph]] = {}
        for use in uses:
            by_structure.setdefault(shape_key(use, making.placed), []).append(use)
        for group in by_structure.values():
            if len(group) > 1:
                _group(making, group)


def _group(making: _Making, uses: list[Graph]) -> None:
    try:
        making.add(uses)
    except Mismatch:
        return  # each stays in place


def _is_one_repeat(uses: Sequence[Graph], placed: Placed) -> bool:
    return all(folded(use, placed) for use in uses)


def _depth(graph: Graph) -> int:
    return 1 + max((_depth(member.graph) for member in graph.members if member.graph is not None), default=0)
