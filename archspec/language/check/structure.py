"""Structure: checks a document against the models, and says where each fault stands in the source."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.expression.evaluate import kind_of
from archspec.language.keys import ENTRIES, USE_KEYS, OpEntry, SpecModel
from archspec.language.row import called_elsewhere, rows, rows_at
from archspec.language.slips import cure_of
from archspec.language.written import entries, pairs
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.registry import nearest

WANTED = {
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "greater_than_equal": "a whole number from 0 on",
    "greater_than": "a whole number from 1 on",
}


def check_structure(document: Yaml, findings: Findings) -> None:
    """Records everything in which the document is not a spec."""
    called_as_keys = tuple(_params_called_as_keys(document))
    for name, where in called_as_keys:
        message = f"{name} is a key of every use of a block, so no param of one can be called that"
        findings.add("reserved-name", message, where)
    keys = {name for name, _ in called_as_keys}
    try:
        SpecModel.model_validate(plain(document))
    except ValidationError as faults:
        errors = faults.errors(include_url=False)
        other_version = [fault for fault in errors if fault["type"] == "unknown-version"]
        errors = other_version or errors
        meant = {(*fault["loc"][:-1], _meant(fault)) for fault in errors if fault["type"] == "extra_forbidden"}
        for fault in errors:
            echo = _last_name(fault["loc"]) in keys  # what a use gives that param
            if not echo and (fault["type"] != "missing" or fault["loc"] not in meant):
                _record(document, fault, findings)


def _params_called_as_keys(document: Yaml) -> Iterator[tuple[str, Span]]:
    """The params of blocks that a use cannot give, since it has a key of that name, and where they are declared."""
    for _, block in pairs(entries(document).get("blocks")):
        for name, _ in pairs(entries(block).get("params")):
            if name.text in USE_KEYS:
                yield name.text, name.span


def plain(document: Yaml) -> Any:
    """The document as dicts, lists and scalars. Recursive over the nesting, which the parser bounds."""
    if isinstance(document, Scalar):
        return document.value
    if isinstance(document, Sequence):
        return [plain(item) for item in document.items]
    return {key.text: plain(value) for key, value in document.entries}


def _record(document: Yaml, fault: ErrorDetails, findings: Findings) -> None:
    loc, kind = fault["loc"], fault["type"]
    found, key = _locate(document, loc)
    span = key if key is not None else _start(found)
    name = str(loc[-1]) if loc and not _is_tag(loc[-1]) else _last_name(loc)
    if kind == "extra_forbidden":
        other, near = called_elsewhere(name, rows_at(SpecModel, loc[:-1])), _meant(fault)
        help = f"did you mean {near}?" if near else f"the keys here are {', '.join(_known(loc))}"
        help = f"{name} is called {other} here" if other and near == other else help
        findings.add("unknown-key", f"there is no key {name} here", span, help=help)
    elif kind == "missing":
        cure = next(row.key.cure for row in rows_at(SpecModel, loc[:-1]) if row.name == name)
        findings.add("missing-key", f"{_place(loc[:-1])} has no {name}", span, help=cure)
    elif kind == "literal_error":
        expected = str(fault.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
        message = f"{name} is one of {expected}, not {fault['input']!r}"
        findings.add("wrong-type", message, found.span)
    elif kind in ("unknown-version", "conflicting-keys", "missing-key"):
        findings.add(
            kind, fault["msg"], span if kind != "unknown-version" else found.span, help=_near_kind(fault["input"])
        )
    else:
        wanted = fault["msg"] if kind == "wrong-type" else WANTED.get(kind, fault["msg"])
        listed = wanted.startswith("a list") and isinstance(fault["input"], list)
        shown = f"[{', '.join(map(_described, fault['input'][:6]))}]" if listed else _described(fault["input"])
        message = f"{_place(loc)} is {wanted}, not {shown}"
        help = cure_of(fault["input"]) or _form(loc, kind, fault["input"])
        findings.add("wrong-type", message, found.span if isinstance(found, Scalar) else span, help=help)


def _form(loc: tuple[str | int, ...], kind: str, value: Any) -> str:
    """The cure where a value has another form than its key takes."""
    if kind == "list_type" and isinstance(value, (str, int)):
        return f"put it in brackets: [{value}]"
    if isinstance(value, list) and any(isinstance(size, int) and size < 1 for size in value):
        return "a size is 1 or more; that of the batch is left out, and stays open"
    names = [part for part in loc if not _is_tag(part)]
    inside = next((row for row in rows(SpecModel) if names[:1] == [row.name] and len(names) < 3), None)
    return inside.key.cure if inside is not None else ""


def _meant(fault: ErrorDetails) -> str | None:
    """The known key that an unknown one was probably meant to be."""
    name = str(fault["loc"][-1])
    return called_elsewhere(name, rows_at(SpecModel, fault["loc"][:-1])) or nearest(name, _known(fault["loc"]))


def _known(loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys known in the mapping where the key at `loc` was found."""
    return tuple(row.name for row in rows_at(SpecModel, loc[:-1]))


def _near_kind(entry: Any) -> str:
    if not isinstance(entry, dict) or any(kind in entry for kind in ENTRIES):
        return ""
    for key in entry:
        if other := called_elsewhere(key, rows(OpEntry)):
            return f"{key} is called {other} here" if other in ENTRIES else ""
        if near := nearest(key, ENTRIES):
            return f"did you mean {near} where it says {key}?"
    return ""


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<")


def _last_name(loc: tuple[str | int, ...]) -> str:
    return next((str(part) for part in reversed(loc) if not _is_tag(part)), "the spec")


def _place(loc: tuple[str | int, ...]) -> str:
    names = [str(part) for part in loc if not _is_tag(part)]
    if not names:
        return "the spec"
    if isinstance(next(part for part in reversed(loc) if not _is_tag(part)), int):
        return f"item {names[-1]} of {names[-2]}" if len(names) > 1 else f"item {names[-1]}"
    return names[-1]


def _described(value: Any) -> str:
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        text = repr(value)
        return text if len(text) <= 40 else f"{text[:37]}..."
    if value is None:
        return "nothing"
    if value == []:
        return "an empty list"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else kind_of(value)


def _locate(document: Yaml, loc: tuple[str | int, ...]) -> tuple[Yaml, Span | None]:
    """What stands at `loc`, and the place of the key that leads there. A missing key leaves the mapping around."""
    here, key = document, None
    for part in loc:
        if isinstance(here, Mapping):
            for candidate, value in here.entries:
                if candidate.text == part:
                    here, key = value, candidate.span
                    break
        elif isinstance(here, Sequence) and isinstance(part, int) and part < len(here.items):
            here = here.items[part]
            key = None if isinstance(here, Scalar) else _start(here)
    return here, key


def _start(value: Yaml) -> Span:
    """A short place for a long value: its first key."""
    while not isinstance(value, Scalar):
        if isinstance(value, Mapping) and value.entries:
            return value.entries[0][0].span
        if isinstance(value, Mapping) or not value.items:
            break
        value = value.items[0]
    return value.span
