"""Entries: every path of the spec, with what it is, what it costs, where it is written and what shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from archspec.diagnostics.diagnostic import Source, Span
from archspec.figure.what import captions
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.network import Network
from archspec.graph.report import Row, report
from archspec.graph.walk import ancestors, at, default_output
from archspec.page.parts import Picture, around, boxes_held
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

EntryKind: TypeAlias = Literal["op", "block", "input", "output"]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of one of the page's sources, by its index."""

    source: int
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of the spec.

    Attributes:
        path: "/" between names.
        item: id of the box or the block that stands for it in the picture.
        kind: what it is.
        type: the op's or the block's name, "" for a graph in place.
        settings: fields that are not the op's defaults, or the block's arguments: `out_channels: 64, bias: false`;
            after them whose parameters it uses again, `shares tower1`, and whether they are `frozen`.
        doc: the author's note.
        shape: of its default output, without the batch.
        params: learned parameters of all in it.
        macs: multiply-adds of all in it, per sample.
        train_only: runs only in training.
        place: where it is written.
        definition: where its block is defined; the same as `place` for an op.
    """

    path: str
    item: str
    kind: EntryKind
    type: str
    settings: str
    doc: str
    shape: str
    params: int
    macs: int
    train_only: bool
    place: Place
    definition: Place


@dataclass(slots=True)
class Sources:
    """The sources that spans point into, in the order in which they are met."""

    indices: dict[Source, int] = field(default_factory=dict)

    def place(self, span: Span) -> Place:
        """`span` as a Place."""
        return Place(self.index(span), span.line, span.end_line)

    def index(self, span: Span) -> int:
        """The index of the source of `span`."""
        return self.indices.setdefault(span.source, len(self.indices))

    def known(self) -> tuple[Source, ...]:
        """All of them, each under the shortest end of its path that tells it from the others."""
        names = [source.name for source in self.indices]
        return tuple(Source(_short(source.name, names), source.text) for source in self.indices)


def entries(network: Network, shown: Picture, sources: Sources) -> Iterator[Entry]:
    """All paths of `network`, blocks before what is in them."""
    graph = network.graph
    items = _items(graph, shown)
    for name in graph.inputs:
        yield _input(network, graph.nodes[name], items[name], sources)
    for row in report(network).rows:
        yield _entry(row, at(graph, row.path), items[row.path], sources)
    for output in graph.outputs:
        place = sources.place(output.span)
        shape = captions.size(network.shape(output.ref))
        item = f"output@{output.name}"
        yield Entry(output.name, item, "output", "output", "", "", shape, 0, 0, output.train_only, place, place)


def _items(graph: Graph, shown: Picture) -> dict[str, str]:
    """Path -> what stands for it: its own block, or that which holds no more, or the one box that it comes down to."""
    owners = {name: box.id for box in shown.panel.boxes for name in box.nodes}
    owners |= {name: _beside(graph, owners, name) for name in graph.nodes if name not in owners}
    items: dict[str, str] = dict(owners)
    held = boxes_held(graph, shown.panel.boxes)
    blocks = {name: graph.scopes[name] for name in shown.closed}
    # A box stands where its op does, though a norm of another block may be in it; a block may have no box at all.
    ops = [box.nodes[0] for box in shown.panel.boxes if box.nodes]
    first: dict[str, str] = {}
    for name in (*ops, *graph.nodes):
        for scope in ancestors(graph, graph.nodes[name].scope):
            if scope in first:
                break
            first[scope] = owners[name]
    for name in graph.scopes:
        if name in blocks:
            items[name] = name
        elif name and held[name] > 1:
            items[name] = next(around(graph, name, blocks))
        elif name in first:
            items[name] = first[name]
        elif name:  # all of it is left out: it is what it passes on
            items[name] = owners[default_output(graph, graph.scopes[name]).node]
    return items


def _beside(graph: Graph, owners: Mapping[str, str], name: str) -> str:
    """The box that stands for an op without one, since its author hides it: what it reads, else what reads it."""
    for near in (lambda id: [ref.node for ref in graph.nodes[id].inputs], graph.readers.__getitem__):
        seen, pending = {name}, [name]
        while pending:
            found = [id for id in near(pending.pop()) if id not in seen]
            shown = next((owners[id] for id in found if id in owners), "")
            if shown:
                return shown
            seen.update(found)
            pending += found
    return next(iter(owners.values()))


def _input(network: Network, node: Node, item: str, sources: Sources) -> Entry:
    place = sources.place(node.site.span)
    shape = captions.size(network.shapes[node.id][0])
    return Entry(node.id, item, "input", "input", "", node.site.doc, shape, 0, 0, node.train_only, place, place)


def _entry(row: Row, member: Node | Scope, item: str, sources: Sources) -> Entry:
    place = definition = sources.place(member.site.span)
    doc = member.site.doc
    if isinstance(member, Node):
        fields = type(member.op).model_fields
        settings: dict[str, Value] = {
            name: value
            for name, field in fields.items()
            if (value := getattr(member.op, name)) != field.default or field.is_required()
        }
        kind: EntryKind = "op"
    else:
        settings = {
            param.name: member.args[param.name] for param in member.definition.params if param.name in member.args
        }
        doc = doc or member.definition.doc
        kind = "block"
        definition = sources.place(member.definition.span)
    return Entry(
        path=row.path,
        item=item,
        kind=kind,
        type=row.type if row.kind == "op" else str(row.label),
        settings=", ".join(filter(None, (_written(settings), *row.said))),
        doc=doc,
        shape=captions.size(row.shape),
        params=row.cost.params,
        macs=row.cost.macs,
        train_only=row.train_only,
        place=place,
        definition=definition,
    )


def _written(settings: Mapping[str, Value]) -> str:
    """Settings as a spec writes them: `kernel_size: [1, 3], bias: false`."""
    return ", ".join(f"{name}: {_value(value)}" for name, value in settings.items())


def _value(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _short(name: str, names: list[str]) -> str:
    """The shortest end of the path `name` that no other of `names` has."""
    parts = name.replace("\\", "/").split("/")
    for count in range(1, len(parts)):
        end = "/".join(parts[-count:])
        if sum(other.replace("\\", "/").endswith(f"/{end}") or other == end for other in names) == 1:
            return end
    return name
