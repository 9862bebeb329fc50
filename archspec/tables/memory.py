"""What a network needs of memory, as text and as JSON."""

import json as stdlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import add

from archspec.graph.network import Network
from archspec.graph.report import fitting_depth, report
from archspec.measures.words import in_bytes
from archspec.memory.need import Need, by_scope, largest_batch
from archspec.memory.planner import Planned, choices
from archspec.memory.tape import Tape
from archspec.tables.quantity import human
from archspec.values.dataclass import dataclass

NOT_COUNTED = "not counted: workspaces of kernels, what the allocator rounds up or keeps, a GPU's context, the loss"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of memory.

    Attributes:
        need: what the network needs.
        room: bytes that there are, 0 where nobody said.
        planned: what to compute again so that training fits; None where that was not asked.
        depth: levels of the table of blocks; None for as many as fit on a page.
        curve: the whole curve is shown too.
    """

    need: Need
    room: int = 0
    planned: Planned | None = None
    depth: int | None = None
    curve: bool = False


def text(network: Network, asked: Asked) -> str:
    """For people, ending in a newline: totals, blocks, and what fits."""
    need = asked.need
    lines = [_title(network, need), *_totals(need), "", *_blocks(network, asked)]
    if asked.room:
        lines += ["", *_fits(network, asked)]
    if asked.planned is not None:
        lines += ["", *_plan(asked.planned, asked.room)]
    if asked.curve:
        lines += ["", *_curve(need)]
    return "\n".join([*lines, "", NOT_COUNTED]) + "\n"


def _title(network: Network, need: Need) -> str:
    variant = f" ({network.variant})" if network.variant else ""
    plan = need.plan
    cast = ", autocast to bfloat16" if plan.autocast else ""
    return f"{network.name}{variant}: batch {plan.batch}, {plan.optimizer}, {plan.dtype}{cast}"


def _totals(need: Need) -> Iterator[str]:
    peak = need.peak
    way = "backward" if peak.backward else "forward"
    rows = (
        ("inference", need.at_inference, ""),
        ("  parameters", need.parameters, ""),
        ("  buffers", need.buffers, ""),
        ("  inputs", need.inputs, ""),
        ("  activations", need.activations, f"the most at {need.inference_at}"),
        ("training", need.in_training, ""),
        ("  parameters, buffers, inputs", need.parameters + need.buffers + need.inputs, ""),
        ("  optimiser state", need.state, ""),
        ("  gradients of parameters", need.gradients, ""),
        ("  kept for the way back", need.kept, ""),
        ("  gradients and activations", need.training, f"the most at {peak.node}, {way}"),
    )
    width = max(len(in_bytes(size)) for _, size, _ in rows)
    for name, size, note in rows:
        yield f"{name:<29}  {in_bytes(size):>{width}}  {note}".rstrip()


def _blocks(network: Network, asked: Asked) -> Iterator[str]:
    depth = asked.depth or fitting_depth(network.graph)
    kept = by_scope(network, asked.need.by_node, add)
    width = asked.need.parameters // max(sum(cost.params for cost in network.costs.values()), 1)
    rows = [("block", "is", "parameters", "kept", "share")]
    for row in report(network, depth=depth).rows:
        size = kept.get(row.path, 0)
        share = f"{100 * size / asked.need.kept:.1f} %" if size and asked.need.kept else ""
        path = "  " * (row.depth - 1) + row.name
        rows.append((path, str(row.label), _bytes(row.cost.params * width), _bytes(size), share))
    yield from _aligned(rows, left=2)


def _bytes(size: int) -> str:
    return in_bytes(size) if size else ""


def _aligned(rows: Sequence[tuple[str, ...]], left: int) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = (c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        yield "  ".join(cells).rstrip()
        if not number:
            yield "-" * (sum(widths) + 2 * len(widths) - 2)


def _fits(network: Network, asked: Asked) -> Iterator[str]:
    for name, batch in largest(network, asked).items():
        yield (
            f"{in_bytes(asked.room)} hold {name} with a batch of {batch}"
            if batch
            else (f"{in_bytes(asked.room)} do not hold {name}, not even of one sample")
        )


def largest(network: Network, asked: Asked) -> dict[str, int]:
    """What is run -> the most samples of a batch that fit."""
    plan = replace(asked.need.plan, recomputed=frozenset())
    return {
        "inference": largest_batch(network, plan, asked.room, lambda need: need.at_inference),
        "training": largest_batch(network, plan, asked.room, lambda need: need.in_training),
    }


def _plan(planned: Planned, room: int) -> Iterator[str]:
    before, after = planned.before.in_training, planned.after.in_training
    if not planned.scopes:
        yield (
            f"training fits without computing anything again: {in_bytes(before)}"
            if planned.fits
            else ("no block saves anything by being computed again")
        )
        return
    said = "" if planned.fits else f", more than {in_bytes(room)}, and no blocks save more"
    yield f"computed again: {in_bytes(before)} become {in_bytes(after)}{said}, for {human(planned.macs)} more MACs"
    yield f"compile with --checkpoint {','.join(id.replace('/', '.') for id in planned.scopes)}"


def _curve(need: Need) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("node", "way", "kept", "between nodes", "gradients", "all")]
    for moment in need.moments:
        way = "backward" if moment.backward else "forward"
        sizes = (moment.kept, moment.flowing, moment.gradients, moment.bytes)
        rows.append((moment.node, way, *(in_bytes(size) if size else "" for size in sizes)))
    yield from _aligned(rows, left=2)


def json(network: Network, asked: Asked) -> str:
    """The same as one JSON object, in bytes, with the whole curve and what each block would save."""
    need, plan = asked.need, asked.need.plan
    kept = by_scope(network, need.by_node, add)
    document: dict[str, object] = {
        "name": network.name,
        "variant": network.variant or None,
        "plan": {
            "batch": plan.batch,
            "optimizer": plan.optimizer,
            "dtype": plan.dtype,
            "autocast": plan.autocast,
            "checkpoint": sorted(plan.recomputed),
        },
        "inputs": need.inputs,
        "parameters": need.parameters,
        "buffers": need.buffers,
        "inference": {"total": need.at_inference, "activations": need.activations, "at": need.inference_at},
        "training": _training(need),
        "blocks": [{"path": path, "kept": size} for path, size in kept.items()],
        "checkpoints": _checkpoints(network, need),
        "curve": [
            {"path": m.node, "backward": m.backward, "kept": m.kept, "flowing": m.flowing, "gradients": m.gradients}
            for m in need.moments
        ],
    }
    if asked.room:
        document["fits"] = {"bytes": asked.room, **largest(network, asked)}
    if asked.planned is not None:
        document["planned"] = _planned(asked.planned)
    return stdlib.dumps(document, indent=2) + "\n"


def _training(need: Need) -> dict[str, object]:
    return {
        "total": need.in_training,
        "gradients": need.gradients,
        "state": need.state,
        "kept": need.kept,
        "peak": need.training,
        "at": need.peak.node,
        "backward": need.peak.backward,
    }


def _checkpoints(network: Network, need: Need) -> list[dict[str, object]]:
    worth = choices(Tape(network, autocast=need.plan.autocast), need.plan)
    return [{"path": path, "saves": one.saves, "macs": one.macs, "at_once": one.at_once} for path, one in worth.items()]


def _planned(planned: Planned) -> dict[str, object]:
    return {
        "checkpoint": list(planned.scopes),
        "training": planned.after.in_training,
        "macs": planned.macs,
        "fits": planned.fits,
    }
