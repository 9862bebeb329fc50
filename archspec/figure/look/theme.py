"""Themes: the colours and the type of a picture, as data. Colours never change what is drawn or where."""

from collections.abc import Mapping
from dataclasses import replace

from archspec.ops.op import Role
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Paint:
    """How a shape is painted: CSS hex colours, or "none"; line width in points."""

    fill: str
    stroke: str
    width: float = 0.8
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Fonts:
    """The face and its sizes, in points.

    Attributes:
        family: asked for first, where a viewer chooses the face: in SVG and on the page. Text is measured in Helvetica
            and held to that width there; PNG, PDF and TikZ are set in Helvetica or its like, whatever stands here.
        title: of the picture.
        panel: titles of the blocks shown below.
        block: first line of a box.
        detail: further lines of a box, the legend.
        counts: params and MACs, footnotes.
    """

    family: str = "Helvetica"
    title: float = 10.0
    panel: float = 8.4
    block: float = 7.2
    detail: float = 6.4
    counts: float = 6.0


_SMALLER = 0.9  # of the size of type, where the page is narrow
SMALLEST, LARGEST = 5.5, 24.0  # points: smaller type cannot be read in print, larger does not fit a box


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they mean, and fonts.

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
        heat: the hottest colour of the heat scale.
        fonts: of all text.
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
    heat: str
    fonts: Fonts = Fonts()

    def paint(self, role: Role) -> Paint:
        """How a box of `role` is painted."""
        return self.roles.get(role, self.other)


def in_small_type(theme: Theme) -> Theme:
    """The same with what stands in boxes set a little smaller, never below the size of counts."""
    fonts = theme.fonts
    block, detail = (max(_SMALLER * size, min(size, fonts.counts)) for size in (fonts.block, fonts.detail))
    return replace(theme, fonts=replace(fonts, block=block, detail=detail))


LIGHT = Theme(
    name="light",
    background="#ffffff",
    ink="#1a1a1a",
    faint="#5f5f5f",
    roles={
        Role.CONV: Paint("#bcd4f0", "#2f6ca8"),
        Role.POOL: Paint("#fbcdb5", "#bd4f19"),
        Role.UPSAMPLE: Paint("#b4e6c9", "#0f6640"),
        Role.LINEAR: Paint("#dcc0ec", "#5c2c85"),
        Role.ATTENTION: Paint("#f6e3a4", "#7d5f00"),
    },
    other=Paint("#e8e8e8", "#6b6b6b"),
    terminal=Paint("#ffffff", "#5a5a5a"),
    frame=Paint("#f6f7f9", "#b4bac2", 0.6),
    flow=Paint("none", "#444444", 0.8),
    skip=Paint("none", "#b3261e", 1.0),
    pill=Paint("#1f4e79", "#ffffff"),
    heat="#b35900",
)

DARK = Theme(
    name="dark",
    background="#16191d",
    ink="#f1f1f1",
    faint="#a9adb3",
    roles={
        Role.CONV: Paint("#1f4168", "#72a8e2"),
        Role.POOL: Paint("#6b3419", "#f0a37c"),
        Role.UPSAMPLE: Paint("#1b5a3c", "#8fdcb4"),
        Role.LINEAR: Paint("#5b3a74", "#dcbcef"),
        Role.ATTENTION: Paint("#57491a", "#ecd06f"),
    },
    other=Paint("#3a3e44", "#b0b4ba"),
    terminal=Paint("#16191d", "#b0b4ba"),
    frame=Paint("#1d2126", "#4a515a", 0.6),
    flow=Paint("none", "#c4c7cb", 0.8),
    skip=Paint("none", "#ff7b72", 1.0),
    pill=Paint("#d6e6f7", "#16191d"),
    heat="#ffb454",
)

PRINT = Theme(
    name="print",
    background="#ffffff",
    ink="#000000",
    faint="#404040",
    roles={
        Role.CONV: Paint("#ffffff", "#000000"),
        Role.POOL: Paint("#c4c4c4", "#000000"),
        Role.UPSAMPLE: Paint("#f0f0f0", "#000000"),
        Role.LINEAR: Paint("#e1e1e1", "#000000"),
        Role.ATTENTION: Paint("#b5b5b5", "#000000"),
    },
    other=Paint("#d2d2d2", "#000000"),
    terminal=Paint("#ffffff", "#000000"),
    frame=Paint("none", "#808080", 0.6),
    flow=Paint("none", "#000000", 0.7),
    skip=Paint("none", "#000000", 1.4),
    pill=Paint("#000000", "#ffffff"),
    heat="#595959",
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}
