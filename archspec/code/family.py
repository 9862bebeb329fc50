"""Family: all variants of a spec in one file, with a function for each.

    __all__ = ["ResNet", "resnet18", "resnet50"]

    class ResNet(nn.Module): ...

    def resnet50(classes: int = 1000) -> ResNet:
        return ResNet(Bottleneck, (3, 4, 6, 3), classes=classes)

What the variants set are arguments of the class, where they have one structure; else there are several classes.
"""

from collections.abc import Sequence
from dataclasses import replace

from archspec.code.build import Builder, built
from archspec.code.program import Attribute, Class, Construct, Function, Parameter, Program
from archspec.code.pytorch import source
from archspec.graph.network import Network
from archspec.graph.walk import inside
from archspec.language.names import unused
from archspec.values.cost import Cost
from archspec.values.expression import Name
from archspec.values.source import walk


def emit_family(network: Network, variants: Sequence[str]) -> str:
    """A family as PyTorch source.

    Args:
        network: the variants side by side, as `Reading.family` gives them.
        variants: what each is called, in order.
    """
    return source(_with_functions(*built(network, variants), variants))


def _with_functions(builder: Builder, made: Program, variants: Sequence[str]) -> Program:
    """The program with functions in place of the class that holds all members."""
    *classes, outer = made.classes
    functions = tuple(
        _function(builder, f"v{k}", variant, name, outer, one)
        for k, (variant, name, one) in enumerate(zip(variants, builder.functions, _members(outer), strict=True))
    )
    return replace(made, classes=tuple(classes), functions=functions)


def _function(builder: Builder, id: str, variant: str, name: str, outer: Class, made: Construct) -> Function:
    """The function that makes a variant: the member `id`."""
    parameters = _parameters(outer, made)
    called = Name(unused("model", {*builder.names, *(parameter.name for parameter in parameters)}))
    said = builder.said_outside(builder.network.graph.scopes[id], called)
    return Function(name, _told(builder.network, id, variant), parameters, made, called, said)


def _members(outer: Class) -> list[Construct]:
    """How each member is made."""
    return [one.module for one in outer.attributes if isinstance(one, Attribute) and isinstance(one.module, Construct)]


def _parameters(outer: Class, made: Construct) -> tuple[Parameter, ...]:
    """What a function takes: the params of the family that its member is given."""
    given = (*made.args, *(value for _, value in made.keywords))
    read = {part.name for value in given for part in walk(value) if isinstance(part, Name)}
    return tuple(parameter for parameter in outer.parameters if parameter.name in read)


def _told(network: Network, id: str, variant: str) -> str:
    """What the docstring of a function says: the variant and its counts."""
    graph = network.graph
    ids = [member.id for member in inside(graph, graph.scopes[id]) if member.id in graph.nodes]
    always = sum((network.costs[id] for id in ids if not graph.nodes[id].train_only), Cost())
    return f"{variant}: {always.params:,} parameters, {always.macs:,} MACs."
