"""Choices: blocks of which an argument says the one that a class is made of.

    layer1: {block: $block, width: $width, repeat: 3}        block: basic in some uses, bottleneck in others

    def __init__(self, block: type[Basic | Bottleneck], width: int) -> None:
        self.layer1 = nn.Sequential(*(block(width, width=width) for _ in range(3)))

A choice is a template without a class of its own: its uses are those of the blocks that it stands for, which all take
what any of them takes. Where they cannot, what is around them has a class for each.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from archspec.code.followed import Followed, Sizes
from archspec.code.parts import BlockPart, Template
from archspec.graph.graph import Scope
from archspec.language.expression.symbolic import names
from archspec.ops.op import OPS
from archspec.values.expression import Name, Value

if TYPE_CHECKING:
    from archspec.code.settings import Settings, Settling


def choices(found: Iterable[Mapping[Template, Sequence[Scope]]]) -> tuple[list[Template], set[int]]:
    """A template for each choice, and the sites, by their ids, of what can be none.

    Args:
        found: for each place of a class where an expression chooses the block, its templates with their uses there.
    """
    joined: dict[Template, set[Template]] = {}
    uses: dict[str, Scope] = {}
    for place in found:
        options = set(place).union(*(joined.get(one, ()) for one in place))
        joined.update(dict.fromkeys(options, options))
        uses.update((use.id, use) for there in place.values() for use in there)
    made: list[Template] = []
    refused: set[int] = set()
    for options in {id(some): some for some in joined.values() if len(some) > 1}.values():
        ordered = sorted(options, key=lambda one: one.uses[0].id)
        all_uses = tuple(use for one in ordered for use in one.uses)
        if all(use.id in uses for use in all_uses) and _of_one_form(ordered):
            first = ordered[0]
            made.append(Template(first.definition, all_uses, choices=tuple(ordered)))
        else:
            refused |= {id(use.site) for use in all_uses if use.id in uses}
    return made, refused


def _of_one_form(options: Sequence[Template]) -> bool:
    """Whether blocks declare the same params and inputs, under names that are no ops."""
    forms = {
        (
            one.definition.inputs,
            tuple((param.name, param.type, param.default, param.follows) for param in one.definition.params),
        )
        for one in options
    }
    called = {one.definition.name for one in options}
    return len(forms) == 1 and len(called) == len(options) and called.isdisjoint(OPS)


def classes(ordered: Iterable[Template]) -> tuple[Template, ...]:
    """The templates that are a class."""
    return tuple(template for template in ordered if not template.choices)


def name_alike(settling: "Settling") -> None:
    """Gives the blocks of a choice the names of all: one that is used once reads what differs between others."""
    for choice in settling.ordered:
        own = settling.settings[choice]
        for one in choice.choices:
            places = [settling.position[use.id] for use in one.uses]
            for name, values in own.values.items():
                if name not in own.sizes:
                    settling.settings[one].values.setdefault(name, tuple(values[place] for place in places))


def outputs(settling: "Settling", choice: Template) -> dict[str, Sizes]:
    """The sizes that a choice gives: what all of its blocks say alike."""
    each = [next(iter(settling.settings[one].outputs.values()), ()) for one in choice.choices]
    sizes = tuple(_common(some) for some in zip_longest(*each, fillvalue=Followed(None)))
    return dict.fromkeys(choice.outputs, sizes)


def _common(some: Sequence[Followed]) -> Followed:
    known = {one.expr for one in some}
    return Followed(known.pop() if len(known) == 1 else None, frozenset().union(*(one.names for one in some)))


def hand_down(settling: "Settling", choice: Template) -> None:
    """Tells the blocks of a choice what its uses are given."""
    own = settling.settings[choice]
    for one in choice.choices:
        child = settling.settings[one]
        child.given.extend(own.given)
        child.givers.extend(own.givers)
        child.hidden |= own.hidden
        for name, roots in own.roots.items():
            child.roots[name] = child.roots.get(name, frozenset()) | roots


def choose(settling: "Settling", own: "Settings", part: BlockPart, told: Followed) -> None:
    """Decides which block a part is: an argument, or the one that all of its uses are."""
    values: list[Value] = [use.definition.name if use is not None else None for use in part.uses]
    there = [use is not None for use in part.uses]
    candidate = told if isinstance(told.expr, Name) else Followed(None, told.names)
    own.blocks[part] = settling.decide(own, candidate, values, there, part.name, "block")
    own.ops |= names(own.blocks[part])


def finish(settling: "Settling", choice: Template) -> None:
    """Decides what a choice takes: all that one of its blocks does. All of them take that then, an op as an op."""
    own, blocks = settling.settings[choice], [settling.settings[one] for one in choice.choices]
    taken = {name for block in blocks for name in block.parameters}
    own.parameters = tuple(name for name in dict.fromkeys((*own.sizes, *own.values)) if name in taken)
    own.ops = set().union(*(block.ops for block in blocks))
    if not taken.issubset(own.parameters) or any(own.ops & {*block.parameters} - block.ops for block in blocks):
        settling.endless |= {id(use.site) for use in choice.uses}
        return
    for block in blocks:
        block.parameters, block.ops = own.parameters, own.ops
