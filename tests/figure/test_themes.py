"""Themes: built-in ones can be read by everybody, a user's file is checked to the letter, heat is an even scale."""

from itertools import combinations, pairwise
from math import dist
from pathlib import Path

import pytest

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.diagnostics.full import render_full
from archspec.figure.look.color import READABLE, VISIBLE, contrast, encoded, from_oklab, linear, mixed, oklab
from archspec.figure.look.heat import STEPS, heat_paint, ink_on, ramp
from archspec.figure.look.theme import DARK, LIGHT, PRINT, THEMES, Fonts, Paint, Theme
from archspec.figure.look.theme_file import NAMES, find_theme, load_theme
from archspec.figure.what.fold import DrawError
from archspec.ops.op import Role

ALL = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))

# How a dichromat sees linear light. Source: Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation
# of Color Vision Deficiency" (2009), table of matrices, severity 1.0.
DICHROMATS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
APART = 0.04  # in Oklab; a step of 0.02 can be told side by side


def seen(color: str, sight: str) -> str:
    light = linear(color)
    red, green, blue = (sum(a * b for a, b in zip(row, light, strict=True)) for row in DICHROMATS[sight])
    return encoded((red, green, blue))


def distance(one: str, other: str) -> float:
    return dist(oklab(one), oklab(other))


def boxes(theme: Theme) -> dict[str, Paint]:
    return {**{role.value: paint for role, paint in theme.roles.items()}, "other": theme.other}


def loaded(text: str) -> Theme:
    return load_theme(Source("mine.yaml", text))


def mistakes(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        loaded(text)
    return render_full(caught.value.diagnostics)


@ALL
def test_text_can_be_read_on_all_that_it_stands_on(theme: Theme) -> None:
    fills = [paint.fill for paint in (*boxes(theme).values(), theme.terminal, theme.frame) if paint.fill != "none"]
    assert min(contrast(theme.ink, fill) for fill in (theme.background, *fills)) >= READABLE
    assert contrast(theme.faint, theme.background) >= READABLE
    assert contrast(theme.pill.stroke, theme.pill.fill) >= READABLE


@ALL
def test_lines_and_outlines_stand_out_from_page_and_fill(theme: Theme) -> None:
    for paint in (*boxes(theme).values(), theme.terminal, theme.flow, theme.skip):
        assert contrast(paint.stroke, theme.background) >= VISIBLE
        assert paint.fill == "none" or contrast(paint.stroke, paint.fill) >= VISIBLE


@ALL
def test_boxes_of_different_roles_differ_in_colour(theme: Theme) -> None:
    for (one, a), (other, b) in combinations(boxes(theme).items(), 2):
        assert max(distance(a.fill, b.fill), distance(a.stroke, b.stroke)) >= APART, (one, other)


@pytest.mark.parametrize("sight", DICHROMATS)
@ALL
def test_roles_and_skips_stay_apart_for_the_colour_blind(theme: Theme, sight: str) -> None:
    for (one, a), (other, b) in combinations(boxes(theme).items(), 2):
        fills, strokes = ([seen(color, sight) for color in pair] for pair in ((a.fill, b.fill), (a.stroke, b.stroke)))
        assert max(distance(*fills), distance(*strokes)) >= APART, (one, other)
    flow, skip = theme.flow, theme.skip
    assert distance(seen(flow.stroke, sight), seen(skip.stroke, sight)) >= APART or flow.width < skip.width


def test_print_has_no_hue() -> None:
    paints = (*boxes(PRINT).values(), PRINT.terminal, PRINT.frame, PRINT.flow, PRINT.skip, PRINT.pill, *ramp(PRINT))
    colors = [color for paint in paints for color in (paint.fill, paint.stroke) if color != "none"]
    assert all(len({color[1:3], color[3:5], color[5:7]}) == 1 for color in colors)


@ALL
def test_heat_goes_in_even_steps_from_the_page_to_its_colour(theme: Theme) -> None:
    fills = [paint.fill for paint in ramp(theme)]
    steps = [distance(a, b) for a, b in pairwise(fills)]
    assert len(fills) == STEPS
    assert fills[-1] == theme.heat
    assert max(steps) - min(steps) < 0.01
    assert min(steps) >= APART
    assert distance(fills[0], theme.background) < APART


@ALL
def test_ink_can_be_read_on_every_step_of_heat(theme: Theme) -> None:
    for paint in ramp(theme):
        assert contrast(ink_on(theme, paint.fill), paint.fill) >= READABLE
        assert contrast(paint.stroke, theme.background) >= VISIBLE


@pytest.mark.parametrize(
    ("share", "step"),
    [(-1, 0), (0, 0), (1 / STEPS - 1e-9, 0), (1 / STEPS, 1), (0.5, 3), (1, STEPS - 1), (7, STEPS - 1)],
)
def test_heat_of_a_share_is_its_step(share: float, step: int) -> None:
    assert heat_paint(LIGHT, share) == ramp(LIGHT)[step]


@pytest.mark.parametrize("fill", ["none", *NAMES.values(), "#777777", "#808080"])
@ALL
def test_some_ink_can_be_read_on_any_fill(theme: Theme, fill: str) -> None:
    under = theme.background if fill == "none" else fill
    assert contrast(ink_on(theme, fill), under) >= READABLE


def test_ink_is_the_themes_where_that_can_be_read() -> None:
    assert ink_on(LIGHT, "#ffffff") == LIGHT.ink
    assert ink_on(LIGHT, "#000000") == LIGHT.background
    assert ink_on(DARK, "none") == DARK.ink


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.01)


def test_oklab_has_its_published_values() -> None:
    """Source: the article's table, sRGB red and its test colours."""
    assert oklab("#ffffff") == pytest.approx((1, 0, 0), abs=1e-3)
    assert oklab("#ff0000") == pytest.approx((0.628, 0.225, 0.126), abs=1e-3)
    assert oklab("#0000ff") == pytest.approx((0.452, -0.032, -0.312), abs=1e-3)


@pytest.mark.parametrize("color", NAMES.values())
def test_oklab_goes_there_and_back(color: str) -> None:
    assert from_oklab(oklab(color)) == color
    assert (mixed(color, "#123456", 0), mixed(color, "#123456", 1)) == (color, "#123456")


def test_a_file_changes_what_it_says_and_nothing_else() -> None:
    theme = loaded('base: dark\nskip: "#0AF"\nfont: {family: Inter, block: 8}\n')
    assert theme.name == "mine"
    assert theme.skip == Paint("none", "#00aaff", DARK.skip.width)
    assert theme.fonts == Fonts(family="Inter", block=8.0)
    assert (theme.background, theme.roles, theme.flow) == (DARK.background, DARK.roles, DARK.flow)


def test_the_base_is_light_where_none_is_given() -> None:
    assert loaded("ink: black").other == LIGHT.other


def test_both_colours_of_a_box_are_taken_as_written() -> None:
    theme = loaded('norm: {fill: "#eeeeee", stroke: "#123456"}')
    assert theme.paint(Role.NORM) == Paint("#eeeeee", "#123456")
    assert theme.paint(Role.CONV) == LIGHT.paint(Role.CONV)


@pytest.mark.parametrize("base", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_from_one_colour_of_a_box_the_other_is_made_so_that_it_can_be_seen(base: str, name: str) -> None:
    theme = loaded(f"base: {base}\nconv: {name}")
    paint = theme.paint(Role.CONV)
    assert NAMES[name] in (paint.fill, paint.stroke)
    assert contrast(paint.stroke, theme.background) >= VISIBLE
    assert contrast(ink_on(theme, paint.fill), paint.fill) >= READABLE


@pytest.mark.parametrize("part", ["fill", "stroke"])
def test_one_part_of_a_box_stays_as_written(part: str) -> None:
    paint = loaded(f"linear: {{{part}: teal}}").paint(Role.LINEAR)
    assert getattr(paint, part) == NAMES["teal"]


def test_every_key_is_read() -> None:
    lines = [f"{key}: black" for key in ("ink", "faint", "heat", "flow", "skip")]
    lines += ["background: white", "base: print", "font: {title: 9, panel: 8, block: 7, detail: 6, counts: 5.5}"]
    boxes = ("conv", "pool", "upsample", "linear", "norm", "activation", "merge", "attention", "embedding", "recurrent")
    lines += [f"{key}: {{fill: white, stroke: navy}}" for key in (*boxes, "other", "terminal", "frame", "pill")]
    theme = loaded("\n".join(lines))
    assert len(theme.roles) == len(boxes)
    assert {paint.stroke for paint in (*theme.roles.values(), theme.other, theme.terminal, theme.pill)} == {"#000080"}
    assert theme.fonts == Fonts(title=9, panel=8, block=7, detail=6, counts=5.5)


FULL_OF_MISTAKES = "base: drak\nbackgroud: black\nconv: [1]\nfont: {block: 4, size: 3, family: 7}\n"
TOLD = (
    "error[wrong-type]: base is one of light, dark, print, not 'drak'\n"
    " --> mine.yaml:1:7\n"
    "  |\n"
    "1 | base: drak\n"
    "  |       ^^^^\n"
    "help: did you mean dark?\n"
    "\n"
    "error[unknown-key]: a theme has no key backgroud\n"
    " --> mine.yaml:2:1\n"
    "  |\n"
    "2 | backgroud: black\n"
    "  | ^^^^^^^^^\n"
    "help: did you mean background?\n"
    "\n"
    "error[bad-color]: conv is a colour, not a list\n"
    " --> mine.yaml:3:8\n"
    "  |\n"
    "3 | conv: [1]\n"
    "  |        ^\n"
    'help: write it as "#b3261e", or by a basic name: navy\n'
    "\n"
    "error[type-size]: block is 4 points, and less than 5.5 is not printed\n"
    " --> mine.yaml:4:15\n"
    "  |\n"
    "4 | font: {block: 4, size: 3, family: 7}\n"
    "  |               ^\n"
    "help: block: 5.5\n"
    "\n"
    "error[unknown-key]: font has no key size\n"
    " --> mine.yaml:4:18\n"
    "  |\n"
    "4 | font: {block: 4, size: 3, family: 7}\n"
    "  |                  ^^^^\n"
    "help: the keys of font are family, title, panel, block, detail, counts\n"
    "\n"
    "error[wrong-type]: family is the name of a font, not '7'\n"
    " --> mine.yaml:4:35\n"
    "  |\n"
    "4 | font: {block: 4, size: 3, family: 7}\n"
    "  |                                   ^\n"
    "help: several names stand with commas: Inter, Lato"
)


def test_all_mistakes_of_a_file_are_told_at_their_places() -> None:
    assert mistakes(FULL_OF_MISTAKES) == TOLD


@pytest.mark.parametrize(
    ("text", "place"),
    [("conv: #2f6ca8", "1:7"), ("skip: red\nconv: {fill: #2f6ca8, stroke: red}", "2:14"), ("ink:\n  #2f6ca8\n", "")],
)
def test_a_colour_without_quotes_is_a_comment_to_yaml(text: str, place: str) -> None:
    told = mistakes(text)
    if place:
        assert told.startswith("error[bad-color]: YAML reads #2f6ca8 as a comment\n")
        assert f"--> mine.yaml:{place}\n" in told
        assert told.endswith('help: quote it: "#2f6ca8"')
    else:
        assert told.startswith("error[bad-color]: ink is a colour, not nothing\n")


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_no_theme(text: str) -> None:
    told = mistakes(text)
    assert told.startswith("error[empty-document]: this file holds no theme\n")
    assert told.endswith("help: start with a base: base: light")


@pytest.mark.parametrize(("text", "what"), [("- conv", "a list"), ("dark", "'dark'")])
def test_a_theme_is_a_mapping(text: str, what: str) -> None:
    assert mistakes(text).startswith(f"error[wrong-type]: a theme is a mapping, not {what}\n")


@pytest.mark.parametrize("color", ["rgb(1,2,3)", "#12", "#12345", "#gggggg", "bleu", "12", "true", "{a: b}"])
def test_what_is_no_colour_is_told(color: str) -> None:
    told = mistakes(f'skip: "{color}"' if color.startswith("#") else f"skip: {color}")
    assert "skip" in told
    assert told.startswith(("error[bad-color]", "error[unknown-key]"))


def test_the_nearest_name_of_a_colour_is_offered() -> None:
    assert mistakes("skip: marroon").endswith("help: did you mean maroon?")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("background: black", "ink #1a1a1a on the background #000000 has a contrast of 1.2, and text needs 4.5"),
        ('faint: "#aaa"', "faint #aaaaaa on the background #ffffff has a contrast of 2.3, and text needs 4.5"),
        ("pill: {fill: white}", "pill's stroke #ffffff on its fill #ffffff has a contrast of 1.0, and text needs 4.5"),
    ],
)
def test_text_that_cannot_be_read_is_told_with_a_colour_that_can(text: str, message: str) -> None:
    told = mistakes(text)
    assert told.startswith(f"error[low-contrast]: {message}\n")
    assert "help: write " in told


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("5.4", "block is 5.4 points, and less than 5.5 is not printed"),
        ("25", "block is 25 points, and 24 is the largest"),
        ("big", "block is a number of points, not 'big'"),
        ("true", "block is a number of points, not 'true'"),
        (".nan", "block is nan points, and 24 is the largest"),
    ],
)
def test_type_sizes_have_limits(size: str, told: str) -> None:
    assert told in mistakes(f"font: {{block: {size}}}")


def test_a_theme_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    path = tmp_path / "house.yaml"
    path.write_text("base: print\n", encoding="utf-8")
    assert find_theme("dark") is DARK
    assert find_theme(str(path)).name == "house"


def test_a_theme_that_is_nowhere_lists_those_there_are(tmp_path: Path) -> None:
    expected = r"^no theme 'sepia'; there are light, dark and print, and files of your own: theme\.yaml$"
    with pytest.raises(DrawError, match=expected):
        find_theme("sepia")
    with pytest.raises(SpecError, match="cannot be read"):
        find_theme(str(tmp_path / "none.yaml"))
