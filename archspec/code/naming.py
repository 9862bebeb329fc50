"""Names: from what a spec calls a thing to what code calls it."""

import keyword
import re
from collections.abc import Container


def unused(name: str, taken: Container[str]) -> str:
    """`name`, with as many underscores behind it as make it one of its own."""
    while name in taken:
        name = f"{name}_"
    return name


def class_name(name: str, taken: set[str]) -> str:
    """`name` as a class name not yet in `taken`, to which it is added: `basic_block` -> BasicBlock, `U-Net` -> UNet."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word]
    camel = "".join(word[0].upper() + word[1:] for word in words) or "Block"
    if camel[0].isdigit() or keyword.iskeyword(camel):
        camel = f"Block{camel}"
    made, count = camel, 1
    while made in taken:
        count += 1
        made = f"{camel}{count}"
    taken.add(made)
    return made
