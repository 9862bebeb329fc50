"""The keys of the language, one row each: where a key may stand, its form, whether it is required, and what it says.

A mapping of a spec is a model here, and a key a field of it:

    names: Annotated[Text, Key("what the first part of a repeat is called", absent="`0`")] = ""

The structure check (`check/structure.py`), the reader, the JSON Schema (`archspec schema`) and the tables of
docs/reference/language.md are made from these rows. A key that is `carried` needs no more: its value reaches the graph
with the member or block it stands in, and a pass, a figure or a page that knows it reads it there.

An op's fields and a block's arguments are values here, whatever their names; they are checked when the op or the block
is known. A tag in angle brackets stands for the form that a value has, and is skipped when an error's place is looked
up in the source.
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
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from archspec.language.advice_keys import Advice, SpecAdvice
from archspec.language.fact_keys import Expect
from archspec.language.figure_keys import BlockFigure, OpFigure
from archspec.language.forms import (
    AnyValue,
    Count,
    Dims,
    NameText,
    OperandText,
    Rules,
    Sharing,
    Starts,
    Switch,
    Text,
    ValueRange,
    Version,
    When,
    container_form,
    form_of,
    named,
)
from archspec.language.row import Key

OF_TORCH = "as PyTorch has it"  # of a tensor that nothing is said of
AROUND = "as said around it"
PARAM_TYPES = ("int", "float", "number", "bool", "str", "list", "any")


class Closed(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class ParamModel(Closed):
    """The long form of a param."""

    type: Annotated[
        Literal[PARAM_TYPES] | None,  # type: ignore[valid-type]  # one source for the types
        Key("one of the types", absent="the default's"),
    ] = None
    default: Annotated[AnyValue, Key("its value where nothing sets it", absent="the param is required")] = None
    choices: Annotated[list[AnyValue] | None, Key("the values allowed", absent="all of its type")] = None
    length: Annotated[int | None, Field(gt=0), Key("of a list, how many items it has", absent="any number")] = None
    doc: Annotated[Text, Key("one line about it")] = ""


class InputModel(Closed):
    """The long form of an input."""

    shape: Annotated[Dims, Key("its sizes after the batch")]
    dtype: Annotated[
        Literal["float", "int", "bool"],
        Key("`float`, `int` for indices and token numbers, or `bool` for truth values", absent="`float`"),
    ] = "float"
    values: Annotated[
        ValueRange,
        Key(
            "what `verify` draws: `binary`, 0 and 1; `positive`; or the lowest and the highest, `[0, $(classes - 1)]`",
            absent="numbers around 0; of integers, 0 and 1",
        ),
    ] = None


class ConditionalOutput(Closed):
    """An output of a spec that exists under a condition."""

    reads: Annotated[NameText, Key("the member that gives it")] = Field(alias="from")
    when: Annotated[When, Key("a condition, or `training`", absent="always there")] = True


Param = Annotated[
    Annotated[ParamModel, Tag("<mapping>")]
    | Annotated[list[AnyValue], Tag("<list>")]
    | Annotated[AnyValue, Tag("<value>")],
    Discriminator(form_of),
]
Input = Annotated[
    Annotated[InputModel, Tag("<mapping>")] | Annotated[Dims, Tag("<list>")] | Annotated[Dims, Tag("<value>")],
    Discriminator(form_of),
]
From = Annotated[
    Annotated[dict[str, NameText], Tag("<mapping>")]
    | Annotated[list[OperandText], Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(form_of),
]
Each = Annotated[
    Annotated[NameText, Tag("<mapping>")]
    | Annotated[list[NameText], Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(form_of),
]
Outputs = Annotated[
    Annotated[dict[str, NameText], Tag("<mapping>")]
    | Annotated[list[NameText], Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(form_of),
]
Share = Annotated[
    Annotated[dict[str, NameText], Tag("<mapping>")]
    | Annotated[list[Any], BeforeValidator(named), Tag("<list>")]
    | Annotated[Sharing, Tag("<value>")],
    Discriminator(form_of),
]
SpecOutput = Annotated[
    Annotated[ConditionalOutput, Tag("<mapping>")]
    | Annotated[list[Any], BeforeValidator(named), Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(form_of),
]
SpecOutputs = Annotated[
    Annotated[dict[str, SpecOutput], Tag("<mapping>")]
    | Annotated[list[NameText], Tag("<list>")]
    | Annotated[NameText, Tag("<value>")],
    Discriminator(form_of),
]

# -- members ----------------------------------------------------------------------------------------------------------


class EntryModel(BaseModel):
    """The keys that every member of a graph may have."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)
    __pydantic_extra__: dict[str, AnyValue]

    reads: Annotated[
        From,
        Key(
            "what it reads",
            absent="the member above; for the first, the graph's first input",
            elsewhere=frozenset({"input", "inputs", "bottom", "bottoms", "src", "source", "parents", "inboundnodes"}),
        ),
    ] = Field(default=None, alias="from")
    when: Annotated[
        When,
        Key("a condition, or `training`", absent="always there", elsewhere=frozenset({"if", "condition", "enabled"})),
    ] = True
    repeat: Annotated[
        Count,
        Key(
            "how often, one after the other",
            absent="once",
            elsewhere=frozenset({"n", "times", "number", "repeats", "numlayers", "numblocks", "count"}),
        ),
    ] = 1
    each: Annotated[Each, Key("the several values of which each has a member like this", absent="one member")] = ""
    first: Annotated[dict[str, AnyValue], Key("fields or arguments that differ in the first part of a repeat")] = Field(
        default_factory=dict
    )
    last: Annotated[dict[str, AnyValue], Key("fields or arguments that differ in the last part of a repeat")] = Field(
        default_factory=dict
    )
    names: Annotated[Text, Key("what the first part of a repeat is called; later ones count on", absent="`0`")] = ""
    share: Annotated[
        Share,
        Key(
            "a member whose parameters it uses again, or single tensors: `{weight: wte.weight}`; `true` beside `each`: "
            "all are one module",
            absent="parameters of its own",
        ),
    ] = ""
    doc: Annotated[Text, Key("one line about it", carried=True)] = ""
    figure: Annotated[BlockFigure | None, Key("what figures show of it", absent="chosen to fit", carried=True)] = None
    freeze: Annotated[Switch, Key("whether its parameters do not learn", absent="`false`")] = False
    lint: Annotated[Advice | None, Key("what `archspec lint` is told of it", absent="nothing")] = None


class OpEntry(EntryModel):
    """One op; every other key is a field of it."""

    op: Annotated[
        Text,
        Key(
            "the op, by its name",
            elsewhere=frozenset(
                {"type", "classname", "class", "layer", "layertype", "optype", "kind", "module", "target"}
            ),
        ),
    ]
    outputs: Annotated[list[Text], Key("names for the values of an op of several", absent="they are numbered")] = []
    figure: Annotated[OpFigure | None, Key("what figures show of it", absent="its own words", carried=True)] = None  # type: ignore[assignment]  # an op is never open
    init: Annotated[
        Starts,
        Key("what its tensors start with: `{weight: {normal: {std: 0.02}}, bias: zeros}`", absent=OF_TORCH),
    ] = None


class BlockEntry(EntryModel):
    """A use of a block or of another spec; every other key is an argument of it."""

    block: Annotated[Text, Key("the block or the used spec, by its name")]
    variant: Annotated[Text, Key("of another spec, the variant to start from", absent="its defaults")] = ""
    outputs: Annotated[Outputs, Key("what this use gives", absent="what the block gives")] = None


class InlineEntry(EntryModel):
    """A block written in place."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    graph: Annotated["GraphBody", Key("its members")]
    inputs: Annotated[list[Text], Key("names of its inputs", absent="`[x]`")] = ["x"]
    outputs: Annotated[Outputs, Key("what it gives", absent="the last member")] = None
    flat: Annotated[bool, Key("one numbered sequence in the state_dict", absent="`false`")] = False
    order: Annotated[list[NameText], Key("members in the order of the state_dict", absent="as written")] = []
    lists: Annotated[
        bool, Key("of a repeat, its members are lists of the graph around: `convs.0`, `convs.1`", absent="`false`")
    ] = False


class SharedEntry(EntryModel):
    """A member above once more, with the parameters that it has; every other key differs from what that one says."""

    share: Annotated[NameText, Key("the member")]
    init: Annotated[SkipJsonSchema[Starts], Key("belongs to the member, whose parameters these are")] = None


# What a use of a block may say besides its arguments.
USE_KEYS = frozenset(field.alias or name for name, field in BlockEntry.model_fields.items())

# What an entry is, by the key that says it; `share` says it where none of the others does.
ENTRIES: dict[str, type[EntryModel]] = {
    "op": OpEntry,
    "block": BlockEntry,
    "graph": InlineEntry,
    "share": SharedEntry,
}
KINDS = ("op", "block", "graph")


def _entry_form(value: Any) -> str | None:
    if isinstance(value, list):
        return "<alternatives>"
    if isinstance(value, str):
        return "<name>"
    if not isinstance(value, dict):
        return None
    kinds = [kind for kind in KINDS if kind in value] or ["share"]
    return f"<{kinds[0]}>" if len(kinds) == 1 and kinds[0] in value else "<fault>"


def _kind_fault(value: Any) -> Any:
    kinds = [kind for kind in KINDS if kind in value]
    if kinds:
        raise PydanticCustomError(
            "conflicting-keys", "an entry has one of op, block and graph, not {found}", {"found": " and ".join(kinds)}
        )
    raise PydanticCustomError("missing-key", "an entry has one of op, block and graph")


def _one_form(value: Any) -> str | None:
    return None if isinstance(value, list) else _entry_form(value)


Entry = Annotated[
    Annotated[OpEntry, Tag("<op>")]
    | Annotated[BlockEntry, Tag("<block>")]
    | Annotated[InlineEntry, Tag("<graph>")]
    | Annotated[SharedEntry, Tag("<share>")]
    | Annotated[Text, Tag("<name>")]
    | Annotated[SkipJsonSchema[Any], AfterValidator(_kind_fault), Tag("<fault>")],
    Discriminator(
        _one_form,
        custom_error_type="wrong-type",
        custom_error_message="a mapping with one of op, block and graph, or the name of an op",
    ),
]
# A list holds alternatives: what a member is under one condition or another.
Member = Annotated[
    Annotated[OpEntry, Tag("<op>")]
    | Annotated[BlockEntry, Tag("<block>")]
    | Annotated[InlineEntry, Tag("<graph>")]
    | Annotated[SharedEntry, Tag("<share>")]
    | Annotated[Text, Tag("<name>")]
    | Annotated[list[Entry], Tag("<alternatives>")]
    | Annotated[SkipJsonSchema[Any], AfterValidator(_kind_fault), Tag("<fault>")],
    Discriminator(
        _entry_form,
        custom_error_type="wrong-type",
        custom_error_message="a mapping with one of op, block and graph, the name of an op, or a list of alternatives",
    ),
]
GraphBody = Annotated[
    Annotated[dict[str, Member], Tag("<mapping>")] | Annotated[list[Entry], Tag("<list>")],
    Discriminator(
        container_form,
        custom_error_type="wrong-type",
        custom_error_message="a mapping of names to entries, or a list of entries",
    ),
]


class BlockModel(Closed):
    """A named block."""

    params: Annotated[dict[str, Param], Key("as at the top", absent="none")] = {}
    let: Annotated[
        dict[str, AnyValue], Key("names for values that follow from params and facts of inputs", absent="none")
    ] = {}
    inputs: Annotated[
        list[Text], Key("names of its inputs; the last may be any number of values, `maps.*`", absent="`[x]`")
    ] = ["x"]
    graph: Annotated[GraphBody, Key("its members")]
    outputs: Annotated[Outputs, Key("what it gives", absent="the last member")] = None
    flat: Annotated[bool, Key("one numbered sequence in the state_dict", absent="`false`")] = False
    order: Annotated[
        list[NameText],
        Key("members in the order of the state_dict, where it is not that of the graph", absent="as written"),
    ] = []
    init: Annotated[
        Rules, Key("what the tensors inside it start with, over what is said around it", absent=AROUND)
    ] = {}
    doc: Annotated[Text, Key("one line about it", carried=True)] = ""
    figure: Annotated[
        BlockFigure | None, Key("what figures show of its uses", absent="chosen to fit", carried=True)
    ] = None
    freeze: Annotated[Switch, Key("whether the parameters of its uses do not learn", absent="`false`")] = False
    lint: Annotated[Advice | None, Key("what `archspec lint` is told of its uses", absent="nothing")] = None


# -- the whole ---------------------------------------------------------------------------------------------------------


class SpecModel(Closed):
    """A whole spec."""

    archspec: Annotated[
        Version, Key("the language version, `1`", cure="a spec starts with its language version: archspec: 1")
    ]
    name: Annotated[Text, Key("the emitted class", absent="the file's name in capitals: `my_net.yaml` is `MyNet`")] = ""
    doc: Annotated[Text, Key("one line about the network", carried=True)] = ""
    params: Annotated[
        dict[str, Param],
        Key("what can differ", elsewhere=frozenset({"args", "hparams", "parameters", "hyperparameters", "config"})),
    ] = {}
    let: Annotated[
        dict[str, AnyValue],
        Key("names for values that follow from params", absent="none", elsewhere=frozenset({"variables", "constants"})),
    ] = {}
    variants: Annotated[
        dict[str, dict[str, AnyValue] | None],
        Key("names for settings of the params", cure="a variant sets params: variants: {small: {width: 32}}"),
    ] = {}
    inputs: Annotated[dict[str, Input], Key("what the network is given", cure="inputs: {image: [3, 224, 224]}")]
    use: Annotated[
        dict[str, Text],
        Key("other specs used as blocks", elsewhere=frozenset({"import", "imports", "include", "includes"})),
    ] = {}
    blocks: Annotated[dict[str, BlockModel], Key("named blocks")] = {}
    graph: Annotated[
        GraphBody,
        Key(
            "the network",
            elsewhere=frozenset(
                {"layers", "layer", "model", "network", "nodes", "modules", "architecture", "backbone"}
            ),
        ),
    ]
    outputs: Annotated[SpecOutputs, Key("what the network gives", absent="the last member")] = None
    order: Annotated[list[NameText], Key("members in the order of the state_dict", absent="as written")] = []
    init: Annotated[Rules, Key("what tensors start with, op by op: `{linear: {bias: zeros}}`", absent=OF_TORCH)] = {}
    freeze: Annotated[Switch, Key("whether no parameter learns", absent="`false`")] = False
    lint: Annotated[SpecAdvice | None, Key("what `archspec lint` is told of the network", absent="nothing")] = None
    expect: Annotated[Expect | None, Key("facts that `archspec check` proves")] = None
