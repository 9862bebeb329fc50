"""Frames: round the blocks that a panel draws open, and round what its author wants in one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from archspec.figure.diagram import IN_TURN, Group, Panel
from archspec.figure.what import captions
from archspec.figure.what.asked_frames import asked_frames
from archspec.figure.what.boxes import Gathered
from archspec.figure.what.finish import Setting
from archspec.figure.what.runs import Runs
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
    rounds = gathered.runs.rounds
    around = {
        name: tuple(_with_rounds(rounds, name, asked.around(graph, name, draft.group)))
        for name, draft in gathered.drafts.items()
    }
    held: dict[str, set[str]] = {}
    for name, outer in around.items():
        for frame in outer:
            held.setdefault(frame, set()).add(name)
    in_turn = {_round(ids): ids for ids in rounds.values()}
    framed = set(() if root else _framed(gathered, graph.scopes, held))
    framed |= held.keys() & (asked.titles.keys() | in_turn.keys())
    homes = {name: tuple(id for id in outer if id in framed) for name, outer in around.items()}
    parents = {inner: outer for ids in homes.values() for inner, outer in pairwise((*ids, ""))}
    ordered = dict.fromkeys(chain.from_iterable(reversed(ids) for ids in homes.values()))
    groups = tuple(
        Group(
            id,
            IN_TURN if id in in_turn else asked.titles.get(id) or _title(setting.network, gathered, id),
            parents[id],
            all(gathered.drafts[name].train_only for name in held[id]),
            setting.theme.frame,
            len(gathered.runs.members[in_turn[id][0]]) if id in in_turn else _times(graph.scopes, gathered, held, id),
            asked=id in asked.titles,
        )
        for id in ordered
    )
    return groups, homes


def _with_rounds(rounds: Mapping[str, tuple[str, ...]], name: str, around: Iterable[str]) -> Iterator[str]:
    """The frames `around` the box `name`, with those of rounds of several blocks."""
    if name in rounds:
        yield _round(rounds[name])
    for id in around:
        yield id
        if id in rounds:
            yield _round(rounds[id])


def _round(scopes: Sequence[str]) -> str:
    """The id of the frame round the blocks of a round."""
    return f"round@{scopes[0]}"


def without_frames(shown: Panel, frames: frozenset[str]) -> Panel:
    """`shown` without some of its frames; what is in them stands in those around them."""
    boxes = (replace(box, groups=tuple(id for id in box.groups if id not in frames)) for box in shown.boxes)
    kept = only(shown.groups, {group.id for group in shown.groups} - frames)
    return replace(shown, boxes=tuple(boxes), groups=kept, cut_frames=shown.cut_frames - frames)


def _framed(gathered: Gathered, scopes: Mapping[str, Scope], held: Mapping[str, set[str]]) -> Iterator[str]:
    """The open scopes that have a frame of their own."""
    inner = {name: draft for name, draft in gathered.drafts.items() if draft.role is not Role.INPUT}
    alone = _alone(gathered.runs)
    for name in scopes:
        several = 1 < len(held.get(name, ())) < len(inner) or (name in alone and name in held)
        if several and not (scopes[name].parent in held and held[scopes[name].parent] == held[name]):
            yield name


def _times(scopes: Mapping[str, Scope], gathered: Gathered, held: Mapping[str, set[str]], name: str) -> int:
    """How often what an open block holds is there: as often as there are blocks in a row, a repeat by its parts."""
    alone = _alone(gathered.runs)
    inner = (first for first in alone if first in scopes and scopes[first].parent == name)
    runs = [first for first in (name, *inner) if first in alone and held.get(first) == held[name]]
    return len(alone[runs[0]]) if runs else 1


def _alone(runs: Runs) -> dict[str, tuple[str, ...]]:
    """The runs of one block a round."""
    return {first: members for first, members in runs.members.items() if first not in runs.rounds}


def _title(network: Network, gathered: Gathered, name: str) -> str:
    """What the frame round an open block says; of a run, from its first to its last."""
    scopes = network.graph.scopes
    if name not in gathered.runs.members:
        return captions.frame_title(network, scopes[name])
    first, last = scopes[name], scopes[gathered.runs.members[name][-1]]
    return ", ".join((captions.titles(first, last), *captions.shares(network, first)))
