"""What a spec may do by itself, and what --allow-path and --allow-copies let it do besides."""

from pathlib import Path

import pytest

import archspec
from archspec import pipeline
from tests.cli.conftest import Run

PART = "archspec: 1\ninputs: {x: [8]}\ngraph: {r: relu}\n"
MANY = "archspec: 1\ninputs: {x: [8]}\ngraph:\n  r: {op: relu, repeat: 12}\n"
SECRET = "root:x:0:0:a secret\n"


def using(path: str) -> str:
    return f"archspec: 1\nuse: {{part: {path}}}\ninputs: {{x: [8]}}\ngraph: {{p: {{block: part}}}}\n"


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    """A folder of specs, `nets`, with a folder inside it and a folder beside it."""
    for name, text in {
        "nets/sub/part.yaml": PART,
        "other/part.yaml": PART,
        "other/secret.yaml": SECRET,
        "nets/secret.yaml": SECRET,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "nets/link.yaml").symlink_to("../other/part.yaml")
    (tmp_path / "nets/linked").symlink_to("../other")
    (tmp_path / "nets/inner.yaml").symlink_to("sub/part.yaml")
    (tmp_path / "alias").symlink_to("nets")
    (tmp_path / "nets/sub/up.yaml").write_text(using("../inner.yaml"))
    return tmp_path


@pytest.mark.parametrize("path", ["sub/part.yaml", "inner.yaml", "./sub/../sub/part.yaml", "sub/up.yaml", "alexnet"])
@pytest.mark.parametrize("folder", ["nets", "alias"])
def test_a_spec_uses_what_is_in_its_folder(run: Run, nets: Path, folder: str, path: str) -> None:
    text = using(path) if path != "alexnet" else using(path).replace("[8]", "[3, 224, 224]")
    (nets / "nets/net.yaml").write_text(text)
    assert run("compile", f"{folder}/net.yaml").exit_code == 0


@pytest.mark.parametrize("path", ["../other/part.yaml", "link.yaml", "linked/part.yaml", "sub/../../other/part.yaml"])
def test_what_lies_elsewhere_has_to_be_allowed(run: Run, nets: Path, path: str) -> None:
    (nets / "nets/net.yaml").write_text(using(path))
    refused = run("compile", "nets/net.yaml")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"error[use-outside-folder]: {path} lies outside of the folder of the spec\n"
        f" --> nets/net.yaml:2:13\n  |\n2 | use: {{part: {path}}}\n  |             {'^' * len(path)}\n"
        "help: copy it into the folder of the spec, or allow its own: --allow-path other\n"
    )
    for allowed in ("other", "other/part.yaml", "."):
        for command in ("compile", "check", "summary"):
            assert run(command, "nets/net.yaml", "--allow-path", allowed).exit_code == 0
    assert run("compile", "nets/net.yaml", "--allow-path", "nets/sub").exit_code == 1
    permit = archspec.Permit(paths=("other",))
    assert archspec.load("nets/net.yaml", permit=permit).name == "Net"


def test_what_a_spec_of_another_folder_uses_is_asked_for_too(run: Run, nets: Path) -> None:
    (nets / "nets/net.yaml").write_text(using("../other/net.yaml"))
    (nets / "other/net.yaml").write_text(using("../third/part.yaml"))
    (nets / "third").mkdir()
    (nets / "third/part.yaml").write_text(PART)
    assert "third/part.yaml lies outside" in run("check", "nets/net.yaml", "--allow-path", "other").stderr
    assert run("check", "nets/net.yaml", "--allow-path", "other", "--allow-path", "third").exit_code == 0


@pytest.mark.parametrize("form", ["full", "concise", "json"])
@pytest.mark.parametrize("path", ["secret.yaml", "/etc/passwd", "../other/secret.yaml"])
def test_no_line_of_a_used_file_that_is_no_spec_is_shown(run: Run, nets: Path, form: str, path: str) -> None:
    (nets / "nets/net.yaml").write_text(using(path))
    result = run("check", "nets/net.yaml", "--error-format", form, "--allow-path", "other")
    assert result.exit_code == 1
    assert "root:" not in result.output


@pytest.mark.parametrize("command", [("check",), ("compile",), ("draw", "resnet:resnet18", "--theme")])
@pytest.mark.parametrize("text", [SECRET, SECRET + "\tkey: [\n", "root: \udce9\n"])
def test_no_line_of_a_named_file_that_is_no_spec_is_shown(
    run: Run, nets: Path, command: tuple[str, ...], text: str
) -> None:
    (nets / "passwd").write_bytes(text.encode("utf-8", "surrogateescape"))
    result = run(*command, "passwd")
    assert result.exit_code in (1, 2)
    assert "root" not in result.output


def test_copies_are_allowed_in_a_number(run: Run, nets: Path) -> None:
    (nets / "many.yaml").write_text(MANY)
    refused = run("compile", "many.yaml", "--allow-copies", "10")
    assert refused.exit_code == 1
    assert "this repeats 12 times, and blocks and repeats add at most 10 members" in refused.stderr
    assert "--allow-copies 50" in refused.stderr
    assert run("compile", "many.yaml", "--allow-copies", "12").exit_code == 0
    with pytest.raises(archspec.SpecError):
        archspec.load("many.yaml", permit=archspec.Permit(copies=11))


def test_the_variants_of_a_check_are_bounded_together(nets: Path) -> None:
    variants = "".join(f"  v{i}: {{w: {i + 1}}}\n" for i in range(50))
    spec = nets / "variants.yaml"
    spec.write_text(
        f"archspec: 1\nparams: {{w: 1}}\nvariants:\n{variants}inputs: {{x: [8]}}\n"
        "graph: {r: {op: linear, out_features: $w, repeat: 10}}\n"
    )
    assert pipeline.check(spec, archspec.Permit(copies=600)) == ()
    (found,) = pipeline.check(spec, archspec.Permit(copies=100))
    assert found.code == "too-many-nodes"
    assert found.message == "variants and cases of Variants add more than 100 members together; some are unchecked"
    assert pipeline.check(f"{spec}:v49", archspec.Permit(copies=100)) == ()
