"""`verify` holds of specs drawn at random: where parts stand, what they count and what they give, module by module."""

from typing import Any

import torch
import yaml
from hypothesis import HealthCheck, given, settings

from archspec.design import Design
from archspec.pipeline import load_text
from archspec.runtime.build import load_class
from archspec.runtime.checks import Setup, check_buffers, check_macs, check_params, check_shapes
from tests.code.drawn_specs import specs
from tests.examples import examples

CHECKS = (check_params, check_buffers, check_macs, check_shapes)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(spec=specs())
def test_verify_holds(spec: dict[str, Any]) -> None:
    network = load_text(yaml.safe_dump(spec, sort_keys=False))
    setup = Setup(network, load_class(Design(network).source(), network.name), "cpu", torch.float32)
    for check in CHECKS:
        found = check(setup)
        assert found.passed, (found.name, found.detail)
