"""Counted: repeats whose length is an argument, because all of their parts are one and the same.

layers: {block: layer, repeat: $depth}    self.layers = nn.Sequential(*(Layer(width) for _ in range(depth)))

A depth of 0 is right too: an empty sequence gives what it reads, and so does a loop that runs no round.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archspec.code.followed import Followed, Sizes
from archspec.code.input_sizes import size_name
from archspec.code.parts import BlockPart, OpPart, RunPart, SequencePart
from archspec.code.settings import Settings, Settling
from archspec.graph.graph import Local, Node, Scope
from archspec.graph.walk import inside
from archspec.language.expression.symbolic import names


def alike(settling: Settling, own: Settings, part: SequencePart, sizes: Sequence[Sizes]) -> bool:
    """Whether a repeat may have any number of parts, none among them.

    Args:
        settling: the settings so far.
        own: those of the template that it stands in.
        part: the repeat.
        sizes: what each of its parts reads, and what the last one gives.
    """
    return (
        (part.chained or bool(part.carried))
        and not part.share
        and all(len(use.outputs) == 1 for use in _there(part.uses))  # no part is read by its number
        and all(one == sizes[0] for one in sizes)
        and all(_is_known(settling, own, part, axis, size) for axis, size in enumerate(sizes[0]))
        and _one_setting(settling, own, part)
        and not any(_ties(settling, use) for use in _there(part.uses))
    )


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
        if all(one == first for one in others):
            said.append(first)
        elif symbolic and known is not None and known.noun:
            said.append(others[-1])
        elif known is None or known.noun:
            return None
        else:
            said.append(Followed(None, count.names.union(*(one.names for one in (first, *others)))))
    return tuple(said) if any(one is not first for one, first in zip(said, sizes[0], strict=True)) else None


def _one_setting(settling: Settling, own: Settings, part: SequencePart) -> bool:
    """Whether all parts are written in one way and have the same settings, none of which follows from a number."""
    first = part.items[0]
    if not isinstance(first, OpPart | BlockPart) or first.site.apart:
        return False  # of a repeat of one part, `first` and `last` are all that there is
    if any("i" in names(expr) for expr in (*first.site.exprs.values(), *first.site.chosen)):
        return False
    told = own.conditions.keys() | own.measured.keys() | own.indexed.keys()
    plain = not any(item in told or (not isinstance(item, RunPart) and item.others) for item in part.items)
    if isinstance(first, OpPart):
        slots = all(isinstance(item, OpPart) and own.slots[item] == own.slots[first] for item in part.items)
        return plain and slots and not first.sample.op.inplace and all(item.site is first.site for item in _ops(part))
    return plain and first.template.definition.kind == "block" and not first.handed and _one_use(settling, own, part)


def _one_use(settling: Settling, own: Settings, part: SequencePart) -> bool:
    """Whether all parts are uses of one block with the same arguments."""
    blocks = [item for item in part.items if isinstance(item, BlockPart)]
    first, child = blocks[0], settling.settings[blocks[0].template]
    told = [name for name in child.values if name not in child.sizes or child.sizes[name].noun]
    return len(blocks) == len(part.items) and all(
        item.template is first.template
        and item.site is first.site
        and not item.share
        and own.candidates[item] == own.candidates[first]
        and all(settling.held(item, name, child) == settling.held(first, name, child) for name in told)
        for item in blocks
    )


def _is_known(settling: Settling, own: Settings, part: SequencePart, axis: int, size: Followed) -> bool:
    """Whether a size that a part reads is followed, or no constructor takes it by itself, or no root reaches it."""
    if size.expr is not None or not own.rooted(size.names):
        return True
    first = part.items[0]
    known = settling.settings[first.template].sizes.get(size_name(0, axis)) if isinstance(first, BlockPart) else None
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


def between(part: SequencePart, taken: list[tuple[Sizes, ...]], found: Mapping[Local, Sizes]) -> list[Sizes]:
    """The sizes that each part of a repeat reads, and what the last one gives."""
    return [*(read[0] if read else () for read in taken), found[Local(part.labels[-1])]] if taken else []
