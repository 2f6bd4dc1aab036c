"""Writes static/digits.bin: the UCI handwritten digits, packed.

    pip install scikit-learn
    python scripts/make_digits.py

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, CC BY 4.0. The 1,797 pictures are the ones that scikit-learn ships.

Format, little-endian:

    offset  size        what
    0       4           magic "NSDG"
    4       1           version, 1
    5       1           side of a picture in pixels, 8
    6       1           largest grey level, 16
    7       1           classes, 10
    8       2           training pictures, 1437
    10      2           held-out pictures, 360
    12      n           labels, one byte each, training pictures first
    12 + n  40 n        pixels, 5 bits each, row by row, the first pixel in the lowest bits of the first byte

The split is stratified (largest remainder), drawn once here, and so the same for every seed of an experiment.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TEST = 360
SIDE = 8
BITS = 5
OUT = Path(__file__).resolve().parent.parent / "static" / "digits.bin"


def split(labels):
    """Indices of the training and of the held-out pictures, both shuffled."""
    # RandomState is NumPy's frozen generator: its draws never change between versions.
    random = np.random.RandomState(1998)
    counts = np.bincount(labels)
    shares = counts * TEST / counts.sum()
    take = np.floor(shares).astype(int)
    for label in np.argsort(take - shares, kind="stable")[: TEST - take.sum()]:
        take[label] += 1
    train, test = [], []
    for label, count in enumerate(take):
        order = random.permutation(np.flatnonzero(labels == label))
        test.extend(order[:count])
        train.extend(order[count:])
    return random.permutation(train), random.permutation(test)


def pack(pixels):
    """Five bits a pixel, lowest bits first."""
    bits = (pixels.astype(np.uint8)[:, :, None] >> np.arange(BITS)) & 1
    return np.packbits(bits.reshape(len(pixels), -1), axis=1, bitorder="little").tobytes()


def main():
    digits = load_digits()
    train, test = split(digits.target)
    order = np.concatenate([train, test])
    header = b"NSDG" + bytes([1, SIDE, 16, 10]) + np.array([len(train), len(test)], "<u2").tobytes()
    OUT.write_bytes(header + digits.target[order].astype(np.uint8).tobytes() + pack(digits.data[order]))
    print(f"{OUT}: {len(train)} + {len(test)} pictures, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
