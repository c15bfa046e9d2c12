"""Writes panns/Cnn10.pth and panns/Cnn6.pth, narrow networks named as PANNs' are, and what they make of a spectrogram.

Needs torch and safetensors:  python panns.py
"""
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

out = pathlib.Path(__file__).parent / "panns"
MELS, WIDTHS, WIDTH, CLASSES = 64, (2, 3, 4, 5), 6, 3


class Net(nn.Module):
    """Four blocks, each pooled, of `steps` convolutions with a kernel of `side`."""

    def __init__(self, steps, side):
        super().__init__()
        self.steps = steps
        self.bn0 = nn.BatchNorm2d(MELS)
        for index, (before, after) in enumerate(zip((1, *WIDTHS), WIDTHS), 1):
            block = nn.Module()
            for step in range(1, steps + 1):
                block.add_module(
                    f"conv{step}",
                    nn.Conv2d(before if step == 1 else after, after, side, padding=side // 2, bias=False))
                block.add_module(f"bn{step}", nn.BatchNorm2d(after))
            self.add_module(f"conv_block{index}", block)
        self.fc1 = nn.Linear(WIDTHS[-1], WIDTH)
        self.fc_audioset = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        x = self.bn0(x.unsqueeze(1).transpose(1, 3)).transpose(1, 3)
        for index in range(1, len(WIDTHS) + 1):
            block = getattr(self, f"conv_block{index}")
            for step in range(1, self.steps + 1):
                x = F.relu(getattr(block, f"bn{step}")(getattr(block, f"conv{step}")(x)))
            x = F.avg_pool2d(x, 2)
        x = x.mean(3)
        return F.relu(self.fc1(x.amax(2) + x.mean(2)))


torch.manual_seed(5)
x = torch.randn(2, 70, MELS) * 10 - 30
expected = {"x": x}
for name, steps, side in [("Cnn10", 2, 3), ("Cnn6", 1, 5)]:
    net = Net(steps, side).eval()
    for value in net.state_dict().values():
        if value.is_floating_point() and value.dim() == 1:
            nn.init.uniform_(value, 0.5, 1.5)
    with torch.no_grad():
        expected[name] = net(x)
    torch.save({"iteration": 0, "model": net.state_dict()}, out / f"{name}.pth")
save_file(expected, out / "expected.safetensors")
