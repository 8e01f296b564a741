#!/usr/bin/python3
"""The yardstick for the digits: one epoch in PyTorch (Debian's, one thread).

784-64-64-10, relu, cross entropy, batches of 128 in shuffled order, SGD at 0.1, and 60,000 samples:
as fast as PyTorch honestly goes. The data are one tensor, a batch is taken by indexing with its part
of the permutation, gradients are set to None; the optimizer as it is, with multi-tensor updates
(foreach), and steps written by hand are all tried. Its products go through libblas: the script that
runs this has OpenBLAS installed, which is fifteen times as fast as the reference BLAS.

Prints one JSON object: the fastest epoch, in seconds of the processor as saddle bench counts, and
the accuracy after three.
"""
import gzip
import json
import os
import time

import numpy as np
import torch
from torch import nn

EPOCHS = 3  # of each way
FOLDER = "/usr/share/datasets/fashion-mnist"


def read_idx(name, header):
    with gzip.open(os.path.join(FOLDER, name)) as file:
        return np.frombuffer(file.read(), np.uint8)[header:]


def load():
    try:
        images = read_idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        labels = read_idx("train-labels-idx1-ubyte.gz", 8)
        return torch.tensor(images / np.float32(255)), torch.tensor(labels.astype(np.int64))
    except OSError:  # of the same shape
        x = torch.rand(60000, 784)
        return x, (x @ torch.randn(784, 10)).argmax(1)


def model_of():
    model = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                          nn.Linear(64, 10))
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def epoch(model, x, t, optimizer):
    loss_of = nn.functional.cross_entropy
    order = torch.randperm(len(x))
    for part in order.split(128):
        loss = loss_of(model(x[part]), t[part])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


class ByHand:
    """SGD with nothing around it."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr = list(parameters), lr

    def zero_grad(self, set_to_none):
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p in self.parameters:
            p.sub_(p.grad, alpha=self.lr)


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    x, t = load()
    ways = {
        "optimizer": lambda p: torch.optim.SGD(p, lr=0.1),
        "foreach": lambda p: torch.optim.SGD(p, lr=0.1, foreach=True),
        "by hand": lambda p: ByHand(p, lr=0.1),
    }
    best, best_way, accuracy = float("inf"), "", 0
    for way, optimizer_of in ways.items():
        model = model_of()
        optimizer = optimizer_of(model.parameters())
        for _ in range(EPOCHS):
            start = time.process_time()
            epoch(model, x, t, optimizer)
            took = time.process_time() - start
            if took < best:
                best, best_way = took, way
        with torch.no_grad():
            accuracy = (model(x).argmax(1) == t).double().mean().item()
    print(json.dumps({"job": "train-digits", "by": "pytorch " + torch.__version__,
                      "seconds": round(best, 6), "way": best_way,
                      "accuracy": round(accuracy, 4)}))


main()
