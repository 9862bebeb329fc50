"""Recording: what a module did in one run, at the level at which people write: `F.relu`, `x.flatten(1)`, a module.

Values are tensors by number; a value that is written in place gets a new number, since what it holds is another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from torch import Tensor, nn

from archspec.values.dataclass import dataclass

# Where a value comes from: from an input, from parameters only, from nothing that can change, or from chance.
Origin = Literal["data", "learned", "constant", "random"]


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor in the arguments of a call."""

    number: int

    def __repr__(self) -> str:
        """What a message calls it, which shows arguments as they were given."""
        return "a tensor"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's code."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a function of torch, or of a module that is an op.

    Attributes:
        function: its last name, `relu`; of a module, that of its class.
        args: as given, with a `Value` for each tensor.
        kwargs: likewise.
        reads: the numbers of the tensors among them.
        gives: the numbers of the tensors that it returns.
        module: the module; None for a function.
        path: where the module stands.
        sized: values whose size was asked for shortly before, the latest last.
        moved: the result is not the first input's memory as it was.
        place: where the call is written.
        target: where the function is, `torch.special:erfcx`; "" where no import finds it.
        assigned: the variables of the module's method that its results are stored in.
    """

    function: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    reads: tuple[int, ...]
    gives: tuple[int, ...]
    module: nn.Module | None = None
    path: str = ""
    sized: tuple[int, ...] = ()
    moved: bool = True
    place: Place | None = None
    target: str = ""
    assigned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A call of a module that is made of others.

    Attributes:
        path: where it stands in the root, "" for the root.
        reads: the numbers of its tensor arguments, in their order.
        gives: the numbers of the tensors that it returns.
        named: of the tensors among the arguments, the names that `forward` has for them, "" where it has none.
        plain: a call with its tensors only is the same, and it returns a tensor or a tuple of them.
        apart: of what it reads, what is one value outside of it: the number in it -> that outside.
    """

    path: str
    module: nn.Module
    items: "tuple[Item, ...]"
    reads: tuple[int, ...]
    gives: tuple[int, ...]
    named: tuple[str, ...] = ()
    plain: bool = True
    apart: Mapping[int, int] = field(default_factory=dict)


Item: TypeAlias = Call | Scope


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a value.

    Attributes:
        shape: all sizes, the batch included.
        tensor: it, or what its memory holds by now.
        held: the key of the parameter or buffer that it is, else "".
        origin: what it comes from.
    """

    shape: tuple[int, ...]
    tensor: Tensor
    held: str
    origin: Origin


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One run of a module.

    Attributes:
        top: the root's call.
        known: each value by its number.
        inputs: the numbers of the inputs.
        outputs: name -> number of each output; "" names a bare one.
        batch: the samples of the run.
        keys: those of the state_dict.
        training: the module was in training.
    """

    top: Scope
    known: tuple[Known, ...]
    inputs: tuple[int, ...]
    outputs: Mapping[str, int]
    batch: int
    keys: frozenset[str]
    training: bool = False


def calls(scope: Scope) -> Iterator[Call]:
    """Every call inside, in the order of the run."""
    for item in scope.items:
        if isinstance(item, Scope):
            yield from calls(item)
        else:
            yield item
