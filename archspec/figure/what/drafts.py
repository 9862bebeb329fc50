"""Drafts: boxes in the making, each of a closed scope, of an idiom, or of an op and what joins it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from archspec.figure.diagram import Fused
from archspec.figure.what.captions import BlockCaptions, box_label, fused, shares, titles
from archspec.figure.what.fold import FOLLOWERS, Fold
from archspec.figure.what.idioms import NO_IDIOMS, Idiom, Idioms
from archspec.figure.what.runs import Runs
from archspec.figure.what.wanted import wanted
from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, default_output
from archspec.ops.label import Label
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(slots=True)
class Draft:
    """A box in the making.

    Attributes:
        id: of the closed scope, or of the first node.
        nodes: in order; of an op's box, the op first and then what is fused into it.
        scope: the closed scope, if it is one.
        suffix: norms, activations and transposes fused into an op.
        shape: of its output.
        sequence: that is (N, C, W).
        label: what an op's box says; None of a closed scope, and of what goes by its own name.
        group: the open scope that it stands in.
        shares: whose parameters it uses again: `shares tower1`.
        second_use: the outermost open block around it that uses the parameters of another again, if there is one.
        copies: the same nodes in the other blocks of a run.
        idiom: what its nodes are together, where they are an idiom and what follows it.
        learns: of its parameters, how many learn.
        asked: what the author of the spec asks an op's box to be called; "" where that is as it comes.
        main: shape of what its line without a name brings, where it gives several values; None of any other.
    """

    id: str
    nodes: list[Node]
    scope: Scope | None
    title: str
    details: tuple[str, ...]
    role: Role
    suffix: tuple[Fused, ...]
    shape: Shape
    sequence: bool
    group: str
    params: int
    macs: int
    learns: int
    repeat: int = 1
    label: Label | None = None
    shares: tuple[str, ...] = ()
    second_use: Scope | None = None
    copies: tuple[Node, ...] = ()
    idiom: Idiom | None = None
    asked: str = ""
    main: Shape | None = None

    @property
    def op(self) -> Node:
        """The first node, which reads what the box reads."""
        return self.nodes[0]

    @property
    def given(self) -> Shape:
        """The shape of what its line without a name brings."""
        return self.main or self.shape

    @property
    def frozen(self) -> bool:
        """It has parameters, and none of them learns."""
        return self.params > 0 and not self.learns

    @property
    def train_only(self) -> bool:
        """Runs only in training."""
        return all(node.train_only for node in self.nodes)


def draft_of(
    network: Network, captions: BlockCaptions, owner: str, nodes: list[Node], copies: Sequence[Node], fold: Fold
) -> Draft:
    """The draft of what goes by the id `owner`; `copies` are the same nodes in the other blocks of a run."""
    idiom = fold.idioms.drawn([node.id for node in nodes]) if owner in network.graph.nodes else None
    scope = network.graph.scopes.get(owner) if owner != nodes[0].id else None
    costs = [network.costs[node.id] for node in (*nodes, *copies)]
    asked = _asked(network.graph, nodes, fold) if scope is None else ""
    label = called(_label(network, nodes, idiom), asked) if scope is None else None
    details, repeat = label.lines if label is not None else (), 1
    end = Ref(nodes[-1].id)
    if scope is not None:
        title, repeat = _run_title(network.graph, scope, fold.runs)
        last_one = network.graph.scopes[fold.runs.members.get(scope.id, (scope.id,))[-1]]
        details, role = captions.details(last_one, scope), captions.role(scope)
        end = default_output(network.graph, scope)
    else:
        title = label.heading if label is not None else asked or nodes[0].name
        role = idiom.role if idiom is not None else role_of(named_for(nodes))
    return Draft(
        id=owner,
        nodes=nodes,
        scope=scope,
        title=title,
        details=details,
        role=role,
        suffix=_suffix(nodes, idiom, fold.hidden) if scope is None else (),
        shape=network.shape(end),
        sequence=end.node in captions.sequences,
        group=scope.parent if scope is not None else idiom.home if idiom is not None else nodes[0].scope,
        params=sum(cost.params for cost in costs),
        macs=sum(cost.macs for cost in costs),
        learns=sum(cost.trainable for cost in costs),
        repeat=repeat,
        label=label,
        shares=shares(network, scope or nodes[0]),
        copies=tuple(copies),
        idiom=idiom,
        asked=asked,
    )


def called(label: Label | None, asked: str) -> Label | None:
    """`label` with the title that its author asks for; as it is where that is ""."""
    if label is None or not asked:
        return label
    return replace(label, title=asked, before=None, behind=None, implied=False)


def _asked(graph: Graph, nodes: Sequence[Node], fold: Fold) -> str:
    """What the author asks a box to be called: by its op, or by a scope around it that holds no other box."""
    around = (id for id in ancestors(graph, nodes[0].scope) if fold.weights.get(id, 2) <= 1)
    told = (wanted(named_for(nodes)).label, *(wanted(graph.scopes[id]).label for id in around))
    return next(filter(None, told), "")


def _label(network: Network, nodes: Sequence[Node], idiom: Idiom | None) -> Label | None:
    """What the box of an op, or of an idiom, says; None of what goes by a name of its own."""
    if idiom is not None:
        return idiom.label
    named = nodes[0].op.role is Role.INPUT or is_parameter(nodes[0])
    return None if named else box_label(network, named_for(nodes))


def _suffix(nodes: Sequence[Node], idiom: Idiom | None, hidden: Collection[str]) -> tuple[Fused, ...]:
    """What the box of an op, or of an idiom, says besides with a plus."""
    shown = [node for node in nodes if node.id not in hidden]
    if idiom is None:
        return fused(node for node in shown if node is not named_for(nodes))
    said = (Fused(word, word, idiom.role) for word in idiom.beside)
    return (*said, *fused(node for node in shown if node.id not in idiom.nodes))


def _run_title(graph: Graph, scope: Scope, runs: Runs) -> tuple[str, int]:
    """What a closed scope is called with those that it stands for, and how many blocks in a row they are.

    How many rounds of several blocks there are says the frame round these.
    """
    run = runs.members.get(scope.id, (scope.id,))
    parts = len(scope.members) if scope.definition.kind == "repeat" else 1
    return titles(scope, graph.scopes[run[-1]]), parts if scope.id in runs.rounds else len(run) * parts


def named_for(nodes: Sequence[Node]) -> Node:
    """The op that a box is named for: the first, unless it is one that pictures leave out and others follow it."""
    return next((node for node in nodes if not node.op.unseen), nodes[0])


def role_of(node: Node) -> Role:
    """The role that decides how a node looks; a transposed convolution is drawn as the up-sampling that it is."""
    return node.op.drawn_as or node.op.role


def is_parameter(node: Node) -> bool:
    """Whether an op is learned values alone, or fixed ones: it reads nothing and computes nothing."""
    return node.op.role is Role.EMBEDDING and not node.inputs


def joins(node: Node) -> bool:
    """Whether a node is drawn as a symbol, which makes one of several; a sum with a number has one input."""
    return bool(node.op.joins) and len(node.inputs) > 1


def strided(node: Node) -> bool:
    """Whether an op has a stride other than 1."""
    return getattr(node.op, "stride", 1) not in (1, (1,), (1, 1), (1, 1, 1))


def main_role(network: Network, nodes: Sequence[Node], idioms: Idioms = NO_IDIOMS) -> Role:
    """The role that most of the work in a block is: by MACs, then by params, then the first op's."""
    macs: dict[Role, tuple[int, int]] = {}
    for node in nodes:
        if node.op.role not in FOLLOWERS:
            role = idioms.of[node.id].role if node.id in idioms.of else role_of(node)
            cost, (m, p) = network.costs[node.id], macs.get(role, (0, 0))
            macs[role] = (m + cost.macs, p + cost.params)
    return max(macs, key=lambda role: macs[role]) if macs else nodes[0].op.role
