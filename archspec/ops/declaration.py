"""Declaration: what the class of an op gets wrong, which would give a wrong program."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.ops.op import Helper, Op


def faults_of(cls: "type[Op]", base: "type[Op]") -> Iterator[str]:
    """What a declaration gets wrong, as far as the class shows it; `base` is Op, which it extends."""
    if not cls.name:
        yield 'has no name: set `name: ClassVar[str] = "..."`'
    if cls.port_names[:1] != ("",):
        yield f'names its first output: put "" first in `port_names`, which now is {cls.port_names}'
    # Its call would print as `(x)`, which gives the input back.
    if cls.written and not (cls.module or cls.function or cls.holds or cls.expression is not base.expression):
        yield "has no PyTorch form: set `module`, `function` or `holds`, or override `expression`"
    if cls.module and not cls.module.startswith("nn."):
        helpers = _helpers(cls, base)
        if helpers is not None and cls.module not in {helper.name for helper in helpers}:
            yield f"is called as {cls.module}, which torch does not have: return its Helper from `helpers`"


def _helpers(cls: "type[Op]", base: "type[Op]") -> "tuple[Helper, ...] | None":
    """What `helpers` gives for any op of the class; None where only an op with its fields could say."""
    if cls.helpers is base.helpers:
        return ()
    if any(field.is_required() for field in cls.model_fields.values()):
        return None
    return cls.model_construct().helpers()
