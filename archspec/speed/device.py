"""Device: what a machine does at most, from the table `devices.yaml` or a table of the user's own."""

from collections.abc import Mapping
from dataclasses import field
from functools import cache
from pathlib import Path

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.diagnostics.findings import Findings
from archspec.language.yaml.document import Mapping as Keys
from archspec.language.yaml.document import Scalar, Yaml
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import SUFFIXES, read
from archspec.registry import nearest
from archspec.values.dataclass import dataclass

TABLE = Path(__file__).with_name("devices.yaml")
ITEMSIZE: Mapping[str, int] = {"float64": 8, "float32": 4, "tf32": 4, "bfloat16": 2, "float16": 2}
_NUMBERS = {"bandwidth": "bytes a second", "overhead": "seconds an op"}
_KEYS = ("doc", "source", "bandwidth", "flops", "overhead")


@dataclass(frozen=True, slots=True)
class Device:
    """A machine.

    Attributes:
        name: as the user asks for it.
        doc: what it is.
        source: where its figures come from.
        bandwidth: of its memory, in bytes a second.
        flops: type of number -> floating-point operations a second; two for a multiply-add.
        overhead: seconds that each op takes whatever it does: what starts it.
    """

    name: str
    doc: str
    source: str
    bandwidth: float
    flops: Mapping[str, float]
    overhead: float = 0.0

    def __hash__(self) -> int:
        return hash((self.name, self.bandwidth))

    @property
    def widest(self) -> str:
        """The type of number that it computes in where none is asked for: float32 where it has that."""
        return "float32" if "float32" in self.flops else next(iter(self.flops))


@cache
def devices() -> Mapping[str, Device]:
    """Name -> device, of the table that comes with archspec."""
    return read_table(Source(TABLE.name, TABLE.read_text(encoding="utf-8")))


def find_device(name: str) -> Device:
    """The device that the user named: one of the table, or a file with one, `mine.yaml` or `mine.yaml:NAME`.

    Raises:
        SpecError: there is none of this name, or the file has a mistake.
    """
    path, _, chosen = name.rpartition(":") if not name.endswith(SUFFIXES) else (name, "", "")
    known = read_table(read(path)) if path.endswith(SUFFIXES) else devices()
    wanted = chosen if path else name
    if not wanted and len(known) == 1:
        return next(iter(known.values()))
    if wanted in known:
        return known[wanted]
    kinds = [device for device in known if wanted and device.startswith(wanted)]
    near = " or ".join(kinds) or nearest(wanted, known)
    help = f"did you mean {near}?" if near else f"there are {', '.join(known)}; or a YAML file with one of your own"
    line = Source("command line", f"--device {name}")
    span = Span(line, 1, 10, 1, 10 + len(name))
    message = f"there is no device {wanted}" if wanted else f"{path} has several devices: name the one meant"
    raise SpecError((Diagnostic("unknown-device", message, span, help=help),))


def read_table(source: Source) -> Mapping[str, Device]:
    """Name -> device, of a table. Raises SpecError with everything that is wrong with it."""
    findings = Findings()
    document = parse(source)
    if not isinstance(document, Keys):
        raise SpecError((_fault("a table of devices has a name for each", document),))
    made = {key.text: _device(key, value, findings) for key, value in document.entries}
    findings.stop()
    return {name: device for name, device in made.items() if device is not None}


@dataclass(slots=True)
class _Fields:
    """What is read of one device so far."""

    words: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    flops: dict[str, float] = field(default_factory=dict)


def _device(name: Scalar, value: Yaml, findings: Findings) -> Device | None:
    if not isinstance(value, Keys):
        findings.extend((_fault(f"{name.text} has keys: bandwidth and flops", value),))
        return None
    found = _Fields()
    for key, written in value.entries:
        if key.text not in _KEYS:
            findings.add_unknown_key(key.text, _KEYS, key.span)
        elif key.text == "flops":
            found.flops = _flops(written, findings)
        elif key.text in _NUMBERS:
            found.numbers[key.text] = _number(written, f"{key.text} is a number of {_NUMBERS[key.text]}", findings)
        elif isinstance(written, Scalar):
            found.words[key.text] = written.text
    for needed in ("bandwidth", "flops"):
        if needed not in {key.text for key, _ in value.entries}:
            findings.add("missing-key", f"{name.text} has no {needed}", name.span, help=_example(needed))
    words, numbers = found.words, found.numbers
    if findings.failed:
        return None
    doc, where = words.get("doc", name.text), words.get("source", "")
    return Device(name.text, doc, where, numbers["bandwidth"], found.flops, numbers.get("overhead", 0.0))


def _flops(written: Yaml, findings: Findings) -> dict[str, float]:
    if not isinstance(written, Keys) or not written.entries:
        findings.extend((_fault("flops has a number for each type: {float32: 19.5e12}", written),))
        return {}
    for key, _ in written.entries:
        if key.text not in ITEMSIZE:
            near = nearest(key.text, ITEMSIZE)
            help = f"did you mean {near}?" if near else f"the types are {', '.join(ITEMSIZE)}"
            findings.add("unknown-key", f"there is no type {key.text}", key.span, help=help)
    return {key.text: _number(value, f"{key.text} is a number of FLOP/s", findings) for key, value in written.entries}


def _number(written: Yaml, meant: str, findings: Findings) -> float:
    value = written.value if isinstance(written, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        findings.add("wrong-type", f"{meant}, such as 2.0e12", written.span)
        return 1.0
    return float(value)


def _fault(message: str, written: Yaml) -> Diagnostic:
    return Diagnostic("wrong-type", message, written.span)


def _example(needed: str) -> str:
    return {"bandwidth": "bandwidth: 2.0e12", "flops": "flops: {float32: 19.5e12, float16: 312e12}"}[needed]
