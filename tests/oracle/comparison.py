#!/usr/bin/env python3
"""Reference values of vqalign/core/comparison for tests/core/comparison_test.cpp.

Philox is written out here again, each replicate's questions are listed one by one, calibration errors
are computed bin by bin: nothing is shared with the C++.
"""

M32 = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & M32, (p0 >> 32) ^ c[3] ^ k[1], p0 & M32]
        k = [(k[0] + 0x9E3779B9) & M32, (k[1] + 0xBB67AE85) & M32]
    return c


def words(seed, stream):
    block = 0
    while True:
        yield from philox((block & M32, block >> 32, stream & M32, stream >> 32),
                          (seed & M32, seed >> 32))
        block += 1


def below(source, n):
    return next(source) * n >> 32


def mean(run, questions):
    return sum(run["values"][q] for q in questions) / len(questions)


def calibration(run, questions):
    sums = {}
    for q in questions:
        sums[run["bins"][q]] = sums.get(run["bins"][q], 0.0) + run["values"][q]
    return sum(abs(s) for s in sums.values()) / len(questions)


def percentile(values, share):
    values = sorted(values)
    place = share * (len(values) - 1)
    i = int(place)
    j = min(i + 1, len(values) - 1)
    return values[i] + (place - i) * (values[j] - values[i])


def bootstrap(base, other, figure, replicates, seed):
    seeds, questions = len(base), len(base[0]["values"])
    everything = list(range(questions))
    observed = sum(figure(other[s], everything) - figure(base[s], everything)
                   for s in range(seeds)) / seeds
    differences = []
    for r in range(replicates):
        source = words(seed, r)
        drawn_seeds = [below(source, seeds) for _ in range(seeds)]
        drawn = [below(source, questions) for _ in range(questions)]
        differences.append(sum(figure(other[s], drawn) - figure(base[s], drawn)
                               for s in drawn_seeds) / seeds)
    extreme = min(sum(d <= 0 for d in differences), sum(d >= 0 for d in differences))
    p = min(1.0, 2 * (1 + extreme) / (replicates + 1))
    return observed, percentile(differences, 0.025), percentile(differences, 0.975), p


def example(seeds, questions, salt, bins):
    """Runs whose numbers are the same in C++: whole numbers over 64."""
    runs = []
    for s in range(seeds):
        values = [((37 * q + 11 * s * s + 5 * salt + q * q * (salt + 1)) % 61) / 64 - (0.25 if bins else 0)
                  for q in range(questions)]
        runs.append({"values": values, "bins": [(7 * q + s + salt) % 5 for q in range(questions)]})
    return runs


if __name__ == "__main__":
    for name, figure, bins in (("mean", mean, False), ("calibration", calibration, True)):
        for seeds, questions in ((3, 20), (1, 7)):
            base, other = example(seeds, questions, 0, bins), example(seeds, questions, 3, bins)
            told = bootstrap(base, other, figure, 500, 9)
            print(name, seeds, questions, *(f"{v:.14g}" for v in told))
