"""Row: what is known of a key of the language, read from the models of `keys.py`."""

from collections.abc import Iterable
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, GetJsonSchemaHandler, Tag
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from archspec.values.dataclass import dataclass

MADE = "_Figures"  # name of a form that stands in no file, made of the measures there are


@dataclass(frozen=True, slots=True)
class Key:
    """What a row says of its key, beside its form.

    Attributes:
        doc: what it says, for the reference and for editors.
        absent: what holds where it is left out; "" where nothing does.
        carried: its value goes to the graph with what it stands in: see `Site.carried`. Of a mapping that is a list of
            its keys, each with its value.
        cure: the help of the message that it is missing, or has another form.
        elsewhere: what other tools call it, in small letters without underscores.
    """

    doc: str
    absent: str = ""
    carried: bool = False
    cure: str = ""
    elsewhere: frozenset[str] = frozenset()

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "description": self.doc}


@dataclass(frozen=True, slots=True)
class Row:
    """A key with what is known of it."""

    name: str
    key: Key
    required: bool


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys that a mapping of this form may have."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def rows(model: type[BaseModel]) -> tuple[Row, ...]:
    """The keys that a mapping of this form may have, with what is known of them."""
    return tuple(
        Row(field.alias or name, _key(field), field.is_required()) for name, field in model.model_fields.items()
    )


def called_elsewhere(name: str, rows: Iterable[Row]) -> str:
    """The key that another tool calls `name`; "" where none of them is called so."""
    plain = name.strip("_").replace("_", "").replace("-", "").casefold()
    return next((row.name for row in rows if plain in row.key.elsewhere), "")


def own_rows(model: type[BaseModel]) -> tuple[Row, ...]:
    """The rows of a model, without those of the one that it extends, but for what it says otherwise."""
    extended = model.__mro__[1]
    inherited = extended.model_fields if issubclass(extended, BaseModel) and extended.__name__ != MADE else {}
    own = model.model_fields.keys() - (inherited.keys() - vars(model).get("__annotations__", {}).keys())
    return tuple(row for row, field in zip(rows(model), model.model_fields, strict=True) if field in own)


def carried(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a mapping of this form whose values go to the graph as they are."""
    return frozenset(row.name for row in rows(model) if row.key.carried)


def rows_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> tuple[Row, ...]:
    """The keys of the mapping at a place inside a `model`, as Pydantic says it: keys, indices and tags from the top."""
    form: Any = model
    for part in loc:
        form = _bare(_inside(form, part))
    return rows(form)


def _key(field: FieldInfo) -> Key:
    return next(known for known in field.metadata if isinstance(known, Key))


def _inside(form: Any, part: str | int) -> Any:
    """The form of what stands at `part`, a key, an index or a tag, of a value of `form`."""
    if isinstance(form, type) and issubclass(form, BaseModel):
        form.model_rebuild()  # a form that holds itself is named before it is there
        return next(field for name, field in form.model_fields.items() if part == (field.alias or name)).annotation
    if get_origin(form) in (dict, list):
        return get_args(form)[-1]
    return next(one for one in get_args(form) if Tag(str(part)) in getattr(one, "__metadata__", ()))


def _bare(form: Any) -> Any:
    """A form without its annotations, and without None."""
    while hasattr(form, "__metadata__"):
        form = form.__origin__
    some = [one for one in get_args(form) if one is not NoneType]
    return _bare(some[0]) if len(some) == 1 < len(get_args(form)) else form
