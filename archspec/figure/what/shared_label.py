"""Shared label: what one op says in all uses of a block, with the author's expressions where its uses differ.

3×3 conv, 64, 128 or 256            width * 4, where the author wrote so, and a table says what width is in each use
3×3 conv, 96, 128 or 112            conv1, and a table says what it is in each use
3×3 conv, 48, 64 or 56              conv1//2, where that is what it is in each use
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from itertools import count

from archspec.figure.what.captions import DASH, box_label, channels
from archspec.figure.what.formula import Letters
from archspec.figure.what.idioms import NO_IDIOMS, Idioms
from archspec.graph.graph import Graph, Local, Node, Scope
from archspec.graph.network import Network
from archspec.graph.walk import moved, resolve
from archspec.language.expression.evaluate import fact_of
from archspec.language.expression.symbolic import Leaf, names, replaced, simplify, substitute
from archspec.ops.label import Label, Part
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute, Binary, Expr, List, Literal, Name, Value

_MOST_EITHER = 2  # alternatives that fit one line
_LONGEST = 18  # letters of an expression that still fits a box
_LONGEST_OF_SEVERAL = 28  # the same of a list, whose values in each use would be as long


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table: name -> what it is in each use.

    `widths` are names of numbers of channels, and `said` are expressions that are some: their values -> the words.
    """

    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    widths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    said: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def __or__(self, more: "Rows") -> "Rows":
        told, widths = {**self.told, **more.told, **self.told}, {**self.widths, **more.widths, **self.widths}
        return Rows(told, widths, {**more.said, **self.said})


NO_ROWS = Rows()


@dataclass(frozen=True, slots=True)
class SharedLabel:
    """A label, and the rows of a table that it needs."""

    label: Label
    rows: Rows


def shared_label(
    network: Network,
    node: Node,
    uses: Sequence[Scope],
    idioms: Idioms = NO_IDIOMS,
    taken: Rows = NO_ROWS,
) -> SharedLabel:
    """What the boxes of `node`, which stands in the first of `uses`, and of those like it say together.

    Of an idiom, `node` is the one that it is named for. `taken` are the rows that there are, whose names mean them.
    """
    ids = [moved(node.id, uses[0].id, use.id) for use in uses]
    labels = _spelled(
        [idioms.of[id].label if id in idioms.of else box_label(network, network.graph.nodes[id]) for id in ids]
    )
    letters = Letters(uses[0].definition.inputs, uses[0].args)
    longest = max(labels, key=lambda label: len(label.parts))
    rows = NO_ROWS
    parts = []
    written: set[str] = set()  # fields that are said by an expression of the author
    several = {part.field for label in labels for part in label.parts if _number_of(label, part.field) > 1}
    for noun in dict.fromkeys(part.noun for label in (longest, *labels) for part in label.parts):
        found = [next((part for part in label.parts if part.noun == noun), None) for label in labels]
        there = [part for part in found if part is not None]
        if len(there) == len(found) and len({part.told for part in there}) == 1:
            parts.append(there[0])
            continue
        if there[0].field in written - several:
            continue  # another use of the words that say it
        known = taken | rows
        said, row = _symbol(network, node, uses, found, longest=longest, letters=letters, idioms=idioms, taken=known)
        parts.append(said)
        rows |= row
        if _expression(network, node, uses, there[0].field) is not None:
            written.add(there[0].field)
    headed = _headed(labels, _before(network, node, uses, labels, letters))
    return SharedLabel(replace(headed, parts=tuple(parts)), rows)


def _number_of(label: Label, field: str) -> int:
    """How many parts of a label tell one field."""
    return sum(part.field == field for part in label.parts)


def _before(network: Network, node: Node, uses: Sequence[Scope], labels: Sequence[Label], letters: Letters) -> str:
    """What is in front of the titles by its param, `kernel×kernel`, where its values do not fit a line; else ""."""
    before, values = labels[0].before, {str(label.before or "") for label in labels}
    expression = _expression(network, node, uses, before.field) if before is not None else None
    if before is None or len(values) <= _MOST_EITHER or not isinstance(expression, Name):
        return ""
    name = str(before.crossed(letters.printed(expression)))
    return name if expression.name in uses[0].args and len(name) < len(_either(values)) else ""


def _symbol(
    network: Network,
    node: Node,
    uses: Sequence[Scope],
    found: Sequence[Part | None],
    *,
    longest: Label,
    letters: Letters,
    idioms: Idioms,
    taken: Rows,
) -> tuple[Part, Rows]:
    """What stands for a part that differs between uses, `found` in each, and the rows that say what it is."""
    there = [part for part in found if part is not None]
    part = next((part for part in there if not part.instead), there[0])
    if part.noun in uses[0].args and all(
        one is not None and one.told == str(use.args.get(part.noun)) for one, use in zip(found, uses, strict=True)
    ):
        share = _share(network, uses, [use.args[part.noun] for use in uses]) if part.unit else 0
        row = _row_of_input(network, uses, letters) if share else _row(part, part.noun, found)
        # A param of the block that is called what it is says how many only as a share: `C/32 heads`.
        return part.symbol(f"{_wide(uses, letters)}/{share}" if share else part.noun), row
    expression = _expression(network, node, uses, part.field)
    if expression is not None:
        rows = _inputs(network, uses, expression, letters)
        words = letters.printed(expression)
        if not part.is_channels:
            return part.symbol(words), Rows(rows)
        widths = {**rows, **_params(uses, expression)}
        return part.symbol(words), Rows(rows, widths, {tuple(one.told if one else "" for one in found): words})
    if part.unit and node.id in idioms.of:  # told of several ops: the name of one of them says nothing
        return _of_several(network, uses, part, found, letters)
    values = tuple(one.told if one is not None else part.unsaid or DASH for one in found)
    if part.is_channels and (words := taken.said.get(values) or _multiple(values, taken.widths, letters)):
        return part.symbol(words), NO_ROWS
    given = _row_of_input(network, uses, letters) if part.is_channels and len(uses[0].inputs) == 1 else NO_ROWS
    if words := _multiple(values, given.told, letters):
        return part.symbol(words), replace(given, widths=given.told)
    name = _free(part, _name(network, node, uses[0].id), longest, values, taken.told)
    return replace(part, instead=part.sign + name), _row(part, name, found)


def _row(part: Part, name: str, found: Sequence[Part | None]) -> Rows:
    """The row of what a part is in each use."""
    row = {name: tuple(one.told if one is not None else part.unsaid or DASH for one in found)}
    return Rows(row, row if part.is_channels else {})


def _row_of_input(network: Network, uses: Sequence[Scope], letters: Letters) -> Rows:
    """The row of the channels of what a block reads first."""
    return Rows({_wide(uses, letters): tuple(map(str, _channels(network, uses)))})


def _multiple(values: Sequence[str], widths: Mapping[str, Sequence[str]], letters: Letters) -> str:
    """Channels as the same multiple or part, in each use, of others that have a name: `exp/2`; "" where they are none.

    So many are said in the fewest words, and a table has one row less.
    """
    found: list[Expr | None] = []
    for name, known in widths.items():
        if all(value.isdigit() and value != "0" for value in (*values, *known)):
            pairs = [(int(value), int(other)) for value, other in zip(values, known, strict=True)]
            found += (_times(name, pairs), _part_of(name, pairs))
    said = (letters.printed(expression) for expression in found if expression is not None)
    return min((words for words in said if len(words) <= _LONGEST), key=len, default="")


def _times(name: str, pairs: Sequence[tuple[int, int]]) -> Expr | None:
    """`name` times the number that makes the first of each pair of the second."""
    factors = {0 if value % other else value // other for value, other in pairs}
    factor = factors.pop()
    if factors or not factor:
        return None
    return Name(name) if factor == 1 else Binary("*", Literal(factor), Name(name))


def _part_of(name: str, pairs: Sequence[tuple[int, int]]) -> Expr | None:
    """The part of `name` that the first of each pair is of the second."""
    factors = {0 if other % value else other // value for value, other in pairs}
    factor = factors.pop()
    return None if factors or factor < 2 else Binary("//", Name(name), Literal(factor))


def _free(part: Part, node: str, longest: Label, values: tuple[str, ...], taken: Mapping[str, tuple[str, ...]]) -> str:
    """What a value is called by its node; with a number where that name has other values already."""
    for number in count(1):
        name = part.named(node if number == 1 else f"{node}{number}")
        if part.is_channels and name in map(str, longest.parts):
            name = f"{name} channels"  # an op may be called what it is
        if taken.get(name, values) == values:
            return name
    raise AssertionError("numbers do not end")


def _of_several(
    network: Network, uses: Sequence[Scope], part: Part, found: Sequence[Part | None], letters: Letters
) -> tuple[Part, Rows]:
    """A part that several ops have together: as a share of the channels, `C/32 heads`, or by its unit; and its row."""
    told = [one.told if one is not None else part.unsaid for one in found]
    share = _share(network, uses, [int(value) if value.isdigit() else 0 for value in told])
    if share:
        return part.symbol(f"{_wide(uses, letters)}/{share}"), _row_of_input(network, uses, letters)
    return replace(part, instead=part.unit), Rows({part.unit: tuple(value or DASH for value in told)})


def _wide(uses: Sequence[Scope], letters: Letters) -> str:
    """What the channels of what a block reads first are called."""
    return letters.of(f"{uses[0].definition.inputs[0]}.channels")


def _share(network: Network, uses: Sequence[Scope], values: Sequence[Value]) -> int:
    """How many channels of its input, the only one, a block has for each of `values`; 0 where uses differ."""
    if len(uses[0].definition.inputs) != 1 or "channels" in uses[0].args:
        return 0
    shares = {
        channels // value if isinstance(value, int) and value and not channels % value else 0
        for channels, value in zip(_channels(network, uses), values, strict=True)
    }
    return shares.pop() if len(shares) == 1 else 0


def _channels(network: Network, uses: Sequence[Scope]) -> list[int]:
    """The channels of what each use reads first."""
    return [channels(network.shape(use.inputs[0])) for use in uses]


def _spelled(labels: Sequence[Label]) -> Sequence[Label]:
    """`labels`; what stands behind the titles is one of the parts where it is too much for one line."""
    behind = {str(label.behind or "") for label in labels}
    if len(behind) <= _MOST_EITHER or not all(behind):
        return labels
    return [replace(label, parts=(*filter(None, (label.behind,)), *label.parts), behind=None) for label in labels]


def _headed(labels: Sequence[Label], name: str) -> Label:
    """The first label; where one thing in front of the details differs, with all that it is: `3×3 or 5×5 conv`.

    `name` is what stands for the part in front of the title; "" where its values do.
    """
    first = labels[0]
    titles = {label.title for label in labels}
    before = {str(label.before or "") for label in labels}
    behind = {str(label.behind or "") for label in labels}
    match len(titles) > 1, len(before) > 1, len(behind) > 1:
        case True, False, False:
            return replace(first, title=_either(titles))
        case False, True, False if first.before is not None and all(before):
            return replace(first, before=replace(first.before, instead=name or _either(before)))
        case False, False, True if first.behind is not None and all(behind):
            return replace(first, behind=replace(first.behind, instead=_either(behind)))
    return first


def _either(texts: set[str]) -> str:
    return " or ".join(sorted(texts))


def _name(network: Network, node: Node, root: str) -> str:
    """The name of a node in the block `root`; of one that is a number, the name around it."""
    scope, name = node.scope, node.name
    while name.isdigit() and scope != root:
        name, scope = network.graph.scopes[scope].name, network.graph.scopes[scope].parent
    return name


def _expression(network: Network, node: Node, uses: Sequence[Scope], field: str) -> Expr | None:
    """The author's expression for a field of `node`, in the names of the block; None where there is none that is short.

    What is the same in all uses stands there as its value.
    """
    root = uses[0].id
    expr = node.site.exprs.get(field)
    scope = network.graph.scopes[node.scope]
    while expr is not None and scope.id != root:
        if scope.definition.kind in ("block", "spec"):
            expr = substitute(expr, _Arguments(scope))
        else:
            expr = replaced(expr, _Around(network.graph, scope))
        scope = network.graph.scopes[scope.parent]
    told = expr and substitute(expr, _Constants(network.graph, uses))
    if told is None:
        return None
    simple = simplify(told)
    most = _LONGEST_OF_SEVERAL if isinstance(simple, List) else _LONGEST
    return simple if len(Letters(uses[0].definition.inputs).printed(simple)) <= most else None


class _Around:
    """Calls the inputs of a graph in place what the block around it calls the same values."""

    def __init__(self, graph: Graph, scope: Scope) -> None:
        around = graph.scopes[scope.parent]
        called = dict(zip(around.inputs, around.definition.inputs, strict=True))
        self.called = {
            name: called.get(ref, name) for name, ref in zip(scope.definition.inputs, scope.inputs, strict=True)
        }

    def __call__(self, leaf: Leaf) -> Expr:
        return leaf if isinstance(leaf, Name) else Attribute(self.called.get(leaf.owner, leaf.owner), leaf.name)


class _Constants:
    """Replaces the params of a block, and of the network, that have one value in all uses of the block."""

    def __init__(self, graph: Graph, uses: Sequence[Scope]) -> None:
        self.known = {**graph.scopes[""].args, **uses[0].args}
        self.varied = {name for use in uses for name, value in use.args.items() if value != uses[0].args.get(name)}

    def __call__(self, name: str) -> Expr:
        value = self.known.get(name)
        if name not in self.varied and isinstance(value, int | float):
            return Literal(value)
        owner, dot, attribute = name.partition(".")
        return Attribute(owner, attribute) if dot else Name(name)


class _Arguments:
    """Looks up the author's expression for an argument of a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, name: str) -> Expr | None:
        written = self.scope.site.exprs.get(name)
        if written is not None:
            return written
        value = self.scope.args.get(name)
        return Literal(value) if isinstance(value, int | float | str) else None


def _params(uses: Sequence[Scope], expression: Expr) -> dict[str, tuple[str, ...]]:
    """The params of the block that an expression reads, in each use."""
    read = [name for name in sorted(names(expression)) if all(name in use.args for use in uses)]
    return {name: tuple(str(use.args[name]) for use in uses) for name in read}


def _inputs(network: Network, uses: Sequence[Scope], expression: Expr, letters: Letters) -> dict[str, tuple[str, ...]]:
    """Rows for the sizes of inputs that an expression reads: `C`, the channels of x."""
    rows = {}
    for name in sorted(names(expression)):
        port, dot, attribute = name.partition(".")
        inputs = uses[0].definition.inputs
        if dot and port in inputs:
            shapes = [network.shape(resolve(network.graph, use.id, Local(port))) for use in uses]
            rows[letters.of(name)] = tuple(str(fact_of(shape, attribute)) for shape in shapes)
    return rows
