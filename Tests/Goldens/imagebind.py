"""Records Tests/Goldens/imagebind: a tiny ImageBind with random weights, as its authors' code saves and runs it.

Python 3.11 with torch 2.13, timm, einops, iopath, ftfy and facebookresearch/ImageBind on PYTHONPATH. Weights are rounded to half
precision before the vectors are made, and are stored so; inputs are patterns of whole numbers that the test makes again. The
vocabulary is cut to 16 rows. Run from the root of the checkout: python Tests/Goldens/imagebind.py
"""

import json
import pathlib

import torch
from imagebind.models.imagebind_model import ImageBindModel
from safetensors.torch import save_file

out = pathlib.Path(__file__).parent / "imagebind"
out.mkdir(exist_ok=True)
torch.manual_seed(11)
sizes = {"out_embed_dim": 6, "audio_num_mel_bins": 32, "audio_target_len": 36}
for sense, width, heads in [("vision", 6, 2), ("audio", 8, 4), ("text", 4, 2), ("depth", 4, 1), ("thermal", 6, 3), ("imu", 8, 2)]:
    sizes |= {f"{sense}_embed_dim": width, f"{sense}_num_blocks": 1, f"{sense}_num_heads": heads}
model = ImageBindModel(**sizes, kernel_size=(2, 28, 28), depth_kernel_size=32, thermal_kernel_size=32).eval()
entry = model.modality_preprocessors["text"]
entry.token_embedding = torch.nn.Embedding(16, 4)
with torch.no_grad():
    for name, value in model.named_parameters():
        if name.endswith("log_logit_scale"):
            value.fill_(2.5)
            continue
        spread = 0.2 if value.ndim < 2 else min(0.8 / value[0].numel() ** 0.5, 0.5)
        value.copy_(torch.randn_like(value) * spread + (1 if "norm" in name and name.endswith("weight") else 0))
        value.copy_(value.half().float())


def pattern(*shape):
    """Numbers from 0 to 250 that repeat in no direction."""
    grid = torch.meshgrid(*[torch.arange(n) for n in shape], indexing="ij")
    return sum(axis * (7 + 6 * index) for index, axis in enumerate(reversed(grid))) % 251


mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
levels = pattern(2, 224, 224, 3).permute(0, 3, 1, 2)
ids = torch.zeros(2, 77, dtype=torch.long)
ids[0, :4] = torch.tensor([14, 3, 7, 15])
ids[1, :6] = torch.tensor([14, 9, 1, 2, 5, 15])
inputs = {
    "vision": (levels / 255 - mean) / deviation,
    "audio": (pattern(2, 1, 32, 36) / 50 - 2.5)[:, None],
    "text": ids,
    "depth": pattern(2, 1, 224, 224) / 255 * 4 - 2,
    "thermal": pattern(2, 1, 224, 224) / 255,
    "imu": pattern(2, 6, 2000) / 100 - 1.25,
}
with torch.no_grad():
    vectors = {name: model({name: value})[name] for name, value in inputs.items()}
save_file({name: value.contiguous() for name, value in vectors.items()}, out / "expected.safetensors")
state = {name: value.half() if value.is_floating_point() else value for name, value in model.state_dict().items()}
for name in list(state):
    if name.endswith("text.mask"):
        state.pop(name)
torch.save(state, out / "imagebind_tiny.pth")
(out / "config.json").write_text(json.dumps(sizes, indent=1) + "\n")
