"""Which dimensions of torch's are which of archspec's."""

import pytest

from archspec.importer.layout import BATCH, Change, Layout, by_sizes, moved, viewed
from archspec.importer.refused import Refused

N = BATCH


def layout(*groups: int | tuple[int, ...]) -> Layout:
    return Layout(tuple(group if isinstance(group, tuple) else (group,) for group in groups))


@pytest.mark.parametrize(
    ("before", "shape", "after", "changes"),
    [
        (layout(N, 64, 7, 7), (2, 3136), layout(N, 3136), (Change(0, (64, 7, 7), (3136,)),)),
        (layout(N, 64, 1, 1), (2, 64), layout(N, 64), (Change(0, (64, 1, 1), (64,)),)),
        (layout(N, 49, 24), (2, 49, 3, 8), layout(N, 49, 3, 8), (Change(1, (24,), (3, 8)),)),
        (layout(N, 8, 8, 49, 3), (128, 49, 3), layout((N, 64), 49, 3), (Change(0, (8, 8), (64,)),)),
        (layout((N, 64), 49, 3), (2, 64, 49, 3), layout(N, 64, 49, 3), ()),
        (layout(5, N, 8), (10, 8), layout((5, N), 8), ()),
    ],
)
def test_a_view_changes_what_stands_around_the_batch(
    before: Layout, shape: tuple[int, ...], after: Layout, changes: tuple[Change, ...]
) -> None:
    other = tuple(size // 2 * 3 if has else size for size, has in zip(shape, _batched(after), strict=True))
    assert viewed(before, shape, other, 2) == (after, changes)


def _batched(layout: Layout) -> list[bool]:
    return [N in group for group in layout.groups]


def test_a_view_that_cuts_the_batch_is_refused() -> None:
    with pytest.raises(Refused, match="mixes the batch with another dimension"):
        viewed(layout(N, 6), (3, 4), (3, 6), 2)


def test_a_permute_of_the_batch_leaves_the_others_where_they_are() -> None:
    assert moved(layout(N, 5, 8), (1, 0, 2)) == (layout(5, N, 8), (0, 1, 2))
    assert moved(layout((N, 4), 5, 3, 2), (2, 0, 1, 3)) == (layout(3, (N, 4), 5, 2), (0, 3, 1, 2, 4))


def test_sizes_of_two_runs_tell_the_batch() -> None:
    assert by_sizes((3, 5, 2), (2, 5, 2), (3, 2)) == layout(N, 5, 2)
    with pytest.raises(Refused, match="does not grow with the batch"):
        by_sizes((3, 4), (2, 3), (3, 2))
