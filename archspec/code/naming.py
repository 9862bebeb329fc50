"""Names: from what a spec calls a thing to what code calls it.

A file has one namespace of modules, functions and classes, and every function in it one of arguments and variables over
that. What a spec says is kept wherever nothing else has the name; else it gets an underscore or a number.
"""

import keyword
import re
from collections.abc import Sequence

from archspec.graph.network import Network
from archspec.language.attributes import CONTAINER, MODULE
from archspec.language.expression.grammar import FUNCTIONS
from archspec.language.names import unused
from archspec.values.expression import IN_MATH

# What an emitted file takes from elsewhere -> the line that does it; nn and Tensor have one together.
PLAIN = {
    "base64": "import base64",
    "functools": "import functools",
    "math": "import math",
    "zlib": "import zlib",
}
STANDARD = {"OrderedDict": "collections", "Any": "typing", "NamedTuple": "typing"}  # name -> where it is
TORCH = {"torch": "import torch", "F": "import torch.nn.functional as F"}
ALWAYS = {"nn": "from torch import Tensor, nn", "Tensor": "from torch import Tensor, nn"}
# What a file calls of Python's own, in values, in loops and in types.
BUILTINS = frozenset(
    {
        *(FUNCTIONS.keys() - IN_MATH),
        "ValueError",
        "bool",
        "dict",
        "enumerate",
        "float",
        "int",
        "isinstance",
        "list",
        "range",
        "str",
        "super",
        "tuple",
        "type",
        "zip",
    }
)
# Python's functions, which no variable of a function hides either. `input` is what PyTorch calls an argument.
FUNCTIONS_OF_PYTHON = frozenset(
    {
        "abs",
        "aiter",
        "all",
        "anext",
        "any",
        "ascii",
        "bin",
        "bool",
        "breakpoint",
        "bytearray",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "compile",
        "complex",
        "delattr",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "eval",
        "exec",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "help",
        "hex",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "memoryview",
        "min",
        "next",
        "object",
        "oct",
        "open",
        "ord",
        "pow",
        "print",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
    }
)

UNREAD = "_"  # the variable of what nobody reads: an output of several, the number of a turn


def names_of_base(base: str) -> frozenset[str]:
    """What a class has under a name by what it derives from: `items` of an `nn.ModuleDict`, `training` of any."""
    return MODULE if base == "nn.Module" else MODULE | CONTAINER


def file_names(network: Network) -> frozenset[str]:
    """The names that no class, argument or variable may have: those of imports, of Python, of helpers, self and `_`."""
    ops = {id(node.op): node.op for node in network.graph.nodes.values()}
    helpers = {helper.name for op in ops.values() for helper in op.helpers()}
    others = imported(network).values()
    return frozenset(
        {*PLAIN, *STANDARD, *TORCH, *ALWAYS, *BUILTINS, *helpers, *others, *keyword.kwlist, UNREAD, "self"}
    )


def imported(network: Network) -> dict[tuple[str, str], str]:
    """Classes of other packages, each with its module -> what the file calls them: Block, and Block2 of another one."""
    found = dict.fromkeys(node.op.imported() for node in network.graph.nodes.values())
    taken = {*PLAIN, *STANDARD, *TORCH, *ALWAYS, *BUILTINS, *keyword.kwlist}
    named: dict[tuple[str, str], str] = {}
    for module, name in found:
        if name:
            free = (name, *(f"{name}{number}" for number in range(2, len(found) + 2)))
            named[module, name] = next(one for one in free if one not in taken)
            taken.add(named[module, name])
    return named


def packages(network: Network) -> list[str]:
    """The packages of which a spec names modules or functions, which its source calls."""
    return sorted({package for node in network.graph.nodes.values() if (package := node.op.imported()[0])})


def root_class(network: Network) -> str:
    """The name of the network's class: `resnet50` -> Resnet50, and F2 for F, which is torch.nn.functional."""
    return class_name(network.name, set(file_names(network)))


def worded(name: str) -> str:
    """A name without the hyphens and points that members may have: `row-4` -> `row_4`, `ups.0` -> `ups_0`."""
    return re.sub(r"\W", "_", name)


def stem(names: Sequence[str]) -> str:
    """What several names are without their numbers: `branch` of `branch_1` and `branch_2`; "" where they differ."""
    found = {match[1] if (match := re.fullmatch(r"([A-Za-z]\w*?)_?\d+", name)) else "" for name in names}
    return found.pop() if len(found) == 1 else ""


def variable(name: str) -> str:
    """A member's name as that of a local variable: `AuxLogits` -> `aux_logits`, `row-4` -> `row_4`, and `0` -> `x0`."""
    plain = worded(name if not name.isdigit() else f"x{name}")
    return plain if plain.islower() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()


def class_name(name: str, taken: set[str]) -> str:
    """`name` as a class name not yet in `taken`, to which it is added: `basic_block` -> BasicBlock, `U-Net` -> UNet."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word]
    camel = "".join(word[0].upper() + word[1:] for word in words) or "Block"
    if camel[0].isdigit():
        camel = f"Block{camel}"
    made, count = camel, 1
    while made in taken:
        count += 1
        made = f"{camel}{count}"
    taken.add(made)
    return made


def functions(names: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    """Names as functions are called, each added to `taken`: `vit-b/16` -> vit_b_16."""
    made = []
    for name in names:
        plain = re.sub(r"[^0-9A-Za-z_]+", "_", name)
        made.append(unused(f"_{plain}" if plain[:1].isdigit() or not plain else plain, taken))
        taken.add(made[-1])
    return tuple(made)
