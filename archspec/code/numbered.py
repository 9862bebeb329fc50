"""Numbered: what the parts of a repeat, and the members of rounds over lists, are given by their number.

convs: {op: conv2d, out_channels: $width, kernel_size: 3, padding: $(2**i), dilation: $(2**i)}

nn.ModuleList(nn.Conv2d(width, width, 3, padding=2**i, dilation=2**i) for i in range(depth))
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, TypeGuard

from archspec.code.followed import Sizes, fitted
from archspec.code.parts import BlockPart, OpPart, places
from archspec.code.program import Loop, Statement, sources
from archspec.code.settings import Settings
from archspec.graph.graph import Rounds, Site
from archspec.values.expression import Expr, Global, Value
from archspec.values.shape import Shape
from archspec.values.source import SELF, Invoke, Member, Source, walk

if TYPE_CHECKING:
    from archspec.code.sizes import Walk


def slots_by_number(
    here: "Walk", part: OpPart, xs: tuple[Shape, ...], reads: tuple[Sizes, ...], held: list[dict[str, Value]]
) -> dict[str, Expr]:
    """The slots of an op that follow from the number of its part of a repeat, or of its round.

    Args:
        here: the walk of the template that it stands in.
        part: the op.
        xs: the shapes that it reads.
        reads: the same as sizes in the template's names.
        held: what its slots are, use by use.
    """
    if here.names.index is None:
        return {}
    exprs = _written(part.sample.site)
    found = {slot: here.names.numbered(exprs.get(slot)) for slot in held[0] or part.sample.op.slots(xs)}
    if here.numbered_read is not None and reads:
        met = (fitted(here.numbered_read, xs[0]), *reads[1:])
        slots = here.outcome(part.sample, xs, met, {}).slots
        found.update({slot: said.expr for slot, said in slots.items() if slot not in exprs})
    made = {
        slot: here.settling.by_number(here.own, expr, [one.get(slot) for one in held], here.names.index)
        for slot, expr in found.items()
    }
    return {slot: expr for slot, expr in made.items() if expr is not None}


def number_arguments(here: "Walk", part: BlockPart) -> None:
    """Keeps what a block in a repeat is given by the number of its part."""
    if here.names.index is None:
        return
    child, exprs = here.settling.settings[part.template], _written(part.sample.site)
    found = {name: here.names.numbered(exprs.get(name)) for name in child.values.keys() - child.sizes.keys()}
    for name, size in child.sizes.items():
        if here.numbered_read is not None and size.input == places(part)[0]:
            found[name] = here.numbered_read[size.axis].expr
    kept = {name: expr for name, expr in found.items() if expr is not None}
    if kept:
        here.own.indexed[part], here.own.indices[part] = kept, here.names.index


def _written(site: Site) -> Mapping[str, Expr]:
    """What the author wrote as expressions, with `i` for the number of a round."""
    return {**site.exprs, **site.numbered}


# -- how many rounds there are ----------------------------------------------------------------------------------------


def settle_rounds(here: "Walk") -> None:
    """Records how many rounds over lists a class has where any number may do; else that has to stay what it is.

    What the source says of them is looked at when it is there: see `one_number`.
    """
    settling, own, uses = here.settling, here.own, here.template.uses
    for several in zip(*(use.rounds for use in uses), strict=True):
        site = several[0].site
        if site.repeat is None:
            continue
        count = here.names.written(site.repeat)
        shapes = [{tuple(map(here.network.shape, reads)) for reads in one.reads} for one in several]
        even = all(len(one) == 1 for one in shapes) and all(one.plain and len(one.reads) > 1 for one in several)
        free = even and several[0].lists and site not in settling.known.fixed and not settling.frozen.rigid
        if not free or not own.rooted(count.names):
            here.structural.decides(site.repeat)
            continue
        values: list[Value] = [len(one.reads) for one in several]
        own.counts[several[0]] = settling.decide(own, count, values, [True] * len(uses), site.name, "repeat")


def rounds_of(own: Settings, name: str) -> Rounds | None:
    """The rounds of any number that go through a list of a class."""
    return next((one for one in own.counts if isinstance(one, Rounds) and name in one.lists), None)


def one_number(own: Settings, forward: Sequence[Statement], uneven: AbstractSet[str]) -> Iterator[Site]:
    """Where rounds are written whose number is an argument of a class whose source is right for one number only.

    Args:
        own: the settings of the class.
        forward: its statements.
        uneven: its lists of which the modules are not made alike.
    """
    named = [one.name for source in sources(forward) for one in walk(source) if _is_list(one)]
    loops = [set(_lists(one.iterable)) for one in forward if isinstance(one, Loop)]
    for rounds in own.counts:
        if isinstance(rounds, Rounds):
            once = all(named.count(name) == 1 for name in rounds.lists)
            if not once or set(rounds.lists) not in loops or not uneven.isdisjoint(rounds.lists):
                yield rounds.site


def _is_list(source: Source) -> TypeGuard[Member]:
    return isinstance(source, Member) and source.owner == SELF


def _lists(iterable: Source) -> Iterator[str]:
    """The lists that a loop goes through whole."""
    parts = iterable.args if isinstance(iterable, Invoke) and iterable.function == Global("zip") else (iterable,)
    return (one.name for one in parts if _is_list(one))
