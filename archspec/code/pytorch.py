"""PyTorch source from a Program: one file that depends on torch alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from sys import stdlib_module_names
from textwrap import wrap

from archspec.code.build import program
from archspec.code.checkpoint import with_checkpoints
from archspec.code.layout import INDENT, WIDTH, lay_out
from archspec.code.modules import constructor
from archspec.code.naming import ALWAYS, PLAIN, STANDARD, TORCH
from archspec.code.program import (
    Assign,
    Attribute,
    Class,
    Declare,
    Delete,
    Docstring,
    Function,
    Held,
    If,
    Import,
    Loop,
    Parameter,
    Program,
    Refuse,
    Result,
    Return,
    Run,
    Statement,
    Training,
    sources,
)
from archspec.code.resets import RESET
from archspec.graph.network import Network
from archspec.graph.rounds import graph_in_lists
from archspec.graph.walk import within
from archspec.values.expression import Call, Global, Literal, python_name
from archspec.values.printing import Bracket, Doc, Joined, doc, flat, text
from archspec.values.source import Invoke, Source, Tuple, invoke, walk

FIXED = "\xa0"  # a space of a docstring at which no line ends


def emit(network: Network, *, checkpoints: Sequence[str] = ()) -> str:
    """The network as PyTorch source, formatted, deterministic to the byte.

    `checkpoints` are ids of blocks whose values are computed again on the way back.
    """
    filled = (node.id for node in network.graph.nodes.values() if node.op.fills_saved)
    to_the_end = any(within(id, scope) for id in filled for scope in checkpoints)
    called = graph_in_lists(network.graph).called
    modules = [called[scope] for scope in checkpoints]
    return source(with_checkpoints(program(network), modules, to_the_end=to_the_end))


def source(made: Program) -> str:
    """A Program as the text of a Python file."""
    parts: list[list[str]] = [helper.source.strip("\n").splitlines() for helper in made.helpers]
    parts.extend(map(_result, made.results))
    parts.extend(_class(one, made.names) for one in made.classes)
    parts.extend(map(_function, made.functions))
    body = "\n\n\n".join("\n".join(part) for part in parts)
    exported = "\n".join(_exported(made))
    return f"{_imports(frozenset(_used(made)), made.imports)}{exported}\n\n\n{body}\n"


def _used(made: Program) -> Iterator[str]:
    """The modules and names that a file takes from elsewhere, `nn` and `Tensor` aside."""
    for result in made.results:
        yield "NamedTuple"
        yield from ["torch"] if _has_tensor(result) else []
    for helper in made.helpers:
        yield from helper.uses
    for one in made.classes:
        if any(isinstance(attribute, Attribute) and attribute.untyped for attribute in one.attributes):
            yield "Any"
        defaults = (parameter.default for parameter in one.parameters if parameter.default is not None)
        for expression in (*defaults, *sources((*_constructor(one, made.names), *one.resets, *one.forward))):
            for part in walk(expression):
                if isinstance(part, Global):
                    yield part.name.partition(".")[0]
                elif isinstance(part, Call):
                    yield python_name(part.function).partition(".")[0]


def _imports(used: frozenset[str], others: Sequence[Import]) -> str:
    named = {one: _named(one) for one in others}
    standard = {(one.module, called) for one, called in named.items() if one.module in stdlib_module_names}
    standard |= {(module, name) for name, module in STANDARD.items() if name in used}
    inside = {module: ", ".join(sorted(name for at, name in standard if at == module)) for module, _ in standard}
    plain = [
        *(line for name, line in PLAIN.items() if name in used),
        *(f"from {module} import {inside[module]}" for module in sorted(inside)),
    ]
    torch = [line for name, line in TORCH.items() if name in used]
    froms = {f"from {one.module} import {called}" for one, called in named.items() if one.module not in inside}
    return "\n".join([*plain, *([""] if plain else []), *torch, *sorted({*ALWAYS.values(), *froms})])


def _named(one: Import) -> str:
    return one.name if one.called == one.name else f"{one.name} as {one.called}"


def _result(result: Result) -> list[str]:
    lines = [f"class {result.name}(NamedTuple):", f'{INDENT}"""{result.doc}"""', ""]
    tensor = "torch.Tensor" if _has_tensor(result) else "Tensor"
    for name, train_only in result.fields:
        lines.append(f"{INDENT}{name}: {f'{tensor} | None' if train_only else tensor}")
    return lines


def _has_tensor(result: Result) -> bool:
    """Whether a field hides the type of all."""
    return any(name == "Tensor" for name, _ in result.fields)


# -- families
# ------------------------------------------------------------------------------------------------------------


def _exported(made: Program) -> list[str]:
    """`__all__` of a family: its networks and the functions that make them."""
    if not made.functions:
        return []
    networks = dict.fromkeys(text(function.made.target) for function in made.functions)
    names = [*networks, *(one.name for one in made.functions)]
    return ["", "", "__all__ = [", *(f'{INDENT}"{name}",' for name in names), "]"]


def _function(one: Function) -> list[str]:
    taken = Joined((Bracket("(", tuple(map(_parameter, one.parameters)), ")"),))
    made = Invoke(one.made.target, one.made.args, one.made.keywords)
    return [
        *lay_out(taken, 0, head=f"def {one.name}", tail=f" -> {text(one.made.target)}:"),
        *_docstring([one.doc]),
        *_statements((Assign((one.called,), made), *one.said, Return(one.called)) if one.said else (Return(made),), 1),
    ]


# -- classes
# -------------------------------------------------------------------------------------------------------------


def _class(one: Class, names: frozenset[str]) -> list[str]:
    lines = [f"class {one.name}({one.base}):", *_docstring(_paragraphs(one.doc), one.doc.args), ""]
    buffers = [
        f"{INDENT}{held.name}: Tensor"
        for held in one.attributes
        if isinstance(held, Held) and held.kind == "buffer" and not held.hidden
    ]
    lines += [*buffers, ""] if buffers else []
    constructed = _constructor(one, names)
    if constructed:
        lines += _definition("__init__", map(_parameter, one.parameters), "None")
        lines += _statements(constructed, 2)
        lines.append("")
    if one.resets:
        lines += [*_definition(RESET, (), "None"), *_statements(one.resets, 2), ""]
    if not one.forward:
        return lines[:-1] if constructed else lines
    taken = [*(f"{name}: Tensor" for name in one.inputs), *(f"{name}: {type}" for name, type in one.sizes)]
    lines += _definition("forward", taken, one.result)
    return [*lines, *_statements(one.forward, 2)]


def _constructor(one: Class, names: frozenset[str]) -> tuple[Statement, ...]:
    """The statements of `__init__`; none where the class needs none of its own."""
    if one.base == "nn.Module" and not (one.attributes or one.stored or one.parameters or one.inits or one.after):
        return ()
    return constructor(one, names)


def _definition(name: str, parameters: Iterable[Doc], result: str) -> list[str]:
    return lay_out(Joined((Bracket("(", ("self", *parameters), ")"),)), 1, head=f"def {name}", tail=f" -> {result}:")


def _parameter(parameter: Parameter) -> Doc:
    declared = f"{parameter.name}: {parameter.type}"
    return declared if parameter.default is None else Joined((f"{declared} = ", doc(parameter.default)))


def _paragraphs(doc: Docstring) -> list[str]:
    """What a docstring says before the arguments: the author's words, whose lines stay where they have paragraphs."""
    words = [" ".join(doc.words)] if all(doc.words) else ["\n".join(doc.words)]
    takes, gives = (", ".join(one.replace(" ", FIXED) for one in shapes) for shapes in (doc.takes, doc.gives))
    shapes = f"{takes} -> {gives}.".lstrip()
    quotes = 6 if not (doc.words or doc.args) else 3 if not doc.words else 0
    if len(INDENT) + len(shapes) + quotes > WIDTH:
        shapes = f"{takes}\n->{FIXED}{gives}."
    return [*(_ended(said) for said in words if said), shapes]


def _ended(said: str) -> str:
    """A sentence with its full stop, after which the quotes of a docstring may stand."""
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _docstring(paragraphs: Sequence[str], args: Sequence[tuple[str, str]] = ()) -> list[str]:
    """A docstring of these paragraphs, with a section on arguments."""
    said = [one.replace("\\", "\\\\").replace('"""', "'''") for one in paragraphs]
    if len(said) == 1 and not args and len(INDENT) + len(said[0]) + 6 <= WIDTH and "\n" not in said[0]:
        return [f'{INDENT}"""{said[0].replace(FIXED, " ")}"""']
    blocks = [_wrapped(one, 3 if not k else 0) for k, one in enumerate(said)]
    if len(said) == 1 and not args and len(blocks[0]) == 1:  # one line is too long with its quotes
        blocks = [_wrapped(said[0], 6)]
    if args:
        told = ((name, doc.replace("\\", "\\\\").replace('"""', "'''")) for name, doc in args)
        blocks.append(["Args:", *(line for name, doc in told for line in _argument(name, _ended(doc)))])
    first, *rest = [line for block in blocks for line in ("", *block)][1:]
    return [f'{INDENT}"""{first}', *(f"{INDENT}{line}".rstrip() for line in rest), f'{INDENT}"""']


def _wrapped(paragraph: str, taken: int) -> list[str]:
    width = WIDTH - len(INDENT) - taken
    return [line.replace(FIXED, " ") for part in paragraph.split("\n") for line in wrap(part, width) or [""]]


def _argument(name: str, doc: str) -> list[str]:
    return wrap(f"{name}: {doc}", WIDTH - 2 * len(INDENT), initial_indent=INDENT, subsequent_indent=INDENT * 2)


# -- statements
# ----------------------------------------------------------------------------------------------------------


def _statements(statements: Iterable[Statement], depth: int) -> list[str]:
    return [line for statement in statements for line in _statement(statement, depth)]


def _statement(statement: Statement, depth: int) -> list[str]:
    match statement:
        case Assign():
            return _assign(statement, depth)
        case Declare(name, type):
            return [f"{INDENT * depth}{name}: {type}"]
        case Run(value):
            return lay_out(doc(value), depth)
        case Refuse(message):
            return lay_out(doc(invoke("ValueError", Literal(message))), depth, head="raise ")
        case Delete(names):
            in_one = f"{INDENT * depth}del {', '.join(names)}"
            return (
                [in_one]
                if len(in_one) <= WIDTH
                else lay_out(Bracket("(", names, ")", display=True), depth, head="del ")
            )
        case Loop(variables, iterable, body, start):
            head = lay_out(doc(iterable), depth, head=f"for {', '.join(variables)} in ", tail=":")
            return [*_statements((start,) if start is not None else (), depth), *head, *_statements(body, depth + 1)]
        case Training(body):
            return [f"{INDENT * depth}if self.training:", *_statements(body, depth + 1)]
        case If():
            return _if(statement, depth)
        case Return(value):
            return lay_out(_of_statement(value, depth, "return "), depth, head="return ")


def _of_statement(value: Source, depth: int, head: str) -> Doc:
    """The value of a statement; a tuple without parentheses has some where it does not fit on the line."""
    made = doc(value)
    if isinstance(value, Tuple) and len(INDENT * depth) + len(head) + len(flat(made)) > WIDTH:
        return doc(replace(value, bare=False))
    return made


def _if(asked: If, depth: int, word: str = "if") -> list[str]:
    lines = [
        *_statements(asked.start, depth),
        *lay_out(doc(asked.condition), depth, head=f"{word} ", tail=":"),
        *_statements(asked.body, depth + 1),
    ]
    match asked.otherwise:
        case (If(start=()) as other,):
            return [*lines, *_if(other, depth, "elif")]
        case ():
            return lines
    return [*lines, f"{INDENT * depth}else:", *_statements(asked.otherwise, depth + 1)]


def _assign(assign: Assign, depth: int) -> list[str]:
    annotation = f": {assign.annotation}" if assign.annotation else ""
    head = f"{', '.join(map(text, assign.targets))}{annotation} {assign.operator} "
    value = doc(assign.value)
    comment = f"  # {assign.comment}" if assign.comment else ""
    if len(INDENT * depth) + len(head) + len(flat(value)) + len(comment) <= WIDTH:
        return [f"{INDENT * depth}{head}{flat(value)}{comment}"]
    return lay_out(_of_statement(assign.value, depth, head), depth, head=head)
