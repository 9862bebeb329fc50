"""Byte sizes on the command line: `8GB` are 8 * 10^9 bytes, `8GiB` 8 * 2^30."""

import re

import click

_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_BINARY = {"ki": 1024, "mi": 1024**2, "gi": 1024**3, "ti": 1024**4}


class ByteSize(click.ParamType):  # type: ignore[type-arg]  # generic in new versions of click only
    """A number of bytes: `8GB`, `512MiB`, `1.5G`."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes. Fails where it is no size, or none at all."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?", str(value).strip().lower())
        size = int(float(found[1]) * (_UNITS | _BINARY)[found[2] or ""]) if found else 0
        if not size:
            self.fail(f"'{value}' is not a size such as 8GB or 512MiB", param, ctx)
        return size
