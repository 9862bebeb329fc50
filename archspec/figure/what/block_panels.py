"""Templates: one drawing for all uses of a block, with the author's expressions where its uses differ.

3x3 conv        every use has 64 channels:  64
3x3 conv        they differ:                width * 4, and a table says what width is in each use
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archspec.figure.diagram import Band, Box, Panel, Table
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what.captions import DASH, channels, op_title
from archspec.figure.what.finish import Setting
from archspec.figure.what.forms import shade
from archspec.graph.graph import Graph, Local, Node, Scope, child_id
from archspec.graph.network import Network
from archspec.graph.walk import children, default_output, own_output, resolve, within
from archspec.language.expression.symbolic import names, python, simplify, substitute
from archspec.ops.op import Role
from archspec.values.expression import Attribute, Expr, Literal, Name, Value

_LONGEST = 18  # letters of an expression that still fits a box
_SENTENCE_ROWS, _SENTENCE_COLUMNS = 3, 6  # a table so small reads better as a sentence
_BRANCHES = 6  # that bands can tell apart
_FIELDS = {  # the fields that a detail tells, by its word
    "": ("out_channels", "out_features"),
    "/": ("stride",),
    "groups": ("groups",),
    "to": ("output_size", "size"),
}
_ALONE = {"/": "stride"}  # a detail's word where it stands alone
_UNSAID = {"/": "1", "groups": "1"}  # what a detail that is left out stands for


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a block that ends in a concatenation: its last node, its channels, and whether it pools."""

    node: str
    channels: int
    pools: bool


def template(setting: Setting, panel: Panel, uses: Sequence[Scope]) -> Panel:
    """`panel`, which draws the first of `uses`, as the drawing of all of them. Linear in its boxes times the uses."""
    network = setting.network
    branches = list(_branches(network, uses[0]))
    paints = branch_paints(branches, setting.theme) if 2 <= len(branches) <= _BRANCHES else []
    painted = {branch.node: paint for branch, paint in zip(branches, paints, strict=False)}
    swatches: dict[str, Paint] = {}
    root = uses[0].id
    rows: dict[str, tuple[str, ...]] = {}
    varied = _varied(uses, _unseen(network, uses[0]))
    boxes = []
    for box in panel.boxes:
        if not box.nodes or box.kind not in ("op", "down", "up"):
            boxes.append(box)
            continue
        details, wanted = _details(network, box, root, uses)
        for name, values in wanted.items():
            rows.setdefault(name, values)
        paint = next((painted[name] for name in box.nodes if name in painted), None)
        if paint is not None and details:
            swatches[details[0].partition(",")[0]] = paint
        counts = "" if _differ(network, box, uses) else box.counts
        title = _title(network, box, root, uses)
        boxes.append(replace(box, title=title, details=details, counts=counts, paint=paint or box.paint))
    rows = {name: values for name, values in {**varied, **rows}.items() if len(set(values)) > 1}
    if branches and rows:
        last = [default_output(network.graph, use) for use in uses]
        rows["out"] = tuple(str(channels(network.shape(ref))) for ref in last)
    columns, merged = _columns(network.graph, uses, rows)
    if not rows:
        return replace(panel, boxes=tuple(boxes))
    if len(rows) <= _SENTENCE_ROWS and len(columns) <= _SENTENCE_COLUMNS:
        return replace(panel, boxes=tuple(boxes), subtitle=f"{panel.subtitle}: {_sentence(columns, merged)}")
    return replace(panel, boxes=tuple(boxes), table=_table(columns, merged, swatches))


def _table(columns: tuple[str, ...], rows: Mapping[str, tuple[str, ...]], swatches: Mapping[str, Paint]) -> Table:
    return Table(columns, tuple(rows.items()), tuple(swatches.get(name) for name in rows))


def use_name(graph: Graph, scope: Scope) -> str:
    """What a use is called in a table: the part of a repeat by the repeat, `inception3a` by what follows the block.

    A member of a list has the name of what the list stands in before its own: `features.1`.
    """
    part = scope.parent and graph.scopes[scope.parent].definition.kind == "repeat"
    path = (scope.parent if part else scope.id).split("/")
    named = max((at for at, name in enumerate(path) if not name.isdigit()), default=0)
    name = ".".join(path[named:])
    short = name.removeprefix(scope.definition.name).lstrip("_")
    return name if not short or short.isdigit() else short


def _varied(uses: Sequence[Scope], unseen: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Params of the block that differ between its uses, and that something shown depends on."""
    found = {}
    for param in uses[0].definition.params:
        values = tuple(_printed(use.args.get(param.name)) for use in uses)
        if len(set(values)) > 1 and param.name not in unseen:
            found[param.name] = values
    return found


def _unseen(network: Network, root: Scope) -> set[str]:
    """Params of a block that no op with a box reads: rates of dropout."""
    graph, shown = network.graph, set[str]()
    pending = [root]
    while pending:
        for member in children(graph, pending.pop()):
            if isinstance(member, Scope) or member.op.role is not Role.DROPOUT:
                shown.update(name for expr in member.site.exprs.values() for name in names(expr))
            if isinstance(member, Scope) and member.definition.kind not in ("block", "spec"):
                pending.append(member)
    return {param.name for param in root.definition.params} - shown


def _printed(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _title(network: Network, box: Box, root: str, uses: Sequence[Scope]) -> str:
    """The title of a box; where kernels differ, all of them: `3×3 or 5×5 conv`."""
    relative = box.nodes[0][len(root) + 1 :]
    said = sorted({op_title(network, network.graph.nodes[child_id(use.id, relative)])[0] for use in uses})
    kind = said[0].partition(" ")[2]
    if len(said) == 1 or box.title not in said or any(each.partition(" ")[2] != kind for each in said):
        return box.title
    return f"{' or '.join(each.partition(' ')[0] for each in said)} {kind}".rstrip()


def _details(
    network: Network, box: Box, root: str, uses: Sequence[Scope]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The details of a box with expressions for what differs, and the rows that they need in the table."""
    graph = network.graph
    node = graph.nodes[box.nodes[0]]
    relative = node.id[len(root) + 1 :]
    alike = [graph.nodes[child_id(use.id, relative)] for use in uses]
    said = [op_title(network, one)[1] for one in alike]
    if len(set(said)) == 1 or not box.details or box.details[0] != said[0]:
        return box.details, {}
    rows: dict[str, tuple[str, ...]] = {}
    words = []
    parts = [text.split(", ") for text in said]
    longest = max(parts, key=len)
    for index, part in enumerate(longest):
        values = tuple(each[index] if index < len(each) else "" for each in parts)
        if len(set(values)) == 1:
            words.append(part)
            continue
        word = next((word for word in map(_word, filter(None, values)) if word in _FIELDS), _word(part))
        expression = _expression(network, node, uses, _FIELDS.get(word, (word,)))
        if expression is None:
            symbol = f"{_name(network, node, root)} {_ALONE.get(word, word)}".rstrip()
            symbol = f"{symbol} channels" if symbol in longest else symbol  # an op may be called what it is
            rows[symbol] = tuple(
                value.removesuffix(f" {word}").removeprefix("/") or _UNSAID.get(word, DASH) for value in values
            )
        else:
            symbol = python(expression).replace(" ", "")
            rows |= _inputs(network, uses, expression)
        words.append(_detail(word, symbol))
    return (", ".join(words), *box.details[1:]), rows


def _word(detail: str) -> str:
    """What a detail is of: "" for channels, "/" for a stride, else the word before its number or after it."""
    if detail.startswith("/"):
        return "/"
    first, _, rest = detail.partition(" ")
    return rest if first.isdigit() else first


def _detail(word: str, symbol: str) -> str:
    """A detail with a symbol in place of its number: `/stride`, `to bins`, `width`, `g groups`."""
    if word in symbol.split():
        return symbol
    if word == "groups":
        return f"{symbol} {word}"
    return f"{word}{symbol}" if word == "/" else f"{word} {symbol}".lstrip()


def _name(network: Network, node: Node, root: str) -> str:
    """The name of a node in the block `root`; of one that is a number, the name around it."""
    scope, name = node.scope, node.name
    while name.isdigit() and scope != root:
        name, scope = network.graph.scopes[scope].name, network.graph.scopes[scope].parent
    return name


def _expression(network: Network, node: Node, uses: Sequence[Scope], fields: Sequence[str]) -> Expr | None:
    """The author's expression for a field of `node`, in the names of the block; None where there is none that is short.

    What is the same in all uses stands there as its value.
    """
    root = uses[0].id
    expr = next((node.site.exprs[field] for field in fields if field in node.site.exprs), None)
    scope = network.graph.scopes[node.scope]
    while expr is not None and scope.id != root:
        if scope.definition.kind in ("block", "spec"):
            expr = substitute(expr, _Arguments(scope))
        scope = network.graph.scopes[scope.parent]
    told = expr and substitute(expr, _Constants(network.graph, uses))
    if told is None:
        return None
    simple = simplify(told)
    return simple if len(python(simple).replace(" ", "")) <= _LONGEST else None


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


def _inputs(network: Network, uses: Sequence[Scope], expression: Expr) -> dict[str, tuple[str, ...]]:
    """Rows for the sizes of inputs that an expression reads: `x.channels`."""
    rows = {}
    for name in sorted(names(expression)):
        port, dot, attribute = name.partition(".")
        inputs = uses[0].definition.inputs
        if dot and attribute == "channels" and port in inputs:
            refs = [resolve(network.graph, use.id, Local(port)) for use in uses]
            shapes = [network.shape(ref) for ref in refs]
            rows[name] = tuple(str(channels(shape)) for shape in shapes)
    return rows


def _differ(network: Network, box: Box, uses: Sequence[Scope]) -> bool:
    """Whether a box counts differently in other uses, so that its counts would hold for one alone."""
    root = uses[0].id
    relative = [name[len(root) + 1 :] for name in box.nodes]
    totals = {
        (sum(cost.params for cost in costs), sum(cost.macs for cost in costs))
        for use in uses
        for costs in [[network.costs[child_id(use.id, name)] for name in relative]]
    }
    return len(totals) > 1


def _columns(
    graph: Graph, uses: Sequence[Scope], rows: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Uses of one name and equal values are one column."""
    kept: dict[tuple[str, ...], int] = {}
    for index, use in enumerate(uses):
        kept.setdefault((use_name(graph, use), *(values[index] for values in rows.values())), index)
    chosen = list(kept.values())
    columns = tuple(use_name(graph, uses[index]) for index in chosen)
    return columns, {name: tuple(values[index] for index in chosen) for name, values in rows.items()}


def _sentence(columns: Sequence[str], rows: Mapping[str, tuple[str, ...]]) -> str:
    """`width 64, 128, 256, 512 · channels 256, 512, 1024, 2048 in layer1, layer2, layer3, layer4`."""
    said = " \N{MIDDLE DOT} ".join(f"{name} {', '.join(values)}" for name, values in rows.items())
    return f"{said} in {', '.join(columns)}"


def with_bands(setting: Setting, panel: Panel) -> Panel:
    """`panel`, each closed block that ends in a concatenation with its branches."""
    scopes, theme = setting.network.graph.scopes, setting.theme
    boxes = []
    for box in panel.boxes:
        branches = list(_branches(setting.network, scopes[box.id])) if box.kind == "block" and box.id in scopes else []
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


def _branches(network: Network, scope: Scope) -> Iterator[Branch]:
    """The branches of a block that ends in a concatenation."""
    graph = network.graph
    node = own_output(graph, scope)
    if node is None or node.op.name != "concat":
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
