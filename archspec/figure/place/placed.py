"""The values of a layout: boxes, edges and frames in their places. Points from the upper left corner, y downwards."""

from archspec.figure.diagram import Box, Edge, Group, Panel
from archspec.figure.place.lines import Bezier
from archspec.figure.place.sizes import Size
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box and the middle of it; its captions hang below."""

    box: Box
    size: Size
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """An edge and its way from box to box."""

    edge: Edge
    points: Bezier


@dataclass(frozen=True, slots=True)
class Frame:
    """A group's frame, or the part of it that stands in one row."""

    group: Group
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlacedPanel:
    """One panel, its corner at (0, 0)."""

    panel: Panel
    boxes: tuple[PlacedBox, ...]
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...]
    width: float
    height: float
