"""The structure of a spec as Pydantic models: which keys there are, which are required, and what may stand under them.

An op's fields and a block's arguments are values here, whatever their names; they are checked when the op or the block
is known. The models check and describe (`archspec schema` prints their JSON Schema); `read.py` builds the Spec. A tag
in angle brackets stands for the form that a value has, and is skipped when an error's place is looked up in the source.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    create_model,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from archspec.measures.known import shown_in
from archspec.measures.measure import Place

VERSION = 1
PARAM_TYPES = ("int", "float", "number", "bool", "str", "list", "any")
ENTRY_KINDS = ("op", "block", "graph")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("wrong-type", "{wanted}", {"wanted": message})


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        raise _wrong("a value or a list")
    return value


def _name(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _wrong("a name")
    return value


def _condition(value: Any) -> Any:
    for test in value if isinstance(value, list) else [value]:
        if not isinstance(test, bool) and not (isinstance(test, str) and (test == "training" or test.startswith("$"))):
            raise _wrong("an expression such as $(stride != 1), the word training, or a list of these")
    return value


def _count(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.startswith("$"):
        return value
    raise _wrong("a whole number from 0 on, or an expression such as $depth")


def _dims(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return value
    if isinstance(value, list) and value and all(_is_dim(item) for item in value):
        return value
    raise _wrong("a list of sizes without the batch, such as [3, 224, 224]")


def _is_dim(item: Any) -> bool:
    if isinstance(item, str):
        return item.startswith("$")
    return isinstance(item, int) and not isinstance(item, bool) and item > 0


def _version(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        if value != VERSION:
            raise PydanticCustomError(
                "unknown-version", "the language has version 1, and no version {found}", {"found": value}
            )
        return value
    raise _wrong("1, the version of the language")


def _kind_fault(value: Any) -> Any:
    kinds = [kind for kind in ENTRY_KINDS if kind in value]
    if kinds:
        raise PydanticCustomError(
            "conflicting-keys", "an entry has one of op, block and graph, not {found}", {"found": " and ".join(kinds)}
        )
    raise PydanticCustomError("missing-key", "an entry has one of op, block and graph")


def _entry_form(value: Any) -> str | None:
    if isinstance(value, str):
        return "<name>"
    if not isinstance(value, dict):
        return None
    kinds = [kind for kind in ENTRY_KINDS if kind in value]
    return f"<{kinds[0]}>" if len(kinds) == 1 else "<fault>"


def _container_form(value: Any) -> str | None:
    return "<mapping>" if isinstance(value, dict) else "<list>" if isinstance(value, list) else None


def _value_form(value: Any) -> str:
    return "<mapping>" if isinstance(value, dict) else "<list>" if isinstance(value, list) else "<value>"


def _expect_form(value: Any) -> str | None:
    if isinstance(value, list):
        return "<list>"
    if not isinstance(value, dict):
        return None
    return "<facts>" if any(key in keys_of(FactsModel) for key in value) else "<mapping>"


Text = str
AnyValue = Annotated[Any, AfterValidator(_value)]
NameText = Annotated[Any, AfterValidator(_name), WithJsonSchema({"type": ["string", "integer"]})]
Dims = Annotated[Any, AfterValidator(_dims), WithJsonSchema({"type": ["array", "string"]})]
When = Annotated[Any, AfterValidator(_condition), WithJsonSchema({"type": ["boolean", "string", "array"]})]
Count = Annotated[Any, AfterValidator(_count), WithJsonSchema({"type": ["integer", "string"], "minimum": 0})]
Size = Annotated[int, Field(ge=0)]
Sizes = list[Annotated[int, Field(gt=0)]]


class Closed(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ParamModel(Closed):
    """The long form of a param."""

    type: Literal[PARAM_TYPES] | None = None  # type: ignore[valid-type]  # one source for the types
    default: AnyValue = None
    choices: list[AnyValue] | None = None
    doc: Text = ""


class InputModel(Closed):
    """The long form of an input."""

    shape: Dims
    dtype: Literal["float", "int"] = "float"


class ConditionalOutput(Closed):
    """An output of a spec that exists under a condition."""

    reads: NameText = Field(alias="from")
    when: When = True


Param = Annotated[
    Annotated[ParamModel, Tag("<mapping>")]
    | Annotated[list[AnyValue], Tag("<list>")]
    | Annotated[AnyValue, Tag("<value>")],
    Discriminator(_value_form),
]
Input = Annotated[
    Annotated[InputModel, Tag("<mapping>")] | Annotated[Dims, Tag("<list>")] | Annotated[Dims, Tag("<value>")],
    Discriminator(_value_form),
]
From = Annotated[
    Annotated[dict[str, NameText], Tag("<mapping>")]
    | Annotated[list[NameText], Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(_value_form),
]
Outputs = From
SpecOutput = Annotated[
    Annotated[ConditionalOutput, Tag("<mapping>")]
    | Annotated[list[Any], BeforeValidator(_name), Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(_value_form),
]
SpecOutputs = Annotated[
    Annotated[dict[str, SpecOutput], Tag("<mapping>")]
    | Annotated[list[NameText], Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(_value_form),
]


class EntryModel(BaseModel):
    """The keys that every member of a graph may have."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, AnyValue]

    reads: From = Field(default=None, alias="from")
    when: When = True
    repeat: Count = 1
    first: dict[str, AnyValue] = Field(default_factory=dict)
    last: dict[str, AnyValue] = Field(default_factory=dict)
    names: Text = ""
    share: NameText = ""
    doc: Text = ""


class OpEntry(EntryModel):
    """One op; every other key is a field of it."""

    op: Text
    outputs: list[Text] = []


class BlockEntry(EntryModel):
    """A use of a block or of another spec; every other key is an argument of it."""

    block: Text
    variant: Text = ""
    outputs: Outputs = None


class InlineEntry(EntryModel):
    """A block written in place."""

    model_config = ConfigDict(extra="forbid", strict=True)

    graph: "GraphBody"
    inputs: list[Text] = ["x"]
    outputs: Outputs = None
    flat: bool = False
    order: list[Text] = []


Entry = Annotated[
    Annotated[OpEntry, Tag("<op>")]
    | Annotated[BlockEntry, Tag("<block>")]
    | Annotated[InlineEntry, Tag("<graph>")]
    | Annotated[Text, Tag("<name>")]
    | Annotated[SkipJsonSchema[Any], AfterValidator(_kind_fault), Tag("<fault>")],
    Discriminator(
        _entry_form,
        custom_error_type="wrong-type",
        custom_error_message="a mapping with one of op, block and graph, or the name of an op",
    ),
]
GraphBody = Annotated[
    Annotated[dict[str, Entry], Tag("<mapping>")] | Annotated[list[Entry], Tag("<list>")],
    Discriminator(
        _container_form,
        custom_error_type="wrong-type",
        custom_error_message="a mapping of names to entries, or a list of entries",
    ),
]


class BlockModel(Closed):
    """A named block."""

    params: dict[str, Param] = {}
    inputs: list[Text] = ["x"]
    graph: GraphBody
    outputs: Outputs = None
    flat: bool = False
    order: list[Text] = []
    doc: Text = ""


def _figures(place: Place) -> type[Closed]:
    """A mapping with a number for each measure that can be expected there."""
    fields: dict[str, Any] = {measure.name: (Size, 0) for measure in shown_in(place)}
    return create_model("Figures", __base__=Closed, **fields)


class BlockFacts(_figures("expect of a block")):  # type: ignore[misc]  # its keys are the measures there are
    """What is expected of one block or node."""

    shape: Sizes = Field(default=[])


class FactsModel(_figures("expect")):  # type: ignore[misc]  # as above
    """What is expected of one variant."""

    outputs: dict[str, Sizes] = Field(default={})
    output: Sizes = Field(default=[])
    blocks: dict[str, BlockFacts] = Field(default={})
    settings: dict[str, AnyValue] = Field(default={}, alias="with")
    inputs: dict[str, Sizes] = Field(default={})


class CaseModel(FactsModel):
    """The same in a list of cases, which name their variant."""

    variant: Text = ""


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


class SpecModel(Closed):
    """A whole spec."""

    archspec: Annotated[Any, AfterValidator(_version), WithJsonSchema({"const": VERSION})]
    name: Text = ""
    doc: Text = ""
    params: dict[str, Param] = {}
    variants: dict[str, dict[str, AnyValue] | None] = {}
    inputs: dict[str, Input]
    use: dict[str, Text] = {}
    blocks: dict[str, BlockModel] = {}
    graph: GraphBody
    outputs: SpecOutputs = None
    order: list[Text] = []
    expect: Expect | None = None


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys that a mapping of this form may have."""
    return tuple(field.alias or name for name, field in model.model_fields.items())
