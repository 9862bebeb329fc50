import json
from pathlib import Path

import pytest

from archspec.diagnostics.codes import CODES
from archspec.lint.rule import rules
from archspec.ops.op import OPS
from tests.cli.conftest import Run


def test_explains_a_code(run: Run) -> None:
    result = run("explain", "shape-mismatch")
    assert result.exit_code == 0
    assert result.stdout.startswith("shape-mismatch: ")


def test_lists_every_code_and_rule(run: Run) -> None:
    assert [line.split()[0] for line in run("explain").stdout.splitlines()] == [*CODES, *rules()]


def test_offers_the_nearest_code(run: Run) -> None:
    result = run("explain", "shape-missmatch")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: there is no code 'shape-missmatch'; shape-mismatch is one\n",
    )


def test_says_where_the_codes_are_listed(run: Run) -> None:
    assert run("explain", "foo").stderr == "error: there is no code 'foo'; `archspec explain` lists them\n"


def test_lists_every_op(run: Run) -> None:
    assert [line.split()[0] for line in run("ops").stdout.splitlines()] == sorted(OPS)


@pytest.mark.parametrize("name", sorted(OPS))
def test_describes_every_op_with_its_fields(run: Run, name: str) -> None:
    result = run("ops", name)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{name}: ")
    assert set(OPS[name].model_fields) <= set(result.stdout.split())


def test_offers_the_nearest_op(run: Run) -> None:
    result = run("ops", "conv2")
    assert result.exit_code == 2
    assert "conv2d" in result.stderr


def test_schema_knows_every_op(run: Run) -> None:
    schema = json.loads(run("schema").stdout)
    assert {f"op_{name}" for name in OPS} <= set(schema["$defs"])


def test_list_names_the_gallery_and_its_variants(run: Run) -> None:
    listed = run("list").stdout
    assert all(name in listed for name in ("alexnet", "fcn", "googlenet", "resnet", "unet", "vgg"))
    assert "resnet50" in listed
    assert "resnet:resnet50" in run("list", "--variants").stdout.splitlines()


def test_init_writes_a_spec_that_is_fine_and_never_replaces_one(run: Run) -> None:
    assert run("init").stderr == "wrote network.yaml; next: archspec check network.yaml\n"
    assert run("check", "network.yaml").exit_code == 0
    assert run("compile", "network.yaml:wide").exit_code == 0
    Path("mine.yaml").write_text("mine")
    result = run("init", "mine.yaml")
    assert (result.exit_code, result.stderr) == (2, "error: mine.yaml is there already; name another file\n")
    assert Path("mine.yaml").read_text() == "mine"
