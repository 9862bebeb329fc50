"""The JSON Schema of the spec language: the structure that `check` enforces, and the fields of every op.

An editor that knows it completes keys, ops and fields, and marks what is unknown. What depends on values (shapes,
references, expressions) is for `check`.
"""

from typing import Any

from archspec.language.keys import OpEntry, SpecModel
from archspec.ops.op import OPS, Op

Schema = dict[str, Any]

EXPRESSION: Schema = {"type": "string", "pattern": r"^\$", "description": "An expression: $width, $(2 * width)."}


def json_schema() -> Schema:
    """The schema as a JSON document."""
    schema = SpecModel.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "archspec, version 1"}
    definitions = schema["$defs"]
    common = definitions[OpEntry.__name__]
    for name, op in OPS.items():
        definitions[f"op_{name}"] = _entry(name, op, common, definitions)
    by_name = [{"$ref": f"#/$defs/op_{name}"} for name in OPS]
    definitions["entry"] = {"properties": {key: value for key, value in common["properties"].items() if key != "op"}}
    chosen = {**common, "properties": {**common["properties"], "op": EXPRESSION}}
    definitions[OpEntry.__name__] = {"anyOf": [*by_name, chosen]}
    return schema


def _entry(name: str, op: type[Op], common: Schema, definitions: Schema) -> Schema:
    """The entry that names one op: the keys of every entry, and the op's own."""
    fields = op.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(fields.get("$defs", {}))
    own = {key: {"anyOf": [field, EXPRESSION], **_note(field)} for key, field in fields.get("properties", {}).items()}
    shared = {key: {"$ref": f"#/$defs/entry/properties/{key}"} for key in common["properties"] if key != "op"}
    return {
        "type": "object",
        "title": name,
        "description": (op.__doc__ or name).strip().partition("\n")[0],
        "properties": {"op": {"const": name}, **own, **shared},
        "required": ["op", *fields.get("required", [])],
        "additionalProperties": False,
    }


def _note(field: Schema) -> Schema:
    return {"description": field["description"]} if "description" in field else {}
