"""RepVGG: one convolution with bias is the sum of the three branches that were trained (Ding et al., 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archspec.design import Setting
from archspec.runtime.compare import randomise
from tests.gallery.by_hand import built, noise

SMALL: dict[str, Setting] = {"widths": [4, 6, 8, 10], "depths": [2, 2, 1, 1]}


def folded(kernel: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """The kernel and the bias that do what this kernel and the norm behind it do in eval mode."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return kernel * scale[:, None, None, None], norm.bias - norm.running_mean * scale


def fused(block: nn.Module) -> tuple[Tensor, Tensor]:
    """Kernel and bias of a block's three branches."""
    parts = dict(block.named_modules())
    wide, narrow = parts["conv_kxk.conv"].weight, parts["conv_1x1.conv"].weight
    assert isinstance(wide, Tensor)
    assert isinstance(narrow, Tensor)
    pairs = [(wide, parts["conv_kxk.bn"]), (F.pad(narrow, [1, 1, 1, 1]), parts["conv_1x1.bn"])]
    if isinstance(parts.get("identity"), nn.BatchNorm2d):
        eye = torch.eye(len(wide))[:, :, None, None]
        pairs.append((F.pad(eye, [1, 1, 1, 1]), parts["identity"]))
    kernels, biases = zip(
        *(folded(kernel, norm) for kernel, norm in pairs if isinstance(norm, nn.BatchNorm2d)), strict=True
    )
    return sum(kernels[1:], kernels[0]), sum(biases[1:], biases[0])


def test_the_deployed_network_is_the_trained_one_with_its_branches_summed() -> None:
    trained, deployed = built("repvgg:repvgg_a0", **SMALL), built("repvgg:repvgg_a0_deploy", **SMALL)
    randomise(trained)
    state = {}
    for key, value in deployed.state_dict().items():
        path, _, last = key.rpartition(".reparam_conv.")
        if not path:
            state[key] = trained.state_dict()[key]
            continue
        kernel, bias = fused(trained.get_submodule(path))
        state[key] = kernel if last == "weight" else bias
        assert state[key].shape == value.shape
    deployed.load_state_dict(state)
    (image,) = noise((2, 3, 64, 64))
    with torch.no_grad():
        torch.testing.assert_close(deployed(image), trained(image), rtol=1e-4, atol=1e-5)
