"""A real browser, one for all tests of a process, and pages opened in it."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from archspec.compare.difference import comparison, tabulate
from archspec.page.difference import difference_page
from archspec.page.html import render_page
from archspec.page.page import page
from archspec.pipeline import load_network, load_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Opens = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()


@cache
def rendered(spec: str, theme: str, against: str = "") -> bytes:
    """The page of a gallery network, or of a spec given as text, or of two; many tests open the same."""
    first, *second = (load_text(one) if "\n" in one else load_network(one) for one in (spec, against) if one)
    if not second:
        return render_page(page(first, theme=theme))
    compared = comparison(first, *second)
    return render_page(difference_page(compared, tabulate(compared), theme=theme))


@pytest.fixture
def explore(browser: "Browser", tmp_path: Path) -> Iterator[Opens]:
    """Opens the page of a gallery network, or of a spec given as text; of what it is compared with, `against`, too.

    At the end nothing may have been said on the console, and nothing asked for but the file.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def start(
        spec: str,
        *,
        size: tuple[int, int] = (1280, 800),
        scheme: Literal["light", "dark"] = "light",
        motion: Literal["reduce", "no-preference"] = "reduce",
        touch: bool = False,
        theme: str = "light",
        against: str = "",
    ) -> "Page":
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_bytes(rendered(spec, theme, against))
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion=motion, has_touch=touch
        )
        contexts.append(context)
        opened = context.new_page()
        watch(opened, file, faults)
        opened.goto(file.as_uri())
        return opened

    yield start
    for context in contexts:
        context.close()
    assert faults == []


def watch(opened: "Page", file: Path, faults: list[str]) -> None:
    """Writes down what the page says and what it asks for besides its own file."""

    def asked(request: "Request") -> None:
        if request.url.partition("#")[0] != file.as_uri() and not request.url.startswith("data:"):
            faults.append(f"request: {request.url}")

    opened.on("console", lambda message: faults.append(f"console: {message.text}"))
    opened.on("pageerror", lambda error: faults.append(f"error: {error}"))
    opened.on("request", asked)
