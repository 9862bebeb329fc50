"""Variables: sizes that a constructor has a variable for, so that what follows from them is not too long to say.

transition1_channels = (width + growth_rate * depths[0]) // 2
transition2_channels = (transition1_channels + growth_rate * depths[1]) // 2

Only a class of which some size is long has any.
"""

from archspec.code.followed import Followed, Sizes
from archspec.code.input_sizes import input_sizes
from archspec.code.naming import worded
from archspec.code.parts import Template
from archspec.code.settings import Settings, Settling, Variable
from archspec.graph.graph import Ref
from archspec.language.expression.symbolic import size
from archspec.language.names import unused
from archspec.values.expression import Conditional, Expr, Name, parts

LONG = 16  # nodes of a size from which its class has variables: the next layer's would soon be too long to follow
SHORT = 8  # nodes of a size that needs none


def with_variables(settling: Settling, template: Template, part: str, ref: Ref, sizes: Sizes) -> Sizes:
    """The sizes after a part, with variables for the channels or features that are long.

    Args:
        settling: the settings so far.
        template: the class.
        part: what is called so gives these sizes.
        ref: what has them in one use.
        sizes: how they are written.
    """
    own = settling.settings[template]
    long = {k: size(one.expr) for k, one in enumerate(sizes) if one.expr is not None and _is_long(own, one.expr)}
    shape = settling.network.shape(ref)
    if not long or len(sizes) != len(shape.dims):
        return sizes
    if template not in settling.lengthy:
        settling.long |= {template} if max(long.values()) > LONG else set()
        return sizes
    nouns = {one.axis: one.noun for one in input_sizes(0, (shape,), signal=ref.node in settling.signals)}
    return tuple(
        _said(own, len(template.uses), one, f"{worded(part)}_{nouns[k]}") if k in long and nouns[k] else one
        for k, one in enumerate(sizes)
    )


def _is_long(own: Settings, expr: Expr) -> bool:
    """Whether a size that a constructor can say is long; of one that hangs on a condition, some uses may say less."""
    return size(expr) > SHORT and own.said_alone(expr) and not _asks(expr)


def _asks(expr: Expr) -> bool:
    return isinstance(expr, Conditional) or any(map(_asks, parts(expr)))


def _said(own: Settings, uses: int, long: Followed, name: str) -> Followed:
    """The variable for a size, the same one for the same size; the size itself where a use has no value of it."""
    expr = long.expr
    known = next((called for called, one in own.variables.items() if one.expr == expr), None)
    if known is None and expr is not None:
        values = tuple(own.value(expr, use) for use in range(uses))
        if None in values:
            return long
        known = unused(f"in_{name}" if name[0].isdigit() else name, {*own.values, *own.extras, *own.variables})
        own.variables[known] = Variable(expr, values)
    return Followed(Name(known), long.names) if known is not None else long
