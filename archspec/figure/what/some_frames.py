"""Some frames: those of a panel that are drawn, where others are not."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from archspec.figure.diagram import Group


def only(groups: Sequence[Group], kept: Collection[str]) -> tuple[Group, ...]:
    """Some of the frames of a panel, each in the nearest one around it that is among them."""
    parents = {group.id: group.parent for group in groups}

    def parent(name: str) -> str:
        while name and name not in kept:
            name = parents[name]
        return name

    return tuple(replace(group, parent=parent(group.parent)) for group in groups if group.id in kept)
