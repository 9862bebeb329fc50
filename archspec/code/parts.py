"""Parts: what an emitted class is made of.

A *class template* stands for all uses of one definition that have the same structure. Its parts are lined up over the
uses: part `conv1` of a template holds the node `conv1` of every use, or None where that use leaves it out.

    OpPart        one op
    BlockPart     an instance of another template
    SequencePart  an `nn.Sequential` written in place: an inline chain, a `repeat`, a `flat` numbered list
    RunPart       inside a SequencePart: the second and later parts of a repeat whose length is an argument

A scope that is a plain chain and was written in place becomes a SequencePart; every other scope becomes a template of
its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import TypeAlias

from archspec.code.handed import given
from archspec.graph.graph import Definition, Local, Node, Scope, Site
from archspec.graph.handing import handed_places, in_turn
from archspec.language.expression.symbolic import Leaf
from archspec.language.names import nested
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr


@dataclass(slots=True, eq=False)
class OpPart:
    """One op of a template; `uses` run parallel to the template's.

    `measures`: it reads sizes that only a run knows. `beside`: what it shares is another part of the same repeat.
    """

    name: str
    uses: tuple[Node | None, ...]
    reads: tuple[Local, ...]
    ports: tuple[str, ...]
    train_only: bool
    share: str
    measures: bool = False
    beside: bool = False
    others: "tuple[Part, ...]" = ()  # what it is in other uses, one after the other

    @property
    def sample(self) -> Node:
        """Any node that is there."""
        return self.uses[0] or next(use for use in self.uses if use is not None)

    @property
    def site(self) -> Site:
        """Where the op is written."""
        return self.sample.site


@dataclass(slots=True, eq=False)
class BlockPart:
    """An instance of another template. `beside`: what it shares is another part of the same repeat."""

    name: str
    template: "Template"
    uses: tuple[Scope | None, ...]
    reads: tuple[Local, ...]
    train_only: bool
    share: str
    beside: bool = False
    others: "tuple[Part, ...]" = ()  # what it is in other uses
    unpacked: bool = False  # its layers stand where it does, in the sequence around

    @property
    def sample(self) -> Scope:
        """Any scope that is there."""
        return self.uses[0] or next(use for use in self.uses if use is not None)

    @property
    def site(self) -> Site:
        """Where the block is used."""
        return self.sample.site

    @property
    def handed(self) -> tuple[Expr, ...]:
        """The sizes that the instance is given when it is called, as the author writes them."""
        return tuple(given(self.sample, leaf) for leaf in self.template.sizes)

    @property
    def ports(self) -> tuple[str, ...]:
        """What the instance returns, in order."""
        return self.template.ports


@dataclass(slots=True, eq=False)
class RunPart:
    """Parts 1, 2, ... of a repeat whose length differs between the uses, `counts[use]` of them.

    Attributes:
        item: part 1.
        all: the parts of each use, 1 first.
        site: where the repeat is written.
        definition: of the repeat.
    """

    item: "OpPart | BlockPart | SequencePart"
    all: tuple[tuple[Node | Scope, ...], ...]
    site: Site
    definition: Definition

    @property
    def counts(self) -> tuple[int, ...]:
        """How many there are in each use."""
        return tuple(map(len, self.all))

    @property
    def reads(self) -> tuple[Local, ...]:
        """What part 1 reads."""
        return self.item.reads

    @property
    def ports(self) -> tuple[str, ...]:
        """What each part gives."""
        return self.item.ports


@dataclass(eq=False)  # no slots: how its parts are called is found once, when all templates have their outputs
class SequencePart:
    """An `nn.Sequential` in place. `taps` maps a port to the index after the item that gives it."""

    name: str
    uses: tuple[Scope | None, ...]
    reads: tuple[Local, ...]
    items: "tuple[OpPart | BlockPart | SequencePart | RunPart, ...]"
    labels: tuple[str, ...]
    taps: Mapping[str, int]
    train_only: bool
    share: str
    chained: bool  # False: a repeat with further inputs, called in a loop
    beside: bool = False  # what it shares is another part of the same repeat
    others: "tuple[Part, ...]" = ()  # what it is in other uses
    unpacked: bool = False  # its layers stand where it does, in the sequence around
    flat: bool = False  # its items are the ops inside, whatever the nesting

    @property
    def sample(self) -> Scope:
        """Any scope that is there."""
        return self.uses[0] or next(use for use in self.uses if use is not None)

    @property
    def site(self) -> Site:
        """Where the graph is written."""
        return self.sample.site

    @property
    def ports(self) -> tuple[str, ...]:
        """What the sequence gives, in order."""
        return tuple(self.taps) or (self.carried if len(self.carried) > 1 else ("",))

    @cached_property
    def outputs(self) -> Mapping[str, Local]:
        """What the sequence gives, by the labels of its parts: of a run the last part, whatever its number."""
        given = self.sample.outputs
        if not self.items or not isinstance(self.items[-1], RunPart):
            return given
        return {port: Local(self.labels[-1], local.port) for port, local in given.items()}

    @property
    def unrolled(self) -> bool:
        """Called part by part: no chain, and more than a loop over its modules says."""
        return not self.chained and self.sample.definition.kind == "repeat" and not self.carried

    @property
    def shared(self) -> str:
        """The one member around it that all of its parts are; "" where it has modules of its own."""
        shares = {"" if isinstance(item, RunPart) or item.beside else item.share for item in self.items}
        return shares.pop() if len(shares) == 1 else ""

    @property
    def one(self) -> bool:
        """Whether all of its parts are one module: a member around it, or its first part."""
        beside = {item.share if not isinstance(item, RunPart) and item.beside else "" for item in self.items[1:]}
        return bool(self.shared) or (len(self.items) > 1 and beside == {self.labels[0]})

    @cached_property
    def carried(self) -> tuple[str, ...]:
        """The outputs that a loop hands from part to part; none where no loop says it all.

        A loop says that the parts are one stretch, whose first reads what the repeat does, and that nothing reads any
        but the last.
        """
        if self.chained or self.sample.definition.kind != "repeat":
            return ()
        first = self.items[0]
        if isinstance(first, RunPart) or first.reads != tuple(map(Local, self.sample.definition.inputs)):
            return ()
        ends = all(local.member == self.labels[-1] for local in self.outputs.values())
        takes = len(first.reads) >= len(first.ports)  # a single part may give more than it takes
        return first.ports if takes and _called_plainly(first) and ends and len(self.stretches) == 1 else ()

    @cached_property
    def stretches(self) -> tuple[range, ...]:
        """The parts of a repeat in stretches, in each of which a part hands all that it gives to the next.

        A cell of which the last part gives less, three times: 0 and 1, and 2.
        """
        tapped = {local.member for local in self.outputs.values()}
        latest: dict[str, int] = {}
        for i, item in enumerate(self.items):
            latest.update((read.member, i) for read in item.reads)
        starts = [0]
        for i in range(1, len(self.items)):
            label = self.labels[i - 1]
            if label in tapped or latest.get(label) != i or not self._hands_on(i):
                starts.append(i)
        return tuple(map(range, starts, [*starts[1:], len(self.items)]))

    def _hands_on(self, i: int) -> bool:
        """Whether part `i` reads all that the one before gives, as that is handed on, and what it reads besides."""
        before, item = self.items[i - 1], self.items[i]
        if isinstance(item, RunPart):
            return True  # `lengths` has seen to it
        if isinstance(before, RunPart) or before.ports != item.ports:
            return False
        count, given = len(item.ports), tuple(Local(self.labels[i - 1], port) for port in before.ports)
        first, reads = in_turn(places(before), before.reads), in_turn(places(item), item.reads)
        if isinstance(before, BlockPart) and isinstance(item, BlockPart) and before.handed != item.handed:
            return False
        handed = tuple(map(self._plain, reads[:count])) == given and len(first) == len(reads)  # the first may lack some
        return handed and reads[count:] == first[count:] and _called_plainly(before) and _called_plainly(item)

    def _plain(self, local: Local) -> Local:
        """An output of a part by its one name; an input as it is."""
        item = self._by_label.get(local.member)
        item = item.item if isinstance(item, RunPart) else item
        return Local(local.member, item.template.port(local.port)) if isinstance(item, BlockPart) else local

    @cached_property
    def _by_label(self) -> "Mapping[str, OpPart | BlockPart | SequencePart | RunPart]":
        return dict(zip(self.labels, self.items, strict=True))

    @cached_property
    def places(self) -> Mapping[str, Local]:
        """Place in an unrolled repeat, `0.head`, -> the part and its output."""
        return {
            self.place(Local(label, port)): Local(label, port)
            for label, item in self._by_label.items()
            for port in (() if isinstance(item, RunPart) else item.ports)
        }

    def given(self, place: str) -> str:
        """Which output of its part `0.head` is, where the part has several; "" for the one of a part."""
        found = self.places.get(place)
        item = self._by_label[found.member] if found is not None else None
        several = item is not None and not isinstance(item, RunPart) and len(item.ports) > 1
        return found.port if found is not None and several else ""

    def giver(self, place: str) -> "tuple[Item, str]":
        """Which of its parts gives `0.head`, and as which of its outputs."""
        found = self.places[place]
        return self._by_label[found.member], found.port

    def output(self, port: str) -> str:
        """Where an output of an unrolled repeat comes from: `0.head`."""
        return self.place(output_called(self.outputs, port))

    def port(self, name: str) -> str:
        """The one name of an output, where several have the same value; "" where only the end is read."""
        target = output_called(self.outputs, name)
        if len(self.carried) > 1:
            return self._plain(target).port
        return self._tapped.get(target, next(reversed(tuple(self.taps)), ""))

    @cached_property
    def _tapped(self) -> Mapping[Local, str]:
        """Output of a part -> the first tap that gives it."""
        return {self.outputs[tap]: tap for tap in reversed(tuple(self.taps))}

    def place(self, local: Local) -> str:
        """An output of one part of an unrolled repeat: `0.head`."""
        item = self._by_label[local.member]
        return f"{local.member}.{item.template.port(local.port) if isinstance(item, BlockPart) else local.port}"

    @property
    def looped(self) -> bool:
        """A chain that is called by loops over its modules, up to each value inside that is read."""
        return self.chained and bool(self.taps) and self.numbered

    @property
    def numbered(self) -> bool:
        """Named 0, 1, 2, ... as `nn.Sequential` does by itself."""
        return all(label == str(i) for i, label in enumerate(self.labels))


def _called_plainly(item: "OpPart | BlockPart | SequencePart") -> bool:
    """Whether an item is a module that a call with its inputs, the same for its neighbours, says all of."""
    if not isinstance(item, OpPart):
        return True
    return bool(item.sample.op.module) and item.sample.op.sequential and not item.measures


def places(item: "Item") -> tuple[int, ...]:
    """Where among what a part of a repeat reads stands what the one before hands it."""
    item = item.item if isinstance(item, RunPart) else item
    if isinstance(item, BlockPart):
        return handed_places(item.template.definition, item.ports) or (0,)
    return tuple(range(len(item.ports))) or (0,)


Part: TypeAlias = OpPart | BlockPart | SequencePart
Item: TypeAlias = OpPart | BlockPart | SequencePart | RunPart


@dataclass(slots=True, eq=False)
class Template:
    """All uses of one definition that share a structure: one emitted class.

    `read` are the ports that other templates read; none for the root, all of whose outputs count. `bypass` names the
    members that every use leaves out, with what is read in their place. `sequential` templates are a chain of numbered
    members: `class Head(nn.Sequential)`; those of a `flat` one are the ops inside, whatever the nesting. `sizes` are
    those that `forward` is handed beside the inputs. Where this is no class itself, `choices` are those of which an
    argument chooses one.
    """

    definition: Definition
    uses: tuple[Scope, ...]
    sizes: tuple[Leaf, ...] = ()
    name: str = ""
    parts: tuple[Part, ...] = ()
    labels: tuple[str, ...] = ()
    outputs: Mapping[str, Local] = field(default_factory=dict)
    bypass: Mapping[str, Local] = field(default_factory=dict)
    sequential: bool = False
    flat: bool = False
    choices: "tuple[Template, ...]" = ()
    read: set[str] = field(default_factory=set)

    @property
    def held(self) -> frozenset[str]:
        """The names of its parts, and of the lists and mappings that hold some of them."""
        return frozenset(part.name for part in self.parts).union(*(nested(label)[:1] for label in self.labels))

    @property
    def ports(self) -> tuple[str, ...]:
        """What an instance returns, in order; ports that give the same value count as one."""
        first: dict[Local, str] = {}
        for port, local in self.outputs.items():
            first.setdefault(local, port)
        return tuple(first.values())

    def port(self, name: str) -> str:
        """The one name of an output, where several have the same value; the default output for a name it has not."""
        inner = output_called(self.outputs, name)
        return next(port for port in self.ports if self.outputs[port] == inner)

    def resolve(self, local: Local) -> Local:
        """What is read where a member that no use has is named."""
        while local.member in self.bypass:
            local = self.bypass[local.member]
        return local


def output_called(outputs: Mapping[str, Local], port: str) -> Local:
    """The output of that name; the default one, which is the first, for a name that there is not."""
    return outputs[port if port in outputs else next(iter(outputs))]


def each(parts: Iterable[Item]) -> Iterator[Item]:
    """The parts, each with what it is in other uses."""
    for part in parts:
        yield part
        if not isinstance(part, RunPart):
            yield from part.others


def block_parts(parts: Iterable[Item]) -> Iterator[BlockPart]:
    """Every instance of a template inside the parts, sequences and runs included."""
    for part in each(parts):
        match part:
            case BlockPart():
                yield part
            case SequencePart():
                yield from block_parts(part.items)
            case RunPart():
                yield from block_parts((part.item,))


def op_parts(parts: Iterable[Item]) -> Iterator[OpPart]:
    """Every op inside the parts that is not inside another template."""
    for part in each(parts):
        match part:
            case OpPart():
                yield part
            case SequencePart():
                yield from op_parts(part.items)
            case RunPart():
                yield from op_parts((part.item,))


def members(ordered: Iterable[Template]) -> list[Template]:
    """Of a family, the templates that stand for its members."""
    return [template for template in ordered if template.uses[0].id and not template.uses[0].parent]
