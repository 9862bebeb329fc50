"""Template names: what an author's expressions read, in the names of the template that they stand in.

$(width * x.channels)     width * @0.0      where the template's uses differ in both
64 * @0.0         where `width` is 64 in all of them
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from archspec.code.followed import NOTHING, Followed, Sizes, bounded, constant, items_of, names_of
from archspec.code.handed import ITSELF, called
from archspec.code.input_sizes import rest_name, size_name
from archspec.code.parts import BlockPart, OpPart, Template
from archspec.code.settings import Settling
from archspec.graph.graph import Graph, Ref, Scope
from archspec.graph.walk import inside
from archspec.language.expression.evaluate import fact_axis
from archspec.language.expression.grammar import list_of
from archspec.language.expression.symbolic import Leaf, leaves, names, replaced
from archspec.values.expression import Attribute, Expr, Index, List, Literal, Name, Value
from archspec.values.shape import Shape


class TemplateNames:
    """The names of one template, while its parts are walked.

    Symbolic, every name is kept; else names that are the same in all uses and follow no root become numbers.

    Attributes:
        facts: inputs whose facts an expression may name, with their sizes.
        index: number of the part of the repeat around, which `i` stands for.
        by_number: whether `i` stays a name.
        flat: what is read may stand in blocks that are no class of their own.
    """

    def __init__(self, settling: Settling, template: Template, *, symbolic: bool) -> None:
        self.settling, self.template, self.symbolic = settling, template, symbolic
        self.network, self.own = settling.network, settling.settings[template]
        self.facts: Mapping[str, tuple[Shape, Sizes]] = {}
        self.index: int | None = None
        self.by_number = False
        self.flat = template.flat

    def inputs(self) -> dict[str, Sizes]:
        """The sizes of the template's inputs, whose facts are known from here on."""
        first, definition = self.template.uses[0], self.template.definition
        refs = first.inputs if first.id else tuple(map(Ref, definition.inputs))
        shapes = [self.network.shape(ref) for ref in refs]
        made = {
            name: self._input(k, shape) if first.id else self._declared(name, shape)
            for k, (name, shape) in enumerate(zip(definition.inputs, shapes, strict=True))
        }
        self.enter(definition.inputs, shapes, made.values())
        return made

    def enter(self, inputs: Iterable[str], shapes: Iterable[Shape], sizes: Iterable[Sizes]) -> None:
        """Makes the facts of further inputs known, those of a graph in place."""
        self.facts = {**self.facts, **{name: (x, s) for name, x, s in zip(inputs, shapes, sizes, strict=True)}}

    def _input(self, k: int, shape: Shape) -> Sizes:
        """The sizes of an input of a block, by their names in the template."""
        rank = len(shape.dims)
        either = ((size_name(k, axis), size_name(k, axis - rank)) for axis in range(rank))
        known = (next((name for name in both if name in self.own.sizes), None) for both in either)
        return tuple(self.symbol(self._stand_in(name)) if name is not None else self._rest(k) for name in known)

    def _stand_in(self, name: str) -> str:
        """What stands for a size of an input: a param, or a size of an input before, that is the same in every use.

        `Layer(width, width=width)` is `Layer(width)`: both are what the use calls so, and not equal by chance.
        """
        own = self.own
        if self.symbolic or not own.active(name):
            return name

        def alike(one: str) -> bool:
            exprs = ((given[one].expr, given[name].expr) for given in own.given)
            return own.values[one] == own.values[name] and all(a is not None and a == b for a, b in exprs)

        def said(one: str) -> bool:
            exprs = [given[one].expr for given in own.given if one in given]
            return bool(exprs) and alike(one) and not any(isinstance(expr, Literal) for expr in exprs)

        params = (one for one in own.values if one not in own.sizes and self._is_argument(one) and said(one))
        named = own.sizes.items() if own.sizes[name].noun else ()
        first = next((one for one, size in named if one == name or (size.noun and alike(one))), name)
        return next((one for one in params if one in self._read), first)

    def _is_argument(self, name: str) -> bool:
        """Whether a param stays a name in the class, and follows from no other."""
        return name not in self.own.hidden and self.own.active(name) and self._follows(name) is None

    @cached_property
    def _read(self) -> frozenset[str]:
        """What is read by what stands inside, blocks included."""
        sites = (member.site for member in inside(self.network.graph, self.template.uses[0]))
        return frozenset().union(*(names(expr) for site in sites for expr in site.exprs.values()))

    def _rest(self, k: int) -> Followed:
        name = rest_name(k)
        return Followed(None, frozenset((name,)) if self.symbolic or self.own.roots.get(name) else NOTHING)

    def _declared(self, name: str, shape: Shape) -> Sizes:
        """The sizes of an input of the network as the spec writes them; one that was given in its place is a number."""
        written = self.network.graph.nodes[name].site.exprs.get("shape")
        said = self.written(written) if written is not None else constant(shape.dims)
        if said.expr is None:
            return (said,) * len(shape.dims)
        items = tuple(items_of(said.expr, len(shape.dims)))
        return tuple(
            Followed(item, names(item)) if self.own.value(item, 0) == size else constant(size)
            for item, size in zip(items, shape.dims, strict=True)
        )

    # -- expressions --------------------------------------------------------------------------------------------------

    def written(self, expr: Expr) -> Followed:
        """The author's expression in the template's names."""
        read = frozenset().union(*(self._leaf(leaf).names for leaf in leaves(expr)))
        return bounded(replaced(expr, lambda leaf: self._leaf(leaf).expr), read)

    def of(self, around: str, expr: Expr) -> Followed:
        """The same for what is written in the scope `around`, which may be a block in a flat sequence."""
        if not self.flat:
            return self.written(expr)
        scope = self.network.graph.scopes[around]
        own = {use.id for use in self.template.uses}
        told: Expr | None = expr
        while told is not None and scope.id not in own:
            parent = self.network.graph.scopes[scope.parent]
            told, scope = replaced(told, _Given(scope, declared_around(self.network.graph, parent))), parent
        return self.written(told) if told is not None else Followed(None, frozenset(self.own.roots))

    def each(self, said: Followed, value: Value) -> Followed:
        """An expression for a field of several numbers as a list of one for each."""
        if not isinstance(value, tuple) or said.expr is None or isinstance(said.expr, Literal):
            return said
        items = list(items_of(said.expr, len(value)))
        held = self.own.value(said.expr, 0)
        if not isinstance(held, tuple):
            items = [said.expr] * len(value)
        return Followed(list_of(tuple(items)), said.names)

    def numbered(self, expr: Expr | None) -> Expr | None:
        """The author's expression with `i` as a name; None where it does not read it."""
        if expr is None or self.index is None or "i" not in names(expr):
            return None
        self.by_number = True
        made = self.written(expr).expr
        self.by_number = False
        return made

    def told(self, expr: Expr) -> Iterator[str]:
        """What an expression reads, and what the parameters of their own in it follow from."""
        for name in names(expr):
            yield name
            if name in self.own.told:
                yield from self.own.told[name].names

    def measured(self, part: OpPart, slot: str) -> Expr | None:
        """A slot whose expression reads sizes of inputs that follow from no parameter: `x.shape[2]`; else None.

        Only what has no module can read a size when it runs.
        """
        expr = part.site.exprs.get(slot)
        made = self.at_run_time(expr) if expr is not None and part.measures else None
        return made if made is not None and any(measured_inputs(made)) else None

    def handed(self, part: BlockPart) -> Iterator[Expr | None]:
        """The sizes that a block is handed; None for one that code cannot say where the block is called."""
        for leaf, expr in zip(part.template.sizes, part.handed, strict=True):
            made = self.at_run_time(expr)
            if made is not None and not any(measured_inputs(made)) and any(leaves(made)):
                made = None  # it follows from what the constructor is given, and so the block's is given it
            if isinstance(made, Literal) and len({use.args[leaf.name] for use in part.uses if use is not None}) > 1:
                made = None
            yield made

    def record_handed(self, part: BlockPart) -> None:
        """Records the sizes that a block is handed; what code cannot say here, the constructor has to be given."""
        if not part.template.sizes:
            return
        made = list(self.handed(part))
        wrong = [leaf for leaf, expr in zip(part.template.sizes, made, strict=True) if expr is None]
        self.settling.refused.update((id(part.template.definition), leaf) for leaf in wrong)
        said = self.own.handed[part] = tuple(expr for expr in made if expr is not None)
        numbered = tuple(map(self._by_number, said, part.handed)) if len(said) == len(part.handed) else said
        if numbered != said:
            self.own.numbered[part] = numbered
        read = (owner for expr in (*said, *numbered) for owner in measured_inputs(expr))
        self.own.measured[part] = tuple(dict.fromkeys(read))

    def _by_number(self, said: Expr, written: Expr) -> Expr:
        """What a part of a repeat is handed with the number of the part as `i`, where that is read."""
        if self.index is None or "i" not in names(written):
            return said
        self.by_number = True
        made = self.at_run_time(written)
        self.by_number = False
        return made or said

    def at_run_time(self, expr: Expr) -> Expr | None:
        """An expression in what `forward` has and what the constructor is given; None where neither says it."""
        return replaced(expr, self._measured)

    def _measured(self, leaf: Leaf) -> Expr | None:
        if leaf in self.template.sizes:
            return Attribute(called(leaf), ITSELF)
        said = self._leaf(leaf).expr
        if isinstance(leaf, Name) or leaf.name == "channels":
            return said
        if leaf.name != "shape" and said is not None and not isinstance(said, Literal) and self.own.said_alone(said):
            return said
        return self._shape(leaf)

    def _shape(self, leaf: Attribute) -> Expr | None:
        """A fact of an input as what its tensor says; None where the uses differ in where that stands."""
        inputs = self.template.definition.inputs
        if leaf.owner not in inputs:
            return None
        k = inputs.index(leaf.owner)
        shapes = [self.network.shape(use.inputs[k] if use.id else Ref(leaf.owner)) for use in self.template.uses]
        layouts = {(len(x.dims), x.batch > 0, x.channels_last) for x in shapes}
        first = 1 if shapes[0].batch else 0
        axes = range(len(shapes[0].dims)) if leaf.name == "shape" else [fact_axis(shapes[0], leaf.name)]
        found = [Index(Attribute(leaf.owner, "shape"), Literal(axis + first)) for axis in axes if axis is not None]
        if len(layouts) > 1 or not found:
            return None
        return List(tuple(found)) if leaf.name == "shape" else found[0]

    def symbol(self, name: str) -> Followed:
        """What a name stands for."""
        if name == "i" and self.index is not None:
            return Followed(Name("i"), frozenset("i")) if self.by_number else constant(self.index)
        follows = self._follows(name)
        if follows is not None:
            return self._above(name, follows)
        if name in self.own.hidden:
            return self._lexical(name)
        if name in self.own.values:
            if self.symbolic or self.own.active(name):
                return Followed(Name(name), frozenset((name,)))
            return constant(self.own.values[name][0])
        return self._lexical(name)

    def _follows(self, name: str) -> Expr | None:
        """The default of a param of the network that nothing sets, where it follows from others."""
        root = self.network.graph.scopes[""]
        if self.settling.spec_of(self.template.uses[0]).id or (self.template.uses[0].id and name in self.own.values):
            return None
        if name not in root.following:
            return None
        return next(param.follows for param in root.definition.params if param.name == name)

    def _above(self, name: str, follows: Expr) -> Followed:
        """What a param of the network follows from; a number where a param of the block hides one that it reads."""
        use = self.template.uses[0]
        hidden = names(follows) & declared_around(self.network.graph, use)
        if not hidden:
            return self.written(follows)
        root = self.network.graph.scopes[""]
        told = {param.name: param.follows for param in root.definition.params if param.follows is not None}
        while more := frozenset().union(*(names(told[one]) for one in hidden if one in told)) - hidden:
            hidden |= more
        if not self.symbolic:
            self.settling.structural |= hidden & self.settling.settings[self.settling.ordered[-1]].roots.keys()
        return constant(root.args[name])

    def _leaf(self, leaf: Leaf) -> Followed:
        return self.symbol(leaf.name) if isinstance(leaf, Name) else self._fact(leaf)

    def _fact(self, leaf: Attribute) -> Followed:
        if leaf in self.template.sizes:
            return Followed(None)
        if leaf.owner not in self.facts:  # an input that nothing else reads, and that is gone: it may follow from any
            self.settling.structural |= self.settling.settings[self.settling.ordered[-1]].roots.keys()
            return Followed(None)
        shape, sizes = self.facts[leaf.owner]
        axis = fact_axis(shape, leaf.name) if leaf.name != "shape" else None
        if axis is not None and len(sizes) == len(shape.dims):
            return sizes[axis]
        exprs = tuple(one.expr for one in sizes if one.expr is not None)
        known = leaf.name == "shape" and len(exprs) == len(shape.dims)
        return Followed(list_of(exprs) if known else None, names_of(sizes))

    def hidden_from(self, inner: Template) -> frozenset[str]:
        """The names of params of the spec that the class does not hand on: a block around has them for its own."""
        inline = inner.definition.kind in ("inline", "repeat")  # it sees what its surroundings see
        declared = NOTHING if inline else declared_around(self.network.graph, self.template.uses[0])
        return (declared | self.own.hidden) - {param.name for param in inner.definition.params}

    def _lexical(self, name: str) -> Followed:
        """A param of the spec around the block, always as a number; a root that reaches it has to be one too.

        It is asked for what no block hands on, and for what a block around hides by a param of its own.
        """
        spec = self.settling.spec_of(self.template.uses[0])
        around = self.settling.template_of.get(spec.id)
        if around is not None and not self.symbolic:
            self.settling.structural |= self.settling.settings[around].roots.get(name, NOTHING)
        return constant(spec.args[name]) if name in spec.args else Followed(None)


def measured_inputs(expr: Expr) -> Iterator[str]:
    """The inputs of which an expression reads a size when it runs."""
    return (leaf.owner for leaf in leaves(expr) if isinstance(leaf, Attribute))


def declared_around(graph: Graph, scope: Scope) -> frozenset[str]:
    """The params of the block that a scope is or stands in, and of those around; not those of the spec."""
    found: frozenset[str] = frozenset()
    while scope.definition.kind != "spec":
        if scope.definition.kind == "block":
            found |= scope.args.keys()
        scope = graph.scopes[scope.parent]
    return found


class _Given:
    """What the names inside of a scope stand for around it; None for facts of its inputs, and for what is hidden there.

    Args:
        scope: it.
        hiding: the params of the blocks around it, which hide those of the spec that have their names.
    """

    def __init__(self, scope: Scope, hiding: frozenset[str]) -> None:
        self.scope, self.hiding = scope, hiding
        self.block = scope.definition.kind in ("block", "spec")

    def __call__(self, leaf: Leaf) -> Expr | None:
        if isinstance(leaf, Attribute):
            return None
        if leaf.name == "i" and "i" in self.scope.args:
            return Literal(self.scope.args["i"])
        if self.block and leaf.name not in self.scope.args:
            return leaf if leaf.name not in self.hiding else None
        if not self.block:
            return leaf
        return self.scope.site.exprs.get(leaf.name, Literal(self.scope.args[leaf.name]))
