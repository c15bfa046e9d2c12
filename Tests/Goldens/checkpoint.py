"""Writes the small torch files of Tests/Goldens/checkpoint (python 3.11, torch 2.13)."""

import json
import pathlib
import zipfile

import torch
from safetensors.torch import save_file

folder = pathlib.Path(__file__).parent / "checkpoint"
folder.mkdir(exist_ok=True)


def numbers(*shape, dtype=torch.float32, first=0):
    count = int(torch.tensor(shape).prod()) if shape else 1
    return torch.arange(first, first + count).reshape(shape).to(dtype)


base = numbers(4, 3)
weights = {
    "blocks.0.weight": base,
    "transposed": base.t(),
    "column": base[:, 1],
    "tail": base.reshape(-1)[5:],
    "expanded": numbers(3, first=7).expand(2, 3),
    "half": numbers(3, dtype=torch.float16) / 4,
    "brain": numbers(3, dtype=torch.bfloat16) / 4,
    "double": numbers(2, dtype=torch.float64) / 3,
    "ids": numbers(5, dtype=torch.int64),
    "mask": torch.tensor([True, False]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 4),
}
torch.save(weights, folder / "weights.pt")
torch.save(weights, folder / "weights_protocol4.pt", pickle_protocol=4)
torch.save(weights, folder / "weights_stream.pth", _use_new_zipfile_serialization=False)
save_file({k: v.float().contiguous().clone() for k, v in weights.items()}, folder / "weights.safetensors")

# The pickle of an archive may be compressed by whoever packs it again; the numbers may not.
with zipfile.ZipFile(folder / "weights.pt") as source:
    for name, everything in [("deflated_pickle.pt", False), ("deflated_numbers.pt", True)]:
        with zipfile.ZipFile(folder / name, "w") as target:
            for entry in source.infolist():
                deflate = everything or entry.filename.endswith("data.pkl")
                kind = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
                target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry), kind)


class Tower(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(2, 2)
        self.stack = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.BatchNorm1d(1))
        self.scale = torch.nn.Parameter(torch.tensor(3.0))
        self.register_buffer("table", numbers(2, dtype=torch.float16))

    def forward(self, x):
        return self.stack(self.first(x)) * self.scale


torch.manual_seed(1)
tower = Tower().eval()
torch.jit.script(tower).save(str(folder / "script.pt"))
save_file({k: v.float().contiguous() for k, v in tower.state_dict().items()}, folder / "script.safetensors")

# A model in two shards of different kinds.
save_file({"a": numbers(2), "b": numbers(3)}, folder / "model-00001-of-00002.safetensors", {"format": "pt"})
torch.save({"c": numbers(2, 2)}, folder / "model-00002-of-00002.bin")
names = {"a": 1, "b": 1, "c": 2}
files = {1: "model-00001-of-00002.safetensors", 2: "model-00002-of-00002.bin"}
index = {"metadata": {"total_size": 36}, "weight_map": {name: files[shard] for name, shard in names.items()}}
(folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
