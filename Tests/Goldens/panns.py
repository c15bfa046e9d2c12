"""Writes panns/*.pth, narrow networks named as PANNs' are, and what they make of a spectrogram or of samples.

Needs torch, torchlibrosa and safetensors:  python panns.py
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


def blocks(net, name, before, after):
    block = nn.Module()
    for step in (1, 2):
        block.add_module(f"conv{step}", nn.Conv2d(before if step == 1 else after, after, 3, padding=1, bias=False))
        block.add_module(f"bn{step}", nn.BatchNorm2d(after))
    net.add_module(name, block)


def through(block, x):
    for step in (1, 2):
        x = F.relu(getattr(block, f"bn{step}")(getattr(block, f"conv{step}")(x)))
    return x


def finished(net):
    for value in net.state_dict().values():
        if value.is_floating_point() and value.dim() == 1:
            nn.init.uniform_(value, 0.5, 1.5)
    return net.eval()


class Res(nn.Module):
    """Residual layers of `counts` blocks between two blocks; `narrow` blocks have three convolutions."""

    def __init__(self, counts, narrow):
        super().__init__()
        self.bn0 = nn.BatchNorm2d(MELS)
        blocks(self, "conv_block1", 1, 2)
        before = 2
        self.resnet = nn.Module()
        for level, count in enumerate(counts):
            inner = 2 << level
            after = inner * 4 if narrow else inner
            layer = nn.Sequential()
            for index in range(count):
                block = nn.Module()
                kernels = (1, 3, 1) if narrow else (3, 3)
                for step, kernel in enumerate(kernels, 1):
                    come, go = before if step == 1 else inner, after if step == len(kernels) else inner
                    block.add_module(f"conv{step}", nn.Conv2d(come, go, kernel, padding=kernel // 2, bias=False))
                    block.add_module(f"bn{step}", nn.BatchNorm2d(go))
                strides = level > 0 and index == 0
                if strides or before != after:
                    parts = [nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)]
                    block.downsample = nn.Sequential(*([nn.AvgPool2d(2)] if strides else []), *parts)
                block.strides = strides
                layer.append(block)
                before = after
            self.resnet.add_module(f"layer{level + 1}", layer)
        blocks(self, "conv_block_after1", before, 5)
        self.fc1 = nn.Linear(5, WIDTH)
        self.fc_audioset = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        x = self.bn0(x.unsqueeze(1).transpose(1, 3)).transpose(1, 3)
        x = F.avg_pool2d(through(self.conv_block1, x), 2)
        for layer in self.resnet.children():
            for block in layer:
                y = F.avg_pool2d(x, 2) if block.strides else x
                steps = sum(name.startswith("conv") for name, _ in block.named_children())
                for step in range(1, steps + 1):
                    y = getattr(block, f"bn{step}")(getattr(block, f"conv{step}")(y))
                    y = F.relu(y) if step < steps else y
                x = F.relu(y + (block.downsample(x) if hasattr(block, "downsample") else x))
        x = through(self.conv_block_after1, F.avg_pool2d(x, 2)).mean(3)
        return F.relu(self.fc1(x.amax(2) + x.mean(2)))


class Local(nn.Module):
    """Cnn14 that decides for every part of a sound; its vector is the mean of what `fc1` makes of the parts."""

    def __init__(self):
        super().__init__()
        self.bn0 = nn.BatchNorm2d(MELS)
        for index, (before, after) in enumerate(zip((1, 2, 2, 2, 3, 3), (2, 2, 2, 3, 3, 4)), 1):
            blocks(self, f"conv_block{index}", before, after)
        self.fc1 = nn.Linear(4, WIDTH)
        self.att_block = nn.Module()
        for name in ("att", "cla"):
            self.att_block.add_module(name, nn.Conv1d(WIDTH, CLASSES, 1))

    def forward(self, x):
        x = self.bn0(x.unsqueeze(1).transpose(1, 3)).transpose(1, 3)
        for index in range(1, 7):
            x = through(getattr(self, f"conv_block{index}"), x)
            x = F.avg_pool2d(x, 2) if index < 6 else x
        x = x.mean(3)
        x = F.max_pool1d(x, 3, 1, 1) + F.avg_pool1d(x, 3, 1, 1)
        return F.relu(self.fc1(x.transpose(1, 2))).mean(1)


class Wave(nn.Module):
    """Cnn14 with what is learned from the samples beside the first block, or `alone` in its place."""

    def __init__(self, alone):
        super().__init__()
        self.alone = alone
        self.pre_conv0 = nn.Conv1d(1, 2, 11, stride=5, padding=5, bias=False)
        self.pre_bn0 = nn.BatchNorm1d(2)
        for index, (before, after) in enumerate([(2, 2), (2, 3), (3, 64)], 1):
            block = nn.Module()
            block.conv1 = nn.Conv1d(before, after, 3, padding=1, bias=False)
            block.conv2 = nn.Conv1d(after, after, 3, dilation=2, padding=2, bias=False)
            block.bn1, block.bn2 = nn.BatchNorm1d(after), nn.BatchNorm1d(after)
            self.add_module(f"pre_block{index}", block)
        blocks(self, "pre_block4", 2, 3)
        self.bn0 = nn.BatchNorm2d(MELS)
        first = 3 if alone else 5
        for index, (before, after) in enumerate(zip((1, first, 2, 2, 3, 3), (2, 2, 2, 3, 3, 4)), 1):
            blocks(self, f"conv_block{index}", before, after)
        self.fc1 = nn.Linear(4, WIDTH)

    def forward(self, samples):
        from torchlibrosa.stft import LogmelFilterBank, Spectrogram

        x = F.relu(self.pre_bn0(self.pre_conv0(samples[:, None])))
        for index in (1, 2, 3):
            block = getattr(self, f"pre_block{index}")
            x = F.max_pool1d(through(block, x), 4)
        x = x.reshape(x.shape[0], -1, MELS // 2, x.shape[2]).transpose(2, 3)
        x = F.avg_pool2d(through(self.pre_block4, x), (2, 1))
        if not self.alone:
            y = LogmelFilterBank(sr=32000, n_fft=1024, n_mels=MELS, fmin=50, fmax=14000, amin=1e-10, top_db=None)(
                Spectrogram(n_fft=1024, hop_length=320)(samples))
            y = self.bn0(y.transpose(1, 3)).transpose(1, 3)
            x = torch.cat([F.avg_pool2d(through(self.conv_block1, y), 2), x], 1)
        for index in range(2, 7):
            x = through(getattr(self, f"conv_block{index}"), x)
            x = F.avg_pool2d(x, 2) if index < 6 else x
        x = x.mean(3)
        return F.relu(self.fc1(x.amax(2) + x.mean(2)))


torch.manual_seed(6)
x = torch.randn(2, 96, MELS) * 10 - 30
samples = torch.randn(2, 320 * 74) * torch.linspace(0.05, 0.3, 320 * 74)
expected = {"x": x, "samples": samples}
for name, net in [
    ("ResNet", Res([1, 2, 1, 1], False)), ("ResNetNarrow", Res([2, 1, 1, 1], True)), ("DecisionLevelAtt", Local()),
    ("Wavegram_Logmel", Wave(False)), ("Wavegram", Wave(True)),
]:
    with torch.no_grad():
        expected[name] = finished(net)(samples if name.startswith("Wave") else x)
    torch.save({"iteration": 0, "model": net.state_dict()}, out / f"{name}.pth")
save_file(expected, out / "deeper.safetensors")
