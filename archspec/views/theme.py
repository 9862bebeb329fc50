"""Themes: the colours of a picture, as data. A theme never changes what is drawn or where."""

from collections.abc import Mapping
from dataclasses import dataclass

from archspec.ops.op import Role


@dataclass(frozen=True, slots=True)
class Paint:
    """How a shape is painted: CSS hex colours, or "none"; line width in points."""

    fill: str
    stroke: str
    width: float = 0.8
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they mean.

    Attributes:
        name: as the user asks for it.
        background: of the page.
        ink: titles and labels.
        faint: counts and footnotes.
        roles: fill and stroke of an op's box by its role.
        other: those of the roles that have none of their own.
        terminal: inputs and outputs.
        frame: what stands round the members of an open block.
        flow: ordinary edges.
        skip: edges that jump over blocks.
        pill: behind the count of a repeat, and the count itself.
    """

    name: str
    background: str
    ink: str
    faint: str
    roles: Mapping[Role, Paint]
    other: Paint
    terminal: Paint
    frame: Paint
    flow: Paint
    skip: Paint
    pill: Paint

    def paint(self, role: Role) -> Paint:
        """How a box of `role` is painted."""
        return self.roles.get(role, self.other)


LIGHT = Theme(
    name="light",
    background="#ffffff",
    ink="#1a1a1a",
    faint="#5f5f5f",
    roles={
        Role.CONV: Paint("#bcd4f0", "#2f6ca8"),
        Role.POOL: Paint("#f8c3a8", "#c4551d"),
        Role.UPSAMPLE: Paint("#b5e0c8", "#1d855a"),
        Role.LINEAR: Paint("#e0cdea", "#7b4b9c"),
    },
    other=Paint("#e8e8e8", "#6b6b6b"),
    terminal=Paint("#ffffff", "#5a5a5a"),
    frame=Paint("#f6f7f9", "#b4bac2", 0.6),
    flow=Paint("none", "#444444", 0.8),
    skip=Paint("none", "#b3261e", 1.0),
    pill=Paint("#1f4e79", "#ffffff"),
)

DARK = Theme(
    name="dark",
    background="#16191d",
    ink="#f1f1f1",
    faint="#a9adb3",
    roles={
        Role.CONV: Paint("#24476d", "#7fb2e6"),
        Role.POOL: Paint("#6b3419", "#f0a37c"),
        Role.UPSAMPLE: Paint("#1c5238", "#7fd0a6"),
        Role.LINEAR: Paint("#4c3260", "#cba6e0"),
    },
    other=Paint("#3a3e44", "#b0b4ba"),
    terminal=Paint("#16191d", "#b0b4ba"),
    frame=Paint("#1d2126", "#4a515a", 0.6),
    flow=Paint("none", "#c4c7cb", 0.8),
    skip=Paint("none", "#ff7b72", 1.0),
    pill=Paint("#d6e6f7", "#16191d"),
)

PRINT = Theme(
    name="print",
    background="#ffffff",
    ink="#000000",
    faint="#404040",
    roles={
        Role.CONV: Paint("#ffffff", "#000000"),
        Role.POOL: Paint("#d9d9d9", "#000000"),
        Role.UPSAMPLE: Paint("#efefef", "#000000"),
        Role.LINEAR: Paint("#f7f7f7", "#000000"),
    },
    other=Paint("#e6e6e6", "#000000"),
    terminal=Paint("#ffffff", "#000000"),
    frame=Paint("none", "#808080", 0.6),
    flow=Paint("none", "#000000", 0.7),
    skip=Paint("none", "#000000", 1.4),
    pill=Paint("#000000", "#ffffff"),
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}
