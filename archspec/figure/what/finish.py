"""Finish: from drafts to boxes, with every word and colour that a box has."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import PurePath

from archspec.figure.diagram import IN_PARALLEL, LACKS, Beside, Box, BoxKind, Fused
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.boxes import Gathered
from archspec.figure.what.captions import BlockCaptions
from archspec.figure.what.drafts import Draft, joins, named_for
from archspec.figure.what.fold import FOLLOWERS
from archspec.figure.what.idioms import NO_IDIOMS, Idioms
from archspec.figure.what.parallel import Branches
from archspec.figure.what.rows import in_turn, parts_of
from archspec.figure.what.runs import Runs
from archspec.figure.what.wanted import asked_row, wanted
from archspec.graph.graph import Ref
from archspec.graph.network import Network
from archspec.graph.walk import default_output
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Setting:
    """What all panels of a picture share.

    Attributes:
        network: what is drawn.
        captions: describes closed blocks.
        levels: node id -> level of its resolution.
        theme: colours.
        habit: norms and activations that most convolutions are followed by; a box says only what differs from it.
        each_op: every op has a box of its own.
        idioms: ops that are drawn as one box.
    """

    network: Network
    captions: BlockCaptions
    levels: Mapping[str, int]
    theme: Theme
    habit: tuple[Fused, ...] = ()
    each_op: bool = False
    idioms: Idioms = NO_IDIOMS


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where something enters or leaves a panel: `node` is the op that gives it, "" beyond the panel.

    What it holds is (N, C, W) where it is a `sequence`. `port` is what that output of the node's box is called.
    """

    id: str
    title: str
    kind: BoxKind
    node: str
    shape: Shape
    sequence: bool
    train_only: bool = False
    port: str = ""


def paint_of(kind: BoxKind, role: Role, theme: Theme) -> Paint:
    """What a box is painted with."""
    return theme.terminal if kind in ("input", "output") else theme.paint(role)


@dataclass(frozen=True, slots=True)
class Finish:
    """Finishes drafts; `abreast` are those that stand for equal branches side by side."""

    setting: Setting
    gathered: Gathered
    homes: Mapping[str, tuple[str, ...]]
    incoming: Counter[str]
    readers: Mapping[str, str]
    abreast: Mapping[str, Branches] = field(default_factory=dict)

    def box(self, draft: Draft) -> Box:
        """The finished box, where and in the form that its author asks for."""
        made, row = self._box(draft), self._row(draft)
        glyph = wanted(draft.scope or named_for(draft.nodes)).glyph
        abreast, again = draft.id in self.abreast, self._again(draft)
        made = replace(made, glyph=glyph, again=again, parallel=abreast, frozen=draft.frozen)
        return made if row is None else replace(made, level=row, level_in=row, moved=True)

    def _box(self, draft: Draft) -> Box:
        level_in, level = self._level_in(draft), self._level(draft)
        kind = self._kind(draft, level - level_in)
        repeat = self.abreast[draft.id].count if draft.id in self.abreast else draft.repeat
        beside, shares, first = self._beside(draft), self._shares(draft), self._first(draft)
        details = (*draft.details, *filter(None, [first]), *shares, *map(str, beside))
        shape = captions.brief(draft.given) if self._says_shape(draft, kind) else ""
        return Box(
            id=draft.id,
            kind=kind,
            title=draft.title,
            details=details,
            counts=captions.counts(draft.params, draft.macs),
            shape=shape,
            axes=captions.axes(draft.given, sequence=draft.sequence) if shape and self._is_map(draft) else "",
            repeat=repeat,
            params=draft.params,
            macs=draft.macs,
            note="\n".join(_note(draft, (draft.title, *details), repeat)),
            source=_written(draft),
            nodes=tuple(node.id for node in (*draft.nodes, *draft.copies)),
            says=tuple(_with_copies(draft, _said(draft, beside), self.gathered.runs)),
            groups=self.homes.get(draft.id, ()),
            inputs=self.incoming[draft.id],
            level=level,
            level_in=level_in,
            train_only=draft.train_only,
            paint=paint_of(kind, draft.role, self.setting.theme),
            role=draft.role,
            channels=captions.channels(draft.shape, sequence=draft.sequence),
            side=captions.side(draft.shape, sequence=draft.sequence),
            resolution=captions.resolution(draft.shape, sequence=draft.sequence),
            label=draft.label,
            beside=beside,
            shares=shares,
            first=first,
            what=self.setting.captions.kind(draft.scope) if draft.scope is not None else "",
            asked=draft.asked,
        )

    def terminal(self, terminal: Terminal) -> Box:
        """The box of an input or output that is no op."""
        feeder = self.gathered.owners.get(terminal.node, "")
        reader = self.readers.get(terminal.id, "")
        if feeder:
            level = self._level(self.gathered.drafts[feeder])
        else:
            level = self._level_in(self.gathered.drafts[reader]) if reader else 0
        shape = captions.brief(terminal.shape)
        return Box(
            id=terminal.id,
            kind=terminal.kind,
            title=terminal.title,
            details=(),
            counts="",
            shape=shape,
            axes=captions.axes(terminal.shape, sequence=terminal.sequence),
            repeat=1,
            params=0,
            macs=0,
            note=f"{terminal.kind} {terminal.title}\n{shape}",
            source="",
            nodes=(),
            groups=(),
            inputs=int(bool(feeder)),
            level=level,
            level_in=level,
            train_only=terminal.train_only,
            paint=self.setting.theme.terminal,
            role=Role.INPUT,
            channels=captions.channels(terminal.shape, sequence=terminal.sequence),
            side=captions.side(terminal.shape, sequence=terminal.sequence),
            resolution=captions.resolution(terminal.shape, sequence=terminal.sequence),
        )

    def _level(self, draft: Draft) -> int:
        levels = self.setting.levels
        return levels[draft.nodes[-1].id]

    def _level_in(self, draft: Draft) -> int:
        levels, refs = self.setting.levels, _reads(draft)
        refs = refs if draft.op.op.variadic else refs[:1]
        return min((levels[ref.node] for ref in refs), default=levels[draft.op.id])

    def _row(self, draft: Draft) -> int | None:
        """The row that the author of a spec asks for."""
        scope = draft.scope.parent if draft.scope is not None else draft.op.scope
        return asked_row(self.setting.network.graph, draft.scope or named_for(draft.nodes), scope)

    def _kind(self, draft: Draft, change: int) -> BoxKind:
        if draft.role is Role.INPUT:
            return "input"
        if draft.scope is not None:
            return "block"
        if draft.idiom is None and joins(draft.op):
            kinds: dict[str, BoxKind] = {"sum": "add", "product": "times"}
            return kinds.get(draft.op.op.joins, "concat")
        if draft.role is Role.UPSAMPLE and change < 0:
            return "up"
        return "down" if change > 0 else "op"

    def _first(self, draft: Draft) -> str:
        """In what the first of several blocks in a row differs, or what changes from each to the next; that none is."""
        if draft.id in self.abreast:
            return IN_PARALLEL
        if draft.scope is None or draft.repeat == 1 or not _reads(draft):
            return ""
        parts = parts_of(self.setting.network.graph, draft.scope, self.gathered.runs)
        if not parts:
            return ""
        last = default_output(self.setting.network.graph, parts[0])
        change = self.setting.levels[last.node] - self._level_in(draft)
        strided = 0 < change == self._level(draft) - self._level_in(draft)
        return f"first /{2**change}" if strided else in_turn(self.setting.network, parts)

    def _beside(self, draft: Draft) -> tuple[Beside, ...]:
        """Where a draft's norm and activation differ from the habit.

        `+ ReLU` comes on top of the habit, `ReLU` takes the place of its activation, `no ReLU` is left out.
        """
        habit = self.setting.habit
        if draft.scope is not None or draft.suffix == (habit if draft.role is Role.CONV else ()):
            return ()
        if draft.role is not Role.CONV:
            return (Beside("+ ", draft.suffix),)
        extra = tuple(one for one in draft.suffix if one not in habit)
        lacks = tuple(one for one in habit if one not in draft.suffix)
        instead = {one.role for one in extra} & {one.role for one in lacks}
        lacks = tuple(one for one in lacks if one.role not in instead)
        told = (Beside("" if instead else "+ ", extra), Beside(LACKS, lacks))
        return tuple(beside for beside in told if beside.joined)

    def _shares(self, draft: Draft) -> tuple[str, ...]:
        """Whose parameters it uses again, where no frame round it says so, and whether some of its own are frozen."""
        again = draft.second_use
        partly = ("partly frozen",) if 0 < draft.learns < draft.params else ()
        if again is None or again.id in self.homes.get(draft.id, ()):
            return (*draft.shares, *partly)
        return (*captions.shares(self.setting.network, again), *partly)

    def _again(self, draft: Draft) -> tuple[str, ...]:
        """The frame that says whose parameters a box uses again, and its words; () where the box says so itself."""
        again = draft.second_use
        network = self.setting.network
        has_any = any(node.op.parameters(network.input_shapes(node)) for node in draft.nodes)
        if again is None or again.id not in self.homes.get(draft.id, ()) or not has_any:
            return ()
        return (again.id, *captions.shares(network, again))

    def _is_map(self, draft: Draft) -> bool:
        """Whether the sizes of what a draft gives are channels and places: those of a mask, or of a table, are not."""
        held = self.setting.captions.held
        return draft.role is not Role.RESHAPE and not all(node.id in held for node in draft.nodes)

    def _says_shape(self, draft: Draft, kind: BoxKind) -> bool:
        reads = _reads(draft)
        if not reads:
            return True
        read = reads[0]
        x = self.setting.network.shape(read)
        if draft.idiom is None and joins(draft.op):
            return all(draft.shape.dims != self.setting.network.shape(ref).dims for ref in draft.op.inputs)
        if kind == "concat":
            return False
        if kind == "block":
            return draft.given.dims != x.dims
        before = captions.resolution(x, sequence=read.node in self.setting.captions.sequences)
        return captions.resolution(draft.shape, sequence=draft.sequence) != before


def _reads(draft: Draft) -> tuple[Ref, ...]:
    """What a box reads: of a block that begins with a table of its own, what is given to the block."""
    return draft.op.inputs or (draft.scope.inputs if draft.scope is not None else ())


def _written(draft: Draft) -> str:
    """File and line where a draft is written."""
    span = (draft.scope or draft.op).site.span
    return f"{PurePath(span.source.name).name}:{span.line}"


def _said(draft: Draft, beside: Iterable[Beside]) -> Iterator[str]:
    """Ids of the ops that a box tells of: the one that it is named for, all in a block, and what is said beside it."""
    told = {one for each in beside if each.sign != LACKS for one in each.joined}
    if draft.idiom is not None:
        yield from draft.idiom.nodes
    head = named_for(draft.nodes)
    whole = draft.idiom.nodes if draft.idiom is not None else ()
    for node in draft.nodes:
        if node.id in whole:
            continue
        follows = draft.scope is None and node.op.role in FOLLOWERS
        if node is head or not (node.op.unseen or (follows and captions.joining(node) not in told)):
            yield node.id


def _with_copies(draft: Draft, said: Iterable[str], runs: Runs) -> Iterator[str]:
    """What is said of a draft's own nodes is said of the same nodes in the rest of the run too."""
    told = set(said)
    yield from (node.id for node in draft.nodes if node.id in told)
    yield from (node.id for node in draft.copies if runs.first(node.id) in told)


def _note(draft: Draft, words: Iterable[str], repeat: int) -> Iterator[str]:
    """What a box says to who asks: the lines of its tooltip, of which the second has `words`."""
    yield draft.id
    yield " ".join((*words, *(f"+ {one.name}" for one in draft.suffix)))
    if repeat > 1:
        yield f"×{repeat}"
    yield f"output {captions.size(draft.shape)}"
    yield f"{draft.params:,} params, {draft.macs:,} MACs"
    if draft.frozen:
        yield "frozen"
    if draft.train_only:
        yield "in training only"
