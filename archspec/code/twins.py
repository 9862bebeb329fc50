"""Twins: what classes are called where one block, or several of one name, need more than one.

    Layer, LastLayer                     the last part of a repeat is another
    PartitionAttention, GridAttention    two members of one block, the second of which is `grid_attention`
    Bias, DecoderBias                    one stands in `encoder` and one in `decoder`
    Block, CausalBlock                   one has `causal: true`
    ResNet, BottleneckResNet             of a family, what has `block: bottleneck`, whose params are others
    PointNet, VanillaPointNet            or the one variant `vanilla`; RNNSearch50 of `rnnsearch50`
    Unit, Unit2                          nothing tells them apart by name

A number says nothing of what differs, so it is the last resort.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from archspec.code.naming import class_name
from archspec.code.parts import Template
from archspec.graph.graph import Graph, Scope

FEWEST = 3  # letters that a variant and its family have in common for it to be named after that


def name_all(graph: Graph, templates: Sequence[Template], taken: set[str]) -> None:
    """Names all templates and adds the names to `taken`; ends of repeats, and what is no block, come last."""
    twins = _Twins(graph, templates)
    first: dict[str, Template] = {}
    for template in sorted(templates, key=lambda one: (one.definition.kind == "inline", bool(twins.end(one)))):
        said = template.definition.name
        twin = first.setdefault(class_name(said, set()), template)
        telling = twins.telling(template, twin) if twin is not template else ()
        template.name = class_name(_unused(telling, taken) or said, taken)


def name_networks(templates: Sequence[Template], called: str, variants: Mapping[str, str], taken: set[str]) -> None:
    """Names what networks are made by: where a family needs several classes, by the choices that they stand for.

    ResNet and BottleneckResNet, of which one has `block: basic` and one `block: bottleneck`; else after the variant.

    Args:
        templates: of the networks.
        called: what the family is.
        variants: member of it -> its name; none of a network that is no family.
        taken: names that there are, to which these are added.
    """
    for template in templates:
        choices = _choices(template)
        others = _choices(templates[0])
        telling = [f"{value}_{called}" for name, value in choices.items() if others.get(name, value) != value]
        alone = [variants[use.id] for use in template.uses if use.id in variants]
        telling += [_of_variant(variant, called) for variant in alone if len(alone) == 1]
        template.name = class_name(_unused(() if template is templates[0] else telling, taken) or called, taken)


def _of_variant(variant: str, called: str) -> str:
    """`RNNSearch50` of `rnnsearch50`, `StackedHourglass8` of `hourglass8`, and `vanilla_PointNet` of `vanilla`."""
    family = called.replace("_", "").lower()
    ends = (end for end in range(len(variant), 0, -1) if family.endswith(variant[:end].lower()))
    end = next((end for end in ends if end >= FEWEST), 0)
    return f"{called}{variant[end:].replace('_', '')}" if end else f"{variant}_{called}"


def _flags(template: Template) -> Mapping[str, None]:
    """The params that are true in a use."""
    return {name: None for use in template.uses for name, value in use.args.items() if value is True}


def _choices(template: Template) -> dict[str, str]:
    """The params that are one text in all uses."""
    held = {param.name: {use.args[param.name] for use in template.uses} for param in template.definition.params}
    alone = ((name, values.pop()) for name, values in held.items() if len(values) == 1)
    return {name: value for name, value in alone if isinstance(value, str)}


def _unused(names: Iterable[str], taken: AbstractSet[str]) -> str:
    """The first of some names that no class has yet; "" where all are taken."""
    return next((name for name in names if class_name(name, set()) not in taken), "")


class _Twins:
    def __init__(self, graph: Graph, templates: Sequence[Template]) -> None:
        self.scopes = graph.scopes
        self.classes = {use.id for template in templates for use in template.uses}

    def telling(self, template: Template, twin: Template) -> Iterator[str]:
        """Names that say what differs from another class of such a name, the best first."""
        said = template.definition.name
        if end := self.end(template):
            yield f"{end}_{said}"
        around, others = self._around(template), self._around(twin)
        members, more = {use.name for use in template.uses}, {use.name for use in twin.uses}
        if around & others and len(members) == 1 and members.isdisjoint(more):
            yield from (_of_member(name, said) for name in members if name.replace("_", "").isalpha() and len(name) > 1)
        elif len(around) == 1 and around.isdisjoint(others):
            yield from (f"{name}_{said}" for name in around if name)
        others_have = _flags(twin)
        yield from (f"{param}_{said}" for param in _flags(template) if param not in others_have)

    def end(self, template: Template) -> str:
        """`first` or `last`, where all uses are that part of a repeat of several; else ""."""
        places = {self._place(use) for use in template.uses}
        return places.pop() if len(places) == 1 else ""

    def _place(self, use: Scope) -> str:
        repeat = self.scopes[use.parent]
        if repeat.definition.kind != "repeat" or len(repeat.members) < 2:
            return ""
        return {repeat.members[0]: "first", repeat.members[-1]: "last"}.get(use.name, "")

    def _around(self, template: Template) -> frozenset[str]:
        """What the classes are called in which one is used; "" is the network."""
        return frozenset(map(self._class_around, template.uses))

    def _class_around(self, use: Scope) -> str:
        around = self.scopes[use.parent]
        while around.id and around.id not in self.classes:
            around = self.scopes[around.parent]
        return around.definition.name if around.id else ""


def _of_member(member: str, said: str) -> str:
    """`grid_attention` of `partition_attention`, and `left_unit` of `unit` for a member `left`."""
    return member if member.rpartition("_")[2] == said.rpartition("_")[2] else f"{member}_{said}"
