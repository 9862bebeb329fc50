"""Unsaid: what sizes alone do not say of an op: which rows it takes, and what of its inputs no window reaches."""

from archspec.values.shape import Shape


class Unsaid:
    """The part of an op that says so. Nothing of it, unless a subclass knows more."""

    @property
    def stays(self) -> bool:
        """Whether it is there although no output needs it."""
        return False

    def within(self) -> str:
        """Where its module stands in the one that its class makes, "" for that one itself."""
        return ""

    def counts_to(self, xs: tuple[Shape, ...]) -> int | None:
        """One more than the largest whole number that it gives; None where neither sizes nor fields say so."""
        return None

    def unread(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> tuple[int, ...]:
        """How many elements at the end of each spatial dimension no window reaches, as a step does not come out even.

        Empty for what reads all, or slides no windows.
        """
        return ()

    def put_behind(self) -> tuple[int, ...]:
        """How many elements it puts behind each of the last dimensions, the last one first; empty for none."""
        return ()

    def rows(self, xs: tuple[Shape, ...]) -> tuple[str, int] | None:
        """The input that says which of some rows are taken, and how many there are; None where it takes none."""
        return None
