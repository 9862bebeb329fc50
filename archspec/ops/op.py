"""Op: what every op declares, in one place: fields, shape rule, cost rule, PyTorch form, drawing role.

In rules `x`/`xs` are input shapes, `y`/`ys` output shapes, and `n, c, h, w` sizes. Fields are PyTorch's own arguments
with PyTorch's own defaults; what PyTorch wants and a spec never writes, such as `in_channels`, is *derived* from the
inputs.

How an op reaches emitted code:

- `module = "nn.Conv2d"`: it has a module form. It is an attribute where it is stateful, and inside an `nn.Sequential`.
  A `module` without `nn.` is a class that torch does not have: one of the op's `helpers()` defines it.
- `function = "F.relu"`: it has a functional form, used inside `forward` where the op holds no state.
- `slots(xs)` are the arguments of both forms in PyTorch's order, derived ones included. The first `positional` of them
  are printed by position, the others by keyword, and those equal to PyTorch's default are left out by the emitter.
- `expression(args, slots, xs)` overrides the functional form (`a + b`, `torch.cat([a, b], 1)`). It takes and gives
  values of `values/source.py`, never text.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from math import prod
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from archspec.ops.declaration import faults_of
from archspec.ops.guard import guard
from archspec.ops.helper import Helper
from archspec.ops.index import INDEX
from archspec.ops.label import Label
from archspec.ops.reach import Reading, pointwise
from archspec.ops.role import Role
from archspec.ops.saved import OUTPUT, Saved
from archspec.ops.unsaid import Unsaid
from archspec.registry import Registry
from archspec.values.cost import Cost
from archspec.values.expression import Global, Value
from archspec.values.run import Runner
from archspec.values.shape import HELD, DType, Shape, Shapes
from archspec.values.source import Invoke, Member, Source, method, swapped

__all__ = ["OPS", "TO_NUMBER", "TO_REAL", "Helper", "Join", "Op", "Role", "ShapeFault", "cure_of", "op"]

# The cures where an op takes fractions and is given integers, and where it is given complex numbers.
TO_REAL = "put an embedding or `{op: mul, other: 1.0}` before it; an input holds fractions but where it says dtype: int"
OF_COMPLEX = "`{op: abs}` gives how large they are, `{op: function, target: torch:view_as_real}` both of their parts"

# The cure where an op takes numbers and is given truth values: a product with a number makes a number of each.
TO_NUMBER = "`{op: mul, other: 1.0}` makes fractions of truth values, `{op: mul, other: 1}` integers"

Join: TypeAlias = Literal["", "sum", "product", "concat"]


class ShapeFault(Exception):
    """An op's shape rule does not hold for its inputs; becomes a diagnostic at the node.

    Attributes:
        code: diagnostic code, such as "shape-mismatch", "kernel-too-large", "size-below-one", "channels-not-divisible".
        message: one line, PyTorch's words for the things, without the node's name.
        help: the cure, where known.
        field: the op's field at fault, so that the diagnostic points at its value; "" points at the node.
        pointed: what to say beside the carets, such as the shapes that do not fit; often empty.
    """

    def __init__(self, code: str, message: str, *, help: str = "", field: str = "", pointed: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.help, self.field, self.pointed = code, message, help, field, pointed


class Op(Unsaid, BaseModel):
    """One operation with its settings. Equal ops are equal values, hashable, and shared between nodes.

    Subclasses set the class variables below and override the rules. `input_names` names the inputs for
    `from: {x: ..., indices: ...}`; names after the first `required` ones are optional. A `variadic` op, a join, takes
    `required` inputs or more, and they have no names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    name: ClassVar[str] = ""
    role: ClassVar[Role] = Role.OTHER
    input_names: ClassVar[tuple[str, ...]] = ("x",)
    required: ClassVar[int] = 1
    variadic: ClassVar[bool] = False  # a join: takes a list of inputs
    keeps_one: ClassVar[bool] = False  # a join that gives a single value as it is
    stand_ins: ClassVar[Mapping[str, str]] = {}  # input -> the one that stands for it where only later ones are named
    told_apart: ClassVar[frozenset[str]] = frozenset()  # inputs that their shapes tell apart, so that each may be alone
    substitutes: ClassVar[frozenset[str]] = frozenset()  # fields that stand for the inputs after the first
    size_inputs: ClassVar[frozenset[str]] = frozenset()  # inputs of which it reads the size and nothing else
    commutes: ClassVar[bool] = False  # its inputs may change places
    real: ClassVar[frozenset[str]] = frozenset()  # inputs that hold fractions: torch takes no integers there
    numeric: ClassVar[frozenset[str]] = frozenset()  # inputs that hold numbers: torch takes no truth values there
    alike: ClassVar[bool] = False  # all of its inputs hold the same: fractions, integers or truth values
    takes_complex: ClassVar[bool] = False  # its inputs may hold complex numbers; `infer` says what it gives then
    written: ClassVar[bool] = True  # a spec may name it
    also_called: ClassVar[Mapping[str, str]] = {}  # its names in other tools -> options that make it so, "" for none
    options_elsewhere: ClassVar[Mapping[str, str]] = {}  # options it has in other tools and not here -> the cure
    port_names: ClassVar[tuple[str, ...]] = ("",)  # outputs; "" is the one meant by the node's bare name

    first_port: ClassVar[str] = ""  # what the output of the bare name is also called: `node.values`

    module: ClassVar[str] = ""
    function: ClassVar[str] = ""
    positional: ClassVar[int] = 1  # leading slots printed by position in the module form
    function_positional: ClassVar[int] = 1  # the same in the functional form
    stateful: ClassVar[bool] = False  # has parameters, buffers or a mode: must be an attribute
    holds: ClassVar[Literal["", "parameter", "buffer"]] = ""  # an attribute that is a tensor, no module
    sized_by: ClassVar[str] = ""  # the field that says the sizes of the tensor that it holds
    sequential: ClassVar[bool] = True  # False: its module's call is special, and stands in no nn.Sequential
    numbered: ClassVar[bool] = False  # its settings say how many outputs there are: "", "1", "2"
    ports_on_demand: ClassVar[Mapping[str, str]] = {}  # port -> slot set to True when the port is read
    ports_by_field: ClassVar[Mapping[str, str]] = {}  # port -> field that has to be true, else there is no such port
    made_unread: ClassVar[frozenset[str]] = frozenset()  # outputs that torch makes where nothing reads them, too
    in_a_pair: ClassVar[bool] = False  # its module gives a second value, None, that is no output
    batch_second: ClassVar[frozenset[str]] = frozenset()  # outputs of which torch has the batch second: (layers, N, H)

    typed: ClassVar[bool] = True  # torch's stubs say what `function` returns
    tensors: ClassVar[tuple[str, ...]] = ()  # what `init:` can set of it, by name
    families: ClassVar[bool] = False  # such a name stands for all tensors whose own begin with it: `weight_ih`
    known_as: ClassVar[Mapping[str, tuple[str, str]]] = {}  # tensor -> the op and tensor that torch takes it for, too
    may_lack: ClassVar[frozenset[str]] = frozenset()  # tensors that torch's stubs say may be None

    inplace: ClassVar[bool] = False  # takes inplace=True
    accumulates: ClassVar[bool] = False  # `a += b` may stand for its expression, `a + b`
    stops_gradient: ClassVar[bool] = False  # none passes through it to what it reads
    low_precision: ClassVar[bool] = False  # autocast runs it in bfloat16
    fills_saved: ClassVar[bool] = False  # autograd keeps what its kernel fills only then: torch stops too soon there
    drifts: ClassVar[Mapping[str, Value]] = {}  # settings of it with which a training step changes what the next gives
    saves_output: ClassVar[bool] = False  # autograd needs the output, so nothing may overwrite it
    view: ClassVar[bool] = False  # the output always is the input's memory

    on_lines: ClassVar[Mapping[str, str]] = {}  # input -> what a picture writes on its line, if not its name
    kept_as: ClassVar[Mapping[str, str]] = {}  # field -> what a class calls the attribute that holds it, if not so
    listed: ClassVar[frozenset[str]] = frozenset()  # fields of several values of which torch takes a list and no tuple
    none_takes: ClassVar[Mapping[str, str]] = {}  # field -> the field that stands for it where it is None
    none_is: ClassVar[Mapping[str, Value]] = {}  # field -> what it does where it is None

    joins: ClassVar[Join] = ""  # how it makes one value of several, where pictures show that
    drawn_as: ClassVar[Role | None] = None  # the role whose look it has, where that is not its own
    centres: ClassVar[bool] = False  # takes away again whatever number was added to each channel of its input
    unseen: ClassVar[bool] = False  # at inference it gives the numbers it is given, in their order: no picture shows it
    selector: ClassVar[str] = ""  # the input that says where the others, or a number, stand in the output

    @property
    def ports(self) -> tuple[str, ...]:
        """Names of this op's outputs: "" and, where they are `numbered`, "1", "2"; `node.0` is then the first."""
        left_out = {port for port, field in self.ports_by_field.items() if not getattr(self, field)}
        return tuple(port for port in self.port_names if port not in left_out) if left_out else self.port_names

    @property
    def formed(self) -> bool:
        """Whether it can be written without a module."""
        return (bool(self.function) or type(self).expression is not Op.expression) and not self.stateful

    def reads_size(self, index: int) -> bool:
        """Whether it reads the size of its input of this number and no more of it."""
        names = () if self.variadic else self.input_names
        return index < len(names) and names[index] in self.size_inputs

    @property
    def acting(self) -> dict[str, Value]:
        """Fields as they act, the same however they are written: where a pooling has no stride, its kernel_size."""
        given: dict[str, Value] = {name: getattr(self, name) for name in type(self).model_fields}
        stand_in = {**{name: given[other] for name, other in self.none_takes.items()}, **self.none_is}
        return {name: stand_in.get(name) if value is None else value for name, value in given.items()}

    def keeps(self, port: str) -> bool:
        """Whether autograd needs this output, so that nothing may overwrite it: what `saves_output` says of all."""
        return self.saves_output

    @classmethod
    def needs(cls, given: Collection[str]) -> int:
        """How many inputs it takes at least where the fields named in `given` are written."""
        return cls.required if cls.substitutes.isdisjoint(given) else 1

    # -- rules ------------------------------------------------------------------------------------------------------

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Output shapes, one per port, of inputs that hold what the op takes.

        Raises:
            ShapeFault: their numbers are not of the kind that it takes, or their shapes do not fit.
        """
        for name, x in zip(self.input_names, xs, strict=False):
            which = f"its input {name}" if len(xs) > 1 else "its input"
            held = f"and {which} holds {HELD[x.dtype]}: {x}"
            if name in self.real and x.dtype != "float":
                raise ShapeFault("wrong-type", f"{self.name} takes fractions, {held}", help=cure_of(x.dtype))
            if name in self.numeric and x.dtype == "bool":
                raise ShapeFault("wrong-type", f"{self.name} takes numbers, {held}", help=cure_of(x.dtype))
        if not self.takes_complex and any(x.dtype == "complex" for x in xs):
            raise ShapeFault("wrong-type", f"{self.name} takes no complex numbers", help=OF_COMPLEX)
        if self.alike and len({x.dtype for x in xs}) > 1:
            held = " and ".join(HELD[x.dtype] for x in xs)
            raise ShapeFault("wrong-type", f"{self.name} takes inputs that hold the same, not {held}", help=TO_REAL)
        return self.infer(xs)

    def completed(self, xs: tuple[Shape, ...], run: Runner | None) -> "Op":
        """The op with what follows from running code, which `run` does where whoever reads the spec lets it.

        Raises:
            ShapeFault: the code does not run.
        """
        return self

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The shape rule: output shapes, one per port. Raises ShapeFault where the inputs do not fit.

        It computes with `+ - * // %` and the sizes as it gets them: emission runs it with numbers that know how they
        are written, so that code says `width * 4`. What a size becomes by `int` or `range` is not followed. `sizes`
        runs it with numbers that stand for many: they are compared, `size in (1, c)`, and not found in a set.
        """
        return (xs[0],)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Learned parameters in the module's registration order: name -> shape.

        What `holds` a tensor names it "": its key in the state_dict is the node's own path.
        """
        return {}

    def tensors_of(self, xs: tuple[Shape, ...]) -> dict[str, tuple[str, ...]]:
        """Its parameters by what `init:` calls them, which may be several together; none that cannot be set."""
        held = self.parameters(xs)
        return {name: (name,) for name in self.tensors if name in held}

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Buffers of the state_dict in the module's registration order: name -> shape; "" as for parameters."""
        return {}

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        """Arithmetic per sample; `params`, `buffers` and `activations` are filled in by `cost`."""
        return Cost()

    def cost(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        """The whole Cost of one use. Outputs that exist on demand alone are no activations here."""
        held = Cost(
            params=sum(prod(shape) for shape in self.parameters(xs).values()),
            buffers=sum(prod(shape) for shape in self.buffers(xs).values()),
            activations=sum(
                y.numel for port, y in zip(self.ports, ys, strict=True) if port not in self.ports_on_demand
            ),
        )
        return self.count(xs, ys) + held

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        """Which elements of input `index` an element of output `output` is made of, by dimension of that input."""
        return pointwise(xs[index], ys[0]) if self.pointwise else (None,) * len(xs[index].dims)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        """What autograd keeps, parameters left out, where an input `wants` a gradient or a parameter does.

        An op that writes over its input keeps a copy of that, if not its output.
        """
        if self.saves_output:
            return OUTPUT
        return Saved(made=(ys[0],)) if inplace else Saved(inputs=tuple(range(len(xs))))

    # -- PyTorch form -----------------------------------------------------------------------------------------------

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        """Arguments that PyTorch wants and the spec leaves to inference, such as `in_channels`, printed first."""
        return {}

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        """Arguments of the PyTorch forms in order: derived ones, then fields."""
        return {**self.derived(xs), **{name: getattr(self, name) for name in type(self).model_fields}}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """PyTorch's defaults by slot; a required slot is absent."""
        return {name: f.default for name, f in cls.model_fields.items() if not f.is_required()}

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        """The functional form.

        Args:
            args: the inputs; any expression.
            slots: the arguments that are not defaults, in order.
            xs: the inputs' shapes, where the form depends on them.
        """
        leading = self.leading_slots()
        count = next((i for i, name in enumerate(slots) if leading[i : i + 1] != (name,)), len(slots))
        given = list(slots.items())
        by_position = (value for _, value in given[:count])
        return Invoke(Global(self.function, self.typed), (*args, *by_position), tuple(given[count:]))

    def call(self, owner: Source, args: Sequence[Source], xs: tuple[Shape, ...]) -> Source:
        """The call of the module form.

        Args:
            owner: the module, `self.conv1`.
            args: the inputs; any expression.
            xs: the inputs' shapes, where the call depends on them.
        """
        return Invoke(owner, tuple(args))

    def unpacked(self, values: Sequence[Source]) -> tuple[Source, ...]:
        """What its call is assigned to, of a name for each port: `x, (h, c)` where torch gives a tuple in a tuple."""
        return tuple(values)

    def read(self, port: str, value: Source) -> Source:
        """How an output is read: `value` is what the call gave, and an output has its batch first."""
        return swapped(value) if port in self.batch_second else value

    def imported(self) -> tuple[str, str]:
        """Where its module's class is, and its name there, for what is not torch's: ("my_package.layers", "Block")."""
        return ("", "")

    def around(self) -> str:
        """The function that is given the module where it is made: `nn.utils.parametrizations.weight_norm`, often ""."""
        return ""

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        """The tensor that an op which `holds` one starts with: `torch.zeros(1, 1, 768)`.

        Args:
            slots: the arguments that are not defaults, in order.
        """
        raise NotImplementedError(f"{self.name} holds no tensor")

    def fill(self, tensor: Source, slots: Mapping[str, Source]) -> Source:
        """The call that fills the tensor which an op `holds`: `nn.init.zeros_(self.bias)`.

        Args:
            tensor: it, as its class names it.
            slots: the arguments that are not defaults, in order.
        """
        memory = Member(tensor, "data") if self.holds == "parameter" else tensor
        return method(memory, "copy_", self.declaration(slots))

    @classmethod
    def leading_slots(cls) -> tuple[str, ...]:
        """Slots of the functional form that may stand by position."""
        return tuple(cls.model_fields)[: cls.function_positional]

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        """What else decides how it is printed, beside its slots: uses of two forms cannot be one line of code."""
        return None

    def helpers(self) -> tuple[Helper, ...]:
        """Module-level functions that `expression` calls, and the class where `module` is none of torch's."""
        return ()

    # -- drawing ----------------------------------------------------------------------------------------------------

    def label(self) -> Label | str:
        """What a picture says on the box, kernel and stride included: `3×3 conv, 64, /2`. A title may be plain text."""
        return self.name

    def depthwise(self, xs: tuple[Shape, ...]) -> bool:
        """Whether it filters each of the input's channels by itself, which pictures say in place of the groups."""
        return False

    def letters(self, xs: tuple[Shape, ...]) -> tuple[tuple[Hashable, ...], ...]:
        """Names of the dimensions after the batch, of each input and at last of the output, where it sums products.

        A dimension that is summed over is none of the output's. `()` for what does not multiply and sum two inputs.
        """
        return ()

    def weighs(self, xs: tuple[Shape, ...]) -> int | None:
        """The dimension after the batch along which its output is weights that sum to 1; None where it gives none."""
        return None

    def scales(self) -> bool:
        """Whether it multiplies its one input by a number."""
        return False

    @property
    def caption(self) -> Label:
        """The label as a value, whichever way `label` gives it."""
        said = self.label()
        return Label(said) if isinstance(said, str) else said


def cure_of(dtype: DType) -> str:
    """What makes fractions of numbers or truth values."""
    return TO_NUMBER if dtype == "bool" else OF_COMPLEX if dtype == "complex" else TO_REAL


# Pydantic evaluates what all bases annotate again for each class, and there is nothing in it but names of class facts.
Op.__annotations__ = {}

OPS: Registry[type[Op]] = Registry("op", package="archspec.ops", index=INDEX)


def op(cls: type[Op]) -> type[Op]:
    """Class decorator that declares an op under its `name`.

    Raises:
        TypeError: a fault of the class that would give a wrong program; the message names the class and the cure.
        ValueError: the name is taken.
    """
    for fault in faults_of(cls, Op):
        raise TypeError(f"{cls.__name__} {fault}")
    if cls.view:  # what is its input's memory shares it, and autograd lets nobody write over one of several views
        cls.aliases_input = True
        cls.saves_output = cls.saves_output or cls.numbered or len(cls.port_names) > 1
    guard(cls, ShapeFault)
    return OPS.add(cls.name, cls)
