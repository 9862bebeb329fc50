"""Lines of a text, counted as YAML counts them, so that a span's line is an index into them."""

import re

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def split_lines(text: str) -> list[str]:
    """The lines of `text` without their breaks; a text that ends in a break has an empty last line. Linear."""
    return LINE_BREAK.split(text)
