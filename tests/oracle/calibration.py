#!/usr/bin/env python3
"""Reference values of vqalign/core/calibration for tests/core/calibration_test.cpp.

Definitions taken word by word, in exact fractions, over all pairs and all orders: no sorting by
ranks, no sums that run on. A prediction of fractional accuracy is ten predictions of weight 1/10.
"""
import math
from fractions import Fraction
from itertools import permutations


def orders(predictions):
    """Every order from the most to the least confident; those of equal confidence in each order."""
    for order in permutations(predictions):
        if all(a[0] >= b[0] for a, b in zip(order, order[1:])):
            yield order


def curve(predictions):
    count, found = len(predictions), list(orders(predictions))
    return [sum(sum(1 - a for _, a in order[:kept]) / kept for order in found) / len(found)
            for kept in range(1, count + 1)]


def equal_bins(predictions, bins):
    """Bin i has (i / bins, (i + 1) / bins]: those whose confidence, bins times as large, ends there."""
    total = Fraction(0)
    for b in range(bins):
        held = [(c, a) for c, a in predictions
                if b < c * bins <= b + 1 or (b == 0 and c == 0)]
        total += abs(sum(a - c for c, a in held))
    return total / len(predictions)


def brier(predictions):
    return sum((c - a) ** 2 for c, a in predictions) / len(predictions)


def adaptive(predictions, bins):
    count = len(predictions)
    mean = lambda c: (sum(a for d, a in predictions if d == c) /
                      sum(1 for d, _ in predictions if d == c))
    places = sorted(c for c, _ in predictions)
    total = Fraction(0)
    for b in range(bins):
        held = [places[i] for i in range(count) if b * count // bins <= i < (b + 1) * count // bins]
        if held:
            gap = sum(mean(c) for c in held) / len(held) - sum(held) / len(held)
            total += abs(gap) * Fraction(len(held), count)
    return total


def auroc(predictions):
    votes = [(c, vote < 10 * a) for c, a in predictions for vote in range(10)]
    right = [c for c, is_right in votes if is_right]
    wrong = [c for c, is_right in votes if not is_right]
    score = sum(Fraction(1) if r > w else Fraction(1, 2) if r == w else Fraction(0)
                for r in right for w in wrong)
    return score / (len(right) * len(wrong))


def likelihood(predictions):
    return -math.fsum(float(a) * math.log(c) + float(1 - a) * math.log(1 - c)
                      for c, a in predictions) / len(predictions)


def temperature(predictions):
    """The least likelihood of all scaled ones, searched without its slope: ever finer grids."""
    logits = [(math.log(c / (1 - c)), float(a)) for c, a in predictions]

    def cost(t):
        return math.fsum(a * math.log1p(math.exp(-z / t)) + (1 - a) * math.log1p(math.exp(z / t))
                         for z, a in logits)

    low, high = 0.05, 20.0
    for _ in range(12):
        steps = [low + (high - low) * i / 400 for i in range(401)]
        best = min(range(401), key=lambda i: cost(steps[i]))
        low, high = steps[max(0, best - 1)], steps[min(400, best + 1)]
    return (low + high) / 2


CASES = [
    "0.9:1 0.8:0.6 0.8:0 0.55:1 0.3:0.3 0.3:0.9 0.2:0",
    "0.99:0.9 0.95:1 0.95:1 0.95:0 0.6:0.3 0.4:0.6 0.4:0.6 0.1:0",
    "0.5:1 0.5:0 0.5:0.3 0.5:0.6",
]

if __name__ == "__main__":
    for case in CASES:
        predictions = [tuple(map(Fraction, pair.split(":"))) for pair in case.split()]
        risks = curve(predictions)
        print(case)
        print("  equal, 4 bins", f"{float(equal_bins(predictions, 4)):.14g}",
              " 15 bins", f"{float(equal_bins(predictions, 15)):.14g}",
              " brier", f"{float(brier(predictions)):.14g}")
        print("  adaptive, 3 bins", f"{float(adaptive(predictions, 3)):.14g}",
              " 15 bins", f"{float(adaptive(predictions, 15)):.14g}")
        print("  nll", f"{likelihood(predictions):.14g}", " auroc", f"{float(auroc(predictions)):.14g}")
        print("  temperature", f"{temperature(predictions):.7g}")
        print("  risks", *(f"{float(risk):.14g}" for risk in risks))
        print("  aurc", f"{float(sum(risks) / len(risks)):.14g}")
