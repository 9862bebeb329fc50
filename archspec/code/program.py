"""Program: a network as classes with constructors and forward passes, before anything is printed.

Every expression is a value of `values/source.py`; layout, imports and line breaks belong to `pytorch.py`.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from archspec.ops.op import Helper
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Name
from archspec.values.source import Source, Tuple, local_names


@dataclass(frozen=True, slots=True)
class Construct:
    """`nn.Conv2d(in_channels, planes, 3, stride=stride)`.

    Attributes:
        target: what is called.
        args: what it is given by place.
        keywords: what it is given by name.
        around: the function around it, "" for none.
        part: the part of it that is taken, "" for all.
        called: the names of what is given by place.
        whole: everything that it could be given with its value, defaults that are not written included.
    """

    target: Source
    args: tuple[Source, ...]
    keywords: tuple[tuple[str, Source], ...]
    around: str = ""
    part: str = ""
    called: tuple[str, ...] = ()
    whole: tuple[tuple[str, Source], ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """`from module import name as called`."""

    module: str
    name: str
    called: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a container: a module, how often, and on what condition.

    Attributes:
        label: its name in the container; of a run, that of the first.
        times: how many there are, for a run of them; None for one.
        start: the number of the first of a run.
        indexed: the modules of a run differ in what follows from `i`, their number.
        condition: when it is there; None for always.
        dropped: where the condition does not hold, the following entries move up; else `nn.Identity()` takes the place.
        unpacked: the layers of the module stand there, and not the module.
        even: the lists that have an item for each module of a run.
        over: what the run goes through in place of the numbers; None for these.
        variables: of that, as they stand in the loop.
    """

    label: str
    module: "Module"
    times: Expr | None = None
    condition: Source | None = None
    start: int = 0
    indexed: bool = False
    dropped: bool = False
    unpacked: bool = False
    even: frozenset[str] = frozenset()
    over: Source | None = None
    variables: str = "i"


@dataclass(frozen=True, slots=True)
class Container:
    """`nn.Sequential`, `nn.ModuleList` or `nn.ModuleDict` of entries; `numbered` where the labels are 0, 1, 2, ..."""

    target: str
    entries: tuple[Entry, ...]
    numbered: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """`Conv(3, 8) if stride == 2 else Pool()`: the first whose test holds; `nn.Identity()` where none does.

    Attributes:
        options: tests and modules; the test of the last is None where it is there if no other is.
    """

    options: tuple[tuple[Source | None, "Module"], ...]


Module: TypeAlias = Construct | Container | OneOf


@dataclass(frozen=True, slots=True)
class Attribute:
    """`self.name = module`; with a condition, `nn.Identity()` where it does not hold.

    `added` says `self.add_module("row-4", module)`, of a name that is no attribute.
    `untyped` says `self.name: Any`: a list of lists, of which torch's stubs know no more than that it holds modules.
    """

    name: str
    module: Module
    condition: Source | None = None
    untyped: bool = False
    added: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """`self.name = nn.Parameter(tensor)`, or `self.register_buffer("name", tensor)`; `fill` is what fills it."""

    name: str
    tensor: Source
    fill: Source
    kind: Literal["parameter", "buffer"]
    persistent: bool = True
    hidden: bool = False  # is no attribute that could be declared: `self.get_buffer("0")`


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constructor parameter.

    Attributes:
        name: what the class calls it.
        type: an annotation as people write it.
        default: None where it has none.
        told: what it is in the template: a declared param by its name, or a size or setting of its own.
    """

    name: str
    type: str
    default: Source | None
    told: str


@dataclass(frozen=True, slots=True)
class Assign:
    """`targets = value  # comment`; `operator` is "=" or an augmented one."""

    targets: tuple[Source, ...]
    value: Source
    operator: str = "="
    annotation: str = ""
    comment: str = ""


def names_set(assign: Assign) -> Iterator[str]:
    """The variables that an assignment sets, those in a tuple among its targets included."""
    pending = list(assign.targets)
    while pending:
        match pending.pop(0):
            case Name(name):
                yield name
            case Tuple(items):
                pending = [*items, *pending]


@dataclass(frozen=True, slots=True)
class Declare:
    """`name: type`, for a variable that is first set among others."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Run:
    """`value`, for what it does: `super().__init__()`."""

    value: Source


@dataclass(frozen=True, slots=True)
class Delete:
    """`del names`: their tensors are not needed any more."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`for variables in iterable: body`, after the assignment `start` where there is one."""

    variables: tuple[str, ...]
    iterable: Source
    body: "tuple[Statement, ...]"
    start: Assign | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """`if self.training: body`."""

    body: "tuple[Statement, ...]"


@dataclass(frozen=True, slots=True)
class If:
    """`if condition: body`, after the assignments `start` of what is there either way; `else:` what is `otherwise`."""

    condition: Source
    body: "tuple[Statement, ...]"
    start: tuple[Assign, ...] = ()
    otherwise: "tuple[Statement, ...]" = ()


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Source


@dataclass(frozen=True, slots=True)
class Refuse:
    """`raise ValueError(message)`."""

    message: str


Statement: TypeAlias = Assign | Declare | Run | Delete | Loop | Training | If | Return | Refuse


def sources(statements: Iterable[Statement]) -> Iterator[Source]:
    """Every expression in statements, those that are assigned to included."""
    for statement in statements:
        match statement:
            case Assign(targets, value):
                yield from (*targets, value)
            case Run(value) | Return(value):
                yield value
            case Loop(_, iterable, body, start):
                yield iterable
                yield from sources((*body, start) if start is not None else body)
            case Training(body):
                yield from sources(body)
            case If(condition, body, given, otherwise):
                yield condition
                yield from sources((*given, *body, *otherwise))


def join_tests(statements: list[Statement]) -> None:
    """Makes the last two statements one `if` where both ask the same."""
    match statements[-2:]:
        case [If(condition, body, start, ()), If(other, more, later, ())] if condition == other:
            given = {name for one in body if isinstance(one, Assign) for name in names_set(one)}
            if given.isdisjoint(local_names(tuple(sources(later)))):
                statements[-2:] = [If(condition, (*body, *more), (*start, *later))]


@dataclass(frozen=True, slots=True)
class Docstring:
    """What the docstring of a class says.

    Attributes:
        words: its author's doc, line by line.
        takes: the shapes of its inputs: `(N, in_channels, H, W)`, or `x (N, in_channels, H, W)` of several.
        gives: those of its outputs.
        args: parameter of the constructor -> the author's words for it.
    """

    words: tuple[str, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    args: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Class:
    """One emitted class.

    Attributes:
        base: "nn.Module"; "nn.Sequential" for a chain of numbered members; "nn.ModuleList" or "nn.ModuleDict" for
            numbered members that are no chain.
        entries: what any other base than `nn.Module` is given.
        inputs: the tensors that `forward` takes.
        sizes: what it takes after them, numbers that only a run knows: name and type.
        forward: its statements; empty where the base's own forward does.
        result: annotation of what forward returns.
        stored: plain attributes, name and value, that forward needs.
        inits: what fills the tensors of its modules, when all are there.
        after: what it does then: freezes, or binds what computes again.
        ties: tensors of its modules that are one, set last.
        lets: values that the constructor has a variable for where it needs them more than once.
        variables: sizes that it has a variable for, each after those that it reads.
        resets: what fills tensors in a method that the constructor calls, those of its own and in place of `inits`.
        required: what the constructor asks of its arguments before all else.
    """

    name: str
    doc: Docstring
    base: str
    parameters: tuple[Parameter, ...]
    attributes: tuple[Attribute | Held, ...]
    entries: tuple[Entry, ...]
    inputs: tuple[str, ...]
    sizes: tuple[tuple[str, str], ...]
    forward: tuple[Statement, ...]
    result: str
    stored: tuple[tuple[str, Source], ...] = ()
    inits: tuple[Statement, ...] = ()
    ties: tuple[Assign, ...] = ()
    lets: tuple[tuple[str, Expr], ...] = ()
    variables: tuple[tuple[str, Source], ...] = ()
    resets: tuple[Statement, ...] = ()
    after: tuple[Statement, ...] = ()
    required: tuple[If, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The named tuple that a network of several outputs returns: field -> present only in training."""

    name: str
    doc: str
    fields: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Function:
    """`def resnet50(classes: int = 1000) -> ResNet: return ResNet(...)`.

    What its class does not say of a member stands in `said`, which calls it `called`.
    """

    name: str
    doc: str
    parameters: tuple[Parameter, ...]
    made: Construct
    called: Name
    said: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A whole network as code, or a family of them.

    Attributes:
        name: of the network, or of the family.
        doc: its note.
        helpers: functions and classes of ops.
        results: named tuples that networks return.
        classes: each after those it uses; the last is the network.
        functions: of a family, one for each member.
        imports: from packages that are not torch.
        names: all names that the file has: imports, Python's own, helpers, classes. No variable hides one of them.
    """

    name: str
    doc: tuple[str, ...]
    helpers: tuple[Helper, ...]
    results: tuple[Result, ...]
    classes: tuple[Class, ...]
    functions: tuple[Function, ...]
    imports: tuple[Import, ...]
    names: frozenset[str]
