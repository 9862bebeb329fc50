"""Solve: the params of a block, and how each setting that differs between its uses follows from them."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import field

from archspec.importer.blocks.candidates import ABSENT, Absent, Candidate, Cell, Column, candidates, varies
from archspec.importer.blocks.conditions import Test, condition
from archspec.importer.blocks.holes import Hole, ShapeOf, facts, holes
from archspec.importer.blocks.template import Param, Part, Placed, Solution, Template, Unexplained
from archspec.importer.tree import Plain
from archspec.language.expression.symbolic import names
from archspec.language.keys import USE_KEYS
from archspec.language.names import fault_of_param
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute, Expr, Literal, Name

JOINS = frozenset({"add", "concat"})
TYPES = {bool: "bool", int: "int", float: "float", str: "str", tuple: "list"}
SIZES = ("channels", "features")
WINDOW = frozenset({"kernel_size", "stride", "padding", "dilation", "output_padding"})  # none follows from channels


@dataclass(frozen=True, slots=True)
class Made:
    """An argument of a constructor: its value in one use, and its default; ABSENT where it has none."""

    value: Plain
    default: Cell = ABSENT


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Params with their types and defaults, the settings, and what each use gives to the params."""

    params: Mapping[str, Param]
    solution: Solution
    arguments: tuple[Mapping[str, Plain], ...]


def solve(
    template: Template,
    made: Sequence[Mapping[str, Made]],
    placed: Placed,
    shape_of: ShapeOf,
    *,
    trees: Sequence[int] = (),
    closed: bool = False,
    constants: bool = False,
) -> Solved:
    """How the settings of a template follow from params.

    Args:
        template: the uses.
        made: for each use, what its module was made with.
        placed: the blocks inside.
        shape_of: the shape of a value.
        trees: for each use, of which tree it is a part: the first, or one made with one argument otherwise.
        closed: what differs follows from the arguments; otherwise params are made for what does not in the first tree.
        constants: arguments that are the same in all trees explain too, as they may differ in trees that are not here.

    Raises:
        Unexplained: something differs in other trees and follows from no argument.
    """
    solver = _Solver(template, made, placed, shape_of, trees, closed, constants)
    solver.fill()
    solver.conditions()
    return solver.solved()


@dataclass
class _Solver:
    template: Template
    made: Sequence[Mapping[str, Made]]
    placed: Placed
    shape_of: ShapeOf
    trees: Sequence[int] = ()
    closed: bool = False
    constants: bool = False
    solution: Solution = field(default_factory=Solution)
    params: dict[str, Param] = field(default_factory=dict)
    columns: dict[str, tuple[Plain, ...]] = field(default_factory=dict)
    sizes: dict[Expr, Column] = field(default_factory=dict)
    widths: set[str] = field(default_factory=set)  # the names that say how many channels or features there are

    def __post_init__(self) -> None:
        names = dict.fromkeys(name for one in self.made for name in one if self.closed or may_be_param(name))
        self.named: dict[str, Column] = {}
        for name in names:
            column = tuple(one[name].value if name in one else ABSENT for one in self.made)
            several = len(set(self.trees)) > 1
            kinds = {type(value) for value in column if value is not None or not several}
            if len(kinds) == 1 and kinds <= {int, float, bool, str} and (varies(column) or self.constants):
                self.named[name] = column

    # -- settings

    def fill(self) -> None:
        """An expression for each hole: names of the constructor first, so that they are there for the rest."""
        template = self.template
        found = list(holes(template, self.placed, self.solution, self.named, self.shape_of, pairs=self.closed))
        chosen: dict[int, Candidate] = {}
        for only_names in (True, False):
            for at, hole in enumerate(found):
                if at not in chosen and (one := self.best(hole, only_names=only_names)) is not None:
                    chosen[at] = one
                    self.note(hole, one)
                    for name in sorted(one.uses):
                        self.take(name)
        for at, hole in enumerate(found):
            if at not in chosen:
                explained = self.by_params(hole)
                stated = Candidate(Literal(hole.stated)) if hole.stated is not None else None
                chosen[at] = explained or stated or Candidate(Name(self.add(hole)))
                self.note(hole, chosen[at])
        self.drop_followed(found, chosen)
        for at, hole in enumerate(found):
            expr = chosen[at].expr
            hole.fill(expr.value if isinstance(expr, Literal) else expr)
            if hole.label in SIZES and not any(isinstance(value, Absent) for value in hole.column):
                self.sizes.setdefault(chosen[at].expr, hole.column)

    def best(self, hole: Hole, *, only_names: bool) -> Candidate | None:
        found = self.candidates(hole, self.named, any_factor=len(set(self.trees)) > 1, only_names=only_names)
        return next((one for one in found if isinstance(one.expr, Name) or not only_names), None)

    def by_params(self, hole: Hole) -> Candidate | None:
        """One by what are params already, those that no constructor names among them."""
        return next(self.candidates(hole, self.columns), None)

    def candidates(
        self, hole: Hole, named: Mapping[str, Column], *, any_factor: bool = False, only_names: bool = False
    ) -> Iterator[Candidate]:
        """Expressions that agree with a hole; a stride that happens to be a quarter of the channels is none."""
        known = hole.facts
        if hole.label in WINDOW:
            named, known = {name: column for name, column in named.items() if name not in self.widths}, {}
        chosen = list(self.params)
        return candidates(hole.column, named, known, chosen, any_factor=any_factor, only_names=only_names)

    def note(self, hole: Hole, chosen: Candidate) -> None:
        """Notes which name says how many channels there are."""
        if hole.label in SIZES and isinstance(chosen.expr, Name):
            self.widths.add(chosen.expr.name)

    def take(self, name: str) -> None:
        """Makes an argument of the constructor a param."""
        if name in self.params:
            return
        column = tuple(value for value in self.named[name] if not isinstance(value, Absent))
        stated = next((one[name].default for one in self.made if name in one), ABSENT)
        default = stated if any(_same(stated, value) for value in column) else _usual(column)
        self.declare(name, column, default)

    def add(self, hole: Hole) -> str:
        """A param of our own for a hole that nothing explains."""
        self.require_free(hole)
        name, number = hole.label, 2
        while name in self.params or name in self.named or not may_be_param(name):
            name, number = f"{hole.label}{number}", number + 1
        known = [value for value in hole.column if not isinstance(value, Absent)]
        common = _commonest(known)[0]
        column = tuple(common if isinstance(value, Absent) else value for value in hole.column)
        self.declare(name, column, _usual(tuple(known)))
        return name

    def declare(self, name: str, column: tuple[Plain, ...], default: Cell) -> None:
        kinds = {type(value) for value in column}
        kind = TYPES.get(next(iter(kinds)), "any") if len(kinds) == 1 else "any"
        required = isinstance(default, Absent)
        self.params[name] = Param(kind, None if isinstance(default, Absent) else default, required)
        self.columns[name] = column

    def drop_followed(self, found: Sequence[Hole], chosen: dict[int, Candidate]) -> None:
        """A param that only stands by itself, where facts of the inputs give the same, is none."""
        for name in list(self.params):
            at = [i for i, one in chosen.items() if name in names(one.expr)]
            if not at or any(chosen[i].expr != Name(name) for i in at):
                continue
            other = [next(candidates(found[i].column, {}, found[i].facts, ()), None) for i in at]
            if all(one is not None for one in other):
                chosen |= {i: one for i, one in zip(at, other, strict=True) if one is not None}
                del self.params[name], self.columns[name]

    # -- conditions

    def conditions(self) -> None:
        """A condition for each part that some uses do not have."""
        self._conditions(self.template)

    def _conditions(self, template: Template) -> None:
        known = facts(template, self.shape_of)
        for at, part in enumerate(template.parts):
            if part.template is not None:
                self._conditions(part.template)
            present = [
                None if use is None else item is not None for use, item in zip(template.uses, part.uses, strict=True)
            ]
            if False not in present or part.training:
                continue
            self.solution.when[id(part)] = self.when(part, present, known, _joins(template, at))

    def when(self, part: Part, present: Sequence[bool | None], known: Mapping[Attribute, Column], joins: bool) -> Expr:
        names: dict[str, Column] = {**self.named, **self.columns}
        test: Test | None = condition(present, names, known, self.sizes, chosen=list(self.params), joins=joins)
        if test is not None:
            for name in sorted(test.uses):
                self.take(name)
            return test.expr
        self.require_free(Hole(tuple(present), {}, part.name, lambda _said: None))
        called = (part.first.op or part.name) if part.name[:1].isdigit() else part.name
        name = f"with_{called}" if called != part.name or self.is_member(called) else called
        while name in self.params or name in self.named or not may_be_param(name):
            name += "_"
        column = tuple(bool(here) for here in present)
        self.declare(name, column, _usual(column))
        return Name(name)

    def require_free(self, hole: Hole) -> None:
        """Raises Unexplained where no param may be made for what differs, as the first tree does without.

        One may that only hands on what a block inside is given, and one of a list, which no constructor gives names.
        """
        others = set(self.trees) - {0}
        if self.closed:
            raise Unexplained(at for at, one in enumerate(hole.column) if not _same(one, hole.column[0]))
        if others and not hole.passed and not self.template.lead.called and self.explains(hole, {0}):
            raise Unexplained({tree for tree in others if not self.explains(hole, {0, tree})} or others)

    def explains(self, hole: Hole, trees: Container[int]) -> bool:
        """Whether a hole would be explained if there were these trees only."""
        at = [use for use, tree in enumerate(self.trees) if tree in trees]
        column = _part_of(hole.column, at)
        named = {name: _part_of(column, at) for name, column in self.named.items()}
        facts = {fact: _part_of(column, at) for fact, column in hole.facts.items()}
        return not varies(column) or any(candidates(column, named, facts, (), any_factor=True))

    def is_member(self, name: str) -> bool:
        return any(part.name == name for part in _every_part(self.template))

    def solved(self) -> Solved:
        """The params in the order of the constructor's."""
        order = {name: at for at, name in enumerate(self.named)}
        params = dict(sorted(self.params.items(), key=lambda one: order.get(one[0], len(order))))
        uses = range(len(self.template.uses))
        arguments = tuple({name: self.columns[name][use] for name in params} for use in uses)
        return Solved(params, self.solution, arguments)


def require_parts(template: Template, trees: Sequence[int]) -> None:
    """Raises Unexplained where a part is in no use of the first tree: its spec would have what it does not run.

    Args:
        template: the uses.
        trees: for each of them, the tree that it is in.
    """
    for part in _every_part(template):
        there = {tree for tree, item in zip(trees, part.uses, strict=True) if item is not None}
        if 0 not in there:
            raise Unexplained(there)


def may_be_param(name: str) -> bool:
    """Whether a param can be called so: no key of a use has the name."""
    return fault_of_param(name) is None and name not in USE_KEYS and name != "init"


def _joins(template: Template, at: int) -> bool:
    """Whether a part is a join, or is read by one; a sum with a number joins nothing."""
    reads = (part for part in template.parts if any(ref.at == at for ref in part.reads))
    return any(part.first.op in JOINS and len(part.reads) > 1 for part in (template.parts[at], *reads))


def _every_part(template: Template) -> Iterator[Part]:
    for part in template.parts:
        yield part
        if part.template is not None:
            yield from _every_part(part.template)


def _part_of(column: Column, uses: Sequence[int]) -> Column:
    return tuple(column[use] for use in uses)


def _usual(column: tuple[Plain, ...]) -> Cell:
    """The value that most uses have, where it is one that says `nothing special`; ABSENT for any other."""
    value, times = _commonest(column)
    plain = value is None or isinstance(value, bool) or value in (0, 1)
    return value if times * 2 > len(column) and plain else ABSENT


def _commonest(values: Sequence[Plain]) -> tuple[Plain, int]:
    """The value that there is most often, the first of several, and how often."""
    common, times = Counter(map(repr, values)).most_common(1)[0]
    return next(value for value in values if repr(value) == common), times


def _same(one: object, two: object) -> bool:
    return type(one) is type(two) and one == two
