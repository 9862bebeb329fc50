"""Structured specs, drawn from a seed: all that the language has, together.

    spec(Random(7))  ->  the data that a spec's YAML stands for

What is drawn is right but for rare accidents, which `check` refuses. Members know the channels of what they read, as
far as these can be written: `8`, `$width`, `$x.channels`; joins take what has the same. Blocks keep height and width,
but for those with a stride.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random
from typing import Any

from archspec.ops import OPS
from tests.code.structured_names import MEMBERS, fresh

Entry = dict[str, Any]
Written = int | str | None  # channels as a spec writes them; None where nobody knows


@dataclass(frozen=True, slots=True)
class Layout:
    """What data looks like, and the ops that take it."""

    sizes: tuple[int, ...]  # after the channels
    conv: str
    norms: tuple[str, ...]
    rank: int  # dimensions of space; 0 for tokens and features
    channels: str = "channels"  # the fact of an input that says how many


LAYOUTS = {
    "1d": Layout((8,), "conv1d", ("batch_norm1d", "instance_norm1d"), 1),
    "2d": Layout((8, 8), "conv2d", ("batch_norm2d", "layer_norm2d", "instance_norm2d"), 2),
    "3d": Layout((4, 4, 4), "conv3d", ("batch_norm3d",), 3),
    "tokens": Layout((6,), "linear", ("layer_norm", "rms_norm"), 0, "features"),
    "features": Layout((), "linear", ("layer_norm", "batch_norm1d"), 0, "features"),
}
FUNCTIONS = (
    "relu",
    "sigmoid",
    "tanh",
    "silu",
    "gelu",
    "identity",
    "abs",
    "square",
    "hardtanh",
    "elu",
    "leaky_relu",
    "exp",
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A value: how it is read, its channels, and a mark that equals another's where height and width are the same."""

    ref: str | int
    channels: Written
    scale: object = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A named block: what its uses have to give and what they get."""

    name: str
    params: dict[str, str]  # name -> kind
    required: frozenset[str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    keeps: bool  # gives as many channels as it takes
    strided: str  # the param that is its stride; ""
    reach: tuple[str, ...] = ()  # paths of values inside that a use may choose as its outputs
    variants: tuple[str, ...] = ()  # of another spec
    many: bool = False  # the last input stands for any number of values


@dataclass(slots=True)
class Room:
    """A graph that is being written."""

    rng: Random
    layout: Layout
    blocks: list[Block]
    params: dict[str, str]
    flows: list[Flow]
    listed: bool = False
    depth: int = 0
    indexed: bool = False  # stands in a repeat: there is an `i`
    over: str = ""  # the list that is as long as the repeat around
    first_input: str = ""  # whose sizes expressions may read
    entries: list[tuple[str, Any]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    layers: list[tuple[str | int, Entry, Written]] = field(default_factory=list)
    training: list[Flow] = field(default_factory=list)
    apart: list[str | int] = field(default_factory=list)  # values of other shapes and kinds, which may be outputs
    ranges: list[str] = field(default_factory=list)  # several parts of a repeat, which may be outputs

    @property
    def graph(self) -> Any:
        """As the spec has it."""
        return [entry for _, entry in self.entries] if self.listed else dict(self.entries)

    def add(self, entry: Any, channels: Written, scale: object = None, *, name: str = "") -> Flow:
        """Writes a member down; what it gives is read from now on."""
        name = "" if self.listed else name or fresh(self.rng, self.taken, MEMBERS)
        ref: str | int = len(self.entries) if self.listed else name
        self.entries.append((name, entry))
        found = Flow(ref, channels, self.flows[-1].scale if scale is None else scale)
        self.flows.append(found)
        return found

    def chance(self, share: float) -> bool:
        """True in a share of cases."""
        return self.rng.random() < share

    def of_kind(self, kind: str) -> list[str]:
        """Params of a kind."""
        return [name for name, given in self.params.items() if given == kind]


# Kind of a param -> values that it has.
VALUES: dict[str, list[Any]] = {
    "width": [3, 4, 6, 8, 12],
    "kernel": [1, 3],
    "flag": [True, False],
    "times": [1, 2, 3],
    "rate": [0.0, 0.25, 0.3, 0.5],
    "scale": [0.5, 1.5, 2.0],
}

# -- values of fields -------------------------------------------------------------------------------------------------


def width(room: Room) -> Any:
    """Channels to give, as written: a number, a param, an expression."""
    forms: list[Any] = [2, 4, 6, room.rng.choice([3, 4])]
    for name in room.of_kind("width"):
        forms += [f"${name}", f"${name}", f"$(2 * {name})", f"$({name} + 1)", f"$({name} if {name} > 3 else 3)"]
        forms += [f"$({one})" for one in (f"min({name}, 6)", f"max(4, {name})")]
        forms += [f"$({to}(1.5 * {name}))" for to in ("round", "int")]
    for name in room.of_kind("list"):
        forms += [
            f"${name}.0",
            f"$({name}[-1])",
            f"$(sum({name}))",
            f"$(sum({name}[:2]))",
            f"$(max({name}[0], {name}[-1]))",
        ]
    if room.over in room.of_kind("list"):
        forms += [f"$({room.over}[i])"] * 4 + [f"$(2 * {room.over}[i])", f"$({room.over}[len({room.over}) - 1 - i])"]
    if room.indexed:
        forms += ["$(i + 2)", "$(4 if i == 0 else 6)", *(f"$({name} + i)" for name in room.of_kind("width"))]
    if room.first_input and room.chance(0.3):
        fact = f"{room.first_input}.{room.layout.channels}"
        forms += [f"${fact}", f"$({fact} * 2)"]
    return room.rng.choice(forms)


def argument(room: Room, kind: str) -> Any:
    """A value for a param of a block, in the words of the room around."""
    own = [f"${name}" for name in room.of_kind(kind)]
    if own and room.chance(0.4):
        return room.rng.choice(own)
    match kind:
        case "width":
            return width(room)
        case "kernel":
            return room.rng.choice([1, 3])
        case "flag":
            of_lists = [f"$({room.over}[i])"] * 3 if room.over in room.of_kind("flags") else []
            of_lists += [f"${name}[0]" for name in room.of_kind("flags")]
            return room.rng.choice([True, False, *(["$(i == 0)", "$(i > 0)"] if room.indexed else []), *of_lists])
        case "times":
            of_lists = [f"$({room.over}[i])"] * 3 if room.over in room.of_kind("list") else []
            return room.rng.choice([1, 2, 3, *of_lists, *(f"${name}[0]" for name in room.of_kind("list"))])
        case "stride":
            return room.rng.choice([1, 1, 2])
        case "act":
            of_lists = [f"${name}[0]" for name in room.of_kind("acts")]
            by_number = [f"$({name}[i % len({name})])" for name in room.of_kind("acts") if room.indexed]
            return room.rng.choice([*FUNCTIONS[:6], *of_lists * 3, *by_number * 3])
        case "acts":
            return room.rng.choice(
                [["relu"], ["tanh", "silu"], *(f"$({name} + ['gelu'])" for name in room.of_kind("acts"))]
            )
        case "flags":
            return room.rng.choice([[True], [False, True], [True, False, True]])
        case "rate":
            return room.rng.choice([0.0, 0.5])
        case "scale":
            return room.rng.choice([0.5, 2.0, 1.5])
    return room.rng.choice([[2, 3], [4], [3, 5, 4]])


def condition(room: Room) -> Any:
    """What `when` may say: a test, or now and then a list of two."""
    return [test(room), test(room)] if room.chance(0.06) else test(room)


def test(room: Room) -> Any:
    """True or false, or an expression that is."""
    forms: list[Any] = [True, False] if room.chance(0.1) else []
    forms += [f"${name}" for name in room.of_kind("flag")] + [f"$(not {name})" for name in room.of_kind("flag")]
    forms += [f"$({name} > 3)" for name in room.of_kind("width")]
    forms += [f"$({name} != 1)" for name in room.of_kind("stride")]
    forms += [f"$({name} {test})" for name in room.of_kind("act") for test in ("== 'relu'", "in ['relu', 'tanh']")]
    forms += [f"$({a} and not {b})" for a, b in pairwise(room.of_kind("flag"))]
    forms += [f"$({a} or {b} > 3)" for a in room.of_kind("flag") for b in room.of_kind("width")]
    forms += ["$(i > 0)", "$(i == 0)"] if room.indexed else []
    if room.first_input:
        forms += [f"$({room.first_input}.{room.layout.channels} > 4)"]
    return room.rng.choice(forms or [True])


def layer(room: Room, out: Any) -> Entry:
    """A convolution or a linear layer."""
    flags = [f"${name}" for name in room.of_kind("flag")]
    bias = {"bias": room.rng.choice([False, False, *flags])} if room.chance(0.3) else {}
    if not room.layout.rank:
        return {"op": "linear", "out_features": out, **bias}
    entry: Entry = {"op": room.layout.conv, "out_channels": out}
    if kernels := room.of_kind("kernel"):
        kernel = room.rng.choice(kernels)
        entry |= {"kernel_size": f"${kernel}", "padding": f"$({kernel} // 2)"}
    else:
        size = room.rng.choice([1, 3])
        entry |= {"kernel_size": size, **({"padding": 1} if size == 3 else {})}
    return entry | bias


def times(room: Room) -> Any:
    """How often something repeats."""
    forms: list[Any] = [1, 2, 3, 2, 0 if room.chance(0.3) else 2]
    forms += [form for name in room.of_kind("times") for form in (f"${name}", f"${name}", f"$(min({name}, 2))")]
    lists = [*room.of_kind("list"), *room.of_kind("flags")]
    forms += [f"$(len({name}))" for name in lists] * 2 + [f"$(len({name}) - 1)" for name in lists]
    forms += [f"${name}[0]" for name in room.of_kind("list")]
    return room.rng.choice(forms)


def gone_through(room: Room, count: Any) -> str:
    """The list that is as long as a repeat; "" of another one."""
    lists = [*room.of_kind("list"), *room.of_kind("flags")]
    return next((name for name in lists if count == f"$(len({name}))"), "")


def shape_of_scale(room: Room, channels: Written) -> list[Any]:
    """The shape of a tensor that scales each channel."""
    return [channels, *[1] * room.layout.rank]


# -- members: each writes one entry or a few --------------------------------------------------------------------------


def last(room: Room) -> Flow:
    """What a member reads that does not say."""
    return room.flows[-1]


def reading(room: Room, entry: Entry) -> tuple[Entry, Flow]:
    """The entry, reading some value: mostly the member above, said or not."""
    source = last(room)
    if room.chance(0.2):
        source = room.rng.choice(room.flows)
    beside = room.entries and isinstance(room.entries[-1][1], dict) and room.entries[-1][1].get("op") in HELD
    if source != last(room) or beside or room.chance(0.08) or not default_is_last(room):
        entry = {**entry, "from": source.ref}
    return entry, source


HELD = ("parameter", "buffer", *(name for name in OPS if OPS[name].required == 0 and not OPS[name].input_names))


def default_is_last(room: Room) -> bool:
    """Whether a member that says nothing reads the last flow: the member above, its first output."""
    if not room.entries:
        return last(room).ref == room.flows[0].ref
    name, entry = room.entries[-1]
    if isinstance(entry, dict) and (entry.get("op") in HELD or entry.get("when") == "training"):
        return False
    return last(room).ref == (len(room.entries) - 1 if room.listed else name)


def write_layer(room: Room) -> None:
    out = width(room)
    entry, source = reading(room, layer(room, out))
    same = [ref for ref, other, channels in room.layers if channels == source.channels is not None]
    if same and room.chance(0.35):
        ref = room.rng.choice(same)
        made = next(other for other_ref, other, _ in room.layers if other_ref == ref)
        plain = {key: value for key, value in made.items() if key != "from"}
        out = plain.get("out_channels", plain.get("out_features"))
        again: Entry = {"from": entry["from"]} if "from" in entry else {}
        if out == source.channels is not None and room.chance(0.4):
            again["repeat"] = times(room)
        said = plain if room.chance(0.5) else {}
        room.add({**said, **again, "share": ref}, out, source.scale)
        return
    made_flow = room.add(entry, out, source.scale)
    room.layers.append((made_flow.ref, entry, source.channels))


def write_function(room: Room) -> None:
    name = room.rng.choice(FUNCTIONS)
    acts = room.of_kind("act")
    if acts and room.chance(0.5):
        name = f"${room.rng.choice(acts)}"
    entry, source = reading(room, {"op": name})
    if room.chance(0.25):
        entry["when"] = condition(room)
    plain = len(entry) == 1 and not name.startswith("$") and room.chance(0.7)
    room.add(name if plain else entry, source.channels, source.scale)


def write_norm(room: Room) -> None:
    entry, source = reading(room, {"op": room.rng.choice(room.layout.norms)})
    if room.chance(0.2):
        entry["when"] = condition(room)
    room.add(entry, source.channels, source.scale)


def write_pointwise(room: Room) -> None:
    """Ops without a module: arithmetic with numbers, bounds, dropouts, reshaping there and back."""
    scales = [f"${name}" for name in room.of_kind("scale")]
    number = room.rng.choice([0.5, 2, 3.0, *scales, *(["$(i + 1)", "$(1.0 + i)"] if room.indexed else [])])
    forms: list[Entry] = [
        {"op": "mul", "other": number},
        {"op": "add", "other": number},
        {"op": "sub", "other": number},
        {"op": "div", "other": number},
        {"op": "clamp", "max": 1.5},
        {"op": "clamp", "min": -1.0, "max": 0.7},
        {"op": "dropout", "p": room.rng.choice([0.0, 0.3, *(f"${name}" for name in room.of_kind("rate"))])},
        {"op": "stochastic_depth", "p": room.rng.choice([0.5, *(f"${name}" for name in room.of_kind("rate"))])},
        {"op": "softmax", "dim": 1},
        {"op": "prelu"},
        {"op": "rrelu"},
    ]
    if room.layout.rank == 2:
        forms += [{"op": "max_pool2d", "kernel_size": 3, "stride": 1, "padding": 1}, {"op": "dropout2d", "p": 0.2}]
    entry, source = reading(room, room.rng.choice(forms))
    if "other" in entry and not room.listed and room.chance(0.4):
        number = entry.pop("other")
        entry["from"] = [number, source.ref] if room.chance(0.7) else [source.ref, number]
    if room.chance(0.15):
        entry["repeat"] = times(room)
    if room.chance(0.15):
        entry["when"] = condition(room)
    room.add(entry, source.channels, source.scale)


def write_join(room: Room) -> None:
    """Two values made one."""
    one = room.rng.choice(room.flows[-3:])
    here = [flow for flow in room.flows if flow.scale == one.scale]
    alike = [flow for flow in here if flow.channels == one.channels is not None]
    if len(alike) > 1 and room.chance(0.7):
        other = room.rng.choice(alike)
        refs = room.rng.sample([one.ref, other.ref], 2)
        room.add({"op": room.rng.choice(["add", "mul", "sub", "maximum"]), "from": refs}, one.channels, one.scale)
        return
    if one.channels is not None and room.chance(0.4) and len(here) > 1:
        other = room.rng.choice(here)
        made = room.add({**layer(room, one.channels), "from": other.ref}, one.channels, one.scale)
        room.add({"op": "add", "from": [one.ref, made.ref]}, one.channels, one.scale)
        return
    others = [room.rng.choice(here) for _ in range(room.rng.choice([1, 1, 2]))]
    if room.layout.rank or room.layout.sizes == ():
        room.add({"op": "concat", "from": [one.ref, *(flow.ref for flow in others)]}, None, one.scale)
    else:
        room.add({"op": "concat", "dim": 2, "from": [one.ref, *(flow.ref for flow in others)]}, None, one.scale)


def write_parts(room: Room) -> None:
    """A value taken apart, and put together in another order."""
    half = room.rng.choice([1, 2, 3])
    room.add({**layer(room, 2 * half), "from": last(room).ref}, 2 * half)
    dim = 1 if room.layout.rank or room.layout.sizes == () else 2
    form = room.rng.choice(
        [{"op": "chunk", "chunks": 2, "dim": dim}, {"op": "split", "split_size": [half, half], "dim": dim}]
    )
    names = ["0", "1"]
    if room.chance(0.5):
        names = [fresh(room.rng, set()), fresh(room.rng, {"conv"})]
        if len(set(names)) == 2:
            form = {**form, "outputs": names}
        else:
            names = ["0", "1"]
    made = room.add(form, half)
    parts = [replace(made, ref=f"{made.ref}.{name}") for name in names]
    room.flows += parts
    if room.chance(0.7):
        room.add({"op": room.rng.choice(["add", "mul", "sub"]), "from": [parts[1].ref, parts[0].ref]}, half)
    elif room.chance(0.5):
        room.add({"op": room.rng.choice(FUNCTIONS), "from": parts[1].ref}, half)
