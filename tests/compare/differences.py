"""What the tests of a difference read out of one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from archspec.compare.difference import Difference, Row, difference
from archspec.compare.words import row_words
from archspec.graph.network import Network
from archspec.pipeline import load_network
from tests.graph.specs import network

# A pair of convolutions that stands in one block, and then in the next.
HERE = """
blocks:
  left:
    graph:
      first: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      pair: {graph: [{op: conv2d, out_channels: 8, kernel_size: 1}, {op: conv2d, out_channels: 9, kernel_size: 1}]}
  right:
    graph:
      last: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
graph:
  left: {block: left}
  right: {block: right}
"""
_PAIR = next(line for line in HERE.splitlines(keepends=True) if "pair:" in line)
THERE = HERE.replace(_PAIR, "").replace("      last:", f"{_PAIR}      last:")

# A stem and a head that stand in the network, and in blocks of their own.
FLAT = """
graph:
  conv1: {op: conv2d, out_channels: 8, kernel_size: 3}
  bn1: batch_norm2d
  relu1: relu
  conv2: {op: conv2d, out_channels: 4, kernel_size: 3}
  pool: {op: max_pool2d, kernel_size: 2}
  fc: {graph: [flatten, {op: linear, out_features: 10}]}
outputs: {logits: fc}
"""
NESTED = """
graph:
  stem:
    graph:
      conv1: {op: conv2d, out_channels: 8, kernel_size: 3}
      bn1: batch_norm2d
      relu: relu
      more: {op: conv2d, out_channels: 8, kernel_size: 1}
  conv2: {op: conv2d, out_channels: 4, kernel_size: 3}
  head:
    graph:
      pool: {op: max_pool2d, kernel_size: 2}
      fc: {graph: [flatten, {op: linear, out_features: 10}]}
outputs: {logits: head}
"""


@cache
def load(spec: str) -> Network:
    return load_network(spec)


def rows(found: Difference) -> list[tuple[str, str, str]]:
    """Status, path and words of every row but those that only hold others."""
    return [(row.status, row.path, row_words(row)) for _, row in found.walk() if row.status != "inside"]


def leaves(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.rows:
            yield from leaves(row.rows)
        else:
            yield row


def edited(before: str, after: str, **options: Any) -> Difference:
    return difference(network(before, **options), network(after, **options))


MIRRORED = {"added": "removed", "removed": "added"}


def said(found: Difference, *, mirrored: bool) -> Counter[object]:
    def one(row: Row) -> object:
        step = -1 if mirrored else 1
        changes = tuple((c.kind, c.name, (c.before, c.after)[::step]) for c in row.changes)
        status = MIRRORED.get(row.status, row.status) if mirrored else row.status
        paths, counts, shapes = (row.before, row.after), row.counts, row.shapes
        return status, paths[::step], counts[::step], shapes[::step], changes, row.times, row.kind

    return Counter(one(row) for row in leaves(found.rows))
