#!/usr/bin/python3
"""Holds `saddle landscape` against NumPy in 64 bits: from the data, the weights and the experiment
that saddle writes, works out each plane and the losses on it anew, by other ways. By hand:

    tests/cli/check_planes.py build/release/saddle

The path's weights come from as many runs of `saddle train`; the directions from a singular value
decomposition (pca) and from the whole Hessian (hessian). Prints the largest differences, and exits
with 1 where one is too large. Of random directions the lengths are known, and so, in a network of
two weights, all but their signs.
"""
import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

EPOCHS = 10
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
saddle = os.path.abspath(sys.argv[1])
worst = {}


def run(*args):
    return subprocess.run([saddle, *map(str, args)], check=True, capture_output=True, text=True).stdout


def table(name):
    with open(name) as file:
        rows = list(csv.reader(file))
    return {key: [row[i] for row in rows[1:]] for i, key in enumerate(rows[0])}


def numbers(columns, *names):
    return np.array([columns[name] for name in names], np.float64).T


def close(what, got, wanted, tolerance, scale=None):
    got, wanted = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
    assert got.shape == wanted.shape, (what, got.shape, wanted.shape)
    scale = np.abs(wanted) if scale is None else scale
    error = np.max(np.abs(got - wanted) / scale)
    worst[what] = max(worst.get(what, 0), error / tolerance)
    print(f"  {what:<28} {error:.1e}  (at most {tolerance:.0e})", "" if error <= tolerance else "  TOO LARGE")


ACTIVATIONS = {"linear": (lambda z: z, lambda z: np.ones_like(z)),
               "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
               "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
               "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2)}


class Task:
    """An experiment: its network as a function of one vector of weights, in the files' order."""

    def __init__(self, name):
        self.name = name
        with open(os.path.join(ROOT, "assets", "experiments", name + ".json")) as file:
            experiment = json.load(file)
        self.activations = [layer["activation"] for layer in experiment["network"]["layers"]]
        self.loss_name = experiment["training"]["loss"]
        self.split = experiment.get("landscape", {}).get("split", "train")
        run("data", name, "-o", "data.csv")
        data = table("data.csv")
        samples = numbers(data, *[key for key in data if key != "split"])
        inputs = sum(key.startswith("x") for key in data)
        self.parts = {}
        for part in "train", "test":
            chosen = np.array([data.get("split", ["train"] * len(samples))[i] == part for i in range(len(samples))])
            self.parts[part] = samples[chosen, :inputs], samples[chosen, inputs:]

    def read(self, file):
        arrays = np.load(file)
        self.shapes = [(key, arrays[key].shape) for i in range(len(self.activations))
                       for key in (f"layers.{i}.weight", f"layers.{i}.bias") if key in arrays]
        return np.concatenate([arrays[key].astype(np.float64).ravel() for key, _ in self.shapes])

    def arrays(self, vector):
        at, arrays = 0, {}
        for key, shape in self.shapes:
            size = int(np.prod(shape))
            arrays[key] = vector[at:at + size].reshape(shape)
            at += size
        return arrays

    def index(self, ref):
        layer, row, col = ref.split(":")
        at = 0
        for key, shape in self.shapes:
            if key == f"layers.{layer}." + ("bias" if col == "b" else "weight"):
                return at + (int(row) if col == "b" else int(row) * shape[1] + int(col))
            at += int(np.prod(shape))

    def forward(self, vector, x):
        arrays, steps = self.arrays(vector), []
        for i, name in enumerate(self.activations):
            z = x @ arrays[f"layers.{i}.weight"].T + arrays.get(f"layers.{i}.bias", 0)
            steps.append((x, z))
            x = ACTIVATIONS[name][0](z)
        return x, steps

    def loss(self, vector, part=None):
        x, t = self.parts[part or self.split]
        y, steps = self.forward(vector, x)
        if self.loss_name == "bce":
            z = steps[-1][1]
            return np.mean(np.logaddexp(0, z) - t * z)
        return np.mean((y - t) ** 2) * (0.5 if self.loss_name == "half_mse" else 1)

    def gradient(self, vector):
        """Of the train samples' loss."""
        x, t = self.parts["train"]
        y, steps = self.forward(vector, x)
        arrays, gradient = self.arrays(vector), {}
        slope = lambda i: ACTIVATIONS[self.activations[i]][1](steps[i][1])
        last = len(steps) - 1
        if self.loss_name == "bce":
            delta = (y - t) / t.size
        else:
            delta = (1 if self.loss_name == "half_mse" else 2) * (y - t) / t.size * slope(last)
        for i in range(last, -1, -1):
            gradient[f"layers.{i}.weight"] = delta.T @ steps[i][0]
            gradient[f"layers.{i}.bias"] = delta.sum(0)
            if i:
                delta = (delta @ arrays[f"layers.{i}.weight"]) * slope(i - 1)
        return np.concatenate([gradient[key].ravel() for key, _ in self.shapes])

    def hessian(self, vector):
        h = 1e-5
        columns = [(self.gradient(vector + h * e) - self.gradient(vector - h * e)) / (2 * h)
                   for e in np.eye(len(vector))]
        return (np.array(columns) + np.array(columns).T) / 2


def landscape(task, *options):
    out = run("landscape", task.name, "--grid", "9x7", "-o", "table.csv", "--path", "path.csv", *options)
    return json.loads(out) if out else None, numbers(table("table.csv"), "a", "b", "loss"), \
        numbers(table("path.csv"), "a", "b", "loss")


def check_plane(task, name, points, path, weights, a, b):
    """Losses at the grid's points, and where the path's weights lie."""
    present, basis = weights[-1], np.stack([a, b], 1)
    places = np.linalg.lstsq(basis, (weights - present).T, rcond=None)[0].T
    close(name + " path", path[:, :2], places, 1e-5, np.abs(places).max())
    losses = [task.loss(present + p[0] * a + p[1] * b) for p in points]
    close(name + " losses", points[:, 2], losses, 1e-5)


def check(name):
    print(name)
    task, weights = Task(name), []
    for epoch in range(EPOCHS + 1):
        run("train", name, "--epochs", epoch, "--weights", "w.npz")
        weights.append(task.read("w.npz"))
    weights = np.array(weights)
    present, until = weights[-1], ("--epochs", EPOCHS)

    for axes in ("0:0:0", "1:0:0"), ("-1:0:0", "0:0:0"):
        at = [task.index(ref.replace("-1:", f"{len(task.activations) - 1}:")) for ref in axes]
        _, points, path = landscape(task, *until, "--axes=" + ",".join(axes), "--range=-3:3,-2:2.5")
        losses = []
        for p in points:
            moved = present.copy()
            moved[at] = p[:2]
            losses.append(task.loss(moved))
        close("two weights' losses", points[:, 2], losses, 1e-5)
        close("their path", path[:, :2], weights[:, at], 1e-7)
        close("the path's losses", path[:, 2], [task.loss(w) for w in weights], 1e-5)

    facts, points, path = landscape(task, *until, "--plane", "pca")
    centred = weights - weights.mean(0)
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    a, b = [d * (1 if d @ (weights[-1] - weights[0]) >= 0 else -1) for d in directions[:2]]
    close("pca explained variance", facts["explained_variance"], (singular ** 2 / np.sum(singular ** 2))[:2], 1e-6)
    close("pca loss", facts["loss"], task.loss(present), 1e-5)
    check_plane(task, "pca", points, path, weights, a, b)

    facts, points, path = landscape(task, *until, "--plane", "hessian")
    values, vectors = np.linalg.eigh(task.hessian(present))
    a, b = [v * np.sign(v[np.argmax(np.abs(v))]) for v in (vectors[:, -1], vectors[:, -2])]
    close("hessian eigenvalues", facts["eigenvalues"], values[[-1, -2]], 1e-4, abs(values[-1]))
    check_plane(task, "hessian", points, path, weights, a, b)

    run("train", name, "--epochs", 3 * EPOCHS, "--weights", "to.npz")
    a = task.read("to.npz") - present
    facts, points, path = landscape(task, *until, "--plane", "between", "--to", "to.npz", "--range=-1:2,0:1")
    line = points[points[:, 1] == 0]
    close("distance", facts["distance"], np.linalg.norm(a), 1e-6)
    close("losses on the line between", line[:, 2], [task.loss(present + p[0] * a) for p in line], 1e-5)
    close("between: path along it", path[:, 0], (weights - present) @ a / (a @ a), 1e-5,
          np.abs(path[:, 0]).max())

    facts, points, path = landscape(task, *until, "--plane", "random")
    if len(present) == 2:
        matches = []
        for signs in itertools.product((1, -1), repeat=4):
            a, b = np.abs(present) * signs[:2], np.abs(present) * signs[2:]
            if abs(np.linalg.det(np.stack([a, b]))) < 1e-9:
                continue
            places = np.linalg.solve(np.stack([a, b], 1), (weights - present).T).T
            matches.append((np.abs(places - path[:, :2]).max(), tuple(a), tuple(b)))
        _, a, b = min(matches)
        check_plane(task, "random", points, path, weights, np.array(a), np.array(b))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for experiment in sys.argv[2:] or ["error-surface", "xor-shallow", "xor-corners", "moons", "circles"]:
        check(experiment)
failed = [what for what, share in worst.items() if not share <= 1]
print("too large: " + ", ".join(failed) if failed else "all well")
sys.exit(1 if failed else 0)
