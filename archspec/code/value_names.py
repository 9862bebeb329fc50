"""Value names: what the values of a class may be called, before it is known which of the names are free.

low, high = self.split(x)                         outputs of a block have the block's names for them
down1_skip, down2_skip                            but where two live at a time that are called alike
halves_0, halves_1 = x.chunk(2, dim=1)            those of an op have numbers, or the author's names
query, key, value = x.unbind(1)                   or what reads each of them calls it
low = self[4](x)                                  what a list gives by number is called as the class gives it
"""

from collections.abc import Iterator, Mapping, Sequence

from archspec.code.naming import variable, worded
from archspec.code.parts import BlockPart, OpPart, SequencePart
from archspec.code.step import Step
from archspec.code.steps import Body
from archspec.graph.graph import Local


def is_called(step: Step) -> bool:
    """Whether the author names the values that a step gives."""
    return isinstance(step.part, OpPart) and bool(step.part.site.outputs)


def names_of(body: Body, local: Local, together: bool) -> Iterator[str]:
    """Names that say what a value is, the best first.

    Args:
        body: of the class.
        local: the value.
        together: whether another value lives beside it whose output is called alike.
    """
    part = body.parts[local.member]
    if body.writer.named or local.member.isdigit() or (isinstance(part, OpPart) and not body.writer.is_module(part)):
        yield from filter(body.unused, body.given_as.get(local, ()))
    if isinstance(part, BlockPart | SequencePart) and len(part.ports) > 1:
        yield from filter(body.unused, [*body.given_as.get(local, ()), *([] if together else [local.port])])
        yield f"{variable(local.member)}_{worded(local.port)}"
        return
    port = part.given(local.port) if isinstance(part, SequencePart) else ""
    if body.unused(port):
        yield port
    name, port = variable(local.member), local.port if isinstance(part, OpPart) else ""
    if isinstance(part, OpPart) and part.site.outputs:
        called = part.site.outputs[part.sample.op.ports.index(local.port)]
        if body.unused(called) or body.goes_into(local, called):
            yield called
        yield f"{name}_{called}"
    elif isinstance(part, OpPart) and part.sample.op.numbered and len(part.ports) > 1:
        port = port or "0"
        yield from filter(body.unused, [body.read_as.get(local, "")])
    yield f"{name}_{port}" if port else name


def side_by_side(steps: Sequence[Step], last: Mapping[Local, int]) -> frozenset[Local]:
    """The outputs of calls of several that live while another lives whose output is called alike.

    Args:
        steps: of the class.
        last: value -> the last step that reads it.
    """
    found: set[Local] = set()
    latest: dict[str, Local] = {}  # name of an output -> the value of that name which lives longest
    for i, step in enumerate(steps):
        for local in step.gives if len(step.gives) > 1 and step.loop is None else ():
            before = latest.get(local.port)
            if before is not None and last.get(before, -1) > i:
                found |= {before, local}
            if before is None or last.get(local, -1) > last.get(before, -1):
                latest[local.port] = local
    return frozenset(found)


def starts_of(steps: Sequence[Step], reads: Mapping[Local, Sequence[int]]) -> dict[Local, Local]:
    """What a loop starts with -> what it makes of that, whose name it has from the start: `maps_2 = self.down(maps_1)`.

    Nothing else reads what has the name. All that a loop hands on starts so, or is one of several values, which have
    names; else a line says what it starts with.

    Args:
        steps: of a forward pass.
        reads: value -> the steps that read it.
    """
    found: dict[Local, Local] = {}
    made = {local: i for i, step in enumerate(steps) for local in step.gives}

    def alone(local: Local) -> bool:
        return local in made and len(steps[made[local]].gives) == 1

    for i, step in enumerate(steps):
        pairs = tuple(zip(step.reads, step.gives, strict=False)) if step.loop is not None else ()
        starting = {read: given for read, given in pairs if alone(read) and reads[read] == [i]}
        named = all(read in starting or (read in made and not alone(read)) for read, _ in pairs)
        later = len(step.gives) > 1 or any(reader > i + 1 for reader in reads.get(step.gives[0], ()))
        if named and later:
            found.update(starting)
    return found


def goes_round(steps: Sequence[Step], reads: Sequence[int], i: int) -> bool:
    """Whether a loop goes on from what step `i` gives, and only what it needs besides is made of that before.

    x = self.embed(tokens)
    mask = self.mask(x)
    for block in self.layers:
        x = block(x, mask)

    Args:
        steps: of a forward pass.
        reads: the steps that read the value.
        i: the step that gives it, alone.
    """
    loop = steps[reads[-1]] if reads and reads[-1] < len(steps) else None
    if loop is None or loop.loop is None or loop.train_only or len(loop.gives) > 1:
        return False
    return loop.reads[:1] == steps[i].gives and [*reads] == [*range(i + 1, reads[-1] + 1)]


def goes_around(steps: Sequence[Step], reads: Mapping[Local, Sequence[int]], i: int) -> bool:
    """Whether a sum adds what a chain of calls makes of a value to the value, which then is `x` all along.

    x = self.norm(x)
    out = self.fc1(x)
    out = self.fc2(out)
    x = x + out

    Args:
        steps: of a forward pass.
        reads: value -> the steps that read it.
        i: the step that gives the value, alone.
    """
    read = reads.get(steps[i].gives[0], ())
    if len(read) != 2 or read[0] != i + 1 or read[1] >= len(steps):
        return False
    end = steps[read[1]]
    if not isinstance(end.part, OpPart) or not end.part.sample.op.accumulates or steps[i].gives[0] not in end.reads:
        return False
    chain = steps[i + 1 : read[1]]
    return all(
        len(one.gives) == 1 and one.loop is None and not one.train_only and reads.get(one.gives[0]) == [k + 1]
        for k, one in enumerate(chain, i + 1)
    )


class HandedOn:
    """The names that values may take of what they are made of: a sum in the place of `y` is called `y`.

    Args:
        steps: of a forward pass.
        last: value -> the last step that reads it.
    """

    def __init__(self, steps: Sequence[Step], last: Mapping[Local, int]) -> None:
        self.last, self.names = last, dict[Local, str]()
        self.several = {local for step in steps if is_called(step) for local in step.gives}

    def note(self, i: int, step: Step, own: Mapping[Local, str], busy: dict[str, int]) -> None:
        """Notes in `busy` how long a name is needed that the first value of step `i` may take of what it reads."""
        read = step.reads[0] if step.reads else None
        if read is None or self.last.get(read) != i:
            return
        name = self.names.get(read) or own.get(read, "")
        alone = len(step.all_reads()) == len(step.gives) == 1 and read in self.several
        if name and (alone or step.accumulates or step.test is not None):
            given = step.gives[0]
            self.names[given], busy[name] = name, max(busy.get(name, i), self.last.get(given, i))
            self.several |= {given} if alone else set()
