"""Translate: the calls of a run, said in ops, as a tree of graphs that follows the modules."""

from collections.abc import Mapping
from dataclasses import field, replace
from itertools import islice, zip_longest

from torch import nn

from archspec.importer import rules
from archspec.importer.author import words
from archspec.importer.beside import Beside, inside_of
from archspec.importer.fields import fields_of
from archspec.importer.layout import BATCH
from archspec.importer.leaves import op_of
from archspec.importer.lost import follows, needed
from archspec.importer.opaque import Opaque
from archspec.importer.recording import Call, Recording, Scope, Value, calls
from archspec.importer.refused import GIVEN, Refused
from archspec.importer.rules import copies, joins, patches, places, random, shapes, weights, windows, written
from archspec.importer.rules.elementwise import called, find
from archspec.importer.samples import by_sample, for_each, merged_once
from archspec.importer.site import Site
from archspec.importer.tree import Graph, Member, Plain
from archspec.importer.values import Values, check, one_of, trimmed
from archspec.ops import OPS
from archspec.ops.op import Role
from archspec.ops.padding import Border
from archspec.values.dataclass import dataclass

# Importing them declares their rules.
__all__ = ["copies", "joins", "patches", "places", "random", "rules", "shapes", "weights", "windows", "written"]

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)

# Questions about a tensor, and calls that compute nothing.
ASKING = frozenset(
    """
    shape size ndim dim device dtype numel is_floating_point is_complex _assert __len__ is_quantized requires_grad
    is_contiguous stride is_cuda is_sparse get_device layout names is_nested data_ptr element_size storage_offset
    __repr__ __format__ _is_view grad_fn is_leaf is_cpu is_meta is_mkldnn is_mps is_xla is_inference itemsize nbytes
    has_names _version __hash__ __deepcopy__ grad retain_grad nelement register_hook is_same_size
    """.split()  # noqa: SIM905  words read better
)
DATA = frozenset(
    {"item", "tolist", "__bool__", "__int__", "__float__", "__index__", "__contains__", "equal", "allclose"}
)
FINITE = frozenset({"isinf", "isnan", "isfinite"})
GUARDS = FINITE | {"any", "all", "logical_not", "logical_or", "logical_and"}

# Modules for which the batch may be anywhere: element by element, or along the last dimensions only.
ANYWHERE = frozenset({Role.ACTIVATION, Role.DROPOUT, Role.EMBEDDING})
LAST = frozenset({"linear", "layer_norm", "rms_norm", "identity", "stochastic_depth"})
BATCH_SECOND = frozenset({"multi_head_attention", "lstm", "gru", "rnn"})


@dataclass
class Translator:
    """Says a run in ops.

    Attributes:
        values: of the run.
        opaque: makes a member of a scope that cannot be said; raises Refused where it cannot be one either.
        given_up: paths of modules that a later step cannot write, each with what it said.
        refused: what could not be said, and became opaque.
        bare: paths of modules that cannot be opaque themselves, so that single calls in them are; the root is one.
        around: paths of the modules that are being said, each inside of the one before.
    """

    values: Values
    opaque: Opaque
    given_up: Mapping[str, Refused] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    owed: dict[str, dict[str, int]] = field(default_factory=dict)
    near: tuple[int, ...] = ()
    bare: set[str] = field(default_factory=lambda: {""})
    around: list[str] = field(default_factory=list)

    def root(self) -> Graph:
        """The tree of the whole run. Raises Refused."""
        return self.graph(self.values.run.top)

    def graph(self, scope: Scope) -> Graph:
        """The members of one call of a module. Raises Refused."""
        self.around.append(scope.path)
        try:
            return self._graph(scope)
        finally:
            self.around.pop()

    def _graph(self, scope: Scope) -> Graph:
        members: list[Member] = []
        self.require_decided(scope)
        for number, outside in scope.apart.items():
            self.values.is_as(number, outside)
        around, self.near, names = self.near, scope.reads, words(scope)
        for item in scope.items:
            if isinstance(item, Scope):
                members += self.inside(item, scope)
            else:
                members += _called(self.call(item, scope.path), names.get(id(item), ()))
        if self.values.lost:
            members = needed(members, scope, self.values)
        members = merged_once(members, self.values)
        members = Beside(self.values, scope, members, self.owed, self.said).completed()
        self.near = around
        found = tuple(map(self.values.found, scope.reads)), tuple(map(self.values.found, scope.gives))
        block = type(scope.module) not in CONTAINERS
        apart = {number: self.values.found(outside) for number, outside in scope.apart.items()}
        return Graph(tuple(members), *found, scope.module, scope.path, scope.named, block, apart)

    def require_decided(self, scope: Scope) -> None:
        """Raises Refused where a module asks for what a value holds, and may do this or that."""
        for item in scope.items:
            if not isinstance(item, Call) or item.function not in DATA or item.module is not None:
                continue
            decides = any(self.values.known(number).origin in ("data", "random") for number in item.reads)
            if decides and not self.is_guard(item):
                raise Refused("lets the data decide what runs", scope.path, str(item.place or ""))

    def is_guard(self, call: Call) -> bool:
        """Whether it asks if numbers are finite, `torch.isinf(x).any()`: where they are not, no network is one."""
        todo, asked = list(call.reads), False
        while todo:
            maker = self.values.makers.get(todo.pop())
            name = called(maker.function) if maker is not None else ""
            if maker is None or name not in GUARDS:
                return False
            asked = asked or name in FINITE
            todo += () if name in FINITE else maker.reads
        return asked

    def inside(self, scope: Scope, around: Scope) -> list[Member]:
        """What a module inside becomes: nothing, its members where it is only one op, or a graph."""
        if follows(self.values, scope):
            return []
        relative = inside_of(scope.path, around.path)
        kept = self.values.noted()
        owed = {path: dict(names) for path, names in self.owed.items()}
        try:
            if scope.path in self.given_up:
                raise self.given_up[scope.path]
            graph = self.graph(scope)
        except Refused as refused:
            self.values.back_to(kept)
            self.owed, self.near = owed, around.reads
            try:
                members = self.opaque(scope, refused, self.values)
            except Refused:
                if scope.path in self.bare:
                    raise
                self.bare.add(scope.path)
                return self.inside(scope, around)
            self.refused.append(refused)
            return [replace(one, name=relative) if one.module is scope.module else one for one in members]
        own = [member for member in graph.members if member.own]
        if own:
            return self.spilled(graph, relative)
        if not graph.members:
            return []
        (first, *rest) = graph.members
        if not rest and first.op and not first.name:
            return [replace(first, name=relative)]
        return [Member("", graph.outer, graph.gives, relative, graph=graph, module=scope.module, path=scope.path)]

    def spilled(self, graph: Graph, relative: str) -> list[Member]:
        """The members of a module that is an op over its own weights: the op has its name, the others have none."""
        own = [member for member in graph.members if member.own]
        if len(own) > 1 or any(member.graph for member in graph.members):
            raise Refused("several ops over a module's own weights", graph.path)
        named = {id(own[0]): replace(own[0], name=relative, own=False, module=graph.module, path=graph.path)}
        return [named.get(id(member), replace(member, name="")) for member in graph.members]

    # -- one call

    def call(self, call: Call, scope: str) -> list[Member]:
        """The members that say one call; none of what follows from what no spec can say. Raises Refused."""
        if follows(self.values, call):
            return []
        try:
            if call.module is not None:
                return self.module(call, call.module, scope)
            return self.function(call, scope)
        except Refused as refused:
            place = refused.place or str(call.place or "")
            found = Refused(refused.reason, refused.path or scope, place, refused.cure)
            try:
                if scope not in self.bare or call.module is not None:
                    raise found from refused
                members = self.opaque.function(call, found, self.values, scope)
            except Refused as lost:
                if not any(map(self.values.is_read, call.gives)):
                    return []  # it was made for its size
                if self.opaque.strict or not self.bare.issuperset(self.around):
                    raise
                self.values.lost |= dict.fromkeys(call.gives, lost)
                return []
            self.refused.append(found)
            return members

    def function(self, call: Call, scope: str) -> list[Member]:
        if call.function in ASKING or not call.gives:
            return []
        if all(0 in self.values.known(number).shape for number in call.gives):
            return []  # what has no elements is nothing, and a join leaves it out
        if all(self.values.known(number).origin == "constant" for number in call.gives):
            return []
        if call.reads and all(self.values.known(number).held[-19:] == "num_batches_tracked" for number in call.reads):
            return []
        return self.said(call, scope)

    def said(self, call: Call, scope: str) -> list[Member]:
        """The members that say a call of a function, a constant one too. Raises Refused."""
        declared = find(call.function)
        if declared is None and called(call.function) in FINITE:  # of which a guard alone may come
            self.values.lost |= dict.fromkeys(call.gives, Refused(f"no rule for {called(call.function)}", scope))
            return []
        if declared is None:
            raise Refused(f"no rule for {called(call.function)}")
        site = Site(replace(call, function=called(call.function)), self.values, scope, self.near)
        if declared.spreads:
            site.spread()
        site.bind(declared.takes)
        declared.says(site)
        return site.said

    def module(self, call: Call, module: nn.Module, scope: str) -> list[Member]:
        op = op_of(module)
        relative = inside_of(call.path, scope)
        if not call.reads:
            raise Refused(f"{op} of no value")
        reads = list(call.reads)
        numbered = relative.rpartition(".")[2].isdigit()
        if op == "identity" and not numbered:
            self.values.same.update(zip(call.gives, reads, strict=True))  # it may be given a list
            return []
        op, fields = self.of_any_rank(op, self.fields(module, op, reads[0]), reads[0])
        fields = trimmed(op, fields)
        ports: tuple[str, ...] = ()
        gives = list(call.gives)
        if op == "multi_head_attention":
            reads, ports, more = attention(call, self.values)
            fields |= more
            gives = gives[:1]
        if call.kwargs.get("output_size") is not None or len(call.args) > len(reads):
            reads, fields = self.resized(call, op, reads, fields)
        read = tuple(map(self.values.found, reads))
        said = Member(op, read, tuple(gives), relative, fields, module=module, path=call.path, ports=ports)
        if self.by_sample(op, reads[0]):
            return by_sample(said, [self.values.layout(one) for one in reads], self.values)
        if read[0] in self.values.each or self.needs_batch(op, read[0]):
            return for_each(said, next(filter(self.is_batched, self.near), self.values.run.inputs[0]), self.values)
        self.require(op, reads)
        for number in gives:
            batched = [layout for layout in map(self.values.layout, reads) if layout.batched]
            self.values.layouts[number] = self.values.by_size(number, batched)
        xs, ys = map(self.values.shape, reads), [self.values.shape(number) for number in gives]
        if not ports and op not in BATCH_SECOND:
            self.values.shapes |= dict(zip(gives, check(op, fields, list(xs), ys), strict=False))
        return [said]

    def of_any_rank(self, op: str, fields: dict[str, Plain], x: int) -> tuple[str, dict[str, Plain]]:
        """The op and its fields; `nn.ZeroPad2d` of what is no image is `pad`, since torch pads the last dimensions."""
        kind = OPS[op]
        if not issubclass(kind, Border) or len(self.values.layout(x).dims) == kind.rank + 1:
            return op, fields
        sides = fields["padding"]
        pad = sides if isinstance(sides, tuple) else (sides,) * (2 * kind.rank)
        return "pad", {"pad": pad, "mode": kind.mode, "value": fields.get("value")}

    def needs_batch(self, op: str, x: int) -> bool:
        """Whether an op takes samples, and is given a value that has none."""
        return OPS[op].role is Role.CONV and not self.is_batched(x)

    def is_batched(self, number: int) -> bool:
        """Whether a value has a batch."""
        return self.values.layout(number).batched

    def resized(
        self, call: Call, op: str, reads: list[int], fields: dict[str, Plain]
    ) -> tuple[list[int], dict[str, Plain]]:
        """What says the size that a call asks for, `self.up(x, output_size=skip.shape)`: a value of it, or a field."""
        size = self.values.known(call.gives[0]).shape[2:]
        if OPS[op].size_inputs:
            return [*reads, *islice(self.values.asked(call, size, 2), 1)], fields
        if "output_padding" not in OPS[op].model_fields:
            return reads, fields
        plain = OPS[op](**{**fields, "output_padding": 0}).outputs(tuple(map(self.values.shape, reads)))[0].spatial
        return reads, {**fields, "output_padding": one_of(tuple(n - m for n, m in zip(size, plain, strict=True)))}

    def by_sample(self, op: str, x: int) -> bool:
        """Whether an op has to have other dimensions of a value in the batch, with which they are made one."""
        layout = self.values.layout(x)
        anywhere = op in LAST or (OPS[op].role in ANYWHERE and op != "prelu")
        return bool(layout.merged) and (not anywhere or self.values.found(x) in self.values.unsplit)

    def fields(self, module: nn.Module, op: str, x: int) -> dict[str, Plain]:
        fields = fields_of(module, op)
        dim = fields.get("dim")
        if isinstance(dim, int):
            layout = self.values.layout(x)
            rank = len(layout.dims) + (1 if layout.batched else 0)
            fields["dim"] = layout.axis(dim) - (rank if dim < 0 else 0)
        return fields

    def require(self, op: str, reads: list[int]) -> None:
        """Raises Refused where the op would take the batch for something else."""
        layout = self.values.layout(reads[0])
        if layout.plain or (OPS[op].role in ANYWHERE and op != "prelu"):
            return
        if op in LAST and layout.groups[-1] != (BATCH,):
            return
        if op in BATCH_SECOND and layout.groups[1:2] == ((BATCH,),):
            return
        raise Refused(f"{op} of a value in which the batch is not the first dimension")


def attention(call: Call, values: Values) -> tuple[list[int], tuple[str, ...], dict[str, Plain]]:
    """What nn.MultiheadAttention reads, by name where masks are among it, and what its call says."""
    names = (
        "query",
        "key",
        "value",
        "key_padding_mask",
        "need_weights",
        "attn_mask",
        "average_attn_weights",
        "is_causal",
    )
    given = {**dict(zip(names, call.args, strict=False)), **call.kwargs}
    reads = {name: one.number for name, one in given.items() if isinstance(one, Value)}
    if values.found(reads["key"]) == values.found(reads["value"]):
        del reads["value"]
        if values.found(reads["query"]) == values.found(reads["key"]):
            del reads["key"]
    masks = {"attn_mask", "key_padding_mask"} & set(reads)
    ports = tuple(reads) if masks or ("value" in reads and "key" not in reads) else ()
    return list(reads.values()), ports, {"is_causal": True} if given.get("is_causal") and not masks else {}


def translate(
    run: Recording,
    other: Recording,
    opaque: Opaque,
    given_up: Mapping[str, Refused],
) -> tuple[Graph, Values, list[Refused]]:
    """A run as a tree of graphs, its values, and what became opaque.

    Raises:
        Refused: what all outputs follow from cannot be said and cannot be opaque either.
    """
    if len(run.known) != len(other.known):
        raise _uneven(run, other)
    translator = Translator(Values(run, other), opaque, given_up)
    graph, values = translator.root(), translator.values
    said = {name: number for name, number in run.outputs.items() if number not in values.lost}
    if not said:
        raise next(iter(values.lost.values()), Refused("gives no tensor", cure=GIVEN))
    values.run = replace(run, outputs=said)
    return graph, values, translator.refused


def _uneven(run: Recording, other: Recording) -> Refused:
    """What is said of two runs that call otherwise, and where they begin to."""
    pairs = zip_longest(calls(run.top), calls(other.top))
    differing = ((one, two) for one, two in pairs if one is None or two is None or one.function != two.function)
    one, two = next(differing, (None, None))
    where = one or two
    return Refused(
        f"calls otherwise for {run.batch} samples than for {other.batch}", "", str(where.place or "") if where else ""
    )


def _called(members: list[Member], names: tuple[str, ...]) -> list[Member]:
    """The members that say a call, the last with what the author calls its results."""
    if not names or not members or members[-1].name or members[-1].module is not None or not members[-1].op:
        return members
    last = members[-1]
    if len(names) == 1:
        return [*members[:-1], replace(last, called=names[0])]
    numbered = OPS[last.op].numbered and len(last.gives) == len(names)
    return [*members[:-1], replace(last, results=names)] if numbered else members
