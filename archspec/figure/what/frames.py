"""Frames: round the blocks that a panel draws open, and round what its author wants in one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, pairwise

from archspec.figure.diagram import Group, Panel
from archspec.figure.what import captions
from archspec.figure.what.asked_frames import asked_frames
from archspec.figure.what.boxes import Gathered
from archspec.figure.what.finish import Setting
from archspec.figure.what.some_frames import only
from archspec.graph.graph import Scope
from archspec.graph.network import Network
from archspec.ops.op import Role


def frames(setting: Setting, gathered: Gathered, root: str) -> tuple[tuple[Group, ...], dict[str, tuple[str, ...]]]:
    """The frames of the panel of `root`, those outside first, and box id -> ids of its frames, the innermost first.

    An open block has one where it holds two boxes or more but not all. The panel of a block has only those asked for.
    """
    graph = setting.network.graph
    asked = asked_frames(graph, root)
    around = {name: tuple(asked.around(graph, name, draft.group)) for name, draft in gathered.drafts.items()}
    held: dict[str, set[str]] = {}
    for name, outer in around.items():
        for frame in outer:
            held.setdefault(frame, set()).add(name)
    framed = set(() if root else _framed(gathered, graph.scopes, held)).union(asked.titles.keys() & held)
    homes = {name: tuple(id for id in outer if id in framed) for name, outer in around.items()}
    parents = {inner: outer for ids in homes.values() for inner, outer in pairwise((*ids, ""))}
    ordered = dict.fromkeys(chain.from_iterable(reversed(ids) for ids in homes.values()))
    groups = tuple(
        Group(
            id,
            asked.titles.get(id) or _title(setting.network, gathered, id),
            parents[id],
            all(gathered.drafts[name].train_only for name in held[id]),
            setting.theme.frame,
            _times(graph.scopes, gathered, held, id),
            asked=id in asked.titles,
        )
        for id in ordered
    )
    return groups, homes


def without_frames(shown: Panel, frames: frozenset[str]) -> Panel:
    """`shown` without some of its frames; what is in them stands in those around them."""
    boxes = (replace(box, groups=tuple(id for id in box.groups if id not in frames)) for box in shown.boxes)
    kept = only(shown.groups, {group.id for group in shown.groups} - frames)
    return replace(shown, boxes=tuple(boxes), groups=kept, cut_frames=shown.cut_frames - frames)


def _framed(gathered: Gathered, scopes: Mapping[str, Scope], held: Mapping[str, set[str]]) -> Iterator[str]:
    """The open scopes that have a frame of their own."""
    inner = {name: draft for name, draft in gathered.drafts.items() if draft.role is not Role.INPUT}
    for name in scopes:
        several = 1 < len(held.get(name, ())) < len(inner) or (name in gathered.runs.members and name in held)
        if several and not (scopes[name].parent in held and held[scopes[name].parent] == held[name]):
            yield name


def _times(scopes: Mapping[str, Scope], gathered: Gathered, held: Mapping[str, set[str]], name: str) -> int:
    """How often what an open block holds is there: as often as there are blocks in a row, a repeat by its parts."""
    alone = (first for first in gathered.runs.members if first in scopes and scopes[first].parent == name)
    runs = [first for first in (name, *alone) if first in gathered.runs.members and held.get(first) == held[name]]
    return len(gathered.runs.members[runs[0]]) if runs else 1


def _title(network: Network, gathered: Gathered, name: str) -> str:
    """What the frame round an open block says; of a run, from its first to its last."""
    scopes = network.graph.scopes
    if name not in gathered.runs.members:
        return captions.frame_title(network, scopes[name])
    return captions.titles(scopes[name], scopes[gathered.runs.members[name][-1]])
