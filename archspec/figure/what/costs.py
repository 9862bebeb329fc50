"""Costs in a picture: the bars that say where the params and the MACs are, and the colours of a heat scale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import Bar, Box, Key, Panel
from archspec.figure.look.heat import heat_paint, ink_on, ramp
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.drafts import role_of
from archspec.figure.what.forms import shade
from archspec.figure.what.solids import recolored
from archspec.figure.what.wanted import wanted
from archspec.graph.graph import Definition, Member, Node, Scope
from archspec.graph.measured import value
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import at, children, last_name, part
from archspec.measures.costs import MACS, PARAMS
from archspec.measures.known import measures, shown_in
from archspec.measures.measure import Values
from archspec.measures.words import IN_WORDS
from archspec.ops.op import Role
from archspec.values.cost import Cost

_SHADES = 4


def heats() -> tuple[str, ...]:
    """What boxes can be coloured by."""
    return tuple(measure.name for measure in shown_in("heat"))


def rows_of(network: Network, panel: Panel, opened: frozenset[str] = frozenset()) -> dict[str, str]:
    """Member -> what it is called with those that the picture draws as one: ops or blocks in a row, equal branches.

    Members are the outermost, and those of what is `opened`.
    """
    nodes = network.graph.nodes
    abreast = {group.id for group in panel.groups if group.parallel}
    found: dict[str, str] = {}
    for box in panel.boxes:
        parallel = box.parallel or not abreast.isdisjoint(box.groups)
        ops = [nodes[id] for id in box.nodes if not nodes[id].scope] if box.repeat > 1 or parallel else []
        alike = [node.id for node in ops if node.op == ops[0].op]
        blocks = list(dict.fromkeys(part("", id) for id in box.nodes if nodes[id].scope)) if parallel else []
        for names, like in (([node.id for node in ops], alike), (blocks, blocks)):
            if len(like) > 1:
                title = captions.names_title(like) if parallel else captions.row_title(like[0], like[-1])
                found |= dict.fromkeys(names, title)
        run = list(dict.fromkeys(_member(id, opened) for id in box.nodes)) if opened and box.repeat > 1 else []
        if len(run) > 1 and all(part("", member) in opened for member in run):
            found |= dict.fromkeys(run, box.title)
    return found


def titles_inside(network: Network, opened: frozenset[str]) -> dict[str, str]:
    """Member of one of the outermost that are opened -> what it is called there."""
    graph = network.graph
    inside = (each for scope in opened for each in children(graph, graph.scopes[scope]))
    return {each.id: _title(each) for each in inside}


def _title(member: Member) -> str:
    """The name of a block or an op; one that is only a number carries the name around it: `features.0`."""
    if isinstance(member, Scope):
        return captions.block_title(member)
    name, around = last_name(member.id), last_name(member.scope)
    return wanted(member).label or (f"{around}.{name}" if around and name.isdigit() else name)


def bars(
    network: Network,
    theme: Theme,
    *,
    called: Mapping[str, str],
    rows: Mapping[str, str],
    blocks: Mapping[Definition, Role],
    opened: frozenset[str] = frozenset(),
) -> Iterator[Bar]:
    """Where the params are and where the MACs are, by the network's outermost members. Training's own are left out.

    `called` has shorter names for some of them, `rows` one for several that the picture draws as one, and `blocks` the
    roles by which blocks are coloured. In place of those of the outermost that are `opened` stand their members.
    """
    if len(network.graph.scopes[""].members) < 2:
        return
    totals: dict[str, Cost] = {}
    roles: dict[str, Role] = {}
    for member, cost in (_costs(network, opened) if opened else _outermost(network)).items():
        name, found = rows.get(member, member), at(network.graph, member)
        totals[name] = totals.get(name, Cost()) + cost
        roles.setdefault(name, role_of(found) if isinstance(found, Node) else blocks[found.definition])
    paints = _paints(roles, totals, theme)
    for measure in (PARAMS, MACS):
        amounts = {name: Values(cost).of(measure) for name, cost in totals.items()}
        whole = sum(amounts.values())
        if whole:
            shares = {name: amount / whole for name, amount in amounts.items()}
            parts = ((called.get(name, name), share, paints[name]) for name, share in shares.items() if share)
            yield Bar(measure.label, tuple(parts))


@once
def _outermost(network: Network) -> Mapping[str, Cost]:
    """Outermost member -> what its ops cost."""
    return _costs(network, frozenset())


def _costs(network: Network, opened: frozenset[str]) -> Mapping[str, Cost]:
    """Outermost member, or member of one that is opened -> what its ops cost, but for those of training.

    Linear in nodes.
    """
    found: dict[str, Cost] = {}
    for node in network.graph.nodes.values():
        if not node.train_only:
            member = _member(node.id, opened)
            found[member] = found.get(member, Cost()) + network.costs[node.id]
    return found


def _member(id: str, opened: frozenset[str]) -> str:
    """The outermost member that an op lies in, or the member of one that is opened."""
    outermost = part("", id)
    return part(outermost, id) if outermost in opened else outermost


def _paints(roles: dict[str, Role], totals: dict[str, Cost], theme: Theme) -> dict[str, Paint]:
    """Each member in the colour of its role, neighbours of one role in different shades."""
    paints, numbers = {}, dict.fromkeys(Role, 0)
    for name, role in roles.items():
        paint = shade(theme.paint(role), numbers[role] % _SHADES)
        paints[name] = Paint(paint.fill, theme.frame.stroke, 0.3)
        numbers[role] += bool(totals[name].params or totals[name].macs)
    return paints


def heated(network: Network, panels: Sequence[Panel], theme: Theme, heat: str) -> tuple[tuple[Panel, ...], Key]:
    """`panels` coloured by what each box of the first costs, and the scale."""
    hottest = max((_amount(network, box, heat) for box in panels[0].boxes if not box.train_only), default=0)
    made = []
    for panel in panels:
        boxes = []
        top = hottest if panel is panels[0] else max(_amount(network, box, heat) for box in panel.boxes)
        for box in panel.boxes:
            if box.bus is not None:
                boxes.append(replace(box, paint=theme.terminal))  # it stands for several blocks, on no scale
                continue
            if not box.nodes or box.kind in ("input", "output", "add", "times"):
                boxes.append(box)
                continue
            paint = heat_paint(theme, _amount(network, box, heat) / top if top else 0.0)
            solid = recolored(box.solid, paint) if box.solid else None
            boxes.append(replace(box, paint=paint, ink=ink_on(theme, paint.fill), bands=(), solid=solid))
        made.append(replace(panel, boxes=tuple(boxes)))
    steps = ramp(theme)
    apart = "; each block below on a scale of its own" if len(panels) > 1 else ""
    measure = measures()[heat]
    most = IN_WORDS.get(measure.shown, captions.short)(hottest)
    label = f"{measure.label}: 0 to {most} a box{apart}"
    return tuple(made), Key(label, "ramp", steps[-1], steps)


def heated_bars(made: Sequence[Bar], theme: Theme) -> tuple[Bar, ...]:
    """Bars whose parts are coloured by the same scale, each by its share of the largest."""
    return tuple(
        replace(
            bar,
            parts=tuple(
                (name, share, replace(paint, fill=heat_paint(theme, share / max(s for _, s, _ in bar.parts)).fill))
                for name, share, paint in bar.parts
            ),
        )
        for bar in made
    )


def _amount(network: Network, box: Box, heat: str) -> int:
    return value(network, measures()[heat], box.nodes)
