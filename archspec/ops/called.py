"""What other tools call an op, for whoever writes one of their names.

    swish, Swish, tf.nn.swish   ->  silu
    nn.ConvTranspose2d          ->  conv_transpose2d
    max_pool                    ->  max_pool1d, max_pool2d or max_pool3d
    GlobalAveragePooling2D      ->  adaptive_avg_pool2d, with output_size: 1

Its options have other names elsewhere, too: `filters` is out_channels, and `activation` is an op of its own.

An op says the names of other tools in `also_called`; those of PyTorch it has in `module` and `function`. Letters' case,
underscores and what stands before the last dot do not matter. A name that means an op is better than one that looks
like it: swish is no misspelt hardswish.
"""

from archspec.ops.names import ELSEWHERE, Called
from archspec.ops.op import OPS, Op
from archspec.registry import nearest

# How alike a slip of the pen is to the name that was meant: `glu` is none of `gru`, nor `conv2d` of `deform_conv2d`.
ALIKE = 0.75


# The cure where no op does what is asked for.
OTHERWISE = "`archspec ops` lists them; any other function of torch is {op: function, target: torch:cov, shapes: ...}"


def help_of(name: str) -> str:
    """The cure where there is no op `name`: what it is called here, or which name looks like it."""
    called = meant(name)
    if not called:
        near = nearest(name, written(), ALIKE)
        return f"did you mean {near}?" if near else OTHERWISE
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


def field_of(op: type[Op], option: str) -> str | None:
    """The field that other tools call `option`, or None."""
    return next((name for name, other in names_of_fields(op) if _key(other) == _key(option)), None)


def names_of_fields(op: type[Op]) -> list[tuple[str, str]]:
    """The fields of an op with their names in other tools."""
    marks = [(name, mark) for name, field in op.model_fields.items() for mark in field.metadata]
    return [(name, other) for name, mark in marks if isinstance(mark, Called) for other in mark.names]


def cure_of_option(op: type[Op], option: str) -> str:
    """What to do in place of an option that the op has in other tools, "" where nothing is known of it."""
    own = {name: cure for cls in reversed(op.__mro__) for name, cure in vars(cls).get("options_elsewhere", {}).items()}
    return next((cure for name, cure in {**ELSEWHERE, **own}.items() if _key(name) == _key(option)), "")


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
