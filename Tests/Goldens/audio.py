"""Writes audio/frontends.safetensors: 50 ms of sound and what published front ends make of it.

Needs torch, torchlibrosa, librosa, soxr and safetensors:  python audio.py
"""
import os

import librosa
import numpy as np
import soxr
import torch
from safetensors.numpy import save_file
from torchlibrosa.stft import LogmelFilterBank, Spectrogram

RATE, COUNT = 32000, 1600
t = np.arange(COUNT) / RATE
rng = np.random.default_rng(1)
wave = 0.4 * np.sin(2 * np.pi * (200 * t + 40000 * t * t)) + 0.05 * rng.standard_normal(COUNT)
wave[1100:1300] = 0
wave = np.round(wave * 32767).clip(-32768, 32767).astype(np.float32) / 32768


def torchlibrosa(rate, hop):
    x = torch.from_numpy(wave)[None]
    spectrum = Spectrogram(n_fft=1024, hop_length=hop)(x)
    return LogmelFilterBank(sr=rate, n_fft=1024, n_mels=64, fmin=50, fmax=14000, amin=1e-10, ref=1.0, top_db=None)(
        spectrum)[0, 0].numpy()


def htk(rate, hop):
    bank = librosa.filters.mel(sr=rate, n_fft=1024, n_mels=64, fmin=50, fmax=14000, htk=True, norm=None)
    power = np.abs(librosa.stft(wave.astype(np.float64), n_fft=1024, hop_length=hop, pad_mode="reflect")) ** 2
    return (10 * np.log10(np.maximum(bank.astype(np.float64) @ power, 1e-10))).T.astype(np.float32)


def decibels_80(rate, hop):
    power = librosa.feature.melspectrogram(
        y=wave.astype(np.float64), sr=rate, n_fft=1024, hop_length=hop, n_mels=64, pad_mode="constant")
    return librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80).T.astype(np.float32)


def kaldi(rate=16000, bins=128):
    """Kaldi's filter bank step by step, in double precision."""
    x = wave.astype(np.float64) - wave.astype(np.float64).mean()
    frames = np.stack([x[i:i + 400] for i in range(0, COUNT - 399, 160)])
    frames = frames - frames.mean(1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    power = np.abs(np.fft.rfft(frames * np.hanning(400), 512)) ** 2
    mel = lambda f: 1127 * np.log(1 + f / 700)
    points = np.linspace(mel(20), mel(rate / 2), bins + 2)
    at = mel(np.arange(256) * rate / 512)[:, None]
    up, down = (at - points[:-2]) / (points[1:-1] - points[:-2]), (points[2:] - at) / (points[2:] - points[1:-1])
    bank = np.maximum(0, np.minimum(up, down))
    return np.log(np.maximum(power[:, :256] @ bank, np.finfo(np.float32).eps)).astype(np.float32)


save_file({name: np.ascontiguousarray(values) for name, values in {
    "wave": wave,
    "panns": torchlibrosa(32000, 320),
    "msclap2022": torchlibrosa(44100, 320),
    "clap": torchlibrosa(48000, 480),
    "clapFused": htk(48000, 480),
    "librosa": decibels_80(48000, 480),
    "imageBind": kaldi(),
    "soxr_44100": soxr.resample(wave, 32000, 44100, quality="HQ").astype(np.float32),
    "soxr_16000": soxr.resample(wave, 32000, 16000, quality="HQ").astype(np.float32),
}.items()}, os.path.join(os.path.dirname(os.path.abspath(__file__)), "audio", "frontends.safetensors"))
