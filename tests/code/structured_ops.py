"""Members of drawn specs that are ops of all kinds, with the settings that the tests of ops draw for them.

write_island   tensors of the very shapes that an op takes, made from the flow; the op; its outputs, joined to the flow
write_fitted   an op of one input, on the flow as it is
write_merged   copies of the flow side by side in its batch, through a layer, and back
"""

from dataclasses import dataclass
from math import prod
from typing import Any

from archspec.ops import OPS, Op
from archspec.values.shape import Shape
from tests.code.structured_names import fresh
from tests.code.structured_rooms import FUNCTIONS, VALUES, Entry, Flow, Room, Written, condition, last, layer, times
from tests.ops.drawing import OF_ONE, fitting, settings_of, use_of
from tests.ops.draws_tensors import NAMES
from tests.ops.strategies import Fields

TRIES = 12
KINDS: dict[type, tuple[str, ...]] = {bool: ("flag",), int: ("kernel", "times", "width"), float: ("rate", "scale")}
ISLANDS = tuple(name for name in NAMES if name not in ("parameter", "buffer"))


@dataclass(frozen=True, slots=True)
class Use:
    """An op with settings that fit.

    Attributes:
        fields: as the spec writes them.
        ys: what it gives at the settings that were drawn.
        fixed: it gives that at all settings that its params may have.
    """

    op: Op
    fields: Fields
    ys: tuple[Shape, ...]
    fixed: bool


def write_island(room: Room) -> None:
    """An op of any kind among tensors that are made for it."""
    for _ in range(TRIES):
        name = room.rng.choice(ISLANDS)
        pair = use_of(name, room.rng)
        found = fitting(name, *pair) if pair is not None else None
        if pair is not None and found is not None and all(y.batch < 2 for y in (*pair[1], *found[1])):
            break
    else:
        return
    source = last(room)
    fields, xs = pair
    use = written(room, found[0], fields, (xs,))
    numbers = [size for x in xs for size in x.dims] + [size for size in fields.values() if isinstance(size, int)]
    refs = [made_for(room, source, x, small=min(numbers, default=1) < 2) for x in xs]
    entry: Entry = {"op": name, **use.fields, **read_by(room, use.op, refs)}
    read_back(room, entry, use, source)


def write_fitted(room: Room) -> None:
    """An op of one input that takes the flow as it is."""
    source = last(room)
    sizes = room.layout.sizes if source.scale == 1 else (3,) * len(room.layout.sizes)
    channels = [source.channels] if isinstance(source.channels, int) else [4, 6]
    first = room.layout.channels == "channels"
    probes = tuple((Shape((c, *sizes) if first else (*sizes, c)),) for c in channels)
    for _ in range(TRIES):
        name = room.rng.choice(OF_ONE)
        fields = settings_of(name, room.rng)
        if fields is None or not all(fitting(name, fields, xs) for xs in probes):
            continue
        use = written(room, OPS[name](**fields), fields, probes)
        if all(y.batch == 1 for y in use.ys):
            break
    else:
        return
    given = [fitting(name, fields, xs) for xs in probes]
    ys = [one[1][0] for one in given if one is not None]
    entry: Entry = {"op": name, **use.fields, "from": source.ref}
    if use.fixed and len(use.ys) == 1 and all(y == x for y, (x,) in zip(ys, probes, strict=True)):
        if room.chance(0.2):
            entry["repeat"] = times(room)
        if room.chance(0.15):
            entry["when"] = condition(room)
        made = room.add(entry, source.channels, source.scale)
        if room.chance(0.2) and not entry.keys() & {"when", "repeat"}:
            room.add({**entry, "from": made.ref, "share": made.ref}, source.channels, source.scale)
    else:
        read_back(room, entry, use, source)


def write_merged(room: Room) -> None:
    """Copies of the flow, a new dimension, which becomes part of the batch; a layer over each; the mean of them."""
    source, count = last(room), room.rng.choice([2, 3])
    ref = aside(room, {"op": "stack", "dim": 1, "from": [source.ref] * count})
    ref = aside(room, {"op": "merge_batch", "from": ref})
    channels = source.channels
    if room.chance(0.7):
        entry = layer(room, channels) if known(channels) else {"op": room.rng.choice(FUNCTIONS)}
        ref = aside(room, {**entry, "from": ref})
    ref = aside(room, {"op": "split_batch", "size": count, "from": ref})
    room.add({"op": "mean", "dim": 1, "from": ref}, source.channels, source.scale)


def written(room: Room, op: Op, fields: Fields, probes: tuple[tuple[Shape, ...], ...]) -> Use:
    """The op with its settings as a spec writes them: some by a param, or by the number in a repeat."""
    ys = op.outputs(probes[0])
    said, fixed = {key: listed(value) for key, value in fields.items()}, True
    for key, value in fields.items():
        forms = _forms(room, value) if room.chance(0.6) else {}
        for text, values in forms.items():
            others = [fitting(op.name, {**fields, key: one}, xs) for one in values for xs in probes]
            alike = [other[1] for other in others if other is not None and _kinds(other[1]) == _kinds(ys)]
            if len(alike) == len(others):
                said[key], fixed = text, all(one == ys for one in alike) and len(probes) == 1
                return Use(op, said, ys, fixed)
    return Use(op, said, ys, fixed)


def _kinds(ys: tuple[Shape, ...]) -> list[tuple[int, int, str]]:
    return [(len(y.dims), y.batch, y.dtype) for y in ys]


def _forms(room: Room, value: Any) -> dict[str, list[Any]]:
    """Expressions for a setting -> the values that they may have."""
    forms: dict[str, list[Any]] = {}
    for kind in KINDS.get(type(value), ()):
        forms |= {f"${name}": VALUES[kind] for name in room.of_kind(kind)}
    if type(value) is int and room.indexed:
        forms["$(i + 1)"] = [1, 2, 3]
    return forms


def listed(value: Any) -> Any:
    """As YAML has it."""
    return [listed(one) for one in value] if isinstance(value, tuple) else value


def read_by(room: Room, op: Op, refs: list[str | int]) -> Entry:
    """`from` of an op, by place or by the names of its inputs."""
    if not refs:
        return {}
    named = not op.variadic and len(refs) <= len(op.input_names) and room.chance(0.3)
    if named and len(refs) > 1:
        return {"from": dict(zip(op.input_names, refs, strict=False))}
    return {"from": refs if len(refs) > 1 or op.variadic else refs[0]}


# -- into an island and out of it -------------------------------------------------------------------------------------


def aside(room: Room, entry: Any) -> str | int:
    """A member beside the flow: how it is read."""
    made = room.add(entry, None, object())
    room.flows.remove(made)
    return made.ref


def made_for(room: Room, source: Flow, x: Shape, *, small: bool) -> str | int:
    """A tensor of a shape, made from the flow, or held where it has no batch; integers are 0, or 0 and 1."""
    if not x.batch:
        init = "zeros" if x.dtype != "float" else room.rng.choice(["ones", 0.5])
        held: Entry = {"op": "buffer", "shape": list(x.dims), "init": init}
        if x.dtype == "float" and room.chance(0.5):
            return aside(room, {**held, "op": "parameter"})
        return aside(room, held if x.dtype == "float" else {**held, "dtype": x.dtype})
    ref = features(room, source)
    ref = aside(room, {"op": "linear", "out_features": prod(x.dims), "from": ref})
    if len(x.dims) != 1:
        ref = aside(room, {"op": "unflatten", "dim": 1, "unflattened_size": list(x.dims), "from": ref})
    if x.dtype == "float":
        return aside(room, {"op": room.rng.choice(["sigmoid", "sigmoid", "tanh"]), "from": ref})
    ref = aside(room, {"op": room.rng.choice(["gt", "le"]), "other": 0.0, "from": ref})
    return ref if x.dtype == "bool" else aside(room, {"op": "mul", "other": 0 if small else 1, "from": ref})


def features(room: Room, source: Flow) -> str | int:
    """(N, C) of the flow, whatever its height and width."""
    rank = room.layout.rank
    if rank:
        pooled = aside(room, {"op": f"adaptive_avg_pool{rank}d", "output_size": 1, "from": source.ref})
        return aside(room, {"op": "flatten", "from": pooled})
    return aside(room, {"op": "mean", "dim": 1, "from": source.ref}) if room.layout.sizes else source.ref


def read_back(room: Room, entry: Entry, use: Use, source: Flow) -> None:
    """Writes an op, reads one or two of its outputs, and joins them to the flow."""
    ports = list(use.op.ports)
    if len(ports) > 1 and room.chance(0.3):
        taken: set[str] = set()
        ports = [fresh(room.rng, taken, odd=0.1) for _ in ports]
        entry = {**entry, "outputs": ports}
    made = aside(room, entry)
    chosen = room.rng.sample(range(len(ports)), min(len(ports), room.rng.choice([1, 1, 2])))
    for place in chosen:
        ref = f"{made}.{ports[place]}" if ports[place] else made
        room.apart.append(ref)
        shape = use.ys[place]
        refs = [source.ref, number_of(room, ref, shape, source)]
        source = room.add({"op": room.rng.choice(["add", "mul", "sub"]), "from": refs}, source.channels, source.scale)


def number_of(room: Room, ref: str | int, shape: Shape, source: Flow) -> str | int:
    """A value of a shape as a factor of the flow: one for each sample, for each channel, or for all."""
    if shape.dtype != "float":
        ref = aside(room, {"op": "mul", "other": 1.0, "from": ref})
    if not shape.batch:
        if len(shape.dims) > 1:
            ref = aside(room, {"op": "flatten", "start_dim": 0, "from": ref})
        return aside(room, {"op": "mean", "dim": 0, "keepdim": True, "from": ref}) if shape.dims else ref
    if len(shape.dims) > 1:
        ref = aside(room, {"op": "flatten", "from": ref})
    if not shape.dims:
        ref = aside(room, {"op": "unsqueeze", "dim": 1, "from": ref})
    channels: Written = 1
    if room.chance(0.6) and known(source.channels):
        channels = source.channels
        ref = aside(room, {"op": "linear", "out_features": channels, "from": ref})
    else:
        ref = aside(room, {"op": "mean", "dim": 1, "keepdim": True, "from": ref})
    around = [1] * len(room.layout.sizes)
    if not around:
        return ref
    sizes = [channels, *around] if room.layout.rank else [*around, channels]
    return aside(room, {"op": "unflatten", "dim": 1, "unflattened_size": sizes, "from": ref})


def known(channels: Written) -> bool:
    """Whether a member elsewhere can say so many channels."""
    return channels is not None and "." not in str(channels) and not str(channels).startswith("$(")


# -- truth values and states ------------------------------------------------------------------------------------------


def write_masked(room: Room) -> None:
    """Comparisons, what they make together, and what they choose."""
    source = last(room)
    alike = [flow for flow in room.flows if flow.scale == source.scale and flow.channels == source.channels is not None]
    masks: list[str | int] = []
    for _ in range(room.rng.choice([1, 1, 2])):
        entry: Entry = {"op": room.rng.choice(["gt", "lt", "ge", "le", "ne", "eq"])}
        scales = [f"${name}" for name in room.of_kind("scale")]
        if room.chance(0.5):
            masks.append(aside(room, {**entry, "other": room.rng.choice([0, 0.5, *scales]), "from": source.ref}))
        else:
            other = room.rng.choice(alike or [source])
            masks.append(aside(room, {**entry, "from": [source.ref, other.ref]}))
    mask = masks[0]
    if len(masks) > 1:
        mask = aside(room, {"op": room.rng.choice(["logical_and", "logical_or", "logical_xor"]), "from": masks})
    if room.chance(0.3):
        mask = aside(room, {"op": "logical_not", "from": mask})
    room.apart.append(mask)
    other = room.rng.choice(alike or [source])
    act = room.add({"op": room.rng.choice(FUNCTIONS), "from": source.ref}, source.channels, source.scale)
    room.flows.remove(act)
    forms: list[Entry] = [
        {"op": "where", "from": [mask, act.ref, other.ref]},
        {"op": "where", "other": 0.0, "from": [mask, act.ref]},
        {"op": "where", "input": 2.0, "from": [mask, act.ref]},
        {"op": "masked_fill", "value": room.rng.choice([0.0, -1]), "from": [act.ref, mask]},
        {"op": "masked_fill", "value": 0.5, "from": {"x": act.ref, "mask": mask}},
        {"op": "mul", "from": [act.ref, aside(room, {"op": "mul", "other": 1.0, "from": mask})]},
    ]
    room.add(room.rng.choice(forms), source.channels, source.scale)


def write_recurrent(room: Room) -> None:
    """A recurrent layer or cell on tokens or features, and another that starts from its states; a mask elsewhere."""
    if room.layout.rank:
        return write_masked(room)
    kind = room.rng.choice(["lstm", "gru", "rnn"])
    name = kind if room.layout.sizes else f"{kind}_cell"
    widths: list[int | str] = [4, 3, *(f"${one}" for one in room.of_kind("width"))]
    hidden = room.rng.choice(widths)
    source = last(room)
    entry: Entry = {"op": name, "hidden_size": hidden}
    if room.layout.sizes and room.chance(0.3):
        entry["num_layers"] = room.rng.choice([2, *(f"${one}" for one in room.of_kind("times"))])
    both = bool(room.layout.sizes) and room.chance(0.25)
    if both:
        entry["bidirectional"] = True
    first = room.add({**entry, "from": source.ref}, None if both else hidden, source.scale)
    states = [f"{first.ref}.hidden", f"{first.ref}.cell"] if room.layout.sizes else [first.ref, f"{first.ref}.cell"]
    states = states[: 2 if kind == "lstm" else 1]
    if room.chance(0.6):
        named = {"x": first.ref, **dict(zip(("h0", "c0"), states, strict=False))}
        read = named if room.chance(0.5) else list(named.values())
        room.add({**entry, "from": read}, first.channels, source.scale)
    room.apart.append(states[-1])
    return None
