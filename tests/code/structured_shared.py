"""What drawn specs have once and use often: tied tensors, modules that are called again, blocks in themselves.

write_tied    two layers with one tensor, which may stand inside of blocks
write_loop    one module again and again, with a value that it hands on
recursive     a block that uses itself, with a bound
stepped       a block with one module that is called again and again, each time with a number of its own
"""

from random import Random
from typing import Any

from tests.code.structured_names import fresh
from tests.code.structured_ops import aside, known
from tests.code.structured_rooms import FUNCTIONS, Block, Entry, Flow, Layout, Room, Written, last, layer, times


def write_tied(room: Room) -> None:
    """Two layers with one weight, or a tensor by itself that is one of a layer's."""
    source = last(room)
    if room.listed or not known(source.channels):
        return
    entry = layer(room, source.channels)
    inner = room.chance(0.3)
    first = room.add(_held(entry, "inner" if inner else "", source.ref), source.channels, source.scale)
    path = f"{first.ref}.inner" if inner else first.ref
    act = room.add({"op": room.rng.choice(FUNCTIONS), "from": first.ref}, source.channels, source.scale)
    biased = entry.get("bias", True) is True
    if biased and not room.layout.rank and room.chance(0.3):
        tied = aside(room, {"op": "parameter", "shape": [source.channels], "share": f"{path}.bias"})
        room.add({"op": room.rng.choice(["mul", "add"]), "from": [act.ref, tied]}, source.channels, source.scale)
        return
    name = "again" if room.chance(0.3) else ""
    ahead = f"{name}." if name else ""
    share = {f"{ahead}weight": f"{path}.weight"}
    if biased and room.chance(0.5):
        share[f"{ahead}bias"] = f"{path}.bias"
    room.add({**_held(entry, name, act.ref), "share": share}, source.channels, source.scale)


def _held(entry: Entry, name: str, ref: str | int) -> Entry:
    """A layer that reads a value, in a graph in place where it has a name."""
    return {"graph": {name: entry, "act": "tanh"}, "from": ref} if name else {**entry, "from": ref}


def write_loop(room: Room) -> None:
    """One module, again and again: each turn has the state of the one before, and what does not change."""
    source = last(room)
    if room.listed or not known(source.channels):
        return
    start = aside(room, {"op": room.rng.choice(FUNCTIONS), "from": source.ref})
    several = room.chance(0.4)
    graph: Entry = {
        "join": {"op": room.rng.choice(["add", "mul", "sub"]), "from": ["state", "same"]},
        "next": layer(room, source.channels),
        "act": {"op": room.rng.choice(FUNCTIONS)},
    }
    entry: Entry = {"inputs": ["state", "same"], "graph": graph, "from": [start, source.ref]}
    if several:
        entry["inputs"] = ["state", "second", "same"]
        graph["both"] = {"op": "add", "from": ["second", room.rng.choice(["act", "next"])]}
        entry |= {"outputs": {"y": "act", "other": "both"}, "from": [start, source.ref, source.ref]}
    first = room.add(entry, source.channels, source.scale)
    reads = [first.ref, *([f"{first.ref}.other"] if several else []), source.ref]
    again: Entry = {"share": first.ref, "from": reads, "repeat": times(room)}
    if several and not isinstance(again["repeat"], int):
        again["repeat"] = 2  # none would leave it out, and its second output with it
    made = room.add(again, source.channels, source.scale)
    if several and again["repeat"] and room.chance(0.6):
        room.add({"op": "mul", "from": [made.ref, f"{made.ref}.other"]}, source.channels, source.scale)


def recursive(rng: Random, layout: Layout, name: str) -> tuple[Block, Entry]:
    """A block that uses itself with a smaller depth, and with other channels or on a smaller image where it likes."""
    fact = f"$x.{layout.channels}"
    taken = {"x"}
    depth, wide = fresh(rng, taken, odd=0.2), fresh(rng, taken, odd=0.2)
    widens = rng.random() < 0.5
    outs: list[Written] = [f"${wide}", f"$({wide} + 1)"] if widens else [fact, 4]
    out = rng.choice(outs)
    room = Room(rng, layout, [], {wide: "width"} if widens else {}, [Flow("x", fact)], first_input="x", taken=taken)
    start = room.add(layer(room, out), out)
    if room.chance(0.5):
        start = room.add({"op": rng.choice(FUNCTIONS)}, out)
    read = start.ref
    if layout.rank == 2 and room.chance(0.4):
        read = aside(room, {"op": "max_pool2d", "kernel_size": 2, "from": read})
    inner: Entry = {"block": name, depth: f"$({depth} - 1)", "when": f"$({depth} > 1)", "from": read}
    if widens:
        inner[wide] = rng.choice([f"${wide}", f"$({wide} + 1)", f"$(2 * {wide})"])
    found = aside(room, inner)
    if read != start.ref:
        found = aside(room, {"op": "upsample", "from": [found, start.ref]})
    room.add({"op": rng.choice(["add", "mul"]), "from": rng.sample([found, start.ref], 2)}, out)
    if out != fact:
        room.add(layer(room, fact), fact)
    kinds = {depth: "times", **({wide: "width"} if widens else {})}
    needed = frozenset(param for param in kinds if rng.random() < 0.5)
    values = {param: "int" if param in needed else {"times": 2, "width": 4}[kind] for param, kind in kinds.items()}
    return Block(name, kinds, needed, ("x",), ("y",), True, ""), {"params": values, "graph": room.graph}


def stepped(rng: Random, layout: Layout, name: str, cell: str) -> tuple[Block, dict[str, Entry]]:
    """A block, and one in it that is called once, then in a repeat that gives it numbers by `i`."""
    fact = f"$state.{layout.channels}"
    taken = {"state", "same"}
    number, slope = fresh(rng, taken, odd=0.3), fresh(rng, taken, odd=0.3)
    room = Room(rng, layout, [], {}, [Flow("state", fact)], first_input="state", taken=taken)
    room.add({"op": rng.choice(["add", "sub"]), "from": ["state", "same"]}, fact)
    room.add(layer(room, fact), fact)
    by_number: Entry = {"op": "mul", "other": f"$({number} / 4 + 0.5)"}
    if layout.rank and rng.random() < 0.4:
        by_number = {"op": "roll", "shifts": f"${number}", "dims": 2}
    room.add(by_number, fact)
    params: dict[str, Any] = {number: rng.choice([0, 1, "int"])}
    if rng.random() < 0.4:
        params[slope] = 0.25
        room.add({"op": "leaky_relu", "negative_slope": f"${slope}"}, fact)
    made = {cell: {"params": params, "inputs": ["state", "same"], "graph": room.graph}}
    rest: Entry = {"share": "first", "from": ["first", "x"], "repeat": rng.choice([1, 2, 3, 4, 5])}
    turns = fresh(rng, {"x", "first", "rest", "end"}, odd=0.3)
    said = rng.choice(["", "", "size", "param"] if layout.rank else ["", "param"])
    if said:
        rest["repeat"] = f"$({turns} + 1)" if said == "param" else "$(x.shape[-1] // 3)"
    rest[number] = rng.choice(["$i", "$(i + 1)", "$(2 * i)", "$(3 - i)", 2])
    if rng.random() < 0.3:
        rest[rng.choice(["first", "last"])] = {number: 3}
    if slope in params and rng.random() < 0.5:
        rest[slope] = rng.choice([0.5, "$((i + 1) / 8)"])
    start = {number: rng.choice([0, 1])} if params[number] == "int" or rng.random() < 0.3 else {}
    graph: Entry = {"first": {"block": cell, "from": ["x", "x"], **start}, "rest": rest}
    if rng.random() < 0.3:
        graph["end"] = {"op": "add", "from": ["rest", rng.choice(["rest.0", "first", "x"])]}
    made[name] = {**({"params": {turns: 2}} if said == "param" else {}), "graph": graph}
    kinds = {turns: "times"} if said == "param" else {}
    return Block(name, kinds, frozenset(), ("x",), ("y",), True, ""), made
