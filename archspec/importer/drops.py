"""Drops: what training multiplies by chance as the op that does that, so that inference has it too, and does nothing.

if self.training:                                    stochastic_depth: {p: 0.2}
    keep = 1 - 0.2
    x = x / keep * torch.floor(keep + torch.rand(n, 1, 1, 1))
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from archspec.importer.tree import Graph, Member, read_by
from archspec.importer.values import Values
from archspec.values.dataclass import dataclass

ALMOST = 1e-9  # how near the factor of what stays is to one over its share


def by_hand(graph: Graph, values: Values, *, training: bool = False) -> Graph:
    """The graph, and those inside, with an op for each such product of those members that run in training only.

    Args:
        graph: of training, in which these are marked.
        values: of its run.
        training: it runs in training only itself.
    """
    members = [_inside(member, values, training=training or member.training) for member in graph.members]
    makers = {number: one for one in members if training or one.training for number in one.gives}
    found = False
    for at, member in reversed(list(enumerate(members))):
        product = _product(member, makers) if member.gives and member.gives[0] in makers else None
        drop = product.drop(member, values) if product is not None else None
        if drop is not None:
            members[at], found = drop, True
            makers = {number: one for number, one in makers.items() if number not in drop.gives}
    return replace(graph, members=_read(members, graph, makers)) if found else replace(graph, members=tuple(members))


def _inside(member: Member, values: Values, *, training: bool) -> Member:
    """A member with such ops inside of it; the op itself where it is nothing else."""
    if member.graph is None:
        return member
    graph = by_hand(member.graph, values, training=training)
    if training and len(graph.members) == 1 and not graph.members[0].training and graph.members[0].op:
        return replace(graph.members[0], name=member.name, module=member.module, path=member.path)
    return replace(member, graph=graph)


def _read(members: list[Member], graph: Graph, makers: Mapping[int, Member]) -> tuple[Member, ...]:
    """The members without those of training only that nobody reads any more."""
    kept: list[Member] = []
    read = set(graph.gives)
    for member in reversed(members):
        if read.isdisjoint(member.gives) and not makers.keys().isdisjoint(member.gives):
            continue
        read |= read_by(member)
        kept.append(member)
    return tuple(reversed(kept))


@dataclass(frozen=True, slots=True, eq=False)
class _Product:
    """Values and a number that are multiplied.

    Attributes:
        factors: the values, but for those that are 0 or 1 by chance.
        masks: of each of these the random numbers that it is made of, and its share of ones.
        scale: the number.
    """

    factors: tuple[int, ...]
    masks: tuple[tuple[int, float], ...]
    scale: float

    def drop(self, member: Member, values: Values) -> Member | None:
        """The op that a product is in the place of its last member; None where it is none."""
        if len(self.factors) != 1 or len(self.masks) != 1:
            return None
        ((x,), ((mask, share),)) = self.factors, self.masks
        if not 0 < share < 1 or abs(self.scale * share - 1) > ALMOST:
            return None
        drawn, dims = values.shape(mask), values.shape(x).dims
        if not drawn.batch:
            return None
        rows = len(drawn.dims) == len(dims) and set(drawn.dims) == {1}
        if not rows and drawn.dims != dims:
            return None
        op = "stochastic_depth" if rows else "dropout"
        return Member(op, (x,), member.gives, fields={"p": _rest(share)}, called=member.called)


def _product(member: Member, makers: Mapping[int, Member]) -> _Product | None:
    """What a member multiplies, and what those multiply that it reads; None where it is no product."""
    number = member.fields.get("other")
    if member.op not in ("mul", "div") or member.fields.get("number_first") or (member.op == "div" and number is None):
        return None
    parts = [_part(read, makers) for read in member.reads]
    scale = 1.0
    if isinstance(number, int | float) and number:
        scale = float(number) if member.op == "mul" else 1 / number
    for part in parts:
        scale *= part.scale
    factors = tuple(chain.from_iterable(part.factors for part in parts))
    masks = tuple(chain.from_iterable(part.masks for part in parts))
    return _Product(factors, masks, scale)


def _part(number: int, makers: Mapping[int, Member]) -> _Product:
    maker = makers.get(number)
    if maker is None:
        return _Product((number,), (), 1.0)
    mask = _mask(maker, makers)
    return _Product((), (mask,), 1.0) if mask else _product(maker, makers) or _Product((number,), (), 1.0)


def _mask(member: Member, makers: Mapping[int, Member]) -> tuple[int, float] | None:
    """The random numbers that ones and zeros are made of, and the share of ones; None of any other value."""
    before = makers.get(member.reads[0]) if member.op in ("floor", "lt", "le") and member.reads else None
    summed = before if member.op == "floor" and before is not None and before.op == "add" else None
    random = makers.get(summed.reads[0]) if summed is not None else before
    share = (summed or member).fields.get("other")
    if random is None or random.op != "rand_like" or not isinstance(share, int | float):
        return None
    return random.gives[0], float(share)


def _rest(share: float) -> float:
    """What is left of 1, in as few digits as say it: 0.2 of 0.8."""
    rest = 1 - share
    return next((short for digits in range(1, 17) if abs((short := float(f"{rest:.{digits}g}")) - rest) < ALMOST), rest)
