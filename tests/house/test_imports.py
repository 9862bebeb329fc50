"""Imports point one way, every library has one home, and what need not load torch does not."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "archspec"

# Earlier layers know nothing of later ones; packages of one layer know nothing of each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("values",),
    ("registry",),
    ("diagnostics",),
    ("files", "ops"),
    ("receptive",),
    ("measures",),
    ("conventions",),
    ("language",),
    ("graph",),
    ("code", "compare", "lint"),
    ("memory",),
    ("sizes",),
    ("figure", "tables"),
    ("page", "speed"),
    ("gallery", "pictures"),
    ("pipeline",),
    ("search",),
    ("runtime",),
    ("importer",),
    ("design",),
    ("cli",),
    ("__init__", "__main__"),
)
LAYER = {package: i for i, layer in enumerate(LAYERS) for package in layer}

HOMES = {
    "click": ("archspec/cli",),
    "fvcore": ("archspec/runtime",),
    "graphviz": ("archspec/figure/write",),
    "networkx": ("archspec/graph", "archspec/importer/onnx"),
    "distributed": ("archspec/search",),
    "numpy": ("archspec/importer/onnx", "archspec/runtime"),
    "onnx": ("archspec/importer/onnx",),
    "pyarrow": ("archspec/search",),
    "pydantic": ("archspec/ops", "archspec/language"),
    "pydantic_core": ("archspec/ops", "archspec/language"),
    "playwright": (),
    "pygraphviz": (),
    "ray": ("archspec/search",),
    "reportlab": ("archspec/figure/write",),
    "resvg_py": ("archspec/figure/write",),
    "rich": ("archspec/cli", "archspec/tables/terminal"),
    "safetensors": ("archspec/runtime",),
    "timm": (),
    "torch": ("archspec/importer", "archspec/runtime"),
    "torchvision": (),
    "yaml": ("archspec/language/yaml",),
}


@cache
def imports() -> tuple[tuple[Path, int, str], ...]:
    """Every import of the package at run time: (file, line, module). Those for type checkers alone do not count."""
    return tuple(
        (path.relative_to(ROOT), line, module)
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, module in _imports(ast.parse(path.read_text(encoding="utf-8")))
    )


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield node.lineno, module if module != "archspec" else f"archspec.{names[0].name}"
        yield from _imports(node)


def _package(path: Path) -> str:
    return path.parts[1].removesuffix(".py")


def test_imports_point_one_way() -> None:
    against = [
        f"{path}:{line}: {_package(path)} imports {module}"
        for path, line, module in imports()
        if module.startswith("archspec.")
        and (target := module.split(".")[1]) in LAYER
        and target != _package(path)
        and LAYER[target] >= LAYER[_package(path)]
    ]
    assert against == []


def test_every_package_has_a_layer() -> None:
    packages = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert packages == set(LAYER)


@pytest.mark.parametrize("library", HOMES)
def test_library_is_imported_at_home_alone(library: str) -> None:
    strayed = [
        f"{path}:{line}"
        for path, line, module in imports()
        if module.split(".")[0] == library and not path.as_posix().startswith(HOMES[library])
    ]
    assert strayed == []


@pytest.mark.parametrize(
    "command",
    [
        ("check", "resnet"),
        ("compile", "googlenet"),
        ("draw", "unet", "-o", "unet.dot"),
        ("draw", "vgg:vgg11", "-o", "vgg.svg"),
        ("summary", "resnet:resnet152"),
        ("summary", "fcn", "--format", "json", "--convention", "fvcore"),
        ("sweep", "vgg:vgg11", "--input", "64,96", "-o", "vgg.csv", "-o", "vgg.svg"),
        ("solve", "vgg:vgg11", "params < 130M", "--for", "classes"),
        ("time", "vgg:vgg11", "--device", "a100-80gb"),
        ("list",),
        ("ops", "conv2d"),
        ("explain", "shape-mismatch"),
        ("schema",),
    ],
    ids=" ".join,
)
def test_command_never_loads_torch(command: tuple[str, ...], tmp_path: Path) -> None:
    program = f"""
import sys
from archspec.cli import main
try:
    main({list(command)!r})
except SystemExit as end:
    assert not end.code, end.code
loaded = sorted({{name.split(".")[0] for name in sys.modules}} & {{"torch", "numpy", "fvcore", "torchvision"}})
assert not loaded, loaded
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=_with_checkout(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import archspec", {"click", "networkx", "pydantic", "rich", "yaml", "torch"}),
        ("import archspec.cli", {"networkx", "pydantic", "rich", "yaml", "torch"}),
        ("import archspec.design", {"rich", "graphviz", "networkx", "torch"}),
    ],
)
def test_import_stays_light(statement: str, unwanted: set[str]) -> None:
    program = f"{statement}; import sys; print(*sorted({unwanted!r} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], env=_with_checkout(), capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


@pytest.mark.parametrize(
    ("picture", "unwanted"),
    [
        ("x.svg", {"networkx", "reportlab", "resvg_py", "graphviz", "rich", "urllib.request", "archspec.page.html"}),
        ("x.pdf", {"networkx", "resvg_py", "graphviz", "rich", "archspec.page.html"}),
        ("x.html", {"networkx", "reportlab", "resvg_py", "graphviz", "rich"}),
    ],
)
def test_picture_loads_its_own_format_alone(picture: str, unwanted: set[str], tmp_path: Path) -> None:
    program = f"""
import sys
from archspec.cli import main
try:
    main(["draw", "vgg:vgg11", "-o", {picture!r}])
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({unwanted!r} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=_with_checkout(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def _with_checkout() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}
