"""A module of somebody's own package, for which there is no op: what it gives and costs is declared, not derived.

    {op: module, target: "my_package.layers:Block", args: [[dim, 64]], shapes: [[64, 14, 14]], params: 12544}

    from my_package.layers import Block
    ...
    self.block = Block(dim=64)

With `part`, it is a module inside of what the target, a class or a function, makes:

    self.block = make(dim=64).get_submodule("blocks.1")

A function of torch for which there is no op says likewise what it gives, and has no parameters:

    {op: function, target: "torch:index_add", from: [x, index, source], args: [1], at: [0, 2, 3], shapes: [[8, 64]]}

    torch.index_add(x, 1, index, source)

A spec by itself runs no code: nothing here imports the package, so that nothing holds what is declared against it.
Without `shapes`, they and the counts are those of a run, where whoever reads the spec allows one.
"""

from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from archspec.ops.fields import PositiveInt
from archspec.ops.names import numbered_ports
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.values.cost import Cost
from archspec.values.expression import Global, Value
from archspec.values.run import Runner
from archspec.values.shape import DType, Shape
from archspec.values.source import Invoke, Source, constant


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


def _class(target: str) -> str:
    package, _, made = target.partition(":")
    if not all(map(_is_name, (*package.split("."), made))):
        raise PydanticCustomError("target", "Input should be a class and its module, my_package.layers:Block")
    return target


def _argument(name: str) -> str:
    if not _is_name(name):
        raise PydanticCustomError("argument", "Input should be a list of names and values, [[dim, 64], [bias, false]]")
    return name


def _path(text: str) -> str:
    if not all(map(str.isalnum, text.replace("_", "").split("."))):
        raise PydanticCustomError("path", "Input should be the path of a module, stages.0.blocks.1")
    return text


def _function(target: str) -> str:
    package, _, name = target.partition(":")
    if package.split(".")[0] != "torch" or not all(map(_is_name, (*package.split("."), name))):
        raise PydanticCustomError("target", "Input should be a function of torch and its module, torch.special:erfcx")
    return target


Scalar = bool | int | float | str | None
_FRACTIONS: tuple[DType, ...] = ("float",)
Count = Annotated[int, Field(ge=0)]


@op
class Module(Op):
    """A module of a package that is not torch, with its outputs as declared: (N, ...), ... -> (N, ...), ...

    Several outputs are numbered. Neither `build` nor `verify` runs it.
    """

    name: ClassVar[str] = "module"
    takes_complex: ClassVar[bool] = True
    role: ClassVar[Role] = Role.OTHER
    module: ClassVar[str] = "nn.Module"
    variadic: ClassVar[bool] = True
    numbered: ClassVar[bool] = True
    positional: ClassVar[int] = 0
    stateful: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True  # for all that is known of it
    aliases_input: ClassVar[bool] = True

    target: Annotated[str, AfterValidator(_class)] = Field(description="where its class is: `my_package.layers:Block`")
    args: tuple[tuple[Annotated[str, AfterValidator(_argument)], Scalar | tuple[Scalar, ...]], ...] = Field(
        default=(), description="what the class is given, by name: `[[dim, 64], [bias, false]]`"
    )
    shapes: tuple[tuple[PositiveInt, ...], ...] = Field(
        default=(),
        description="sizes of each output after the batch; left out, a run finds them, if allowed",
    )
    part: Annotated[str, AfterValidator(_path)] = Field(
        default="",
        description="where it stands in what the target makes, `stages.0.blocks.1`; left out, it is all of it",
    )
    params: Count = Field(default=0, description="learned parameters")
    macs: Count = Field(default=0, description="multiply-adds per sample")

    @property
    def ports(self) -> tuple[str, ...]:
        return numbered_ports(len(self.shapes))

    def completed(self, xs: tuple[Shape, ...], run: Runner | None) -> Op:
        self._require_one_batch(xs)
        if self.shapes:
            return self
        if self.part:
            message = f"shapes of {self.part} in {self.target} are left out"
            raise ShapeFault("missing-option", message, help="write the sizes of each output, shapes: [[64, 14, 14]]")
        if run is None:
            message = f"shapes of {self.target} are left out, and a spec by itself runs no code to find them"
            help = "write the sizes of each output, shapes: [[64, 14, 14]], or let archspec run it: --allow-modules"
            raise ShapeFault("missing-option", message, help=help)
        ran = run(self.target, dict(self.args), xs)
        counts = {"params": ran.params, "macs": ran.macs}
        found = {name: count for name, count in counts.items() if name not in self.model_fields_set}
        return self.model_copy(update={"shapes": ran.shapes, **found})

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return tuple(Shape(dims, max(x.batch for x in xs)) for dims in self.shapes)

    def _require_one_batch(self, xs: tuple[Shape, ...]) -> None:
        if len({x.batch for x in xs if x.batch}) != 1:
            raise ShapeFault("shape-mismatch", f"{self.target} needs inputs of one batch")
        names = [name for name, _ in self.args]
        if len(set(names)) < len(names):
            raise ShapeFault("bad-option", f"args of {self.target} name one argument twice", field="args")

    def cost(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return super().cost(xs, ys) + Cost(params=self.params, macs=self.macs)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return dict(self.args)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {}

    def form(self, xs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (self.target, self.part, *(name for name, _ in self.args))

    def within(self) -> str:
        return self.part

    def imported(self) -> tuple[str, str]:
        package, _, made = self.target.partition(":")
        return package, made

    def label(self) -> str:
        return self.part or self.imported()[1]


@op
class Function(Op):
    """A function of torch without an op, with its outputs as declared: (N, ...), ... -> (N, ...), ...

    Several outputs are numbered. What it makes of parameters alone has no batch, as they have none. `verify` runs it
    where modules of other packages may run.
    """

    name: ClassVar[str] = "function"
    takes_complex: ClassVar[bool] = True
    role: ClassVar[Role] = Role.OTHER
    variadic: ClassVar[bool] = True
    numbered: ClassVar[bool] = True
    typed: ClassVar[bool] = False
    saves_output: ClassVar[bool] = True  # for all that is known of it
    aliases_input: ClassVar[bool] = True

    target: Annotated[str, AfterValidator(_function)] = Field(description="where it is: `torch.special:erfcx`")
    shapes: tuple[tuple[PositiveInt, ...], ...] = Field(
        min_length=1, description="sizes of each output after the batch"
    )
    dtypes: tuple[DType, ...] = Field(default=(), description="what each output holds; left out, fractions")
    args: tuple[Scalar | tuple[Scalar, ...], ...] = Field(
        default=(), description="what it is given beside its inputs, in order"
    )
    at: tuple[Count, ...] = Field(
        default=(), description="where its inputs stand among all that it is given, `[0, 2]`; left out, in front"
    )
    options: tuple[tuple[Annotated[str, AfterValidator(_argument)], Scalar | tuple[Scalar, ...]], ...] = Field(
        default=(), description="what it is given by name: `[[keepdim, true]]`"
    )
    by_name: tuple[Annotated[str, AfterValidator(_argument)], ...] = Field(
        default=(), description="the names by which it is given the last of its inputs, `[window]`"
    )
    macs: Count = Field(default=0, description="multiply-adds per sample")

    @property
    def ports(self) -> tuple[str, ...]:
        return numbered_ports(len(self.shapes))

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if len({x.batch for x in xs if x.batch}) > 1:
            raise ShapeFault("shape-mismatch", f"{self.target} needs inputs of one batch")
        placed = len(xs) - len(self.by_name)
        if placed < 0:
            raise ShapeFault("bad-option", f"by_name of {self.target} names more inputs than it has", field="by_name")
        if self.at and (len(set(self.at)) < len(self.at) or max(self.at) >= placed + len(self.args)):
            message = f"at of {self.target} is to say where {placed} of {placed + len(self.args)} arguments stand"
            raise ShapeFault("bad-option", message, field="at")
        if (self.at and len(self.at) != placed) or len(self.dtypes or self.shapes) != len(self.shapes):
            field = "at" if self.at and len(self.at) != placed else "dtypes"
            raise ShapeFault("bad-option", f"{field} of {self.target} has a place for each or none", field=field)
        held = self.dtypes or _FRACTIONS * len(self.shapes)
        return tuple(Shape(dims, max(x.batch for x in xs), of) for dims, of in zip(self.shapes, held, strict=True))

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(macs=self.macs)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {}

    def form(self, xs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (self.target, *map(repr, (self.args, self.at, self.options, self.by_name)))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        placed = len(args) - len(self.by_name)
        places = self.at or tuple(range(placed))
        inputs = dict(zip(places, args[:placed], strict=True))
        rest = iter(self.args)
        given = [inputs[at] if at in inputs else constant(next(rest)) for at in range(placed + len(self.args))]
        named = zip(self.by_name, args[placed:], strict=True)
        options = (*named, *((key, constant(one)) for key, one in self.options))
        return Invoke(
            Global(self.target.replace(":", ".").replace("torch.nn.functional.", "F."), self.typed),
            tuple(given),
            options,
        )

    def imported(self) -> tuple[str, str]:
        return self.target.partition(":")[0], ""

    def label(self) -> str:
        return self.target.partition(":")[2]
