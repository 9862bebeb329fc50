"""Locals: values that the author has a name for, as variables of a constructor that needs them more than once.

let: {head: $(width // heads)}

head = width // heads
self.q_heads = nn.Unflatten(-1, (heads, head))
self.k_heads = nn.Unflatten(-1, (groups, head))
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from archspec.code.naming import FUNCTIONS_OF_PYTHON
from archspec.code.parts import Template
from archspec.code.program import Assign, Class, Statement, sources
from archspec.code.settings import Settling
from archspec.code.template_names import TemplateNames
from archspec.graph.walk import in_sight
from archspec.language.expression.symbolic import names
from archspec.language.names import unused
from archspec.values.expression import Expr, Literal, Name
from archspec.values.source import Source, local_names, walk

if TYPE_CHECKING:
    from archspec.code.wording import Wording

Lets = tuple[tuple[str, Expr], ...]
Tree = TypeVar("Tree")
OFTEN = 2  # times that a constructor needs a value which has a variable then


def lets(settling: Settling, wording: "Wording", template: Template) -> Lets:
    """The values that have a name where a class is written, in the words of the class; those of its spec first."""
    use = template.uses[0]
    around = (settling.spec_of(use), *reversed(tuple(in_sight(settling.network.graph.scopes, use.id))))
    found = {name: expr for scope in around for name, expr in scope.definition.lets}
    if not found:
        return ()
    said = TemplateNames(settling, template, symbolic=False)
    said.inputs()
    known = frozenset(wording.settings[template].parameters)
    made: dict[str, Expr] = {}
    for name, expr in found.items():
        told = said.written(expr).expr
        if told is not None and not isinstance(told, Literal | Name) and names(told) <= known:
            made[name] = wording.named(template, told)
    return tuple(made.items())


def with_locals(
    one: Class, taken: AbstractSet[str], written: Callable[[Class], Iterable[Statement]]
) -> tuple[Statement, ...]:
    """The statements of a constructor, before them the variables for what they need several times.

    A value that has others in it comes first, so that these are what it is written with.

    Args:
        one: the class.
        taken: names that no variable may have.
        written: a class -> the statements for its members.
    """
    made, before = tuple(written(one)), tuple[Assign, ...]()
    for name, value in reversed(one.lets):
        everything = tuple(sources((*before, *made)))
        needed = sum(part == value for each in everything for part in walk(each))
        if needed >= OFTEN:
            called = unused(name, taken | FUNCTIONS_OF_PYTHON | local_names(everything))
            held = (one.variables, one.attributes, one.entries, one.stored, one.inits, one.ties)
            variables, attributes, entries, stored, inits, ties = put_in(held, value, Name(called))
            one = replace(one, variables=variables, attributes=attributes, entries=entries, stored=stored)
            one = replace(one, inits=inits, ties=ties)
            made, before = tuple(written(one)), (Assign((Name(called),), value), *put_in(before, value, Name(called)))
    return (*before, *made)


def put_in(tree: Tree, old: Source, new: Source) -> Tree:
    """Statements or expressions with one part replaced wherever it stands."""
    return cast("Tree", _replaced(tree, old, new))


def _replaced(tree: object, old: Source, new: Source) -> object:
    if tree == old:
        return new
    if isinstance(tree, tuple):
        return tuple(_replaced(part, old, new) for part in tree)
    if is_dataclass(tree) and not isinstance(tree, type):
        held = {one.name: getattr(tree, one.name) for one in fields(tree)}
        made = {name: _replaced(value, old, new) for name, value in held.items()}
        return tree if made == held else replace(tree, **made)
    return tree
