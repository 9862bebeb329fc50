"""The keys of `figure`, rows as those of `keys.py`: what an author wants of the figures of a member or a block."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from archspec.language.forms import Glyph, Place, Title
from archspec.language.row import Key


class OpFigure(BaseModel):
    """What a figure shows of an op."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    label: Annotated[Title, Key("what its box is called", absent="what the op is")] = ""
    hidden: Annotated[bool, Key("it has no box, and lines run past it; the last line says so", absent="`false`")] = (
        False
    )
    glyph: Annotated[
        Glyph | None,
        Key("`box`, one that narrows `down` or opens `up`, a `bar`, or its label as a `sign`", absent="its own form"),
    ] = None
    group: Annotated[
        Title, Key("title of a frame round it and what stands beside it with the same title", absent="no frame")
    ] = ""
    row: Annotated[
        Place | None,
        Key("which row of resolutions it stands in, 0 the finest; the figure has rows then", absent="that of its size"),
    ] = None


class BlockFigure(OpFigure):
    """What a figure shows of a block."""

    label: Annotated[Title, Key("what it is called", absent="its name")] = ""
    opened: Annotated[
        bool | None, Key("`true` draws it open on any page, `false` always closed", absent="open where there is room")
    ] = None
