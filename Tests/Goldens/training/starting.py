"""Starting weights by a formula that TenLossesTests repeats, so that goldens hold batches and losses alone.

The first step of AdamW moves every weight by the whole rate in the direction of its gradient's sign, whatever the gradient's
size. From PyTorch's usual start (a bound of 1/sqrt(fan in)) rounding therefore grows about tenfold with every step: float32 and
float64 of PyTorch itself differ by 5e-4 at the fifth loss and 3e-3 at the tenth of esc10-clap, so that no two programs can agree
there. Weights that are large beside a step tame this.
"""
import math

import numpy as np
import torch

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


@torch.no_grad()
def start(named):
    """Fills all of `named` but norms; a bias has the bound of the weight beside it."""
    named = dict(named)
    for name, p in named.items():
        if "norm" in name or "bn0" in name:
            continue
        beside = named[name.removesuffix("bias") + "weight"] if name.endswith(".bias") else p
        p.copy_(weight(SALT + name, p.shape, BOUND / math.sqrt(beside[0].numel())))
