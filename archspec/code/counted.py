"""Counted: repeats whose length is an argument, because all of their parts are one and the same but for their number.

layers: {block: layer, repeat: $depth}    self.layers = nn.Sequential(*(Layer(width) for _ in range(depth)))
gap: $(2 ** i) beside it                  self.layers = nn.Sequential(*(Layer(width, 2**i) for i in range(depth)))

A depth of 0 is right too: an empty sequence gives what it reads, and so does a loop that runs no round.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.code.followed import NOTHING, Followed, Sizes
from archspec.code.grown import gives_by_number
from archspec.code.input_sizes import size_name
from archspec.code.parts import BlockPart, Item, OpPart, RunPart, SequencePart, block_parts, places
from archspec.code.settings import Settings, Settling
from archspec.graph.graph import Local, Node, Scope
from archspec.graph.handing import in_turn, shows_what_it_hands_on
from archspec.graph.walk import children, inside
from archspec.language.expression.symbolic import equal, names
from archspec.values.expression import Call, Value

if TYPE_CHECKING:
    from archspec.code.sizes import Walk


def settle_length(
    walk: "Walk", part: SequencePart, taken: list[tuple[Sizes, ...]], found: Mapping[Local, Sizes]
) -> None:
    """Records how many parts a repeat has, where any number of them will do.

    Args:
        walk: that of the template that it stands in.
        part: the repeat.
        taken: the sizes that each of its parts reads.
        found: what each gives.
    """
    settling, own, written, grown = walk.settling, walk.own, walk.times(part), walk.grown.get(part)
    sizes = [between(part, taken, found, place) for place in range(max(len(part.carried), 1))]
    if grown is not None:  # what hangs on a height that nobody follows is found where it is read
        sizes = [[tuple(one if one.expr is not None else Followed(None) for one in grown.reads)]]
    made = part.sample.definition
    free = own.rooted(written.names) and "i" not in written.names and not (made.shares or made.alone)
    if not free or not _alike(settling, own, part, sizes):
        return
    if grown is None and not _hands_on(walk, part, taken):
        return
    decide_count(settling, own, part, written)
    if grown is not None and grown.filled and not isinstance(written.expr, Call):  # a list without items has no last
        own.filled.add(part)
    if blocks := tuple(block_parts(part.items)):  # of one part, too, the class takes what follows from its number
        _reach(settling, own, blocks[0], written, _numbered_names(settling, own, blocks))


def decide_count(settling: Settling, own: Settings, part: SequencePart, written: Followed) -> None:
    """Records how many parts a repeat has: as it is written where that holds in every use."""
    values: list[Value] = [len(use.members) if use is not None else None for use in part.uses]
    there = [use is not None for use in part.uses]
    own.counts[part] = settling.decide(own, written, values, there, part.name, "repeat")


def _reach(settling: Settling, own: Settings, block: BlockPart, count: Followed, numbered: Iterable[str]) -> None:
    """Notes that what a block is given by its number hangs on how many there are."""
    child = settling.settings[block.template]
    for name in numbered:
        child.roots[name] = child.roots.get(name, NOTHING) | own.rooted(count.names)


def _hands_on(walk: "Walk", part: SequencePart, taken: list[tuple[Sizes, ...]]) -> bool:
    """Whether each part gives the sizes that it reads, as far as these are known, whatever its number."""
    if not part.items or isinstance(part.items[0], SequencePart):  # a graph in place says nothing by its number
        return True
    return _gives_what_it_reads(walk, part.items[0], taken[0])


def settle_count(
    walk: "Walk", run: RunPart, count: Followed, reads: tuple[Sizes, ...], given: Mapping[str, Sizes]
) -> None:
    """Records how many parts there are after the first of a repeat, which is no argument unless any number will do.

    Args:
        walk: that of the template that it stands in.
        run: the parts after the first.
        count: how many, as it is written.
        reads: the sizes that the second part reads.
        given: those that it gives.
    """
    settling, own = walk.settling, walk.own
    if not _any_number(walk, run, reads, given):
        walk.structural.counts(count.names)
    elif isinstance(run.item, BlockPart):
        _reach(settling, own, run.item, count, own.indexed.get(run.item, {}))
    values: list[Value] = list(run.counts)
    own.counts[run] = settling.decide(own, count, values, [True] * len(values), run.site.name, "repeat")


def _any_number(walk: "Walk", run: RunPart, reads: tuple[Sizes, ...], given: Mapping[str, Sizes]) -> bool:
    """Whether there may be any number of parts after the first of a repeat, each as the second is."""
    settling, own, item = walk.settling, walk.own, run.item
    scopes = [part for parts in run.all for part in parts if isinstance(part, Scope)]
    if run.site not in settling.known.free or item.share or any(_ties(settling, scope) for scope in scopes):
        return False
    if any(one.definition.kind == "inline" and _by_number(settling, one) for one in scopes):
        return False
    known = all(
        _is_known(settling, own, item, (place, axis), size)
        for place, read in enumerate(reads)
        for axis, size in enumerate(read)
    )
    if isinstance(item, SequencePart):
        return known and _kept(reads[0], given[""])
    return known and (run in walk.grown or _gives_what_it_reads(walk, item, reads))


def _gives_what_it_reads(walk: "Walk", item: Item, reads: tuple[Sizes, ...]) -> bool:
    """Whether a part of a repeat gives the sizes that it reads, as far as these are known, whatever its number."""
    return all(map(_kept, in_turn(places(item), reads), gives_by_number(walk, item, reads)))


def _kept(read: Sizes, given: Sizes) -> bool:
    """Whether what is known of the sizes of one value is so of another one."""
    known = [axis for axis, size in enumerate(read) if size.expr is not None]
    return len(read) == len(given) and all(written_alike((read[axis],), (given[axis],)) for axis in known)


def _alike(settling: Settling, own: Settings, part: SequencePart, sizes: Sequence[Sequence[Sizes]]) -> bool:
    """Whether a repeat may have any number of parts as those that it has, none among them.

    Args:
        settling: the settings so far.
        own: those of the template that it stands in.
        part: the repeat.
        sizes: for each value that is handed on, what each of its parts reads, and what the last one gives.
    """
    return (
        (part.chained or bool(part.carried))
        and not part.share
        and all(ended(use) for use in _there(part.uses))
        and all(written_alike(one, handed[0]) for handed in sizes for one in handed)
        and all(
            _is_known(settling, own, part.items[0], (place, axis), size)
            for place, handed in zip(places(part.items[0]), sizes, strict=False)
            for axis, size in enumerate(handed[0])
        )
        and _one_setting(settling, own, part)
        and shown(settling, part)
        and not any(_ties(settling, use) for use in _there(part.uses))
    )


def shown(settling: Settling, part: SequencePart) -> bool:
    """Whether the parts that are there show what one more of them would read."""
    first = part.items[0]
    ports = first.ports if isinstance(first, BlockPart) else ()
    return all(shows_what_it_hands_on(settling.network.graph, use, ports) for use in _there(part.uses))


def hanging(
    settling: Settling, part: SequencePart, sizes: Sequence[Sizes], count: Followed, symbolic: bool
) -> Sizes | None:
    """What blocks read and give that change heights or widths and nothing else; None for other blocks.

    How large these are hangs on how many blocks there are, so that nothing else may be said of them. Symbolic, channels
    that the first block reads have another name than those that it gives, and may be as many.
    """
    items = [item for item in part.items if isinstance(item, BlockPart)]
    if not (items and part.chained) or len(items) < len(part.items) or len({len(one) for one in sizes}) > 1:
        return None
    child = settling.settings[items[0].template].sizes
    said: list[Followed] = []
    for axis, (first, *others) in enumerate(zip(*sizes, strict=True)):
        known = child.get(size_name(0, axis))
        if all(one == first or (one.expr is not None and one.expr == first.expr) for one in others):
            said.append(first)
        elif symbolic and known is not None and known.noun:
            said.append(others[-1])
        elif known is None or known.noun:
            return None
        else:
            said.append(Followed(None, count.names.union(*(one.names for one in (first, *others)))))
    return tuple(said) if any(one is not first for one, first in zip(said, sizes[0], strict=True)) else None


def _one_setting(settling: Settling, own: Settings, part: SequencePart) -> bool:
    """Whether all parts are written in one way and have the same settings, or such as follow from their number."""
    first = part.items[0]
    if isinstance(first, RunPart) or first.site.apart:
        return False  # of a repeat of one part, `first` and `last` are all that there is
    in_place = isinstance(first, SequencePart) or (isinstance(first, BlockPart) and _is_in_place(first))
    if in_place and any(_by_number(settling, use) for use in _parts_of(settling, part)):
        return False
    if isinstance(first, SequencePart):
        return _one_graph(settling, own, part.items)
    if any("i" in names(expr) for expr in first.site.chosen):
        return False
    told = own.conditions.keys() | own.measured.keys()
    plain = not any(item in told or (not isinstance(item, RunPart) and item.others) for item in part.items)
    if isinstance(first, OpPart):
        return plain and not first.sample.op.inplace and _one_op(own, part, first)
    blocks = [item for item in part.items if isinstance(item, BlockPart)]
    one = first.template.definition.kind != "spec" and not first.handed and len(blocks) == len(part.items)
    return plain and one and _one_use(settling, own, blocks)


def _is_in_place(part: BlockPart) -> bool:
    return part.template.definition.kind == "inline"


def _parts_of(settling: Settling, part: SequencePart) -> Iterator[Scope]:
    """The parts of a repeat that are scopes, in every use of it."""
    for use in _there(part.uses):
        yield from (member for member in children(settling.network.graph, use) if isinstance(member, Scope))


def _one_graph(settling: Settling, own: Settings, parts: Sequence[Item]) -> bool:
    """Whether what stands at one place in all parts of a repeat is written in one way, and nothing by a number."""
    first = parts[0]
    if isinstance(first, RunPart) or any(type(part) is not type(first) for part in parts) or not _plain(own, parts):
        return False
    if isinstance(first, OpPart):
        return all(isinstance(part, OpPart) and own.slots[part] == own.slots[first] for part in parts)
    if isinstance(first, BlockPart):
        one = first.template.definition.kind == "block" and not first.handed
        return one and _one_use(settling, own, [part for part in parts if isinstance(part, BlockPart)])
    graphs = [part for part in parts if isinstance(part, SequencePart)]
    chained = all(one.chained and not one.taps and one.labels == first.labels for one in graphs)
    counted = all(own.counts.get(one) == own.counts.get(first) for one in graphs)
    if not (chained and counted):
        return False
    return all(_one_graph(settling, own, place) for place in zip(*(one.items for one in graphs), strict=True))


def _plain(own: Settings, parts: Sequence[Item]) -> bool:
    """Whether parts are always there and have what they hold for themselves, and nothing more is said of them."""
    told = own.conditions.keys() | own.measured.keys() | own.indexed.keys() | own.runs.keys()
    for part in parts:
        if isinstance(part, RunPart) or part in told or part.others or part.share:
            return False
        if part.site.init or part.site.apart or part.site.freeze is not None:
            return False
    return True


def _by_number(settling: Settling, use: Scope) -> bool:
    """Whether something inside of a graph in place may be another thing by the number of its part."""
    within_it = tuple(inside(settling.network.graph, use))
    scopes = (use, *(member for member in within_it if isinstance(member, Scope)))
    left_out = [one for scope in scopes for one in scope.absent.values()]
    read = [test for one in left_out for test in one.site.tests]
    for site in (*(member.site for member in within_it), *(one.site for one in left_out)):
        test = site.alternative.test if site.alternative is not None else None
        read += (*site.exprs.values(), *site.chosen)
        read += (expr for expr in (site.when, site.repeat, test) if expr is not None)
    return any("i" in names(expr) for expr in read)


def _one_op(own: Settings, part: SequencePart, first: OpPart) -> bool:
    """Whether all parts are one op with the same settings, where none that reads a number is lost."""
    numbered = own.indexed.get(first, {})
    said = {name for name, expr in first.site.exprs.items() if "i" in names(expr)} <= numbered.keys()
    return said and all(
        isinstance(item, OpPart)
        and item.site is first.site
        and {**own.slots[item], **own.indexed.get(item, {})} == {**own.slots[first], **numbered}
        for item in part.items
    )


def _one_use(settling: Settling, own: Settings, blocks: Sequence[BlockPart]) -> bool:
    """Whether all are uses of one block with the same arguments, or such as follow from their number."""
    first, child = blocks[0], settling.settings[blocks[0].template]
    numbered = _numbered_names(settling, own, blocks)
    told = [name for name in child.values if name != "i" and (name not in child.sizes or child.sizes[name].noun)]

    def alike(item: BlockPart, name: str) -> bool:
        one, other = (own.candidates[each][name] for each in (item, first))
        return written_alike((one,), (other,)) and settling.held(item, name, child) == settling.held(first, name, child)

    return all(
        item.template is first.template
        and item.site is first.site
        and not item.share
        and all(name in numbered or alike(item, name) for name in told)
        for item in blocks
    )


def _numbered_names(settling: Settling, own: Settings, blocks: Sequence[BlockPart]) -> frozenset[str]:
    """What the blocks of a repeat are given by their number, in one way that holds for all of them."""
    first, child = blocks[0], settling.settings[blocks[0].template]
    return frozenset(
        name
        for name, expr in own.indexed.get(first, {}).items()
        if all(
            own.indexed.get(item, {}).get(name) == expr
            and settling.by_number(own, expr, settling.held(item, name, child), own.indices.get(item))
            for item in blocks
        )
    )


def written_alike(one: Sizes, other: Sizes) -> bool:
    """Whether sizes are written alike, or are equally unknown."""
    return len(one) == len(other) and all(
        equal(a.expr, b.expr) if a.expr is not None and b.expr is not None else a == b
        for a, b in zip(one, other, strict=True)
    )


def ended(use: Scope) -> bool:
    """Whether nothing reads a part of a repeat by its number: all that it gives, its last part does."""
    return len(use.outputs) == 1 or {local.member for local in use.outputs.values()} == set(use.members[-1:])


def _is_known(settling: Settling, own: Settings, item: Item, at: tuple[int, int], size: Followed) -> bool:
    """Whether a size that a part reads is followed, or no constructor takes it by itself, or no root reaches it."""
    if size.expr is not None or not own.rooted(size.names):
        return True
    known = settling.settings[item.template].sizes.get(size_name(*at)) if isinstance(item, BlockPart) else None
    return known is not None and not known.noun


def _ops(part: SequencePart) -> Iterator[OpPart]:
    return (item for item in part.items if isinstance(item, OpPart))


def _there(uses: Iterable[Scope | None]) -> Iterator[Scope]:
    return (use for use in uses if use is not None)


def _ties(settling: Settling, use: Scope) -> bool:
    """Whether a tensor inside is another one: each part would have to say so."""
    return any(isinstance(node, Node) and node.ties for node in inside(settling.network.graph, use))


def repeats(settling: Settling) -> Iterator[Scope]:
    """The uses of all repeats whose length is an argument."""
    for own in settling.settings.values():
        for part in own.counts:
            if isinstance(part, SequencePart):
                yield from _there(part.uses)


def between(
    part: SequencePart, taken: list[tuple[Sizes, ...]], found: Mapping[Local, Sizes], place: int = 0
) -> list[Sizes]:
    """The sizes of one of the values that the parts of a repeat hand on: what each reads, and what the last gives."""
    port = part.carried[place] if len(part.carried) > 1 else ""
    place = places(part.items[0])[place] if part.items else place
    last = Local(part.labels[-1], port) if part.labels else Local("")
    return [*(read[place] if place < len(read) else () for read in taken), found[last]] if taken else []
