"""How fast PyTorch trains Normscope's standard SimCLR arms and jax-js's MNIST perceptron: one thread on the CPU and, where there
is a GPU, CUDA eager and CUDA graphs. Sizes as in models.js; inputs are random numbers, uploaded in every step.

    python3 tests/peers/pytorch.py [--seconds S] [--threads N] [--gpu-only]
"""

import argparse
import time

import torch
from torch import nn

MODELS = {
    "digits": dict(kind="mlp", inputs=64, width=128, dim=16, batch=128, lr=0.1, tau=0.5),
    "shapes": dict(kind="cnn", side=32, channels=3, width=64, dim=16, batch=128, lr=0.003, tau=0.5),
    "mnist": dict(kind="classifier", inputs=784, batch=1000, lr=0.001),
}


def network(kind, width=0, dim=0, inputs=0, channels=0, **_):
    if kind == "classifier":
        return nn.Sequential(nn.Linear(inputs, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))

    def block(layer, norm):
        return [layer, norm, nn.ReLU()]

    def linear(before, after):
        return block(nn.Linear(before, after), nn.BatchNorm1d(after))

    if kind == "mlp":
        encoder = linear(inputs, width) + linear(width, width)
    else:
        sizes = [channels, -(-width // 4), -(-width // 2), width]
        encoder = [
            layer
            for before, after in zip(sizes, sizes[1:])
            for layer in block(nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after))
        ] + [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*encoder, *linear(width, width), nn.Linear(width, dim))


def nt_xent(z, tau):
    u = nn.functional.normalize(z)
    similarity = u @ u.T / tau
    similarity.fill_diagonal_(float("-inf"))
    n = len(u) // 2
    positives = torch.arange(2 * n, device=u.device).roll(n)
    return nn.functional.cross_entropy(similarity, positives)


class Arm:
    def __init__(self, model, device):
        self.model, self.device = model, device
        self.network = network(**model).to(device)
        weights = self.network.parameters()
        capturable = device == "cuda"
        classifies = model["kind"] == "classifier"
        self.labels = torch.randint(10, (model["batch"],), device=device) if classifies else None
        if classifies:
            self.optimizer = torch.optim.Adam(weights, model["lr"], capturable=capturable)
        elif model["kind"] == "cnn":
            self.optimizer = torch.optim.AdamW(weights, model["lr"], weight_decay=1e-6, capturable=capturable)
        else:
            self.optimizer = torch.optim.SGD(weights, model["lr"], momentum=0.9, weight_decay=1e-6)
        side = model.get("side")
        shape = (side * side * model["channels"]) if side else model["inputs"]
        self.host = torch.rand(model["batch"] if classifies else 2 * model["batch"], shape)
        if device == "cuda":
            self.host = self.host.pin_memory()
        self.shape = (-1, model["channels"], side, side) if side else (-1, shape)
        self.views = self.host.to(device).view(self.shape)

    def compute(self):
        self.optimizer.zero_grad(set_to_none=True)
        outputs = self.network(self.views)
        if self.labels is None:
            loss = nt_xent(outputs, self.model["tau"])
        else:
            loss = nn.functional.cross_entropy(outputs, self.labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def step(self):
        self.views.copy_(self.host.view(self.shape), non_blocking=True)
        return self.compute()


def graphed(arm):
    """The same step as one CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            arm.compute()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        arm.compute()

    def step():
        arm.views.copy_(arm.host.view(arm.shape), non_blocking=True)
        graph.replay()

    return step


def clock(step, wait, seconds, queued=4):
    """Steps a second; at most so many are queued."""
    for _ in range(3):
        step()
    wait()
    begun, steps = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        for _ in range(queued):
            step()
        steps += queued
        wait()
    return steps / (time.perf_counter() - begun)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpu-only", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"PyTorch {torch.__version__}, {options.threads} thread(s)")
    for name, model in MODELS.items():
        if not options.gpu_only:
            rate = clock(Arm(model, "cpu").step, lambda: None, options.seconds)
            print(f"{name} cpu: {rate:.1f} steps/s")
        if torch.cuda.is_available():
            rate = clock(Arm(model, "cuda").step, torch.cuda.synchronize, options.seconds, 32)
            print(f"{name} {torch.cuda.get_device_name()}, eager: {rate:.1f} steps/s")
            rate = clock(graphed(Arm(model, "cuda")), torch.cuda.synchronize, options.seconds, 32)
            print(f"{name} {torch.cuda.get_device_name()}, CUDA graph: {rate:.1f} steps/s")


if __name__ == "__main__":
    main()
