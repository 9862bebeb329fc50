"""Walk: the questions about a Graph that every stage asks, each answered here only.

    resolve         which node gives this value?   through left-out members, inputs, repeats and blocks
    find            the same, None where nothing gives it
    onward          what does this name stand for, one step further?   in the scope around, or in the one inside
    through         which scopes does this name lead into, and to which node?
    port_of         which output of a scope does this port stand for?
    standing        which member that is there does this name stand for?   through left-out members
    default_output  which node gives what the bare name of a scope means?
    own_output      the same, only where that node stands inside the scope

    at              the node or the scope of this id
    asked           which of them does a path mean that a person writes?
    member_of       what stands in this scope under this name?
    sibling         which member beside it does it share with?
    children        what stands in this scope itself?
    inside          what stands in it at any depth?
    home            which scope does this member stand in?
    ancestors       that scope, the one around it, and so on
    in_sight        the same, as far as what stands in it sees their names
    module_outputs  what do a scope and all that share its parameters give?
    unended         which shared scopes run to their end for nothing?
    within          does this path lie inside that scope?
    part            which member of this scope does this path lie in?
    moved           where is the same place in another scope?
    level           how many names has a path?
    last_name       which is the last of them?
    container       which path lies around it?
    sums            what is known of each scope itself, sums over all that is inside

In a block with `graph: {conv: ..., act: {when: false, ...}}` the last member `act` is left out: `resolve(graph, block,
Local("act"))` is then the output of `conv`.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice

from archspec.diagnostics.diagnostic import Span
from archspec.graph.graph import Graph, Local, Member, Node, Ref, Scope, Site, child_id

# -- values -----------------------------------------------------------------------------------------------------------


def resolve(graph: Graph, scope: str, local: Local) -> Ref:
    """The output that `local`, said inside `scope`, stands for: through left-out members, and into scopes.

    Linear in the left-out members and scopes that it passes. Raises KeyError where the name stands for nothing.
    """
    here = graph.scopes[scope]
    while True:
        local = standing(here, local)
        if here.id and local.member in here.definition.inputs:
            return here.inputs[here.definition.inputs.index(local.member)]
        step = onward(graph, here, local)
        if isinstance(step, Ref):
            return step
        here, local = step


def input_of(graph: Graph, root: str, scope: str, local: Local) -> str:
    """The input of the scope `root` that `local`, said inside `scope` in it, stands for; "" where it is none.

    Two inputs may be given one value, and then only the names tell which is read. Linear as `resolve` is.
    """
    here = graph.scopes[scope]
    while True:
        local = standing(here, local)
        if here.id == root and local.member in here.definition.inputs:
            return local.member
        step = onward(graph, here, local)
        if isinstance(step, Ref):
            return ""
        here, local = step


def onward(graph: Graph, here: Scope, local: Local) -> Ref | tuple[Scope, Local]:
    """One step from a name to what it stands for: the output of a node, or another scope and the name there.

    An input of `here` is what the scope around it calls it; an output of a scope inside is what that one calls it.
    `local` names what is there: see `standing`. Raises KeyError where the name stands for nothing.
    """
    if local.member in here.definition.inputs:
        if not here.id:
            return Ref(local.member)
        return graph.scopes[here.parent], here.reads[here.definition.inputs.index(local.member)]
    id = child_id(here.id, local.member)
    if id in graph.nodes:
        return Ref(id, local.port)
    inner = graph.scopes[id]
    return inner, inner.outputs[port_of(inner, local.port)]


def through(graph: Graph, scope: str, local: Local) -> Iterator[Member]:
    """What a name said inside `scope` leads into: scopes, the outer ones first, and at last the node that gives it.

    In `outputs: {y: body.stage.conv}` that is `body`, `body/stage` and `body/stage/conv`.
    """
    here = graph.scopes[scope]
    while True:
        step = onward(graph, here, standing(here, local))
        if isinstance(step, Ref):
            yield graph.nodes[step.node]
            return
        there, local = step
        if there.id and there.parent == here.id:
            yield there
        here = there


def port_of(scope: Scope, port: str) -> str:
    """The name of an output of `scope`, which "" may stand for: the first. It need not have one of that name."""
    return port if port or "" in scope.outputs else next(iter(scope.outputs))


def find(graph: Graph, scope: str, local: Local) -> Ref | None:
    """The output that `local`, said inside `scope`, stands for; None where the scope has no such value."""
    try:
        return resolve(graph, scope, local)
    except KeyError:
        return None


def standing(scope: Scope, local: Local) -> Local:
    """The member or input of `scope` that `local` stands for: itself, or what a left-out member passes on."""
    while local.member in scope.absent:
        local = scope.absent[local.member].reads[0]
    return local


def own_output(graph: Graph, scope: Scope) -> Node | None:
    """The node inside `scope` that gives what its bare name means; None where the scope hands on what it reads."""
    ref = default_output(graph, scope)
    return graph.nodes[ref.node] if within(ref.node, scope.id) else None


def default_output(graph: Graph, scope: Scope) -> Ref:
    """The output that the bare name of `scope` means; outside of it where the scope hands on what it reads."""
    return resolve(graph, scope.id, next(iter(scope.outputs.values())))


# -- scopes -----------------------------------------------------------------------------------------------------------


def at(graph: Graph, id: str) -> Member:
    """The node or the scope of this id. Raises KeyError where there is none."""
    return graph.nodes[id] if id in graph.nodes else graph.scopes[id]


def asked(graph: Graph, path: str) -> str:
    """The id that a path stands for as people write it, with dots or slashes; the path with slashes where none does.

    A name may hold a dot: `ups.0` is a member of a list.
    """
    return graph.by_path.get(path.strip("/").replace("/", "."), path.strip("/").replace(".", "/"))


def member_of(graph: Graph, scope: Scope, name: str) -> Member:
    """The node or the scope called `name` in `scope`. Raises KeyError where there is none."""
    return at(graph, child_id(scope.id, name))


def shared(graph: Graph, found: Member) -> str:
    """The path of the member that `found` says it is a second use of; "" for none.

    In a second use of a whole block everything is a second use. What it says inside itself is what the first one says.
    """
    around = graph.scopes[home(found)]
    if found.share and around.share:
        found = member_of(graph, graph.scopes[around.share], found.name)
    return found.share


def said_to_share(graph: Graph, found: Member) -> str:
    """The same in words: a sequence whose parts all are one module says it for them, once; single tensors by name."""
    whole = _one_module(graph, found) if isinstance(found, Scope) else ""
    said = whole or ("" if _one_module(graph, graph.scopes[home(found)]) else shared(graph, found))
    return said or (", ".join(str(owner) for _, owner in found.ties) if isinstance(found, Node) else "")


def _one_module(graph: Graph, scope: Scope) -> str:
    """The path of the one member around a repeat that all of its parts are; "" where they are several, or their own."""
    if scope.definition.kind != "repeat" or not scope.members or scope.share:
        return ""
    # All parts are one module or each is another, so that two tell; whoever asks this of each part stays linear.
    owners = {shared(graph, part) for part in islice(children(graph, scope), 2)}
    return owners.pop() if len(owners) == 1 else ""


def sibling(graph: Graph, found: Member) -> str:
    """The name of the member of the same scope that `found` says it is a second use of; "" for none."""
    return last_name(shared(graph, found))


def children(graph: Graph, scope: Scope) -> Iterator[Member]:
    """What stands in `scope` itself, in writing order."""
    return (member_of(graph, scope, name) for name in scope.members)


def inside(graph: Graph, scope: Scope, depth: int | None = None) -> Iterator[Member]:
    """What stands in `scope`, `depth` levels deep or at any depth: in writing order, a scope before what is in it."""
    pending = list(children(graph, scope))[::-1]
    deepest = None if depth is None else level(scope.id) + depth
    while pending:
        found = pending.pop()
        yield found
        if isinstance(found, Scope) and (deepest is None or level(found.id) < deepest):
            pending.extend(list(children(graph, found))[::-1])


def flat_leaves(graph: Graph, scope: Scope) -> tuple[Node, ...]:
    """The nodes inside a scope, in order, whatever the nesting."""
    return tuple(found for found in inside(graph, scope) if isinstance(found, Node))


def home(member: Member) -> str:
    """The id of the scope that a member stands in."""
    return member.scope if isinstance(member, Node) else member.parent


def ancestors(graph: Graph, scope: str) -> Iterator[str]:
    """Ids of `scope` itself and of the scopes around it, the innermost first; not the root."""
    while scope:
        yield scope
        scope = graph.scopes[scope].parent


def module_outputs(graph: Graph) -> dict[str, dict[str, Local]]:
    """Scope that owns its parameters -> its outputs and those of all that use them again: one class gives them all."""
    found: dict[str, dict[str, Local]] = {}
    for scope in graph.scopes.values():
        found.setdefault(scope.share or scope.id, {}).update(scope.outputs)
    return found


def unended(graph: Graph, read: AbstractSet[Ref]) -> set[str]:
    """Shared scopes, by their owners, of which one use runs to its end for nothing: what it ends in is not `read`."""
    used = {id for scope in graph.scopes.values() if scope.share for id in (scope.id, scope.share)}
    return {
        scope.share or scope.id
        for scope in map(graph.scopes.__getitem__, sorted(used))
        if scope.order and find(graph, scope.id, Local(scope.order[-1])) not in read
    }


def in_sight(scopes: Mapping[str, Scope], id: str) -> Iterator[Scope]:
    """The scope `id` and those around it whose names are seen in it, the innermost first: out to the block or spec."""
    scope = scopes[id]
    yield scope
    while scope.definition.kind in ("inline", "repeat"):
        scope = scopes[scope.parent]
        yield scope


def within(path: str, scope: str) -> bool:
    """Whether `path` lies inside `scope`; a scope does not lie in itself."""
    return path.startswith(f"{scope}/") if scope else bool(path)


def part(scope: str, path: str) -> str:
    """The id of the member of `scope` that `path` is, or lies in."""
    start = len(scope) + 1 if scope else 0
    return child_id(scope, path[start:].partition("/")[0])


def moved(path: str, scope: str, other: str) -> str:
    """The path in `other` of what `path` is in `scope`: `b/0/conv` of `a/0/conv`, `b` of `a` itself."""
    return other if path == scope else child_id(other, path[len(scope) + 1 :] if scope else path)


def level(path: str) -> int:
    """How deep a path is: 1 of a member of the root, 0 of the root itself."""
    return path.count("/") + 1 if path else 0


def last_name(path: str) -> str:
    """The last name of a path: `conv1` of `layer1/0/conv1`."""
    return path.rpartition("/")[2]


def container(path: str) -> str:
    """The path around a path: `layer1/0` of `layer1/0/conv1`, "" of a member of the root."""
    return path.rpartition("/")[0]


def sums(graph: Graph, own: Mapping[str, int]) -> dict[str, int]:
    """Scope -> the sum of `own` over it and all scopes inside; one that `own` does not have counts nothing itself."""
    found = {id: own.get(id, 0) for id in graph.scopes}
    for scope in reversed(tuple(graph.scopes.values())):
        if scope.id:
            found[scope.parent] += found[scope.id]
    return found


def head(site: Site) -> Span:
    """The place of a member's name; where a list gives it none, the first line of its entry."""
    span = site.span
    if not site.name.isdigit():
        return replace(span, end_line=span.line, end_column=span.column + len(site.name))
    return span if span.line == span.end_line else replace(span, end_line=span.line, end_column=span.column + 1)
