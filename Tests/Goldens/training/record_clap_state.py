"""Records one state of a small CLAP as PyTorch computes it: weights, input, loss, every gradient, and the loss and
weights after ten AdamW steps on the same batch.

  python record_clap_state.py clap_state.safetensors

Needs torch, transformers, safetensors. The audio tower is CNN14 with narrow blocks, the text tower a BERT of two layers
with mean pooling; weights stand under `before.`, gradients under `gradient.`, the weights at the end under `after.`.
"""
import math, sys
import torch, torch.nn as nn, torch.nn.functional as F
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

torch.manual_seed(7)
WIDTHS, MELS, FRAMES, BATCH, STEPS = (4, 4, 6, 8, 8, 12), 32, 40, 6, 10


class Audio(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn0 = nn.BatchNorm1d(MELS)
        self.blocks = nn.ModuleList()
        for i, o in zip((1, *WIDTHS), WIDTHS):
            block = nn.Module()
            block.conv1, block.norm1 = nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o)
            block.conv2, block.norm2 = nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o)
            self.blocks.append(block)
        self.fc = nn.Linear(WIDTHS[-1], WIDTHS[-1])
        self.projection = nn.Linear(WIDTHS[-1], 10)

    def forward(self, x):
        x = self.bn0(x.transpose(1, 2)).transpose(1, 2).unsqueeze(1)
        for k, b in enumerate(self.blocks):
            x = F.relu(b.norm2(b.conv2(F.relu(b.norm1(b.conv1(x))))))
            if k < len(WIDTHS) - 1:
                x = F.avg_pool2d(x, 2)
        x = x.mean(3)
        return F.normalize(self.projection(F.relu(self.fc(x.amax(2) + x.mean(2)))), dim=-1)


audio = Audio()
bert = BertModel(BertConfig(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
                            max_position_embeddings=12, type_vocab_size=2, hidden_dropout_prob=0.0,
                            attention_probs_dropout_prob=0.0, layer_norm_eps=1e-12), add_pooling_layer=False)
for p in bert.parameters():
    p.data.add_(torch.randn_like(p) * 0.05)
text = nn.Linear(16, 10)
scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
named = ([("audio." + n, p) for n, p in audio.named_parameters()] + [("bert." + n, p) for n, p in bert.named_parameters()]
         + [("text.projection." + n, p) for n, p in text.named_parameters()] + [("pairs.audio_text.log_scale", scale)])

x = torch.randn(BATCH, FRAMES, MELS) * 20 - 30
lengths = [3, 9, 5, 7, 4, 6]
ids = torch.zeros(BATCH, max(lengths), dtype=torch.long)
mask = torch.zeros_like(ids)
for row, n in enumerate(lengths):
    ids[row, :n] = torch.randint(1, 40, (n,)); mask[row, :n] = 1

out = {"before." + n: p.detach().clone() for n, p in named}
out |= {"features": x, "ids": ids.int(), "lengths": torch.tensor(lengths).int()}
optimizer = torch.optim.AdamW([{"params": [p for n, p in named if p is not scale], "weight_decay": 1e-2},
                               {"params": [scale], "weight_decay": 0.0}], lr=1e-3, betas=(0.9, 0.98), eps=1e-8)
losses = []
for step in range(STEPS):
    h = bert(input_ids=ids, attention_mask=mask).last_hidden_state
    m = mask.unsqueeze(-1).float()
    t = F.normalize(text(F.normalize((h * m).sum(1) / m.sum(1), dim=-1)), dim=-1)
    z = audio(x) @ t.T * scale.exp()
    y = torch.arange(BATCH)
    loss = (F.cross_entropy(z, y) + F.cross_entropy(z.T, y)) / 2
    optimizer.zero_grad(); loss.backward()
    if step == 0:
        out |= {"gradient." + n: p.grad.clone() for n, p in named if p.grad is not None}
    optimizer.step(); losses.append(loss.detach())
out["losses"] = torch.stack(losses)
out |= {"after." + n: p.detach().clone() for n, p in named}
out |= {"after.audio." + n: b.clone() for n, b in audio.named_buffers() if "running" in n}
save_file({k: v.contiguous() for k, v in out.items()}, sys.argv[1])
print([round(float(v), 5) for v in losses])
