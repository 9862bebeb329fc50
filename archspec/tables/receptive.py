"""The receptive fields of a network as text and as JSON.

A size is one number where all sides have it, `404`, else one for each, `7 x 3`. `all` is all of the input. `?` is what
nobody can say, as behind windows that are cut out of an image and put back.
"""

import json as stdlib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from archspec.graph.network import Network
from archspec.receptive.alignment import Misalignment, misaligned
from archspec.receptive.field import Field
from archspec.receptive.fields import Axis, Fields, fields
from archspec.tables.quantity import size
from archspec.values.dataclass import dataclass

UNKNOWN, ALL = "?", "all"
_HEADINGS = ("op", "is", "output", "field", "narrowest", "stride", "centre")


@dataclass(frozen=True, slots=True)
class Row:
    """What one op is computed from, of one input.

    Attributes:
        path: of the op.
        input: id of the input.
        sides: its dimensions with the fields along them; None where it is not known.
    """

    path: str
    input: str
    sides: Mapping[int, Field | None]


def rows(network: Network, *, every: bool = False) -> Iterator[Row]:
    """A row for each op, and each input that it is computed from.

    Without `every` only ops that make the field another, and what gives the network's outputs.
    """
    found = fields(tuple(network.counted.values()))
    results = {output.ref.node for output in network.graph.outputs}
    for op in network.counted.values():
        known = found[op.id, 0]
        read = [found[id, port] for id, port in zip(op.reads, op.ports, strict=True)]
        if op.id in network.graph.inputs or not (every or op.id in results or _changed(known, read)):
            continue
        for input in dict.fromkeys(axis.input for axis in known):
            yield Row(op.id, input, {axis.dim: field for axis, field in known.items() if axis.input == input})


def _changed(known: Fields, read: list[Fields]) -> bool:
    return all(_seen(known) != _seen(other) for other in read)


def _seen(known: Fields) -> list[tuple[Axis, object]]:
    return [
        (axis, field and (field.largest, field.smallest, field.stride, field.centre)) for axis, field in known.items()
    ]


def text(network: Network, *, every: bool = False) -> str:
    """The table for people, ending in a newline: what is misaligned stands below it."""
    made = tuple(rows(network, every=every))
    named = len({row.input for row in made}) > 1
    cells = [_HEADINGS[:3] + (("of",) if named else ()) + _HEADINGS[3:]]
    for row in made:
        op = network.graph.nodes[row.path].op
        lead = (row.path, str(op.caption), size(network.shapes[row.path][0]))
        cells.append((*lead, *((row.input,) if named else ()), *_shown(row)))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join([*lines, *map(_said, _by_place(network))]) + "\n"


def _shown(row: Row) -> tuple[str, ...]:
    fields = tuple(row.sides.values())
    return (
        _each(fields, lambda field: ALL if field.everywhere else str(field.largest)),
        _each(fields, lambda field: str(field.smallest)),
        _each(fields, lambda field: str(field.stride) if field.stride is not None else ""),
        _each(fields, lambda field: str(field.centre) if field.centre is not None else ""),
    )


def _each(fields: tuple[Field | None, ...], said: Callable[[Field], str]) -> str:
    parts = [UNKNOWN if field is None else said(field) for field in fields]
    return parts[0] if len(set(parts)) == 1 else " x ".join(part or "-" for part in parts)


def _by_place(network: Network) -> list[list[Misalignment]]:
    places: dict[tuple[str, str], list[Misalignment]] = {}
    for found in misaligned(tuple(network.counted.values())):
        places.setdefault((found.id, found.axis.input), []).append(found)
    return list(places.values())


def _said(found: list[Misalignment]) -> str:
    first = found[0]
    beside = " x ".join(dict.fromkeys(str(one.by) for one in found))
    strides = " x ".join(dict.fromkeys(str(one.stride) for one in found))
    where = f"{beside} elements of {first.axis.input} beside each other"
    return f"{first.id}: what it joins lies {where}, at a stride of {strides}"


def json(network: Network, *, every: bool = False) -> str:
    """The same as one JSON object; sizes and places are of each side, in the order of the input's dimensions."""
    document = {
        "name": network.name,
        "variant": network.variant or None,
        "ops": [_row(network, row) for row in rows(network, every=every)],
        "misaligned": [_misaligned(found) for found in misaligned(tuple(network.counted.values()))],
    }
    return stdlib.dumps(document, indent=2) + "\n"


def _row(network: Network, row: Row) -> dict[str, object]:
    fields = tuple(row.sides.values())
    return {
        "path": row.path,
        "op": network.graph.nodes[row.path].op.name,
        "input": row.input,
        "dims": [dim + 1 for dim in row.sides],
        "field": [None if field is None else field.largest for field in fields],
        "narrowest": [None if field is None else field.smallest for field in fields],
        "all": [field is not None and field.everywhere for field in fields],
        "stride": [None if field is None else _number(field.stride) for field in fields],
        "centre": [None if field is None else _number(field.centre) for field in fields],
    }


def _misaligned(found: Misalignment) -> dict[str, object]:
    beside = {str(index): _number(middle) for index, middle in found.middles.items()}
    place = {"path": found.id, "input": found.axis.input, "dim": found.axis.dim + 1}
    return {**place, "by": _number(found.by), "stride": _number(found.stride), "inputs": beside}


def _number(exact: Fraction | None) -> float | None:
    return None if exact is None else int(exact) if exact.denominator == 1 else float(exact)
