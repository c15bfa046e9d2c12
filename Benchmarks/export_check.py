"""Does transformers open what `bindery export` writes, and say the same?

python Benchmarks/export_check.py MODEL [--bindery .build/release/bindery] [--tolerance 1e-4]

Exports MODEL into a temporary folder, embeds sentences and made-up pictures or sounds with transformers from there and
with `bindery embed` from MODEL itself, and compares the unit vectors and the logits. Ends with 0 and the reason where
transformers is not installed, with 1 where anything differs by more than the tolerance.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import wave

arguments = argparse.ArgumentParser()
arguments.add_argument("model")
arguments.add_argument("--bindery", default=".build/release/bindery")
arguments.add_argument("--tokenizer")
arguments.add_argument("--tolerance", type=float, default=1e-4)
given = arguments.parse_args()

try:
    import numpy as np
    import torch
    import transformers
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)

TEXTS = ["a dog barking in the rain", "the sound of a violin", "two red cars", "x"]


def run(*words):
    subprocess.run([given.bindery, *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def bindery(kind, inputs, out):
    extra = ["--tokenizer", given.tokenizer] if given.tokenizer else []
    run("embed", given.model, "--as", kind, "--out", out, *extra, "--", *inputs)
    return np.load(out)


def vectors(result):
    """The projected vectors, however this version of transformers hands them over."""
    tensor = result if isinstance(result, torch.Tensor) else result.pooler_output
    return torch.nn.functional.normalize(tensor, dim=-1).numpy()


def pictures(folder):
    random = np.random.default_rng(1)
    for index, (height, width) in enumerate([(64, 64), (80, 120), (200, 90)]):
        small = random.integers(0, 255, (5, 7, 3), dtype=np.uint8)
        path = folder / f"{index}.png"
        Image.fromarray(small).resize((width, height), Image.BICUBIC).save(path)
        yield path


def sounds(folder, rate):
    random = np.random.default_rng(1)
    for index, seconds in enumerate([1, 2.5, 10]):
        time = np.arange(int(seconds * rate)) / rate
        samples = 0.3 * np.sin(2 * np.pi * (200 + 300 * index) * time) + 0.05 * random.standard_normal(len(time))
        path = folder / f"{index}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes((samples * 32767).astype("<i2").tobytes())
        yield path


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    folder = place / "exported"
    extra = ["--tokenizer", given.tokenizer] if given.tokenizer else []
    run("export", given.model, "--to", folder, *extra)
    kind = json.loads((folder / "config.json").read_text())["model_type"]
    model, report = transformers.AutoModel.from_pretrained(folder, output_loading_info=True)
    model.eval()
    buffers = ("position_ids", "token_type_ids", "relative_position_index", "num_batches_tracked")
    lost = [name for name in report["missing_keys"] if not name.endswith(buffers)]
    wrong = lost + list(report["unexpected_keys"]) + list(report["mismatched_keys"])
    print(f"{kind}: {sum(p.numel() for p in model.parameters())} parameters, keys in doubt: {wrong or 'none'}")
    worst = 1.0 if wrong else 0.0

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    options = {"padding": "max_length"} if kind == "siglip" else {"padding": True}
    words = tokenizer(TEXTS, return_tensors="pt", truncation=True, **options)
    words = {name: words[name] for name in ("input_ids", "attention_mask") if name in words and kind != "siglip"} or {
        "input_ids": words["input_ids"]
    }
    with torch.no_grad():
        theirs = {"text": vectors(model.get_text_features(**words))}
        if kind == "clap":
            rate = 48000
            files = list(sounds(place, rate))
            extractor = transformers.ClapFeatureExtractor.from_pretrained(folder)
            heard = []
            for file in files:
                with wave.open(str(file)) as sound:
                    samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
                heard.append(samples.astype(np.float32))
            inputs = extractor(heard, sampling_rate=rate, return_tensors="pt")
            if model.config.audio_config.enable_fusion:
                # Where no sound is longer than the window, the extractor picks one at random to count as longer.
                inputs["is_longer"] = torch.zeros_like(inputs["is_longer"])
            theirs["audio"] = vectors(model.get_audio_features(**inputs))
        else:
            files = list(pictures(place))
            processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
            inputs = processor([Image.open(file) for file in files], return_tensors="pt")
            theirs["image"] = vectors(model.get_image_features(**inputs))
    for kind, expected in theirs.items():
        found = bindery(kind, TEXTS if kind == "text" else files, place / f"{kind}.npy")
        difference = float(np.abs(found - expected).max())
        worst = max(worst, difference)
        print(f"{kind}: {found.shape[0]} vectors of {found.shape[1]}, largest difference {difference:.1e}")
print("agrees" if worst <= given.tolerance else f"differs by more than {given.tolerance}")
sys.exit(worst > given.tolerance)
