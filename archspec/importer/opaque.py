"""Opaque members: modules of which only sizes and costs are said, where no op says what they do.

    {op: module, target: "my_package.layers:Block", args: [[dim, 64]], shapes: [[64, 14, 14]], params: 12544}

The class is the module's own, and the source imports it, so that keys and values are what they were. Where a module
cannot be one, since its keys are not inside of a member or nothing can make it, its single calls of torch are:

    {op: function, target: "torch.special:erfcx", shapes: [[64, 14, 14]]}
"""

import inspect
import sys
from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn

from archspec.importer.again import Again
from archspec.importer.layout import BATCH
from archspec.importer.leaves import is_hooked
from archspec.importer.made import Log
from archspec.importer.recording import Call, Scope, Value
from archspec.importer.refused import Refused
from archspec.importer.samples import by_sample
from archspec.importer.site import Site
from archspec.importer.state import unchanged
from archspec.importer.tree import Graph, Member, Plain, every
from archspec.importer.values import Values, plain
from archspec.runtime.counters import count_macs
from archspec.values.dataclass import dataclass

OP, FUNCTION = "module", "function"


@dataclass(frozen=True, slots=True)
class Share:
    """What opaque members hold and do, of the whole network: from 0 to 1."""

    params: float = 0.0
    macs: float = 0.0


NOTHING = Share()


def share(graph: Graph, whole: Mapping[str, int]) -> Share:
    """What opaque members are of a network that has so many `params` and `macs`."""
    hidden = [member.fields for member in every(graph) if member.op in (OP, FUNCTION)]
    found: dict[str, float] = {}
    for fact in ("params", "macs"):
        numbers = [fields.get(fact, 0) for fields in hidden]
        found[fact] = sum(n for n in numbers if isinstance(n, int)) / (whole.get(fact) or 1)
    return Share(**found)


@dataclass(frozen=True, slots=True)
class Maker:
    """A callable that a source can import, `timm:create_model`, and what it was given."""

    target: str
    arguments: Mapping[str, Plain]


def maker_of(factory: object, arguments: Mapping[str, object]) -> Maker | None:
    """What made a module, as a source says it; None where it cannot."""
    package, name = getattr(factory, "__module__", ""), getattr(factory, "__qualname__", "")
    found = getattr(sys.modules.get(package), name, None)
    if found is None or found is not factory:
        return None
    try:
        said = {key: plain(value) for key, value in arguments.items()}
    except Refused:
        return None
    return None if any(map(_is_deep, said.values())) else Maker(f"{package}:{name}", said)


def _is_deep(value: Plain) -> bool:
    """Whether a value is a list of lists, which no field of an opaque member holds."""
    return isinstance(value, tuple) and any(isinstance(item, tuple) for item in value)


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Makes opaque members.

    Attributes:
        log: what modules were made with, which the source has to say again.
        strict: nothing may be opaque.
        maker: what made the whole module, where the source can say that again.
    """

    log: Log
    strict: bool = False
    maker: Maker | None = None

    def __call__(self, scope: Scope, refused: Refused, values: Values) -> list[Member]:
        """The member for a call of a module, and what makes other dimensions part of its batch where they are.

        Raises:
            Refused: it cannot be one; the module around may.
        """
        if self.strict or not scope.path:
            raise refused
        reads = tuple(dict.fromkeys(scope.reads))
        rows = _rows(values, reads, scope.gives)
        if not scope.plain or not reads or not rows:
            raise refused
        if any(values.dtype(number) != "float" for number in scope.gives):
            raise refused
        target, args, part = self.target(scope.module), self.arguments(scope.module), ""
        if target is None or args is None or is_hooked(scope.module):
            if self.maker is None:
                raise refused
            target, args, part = self.maker.target, dict(self.maker.arguments), scope.path
        fields: dict[str, Plain] = {
            "target": target,
            "args": tuple(args.items()),
            "part": part,
            "shapes": tuple(values.known(number).shape[1:] for number in scope.gives),
            "params": sum(parameter.numel() for parameter in scope.module.parameters()),
            "macs": _macs(scope.module, [values.known(number).tensor[:rows] for number in reads]),
        }
        fields = {name: value for name, value in fields.items() if value not in (0, (), "")}
        found = tuple(values.found(scope.apart.get(number, number)) for number in reads)
        gives = tuple(_own(number, reads, values) for number in scope.gives)
        member = Member(OP, found, gives, fields=fields, module=scope.module, path=scope.path)
        return [member] if rows == 1 else by_sample(member, [values.layout(number) for number in reads], values)

    def function(self, call: Call, refused: Refused, values: Values, scope: str) -> list[Member]:
        """The member for a call of a function of torch. Raises Refused where it cannot be one: what was refused."""
        given = (*call.args, *call.kwargs.values())
        inside = [one.number for one in given if isinstance(one, Value)]
        layouts = [values.layout(number) for number in inside]
        rows = _rows(values, [n for n, one in zip(inside, layouts, strict=True) if one.batched], call.gives)
        plainly = bool(inside) and (rows > 1 or all(layout.plain for layout in layouts))
        if self.strict or not call.target or inside != list(call.reads) or not plainly:
            raise refused
        if any(values.known(number).origin == "random" for number in call.gives):  # it reads no number of what it reads
            raise refused
        rest = [one for one in call.args if not isinstance(one, Value)]
        at = [place for place, one in enumerate(call.args) if isinstance(one, Value)]
        if any(layout.batched for layout in layouts) and not rows:
            raise refused
        held = tuple(values.dtype(number) for number in call.gives)
        fields: dict[str, Plain] = {
            "target": call.target,
            "args": tuple(map(plain, rest)),
            "at": () if at == list(range(len(at))) else tuple(at),
            "options": tuple((name, plain(one)) for name, one in call.kwargs.items() if not isinstance(one, Value)),
            "by_name": tuple(name for name, one in call.kwargs.items() if isinstance(one, Value)),
            "shapes": tuple(values.known(number).shape[rows > 0 :] for number in call.gives),
            "dtypes": () if set(held) == {"float"} else held,
            "macs": _macs(Again(call, call.function), [_one(values, number, rows) for number in inside]),
        }
        site = Site(call, values, scope, by_sample=rows > 1)
        site.emit(FUNCTION, inside, {name: value for name, value in fields.items() if value not in ((), 0)})
        return site.said

    def target(self, module: nn.Module) -> str | None:
        """Where the module's class is; None where no import finds it."""
        kind = type(module)
        found = getattr(sys.modules.get(kind.__module__), kind.__qualname__, None)
        return f"{kind.__module__}:{kind.__qualname__}" if found is kind else None

    def arguments(self, module: nn.Module) -> dict[str, Plain] | None:
        """What its constructor is given; None where a spec cannot say it."""
        parameters = inspect.signature(type(module).__init__).parameters
        if any(one.kind is one.VAR_POSITIONAL for one in parameters.values()) and not self.log.has(module):
            return None  # no attribute has what it was given: of nn.Sequential its modules
        found: dict[str, Plain] = {}
        for name, value in self.log.arguments(module).items():
            if name == "self" or (name in parameters and _same(parameters[name].default, value)):
                continue
            try:
                said = plain(value)
            except Refused:
                return None
            if name in ("args", "kwargs") or _is_deep(said):
                return None
            found[name] = said
        wanted = [one.name for one in parameters.values() if one.default is one.empty and one.kind < one.VAR_POSITIONAL]
        return found if set(wanted) - {"self"} <= {*found, *self.log.arguments(module)} else None


def _same(default: object, value: object) -> bool:
    return default is value or (
        type(default) is type(value) and isinstance(value, int | float | str) and default == value
    )


def _one(values: Values, number: int, rows: int) -> Tensor:
    """The rows of one sample of a value; all of what has no batch."""
    tensor = values.known(number).tensor.detach()
    return tensor[:rows] if values.layout(number).batched else tensor


def _own(number: int, reads: Sequence[int], values: Values) -> int:
    """A result; one of its own where a module gives what it is given, which others still read from where it came."""
    return values.fresh(values.layout(number), values.dtype(number)) if number in reads else number


def _rows(values: Values, reads: Sequence[int], gives: Sequence[int]) -> int:
    """How many rows of these values are one sample, of which other dimensions may be part; 0 where they differ."""
    try:
        given = [values.layout(number) for number in reads]
        groups = [one.groups for one in (*given, *(values.by_size(number, given) for number in gives))]
    except Refused:
        return 0
    whole = all(len(one) == 1 for each in groups for one in each[1:])
    first = {each[:1] for each in groups}
    (rows, *others) = first or {((),)}
    if others or not whole or not rows or BATCH not in rows[0]:
        return 0
    return prod(size for size in rows[0] if size != BATCH)


def _macs(module: nn.Module, inputs: list[Tensor]) -> int:
    """Multiply-adds of what is made of these; 0 where torch cannot count them."""
    try:
        with unchanged(module, training=False), torch.no_grad():
            return count_macs(module, tuple(inputs))[""]
    except Exception:  # noqa: BLE001  one sample may be too little for the module
        return 0
