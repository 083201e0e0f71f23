"""Runs the reference for `vqalign-bench reference`: one JSON object a line in, one a line out.

    {"threads": 2, "words": 20572, "answers": 3129}             first: makes mcan-small
    {"work": "train", "regions": [..], "lengths": [..]}         one training step of these questions
    {"work": "evaluate", "regions": [..], "lengths": [..]}      their answers, in batches of 64
    {"work": "ask", "regions": [n], "lengths": [t]}             the answer to one question
    {"work": "peak"}                                            a float32 matrix product of 2048

Question i is about a picture of regions[i] regions and has lengths[i] words; everything is padded
to 100 regions and 14 words. Out come "seconds" of the work alone and its "gflop", the matrix
products' share as torch counts them.
"""

import json
import sys
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from mcan import Config, Mcan

BATCH = 64


class Reference:
    def __init__(self, setup):
        torch.set_num_threads(setup["threads"])
        torch.manual_seed(1)
        self.config = Config(words=setup["words"], answers=setup["answers"])
        self.model = Mcan(self.config)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
        self.flop = {}

    def batch(self, regions, lengths):
        config = self.config
        features = torch.zeros(len(regions), config.max_regions, config.feature_width)
        tokens = torch.zeros(len(regions), config.max_tokens, dtype=torch.int64)
        for row, (count, length) in enumerate(zip(regions, lengths)):
            features[row, :count] = torch.rand(count, config.feature_width)
            tokens[row, :length] = torch.randint(1, config.words, (length,))
        return features, tokens

    def train(self, features, tokens, targets):
        self.model.train()
        self.adam.zero_grad()
        logits = self.model(features, tokens)
        loss = torch.nn.functional.binary_cross_entropy(
            torch.sigmoid(logits), targets, reduction="sum")
        loss.backward()
        self.adam.step()

    def answer(self, batches):
        self.model.eval()
        with torch.no_grad():
            for features, tokens in batches:
                self.model(features, tokens).argmax(1)

    def work(self, order):
        kind = order["work"]
        if kind == "peak":
            a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
            return lambda: torch.mm(a, b)
        regions, lengths = order["regions"], order["lengths"]
        if kind == "train":
            features, tokens = self.batch(regions, lengths)
            targets = torch.zeros(len(regions), self.config.answers)
            targets[:, :2] = 0.6
            return lambda: self.train(features, tokens, targets)
        batches = [self.batch(regions[at : at + BATCH], lengths[at : at + BATCH])
                   for at in range(0, len(regions), BATCH)]
        return lambda: self.answer(batches)

    def gflop(self, order, run):
        key = (order["work"], len(order.get("regions", [])))
        if key not in self.flop:
            with FlopCounterMode(display=False) as counter:
                run()
            self.flop[key] = counter.get_total_flops() / 1e9
        return self.flop[key]


def main():
    reference = Reference(json.loads(sys.stdin.readline()))
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        run = reference.work(order)
        gflop = reference.gflop(order, run)
        begun = time.perf_counter()
        run()
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "gflop": gflop}), flush=True)


if __name__ == "__main__":
    main()
