"""Lengths: whether one class may stand for repeats of several lengths, whose parts a loop makes and calls.

layers: {block: layer, from: [x, mask], repeat: $layers}

self.layers = nn.ModuleList(Layer(width) for _ in range(layers))    the parts are equal, or follow from `i`
for block in self.layers:                                           and each hands on all that it gives
    x = block(x, mask)
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from archspec.code.parts import RunPart, Template
from archspec.code.program import If, Refuse
from archspec.code.trees import parts_of
from archspec.graph.graph import Local, Node, Scope, Site
from archspec.graph.handing import handed_places, in_turn
from archspec.graph.network import Network
from archspec.graph.walk import children, in_sight, inside, member_of
from archspec.language.expression.symbolic import names, simplify
from archspec.values.expression import Binary, Call, Expr, Index, Literal, Name, Unary, Value
from archspec.values.printing import text
from archspec.values.source import Operation

if TYPE_CHECKING:
    from archspec.code.settings import Settings, Settling
    from archspec.code.structures import Structures
    from archspec.code.wording import Wording

LAST = Literal(-1)


def uniform(structures: "Structures", scope: Scope) -> bool:
    """Whether a repeat is its first part and then such as are equal, or follow from their number.

    Its length may then be an argument; the definitions of repeats whose parts follow from nothing are `parted`.
    """
    if scope.site.repeat is None or scope.absent or not given_at_end(structures, scope):
        return False
    if structures.is_class(scope):  # a list in a list is a class that calls its parts by their numbers
        return False
    parts = [member_of(structures.graph, scope, name) for name in scope.members]
    inner = {
        structures.signatures[part.id]
        if isinstance(part, Scope)
        else structures.number((type(part.op), structures.ports_of(part)))
        for part in parts
    }
    if len(inner) != 1:
        return False
    counted = all(isinstance(part, Node) or part.definition.kind == "block" for part in parts)
    return not grows(structures.network, scope) or (counted and id(scope.definition) not in structures.parted)


def given_at_end(structures: "Structures", scope: Scope) -> tuple[tuple[str, str], ...]:
    """What a repeat gives, each with the output of its last part that it is.

    Nothing where something reads another part, or the parts are neither a chain nor hand on all that they give.
    """
    given = [(port, structures.plain(scope, local)) for port, local in structures.outputs[scope.id].items()]
    if structures.chains[scope.id]:
        return (("", ""),) if len({local for _, local in given}) == 1 else ()
    ended = bool(scope.members) and all(local.member == scope.members[-1] for _, local in given)
    return tuple((port, local.port) for port, local in given) if ended and _hands_on(structures, scope) else ()


def _hands_on(structures: "Structures", scope: Scope) -> bool:
    """Whether each part is given what the one before gives, and besides what all of them are given."""
    parts = [part for part in children(structures.graph, scope) if isinstance(part, Scope)]
    if len(parts) < len(scope.members) or not all(_called_alike(structures, part) for part in parts):
        return False
    if parts[0].reads != tuple(map(Local, scope.definition.inputs)):
        return False
    ports = [tuple(_ports(structures, part)) for part in parts]
    for before, part, gives in zip(parts, parts[1:], ports, strict=False):
        given = tuple(structures.plain(scope, Local(before.name, port)) for port in gives)
        first, reads = (in_turn(handed_places(one.definition, gives), one.reads) for one in (before, part))
        taken = tuple(structures.plain(scope, read) for read in reads[: len(gives)])
        if taken != given or reads[len(gives) :] != first[len(gives) :]:
            return False
    return len(ports[-1]) <= len(parts[-1].reads)


def _ports(structures: "Structures", part: Scope) -> Iterable[str]:
    """The outputs of a block; those that give the same value count as one."""
    first: dict[Local, str] = {}
    for port, local in structures.outputs[part.id].items():
        first.setdefault(local, port)
    return first.values()


def _called_alike(structures: "Structures", part: Scope) -> bool:
    """Whether a part is a block of its own modules, which is given nothing but tensors."""
    return structures.is_class(part) and not structures.shares(part) and not structures.handing.sizes(part.definition)


def any_length(structures: "Structures", scopes: Sequence[Scope | None]) -> bool:
    """Whether the uses of a repeat have several lengths, or one by chance: what says it differs between them."""
    there = [scope for scope in scopes if scope is not None]
    if len({len(scope.members) for scope in there}) > 1:
        return True
    several = len(there[0].members) > 1
    free = there[0].site in structures.free or _said_apart(there)
    return several and free and all(uniform(structures, scope) for scope in there)


def said_by_params(network: Network, params: AbstractSet[str]) -> frozenset[Site]:
    """Where repeats are written whose lengths follow from these params of the network, and whose first part is apart.

    It is where it differs from the second, or where the uses of a class have several lengths. What `last` says of a
    part, or `i` chooses, no other number of parts has. Where all parts are equal, `counted` finds that any number will
    do.
    """
    found, lengths = set(), dict[Site, int]()
    for scope in network.graph.scopes.values():
        site = scope.site
        if site.repeat is not None and scope.members and _reach(network, scope.parent, site.repeat, params):
            first, *others = children(network.graph, scope)
            told = any(one.site.apart or any("i" in names(expr) for expr in one.site.chosen) for one in others)
            apart = {(_settings(network, part), _modules(network, part)) for part in (first, *others[:1])}
            if (len(apart) > 1 or lengths.setdefault(site, len(scope.members)) != len(scope.members)) and not told:
                found.add(site)
    return frozenset(found)


def _reach(network: Network, around: str, expr: Expr, params: AbstractSet[str]) -> bool:
    """Whether params of the network are read by an expression in a scope, or by what its block is given."""
    open_, seen = [(around, name) for name in names(expr)], set[tuple[str, str]]()
    while open_:
        scope, name = open_.pop()
        *_, block = in_sight(network.graph.scopes, scope)
        if (block.id, name) in seen:
            continue
        seen.add((block.id, name))
        if not block.id or name not in {param.name for param in block.definition.params}:
            if name in params:
                return True
        elif name in block.site.exprs:
            open_ += [(block.parent, one) for one in names(block.site.exprs[name])]
    return False


def grows(network: Network, scope: Scope) -> bool:
    """Whether the parts of a repeat after the first are not all equal: a dense layer takes more channels each time."""
    parts = tuple(children(network.graph, scope))[1:]
    return len({(_settings(network, part), _modules(network, part)) for part in parts}) > 1


def _said_apart(scopes: Sequence[Scope]) -> bool:
    """Whether what says the length of a repeat differs between its uses: `depths.0` of two lists of depths."""
    first, *others = scopes
    read = names(first.site.repeat) & first.args.keys() if first.site.repeat is not None else ()
    return any(scope.args[name] != first.args[name] for name in read for scope in others)


def _settings(network: Network, part: Node | Scope) -> object:
    """What the author gives a part, `i` included; of a graph in place, what stands in it."""
    if isinstance(part, Node):
        return part.op
    if part.definition.kind == "inline":
        return tuple(node.op for node in inside(network.graph, part) if isinstance(node, Node))
    return tuple(sorted((name, repr(value)) for name, value in part.args.items()))


def _modules(network: Network, part: Node | Scope) -> object:
    """What the modules of a part are given."""
    nodes = [part] if isinstance(part, Node) else inside(network.graph, part)
    slots = (node.op.slots(network.input_shapes(node)) for node in nodes if isinstance(node, Node))
    return tuple(tuple(sorted(given.items())) for given in slots)


def required(settling: "Settling", wording: "Wording", template: Template) -> tuple[If, ...]:
    """What a constructor asks: that there is a first part, which is made apart, where an argument says how many.

    And a last item of a list with a part for each, where something behind them reads `widths[-1]`.
    """
    own, asked = settling.settings[template], dict[Expr, None]()
    for part, count in own.counts.items():
        if isinstance(part, RunPart) and part.site in settling.known.free and own.rooted(names(count)):
            asked[simplify(Binary("+", count, Literal(1)))] = None
        elif part in own.filled and own.rooted(names(count)):
            asked[count] = None
    asked |= dict.fromkeys(_read_at_their_end(settling, own))
    named = (wording.named(template, times) for times in _of_whole_lists(own, list(asked)))
    return tuple(dict.fromkeys(_refusal(times) for times in named if not _is_more(times)))


def _read_at_their_end(settling: "Settling", own: "Settings") -> Iterator[Expr]:
    """`len(widths)` of lists that say how many parts there are, and whose last item is a setting behind these."""
    given = (expr for settings in (*own.slots.values(), *own.arguments.values()) for expr in settings.values())
    last = {part.owner for expr in given for part in parts_of(expr) if isinstance(part, Index) and part.index == LAST}
    counting = _counting(settling) if last else frozenset()
    for owner in sorted(last, key=text):
        if own.rooted(names(owner)) & counting:
            yield Call("len", (owner,))


def _counting(settling: "Settling") -> frozenset[str]:
    """The params of which an item stands for a part."""
    found = frozenset[str]()
    for own in settling.settings.values():
        found |= own.rooted(name for count in own.counts.values() if isinstance(count, Call) for name in names(count))
    return found


def _of_whole_lists(own: "Settings", asked: Sequence[Expr]) -> Iterator[Expr]:
    """Numbers of parts, and the least item of a list in place of all of its items."""
    items: dict[str, set[Value]] = {}
    for times in asked:
        match times:
            case Index(Name(name), Literal(number)):
                items.setdefault(name, set()).add(number)
    whole = {name for name, numbers in items.items() if len(numbers) > 1 and numbers == set(range(_length(own, name)))}
    for times in asked:
        match times:
            case Index(Name(name) as owner, Literal()) if name in whole:
                yield Call("min", (owner,))
            case _:
                yield times


def _length(own: "Settings", name: str) -> int:
    value = own.held(name)[0]
    return len(value) if isinstance(value, tuple) else 0


def _is_more(times: Expr) -> bool:
    """Whether a number of parts is more than that of a list's items, and so never 0."""
    match times:
        case Binary("+", Call("len"), Literal(int() as more)):
            return more > 0
    return False


def _refusal(times: Expr) -> If:
    """`raise ValueError` where there are no parts."""
    match times:
        case Call("len", (owner,)):
            return If(Unary("not", owner), (Refuse(f"{text(owner)} must have at least 1 item"),))
        case Call("min", (owner,)):
            return If(Operation("<", times, Literal(1)), (Refuse(f"each of {text(owner)} must be at least 1"),))
        case Binary("+", owner, Literal(int() as more)):
            return If(Operation("<", owner, Literal(1 - more)), (Refuse(f"{text(owner)} must be at least {1 - more}"),))
        case Binary("-", owner, Literal(int() as less)):
            return If(Operation("<", owner, Literal(1 + less)), (Refuse(f"{text(owner)} must be at least {1 + less}"),))
    return If(Operation("<", times, Literal(1)), (Refuse(f"{text(times)} must be at least 1"),))
