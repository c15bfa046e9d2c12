"""Records the first ten training losses of recipes/digits-bind.yaml (pictures and words), digits-direct.yaml (sounds and words),
har-imu.yaml, mnist-simclr.yaml and mnist-supcon.yaml as PyTorch computes them.

  python record_baseline_losses.py DATA_FOLDER MINILM_FOLDER > baseline_losses.json

Needs torch, transformers, librosa, soundfile. No dropout, no augmentation, so both views of SimCLR are the same; sounds keep what
lies far below their loudest and every bin's mean; the weights start as starting.py says. With DISTURB=1e-7 the inputs are
disturbed by that much.
"""
import csv, gzip, json, math, os, sys
import librosa, numpy as np, soundfile, torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import AutoModel, AutoTokenizer

from starting import start

DATA, MINILM = sys.argv[1:3]
STEPS, DISTURB = 10, float(os.environ.get("DISTURB", "0"))
torch.manual_seed(int(os.environ.get("SEED", "0")))


def table(*path):
    return list(csv.DictReader(open(os.path.join(DATA, *path), newline="")))


def bytes_of(name, header):
    return np.frombuffer(gzip.open(os.path.join(DATA, "mnist", name)).read(), np.uint8)[header:]


def disturbed(x):
    return x + DISTURB * torch.randn_like(x) if DISTURB else x


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList()
        for i, o in ((1, 16), (16, 32), (32, 64)):
            block = nn.Conv2d(i, o, 3, padding=1, bias=False)
            block.norm = nn.BatchNorm2d(o)
            self.blocks.append(block)
        self.fc = nn.Linear(3136, 128)

    def forward(self, x):
        for k, block in enumerate(self.blocks):
            x = F.relu(block.norm(block(x)))
            if k < 2:
                x = F.max_pool2d(x, 2)
        return F.relu(self.fc(x.permute(0, 2, 3, 1).flatten(1)))  # row, column, channel


class Sounds(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList()
        for i, o in ((1, 8), (8, 16), (16, 32), (32, 64)):
            block = nn.Module()
            block.conv1, block.norm1 = nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o)
            block.conv2, block.norm2 = nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o)
            self.blocks.append(block)

    def forward(self, x):
        x = x.unsqueeze(1)
        for k, b in enumerate(self.blocks):
            x = F.relu(b.norm2(b.conv2(F.relu(b.norm1(b.conv1(x))))))
            if k < 3:
                x = F.avg_pool2d(x, 2)
        x = x.mean(3)
        return x.amax(2) + x.mean(2)


class Motion(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList()
        for i, o, k in ((9, 32, 5), (32, 64, 5), (64, 128, 3)):
            block = nn.Module()
            block.convolution, block.norm = nn.Conv2d(i, o, (1, k), padding=(0, k // 2), bias=False), nn.BatchNorm2d(o)
            self.blocks.append(block)

    def forward(self, x):
        x = x.unsqueeze(2)
        for k, block in enumerate(self.blocks):
            x = F.relu(block.norm(block.convolution(x)))
            if k < 2:
                x = F.max_pool2d(x, (1, 2))
        x = x.squeeze(2)
        return x.amax(2) + x.mean(2)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(128, 128), nn.Linear(128, 128)

    def forward(self, x):
        return self.second(F.relu(self.first(x)))


tokenizer, bert = AutoTokenizer.from_pretrained(MINILM), AutoModel.from_pretrained(MINILM).eval()


@torch.no_grad()
def sentences(templates, words):
    """[templates, words, 384]"""
    rows = []
    for template in templates:
        t = tokenizer([template.format(w) for w in words], padding=True, truncation=True, max_length=64, return_tensors="pt")
        m = t["attention_mask"].unsqueeze(-1).float()
        rows.append(F.normalize((bert(**t).last_hidden_state * m).sum(1) / m.sum(1), dim=-1))
    return torch.stack(rows)


def info_nce(a, b, scale):
    z = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T * scale.clamp(max=math.log(100)).exp()
    y = torch.arange(len(z))
    return (F.cross_entropy(z, y) + F.cross_entropy(z.T, y)) / 2


def two_views(z, labels):
    """NT-Xent, or SupCon where there are labels, at temperature 0.2."""
    n = len(z) // 2
    z = F.normalize(z, dim=-1)
    s = (z @ z.T * 5).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    if labels is None:
        return F.cross_entropy(s, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))
    labels = torch.cat([labels, labels])
    positive = (labels[:, None] == labels[None]) & ~torch.eye(2 * n, dtype=torch.bool)
    share = s - torch.logsumexp(s, 1, keepdim=True)
    return -(share.masked_fill(~positive, 0).sum(1) / positive.sum(1)).mean()


def record(modules, count, templates, size, epochs, loss, frozen=(), rate=1e-3, decay=1e-2):
    """The golden of ten steps: `modules` by name, `loss(samples, templates, scale)`."""
    scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
    start((f"{m}.{n}", p) for m, module in modules.items() for n, p in module.named_parameters())
    weights = [p for m, module in modules.items() if m not in frozen for p in module.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": weights, "weight_decay": decay}, {"params": [scale], "weight_decay": 0.0}], lr=rate)
    random = np.random.default_rng(10)
    order = random.permutation(count)
    total = epochs * (count // size)
    golden = {"batches": [], "losses": []}
    for step in range(STEPS):
        samples = [int(i) for i in order[step * size:(step + 1) * size]]
        drawn = [int(t) for t in random.integers(0, templates, size)]
        for group in optimizer.param_groups:
            group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / total))
        value = loss(samples, drawn, scale)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        golden["batches"].append({"samples": samples, "templates": drawn})
        golden["losses"].append(float(value.detach()))
    return golden


goldens = {}
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

pictures = torch.from_numpy(bytes_of("train-images-idx3-ubyte.gz", 16)[:7840000].reshape(-1, 1, 28, 28).astype(np.float32)) / 255
pictures = disturbed((pictures - 0.1307) / 0.3081)
digits = torch.from_numpy(bytes_of("train-labels-idx1-ubyte.gz", 8)[:10000].astype(np.int64))

image, head, words = Pictures(), nn.Linear(128, 128), nn.Linear(384, 128)
bank = sentences(["a photo of the digit {}", "a handwritten {}", "an image of the number {}", "the digit {} written by hand",
                  "a picture of a {}"], WORDS)
goldens["digits-bind"] = record(
    {"image": image, "image.projection": head, "text.projection": words}, 10000, 5, 128, 4,
    lambda i, k, s: info_nce(head(image(pictures[i])), words(bank[k, digits[i]]), s))

rows = table("fsdd", "train.csv")
mel = torch.from_numpy(librosa.filters.mel(sr=8000, n_fft=256, n_mels=40, fmin=0, fmax=4000))
clips = []
for row in rows:
    x, rate = soundfile.read(os.path.join(DATA, "fsdd", row["path"]), dtype="float32")
    x = torch.from_numpy(np.pad(x, (0, max(0, 8000 - len(x))))[:8000])
    power = torch.stft(x, 256, 80, window=torch.hann_window(256), center=True, pad_mode="reflect", return_complex=True).abs() ** 2
    clips.append((10 * torch.log10((mel @ power).clamp(min=1e-10))).T)
clips = torch.stack(clips)
clips = disturbed((clips - clips.mean()) / clips.std())
spoken = torch.tensor([WORDS.index(r["label"]) for r in rows])
audio, head, words = Sounds(), nn.Linear(64, 128), nn.Linear(384, 128)
spoken_bank = sentences(["the spoken word {}", "a recording of someone saying {}", "a person says the digit {}",
                         "a voice saying {}", "speech: {}"], WORDS)
goldens["digits-direct"] = record(
    {"audio": audio, "audio.projection": head, "text.projection": words}, len(rows), 5, 64, 20,
    lambda i, k, s: info_nce(head(audio(clips[i])), words(spoken_bank[k, spoken[i]]), s), frozen=["text.projection"])

classes = table("har", "classes.csv")
names = [c["label"] for c in classes]
rows = table("har", "train.csv")
windows = torch.from_numpy(np.load(os.path.join(DATA, "har", "train.npy")))
windows = disturbed((windows - windows.mean((0, 2), keepdim=True)) / windows.std((0, 2), keepdim=True))
doing = torch.tensor([names.index(r["label"]) for r in rows])
imu, head = Motion(), nn.Linear(128, 384)
phrases = sentences(["a person is {}", "motion of someone {}", "smartphone sensor recording of {}", "the user is {}", "{}"],
                    [c["phrase"] for c in classes])
goldens["har-imu"] = record(
    {"imu": imu, "imu.projection": head}, len(rows), 5, 64, 15,
    lambda i, k, s: info_nce(head(imu(windows[i])), phrases[k, doing[i]], s))

for name, epochs, labels in (("mnist-simclr", 8, None), ("mnist-supcon", 3, digits)):
    image, head = Pictures(), Head()
    goldens[name] = record(
        {"image": image, "image.projection": head}, 10000, 1, 256, epochs,
        lambda i, k, s: two_views(head(image(torch.cat([pictures[i], pictures[i]]))), None if labels is None else labels[i]),
        rate=2e-3, decay=1e-4)

print(json.dumps(goldens))
