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
settings.load_profile("archspec")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/code/test_goldens.py --regenerate-goldens`; read the difference before you commit it."""
    parser.addoption("--regenerate-goldens", action="store_true", help="write golden files anew instead of comparing")


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """torchvision, beside whatever build of torch there is."""
    from archspec.runtime.peer import declare_torchvision_operators

    declare_torchvision_operators()
    return import_module("torchvision")
