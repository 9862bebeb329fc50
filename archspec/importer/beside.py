"""Beside: what members read that no member gives: the tensors that modules hold, and constants.

A constant is a table of an op, a list of numbers where these are few, or what the calls make of it that made it.
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from torch import nn

from archspec.importer.constants import constant, held_tensor, mask_of_windows
from archspec.importer.counted import alike, counted, follows
from archspec.importer.layout import Layout
from archspec.importer.order import registered
from archspec.importer.recording import Call, Known, Scope
from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member, ops
from archspec.importer.values import Values, dtype_of
from archspec.ops import OPS
from archspec.values.dataclass import dataclass

Owed = dict[str, dict[str, int]]

# Layers -> the op that does the same with tensors that it is given.
BY_TENSORS = {
    "embedding": "index",
    "linear": "functional_linear",
    **{f"{op}{rank}d": f"functional_{op}{rank}d" for op in ("conv", "conv_transpose") for rank in (1, 2, 3)},
}


@dataclass
class Beside:
    """Completes the members of one call of a module.

    Attributes:
        values: of the run.
        scope: the call.
        members: what says it, so far.
        owed: path of a module around -> the tensors of it that are read further inside, each under its name.
        say: the members that say a call of a function.
    """

    values: Values
    scope: Scope
    members: list[Member]
    owed: Owed
    say: Callable[[Call, str], list[Member]]
    held: dict[str, int] = field(default_factory=dict)
    inside: Owed = field(default_factory=dict)
    made: list[Member] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    given: set[int] = field(default_factory=set)
    tables: dict[object, int] = field(default_factory=dict)  # what says a table -> the value that it is

    def completed(self) -> list[Member]:
        """The members with those that they read. Raises Refused."""
        self.held |= self.owed.pop(self.scope.path, {})
        self.known = {number for member in self.members for one in ops(member) for number in one.gives}
        self.given = {self.values.found(number) for number in self.scope.reads}  # made where the call is written
        for member in self.members:
            for number in member.reads:
                self.provide(self.values.found(number))
        if not self.scope.path:  # the network may give a tensor that none of its members reads
            for number in self.values.run.outputs.values():
                self.provide(self.values.found(number))
        places = registered(self.scope.module)
        names = sorted(self.held, key=lambda name: places.get(name, len(places)))
        module, path = self.scope.module, self.scope.path
        held = [held_tensor(module, path, name, self.held[name], self.values) for name in names]
        held += [self.reached(path, names) for path, names in self.inside.items()]
        return [*held, *_before_readers(self.made, self.members, self.values.found)]

    def provide(self, number: int) -> None:
        """Makes what gives a value, where nothing does. Raises Refused."""
        if number in self.known or number >= len(self.values.run.known):
            return
        if 0 in self.values.known(number).shape:  # which a join leaves out
            return
        if number in self.values.each:
            raise Refused("makes for each sample what is read for all of them", self.scope.path)
        known, path = self.values.known(number), self.scope.path
        owner, _, name = known.held.rpartition(".")
        if self.is_own(name, known):
            owner = path
        if known.held and (known.origin != "constant" or owner == path):
            if owner == path:
                self.held.setdefault(name, number)
            elif not owner or path[: len(owner) + 1] == f"{owner}.":
                self.owed.setdefault(owner, {}).setdefault(name, number)
            else:
                self.inside.setdefault(inside_of(owner, path), {})[name] = number
        elif known.origin == "constant" and not (path and number in self.given):
            self.known.add(number)
            members = self.constant(number)  # which makes what these read, before them
            self.made += members

    def is_own(self, name: str, known: Known) -> bool:
        """Whether the module holds a tensor by this name, under whichever of its own names it was recorded."""
        module = self.scope.module
        return bool(name) and any(held.get(name) is known.tensor for held in (module._parameters, module._buffers))

    def constant(self, number: int) -> list[Member]:
        """The members that make a constant. Raises Refused."""
        known = self.values.known(number)
        every = (*self.scope.reads, *(read for member in self.members for read in member.reads))
        near = [one for one in dict.fromkeys(map(self.values.found, every)) if one != number]
        batched = [one for one in near if self.values.layout(one).batched]
        if found := alike(number, self.values, batched) or counted(number, self.values, batched):
            return found
        if follows(number, self.values, batched, self.given):
            members = mask_of_windows(number, known, batched, self.values) or self.computed(number)
            if members is not None:
                return members
        try:
            return self.once(number, constant(number, known, self.values, batched))
        except Refused as refused:
            found = mask_of_windows(number, known, batched, self.values)
            if found or not self.values.layout(number).batched:
                return found or self.as_called(number, refused)
            raise

    def once(self, number: int, members: list[Member]) -> list[Member]:
        """The members that make a constant; none where the same numbers are made already, which then is the one.

        What a module is given stays apart: two of its arguments may be equal in one call only.
        """
        if any(number in member.reads for member in self.members if member.graph is not None):
            return members
        made = {one for member in members for one in member.gives}
        said = tuple((one.op, tuple(one.fields.items()), tuple(set(one.reads) - made)) for one in members)
        first = self.tables.setdefault(said, number)
        if first != number:
            self.values.same[number] = first
            return []
        return members

    def computed(self, number: int) -> list[Member] | None:
        """The calls that make a constant for any size, in ops; None where these do not say it."""
        kept, known, made, tables = self.values.noted(), set(self.known), list(self.made), dict(self.tables)
        try:
            members = self.as_called(number, Refused("is made by no call"))
            if self.values.shape(number).dtype != dtype_of(self.values.known(number).tensor):
                raise Refused("computes with another type")
            return members
        except Refused:
            self.values.back_to(kept)
            self.known, self.made, self.tables = known, made, tables
            return None

    def as_called(self, number: int, refused: Refused) -> list[Member]:
        """The call that made a constant, in ops: what it reads is made first. Raises Refused where nothing made it."""
        call = self.values.makers.get(number)
        if call is None or not call.reads:
            raise refused
        found = self.say(call, self.scope.path)
        if not found:  # it is the value that it reads
            self.provide(self.values.found(number))
        for member in found:
            for read in member.reads:
                if not any(read in other.gives for other in found):
                    self.provide(self.values.found(read))
        return found

    def reached(self, path: str, names: Mapping[str, int]) -> Member:
        """A module inside of which tensors are read: a graph of these, which its calls as a layer read too.

        Raises:
            Refused: it is called, and no op does what it does with tensors that it is given.
        """
        whole = f"{self.scope.path}.{path}" if self.scope.path else path
        module = self.scope.module.get_submodule(path)
        names = dict(names)
        for at, member in enumerate(self.members):
            if member.name == path:
                self.members[at] = self.by_tensors(member, module, names)
            elif member.name[: len(path) + 1] == f"{path}.":
                raise Refused(f"reads tensors of {path}, and calls modules inside of it", self.scope.path)
        held = tuple(held_tensor(module, whole, name, number, self.values) for name, number in names.items())
        graph = Graph(held, (), tuple(names.values()), module, whole, block=False)
        return Member("", (), graph.gives, path, graph=graph, module=module, path=whole)

    def by_tensors(self, member: Member, module: nn.Module, names: dict[str, int]) -> Member:
        """A call of a layer as an op that reads the layer's tensors; those that nobody reads yet are put in `names`."""
        op = BY_TENSORS.get(member.op)
        if op is None:
            raise Refused(f"reads tensors of {member.name}, which it calls too", self.scope.path)
        held = [name for name, _ in module.named_parameters(recurse=False)]
        for name in held:
            if name not in names:
                tensor = module.get_parameter(name)
                names[name] = self.values.fresh(Layout(tuple((size,) for size in tensor.shape)), dtype_of(tensor))
        weights = tuple(names[name] for name in held)
        reads = (*weights, *member.reads) if op == "index" else (*member.reads, *weights)
        fields = {name: value for name, value in member.fields.items() if name in OPS[op].model_fields}
        return Member(op, reads, member.gives, fields=fields)


def inside_of(path: str, around: str) -> str:
    """The name of a module in the one around it. Raises Refused where it stands elsewhere."""
    if not around:
        return path
    if path[: len(around) + 1] != f"{around}.":
        raise Refused(f"uses {path}, which stands elsewhere", around)
    return path[len(around) + 1 :]


def _before_readers(made: list[Member], members: list[Member], found: Callable[[int], int]) -> list[Member]:
    """What reads nothing first, and what is made of other values in front of the first member that needs it."""
    placed = [member for member in made if not member.reads]
    waiting = {at: member for at, member in enumerate(made) if member.reads}
    maker = {number: at for at, member in waiting.items() for number in member.gives}
    for member in members:
        placed += _needed(member, maker, waiting, found)
        placed.append(member)
    return [*placed, *waiting.values()]


def _needed(
    member: Member, maker: Mapping[int, int], waiting: dict[int, Member], found: Callable[[int], int]
) -> list[Member]:
    """What a member reads of those that wait, and what these read, in their order; they wait no longer."""
    needed, todo = set[int](), list(member.reads)
    while todo:
        at = maker.get(found(todo.pop()))
        if at in waiting and at not in needed:
            needed.add(at)
            todo += waiting[at].reads
    return [waiting.pop(at) for at in sorted(needed)]
