"""Makes archives for npz.test, whole and broken, and checks one that nacre wrote."""
import pathlib
import struct
import sys

import numpy as np

x = np.arange(6, dtype=np.float32).reshape(2, 3)
y = np.full((2, 3), 0.5, dtype=np.float32)


def make(folder):
    np.savez(folder / "stored.npz", x=x, y=y)
    np.savez_compressed(folder / "deflated.npz", y=y, x=x)
    np.savez(folder / "other.npz", other=x)
    stored = (folder / "stored.npz").read_bytes()
    (folder / "cut.npz").write_bytes(stored[:-30])
    flipped = bytearray(stored)
    flipped[stored.index(b"NUMPY") + 130] ^= 1  # an element of x
    (folder / "flipped.npz").write_bytes(flipped)
    # A member that claims 4 GB.
    bomb = bytearray((folder / "deflated.npz").read_bytes())
    entry = bomb.index(b"x.npy", bomb.index(b"PK\x01\x02")) - 46
    bomb[entry + 24:entry + 28] = struct.pack("<I", 0xfffffff0)
    (folder / "bomb.npz").write_bytes(bomb)


def check(path):
    with np.load(path) as archive:
        assert archive.files == ["z"], archive.files
        np.testing.assert_array_equal(archive["z"], np.maximum(x + y, 0))


{"make": make, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
