"""Holds the exported PyTorch script against the engine, and runs it: alone, as two processes, resumed.

    python tests/python/pytorch_script.py PROGRAM FIXTURE

PROGRAM is the built `normscope`; FIXTURE is `pytorch.json`, which tests/pytorch.rs writes: every expected number in it was
computed by the functions that the engine trains and evaluates with, in f32 on the CPU. Needs torch, nothing else. Ends with
an assertion when something is wrong.
"""

import ast
import csv
import importlib.util
import itertools
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import torch

PROGRAM, FIXTURE = sys.argv[1:3]
# Both sides compute in f32, in different orders.
CLOSE = {"rtol": 1e-4, "atol": 1e-6}
# Several training steps through batch norm let the engine's rounding grow; the script computes them in f64 here.
CLOSE_AFTER_STEPS = {"rtol": 1e-3, "atol": 2e-5}
# No batch norm, so that processes see what one process sees; a rate at which one step moves weights visibly.
PLAIN = "b.bn=off&b.lr=0.5&b.warmup=0&b.width=16&b.dim=8&b.momentum=0.9&b.gradscale=1&steps=3"
numbers = itertools.count()


def close(found, expected, what, tolerance=CLOSE):
    found, expected = (torch.as_tensor(value, dtype=torch.float64) for value in (found, expected))
    torch.testing.assert_close(found, expected, **tolerance, msg=lambda message: f"{what}: {message}")


def export(folder, query, *flags):
    """The script for an experiment, in a file of its own."""
    path = folder / f"script_{next(numbers)}.py"
    subprocess.run([PROGRAM, "export", "pytorch", "--url", query, "--out", path, *flags], check=True)
    return path


def load(path):
    """The script as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ----------------------------------------------------------------------------------------------------- Against the engine


def check_losses(folder, cases):
    """Loss and gradient with respect to the outputs: NT-Xent, DCL and the prediction loss, with and without GradScale."""
    for case in cases:
        script = load(export(folder, case["query"]))
        z, targets, grad = (torch.tensor(case[name]).view(2 * script.CONFIG["batch"], -1) for name in ("z", "targets", "grad"))
        z.requires_grad_()
        loss = script.method_loss(script.CONFIG, z, targets)
        loss.backward()
        close(loss.detach(), case["loss"], f"loss of {case['query']}")
        close(z.grad, grad, f"gradient of {case['query']}")
        forward = script.GradScale.apply(z, script.CONFIG["gradscale"], script.CONFIG["gradmode"])
        assert torch.equal(forward, z), "GradScale is the identity in the forward pass"


def check_zero_rows(folder):
    """As in the engine, a row without a direction becomes 0 and gets no gradient."""
    script = load(export(folder, ""))
    x = torch.tensor([[0.0, 0.0], [3.0, 4.0]], requires_grad=True)
    unit = script.unit_rows(x)
    (unit * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert unit.tolist()[0] == [0, 0] and x.grad[0].tolist() == [0, 0] and torch.isfinite(x.grad).all()


def check_schedules(folder, cases):
    for case in cases:
        script = load(export(folder, case["query"]))
        for step, rate in case["rates"]:
            close(script.learning_rate(script.CONFIG, step, script.CONFIG["steps"]), rate, f"rate of step {step}", {"rtol": 1e-9, "atol": 0})


def small_model(script):
    """The script's model with the browser's encoder, and its settings."""
    config = {**script.CONFIG, "tiny": True, "fake_data": True}
    model, target = script.build(config)
    return config, model, target


def check_cuts(folder, cases):
    """Cut-initialization divides the same parameters by the same number."""
    for case in cases:
        script = load(export(folder, case["query"]))
        torch.manual_seed(0)
        model = script.Model({**script.CONFIG, "tiny": True})
        before = {name: value.detach().clone() for name, value in model.named_parameters()}
        script.cut_(model, script.CONFIG["cutlayers"], script.CONFIG["cut"])
        after = dict(model.named_parameters())
        assert case["factors"].keys() <= after.keys(), case["factors"].keys() - after.keys()
        for name, factor in case["factors"].items():
            close(after[name].detach(), before[name] * factor, f"{name} of {case['query']}")


def put(model, named, prefix=""):
    """Copies the engine's parameters and statistics into a model; gives the names that were meant."""
    state = model.state_dict()
    names = [name for name in named if name.removeprefix(prefix) in state and name.startswith(prefix)]
    for name in names:
        value = torch.tensor(named[name]["values"]).view(named[name]["shape"])
        state[name.removeprefix(prefix)].copy_(value)
    return names


def check_training(folder, views, cases):
    """From the engine's weights, the same views: the same losses, parameters, means and targets after some steps."""
    for case in cases:
        query = case["query"]
        script = load(export(folder, query))
        config, model, target = small_model(script)
        missing = {name for name, _ in model.named_parameters()} - set(put(model, case["before"]))
        assert not missing, missing
        if target is not None:
            assert put(target, case["before"], "target.")
        model, target = model.double(), target and target.double()
        optimizer = script.make_optimizer(config, model.parameters())
        for step, (rows, expected) in enumerate(zip(views, case["losses"])):
            pictures = torch.tensor(rows, dtype=torch.float64).view(2 * config["batch"], 3, 32, 32)
            loss = script.train_step(config, model, target, optimizer, pictures, step, config["steps"])
            close(loss, expected, f"loss of step {step} of {query}", CLOSE_AFTER_STEPS)
        state = model.state_dict()
        state.update({f"target.{name}": value for name, value in (target.state_dict() if target else {}).items()})
        compared = 0
        for name, after in case["after"].items():
            # PyTorch's running variance has another divisor; a target's statistics are never used.
            if not name.endswith("running_var"):
                expected = torch.tensor(after["values"]).view(after["shape"])
                close(state[name], expected, f"{name} of {query}", CLOSE_AFTER_STEPS)
                compared += 1
        assert compared >= len(list(model.parameters())), compared


def check_metrics(folder, case):
    script = load(export(folder, ""))
    z, bank = (torch.tensor(case[name]).view(-1, case["dim"]) for name in ("z", "bank"))
    labels = torch.tensor(case["labels"])
    found = {**script.geometry(z), **script.pair_measures(z), "knn": script.knn_accuracy(bank, labels, z, labels[: len(z)])}
    assert found.keys() == case["values"].keys()
    for name, expected in case["values"].items():
        close(found[name], expected, name)


# ------------------------------------------------------------------------------------------------------------ What it is


def check_text(folder):
    """Whatever a link holds, the script is the same program with another value."""
    plain = ast.dump(ast.parse(export(folder, "").read_text()).body[0])
    page = "https://x.test/\"\n'''\\\n\"\"\"};import os\r\u2028#🙂@CONFIG@"
    hostile = export(folder, f"{page}?seed=7").read_text(encoding="ascii")
    tree = ast.parse(hostile)
    shapes = []
    for text in (hostile, export(folder, "").read_text()):
        body = ast.parse(text)
        values = next(node.value for node in body.body if isinstance(node, ast.Assign) and node.targets[0].id == "CONFIG")
        config = ast.literal_eval(values)
        values.values[0] = ast.Constant("")
        shapes.append((ast.dump(body), config))
    assert shapes[0][0] == shapes[1][0] and ast.dump(tree.body[0]) == plain
    assert shapes[0][1]["link"] == f"{page.split('#')[0]}?", shapes[0][1]["link"]


def check_refusals(folder):
    script = export(folder, PLAIN)
    for flags, named in ((["--batch", "1"], "--batch 1"), (["--steps", "0"], "--steps 0"), (["--batch", "9999"], "--batch 9999")):
        result = start(script, folder / "refused", flags)
        assert result.returncode == 2 and named in result.stderr and len(result.stderr.splitlines()) == 1, result.stderr


# ------------------------------------------------------------------------------------------------------------------- Runs


def start(script, out, flags, processes=1):
    """Runs the script on made-up data, as one process or as several."""
    launcher = [sys.executable]
    if processes > 1:
        launcher += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
        # Debian's PyTorch 1.13 can't read the default of these two (0) under its own Python.
        launcher += ["--redirects=1", "--tee=1"]
    command = [*launcher, script, "--fake-data", "--tiny", "--out", out, *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)


def finish(script, out, *flags, processes=1):
    """As `start`, to its end: finite metrics and a checkpoint."""
    result = start(script, out, flags, processes)
    assert result.returncode == 0, result.stderr
    with open(out / "metrics.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        finite = [math.isfinite(float(value)) for name, value in row.items() if name != "arm" and (name, row["step"]) != ("loss", "0")]
        assert all(finite), row
    about = json.loads((out / "settings.json").read_text(encoding="utf-8"))
    assert about["processes"] == processes
    assert not list(out.glob("*.part"))
    checkpoint = torch.load(out / "checkpoint.pt", weights_only=True)
    assert json.loads(checkpoint["about"])["step"] == about["config"]["steps"] == int(rows[-1]["step"])
    return rows, checkpoint


def check_runs(folder):
    """One process and two with half the batch each: the same first step (loss, and gradient through what it moved), and the
    same run. A run that was cut short and resumed ends in the very same weights."""
    for query in ("method=simclr&b.gradmode=batch", "method=simclr&b.loss=dcl", "method=byol&b.gradmode=batch", "method=simsiam"):
        script = export(folder, f"{query}&{PLAIN}")
        name = script.stem
        one, first = finish(script, folder / f"{name}_1", "--batch", "32", "--steps", "1")
        two, other = finish(script, folder / f"{name}_2", "--batch", "32", "--steps", "1", processes=2)
        close(float(two[-1]["loss"]), float(one[-1]["loss"]), f"first loss of {query} on two processes")
        module = load(script)
        start_weights = module.build(json.loads(first["about"])["config"])[0].state_dict()
        for parameter, begun in start_weights.items():
            moves = [checkpoint["model"][parameter] - begun for checkpoint in (first, other)]
            assert moves[0].abs().max() > 0, f"{parameter} of {query} did not move"
            # A move is a difference of f32 weights, so it is known to their rounding only.
            close(moves[1], moves[0], f"first step of {parameter} of {query}", {"rtol": 1e-3, "atol": 2e-7})
    script = export(folder, "method=byol&b.warmup=2&b.width=16&b.dim=8&b.opt=adamw&b.lr=0.01&steps=6")
    whole, checkpoint = finish(script, folder / "whole", "--batch", "32", "--eval-every", "2")
    assert [row["step"] for row in whole] == ["0", "2", "4", "6"]
    finish(script, folder / "part", "--batch", "32", "--eval-every", "2", "--steps", "4")
    rows, resumed = finish(script, folder / "part", "--batch", "32", "--eval-every", "2", "--resume")
    assert rows == whole
    for part in ("model", "target"):
        assert all(torch.equal(resumed[part][name], value) for name, value in checkpoint[part].items())
    finish(script, folder / "two_bn", "--batch", "32", "--amp", "--workers", "1", processes=2)
    refused = start(script, folder / "part", ["--batch", "16", "--resume"])
    assert refused.returncode == 2 and "another experiment" in refused.stderr, refused.stderr


def main():
    fixture = json.loads(pathlib.Path(FIXTURE).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_losses(folder, fixture["losses"])
        check_zero_rows(folder)
        check_schedules(folder, fixture["schedules"])
        check_cuts(folder, fixture["cuts"])
        check_training(folder, fixture["views"], fixture["training"])
        check_metrics(folder, fixture["metrics"])
        check_text(folder)
        check_refusals(folder)
        check_runs(folder)
    cases = f"{len(fixture['losses'])} losses and gradients, {len(fixture['training'])} trainings"
    print(f"PyTorch {torch.__version__} agrees with the engine ({cases}); one process, two and a resumed run end alike")


if __name__ == "__main__":
    main()
