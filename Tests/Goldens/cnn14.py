"""Writes audio/cnn14.safetensors: a CNN14 of three narrow blocks, what it answers, and its gradients.

Needs torch and safetensors:  python cnn14.py
"""
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(3)
MELS, WIDTHS, WIDTH = 8, (2, 3, 4), 5


class Block(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn0 = nn.BatchNorm1d(MELS)
        self.blocks = nn.ModuleList(Block(a, b) for a, b in zip((1, *WIDTHS), WIDTHS))
        self.fc = nn.Linear(WIDTHS[-1], WIDTH)

    def forward(self, x):
        x = self.bn0(x.transpose(1, 2)).transpose(1, 2).unsqueeze(1)
        for block in self.blocks:
            x = block(x)
            if block is not self.blocks[-1]:
                x = F.avg_pool2d(x, 2)
        x = x.mean(3)
        return F.relu(self.fc(x.amax(2) + x.mean(2)))


net = Net()
for name, value in net.state_dict().items():
    if value.is_floating_point() and value.dim() == 1:
        nn.init.uniform_(value, 0.5, 1.5)
start = {k: v.clone() for k, v in net.state_dict().items() if v.is_floating_point()}
x = torch.randn(3, 13, MELS) * 10 - 30
weights = torch.randn(3, WIDTH)
inference = net.eval()(x).detach()
training = net.train()(x)
(training * weights).sum().backward()
after = {k: v for k, v in net.state_dict().items() if "running" in k}
save_file({
    "x": x, "weights": weights, "inference": inference, "training": training.detach(),
    **{"start." + k: v for k, v in start.items()},
    **{"after." + k: v for k, v in after.items()},
    **{"gradient." + k: v.grad for k, v in net.named_parameters()},
}, os.path.join(os.path.dirname(os.path.abspath(__file__)), "audio", "cnn14.safetensors"))
