"""The emitted source beside the network run node by node: every output must be equal, but for the last bits.

In eval and in training mode, at batches of 1 and 2, and at other input sizes that the spec's ops allow.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

import torch
from torch import Tensor, nn

from archspec.code.counted import ended
from archspec.code.followed import items_of
from archspec.diagnostics.diagnostic import SpecError
from archspec.graph.graph import Graph
from archspec.graph.network import Network
from archspec.graph.walk import children
from archspec.language.expression.symbolic import names
from archspec.pipeline import Reading
from archspec.runtime.attributes import state_shapes
from archspec.runtime.compare import equal, parts, randomise
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.runtime.interpret import Pass, equal_draws, interpret
from archspec.runtime.outcome import first_line
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal, Value

Sizes: TypeAlias = Mapping[str, tuple[int, ...]]
Resize: TypeAlias = Callable[[Sizes], Network]

# Added to the first and to the further dimensions of space. Two that differ tell height from width; odd ones meet what
# is rounded, those of 32 what halves five times.
STEPS = ((1, 3), (32, 64), (2, 4), (16, 0), (64, 32), (8, 24), (0, 32), (-32, 0), (0, -16))
WANTED = 2  # other sizes that are tried


LAST_BITS = 64  # units of rounding, of the largest value


@dataclass(frozen=True, slots=True)
class Side:
    """How the two are compared.

    Attributes:
        network: at the size of the inputs.
        module: the emitted one, made at the declared size.
        batch: how many samples.
        training: in training mode.
    """

    network: Network
    module: nn.Module
    batch: int
    training: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one pass of both found.

    Attributes:
        faults: what differs, one line each.
        refused: why torch takes this network at this batch in neither form, "" where it does.
    """

    faults: tuple[str, ...] = ()
    refused: str = ""


def compare(side: Side, device: str, dtype: torch.dtype) -> Comparison:
    """One pass of the module, and one node by node, from the same state, inputs and random numbers."""
    inputs = random_inputs(side.network, batch=side.batch, device=device, dtype=dtype)
    named = dict(zip(side.network.graph.inputs, (x.clone() for x in inputs), strict=True))
    state = {key: value.clone() for key, value in side.module.state_dict().items()}
    found = _ran(lambda: interpret(side.network, state, named, training=side.training, dtype=dtype))
    given = _ran(lambda: side.module.train(side.training)(*inputs))
    match found, given:
        case Exception(), Exception() if type(found) is type(given):
            return Comparison(refused=first_line(found))
        case _, Exception():
            return Comparison((f"the source stops with {type(given).__name__}: {first_line(given)}",))
        case KeyError(args=(key,)), _:
            return Comparison((f"the state has no {key}",))
        case Exception(), _:
            return Comparison((f"the graph stops with {type(found).__name__}: {first_line(found)}",))
        case Pass(), _:
            outputs = _differing(found.outputs, named_outputs(given))
            return Comparison((*outputs, *_moved(found.state, side.module.state_dict())))
    raise TypeError(f"a pass gave {found}")


def refuses(side: Side, device: str, dtype: torch.dtype) -> bool:
    """Whether torch refuses one of the ops in a pass node by node."""
    inputs = random_inputs(side.network, batch=side.batch, device=device, dtype=dtype)
    named = dict(zip(side.network.graph.inputs, inputs, strict=True))
    state = side.module.state_dict()
    return isinstance(
        _ran(lambda: interpret(side.network, state, named, training=side.training, dtype=dtype)), Exception
    )


def with_random_state(module: nn.Module) -> nn.Module:
    """The module with no weight left at a value that hides something, such as zero."""
    randomise(module)
    return module


def other_sizes(network: Network, at: Resize) -> Iterator[Network]:
    """The network at other sizes of its inputs, where it is the same one: the same nodes, the same state.

    How often a loop calls one module may follow from a size, so those nodes may be more or fewer.

    A size that the spec writes with a param stays: at another one, the param would have another value.
    """
    declared = {id: network.shapes[id][0].dims for id in network.graph.inputs}
    free = {id: _free(network, id) for id in declared}
    nodes, state, tried = _lasting(network.graph), state_shapes(network), [declared]
    for steps in STEPS:
        for grow in (_as_images, _as_tokens):
            sizes = {
                id: tuple(
                    other if moves else size
                    for size, other, moves in zip(dims, grow(dims, steps), free[id], strict=True)
                )
                for id, dims in declared.items()
            }
            if sizes in tried or any(size < 1 for dims in sizes.values() for size in dims):
                continue
            tried.append(sizes)
            try:
                other = at(sizes)
            except SpecError:
                continue
            if _lasting(other.graph) == nodes and state_shapes(other) == state:
                yield other
                break


def _lasting(graph: Graph) -> tuple[str, ...]:
    """The nodes outside of what calls one module again and again and gives what the last call does."""
    turning = (scope for scope in graph.scopes.values() if scope.definition.shares and ended(scope))
    alike = (scope for scope in turning if not any(part.site.apart for part in children(graph, scope)))
    inside = tuple(f"{scope.id}/" for scope in alike)
    return tuple(id for id in graph.nodes if not id.startswith(inside))


def said_by_params(network: Network) -> bool:
    """Whether params say sizes of inputs, which `other_sizes` leaves as they are."""
    return not all(all(_free(network, id)) for id in network.graph.inputs)


def at_other_values(network: Network, at: Reading, settings: Mapping[str, Value]) -> Network:
    """The network at other values of params: sizes that were asked for stay, but for those that params say.

    Raises:
        SpecError: the spec does not take them.
    """
    if not at.inputs:
        return at({}, settings)
    declared = replace(at, inputs={})({}, settings)
    sizes = {
        id: tuple(
            size if stays else said
            for size, said, stays in zip(
                network.shapes[id][0].dims, declared.shapes[id][0].dims, _free(network, id), strict=True
            )
        )
        for id in network.graph.inputs
    }
    return at(sizes, settings)


def _free(network: Network, id: str) -> list[bool]:
    """Which sizes of an input no param says."""
    dims, written = network.shapes[id][0].dims, network.graph.nodes[id].site.exprs.get("shape")
    items = items_of(written, len(dims)) if written is not None else map(Literal, dims)
    return [not names(item) for item in items]


def _as_images(dims: tuple[int, ...], steps: tuple[int, int]) -> tuple[int, ...]:
    """Channels first: (C, H, W), (C, L)."""
    return (*dims[:1], *(size + steps[min(place, 1)] for place, size in enumerate(dims[1:])))


def _as_tokens(dims: tuple[int, ...], steps: tuple[int, int]) -> tuple[int, ...]:
    """Features last, or numbers of tokens: (L, E), (L,)."""
    if len(dims) == 1:
        return (dims[0] + steps[0],)
    return (*(size + steps[min(place, 1)] for place, size in enumerate(dims[:-1])), *dims[-1:])


def _ran(make: Callable[[], object]) -> object:
    """What it gives, or the exception that it ends with: which of two passes stops is what is asked."""
    try:
        with torch.no_grad(), equal_draws():
            return make()
    except Exception as error:  # noqa: BLE001  whatever torch raises is a finding
        return error


def _differing(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> Iterator[str]:
    """A line for each output that differs, with how much."""
    if len(wanted) != len(given):
        yield f"{len(given)} outputs where the graph has {len(wanted)}"
        return
    for (name, one), other in zip(wanted.items(), given.values(), strict=True):
        if one.shape != other.shape:
            yield f"{name}: {_by(other)} where the graph gives {_by(one)}"
        elif not same(one, other):
            want, have = parts(one).double(), parts(other).double()
            off = (want - have).abs().max().item()
            yield f"{name}: off by {off:.3g} where values reach {want.abs().max().item():.3g}"


def _moved(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> Iterator[str]:
    """A line for each part of the state that a pass left at other values: running statistics."""
    for key in sorted(wanted.keys() & given.keys()):
        if not same(wanted[key], given[key]):
            yield f"{key}: left at other values than the graph leaves it"


def same(one: Tensor, other: Tensor) -> bool:
    """Equal bit for bit, or but for the last bits; what is no number in one is none in the other.

    A kernel sums in another order where its input lies otherwise in memory. A tensor of one channel lies in two ways
    at once, and which of them torch takes depends on what wrote it.
    """
    one, other = parts(one), parts(other)
    if one.shape != other.shape or not torch.equal(one.isnan(), other.isnan()):
        return False
    if equal(one, other):
        return True
    if not one.is_floating_point():
        return False
    one, other = one.nan_to_num(), other.nan_to_num()
    off = (one.double() - other.double()).abs().max().item()
    return off <= LAST_BITS * torch.finfo(one.dtype).eps * one.double().abs().max().item()


def _by(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a scalar"
