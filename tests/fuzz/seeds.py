#!/usr/bin/python3
"""Writes the first inputs for fuzzing into a folder: one of each form that the readers know, good and slightly bad.
libFuzzer goes on from these; tests/fuzz/corpus is what is left of both when inputs that reach nothing new are dropped
(fuzz_NAME -set_cover_merge=1 tests/fuzz/corpus/NAME FOLDER/NAME build/fuzz/corpus/NAME). Needs NumPy: seeds.py FOLDER"""
import gzip
import io
import json
import os
import struct
import sys
import zipfile

import numpy as np

folder = sys.argv[1]
weight = np.array([[0.5, -1.25, 3.0], [1e-3, 2.0**-20, -7.0]], dtype=np.float32)
arrays = {
    "layers.0.weight": weight,
    "layers.0.bias": np.array([0.125, -0.25], dtype=np.float32),
    "layers.1.weight": np.array([[0.0, 2 / 3]], dtype=np.float32),
    "norms.0.weight": np.array([1.0, 0.5], dtype=np.float32),
    "norms.0.bias": np.array([0.0, -1.0], dtype=np.float32),
    "norms.0.running_mean": np.array([3.0, 4.0], dtype=np.float32),
    "norms.0.running_var": np.array([0.25, 0.0], dtype=np.float32),
}
counter = {"norms.0.num_batches_tracked": np.int64(3)}


def seed(harness, name, data):
    os.makedirs(os.path.join(folder, harness), exist_ok=True)
    with open(os.path.join(folder, harness, name), "wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version)
    return out.getvalue()


def npz(arrays, save=np.savez):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()


def npys():
    vector = np.array([1.0, 2.0], dtype=np.float32)
    for kind in "<f2", "<f4", "<f8", ">f4", "<i8":
        seed("npy", f"matrix{kind[1:]}{kind[0] == '>'}", npy(weight.astype(kind)))
        seed("npy", f"vector{kind[1:]}{kind[0] == '>'}", npy(vector.astype(kind)))
    for version in (1, 0), (2, 0), (3, 0):
        seed("npy", f"version{version[0]}", npy(weight, version))
    seed("npy", "fortran", npy(np.asfortranarray(weight)))
    seed("npy", "deep", npy(weight.reshape(2, 1, 3)))
    seed("npy", "scalar", npy(np.float32(1)))
    seed("npy", "infinite", npy(np.full((2, 3), np.inf, np.float32)))
    seed("npy", "record", npy(np.zeros(2, dtype=[("a", "<f4")])))
    text = b"{\"shape\": (2, 3L), 'descr':\"<f4\",\"fortran_order\" : False,}\n"
    seed("npy", "python2", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + weight.tobytes())


def npzs():
    seed("npz", "plain", npz(arrays))
    seed("npz", "deflated", npz(arrays, np.savez_compressed))
    seed("npz", "wide", npz({name: array.astype(np.float64) for name, array in arrays.items()}))
    seed("npz", "missing", npz({"layers.0.bias": arrays["layers.0.bias"]}))
    seed("npz", "extra", npz({**arrays, **counter}))
    seed("npz", "unknown", npz({**arrays, "norms.1.num_batches_tracked": np.int64(3)}))
    seed("npz", "infinite", npz({**arrays, "layers.0.bias": np.array([np.nan, 0], np.float32)}))
    seed("npz", "commented", npz(arrays)[:-2] + b"\x05\x00hello")
    for method in zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as file:
            for name, array in arrays.items():
                file.writestr(name + ".npy", npy(array))
        seed("npz", f"method{method}", out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, array in arrays.items():
            with file.open(name + ".npy", "w", force_zip64=True) as entry:
                entry.write(npy(array))
    seed("npz", "zip64", out.getvalue())
    seed("npz", "cut", npz(arrays)[:-30])


def safetensors(arrays, types, metadata=None):
    header, values = ({"__metadata__": metadata} if metadata else {}), b""
    for name, array in sorted(arrays.items()):
        kind = types.get(name, "F32")
        if kind == "BF16":
            data = array.astype("<f4").view("<u4").__rshift__(16).astype("<u2").tobytes()
        else:
            data = array.astype({"F16": "<f2", "F32": "<f4", "F64": "<f8", "I64": "<i8"}[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(values), len(values) + len(data)]}
        values += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + values


def all_safetensors():
    seed("safetensors", "plain", safetensors(arrays, {}))
    seed("safetensors", "metadata", safetensors(arrays, {}, {"format": "pt", "epoch": "3"}))
    for kind in "F16", "BF16", "F64", "I64":
        seed("safetensors", kind, safetensors(arrays, dict.fromkeys(arrays, kind)))
    seed("safetensors", "extra", safetensors({**arrays, **counter}, {"norms.0.num_batches_tracked": "I64"}))
    seed("safetensors", "missing", safetensors({"layers.0.bias": arrays["layers.0.bias"]}, {}))
    seed("safetensors", "cut", safetensors(arrays, {})[:-1])
    seed("safetensors", "long", safetensors(arrays, {}) + b"0123")
    seed("safetensors", "hole", safetensors(arrays, {}).replace(b"[0,8]", b"[1,9]"))
    seed("safetensors", "huge", b"\xff" * 8 + b"{}")
    seed("safetensors", "empty", b"\x08" + b"\0" * 7 + b"{}      ")


def idx(sizes, values=None, kind=8):
    if values is None:
        values = bytes(i * 7 % 256 for i in range(int(np.prod(sizes))))
    return bytes([0, 0, kind, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + values


def idxs():
    for sizes in [5], [2, 3], [2, 3, 4], [1, 2, 3, 4], [0], [2, 0, 3]:
        name = "x".join(map(str, sizes))
        seed("idx", name, idx(sizes))
        seed("idx", name + ".gz", gzip.compress(idx(sizes), mtime=0))
    seed("idx", "rank5", idx([1] * 5))
    seed("idx", "floats", idx([2], b"\0" * 8, 13))
    seed("idx", "cut", idx([9])[:-1])
    seed("idx", "long", idx([9]) + b"1")
    seed("idx", "huge", idx([0xFFFFFFFF, 0xFFFFFFFF], b""))
    packed = gzip.compress(idx([100], b"\1" * 100), mtime=0)
    seed("idx", "packed", packed)
    seed("idx", "members", gzip.compress(idx([9])[:10], mtime=0) + gzip.compress(idx([9])[10:], mtime=0))
    seed("idx", "cut.gz", packed[:-9])
    seed("idx", "sum.gz", packed[:-8] + b"1234" + packed[-4:])
    seed("idx", "after.gz", packed + b"after")
    seed("idx", "bomb.gz", gzip.compress(idx([0x7FFFFFFF], b"\0" * 50), mtime=0))
    seed("idx", "named.gz", b"\x1f\x8b\x08\x08" + packed[4:10] + b"name\0" + packed[10:])


def csvs():
    seed("csv", "plain", "x1,x2,y\n0,1,1\n0.5,-2e-3,0\n")
    seed("csv", "several", "x1,y1,y2\n1,2,3\n4,5,6\n")
    seed("csv", "labels", "x1,x2,label\n1,2,0\n3,4,2\n5,6,1\n")
    seed("csv", "split", "split,x1,y\ntrain,1,2\ntest,3,4\ntrain,5,6\n")
    seed("csv", "quoted", '\ufeff"x1" , "y"\r\n"1","2"\r\n\r\n 3 ,\t4 \r\n')
    seed("csv", "unquoted", 'x1,y\n"1,2\n')
    seed("csv", "escaped", 'x1,y\n"1""",2\n')
    seed("csv", "words", "x1,y\none,2\n")
    seed("csv", "infinite", "x1,y\ninf,nan\n")
    seed("csv", "large", "x1,y\n1e39,1e-400\n")
    seed("csv", "hexadecimal", "x1,y\n0x1p-3,+.5\n")
    seed("csv", "short", "x1,x2,y\n1,2\n")
    seed("csv", "wide", "x1,y\n1,2,3\n")
    seed("csv", "gap", "x1,x3,y\n1,2,3\n")
    seed("csv", "twice", "x1,x1,y\n1,2,3\n")
    seed("csv", "no_rows", "x1,y\n\n")
    seed("csv", "no_header", "\n1,2\n")
    seed("csv", "all_test", "x1,y,split\n1,2,test\n")
    seed("csv", "inputs", "x2,x1\n1,2\n3,4\n")


def small_experiment(changes):
    experiment = {
        "saddle": 1,
        "data": {"kind": "xor"},
        "network": {"init": "he_normal", "layers": [{"units": 2, "activation": "tanh"}, {"units": 1}]},
        "training": {"loss": "mse", "optimizer": {"kind": "sgd"}},
    }
    for path, value in changes.items():
        place, *path = experiment, *path.split(".")
        for key in path[:-1]:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        place[int(path[-1]) if isinstance(place, list) else path[-1]] = value
    return experiment


def variants():
    """Every name and kind of value that a file may have, a few at a time."""
    optimizer, schedule, last = "training.optimizer.", "training.schedule.", "network.layers.1."
    yield "given", {"network.layers.0.weight": [[1, 2], [3, 4]], "network.layers.0.bias": [1, 2], last + "bias": False}
    yield "momentum", {optimizer + "momentum": 0.5, optimizer + "nesterov": True, optimizer + "weight_decay": 0.1}
    yield "ema", {optimizer + "kind": "ema_momentum", optimizer + "beta": 0.5, schedule + "kind": "step", schedule + "step_size": 2}
    yield "rmsprop", {optimizer + "kind": "rmsprop", optimizer + "alpha": 0.5, optimizer + "eps": 1e-3, schedule + "kind": "exponential"}
    yield "adam", {optimizer + "kind": "adam", optimizer + "beta1": 0.5, optimizer + "beta2": 0.5, schedule + "kind": "cosine", schedule + "epochs": 3}
    yield "adamw", {optimizer + "kind": "adamw", schedule + "kind": "warmup_cosine", schedule + "warmup": 2, schedule + "min_learning_rate": 1e-3}
    yield "perceptron", {"data.kind": "perceptron", "network.layers": [{"units": 1, "activation": "step"}], optimizer + "kind": "perceptron"}
    yield "penalties", {"training.l1": 0.1, "training.l2": 0.1, "training.early_stopping": {"patience": 2, "min_delta": 0.1}, "data.test_fraction": 0.5}
    yield "batch", {"network.layers.0.norm": "batch", "network.layers.0.residual": True, "training.batch_size": 4, "training.shuffle": True}
    yield "layer", {"network.layers.0.norm": "layer", "network.layers.0.dropout": 0.5, last + "norm": None, "training.epochs": 7}
    yield "bce", {"training.loss": "bce", last + "activation": "sigmoid", "network.layers.0.activation": "relu", "data.kind": "circles"}
    yield "softmax", {"training.loss": "cross_entropy", last + "activation": "softmax", last + "units": 2, "data.kind": "csv", "data.file": "none.csv"}
    yield "broadcast", {"training.loss": "mse_broadcast", "data.kind": "error-surface", "data.noise": 0.5, "network.layers.0.activation": "leaky_relu"}
    yield "half", {"training.loss": "half_mse", "data.kind": "plane", "network.init": "torch_linear", "data.samples": 9, "seed": 2**62}
    for kind in "moons", "spiral", "gaussians", "paraboloid", "xor-corners", "digits":
        yield kind, {"data.kind": kind, "name": kind, "title": {"en": kind, "zh_CN": "\u6570\u636e"}}
    ranges = {"range": [[-1, 1.5], [-2e3, 2]], "relative": True, "grid": [8, 9], "split": "test", "log": True, "clip": 3.5}
    yield "landscape", {"landscape": {"axes": ["0:0:1", "-1:0:b"], **ranges}}
    yield "layout", {"layout": [["mse", ["landscape", "layers"]], ["predictions"], "surface-fit"]}


def experiments():
    shipped = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../assets/experiments")
    for name in sorted(os.listdir(shipped)):
        with open(os.path.join(shipped, name), "rb") as file:
            seed("experiment", name, file.read())
    for name, changes in variants():
        seed("experiment", name, json.dumps(small_experiment(changes)))
    settings = [
        "seed=3",
        "training.optimizer.learning_rate=0.1",
        "network.layers.0.activation=relu",
        "network.layers.*.units=4",
        "training.loss=bce",
        "landscape.axes.0=1:0:b",
        "nothing=1",
        "=",
    ]
    seed("experiment", "settings", "\0" + "\0".join(settings))


npys()
npzs()
all_safetensors()
idxs()
csvs()
experiments()
