"""faults.md: specs that are not YAML, or not our YAML, with the whole of what is said of each, by either parser."""

import os
import re
from pathlib import Path

import pytest

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.diagnostics.full import render_full
from archspec.language.yaml import parse as parsing

DOCUMENT = Path(__file__).with_name("faults.md")
CASE = re.compile(r"## (?P<title>.*)\n\n```yaml\n(?P<spec>(?:.*\n)*?)```\n\n```text\n(?P<said>(?:.*\n)*?)```\n")


def said_of(spec: str) -> str:
    with pytest.raises(SpecError) as caught:
        parsing.parse(Source("net.yaml", spec))
    return render_full(caught.value.diagnostics) + "\n"


if os.environ.get("REGENERATE"):
    DOCUMENT.write_text(
        CASE.sub(
            lambda case: f"## {case['title']}\n\n```yaml\n{case['spec']}```\n\n```text\n{said_of(case['spec'])}```\n",
            DOCUMENT.read_text("utf-8"),
        ),
        "utf-8",
    )

CASES = [
    pytest.param(case["spec"], case["said"], id=case["title"]) for case in CASE.finditer(DOCUMENT.read_text("utf-8"))
]


def test_every_section_is_a_case() -> None:
    assert len(CASES) == DOCUMENT.read_text("utf-8").count("\n## ")


@pytest.mark.parametrize(("spec", "said"), CASES)
@pytest.mark.usefixtures("parser")
def test_fault_is_named_with_its_place_and_cure(spec: str, said: str) -> None:
    assert said_of(spec) == said
