"""Templates: one drawing for all uses of a block, with the author's expressions where its uses differ.

3x3 conv        every use has 64 channels:  64
3x3 conv        they differ:                width * 4, and a table says what width is in each use
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import Band, Box, Panel, Table
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what.captions import DASH, channels, puts_beside, row_title
from archspec.figure.what.drafts import called, named_for
from archspec.figure.what.finish import Setting
from archspec.figure.what.forms import shade
from archspec.figure.what.idioms import NO_IDIOMS, Idioms
from archspec.figure.what.rows import params_read
from archspec.figure.what.shared_label import NO_ROWS, shared_label
from archspec.graph.graph import Graph, Member, Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import at, default_output, inside, moved, own_output, part, within
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

_LONGEST = 32  # letters of a value; one of more is the contents of a buffer
_SENTENCE_ROWS, _SENTENCE_COLUMNS = 3, 6  # a table so small reads better as a sentence
_SENTENCE_VALUES = 12  # and one of so few values
_EQUAL = " = "  # between the names of one row
_BRANCHES = 6  # that bands can tell apart


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a block that ends in a concatenation: its last node, its channels, and whether it pools."""

    node: str
    channels: int
    pools: bool


def template(setting: Setting, panel: Panel, uses: Sequence[Scope]) -> Panel:
    """`panel`, which draws the first of `uses`, as the drawing of all of them. Linear in its boxes times the uses."""
    network = setting.network
    branches = list(_branches(setting, uses[0]))
    paints = branch_paints(branches, setting.theme) if 2 <= len(branches) <= _BRANCHES else []
    painted = {branch.node: paint for branch, paint in zip(branches, paints, strict=False)}
    swatches: dict[str, Paint] = {}
    said = NO_ROWS
    boxes = []
    for box in (_shared(network, each, uses) for each in panel.boxes):
        if box.kind == "block":
            boxes.append(_shared_block(setting, box, uses))
            continue
        if not box.nodes or box.kind not in ("op", "down", "up"):
            boxes.append(box)
            continue
        drawn = box
        layer = box.role in (Role.CONV, Role.POOL)  # another keeps the colour that says what it does
        paint = next((painted[name] for name in box.nodes if layer and name in painted), None)
        if box.label is not None:
            node, idioms = _told(setting, box)
            shared = shared_label(network, node, uses, idioms, said)
            drawn = box.labelled(called(shared.label, box.asked) or shared.label)
            said |= shared.rows
            if paint is not None and shared.label.parts:
                swatches[str(shared.label.parts[0])] = paint
        boxes.append(replace(drawn, paint=paint or box.paint))
    rows = {**_varied(network, uses), **said.told}
    if branches and any(len(set(values)) > 1 for values in rows.values()):
        rows["out"] = tuple(_wide(setting, default_output(network.graph, use)) for use in uses)
    rows = {name: values for name, values in rows.items() if len(set(values)) > 1}
    return _with_rows(replace(panel, boxes=tuple(boxes)), _columns(network.graph, uses, rows), swatches)


def _shared(network: Network, box: Box, uses: Sequence[Scope]) -> Box:
    """A box without what holds for one use only: counts, and that none of its parameters learns."""
    counts = "" if _differ(network, box, uses) else box.counts
    return replace(box, frozen=_frozen(network, box, uses), counts=counts)


def _wide(setting: Setting, ref: Ref) -> str:
    """The channels of a value."""
    return str(channels(setting.network.shape(ref), sequence=ref.node in setting.captions.sequences))


def _with_rows(
    panel: Panel, told: tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]], swatches: Mapping[str, Paint]
) -> Panel:
    """`panel` with the columns and rows that say what differs: as a sentence where it is short, else as a table."""
    columns, rows = told[0], _together(told[1])
    if not rows:
        return panel
    few = len(rows) <= _SENTENCE_ROWS or len(rows) * len(columns) <= _SENTENCE_VALUES
    if few and len(columns) <= _SENTENCE_COLUMNS:
        return replace(panel, subtitle=f"{panel.subtitle}: {_sentence(columns, rows)}")
    return replace(panel, table=_table(columns, rows, swatches))


def _together(rows: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """`rows`; those that are equal in all columns are one, of several names."""
    names: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, values in rows.items():
        names[values] = (*names.get(values, ()), name)
    return {alike: values for values, alike in names.items()}


def _frozen(network: Network, box: Box, uses: Sequence[Scope]) -> bool:
    """Whether no parameter of a box learns in any use."""
    return box.frozen and not any(
        network.costs[id].trainable for use in uses for id in _nodes(network.graph, box, uses[0], use)
    )


def _nodes(graph: Graph, box: Box, first: Scope, use: Scope) -> Iterator[str]:
    """The ops that a box of the drawing of `first` stands for in `use`: a closed block may hold others there."""
    around = graph.scopes[box.id].parent if box.kind == "block" and box.id in graph.scopes else None
    whole = (part(around, id) if around is not None and within(id, around) else id for id in box.nodes)
    for id in dict.fromkeys(whole):
        found = at(graph, moved(id, first.id, use.id))
        yield from (each.id for each in (found, *_held(graph, found)) if isinstance(each, Node))


def _held(graph: Graph, found: Member) -> Iterator[Member]:
    """What is in a block; nothing of an op."""
    return inside(graph, found) if isinstance(found, Scope) else iter(())


def _told(setting: Setting, box: Box) -> tuple[Node, Idioms]:
    """The node whose fields an op's box tells, and the idioms that it may be told by."""
    nodes, idiom = setting.network.graph.nodes, setting.idioms.drawn(box.nodes)
    if idiom is not None:
        return nodes[idiom.named], setting.idioms
    return named_for([nodes[id] for id in box.nodes]), NO_IDIOMS


def _shared_block(setting: Setting, box: Box, uses: Sequence[Scope]) -> Box:
    """A closed block in the drawing of all `uses` of the block around it: without what is said of one of them only."""
    scopes = setting.network.graph.scopes
    told = [setting.captions.details(scopes[moved(box.id, uses[0].id, use.id)]) for use in uses]
    details = tuple(line for line in box.details if line not in told[0] or all(line in lines for lines in told))
    return replace(box, details=details)


def _table(
    columns: tuple[str, ...], rows: Mapping[tuple[str, ...], tuple[str, ...]], swatches: Mapping[str, Paint]
) -> Table:
    told = tuple((_EQUAL.join(names), values) for names, values in rows.items())
    colours = (next((swatches[one] for one in names if one in swatches), None) for names in rows)
    return Table(columns, told, tuple(colours))


def use_name(graph: Graph, scope: Scope) -> str:
    """What a use is called in a table: the part of a repeat by the repeat, `inception3a` by what follows the block.

    A member of a list has the name of what the list stands in before its own: `features.1`.
    """
    of_repeat = scope.parent and graph.scopes[scope.parent].definition.kind == "repeat"
    path = (scope.parent if of_repeat else scope.id).split("/")
    named = max((at for at, name in enumerate(path) if not name.isdigit()), default=0)
    name = ".".join(path[named:])
    rest = name.removeprefix(scope.definition.name)
    short = rest.lstrip("_")
    return name if not short or short.isdigit() or rest[0].islower() else short


def _named(graph: Graph, use: Scope) -> Scope:
    """The block whose params are read in a use: the one around a graph in place, which has none."""
    while use.definition.kind == "inline" and use.parent:
        use = graph.scopes[use.parent]
    return use


def _varied(network: Network, uses: Sequence[Scope]) -> dict[str, tuple[str, ...]]:
    """Params of the block that differ between its uses, of those that are read by what is shown; none that is data."""
    found: dict[str, tuple[str, ...]] = {}
    named, read = [_named(network.graph, use) for use in uses], params_read(network, uses[0])
    if len({use.definition for use in named}) > 1:
        return found
    for param in named[0].definition.params:
        values = tuple(_printed(use.args.get(param.name)) for use in named)
        seen = param.name in read or _decides(network.graph, uses, values)
        if len(set(values)) > 1 and seen and max(map(len, values)) <= _LONGEST:
            found[param.name] = values
    return found


def _decides(graph: Graph, uses: Sequence[Scope], values: Sequence[str]) -> bool:
    """Whether uses hold something else wherever a param has another value, and only there: the height of a U."""
    if len(set(values)) < 2:
        return False
    held = [tuple(moved(each.id, use.id, "") for each in inside(graph, use)) for use in uses]
    return len(set(values)) == len(set(held)) == len(set(zip(values, held, strict=True)))


def _printed(value: Value) -> str:
    """A value in a table: a fraction to four digits, since each more makes its column wider."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _differ(network: Network, box: Box, uses: Sequence[Scope]) -> bool:
    """Whether a box counts differently in other uses, so that its counts would hold for one alone."""
    totals = {
        (sum(cost.params for cost in costs), sum(cost.macs for cost in costs))
        for use in uses
        for costs in [[network.costs[id] for id in _nodes(network.graph, box, uses[0], use)]]
    }
    return len(totals) > 1


def _columns(
    graph: Graph, uses: Sequence[Scope], rows: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Uses of one name and equal values are one column; where two that differ have one name, all say more of it."""
    kept: dict[tuple[str, ...], int] = {}
    for index, use in enumerate(uses):
        kept.setdefault((use_name(graph, use), *(values[index] for values in rows.values())), index)
    chosen = list(kept.values())
    columns = tuple(use_name(graph, uses[index]) for index in chosen)
    if len(set(columns)) < len(columns):
        columns = _told_apart([uses[index].id for index in chosen])
    spans = list(_in_step([(uses[index], *(values[index] for values in rows.values())) for index in chosen]))
    named = tuple(row_title(columns[first], columns[last]) for first, last in spans)
    return named, {
        name: tuple(_from_to(values[chosen[first]], values[chosen[last]]) for first, last in spans)
        for name, values in rows.items()
    }


def _from_to(first: str, last: str) -> str:
    """What stands in a column of several uses: a value, or the first and the last of those that go up by one."""
    return first if first == last else f"{first}{DASH}{last}"


def _in_step(columns: Sequence[tuple[Scope, *tuple[str, ...]]]) -> Iterator[tuple[int, int]]:
    """The first and the last of columns that are one: parts of a list, one behind the other.

    Their values are equal, or of three and more each is the one before it and one.
    """
    first = 0
    while first < len(columns):
        last = first
        steps = _steps(columns[first : first + 2])
        while steps and _steps(columns[last : last + 2]) == steps:
            last += 1
        last = last if last - first > 1 or not any(steps) else first
        yield first, last
        first = last + 1


def _steps(pair: Sequence[tuple[Scope, *tuple[str, ...]]]) -> tuple[int, ...]:
    """By how much each value of a column goes up to the next one, 0 or 1; () where they are not to be one."""
    if len(pair) < 2:
        return ()
    (scope, *values), (after, *more) = pair
    number = scope.name.rpartition(".")[2]
    following = f"{scope.name.removesuffix(number)}{int(number) + 1}" if number.isdigit() else ""
    if after.parent != scope.parent or after.name != following:
        return ()
    steps = tuple(
        0 if value == other else int(other) - int(value) if value.isdigit() and other.isdigit() else -1
        for value, other in zip(values, more, strict=True)
    )
    return steps if set(steps) <= {0, 1} else ()


def _told_apart(ids: Sequence[str]) -> tuple[str, ...]:
    """The names in paths that differ between them, with what is before those that are numbers: `features.4`."""
    names = [id.split("/") for id in ids]
    if len(set(map(len, names))) > 1:
        return tuple(map(".".join, names))
    differ = {at for at, found in enumerate(zip(*names, strict=True)) if len(set(found)) > 1}
    differ |= {at - 1 for at in differ if at and any(name[at].isdigit() for name in names)}
    return tuple(".".join(name[at] for at in sorted(differ)) for name in names)


def _sentence(columns: Sequence[str], rows: Mapping[tuple[str, ...], tuple[str, ...]]) -> str:
    """`width 64, 128, 256, 512 · channels 256, 512, 1024, 2048 in layer1, layer2, layer3, layer4`."""
    said = " \N{MIDDLE DOT} ".join(f"{_EQUAL.join(names)} {', '.join(values)}" for names, values in rows.items())
    return f"{said} in {', '.join(columns)}"


def with_bands(setting: Setting, panel: Panel) -> Panel:
    """`panel`, each closed block that ends in a concatenation with its branches."""
    scopes, theme = setting.network.graph.scopes, setting.theme
    boxes = []
    for box in panel.boxes:
        branches = list(_branches(setting, scopes[box.id])) if box.kind == "block" and box.id in scopes else []
        if 2 <= len(branches) <= _BRANCHES:
            whole = sum(branch.channels for branch in branches)
            paints = branch_paints(branches, theme)
            made = tuple(
                Band(branch.channels, branch.channels / whole, paint)
                for branch, paint in zip(branches, paints, strict=True)
            )
            boxes.append(replace(box, bands=made, title=use_name(setting.network.graph, scopes[box.id])))
        else:
            boxes.append(box)
    return replace(panel, boxes=tuple(boxes))


def branch_paints(branches: Sequence[Branch], theme: Theme) -> list[Paint]:
    """A shade for each branch; those that pool in the colour of pooling."""
    paints, number = [], 0
    for branch in branches:
        paints.append(theme.paint(Role.POOL) if branch.pools else shade(theme.paint(Role.CONV), number))
        number += not branch.pools
    return paints


def _branches(setting: Setting, scope: Scope) -> Iterator[Branch]:
    """The branches of a block that ends in a concatenation of channels."""
    network = setting.network
    node = own_output(network.graph, scope)
    if node is None or not puts_beside(network, node, setting.captions.sequences):
        return
    for ref, shape in zip(node.inputs, network.input_shapes(node), strict=True):
        yield Branch(ref.node, shape.channels, _pools(network, ref.node, scope.id))


def _pools(network: Network, name: str, root: str) -> bool:
    """Whether the branch that ends in node `name` pools, followed back to where the block begins or it forks."""
    graph = network.graph
    while within(name, root):
        node = graph.nodes[name]
        if node.op.role is Role.POOL:
            return True
        if len(node.inputs) != 1:
            return False
        name = node.inputs[0].node
    return False
