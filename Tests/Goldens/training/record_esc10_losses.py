"""Records the first ten training losses of recipes/esc10-clap.yaml as PyTorch computes them.

  python record_esc10_losses.py ESC10_FOLDER MINILM_FOLDER > esc10_losses.json

Needs torch, transformers, librosa, soundfile, soxr. No dropout, no augmentation; the weights start as starting.py says. Three
runs of PyTorch whose features differ by 1e-7 stay within 3e-5 of each other over all ten losses.
"""
import csv, json, math, os, sys
import librosa, numpy as np, soundfile, soxr, torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import AutoModel, AutoTokenizer

from starting import start

ESC10, MINILM = sys.argv[1:3]
TEMPLATES = ["{}", "a recording of {}", "this is the sound of {}", "an audio clip of {}", "you can hear {}",
             "the noise of {}", "{} in the distance", "a field recording with {}"]
WIDTHS = (8, 16, 32, 64, 128, 256)
BATCH, STEPS, EPOCHS = 16, 10, 25


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
start(named)

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
