"""Late: options that name formats or measures, which are looked up when they are needed: looking loads them."""

from collections.abc import Callable, Mapping, Sequence

import click
from click.shell_completion import CompletionItem


class LateHelp(click.Option):
    """An option whose help has places for what is looked up: `its suffix chooses: {formats}`.

    Args:
        declarations: names of the option.
        named: place -> what looks up the words for it.
        settings: as of any option.
    """

    def __init__(
        self, declarations: Sequence[str], *, named: Mapping[str, Callable[[], str]], **settings: object
    ) -> None:
        super().__init__(declarations, **settings)  # type: ignore[arg-type]  # click's own settings, handed on
        self.named = named

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The names of the option, and its help with all places filled."""
        record = super().get_help_record(ctx)
        if record is None:
            return None
        return record[0], record[1].format(**{place: words() for place, words in self.named.items()})


class LateChoice(click.ParamType):  # type: ignore[type-arg]  # generic in new versions of click only
    """One of several names that are looked up: `[text|json]`."""

    name = "choice"

    def __init__(self, named: Callable[[], Sequence[str]]) -> None:
        self._named = named

    @property
    def choices(self) -> tuple[str, ...]:
        """The names."""
        return tuple(self._named())

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002  click's
        """How help shows it; without a context before click 8.2."""
        return f"[{'|'.join(self.choices)}]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name given. Fails as any choice does."""
        return str(click.Choice(self.choices).convert(value, param, ctx))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that start as what was typed."""
        return click.Choice(self.choices).shell_complete(ctx, param, incomplete)


class LateChoices(LateChoice):
    """Several of them, with commas between."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # type: ignore[override]
        """The names given, each once. Fails as any choice does."""
        if isinstance(value, tuple):
            return value
        given = [name.strip() for name in str(value).split(",")] if value else []
        if "" in given:
            self.fail(f"a name is missing beside a comma of {str(value)!r}", param, ctx)
        return tuple(dict.fromkeys(super(LateChoices, self).convert(name, param, ctx) for name in given))


def listed(names: Sequence[str], last: str = "and") -> str:
    """`.txt, .md and .csv`."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def picture_suffixes() -> tuple[str, ...]:
    """Those of all picture formats."""
    from archspec.pictures import suffixes

    return suffixes()


def figure_suffixes() -> tuple[str, ...]:
    """Those of the picture formats that draw differences."""
    from archspec.pictures import suffixes

    return suffixes(of_differences=True)


def plot_suffixes() -> tuple[str, ...]:
    """Those of the picture formats that draw what is laid out already."""
    from archspec.pictures import scene_suffixes

    return scene_suffixes()


def sweep_suffixes() -> tuple[str, ...]:
    """Those of the tables of a sweep."""
    from archspec.search.output import FILES

    return tuple(FILES)


def table_suffixes() -> tuple[str, ...]:
    """Those of all table formats, the ones that a person reads first."""
    from archspec.tables.tables import suffixes

    return tuple(suffixes())


def table_names() -> tuple[str, ...]:
    """The table formats."""
    from archspec.tables.tables import forms

    return tuple(forms())


def measure_names() -> tuple[str, ...]:
    """All measures."""
    from archspec.measures.known import measures

    return tuple(measures())


def convention_names() -> tuple[str, ...]:
    """The ways to count."""
    from archspec.conventions.known import conventions
    from archspec.values.cost import CONVENTIONS

    return (*CONVENTIONS, *conventions())


def heats() -> tuple[str, ...]:
    """The measures that boxes can be coloured by."""
    from archspec.measures.known import shown_in

    return tuple(measure.name for measure in shown_in("heat"))


def venues() -> tuple[str, ...]:
    """What a picture may be for."""
    from archspec.figure.place.venue import VENUES

    return tuple(VENUES)
