"""SPEC, --variant, --set, --input and --ops: the same for every command that reads a network."""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import wraps
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import click

from archspec.cli.late import LateChoices, LateHelp, listed, measure_names
from archspec.cli.own_ops import ops_option
from archspec.cli.permits import permit_options
from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.design import Design
    from archspec.graph.network import Network
    from archspec.language.permit import Permit
    from archspec.pipeline import Family, Reading

F = TypeVar("F", bound=Callable[..., None])
Sizes: TypeAlias = "Mapping[str, tuple[tuple[int, ...], str]]"

KINDS = ("float", "int", "bool")


@dataclass(frozen=True, slots=True)
class Request:
    """Which network is meant.

    Attributes:
        spec: a path, `-`, or a gallery name, optionally with `:variant`.
        variant: as given by --variant.
        settings: param -> its value as YAML text.
        inputs: input -> its dimensions without the batch, and what it holds; "" for the one input there is.
        permit: what the spec may do besides.
        block: the path or the name of a block that stands behind the spec, "" for all of the network.
        params: of a module, its own arguments become params, which takes making it again for each of them.
    """

    spec: str
    variant: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    inputs: "Sizes" = field(default_factory=dict)
    permit: "Permit | None" = None
    block: str = ""
    params: bool = False

    def network(self) -> "Network":
        """The checked network; its warnings are printed. Raises SpecError."""
        return self.design().network

    def design(self) -> "Design":
        """The network, which can be had at other sizes and settings too; its warnings are printed. Raises SpecError."""
        from archspec.cli.console import show_diagnostics
        from archspec.design import Design

        self._require_one_variant()
        read = self._read()
        design = Design(read(), read)
        show_diagnostics(design.network.warnings)
        return design

    def family(self) -> "Family":
        """All variants of the spec; warnings are printed. Raises SpecError, or Usage where one variant is named."""
        from archspec.cli.application import Usage
        from archspec.cli.console import show_diagnostics

        read = self._read()
        if read.variant:
            raise Usage(f"a family has all variants of a spec, so leave out {read.variant}")
        made = read.family()
        show_diagnostics(made.network.warnings)
        return made

    def networks(self) -> "tuple[Network, ...]":
        """The checked networks that are meant: of a spec with variants, where none is named, each. Raises SpecError."""
        from dataclasses import replace

        self._require_one_variant()
        read = self._read()
        variants = (read.variant,) if read.variant else tuple(read.spec.variants) or ("",)
        return tuple(replace(read, variant=variant)() for variant in variants)

    def load(self) -> "Network":
        """The checked network. Raises SpecError."""
        return self._read()()

    def reading(self) -> "Reading":
        """The spec, read and not yet expanded. Raises SpecError."""
        self._require_one_variant()
        return self._read()

    def _read(self) -> "Reading":
        from archspec.diagnostics.diagnostic import Source
        from archspec.language.permit import NOTHING_MORE
        from archspec.pipeline import read_network, read_source

        permit = self.permit or NOTHING_MORE
        text = self._imported()
        if text is not None:
            from archspec.cli.modules import file_of

            source = Source(self.spec, text, file_of(self.spec))
            return read_source(source, variant=self.variant or "", permit=permit)
        dims = {name: size for name, (size, _) in self.inputs.items()}
        return read_network(self.spec, variant=self.variant, settings=self.settings, inputs=dims, permit=permit)

    def _imported(self) -> str | None:
        """The spec of the torch module that SPEC names; None where it names a spec."""
        from archspec.cli.modules import imported, names_module

        if not names_module(self.spec):
            return None
        trusted = self.permit is not None and self.permit.modules is not None
        return imported(self.spec, self.settings, self.inputs, trusted=trusted, params=self.params)

    def _require_one_variant(self) -> None:
        """Raises Usage where SPEC:VARIANT and --variant disagree."""
        from pathlib import Path

        from archspec.cli.application import Usage

        _, colon, named = self.spec.rpartition(":")
        if self.variant and colon and named != self.variant and not Path(self.spec).exists():
            raise Usage(f"{self.spec} and --variant {self.variant} name two variants")


@dataclass(frozen=True, slots=True)
class Given:
    """What a module is made and run with.

    Attributes:
        settings: argument of the callable -> its value as YAML text.
        sizes: input -> its dimensions without the batch, and what it holds; "" for the first input.
        trusted: whether a file that holds a module may run code as it is read.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, tuple[tuple[int, ...], str]] = field(default_factory=dict)
    trusted: bool = False


def given_options(command: F) -> Callable[..., None]:
    """Gives a command --set, --input and --allow-modules of a module, as `given`."""

    @click.option(
        "--input",
        "sizes",
        multiple=True,
        metavar="[NAME=]CxHxW[:int]",
        callback=_inputs,
        help="An input's size without the batch dimension, and :int or :bool where it holds no fractions.",
    )
    @click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_settings,
        help="An argument of the callable, as YAML.",
    )
    @click.option(
        "--allow-modules",
        "trusted",
        is_flag=True,
        help="Read net.pt, a file that holds a whole module: that runs what it says.",
    )
    @wraps(command)
    def with_given(*, settings: dict[str, str], sizes: "Sizes", trusted: bool, **rest: object) -> None:
        command(given=Given(settings, sizes, trusted), **rest)

    return with_given


def spec_options(command: F) -> Callable[..., None]:
    """Gives a command the argument SPEC and the options that go with it, as one `request`."""

    @click.argument("spec", metavar="SPEC")
    @click.option("--variant", metavar="NAME", help="A variant the spec declares; the same as SPEC:NAME.")
    @_setting_options
    @wraps(command)
    def with_request(
        *,
        spec: str,
        variant: str | None,
        settings: dict[str, str],
        inputs: "Sizes",
        permit: "Permit",
        **rest: object,
    ) -> None:
        command(Request(spec, variant, settings, inputs, permit), **rest)

    return with_request


def specs_options(command: F) -> Callable[..., None]:
    """Gives a command arguments SPEC[/BLOCK], and the options for all of them, as `requests`."""

    @click.argument("specs", metavar="SPEC[/BLOCK]...", nargs=-1, required=True)
    @click.option("--variant", metavar="NAME", help="A variant the spec declares; the same as SPEC:NAME.")
    @_setting_options
    @wraps(command)
    def with_requests(
        *,
        specs: tuple[str, ...],
        variant: str | None,
        settings: dict[str, str],
        inputs: "Sizes",
        permit: "Permit",
        **rest: object,
    ) -> None:
        from archspec.gallery import with_block

        requests = [Request(spec, variant, settings, inputs, permit, block) for spec, block in map(with_block, specs)]
        command(tuple(requests), **rest)

    return with_requests


def pair_options(command: F) -> Callable[..., None]:
    """Gives a command the arguments BEFORE and AFTER and the options for both of them, as one pair of `requests`."""

    @click.argument("before", metavar="BEFORE")
    @click.argument("after", metavar="AFTER")
    @_setting_options
    @wraps(command)
    def with_requests(
        *,
        before: str,
        after: str,
        settings: dict[str, str],
        inputs: "Sizes",
        permit: "Permit",
        **rest: object,
    ) -> None:
        pair = (Request(spec, None, settings, inputs, permit) for spec in (before, after))
        command(tuple(pair), **rest)

    return with_requests


def columns_option(*, help: str) -> Callable[[F], F]:
    """Gives a command --columns, names of measures; `help` may say {measures}."""
    return click.option(
        "--columns",
        type=LateChoices(measure_names),
        default="",
        metavar="NAME,NAME",
        cls=LateHelp,
        named={"measures": lambda: listed(measure_names())},
        help=help,
    )


def _setting_options(command: F) -> Callable[..., None]:
    """Gives a command --set and --input, as `settings` and `inputs`, --ops, and what `permit_options` gives."""
    with_input = click.option(
        "--input",
        "inputs",
        multiple=True,
        metavar="[NAME=]CxHxW",
        callback=_inputs,
        help="An input's size without the batch dimension; without NAME where there is one input.",
    )(ops_option(permit_options(command)))
    return click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", callback=_settings, help="A param's value, as YAML."
    )(with_input)


def _settings(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"'{text}' is not NAME=VALUE")
        if name in settings:
            raise click.BadParameter(f"'{name}' is set twice")
        settings[name] = value
    return settings


def _inputs(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> "Sizes":
    inputs: dict[str, tuple[tuple[int, ...], str]] = {}
    for text in given:
        name, _, size = text.rpartition("=")
        if name in inputs or (inputs and "" in (name, *inputs)):
            raise click.BadParameter("each input is given once, by name where there are several")
        dims, colon, kind = size.partition(":")
        if kind not in (*KINDS, ""):
            raise click.BadParameter(f"'{text}' holds {kind!r}, and an input holds {', '.join(KINDS)}")
        inputs[name] = (_dims(text, dims) if dims or not colon else (), kind or "float")
    return inputs


def _dims(text: str, size: str) -> tuple[int, ...]:
    parts = size.replace("X", "x").split("x")
    if not all(part.isascii() and part.isdigit() and int(part[:19]) > 0 for part in parts):
        raise click.BadParameter(f"'{text}' is not a size such as 3x224x224")
    return tuple(int(part[:19]) for part in parts)
