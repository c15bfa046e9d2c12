"""Records Tests/Goldens/towers: tiny models of pictures with random weights, as their own libraries save and run them.

Python 3.11 with torch 2.13, transformers 5.23, timm 1.0.31, open_clip_torch 3.3.0, safetensors. Weights are rounded to half
precision before the vectors are made, and are stored so. Run from the root of the checkout: python Tests/Goldens/towers.py
"""

import json
import pathlib
import tempfile

import open_clip.timm_model
import open_clip.tokenizer
import timm
import tokenizers
import torch
import transformers as hub
from open_clip.coca_model import CoCa
from open_clip.model import CustomTextCLIP
from safetensors.torch import load_file, save_file

out = pathlib.Path(__file__).parent / "towers"
torch.manual_seed(7)


def randomise(model):
    """Every number non-trivial, so that a term left out shows."""
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if not value.is_floating_point() or name.startswith("logit"):
                continue
            if name.endswith("running_var"):
                value.copy_(torch.rand_like(value) + 0.5)
            elif name == "temperature":
                value.fill_(0.5)
            elif value.ndim < 2:
                value.copy_(torch.randn_like(value) * 0.2 + (1 if "norm" in name or "bn" in name else 0))
            else:
                value.copy_(torch.randn_like(value) * min(0.8 / value[0].numel() ** 0.5, 0.5))
            value.copy_(value.half().float())
    return model.eval()


def record(name, model, configs, pictures, vectors, weights, **more):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    state = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    save_file({k: v.contiguous() for k, v in state.items()}, folder / weights)
    for file, config in configs.items():
        (folder / file).write_text(json.dumps(config, indent=1) + "\n")
    expected = {"vectors": torch.nn.functional.normalize(vectors, dim=-1), "pictures": pictures}
    save_file(expected | more, folder / "expected.safetensors")


def transformers(name, model, pictures, vectors):
    """As `save_pretrained` writes it, whose names are not those of the modules."""
    randomise(model)
    with torch.no_grad():
        expected = torch.nn.functional.normalize(vectors(model), dim=-1)
    model.half().save_pretrained(out / name)
    save_file({"vectors": expected, "pictures": pictures}, out / name / "expected.safetensors")


vision = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2)
text = dict(
    hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, vocab_size=16, max_position_embeddings=8
)

x = torch.randn(3, 3, 16, 16)
config = hub.CLIPConfig(
    vision_config=dict(vision, image_size=16, patch_size=8), text_config=text, projection_dim=12)
transformers("clip", hub.CLIPModel(config), x, lambda m: m.get_image_features(x).pooler_output)

config = hub.SiglipConfig(
    vision_config=dict(vision, image_size=16, patch_size=4), text_config=dict(text, projection_size=16))
transformers("siglip", hub.SiglipModel(config), x, lambda m: m.get_image_features(x).pooler_output)

# 2 x 3 patches of 8, the rest of the row filled up.
flexible = torch.randn(2, 3, 16, 24)
patches = flexible.reshape(2, 3, 2, 8, 3, 8).permute(0, 2, 4, 3, 5, 1).reshape(2, 6, 192)
patches = torch.nn.functional.pad(patches, (0, 0, 0, 3))
mask = torch.tensor([[1] * 6 + [0] * 3] * 2)
config = hub.Siglip2Config(
    vision_config=dict(vision, num_patches=9, patch_size=8), text_config=dict(text, projection_size=16))
transformers(
    "siglip2", hub.Siglip2Model(config), flexible,
    lambda m: m.get_image_features(
        pixel_values=patches, pixel_attention_mask=mask, spatial_shapes=torch.tensor([[2, 3]] * 2)).pooler_output)

wide = torch.randn(2, 3, 8, 24)
config = hub.ViTConfig(**vision, image_size=(8, 24), patch_size=8, qkv_bias=False)
transformers("vit", hub.ViTModel(config, add_pooling_layer=False), wide, lambda m: m(wide).last_hidden_state[:, 0])

# Another size than the positions were made for.
tall = torch.randn(2, 3, 40, 16)
config = hub.Dinov2Config(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=3, image_size=24, patch_size=8,
    use_swiglu_ffn=True)
transformers("dinov2", hub.Dinov2Model(config), tall, lambda m: m(tall).pooler_output)
config = hub.Dinov2WithRegistersConfig(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2, image_size=16, patch_size=8,
    num_register_tokens=3)
transformers("dinov2_with_registers", hub.Dinov2WithRegistersModel(config), tall,
    lambda m: m(tall).pooler_output)

odd = torch.randn(2, 3, 45, 45)
config = hub.AlignConfig(
    vision_config=dict(
        image_size=45, width_coefficient=0.25, depth_coefficient=1.2, in_channels=[32, 16, 24], out_channels=[16, 24, 40],
        kernel_sizes=[3, 5, 3], strides=[1, 2, 2], expand_ratios=[1, 4, 6], num_block_repeats=[1, 2, 1],
        depthwise_padding=[5], hidden_dim=16),
    text_config=dict(text, type_vocab_size=2), projection_dim=16)
transformers("align", hub.AlignModel(config), odd, lambda m: m.get_image_features(odd).pooler_output)

# Towers of timm inside open_clip, each made small.
create = timm.create_model
for name, tower, pool, head, small in [
    ("eva01", "eva_giant_patch14_224", "token", None, dict(img_size=28, embed_dim=32, num_heads=16)),
    ("eva02", "eva02_base_patch16_clip_224", "token", None, dict(img_size=48, embed_dim=64, num_heads=1)),
    ("eva02e", "eva02_enormous_patch14_clip_224", "token", None, dict(img_size=28, embed_dim=32, num_heads=16)),
    ("siglip2_timm", "vit_so400m_patch16_siglip_256", "map", "none", dict(img_size=32, embed_dim=32, num_heads=16)),
]:
    small = dict(small, depth=1, mlp_ratio=1)
    open_clip.timm_model.timm.create_model = lambda n, **given: create(n, **{**given, **small})
    size = small["img_size"]
    model = {
        "embed_dim": small["embed_dim"] if head else 12,
        "vision_cfg": {"image_size": size, "timm_model_name": tower, "timm_pool": pool, "timm_proj": head},
        "text_cfg": {"context_length": 8, "vocab_size": 16, "width": 8, "heads": 1, "layers": 1},
    }
    tiny = randomise(CustomTextCLIP(**model))
    pictures = torch.randn(2, 3, size, size)
    with torch.no_grad():
        record(
            name, tiny, {"open_clip_config.json": {"model_cfg": dict(model, custom_text=True)}}, pictures,
            tiny.encode_image(pictures), "open_clip_model.safetensors")

# Towers that were saved alone, whose names begin at once.
x = torch.randn(3, 3, 16, 16)
config = hub.CLIPVisionConfig(**vision, image_size=16, patch_size=8, projection_dim=12)
transformers("clip_vision", hub.CLIPVisionModelWithProjection(config), x, lambda m: m(x).image_embeds)
config = hub.SiglipVisionConfig(**vision, image_size=16, patch_size=4)
transformers("siglip_vision", hub.SiglipVisionModel(config), x, lambda m: m(x).pooler_output)

# A text tower of transformers inside open_clip; its vocabulary is that of Tests/Goldens/text.
words = ["a dog barking", "the sound of rain, again", "Caf\u00c3\u00a9 &amp; two   clocks?"]
tokens = tokenizers.Tokenizer.from_file(str(out.parent / "text" / "wordpiece.json"))
ids = [tokens.encode(" ".join(open_clip.tokenizer.basic_clean(text).split())).ids for text in words]
rows = torch.tensor([row + [0] * (24 - len(row)) for row in ids])
with tempfile.TemporaryDirectory() as folder:
    hub.BertConfig(
        vocab_size=260, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=32).save_pretrained(folder)
    model = {
        "embed_dim": 12,
        "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 8, "layers": 1, "head_width": 8},
        "text_cfg": {"hf_model_name": folder, "hf_model_pretrained": False, "context_length": 24},
    }
    tiny = randomise(CustomTextCLIP(**model))
model["text_cfg"] = {"hf_model_name": "bert-tiny", "heads": 2, "context_length": 24}
with torch.no_grad():
    record(
        "openclip_bert", tiny, {"open_clip_config.json": {"model_cfg": dict(model, custom_text=True)}},
        torch.randn(1, 3, 16, 16), tiny.encode_text(rows), "open_clip_model.safetensors")
(out / "openclip_bert" / "texts.json").write_text(json.dumps(words) + "\n")

# A text encoder alone; its vectors are those of the last tokens.
config = hub.GPT2Config(vocab_size=32, n_positions=12, n_embd=16, n_layer=2, n_head=2)
rows = torch.tensor([[5, 9, 3, 30, 8, 1], [7, 2, 2, 11, 31, 4]])
gpt2 = randomise(hub.GPT2LMHeadModel(config))
with torch.no_grad():
    states = gpt2.transformer(rows).last_hidden_state[:, -1]
gpt2.half().save_pretrained(out / "gpt2")
save_file({"ids": rows, "vectors": torch.nn.functional.normalize(states, dim=-1)}, out / "gpt2" / "expected.safetensors")

# One channel.
torch.manual_seed(9)
grey = torch.randn(2, 1, 16, 16)
config = hub.ViTConfig(**vision, image_size=16, patch_size=8, num_channels=1)
transformers(
    "vit_grey", hub.ViTModel(config, add_pooling_layer=False), grey, lambda m: m(grey).last_hidden_state[:, 0])

# CoCa with its decoder. Texts: one as long as there is room for, two that are filled up, one of them with the filling's id inside.
torch.manual_seed(8)
model = {
    "embed_dim": 12,
    "vision_cfg": {
        "image_size": 16, "patch_size": 8, "width": 16, "layers": 2, "head_width": 8, "attentional_pool": True,
        "attn_pooler_queries": 3, "attn_pooler_heads": 2, "output_tokens": True},
    "text_cfg": {
        "context_length": 8, "vocab_size": 16, "width": 8, "heads": 2, "layers": 2, "embed_cls": True, "output_tokens": True},
    "multimodal_cfg": {"context_length": 8, "vocab_size": 16, "width": 8, "heads": 2, "layers": 1},
}
tiny = randomise(CoCa(**model))
pictures = torch.randn(2, 3, 16, 16)
ids = torch.tensor([[14, 3, 9, 15, 0, 0, 0, 0], [14, 5, 0, 7, 15, 0, 0, 0], [14, 2, 8, 11, 6, 1, 4, 15]])
with torch.no_grad():
    record(
        "coca", tiny, {"open_clip_config.json": {"model_cfg": dict(model, custom_text=True)}}, pictures,
        tiny.encode_image(pictures), "open_clip_model.safetensors", texts=tiny.encode_text(ids))

# LAION's ConvNeXt with the head of the large ones.
torch.manual_seed(10)
small = dict(depths=[1, 1, 2, 1], dims=[4, 6, 8, 12])
open_clip.timm_model.timm.create_model = lambda n, **given: create(n, **{**given, **small})
model = {
    "embed_dim": 10,
    "vision_cfg": {"image_size": 32, "timm_model_name": "convnext_large", "timm_pool": "", "timm_proj": "mlp"},
    "text_cfg": {"context_length": 8, "vocab_size": 16, "width": 8, "heads": 1, "layers": 1},
}
tiny = randomise(CustomTextCLIP(**model))
pictures = torch.randn(2, 3, 64, 40)
with torch.no_grad():
    record(
        "convnext", tiny, {"open_clip_config.json": {"model_cfg": dict(model, custom_text=True)}}, pictures,
        tiny.encode_image(pictures), "open_clip_model.safetensors")


def attentions(name, kind, grid):
    """What transformers says of every attention, and the first picture's rolled out (Abnar and Zuidema 2020)."""
    more = {"add_pooling_layer": False} if kind is hub.ViTModel else {}
    model = kind.from_pretrained(out / name, attn_implementation="eager", dtype=torch.float32, **more).eval()
    with torch.no_grad():
        weights = model(load_file(out / name / "expected.safetensors")["pictures"], output_attentions=True).attentions
    rolled = torch.eye(weights[0].shape[-1])
    for layer in weights:
        rolled = (0.5 * layer[0].mean(0) + 0.5 * torch.eye(len(rolled))) @ rolled
    seen = {f"layer{i}": layer.contiguous() for i, layer in enumerate(weights)}
    seen["rollout"] = rolled[0, -grid[0] * grid[1] :].reshape(grid).contiguous()
    save_file(seen, out / name / "attention.safetensors")


attentions("vit", hub.ViTModel, (1, 3))
attentions("dinov2_with_registers", hub.Dinov2WithRegistersModel, (5, 2))
