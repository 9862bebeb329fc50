"""Resets: the method that fills the tensors of a class's own, after its constructor has made them.

    self.scale = scale
    self.weight = nn.Parameter(torch.empty(width))
    self.reset_parameters()

def reset_parameters(self) -> None:
    nn.init.constant_(self.weight, self.scale)

torch's own layers have one, and whoever makes a network on the meta device calls it when there is memory. Rules for
other modules stand in it too, so that `model.apply` of it does all that the constructors did, in their order.
"""

from dataclasses import replace

from archspec.code.locals import put_in
from archspec.code.naming import names_of_base
from archspec.code.program import Class, Held, Run, Statement, sources
from archspec.language.names import unused
from archspec.values.expression import Name
from archspec.values.source import SELF, Member, Source, walk

RESET = "reset_parameters"


def with_resets(classes: tuple[Class, ...]) -> tuple[Class, ...]:
    """The classes of a network; where some have tensors of their own, all that fill any have the method."""
    return tuple(map(_with_reset, classes)) if any(map(_fills, classes)) else classes


def _with_reset(one: Class) -> Class:
    """The class with the method, which reads of `self` what the constructor is given."""
    resets: tuple[Statement, ...] = (*map(Run, _fills(one)), *one.inits)
    stored, attributes = list(one.stored), {attribute.name for attribute in one.attributes}
    taken = {*names_of_base(one.base), RESET, *attributes}
    given = (*(parameter.name for parameter in one.parameters), *(name for name, _ in one.variables))
    for name, value in (*reversed(one.lets), *((name, Name(name)) for name in given)):
        if any(part == value for source in sources(resets) for part in walk(source)):
            resets = put_in(resets, value, Member(SELF, _kept(stored, taken, name, value)))
    return replace(one, stored=tuple(stored), resets=resets, inits=())


def _fills(one: Class) -> tuple[Source, ...]:
    """What fills the tensors of a class's own."""
    return tuple(attribute.fill for attribute in one.attributes if isinstance(attribute, Held))


def _kept(stored: list[tuple[str, Source]], taken: set[str], name: str, value: Source) -> str:
    """The attribute that has a value: one that there is already, else of its name where no other has that."""
    known = next((called for called, held in stored if held == value), None)
    if known is not None:
        return known
    others = taken | {called for called, _ in stored}
    called = unused(f"init_{name}" if name in others else name, others)
    stored.append((called, value))
    return called
