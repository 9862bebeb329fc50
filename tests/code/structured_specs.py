"""Structured specs, drawn from a seed: all that the language has, together.

    structured_spec(Random(7))  ->  the data that a spec's YAML stands for

What is drawn is right but for accidents, which `check` refuses; most are accepted.
"""

import re
from dataclasses import replace
from random import Random
from typing import Any

from tests.code.structured_choices import add_choices, add_freezing, add_starts, chain, dense
from tests.code.structured_keys import add_inputs, follow, put_in_order, reached
from tests.code.structured_many import many
from tests.code.structured_members import fill, give, use
from tests.code.structured_names import CLASSES, fresh
from tests.code.structured_rooms import LAYOUTS, Block, Entry, Flow, Layout, Room, condition, last, layer, width
from tests.code.structured_shared import recursive, stepped
from tests.code.structured_told import add_told

DEFAULTS: dict[str, list[Any]] = {
    "width": [4, 3, 6],
    "kernel": [1, 3],
    "flag": [True, False],
    "times": [1, 2],
    "act": ["relu", "sigmoid"],
    "rate": [0.0, 0.25],
    "scale": [0.5, 2.0],
    "list": [[2, 4], [3, 5, 4]],
    "flags": [[True, False], [True], [False, False, True]],
    "acts": [["relu", "tanh"], ["silu"], ["sigmoid", "relu", "relu"]],
}
TYPES = {
    "width": "int",
    "kernel": "int",
    "flag": "bool",
    "times": "int",
    "act": "str",
    "list": "list",
    "flags": "list",
    "acts": "list",
    "stride": "int",
}


def structured_spec(rng: Random) -> dict[str, Any]:
    """A whole spec; one that it uses stands under `use` as data, too."""
    layout = rng.choice([LAYOUTS["2d"], LAYOUTS["2d"], *LAYOUTS.values()])
    used: list[Block] = []
    uses: dict[str, Any] = {}
    if rng.random() < 0.1:
        other, block = _spec(rng, layout, [], head=False)
        if block.name.isidentifier():
            uses[block.name], used = other, [block]
    spec, _ = _spec(rng, layout, used)
    add_told(rng, spec)
    return {**{key: spec[key] for key in ("archspec", "name")}, **({"use": uses} if uses else {}), **spec}


def _spec(rng: Random, layout: Layout, used: list[Block], *, head: bool = True) -> tuple[dict[str, Any], Block]:
    """A spec that uses others, and what it is as a block."""
    taken: set[str] = set()
    params = {fresh(rng, taken, odd=0.4): rng.choice(list(DEFAULTS)) for _ in range(rng.choice([0, 1, 2, 2, 3]))}
    values = {name: rng.choice(DEFAULTS[kind]) for name, kind in params.items()}
    follow(rng, params, values)
    blocks, written = _blocks(rng, layout, used, params)
    spec: dict[str, Any] = {
        "archspec": 1,
        "name": fresh(rng, set(), CLASSES, odd=0.5) if rng.random() < 0.15 else "Drawn",
    }
    if params:
        spec["params"] = values
        if rng.random() < 0.4:
            changed = {name: rng.choice(DEFAULTS[kind]) for name, kind in params.items() if rng.random() < 0.6}
            spec["variants"] = {"plain": {}, "other": changed}
    room = _root(rng, layout, blocks, params, spec, head=head)
    if written:
        spec["blocks"] = written
    fill(room, rng.choice([2, 3, 4, 5, 6]))
    _use_all(room, blocks, written)
    _read_all(
        room, {name: kind for name, kind in params.items() if not re.search(rf"\b{name}\b", str(_values(written)))}
    )
    if head and rng.random() < 0.4:
        _head(room)
    _outputs(room, spec)
    put_in_order(room, spec)
    for holder in (spec, *written.values()):
        if rng.random() < 0.3:
            _name_a_value(rng, holder, set(params) | set(spec["inputs"]))
        if rng.random() < 0.2:
            add_starts(rng, layout, holder, params)
        if rng.random() < 0.1:
            add_freezing(rng, holder, params)
    add_choices(rng, params, values)
    names = tuple(spec["outputs"]) if "outputs" in spec else ("y",)
    name = fresh(rng, {block.name for block in blocks}, CLASSES, odd=0.3)
    variants = tuple(spec.get("variants", ()))
    return spec, Block(name, params, frozenset(), tuple(spec["inputs"]), names, False, "", variants=variants)


def _blocks(
    rng: Random, layout: Layout, used: list[Block], params: dict[str, str]
) -> tuple[list[Block], dict[str, Entry]]:
    """Named blocks, those of other specs first, and how a spec writes its own."""
    blocks: list[Block] = list(used)
    written: dict[str, Entry] = {}
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        block, entry = _block(rng, layout, blocks, params, {block.name for block in blocks})
        blocks.append(block)
        written[block.name] = entry
    for make, share in ((recursive, 0.15), (dense, 0.1), (chain, 0.1), (many, 0.25)):
        if rng.random() < share:
            block, entry = make(rng, layout, fresh(rng, {block.name for block in blocks}, CLASSES, odd=0.3))
            blocks.append(block)
            written[block.name] = entry
    if rng.random() < 0.12:
        called = {block.name for block in blocks}
        cell = fresh(rng, called, CLASSES, odd=0.3)
        block, entries = stepped(rng, layout, fresh(rng, {*called, cell}, CLASSES, odd=0.3), cell)
        blocks.append(block)
        written |= entries
    return blocks, written


def _use_all(room: Room, blocks: list[Block], written: dict[str, Entry]) -> None:
    """Has every block used that nothing uses yet."""
    used = str(written) + str(room.graph)
    for block in reversed(blocks):
        if f"'block': '{block.name}'" not in used:
            use(room, block)


def _name_a_value(rng: Random, holder: Entry, around: set[str]) -> None:
    """Gives an expression in a graph a name by `let`: one of params, and in a block of facts of its input."""
    facts = r"\bx\.(?:channels|features)\b" if holder.get("inputs", ["x"]) == ["x"] else r"(?!)"
    plain = [
        text
        for text in _values(holder["graph"])
        if text.startswith("$(") and not re.search(r"\bi\b|\.", re.sub(facts, "", text))
    ]
    taken = around | set(holder.get("params", ())) | set(holder.get("inputs", ["x"]))
    name = fresh(rng, taken, odd=0.3)
    if plain:
        value = rng.choice(plain)
        holder["let"] = {name: value}
        if rng.random() < 0.3:
            above, name = name, fresh(rng, {*taken, name}, odd=0.3)
            holder["let"][name] = f"${above}"
        holder["graph"] = _replaced(holder["graph"], value, f"${name}")


def _replaced(data: Any, old: str, new: str) -> Any:
    """The same data with another text in place of one."""
    if isinstance(data, dict):
        return {key: _replaced(value, old, new) for key, value in data.items()}
    if isinstance(data, list):
        return [_replaced(value, old, new) for value in data]
    return new if data == old else data


def _root(rng: Random, layout: Layout, blocks: list[Block], params: dict[str, str], spec: Entry, *, head: bool) -> Room:
    taken = set(params)
    names = [fresh(rng, taken, odd=0.3) if rng.random() < 0.6 else "image" for _ in range(rng.choice([1, 1, 1, 2]))]
    names = list(dict.fromkeys(names))
    sizes = layout.sizes
    channels: list[Any] = [rng.choice([2, 3, 4]) for _ in names]
    if len(names) > 1 and rng.random() < 0.5:
        channels = channels[:1] * 2
    widths = [name for name, kind in params.items() if kind == "width"]
    if widths and rng.random() < 0.25:
        channels[0] = f"${rng.choice(widths)}"
    last_is_channels = layout.channels == "features"
    shapes = [[*sizes, c] if last_is_channels else [c, *sizes] for c in channels]
    inputs: dict[str, Any] = dict(zip(names, shapes, strict=True))
    flows = [Flow(name, c) for name, c in zip(names, channels, strict=True)]
    room = Room(rng, layout, blocks, params, flows[::-1] if rng.random() < 0.1 else flows, taken=set(names))
    if not head:  # another spec uses it, and gives it other sizes
        room.flows = [replace(flow, channels=None) for flow in room.flows]
    elif layout.sizes == (6,) and rng.random() < 0.4:
        inputs[names[0]] = {"shape": [6], "dtype": "int"}
        room.flows = flows[:1]
        room.add({"op": "embedding", "num_embeddings": 7, "embedding_dim": 4}, 4)
        room.flows = [room.flows[-1], *flows[1:]]
        room.flows = [*flows[1:], room.flows[0]]
    elif len(names) > 1:
        room.flows = [*flows[1:], flows[0]]
    elif rng.random() < 0.12:
        add_inputs(room, inputs)
    spec["inputs"] = inputs
    return room


def _block(
    rng: Random, layout: Layout, blocks: list[Block], outer: dict[str, str], taken: set[str]
) -> tuple[Block, Entry]:
    """A named block that may use those before it."""
    name = fresh(rng, taken, CLASSES, odd=0.5)
    own_names: set[str] = set()
    inputs = (
        ("x",) if rng.random() < 0.6 else tuple(fresh(rng, own_names, odd=0.3) for _ in range(rng.choice([1, 2, 2, 3])))
    )
    own_names |= set(inputs)
    kinds = rng.choices([*DEFAULTS, "width", "stride"], k=rng.choice([0, 1, 1, 2, 3]))
    params = {fresh(rng, own_names, odd=0.35): kind for kind in dict.fromkeys(kinds)}
    required = frozenset(param for param, kind in params.items() if kind in TYPES and rng.random() < 0.4)
    strided = next((param for param, kind in params.items() if kind == "stride" and layout.rank), "")
    fact = f"${inputs[0]}.{layout.channels}"
    seen = {} if rng.random() < 0.5 else outer
    visible = {**{param: kind for param, kind in seen.items() if param not in inputs}, **params}
    flows = [Flow(one, fact) for one in inputs]
    room = Room(rng, layout, list(blocks), visible, flows[1:] + flows[:1], first_input=inputs[0], taken=set(inputs))
    room.listed = len(inputs) == 1 and rng.random() < 0.25
    _begin(room, inputs, strided)
    fill(room, rng.choice([1, 2, 2, 3]))
    _read_all(room, params)
    keeps = not strided and rng.random() < 0.6
    if keeps:
        room.add({**layer(room, fact), "from": last(room).ref}, fact)
        if rng.random() < 0.6:
            room.add({"op": "add", "from": [last(room).ref, inputs[0]]}, fact)
    entry = {"graph": room.graph}
    if inputs != ("x",):
        entry["inputs"] = list(inputs)
    outputs = give(room, entry)
    put_in_order(room, entry)
    if params:
        declared = {**DEFAULTS, "stride": [1]}
        values = {param: rng.choice(declared[kind]) for param, kind in params.items()}
        follow(rng, params, values)
        entry["params"] = {**values, **{param: TYPES[params[param]] for param in params if param in required}}
    reach = reached(room, {block.name: block for block in blocks})
    return Block(name, params, required, inputs, outputs, keeps, strided, reach), entry


def _begin(room: Room, inputs: tuple[str, ...], strided: str) -> None:
    """Joins the inputs of a block, and makes height and width smaller where it has a stride."""
    if len(inputs) > 1:
        joins = ["add", "mul", "concat"] if room.layout.sizes != (6,) else ["add"]
        room.add({"op": room.rng.choice(joins), "from": list(inputs)}, None)
    if strided:
        entry = {**layer(room, width(room)), "stride": f"${strided}", "from": last(room).ref}
        room.flows = [replace_scale(room.add(entry, entry["out_channels"]))]


def replace_scale(flow: Flow) -> Flow:
    """The value, of a height and width of its own."""
    return Flow(flow.ref, flow.channels, object())


def _read_all(room: Room, kinds: dict[str, str]) -> None:
    """Has every param read that nothing reads yet."""
    for name, kind in kinds.items():
        if re.search(rf"\b{name}\b", str(_values(room.graph))):
            continue
        forms: dict[str, Entry] = {
            "kernel": {"op": "clamp", "max": f"${name}"},
            "flag": {"op": "relu", "when": f"${name}"},
            "times": {"op": "mul", "other": 0.5, "repeat": f"${name}"},
            "act": {"op": f"${name}"},
            "rate": {"op": "dropout", "p": f"${name}"},
            "scale": {"op": "mul", "other": f"${name}"},
            "list": {"op": "tanh", "repeat": f"$(len({name}))"},
            "flags": {"op": "relu", "when": f"$({name}[0])"},
            "acts": room.rng.choice([{"op": f"$({name}[0])"}, {"op": f"$({name}[i])", "repeat": f"$(len({name}))"}]),
            "stride": {"op": "abs", "when": f"$({name} == 1)"},
        }
        if kind == "list" and room.chance(0.5):
            entry = {**layer(room, f"$({name}[i])"), "repeat": f"$(len({name}))", "from": last(room).ref}
            room.add(entry, f"$({name}[-1])", last(room).scale)
        elif kind == "width":
            room.add({**layer(room, f"${name}"), "from": last(room).ref}, f"${name}", last(room).scale)
        else:
            room.add({**forms[kind], "from": last(room).ref}, last(room).channels, last(room).scale)


def _values(data: Any) -> list[str]:
    """Texts that may be expressions."""
    if isinstance(data, dict):
        return [found for value in data.values() for found in _values(value)]
    if isinstance(data, list):
        return [found for value in data for found in _values(value)]
    return [data] if isinstance(data, str) and data.startswith("$") else []


def _head(room: Room) -> None:
    """Ends in features."""
    rank = room.layout.rank
    if rank:
        room.add({"op": f"adaptive_avg_pool{rank}d", "output_size": 1, "from": last(room).ref}, None, object())
        room.add("flatten", None, object())
        room.add({"op": "linear", "out_features": 5}, 5, object())


def _outputs(room: Room, spec: Entry) -> None:
    rng = room.rng
    spec["graph"] = room.graph
    own = {entry for entry, _ in room.entries}
    taken = set(spec["inputs"])
    chosen: dict[str, Any] = {}
    if rng.random() < 0.5 or room.training:
        others = [flow.ref for flow in room.flows if str(flow.ref).partition(".")[0] in own and flow != last(room)]
        if rng.random() < 0.3 and room.ranges:
            spec["outputs"] = [last(room).ref, *room.ranges[:1]]
            return
        chosen[fresh(rng, taken, odd=0.3)] = last(room).ref
        for _ in range(rng.choice([0, 0, 1, 2]) if others else 0):
            chosen[fresh(rng, taken, odd=0.3)] = rng.choice(others)
        for ref in room.apart:
            if rng.random() < 0.3:
                chosen[fresh(rng, taken, odd=0.3)] = ref
        for flow in room.training:
            chosen[fresh(rng, taken, odd=0.2)] = flow.ref
        if others and rng.random() < 0.15:
            chosen[fresh(rng, taken)] = {"from": rng.choice(others), "when": rng.choice(["training", condition(room)])}
        spec["outputs"] = chosen
