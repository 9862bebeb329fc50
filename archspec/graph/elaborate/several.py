"""Several: paths that stand for all parts of a repeat or all members of a list, or for a range of them.

layers: {block: layer, repeat: 4}
join: {op: concat, from: [layers.*]}         layers.0, layers.1, layers.2, layers.3
outputs: ["layers.1:"]                       layers_1, layers_2, layers_3
outputs: {maps.*: layers.*}                  maps_0, maps_1, ..., which others read as stage.maps.0 or stage.maps.*
"""

from collections.abc import Mapping

from archspec.graph.elaborate.evaluation import Values
from archspec.graph.elaborate.frame import Frame, Given, Inside
from archspec.language.many import Writer, outputs_of
from archspec.language.names import holder, nested, several, split_path
from archspec.language.spec import Block, Condition, Entry, From, Named, Path, Port


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
        if given is None or not (given.scope or names):
            return [] if given is None else [(*before, name, value) for value in values_of(given)]
        if not given.scope:
            return []
        if listed := [one for one in given.called if names and holder(one) == ".".join(names)]:
            return [(*before, name, *nested(one)) for one in listed]
        before, inside = (*before, name), all_inside[given.scope]
    return [(*before, name) for name in inside.members] if inside.parts else []


def values_of(given: Given) -> list[str]:
    """What the values of an op of several are called: by the author, or by their numbers."""
    return [*given.called] or [str(number) for number in range(len(given.ports)) if "1" in given.ports]


class ForEach:
    """Writes the members of graphs for each of several values, where the network says how many: the same every time."""

    def __init__(self, values: Values, all_inside: Mapping[str, Inside]) -> None:
        self.values, self.all_inside = values, all_inside
        self.made: dict[object, tuple[Entry, ...]] = {}

    def writer(self, block: Block) -> Writer | None:
        """What writes the members of a graph; None where none stands for several."""
        return Writer(block) if any(entry.each is not None for entry in block.members) else None

    def members(self, writer: Writer, entry: Entry, inside: Inside, frame: Frame) -> tuple[Entry, ...]:
        """What a member becomes: itself, or one for each value; none after a fault, of which nothing is known."""
        sources = self.sources(writer, entry.each, inside) if entry.each is not None else ()
        key = (entry, tuple(writer.several.items()), tuple(path.names for path in sources))
        made = self.made.get(key, ())
        if not made and not writer.faults and (sources or entry.each is None):
            made = writer.for_each(entry, sources) if entry.each is not None else writer.members(entry)
        elif made and entry.each is not None:
            writer.note(entry, made)
        if writer.faults or not made:
            self.report(writer, frame)
            inside.given[entry.name] = Given({}, entry.name_span, known=False)
            return ()
        self.made[key] = made
        return made

    def outputs(self, writer: Writer, block: Block, frame: Frame) -> tuple[Port, ...]:
        """What a graph says that it gives, one for each of several."""
        found = tuple(one for port in block.outputs for one in writer.ports(port))
        self.report(writer, frame)
        return found

    def report(self, writer: Writer, frame: Frame) -> None:
        """Reports what is wrong, once."""
        for fault in writer.faults:
            self.values.report(fault.code, fault.message, fault.span, frame, help=fault.help)
        writer.faults.clear()

    def sources(self, writer: Writer, each: From, inside: Inside) -> tuple[Path, ...]:
        """The values that `each` names: those of one member, or all that are listed."""
        if (known := writer.sources(each)) is not None:
            return known
        paths = [path for one in each.listed for path in writer.paths(one, None)]
        if len(each.listed) == 1 and several(paths[0].names[-1]) is None:
            paths = [Path((*paths[0].names, "*"), paths[0].span)]
        name, _ = split_path(paths[0].names, inside.given)
        if name in inside.given and not inside.given[name].known:
            return ()
        found = tuple(path for one in paths for path in spread(one, inside, self.all_inside))
        for path in found:
            if several(path.names[-1]) is not None:
                message = f"{'.'.join(path.names[:-1])} is not several values here"
                help = "several are parts of a repeat, values of a chunk, or what a list names: each: [c3, c4, c5]"
                writer.fault("unknown-reference", message, path.span, help)
        return found
