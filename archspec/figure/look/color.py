"""Colours as arithmetic: contrast as WCAG 2 defines it, and even mixtures in Oklab.

A colour is CSS hex of six digits, `#rrggbb`. Source: WCAG 2.1, relative luminance and contrast ratio; Björn Ottosson,
"A perceptual color space for image processing" (2020), for Oklab, in which equal distances look equal.
"""

from typing import TypeAlias

Triple: TypeAlias = tuple[float, float, float]

READABLE = 4.5  # least contrast of text, WCAG 2.1 level AA
VISIBLE = 3.0  # least contrast of lines and edges of shapes


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue of `color`, 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def linear(color: str) -> Triple:
    """Linear light of `color`, 0 to 1 a channel."""
    red, green, blue = (_linear(channel / 255) for channel in channels(color))
    return red, green, blue


def encoded(light: Triple) -> str:
    """The colour of linear `light`, cut to what a screen can show."""
    return "#" + "".join(f"{round(255 * _encoded(min(max(part, 0.0), 1.0))):02x}" for part in light)


def luminance(color: str) -> float:
    """Relative luminance: 0 for black, 1 for white."""
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 for equal colours to 21 for black on white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def oklab(color: str) -> Triple:
    """Lightness, green to red, blue to yellow."""
    red, green, blue = linear(color)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def from_oklab(lab: Triple) -> str:
    """The colour at `lab`, cut to what a screen can show."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return encoded(
        (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
    )


def mixed(one: str, other: str, share: float) -> str:
    """`one` with `share` of the way to `other`, in Oklab."""
    (l0, a0, b0), (l1, a1, b1) = oklab(one), oklab(other)
    return from_oklab((l0 + (l1 - l0) * share, a0 + (a1 - a0) * share, b0 + (b1 - b0) * share))


def towards(color: str, end: str, against: str, least: float) -> str:
    """`color`, as little nearer to `end` as gives it a contrast of `least` to `against`; `end` where none has."""
    steps = 40
    for step in range(steps):
        made = mixed(color, end, step / steps)
        if contrast(made, against) >= least:
            return made
    return end


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
