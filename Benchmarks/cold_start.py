"""A CLIP ViT-B/32 of random weights on disk, and what a Python user runs to embed one picture and two texts with it.

    python cold_start.py make FOLDER
    python cold_start.py embed FOLDER THREADS
"""

import json
import os
import sys


def make(folder):
    import numpy as np
    from PIL import Image
    from transformers import CLIPConfig, CLIPModel

    config = CLIPConfig()
    config.text_config.eos_token_id = 49407
    CLIPModel(config).save_pretrained(folder)
    alphabet = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters = [chr(b) for b in alphabet] + [chr(256 + i) for i in range(256 - len(alphabet))]
    names = letters + [letter + "</w>" for letter in letters]
    names += [f"unused{i}" for i in range(49406 - len(names))] + ["<|startoftext|>", "<|endoftext|>"]
    with open(os.path.join(folder, "vocab.json"), "w") as file:
        json.dump({name: index for index, name in enumerate(names)}, file, ensure_ascii=False)
    with open(os.path.join(folder, "merges.txt"), "w") as file:
        file.write("#version: 0.2\n")
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump({
            "tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "bos_token": "<|startoftext|>",
            "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}, file)
    with open(os.path.join(folder, "preprocessor_config.json"), "w") as file:
        json.dump({
            "feature_extractor_type": "CLIPFeatureExtractor", "image_processor_type": "CLIPImageProcessor",
            "do_resize": True, "size": 224, "do_center_crop": True, "crop_size": 224, "resample": 3,
            "do_normalize": True, "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711]}, file)
    pixels = np.random.default_rng(2).integers(0, 255, (48, 64, 3), np.uint8)
    Image.fromarray(pixels).resize((640, 480), Image.BICUBIC).save(os.path.join(folder, "picture.jpg"))


def embed(folder, threads):
    import torch
    from PIL import Image
    from transformers import CLIPModel, CLIPProcessor

    torch.set_num_threads(int(threads))
    model = CLIPModel.from_pretrained(folder).eval()
    processor = CLIPProcessor.from_pretrained(folder)
    inputs = processor(
        text=["dog", "cat"], images=Image.open(os.path.join(folder, "picture.jpg")), return_tensors="pt", padding=True)
    with torch.inference_mode():
        print(model(**inputs).logits_per_image.softmax(1))


if __name__ == "__main__":
    {"make": make, "embed": embed}[sys.argv[1]](*sys.argv[2:])
