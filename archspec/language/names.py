"""Names: what a member, param, input or block may be called, as it becomes a Python name or an attribute."""

import re
from collections.abc import Container, Sequence
from keyword import iskeyword

from archspec.language.attributes import CONTAINER, MODULE

ALL = ".*"  # behind the name of an input or of outputs, of which there are as many as there are values

_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_PART = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*?)(0|[1-9][0-9]{0,5})", re.ASCII)

_DEEPEST = 16  # names that lead to a member of a list or a mapping
_NUMBER = re.compile(r"0|[1-9][0-9]{0,4}", re.ASCII)
_KEY = r"\.(0|[1-9][0-9]{0,4}|[A-Za-z_][A-Za-z0-9_-]*)"
_NESTED = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*({_KEY}){{1,{_DEEPEST - 1}}}", re.ASCII)
_RANGE = re.compile(r"(-?[0-9]{1,6})?:(-?[0-9]{1,6})?", re.ASCII)
_TUPLE = frozenset(name for name in dir(tuple) if not name.startswith("_"))
# Words that mean something of their own in an expression or a spec.
EXPRESSION_WORDS = frozenset(
    """
    and or not if else true false none True False None
    min max len sum int round i training
    """.split()  # noqa: SIM905  as above
)


def nested(name: str) -> tuple[str, ...]:
    """The way to a member of a list or a mapping: the attribute, then numbers and keys; empty for any other member.

    >>> nested("ups.0"), nested("encoder.level0.conv"), nested("ups")
    (('ups', '0'), ('encoder', 'level0', 'conv'), ())
    """
    return tuple(name.split(".")) if _NESTED.fullmatch(name) else ()


def singular(name: str) -> str:
    """What one of several is called; empty where that is not said by the name.

    >>> singular("layers"), singular("boxes"), singular("entries"), singular("convs2"), singular("bias")
    ('layer', 'box', 'entry', 'conv2', '')
    """
    word = name.rstrip("0123456789")
    for ending, instead in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1 and not word.endswith(("ss", "us", "ias")):
            return word.removesuffix(ending) + instead + name[len(word) :]
    return ""


def holder(name: str) -> str:
    """The list or mapping that a member stands in; empty for one that stands in none.

    >>> holder("downs.0.1"), holder("ups")
    ('downs.0', '')
    """
    return ".".join(nested(name)[:-1])


def holders(name: str) -> tuple[str, ...]:
    """The lists and mappings that a member stands in, from the outermost on.

    >>> holders("downs.0.1")
    ('downs', 'downs.0')
    """
    way = nested(name)
    return tuple(".".join(way[:size]) for size in range(1, len(way)))


def called_in_lists(names: Sequence[str]) -> dict[str, str]:
    """What the members of lists and mappings are called where a name has no dot, each with its own name.

    >>> called_in_lists(["ups.0", "join", "join_0", "join.0"])
    {'ups_0': 'ups.0', 'join_0_': 'join.0'}
    """
    found: dict[str, str] = {}
    for name in names:
        if nested(name):
            called = name.replace(".", "_").replace("-", "_")
            while called in names or called in found:
                called += "_"
            found[called] = name
    return found


def counted(name: str) -> bool:
    """Whether a member is called by the number that it has in a list."""
    return bool(_NUMBER.fullmatch(name))


def several(name: str) -> slice | None:
    """The parts that the last name of a path stands for, `*` for all and `1:3` for two of them; None for one name.

    >>> several("*"), several("1:"), several("conv1")
    (slice(None, None, None), slice(1, None, None), None)
    """
    if name == "*":
        return slice(None)
    match = _RANGE.fullmatch(name)
    return slice(*(int(end) if end else None for end in match.groups())) if match else None


def called(names: tuple[str, ...]) -> str:
    """What the output is called to which a path leads: its last name, with the numbers behind it.

    >>> called(("layer1",)), called(("body", "ups", "0")), called(("downs", "0", "1")), called(("body", "layers", "*"))
    ('layer1', 'ups_0', 'downs_0_1', 'layers')
    """
    if len(names) < 2:
        return names[-1].replace("-", "_") if _MEMBER.fullmatch(names[-1]) else names[-1]
    if several(names[-1]) is not None:
        names = names[:-1]
    start = max((at for at, name in enumerate(names) if not name.isdigit()), default=0)
    return "_".join(names[start:]).replace("-", "_")


def split_path(names: tuple[str, ...], known: Container[str]) -> tuple[str, tuple[str, ...]]:
    """The member that a path begins with, and the rest: of several names where `known` has a member of a list.

    >>> split_path(("ups", "0", "skip"), {"ups.0"}), split_path(("pool", "indices"), {"pool"})
    (('ups.0', ('skip',)), ('pool', ('indices',)))
    """
    for size in range(min(len(names), _DEEPEST), 1, -1):
        if (listed := ".".join(names[:size])) in known:
            return listed, names[size:]
    return names[0], names[1:]


def fault_of_member(name: str) -> tuple[str, str] | None:
    """The code and message of what is wrong with a member's name, or None."""
    if counted(name):
        return None
    name, *keys = nested(name) or (name,)
    for key in keys:
        if key in MODULE or key in CONTAINER or key.startswith("__"):
            return "reserved-name", f"{key} is an attribute of nn.ModuleDict, so no module in one can be called that"
    if name in MODULE:
        return "reserved-name", f"{name} is an attribute of every nn.Module, so no member can be called that"
    if not _MEMBER.fullmatch(name):
        wanted = "letters, digits, underscores and hyphens, no digit first"
        if "." in name:
            wanted = "behind a point stands a number of a list, ups.0, or a key of a mapping, encoder.level0"
        return "bad-name", f"{name!r} is not a name: {wanted}"
    return None if name == "self" or "-" in name else fault_of_name(name)  # `self.self` is an attribute as any other


def fault_of_param(name: str) -> tuple[str, str] | None:
    """The same for the name of a param or an input, which expressions read."""
    if name in EXPRESSION_WORDS:
        return "reserved-name", f"{name} has a meaning of its own in expressions"
    if name.endswith(ALL):
        return "bad-name", f"{name} is any number of values, which only the last input of a named block stands for"
    return fault_of_name(name)


def fault_of_name(name: str) -> tuple[str, str] | None:
    """The same for any name."""
    if not _NAME.fullmatch(name):
        return "bad-name", f"{name!r} is not a name: letters, digits and underscores, no digit first"
    if iskeyword(name):
        return "reserved-name", f"{name} is a keyword of Python"
    if name == "self":
        return "reserved-name", "self is what a module is called in its own source"
    if name.startswith("__"):
        return "reserved-name", "names that start with two underscores belong to Python"
    return None


def fault_of_output(name: str) -> tuple[str, str] | None:
    """The same for an output of a network, which is a field of the named tuple that its class returns."""
    if name.startswith("_") or name in _TUPLE:
        return "reserved-name", f"{name} cannot be a field of a named tuple, so no output can be called that"
    return fault_of_name(name)


def fault_of_part(name: str) -> tuple[str, str] | None:
    """The same for the name of the first part of a repeat."""
    if not _PART.fullmatch(name):
        message = "a letter, then letters, digits, underscores and hyphens, and a number at the end: layer0"
        return "bad-name", f"{name!r} is not the name of a first part: {message}"
    return None


def part_name(first: str, i: int) -> str:
    """The name of part `i` of a repeat whose first part is called `first`: `layer1` is followed by `layer2`.

    >>> part_name("layer1", 2), part_name("", 2)
    ('layer3', '2')
    """
    match = _PART.fullmatch(first)
    return f"{match[1]}{int(match[2]) + i}" if match else str(i)


def beside_parts(names: tuple[str, ...], first: str) -> tuple[str, ...]:
    """Names for the inputs of a repeat, none of which a part of it may have, whatever their number is.

    >>> beside_parts(("x0", "skip"), "x1"), beside_parts(("x0", "skip"), "")
    (('x0_', 'skip'), ('x0', 'skip'))
    """
    parts, made = _PART.fullmatch(first), list(names)
    for at, name in enumerate(names):
        match = _PART.fullmatch(name)
        if parts is not None and match is not None and match[1] == parts[1]:
            made[at] = f"{name}_"
            while made[at] in names:
                made[at] += "_"
    return tuple(made)


def unused(name: str, taken: Container[str]) -> str:
    """`name`, with as many underscores behind it as make it one of its own."""
    while name in taken:
        name = f"{name}_"
    return name
