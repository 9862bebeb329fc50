"""Site: one call that is being said in ops, and the answers that a rule needs to say it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from archspec.importer.layout import Layout
from archspec.importer.recording import Call, Value
from archspec.importer.refused import Refused
from archspec.importer.samples import by_sample
from archspec.importer.tree import Member, Plain
from archspec.importer.values import Values, check, plain, trimmed
from archspec.values.dataclass import dataclass

# What torch takes for another argument's name, as numpy calls it.
NUMPY = {"axis": "dim", "keepdims": "keepdim"}

# Arguments that change nothing that a spec says.
IGNORED = frozenset({"inplace", "dtype", "out", "layout", "memory_format", "device", "non_blocking", "_stacklevel"})


@dataclass
class Site:
    """One call.

    Attributes:
        call: as recorded.
        values: of the run.
        scope: the path of the module that makes it.
        near: the values that the module was given.
        said: the members that say it, so far.
        by_sample: the op works sample by sample, on values of which other dimensions are made one with the batch.
    """

    call: Call
    values: Values
    scope: str
    near: tuple[int, ...] = ()
    given: Mapping[str, object] = field(default_factory=dict)
    said: list[Member] = field(default_factory=list)
    by_sample: bool = False

    # -- what the call was given

    def bind(self, takes: Sequence[str]) -> None:
        """Names the arguments. Raises Refused for one that has no name."""
        named = dict(zip(takes, self.call.args, strict=False))
        if len(self.call.args) > len(takes):
            raise Refused(f"{self.call.function} takes more arguments than is known")
        for keyword, value in self.call.kwargs.items():
            name = "input" if keyword in ("self", "x") and "input" in takes else NUMPY.get(keyword, keyword)
            if name in takes:
                named[name] = value
            elif name not in IGNORED and value is not None:
                raise Refused(f"{self.call.function} with {name}={value!r}")
        self.given = named

    def has(self, name: str) -> bool:
        """Whether an argument was given, and is not None."""
        return self.given.get(name) is not None

    def value(self, name: str = "input") -> int:
        """The value that an argument is. Raises Refused where it is none."""
        found = self.given.get(name)
        if not isinstance(found, Value):
            raise Refused(f"{self.call.function} of {found!r}")
        return found.number

    def tensor_number(self, argument: object) -> int:
        """The value that a part of an argument is."""
        if not isinstance(argument, Value):
            raise Refused(f"{self.call.function} of {argument!r}")
        return argument.number

    def tensor(self, name: str) -> bool:
        """Whether an argument is a value."""
        return isinstance(self.given.get(name), Value)

    def plain(self, name: str, default: Plain = None) -> Plain:
        """An argument that is no value."""
        return plain(self.given.get(name, default))

    def whole(self, name: str, default: int | None = None) -> int:
        """An argument that is an integer."""
        found = self.given.get(name, default)
        if not isinstance(found, int):
            raise Refused(f"{self.call.function} with {name}={found!r}")
        return int(found)

    def fraction(self, name: str, default: float = 0.0) -> float:
        """An argument that is a number, as a fraction; the default for None."""
        found = default if self.given.get(name) is None else self.given[name]
        if not isinstance(found, int | float):
            raise Refused(f"{self.call.function} with {name}={found!r}")
        return float(found)

    def wholes(self, name: str) -> tuple[int, ...]:
        """An argument of one or more integers, given as a list or one by one."""
        found = self.given.get(name)
        items = found if isinstance(found, tuple) else (found,)
        if not all(isinstance(item, int) for item in items):
            raise Refused(f"{self.call.function} with {name}={found!r}")
        return tuple(int(item) for item in items if isinstance(item, int))

    def spread(self) -> None:
        """Takes sizes, or what follows the first argument, as one list: `x.view(2, 3)` is `x.view((2, 3))`."""
        args = self.call.args
        if args and isinstance(args[0], int):
            self.call = replace(self.call, args=(args,))
        elif len(args) > 2 or (len(args) == 2 and not isinstance(args[1], tuple)):
            self.call = replace(self.call, args=(args[0], tuple(args[1:])))

    # -- what values are

    def batched(self) -> int:
        """A value with a batch that is at hand."""
        return next((one for one in self.near if self.layout(one).batched), self.values.run.inputs[0])

    def layout(self, number: int) -> Layout:
        """The layout of a value."""
        return self.values.layout(number)

    def axis(self, number: int, dim: int) -> int:
        """Archspec's number of a dimension of a value, of which other dimensions may be samples by then."""
        layout = self.values.layout(number)
        if self.by_sample and layout.merged and dim % layout.rank:
            return dim % layout.rank
        return layout.axis(dim)

    def size(self, number: int) -> tuple[int, ...]:
        """Torch's sizes of a value."""
        return self.values.known(number).shape

    def asked_for(self, size: int, *, but: int = -1) -> bool:
        """Whether a value with a dimension of this size was asked for its size before; `but` does not count."""
        asked = (self.layout(one) for one in self.call.sized if one != but)
        return any(layout.batched and size in layout.dims for layout in asked)

    def require_plain(self, *numbers: int) -> None:
        """Raises Refused where a batch is not in front; what is made one with it becomes part of it in `emit`."""
        for number in numbers:
            layout = self.layout(number)
            if not (layout.plain or layout.merged):
                raise Refused(f"{self.call.function} of a value in which the batch is not the first dimension")
            self.by_sample = self.by_sample or bool(layout.merged)

    # -- saying it

    def is_same(self, number: int, layout: Layout | None = None) -> None:
        """The result is that value; with a layout, one whose batch torch has elsewhere."""
        (result,) = self.call.gives
        self.values.same[result] = number
        if layout is not None:
            self.values.layouts[result] = layout

    def emit(
        self,
        op: str,
        reads: Iterable[int],
        fields: Mapping[str, Plain] | None = None,
        *,
        gives: Iterable[int] | None = None,
        layouts: Sequence[Layout] | None = None,
        ports: tuple[str, ...] = (),
        name: str = "",
        own: bool = False,
    ) -> None:
        """Says the call by an op; what that gives is the call's results unless `gives` names others.

        Raises:
            Refused: archspec's own rule gives other sizes than torch gave.
        """
        given = tuple(reads)
        read = tuple(map(self.values.found, given))
        gave = tuple(self.call.gives if gives is None else gives)
        kept = trimmed(op, {name: plain(value) for name, value in (fields or {}).items()})
        for at, number in enumerate(gave):
            if layouts is not None:
                self.values.layouts[number] = layouts[min(at, len(layouts) - 1)]
            elif number not in self.values.layouts:
                batched = [layout for layout in map(self.layout, given) if layout.batched]
                self.values.layouts[number] = self.values.by_size(number, batched)
        module, path = (self.call.module, self.call.path) if self.call.module is not None else (None, "")
        if self.by_sample:
            made = Member(op, read, gave, name, kept, module=module, path=path, own=own, ports=ports)
            self.said += by_sample(made, [self.layout(one) for one in given], self.values)
            return
        shapes = check(op, kept, [self.values.shape(number) for number in read], [self.values.shape(n) for n in gave])
        self.values.shapes |= dict(zip(gave, shapes, strict=False))
        self.said.append(Member(op, read, gave, name, kept, module=module, path=path, own=own, ports=ports))

    def between(self, op: str, read: int, fields: Mapping[str, Plain], layout: Layout) -> int:
        """A value on the way to the result."""
        made = self.values.fresh(layout, self.values.dtype(read))
        self.emit(op, [read], fields, gives=[made], layouts=[layout])
        return made


Rule: TypeAlias = Callable[[Site], None]
