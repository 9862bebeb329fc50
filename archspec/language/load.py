"""Load: a source and everything that it uses -> Spec. A used spec is read once per path, however often it is used."""

from collections.abc import Callable

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.diagnostics.findings import Findings
from archspec.language.check.validate import validate
from archspec.language.foreign import foreign
from archspec.language.permit import OutsideFolder
from archspec.language.read import read_spec
from archspec.language.spec import Spec
from archspec.language.used_block import used_block
from archspec.language.yaml.document import Scalar
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import holds_spec, may_be_shown

Resolve = Callable[[str, Source], Source]

MAX_CHAIN = 32

_NO_SPEC = "is no spec: none of its lines starts with `archspec:`"
_CURE = "a spec says the version of its language: archspec: 1"


def load_spec(source: Source, resolve: Resolve) -> tuple[Spec, Findings]:
    """The Spec in `source`, and the warnings about it.

    Args:
        source: the text.
        resolve: gives the text that a name under `use` stands for, seen from the source that uses it.

    Raises:
        SpecError: with everything that is wrong with it and with the specs that it uses.
    """
    if not holds_spec(source.text) and (other := foreign(source)) is not None:
        span = Span(Source(source.name, ""), 1, 1, 1, 1)
        message = f"{source.name} is {other.what}, and no spec"
        raise SpecError((Diagnostic("not-a-spec", message, span, help=other.cure),))
    if not may_be_shown(source):
        span = Span(Source(source.name, ""), 1, 1, 1, 1)
        raise SpecError((Diagnostic("not-a-spec", f"{source.name} {_NO_SPEC}", span, help=_CURE),))
    loader = _Loader(resolve)
    spec = loader.load(source)
    loader.findings.stop()
    if spec is None:
        raise AssertionError("a spec without a fault was not read: this is a bug in archspec")
    validate(spec, loader.findings)
    loader.findings.stop()
    return spec, loader.findings


class _Loader:
    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self.findings = Findings()
        self.loaded: dict[str, Spec | None] = {}
        self.blocks: dict[tuple[str, str], Spec | None] = {}
        self.chain: list[str] = []

    def load(self, source: Source) -> Spec | None:
        """The spec in `source`, None where it is at fault. Recursive over the chain of uses, which is bounded."""
        if source.name in self.loaded:
            return self.loaded[source.name]
        self.chain.append(source.name)
        try:
            document = parse(source)
            spec = read_spec(document, source, lambda value: self.use(value, source), self.findings)
        except SpecError as error:
            self.findings.extend(error.diagnostics)
            spec = None
        self.chain.pop()
        self.loaded[source.name] = spec
        return spec

    def use(self, value: Scalar, user: Source) -> Spec | None:
        """The spec, or the block of one, that `value`, written under `use`, names."""
        where, sharp, block = value.text.partition("#")
        if sharp and not (where and block):
            help = "a block of another spec is written resnet#bottleneck"
            self.findings.add("spec-not-found", f"{value.text} names no block of a spec", value.span, help=help)
            return None
        try:
            source = self.resolve(where, user)
        except LookupError as fault:
            code = "use-outside-folder" if isinstance(fault, OutsideFolder) else "spec-not-found"
            help = str(fault.args[1]) if len(fault.args) > 1 else ""
            self.findings.add(code, str(fault.args[0]), value.span, help=help)
            return None
        except SpecError as error:
            self.findings.add(error.diagnostics[0].code, error.diagnostics[0].message, value.span)
            return None
        if not holds_spec(source.text):
            self.findings.add("not-a-spec", f"{where} {_NO_SPEC}", value.span, help=_CURE)
            return None
        if source.name in self.chain:
            chain = " uses ".join([*self.chain[self.chain.index(source.name) :], source.name])
            self.findings.add("recursive-use", f"a spec uses itself: {chain}", value.span)
            return None
        if len(self.chain) >= MAX_CHAIN:
            self.findings.add("recursive-use", f"specs use each other more than {MAX_CHAIN} deep", value.span)
            return None
        spec = self.load(source)
        if spec is None or not block:
            return spec
        if (source.name, block) not in self.blocks:
            self.blocks[source.name, block] = used_block(spec, block, value.span, self.findings)
        return self.blocks[source.name, block]
