"""Docs: what the docstring of a class says.

    Halves the resolution, and returns.                     its author's doc
    (N, in_channels, H, W) -> (N, width, H, W)              what it takes and gives
    Args: width: Channels of both convolutions.             the docs of the params that it takes

Each part that there is stands in a paragraph of its own.
"""

from collections.abc import Iterator, Sequence

from archspec.code.dimensions import Dimensions
from archspec.code.many import LOST, Many
from archspec.code.parts import Template
from archspec.code.program import Class, Docstring, Parameter
from archspec.code.settings import Settling
from archspec.graph.graph import Local, Ref
from archspec.graph.walk import resolve


class Docs:
    """The docstrings of all classes."""

    def __init__(self, settling: Settling) -> None:
        self.settling, self.network = settling, settling.network

    def docstring(
        self, template: Template, dimensions: Dimensions, arguments: Sequence[str], parameters: Sequence[Parameter]
    ) -> Docstring:
        """What the docstring of a class says.

        Args:
            template: of the class.
            dimensions: its shapes.
            arguments: what `forward` takes first, one for each input.
            parameters: what its constructor takes.
        """
        doc = template.definition.doc if template.uses[0].id else self.network.doc
        taken = [
            (name, dimensions.told(dimensions.own.dims.get(Local(given), ()), dimensions.input(k), given=True))
            for k, (name, given) in enumerate(zip(arguments, template.definition.inputs, strict=False))
        ]
        inputs = [dimensions.input(k) for k in range(len(taken))]
        made = [
            (port, shape if LOST not in shape else self._as_given(refs, inputs, taken) or shape)
            for port, shape, refs in self._outputs(template, dimensions)
        ]
        words, args = tuple(doc.strip().splitlines()), tuple(self._told(template, parameters))
        return Docstring(words, _listed(taken), _listed(made), args)

    def together(self, made: Class, many: Many) -> Docstring:
        """The docstring of the one class of a block that takes any number of values.

        Args:
            made: its class for one number.
            many: its shapes.
        """
        taken = [f"{name} {many.before(number)}" for number, name in enumerate(made.inputs[: many.start])]
        return Docstring(made.doc.words, (*taken, f"*{many.called} {many.values()}"), (many.given(),), made.doc.args)

    def _as_given(self, refs: Sequence[Ref], inputs: Sequence[Sequence[Ref]], taken: Sequence[tuple[str, str]]) -> str:
        """How the shape of an input is told that an output has in every use; "" where it has none of these."""
        shapes = list(map(self.network.shape, refs))
        same = (
            told for read, (_, told) in zip(inputs, taken, strict=False) if shapes == [*map(self.network.shape, read)]
        )
        return next(same, "")

    def _outputs(self, template: Template, dimensions: Dimensions) -> Iterator[tuple[str, str, Sequence[Ref]]]:
        """What a class gives: the names of its outputs, their shapes, and what they are in every use."""
        graph = self.network.graph
        for port in template.ports:
            refs = [resolve(graph, use.id, use.outputs[port]) for use in template.uses if port in use.outputs]
            if len(refs) == len(template.uses):
                yield port, dimensions.told(dimensions.own.gives.get(port, ()), refs), refs

    def _told(self, template: Template, parameters: Sequence[Parameter]) -> Iterator[tuple[str, str]]:
        """The author's words for what a constructor takes, those of the spec around for what it reads of that."""
        spec = self.settling.spec_of(template.uses[0])
        params = {param.name: param.doc for param in (*spec.definition.params, *template.definition.params)}
        for parameter in parameters:
            if doc := " ".join(params.get(parameter.told, "").split()):
                yield parameter.name, doc


def _listed(shapes: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """`(N, 64, H, W)`, and with their names where there are several: `x (N, 64, H, W)` and `skip (N, 32, H, W)`."""
    return tuple(shape if len(shapes) == 1 else f"{name} {shape}" for name, shape in shapes)
