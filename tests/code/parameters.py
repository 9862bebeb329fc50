"""Constructor parameters, tried: `Net(p=v)` beside the source for `--set p=v`, for every network there is.

    python tests/code/parameters.py                  a table for the gallery and all cases
    python tests/code/parameters.py resnet source/f  for these only

A value is tried that the spec takes. What is compared: the state_dict by names and shapes, every module's settings,
the shape of each output, all on the meta device; and, where asked, the numbers of the outputs on the CPU.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from archspec.code.build import program
from archspec.code.pytorch import source
from archspec.diagnostics.diagnostic import SpecError
from archspec.graph.graph import Param
from archspec.graph.network import Network
from archspec.pipeline import load_network
from archspec.runtime.build import load_source
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.values.expression import Value

REFUSALS = (RuntimeError, TypeError, ValueError, AttributeError, NameError, IndexError, KeyError, ArithmeticError)
CASES = Path(__file__).parent / "cases"

State = dict[str, tuple[int, ...]]
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Emitted:
    """A network's class, live, and its constructor's parameters with the values that they have."""

    network: Network
    kind: type[nn.Module]
    parameters: Mapping[str, Value]

    def make(self, device: str, **given: Value) -> nn.Module:
        """An instance in eval mode. Raises whatever the constructor does."""
        torch.manual_seed(0)
        with torch.device(device):
            return self.kind(**given).eval()


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one constructor parameter; `outcome` is "equal", "differs", "refused by ..." or "untried"."""

    name: str
    value: Value
    outcome: str
    told: str = ""

    @property
    def lies(self) -> bool:
        """Whether the constructor takes the value and does not do what the spec does with it."""
        return self.outcome not in ("equal", "refused by both", "untried")


@dataclass(frozen=True, slots=True)
class Tried:
    """A network, its constructor's parameters, and its spec's params that are none, each with the reason."""

    name: str
    trials: tuple[Trial, ...]
    lost: tuple[tuple[str, str], ...]


def names() -> list[str]:
    """Every case as KIND/NAME, and every network of the gallery, one variant of each structure."""
    from tests.gallery.networks import representatives

    return [
        *sorted(path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.yaml")),
        *representatives(),
    ]


def load(name: str, settings: Mapping[str, Value] | None = None) -> Network:
    """A case, a file or a network of the gallery, with values for some of its params. Raises SpecError."""
    path = CASES / f"{name}.yaml"
    return load_network(path if path.exists() else name, settings=settings)


def emitted(network: Network) -> Emitted:
    """The class of a network. Raises what a file that is no Python raises."""
    made = program(network)
    own = made.classes[-1]
    kind: type[nn.Module] = getattr(load_source(source(made)), own.name)
    held = {one.name: network.params.get(one.name) for one in own.parameters}
    return Emitted(network, kind, held)


def values(value: Value, param: Param | None) -> Iterator[Value]:
    """Other values for a param, the likeliest to be taken first."""
    match value:
        case bool():
            yield not value
        case int():
            others = (2 * value, value + 1, value - 1, value // 2, 3 * value, value + 2)
            yield from (other for other in others if other > 0)
        case float():
            yield from (value / 2, value + 0.25, 0.5)
        case tuple():
            for i, item in enumerate(value):
                for other in values(item, None):
                    yield (*value[:i], other, *value[i + 1 :])
            yield value[:-1]


def tried(name: str, *, numbers: bool = False) -> Tried:
    """Tries every constructor parameter of a network. Linear in the network's size times its parameters."""
    plain = emitted(load(name))
    params = {param.name: param for param in plain.network.graph.scopes[""].definition.params}
    trials = tuple(
        trial
        for parameter, held in plain.parameters.items()
        for trial in _trials(name, plain, parameter, held, params.get(parameter), numbers=numbers)
    )
    lost = tuple(
        (param.name, _why(param, plain.network.params[param.name]))
        for param in params.values()
        if param.name not in plain.parameters
    )
    return Tried(name, trials, lost)


def _why(param: Param, value: Value) -> str:
    """Why a param is no parameter, as far as its declaration says it."""
    if param.varied:
        return "a variant sets it"
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "no number"
    return "not followed"


def _trials(
    name: str, plain: Emitted, parameter: str, held: Value, param: Param | None, *, numbers: bool
) -> list[Trial]:
    """Two values that the spec takes, and those that it refuses on the way."""
    made: list[Trial] = []
    for value in values(held, param):
        if value == held or value in [one.value for one in made]:
            continue
        trial = _trial(name, plain, parameter, value, numbers=numbers)
        made.append(trial)
        if sum(one.outcome in ("equal", "differs") for one in made) == 2:
            break
    kept = [one for one in made if one.outcome != "refused by both"]
    return kept or made[:1] or [Trial(parameter, held, "untried")]


def _trial(name: str, plain: Emitted, parameter: str, value: Value, *, numbers: bool) -> Trial:
    try:
        wanted = emitted(load(name, {parameter: value}))
    except SpecError:
        try:
            _shapes(plain.make("meta", **{parameter: value}), plain.network)
        except REFUSALS:
            return Trial(parameter, value, "refused by both")
        return Trial(parameter, value, "refused by the spec only")
    try:
        told = _difference(plain, wanted, parameter, value, numbers=numbers)
    except REFUSALS as error:
        return Trial(parameter, value, "refused by the class only", f"{type(error).__name__}: {error}"[:100])
    return Trial(parameter, value, "differs" if told else "equal", told)


def _difference(plain: Emitted, wanted: Emitted, parameter: str, value: Value, *, numbers: bool) -> str:
    """What differs between `Net(parameter=value)` and the network of that value; "" where nothing does."""
    ours, theirs = plain.make("meta", **{parameter: value}), wanted.make("meta")
    a, b = _state(ours), _state(theirs)
    if a != b:
        key = next((key for key in {**a, **b} if a.get(key) != b.get(key)), "the order")
        return f"{key}: {a.get(key)} for {b.get(key)}"
    if repr(ours) != repr(theirs):
        pairs = zip(repr(ours).splitlines(), repr(theirs).splitlines(), strict=False)
        return next((f"{one.strip()} for {other.strip()}" for one, other in pairs if one != other), "other modules")
    shapes, right = _shapes(ours, wanted.network), _shapes(theirs, wanted.network)
    if shapes != right:
        return f"{shapes} for {right}"
    return _numbers_differ(plain, wanted, {parameter: value}) if numbers else ""


def _state(module: nn.Module) -> State:
    return {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}


def _shapes(module: nn.Module, network: Network) -> Shapes:
    with torch.no_grad():
        outputs = named_outputs(module(*random_inputs(network, batch=2, device="meta")))
    return {name: tuple(output.shape) for name, output in outputs.items()}


def _numbers_differ(plain: Emitted, wanted: Emitted, given: Mapping[str, Value]) -> str:
    """Whether the outputs differ, in inference and, from one seed, in training."""
    ours, theirs = plain.make("cpu", **given), wanted.make("cpu")
    ours.load_state_dict(theirs.state_dict())
    for training in (False, True):
        a, b = (_run(module.train(training), wanted.network) for module in (ours, theirs))
        if any(not torch.equal(a[name], b[name]) for name in b):
            return f"the numbers in {'training' if training else 'inference'}"
    return ""


def _run(module: nn.Module, network: Network) -> dict[str, Tensor]:
    torch.manual_seed(1)
    with torch.no_grad():
        return dict(named_outputs(module(*random_inputs(network, batch=2))))


def table(wanted: list[str]) -> Iterator[str]:
    """A line for each parameter, and for each param that is none."""
    for name in wanted:
        try:
            found = tried(name)
        except (SpecError, SyntaxError, TypeError, ValueError, NameError, AttributeError) as error:
            yield f"{name:44} no class: {type(error).__name__}"
            continue
        for trial in found.trials:
            yield f"{name:44} {trial.name}={trial.value!r:<12} {trial.outcome}  {trial.told}"
        for param, why in found.lost:
            yield f"{name:44} {param:<20} lost: {why}"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    for line in table(sys.argv[1:] or names()):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
