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
    ("repvgg:repvgg_a0", "9.1", "1.5e3", "model card of timm/repvgg_a0.rvgg_in1k"),
    ("repvgg:repvgg_a0_deploy", "8.3", "1.4e3", "Ding et al. (2021), table 4"),
    ("repvgg:repvgg_b0", "15.8", "3.4e3", "model card of timm/repvgg_b0.rvgg_in1k"),
    ("sk_resnet:skresnet18", "12.0", "1.8e3", "model card of timm/skresnet18.ra_in1k"),
    ("sk_resnet:skresnet34", "22.3", "3.7e3", "model card of timm/skresnet34.ra_in1k"),
    ("poolformer:poolformer_s12", "12", "1.8e3", "Yu et al. (2022), table 2"),
    ("poolformer:poolformer_s24", "21", "3.4e3", "Yu et al. (2022), table 2"),
    ("poolformer:poolformer_m36", "56", "8.8e3", "Yu et al. (2022), table 2"),
    ("darknet53", "41.6", "9.3e3", "model card of timm/darknet53.c2ns_in1k"),
    (
        "yolo_v3",
        "61.949149",
        "32.932e3",
        "torchsummary; half of the 65.864 BFLOPs that darknet prints",
    ),
    (
        "mobilevit:mobilevit_s",
        "5.6",
        "2.0e3",
        "Mehta & Rastegari (2022); card of timm/mobilevit_s.cvnets_in1k",
    ),
    ("mobilevit:mobilevit_xs", "2.3", "1.0e3", "Mehta & Rastegari (2022); card of timm/mobilevit_xs.cvnets_in1k"),
    (
        "mobilevit:mobilevit_xxs",
        "1.3",
        "0.4e3",
        "Mehta & Rastegari (2022); card of timm/mobilevit_xxs.cvnets_in1k",
    ),
    ("resnet_v2:resnetv2_50x1_bit", "25.5", "", "model card of timm/resnetv2_50x1_bit.goog_in21k_ft_in1k"),
    ("resnet_v2:resnetv2_50x3_bit", "217.3", "", "model card of timm/resnetv2_50x3_bit.goog_in21k_ft_in1k"),
    ("resnet_v2:resnetv2_101x1_bit", "44.5", "", "model card of timm/resnetv2_101x1_bit.goog_in21k_ft_in1k"),
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
