"""Writes what is generated: in docs/ the pages of reference/ and the pictures of pictures/, and archspec/ops/index.py.

python docs/generate.py            writes it
python docs/generate.py --check    exits with 1 where something is not what would be written

A picture is what a command on a page makes: a page that says `archspec draw ... -o NAME.svg`, or `diff`, and shows
`pictures/NAME.svg` shows what that command writes, beside the `# NAME.yaml` blocks of the page. Every network of the
gallery is shown on gallery.md.
"""

import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # these docs tell of the archspec beside them

from torch import nn

from archspec.cli import main as application
from archspec.gallery import names
from archspec.language import advice_keys, attributes, fact_keys, figure_keys, keys
from archspec.language.row import own_rows
from archspec.ops import OPS
from archspec.tables.reference import GENERATED, errors_page, initialisers_table, keys_table, ops_page, rules_page
from docs.imports import imports_page
from docs.zoo import zoo_page

DOCS = Path(__file__).resolve().parent
REFERENCE = DOCS / "reference"
PICTURES = DOCS / "pictures"
INDEX = DOCS.parent / "archspec/ops/index.py"
MODELS = {name: model for module in (figure_keys, advice_keys, fact_keys, keys) for name, model in vars(module).items()}
ATTRIBUTES = DOCS.parent / "archspec/language/attributes.py"
SHOWN = re.compile(r"pictures/([\w-]+)\.svg")
DRAWN = re.compile(r"^archspec ((?:draw|diff) .+) -o ([\w-]+)\.svg$", re.MULTILINE)
WRITTEN = re.compile(r"^```yaml\n(# (\S+\.yaml)\n.*?)^```$", re.MULTILINE | re.DOTALL)
KEYS = re.compile(r"(?P<head>^<!-- keys: (?P<model>\w+) -->\n\n?)(?:^\|.*\n)*", re.MULTILINE)
STARTS = re.compile(r"(?P<head>^<!-- initialisers -->\n\n?)(?:^\|.*\n)*", re.MULTILINE)
COMMANDS = """
# Commands

`SPEC` is a path, `-` for standard input, or a gallery name, optionally with its variant: `resnet:resnet50`. Values
given by `--set` are YAML: `--set depths=[3,4,6,3]`.

What a command makes goes to standard output or to the file that `-o` names; messages go to standard error. A file is
written whole or not at all.

| exit code | meaning |
| :--- | :--- |
| 0 | fine; there may be warnings |
| 1 | the spec is wrong, a check of `verify` does not hold, `diff --exit-code` or `lint --strict` found something |
| 2 | wrong usage, a spec that cannot be read, a file or output that cannot be written, a fault in an op of your own |
| 70 | a fault of archspec's own; `ARCHSPEC_DEBUG=1` adds the traceback |
| 130 | interrupted |
| 141 | the reader of standard output went away |
"""


def commands_page() -> str:
    """docs/reference/cli.md."""
    lines = [GENERATED, COMMANDS.rstrip()]
    whole = click.Context(
        application,
        info_name="archspec",
        terminal_width=100,
        max_content_width=100,
        help_option_names=application.context_settings["help_option_names"],
    )
    for name, command in application.commands.items():
        context = click.Context(command, whole, info_name=name)
        lines += ["", f"## archspec {name}", "", "```text", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


def ops_index() -> str:
    """archspec/ops/index.py."""
    lines = [
        '"""Which file declares which op, so that nobody waits for the others. Written by docs/generate.py.',
        "",
        "An op that is missing here is found all the same, by importing every file.",
        '"""',
        "",
        "INDEX: dict[str, str] = {",
    ]
    homes = {name: op.__module__.rpartition(".") for name, op in OPS.items()}
    families = sorted((family, name) for name, (package, _, family) in homes.items() if package == "archspec.ops")
    return "\n".join([*lines, *(f'    "{name}": "{family}",' for family, name in families), "}"]) + "\n"


def attributes_table() -> str:
    """archspec/language/attributes.py."""
    module = {name for name in dir(nn.Module()) if not name.startswith("__")}
    containers = {name for made in (nn.Sequential, nn.ModuleList, nn.ModuleDict) for name in dir(made())}
    lines = [
        '"""What a module of torch keeps or does under a name, so that a member of that name would hide it.',
        "",
        "Written by docs/generate.py, which asks torch; a name that was here stays, since other releases have it.",
        '"""',
    ]
    for table, known, found in (
        ("MODULE", attributes.MODULE, module),
        ("CONTAINER", attributes.CONTAINER, {name for name in containers - module if not name.startswith("__")}),
    ):
        lines += ["", f"{table}: frozenset[str] = frozenset(", "    {"]
        lines += [*(f'        "{name}",' for name in sorted(known | found)), "    }", ")"]
    return "\n".join(lines) + "\n"


def language_page() -> str:
    """docs/reference/language.md, which is written by hand but for its tables of keys.

    A table stands after `<!-- keys: NAME -->` and is that of the model NAME of archspec/language/; the one after
    `<!-- initialisers -->` has what archspec/ops/initialiser.py declares.
    """
    page = (REFERENCE / "language.md").read_text(encoding="utf-8")
    page = KEYS.sub(lambda found: f"{found['head']}{keys_table(own_rows(MODELS[found['model']]))}", page)
    return STARTS.sub(lambda found: f"{found['head']}{initialisers_table()}", page)


PAGES = {
    "cli.md": commands_page,
    "errors.md": errors_page,
    "imports.md": imports_page,
    "language.md": language_page,
    "ops.md": ops_page,
    "rules.md": rules_page,
    "zoo.md": zoo_page,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A command that draws: what stands between `archspec` and `-o`, and the files that its page writes."""

    arguments: str
    files: Mapping[str, str]


def drawings() -> dict[str, Drawing]:
    """What makes each picture that is shown, by the picture's name."""
    made: dict[str, Drawing] = {}
    shown: set[str] = set()
    for page in sorted([DOCS.parent / "README.md", *DOCS.rglob("*.md")]):
        text = page.read_text(encoding="utf-8")
        here = set(SHOWN.findall(text))
        shown |= here
        files = {name: code for code, name in WRITTEN.findall(text)}
        for arguments, name in DRAWN.findall(text):
            if name in here and made.setdefault(name, Drawing(arguments, files)).arguments != arguments:
                sys.exit(f"{page}: another command makes {name}.svg: archspec {made[name].arguments}")
    if unmade := sorted(shown - made.keys()):
        sys.exit(f"pages show {unmade[0]}.svg, and none of them says `archspec draw ... -o {unmade[0]}.svg`")
    listed = SHOWN.findall((DOCS / "gallery.md").read_text(encoding="utf-8"))
    specs = {spec.partition(":")[0] for name in listed for spec in made[name].arguments.split()}
    if missing := sorted(names().keys() - specs):
        sys.exit(f"docs/gallery.md shows no picture of {', '.join(missing)}")
    return made


def drawn(drawing: Drawing) -> str:
    """The picture that a command makes."""
    with TemporaryDirectory() as folder, chdir(folder):
        for name, code in drawing.files.items():
            Path(name).write_text(code, encoding="utf-8")
        done = CliRunner().invoke(application, [*shlex.split(drawing.arguments), "-o", "picture.svg"])
        if done.exit_code:
            sys.exit(f"archspec {drawing.arguments}\n{done.output}")
        return Path("picture.svg").read_text(encoding="utf-8")


def texts() -> dict[Path, Callable[[], str]]:
    """Every generated file of text, and what makes what is to stand in it."""
    return {**{REFERENCE / name: page for name, page in PAGES.items()}, INDEX: ops_index, ATTRIBUTES: attributes_table}


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file and what is to stand in it."""
    for path, text in texts().items():
        yield path, text()
    for name, drawing in sorted(drawings().items()):
        yield PICTURES / f"{name}.svg", drawn(drawing)


def main(arguments: list[str]) -> int:
    """Writes, or checks, every file; returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__, end="")
        return 0 if arguments == ["--help"] else 2
    files = dict(generated())
    stale = [path for path in sorted(PICTURES.glob("*")) if path not in files]
    stale += [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path} is not fresh: run python docs/generate.py", file=sys.stderr)
        elif path in files:
            path.parent.mkdir(exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
            print(f"wrote {path}")
        else:
            path.unlink()
            print(f"removed {path}, which no page shows")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
