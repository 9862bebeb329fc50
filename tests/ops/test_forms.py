"""How ops are printed and labelled, and what a reader of the reference is told."""

import pytest

from archspec.ops import OPS
from archspec.values.printing import text
from archspec.values.shape import Shape
from tests.ops.oracle import call_source, given_slots, make, module_source

IMAGE = Shape((64, 8, 8))
SMALL = Shape((64, 6, 6))
PLACES = Shape((3, 32), dtype="int")
TRUTH = Shape((64, 8, 8), dtype="bool")
TOKENS, TOKEN = Shape((49, 32)), Shape((1, 1, 32), batch=0)

MODULES = [
    ("conv2d", {"out_channels": 128, "kernel_size": 3, "stride": 2, "padding": 1, "bias": False},
     "nn.Conv2d(64, 128, 3, stride=2, padding=1, bias=False)"),
    ("conv2d", {"out_channels": 64, "kernel_size": (1, 7), "padding": (0, 3), "groups": 64},
     "nn.Conv2d(64, 64, (1, 7), padding=(0, 3), groups=64)"),
    ("conv_transpose2d", {"out_channels": 32, "kernel_size": 2, "stride": 2},
     "nn.ConvTranspose2d(64, 32, 2, stride=2)"),
    ("batch_norm2d", {}, "nn.BatchNorm2d(64)"),
    ("batch_norm2d", {"eps": 1}, "nn.BatchNorm2d(64, eps=1.0)"),
    ("group_norm", {"num_groups": 32}, "nn.GroupNorm(32, 64)"),
    ("layer_norm", {}, "nn.LayerNorm(8)"),
    ("layer_norm", {"normalized_shape": (8, 8)}, "nn.LayerNorm((8, 8))"),
    ("local_response_norm", {"size": 5}, "nn.LocalResponseNorm(5)"),
    ("rms_norm", {}, "nn.RMSNorm(8)"),
    ("rms_norm", {"eps": 1e-6, "elementwise_affine": False}, "nn.RMSNorm(8, eps=1e-6, elementwise_affine=False)"),
    ("layer_norm2d", {"eps": 1e-6}, "LayerNorm2d(64, eps=1e-6)"),
    ("global_response_norm", {}, "GlobalResponseNorm(8)"),
    ("global_response_norm", {"channels_last": False}, "GlobalResponseNorm(64, channels_last=False)"),
    ("max_pool2d", {"kernel_size": 3, "stride": 2, "ceil_mode": True}, "nn.MaxPool2d(3, stride=2, ceil_mode=True)"),
    ("adaptive_avg_pool2d", {"output_size": (7, 7)}, "nn.AdaptiveAvgPool2d((7, 7))"),
    ("linear", {"out_features": 10}, "nn.Linear(8, 10)"),
    ("dropout", {}, "nn.Dropout()"),
    ("dropout", {"p": 0.2}, "nn.Dropout(0.2)"),
    ("feature_alpha_dropout", {"p": 0.1}, "nn.FeatureAlphaDropout(0.1)"),
    ("stochastic_depth", {"p": 0.1}, "StochasticDepth(0.1)"),
    ("stochastic_depth", {"p": 0.1, "mode": "batch"}, 'StochasticDepth(0.1, "batch")'),
    ("lp_pool2d", {"norm_type": 2.0, "kernel_size": 3, "stride": 2}, "nn.LPPool2d(2.0, 3, stride=2)"),
    ("adaptive_max_pool3d", {"output_size": (1, None, 2)}, "nn.AdaptiveMaxPool3d((1, None, 2))"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_ratio": 0.7}, "nn.FractionalMaxPool2d(2, output_ratio=0.7)"),
    ("fold", {"output_size": 4, "kernel_size": 2, "stride": 2}, "nn.Fold(4, 2, stride=2)"),
    ("unfold", {"kernel_size": (2, 3), "padding": 1}, "nn.Unfold((2, 3), padding=1)"),
    ("channel_shuffle", {"groups": 4}, "nn.ChannelShuffle(4)"),
    ("constant_pad1d", {"padding": (1, 2), "value": 0.5}, "nn.ConstantPad1d((1, 2), 0.5)"),
    ("circular_pad3d", {"padding": 1}, "nn.CircularPad3d(1)"),
    ("flatten", {}, "nn.Flatten()"),
    ("upsample", {"scale_factor": 2, "mode": "bilinear", "align_corners": True},
     'nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)'),
    ("softmax", {"dim": 1}, "nn.Softmax(dim=1)"),
    ("prelu", {}, "nn.PReLU()"),
    ("rrelu", {}, "nn.RReLU()"),
    ("rrelu", {"lower": 0.2, "upper": 0.4}, "nn.RReLU(0.2, 0.4)"),
    ("threshold", {"threshold": 0.1, "value": 20}, "nn.Threshold(0.1, 20.0)"),
    ("log_sigmoid", {}, "nn.LogSigmoid()"),
    ("glu", {"dim": 1}, "nn.GLU(1)"),
    ("softmax2d", {}, "nn.Softmax2d()"),
    ("embedding", {"num_embeddings": 50257, "embedding_dim": 768}, "nn.Embedding(50257, 768)"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3, "parametrization": "weight_norm"},
     "nn.utils.parametrizations.weight_norm(nn.Conv2d(64, 8, 3))"),
    ("linear", {"out_features": 4, "bias": False, "parametrization": "spectral_norm"},
     "nn.utils.parametrizations.spectral_norm(nn.Linear(8, 4, bias=False))"),
    ("sync_batch_norm", {}, "nn.SyncBatchNorm(64)"),
    ("cross_map_lrn2d", {"size": 5, "k": 2}, "nn.CrossMapLRN2d(5, k=2.0)"),
    ("cosine_similarity", {"dim": 2}, "nn.CosineSimilarity(dim=2)"),
    ("embedding_bag", {"num_embeddings": 9, "embedding_dim": 4, "mode": "sum"}, 'nn.EmbeddingBag(9, 4, mode="sum")'),
    ("lstm", {"hidden_size": 16}, "nn.LSTM(8, 16, batch_first=True)"),
    ("gru", {"hidden_size": 16, "num_layers": 2, "dropout": 0.1, "bidirectional": True, "bias": False},
     "nn.GRU(8, 16, num_layers=2, bias=False, batch_first=True, dropout=0.1, bidirectional=True)"),
    ("rnn", {"hidden_size": 16, "nonlinearity": "relu"}, 'nn.RNN(8, 16, batch_first=True, nonlinearity="relu")'),
    ("lstm", {"hidden_size": 16, "proj_size": 4}, "nn.LSTM(8, 16, batch_first=True, proj_size=4)"),
    ("lstm_cell", {"hidden_size": 16}, "nn.LSTMCell(8, 16)"),
    ("rnn_cell", {"hidden_size": 16, "bias": False}, "nn.RNNCell(8, 16, bias=False)"),
]  # fmt: skip

CALLS = [
    ("relu", {}, (IMAGE,), "F.relu(a)"),
    ("leaky_relu", {"negative_slope": 0.1}, (IMAGE,), "F.leaky_relu(a, 0.1)"),
    ("hardtanh", {"max_val": 6.0}, (IMAGE,), "F.hardtanh(a, max_val=6.0)"),
    ("sigmoid", {}, (IMAGE,), "torch.sigmoid(a)"),
    ("softmax", {"dim": 1}, (IMAGE,), "F.softmax(a, dim=1)"),
    ("max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, (IMAGE,), "F.max_pool2d(a, 3, stride=2, padding=1)"),
    ("adaptive_avg_pool2d", {"output_size": 1}, (IMAGE,), "F.adaptive_avg_pool2d(a, 1)"),
    ("adaptive_max_pool2d", {"output_size": (7, None)}, (IMAGE,), "F.adaptive_max_pool2d(a, (7, a.shape[3]))"),
    ("max_unpool2d", {"kernel_size": 2}, (SMALL, SMALL), "F.max_unpool2d(a, b, (2, 2))"),
    ("max_unpool2d", {"kernel_size": 2, "stride": 2}, (SMALL, SMALL, IMAGE),
     "F.max_unpool2d(a, b, (2, 2), stride=(2, 2), output_size=c.shape[-2:])"),
    ("celu", {"alpha": 0.5}, (IMAGE,), "F.celu(a, 0.5)"),
    ("threshold", {"threshold": 0.1, "value": 20}, (IMAGE,), "F.threshold(a, 0.1, 20.0)"),
    ("log_sigmoid", {}, (IMAGE,), "F.logsigmoid(a)"),
    ("glu", {"dim": 1}, (IMAGE,), "F.glu(a, 1)"),
    ("softmin", {"dim": 1}, (IMAGE,), "F.softmin(a, dim=1)"),
    ("cdist", {"p": 1}, (TOKENS, Shape((10, 32), batch=0)), "torch.cdist(a, b, p=1.0)"),
    ("softmax2d", {}, (IMAGE,), "F.softmax(a, dim=1)"),
    ("exp", {}, (IMAGE,), "torch.exp(a)"),
    ("pow", {"exponent": 2}, (IMAGE,), "torch.pow(a, 2)"),
    ("clamp", {"min": 0, "max": 1}, (IMAGE,), "torch.clamp(a, min=0.0, max=1.0)"),
    ("clamp", {"max": 1}, (IMAGE,), "torch.clamp(a, max=1.0)"),
    ("sliding_window", {"dim": 1, "size": 4, "step": 2}, (TOKENS,), "a.unfold(1, 4, 2)"),
    ("max_unpool1d", {"kernel_size": 2}, (Shape((4, 6)), Shape((4, 6)), Shape((4, 13))),
     "F.max_unpool1d(a, b, (2,), output_size=c.shape[-1:])"),
    ("lp_pool2d", {"norm_type": 2.0, "kernel_size": 3}, (IMAGE,), "F.lp_pool2d(a, 2.0, 3)"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_size": 3}, (IMAGE,),
     "F.fractional_max_pool2d(a, 2, output_size=3)"),
    ("fractional_max_pool3d", {"kernel_size": 2, "output_ratio": 0.5}, (Shape((4, 8, 8, 8)),),
     "F.fractional_max_pool3d(a, 2, output_ratio=(0.5, 0.5, 0.5))"),
    ("fold", {"output_size": 4, "kernel_size": 2}, (Shape((8, 9)),), "F.fold(a, 4, 2)"),
    ("unfold", {"kernel_size": 2, "stride": 2}, (IMAGE,), "F.unfold(a, 2, stride=2)"),
    ("channel_shuffle", {"groups": 4}, (IMAGE,), "F.channel_shuffle(a, 4)"),
    ("flatten", {}, (IMAGE,), "torch.flatten(a, 1)"),
    ("flatten", {"start_dim": 2}, (IMAGE,), "torch.flatten(a, 2)"),
    ("flatten", {"end_dim": 2}, (IMAGE,), "torch.flatten(a, 1, 2)"),
    ("reshape", {"shape": (-1, 8)}, (IMAGE,), "a.reshape(a.shape[0], -1, 8)"),
    ("permute", {"dims": (0, 2, 3, 1)}, (IMAGE,), "a.permute(0, 2, 3, 1)"),
    ("mean", {"dim": (2, 3), "keepdim": True}, (IMAGE,), "a.mean((2, 3), keepdim=True)"),
    ("narrow", {"dim": 1, "start": 0, "length": 32}, (IMAGE,), "a.narrow(1, 0, 32)"),
    ("zero_pad2d", {"padding": 3}, (IMAGE,), "F.pad(a, (3, 3, 3, 3))"),
    ("reflection_pad2d", {"padding": (1, 1, 2, 2)}, (IMAGE,), 'F.pad(a, (1, 1, 2, 2), mode="reflect")'),
    ("replication_pad1d", {"padding": 2}, (Shape((4, 8)),), 'F.pad(a, (2, 2), mode="replicate")'),
    ("circular_pad3d", {"padding": 1}, (Shape((4, 8, 8, 8)),), 'F.pad(a, (1, 1, 1, 1, 1, 1), mode="circular")'),
    ("constant_pad2d", {"padding": 1, "value": 2}, (IMAGE,), "F.pad(a, (1, 1, 1, 1), value=2.0)"),
    ("pad", {"pad": (0, 0, 0, 0, 16, 16)}, (IMAGE,), "F.pad(a, (0, 0, 0, 0, 16, 16))"),
    ("upsample", {"scale_factor": (2, 3)}, (IMAGE,), "F.interpolate(a, scale_factor=(2.0, 3.0))"),
    ("upsample", {"mode": "bilinear", "align_corners": False}, (SMALL, IMAGE),
     'F.interpolate(a, size=b.shape[2:], mode="bilinear", align_corners=False)'),
    ("add", {}, (IMAGE, IMAGE), "a + b"),
    ("add", {}, (IMAGE, IMAGE, IMAGE), "a + b + c"),
    ("mul", {}, (IMAGE, Shape((64, 1, 1))), "a * b"),
    ("add", {"other": 1}, (IMAGE,), "a + 1"),
    ("sub", {"other": -0.5}, (IMAGE,), "a - -0.5"),
    ("mul", {"other": 0.125}, (IMAGE,), "a * 0.125"),
    ("maximum", {}, (IMAGE, IMAGE), "torch.maximum(a, b)"),
    ("reshape", {"shape": (49, 49, -1)}, (Shape((2401, 3), batch=0),), "a.reshape(49, 49, -1)"),
    ("slice", {"dim": 1, "start": 1}, (IMAGE,), "a[:, 1:]"),
    ("slice", {"dim": 2, "stop": -1}, (IMAGE,), "a[:, :, :-1]"),
    ("slice", {"dim": -2, "start": 1, "step": 2}, (IMAGE,), "a[..., 1::2, :]"),
    ("slice", {"dim": 0, "stop": 3}, (TOKEN,), "a[:3]"),
    ("select", {"dim": 1, "index": 0}, (TOKENS,), "a[:, 0]"),
    ("select", {"dim": -1, "index": -1}, (TOKENS,), "a[..., -1]"),
    ("split", {"split_size": (16, 48)}, (IMAGE,), "torch.split(a, [16, 48], 1)"),
    ("chunk", {"chunks": 2, "dim": -1}, (IMAGE,), "a.chunk(2, dim=-1)"),
    ("unbind", {"parts": 64}, (IMAGE,), "a.unbind(1)"),
    ("roll", {"shifts": (-3, -3), "dims": (1, 2)}, (IMAGE,), "a.roll((-3, -3), (1, 2))"),
    ("expand", {"size": (-1, 49, -1)}, (Shape((64, 1, 8)),), "a.expand(-1, -1, 49, -1)"),
    ("expand", {}, (TOKEN, TOKENS), "a.expand(b.shape[0], -1, -1)"),
    ("stack", {}, (IMAGE, IMAGE), "torch.stack([a, b], 1)"),
    ("matmul", {}, (TOKENS, Shape((32, 8), batch=0)), "a @ b"),
    ("functional_linear", {}, (TOKENS, Shape((8, 32), batch=0), Shape((8,), batch=0)), "F.linear(a, b, c)"),
    ("pad_to_multiple", {"multiple": 2}, (IMAGE,), "F.pad(a, (0, -a.shape[3] % 2, 0, -a.shape[2] % 2))"),
    ("pad_to_multiple", {"multiple": 2}, (Shape((8, 8, 64), channels_last=True),),
     "F.pad(a, (0, 0, 0, -a.shape[2] % 2, 0, -a.shape[1] % 2))"),
    ("positions", {}, (TOKENS,), "torch.arange(a.shape[1], device=a.device)"),
    ("einsum", {"equation": "nld,nsd->nls"}, (TOKENS, TOKENS), 'torch.einsum("nld,nsd->nls", a, b)'),
    ("einsum", {"equation": "ni,nj,nk->nijk"}, (SMALL,) * 3, 'torch.einsum("ni,nj,nk->nijk", a, b, c)'),
    ("index", {}, (Shape((169, 3), batch=0), Shape((49,), batch=0, dtype="int")), "a[b]"),
    ("masked_fill", {}, (IMAGE, Shape((1, 1, 8, 8), batch=0)), 'a.masked_fill(b == 0, float("-inf"))'),
    ("normalize", {"dim": -1}, (TOKENS,), "F.normalize(a, dim=-1)"),
    ("vector_norm", {"dim": (1, 2), "keepdim": True}, (IMAGE,),
     "torch.linalg.vector_norm(a, dim=(1, 2), keepdim=True)"),
    ("scaled_dot_product_attention", {"is_causal": True, "dropout_p": 0.1}, (TOKENS,) * 3,
     "F.scaled_dot_product_attention(a, b, c, dropout_p=0.1 if self.training else 0.0, is_causal=True)"),
    ("scaled_dot_product_attention", {"scale": 1}, (TOKENS, TOKENS, TOKENS, Shape((49, 49), batch=0)),
     "F.scaled_dot_product_attention(a, b, c, attn_mask=d, scale=1.0)"),
    ("scaled_dot_product_attention", {}, (Shape((8, 16, 4)), Shape((2, 9, 4)), Shape((2, 9, 6))),
     "F.scaled_dot_product_attention(a, b, c, enable_gqa=True)"),
    ("cosine_similarity", {"dim": -1}, (TOKENS, TOKENS), "F.cosine_similarity(a, b, dim=-1)"),
    ("pairwise_distance", {"p": 1, "keepdim": True}, (TOKENS, TOKENS),
     "F.pairwise_distance(a, b, p=1.0, keepdim=True)"),
    ("grid_sample", {"mode": "nearest"}, (IMAGE, Shape((4, 4, 2))),
     'F.grid_sample(a, b, mode="nearest", align_corners=False)'),
    ("affine_grid", {}, (Shape((2, 3)), IMAGE), "F.affine_grid(a, list(b.shape), align_corners=False)"),
    ("affine_grid", {"size": (4, 6), "align_corners": True}, (Shape((2, 3)),),
     "F.affine_grid(a, [a.shape[0], 1, 4, 6], align_corners=True)"),
    ("functional_conv2d", {"stride": 2, "groups": 2}, (IMAGE, Shape((4, 32, 3, 3), batch=0), Shape((4,), batch=0)),
     "F.conv2d(a, b, c, stride=2, groups=2)"),
    ("functional_conv_transpose2d", {"stride": 2, "output_padding": 1}, (IMAGE, Shape((64, 4, 3, 3), batch=0)),
     "F.conv_transpose2d(a, b, stride=2, output_padding=1)"),
    ("dynamic_conv1d", {"padding": 1}, (TOKENS, Shape((4, 49, 3))), "conv1d_of_each(a, b, padding=1)"),
    ("window_partition", {"window_size": (7, 7), "shift_size": (3, 3)}, (IMAGE,),
     "window_partition(a, (7, 7), (3, 3))"),
    ("window_partition", {"window_size": (7, 7), "grid": True}, (IMAGE,), "grid_partition(a, (7, 7))"),
    ("window_mask", {"window_size": (7, 7)}, (IMAGE,), "window_mask(a, (7, 7), (0, 0))"),
    ("topk", {"k": 2}, (TOKENS,), "torch.topk(a, 2)"),
    ("topk", {"k": 2, "dim": 1, "largest": False}, (TOKENS,), "torch.topk(a, 2, dim=1, largest=False)"),
    ("sort", {"descending": True}, (TOKENS,), "torch.sort(a, descending=True)"),
    ("median", {"dim": 1}, (TOKENS,), "a.median(1)"),
    ("mode", {"dim": 1, "keepdim": True}, (TOKENS,), "a.mode(1, keepdim=True)"),
    ("kthvalue", {"k": 2}, (TOKENS,), "a.kthvalue(2)"),
    ("kthvalue", {"k": 2, "dim": 1}, (TOKENS,), "a.kthvalue(2, dim=1)"),
    ("renorm", {"p": 2, "dim": 0, "maxnorm": 1}, (TOKENS,), "torch.renorm(a, 2.0, 0, 1.0)"),
    ("bucketize", {"right": True}, (TOKENS, Shape((3,), batch=0)), "torch.bucketize(a, b, right=True)"),
    ("searchsorted", {}, (Shape((49, 3)), TOKENS), "torch.searchsorted(a, b)"),
    ("argsort", {"dim": 1}, (TOKENS,), "torch.argsort(a, dim=1)"),
    ("argmax", {"dim": -1}, (TOKENS,), "a.argmax(-1)"),
    ("max", {"dim": 1, "keepdim": True}, (TOKENS,), "a.max(1, keepdim=True)"),
    ("cumsum", {"dim": 1}, (TOKENS,), "a.cumsum(1)"),
    ("std", {"dim": (2, 3), "correction": 0}, (IMAGE,), "a.std((2, 3), correction=0)"),
    ("norm", {"dim": -1, "keepdim": True}, (TOKENS,), "torch.norm(a, dim=-1, keepdim=True)"),
    ("norm", {"dim": -1, "p": 1}, (TOKENS,), "torch.norm(a, p=1.0, dim=-1)"),
    ("neg", {}, (IMAGE,), "-a"),
    ("gather", {"dim": 1}, (TOKENS, PLACES), "a.gather(1, b)"),
    ("take_along_dim", {"dim": 1}, (TOKENS, PLACES), "torch.take_along_dim(a, b, 1)"),
    ("take_along_dim", {"dim": 2}, (TOKENS, Shape((1, 49, 3), batch=0, dtype="int")),
     "torch.take_along_dim(a, b, 2)"),
    ("index_select", {"dim": 1}, (TOKENS, Shape((3,), batch=0, dtype="int")), "a.index_select(1, b)"),
    ("scatter_add", {"dim": 1}, (TOKENS, PLACES, TOKENS), "a.scatter_add(1, b, c.type_as(a))"),
    ("scatter", {"dim": 1}, (TOKENS, PLACES, TOKENS), "a.scatter(1, b, c.type_as(a))"),
    ("scatter", {"dim": 1, "value": 0.5}, (TOKENS, PLACES), "a.scatter(1, b, 0.5)"),
    ("one_hot", {"num_classes": 10}, (PLACES,), "F.one_hot(a, 10)"),
    ("randn_like", {}, (TOKENS,), "torch.randn_like(a)"),
    ("full_like", {"fill_value": 0.5}, (TOKENS,), "torch.full_like(a, 0.5)"),
    ("detach", {}, (TOKENS,), "a.detach()"),
    ("tril", {"diagonal": -1}, (TOKENS,), "torch.tril(a, -1)"),
    ("flip", {"dims": (2, 3)}, (IMAGE,), "a.flip((2, 3))"),
    ("repeat_interleave", {"repeats": 2, "dim": 1}, (TOKENS,), "a.repeat_interleave(2, dim=1)"),
    ("tile", {"dims": (2, 1)}, (TOKENS,), "a.tile((2, 1))"),
    ("outer", {}, (Shape((4,), batch=0), Shape((5,), batch=0)), "torch.outer(a, b)"),
    ("atan2", {}, (IMAGE, IMAGE), "torch.atan2(a, b)"),
    ("round", {}, (IMAGE,), "torch.round(a)"),
    ("round", {"decimals": 2}, (IMAGE,), "torch.round(a, decimals=2)"),
    ("gt", {"other": 0}, (IMAGE,), "a > 0"),
    ("eq", {}, (IMAGE, IMAGE), "a == b"),
    ("gt", {"other": 0, "number_first": True}, (IMAGE,), "0 > a"),
    ("ne", {"other": 0, "number_first": True}, (IMAGE,), "a != 0"),
    ("remainder", {"other": 5, "number_first": True}, (IMAGE,), "torch.remainder(5, a)"),
    ("remainder", {"other": 2}, (IMAGE,), "torch.remainder(a, 2)"),
    ("logical_not", {}, (IMAGE,), "torch.logical_not(a)"),
    ("where", {}, (TRUTH, IMAGE, IMAGE), "torch.where(a, b, c)"),
    ("where", {"other": 0.0}, (TRUTH, IMAGE), "torch.where(a, b, 0.0)"),
    ("where", {"input": 1}, (TRUTH, IMAGE), "torch.where(a, 1, b)"),
    ("where", {"input": 1, "other": 0}, (TRUTH,), "torch.where(a, 1, 0)"),
    ("masked_fill", {"value": 0}, (IMAGE, TRUTH), "a.masked_fill(b, 0.0)"),
    ("concat", {}, (IMAGE, IMAGE), "torch.cat([a, b], 1)"),
    ("concat", {}, (TOKEN, TOKENS), "torch.cat([a.expand(b.shape[0], -1, -1), b], 1)"),
    ("concat", {"dim": 0}, (TOKEN, TOKEN), "torch.cat([a, b], 0)"),
    ("concat", {"dim": -1}, (IMAGE, IMAGE), "torch.cat([a, b], -1)"),
    ("concat", {"align": "crop"}, (IMAGE, SMALL), "torch.cat([center_crop(a, b), b], 1)"),
    ("concat", {"align": "pad"}, (IMAGE, SMALL), "torch.cat([a, pad_to(b, a)], 1)"),
    ("concat", {"align": "resize"}, (SMALL, IMAGE), "torch.cat([a, F.interpolate(b, size=a.shape[2:])], 1)"),
    ("add", {"align": "crop", "offset": 1}, (IMAGE, SMALL), "crop(a, b, [1, 1]) + b"),
    ("add", {"align": "crop", "offset": (0, 2)}, (SMALL, IMAGE), "a + crop(b, a, [0, 2])"),
]  # fmt: skip

DECLARATIONS = [
    ("parameter", {"shape": (1, 1, 768)}, "torch.zeros(1, 1, 768)"),
    ("parameter", {"shape": (96,), "init": 1e-6}, "torch.full((96,), 1e-6)"),
    ("parameter", {"shape": (96, 1, 1), "init": 2}, "torch.full((96, 1, 1), 2.0)"),
    ("parameter", {"shape": (), "init": "ones"}, "torch.ones(())"),
    ("parameter", {"shape": (1, 197, 768), "init": "normal", "std": 0.02},
     "nn.init.normal_(torch.empty(1, 197, 768), std=0.02)"),
    ("parameter", {"shape": (169, 3), "init": "trunc_normal", "std": 0.02},
     "nn.init.trunc_normal_(torch.empty(169, 3), std=0.02)"),
    ("parameter", {"shape": (8,), "init": "uniform", "low": -1}, "nn.init.uniform_(torch.empty(8), a=-1.0)"),
    ("buffer", {"shape": (8,), "init": "arange", "dtype": "int"}, "torch.arange(8)"),
    ("relative_position_index", {"window_size": (7, 7)}, "relative_position_index(7, 7).flatten()"),
    ("relative_position_index", {"window_size": (7, 7), "flatten": False}, "relative_position_index(7, 7)"),
    ("relative_coords_table", {"window_size": (8, 8)}, "relative_coords_table(8, 8)"),
    ("causal_mask", {"size": 1024}, "torch.ones(1, 1, 1024, 1024).tril()"),
    ("packed_buffer", {"shape": (2,), "packed": "eNpjZIAAAAAQAAI=", "dtype": "int"},
     'unpacked("eNpjZIAAAAAQAAI=", torch.int64).reshape(2)'),
    ("buffer", {"shape": (3, 1, 1), "init": (0.5, 1, 2)}, "torch.tensor([0.5, 1, 2]).reshape(3, 1, 1)"),
    ("buffer", {"shape": (3,), "init": (0, 1, 2)}, "torch.tensor([0, 1, 2], dtype=torch.float32)"),
    ("buffer", {"shape": (2,), "init": (0, 1), "dtype": "int"}, "torch.tensor([0, 1], dtype=torch.int64)"),
    ("buffer", {"shape": (2, 2), "init": ((1, 0), (0, 1)), "dtype": "bool"},
     "torch.tensor([[1, 0], [0, 1]], dtype=torch.bool)"),
    ("eye", {"n": 4}, "torch.eye(4)"),
    ("eye", {"n": 4, "m": 5}, "torch.eye(4, 5)"),
    ("arange", {"end": 8}, "torch.arange(8)"),
    ("linspace", {"start": 0, "end": 1, "steps": 5}, "torch.linspace(0, 1, 5)"),
    ("logspace", {"start": 0, "end": 2, "steps": 3}, "torch.logspace(0, 2, 3)"),
    ("logspace", {"start": 0, "end": 3, "steps": 4, "base": 2.0}, "torch.logspace(0, 3, 4, base=2.0)"),
    ("arange", {"end": 8, "start": 2}, "torch.arange(2, 8)"),
    ("arange", {"end": 1.0, "step": 0.25}, "torch.arange(0, 1.0, 0.25)"),
    ("full", {"size": (2, 3), "fill_value": 0.5}, "torch.full((2, 3), 0.5)"),
    ("buffer", {"shape": (8,), "init": "arange"}, "torch.arange(8, dtype=torch.float32)"),
    ("buffer", {"shape": (2, 2), "init": 3, "dtype": "int"}, "torch.full((2, 2), 3, dtype=torch.int64)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "source"), MODULES)
def test_module_form(name: str, fields: dict[str, object], source: str) -> None:
    assert module_source(make(name, **fields), (IMAGE,)) == source


@pytest.mark.parametrize(("name", "fields", "xs", "source"), CALLS)
def test_functional_form(name: str, fields: dict[str, object], xs: tuple[Shape, ...], source: str) -> None:
    assert call_source(make(name, **fields), xs) == source


@pytest.mark.parametrize(("name", "fields", "source"), DECLARATIONS)
def test_declaration(name: str, fields: dict[str, object], source: str) -> None:
    op = make(name, **fields)
    assert text(op.declaration(given_slots(op, ()))) == source


def test_parts_are_numbered_from_the_bare_name_on() -> None:
    assert make("chunk", chunks=3).ports == make("unbind", parts=3).ports == ("", "1", "2")
    assert make("split", split_size=(2, 4)).ports == ("", "1")


FORMS = [
    ("slice", {"dim": 1}, {"dim": 2}, (IMAGE,), (IMAGE,)),
    ("linear", {"out_features": 2}, {"out_features": 2, "parametrization": "weight_norm"}, (TOKENS,), (TOKENS,)),
    ("multi_head_attention", {"num_heads": 2}, {"num_heads": 2}, (*[TOKENS] * 3, Shape((49,))),
     (*[TOKENS] * 3, Shape((49, 49)))),
    ("select", {"dim": 1, "index": 0}, {"dim": 2, "index": 0}, (IMAGE,), (IMAGE,)),
    ("concat", {}, {}, (TOKENS, TOKENS), (TOKEN, TOKENS)),
    ("masked_fill", {}, {}, (IMAGE, IMAGE), (IMAGE, TRUTH)),
    ("where", {"input": 1}, {"other": 1}, (TRUTH, IMAGE), (TRUTH, IMAGE)),
    ("concat", {"align": "crop"}, {"align": "crop"}, (IMAGE, SMALL), (SMALL, IMAGE)),
    ("reshape", {"shape": (-1,)}, {"shape": (-1,)}, (TOKENS,), (TOKEN,)),
    ("parameter", {"shape": (8,)}, {"shape": (8,), "init": "ones"}, (), ()),
    ("buffer", {"shape": (8,)}, {"shape": (8,), "dtype": "int"}, (), ()),
    ("window_partition", {"window_size": (2, 2)}, {"window_size": (2, 2), "grid": True}, (IMAGE,), (IMAGE,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "one", "other", "xs", "ys"), FORMS)
def test_what_slots_do_not_say_is_another_form(
    name: str, one: dict[str, object], other: dict[str, object], xs: tuple[Shape, ...], ys: tuple[Shape, ...]
) -> None:
    assert make(name, **one).form(xs) != make(name, **other).form(ys)


def test_settings_that_slots_say_are_one_form() -> None:
    plain, shifted = (make("window_partition", window_size=(2, 2), shift_size=shift) for shift in ((0, 0), (1, 1)))
    assert plain.form((IMAGE,)) == shifted.form((IMAGE,))


def test_a_number_stands_for_the_other_input() -> None:
    assert OPS["mul"].needs({"other"}) == OPS["add"].needs({"other", "align"}) == 1
    assert OPS["mul"].needs(()) == OPS["maximum"].needs(()) == 2


def test_an_index_port_is_a_slot_that_is_off() -> None:
    pool = make("max_pool2d", kernel_size=2)
    assert pool.slots((IMAGE,))["return_indices"] is pool.defaults()["return_indices"] is False


def test_channels_last_follows_the_channels() -> None:
    permute, back = make("permute", dims=(0, 2, 3, 1)), make("permute", dims=(0, 3, 1, 2))
    (last,) = permute.infer((IMAGE,))
    assert last == Shape((8, 8, 64), channels_last=True)
    assert back.infer((last,)) == (IMAGE,)
    linear = make("linear", out_features=10)
    assert linear.infer((last,)) == (Shape((8, 8, 10), channels_last=True),)
    assert make("layer_norm").infer((last,)) == make("relu").infer((last,)) == make("dropout").infer((last,)) == (last,)
    tokens = make("flatten", start_dim=1, end_dim=2)
    assert tokens.infer((last,)) == (Shape((64, 64)),)


def test_arithmetic_with_parameters_keeps_the_layout() -> None:
    add, mul = make("add"), make("mul")
    position = Shape((1, 49, 32), batch=0)
    assert add.infer((position, TOKENS)) == (TOKENS,)
    scale, last = Shape((64, 1, 1), batch=0), Shape((8, 8, 64), channels_last=True)
    assert mul.infer((scale, IMAGE)) == (IMAGE,)
    assert mul.infer((Shape((64,), batch=0), last)) == (last,)


@pytest.mark.parametrize("name", list(OPS))
def test_every_op_and_field_says_what_it_is(name: str) -> None:
    cls = OPS[name]
    assert "->" in (cls.__doc__ or "").splitlines()[0]
    assert all(field.description for field in cls.model_fields.values())


@pytest.mark.parametrize(
    ("name", "fields"),
    [("exp", {}), ("square", {}), ("clamp", {"min": 0}), ("pow", {"exponent": 0.5}), ("softsign", {}), ("glu", {})],
)
def test_a_function_of_elements_keeps_the_layout(name: str, fields: dict[str, object]) -> None:
    for x in (Shape((8, 8, 64), channels_last=True), Shape((1, 49, 64), batch=0)):
        (y,) = make(name, **fields).infer((x,))
        assert (y.batch, y.channels_last, y.dims[:2]) == (x.batch, x.channels_last, x.dims[:2])


def test_norms_say_which_dimension_the_channels_are() -> None:
    assert make("global_response_norm").infer((IMAGE,))[0].channels_last
    assert not make("global_response_norm", channels_last=False).infer((IMAGE,))[0].channels_last
    assert not make("layer_norm2d").infer((IMAGE,))[0].channels_last


@pytest.mark.parametrize("name", list(OPS))
def test_a_module_that_torch_lacks_is_among_the_helpers(name: str) -> None:
    module = OPS[name].module
    if module and not module.startswith("nn."):
        required: dict[str, dict[str, object]] = {"stochastic_depth": {"p": 0.5}, "permute": {"dims": (0, 2, 1)}}
        assert module in {helper.name for helper in make(name, **required.get(name, {})).helpers()}


@pytest.mark.parametrize("name", list(OPS))
def test_every_op_has_a_form(name: str) -> None:
    cls = OPS[name]
    assert cls.module or cls.function or cls.holds or cls.expression is not OPS["relu"].expression or name == "input"
    assert not cls.stateful or cls.module or cls.holds
