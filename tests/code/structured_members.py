"""Members of drawn specs that hold others: blocks in use, graphs in place, sequences; and tensors beside the flow."""

from dataclasses import replace
from typing import Any

from tests.code.structured_choices import write_alternative, write_dense
from tests.code.structured_keys import choose_outputs, put_in_order, write_choice
from tests.code.structured_lists import write_carried, write_listed, write_numbered, write_rounds
from tests.code.structured_names import fresh
from tests.code.structured_ops import write_fitted, write_island, write_masked, write_merged, write_recurrent
from tests.code.structured_rooms import (
    Block,
    Entry,
    Flow,
    Room,
    argument,
    condition,
    gone_through,
    last,
    layer,
    reading,
    shape_of_scale,
    times,
    width,
    write_function,
    write_join,
    write_layer,
    write_norm,
    write_parts,
    write_pointwise,
)
from tests.code.structured_shared import write_loop, write_tied


def part_names(room: Room) -> dict[str, str]:
    """What the parts of a repeat are called, where that is said."""
    if room.chance(0.75):
        return {}
    return {"names": room.rng.choice(["part1", "row-4", "block0", "m1", fresh(room.rng, set()) + "1"])}


def write_held(room: Room) -> None:
    """A parameter or a buffer, and what reads it."""
    source = last(room)
    if source.channels is None:
        made = room.add({**layer(room, 4), "from": source.ref}, 4)
        source = made
    init = room.rng.choice(["ones", "zeros", 0.5, 2])
    entry: Entry = {"op": "parameter", "shape": shape_of_scale(room, source.channels), "init": init}
    if room.chance(0.4):
        entry = {**entry, "op": "buffer", **({"persistent": False} if room.chance(0.5) else {})}
    elif room.chance(0.3):
        entry["init"] = "normal"
    held = room.add(entry, source.channels, object())
    room.flows.remove(held)
    if room.chance(0.3):
        held = room.add({"op": room.rng.choice(["tanh", "exp"]), "from": held.ref}, source.channels, object())
        room.flows.remove(held)
    refs = [source.ref, held.ref] if room.chance(0.8) else [held.ref, source.ref]
    room.add({"op": room.rng.choice(["mul", "add", "sub"]), "from": refs}, source.channels, source.scale)


def write_pool(room: Room) -> None:
    """A pool whose indices are read, and its inverse."""
    if room.layout.rank != 2:
        return write_pointwise(room)
    source = last(room)
    pool = room.add({"op": "max_pool2d", "kernel_size": 2, "from": source.ref}, source.channels, object())
    read: list[str | int] = [pool.ref, f"{pool.ref}.indices", source.ref]
    if room.chance(0.5):
        act = room.add({"op": "relu"}, source.channels, object())
        room.flows.remove(act)
        read[0] = act.ref
    room.flows.remove(pool)
    room.add({"op": "max_unpool2d", "kernel_size": 2, "from": read}, source.channels, source.scale)
    return None


def write_align(room: Room) -> None:
    """Values of different height and width, joined."""
    if room.layout.rank != 2:
        return write_join(room)
    source = last(room)
    small = room.add({"op": "max_pool2d", "kernel_size": 2, "from": source.ref}, source.channels, object())
    room.flows.remove(small)
    align = room.rng.choice(["resize", "pad", "crop"])
    refs = [source.ref, small.ref] if align == "resize" or room.chance(0.5) else [small.ref, source.ref]
    op = room.rng.choice(["add", "concat"]) if source.channels is not None else "concat"
    channels = source.channels if op == "add" else None
    room.add({"op": op, "from": refs, "align": align}, channels, source.scale if align == "resize" else object())
    return None


def write_attention(room: Room) -> None:
    """Attention over tokens; a layer elsewhere."""
    if room.layout.conv != "linear" or not room.layout.sizes:
        return write_layer(room)
    entry: Entry = {"op": "multi_head_attention", "num_heads": 1}
    if room.chance(0.3):
        entry["dropout"] = 0.5
    source = last(room)
    if room.chance(0.5):
        room.add({**entry, "from": [source.ref, room.rng.choice(room.flows).ref]}, source.channels)
    else:
        room.add({**entry, "from": source.ref}, source.channels)
    return None


def arguments(room: Room, block: Block, share: float = 0.6) -> Entry:
    """Arguments of a use: those it needs, and a share of the others."""
    return {
        name: argument(room, kind)
        for name, kind in block.params.items()
        if name in block.required or (room.chance(share) and (kind != "stride" or room.chance(0.4)))
    }


def alike(room: Room, one: Flow) -> list[Flow]:
    """The values of the shape of one, as far as that is known; itself among them."""
    return [flow for flow in room.flows if flow.scale == one.scale and flow.channels == one.channels is not None] or [
        one
    ]


def inputs_of(room: Room, count: int, names: tuple[str, ...]) -> tuple[Entry, Flow]:
    """`from` of a member of several inputs, by place or by name, and what feeds the first."""
    first = last(room)
    fitting = alike(room, first)
    flows = [first, *(room.rng.choice(fitting) for _ in range(count - 1))]
    if count == 1:
        entry, source = reading(room, {})
        return entry, source
    if len(names) == count and room.chance(0.25):
        return {"from": {name: flow.ref for name, flow in zip(names, flows, strict=True)}}, first
    if room.chance(0.2):
        flows = [room.rng.choice(fitting), *flows[1:]]
    return {"from": [flow.ref for flow in flows]}, flows[0]


def write_use(room: Room) -> None:
    """A use of a block, once or repeated, shared or not."""
    if not room.blocks:
        return write_layer(room)
    use(room, room.rng.choice(room.blocks))
    return None


def use(room: Room, block: Block) -> None:
    """A use of this block."""
    count = len(block.inputs) + (room.rng.choice([0, 1, 1, 2, 4]) if block.many else 0)
    where, source = inputs_of(room, count, block.inputs)
    inner = replace(room, indexed=room.indexed)
    entry: Entry = {"block": block.name, **where}
    repeated = room.chance(0.4) and (block.keeps or count == 1)
    if repeated:
        inner.indexed = True
        entry |= {"repeat": times(room), **part_names(room)}
        inner.over = gone_through(room, entry["repeat"])
    entry |= arguments(inner, block)
    if block.variants and room.chance(0.5):
        entry["variant"] = variant(room, block)
    outputs = () if repeated else choose_outputs(room, block, entry)
    if repeated:
        for key in ("first", "last"):
            if block.params and room.chance(0.3):
                name = room.rng.choice(list(block.params))
                entry[key] = {name: argument(inner, block.params[name])}
    if room.chance(0.12):
        entry["when"] = condition(room)
    strided = block.strided in entry or any(block.strided in entry.get(key, {}) for key in ("first", "last"))
    channels = source.channels if block.keeps and not outputs else None
    made = room.add(entry, channels, object() if block.strided and strided else source.scale)
    if not repeated:
        room.flows[-1:] = [made]
        more = [replace(made, ref=f"{made.ref}.{name}", channels=None) for name in (outputs or block.outputs)[1:]]
        room.flows[:-1] += more if room.chance(0.5) else []
        if room.chance(0.2) and "when" not in entry and source.channels is not None:
            loops = block.keeps and not block.strided and not outputs
            again = second_use(room, block, entry, [source.ref] * count, loops=loops)
            room.add({**again, "share": made.ref}, channels, made.scale)


def variant(room: Room, block: Block) -> str:
    """The variant of another spec that a use starts from: a name, or an expression that says which."""
    flags = room.of_kind("flag")
    one, other = (room.rng.choice(block.variants) for _ in range(2))
    return f"$('{one}' if {room.rng.choice(flags)} else '{other}')" if flags and room.chance(0.5) else one


def second_use(room: Room, block: Block, entry: Entry, reads: list[str | int], *, loops: bool) -> Entry:
    """What another use of the module of a use says: all that the first says, or what it reads; and other numbers."""
    again: Entry = {**({} if room.chance(0.5) else entry), "from": reads if len(reads) > 1 else reads[0]}
    for name in (name for name, kind in block.params.items() if kind == "scale"):
        if room.chance(0.5):
            again[name] = argument(room, "scale")
    if loops and room.chance(0.4):
        again["repeat"] = times(room)
    return again


def write_inline(room: Room) -> None:
    """A graph in place, once or repeated."""
    if room.depth > 2:
        return write_layer(room)
    repeated = room.chance(0.35)
    count = 1 if room.chance(0.75) else 2
    names = ("x",) if count == 1 else tuple(fresh(room.rng, set(), odd=0.2) for _ in range(2))
    if len(set(names)) < count:
        names = ("a", "b")
    where, source = inputs_of(room, count, names)
    child = _child(room, names, source, repeated=repeated)
    fill(child, room.rng.choice([1, 2, 2, 3]))
    entry: Entry = {"graph": child.graph, **where}
    if names != ("x",):
        entry["inputs"] = list(names)
    if repeated:
        entry |= {"repeat": times(room), **part_names(room)}
    if room.chance(0.12):
        entry["when"] = condition(room)
    given = child.flows[-1]
    outputs = () if repeated and count > 1 else give(child, entry)
    fixed = (
        given.channels if isinstance(given.channels, int) or (given.channels and "." not in given.channels) else None
    )
    known = None if repeated or "when" in entry or "i" in str(given.channels) else fixed
    put_in_order(child, entry)
    made = room.add(entry, known, given.scale)
    if not repeated and "when" not in entry and given.scale == source.scale and room.chance(0.25):
        others = [{"from": flow.ref} for flow in alike(room, source)] if count == 1 else [where]
        room.add({**room.rng.choice(others), "share": made.ref}, known, given.scale)
    if outputs and not repeated and room.chance(0.6):
        room.flows[:-1] += [replace(made, ref=f"{made.ref}.{name}", channels=None) for name in outputs[1:]]
    return None


def _child(room: Room, names: tuple[str, ...], source: Flow, *, repeated: bool) -> Room:
    """The room of a graph in place: it sees the params around it, and has inputs of its own."""
    first = source.channels if not isinstance(source.channels, str) or "." not in source.channels else None
    known = [None if repeated else first, *[None for _ in names[1:]]]
    return Room(
        room.rng,
        room.layout,
        room.blocks,
        {name: kind for name, kind in room.params.items() if name not in names},
        [Flow(name, channels, source.scale) for name, channels in zip(names, known, strict=True)],
        listed=room.chance(0.4),
        depth=room.depth + 1,
        indexed=room.indexed or repeated,
        first_input=names[0],
        taken=set(names),
    )


def give(room: Room, entry: Entry) -> tuple[str, ...]:
    """Writes what a graph gives, where it says so; the names."""
    if room.chance(0.75) or len(room.flows) < 3:
        return ()
    here = [flow for flow in room.flows[1:] if flow.scale == last(room).scale]
    if len(here) < 2:
        return ()
    chosen = [last(room), room.rng.choice(here[:-1])]
    names = tuple(fresh(room.rng, {"x"}, odd=0.25) for _ in range(2))
    if len(set(names)) < 2:
        return ()
    entry["outputs"] = {name: flow.ref for name, flow in zip(names, chosen, strict=True)}
    return names


def write_flat(room: Room) -> None:
    """One numbered sequence of a plain chain."""
    where, source = reading(room, {"flat": True})
    inside = replace(room, first_input="", params={name: kind for name, kind in room.params.items() if name != "x"})
    out = width(inside)
    first = layer(inside, out)
    inner: Any = {
        "repeat": times(room),
        "graph": [room.rng.choice(room.layout.norms), room.rng.choice(["relu", "silu"])],
    }
    if room.chance(0.3):
        inner = {"graph": [inner, room.rng.choice(["tanh", "relu6"])], "when": condition(inside)}
    chain = room.rng.choice(
        [[first, inner], [first, "relu", {**first, "when": condition(inside)}], [first, inner, first]]
    )
    room.add(
        {**where, "graph": chain if room.chance(0.5) else dict(zip("abc", chain, strict=False))}, out, source.scale
    )


def write_repeat(room: Room) -> None:
    """One op, several times, with fields that differ."""
    inner = replace(room, indexed=True, first_input="")
    out = width(inner)
    entry, source = reading(room, {**layer(inner, out), "repeat": times(room), **part_names(room)})
    key = "out_channels" if room.layout.rank else "out_features"
    if room.chance(0.3):
        entry[room.rng.choice(["first", "last"])] = {key: width(inner)}
    room.add(entry, None, source.scale)


def write_training(room: Room) -> None:
    """What runs in training only, beside the flow."""
    source = last(room)
    entry = room.rng.choice([layer(room, 2), {"op": "dropout", "p": 0.5}, {"op": "sigmoid"}])
    made = room.add({**entry, "from": source.ref, "when": "training"}, None, object())
    room.flows.remove(made)
    room.training.append(made)
    room.add({"op": room.rng.choice(["identity", "relu", "tanh"]), "from": source.ref}, source.channels, source.scale)


WRITERS = (
    (write_layer, 5),
    (write_norm, 2),
    (write_function, 4),
    (write_pointwise, 3),
    (write_join, 4),
    (write_parts, 2),
    (write_held, 2),
    (write_pool, 1),
    (write_align, 1),
    (write_attention, 1),
    (write_use, 6),
    (write_inline, 3),
    (write_flat, 1),
    (write_repeat, 2),
    (write_training, 1),
    (write_choice, 1),
    (write_island, 5),
    (write_fitted, 4),
    (write_masked, 1),
    (write_merged, 1),
    (write_recurrent, 1),
    (write_listed, 1),
    (write_rounds, 4),
    (write_numbered, 1),
    (write_tied, 1),
    (write_carried, 2),
    (write_loop, 1),
    (write_alternative, 2),
    (write_dense, 1),
)


def fill(room: Room, count: int) -> None:
    """Writes so many members, or a few more."""
    writers, weights = zip(*WRITERS, strict=True)
    for _ in range(count):
        room.rng.choices(writers, weights)[0](room)
