"""Panels: from gathered drafts to the boxes, edges and frames of one drawing."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from archspec.figure.diagram import Arrangement, Box, Edge, Fused, Panel
from archspec.figure.what import captions
from archspec.figure.what.boxes import Gathered, gather
from archspec.figure.what.drafts import role_of
from archspec.figure.what.edges import edges_of
from archspec.figure.what.fans import fans
from archspec.figure.what.finish import Finish, Setting, Terminal
from archspec.figure.what.fold import Fold
from archspec.figure.what.frames import frames
from archspec.figure.what.parallel import framed, in_parallel
from archspec.figure.what.runs import Runs
from archspec.graph.graph import Graph, Output, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import resolve
from archspec.ops.op import Role


def panel(
    setting: Setting,
    fold: Fold,
    root: str = "",
    title: str = "",
    subtitle: str = "",
    *,
    uses: Sequence[Scope] = (),
    each_branch: bool = False,
) -> Panel:
    """The drawing of the scope `root`, and of all `uses` of its block; with `each_branch` equal ones are not folded."""
    gathered = gather(setting.network, fold, setting.captions, root, uses=uses, each_op=setting.each_op)
    groups, homes = frames(setting, gathered, root)
    one_by_one = each_branch or setting.each_op
    gathered, branches = (gathered, ()) if one_by_one else in_parallel(setting.network, gathered, homes)
    groups, homes = framed(groups, homes, gathered, branches, setting.theme.frame)
    entries, exits = _terminals(setting, gathered, root)
    edges = tuple(_bundled(edges_of(setting, gathered, root, entries, exits)))
    order = _ordered(gathered, edges, entries, exits)
    incoming = Counter(edge.head for edge in edges)
    abreast = {one.boxes[0]: one for one in branches if len(one.boxes) == 1}
    made = Finish(setting, gathered, homes, incoming, {edge.tail: edge.head for edge in edges}, abreast)
    terminals = {terminal.id: terminal for terminal in (*entries, *exits)}
    boxes = tuple(
        made.terminal(terminals[name]) if name in terminals else made.box(gathered.drafts[name]) for name in order
    )
    place = {name: index for index, name in enumerate(order)}
    edges = tuple(sorted(edges, key=lambda edge: (place[edge.head], place[edge.tail])))
    rising = {box.id for box in boxes if _rises(setting, box)}
    across = _across(boxes, edges, rising)
    arrangement: Arrangement = "levels" if across or (not root and _spread_out(boxes, edges, rising)) else "rows"
    arrangement = "levels" if not root and any(box.moved for box in boxes) else arrangement
    return Panel(title, subtitle, boxes, tuple(_renamed(edges, across)), groups, arrangement)


def habit(gathered: Gathered) -> tuple[Fused, ...]:
    """What convolutions are usually followed by: the longest that a quarter of all of them, and two, agree on.

    What a product reads is a gate or gated, and says what it has itself.
    """
    drafts = gathered.drafts
    multiplied = {
        link.tail
        for link in gathered.links
        if drafts[link.head].scope is None and drafts[link.head].op.op.joins == "product"
    }
    seen: dict[tuple[Fused, ...], int] = {}
    for name, draft in drafts.items():
        if draft.scope is None and draft.role is Role.CONV and name not in multiplied:
            suffix = tuple(one for one in draft.suffix if one.role in (Role.NORM, Role.ACTIVATION))
            seen[suffix] = seen.get(suffix, 0) + draft.repeat
    convolutions = sum(seen.values())
    usual = [suffix for suffix, number in seen.items() if number > 1 and 4 * number >= convolutions]
    return max(usual, key=len, default=())


def untold(network: Network, shown: Panel) -> tuple[str, ...]:
    """Ids of the ops that no box of the network's panel tells of, nor a line that stands for some."""
    nodes = network.graph.nodes
    told = {id for box in shown.boxes for id in box.says}
    told |= {id for edge in shown.edges for id in edge.nodes if not nodes[id].op.unseen}
    return tuple(id for id in nodes if id not in told)


def _terminals(setting: Setting, gathered: Gathered, root: str) -> tuple[list[Terminal], list[Terminal]]:
    """Inputs and outputs of a panel that are not ops themselves."""
    network, sequences = setting.network, setting.captions.sequences
    graph = network.graph
    if not root:
        exits = [
            Terminal(
                f"output@{first.name}",
                captions.row_title(first.name, last.name),
                "output",
                first.ref.node,
                network.shape(first.ref),
                first.ref.node in sequences,
                first.train_only,
                port=gathered.port(first.ref),
            )
            for first, *_, last in _outputs(graph, gathered.runs)
        ]
        return [], exits
    scope = graph.scopes[root]
    entries = [
        Terminal(f"input@{name}", name, "input", "", network.shape(ref), ref.node in sequences)
        for name, ref in zip(scope.definition.inputs, scope.inputs, strict=True)
    ]
    exits = []
    for port, local in scope.outputs.items():
        ref = resolve(graph, root, local)
        if ref.node in gathered.owners:
            named = port if len(scope.outputs) > 1 else "out"
            shape = network.shape(ref)
            output = Terminal(f"output@{port}", named, "output", ref.node, shape, ref.node in sequences)
            exits.append(replace(output, port=gathered.port(ref)))
    return entries, exits


def _outputs(graph: Graph, runs: Runs) -> Iterator[tuple[Output, ...]]:
    """The outputs of the network, with those of the blocks of a run together; each entry begins and ends with one."""
    found: dict[tuple[Ref, bool], list[Output]] = {}
    for number, output in enumerate(graph.outputs):
        in_run = output.ref.node in runs.same or output.ref.node in runs.same.values()
        key = (runs.first_ref(output.ref), True) if in_run else (Ref(str(number)), False)
        found.setdefault(key, []).append(output)
    for outputs in found.values():
        yield (outputs[0], *outputs)


def _bundled(edges: Iterable[Edge]) -> Iterator[Edge]:
    """`edges`; several outputs of one block that one box reads are one line, which says how many they are."""
    between: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        between.setdefault((edge.tail, edge.head), []).append(edge)
    for first, *more in between.values():
        ports = ", ".join(edge.port for edge in (first, *more))
        number = len(more) + 1
        yield replace(first, label=f"{number} outputs", port=ports, values=number) if more else first


def _ordered(
    gathered: Gathered, edges: Iterable[Edge], entries: Sequence[Terminal], exits: Sequence[Terminal]
) -> list[str]:
    """Box ids in drawing order: side branches right behind what they hang on, outputs last, as they are written."""
    names = [terminal.id for terminal in entries] + list(gathered.drafts) + [terminal.id for terminal in exits]
    before: dict[str, list[str]] = {}
    for edge in edges:
        before.setdefault(edge.head, []).append(edge.tail)
    goals = [terminal.id for terminal in exits if not terminal.train_only] or names[-1:]
    goals = goals if entries else goals[:1]  # what a block gives is for what reads it, one output as another
    main, stack = set(goals), goals
    while stack:
        for source in before.get(stack.pop(), ()):
            if source not in main:
                main.add(source)
                stack.append(source)
    key: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(names):
        behind = max((key[source][0] for source in before.get(name, ())), default=index)
        key[name] = (index, 0) if name in main else (behind, index + 1)
    last = {terminal.id: number for number, terminal in enumerate(exits, 1)}
    return sorted(names, key=lambda name: (last.get(name, 0), key[name]))


def _rises(setting: Setting, box: Box) -> bool:
    """Whether a box brings a map to a finer resolution: by an up-sampling, not by what it reads besides."""
    nodes, levels = setting.network.graph.nodes, setting.levels
    return box.level < box.level_in and any(
        levels[id] < levels[nodes[id].inputs[0].node]
        for id in box.nodes
        if nodes[id].inputs and role_of(nodes[id]) is Role.UPSAMPLE
    )


def _across(boxes: Sequence[Box], edges: Sequence[Edge], rising: Collection[str]) -> set[str]:
    """Ends of edges that leave a chain which goes down in resolution and comes up again, and meet it there.

    `rising` are the boxes in which it comes up.
    """
    place = {box.id: index for index, box in enumerate(boxes)}
    found = set()
    for edge in edges:
        if edge.kind == "flow" or edge.train_only:
            continue
        passed = boxes[place[edge.tail] + 1 : place[edge.head] + 1]
        comes_up = any(box.id in rising for box in passed)  # a gate goes down and stays there
        if comes_up and max(box.level for box in passed) > passed[-1].level:
            found.add(edge.head)
    return found


def _spread_out(boxes: Sequence[Box], edges: Sequence[Edge], rising: Collection[str]) -> bool:
    """Whether maps of several resolutions go on side by side: to outputs of their own, all to each other, or met there.

    They are met where what comes up, by a box of `rising`, is joined with what is there, in two resolutions or more.
    """
    ends = {box.level for box in boxes if box.kind == "output" and not box.train_only and box.side > 1}
    return len(ends) > 1 or any(fans(boxes, edges)) or len(_met(boxes, edges, rising)) > 1


def _met(boxes: Sequence[Box], edges: Sequence[Edge], rising: Collection[str]) -> set[int]:
    """The levels at which a sum or a concatenation reads what comes up and what does not."""
    joins = {box.id: box.level for box in boxes if box.kind in ("add", "concat") and not box.train_only}
    risen: dict[str, set[bool]] = {}
    for edge in edges:
        if edge.head in joins:
            risen.setdefault(edge.head, set()).add(edge.tail in rising)
    return {joins[head] for head, ways in risen.items() if len(ways) > 1}


def _renamed(edges: Iterable[Edge], across: set[str]) -> Iterator[Edge]:
    """`edges`; what runs across an encoder-decoder is a skip, though it may end in an addition."""
    known = tuple(edges)
    residual = [edge for edge in known if edge.kind == "residual"]
    meeting = across | {edge.tail for edge in residual if edge.head in across}
    meeting |= {edge.head for edge in residual if edge.tail in across}
    for edge in known:
        yield replace(edge, kind="skip") if edge.kind == "residual" and edge.head in meeting else edge
