"""Design: the library's front door. A checked network, and everything that can be made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.language.permit import NOTHING_MORE, Permit
from archspec.pipeline import Reading, read_network, read_text
from archspec.tables.quantity import human
from archspec.values.expression import Value

if TYPE_CHECKING:
    import networkx as nx  # noqa: TID251  the type alone
    from torch import nn  # noqa: TID251  the type alone

    from archspec.figure.diagram import Style
    from archspec.figure.look.theme import Theme
    from archspec.figure.wishes import Orientation, Wishes
    from archspec.runtime.outcome import VerifyReport
    from archspec.runtime.weights.fit import Weights
    from archspec.sizes.rule import SizeRule

Setting = Value | list["Setting"]


@dataclass(frozen=True, slots=True)
class Design:
    """A network that passed every check. In a notebook it shows itself as a picture, with the page to explore folded.

    Attributes:
        network: the graph with its shapes and costs, for whoever wants to look closer.
        at: gives the network at other sizes of its inputs and other values of params; None where there is no spec to
            read again.
    """

    network: Network
    at: Reading | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The name of the network."""
        return self.network.name

    @property
    def class_name(self) -> str:
        """The name of the class that `source` defines: `MyNet` for a network called my_net."""
        from archspec.code.naming import root_class

        return root_class(self.network)

    @property
    def variant(self) -> str:
        """The chosen variant, "" for the params' defaults."""
        return self.network.variant

    @property
    def params(self) -> int:
        """Learned parameters, those of train-only parts left out."""
        return totals(self.network)[0].params

    @property
    def macs(self) -> int:
        """Multiply-adds per sample at inference."""
        return totals(self.network)[0].macs

    @property
    def graph(self) -> "nx.DiGraph[str]":
        """The flat graph of ops: ids are paths, the node attribute `node` holds what archspec knows. It is frozen."""
        return self.network.graph.dag

    def source(self) -> str:
        """The network as PyTorch source."""
        from archspec.code.pytorch import emit

        return emit(self.network)

    def build(
        self,
        *,
        device: str | None = None,
        weights: "Weights | None" = None,
        rename: "Mapping[str, str | None] | str" = "",
    ) -> "nn.Module":
        """A fresh `nn.Module`, made from exactly `source()`.

        Args:
            device: where its parameters are made; "meta" makes none.
            weights: what it starts from, instead of new parameters: a state_dict, a module that has one, or a file as
                `archspec compile --weights` takes it. All of it fits, or nothing is loaded.
            rename: what is called otherwise in `weights`: name there -> name here, or None to leave it out; of whole
                keys or of what keys begin with. "order" pairs them one by one. Or a YAML file.

        Raises:
            PermissionError: the source imports a package that is not torch, and a spec by itself runs no code.
            ValueError: the weights cannot be read, or do not fit; the message says by key what does not.
            SpecError: the file of renames has a mistake.
        """
        from archspec.code.naming import packages
        from archspec.runtime.build import build

        if named := packages(self.network):
            message = f"the source imports {', '.join(named)}, and a spec by itself runs no code"
            raise PermissionError(f"{message}: write it to a file and import that")

        made = build(self.source(), self.class_name, filename=self._filename(), device=device)
        if weights is not None:
            from archspec.runtime.weights.fit import load

            load(made, weights, rename)
        return made

    def summary(
        self, form: str = "text", *, depth: int | None = None, convention: str = "macs", training: bool = False
    ) -> str:
        """Counts per block as text in `form`.

        Args:
            form: "text", "json" or another that `archspec summary --help` lists.
            depth: rows down to this level. Without it, text and markdown show what fits on a page, json and csv all.
            convention: "macs", "fvcore", "torch", "torchvision", or another that `archspec summary --help` lists.
            training: say the MACs of a step of training too.

        Raises:
            ValueError: there is no such form or convention.
        """
        from archspec.tables.tables import summary_table

        return summary_table(self.network, form, depth=depth, convention=convention, training=training)

    def sizes(self, *, training: bool = False) -> "SizeRule":
        """Which sizes of its inputs the network takes, proven for all of them; `tables/sizes.py` tells it in words.

        Args:
            training: with the parts that run in training only.
        """
        from archspec.sizes.rule import size_rule

        return size_rule(self.network, training=training)

    def draw(
        self,
        path: str | PathLike[str],
        *,
        depth: int | None = None,
        expand: tuple[str, ...] = (),
        style: "Style" = "auto",
        heat: str = "",
        theme: "str | Theme" = "light",
        width: float = 0.0,
        orientation: "Orientation" = "horizontal",
    ) -> Path:
        """Draws the network to `path` and returns it.

        The suffix chooses the format: .svg, .pdf, .html or another that `archspec draw --help` lists. The file is
        written whole or not at all.

        Args:
            path: the file to write.
            depth: open blocks down to this level; as many as fit without it.
            expand: paths of blocks to open whatever their level.
            style: "auto", "figure", "graph" or "volumes".
            heat: the measure to colour by: "params", "macs", "activations"; "" for what boxes do.
            theme: "light", "dark", "print", or a theme of your own.
            width: of the page in points; type keeps its size, blocks close and rows wrap until it fits.
            orientation: "horizontal", or "vertical" for a flow that runs from top to bottom.

        Raises:
            ValueError: no format has this suffix, no block has one of these paths, the page is too narrow, or
                the file is read-only or one that the design was read from.
        """
        from archspec.figure.wishes import Wishes
        from archspec.files import put

        target = Path(path)
        wishes = Wishes(depth, expand, style, heat, theme, width, orientation=orientation)
        picture = self._picture(target.suffix, wishes)
        put(target, picture, kept=self.network.files)
        return target

    def verify(self, *, against: str | None = None, device: str = "cpu", dtype: str = "float32") -> "VerifyReport":
        """Runs the source with torch and holds its counts, shapes and values against this design's.

        Args:
            against: another implementation to equal, as MODULE:CALLABLE.
            device: where it runs.
            dtype: of parameters and inputs.

        Raises:
            ValueError: `against` names no model.
        """
        from archspec.runtime.verify import verify

        filename = self._filename()
        where = {"device": device, "dtype": dtype, "filename": filename}
        return verify(self.network, self.source(), against=against, at=self.at, **where)

    def _picture(self, suffix: str, wishes: "Wishes | None" = None) -> bytes:
        from archspec.pictures import picture

        return picture(self.network, suffix, wishes)

    def _filename(self) -> str:
        return f"<archspec {self.name}:{self.variant}>" if self.variant else f"<archspec {self.name}>"

    def _repr_svg_(self) -> str:
        return self._picture(".svg").decode()

    def _repr_html_(self) -> str:
        from archspec.page.notebook import in_cell

        return in_cell(self.network, self._picture(".svg"))

    def __repr__(self) -> str:
        variant = f", {self.variant}" if self.variant else ""
        cost, _ = totals(self.network)
        return f"Design({self.name}{variant}: {human(cost.params)} params, {human(cost.macs)} MACs)"


def load(
    spec: str | PathLike[str],
    variant: str | None = None,
    *,
    inputs: Mapping[str, tuple[int, ...]] | None = None,
    permit: Permit = NOTHING_MORE,
    **params: Setting,
) -> Design:
    """The design that `spec` describes.

    Args:
        spec: a path or a gallery name, optionally with its variant: `resnet:resnet50`.
        variant: one that the spec declares.
        inputs: sizes of inputs without the batch dimension, where they differ from the declared ones.
        permit: what the spec may do besides: use files from elsewhere, expand to more than is usual.
        params: values of the spec's params.

    Raises:
        SpecError: the spec is wrong; it carries every diagnostic.
    """
    return _design(read_network(spec, variant=variant, settings=params, inputs=inputs, permit=permit))


def loads(
    text: str,
    variant: str | None = None,
    *,
    inputs: Mapping[str, tuple[int, ...]] | None = None,
    permit: Permit = NOTHING_MORE,
    **params: Setting,
) -> Design:
    """The design that the YAML `text` describes; otherwise as `load`."""
    return _design(read_text(text, variant=variant, settings=params, inputs=inputs, permit=permit))


def from_module(module: "nn.Module", inputs: object, *, force: bool = False) -> Design:
    """The design of a live torch module, which is run to see what it does. It is as before afterwards.

    Args:
        module: it.
        inputs: a tensor of any number of samples, or the sizes of one after the batch, (3, 224, 224); where forward has
            several arguments, a tuple of such in their order, or a mapping by their names.
        force: takes what is not proven too.

    Raises:
        ValueError: the module does not run, or a part of it cannot be said; with `force` left out, also where the
            source of the design is not the module.
    """
    from archspec.importer.live import spec_of

    return loads(spec_of(module, inputs, force=force))


def _design(read: Reading) -> Design:
    return Design(read(), read)
