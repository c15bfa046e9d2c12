"""The other side of `make bench`: the same work as a Python user does it, one long-lived process per row.

    python peers.py NAME FOLDER THREADS

writes the inputs and weights that both sides use to FOLDER, prints `ready`, runs N times for every line `N` on standard
input and answers with wall and processor seconds a run; at the end it writes its result to FOLDER/peer.npy and prints
the peak of its memory in MB.
"""

import os
import resource
import sys
import time

import numpy as np


def write(folder, name, array):
    np.save(os.path.join(folder, name + ".npy"), np.ascontiguousarray(array))


def weights(folder, state):
    from safetensors.torch import save_file

    # The names of running statistics and weights are ours; PyTorch's counters have no place there.
    kept = {k: v.detach().clone().contiguous() for k, v in state.items() if not k.endswith("num_batches_tracked")}
    save_file(kept, os.path.join(folder, "weights.safetensors"))


def settle(module):
    """Random but tame values, running statistics included."""
    import torch

    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, value in list(module.named_parameters()) + list(module.named_buffers()):
            if not value.is_floating_point():
                continue
            noise = torch.randn(value.shape, generator=generator)
            if name.endswith("running_var"):
                value.copy_(1 + 0.1 * noise.abs())
            elif value.ndim <= 1:
                is_scale = "norm" in name.lower() and name.endswith("weight") or name.endswith(("bn0.weight",))
                value.copy_((1 if is_scale else 0) + 0.05 * noise)
            else:
                value.copy_(noise * (2.0 / value[0].numel()) ** 0.5)
    return module


# CNN14 as published (Kong and others 2020), with the names of our parameters.


def cnn14():
    import torch
    import torch.nn.functional as F
    from torch import nn

    class Block(nn.Module):
        def __init__(self, a, b):
            super().__init__()
            self.conv1 = nn.Conv2d(a, b, 3, padding=1, bias=False)
            self.norm1 = nn.BatchNorm2d(b)
            self.conv2 = nn.Conv2d(b, b, 3, padding=1, bias=False)
            self.norm2 = nn.BatchNorm2d(b)

        def forward(self, x, pooled):
            x = F.relu_(self.norm1(self.conv1(x)))
            x = F.relu_(self.norm2(self.conv2(x)))
            return F.avg_pool2d(x, 2) if pooled else x

    class CNN14(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [1, 64, 128, 256, 512, 1024, 2048]
            self.bn0 = nn.BatchNorm2d(64)
            self.blocks = nn.ModuleList(Block(a, b) for a, b in zip(widths, widths[1:]))
            self.fc = nn.Linear(2048, 2048)

        def forward(self, x):  # [B, T, M]
            x = self.bn0(x[:, None].transpose(1, 3)).transpose(1, 3)
            for index, block in enumerate(self.blocks):
                x = block(x, index < 5)
            x = x.mean(3)
            x = x.amax(2) + x.mean(2)
            return F.relu(self.fc(x))

    return settle(CNN14())


def inference(module, x, layouts=True):
    """The better of the two memory layouts, where a layout means something."""
    import torch

    module.eval()
    forms = [(module, x)]
    if layouts and any(p.ndim == 4 for p in module.parameters()):
        import copy

        forms.append((copy.deepcopy(module).to(memory_format=torch.channels_last), x))
    best = None
    with torch.inference_mode():
        for form, value in forms:
            form(value)
            times = []
            for _ in range(2):
                t = time.perf_counter()
                form(value)
                times.append(time.perf_counter() - t)
            if best is None or min(times) < best[0]:
                best = (min(times), form)
    chosen = best[1]
    del forms, best

    def once():
        with torch.inference_mode():
            return chosen(x).numpy()

    return once


def training(module, forward):
    import torch

    module.train()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-4, weight_decay=0.01, fused=True)

    def once():
        optimizer.zero_grad(set_to_none=True)
        loss = forward().square().mean()
        loss.backward()
        optimizer.step()
        return np.float32(loss.item())

    return once


def cnn14_forward(folder, batch):
    import torch

    module = cnn14()
    weights(folder, module.state_dict())
    x = torch.randn(batch, 690, 64, generator=torch.Generator().manual_seed(2))
    write(folder, "x", x.numpy())
    return inference(module, x)


def cnn14_train(folder, batch):
    import torch

    module = cnn14()
    weights(folder, module.state_dict())
    x = torch.randn(batch, 690, 64, generator=torch.Generator().manual_seed(2))
    write(folder, "x", x.numpy())
    return training(module, lambda: module(x))


def renamed(state, rules):
    result = {}
    for name, value in state.items():
        for old, new in rules:
            name = name.replace(old, new)
        result[name] = value
    return result


CLIP_RULES = [
    ("encoder.layers.", "blocks."), ("self_attn.q_proj", "attention.query"), ("self_attn.k_proj", "attention.key"),
    ("self_attn.v_proj", "attention.value"), ("self_attn.out_proj", "attention.output"), ("layer_norm1", "norm1"),
    ("layer_norm2", "norm2"), ("mlp.fc1", "feed_forward.wide"), ("mlp.fc2", "feed_forward.narrow"),
    ("embeddings.patch_embedding.weight", "patches.weight"), ("embeddings.class_embedding", "token"),
    ("embeddings.position_embedding.weight", "positions"), ("embeddings.token_embedding.weight", "tokens.weight"),
    ("pre_layrnorm", "before"), ("post_layernorm", "after"), ("final_layer_norm", "after"),
]


def vision(folder, batch, is_training=False):
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModel

    config = CLIPVisionConfig(patch_size=32)
    model = settle(CLIPVisionModel(config))
    state = {k.removeprefix("vision_model."): v for k, v in model.state_dict().items()}
    state = {k: v for k, v in state.items() if "position_ids" not in k}
    weights(folder, renamed(state, CLIP_RULES))
    x = torch.randn(batch, 3, 224, 224, generator=torch.Generator().manual_seed(2))
    write(folder, "x", x.permute(0, 2, 3, 1).numpy())
    if is_training:
        return training(model, lambda: model(x).pooler_output)

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model(x).pooler_output

    return inference(Pooled(), x)


def htsat(folder, batch, is_training=False):
    import torch
    from transformers import ClapAudioConfig, ClapAudioModel

    model = settle(ClapAudioModel(ClapAudioConfig(drop_path_rate=0.0, hidden_dropout_prob=0.0)))
    rules = [
        ("audio_encoder.", ""), ("layers.", "stages."), ("downsample", "merging"), ("batch_norm", "bn0"),
        ("patch_embed.proj", "patches.projection"), ("patch_embed.norm", "patches.norm"),
        ("layernorm_before", "norm1"), ("layernorm_after", "norm2"), ("attention.output.dense", "attention.output"),
        ("attention.self.relative_position_bias_table", "attention.positions"), ("attention.self.", "attention."),
        ("intermediate.dense", "feed_forward.wide"), ("output.dense", "feed_forward.narrow"),
    ]
    weights(folder, renamed({k: v for k, v in model.state_dict().items() if "_index" not in k}, rules))
    x = torch.randn(batch, 1001, 64, generator=torch.Generator().manual_seed(2))
    write(folder, "x", x.numpy())
    if is_training:
        return training(model, lambda: model(x[:, None]).pooler_output)

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model(x[:, None]).pooler_output

    return inference(Pooled(), x, layouts=False)


def clip_text(folder, batch):
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    model = settle(CLIPTextModel(CLIPTextConfig(eos_token_id=49407)))
    state = {k.removeprefix("text_model."): v for k, v in model.state_dict().items() if "position_ids" not in k}
    weights(folder, renamed(state, CLIP_RULES))
    ids = torch.randint(0, 49400, (batch, 77), generator=torch.Generator().manual_seed(2))
    ids[:, 76] = 49407
    write(folder, "ids", ids.numpy().reshape(-1))
    model.eval()

    def once():
        with torch.inference_mode():
            return model(ids).pooler_output.numpy()

    return once


def minilm(folder):
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536, vocab_size=30522)
    model = settle(BertModel(config, add_pooling_layer=False))
    rules = [
        ("encoder.layer.", "blocks."), ("attention.self.query", "attention.query"),
        ("attention.self.key", "attention.key"), ("attention.self.value", "attention.value"),
        ("attention.output.dense", "attention.output"), ("attention.output.LayerNorm", "norm1"),
        ("intermediate.dense", "feed_forward.wide"), ("output.LayerNorm", "norm2"),
        ("output.dense", "feed_forward.narrow"), ("embeddings.word_embeddings.weight", "tokens.weight"),
        ("embeddings.position_embeddings.weight", "positions"),
        ("embeddings.token_type_embeddings.weight", "types"), ("embeddings.LayerNorm", "before"),
    ]
    state = {k: v for k, v in model.state_dict().items() if "_ids" not in k}
    weights(folder, renamed(state, rules))
    ids = torch.randint(0, 30000, (32, 16), generator=torch.Generator().manual_seed(2))
    write(folder, "ids", ids.numpy().reshape(-1))
    model.eval()

    def once():
        with torch.inference_mode():
            return model(ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(1).numpy()

    return once


# Log-mel spectrograms: 100 clips of 10 s, ten different ones.


def clips(folder, rate):
    generator = np.random.default_rng(2)
    time_axis = np.arange(rate * 10) / rate
    sounds = [
        0.3 * np.sin(2 * np.pi * (200 + 150 * i) * time_axis) + 0.1 * generator.standard_normal(rate * 10)
        for i in range(10)
    ]
    x = np.asarray(sounds, np.float32)
    write(folder, "x", x)
    return x


def mel_bank(rate, size=1024):
    import librosa

    return librosa.filters.mel(sr=rate, n_fft=size, n_mels=64, fmin=50, fmax=14000)


def logmel_torch(folder, rate, hop):
    import torch

    x = torch.from_numpy(clips(folder, rate))
    bank = torch.from_numpy(mel_bank(rate))
    window = torch.hann_window(1024)

    def once():
        with torch.inference_mode():
            for index in range(100):
                spectrum = torch.stft(
                    x[index % 10], 1024, hop, window=window, center=True, pad_mode="reflect", return_complex=True)
                power = spectrum.real.square() + spectrum.imag.square()
                result = 10 * torch.log10(torch.clamp(bank @ power, min=1e-10))
            return result.T.numpy()

    return once


def logmel_librosa(folder):
    import librosa

    x = clips(folder, 44100)

    def once():
        for index in range(100):
            mel = librosa.feature.melspectrogram(
                y=x[index % 10], sr=44100, n_fft=1024, hop_length=320, n_mels=64, fmin=50, fmax=14000,
                pad_mode="reflect")
            result = librosa.power_to_db(mel, top_db=None)
        return result.T

    return once


def logmel_torchlibrosa(folder):
    import torch
    from torchlibrosa.stft import LogmelFilterBank, Spectrogram

    x = torch.from_numpy(clips(folder, 44100))
    spectrogram = Spectrogram(n_fft=1024, hop_length=320, freeze_parameters=True)
    bank = LogmelFilterBank(
        sr=44100, n_fft=1024, n_mels=64, fmin=50, fmax=14000, top_db=None, freeze_parameters=True)

    def once():
        with torch.inference_mode():
            for index in range(100):
                result = bank(spectrogram(x[index % 10][None]))
            return result[0, 0].numpy()

    return once


# Losses and optimisers.


def infonce(folder, rows):
    import torch
    import torch.nn.functional as F

    generator = torch.Generator().manual_seed(2)
    # Partners are alike, so that the loss is what training sees.
    a = torch.randn(rows, 512, generator=generator)
    b = a + 2 * torch.randn(rows, 512, generator=generator)
    write(folder, "a", a.numpy())
    write(folder, "b", b.numpy())
    a = F.normalize(a).requires_grad_()
    b = F.normalize(b).requires_grad_()
    scale = torch.tensor(14.3, requires_grad=True)
    target = torch.arange(rows)

    def once():
        a.grad = b.grad = scale.grad = None
        logits = scale * a @ b.T
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        loss.backward()
        return a.grad.numpy()

    return once


def adamw(folder):
    import torch

    generator = torch.Generator().manual_seed(2)
    x = torch.randn(8192, 1024, generator=generator)
    g = torch.randn(8192, 1024, generator=generator)
    write(folder, "x", x.numpy())
    write(folder, "g", g.numpy())
    parameter = torch.nn.Parameter(x)
    parameter.grad = g
    optimizer = torch.optim.AdamW([parameter], lr=1e-3, weight_decay=0.01, fused=True)

    def once():
        optimizer.step()
        return parameter.detach()[:1].numpy()

    return once


# Search and pictures.


def vectors(folder, queries):
    generator = np.random.default_rng(2)
    path = os.path.join(folder, "x.npy")
    # Written as np.save writes, block by block; through a map of the file the system would keep it in its smallest pages.
    with open(path, "wb") as file:
        shape = {"descr": "<f4", "fortran_order": False, "shape": (1_000_000, 512)}
        np.lib.format.write_array_header_1_0(file, shape)
        for _ in range(20):
            rows = generator.standard_normal((50_000, 512), np.float32)
            file.write((rows / np.linalg.norm(rows, axis=1, keepdims=True)).tobytes())
    x = np.load(path, mmap_mode="r")
    q = generator.standard_normal((queries, 512), np.float32)
    # Queries lie near some rows, as those of people do.
    q = q / np.linalg.norm(q, axis=1, keepdims=True) + 0.3 * x[17 : 17 + queries]
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    write(folder, "q", q)
    return x, q


def nearest(folder, queries):
    """The better of faiss and torch for one query, torch for many."""
    import torch

    x, q = vectors(folder, queries)
    x, q = torch.from_numpy(np.asarray(x)), torch.from_numpy(q)

    def by_torch():
        with torch.inference_mode():
            return torch.topk(q @ x.T, 10).values.numpy()

    def by_torch_rows():
        with torch.inference_mode():
            return torch.topk((x @ q.T).T.contiguous(), 10).values.numpy()

    ways = [by_torch, by_torch_rows]
    if queries == 1:
        import faiss

        faiss.omp_set_num_threads(torch.get_num_threads())
        index = faiss.IndexFlatIP(512)
        index.add(x.numpy())
        ways.append(lambda: index.search(q.numpy(), 10)[0])
    times = []
    for way in ways:
        way()
        began = time.perf_counter()
        way()
        times.append(time.perf_counter() - began)
    return ways[int(np.argmin(times))]


def images(folder):
    from PIL import Image

    shared = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "shared", "data", "photos")
    target = os.path.join(folder, "photos")
    os.mkdir(target)
    sources = []
    for root, _, names in sorted(os.walk(shared)) if os.path.isdir(shared) else []:
        sources += [os.path.join(root, n) for n in sorted(names) if n.lower().endswith((".jpg", ".jpeg"))]
    if not sources:  # smooth random pictures of the size of a photograph
        generator = np.random.default_rng(2)
        for index in range(20):
            small = generator.integers(0, 255, (30, 40, 3), np.uint8)
            path = os.path.join(folder, f"made{index}.jpg")
            Image.fromarray(small).resize((640, 480), Image.BICUBIC).save(path, quality=90)
            sources.append(path)
    files = []
    for index in range(200):
        path = os.path.join(target, f"{index:03}.jpg")
        os.symlink(os.path.abspath(sources[index % len(sources)]), path)
        files.append(path)
    mean = np.asarray([0.4815, 0.4578, 0.4082], np.float32)
    deviation = np.asarray([0.2686, 0.2613, 0.2758], np.float32)

    def one(path):
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((224, 224), Image.BICUBIC)
        return (np.asarray(small, np.float32) / 255 - mean) / deviation

    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(int(sys.argv[3]))

    def once():
        return list(pool.map(one, files))[-1]

    return once


# ONNX Runtime, which packs weights and folds norms as we do.


def onnx(make):
    def prepare(folder):
        import onnxruntime
        import torch

        module = make().eval()
        x = torch.from_numpy(np.load(os.path.join(folder, "x.npy")))
        if x.shape[-1] == 3:
            x = x.permute(0, 3, 1, 2).contiguous()
        path = os.path.join(folder, "model.onnx")
        torch.onnx.export(module, (x,), path, dynamo=False, input_names=["x"], opset_version=17)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(sys.argv[3])
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        feed = {"x": x.numpy()}
        return lambda: session.run(None, feed)[0]

    return prepare


def pooled_vision():
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModel

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = settle(CLIPVisionModel(CLIPVisionConfig(patch_size=32)))

        def forward(self, x):
            return self.model(x).pooler_output

    return Pooled()


PEERS = {
    "cnn14_forward_b1+onnx": onnx(cnn14),
    "cnn14_forward_b8+onnx": onnx(cnn14),
    "vit_b32_forward_b1+onnx": onnx(pooled_vision),
    "vit_b32_forward_b16+onnx": onnx(pooled_vision),
    "cnn14_forward_b1": lambda f: cnn14_forward(f, 1),
    "cnn14_forward_b8": lambda f: cnn14_forward(f, 8),
    "cnn14_train_b8": lambda f: cnn14_train(f, 8),
    "vit_b32_forward_b1": lambda f: vision(f, 1),
    "vit_b32_forward_b16": lambda f: vision(f, 16),
    "vit_b32_train_b8": lambda f: vision(f, 8, True),
    "htsat_forward_b1": lambda f: htsat(f, 1),
    "htsat_forward_b8": lambda f: htsat(f, 8),
    "htsat_train_b4": lambda f: htsat(f, 4, True),
    "clip_text_forward_b1": lambda f: clip_text(f, 1),
    "clip_text_forward_b64": lambda f: clip_text(f, 64),
    "minilm_b32": minilm,
    "logmel_44k_torch": lambda f: logmel_torch(f, 44100, 320),
    "logmel_48k_torch": lambda f: logmel_torch(f, 48000, 480),
    "logmel_44k_librosa": logmel_librosa,
    "logmel_44k_torchlibrosa": logmel_torchlibrosa,
    "infonce_8192": lambda f: infonce(f, 8192),
    "adamw_8m": adamw,
    "topk_1m_q1": lambda f: nearest(f, 1),
    "topk_1m_q1_int8": lambda f: nearest(f, 1),
    "topk_1m_q64": lambda f: nearest(f, 64),
    "images_200": images,
}


def main():
    name, folder, threads = sys.argv[1], sys.argv[2], sys.argv[3]
    os.environ["OMP_NUM_THREADS"] = threads
    import torch

    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    # What was written is pages of files that the system keeps, not memory of ours.
    once = PEERS[name](folder)
    print("ready", flush=True)
    result = np.zeros(0, np.float32)
    for line in sys.stdin:
        if not line.strip().isdigit():
            break
        count = int(line)
        began, used = time.perf_counter(), time.process_time()
        for _ in range(count):
            result = once()
        print((time.perf_counter() - began) / count, (time.process_time() - used) / count, flush=True)
    write(folder, "peer", np.asarray(result, np.float32))
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1), flush=True)


if __name__ == "__main__":
    main()
