"""Reads what the command line wrote with the libraries that people read it with: numpy, safetensors, an XML parser.

    python tests/python/read_files.py TRAIN_FOLDER OTHER_FOLDER...

TRAIN_FOLDER comes from `normscope train --out` on digits with SimCLR. Ends with an assertion when something is wrong.
"""

import csv
import json
import pathlib
import sys
import xml.etree.ElementTree

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

SVG = "{http://www.w3.org/2000/svg}"
# Added to the variance in batch norm.
EPSILON = 1e-5
DIGITS = pathlib.Path(__file__).resolve().parents[2] / "static" / "digits.bin"


def read_embeddings(folder, run):
    """The arrays of both arms, their norms and labels, and the metadata; gives each arm's dimension."""
    with np.load(folder / "embeddings.npz", allow_pickle=False) as file:
        metadata = json.loads(file["metadata"].item())
        assert metadata["query"] == run["query"], metadata
        labels = file["labels"]
        assert labels.dtype == np.int64 and labels.min() >= 0 and labels.max() < len(metadata["classes"])
        dims = {}
        for arm in run["arms"]:
            z, norm = file[f"{arm['arm']}_z"], file[f"{arm['arm']}_norm"]
            assert z.dtype == np.float32 and norm.dtype == np.float32
            assert z.ndim == 2 and norm.shape == labels.shape == z.shape[:1], (z.shape, norm.shape, labels.shape)
            np.testing.assert_allclose(np.linalg.norm(z, axis=1), norm, rtol=1e-5)
            last = arm["series"][-1]
            assert metadata["steps"][arm["arm"]] == last["step"]
            np.testing.assert_allclose(np.median(norm), last["norm_q50"], rtol=1e-4)
            dims[arm["arm"]] = z.shape[1]
    return dims


def read_model(folder, run, dims):
    """The parameters of both arms, shaped as PyTorch shapes them."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    with safe_open(path, "np") as file:
        metadata = file.metadata()
    assert metadata["query"] == run["query"] and metadata["step"] == str(run["steps"]), metadata
    assert all(tensor.dtype == np.float32 and np.isfinite(tensor).all() for tensor in tensors.values())
    for arm, dim in dims.items():
        encoder = tensors[f"{arm}.encoder.0.weight"]
        assert tensors[f"{arm}.encoder.0.bias"].shape == encoder.shape[:1]
        matrices = [name for name in sorted(tensors) if name.startswith(f"{arm}.projector") and tensors[name].ndim == 2]
        assert tensors[matrices[-1]].shape[0] == dim, (matrices, dim)
    return tensors


def held_out_digits():
    """The held-out digits, `[360, 64]` in 0..1; scripts/make_digits.py describes the file."""
    file = np.fromfile(DIGITS, dtype=np.uint8)
    train, test = file[8:12].view("<u2").astype(int)
    packed = file[12 + train + test :].reshape(train + test, 40)[train:]
    bits = np.unpackbits(packed, axis=1, bitorder="little").reshape(test, 64, 5)
    return (bits @ (2 ** np.arange(5)) / 16).astype(np.float32)


def through(tensors, stack, x):
    """`x: [n, inputs]` through a stack of linear layers, batch norms and ReLUs; a projector ends without a ReLU."""
    layers = sorted({int(name.split(".")[2]) for name in tensors if name.startswith(f"{stack}.")})
    for layer in layers:
        weight, bias = (tensors[f"{stack}.{layer}.{what}"] for what in ("weight", "bias"))
        if weight.ndim == 2:
            x = x @ weight.T + bias
        else:
            mean, variance = (tensors[f"{stack}.{layer}.running_{what}"] for what in ("mean", "var"))
            x = (x - mean) / np.sqrt(variance + EPSILON) * weight + bias
        # A layer number that is missing is a ReLU's.
        if layer + 1 not in layers and not (stack.endswith("projector") and layer == layers[-1]):
            x = np.maximum(x, 0)
    return x


def check_forward_pass(tensors, folder):
    """The parameters give the very embeddings that lie beside them: names, shapes and statistics mean what they say."""
    digits = held_out_digits()
    with np.load(folder / "embeddings.npz") as file:
        for arm in ("a", "b"):
            z = through(tensors, f"{arm}.projector", through(tensors, f"{arm}.encoder", digits))
            np.testing.assert_allclose(z, file[f"{arm}_z"], rtol=1e-3, atol=1e-3)


def check_run(folder, run):
    """run.json as docs/files.md describes it, and metrics.csv with the same numbers."""
    assert run["made_by"].startswith("normscope") and run["steps"] == run["settings"]["steps"]
    assert run["seed"] == run["settings"]["seed"] and run["settings"]["method"] == "simclr"
    with open(folder / "metrics.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [arm["arm"] for arm in run["arms"]] == ["a", "b"]
    for arm in run["arms"]:
        assert run["settings"][arm["arm"]]["lr"] > 0 and arm["parameters"] > 1000 and arm["weights_hash"]
        assert len(arm["losses"]) == run["steps"] and np.isfinite(arm["losses"]).all()
        assert arm["stopped"] is None and arm["failure"] is None and set(arm["knn_features"]) == {"untrained", "trained"}
        own = [row for row in rows if row["arm"] == arm["arm"]]
        assert len(own) == len(arm["series"])
        for row, point in zip(own, arm["series"]):
            assert (int(row["seed"]), row["query"]) == (run["seed"], run["query"])
            filled = {name: float(value) for name, value in row.items() if name not in ("arm", "seed", "query") and value}
            assert filled == point, (filled, point)


def read_pictures(folder):
    """Every SVG file is well-formed, and its words are text; gives how many there are."""
    paths = sorted(folder.glob("*.svg"))
    for path in paths:
        root = xml.etree.ElementTree.parse(path).getroot()
        assert root.tag == f"{SVG}svg", path
        texts = [text.text.strip() for text in root.iter(f"{SVG}text")]
        assert len(texts) > 4 and all(texts), (path, texts)
    return len(paths)


def read_tables(folder):
    """Every CSV file has as many fields in each row as in its header; every JSON file is one."""
    for path in folder.glob("*.csv"):
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert rows and all(len(row) == len(header) for row in rows), path
    for path in folder.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


def main():
    folders = [pathlib.Path(argument) for argument in sys.argv[1:]]
    train = folders[0]
    run = json.loads((train / "run.json").read_text(encoding="utf-8"))
    check_run(train, run)
    tensors = read_model(train, run, read_embeddings(train, run))
    check_forward_pass(tensors, train)
    pictures = 0
    for folder in folders:
        read_tables(folder)
        found = read_pictures(folder)
        assert found > 0, f"no SVG file in {folder}"
        assert not list(folder.glob("*.part")), f"something half-written in {folder}"
        pictures += found
    print(f"numpy, safetensors and the XML parser read everything: {len(tensors)} tensors, {pictures} pictures")


if __name__ == "__main__":
    main()
