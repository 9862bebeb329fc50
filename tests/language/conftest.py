"""Both of the YAML library's parsers: what holds for one holds for the other."""

import pytest

from archspec.language.yaml import parse as parsing
from archspec.language.yaml.events import PARSER, PythonParser


@pytest.fixture(params=[PARSER, PythonParser], ids=["installed", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parses with the installed parser, then with the one in Python."""
    monkeypatch.setattr(parsing, "PARSER", request.param)
