"""`check` warns where real rows or columns are in no window, and only there."""

import pytest

from archspec.diagnostics.findings import Findings
from archspec.graph.passes.unread_rows import warn_unread_rows
from archspec.pipeline import load_text

# By name the sizes of the input, the graph, and what is lost.
CASES = {
    "a pooling of an odd size": ("[3, 7, 8]", "{pool: {op: max_pool2d, kernel_size: 2}}", "the last 1 row"),
    "both ends": ("[3, 8, 9]", "{pool: {op: avg_pool2d, kernel_size: 5}}", "the last 3 rows and 4 columns"),
    "a stride": ("[3, 9]", "{c: {op: conv1d, out_channels: 4, kernel_size: 2, stride: 4}}", "the last 1 element"),
    "ceil mode reads all": ("[3, 7, 7]", "{pool: {op: max_pool2d, kernel_size: 2, ceil_mode: true}}", ""),
    "a padding of its own": (
        "[3, 224, 224]",
        "{conv: {op: conv2d, out_channels: 4, kernel_size: 7, stride: 2, padding: 3}}",
        "",
    ),
    "a kernel of 1 passes over what lies between": (
        "[3, 8, 8]",
        "{conv: {op: conv2d, out_channels: 4, kernel_size: 1, stride: 2}}",
        "",
    ),
    "zeros that were put there": (
        "[3, 112, 112]",
        "{pad: {op: zero_pad2d, padding: 1}, pool: {op: max_pool2d, kernel_size: 3, stride: 2}}",
        "",
    ),
    "more than the zeros": (
        "[3, 8, 12]",
        "{pad: {op: zero_pad2d, padding: [0, 0, 0, 1]}, pool: {op: max_pool2d, kernel_size: 5}}",
        "the last 3 rows and 2 columns",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_no_window_reads_is_told(name: str) -> None:
    input, graph, lost = CASES[name]
    findings = Findings()
    warn_unread_rows(load_text(f"archspec: 1\ninputs: {{image: {input}}}\ngraph: {graph}\n"), findings)
    told = [found.message for found in findings.diagnostics()]
    assert [lost in message for message in told] == ([True] if lost else []), told
