"""Keys of drawn specs that stand beside a graph or a use: `order`, outputs chosen at a use, defaults that follow."""

from random import Random
from typing import Any

from archspec.ops import OPS
from tests.code.structured_names import fresh
from tests.code.structured_rooms import Block, Entry, Flow, Room, argument, condition, last, times

# Kind of a param -> kinds of params above, each with what its default then may be.
FOLLOWS: dict[str, dict[str, tuple[str, ...]]] = {
    "width": {"width": ("$(2 * {0})", "$({0} + 1)", "${0}"), "kernel": ("$({0} + 2)",), "list": ("$({0}[0])",)},
    "kernel": {"flag": ("$(3 if {0} else 1)",), "kernel": ("${0}",), "width": ("$(1 if {0} > 3 else 3)",)},
    "flag": {"width": ("$({0} > 3)",), "flag": ("$(not {0})", "${0}"), "act": ("$({0} == 'relu')",)},
    "times": {"kernel": ("$({0} // 2 + 1)",), "list": ("$(len({0}))",), "times": ("$({0} + 1)",)},
    "act": {"flag": ("$('relu' if {0} else 'silu')",), "act": ("${0}",)},
    "rate": {"rate": ("$({0} / 2)",), "flag": ("$(0.5 if {0} else 0.0)",)},
    "scale": {"scale": ("$({0} * 2)", "$({0} + 0.5)"), "width": ("$({0} / 4)",)},
    "list": {"width": ("$([{0}, 2])", "$([{0}] * 2)"), "list": ("$({0} + [2])",)},
}


def follow(rng: Random, kinds: dict[str, str], values: dict[str, Any]) -> None:
    """Has defaults of params follow from those above, now and then."""
    above: list[str] = []
    for name, kind in kinds.items():
        forms = [form.format(other) for other in above for form in FOLLOWS.get(kind, {}).get(kinds[other], ())]
        if forms and rng.random() < 0.3:
            values[name] = rng.choice(forms)
        above.append(name)


def put_in_order(room: Room, holder: Entry) -> None:
    """Registers members in another order, now and then."""
    holding = [name for name, entry in room.entries if _holds(entry)]
    if not room.listed and len(holding) > 1 and room.chance(0.15):
        holder["order"] = room.rng.sample(holding, room.rng.randint(2, len(holding)))


def _holds(entry: Any) -> bool:
    """Whether a member may have something in the state_dict."""
    if not isinstance(entry, dict):
        return isinstance(entry, str) and not entry.startswith("$") and OPS[entry].stateful
    if "op" in entry:
        name = entry["op"]
        return name.startswith("$") is False and bool(OPS[name].stateful or OPS[name].holds)
    return True


def reached(room: Room, blocks: dict[str, Block]) -> tuple[str, ...]:
    """Paths of values inside a graph that are of the height and width of its input, for a use to choose."""
    if room.listed:
        return ()
    entries = dict(room.entries)
    found: list[str] = []
    for flow in room.flows:
        if flow.scale != 1 or flow.ref not in entries:
            continue
        found.append(str(flow.ref))
        entry = entries[str(flow.ref)]
        used = entry.get("block") if isinstance(entry, dict) and "repeat" not in entry else None
        inner = blocks.get(used) if isinstance(used, str) else None
        if inner is not None and "when" not in entry and "outputs" not in entry:
            found += [f"{flow.ref}.{path}" for path in inner.reach]
    return tuple(found)


def choose_outputs(room: Room, block: Block, entry: Entry) -> tuple[str, ...]:
    """Has a use give other values than its block does, now and then; what they are called."""
    if not block.reach or not room.chance(0.2):
        return ()
    taken = {"x"}
    paths = room.rng.sample(block.reach, min(len(block.reach), room.rng.choice([1, 1, 2])))
    entry["outputs"] = {fresh(room.rng, taken, odd=0.25): path for path in paths}
    return tuple(entry["outputs"])


def write_choice(room: Room) -> None:
    """A use of one of two blocks, which an expression chooses."""
    plain = [block for block in room.blocks if not block.required and not block.strided and len(block.inputs) == 1]
    test = condition(room)
    if len(plain) < 2 or not isinstance(test, str):
        return
    one, other = room.rng.sample(plain, 2)
    source = last(room)
    entry: Entry = {"block": f"$('{one.name}' if {_bare(test)} else '{other.name}')", "from": source.ref}
    if one.keeps and other.keeps and room.chance(0.4):
        entry["repeat"] = times(room)
    for name in one.params.keys() & other.params.keys():
        if one.params[name] == other.params[name] and room.chance(0.5):
            entry[name] = argument(room, one.params[name])
    room.add(entry, source.channels if one.keeps and other.keeps else None, source.scale)


def _bare(text: str) -> str:
    """An expression without its dollar."""
    return text.removeprefix("$")


def add_inputs(room: Room, inputs: dict[str, Any]) -> None:
    """Gives a spec an input of another kind beside the others, and reads it."""
    name = fresh(room.rng, room.taken, odd=0.3)
    source = last(room)
    sizes = list(room.layout.sizes)
    last_is_channels = room.layout.channels == "features"
    kind = room.rng.choice(["words", "bool", "number", "drawn"])
    if kind == "bool":
        inputs[name] = {"shape": [*sizes, 1] if last_is_channels else [1, *sizes], "dtype": "bool"}
        entry: Entry = {"op": "masked_fill", "value": 0.5, "from": [source.ref, name]}
        if room.chance(0.5):
            entry = {"op": "where", "other": -0.5, "from": [name, source.ref]}
        room.add(entry, source.channels, source.scale)
    elif kind == "drawn":
        values = room.rng.choice(["binary", "positive", [-2.0, 3.0], [0, 1]])
        inputs[name] = {"shape": [*sizes, source.channels] if last_is_channels else [source.channels, *sizes]}
        inputs[name]["values"] = values
        op = "sqrt" if values in ("binary", "positive", [0, 1]) else "tanh"
        read = room.add({"op": op, "from": name}, source.channels, source.scale)
        room.add({"op": "mul", "from": room.rng.sample([source.ref, read.ref], 2)}, source.channels, source.scale)
    else:
        _join(room, source, _number(room, name, inputs) if kind == "number" else _words(room, name, inputs))


def _words(room: Room, name: str, inputs: dict[str, Any]) -> Any:
    """Token numbers, as one value of the flow's channels for each sample."""
    channels = last(room).channels
    inputs[name] = {"shape": [5], "dtype": "int", **_drawn_below(room, 7)}
    embedding: Entry = {"op": "embedding", "num_embeddings": 7, "embedding_dim": channels, "from": name}
    if room.chance(0.5):
        return _aside(room, {**embedding, "op": "embedding_bag", "mode": room.rng.choice(["sum", "mean", "max"])})
    return _aside(room, {"op": "mean", "dim": 1, "from": _aside(room, embedding)})


def _number(room: Room, name: str, inputs: dict[str, Any]) -> Any:
    """One number of each sample, as one value of the flow's channels."""
    channels = last(room).channels
    if room.chance(0.5):
        inputs[name] = {"shape": [], "dtype": "int", **_drawn_below(room, 7)}
        return _aside(room, {"op": "embedding", "num_embeddings": 7, "embedding_dim": channels, "from": name})
    inputs[name] = {"shape": [], **room.rng.choice([{}, {"values": [0.0, 1.0]}])}
    read = _aside(room, {"op": "unsqueeze", "dim": 1, "from": name})
    return _aside(room, {"op": "linear", "out_features": channels, "from": read})


def _drawn_below(room: Room, count: int) -> Entry:
    """What `verify` draws of so many numbers, where that is said."""
    return {"values": [0, count - 1]} if room.chance(0.6) else {}


def _aside(room: Room, entry: Entry) -> Any:
    made = room.add(entry, None)
    room.flows.remove(made)
    return made.ref


def _join(room: Room, source: Flow, ref: Any) -> None:
    """Adds a value for each channel to the flow."""
    if room.layout.sizes:
        ones = [1] * len(room.layout.sizes)
        dims = [source.channels, *ones] if room.layout.rank else [*ones, source.channels]
        ref = _aside(room, {"op": "unflatten", "dim": 1, "unflattened_size": dims, "from": ref})
    room.add({"op": "add", "from": [source.ref, ref]}, source.channels, source.scale)
