"""Flow: which members stand in it, one below the other, and which beside it."""

from archspec.language.spec import Entry
from archspec.ops.op import OPS


def reads_nothing(entry: Entry) -> bool:
    """Whether an entry is an op without inputs, such as a parameter: it stands beside the flow, not in it."""
    cls = OPS.get(entry.op_name) if entry.kind == "op" and entry.op_name else None
    return cls is not None and not cls.input_names and not cls.variadic
