"""Files and functions stay short enough to be read in one go.

A file has fewer than 400 lines. A function has fewer than 40, its docstring left out. A function that is a table may be
longer: apart from the docstring it is one `return` of a literal, or one `match` whose every case is one line.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("archspec", "docs", "tests")
FILE = 400
FUNCTION = 40

# Over the limit, by qualified name. What is no longer over it, or no longer there, leaves the list.
OUTGROWN_FUNCTIONS: set[str] = set()

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*suffixes: str) -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in suffixes]


def functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, Function]]:
    """Every function by its qualified name: `name`, `Class.name` or `outer.name`."""
    for node in ast.iter_child_nodes(tree):
        name = owner
        if isinstance(node, Function | ast.ClassDef):
            name = f"{owner}.{node.name}".lstrip(".")
        if isinstance(node, Function):
            yield name, node
        yield from functions(node, name)


def statements(function: Function) -> list[ast.stmt]:
    return function.body if ast.get_docstring(function) is None else function.body[1:]


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def length(function: Function) -> int:
    """Lines from `def` on, without the docstring."""
    return lines_of(function) - sum(lines_of(node) for node in function.body if node not in statements(function))


def is_table(function: Function) -> bool:
    match statements(function):
        case [ast.Return(value=ast.Dict() | ast.List() | ast.Set() | ast.Tuple() | ast.Constant())]:
            return True
        case [ast.Match(cases=cases)]:
            return all(len(case.body) == 1 and lines_of(case.body[0]) == 1 for case in cases)
    return False


def test_files_are_short() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in files(".py", ".js")
        if len(path.read_text(encoding="utf-8").splitlines()) >= FILE
    }
    assert sorted(long) == []


def test_functions_are_short() -> None:
    found = [
        (name, f"{path.relative_to(ROOT)}:{function.lineno}: {name} has {length(function)} lines")
        for path in files(".py")
        for name, function in functions(ast.parse(path.read_text(encoding="utf-8")))
        if length(function) >= FUNCTION and not is_table(function)
    ]
    assert [said for name, said in found if name not in OUTGROWN_FUNCTIONS] == []
    assert sorted(OUTGROWN_FUNCTIONS - {name for name, _ in found}) == [], "no longer outgrown: take them off the list"


def function(body: str) -> Function:
    [(_, found)] = functions(ast.parse(f"def f(x):\n{body}"))
    return found


def test_a_docstring_is_not_counted() -> None:
    assert length(function('    """Says.\n\n    More.\n    """\n    return x\n')) == 2


def test_a_table_is_one_literal_or_one_match_of_single_lines() -> None:
    assert is_table(function('    """Names."""\n    return {\n        1: "a",\n    }\n'))
    assert is_table(
        function("    match x:\n        case 1:\n            return 2\n        case _:\n            pass\n")
    )
    assert not is_table(function("    match x:\n        case _:\n            x += 1\n            return x\n"))
    assert not is_table(function("    y = x\n    return [y]\n"))
