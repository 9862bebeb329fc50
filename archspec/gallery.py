"""The gallery: networks that are known by name, and what a name on the command line or under `use` stands for."""

import os
from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.language.permit import OutsideFolder
from archspec.language.yaml.document import Mapping, Scalar
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import STDIN, SUFFIXES, TEXT, read
from archspec.registry import nearest
from archspec.values.dataclass import dataclass

_INSTALLED = Path(__file__).parent / "specs"
_CHECKOUT = Path(__file__).parent.parent / "specs"


@dataclass(frozen=True, slots=True)
class Choice:
    """A spec and the variant of it that was named, "" for none."""

    source: Source
    variant: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A network of the gallery."""

    name: str
    path: Path
    doc: str
    variants: tuple[str, ...]


def names() -> dict[str, Path]:
    """The names of the gallery and where each stands."""
    return {path.stem: path for path in sorted(_gallery().glob("*.yaml"))}


def _gallery() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def gallery() -> tuple[Entry, ...]:
    """The gallery with its doc lines and variants; reads every file of it."""
    return tuple(_entries())


def resolve_spec(spec: str | PathLike[str]) -> Choice:
    """What the user named: a path, `-`, or a name of the gallery; each may end in `:variant`.

    Raises:
        SpecError: spec-not-found, unreadable-file and what else keeps a text from being read.
    """
    text = fspath(spec)
    if text == "-" or os.path.lexists(text):
        return Choice(read(text), "")
    stem, colon, variant = text.rpartition(":")
    if not colon:
        stem, variant = text, ""
    if stem == "-" or (colon and os.path.lexists(stem)):
        return Choice(read(stem), variant)
    known = names()
    if stem in known:
        return Choice(read(str(known[stem])), variant)
    raise SpecError((_not_found(stem, known),))


def with_block(text: str) -> tuple[str, str]:
    """A spec as the user named it, and what stands behind it after a slash: `resnet:resnet50/layer1/0`, "" for nothing.

    The longest beginning that names a spec is one; where none does, all of it is.
    """
    parts = text.split("/")
    for count in range(len(parts), 0, -1):
        spec = "/".join(parts[:count])
        if _names_spec(spec):
            return spec, "/".join(parts[count:])
    return text, ""


def _names_spec(text: str) -> bool:
    stem, _, variant = text.rpartition(":")
    named = (text, stem) if stem and "/" not in variant else (text,)
    return any(each == "-" or _is_file(Path(each)) or each in names() for each in named)


@dataclass(frozen=True, slots=True)
class Uses:
    """What the names under `use` of a spec stand for, and of the specs that it uses.

    Attributes:
        top: the spec that the user named. What stands in its folder may be used.
        allowed: files and folders that may be used besides.
    """

    top: Source
    allowed: tuple[str, ...] = ()

    def resolve(self, name: str, user: Source) -> Source:
        """The text of `name` under `use` of the spec `user`: a path beside it, or a name of the gallery.

        Raises:
            OutsideFolder: the path leaves the folder of the spec, symbolic links resolved.
            LookupError: there is no such spec; the message and the cure are its arguments.
            SpecError: it cannot be read.
        """
        beside = _folder(user)
        path = beside / name
        if path.suffix in SUFFIXES:
            if not self.reaches(path):
                real = str(Path(os.path.realpath(path)).parent)
                folder = min(real, os.path.relpath(real), key=len)
                help = f"copy it into the folder of the spec, or allow its own: --allow-path {folder}"
                raise OutsideFolder(f"{name} lies outside of the folder of the spec", help)
            if _is_file(path):
                return read(str(path))
        known = names()
        if name in known:
            return read(str(known[name]))
        near = _near_in(beside, name) or nearest(Path(name).stem, known)
        help = (
            f"did you mean {near}?" if near else "name a file beside this one, or a network that `archspec list` shows"
        )
        raise LookupError(f"there is no spec {name}", help)

    def reaches(self, path: Path) -> bool:
        """Whether `path`, symbolic links resolved, stands in a folder that may be used, or may be used itself."""
        real = Path(os.path.realpath(path))
        roots = (_folder(self.top), _gallery(), *map(Path, self.allowed))
        return any(real.is_relative_to(os.path.realpath(root)) for root in roots)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its name is too long, or a folder on its way is closed
        return False


def _near_in(folder: Path, name: str) -> str:
    """The file of specs in a folder that is called most alike, whatever its ending; "" where none is."""
    try:
        files = {path.stem: path.name for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}
    except OSError:
        return ""
    return files.get(nearest(Path(name).stem, files) or "", "")


def _folder(source: Source) -> Path:
    """The folder that a spec stands in; for one without a file, that of the command."""
    return Path(source.name).parent if source.name not in (STDIN, TEXT) else Path()


def _not_found(name: str, known: dict[str, Path]) -> Diagnostic:
    span = Span(Source(name, ""), 1, 1, 1, 1)
    if Path(name).suffix in SUFFIXES or "/" in name:
        beside = _near_in(Path(name).parent, name)
        help = f"did you mean {Path(name).with_name(beside)}?" if beside else ""
        return Diagnostic("spec-not-found", f"there is no file {name}", span, help=help)
    near = nearest(name, known)
    help = f"did you mean {near}?" if near else f"the gallery has {', '.join(known)}"
    return Diagnostic("spec-not-found", f"there is no spec {name}, neither a file nor in the gallery", span, help=help)


def _entries() -> Iterator[Entry]:
    for name, path in names().items():
        document = parse(read(str(path)))
        parts = {key.text: value for key, value in document.entries} if isinstance(document, Mapping) else {}
        doc, variants = parts.get("doc"), parts.get("variants")
        yield Entry(
            name=name,
            path=path,
            doc=doc.text if isinstance(doc, Scalar) else "",
            variants=tuple(key.text for key, _ in variants.entries) if isinstance(variants, Mapping) else (),
        )
