"""Formula: an author's expression as papers print it, with a letter for the size of an input.

    x.channels         C            4 * x.channels     4C            x.channels // 4    C/4      width // 2    width/2
    a.channels         C(a)         where the block has several inputs
    expand * C         expand·C     4 * width          4·width

A letter that a param of the block has already is left to that.
"""

from collections.abc import Collection, Mapping

from archspec.language.expression.symbolic import Leaf, python, replaced
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Expr, Literal, Name

LETTERS: Mapping[str, str] = {"channels": "C", "features": "C", "height": "H", "width": "W"}


@dataclass(frozen=True, slots=True)
class Letters:
    """How the sizes of a block's inputs are called.

    Attributes:
        inputs: names of the block's inputs.
        taken: names that mean something else.
    """

    inputs: tuple[str, ...]
    taken: Collection[str] = ()

    def of(self, fact: str) -> str:
        """The name of one: `x.channels` is `C`; as written where it is none of an input, or has no letter."""
        port, _, size = fact.partition(".")
        letter = LETTERS.get(size, "")
        if not letter or port not in self.inputs or letter in self.taken:
            return fact
        return letter if len(self.inputs) == 1 else f"{letter}({port})"

    def printed(self, expression: Expr) -> str:
        """An expression in these letters, without spaces."""
        return _printed(replaced(expression, self._named) or expression).replace(" ", "")

    def _named(self, leaf: Leaf) -> Expr:
        if isinstance(leaf, Name):
            return leaf
        fact = f"{leaf.owner}.{leaf.name}"
        letter = self.of(fact)
        return Name(letter) if letter != fact else leaf


def _printed(expression: Expr) -> str:
    """A multiple of a letter is written side by side, a part of a name with one stroke."""
    match expression:
        case Binary("*", Literal(int() as factor), Name(name)) | Binary("*", Name(name), Literal(int() as factor)) if (
            _is_letter(name)
        ):
            return f"{factor}{name}"
        case Binary("*", Literal(int()) | Name() as left, Literal(int()) | Name() as right):
            return f"{python(left)}\N{MIDDLE DOT}{python(right)}"
        case Binary("//", Name(name), Literal(int() as part)):
            return f"{name}/{part}"
    return python(expression)


def _is_letter(name: str) -> bool:
    """Whether a name is one letter, of an input or not."""
    return len(name.partition("(")[0]) == 1
