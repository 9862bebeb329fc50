"""The JSON Schema of the spec language: the structure that `check` enforces, and the fields of every op.

An editor that knows it completes keys, ops and fields, and marks what is unknown. What depends on values (shapes,
references, expressions) is for `check`.
"""

from typing import Any

from archspec.language.keys import BlockModel, OpEntry, SpecModel
from archspec.ops.initialiser import INITIALISERS
from archspec.ops.op import OPS, Op

Schema = dict[str, Any]

EXPRESSION: Schema = {"type": "string", "pattern": r"^\$", "description": "An expression: $width, $(2 * width)."}


def json_schema() -> Schema:
    """The schema as a JSON document."""
    schema = SpecModel.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "archspec, version 1"}
    definitions = schema["$defs"]
    definitions["start"] = _start()
    definitions["starts"] = {"type": "object", "additionalProperties": {"$ref": "#/$defs/start"}}
    rules = {name: _starts(op) for name, op in OPS.items() if op.tensors}
    definitions["rules"] = {"type": "object", "properties": rules, "additionalProperties": {"$ref": "#/$defs/starts"}}
    for whole in (schema, definitions[BlockModel.__name__]):
        whole["properties"]["init"] = {"$ref": "#/$defs/rules", **_note(whole["properties"]["init"])}
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
    if op.tensors:
        shared["init"] = _starts(op)
    elif "init" in own:
        own["init"]["anyOf"].append({"$ref": "#/$defs/start"})
    else:
        shared.pop("init")
    return {
        "type": "object",
        "title": name,
        "description": (op.__doc__ or name).strip().partition("\n")[0],
        "properties": {"op": {"const": name}, **shared, **own},
        "required": ["op", *fields.get("required", [])],
        "additionalProperties": False,
    }


def _start() -> Schema:
    """What one tensor starts with: an initialiser by its name, one with settings, or a number."""
    forms: list[Schema] = [{"enum": list(INITIALISERS)}, {"type": "number"}, EXPRESSION]
    for name, cls in INITIALISERS.items():
        fields = cls.model_json_schema()
        own = {key: {"anyOf": [field, EXPRESSION]} for key, field in fields.get("properties", {}).items()}
        settings = {"type": ["object", "null"], "properties": own, "additionalProperties": False}
        forms.append(
            {"type": "object", "properties": {name: settings}, "required": [name], "additionalProperties": False}
        )
    return {"anyOf": forms}


def _starts(op: type[Op]) -> Schema:
    """What the tensors of an op start with."""
    tensors: Schema = {name: {"$ref": "#/$defs/start"} for name in op.tensors}
    when: Schema = {"$ref": "#/$defs/entry/properties/when"}
    return {"type": "object", "properties": {**tensors, "when": when}, "additionalProperties": False}


def _note(field: Schema) -> Schema:
    return {"description": field["description"]} if "description" in field else {}
