"""Members of drawn specs that are several: lists between others, rounds over lists, numbered parts, carried values."""

from typing import Any

from tests.code.structured_names import fresh
from tests.code.structured_ops import aside, known
from tests.code.structured_rooms import FUNCTIONS, Entry, Flow, Room, last, layer, times

# How the modules of a container are called by their numbers: of a list, of lists in it, of a mapping, of one of lists.
KEYS = ("{0}", "{0}", "{1}.{2}", "{0}", "level-{0}", "{1}.at{2}", "row.{0}")


def write_listed(room: Room) -> None:
    """Modules of one list or mapping, between others; blocks and graphs among them, and what runs in training only."""
    if room.listed:
        return
    stem = fresh(room.rng, room.taken, odd=0.2)
    source, form = last(room), len(room.taken) % len(KEYS)
    for number in range(room.rng.choice([2, 2, 3])):
        entry = listed_entry(room, number, source)
        before, channels = source, source.channels if "block" in entry else 4
        name = f"{stem}.{KEYS[form].format(number, number // 2, number % 2)}"
        source = room.add(entry, channels, source.scale, name=name)
        if entry.get("when") == "training":
            room.flows.remove(source)
            room.training.append(source)
            source = room.add({"op": room.rng.choice(FUNCTIONS), "from": before.ref}, before.channels, before.scale)
            continue
        if room.chance(0.6):
            source = room.add({"op": room.rng.choice(FUNCTIONS), "from": source.ref}, channels, source.scale)
        if room.chance(0.3) and channels is not None:
            source = room.add({"op": "add", "from": [source.ref, name]}, channels, source.scale)


def listed_entry(room: Room, number: int, source: Flow) -> Entry:
    """One module of a list: a layer, a graph of one, a use of a block that needs no arguments, a norm, a function."""
    plain = [block for block in room.blocks if block.keeps and not block.required and len(block.inputs) == 1]
    entry: Entry = layer(room, 4)
    form = room.rng.random()
    if form < 0.15 and source.channels is not None and number:
        entry = {"op": room.rng.choice([*room.layout.norms, "relu", "tanh"])} if source.channels == 4 else entry
    elif form < 0.3:
        entry = {"graph": room.rng.choice([[entry, "relu"], {"body": entry, "act": {"op": "silu"}}])}
    elif form < 0.45 and plain:
        entry = {"block": room.rng.choice(plain).name}
    elif form < 0.55:
        entry["when"] = "training"
    return {**entry, "from": source.ref}


def write_rounds(room: Room) -> None:
    """Equal rounds over modules of one list or two, which source may say as a loop; some differ in one round.

    A round reads the value of the one before or what all read, once or more often, and gives its last value.
    """
    source = last(room)
    if room.listed:
        return
    if not known(source.channels):
        source = room.add({**layer(room, 4), "from": source.ref}, 4, source.scale)
    stems = [room.rng.choice(LISTS) if room.chance(0.6) else fresh(room.rng, room.taken, odd=0.2) for _ in range(2)]
    if len({*stems, *room.taken}) < len(room.taken) + 1 or stems[0] == stems[1]:
        return
    room.taken.update(stems)
    count, start = room.rng.choice([3, 3, 4, 5]), source
    calls = _calls_of_a_round(room, source, stems)
    if room.chance(0.5):
        _write_in_one(room, source, calls, count)
        return
    odd = room.rng.randrange(count) if room.chance(0.3) else count
    for number in range(count):
        begun, made = source, [source]
        for entry, reads, stem in calls:
            refs = [start.ref if read < 0 else made[read].ref for read in reads]
            name = f"{stem}.{number}" if stem else ""
            made.append(
                room.add(
                    {**entry, "from": refs if len(refs) > 1 else refs[0]}, source.channels, source.scale, name=name
                )
            )
        source = made[-1]
        if number == odd:
            inner = room.rng.choice([*made, begun])
            source = room.add({"op": "add", "from": [source.ref, inner.ref]}, source.channels, source.scale)
        elif room.chance(0.95):  # else it may be read from outside
            room.flows[:] = [flow for flow in room.flows if flow not in made[1:] or flow == source]


def _write_in_one(room: Room, source: Flow, calls: "list[tuple[Entry, list[int], str]]", count: int) -> None:
    """The same rounds as one repeat with lists, a round of which may lack a call, or have its number."""
    first = any(-1 in reads for _, reads, _ in calls)
    graph: dict[str, Entry] = {}
    made = ["x"]
    for at, (entry, reads, stem) in enumerate(calls):
        refs = ["first" if read < 0 else made[read] for read in reads]
        made.append(stem or f"step{at}")
        graph[made[-1]] = {**entry, "from": refs if len(refs) > 1 else refs[0]}
        if entry.get("op", "").startswith("conv") and room.chance(0.3):
            graph[made[-1]] |= {"kernel_size": 3, "padding": "$(i + 1)", "dilation": "$(i + 1)"}
        if "op" in entry and room.chance(0.15):
            graph[made[-1]]["when"] = room.rng.choice(["$(i > 0)", f"$(i < {count - 1})", "$(i != 1)"])
    entry = {"repeat": times(room) if room.chance(0.4) else count, "lists": True, "graph": graph}
    if first:
        entry |= {"inputs": ["x", "first"], "from": [source.ref, source.ref]}
    else:
        entry["from"] = source.ref
    if room.chance(0.2):
        entry["order"] = room.rng.sample(list(graph), 1)
    made_of = room.add(entry, source.channels, source.scale)
    if room.chance(0.2) and isinstance(entry["repeat"], int):
        room.ranges.append(f"{made_of.ref}.{room.rng.choice(['*', f'1:{count}'])}")


LISTS = ("convs", "h", "u", "queries", "xs", "outs", "zips", "blocks", "layers", "inputs", "weight", "keys", "classes")


def _calls_of_a_round(room: Room, source: Flow, stems: list[str]) -> list[tuple[Entry, list[int], str]]:
    """The calls of a round: what each is, which values it reads, and its list.

    Value 0 is what the round takes, those above are its calls', and -1 is what the first round takes.
    """
    made: list[tuple[Entry, list[int], str]] = []
    body: Any = layer(room, source.channels)
    plain = [block for block in room.blocks if block.keeps and not (block.required or block.strided)]
    for at in range(room.rng.choice([1, 2, 3, 4, 8])):
        reads = [room.rng.choice([at, at, at, 0, room.rng.randrange(at + 1), -1])]
        stem = (
            stems[0] if not at else room.rng.choice(["", "", *(stems[1:] if not any(c[2] for c in made[1:]) else [])])
        )
        entry: Entry = {"op": room.rng.choice([*FUNCTIONS, "dropout", room.rng.choice(room.layout.norms)])}
        if stem:
            entry = dict(body)
            if room.chance(0.3):
                entry = {"graph": [dict(body), room.rng.choice(FUNCTIONS)]}
            elif fitting := [block for block in plain if len(block.inputs) < 3]:
                block = room.rng.choice(fitting)
                entry = {"block": block.name}
                reads += [room.rng.randrange(at + 1) for _ in block.inputs[1:]]
        elif room.chance(0.4):
            entry = {"op": room.rng.choice(["add", "mul", "sub", "maximum"])}
            reads = [room.rng.choice([at, at, 0, -1]), room.rng.randrange(at + 1)]
        made.append((entry, reads, stem))
    return made


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
    room.ranges.append(f"{made.ref}.{room.rng.choice(['*', '0:1', f'1:{count}', ':'])}")
    form = room.rng.choice(["one", "all", "some"])
    if form == "one":
        part = f"{made.ref}.{room.rng.randrange(count)}"
        room.add({"op": "mul", "from": room.rng.sample([part, made.ref, source.ref], 2)}, source.channels, source.scale)
        return
    window = "*" if form == "all" else f"{room.rng.choice(['', '1'])}:{count}"
    if room.layout.rank and room.chance(0.6):
        room.add({"op": "concat", "from": [source.ref, f"{made.ref}.{window}"]}, None, source.scale)
    else:
        room.add({"op": "add", "from": [f"{made.ref}.{window}", source.ref]}, source.channels, source.scale)


def write_carried(room: Room) -> None:
    """A repeat that hands two values from part to part, by place or by name, and another one to all of them."""
    source = last(room)
    if not known(source.channels) or not isinstance(source.channels, int):
        return
    by_name, third = room.chance(0.5), room.chance(0.3)
    inputs = ["x", "state", *(["same"] if third else [])]
    start = aside(room, {"op": room.rng.choice(FUNCTIONS), "from": source.ref})
    kept_from = room.rng.choice(["mixed", "fresh", "state", *(["same"] if third else [])])
    graph: Entry = {
        "mixed": {"op": room.rng.choice(["add", "mul"]), "from": ["x", "state"]},
        "fresh": layer(room, source.channels),
        "kept": {"op": room.rng.choice(["tanh", "sigmoid"]), "from": kept_from},
        "out": {"op": "add", "from": room.rng.choice([["x", "kept"], ["fresh", "x"]])},
    }
    if third:
        graph["out"]["from"].append("same")
    given = {"x" if by_name else "next": "out", "state" if by_name else "held": room.rng.choice(["kept", "fresh"])}
    if by_name:  # they may stand in any order
        inputs = room.rng.sample(inputs, len(inputs))
        given = dict(room.rng.sample(list(given.items()), room.rng.choice([1, 2, 2])))
    feeds = {"x": source.ref, "state": start, "same": room.flows[0].ref}
    if third and room.flows[0].channels != source.channels:
        feeds["same"] = start
    entry: Entry = {"inputs": inputs, "graph": graph, "outputs": given, "from": [feeds[name] for name in inputs]}
    if room.chance(0.25):  # once, and again as often as that
        made = room.add(entry, source.channels, source.scale)
        feeds |= {name: f"{made.ref}.{name}" for name in given if name in inputs}
        entry = {"share": made.ref, "from": [feeds[name] for name in inputs]}
    entry["repeat"] = times(room)
    made = room.add(entry, source.channels, source.scale)
    if entry["repeat"] != 0:
        refs = [f"{made.ref}.{name}" for name in given]
        if len(refs) == 2 and room.chance(0.6):
            room.add({"op": "mul", "from": refs}, source.channels, source.scale)
