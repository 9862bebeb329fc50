"""Opaque members: modules of which only sizes and costs are said, where no op says what they do."""

from archspec.importer.recording import Scope
from archspec.importer.refused import Refused
from archspec.importer.site import Values
from archspec.importer.tree import Member


def no_opaque(scope: Scope, refused: Refused, _values: Values) -> Member:
    """None: what cannot be said is refused."""
    raise Refused(refused.reason, refused.path or scope.path, refused.place)
