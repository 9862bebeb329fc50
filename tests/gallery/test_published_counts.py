"""Totals as papers and model cards print them: where a twin is in a library that may be absent, and to these digits."""

import pytest

from tests.gallery.networks import counted

# Spec, params and MACs in millions as printed ("" where they are not), and where.
PUBLISHED = [
    ("inception_v4", "42.7", "12.3e3", "model card of timm/inception_v4.tf_in1k"),
    ("res2net:res2net50_26w_4s", "25.7", "4.3e3", "model card of timm/res2net50_26w_4s.in1k"),
    ("res2net:res2net101_26w_4s", "45.2", "8.1e3", "model card of timm/res2net101_26w_4s.in1k"),
    ("res2net:res2next50", "24.7", "4.2e3", "model card of timm/res2next50.in1k"),
    ("ghostnet", "5.2", "141", "Han et al. (2019), table 7, GhostNet 1.0x"),
    ("convmixer:convmixer_1536_20", "51.6", "", "Trockman & Kolter (2022), table 1"),
    ("convmixer:convmixer_768_32", "21.1", "", "Trockman & Kolter (2022), table 1"),
    ("convmixer:convmixer_1024_20_ks9_p14", "24.4", "", "Trockman & Kolter (2022), table 2"),
]


@pytest.mark.parametrize(("spec", "params", "macs", "source"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_totals_round_to_what_is_printed(spec: str, params: str, macs: str, source: str) -> None:
    totals = counted(spec).totals
    assert (as_printed(totals.params, params), as_printed(totals.macs, macs)) == (params, macs), source


def as_printed(count: int, like: str) -> str:
    """A count in the digits and the unit of a printed figure: 12,253,974,624 like `4.3e3` -> `12.3e3`."""
    mantissa, _, exponent = like.partition("e")
    if not mantissa:
        return ""
    digits = len(mantissa.partition(".")[2])
    return f"{count / 10 ** (6 + int(exponent or 0)):.{digits}f}" + (f"e{exponent}" if exponent else "")
