"""What drawn specs choose between, grow by and start with: alternatives, dense growth, one chain, starts, choices.

write_alternative  a member that is one of several things
write_dense        parts of a repeat that each give more channels than they take
dense              a block of those, with as many as a param says
chain              a block that is one numbered sequence
add_starts         `init:` of a spec, its blocks and members
add_freezing       `freeze:` of the same
"""

from random import Random
from typing import Any

from archspec.ops import OPS
from tests.code.structured_names import fresh
from tests.code.structured_ops import known
from tests.code.structured_rooms import (
    FUNCTIONS,
    Block,
    Entry,
    Flow,
    Layout,
    Room,
    argument,
    condition,
    last,
    layer,
    times,
    width,
)

# Kind of a param -> values that it may have besides its default.
CHOICES: dict[str, list[Any]] = {"width": [3, 4, 6, 8, 12], "act": ["relu", "sigmoid", "tanh"], "times": [1, 2, 3]}

MATRICES = ("kaiming_normal", "xavier_uniform", "trunc_normal", "orthogonal", "normal", "zeros")
VECTORS = ("zeros", "ones", "uniform", "normal")


def write_alternative(room: Room) -> None:
    """A member that is one of two or three things, each of the channels of what it reads; or none of them."""
    source = last(room)
    if room.listed:
        return
    count = room.rng.choice([2, 2, 3])
    entries = [_alternative(room, source) for _ in range(count)]
    for entry in entries if room.chance(0.3) else entries[:-1]:
        entry["when"] = condition(room)
    room.add(entries, source.channels, source.scale)


def _alternative(room: Room, source: Flow) -> Entry:
    """One of them."""
    forms: list[Entry] = [{"op": room.rng.choice(FUNCTIONS)}, {"op": room.rng.choice(room.layout.norms)}]
    if known(source.channels):
        body = layer(room, source.channels)
        forms += [body, {**body, "repeat": times(room)}, {"graph": {"body": body, "act": room.rng.choice(FUNCTIONS)}}]
    for block in room.blocks:
        if block.keeps and len(block.inputs) == 1 and not block.strided:
            given = {name: argument(room, block.params[name]) for name in block.required}
            forms += [{"block": block.name, **given}] * 2
    return {**room.rng.choice(forms), "from": source.ref}


def write_dense(room: Room) -> None:
    """Parts that each join what they make to what they read."""
    source = last(room)
    if room.depth > 2:
        return
    room.add({"graph": _growing(room, room.rng.choice([2, 3])), "repeat": times(room), "from": source.ref}, None)


def _growing(room: Room, more: Any) -> Any:
    """The graph of such a part."""
    join: Entry = {"op": "concat", "from": ["x", "new"]}
    if not room.layout.rank and room.layout.sizes:
        join["dim"] = 2
    inside = Room(room.rng, room.layout, [], {name: kind for name, kind in room.params.items() if name != "x"}, [])
    new = layer(inside, more)
    if room.chance(0.4):
        return {"norm": room.rng.choice(room.layout.norms), "new": new, "join": join}
    return {"new": new, "join": join}


def dense(rng: Random, layout: Layout, name: str) -> tuple[Block, Entry]:
    """A block of as many growing parts as a param says."""
    taken = {"x"}
    depth, growth = fresh(rng, taken, odd=0.2), fresh(rng, taken, odd=0.2)
    kinds = {depth: "times", growth: "width"}
    room = Room(rng, layout, [], kinds, [Flow("x", f"$x.{layout.channels}")], first_input="x", taken={"x"})
    repeat = f"${depth}" if room.chance(0.7) else f"$({depth} + 1)"
    room.add({"graph": _growing(room, f"${growth}"), "repeat": repeat, "from": "x"}, None)
    if room.chance(0.5):
        room.add(layer(room, width(room)), None)
    needed = frozenset(param for param in kinds if rng.random() < 0.5)
    values = {param: "int" if param in needed else {"times": 2, "width": 3}[kind] for param, kind in kinds.items()}
    return Block(name, kinds, needed, ("x",), ("y",), False, ""), {"params": values, "graph": room.graph}


def chain(rng: Random, layout: Layout, name: str) -> tuple[Block, Entry]:
    """A block that is one numbered sequence, whatever the nesting."""
    taken = {"x"}
    wide, flag = fresh(rng, taken, odd=0.2), fresh(rng, taken, odd=0.2)
    kinds = {wide: "width", flag: "flag"}
    room = Room(rng, layout, [], kinds, [], taken={"x"})
    act = rng.choice(["relu", "silu", "tanh"])
    inner: list[Any] = [layer(room, f"${wide}"), {"op": rng.choice(layout.norms), "when": f"${flag}"}, act]
    forms: list[list[Any]] = [
        inner,
        [{"graph": inner, "repeat": times(room)}, layer(room, f"${wide}")],
        [*inner, {"graph": [layer(room, f"${wide}"), act], "when": f"$(not {flag})"}],
        [{"graph": [*inner, {"graph": [layer(room, width(room)), act], "repeat": 2}]}],
    ]
    needed = frozenset(param for param in kinds if rng.random() < 0.3)
    values = {param: {"width": "int", "flag": "bool"}[kind] for param, kind in kinds.items() if param in needed}
    defaults = {param: {"width": 4, "flag": True}[kind] for param, kind in kinds.items() if param not in needed}
    entry: Entry = {"params": {**values, **defaults}, "flat": True, "graph": rng.choice(forms)}
    return Block(name, kinds, needed, ("x",), ("y",), False, ""), entry


# -- params and starts ------------------------------------------------------------------------------------------------


def add_choices(rng: Random, kinds: dict[str, str], values: dict[str, Any]) -> None:
    """Says of params which values they may have, now and then."""
    for name, kind in kinds.items():
        plain = not isinstance(values.get(name), str) or not values[name].startswith("$")
        if kind in CHOICES and name in values and plain and rng.random() < 0.15:
            values[name] = {"default": values[name], "choices": list(dict.fromkeys([*CHOICES[kind], values[name]]))}


def add_starts(rng: Random, layout: Layout, holder: Entry, kinds: dict[str, str]) -> None:
    """`init:` of a spec or a block, and of ops in its graph."""
    scales = [name for name, kind in kinds.items() if kind == "scale"]
    flags = [name for name, kind in kinds.items() if kind == "flag"]
    if rng.random() < 0.5:
        rules: dict[str, Entry] = {}
        for op in rng.sample([layout.conv, "linear", *layout.norms], 2):
            rule: Entry = {"weight": _start(rng, op, scales)}
            if rng.random() < 0.5 and "bias" in OPS[op].tensors:
                rule["bias"] = rng.choice(["zeros", 0.5, {"normal": {"std": 0.01}}])
            if flags and rng.random() < 0.3:
                rule["when"] = f"${rng.choice(flags)}"
            rules[op] = rule
        holder["init"] = rules
    for entry in _entries(holder["graph"]):
        op = entry.get("op", "")
        if op in (layout.conv, "linear") and "share" not in entry and rng.random() < 0.2:
            entry["init"] = {"weight": _start(rng, op, scales)}


def add_freezing(rng: Random, holder: Entry, kinds: dict[str, str]) -> None:
    """`freeze:` of a spec or a block now and then, and of members in its graph that may have parameters."""
    flags = [name for name, kind in kinds.items() if kind == "flag"]
    if rng.random() < 0.15:
        holder["freeze"] = True
    for entry in _entries(holder["graph"]):
        op = entry.get("op", "")
        held = not op or (not op.startswith("$") and OPS[op].tensors)
        if held and "share" not in entry and rng.random() < 0.25:
            each = ["$(i < 1)", "$(i % 2 == 0)"] if "repeat" in entry else []
            entry["freeze"] = rng.choice([True, True, *each, *(f"${flag}" for flag in flags)])


def _start(rng: Random, op: str, scales: list[str]) -> Any:
    """What a weight starts with."""
    if op not in ("linear", "conv1d", "conv2d", "conv3d"):
        return rng.choice([*VECTORS, 0.5])
    name = rng.choice(MATRICES)
    if name in ("normal", "trunc_normal"):
        return {name: {"std": rng.choice([0.02, *(f"${scale}" for scale in scales), *(f"$({s} / 8)" for s in scales)])}}
    if name == "kaiming_normal" and rng.random() < 0.5:
        return {name: {"mode": "fan_out", "nonlinearity": "relu"}}
    return name


def _entries(graph: Any) -> list[Entry]:
    """The members of a graph and of those in place inside of it."""
    listed = list(graph.values()) if isinstance(graph, dict) else graph
    found: list[Entry] = []
    for entry in listed:
        for one in entry if isinstance(entry, list) else [entry]:
            if isinstance(one, dict):
                found += [one, *(_entries(one["graph"]) if "graph" in one else [])]
    return found
