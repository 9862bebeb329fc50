"""The keys of `expect`, rows as those of `keys.py`: the facts that `archspec check` proves."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, create_model

from archspec.language.forms import AnyValue, Size, Sizes, Text
from archspec.language.row import MADE, Key, keys_of
from archspec.measures.known import shown_in
from archspec.measures.measure import Place


class Facts(BaseModel):
    """Facts whose keys are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


def _figures(place: Place) -> type[Facts]:
    """A mapping with a number for each measure that can be expected there."""
    fields: dict[str, Any] = {}
    for measure in shown_in(place):
        told = f"its {measure.label}, everything inside included"
        if place == "expect":
            told = measure.label if measure.training else f"{measure.label} of the network, train-only parts left out"
        fields[measure.name] = (Annotated[Size, Key(told)], 0)
    return create_model(MADE, __base__=Facts, **fields)


class BlockFacts(_figures("expect of a block")):  # type: ignore[misc]  # its keys are the measures there are
    """What is expected of one block or node."""

    shape: Annotated[Sizes, Key("the sizes of its first output, without the batch")] = Field(default=[])


class FactsModel(_figures("expect")):  # type: ignore[misc]  # as above
    """What is expected of one variant."""

    outputs: Annotated[dict[str, Sizes], Key("sizes by the name of an output, without the batch")] = Field(default={})
    output: Annotated[Sizes, Key("the sizes where there is one output")] = Field(default=[])
    blocks: Annotated[
        dict[str, BlockFacts],
        Key("`params`, `macs` and `shape` of a block or node by its path; everything inside counts"),
    ] = Field(default={})
    settings: Annotated[dict[str, AnyValue], Key("the settings that the facts are about")] = Field(
        default={}, alias="with"
    )
    inputs: Annotated[dict[str, Sizes], Key("the sizes of inputs that the facts are about", absent="as declared")] = (
        Field(default={})
    )


class CaseModel(FactsModel):
    """The same in a list of cases, which name their variant."""

    variant: Annotated[Text, Key("in a list of cases, the variant", absent="the params' defaults")] = ""


def _expect_form(value: Any) -> str | None:
    if isinstance(value, list):
        return "<list>"
    if not isinstance(value, dict):
        return None
    return "<facts>" if has_facts(value) else "<mapping>"


def has_facts(keys: Iterable[str]) -> bool:
    """Whether an `expect` with these keys holds facts, and not variants."""
    return not set(keys_of(FactsModel)).isdisjoint(keys)


Expect = Annotated[
    Annotated[FactsModel, Tag("<facts>")]
    | Annotated[dict[str, FactsModel], Tag("<mapping>")]
    | Annotated[list[CaseModel], Tag("<list>")],
    Discriminator(
        _expect_form,
        custom_error_type="wrong-type",
        custom_error_message="facts such as params: 11689512, a mapping of variants to facts, or a list of cases",
    ),
]
