"""Record: runs a module once and writes down what it did.

A `TorchFunctionMode` sees calls as people write them, where a tracer of the dispatcher sees what they are made of. A
patched `nn.Module.__call__` gives the scopes. A module that is an op is one call, whatever it does inside.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from functools import lru_cache
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name

from archspec.importer.author import assigned, caller, place_of
from archspec.importer.faults import not_run
from archspec.importer.leaves import op_of
from archspec.importer.nested import each, named_tensors, tensors
from archspec.importer.recording import Call, Item, Known, Origin, Place, Recording, Scope, Value
from archspec.importer.refused import ImportFault
from archspec.importer.sketch import LIKE, Sketch, memory, run, storage
from archspec.importer.state import Kept
from archspec.values.dataclass import dataclass

RANDOM = frozenset(
    """
    rand randn randint randperm rand_like randn_like randint_like bernoulli bernoulli_ uniform_ normal_ multinomial
    exponential_ normal
    """.split()  # noqa: SIM905  words read better
)
SIZES = frozenset({"shape", "size"})
AS_ANOTHER = frozenset({"view_as", "reshape_as"})
OPENED = frozenset({nn.functional.multi_head_attention_forward})  # which torch writes in calls that are recorded
LATELY = 12  # questions after sizes that a call may have been given the answer of


def record(kept: Kept, inputs: Mapping[str, Tensor], *, training: bool, seed: int = 0) -> Recording:
    """What a module does with `inputs`, by the names of forward's arguments. Its state is as before afterwards.

    Of sketches the run computes nothing; it raises `ImportFault` where it would have to.

    A module inside that is called with one tensor for two arguments, and with two tensors too, has two in each call:
    `h = cell(x, x)` and then `h = cell(h, x)` is one cell of two values, and so is `cell(h, (h, c))` one of three. It
    takes a further run to see that.
    """
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # torch's layers would be computed in one go
    try:
        apart: frozenset[int] = frozenset()
        while True:
            with kept.running(training=training):
                torch.manual_seed(seed)
                recorder = _Recorder(kept.module, inputs, apart)
                found = recorder.run()
            uneven = {one for one, calls in recorder.patterns.items() if len(calls) > 1 and any(map(_has_twice, calls))}
            if uneven <= apart:
                return found
            apart |= uneven
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)


def _has_twice(pattern: tuple[int, ...]) -> bool:
    return len(set(pattern)) < len(pattern)


@dataclass
class _Open:
    """A scope that is being recorded."""

    path: str
    module: nn.Module
    items: list[Item] = field(default_factory=list)


class _Recorder(TorchFunctionMode):
    def __init__(self, root: nn.Module, inputs: Mapping[str, Tensor], apart: frozenset[int]) -> None:
        super().__init__()
        self.apart = apart  # modules by id, in which each argument is a value of its own
        self.patterns: dict[int, set[tuple[int, ...]]] = {}  # module -> of its calls, which arguments are one tensor
        self.root, self.inputs, self.quiet = root, inputs, False
        self.paths: dict[int, list[str]] = {}  # where each module stands, in all places
        for path, inner in root.named_modules(remove_duplicate=False):
            self.paths.setdefault(id(inner), []).append(path)
        self.held: dict[int, str] = {}
        for named in (root.named_parameters(remove_duplicate=False), root.named_buffers(remove_duplicate=False)):
            for key, tensor in named:
                self.held.setdefault(id(tensor), key)
        self.keys = frozenset(root.state_dict())
        self.numbers: dict[int, int] = {}  # of the tensors, by id; `alive` has them, so that no id is used again
        self.known: list[Known] = []
        self.alive: list[Tensor] = []
        self.views: dict[int, tuple[Tensor, object]] = {}  # what was cut out of a tensor, and how, in its memory
        self.sized: list[int] = []
        self.open = [_Open("", root)]

    def run(self) -> Recording:
        batch = next(iter(self.inputs.values())).shape[0]
        given = tuple(self.number(tensor, "data") for tensor in self.inputs.values())
        with torch.no_grad(), self._scopes(), self:
            try:
                result = self.root(**self.inputs)
            except (Exception, SystemExit) as fault:
                raise ImportFault(not_run(self.root, self.inputs, fault)) from fault
        if any(one.origin == "constant" and isinstance(one.tensor, Sketch) for one in self.known):
            raise ImportFault("what no input changes was made of a sketch")
        outputs = {name: self.numbers[id(t)] for name, t in named_tensors(result) if id(t) in self.numbers}
        top = next(item for item in self.open[0].items if isinstance(item, Scope))
        return Recording(top, tuple(self.known), given, outputs, batch, self.keys, self.root.training)

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:  # torch's own signature
        kwargs = kwargs or {}
        if self.quiet:
            return func(*args, **kwargs)
        if func in OPENED:
            with _at_once(), self:
                return func(*args, **kwargs)
        before = [*tensors(args), *tensors(kwargs)]
        reads = tuple(map(self.number, before))
        said_args = tuple(map(self.placed, args))
        said = {name: self.placed(arg) for name, arg in kwargs.items()}
        with self._quiet():
            result = func(*args, **kwargs)
            moved = _moved(before, list(tensors(result)))
        name = _name(func)
        if name in SIZES and reads:
            self.sized.append(reads[0])
        if name in AS_ANOTHER and len(args) > 1:  # of which only the size is read
            self.sized.append(reads[1])
            name, reads, said_args = name.removesuffix("_as"), reads[:1], (said_args[0], tuple(args[1].shape))
        if name == "data" and len(reads) > 1:  # `weight.data = other` writes all of it
            name, said_args = "__setitem__", (said_args[0], ..., said_args[1])
        if name == "__setitem__":  # what it writes into is another value from now on
            result = args[0]
        gives = self.results(result, reads, name)
        sized, frame, where = tuple(self.sized[-LATELY:]), caller(), _target(func)
        place, stored = place_of(frame), self.assigned(frame, len(gives))
        self.add(Call(name, said_args, said, reads, gives, None, "", sized, moved, place, where, stored))
        if name in ("__getitem__", "data", "detach") and _shares(args[0], result):
            self.views[gives[0]] = args[0], args[1] if len(args) > 1 else ...
        elif name[-1:] == "_" and name[-2:] != "__" and reads and reads[0] in self.views:
            self.write_through(reads[0], gives[0], place)
        return None if name == "__setitem__" else result

    def write_through(self, view: int, now: int, place: Place | None) -> None:
        """Notes that what a part of a value is cut out of changes with it: `x[:2].zero_()` writes into `x`."""
        base, index = self.views[view]
        self.views[now] = base, index
        reads = (self.number(base), now)
        written = Value(reads[0]), self.placed(index), Value(now)
        self.add(Call("__setitem__", written, {}, reads, self.results(base, reads, "__setitem__"), place=place))

    def add(self, item: Item) -> None:
        self.open[-1].items.append(item)

    def number(self, tensor: Tensor, origin: Origin | None = None) -> int:
        """The number of a tensor; one that nothing has given yet is a constant, or held."""
        found = self.numbers.get(id(tensor))
        if found is not None:
            return found
        held = self.held.get(id(tensor), "") if origin is None else ""
        learned: Origin = "learned" if held and (held in self.keys or tensor.requires_grad) else "constant"
        return self._new(tensor, origin or learned, held)

    def results(self, result: object, reads: tuple[int, ...], name: str, learned: bool = False) -> tuple[int, ...]:
        """Numbers for what a call gave, which is new even where it is an argument that was written in place."""
        origins = {self.known[number].origin for number in reads} | ({"learned"} if learned else set())
        by_rank: tuple[Origin, ...] = ("data", "random", "learned")
        origin: Origin = next((one for one in by_rank if one in origins), "constant")
        if name[:4] == "new_" or name in LIKE:  # of the other's type or size, and of none of its numbers
            origin = "constant"
        if name in RANDOM and origin != "data":
            origin = "random"
        return tuple(self._new(tensor, origin, "") for tensor in tensors(result))

    def _new(self, tensor: Tensor, origin: Origin, held: str) -> int:
        with self._quiet():
            shape = tuple(tensor.shape)
            # A constant may be written over later in the run, and what it holds now is what is read.
            kept = tensor.clone() if origin == "constant" else tensor
        number = self.numbers[id(tensor)] = len(self.known)
        self.known.append(Known(shape, kept, held, origin))
        self.alive.append(tensor)
        return number

    def assigned(self, frame: FrameType | None, count: int) -> tuple[str, ...]:
        """The variables that so many results are stored in, where a method of the module that runs calls by itself."""
        if frame is None or frame.f_locals.get("self") is not self.open[-1].module:
            return ()
        found = assigned(frame)
        return found if len(found) == count else ()

    def path(self, module: nn.Module) -> str:
        """Where a module stands: of several places, the one inside the module that calls it."""
        around, paths = self.open[-1].path, self.paths[id(module)]
        inside = (path for path in paths if not around or path[: len(around) + 1] == f"{around}.")
        return next(inside, paths[0])

    def is_given(self, result: Tensor, reads: tuple[int, ...]) -> bool:
        """Whether a result is one of the values that were read."""
        return any(self.alive[number] is result for number in reads)

    def placed(self, value: object) -> object:
        """An argument with a Value for each tensor."""
        if isinstance(value, Tensor):
            return Value(self.number(value))
        if isinstance(value, list | tuple):
            return tuple(map(self.placed, value))
        return value

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        was, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = was

    @contextmanager
    def _scopes(self) -> Iterator[None]:
        """Every call of a module of the root is a scope, or one call where the module is an op."""
        real = nn.Module.__call__
        recorder = self

        def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:  # whatever the module takes and gives
            if recorder.quiet or id(module) not in recorder.paths:
                return real(module, *args, **kwargs)
            if op_of(module):
                return recorder.leaf(module, real, args, kwargs)
            return recorder.scope(module, real, args, kwargs)

        nn.Module.__call__ = call  # type: ignore[method-assign]
        try:
            yield
        finally:
            nn.Module.__call__ = real  # type: ignore[method-assign]

    def leaf(self, module: nn.Module, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        reads = tuple(self.number(tensor) for tensor in tensors((args, kwargs)))
        said = tuple(map(self.placed, args)), {name: self.placed(arg) for name, arg in kwargs.items()}
        with self._quiet():
            result = run(module, real, args, kwargs)
            if (
                type(result) in (Tensor, Sketch)
                and not getattr(module, "inplace", False)
                and self.is_given(result, reads)
            ):
                result = result.detach()  # dropout of inference gives what it is given, and others still read that
        gives = self.results(result, reads, type(module).__name__, any(True for _ in module.parameters()))
        name, sized = type(module).__name__, tuple(self.sized[-LATELY:])
        self.add(Call(name, *said, reads, gives, module, self.path(module), sized, place=place_of(caller())))
        return result

    def scope(self, module: nn.Module, real: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = list(map(id, tensors((args, kwargs))))
        self.patterns.setdefault(id(module), set()).add(tuple(map(given.index, given)))
        same: dict[int, Tensor] = {}
        if id(module) in self.apart:
            args, kwargs = self.each_its_own(args, kwargs, same)
        reads = tuple(dict.fromkeys(self.number(tensor) for tensor in tensors((args, kwargs))))
        apart = {number: self.number(tensor) for number, tensor in same.items()}
        named = self._named(module, args, kwargs, reads)
        opened = _Open(self.path(module), module)
        self.open.append(opened)
        try:
            result = real(module, *args, **kwargs)
        finally:
            self.open.pop()
        self.joined(same)
        gives = tuple(dict.fromkeys(self.number(tensor) for tensor in tensors(result)))
        plain = _is_plain_call(module, args, kwargs) and _is_plain(result)
        self.add(Scope(opened.path, module, tuple(opened.items), reads, gives, named, plain, apart))
        return result

    def each_its_own(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], same: dict[int, Tensor]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments in which a tensor that came before is another with its numbers; `same` has what each of them is."""
        seen: set[int] = set()

        def own(value: object) -> object:
            if not isinstance(value, Tensor) or id(value) not in seen:
                seen.add(id(value))
                return value
            with self._quiet():
                made = value.detach()
            same[self._new(made, self.known[self.number(value)].origin, "")] = value
            return made

        return each(args, own), each(kwargs, own)

    def joined(self, same: Mapping[int, Tensor]) -> None:
        """Lets what was each its own be one again: what was written into it, and what is given back as it came."""
        for number, tensor in same.items():
            own = id(self.alive[number])
            if self.numbers[own] != number:
                self.numbers[id(tensor)] = self.numbers[own]
            self.numbers[own] = self.numbers[id(tensor)]

    def _named(
        self, module: nn.Module, args: tuple[object, ...], kwargs: Mapping[str, object], reads: tuple[int, ...]
    ) -> tuple[str, ...]:
        """The names that `forward` has for its tensors."""
        try:
            bound = inspect.signature(module.forward).bind(*args, **kwargs).arguments
        except (TypeError, ValueError):
            return ("",) * len(reads)
        names = {self.numbers[id(value)]: name for name, value in bound.items() if isinstance(value, Tensor)}
        return tuple(names.get(number, "") for number in reads)


@contextmanager
def _at_once() -> Iterator[None]:
    """Functions that torch writes in Python do what they do, without asking whoever overrides them first."""
    functions: Any = nn.functional  # of which the stubs do not have what it imports
    asks = functions.has_torch_function
    functions.has_torch_function = lambda _given: False
    try:
        yield
    finally:
        functions.has_torch_function = asks


def _is_plain_call(module: nn.Module, args: tuple[object, ...], kwargs: Mapping[str, object]) -> bool:
    """Whether a call without all that is no tensor is the same: the rest is what it would be by itself."""
    try:
        signature = inspect.signature(module.forward)
        bound = signature.bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return False
    order = [name for name, value in bound.items() if isinstance(value, Tensor)]
    rest = {name: value for name, value in bound.items() if name not in order}
    usual = all(value is signature.parameters[name].default for name, value in rest.items())
    return usual and list(signature.parameters)[: len(order)] == order


def _is_plain(result: object) -> bool:
    """Whether a source that calls a module has its tensors: one, or several to unpack."""
    if isinstance(result, Tensor):
        return True
    return isinstance(result, tuple | list) and len(result) > 1 and all(isinstance(item, Tensor) for item in result)


def _shares(base: object, part: object) -> bool:
    """Whether one tensor is a part of another's memory."""
    if not (isinstance(base, Tensor) and isinstance(part, Tensor)) or base.layout != torch.strided:
        return False
    return storage(base) == storage(part)


def _moved(given: Sequence[Tensor], gave: Sequence[Tensor]) -> bool:
    """Whether the first result is anything else than the first input's memory as it was."""
    if not given or not gave:
        return True
    x, y = given[0], gave[0]
    return memory(x) != memory(y) or x.shape != y.shape or x.stride() != y.stride()


@lru_cache(maxsize=1 << 12)
def _name(function: Callable[..., Any]) -> str:
    """The last name of a function: `relu` of torch.nn.functional.relu, `shape` of the property's getter.

    `Tensor.unfold` of a method of which only torch.nn.functional has the name, for another function.
    """
    parts = (resolve_name(function) or getattr(function, "__name__", str(function))).split(".")
    name = parts[-1]
    if parts[:-1] == ["torch", "Tensor"] and callable(getattr(nn.functional, name, None)) and not hasattr(torch, name):
        return f"Tensor.{name}"
    return str(parts[-2] if parts[-1] in ("__get__", "__set__") else parts[-1])


@lru_cache(maxsize=1 << 12)
def _target(function: Callable[..., Any]) -> str:
    """Where a function is, `torch.special:erfcx`; of a method, the function of torch that does the same; else "".

    So it is of `x.real`, which is `torch.real(x)`.
    """
    package, _, name = (resolve_name(function) or "").removesuffix(".__get__").rpartition(".")
    if package == "torch.Tensor" or (hasattr(torch, name) and getattr(torch, name) is function):
        package, name = "torch", name.rstrip("_")
    found = getattr(sys.modules.get(package), name, None)
    return f"{package}:{name}" if callable(found) and name.isidentifier() else ""
