"""Members of drawn specs that are several: lists between others, parts of repeats, tied tensors, carried values."""

from tests.code.structured_names import fresh
from tests.code.structured_ops import aside, known
from tests.code.structured_rooms import FUNCTIONS, Entry, Flow, Room, last, layer, times


def write_listed(room: Room) -> None:
    """Modules of one list, between others."""
    if room.listed:
        return
    stem = fresh(room.rng, room.taken, odd=0.2)
    source = last(room)
    for number in range(room.rng.choice([2, 2, 3])):
        entry: Entry | str = {**layer(room, 4), "from": source.ref}
        channels = 4
        if room.chance(0.3) and number:
            entry = {"op": room.rng.choice([*room.layout.norms, "relu", "tanh"]), "from": source.ref}
        source = room.add(entry, channels, source.scale, name=f"{stem}.{number}")
        if room.chance(0.6):
            source = room.add({"op": room.rng.choice(FUNCTIONS), "from": source.ref}, channels, source.scale)
        if room.chance(0.3):
            source = room.add({"op": "add", "from": [source.ref, f"{stem}.{number}"]}, channels, source.scale)


def write_numbered(room: Room) -> None:
    """A repeat whose parts are read by their numbers."""
    source = last(room)
    if room.listed or not known(source.channels):
        return
    count = room.rng.choice([2, 3, 4])
    entry: Entry = {**layer(room, source.channels), "from": source.ref, "repeat": count}
    if room.chance(0.5):
        inner = [layer(room, source.channels), room.rng.choice(FUNCTIONS)]
        graph = inner if room.chance(0.5) else dict(zip(("body", "act"), inner, strict=True))
        entry = {"graph": graph, "from": source.ref, "repeat": count}
    made = room.add(entry, source.channels, source.scale)
    form = room.rng.choice(["one", "all", "some"])
    if form == "one":
        part = f"{made.ref}.{room.rng.randrange(count)}"
        room.add({"op": "mul", "from": room.rng.sample([part, made.ref, source.ref], 2)}, source.channels, source.scale)
    elif room.layout.rank:
        window = "*" if form == "all" else f"{room.rng.choice(['', '1'])}:{count}"
        room.add({"op": "concat", "from": [source.ref, f"{made.ref}.{window}"]}, None, source.scale)


def write_tied(room: Room) -> None:
    """Two layers with one weight."""
    source = last(room)
    if room.listed or not known(source.channels):
        return
    entry = layer(room, source.channels)
    first = room.add({**entry, "from": source.ref}, source.channels, source.scale)
    act = room.add({"op": room.rng.choice(FUNCTIONS), "from": first.ref}, source.channels, source.scale)
    share = {"weight": f"{first.ref}.weight"}
    if entry.get("bias", True) is True and room.chance(0.5):
        share["bias"] = f"{first.ref}.bias"
    room.add({**entry, "from": act.ref, "share": share}, source.channels, source.scale)


def write_carried(room: Room) -> None:
    """A repeat that hands two values from part to part, both of which are read afterwards."""
    source = last(room)
    if not known(source.channels) or not isinstance(source.channels, int):
        return
    inputs = ("x", "state")
    start = aside(room, {"op": room.rng.choice(FUNCTIONS), "from": source.ref})
    graph: Entry = {
        "mixed": {"op": room.rng.choice(["add", "mul"]), "from": list(inputs)},
        "fresh": layer(room, source.channels),
        "kept": {"op": room.rng.choice(["tanh", "sigmoid"]), "from": room.rng.choice(["mixed", "fresh", "state"])},
        "out": {"op": "add", "from": room.rng.choice([["x", "kept"], ["fresh", "x"]])},
    }
    given = {"next": "out", "held": room.rng.choice(["kept", "fresh"])}
    entry: Entry = {"inputs": list(inputs), "graph": graph, "outputs": given, "from": [source.ref, start]}
    entry["repeat"] = times(room)
    made = room.add(entry, source.channels, source.scale)
    if entry["repeat"] != 0:
        held = Flow(f"{made.ref}.held", source.channels, source.scale)
        if room.chance(0.6):
            room.add({"op": "mul", "from": [made.ref, held.ref]}, source.channels, source.scale)
