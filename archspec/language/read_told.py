"""`lint`: what an author tells `archspec lint` of what it stands in."""

from collections.abc import Mapping as MappingOf

from archspec.language.spec import NOTHING_TOLD, Named, Told
from archspec.language.written import entries
from archspec.language.yaml.document import Scalar, Sequence, Yaml


def read_told(parts: MappingOf[str, Yaml]) -> Told:
    """What the key `lint` says among these; nothing where it is not there."""
    if "lint" not in parts:
        return NOTHING_TOLD
    told = entries(parts["lint"])
    return Told(_names(told.get("ignore")), _names(told.get("logits")))


def _names(yaml: Yaml | None) -> tuple[Named, ...]:
    items = yaml.items if isinstance(yaml, Sequence) else ()
    return tuple(Named(item.text, item.span) for item in items if isinstance(item, Scalar))
