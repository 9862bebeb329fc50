"""Blocks of drawn specs that take any number of values, `inputs: [x, maps.*]`."""

from random import Random
from typing import Any

from tests.code.structured_names import fresh
from tests.code.structured_rooms import FUNCTIONS, Block, Entry, Flow, Layout, Room, layer

VALUES = ("maps", "zip", "xs", "inputs", "values", "i_s", "keys", "x")


def many(rng: Random, layout: Layout, name: str) -> tuple[Block, Entry]:
    """A block of any number of values: a member for each of them, joined, and read by their numbers."""
    called = rng.choice(VALUES)
    before = [one for one in rng.choice([(), (), ("x",), ("state",)]) if one != called]
    first = f"{called}.0.{layout.channels}"
    room = Room(rng, layout, [], {}, [Flow(called, None)], taken={called, *before})
    keeps = rng.random() < 0.6
    each, out = fresh(rng, room.taken, odd=0.3), f"${first}" if keeps else _width(rng, called, first)
    joined = rng.choice(["concat", "add"]) if layout.rank and not keeps else "add"
    same = joined == "add" and ("[i]" in out or "+ i" in out)
    room.add({**layer(room, f"${first}" if same else out), "each": called, **_repeated(rng)}, None, name=each)
    if rng.random() < 0.5:
        op = rng.choice([*layout.norms, *FUNCTIONS[:3], "dropout"])
        each = _name(room.add({"op": op, "each": each}, None))
    if keeps and rng.random() < 0.3:
        each = _name(room.add({"op": "mul", "each": each, "from": [f"{each}.i", f"{each}.0"]}, None))
    terms = [*before, f"{each}.*"] if keeps or joined == "concat" else [f"{each}.0", f"{each}.*"]
    if not before and joined == "add" and keeps:
        terms = [f"{called}.0", f"{each}.*"]
    elif len(terms) == 1:
        terms = [f"{called}.0", *terms]
    end = room.add({"op": joined, "from": rng.sample(terms, len(terms))}, None)
    if rng.random() < 0.4:
        number = f"$(len({called}) + {first})"
        end = room.add(layer(room, f"${first}" if keeps else rng.choice([4, number])), None)
    entry: Entry = {"inputs": [*before, f"{called}.*"], "graph": room.graph}
    outputs: tuple[str, ...] = ("y",)
    if rng.random() < 0.5:
        entry["outputs"] = {"y": end.ref, f"{called}.*": f"{each}.*"}
        outputs = ("y", f"{called}.0")
    return Block(name, {}, frozenset(), (*before, called), outputs, keeps, "", many=True), entry


def _name(flow: Flow) -> str:
    """What a member with a name is read by."""
    return str(flow.ref)


def _width(rng: Random, called: str, first: str) -> str:
    """Channels that each of the values has after its layer."""
    return rng.choice([f"${first}", f"$({first} + i)", f"$({first} * 2)", "$(i + 2)", f"$(len({called}) + 1)"])


def _repeated(rng: Random) -> dict[str, Any]:
    """Now and then several layers for each."""
    return {"repeat": 2} if rng.random() < 0.15 else {}
