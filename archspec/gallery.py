"""The gallery: networks that are known by name, and what a name on the command line or under `use` stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.language.yaml.document import Mapping, Scalar
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import STDIN, read
from archspec.registry import nearest

SUFFIXES = (".yaml", ".yml")
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
    folder = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def gallery() -> tuple[Entry, ...]:
    """The gallery with its doc lines and variants; reads every file of it."""
    return tuple(_entries())


def resolve_spec(spec: str | PathLike[str]) -> Choice:
    """What the user named: a path, `-`, or a name of the gallery; each may end in `:variant`.

    Raises:
        SpecError: spec-not-found, unreadable-file and what else keeps a text from being read.
    """
    text = fspath(spec)
    if text == "-" or Path(text).exists():
        return Choice(read(text), "")
    stem, colon, variant = text.rpartition(":")
    if not colon:
        stem, variant = text, ""
    if stem == "-" or (colon and Path(stem).exists()):
        return Choice(read(stem), variant)
    known = names()
    if stem in known:
        return Choice(read(str(known[stem])), variant)
    raise SpecError((_not_found(stem, known),))


def resolve_use(name: str, user: Source) -> Source:
    """The text that a name under `use` of the spec `user` stands for: a path beside it, or a name of the gallery.

    Raises:
        LookupError: there is no such spec; the message and the cure are its arguments.
        SpecError: it cannot be read.
    """
    beside = Path(user.name).parent if user.name != STDIN else Path()
    path = beside / name
    if path.suffix in SUFFIXES and path.is_file():
        return read(str(path))
    known = names()
    if name in known:
        return read(str(known[name]))
    near = nearest(name, (*known, *(p.name for p in beside.glob("*.yaml"))))
    help = f"did you mean {near}?" if near else "name a file beside this one, or a network that `archspec list` shows"
    raise LookupError(f"there is no spec {name}", help)


def _not_found(name: str, known: dict[str, Path]) -> Diagnostic:
    span = Span(Source(name, ""), 1, 1, 1, 1)
    if Path(name).suffix in SUFFIXES or "/" in name:
        return Diagnostic("spec-not-found", f"there is no file {name}", span)
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
