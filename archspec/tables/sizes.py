"""Sizes as text for people and as JSON for programs."""

import json
from collections.abc import Iterator

from archspec.sizes.box import Box
from archspec.sizes.follow import Refusal
from archspec.sizes.letters import asked, by, dims_of, letters, shown
from archspec.sizes.periodic import Periodic
from archspec.sizes.rule import SizeRule, Sizes
from archspec.sizes.words import Names, words_of_condition, words_of_set

MOST = 5  # regions that are told; JSON has all


def size_lines(rule: SizeRule) -> Iterator[str]:
    """The rule in lines: what goes in, what comes out, where it stops."""
    network = rule.network
    variant = f" ({network.variant})" if network.variant else ""
    yield f"{network.name}{variant}{' in training' if rule.training else ''}"
    if not rule.regions:
        yield "  takes no size that is proven"
    for region in rule.regions[:1]:
        yield "  takes"
        yield from (f"    {line}" for line in _region(rule, region))
    if len(rule.regions) > 1:
        yield "  and besides"
        yield from (f"    {_in_short(rule, region)}" for region in rule.regions[1:MOST])
    if len(rule.regions) > MOST:
        yield f"    and {len(rule.regions) - MOST} more: --format json lists them"
    stops = rule.stops()
    if stops:
        yield "  stops, all else as declared, at"
        yield from (f"    {asked(sizes)}: {said_of(why)}" for sizes, why in stops)
    yield f"  {proof(rule)}"


def proof(rule: SizeRule) -> str:
    """What the rule rests on."""
    lost = [way.lost for way in rule.unproven]
    if lost:
        return f"proven for all sizes but those that {lost[0]} makes something else of: ask for one of them by --input"
    ways = len(rule.ways)
    return f"proven for all sizes: {ways} {'way' if ways == 1 else 'ways'} through the shape rules, none sampled"


def answer_lines(rule: SizeRule, sizes: Sizes) -> Iterator[str]:
    """Whether sizes fit, and why not, in lines."""
    why = rule.why(sizes)
    if why is None:
        yield f"{asked(sizes)} fits"
        yield from (f"  {name}: {by(('N', *map(str, dims)))}" for name, dims in rule.outputs(sizes).items())
        return
    yield f"{asked(sizes)} does not fit: {said_of(why)}"
    if why.help:
        yield f"  help: {why.help}"
    near = rule.nearest(sizes)
    if near:
        yield f"  nearest that fit: {' and '.join(map(asked, near))}"


def said_of(why: Refusal) -> str:
    """Where and why a module stops: `up1/concat: concat needs ...: N x 64 x 36 x 36 and N x 64 x 37 x 37`."""
    pointed = f": {why.pointed}" if why.pointed else ""
    return f"{why.node.replace('/', '.')}: {why.message}{pointed}"


def _in_short(rule: SizeRule, region: Box) -> str:
    """A region in one line: `image N x 3 x H x W, H = 67 .. 98; W = 1187 .. 1218`."""
    names = letters(rule.network, region)
    inputs = [f"{id} {by(('N', *dims_of(id, rule.network, region, names)))}" for id in rule.network.graph.inputs]
    return "; ".join([", ".join(inputs), *_where(region, names)])


def _where(region: Box, names: Names) -> list[str]:
    """What each letter may be."""
    found = [words_of_set(held, names[size]) for size, held in region.sets.items() if held.only is None]
    return [*found, *(words_of_condition(condition, region, names) for condition in region.conditions)]


def _region(rule: SizeRule, region: Box) -> Iterator[str]:
    """What goes in, with what each letter may be, and what comes out."""
    names = letters(rule.network, region)
    inputs = {id: by(("N", *dims_of(id, rule.network, region, names))) for id in rule.network.graph.inputs}
    width = max(map(len, inputs), default=0)
    for id, shape in inputs.items():
        yield f"{id:{width}}  {shape}"
    where = _where(region, names)
    if where:
        yield f"{'':{width}}  where {'; '.join(where)}"
    for name, shape in _outputs(rule, region, names):
        yield f"-> {name}: {shape}"


def _outputs(rule: SizeRule, region: Box, names: Names) -> Iterator[tuple[str, str]]:
    """What comes out at the sizes of a region: of one way that goes there, the most general."""
    way = rule.typical(region)
    if way is not None:
        for name, extent in rule.ends(way).items():
            yield name, shown(extent.dims, extent.like.batch, region, names)


def sizes_json(rule: SizeRule) -> str:
    """The rule as JSON: sets as their members below a number, and the classes of a period from there on."""
    network = rule.network
    made = {
        "name": network.name,
        "variant": network.variant,
        "mode": "training" if rule.training else "inference",
        "declared": {id: list(dims) for id, dims in rule.declared.items()},
        "proven": not rule.unproven,
        "regions": [_region_json(rule, region) for region in rule.regions],
        "stops": [
            {"sizes": {id: list(dims) for id, dims in sizes.items()}, "at": why.node, "why": why.message}
            for sizes, why in rule.stops()
        ],
    }
    return json.dumps(made, indent=2)


def answer_json(rule: SizeRule, sizes: Sizes) -> str:
    """Whether sizes fit, as JSON."""
    why = rule.why(sizes)
    made: dict[str, object] = {"sizes": {id: list(dims) for id, dims in sizes.items()}, "fits": why is None}
    if why is None:
        made["outputs"] = {name: list(dims) for name, dims in rule.outputs(sizes).items()}
    else:
        made |= {"at": why.node, "why": why.message}
        made["nearest"] = [{id: list(dims) for id, dims in one.items()} for one in rule.nearest(sizes)]
    return json.dumps(made, indent=2)


def _region_json(rule: SizeRule, region: Box) -> dict[str, object]:
    names = letters(rule.network, region)
    return {
        "inputs": {id: list(dims_of(id, rule.network, region, names)) for id in rule.network.graph.inputs},
        "where": {names[size]: _set_json(held) for size, held in region.sets.items() if held.only is None},
        "conditions": [words_of_condition(condition, region, names) for condition in region.conditions],
        "outputs": dict(_outputs(rule, region, names)),
    }


def _set_json(held: Periodic) -> dict[str, object]:
    return {
        "below": held.irregular,
        "from": held.start,
        "period": held.period,
        "residues": [rest for rest in range(held.period) if held.mask >> rest & 1],
    }
