"""Writes the small pictures of this folder and what Pillow makes of them (expected.safetensors).

Run with: python make.py, with pillow, numpy and safetensors installed. The PNG files are written by hand here, since
Pillow writes neither interlaced ones nor every bit depth.
"""
import io, os, struct, zlib
import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(7)
expected = {}


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def rows(samples, depth):
    """Unfiltered scan lines of [height, width, channels] samples."""
    out = b""
    for line in samples.reshape(len(samples), -1):
        if depth == 16:
            packed = line.astype(">u2").tobytes()
        else:
            bits = "".join(format(v, f"0{depth}b") for v in line)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        out += b"\0" + packed
    return out


def png(samples, depth, color, interlaced=False, extra=b""):
    height, width = samples.shape[:2]
    if interlaced:
        data = b""
        for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
            part = samples[y::dy, x::dx]
            if part.size:
                data += rows(part, depth)
    else:
        data = rows(samples, depth)
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def keep(name, data, rgb=None):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)
    expected[name] = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) if rgb is None else rgb


def noise(height, width, channels, depth):
    return random.integers(0, 1 << depth, (height, width, channels))


GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
for depth in 1, 2, 4, 8:
    keep(f"grey{depth}.png", png(noise(9, 13, 1, depth), depth, GREY))
deep = noise(9, 13, 1, 16)
keep("grey16.png", png(deep, 16, GREY), np.repeat((deep >> 8).astype(np.uint8), 3, 2))
keep("rgb8-interlaced.png", png(noise(11, 13, 3, 8), 8, RGB, interlaced=True))
keep("rgb16.png", png(noise(5, 6, 3, 16), 16, RGB))
keep("rgba8-interlaced.png", png(noise(7, 6, 4, 8), 8, RGBA, interlaced=True))
keep("grey-alpha8.png", png(noise(5, 6, 2, 8), 8, GREY_ALPHA))
palette = chunk(b"PLTE", bytes(random.integers(0, 256, 48).tolist())) + chunk(b"tRNS", bytes([0, 90, 255]))
keep("palette4-transparent.png", png(noise(9, 7, 1, 4), 4, PALETTE, extra=palette))
keep("rgb8-key-gamma.png", png(noise(5, 6, 3, 8), 8, RGB, extra=chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tRNS", b"\0\1\0\2\0\3")))

ramp = np.stack(np.meshgrid(np.arange(37) * 6, np.arange(29) * 8), -1)
photo = np.concatenate([ramp, (ramp.sum(-1, keepdims=True) // 2)], -1).astype(np.int64)
photo = np.clip(photo + random.integers(-20, 20, photo.shape), 0, 255).astype(np.uint8)


def jpeg(image, **options):
    f = io.BytesIO()
    image.save(f, "JPEG", quality=80, **options)
    return f.getvalue()


color = Image.fromarray(photo)
keep("444.jpg", jpeg(color, subsampling=0))
keep("422.jpg", jpeg(color, subsampling=1))
keep("420-progressive.jpg", jpeg(color, subsampling=2, progressive=True))
keep("grey.jpg", jpeg(color.convert("L")))
keep("cmyk.jpg", jpeg(color.convert("CMYK")))
keep("restart.jpg", jpeg(color, restart_marker_blocks=2))
exif = Image.Exif()
exif[274] = 6
keep("turned.jpg", jpeg(color, subsampling=0, exif=exif))

source = Image.fromarray(photo)
expected["source"] = photo
for kernel in map(Image.Resampling, range(6)):
    for width, height in [(16, 12), (37, 10), (46, 31), (36, 9), (1, 1)]:
        expected[f"resize.{kernel.value}.{width}x{height}"] = np.asarray(source.resize((width, height), kernel))
# Resized, or given a border, as the file has it, and made RGB then.
for name in ["palette4-transparent.png", "rgba8-interlaced.png", "grey-alpha8.png", "grey1.png", "cmyk.jpg"]:
    picture = Image.open(os.path.join(HERE, name))
    for width, height in [(5, 4), (17, 3)]:
        stored = picture.resize((width, height), Image.Resampling.BICUBIC)
        expected[f"stored.{name}.{width}x{height}"] = np.asarray(stored.convert("RGB"))
    for level in 0, 9:
        bands = len(picture.getbands())
        bordered = ImageOps.expand(picture, 1, level if bands == 1 else (level,) * bands)
        expected[f"around.{name}.{level}"] = np.asarray(bordered.convert("RGB"))[0, 0].astype(np.int32)
save_file(expected, os.path.join(HERE, "expected.safetensors"))
