"""Links: what leads to what between the boxes of a panel, and what it is called. `kinds.py` says how it is drawn."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.what.idioms import SELF, Idioms
from archspec.figure.what.runs import Runs
from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between boxes.

    `label` names the input that it feeds, where that is not the first. `port` names the output of a closed block that
    it comes from, where others are read too; "" for the default one. `fixed` where no data flows: what depends only on
    sizes and on what is learned.
    """

    tail: str
    head: str
    label: str = ""
    port: str = ""
    fixed: bool = False


def links_between(
    graph: Graph,
    owners: Mapping[str, str],
    ports: Mapping[Ref, str],
    runs: Runs,
    idioms: Idioms,
    held: Collection[str],
) -> Iterator[Link]:
    """Every pair of boxes once for each output of the first. From block to block of a run there is no line.

    An input that an op names besides its first gives the link its name; in a closed block, as the block calls it, and
    of an idiom, what the input is to it. `held` are the nodes that depend on no data.
    """
    found: dict[tuple[str, str, str], Link] = {}
    fed: dict[tuple[str, str, str], set[str]] = {}
    flowing: set[tuple[str, str, str]] = set()
    for name, owner in owners.items():
        node = graph.nodes[name]
        for index, ref in enumerate(() if name in runs.same else node.inputs):
            source = owners.get(ref.node)
            if source is None or source == owner or only_sized(node, index, idioms):
                continue
            named = index > 0 and not node.op.variadic and len(node.op.input_names) > index
            label = node.op.input_names[index] if named else ""
            label = "" if node.op.commutes else node.op.on_lines.get(label, label)
            if label and owner in graph.scopes:
                label = _input_name(graph.scopes[owner], ref)
            key = source, owner, ports.get(runs.first_ref(ref), "")
            if not node.op.reads_size(index) and ref.node not in held:
                flowing.add(key)
            if name in idioms.of:
                fed.setdefault(key, set()).update(idioms.of[name].slots.get((name, index), ()))
            known = found.get(key)
            if known is None or (known.label and not label):
                found[key] = Link(source, owner, label, key[2])
    for key, names in fed.items():
        found[key] = Link(*key[:2], "" if names.issuperset(SELF) else ", ".join(sorted(names)), key[2])
    return (replace(link, fixed=key not in flowing) for key, link in found.items())


def _input_name(scope: Scope, ref: Ref) -> str:
    """What a block calls a value that it reads besides its first; "" where it says nothing."""
    inputs = zip(scope.definition.inputs[1:], scope.inputs[1:], strict=True)
    return next((name for name, given in inputs if given == ref), "")


def only_sized(node: Node, index: int, idioms: Idioms) -> bool:
    """Whether an input has no line: it is read for its size, beside another or by a part of an idiom."""
    return node.op.reads_size(index) and (index > 0 or node.id in idioms.of)


def depths(order: Sequence[str], sources: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way from the inputs to each box; `order` is topological. Linear."""
    found: dict[str, int] = {}
    for name in order:
        found[name] = 1 + max((found[source] for source in sources.get(name, ())), default=-1)
    return found
