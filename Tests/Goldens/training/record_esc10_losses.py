"""Records the first ten training losses of recipes/esc10-clap.yaml as PyTorch computes them.

  python record_esc10_losses.py ESC10_FOLDER MINILM_FOLDER > esc10_losses.json

Needs torch, transformers, librosa, soundfile, soxr. No dropout, no augmentation; the starting weights come from a
formula (`weight` below) that the test repeats, so only batches and losses are stored.

The first step of AdamW moves every weight by the whole rate in the direction of its gradient's sign, whatever the gradient's
size. From PyTorch's usual start (a bound of 1/sqrt(fan in)) rounding therefore grows about tenfold with every step: float32 and
float64 of PyTorch itself differ by 5e-4 at the fifth loss and 3e-3 at the tenth, so that no two programs can agree there.
Weights that are large beside a step tame this: with the bound and the salt below, three runs of PyTorch whose features
differ by 1e-7 stay within 3e-5 of each other over all ten losses.
"""
import csv, json, math, os, sys
import librosa, numpy as np, soundfile, soxr, torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import AutoModel, AutoTokenizer

ESC10, MINILM = sys.argv[1:3]
TEMPLATES = ["{}", "a recording of {}", "this is the sound of {}", "an audio clip of {}", "you can hear {}",
             "the noise of {}", "{} in the distance", "a field recording with {}"]
WIDTHS = (8, 16, 32, 64, 128, 256)
BATCH, STEPS, EPOCHS = 16, 10, 25
BOUND, SALT = 100, "1"


def weight(name, shape, bound):
    """Uniform in +-bound: SplitMix64 of the FNV-1a hash of the name plus the element's index."""
    h = 0xcbf29ce484222325
    for c in name.encode():
        h = ((h ^ c) * 0x100000001b3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(math.prod(shape), dtype=np.uint64) * np.uint64(0x9e3779b97f4a7c15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(40)).astype(np.float64) / 2**24
    return torch.from_numpy(((2 * u - 1) * bound).astype(np.float32)).reshape(shape)


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn0 = nn.BatchNorm1d(64)
        self.blocks = nn.ModuleList()
        for i, o in zip((1, *WIDTHS), WIDTHS):
            block = nn.Module()
            block.conv1, block.norm1 = nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o)
            block.conv2, block.norm2 = nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o)
            self.blocks.append(block)
        self.fc = nn.Linear(WIDTHS[-1], WIDTHS[-1])
        self.projection = nn.Linear(WIDTHS[-1], 128)

    def forward(self, x):
        x = self.bn0(x.transpose(1, 2)).transpose(1, 2).unsqueeze(1)
        for k, b in enumerate(self.blocks):
            x = F.relu(b.norm1(b.conv1(x)))
            x = F.relu(b.norm2(b.conv2(x)))
            if k < len(WIDTHS) - 1:
                x = F.avg_pool2d(x, 2)
        x = x.mean(3)
        x = F.relu(self.fc(x.amax(2) + x.mean(2)))
        return F.normalize(self.projection(x), dim=-1)


def log_mel(path):
    x, rate = soundfile.read(path, dtype="float32", always_2d=True)
    x = soxr.resample(x.mean(1), rate, 32000, quality="HQ")
    x = np.pad(x, (0, max(0, 160000 - len(x))))[:160000]
    mel = torch.from_numpy(librosa.filters.mel(sr=32000, n_fft=2048, n_mels=64, fmin=50, fmax=14000))
    s = torch.stft(torch.from_numpy(x), 2048, 1280, window=torch.hann_window(2048), center=True, pad_mode="reflect",
                   return_complex=True).abs() ** 2
    return (10 * torch.log10((mel @ s).clamp(min=1e-10))).T


torch.manual_seed(0)
rows = list(csv.DictReader(open(os.path.join(ESC10, "train.csv"), newline="")))
phrases = {r["label"]: r["phrase"] for r in csv.DictReader(open(os.path.join(ESC10, "classes.csv"), newline=""))}
tokenizer, bert = AutoTokenizer.from_pretrained(MINILM), AutoModel.from_pretrained(MINILM).eval()


@torch.no_grad()
def sentence(texts):
    t = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
    m = t["attention_mask"].unsqueeze(-1).float()
    return F.normalize((bert(**t).last_hidden_state * m).sum(1) / m.sum(1), dim=-1)


audio, text = Tower(), nn.Linear(384, 128)
scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
named = [("audio." + n, p) for n, p in audio.named_parameters()] + [("text.projection." + n, p) for n, p in text.named_parameters()]
with torch.no_grad():
    for name, p in named:
        if "norm" in name or "bn0" in name:
            continue
        fan_in = p[0].numel() if p.dim() > 1 else (256 if name.startswith("audio") else 384)
        p.copy_(weight(SALT + name, p.shape, BOUND / math.sqrt(fan_in)))

optimizer = torch.optim.AdamW([{"params": [p for _, p in named], "weight_decay": 1e-2}, {"params": [scale], "weight_decay": 0.0}],
                              lr=1e-3, betas=(0.9, 0.98), eps=1e-8)
random = np.random.default_rng(10)
order = random.permutation(len(rows))
total = EPOCHS * (len(rows) // BATCH)
batches, losses = [], []
audio.train()
for step in range(STEPS):
    picked = [int(i) for i in order[step * BATCH:(step + 1) * BATCH]]
    drawn = [int(t) for t in random.integers(0, len(TEMPLATES), BATCH)]
    for g in optimizer.param_groups:
        g["lr"] = 1e-3 * 0.5 * (1 + math.cos(math.pi * step / total))
    x = torch.stack([log_mel(os.path.join(ESC10, rows[i]["path"])) for i in picked])
    t = sentence([TEMPLATES[d].format(phrases[rows[i]["label"]]) for i, d in zip(picked, drawn)])
    z = audio(x) @ F.normalize(text(t), dim=-1).T * scale.clamp(max=math.log(100)).exp()
    y = torch.arange(BATCH)
    loss = (F.cross_entropy(z, y) + F.cross_entropy(z.T, y)) / 2
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    batches.append({"samples": picked, "templates": drawn}); losses.append(float(loss.detach()))
print(json.dumps({"batches": batches, "losses": losses}))
