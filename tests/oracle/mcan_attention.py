"""Golden numbers for tests/attention: multi-head attention, LayerNorm and MLP of the public MCAN code.

Written from the equations with plain loops in float64, sharing no code with the C++ side:
  python3 tests/oracle/mcan_attention.py > tests/attention/golden.h
"""

import math

import numpy as np

BATCH, QUERIES, KEYS, WIDTH, HEADS, HIDDEN = 2, 3, 5, 8, 2, 12


def wave(shape, phase, scale=0.4):
    """The k-th element is scale * cos(0.7 k + phase)."""
    count = int(np.prod(shape))
    return np.array([scale * math.cos(0.7 * k + phase) for k in range(count)]).reshape(shape)


def linear(rows, weight, bias):
    out = np.zeros((len(rows), len(weight)))
    for r, row in enumerate(rows):
        for o in range(len(weight)):
            out[r, o] = bias[o] + sum(weight[o, i] * row[i] for i in range(len(row)))
    return out


def attention(queries, memory, mask, parameters):
    """queries [n, D], memory [m, D], mask [m] (True = padding), parameters v, k, q, merge."""
    v, k, q = (linear(x, *parameters[name])
               for x, name in ((memory, "v"), (memory, "k"), (queries, "q")))
    size = WIDTH // HEADS
    heads = np.zeros((len(queries), WIDTH))
    weights = np.zeros((HEADS, len(queries), len(memory)))
    for h in range(HEADS):
        columns = range(h * size, (h + 1) * size)
        for i in range(len(queries)):
            scores = [-1e9 if mask[j] else
                      sum(q[i, c] * k[j, c] for c in columns) / math.sqrt(size)
                      for j in range(len(memory))]
            top = max(scores)
            total = sum(math.exp(s - top) for s in scores)
            for j, score in enumerate(scores):
                weights[h, i, j] = math.exp(score - top) / total
            for c in columns:
                heads[i, c] = sum(weights[h, i, j] * v[j, c] for j in range(len(memory)))
    return linear(heads, *parameters["merge"]), weights


def layer_norm(row, a, b, eps=1e-6):
    mean = sum(row) / len(row)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in row) / (len(row) - 1))
    return [a[i] * (x - mean) / (deviation + eps) + b[i] for i, x in enumerate(row)]


def show(name, values):
    flat = np.asarray(values).reshape(-1)
    print(f"inline const std::vector<double> {name} = {{")
    for start in range(0, len(flat), 6):
        print("    " + " ".join(f"{x:.12g}," for x in flat[start:start + 6]))
    print("};")


def main():
    print("#pragma once\n// Printed by tests/oracle/mcan_attention.py; do not edit.\n"
          "// clang-format off\n#include <vector>\n\nnamespace vqalign::golden {")
    # Phases 1, 2, ... in the order in which the module registers its parameters.
    parameters = {name: (wave((WIDTH, WIDTH), 1 + 2 * i), wave((WIDTH,), 2 + 2 * i))
                  for i, name in enumerate(("v", "k", "q", "merge"))}
    queries = wave((BATCH, QUERIES, WIDTH), 0.5, 1.5)
    memory = wave((BATCH, KEYS, WIDTH), 0.25, 1.5)
    masks = {"none": np.zeros((BATCH, KEYS), bool),
             "mixed": np.array([[0, 0, 0, 1, 1], [0, 1, 0, 0, 0]], bool),
             "all": np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 1]], bool)}
    for name, mask in masks.items():
        results = [attention(queries[b], memory[b], mask[b], parameters) for b in range(BATCH)]
        show(f"attention_{name}", [out for out, _ in results])
        show(f"weights_{name}", [weights for _, weights in results])

    rows = wave((3, WIDTH), 0.1, 2.0)
    a, b = wave((WIDTH,), 0.3), wave((WIDTH,), 0.9)
    show("layer_norm", [layer_norm(row, a, b) for row in rows])

    hidden = linear(rows, wave((HIDDEN, WIDTH), 1), wave((HIDDEN,), 2))
    hidden = np.array([[x if x > 0 else 0.0 for x in row] for row in hidden])
    show("mlp", linear(hidden, wave((4, HIDDEN), 3), wave((4,), 4)))
    print("}  // namespace vqalign::golden")


if __name__ == "__main__":
    main()
