"""Writes audio/htsat.safetensors: a small HTSAT with feature fusion as transformers runs it, and its gradients.

Needs torch, transformers and safetensors:  python htsat.py
"""
import os

import torch
from safetensors.torch import save_file
from transformers import ClapAudioConfig
from transformers.models.clap.modeling_clap import ClapAudioModel

torch.manual_seed(7)
config = ClapAudioConfig(
    num_mel_bins=8, spec_size=32, patch_size=4, patch_stride=[4, 4], patch_embeds_hidden_size=8, depths=[2, 2],
    num_attention_heads=[2, 4], window_size=4, hidden_size=16, enable_fusion=True, fusion_type="aff_2d",
    attn_implementation="eager")
model = ClapAudioModel(config).eval()
with torch.no_grad():
    for name, value in model.state_dict().items():
        if name.endswith("running_mean") or (value.is_floating_point() and value.dim() == 1 and "bias" in name):
            value.normal_(0, 0.3)
        elif name.endswith("running_var") or (value.is_floating_point() and value.dim() == 1):
            value.uniform_(0.5, 1.5)
        elif value.is_floating_point():
            value.normal_(0, 0.3)

x = torch.randn(3, 4, 101, 8)
longer = torch.tensor([[False], [True], [True]])
weights = torch.randn(3, 16)
pooled = model(x, is_longer=longer).pooler_output
(pooled * weights).sum().backward()
exact = model.double()(x.double(), is_longer=longer).pooler_output
save_file({
    "x": x, "weights": weights, "pooled": exact.detach().float(),
    **{"model." + k: v.float().contiguous() for k, v in model.state_dict().items() if v.is_floating_point()},
    **{"gradient." + k: v.grad.float() for k, v in model.named_parameters() if v.grad is not None},
}, os.path.join(os.path.dirname(os.path.abspath(__file__)), "audio/htsat.safetensors"))
print((pooled.double() - exact).abs().max().item(), exact.abs().max().item())
