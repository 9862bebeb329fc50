"""Recurrent layers and their cells: L steps of E features, the batch first as everywhere, (N, L, E).

torch gives the state behind the last step as (layers, N, H), with its batch second. Here it is a value like any other,
(N, layers, H): what reads the port `hidden` or `cell` reads it transposed, and what comes in as `h0` or `c0` is
transposed on its way. `layers` counts both directions: forward and backward of layer 0, then of layer 1.

Multiply-adds are those of the products of weights with the input and with the state, at every step; the others are the
elements that go through a sigmoid or a tanh, and those written by sums and products. fvcore knows none of the layers,
which are one op for it, and counts the products of a cell.

Source: Elman, Finding structure in time (1990); Hochreiter & Schmidhuber, Long short-term memory (1997), with the
forget gate of Gers et al., Learning to forget (2000); Cho et al., Learning phrase representations (2014). The formulas
are those of torch's documentation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import PositiveInt, Probability
from archspec.ops.label import Label, Part
from archspec.ops.names import BIASES, LAYERS, RATES, STATES
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Reading
from archspec.ops.saved import Saved
from archspec.ops.sizes import help_of_batch
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Invoke, Source, Tuple, method, swapped, unswapped

HIDDEN_SIZE = Field(description="features of the state")
BIAS = Field(default=True, description="adds two learned numbers in every gate, one beside each product")
Nonlinearity = Annotated[Literal["tanh", "relu"], Field(description="what the new state goes through")]


class _Gated(Op):
    """What layers and cells have in common.

    Attributes:
        gates: products with the input, and with the state, at every step.
        curved: elements through a sigmoid or a tanh, for each feature of the state.
        joined: elements written by sums and products, for each feature of the state.
    """

    low_precision: ClassVar[bool] = True
    role: ClassVar[Role] = Role.RECURRENT
    input_names: ClassVar[tuple[str, ...]] = ("x", "h0")
    real: ClassVar[frozenset[str]] = frozenset({"x", "h0", "c0"})
    positional: ClassVar[int] = 2
    stateful: ClassVar[bool] = True
    saves_output: ClassVar[bool] = True

    gates: ClassVar[int] = 1
    curved: ClassVar[int] = 1
    joined: ClassVar[int] = 1
    kept: ClassVar[int] = 0  # numbers of a step that autograd keeps beside input and output, in states

    hidden_size: Annotated[PositiveInt, STATES] = HIDDEN_SIZE

    def require(self, xs: tuple[Shape, ...], layout: str, states: tuple[Shape, ...]) -> None:
        """Raises ShapeFault where the input has not this layout, or a state that is given is none of `states`."""
        x, rank = xs[0], layout.count("x")
        if not x.batch or len(x.dims) != rank:
            raise ShapeFault("rank-mismatch", f"{self.name} needs {layout}, not {x}", help=help_of_batch(x, rank - 1))
        if len(xs) not in (1, len(self.input_names)):
            raise ShapeFault("missing-input", f"{self.name} takes both h0 and c0, or none of them")
        for name, given, wanted in zip(self.input_names[1:], xs[1:], states, strict=False):
            if (given.dims, given.batch) != (wanted.dims, wanted.batch):
                raise ShapeFault("shape-mismatch", f"{self.name} needs {wanted} as its {name}, not {given}")

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"input_size": xs[0].dims[-1]}

    def stepped(self, features: int, state: int) -> Cost:
        """One step of one sample, from an input of `features` and a state of `state` features."""
        size = self.hidden_size
        macs = self.gates * size * (features + state) + (size * state if state != size else 0)
        return Cost(macs=macs, activation=self.curved * size, elementwise=self.joined * size)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        steps = prod(xs[0].dims[:-1]) * self.hidden_size * self.kept
        return Saved(inputs=(0,), outputs=(0,), made=(Shape((steps,), xs[0].batch),) if steps else ())


# -- layers -----------------------------------------------------------------------------------------------------------


class Recurrent(_Gated):
    """A stack of recurrent layers over a sequence."""

    port_names: ClassVar[tuple[str, ...]] = ("", "hidden")
    batch_second: ClassVar[frozenset[str]] = frozenset({"hidden", "cell"})
    sequential: ClassVar[bool] = False
    tensors: ClassVar[tuple[str, ...]] = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    families: ClassVar[bool] = True
    options_elsewhere: ClassVar[Mapping[str, str]] = {
        "return_sequences": "the op gives every step; the state behind the last is its output `hidden`",
        "return_state": "read its output `hidden`, or `cell`",
        "go_backwards": "put a flip before it; bidirectional: true reads both ways",
        "recurrent_dropout": "dropout stands between layers here",
    }
    # States for each step that are there besides at the peak of inference, and of training; in one direction, in two.
    held: ClassVar[tuple[int, int]] = (0, 0)
    held_forward: ClassVar[tuple[int, int]] = (0, 0)

    num_layers: Annotated[PositiveInt, LAYERS] = Field(
        default=1, description="layers, each reading the sequence that the last gives"
    )
    bias: Annotated[bool, BIASES] = BIAS
    batch_first: Literal[True] = Field(
        default=True, description="values have their batch first; false, PyTorch's own default, would have it second"
    )
    dropout: Annotated[Probability, RATES] = Field(
        default=0.0, description="probability of a zero between layers, in training"
    )
    bidirectional: bool = Field(default=False, description="reads backward, too, and gives both side by side")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        if self.dropout and self.num_layers == 1:
            message = f"dropout {self.dropout:g} has no meaning with one layer: it stands between layers"
            raise ShapeFault("bad-option", message, field="dropout")
        layers = self.num_layers * self.directions()
        states = tuple(Shape((layers, size), x.batch) for size in self.state_sizes())
        self.require(xs, "N x L x E", states)
        return (Shape((x.dims[0], states[0].dims[1] * self.directions()), x.batch), *states)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE,) * len(xs[index].dims)

    def directions(self) -> int:
        """How often each layer reads the sequence."""
        return 2 if self.bidirectional else 1

    def state_sizes(self) -> tuple[int, ...]:
        """The features of each state: of the hidden one first, which is what the layer gives."""
        return (self.hidden_size,)

    def tensors_of(self, xs: tuple[Shape, ...]) -> dict[str, tuple[str, ...]]:
        held = self.parameters(xs)
        made = {kind: tuple(f"{kind}_{suffix}" for suffix in self.suffixes()) for kind in self.tensors}
        return {kind: names for kind, names in made.items() if names[0] in held}

    def suffixes(self) -> tuple[str, ...]:
        """What the names of the parameters of each layer and direction end in."""
        ways = ("", "_reverse")[: self.directions()]
        return tuple(f"l{layer}{way}" for layer in range(self.num_layers) for way in ways)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        rows, state = self.gates * self.hidden_size, self.state_sizes()[0]
        made: dict[str, tuple[int, ...]] = {}
        for layer in range(self.num_layers):
            features = state * self.directions() if layer else xs[0].dims[1]
            for suffix in (f"l{layer}", f"l{layer}_reverse")[: self.directions()]:
                made |= {f"weight_ih_{suffix}": (rows, features), f"weight_hh_{suffix}": (rows, state)}
                made |= {f"bias_ih_{suffix}": (rows,), f"bias_hh_{suffix}": (rows,)} if self.bias else {}
                made |= {f"weight_hr_{suffix}": (state, self.hidden_size)} if state != self.hidden_size else {}
        return made

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        x, state = xs[0], self.state_sizes()[0]
        first, further = self.stepped(x.dims[1], state), self.stepped(state * self.directions(), state)
        steps = x.batch * x.dims[0] * self.directions()
        return _times(first, steps) + _times(further, steps * (self.num_layers - 1))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        # A loop over the steps, where it is no kernel: each direction brings its input to (L, N, E), which copies it.
        ways, layer = self.directions(), ys[0]
        steps = Shape((prod(layer.dims) * self.kept,), layer.batch)
        return Saved(made=(*xs[:1] * ways, *[steps] * self.num_layers, *[layer] * (self.num_layers - 1)))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        # The gates of all steps before their bias is added and after, or the steps one by one and as one.
        return (self._steps(xs, self.held),)

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return (self._steps(xs, self.held_forward),)

    def _steps(self, xs: Shapes, states: tuple[int, int]) -> Shape:
        held = prod(xs[0].dims[:-1]) * self.hidden_size * states[self.directions() - 1]
        return Shape((held,), xs[0].batch)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {**super().defaults(), "batch_first": False}

    def unpacked(self, values: Sequence[Source]) -> tuple[Source, ...]:
        output, *states = values
        return (output, states[0] if len(states) == 1 else Tuple(tuple(states)))

    def call(self, owner: Source, args: Sequence[Source], xs: tuple[Shape, ...]) -> Source:
        x, *states = args
        return Invoke(owner, (x, *_together(tuple(map(_with_batch_second, states)))))

    def title(self) -> str:
        """What pictures call it."""
        return self.name.upper()

    def label(self) -> Label:
        layers = Part("num_layers", str(self.num_layers), "layers", unit="layers", unsaid="1")
        ways = f"{self.directions()}×" if self.bidirectional else ""
        size = Part("hidden_size", str(self.hidden_size), "hidden size", sign=ways, unit="hidden")
        title = f"bidirectional {self.title()}" if self.bidirectional else self.title()
        return Label(title, (size, *([layers] if self.num_layers > 1 else [])))


@op
class LSTM(Recurrent):
    """Long short-term memory over a sequence: (N, L, E) -> (N, L, D * H), and its states `hidden` and `cell`.

    D is 2 where it is bidirectional. The states are (N, num_layers * D, H), as `h0` and `c0` are that it starts from.
    Source: Hochreiter & Schmidhuber, Long short-term memory (1997).
    """

    name: ClassVar[str] = "lstm"
    module: ClassVar[str] = "nn.LSTM"
    input_names: ClassVar[tuple[str, ...]] = ("x", "h0", "c0")
    port_names: ClassVar[tuple[str, ...]] = ("", "hidden", "cell")
    gates: ClassVar[int] = 4
    curved: ClassVar[int] = 5
    joined: ClassVar[int] = 8

    proj_size: Annotated[int, Field(ge=0)] = Field(
        default=0, description="features that the hidden state is projected to at every step; 0 does not project"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if self.proj_size >= self.hidden_size:
            message = f"proj_size {self.proj_size} is not smaller than hidden_size {self.hidden_size}"
            raise ShapeFault("bad-option", message, field="proj_size")
        return super().infer(xs)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        # One kernel for each layer and direction. Two directions are put together: what the next layer reads is kept.
        layer, apart = ys[0], self.directions() > 1
        made = [*xs[:1], *[layer] * (self.num_layers - 1) * (1 + apart), *[layer] * apart]
        states = Shape((4 * self.num_layers * self.directions() * self.hidden_size,), xs[0].batch)
        return Saved(outputs=() if apart else (0,), made=(*made, states))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        # The input as (L, N, E), directions and layers as they are read, states before the steps and behind them.
        states = Shape((2 * (2 + self.num_layers) * self.directions() * self.hidden_size,), xs[0].batch)
        return *xs[:1], states, *ys[:1] * (self.directions() > 1), *ys[:1] * (self.num_layers > 1)

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return ()

    def state_sizes(self) -> tuple[int, ...]:
        return (self.proj_size or self.hidden_size, self.hidden_size)

    def label(self) -> Label:
        label = super().label()
        ways = f"{self.directions()}×" if self.bidirectional else ""
        projected = Part("proj_size", str(self.proj_size), "projection", word="to", sign=ways)
        return replace(label, parts=(*label.parts, projected)) if self.proj_size else label


@op
class GRU(Recurrent):
    """Gated recurrent units over a sequence: (N, L, E) -> (N, L, D * H), and the state `hidden`.

    D is 2 where it is bidirectional. The state is (N, num_layers * D, H), as `h0` is that it starts from.
    Source: Cho et al., Learning phrase representations using RNN encoder-decoder (2014).
    """

    name: ClassVar[str] = "gru"
    module: ClassVar[str] = "nn.GRU"
    gates: ClassVar[int] = 3
    curved: ClassVar[int] = 3
    joined: ClassVar[int] = 7
    kept: ClassVar[int] = 7
    held: ClassVar[tuple[int, int]] = (5, 9)
    held_forward: ClassVar[tuple[int, int]] = (3, 5)


@op
class RNN(Recurrent):
    """A plain recurrent layer over a sequence: (N, L, E) -> (N, L, D * H), and the state `hidden`.

    D is 2 where it is bidirectional. The state is (N, num_layers * D, H), as `h0` is that it starts from.
    Source: Elman, Finding structure in time (1990).
    """

    name: ClassVar[str] = "rnn"
    module: ClassVar[str] = "nn.RNN"
    kept: ClassVar[int] = 1
    held: ClassVar[tuple[int, int]] = (2, 5)
    held_forward: ClassVar[tuple[int, int]] = (1, 3)

    nonlinearity: Nonlinearity = "tanh"

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return *super().scratch(xs, ys), *ys[:1] * (self.num_layers > 1)


# -- cells ------------------------------------------------------------------------------------------------------------


class Cell(_Gated):
    """One step of one recurrent layer; without a state it starts from zeros."""

    tensors: ClassVar[tuple[str, ...]] = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

    bias: Annotated[bool, BIASES] = BIAS

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        states = (Shape((self.hidden_size,), xs[0].batch),) * len(self.input_names[1:])
        self.require(xs, "N x E", states)
        return states

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE,) * len(xs[index].dims)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        rows = self.gates * self.hidden_size
        weights: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, xs[0].dims[0]),
            "weight_hh": (rows, self.hidden_size),
        }
        return {**weights, "bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else weights

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        step = _times(self.stepped(xs[0].dims[0], self.hidden_size), xs[0].batch)
        return step + Cost(fvcore=step.macs)

    def call(self, owner: Source, args: Sequence[Source], xs: tuple[Shape, ...]) -> Source:
        x, *states = args
        return Invoke(owner, (x, *_together(tuple(states))))

    def label(self) -> Label:
        title = f"{self.name.partition('_')[0].upper()} cell"
        return Label(title, (Part("hidden_size", str(self.hidden_size), "hidden size", unit="hidden"),))


@op
class LSTMCell(Cell):
    """One step of long short-term memory: (N, E), and `h0` and `c0` (N, H) -> (N, H), and the state `cell`.

    Source: Hochreiter & Schmidhuber, Long short-term memory (1997).
    """

    name: ClassVar[str] = "lstm_cell"
    module: ClassVar[str] = "nn.LSTMCell"
    sequential: ClassVar[bool] = False
    input_names: ClassVar[tuple[str, ...]] = ("x", "h0", "c0")
    port_names: ClassVar[tuple[str, ...]] = ("", "cell")
    gates: ClassVar[int] = 4
    curved: ClassVar[int] = 5
    joined: ClassVar[int] = 8
    kept: ClassVar[int] = 6


@op
class GRUCell(Cell):
    """One step of gated recurrent units: (N, E), and `h0` (N, H) -> (N, H).

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder (2014).
    """

    name: ClassVar[str] = "gru_cell"
    module: ClassVar[str] = "nn.GRUCell"
    gates: ClassVar[int] = 3
    curved: ClassVar[int] = 3
    joined: ClassVar[int] = 7
    kept: ClassVar[int] = 6


@op
class RNNCell(Cell):
    """One step of a plain recurrent layer: (N, E), and `h0` (N, H) -> (N, H).

    Source: Elman, Finding structure in time (1990).
    """

    name: ClassVar[str] = "rnn_cell"
    module: ClassVar[str] = "nn.RNNCell"

    nonlinearity: Nonlinearity = "tanh"


def _times(cost: Cost, count: int) -> Cost:
    return Cost(macs=cost.macs * count, activation=cost.activation * count, elementwise=cost.elementwise * count)


def _together(states: tuple[Source, ...]) -> tuple[Source, ...]:
    """The states as one argument: none, the only one, or a tuple of them."""
    return states if len(states) < 2 else (Tuple(states),)


def _with_batch_second(state: Source) -> Source:
    """A state as torch takes it, which has to lie in one piece there, as one that a layer gave does."""
    given = unswapped(state)
    return method(swapped(state), "contiguous") if given is None else given
