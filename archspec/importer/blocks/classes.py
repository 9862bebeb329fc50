"""Classes: every class of which there are several calls becomes a block, the innermost first."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from torch import nn

from archspec.importer.blocks.holes import ShapeOf
from archspec.importer.blocks.items import folded, shape_key, wiring
from archspec.importer.blocks.solve import Made, require_parts, solve
from archspec.importer.blocks.template import Block, Mismatch, Param, Placed, Solution, Template
from archspec.importer.blocks.unify import unify
from archspec.importer.naming import free
from archspec.importer.tree import Graph, graphs
from archspec.importer.words import doc_of, snake
from archspec.language.names import EXPRESSION_WORDS
from archspec.values.dataclass import dataclass

MadeWith = Callable[[nn.Module], Mapping[str, Made]]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """What a tree became: named blocks, the innermost first, and the root as a template, with the params it has."""

    blocks: tuple[Block, ...]
    root: Template
    solution: Solution
    placed: Placed
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass
class _Making:
    made_with: MadeWith
    shape_of: ShapeOf
    trees: Mapping[int, int]
    constants: bool = False
    placed: Placed = field(default_factory=Placed)
    blocks: list[Block] = field(default_factory=list)

    def add(self, uses: Sequence[Graph]) -> None:
        """One block of these uses. Raises Mismatch."""
        kind, called = type(uses[0].module), uses[0].called
        template = unify(uses, self.placed)
        if _is_one_repeat(uses, self.placed):  # a class that only repeats another is written where it is used
            return
        made = [self.made_with(use.module) for use in uses]
        trees = self.trees_of(template)
        solved = solve(template, made, self.placed, self.shape_of, trees=trees, constants=self.constants)
        name = free(called or snake(kind.__name__), {block.name for block in self.blocks} | EXPRESSION_WORDS)
        block = Block(name, template, solved.params, solved.solution, "" if called else doc_of(kind))
        self.blocks.append(block)
        for use, arguments in zip(uses, solved.arguments, strict=True):
            self.placed.blocks[id(use)] = block
            self.placed.arguments[id(use)] = arguments

    def trees_of(self, template: Template) -> list[int]:
        """For each use of a template, the tree that it is in."""
        return [self.trees[id(use)] for use in template.uses if use is not None]


def classes(
    roots: Sequence[Graph],
    made_with: MadeWith,
    shape_of: ShapeOf,
    *,
    folded_classes: bool = True,
    arguments: Sequence[Mapping[str, Made]] = ({},),
    constants: bool = False,
) -> Blocks:
    """The blocks of a tree, and its root.

    Args:
        roots: the tree; and others of the same class, made with one argument otherwise each.
        made_with: what a module was made with, by the names of its constructor's arguments.
        shape_of: the shape of a value; no two trees have one value.
        folded_classes: False leaves every graph in place.
        arguments: for each tree, what the root was made with.
        constants: what is the same in all trees explains too, as it may differ in trees that are not here.

    Raises:
        Unexplained: of several trees, some differ from the first in what follows from no argument.
        Mismatch: they have no common template.
    """
    found: dict[tuple[type, str], list[Graph]] = {}
    several: set[tuple[type, str]] = set()
    trees = {id(graph): at for at, root in enumerate(roots) for graph in graphs(root)}
    making = _Making(made_with, shape_of, trees, constants)
    for root in roots:
        kinds = [(type(graph.module), graph.called) for graph in graphs(root) if graph is not root and graph.block]
        several |= {kind for kind, times in Counter(kinds).items() if times > 1 and folded_classes}
    for graph in (inner for root in roots for inner in graphs(root) if inner is not root and inner.block):
        found.setdefault((type(graph.module), graph.called), []).append(graph)
    for kind in sorted(several, key=lambda kind: (max(map(_depth, found[kind])), list(found).index(kind))):
        _class(making, found[kind])
    template = unify(list(roots), making.placed)
    for one in (template, *(block.template for block in making.blocks)):
        require_parts(one, making.trees_of(one))
        _require_rounds(one)
    closed, own = len(roots) > 1, making.trees_of(template)
    solved = solve(template, arguments, making.placed, shape_of, trees=own, closed=closed, constants=constants)
    return Blocks(tuple(making.blocks), template, solved.solution, making.placed, solved.params)


def _require_rounds(template: Template) -> None:
    """Raises Mismatch where rounds over lists are no repeat of one graph."""
    for part in template.parts:
        if part.rounds and not part.repeats:
            raise Mismatch("rounds that are not alike")
        if part.template is not None:
            _require_rounds(part.template)


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
    """One block of one structure, or one for each wiring; uses that are alike in neither stay in place."""
    try:
        making.add(uses)
    except Mismatch:
        by_wiring: dict[object, list[Graph]] = {}
        for use in uses:
            by_wiring.setdefault(wiring(use), []).append(use)
        for group in by_wiring.values() if len(by_wiring) > 1 else ():
            if len(group) > 1:
                _group(making, group)


def _is_one_repeat(uses: Sequence[Graph], placed: Placed) -> bool:
    return all(folded(use, placed) for use in uses)


def _depth(graph: Graph) -> int:
    return 1 + max((_depth(member.graph) for member in graph.members if member.graph is not None), default=0)
