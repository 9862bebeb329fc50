"""The keys of `lint`, rows as those of `keys.py`: what an author tells `archspec lint`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from archspec.language.forms import Text
from archspec.language.row import Key


class Advice(BaseModel):
    """What `archspec lint` is told of a member or a block."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    ignore: Annotated[list[Text], Key("rules that say nothing of it and of all inside", absent="none")] = []


class SpecAdvice(Advice):
    """What `archspec lint` is told of a whole network."""

    logits: Annotated[
        list[Text], Key("outputs that a loss takes as logits, so that no softmax may stand before them", absent="none")
    ] = []
