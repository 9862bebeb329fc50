"""Parallel: equal branches side by side, from what they all read to the join that reads all of them, drawn once.

         .--> [conv] --> [conv] --.                  .- x32 in parallel --.
    x --<     ...                  >-- (+)     x --> | [conv] --> [conv]  | --> (+)
         '--> [conv] --> [conv] --'                  '--------------------'

A branch is all that leads to one input of the join and to nothing else. Two are equal op by op and shape by shape, and
read the same values, or what one op gives in as many parts. A branch of one box is a card with its number; one of
several has a frame with it.

Many closed blocks that differ in one of their numbers are a card too, which says the number: `kernel 1-16`.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, pairwise
from typing import TypeAlias

from archspec.figure.diagram import IN_PARALLEL, Group
from archspec.figure.look.theme import Paint
from archspec.figure.what.boxes import Gathered
from archspec.figure.what.captions import DASH, block_title, names_title
from archspec.figure.what.drafts import Draft
from archspec.figure.what.links import Link
from archspec.figure.what.wanted import looks
from archspec.graph.graph import Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import moved
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

MANY = 4  # equal branches that are drawn once; fewer say more one by one
_NUMBERED = 5  # the same of branches that differ in a number
_LONGEST = 20  # letters of what is said of that number

Homes: TypeAlias = dict[str, tuple[str, ...]]  # box -> the frames that it stands in, the innermost first


@dataclass(frozen=True, slots=True)
class Branches:
    """Equal branches of a join.

    Attributes:
        boxes: ids of the boxes of the first, which stands for all.
        count: how many they are.
        frame: the open block that the first is all of; "" for none.
        title: what its frame says; "" for none.
    """

    boxes: tuple[str, ...]
    count: int
    frame: str
    title: str


def in_parallel(network: Network, gathered: Gathered, homes: Homes) -> tuple[Gathered, tuple[Branches, ...]]:
    """`gathered` with equal branches drawn once, and what these are, those inside others first.

    Linear in links, times the nesting of branches.
    """
    made = _Folding(network, gathered, homes)
    for name in gathered.drafts:
        made.fold(name)
    return made.gathered(), tuple(one for one in made.found if one.boxes[0] not in made.stands_for)


def framed(
    groups: Sequence[Group], homes: Homes, gathered: Gathered, found: Sequence[Branches], paint: Paint
) -> tuple[tuple[Group, ...], Homes]:
    """The frames round what is still drawn, and those of branches of several boxes, which say how many they are."""
    own = {name: frames for name, frames in homes.items() if name in gathered.drafts}
    held = {frame for frames in own.values() for frame in frames}
    known = {group.id: group for group in groups if group.id in held}
    for one in reversed(found):
        if one.frame:
            known[one.frame] = replace(known[one.frame], title=one.title, repeat=one.count, parallel=True)
        elif len(one.boxes) > 1:
            id = f"parallel@{one.boxes[0]}"
            trained = all(gathered.drafts[name].train_only for name in one.boxes)
            parent = next(iter(own[one.boxes[0]]), "")
            known[id] = Group(id, IN_PARALLEL, parent, trained, paint, one.count, parallel=True)
            own |= {name: (id, *own[name]) for name in one.boxes}
    return tuple(known.values()), own


class _Folding:
    """What is folded so far."""

    def __init__(self, network: Network, gathered: Gathered, homes: Homes) -> None:
        self.network, self.before, self.homes = network, gathered, homes
        self.tapped = {output.ref.node for output in network.graph.outputs}
        self.place = {name: at for at, name in enumerate(gathered.drafts)}
        self.held: dict[str, int] = {}  # frame -> boxes in it
        for frames in homes.values():
            for frame in frames:
                self.held[frame] = self.held.get(frame, 0) + 1
        self.into: dict[str, list[Link]] = {}
        self.out: dict[str, list[Link]] = {}
        for link in gathered.links:
            self.into.setdefault(link.head, []).append(link)
            self.out.setdefault(link.tail, []).append(link)
        self.stands_for: dict[str, str] = {}  # box -> that of the first branch which is drawn for it
        self.same: dict[str, str] = {}  # the same of nodes
        self.found: list[Branches] = []

    def fold(self, join: str) -> None:
        """Draws equal branches that end in `join` once."""
        links = self.into.get(join, [])
        if len(links) < MANY:
            return
        alike: dict[Hashable, list[tuple[str, ...]]] = {}
        for link in links:
            branch = self._branch(link.tail, join)
            if branch:
                alike.setdefault((link.label, link.port, self._looks(branch)), []).append(branch)
        for branches in alike.values():
            if len(branches) >= MANY:
                self._draw_once(branches)
        self._fold_numbered(join, links)
        self.into[join] = [link for link in links if link.tail not in self.stands_for]

    def _fold_numbered(self, join: str, links: Sequence[Link]) -> None:
        """Draws closed blocks that lead to `join`, and differ in one number, once."""
        drafts = self.before.drafts
        alike: dict[Hashable, list[tuple[str, ...]]] = {}
        for link in links:
            branch = self._branch(link.tail, join) if link.tail not in self.stands_for else ()
            if len(branch) == 1 and drafts[branch[0]].scope is not None:
                alike.setdefault((link.label, link.port, self._looks_but_numbers(branch[0])), []).append(branch)
        for branches in alike.values():
            scopes = [scope for [name] in branches if (scope := drafts[name].scope) is not None]
            number = _number(scopes) if len(branches) >= _NUMBERED else ""
            if number:
                lines = [drafts[name].details for [name] in branches]
                self._draw_once(branches)
                first = drafts[branches[0][0]]
                first.details = (*(line for line in lines[0] if all(line in one for one in lines)), number)

    def _looks_but_numbers(self, name: str) -> Hashable:
        """All by which a closed block may equal another but for its numbers: its ops, what it reads and gives."""
        draft = self.before.drafts[name]
        around = draft.scope.id if draft.scope is not None else ""
        held = tuple((moved(node.id, around, ""), node.op.name) for node in (*draft.nodes, *draft.copies))
        reads = draft.scope.inputs if draft.scope is not None else ()
        return _said(draft), held, reads, draft.shape.dims, self.homes[name]

    def _branch(self, tail: str, join: str) -> tuple[str, ...]:
        """The boxes from which everything leads through `tail` to `join`, in order; () where there are none."""
        found: dict[str, None] = {}
        pending = [tail]
        while pending:
            name = pending.pop()
            if name not in found and self._is_of_one(name, join, found):
                found[name] = None
                pending += [link.tail for link in self.into.get(name, ())]
        return tuple(sorted(found, key=lambda name: self.place[name]))

    def _is_of_one(self, name: str, join: str, found: Collection[str]) -> bool:
        """Whether a box is in the branch that has `found`, or is its last."""
        draft = self.before.drafts[name]
        heads = [link.head for link in self.out[name]]
        leads = all(head in found for head in heads) if found else heads == [join]
        return leads and draft.role is not Role.INPUT and not any(node.id in self.tapped for node in draft.nodes)

    def _looks(self, branch: Sequence[str]) -> Hashable:
        """All by which another branch may equal this one, on the graph: no names. What is no whole is like no other."""
        drafts = [self.before.drafts[name] for name in branch]
        nodes = [node for draft in drafts for node in (*draft.nodes, *draft.copies)]
        place = {node.id: at for at, node in enumerate(nodes)}
        shapes = self.network.shapes
        ops = (
            (repr(node.op), tuple(shape.dims for shape in shapes[node.id]), tuple(self._reads(place, node.inputs)))
            for node in nodes
        )
        around = {self.homes[name] for name in branch}
        frame = self._whole(branch)
        where = next(iter(around))[bool(frame) :] if len(around) == 1 else branch
        return tuple(map(_said, drafts)), tuple(ops), where, bool(frame)

    def _whole(self, branch: Sequence[str]) -> str:
        """The open block that a branch is all of; "" for none."""
        frame = next(iter(self.homes[branch[0]]), "")
        inside = frame in self.network.graph.scopes and all(frame in self.homes[name][:1] for name in branch)
        return frame if inside and self.held[frame] == len(branch) else ""

    def _reads(self, place: Mapping[str, int], refs: Sequence[Ref]) -> Iterator[Hashable]:
        """What a node of a branch reads: its place there, else the value; of an op with many outputs, which op."""
        for ref in refs:
            if ref.node in place:
                yield place[ref.node], ref.port
            else:
                yield ref.node if self.network.graph.nodes[ref.node].op.numbered else ref

    def _draw_once(self, branches: Sequence[tuple[str, ...]]) -> None:
        drafts, scopes = self.before.drafts, self.network.graph.scopes
        first, *others = branches
        for name, *twins in zip(first, *others, strict=True):
            alike = [drafts[one] for one in (name, *twins)]
            blocks = [draft.scope for draft in alike if draft.scope is not None]
            alike[0].title = _title(blocks) if blocks else alike[0].title
            for twin in alike[1:]:
                self._take(alike[0], twin)
        frame = self._whole(first)
        called = f"{_title([scopes[self._whole(one)] for one in branches])}, {IN_PARALLEL}" if frame else ""
        self.found.append(Branches(first, len(branches), frame, called))
        gone = {link.tail for one in others for name in one for link in self.into.get(name, ())}
        for tail in gone:
            self.out[tail] = [link for link in self.out[tail] if link.head not in self.stands_for]

    def _take(self, host: Draft, twin: Draft) -> None:
        """Makes `host` stand for `twin` too."""
        taken = (*twin.nodes, *twin.copies)
        self.same |= {node.id: first.id for node, first in zip(taken, cycle(host.nodes), strict=False)}
        host.copies = (*host.copies, *taken)
        host.params += twin.params
        host.macs += twin.macs
        host.learns += twin.learns
        self.stands_for[twin.id] = host.id

    def gathered(self) -> Gathered:
        """All that is left."""
        before = self.before
        gone: dict[str, str] = {}
        for name in reversed(self.stands_for):  # what stands for a box may have become part of another later
            host = self.stands_for[name]
            gone[name] = gone.get(host, host)
        if not gone:
            return before
        links = (
            replace(link, tail=gone.get(link.tail, link.tail), head=gone.get(link.head, link.head))
            for link in before.links
        )
        return replace(
            before,
            drafts={name: draft for name, draft in before.drafts.items() if name not in gone},
            links=tuple(dict.fromkeys(links)),
            owners={node: gone.get(owner, owner) for node, owner in before.owners.items()},
            runs=replace(before.runs, same={**before.runs.same, **self.same}),
        )


def _said(draft: Draft) -> Hashable:
    """What a box says besides its ops."""
    return (
        len(draft.nodes),
        draft.repeat,
        draft.shares,
        draft.second_use.id if draft.second_use is not None else "",
        draft.asked,
        (draft.train_only, draft.frozen),
        looks(draft.scope or draft.op),
        draft.scope.definition if draft.scope is not None else None,
    )


def _number(scopes: Sequence[Scope]) -> str:
    """The param that equal blocks differ in, if it is one, and what it is in each: `kernel 1-6`; else ""."""
    uses = [scope.args for scope in scopes]
    differ = [name for name in uses[0] if len({repr(args.get(name)) for args in uses}) > 1]
    values = [args.get(differ[0]) for args in uses] if len(differ) == 1 else []
    numbers = [value for value in values if isinstance(value, int | float)]
    if not numbers or len(numbers) < len(values):
        return ""
    runs = all(after - before == 1 for before, after in pairwise(numbers))
    told = f"{numbers[0]}{DASH}{numbers[-1]}" if runs else ", ".join(f"{number:g}" for number in numbers)
    words = f"{differ[0]} {told}"
    return words if len(words) <= _LONGEST else ""


def _title(scopes: Sequence[Scope]) -> str:
    """What equal blocks are called: `path1-32` where their names run, else `path1 and 31 more`."""
    return names_title([block_title(scope) for scope in scopes])
