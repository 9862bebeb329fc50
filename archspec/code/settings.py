"""Settings: how everything that a constructor is given is written, one template at a time.

The rule: a value equal in all uses is a literal; one that follows a declared param prints the author's expression; one
that follows the channels of an input prints that (`in_channels`, `planes * 4`); anything else becomes a parameter of
its own. An expression is used only if it is right in every use: values that are equal by chance are not unified.

A number, a flag or an op that the spec declares as a param, that no variant sets and no structure depends on, stays a
parameter of the top class (`classes: int = 1000`, `act: type[nn.Module] = nn.ReLU`). What such *roots* reach is never a
literal.

Names inside a template: declared params by their own names, "@0.1" for size 1 of its first input, the batch left out.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import field
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from archspec.code.branches import branches, picks
from archspec.code.choices import classes, name_alike
from archspec.code.chosen import chooses, chosen_names
from archspec.code.counts import Counts
from archspec.code.followed import NOTHING, Followed, Sizes, same, within
from archspec.code.frozen import plan
from archspec.code.input_sizes import InputSize, input_sizes, size_name
from archspec.code.naming import worded
from archspec.code.parts import BlockPart, Item, OpPart, RunPart, SequencePart, Template, block_parts, members
from archspec.code.recursion import contains_itself, note_deeper
from archspec.code.said import Plan, Said
from archspec.code.settings_of_runs import arguments_of_run
from archspec.graph.graph import Local, Rounds, Scope
from archspec.graph.network import Network
from archspec.graph.sequences import sequences
from archspec.language.expression.symbolic import LARGEST, Leaf, is_long, names, size, substitute, value_of
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Literal, Name, Value

ROUNDS = 4  # how often a class that contains itself is asked what it takes
Texts: TypeAlias = AbstractSet[tuple[Template, str]]


@dataclass(frozen=True, slots=True)
class Variable:
    """A size that the constructor has a variable for: how it is written, and its value in each use."""

    expr: Expr
    values: tuple[Value, ...]


@dataclass(slots=True, eq=False)
class Settings:
    """What is decided about one template.

    Attributes:
        values: name -> value in each use.
        sizes: those of the names that are a size of an input.
        roots: name -> root params that reach it.
        kept: sizes that are no literals, even where all uses have one: of values of which a block takes any number.
        borrowed: lists of the spec around it that it reads, which are no params of its own.
        hidden: names of params of the spec that a block around has for its own, so that it hands none on.
        slots: op part -> slot -> how it is written.
        arguments: block part -> name in its template -> how it is written.
        conditions: optional part -> when it is there.
        counts: run part -> how many; repeat of equal parts, or rounds, whose length is an argument -> its length.
        filled: repeats of a number of parts that must not be 0.
        ops: parameters that are given an op's module, or the class of a block: `activation=nn.SiLU`.
        texts: names that something else reads as a text, so that they are given none.
        chosen: names of the blocks of which an argument chooses one, in the whole network.
        outputs: port -> sizes in the template's own names, nothing substituted.
        dims: value -> its sizes in the names that are left when what is the same in all uses is a number.
        gives: port -> the same of what it gives.
        extras: parameters that no declared name covers.
        variables: sizes that the constructor may have a variable for, each after those that it reads.
        needed: those that it reads.
        told: such a parameter -> how its value follows from the template's own names.
        indexed: part of a repeat -> how its settings follow from its number, `i`; the others are as above.
        indices: part of a repeat -> its number.
        measured: op or block part -> inputs of the template whose sizes it reads when it runs.
        runs: part 1 of a repeat whose length differs between the uses -> it and those after it.
        handed: block part -> the sizes that its call hands over.
        numbered: part of a repeat -> the same with the number of the part as `i`, where they follow from it.
        blocks: part that is one of several blocks -> which.
        starts: what is said of tensors -> setting of the initialiser, or `when` -> how it is written.
        later: the same of what classes inside say, in the names of this one.
        parameters: names the constructor takes, in order.
    """

    values: dict[str, tuple[Value, ...]]
    sizes: dict[str, InputSize]
    roots: dict[str, frozenset[str]] = field(default_factory=dict)
    kept: frozenset[str] = NOTHING
    borrowed: frozenset[str] = NOTHING
    hidden: frozenset[str] = NOTHING
    slots: dict[OpPart, dict[str, Expr]] = field(default_factory=dict)
    arguments: dict[BlockPart, dict[str, Expr]] = field(default_factory=dict)
    candidates: dict[BlockPart, dict[str, Followed]] = field(default_factory=dict)
    given: list[dict[str, Followed]] = field(default_factory=list)  # what instances of it are given, of its names
    givers: list[Template] = field(default_factory=list)  # the class around each of these
    conditions: dict[Item, Expr] = field(default_factory=dict)
    counts: dict[RunPart | SequencePart | Rounds, Expr] = field(default_factory=dict)
    filled: set[SequencePart] = field(default_factory=set)
    ops: set[str] = field(default_factory=set)
    texts: frozenset[str] = NOTHING
    chosen: frozenset[str] = NOTHING
    outputs: dict[str, Sizes] = field(default_factory=dict)
    dims: dict[Local, Sizes] = field(default_factory=dict)
    gives: dict[str, Sizes] = field(default_factory=dict)
    extras: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    told: dict[str, Followed] = field(default_factory=dict)
    indexed: dict[OpPart | BlockPart, dict[str, Expr]] = field(default_factory=dict)
    indices: dict[BlockPart, int] = field(default_factory=dict)
    measured: dict[OpPart | BlockPart, tuple[str, ...]] = field(default_factory=dict)
    runs: dict[OpPart | BlockPart, RunPart] = field(default_factory=dict)
    handed: dict[BlockPart, tuple[Expr, ...]] = field(default_factory=dict)
    numbered: dict[BlockPart, tuple[Expr, ...]] = field(default_factory=dict)
    blocks: dict[BlockPart, Expr] = field(default_factory=dict)
    starts: dict[Said, dict[str, Expr]] = field(default_factory=dict)
    later: dict[Said, dict[str, Expr]] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()

    def give(self, made: dict[str, Followed], giver: Template) -> None:
        """Notes what the uses of a part of `giver` are given, by the names that they have for it here."""
        self.given.append(made)
        self.givers.append(giver)

    def active(self, name: str) -> bool:
        """Whether `name` may appear in the emitted class: its value differs between uses or follows a root."""
        if name in self.extras or name in self.kept or self.roots.get(name):
            return True
        values = self.values.get(name, (None,))
        return any(value != values[0] or type(value) is not type(values[0]) for value in values[1:])

    def rooted(self, names: Iterable[str]) -> frozenset[str]:
        """The roots that reach any of `names`."""
        return frozenset().union(*(self.roots.get(name, NOTHING) for name in self.read(names)))

    def read(self, asked: Iterable[str]) -> set[str]:
        """These names, and those that their variables are made of."""
        found, open_ = set[str](), list(asked)
        while open_:
            name = open_.pop()
            if name not in found:
                found.add(name)
                open_ += names(self.variables[name].expr) if name in self.variables else ()
        return found

    def spelled_out(self, expr: Expr) -> Expr:
        """An expression without variables of the constructor."""
        known = {name: one.expr for name, one in self.variables.items()}
        while not known.keys().isdisjoint(names(expr)):
            expr = substitute(expr, lambda name: known.get(name, Name(name))) or expr
        return expr

    def held(self, name: str) -> tuple[Value, ...]:
        """What a name is in each use."""
        if name in self.variables:
            return self.variables[name].values
        return self.values.get(name) or self.extras[name]

    def value(self, expr: Expr, use: int, index: int | None = None) -> Value:
        """The value of an expression in one use, in part `index` of a repeat; None where it has none."""
        held: dict[str, Value] = {} if index is None else {"i": index}
        for name in names(expr) - held.keys():
            held[name] = self.held(name)[use]
        return value_of(expr, held)

    def chooses(self, expr: Expr) -> bool:
        """Whether all that an expression may come out as are classes, and nothing reads their names as texts."""
        held = {**self.values, **self.extras}
        return self.texts.isdisjoint(chosen_names(expr)) and chooses(expr, held, self.chosen)

    def said_alone(self, expr: Expr) -> bool:
        """Whether a constructor may take all that an expression reads."""
        return all(name not in self.sizes or self.sizes[name].noun for name in names(expr))


class Settling:
    """The settings of all templates while they are decided."""

    def __init__(
        self,
        network: Network,
        ordered: tuple[Template, ...],
        roots: frozenset[str],
        texts: Texts = frozenset(),
        lengthy: AbstractSet[Template] = frozenset(),
        known: Counts | None = None,
    ) -> None:
        self.network, self.known = network, known or Counts()
        self.ordered = ordered
        made = classes(ordered)
        self.plan = Plan(network, made)
        self.frozen, self.signals = plan(network, made), sequences(network)
        self.structural: set[str] = set()  # roots that decide what there is, and so have to be literals
        self.lost: set[str] = set()  # roots that reach what cannot be said of them, as long as all others are arguments
        self.endless: set[int] = set()  # definitions, by their ids, of which one class cannot stand for all uses
        self.lengthy, self.long = lengthy, set[Template]()  # classes with variables for sizes, and such as need some
        self.refused: set[tuple[int, Leaf]] = set()  # handed sizes that follow from params: definition and size
        self.chosen = frozenset(one.definition.name for template in ordered for one in template.choices)
        self.settings = {template: self._settings(template, roots) for template in ordered}
        for template, name in texts:
            self.settings[template].texts |= {name}
        own = roots & network.params.keys()
        self.varied = roots - own  # of a family, what its members set
        self.settings[ordered[-1]].roots = {name: frozenset((name,)) for name in own}
        for template in members(ordered) if self.varied else ():
            declared = {param.name for param in template.definition.params}
            self.settings[template].roots = {name: frozenset((name,)) for name in self.varied & declared}
        self.template_of = {scope.id: template for template in made for scope in template.uses}
        self.position = {scope.id: i for template in ordered for i, scope in enumerate(template.uses)}
        name_alike(self)

    def _settings(self, template: Template, roots: frozenset[str]) -> Settings:
        values: dict[str, tuple[Value, ...]] = {}
        for name in template.uses[0].args:
            values[name] = tuple(scope.args.get(name) for scope in template.uses)
        if self.spec_of(template.uses[0]).id == "":
            for name, value in self.network.params.items():  # what is read of the spec around the block, as declared
                if name in roots:
                    values.setdefault(name, (value,) * len(template.uses))
        elif template.definition.kind != "spec":
            for name, held in self._around(template).items():
                values.setdefault(name, held)
        sizes: dict[str, InputSize] = {}
        if template.uses[0].id:
            for k in range(len(template.definition.inputs)):
                refs = [scope.inputs[k] for scope in template.uses]
                shapes = list(map(self.network.shape, refs))
                for one in input_sizes(k, shapes, signal=any(ref.node in self.signals for ref in refs)):
                    sizes[size_name(k, one.axis)] = one
                    values[size_name(k, one.axis)] = tuple(shape.dims[one.axis] for shape in shapes)
        several = self.known.before(template.definition)
        kept = frozenset(name for name, one in sizes.items() if one.input >= several and one.noun)
        lists = (name for name in values.keys() - template.uses[0].args if isinstance(values[name][0], tuple))
        return Settings(values, sizes, kept=kept, borrowed=frozenset(lists), chosen=self.chosen)

    def _around(self, template: Template) -> dict[str, tuple[Value, ...]]:
        """The params of the used spec that blocks are written in: its uses may differ in them, and roots reach them."""
        specs = [self.spec_of(use) for use in template.uses]
        names = (param.name for param in specs[0].definition.params)
        shared = (one for one in names if all(one in spec.args for spec in specs))
        return {one: tuple(spec.args[one] for spec in specs) for one in shared}

    def free_ops(self) -> frozenset[str]:
        """Ids of the nodes whose op the network's constructor is given, so that it may be another one."""
        return frozenset(
            use.id
            for own in self.settings.values()
            for part, slots in own.slots.items()
            if "op" in slots and own.rooted(names(slots["op"]))
            for use in part.uses
            if use is not None
        )

    def spec_of(self, scope: Scope) -> Scope:
        """The spec that a block is written in."""
        while scope.id and scope.definition.kind != "spec":
            scope = self.network.graph.scopes[scope.parent]
        return scope

    # -- from the leaves up: which names are parameters
    # ------------------------------------------------------------------

    def finish(self, template: Template) -> None:
        """Decides what a template gives the blocks inside it, and so which parameters it takes.

        What a class takes that contains itself it gives to itself, so that is asked until nothing is new.
        """
        known = self._take(template)
        if not contains_itself(template):
            return
        for _ in range(ROUNDS):
            before, known = known, self._take(template)
            if known == before:
                note_deeper(self, template)
                return
        self.endless.add(id(template.definition))

    def _take(self, template: Template) -> tuple[str, ...]:
        own = self.settings[template]
        for part in block_parts(template.parts):
            child = self.settings[part.template]
            if part in own.runs:
                own.arguments[part] = arguments_of_run(self, own, part, child, partial(self._argument, template, part))
            else:
                own.arguments[part] = {name: self._argument(template, part, name, child) for name in child.parameters}
                self._indexed_arguments(part, own, child)
            for name in child.ops & own.arguments[part].keys():
                own.ops |= chosen_names(own.arguments[part][name])
        for counted, count in own.counts.items():
            inside = block_parts((counted,)) if isinstance(counted, SequencePart) else ()
            said = ({**own.arguments[part], **own.indexed.get(part, {})} for part in inside)
            if any(one != other for one, other in pairwise(said)):
                self.lost |= own.rooted(names(count))
        used = own.read(name for expr in self._expressions(own) for name in names(expr))
        own.needed = tuple(name for name in own.variables if name in used)
        order = [*own.sizes, *own.values, *own.extras]
        own.parameters = tuple(name for name in dict.fromkeys(order) if name in used)
        return own.parameters

    def _indexed_arguments(self, part: BlockPart, own: Settings, child: Settings) -> None:
        """Keeps of what is given by number the arguments that there are, where the number gives the right values."""
        candidates = own.indexed.pop(part, {})
        kept = {}
        for name in child.parameters:
            values = self.held(part, name, child)
            expr = self.by_number(own, candidates.get(name), values, own.indices.get(part))
            if expr is not None and (name not in child.ops or own.chooses(expr)):
                kept[name] = expr
                own.ops |= chosen_names(expr) if name in child.ops else NOTHING
        if kept:
            own.indexed[part] = kept

    def held(self, part: BlockPart, name: str, child: Settings) -> list[Value]:
        """What a name of a block's template is in each use of the part."""
        held = child.values.get(name) or child.extras[name]
        return [held[self.position[use.id]] if use is not None else None for use in part.uses]

    def by_number(self, own: Settings, expr: Expr | None, values: list[Value], index: int | None) -> Expr | None:
        """`expr` where it reads `i` and gives the right value in every use; else None. No `(8, 16, 32)[i]`."""
        if expr is None or index is None or "i" not in names(expr) or size(expr) > LARGEST or picks(expr):
            return None
        fits = all(value is None or same(own.value(expr, k, index), value) for k, value in enumerate(values))
        return expr if fits else None

    def _argument(self, template: Template, part: BlockPart, name: str, child: Settings) -> Expr:
        own = self.settings[template]
        candidates = own.candidates[part]
        candidate = candidates.get(name)
        if candidate is None:
            candidate = within(child.told.get(name, Followed(None)), candidates)
        there = [use is not None for use in part.uses]
        called = child.sizes[name].called if name in child.sizes else name
        values = self.held(part, name, child)
        made = self.decide(own, candidate, values, there, part.name, called)
        if name in child.ops and not own.chooses(made):
            return self.decide(own, Followed(None), values, there, part.name, called)
        return made

    def _expressions(self, own: Settings) -> Iterator[Expr]:
        for slots in own.slots.values():
            yield from slots.values()
        for arguments in own.arguments.values():
            yield from arguments.values()
        for said in (*own.starts.values(), *own.later.values()):
            yield from said.values()
        for handed in (*own.handed.values(), *own.numbered.values()):
            yield from handed
        yield from own.conditions.values()
        yield from (*own.counts.values(), *own.blocks.values())

    def decide(
        self, own: Settings, candidate: Followed, values: list[Value], there: list[bool], part: str, slot: str
    ) -> Expr:
        """How a setting is written: the candidate where it holds in every use, a literal, or a parameter of its own.

        A root that reaches it and is lost on the way is noted.
        """
        present = [i for i, is_there in enumerate(there) if is_there]
        first = values[present[0]]
        equal = all(same(values[i], first) for i in present)
        guarded = len(present) < len(there)  # under a condition, a number would read as if it always were that
        rooted, kept = bool(own.rooted(candidate.names)), not own.kept.isdisjoint(candidate.names)
        for expr in branches(candidate.expr, own):
            if isinstance(expr, Literal) or size(expr) > LARGEST:
                continue
            wanted = rooted or kept or guarded or not equal or is_long(first)
            if wanted and all(same(own.value(expr, i), values[i]) for i in present):
                if own.said_alone(expr) and not picks(expr, own.borrowed):
                    return expr
                if rooted or not equal:
                    return self.own_parameter(own, part, slot, values, Followed(expr, candidate.names))
        if equal and isinstance(candidate.expr, Literal) and candidate.expr.value == first:
            return Literal(first)
        if rooted:
            self.lost |= own.rooted(candidate.names)
        return Literal(first) if equal else self.own_parameter(own, part, slot, values, candidate)

    def own_parameter(
        self, own: Settings, part: str, slot: str, values: list[Value], told: Followed | None = None
    ) -> Expr:
        """A parameter of its own for a setting that differs between the uses; one of the same value serves again."""
        told = told or Followed(None)
        if told.expr is not None:
            for name, known in own.told.items():
                if known.expr == told.expr and own.extras[name] == tuple(values):
                    return Name(name)
        name = slot if not part or part.isdigit() else f"{worded(part)}_{slot}"
        taken = {**own.values, **own.extras}
        while name in taken:
            name += "_"
        own.extras[name], own.told[name] = tuple(values), told
        return Name(name)
