"""Settings and fixtures for every test."""

import os
from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import settings

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # one process a core: torch's own threads would only get in each other's way

settings.register_profile("archspec", deadline=None, derandomize=True, max_examples=100)
settings.register_profile("whole", settings.get_profile("archspec"))  # tests/examples.py asks which of them is loaded


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/code/test_goldens.py --regenerate-goldens`; read the difference before you commit it."""
    parser.addoption("--regenerate-goldens", action="store_true", help="write golden files anew instead of comparing")
    parser.addoption("--whole", action="store_true", help="run all of what a test run has a sample of")


def pytest_configure(config: pytest.Config) -> None:
    """`pytest --whole -m whole` runs the tests that a test run leaves out, and only them.

    Drawn tests that cost much are in both, with more examples where --whole is given.
    """
    settings.load_profile("whole" if config.getoption("--whole") else "archspec")
    config.addinivalue_line("markers", "whole: one of many alike, of which a test run has a sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked `whole`."""
    if config.getoption("--whole"):
        return
    out = [item for item in items if item.get_closest_marker("whole")]
    items[:] = [item for item in items if not item.get_closest_marker("whole")]
    config.hook.pytest_deselected(items=out)


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """torchvision, beside whatever build of torch there is."""
    from archspec.runtime.peer import declare_torchvision_operators

    declare_torchvision_operators()
    return import_module("torchvision")
