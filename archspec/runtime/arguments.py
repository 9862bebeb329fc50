"""Arguments of a network's class, tried: `Net(p=v)` beside the class that the spec gives with `--set p=v`.

The spec is expanded again with the other value, and emitted again. What must be equal, both made on the meta device:
the state_dict by keys and shapes, every module's settings, and the shape of each output. Of a network that is not too
large, the outputs are equal too, made on the CPU from one state.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from operator import attrgetter
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from archspec.code.build import program
from archspec.code.program import Program
from archspec.code.pytorch import source
from archspec.diagnostics.diagnostic import SpecError
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.ops.op import OPS, Op
from archspec.runtime.beside import same
from archspec.runtime.build import load_source
from archspec.runtime.compare import randomise, state_dict_differences
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.runtime.frozen import learning
from archspec.runtime.interpret import equal_draws
from archspec.runtime.outcome import first_line
from archspec.runtime.starts import Fills
from archspec.runtime.starts import made as made_by
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape

With: TypeAlias = Callable[[Mapping[str, Value]], Network]
Outcome: TypeAlias = Literal[
    "equal",
    "differs",
    "refused by the class only",
    "refused by the spec only",
    "refused by both",
    "another length",
    "untried",
]

WRONG: tuple[Outcome, ...] = ("differs", "refused by the class only")
JUDGED: tuple[Outcome, ...] = ("equal", *WRONG)


@dataclass(frozen=True, slots=True)
class Emitted:
    """A network's class, live.

    Attributes:
        network: that it was made from.
        kind: the class.
        arguments: what its constructor takes -> the spec's param that it is.
    """

    network: Network
    kind: type[nn.Module]
    arguments: Mapping[str, str]

    def make(self, device: str, **given: Value) -> nn.Module:
        """An instance in eval mode; ops are given as their modules. Raises whatever the constructor does."""
        torch.manual_seed(0)
        with torch.device(device):
            return self.kind(**{name: self._live(value) for name, value in given.items()}).eval()

    def _live(self, value: Value) -> object:
        """A value as the constructor takes it. Raises AttributeError for an op whose class the file does not have."""
        if not isinstance(value, str):
            return value
        return attrgetter(OPS[value]().module)(sys.modules[self.kind.__module__])


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one value of one argument.

    Attributes:
        name: of the argument.
        value: that it was given.
        outcome: "untried" where torch takes the network of this value in no form; "another length" where the class
            says itself that a list has to have as many items as something else.
        told: what differs, or why the class refuses it.
    """

    name: str
    value: Value
    outcome: Outcome
    told: str = ""


def emitted(network: Network) -> Emitted:
    """The class that a network is emitted as. Raises what a file that is no Python raises."""
    made = program(network)
    kind: type[nn.Module] = getattr(load_source(source(made)), made.name)
    return Emitted(network, kind, _arguments(made))


def arguments(network: Network) -> dict[str, str]:
    """What the constructor of a network's class takes -> the spec's param that it is."""
    return _arguments(program(network))


def _arguments(made: Program) -> dict[str, str]:
    return {one.name: one.told for one in made.classes[-1].parameters}


def others(value: Value) -> Iterator[Value]:
    """Other values for a param, the likeliest to be taken first."""
    match value:
        case bool():
            yield not value
        case int():
            made = (2 * value, value + 1, value - 1, value // 2, 3 * value, value + 2)
            yield from (other for other in dict.fromkeys(made) if other > 0 and other != value)
        case float():
            yield from (other for other in (value / 2, value + 0.25, 0.5) if other != value)
        case str() if value in OPS:
            yield from _akin(value)
        case tuple():
            yield from _other_lists(value)


def _other_lists(value: tuple[Value, ...]) -> Iterator[Value]:
    """Lists beside one: with other items, one longer, one shorter, turned round, and of one item."""
    if not value or not all(isinstance(item, int | float) for item in value):
        return
    each = [next(others(item), item) for item in value]
    last = next(others(value[-1]), value[-1])
    made = (tuple(each), (*value, last), value[:-1], value[::-1], (*value[:-1], last), value[:1], (*value, *each))
    yield from (other for other in dict.fromkeys(made) if other != value)


def _akin(name: str) -> Iterator[str]:
    """Modules of the same file as an op that keep sizes and need no settings either: each may stand for the other."""
    x = Shape((4, 4))
    for other in vars(sys.modules[OPS[name].__module__]).values():
        if not (isinstance(other, type) and issubclass(other, Op) and other.name in OPS) or other.name == name:
            continue
        if any(field.is_required() for field in other.model_fields.values()) or not other.pointwise:
            continue
        if other().infer((x,)) == (x,):
            yield other.name


def trial(made: Emitted, at: With, name: str, value: Value, *, most_work: float = 0) -> Trial:
    """What comes of one argument at one value.

    Args:
        made: the class.
        at: gives the network at other values of its spec's params.
        name: of the argument.
        value: another one than it has.
        most_work: compare what the outputs hold too, on the CPU, in inference and in training, of a network with fewer
            multiply-adds a sample, and parameters.
    """
    given = {name: value}
    try:
        network = at({made.arguments[name]: value})
    except SpecError:
        refused = isinstance(_shapes(lambda: made.make("meta", **given), made.network), Exception)
        return Trial(name, value, "refused by both" if refused else "refused by the spec only")
    try:
        wanted = emitted(network)
        theirs, right_fills = made_by(lambda: wanted.make("meta"))
    except Exception:  # noqa: BLE001  the network of this value has no class, and a proof of its own says so
        return Trial(name, value, "untried")
    try:
        ours, fills = made_by(lambda: made.make("meta", **given))
    except Exception as error:  # noqa: BLE001  whatever it raises is the finding
        if isinstance(error, ValueError) and length(value) != length(made.network.params[made.arguments[name]]):
            return Trial(name, value, "another length", _said(error))
        return Trial(name, value, "refused by the class only", _said(error))
    right, found = _shapes(lambda: theirs, network), _shapes(lambda: ours, network)
    told = next(_differences(ours, theirs), "") or next(_fill_differences(fills, right_fills), "")
    if not told and isinstance(found, Exception):
        outcome: Outcome = "untried" if isinstance(right, Exception) else "refused by the class only"
        return Trial(name, value, outcome, _said(found))
    if not told and found != right:
        told = f"outputs: {found}, the spec's are {right}"
    if not told and _work(network) < most_work:
        told = next(_numbers(made.make("cpu", **given), wanted), "")
    return Trial(name, value, "differs" if told else "equal", told)


def _work(network: Network) -> int:
    """Multiply-adds of a sample, or parameters where there are more of these."""
    inference, training = totals(network)
    whole = inference + training
    return max(whole.macs, whole.params)


def length(value: Value) -> int | None:
    """How many items a list has; None for what is none."""
    return len(value) if isinstance(value, tuple) else None


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {first_line(error)}"


def _shapes(make: Callable[[], nn.Module], network: Network) -> dict[str, tuple[int, ...]] | Exception:
    """The shapes of a module's outputs on the meta device, at batch 2; or why torch cannot make it or run it."""
    try:
        with torch.no_grad():
            outputs = named_outputs(make()(*random_inputs(network, batch=2, device="meta")))
    except Exception as error:  # noqa: BLE001  which of two modules stops is what is asked
        return error
    return {name: tuple(output.shape) for name, output in outputs.items()}


def _differences(ours: nn.Module, theirs: nn.Module) -> Iterator[str]:
    """How two modules differ in what they hold and in how their layers are set.

    A class that is made for one value may leave out, or write as a function, what another keeps as a layer without
    state: `nn.Identity` where a condition does not hold.
    """
    yield from state_dict_differences(ours, theirs, whose="the spec's")
    for name in sorted(learning(ours) ^ learning(theirs)):
        yield f"{name} learns in one and not in the other"
    layers = {path: module for path, module in theirs.named_modules() if not any(module.children())}
    for path, one in ours.named_modules():
        other = layers.get(path)
        if other is None or any(one.children()):
            continue
        said, right = (f"{type(module).__name__}({module.extra_repr()})" for module in (one, other))
        if said != right:
            yield f"{path}: {said}, the spec's is {right}"


def _fill_differences(ours: Fills, theirs: Fills) -> Iterator[str]:
    """How two constructors differ in what they fill tensors with, in the order in which they do."""
    for (_, mine), (_, right) in zip_longest(ours.done, theirs.done, fillvalue=(0, "nothing")):
        if mine != right:
            yield f"a tensor starts by {mine}, the spec's by {right}"


def _numbers(ours: nn.Module, wanted: Emitted) -> Iterator[str]:
    """Whether the outputs differ from one state, in inference and, with equal draws, in training."""
    theirs = wanted.make("cpu")
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict())
    for training in (False, True):
        right, found = (_run(module.train(training), wanted.network) for module in (theirs, ours))
        if not right:
            continue
        if found.keys() != right.keys() or not all(same(right[name], found[name]) for name in right):
            yield f"the numbers in {'training' if training else 'inference'}"


def _run(module: nn.Module, network: Network) -> dict[str, Tensor]:
    """The outputs at batch 2; none where torch refuses it, as in training a batch norm over one value."""
    try:
        with torch.no_grad(), equal_draws():
            return named_outputs(module(*random_inputs(network, batch=2)))
    except Exception:  # noqa: BLE001  which of two modules stops is what is asked
        return {}
