"""Wanted: what the author of a spec asks of its figures, by the key `figure` of a member or of a block.

    attn: {block: attention, figure: {label: W-MSA, opened: false}}
    drop: {op: dropout, p: 0.1, figure: {hidden: true}}

It is never needed and always obeyed. What a member says goes before what its block says.
"""

from collections.abc import Iterator, Mapping
from typing import get_args

from archspec.figure.diagram import Glyph
from archspec.graph.graph import Definition, Graph, Member, Node, Scope
from archspec.graph.once import once
from archspec.graph.walk import ancestors, inside
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

KEY = "figure"
PLAIN: tuple[Glyph, int | None] = ("", None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for one member.

    Attributes:
        label: what it is called; "" for its name, or what it is.
        hidden: it has no box.
        opened: it is always drawn open, or always closed; None for as there is room.
        group: title of the frame that it stands in; "" for none.
        row: that it stands in, 0 the finest; None for that of its resolution.
        glyph: what it is drawn as; "" for as it comes.
    """

    label: str = ""
    hidden: bool = False
    opened: bool | None = None
    group: str = ""
    row: int | None = None
    glyph: Glyph = ""


NOTHING = Wanted()


def wanted(member: Member) -> Wanted:
    """What is asked for a node or a scope."""
    block = _of_block(member.definition) if isinstance(member, Scope) else {}
    return _wanted({**block, **_said(member.site.carried)}) if block or KEY in member.site.carried else NOTHING


def looks(member: Member) -> tuple[Glyph, int | None]:
    """The form and the row that are asked for a node or a scope; `PLAIN` for none."""
    asked = wanted(member)
    return asked.glyph, asked.row


def block_label(definition: Definition) -> str:
    """What a block is called: as its author asks, else by its name."""
    return _wanted(_of_block(definition)).label or definition.name


def asked_row(graph: Graph, member: Member, scope: str) -> int | None:
    """The row that is asked for a member of `scope`, or for a scope around it: the innermost says so."""
    told = (wanted(member).row, *(wanted(graph.scopes[id]).row for id in ancestors(graph, scope)))
    return next((row for row in told if row is not None), None)


@once
def asking(graph: Graph) -> tuple[tuple[Member, Wanted], ...]:
    """The scopes, then the nodes, that anything is asked for, with what it is. Linear in both."""
    members: list[Member] = [*graph.scopes.values(), *graph.nodes.values()]
    return tuple((member, asked) for member in members if (asked := wanted(member)) != NOTHING)


def asked_rows(graph: Graph) -> list[tuple[int, Member]]:
    """The rows that are asked for, from the finest, each with who asks."""
    found = [(asked.row, member) for member, asked in asking(graph) if asked.row is not None]
    return sorted(found, key=lambda one: one[0])


@once
def hidden(graph: Graph) -> frozenset[str]:
    """Ids of the nodes that have no box, since they, or a scope around them, ask for none. Linear in both."""
    found: set[str] = set()
    for member, asked in asking(graph):
        if asked.hidden and isinstance(member, Scope) and member.id:
            found |= {each.id for each in inside(graph, member) if isinstance(each, Node)}
        elif asked.hidden and isinstance(member, Node):
            found.add(member.id)
    return frozenset(found)


def hidden_names(graph: Graph) -> Iterator[str]:
    """What hidden members are called: those that ask for it, and not what is in them."""
    return (asked.label or member.name for member, asked in asking(graph) if asked.hidden and member.id)


def _of_block(definition: Definition) -> Mapping[str, Value]:
    """What a named block says of its uses."""
    return _said(definition.carried) if definition.kind == "block" else {}


def _said(carried: Mapping[str, Value]) -> dict[str, Value]:
    pairs = carried.get(KEY)
    found: dict[str, Value] = {}
    for pair in pairs if isinstance(pairs, tuple) else ():
        if isinstance(pair, tuple) and isinstance(pair[0], str):
            found[pair[0]] = pair[1]
    return found


def _wanted(said: Mapping[str, Value]) -> Wanted:
    opened, row = said.get("opened"), said.get("row")
    return Wanted(
        label=str(said.get("label", "")),
        hidden=said.get("hidden") is True,
        opened=opened if isinstance(opened, bool) else None,
        group=str(said.get("group", "")),
        row=row if isinstance(row, int) else None,
        glyph=next((one for one in get_args(Glyph) if one == said.get("glyph")), ""),
    )
