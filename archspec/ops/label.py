"""Label: what an op says of itself in a picture or a table, as a value. Whoever shows it puts it into words.

    3×3 conv, 64, /2           before: 3×3      title: conv       parts: 64, /2
    3×3 max pool, /2           before: 3×3      title: max pool   parts: /2             aside
    avg pool to 7×7            behind: to 7×7   title: avg pool                         aside
    upsample ×2, nearest       behind: ×2       title: upsample   parts: nearest        aside

`before`, `behind` and `parts` are `Part`s. A part is found by its noun, whatever it says in one op or another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a label says besides the title.

    Attributes:
        field: the op's field that it tells.
        value: as it is printed: `2`, `3×3`.
        noun: what the value is, `stride`. No two parts of a label have one noun. What is made of "channels", a picture
            also says elsewhere.
        sign: right before the value: `/2`, `×2`.
        word: before the value: `to 7×7`.
        unit: behind the value: `32 groups`.
        unsaid: what a label that leaves it out stands for; "" where that is no value.
        instead: words that take the place of the value and all around it: `global`.
        rank: how many dimensions one number says it of: `3×3` is a 3 in two.
    """

    field: str
    value: str
    noun: str
    sign: str = ""
    word: str = ""
    unit: str = ""
    unsaid: str = ""
    instead: str = ""
    rank: int = 1

    def __str__(self) -> str:
        return self.instead or self._around(self.value)

    @property
    def told(self) -> str:
        """What it tells, without the words around it: `2`, `3×3`, `global`."""
        return self.instead or self.value

    def symbol(self, name: str) -> "Part":
        """The part with a name in place of its value: `/s`, `to bins`, `g groups`, `kernel k`.

        A name that says what it is stands by itself: `groups`, and `k` of a kernel that is written `k=3`.
        """
        if self.sign:
            return replace(self, instead=name if self.sign == f"{name}=" else self._around(name))
        if self.is_channels or name in (self.noun, self.word, self.unit):
            return replace(self, instead=name)
        return replace(self, instead=self._around(name) if self.word or self.unit else f"{self.noun} {name}")

    def crossed(self, name: str) -> "Part":
        """The part with a name in place of its number in each dimension: `k×k`, `k=kernel`."""
        return replace(self, instead=self._around(times(name, self.rank)))

    def named(self, node: str) -> str:
        """What the value is called by its node: `conv1 stride`; of channels `conv1`."""
        return node if self.is_channels else f"{node} {self.noun}"

    @property
    def is_channels(self) -> bool:
        """Whether it tells the channels or the features of the output."""
        return self.noun == "channels"

    def _around(self, value: str) -> str:
        return " ".join(filter(None, (self.word, self.sign + value, self.unit)))


@dataclass(frozen=True, slots=True)
class Label:
    """What an op says of itself. Printed, it is one line.

    Attributes:
        title: its name in a few words.
        parts: what follows the title, in order.
        before: the part in front of the title.
        behind: the part right behind the title.
        aside: a box says `before` and `behind` below the title, as the first of the parts.
        implied: the colour of the op's role says the title too, so that a picture may say `before` without it.
        short: what stands for the title where there is little room: `BN`; "" for the title itself.
    """

    title: str
    parts: tuple[Part, ...] = ()
    before: Part | None = None
    behind: Part | None = None
    aside: bool = False
    implied: bool = False
    short: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.heading, self.detail)))

    def __iter__(self) -> Iterator[Part]:
        """All parts in the order in which a line says them."""
        yield from (part for part in (self.before, self.behind, *self.parts) if part is not None)

    @property
    def heading(self) -> str:
        """The title with what stands right before and behind it: `3×3 conv`, `avg pool to 7×7`."""
        return " ".join(filter(None, (str(self.before or ""), self.title, str(self.behind or ""))))

    @property
    def detail(self) -> str:
        """What follows the title: `64, /2`."""
        return ", ".join(map(str, self.parts))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of a box below its first: what follows the title, if anything does."""
        return (self.detail,) if self.parts else ()

    def boxed(self) -> "Label":
        """The label as a box says it: sizes that are told `aside` are the first of its parts."""
        return Label(self.title, tuple(self), short=self.short) if self.aside else self

    def without_parts(self) -> "Label":
        """What it says before the parts."""
        return replace(self, parts=())


# -- parts that several ops have --------------------------------------------------------------------------------------


def crossed(numbers: Iterable[object]) -> str:
    """Numbers with multiplication signs between them: `(1, 7) -> "1×7"`."""
    return "×".join(map(str, numbers))


def times(value: int | str | tuple[int, ...], rank: int) -> str:
    """A size in all its dimensions: `3 -> "3×3"`."""
    return crossed(value if isinstance(value, tuple) else (value,) * rank)


def kernel_part(value: int | tuple[int, ...], rank: int) -> Part:
    """The size of a kernel or a window: `3×3`; in one dimension `k=3`, since a number could be anything."""
    return Part("kernel_size", times(value, rank), "kernel", sign="k=" if rank == 1 else "", rank=rank)


def channels_part(field: str, value: int) -> Part:
    """The channels or the features of the output: `64`."""
    return Part(field, str(value), "channels")


def stride_parts(value: int | tuple[int, ...], *, field: str = "stride", sign: str = "/") -> tuple[Part, ...]:
    """A stride: `/2`; nothing for a stride of 1."""
    numbers = value if isinstance(value, tuple) else (value,)
    if set(numbers) == {1}:
        return ()
    return (Part(field, crossed(_once(numbers)), "stride", sign=sign, unsaid="1"),)


def factor_part(field: str, value: float | tuple[float, ...], noun: str = "factor", *, sign: str = "×") -> Part:
    """By how much the size grows or shrinks: `×2`."""
    numbers = value if isinstance(value, tuple) else (value,)
    return Part(field, crossed(f"{number:g}" for number in numbers), noun, sign=sign)


def groups_parts(value: int) -> tuple[Part, ...]:
    """Groups of channels: `32 groups`; nothing for one."""
    return (Part("groups", str(value), "groups", unit="groups", unsaid="1"),) if value > 1 else ()


def _once(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return numbers if len(set(numbers)) > 1 else numbers[:1]
