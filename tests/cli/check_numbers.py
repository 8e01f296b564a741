"""Checks of the tables that shot writes, against what other subcommands and formats say.

check_numbers.py well-formed FILE.csv…     each table: as many cells a row, numbers or names, finite
check_numbers.py weights FILE.csv W.npz    the view's weights are the file's, each of them
check_numbers.py curve FILE.csv LOG.csv    the training curve is the log's train_loss
check_numbers.py layers FILE.csv Y.csv     the last layer's samples are predict's outputs
check_numbers.py neurons FILE.csv          prints LAYER NEURON AXIS_A AXIS_B A0:A1,B0:B1 N a surface
check_numbers.py surface FILE.csv LAYER NEURON L.csv   one of them is landscape's
"""

import csv
import math
import struct
import sys
import zipfile

TEXTS = {"part", "series", "run", "axis_a", "axis_b"}


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], [dict(zip(rows[0], row)) for row in rows[1:]], rows[1:]


def close(a, b, tolerance=1e-6):
    return abs(a - b) <= tolerance * max(1, abs(a), abs(b))


def well_formed(*paths):
    for path in paths:
        header, rows, plain = read(path)
        assert len(header) >= 2 and len(set(header)) == len(header), f"{path}: header {header}"
        assert rows, f"{path}: no rows"
        for number, row in enumerate(plain, 2):
            assert len(row) == len(header), f"{path}:{number}: {len(row)} cells"
            for name, cell in zip(header, row):
                if name not in TEXTS and cell:
                    assert math.isfinite(float(cell)), f"{path}:{number}: {name} {cell}"


def weights(path, npz):
    _, rows, _ = read(path)
    found = {(r["part"], int(r["layer"]), int(r["row"]), int(r["col"] or -1)): float(r["value"])
             for r in rows}
    count = 0
    with zipfile.ZipFile(npz) as archive:
        for entry in archive.namelist():
            _, layer, part, _ = entry.split(".")
            data = archive.read(entry)
            length = 10 + struct.unpack("<H", data[8:10])[0]
            shape = eval(data[10:length].decode())["shape"]
            columns = shape[1] if len(shape) == 2 else 1
            for i, (value,) in enumerate(struct.iter_unpack("<f", data[length:])):
                col = i % columns if part == "weight" else -1
                own = found[part, int(layer), i // columns, col]
                assert struct.pack("<f", own) == struct.pack("<f", value), (entry, i, own, value)
                count += 1
    assert count == len(rows) > 0, (count, len(rows))


def curve(path, log):
    own = {r["epoch"]: float(r["loss"]) for r in read(path)[1] if r["series"] == "train"}
    logged = {r["epoch"]: float(r["train_loss"]) for r in read(log)[1]}
    assert own.keys() == logged.keys() and len(own) > 1
    for epoch, loss in logged.items():
        assert close(own[epoch], loss), (epoch, own[epoch], loss)


def layers(path, predicted):
    rows = [r for r in read(path)[1] if r["part"] == "sample"]
    last = max(int(r["layer"]) for r in rows)
    outputs = [r["y"] for r in read(predicted)[1]]
    own = {int(r["point"]): r["u1"] for r in rows if int(r["layer"]) == last}
    assert len(own) == len(outputs) > 1
    for i, output in enumerate(outputs):
        assert close(float(own[i]), float(output)), (i, own[i], output)


def surfaces(path):
    found = {}
    for row in read(path)[1]:
        if row["part"] == "surface":
            key = int(row["layer"]), int(row["neuron"])
            found.setdefault(key, []).append(row)
    return found


def neurons(path):
    for (layer, neuron), rows in surfaces(path).items():
        n = math.isqrt(len(rows))
        assert n * n == len(rows)
        a, b = [r["a"] for r in rows], [r["b"] for r in rows]
        print(layer, neuron, rows[0]["axis_a"], rows[0]["axis_b"],
              f"{a[0]}:{a[-1]},{b[0]}:{b[-1]}", n)


def surface(path, layer, neuron, measured):
    own = surfaces(path)[int(layer), int(neuron)]
    other = read(measured)[1]
    assert len(own) == len(other) > 1
    for mine, theirs in zip(own, other):
        for name in "a", "b", "loss":
            assert close(float(mine[name]), float(theirs[name]), 1e-5), (mine, theirs)


checks = {"well-formed": well_formed, "weights": weights, "curve": curve, "layers": layers,
          "neurons": neurons, "surface": surface}
checks[sys.argv[1]](*sys.argv[2:])
