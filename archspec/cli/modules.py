"""SPEC as a torch module: `torchvision.models:resnet50`, `my_model.py:Net`. It is imported and run."""

from collections.abc import Mapping, Sequence


def names_module(spec: str) -> bool:
    """Whether SPEC is a callable of a Python file or package. A file or a network of the gallery comes first."""
    import os
    from importlib.util import find_spec

    from archspec.gallery import names
    from archspec.importer.endings import FILES

    if spec.endswith(FILES):
        return os.path.lexists(spec)
    module, colon, name = spec.partition(":")
    if not colon or not name or os.path.lexists(spec):
        return False
    if module.endswith(".py"):
        return True
    if os.path.lexists(module) or module in names():
        return False
    parts = module.split(".")
    return all(part.isidentifier() for part in parts) and find_spec(parts[0]) is not None


def variants_of(modules: Sequence[str]) -> dict[str, str]:
    """Variant -> its module, of `MODULE:CALLABLE` or `NAME=MODULE:CALLABLE`; one is called as its callable is.

    Raises:
        Usage: two have one name, or one of several has none.
    """
    from archspec.cli.application import Usage

    made: dict[str, str] = {}
    for one in modules:
        name, equals, text = one.partition("=")
        if not (equals and name.isidentifier()):
            name, text = one.partition(":")[2].partition("(")[0].rpartition(".")[2], one
        if not name and len(modules) > 1:
            raise Usage(f"{text} is one of several, each of which is a variant: give it a name: first={text}")
        if name in made:
            meant = f"first={made[name]} second={text}"
            raise Usage(f"{made[name]} and {text} would both be the variant {name}: give them names: {meant}")
        made[name] = text
    return made


def file_of(spec: str) -> str:
    """The file that SPEC names a module of; "" for one of a package."""
    from archspec.importer.endings import FILES

    module = spec if spec.endswith(FILES) else spec.partition(":")[0]
    return module if module.endswith((".py", *FILES)) else ""


def imported(
    spec: str,
    settings: Mapping[str, str],
    sizes: Mapping[str, tuple[tuple[int, ...], str]],
    *,
    trusted: bool,
    params: bool,
) -> str:
    """The spec of the module, as text, with its arguments as `params` or as numbers.

    Raises:
        Usage: it cannot be imported or proven.
    """
    from archspec.cli.application import Usage
    from archspec.cli.streams import say

    try:
        from archspec.importer.command import imported as run
        from archspec.importer.importing import Wish
        from archspec.importer.refused import ImportFault
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Usage(f"{spec} is a module, which needs torch: pip install 'archspec[torch]'") from None
    try:
        found = run(spec, settings, sizes, Wish(params=params), trusted=trusted)
    except ImportFault as fault:
        raise Usage(str(fault)) from None
    if not found.proof.holds:
        for line in found.report():
            say(line)
        raise Usage(f"{spec} is not what its import says it is: archspec import --force writes it all the same")
    return found.text
