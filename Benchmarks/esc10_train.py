"""The recipe esc10-clap as a Python user runs it: features, 25 epochs, one process from start to end.

    python esc10_train.py make FOLDER                         # 240 recordings of ten made-up classes, for machines without ESC-10
    python esc10_train.py train FOLDER ANCHOR THREADS         # prints the mean loss of the last epoch

FOLDER holds train.csv (columns path and label) and classes.csv (label and phrase), ANCHOR the text encoder
all-MiniLM-L6-v2. Networks, features, schedule and captions are those of recipes/esc10-clap.yaml.
"""

import csv
import math
import os
import sys

import numpy as np

RATE, SECONDS, WINDOW, HOP, BINS = 32000, 5, 2048, 1280, 64
WIDTHS = (8, 16, 32, 64, 128, 256)
EPOCHS, BATCH, STEP = 25, 16, 1e-3
TEMPLATES = (
    "{}", "a recording of {}", "this is the sound of {}", "an audio clip of {}", "you can hear {}", "the noise of {}",
    "{} in the distance", "a field recording with {}")
WORDS = ("low hum", "deep drone", "soft tone", "clear note", "bright whistle", "thin beep", "dull rumble", "warm chord",
         "sharp ring", "high hiss")


def make(folder):
    import soundfile

    random = np.random.default_rng(5)
    time = np.arange(44100 * SECONDS) / 44100
    with open(os.path.join(folder, "classes.csv"), "w", newline="") as file:
        csv.writer(file).writerows([("label", "phrase")] + [(word.replace(" ", "_"), word) for word in WORDS])
    rows = [("path", "label")]
    for number in range(240):
        kind = number % len(WORDS)
        pitch = 80 * 1.6 ** kind * random.uniform(0.9, 1.1)
        beat = 1 + np.sin(2 * np.pi * random.uniform(1, 8) * time + random.uniform(0, 6))
        wave = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in (1, 2, 3) if pitch * k < 20000)
        wave = 0.1 * wave * beat + 0.03 * random.standard_normal(time.size)
        rows.append((f"{number}.ogg", WORDS[kind].replace(" ", "_")))
        soundfile.write(os.path.join(folder, rows[-1][0]), wave.astype(np.float32), 44100)
    with open(os.path.join(folder, "train.csv"), "w", newline="") as file:
        csv.writer(file).writerows(rows)


def spectrograms(folder, names):
    import librosa
    import soundfile
    import torch
    from scipy.signal import resample_poly

    bank = torch.from_numpy(librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=BINS, fmin=50, fmax=14000))
    window = torch.hann_window(WINDOW)
    made = []
    for name in names:
        wave, rate = soundfile.read(os.path.join(folder, name), dtype="float32", always_2d=True)
        common = math.gcd(rate, RATE)
        wave = resample_poly(wave.mean(1), RATE // common, rate // common).astype(np.float32)[:RATE * SECONDS]
        wave = torch.from_numpy(np.pad(wave, (0, RATE * SECONDS - wave.size)))
        power = torch.stft(wave, WINDOW, HOP, window=window, pad_mode="reflect", return_complex=True).abs().square()
        made.append((bank @ power).clamp(min=1e-10).log10().mul(10).T)
    return torch.stack(made)


def captions(anchor, phrases):
    """[templates, classes, 384]."""
    import torch
    from torch.nn import functional as F
    from transformers import AutoModel, AutoTokenizer

    tokenizer, bert = AutoTokenizer.from_pretrained(anchor), AutoModel.from_pretrained(anchor).eval()
    made = []
    for template in TEMPLATES:
        words = tokenizer([template.format(phrase) for phrase in phrases], padding=True, return_tensors="pt")
        with torch.inference_mode():
            states = bert(**words).last_hidden_state
        kept = words["attention_mask"][..., None]
        made.append(F.normalize((states * kept).sum(1) / kept.sum(1), dim=-1))
    return torch.stack(made).clone()


def network():
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Hearing(nn.Module):
        def __init__(self):
            super().__init__()
            self.bins = nn.BatchNorm2d(BINS)
            layers = []
            for index, (a, b) in enumerate(zip((1, *WIDTHS), WIDTHS)):
                for c in (a, b):
                    layers += [nn.Conv2d(c, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
                layers += [nn.AvgPool2d(2)] if index + 1 < len(WIDTHS) else []
                layers += [nn.Dropout(0.2)]
            self.blocks = nn.Sequential(*layers)
            self.fc, self.projection = nn.Linear(WIDTHS[-1], WIDTHS[-1]), nn.Linear(WIDTHS[-1], 128)

        def forward(self, x):
            x = self.bins(x.permute(0, 2, 1)[..., None])[..., 0].permute(0, 2, 1)
            x = self.blocks(x[:, None]).mean(3)
            x = self.fc(F.dropout(x.amax(2) + x.mean(2), 0.5, self.training)).relu()
            return F.normalize(self.projection(x), dim=-1)

    return Hearing()


def changed(x, random):
    """Moved round in time, two stripes of time and two of bins painted over."""
    import torch

    x = x.clone()
    frames, bins = x.shape[1:]
    for clip in x:
        clip.copy_(torch.roll(clip, int(random.integers(frames)), 0))
        mean = clip.mean()
        for _ in range(2):
            width = int(random.integers(20))
            first = int(random.integers(frames - width))
            clip[first:first + width] = mean
            width = int(random.integers(12))
            first = int(random.integers(bins - width))
            clip[:, first:first + width] = mean
    return x


def train(folder, anchor, threads):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    with open(os.path.join(folder, "classes.csv"), newline="") as file:
        phrases = {row["label"]: row["phrase"] for row in csv.DictReader(file)}
    with open(os.path.join(folder, "train.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    number = {label: index for index, label in enumerate(phrases)}
    labels = torch.tensor([number[row["label"]] for row in rows])
    x = spectrograms(folder, [row["path"] for row in rows])
    words = captions(anchor, phrases.values())
    hearing, reading = network(), nn.Linear(384, 128)
    scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
    weights = [*hearing.parameters(), *reading.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": weights, "weight_decay": 0.01}, {"params": [scale], "weight_decay": 0}], lr=STEP, betas=(0.9, 0.98))
    steps = EPOCHS * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))
    for _ in range(EPOCHS):
        losses = []
        order = random.permutation(len(rows))
        for at in range(0, len(rows) - BATCH + 1, BATCH):
            batch = torch.from_numpy(order[at:at + BATCH])
            drawn = torch.from_numpy(random.integers(0, len(TEMPLATES), BATCH))
            heard = hearing(changed(x[batch], random))
            read = F.normalize(reading(words[drawn, labels[batch]]), dim=-1)
            logits = heard @ read.T * scale.clamp(max=math.log(100)).exp()
            target = torch.arange(BATCH)
            loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    print(sum(losses) / len(losses))


if __name__ == "__main__":
    {"make": make, "train": train}[sys.argv[1]](*sys.argv[2:])
