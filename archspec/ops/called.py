"""What other tools call an op, for whoever writes one of their names.

    swish, Swish, tf.nn.swish   ->  silu
    nn.ConvTranspose2d          ->  conv_transpose2d
    max_pool                    ->  max_pool1d, max_pool2d or max_pool3d
    GlobalAveragePooling2D      ->  adaptive_avg_pool2d, with output_size: 1

An op says the names of other tools in `also_called`; those of PyTorch it has in `module` and `function`. Letters' case,
underscores and what stands before the last dot do not matter. A name that means an op is better than one that looks
like it: swish is no misspelt hardswish.
"""

from archspec.ops.op import OPS, Op
from archspec.registry import nearest

# How alike a slip of the pen is to the name that was meant: `glu` is none of `gru`, nor `conv2d` of `deform_conv2d`.
ALIKE = 0.75


def help_of(name: str) -> str:
    """The cure where there is no op `name`: what it is called here, or which name looks like it."""
    called = meant(name)
    if not called:
        near = nearest(name, written(), ALIKE)
        return f"did you mean {near}?" if near else "`archspec ops` lists them"
    *others, last = called
    names = f"{', '.join(others)} or {last}" if others else last
    options = list(dict.fromkeys(called.values()))
    settings = f", with {options[0]}" if options[0] else ""
    return f"{name} is called {names} here{settings}"


def meant(name: str) -> dict[str, str]:
    """The ops that go by this name elsewhere, those of one kind for any number of dimensions: op -> options."""
    ops = [OPS[op] for op in written()] if _key(name) else []
    for keys in ({_key(name)}, {f"{_key(name)}{rank}d" for rank in (1, 2, 3)}):
        same = {op.name: "" for op in ops if _key(op.name) in keys}
        torch = {op.name: "" for op in ops if not keys.isdisjoint((_key(op.module), _key(op.function)))}
        others = {op.name: options for op in ops for other, options in others_of(op) if _key(other) in keys}
        if found := same or torch or others:
            return found
    return {}


def written() -> list[str]:
    """The ops that a spec may name."""
    return [name for name, op in OPS.items() if op.written]


def others_of(op: type[Op]) -> list[tuple[str, str]]:
    """Its names elsewhere with their options; those of a kind stand in the class that its ops have in common.

    The names of an op that it derives from are not its own.
    """
    kinds = [cls for cls in op.__mro__ if cls is op or not vars(cls).get("name")]
    return [item for cls in kinds for item in vars(cls).get("also_called", {}).items()]


def _key(name: str) -> str:
    """What is compared of a name: `nn.LeakyReLU`, `leaky_relu` -> `leakyrelu`."""
    return name.rpartition(".")[2].replace("_", "").replace("-", "").casefold()
