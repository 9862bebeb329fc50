"""`verify` holds the class at another value of each argument against the class of the spec with that value."""

import pytest

import archspec
from archspec.pipeline import read_text
from archspec.runtime.checks import TRIED
from archspec.runtime.outcome import Check
from archspec.runtime.verify import verify

NET = """
archspec: 1
name: Net
params: {width: 4, classes: 3, rate: 0.5, nn: 1}
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
  drop: {op: dropout, p: $rate}
  more: {op: conv2d, out_channels: $nn, kernel_size: 1}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: $classes}
"""


def told(text: str, *changes: tuple[str, str]) -> Check:
    """What `verify` says of the parameters where these lines of the source are others."""
    read = read_text(text)
    source = archspec.loads(text).source()
    for line, instead in changes:
        assert line in source
        source = source.replace(line, instead)
    return next(check for check in verify(read(), source, at=read).checks if check.name == "parameters")


def test_every_argument_of_a_right_class_holds() -> None:
    check = told(NET)
    assert (check.status, check.detail) == ("ok", ())
    assert check.figures == {"tried": 4, "as": "width=8 and classes=6 and rate=0.25 and nn_=2"}


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("nn.Linear(nn_, classes)", "nn.Linear(nn_, 3)", "classes=6: fc.weight: 3 x 1, the spec's is 6 x 1"),
        ("nn.Dropout(rate)", "nn.Dropout(0.5)", "rate=0.25: drop: Dropout(p=0.5, inplace=False), the spec's is "),
        (
            "nn.Conv2d(width, nn_, 1)",
            "nn.Conv2d(4, nn_, 1)",
            "width=8: more.weight: 1 x 4 x 1 x 1, the spec's is 1 x 8",
        ),
        ("return x", "return x[:, :3]", "classes=6: outputs: {'': (2, 3)}, the spec's are {'': (2, 6)}"),
        ("return x", "return x * len(self.fc.weight) / 3", "classes=6: the numbers in inference"),
        ("classes: int = 3", "classes: str = 3", "classes=6: TypeError: no number"),
    ],
)
def test_an_argument_that_lies_is_named_with_what_differs(line: str, instead: str, said: str) -> None:
    refusal = (
        "super().__init__()",
        "super().__init__()\n        if classes != 3:\n            raise TypeError('no number')",
    )
    check = told(NET, (line, instead), *([refusal] if "no number" in said else []))
    assert check.status == "failed"
    assert check.ours
    assert len(check.detail) == 1
    assert check.detail[0].startswith(said)


def test_a_value_that_the_spec_refuses_is_no_trial() -> None:
    text = NET.replace("more: {op: conv2d, ", "more: {op: conv2d, groups: 4, ").replace("nn: 1", "nn: 4")
    assert told(text.replace("width: 4", "width: {default: 4, choices: [4, 12]}")).figures["as"] == (
        "width=12 and classes=6 and rate=0.25 and nn_=8"
    )


def test_sizes_that_were_asked_for_stay() -> None:
    text = """
archspec: 1
params: {p: 2}
inputs: {x: [3, 4, 4]}
graph: [flatten, {op: linear, out_features: $p}]
"""
    assert archspec.loads(text, inputs={"x": (3, 5, 5)}, p=3).verify().passed


def test_a_size_that_was_asked_for_follows_its_param() -> None:
    text = """
archspec: 1
params: {channels: 3}
inputs: {image: [$channels, 16, 16]}
graph: [{op: conv2d, out_channels: 8, kernel_size: 3}, {op: layer_norm, normalized_shape: [8, 18, 18]}]
"""
    text = text.replace("inputs: {image: [$channels, 16, 16]}", "inputs: {image: [$channels, 20, 20]}")
    report = archspec.loads(text, inputs={"image": (3, 20, 20)}).verify()
    check = next(check for check in report.checks if check.name == "parameters")
    assert (check.status, check.figures["as"]) == ("ok", "channels=6")


def test_of_many_arguments_the_rest_is_named() -> None:
    names = [f"p{i}" for i in range(TRIED + 2)]
    graph = "\n".join(f"  fc{name}: {{op: linear, out_features: ${name}}}" for name in names)
    params = ", ".join(f"{name}: {i + 1}" for i, name in enumerate(names))
    check = told(f"archspec: 1\nname: Net\nparams: {{{params}}}\ninputs: {{x: [4]}}\ngraph:\n{graph}\n")
    assert check.figures["tried"] == TRIED
    assert check.detail == ("not tried, as only 12 are: p12, p13",)


def test_without_a_spec_none_is_tried() -> None:
    checks = archspec.Design(read_text(NET)()).verify().checks
    check = next(check for check in checks if check.name == "parameters")
    assert (check.status, check.detail) == ("skipped", ("there is no spec to read with other values",))


LISTED = """
archspec: 1
name: Net
params: {widths: [4, 6]}
inputs: {image: [3, 8, 8]}
blocks:
  stage:
    params: {width: int}
    graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}}
graph:
  stages: {block: stage, width: "$widths[i]", repeat: $len(widths)}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 3}
"""


def test_a_list_is_tried_at_another_length_too() -> None:
    assert told(LISTED).figures == {"tried": 2, "as": "widths=(8, 12) and widths=(4, 6, 12)"}
    lie = told(LISTED, ("nn.Linear(widths[-1], 3)", "nn.Linear(widths[1], 3)"))
    assert (lie.status, len(lie.detail)) == ("failed", 1)
    assert "widths=(4, 6, 12): fc.weight: 3 x 6, the spec's is 3 x 12" in lie.detail[0]


def test_lists_of_one_length_are_refused_where_they_have_two() -> None:
    both = LISTED.replace("{widths: [4, 6]}", "{widths: [4, 6], rates: [0.1, 0.2]}").replace(
        "params: {width: int}", "params: {width: int, rate: 0.0}"
    )
    both = both.replace("padding: 1}}", "padding: 1}, drop: {op: dropout, p: $rate}}")
    both = both.replace('width: "$widths[i]"', 'width: "$widths[i]", rate: "$rates[i]"')
    assert "(3, *widths[:-1]), widths, rates, strict=True" in " ".join(archspec.loads(both).source().split())
    assert told(both).status == "ok"
