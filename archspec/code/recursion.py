"""Recursion: blocks that contain themselves, and whether one class can stand for all of their uses.

    hourglass: {block: hourglass, depth: $(depth - 1), when: $(depth > 1)}    inside of the block hourglass

    class Hourglass(nn.Module):
        def __init__(self, depth: int) -> None:
            ...
            self.deeper: nn.Module = nn.Identity()
            if depth > 1:
                self.deeper = Hourglass(depth - 1)

Blocks that contain each other in turns have a class for each depth.
"""

from typing import TYPE_CHECKING

from archspec.code.followed import same
from archspec.code.parts import Template, block_parts
from archspec.graph.graph import Definition, Graph
from archspec.graph.walk import ancestors
from archspec.language.expression.symbolic import names

if TYPE_CHECKING:
    from archspec.code.settings import Settling


def in_turns(graph: Graph) -> set[int]:
    """Definitions, by id, that contain themselves with another such one between. Linear in scopes times the nesting."""
    around = {id: [graph.scopes[one].definition for one in ancestors(graph, id)] for id in graph.scopes if id}
    recursive = {id(chain[0]) for chain in around.values() if chain[0] in chain[1:]}
    return {id(chain[0]) for chain in around.values() if _others_between(chain, recursive)}


def _others_between(chain: list[Definition], recursive: set[int]) -> bool:
    """Whether a recursive definition stands between another one and its like around it."""
    first = chain[0]
    if id(first) not in recursive or first not in chain[1:]:
        return False
    return any(id(one) in recursive for one in chain[1 : chain.index(first, 1)])


def contains_itself(template: Template) -> bool:
    """Whether a class has instances of itself."""
    return any(part.template is template for part in block_parts(template.parts))


def note_deeper(settling: "Settling", template: Template) -> None:
    """Notes a depth that is no argument, since one level more would have another value for what is a literal.

    `self.proj = nn.Linear(3, width + 1)` in each of two levels, of which the second gives a third `width + 1`.
    """
    own = settling.settings[template]
    for part in (one for one in block_parts(template.parts) if one.template is template):
        if (when := part.site.when) is None:
            continue
        for name, told in own.candidates[part].items():
            held = own.values.get(name, ())
            if name in own.parameters or told.expr is None or len(set(held)) != 1:
                continue
            if any(not same(own.value(told.expr, use), held[0]) for use in range(len(held))):
                settling.structural |= own.rooted(names(when))
