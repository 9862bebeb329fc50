"""Files: output takes its place whole, so that nothing half-written is found there, and replaces nothing by mistake."""

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path


class Refused(ValueError):
    """A file that is left as it is; the message says why."""


def put(path: Path, data: bytes, *, kept: Iterable[str | int] = ()) -> None:
    """Writes `path` whole or not at all, with the permissions of the file that it replaces.

    A path that is there and is no regular file (`/dev/stdout`, a pipe) is written to directly.

    Args:
        path: the file; a symbolic link leads to it.
        data: all of it.
        kept: files that were read to make it, by path or descriptor: not to be replaced under any of their names.

    Raises:
        Refused: the file is read-only, or one of `kept`.
        OSError: it cannot be written.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        _replace(path.resolve(), data, _usual_mode())
        return
    if not stat.S_ISREG(found.st_mode):
        path.write_bytes(data)
        return
    if any(os.path.samestat(found, other) for other in _stats(kept)):
        raise Refused("it was read to make this; name another file")
    if not found.st_mode & 0o222 or not os.access(path, os.W_OK):  # whoever may do everything may write it, too
        raise Refused("it is read-only")
    _replace(path.resolve(), data, found.st_mode & 0o777)


def _replace(path: Path, data: bytes, mode: int) -> None:
    handle, beside = tempfile.mkstemp(prefix=".archspec-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _stats(paths: Iterable[str | int]) -> Iterable[os.stat_result]:
    """What tells these files from others; those that are gone are left out."""
    for path in paths:
        try:
            yield os.stat(path)  # noqa: PTH116  a descriptor has a number and no path
        except OSError:
            continue


def _usual_mode() -> int:
    """The permissions that any new file gets."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
