"""The type checker as the tests run it over emitted text: once over a folder, with what it knows of torch kept."""

from pathlib import Path

ROOT = Path(__file__).parents[1]

# With the project's own settings, stricter than strict, so that its cache serves: reading torch takes half a minute.
MYPY = (
    *("mypy", "--strict"),
    *("--config-file", str(ROOT / "pyproject.toml")),
    *("--cache-dir", str(ROOT / ".mypy_cache")),
)
