"""Code: the name of a kind of mistake, with its explanation.

Examples are fragments of a spec; what they leave out of `archspec`, `inputs` and `graph` is as in any small spec.
"""

from inspect import cleandoc
from textwrap import indent

from archspec.registry import Registry
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of mistake.

    Attributes:
        summary: one line, for lists.
        text: why it is a mistake and what to do, in a few sentences of Markdown.
        wrong: an example that has the mistake; "" where the mistake is not in the text of a spec.
        right: the same example without it.
    """

    summary: str
    text: str
    wrong: str = ""
    right: str = ""

    @property
    def explanation(self) -> str:
        """The text and the examples, as Markdown that reads well in a terminal too."""
        parts = [self.text]
        if self.wrong:
            parts += ["Wrong:", indent(self.wrong, "    "), "Right:", indent(self.right, "    ")]
        return "\n\n".join(parts)


CODES: Registry[Code] = Registry("diagnostic code")


def declare(name: str, summary: str, text: str, wrong: str = "", right: str = "") -> None:
    """Adds a code; the texts may be indented as the code around them."""
    CODES.add(name, Code(summary, cleandoc(text), cleandoc(wrong), cleandoc(right)))
