#!/usr/bin/env python3
"""Reference values of vqalign/core/statistics for tests/core/statistics_test.cpp.

No continued fraction here: densities are integrated by Simpson's rule, good to 11 digits where they
are smooth, and means and variances are exact fractions.
"""
import math
from fractions import Fraction


def simpson(function, low, high, steps=200000):
    width = (high - low) / steps
    total = function(low) + function(high)
    total += 4 * math.fsum(function(low + (2 * i + 1) * width) for i in range(steps // 2))
    total += 2 * math.fsum(function(low + 2 * i * width) for i in range(1, steps // 2))
    return total * width / 3


def t_tail(t, freedom):
    """P(|T| > t): one minus the density's integral from -t to t."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    scale /= math.sqrt(freedom * math.pi)
    density = lambda x: scale * (1 + x * x / freedom) ** (-(freedom + 1) / 2)
    return 1 - 2 * simpson(density, 0.0, abs(t))


def welch(a, b):
    a, b = [Fraction(x) for x in a], [Fraction(x) for x in b]
    mean = lambda s: sum(s) / len(s)
    error = lambda s: sum((x - mean(s)) ** 2 for x in s) / (len(s) - 1) / len(s)
    ea, eb = error(a), error(b)
    t = float(mean(a) - mean(b)) / math.sqrt(ea + eb)
    freedom = float((ea + eb) ** 2 / (ea**2 / (len(a) - 1) + eb**2 / (len(b) - 1)))
    return t, freedom, t_tail(t, freedom)


def beta(a, b, x):
    """I_x(a, b) for a and b of at least 3, where the integrand is smooth, or whole ones."""
    integrand = lambda u: u ** (a - 1) * (1 - u) ** (b - 1)
    return simpson(integrand, 0.0, x) / simpson(integrand, 0.0, 1.0)


def spearman(a, b):
    """Pearson's correlation of ranks, which are counted value by value, in exact fractions."""
    def ranks(s):
        return [Fraction(2 * sum(y < x for y in s) + sum(y == x for y in s) + 1, 2) for x in s]
    ra, rb = ranks(a), ranks(b)
    ma, mb = sum(ra) / len(ra), sum(rb) / len(rb)
    together = sum((x - ma) * (y - mb) for x, y in zip(ra, rb))
    spread = sum((x - ma) ** 2 for x in ra) * sum((y - mb) ** 2 for y in rb)
    return float(together) / math.sqrt(spread)


if __name__ == "__main__":
    print("welch")
    for a, b in [
        ("1 2 3 4".split(), "2 4 6 8 10".split()),
        ("0.91 0.93 0.88 0.95 0.90".split(), "0.20 0.80 0.50 0.40 0.60".split()),
        ("0.5 0.5 0.5".split(), "0.25 0.75".split()),
        ("0.1 0.2".split(), "0.15 0.4 0.35".split()),
    ]:
        print(" ", a, b, *(f"{v:.14g}" for v in welch(a, b)))
    print("beta")
    for a, b, x in [(1, 1, 0.3), (2, 3, 0.4), (10, 3, 0.9), (40, 60, 0.45), (3.5, 7.25, 0.05)]:
        print(f"  {a} {b} {x} {beta(a, b, x):.14g}")
    print("spearman")
    for a, b in [
        ([3, 1, 4, 1, 5], [2, 7, 1, 8, 2]),
        ([0.1, 0.1, 0.2, 0.2, 0.2, 0.9], [5, 4, 4, 4, 6, -1]),
        ([1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 6, 5]),
        ([0, 0, 0, 1], [1, 0, 0, 0]),
    ]:
        print(f"  {a} {b} {spearman(a, b):.14g}")
