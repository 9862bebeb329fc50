"""The forms for programs, and the line that counts."""

import json

from archspec.diagnostics.diagnostic import Diagnostic, Label, Source, Span
from archspec.diagnostics.render import render
from archspec.diagnostics.summary import summarise

NET = Source("net.yaml", "one: 1\ntwo: 2\n")
ERROR = Diagnostic(
    "cycle",
    "round\nand round",
    Span(NET, 2, 1, 2, 4),
    pointed="here",
    labels=(Label(Span(NET, 1, 1, 1, 4), "there"),),
    notes=("in stem",),
    help="turn",
)
WARNING = Diagnostic("unused-node", "unread", Span(NET, 1, 1, 1, 4), severity="warning")


def test_concise_is_a_line_for_each() -> None:
    assert render([ERROR, WARNING], "concise") == (
        "net.yaml:2:1: error[cycle] round\\nand round\nnet.yaml:1:1: warning[unused-node] unread"
    )


def test_json_has_every_key() -> None:
    assert json.loads(render([ERROR, WARNING], "json")) == [
        {
            "code": "cycle",
            "severity": "error",
            "message": "round\nand round",
            "help": "turn",
            "pointed": "here",
            "notes": ["in stem"],
            "place": {"file": "net.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 4},
            "labels": [
                {
                    "text": "there",
                    "place": {"file": "net.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 4},
                }
            ],
        },
        {
            "code": "unused-node",
            "severity": "warning",
            "message": "unread",
            "help": "",
            "pointed": "",
            "notes": [],
            "place": {"file": "net.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 4},
            "labels": [],
        },
    ]


def test_json_of_nothing_is_an_empty_array() -> None:
    assert render([], "json") == "[]"


def test_summary_counts_errors_and_warnings() -> None:
    assert summarise([ERROR, WARNING, ERROR]) == "2 errors, 1 warning in net.yaml"
    assert summarise([WARNING]) == "1 warning in net.yaml"
    assert summarise([]) == ""


def test_summary_counts_files() -> None:
    other = Diagnostic("cycle", "round", Span(Source("vgg.yaml", ""), 1, 1, 1, 1))
    assert summarise([ERROR, other]) == "2 errors in 2 files"
