"""Writes the small arrays in data/ with NumPy; each holds 0, 1, 2 ... in row-major order of its shape."""
import os
import numpy as np

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
os.makedirs(folder, exist_ok=True)


def save(name, array, version=(1, 0)):
    with open(os.path.join(folder, name + ".npy"), "wb") as file:
        np.lib.format.write_array(file, array, version)


for kind in ("f2", "f4", "f8", "i2", "i4", "i8", "i1", "u1"):
    save(kind, np.arange(6).reshape(2, 3).astype(kind))
save("bool", np.array([False, True]))
save("fortran", np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)))
save("version2", np.arange(6, dtype="f4"), (2, 0))
save("version3", np.arange(6, dtype="f4"), (3, 0))
save("scalar", np.float32(7))
save("empty", np.zeros((0, 3), "f4"))
save("bigendian", np.arange(6, dtype=">f4"))
save("record", np.zeros(2, [("a", "f4"), ("b", "i4")]))
