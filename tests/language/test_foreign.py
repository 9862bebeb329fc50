"""Files of other tools are told as what they are, in one message, and none of their lines is shown."""

from pathlib import Path

import pytest

from archspec.diagnostics.diagnostic import SpecError
from archspec.pipeline import load_network

FILES = {
    "yolo.yaml": ("nc: 80\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, Detect, []]\n", "Ultralytics"),
    "net.json": ('{"class_name": "Functional", "config": {"name": "net", "layers": []}}', "Keras"),
    "net.prototxt": ('name: "LeNet"\nlayer {\n  name: "data"\n  type: "Input"\n}\n', "Caffe"),
    "ludwig.yaml": ("input_features: [{name: x}]\noutput_features: [{name: y}]\n", "Ludwig"),
    "plans.json": ('{"plans_name": "nnUNetPlans", "configurations": {}}', "nnU-Net"),
    "config.json": ('{"architectures": ["BertModel"], "model_type": "bert"}', "Transformers"),
    "net.onnx": ("\x08\x07", "ONNX"),
    "net.pt": ("PK\x03\x04", "PyTorch"),
}


@pytest.mark.parametrize("name", FILES)
def test_file_of_another_tool_is_one_message(name: str, tmp_path: Path) -> None:
    text, tool = FILES[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_network(path)
    (found,) = caught.value.diagnostics
    assert found.code == "not-a-spec"
    assert tool in found.message
    assert found.help
    assert not found.span.source.text


def test_a_spec_with_keys_of_another_tool_stays_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("archspec: 1\nbackbone: []\nhead: []\ninputs: {x: [4]}\ngraph: {a: relu}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_network(path)
    assert [found.code for found in caught.value.diagnostics] == ["unknown-key", "unknown-key"]


def test_a_file_of_no_known_tool_is_read_as_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("inputs: {x: [4]}\ngraph: {a: relu}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_network(path)
    assert [found.code for found in caught.value.diagnostics] == ["missing-key"]
