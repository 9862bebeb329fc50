"""Names for drawn specs: plain ones, and those that mean something in the emitted file, in torch or in Python."""

from random import Random

PLAIN = ("conv", "norm", "act", "fc", "left", "right", "gate", "mix", "proj", "down", "skip", "body", "tail", "cell")

# What emitted files import, define or use as variables, and what the modules around have as attributes.
FILE = ("nn", "torch", "F", "Tensor", "NamedTuple", "x", "y", "out", "output", "block", "layer", "stage", "named")
HELPERS = ("StochasticDepth", "LayerNorm2d", "center_crop", "pad_to", "crop", "Permute", "window_partition")
SEQUENCES = ("append", "insert", "extend", "pop", "keys", "values", "items", "index", "count", "j", "n", "name")
BUILTINS = ("range", "bool", "tuple", "list", "zip", "super", "print", "any", "isinstance", "dict", "object", "set")
WORDS = ("i", "len", "min", "max", "sum", "int")  # have a meaning in expressions, so only members may be called so
SLOTS = ("in_channels", "out_channels", "channels", "features", "kernel_size", "stride", "width", "bias", "weight", "p")
BLOCKS = ("Unit", "unit", "Block", "Net", "net", "Output", "Sequential", "Module", "ModuleList", "ReLU", "Conv2d", "_x")
UNDERSCORES = ("_", "a_", "conv_", "x_", "x1", "x2", "conv1", "_b", "out_1")
REFUSED = (
    "self",
    "float",
    "__a",
    "forward",
    "train",
    "class",
    "lambda",
    "half",
    "_modules",
    "training",
    "children",
    "def",
)

ANY = (*FILE, *HELPERS, *SEQUENCES, *BUILTINS, *SLOTS, *BLOCKS, *UNDERSCORES)
MEMBERS = (*ANY, *WORDS)
CLASSES = (*BLOCKS, *HELPERS, *FILE, "cell", "res_unit", "Res", "my_net", "head", "part")


def fresh(rng: Random, taken: set[str], pool: tuple[str, ...] = ANY, *, odd: float = 0.3) -> str:
    """A name that is not taken, and is now: an odd one from `pool` in a share of `odd`; seldom one that is refused."""
    while True:
        chance = rng.random()
        if chance < 0.0006:
            found = rng.choice(REFUSED)
        elif chance < odd:
            found = rng.choice(pool)
        else:
            found = rng.choice(PLAIN) + rng.choice(("", "", "1", "2", "3", "_a", "_b"))
        if found not in taken:
            taken.add(found)
            return found
