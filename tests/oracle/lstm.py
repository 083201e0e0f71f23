"""Golden numbers for tests/language: the reference's question encoder (embedding, then LSTM).

Written from the LSTM's equations with plain loops in float64; the gradients are central
differences. Shares no code with the C++ side:
  python3 tests/oracle/lstm.py > tests/language/question_encoder_golden.h
"""

import math

import numpy as np

WORDS, WORD_WIDTH, HIDDEN = 5, 3, 4
TOKENS = np.array([[2, 3, 4, 1], [4, 2, 0, 0]])  # the second row ends in padding


def wave(shape, phase):
    """The k-th element is 0.6 cos(0.7 k + phase)."""
    count = int(np.prod(shape))
    return np.array([0.6 * math.cos(0.7 * k + phase) for k in range(count)]).reshape(shape)


def parameters():
    return {
        "embedding": wave((WORDS, WORD_WIDTH), 0.1),
        "weight_ih": wave((4 * HIDDEN, WORD_WIDTH), 0.2),
        "weight_hh": wave((4 * HIDDEN, HIDDEN), 0.3),
        "bias_ih": wave((4 * HIDDEN,), 0.4),
        "bias_hh": wave((4 * HIDDEN,), 0.5),
    }


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


def encode(tokens, p):
    """States [T, D] of one question. Rows of the weights: input, forget, cell, output gates."""
    hidden, cell, states = [0.0] * HIDDEN, [0.0] * HIDDEN, []
    for token in tokens:
        x = p["embedding"][token]
        gates = [p["bias_ih"][r] + p["bias_hh"][r]
                 + sum(p["weight_ih"][r, i] * x[i] for i in range(WORD_WIDTH))
                 + sum(p["weight_hh"][r, d] * hidden[d] for d in range(HIDDEN))
                 for r in range(4 * HIDDEN)]
        for d in range(HIDDEN):
            admit, forget = sigmoid(gates[d]), sigmoid(gates[HIDDEN + d])
            cell[d] = forget * cell[d] + admit * math.tanh(gates[2 * HIDDEN + d])
        hidden = [sigmoid(gates[3 * HIDDEN + d]) * math.tanh(cell[d]) for d in range(HIDDEN)]
        states.append(hidden)
    return states


def states(p):
    return np.array([encode(tokens, p) for tokens in TOKENS])


def loss(p):
    """The sum of the states, each times its element of wave(phase 0.6)."""
    out = states(p)
    return float((out * wave(out.shape, 0.6)).sum())


def gradient(name, step=1e-5):
    out = np.zeros_like(parameters()[name])
    for index in np.ndindex(out.shape):
        ends = []
        for sign in (1, -1):
            p = parameters()
            p[name][index] += sign * step
            ends.append(loss(p))
        out[index] = (ends[0] - ends[1]) / (2 * step)
    return out


def show(name, values):
    flat = np.asarray(values).reshape(-1)
    print(f"inline const std::vector<double> {name} = {{")
    for start in range(0, len(flat), 6):
        print("    " + " ".join(f"{x:.10g}," for x in flat[start:start + 6]))
    print("};")


def main():
    print("#pragma once")
    print("// Printed by tests/oracle/lstm.py; do not edit.")
    print("// clang-format off")
    print("#include <vector>\n")
    print("namespace vqalign::golden {")
    show("states", states(parameters()))
    for name in parameters():
        show(f"gradient_{name}", gradient(name))
    print("}  // namespace vqalign::golden")


if __name__ == "__main__":
    main()
