"""Several: paths that stand for all parts of a repeat or all members of a list, or for a range of them.

layers: {block: layer, repeat: 4}
join: {op: concat, from: [layers.*]}         layers.0, layers.1, layers.2, layers.3
outputs: ["layers.1:"]                       layers_1, layers_2, layers_3
outputs: {maps.*: layers.*}                  maps_0, maps_1, ..., which others read as stage.maps.0 or stage.maps.*
"""

from collections.abc import Mapping

from archspec.graph.elaborate.frame import Inside
from archspec.language.many import outputs_of
from archspec.language.names import holder, nested, several, split_path
from archspec.language.spec import Condition, Named, Path, Port


def spread(path: Path, inside: Inside, all_inside: Mapping[str, Inside]) -> tuple[Path, ...]:
    """The paths that a path stands for: itself, unless it ends in `*` or in a range."""
    if len(path.names) < 2 or (chosen := several(path.names[-1])) is None:
        return (path,)
    parts = _parts(path.names[:-1], inside, all_inside)[chosen]
    return tuple(Path(names, path.span) for names in parts) or (path,)


def spread_ports(ports: tuple[Port, ...], inside: Inside, all_inside: Mapping[str, Inside]) -> tuple[Port, ...]:
    """Outputs with one for each of several: `layers_0`, `layers_1`."""
    found: list[Port] = []
    for port in ports:
        if port.every:
            found += _outputs(port, inside, all_inside)
            continue
        paths = spread(port.path, inside, all_inside)
        keys = [(nested(path.names[-1])[-1:] or path.names[-1:])[0].replace("-", "_") for path in paths]
        found += (port,) if paths == (port.path,) else outputs_of(port, paths, keys)
    return tuple(found)


def _outputs(port: Port, inside: Inside, all_inside: Mapping[str, Inside]) -> list[Port]:
    """All outputs of a member, each by its own name; in training those that it gives then only."""
    (member,), number = port.path.names, port.name.name
    given = inside.given[member]
    found: list[Port] = []
    for one in spread_ports(port.every, all_inside[given.scope], all_inside) if given.scope else ():
        if one.name.name in given.ports:  # its condition holds
            name = Named(f"{one.name.name}_{number}", one.name.span)
            when = Condition((), True, one.path.span) if one.when is not None and one.when.training else None
            found.append(Port(name, Path((member, one.name.name), one.path.span), when, port.every))
    return found


def _parts(names: tuple[str, ...], inside: Inside, all_inside: Mapping[str, Inside]) -> list[tuple[str, ...]]:
    """The paths of the parts of the repeat or the list that `names` lead to; none where they lead to nothing such."""
    before: tuple[str, ...] = ()
    while names:
        if listed := [name for name in inside.given if holder(name) == ".".join(names)]:
            return [(*before, name) for name in listed]
        name, names = split_path(names, inside.given)
        given = inside.given.get(name)
        if given is None or not given.scope:
            return []
        if listed := [one for one in given.called if names and holder(one) == ".".join(names)]:
            return [(*before, name, *nested(one)) for one in listed]
        before, inside = (*before, name), all_inside[given.scope]
    return [(*before, name) for name in inside.members] if inside.parts else []
