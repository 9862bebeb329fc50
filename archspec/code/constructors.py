"""Constructors: what each emitted class takes. `settings` has the rule, `channels` follows the channels.

Three passes: up from the leaves, to follow the channels; down from the root, to see which arguments its params reach;
up again, to decide what each class takes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from archspec.code import choices
from archspec.code.chosen import read_as_texts, read_beside
from archspec.code.classes import templates
from archspec.code.counts import Counts
from archspec.code.followed import Sizes, is_list, is_number
from archspec.code.handed import Handing
from archspec.code.lengths import said_by_params
from archspec.code.parts import BlockPart, Item, RunPart, SequencePart, Template, each, members
from archspec.code.recursion import contains_itself, in_turns
from archspec.code.settings import Settings, Settling, Texts
from archspec.code.sizes import Walk
from archspec.graph.graph import Site
from archspec.graph.network import Network
from archspec.graph.rounds import in_lists
from archspec.language.expression.symbolic import Leaf
from archspec.values.expression import Literal, Value


def settled(
    network: Network, known: Counts | None = None, *, family: bool = False
) -> tuple[tuple[Template, ...], Settling]:
    """The templates of a network, children before parents, the root last, and the settings of all of them.

    Args:
        network: it, whose rounds over lists then stand as `graph/rounds.py` has them.
        known: where something has one number.
        family: whether what it is made of are variants of a spec, whose classes are for whoever reads the file: what a
            variant sets is no literal then, even where all variants agree.
    """
    network = in_lists(network)
    refused: set[tuple[int, Leaf]] = set()
    parted = in_turns(network.graph)
    known = known or Counts()
    open_, free = said_by_params(network, _root_params(network)), frozenset[Site]()  # whether a first part is apart
    while True:
        ordered = templates(network, Handing(network.graph, refused), parted, free)
        settling = _settle(network, ordered, replace(known, free=free), family=family)
        literal = free & set(_one_length(settling))
        # Those of one class at a time: a list that is lost inside of it is lost around it, too.
        apart = next((found for one in ordered if (found := open_ & set(_apart(settling, one)))), frozenset[Site]())
        if settling.refused <= refused and settling.endless <= parted and not literal | apart:
            return ordered, settling
        refused |= settling.refused
        parted |= settling.endless
        free = free - literal | apart
        open_ -= apart


def _apart(settling: Settling, template: Template) -> Iterator[Site]:
    """Where repeats are written whose lengths are no arguments as long as their first parts are like the others."""
    counts = settling.settings[template].counts
    for part in _sequences(template.parts):
        if part.sample.definition.kind == "repeat" and isinstance(counts.get(part, Literal(0)), Literal):
            yield part.site


def _sequences(parts: Iterable[Item]) -> Iterator[SequencePart]:
    """Every sequence inside the parts that is not inside another template."""
    for part in each(parts):
        match part:
            case SequencePart():
                yield part
                yield from _sequences(part.items)
            case RunPart():
                yield from _sequences((part.item,))


def _one_length(settling: Settling) -> Iterator[Site]:
    """Where repeats are written whose lengths are no arguments, though they may have been."""
    for own in settling.settings.values():
        for part, count in own.counts.items():
            if isinstance(part, RunPart) and isinstance(count, Literal):
                yield part.site


def _settle(network: Network, ordered: tuple[Template, ...], known: Counts, *, family: bool) -> Settling:
    roots = _root_params(network)
    if family:
        varied = _set_by_variants(ordered)
        lists = {name for use in members(ordered) for name, value in use.uses[0].args.items() if is_list(value)}
        roots = (roots - lists if varied & lists else roots) | varied
    texts: Texts = frozenset()
    lengthy: frozenset[Template] = frozenset()
    while True:
        settling = Settling(network, ordered, roots, texts, lengthy, known)
        for template in ordered:
            for _ in range(2 if contains_itself(template) else 1):
                settling.settings[template].outputs = _outputs(settling, template)
        _walk_down(settling)
        if settling.long:
            lengthy |= settling.long
            continue
        if settling.refused:
            return settling
        for template in ordered:
            if template.choices:
                choices.finish(settling, template)
            else:
                settling.finish(template)
        found = frozenset(_texts(settling)) - texts
        gone = settling.structural or settling.lost  # what is lost may not be, once what decides is a literal
        if not (gone or found) or settling.endless:
            return settling
        roots -= gone | {name for template, name in found if template is ordered[-1]}
        texts |= found


def _walk_down(settling: Settling) -> None:
    """Follows the sizes from the root down, and notes which of its params reach what."""
    for template in reversed(settling.ordered):
        for _ in range(2 if contains_itself(template) else 1):
            if template.choices:
                choices.hand_down(settling, template)
            else:
                Walk(settling, template, symbolic=False).all_parts()


def _texts(settling: Settling) -> Iterator[tuple[Template, str]]:
    """What stands for an op and is read as a text too, with the class: `nonlinearity=act` beside `self.act = act()`."""
    for template, own in settling.settings.items():
        for name in dict.fromkeys(_read_as_texts(settling, own)) if own.ops else ():
            values = own.values.get(name) or own.extras.get(name, ())
            if name in own.ops and any(map(_has_text, values)):
                yield template, name


def _read_as_texts(settling: Settling, own: Settings) -> Iterator[str]:
    """The names that the expressions of a class read as they are."""
    for part, slots in (*own.slots.items(), *own.arguments.items(), *own.indexed.items()):
        ops = settling.settings[part.template].ops if isinstance(part, BlockPart) else {"op"}
        for slot, expr in slots.items():
            yield from read_beside(expr) if slot in ops else read_as_texts(expr)
    starts = (expr for said in (*own.starts.values(), *own.later.values()) for expr in said.values())
    for expr in (*own.conditions.values(), *own.counts.values(), *starts):
        yield from read_as_texts(expr)


def _has_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, tuple) and any(map(_has_text, value)))


def _outputs(settling: Settling, template: Template) -> dict[str, Sizes]:
    """What a template gives, in its own names."""
    if template.choices:
        return choices.outputs(settling, template)
    walk = Walk(settling, template, symbolic=True)
    walk.all_parts()
    return walk.outputs()


def _root_params(network: Network) -> frozenset[str]:
    """The params that a constructor may take: numbers, flags, ops, and lists of numbers and flags.

    Where variants set a list, none is: what stands in such lists belongs together, and is that variant's.
    """
    root, ops = network.graph.scopes[""], {node.op.name for node in network.graph.nodes.values()}
    params, held = root.definition.params, network.params
    alone = not any(param.varied and isinstance(held.get(param.name), tuple) for param in params)
    return frozenset(
        param.name
        for param in params
        if not param.varied and param.follows is None
        if isinstance(value := held.get(param.name), int | float) or value in ops or (alone and is_list(value))
    )


def _set_by_variants(ordered: tuple[Template, ...]) -> frozenset[str]:
    """The params of a family's members in which they differ: numbers, and lists of them."""
    found = set()
    for template in members(ordered):
        for param in template.definition.params:
            values = [use.args[param.name] for use in template.uses]
            if any(value != values[0] for value in values) and all(map(is_number, values)):
                found.add(param.name)
    return frozenset(found)
