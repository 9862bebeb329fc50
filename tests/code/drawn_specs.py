"""Specs drawn at random: blocks with params, branches, residual edges, repeats, left-out members, sharing, train-only.

Sizes stay 8 x 8 and channels small, so that every drawn spec is right by construction and runs in milliseconds.
"""

from typing import Any

from hypothesis import strategies as st

Entry = dict[str, Any]

CONV = {"op": "conv2d", "kernel_size": 3, "padding": 1}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A whole spec as the data that its YAML stands for."""
    blocks: dict[str, Any] = {}
    for k in range(draw(st.integers(1, 3))):
        blocks[f"block{k}"] = draw(block(tuple(blocks)))
    graph: dict[str, Entry] = {"stem": {**CONV, "out_channels": draw(st.sampled_from([4, "$base"]))}}
    for k in range(draw(st.integers(2, 5))):
        graph[f"stage{k}"] = draw(use(tuple(blocks), {"width": st.sampled_from([2, 4, 6, "$base", "$(base * 2)"])}))
    if draw(st.booleans()):
        graph["again"] = {**CONV, "out_channels": 4}
        graph["middle"] = {**CONV, "out_channels": 4}
        graph["shared"] = {**CONV, "out_channels": 4, "share": "middle"}
    spec: dict[str, Any] = {
        "archspec": 1,
        "name": "Drawn",
        "params": {"base": 4},
        "inputs": {"image": [3, 8, 8]},
        "blocks": blocks,
        "graph": graph,
    }
    last = list(graph)[-1]
    outputs: dict[str, Any] = {"logits": "head"}
    if draw(st.booleans()):
        graph["aux"] = {"block": draw(st.sampled_from(list(blocks))), "from": "stem", "width": 2, "when": "training"}
        outputs["aux"] = "aux"
    if draw(st.booleans()):
        outputs["middle"] = draw(st.sampled_from([name for name in graph if name != "aux"]))
    graph["head"] = {"op": "conv2d", "out_channels": 5, "kernel_size": 1, "from": last}
    spec["outputs"] = outputs
    return spec


@st.composite
def use(draw: st.DrawFn, blocks: tuple[str, ...], width: dict[str, Any]) -> Entry:
    """A use of one of the blocks, once or repeated."""
    entry: Entry = {"block": draw(st.sampled_from(blocks)), "width": draw(width["width"])}
    if draw(st.booleans()):
        entry["extra"] = draw(st.booleans())
    if draw(st.booleans()):
        entry["repeat"] = draw(st.integers(1, 4))
        if draw(st.booleans()):
            entry["first"] = {"extra": draw(st.booleans())}
    return entry


@st.composite
def block(draw: st.DrawFn, inner: tuple[str, ...]) -> dict[str, Any]:
    """A block: a few members of the kinds below, residual or not."""
    graph: dict[str, Any] = {}
    for k in range(draw(st.integers(1, 4))):
        graph.update(draw(member(f"m{k}", inner, [*graph][-1:] or ["x"])))
    if draw(st.booleans()):
        last = [*graph][-1]
        graph["match"] = {"op": "conv2d", "out_channels": "$width", "kernel_size": 1, "from": last, "bias": False}
        graph["shortcut"] = {
            "when": "$(x.channels != width)",
            "from": "x",
            "graph": [{"op": "conv2d", "out_channels": "$width", "kernel_size": 1}, "batch_norm2d"],
        }
        graph["add"] = {"op": "add", "from": draw(st.permutations(["match", "shortcut"]))}
        graph["out_relu"] = "relu"
    made: dict[str, Any] = {"params": {"width": "int", "extra": True, "times": 2}, "graph": graph}
    if "$times" not in str(graph):
        del made["params"]["times"]
    if "$extra" not in str(graph):
        graph["dropped"] = {"op": "relu", "when": "$extra"}
    return made


@st.composite
def member(draw: st.DrawFn, name: str, inner: tuple[str, ...], before: list[str]) -> dict[str, Any]:
    """One or a few members that read what stands above them."""
    kinds = ["conv", "norm", "activation", "optional", "chain", "branches", "pool", "list", "flat"]
    kind = draw(st.sampled_from([*kinds, "block", "stack", "later"] if inner else [*kinds, "later"]))
    width = draw(st.sampled_from(["$width", "$(width + 1)", "$(2 * width)", 3]))
    conv = {**CONV, "out_channels": width}
    match kind:
        case "later":
            return draw(later_member(name, inner, conv))
        case "conv":
            return {name: conv}
        case "norm":
            return {name: "batch_norm2d"}
        case "activation":
            return {name: draw(st.sampled_from(["relu", "sigmoid", "silu", "tanh"]))}
        case "optional":
            optional = draw(st.sampled_from([{"op": "relu"}, {"op": "batch_norm2d"}]))
            return {name: conv, f"{name}_maybe": {**optional, "when": "$extra"}}
        case "chain":
            return {name: {"graph": {"conv": conv, "norm": "batch_norm2d", "act": "relu"}}}
        case "list":
            return {name: {"graph": [conv, "relu", {**conv, "repeat": 2}]}}
        case "flat":
            return {name: {"flat": True, "graph": {"a": conv, "b": {"repeat": 2, "graph": ["batch_norm2d", "relu"]}}}}
        case "pool":
            return {name: {"op": "max_pool2d", "kernel_size": 3, "stride": 1, "padding": 1}}
        case "branches":
            return {
                f"{name}a": {**conv, "from": before[-1]},
                f"{name}b": {"from": before[-1], "graph": {"pool": "identity", "conv": conv, "act": "relu"}},
                name: {"op": "concat", "from": [f"{name}a", f"{name}b", before[-1]]},
            }
        case "block":
            return {name: {"block": draw(st.sampled_from(inner)), "width": width}}
    return {name: {"block": draw(st.sampled_from(inner)), "width": width, "repeat": "$times"}}


@st.composite
def later_member(draw: st.DrawFn, name: str, inner: tuple[str, ...], conv: Entry) -> dict[str, Any]:
    """Lists whose entries move up, lists that are no chain, and repeats whose parts differ by their number."""
    kinds = ["moved_up", "fork", "growing", "chosen", "gated"]
    match draw(st.sampled_from([*kinds, "counted"] if inner else kinds)):
        case "moved_up":
            optional = draw(st.sampled_from([conv, {"op": "batch_norm2d"}, {"graph": [conv, "relu"]}]))
            entries = [{**optional, "when": draw(st.sampled_from(["$extra", "$(width > 3)"]))}, conv]
            return {name: {"graph": draw(st.permutations([*entries, {"op": "batch_norm2d"}]))}}
        case "fork":
            members = [conv, {"from": "x", "graph": [conv, "relu"]}, {**conv, "from": draw(st.sampled_from(["x", 0]))}]
            join = {"op": "concat", "from": [1, 2, "x"]}
            if draw(st.booleans()):
                return {name: {"graph": [*members, join]}}
            return {name: {"graph": [*members, join, conv]}}
        case "chosen":
            chosen = {
                "op": draw(st.sampled_from(["$('relu' if extra else 'silu')", "$('mish' if width > 3 else 'elu')"]))
            }
            return {name: draw(st.sampled_from([chosen, {"graph": [conv, chosen]}]))}
        case "gated":
            when = {"when": draw(st.sampled_from(["$extra", "$(width > 3)"]))}
            other = draw(st.sampled_from([when, {"when": "$extra"}, {}]))
            gate = draw(st.sampled_from([{"op": "sigmoid"}, conv, {"op": "batch_norm2d"}, {"op": "dropout", "p": 0.0}]))
            reads = draw(st.permutations([f"{name}_gate", f"{name}_conv"]))
            gated = {f"{name}_conv": conv, f"{name}_gate": {**gate, **other}}
            return {**gated, name: {"op": draw(st.sampled_from(["add", "mul"])), "from": reads, **when}}
        case "growing":
            grown = {"inputs": ["x"], "graph": {"conv": conv, "join": {"op": "concat", "from": ["x", "conv"]}}}
            return {name: {**grown, "repeat": draw(st.integers(1, 4)), "names": f"{name}_part1"}}
    counting = draw(st.sampled_from(["$(width + i)", "$(2 * i + 1)", "$(3 if i % 2 == 0 else width)"]))
    part = {"block": draw(st.sampled_from(inner)), "width": counting, "repeat": draw(st.integers(1, 5))}
    return {name: part | draw(st.sampled_from([{}, {"names": "part0"}, {"names": "row-4"}]))}
