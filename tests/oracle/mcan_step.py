"""One training step of the reference, in float64, dropout off: tests/train/reference_step_test.cpp.

Words and features are those of tests/oracle/mcan_model.py, padded here to 14 words and 100 regions
as the reference pads; weights are a function of names and indices. Written: the summed binary
cross-entropy of three steps of Adam (0.9, 0.98, 1e-9) at a quarter of 1e-4, the first step's
gradients, the weights behind the first step and behind the third. Run with a Python that has torch:

    .deps/venv/bin/python tests/oracle/mcan_step.py tests/train/fixtures/reference_step.safetensors
"""

import json
import pathlib
import struct
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "vqalign" / "bench" / "reference"))

from mcan import Config, Mcan  # noqa: E402

CONFIG = Config(words=9, answers=4, layers=2, hidden=8, heads=2, feed_forward=12, dropout=0.0,
                pooling_hidden=6, pooled=10, word_width=5, feature_width=7)
RATE = 1e-4 / 4


def fill(model):
    """Numbers that look random, of the size that a fresh model's have, made of integers alone."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            i = torch.arange(parameter.numel(), dtype=torch.int64)
            mixed = (i * i * 7919 + i * 613 + sum(name.encode()) * 104729) % 10007
            values = (mixed.double() / 10007 - 0.5) * 2 / parameter.shape[-1] ** 0.5
            if name.endswith("a_2"):
                values = values + 1.0
            parameter.copy_(values.view(parameter.shape))


def batch():
    tokens = torch.zeros(3, CONFIG.max_tokens, dtype=torch.int64)
    for row, words in enumerate(([2, 5, 8], [3, 1], [4, 6, 7, 2])):
        tokens[row, : len(words)] = torch.tensor(words)
    features = torch.sin(0.61 * torch.arange(3 * 5 * 7, dtype=torch.float64)).view(3, 5, 7)
    features[0, 4] = 0
    features[1, 2:] = 0
    padded = torch.zeros(3, CONFIG.max_regions, 7, dtype=torch.float64)
    padded[:, :5] = features.float()  # the features that the other side reads are float32
    targets = torch.tensor([[0.0, 1.0, 0.3, 0.0], [0.6, 0.0, 0.0, 0.9], [0.0, 0.0, 0.0, 0.0]])
    return padded, tokens, targets.double()


def write(path, tensors):
    header, at = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F64", "shape": list(tensor.shape),
                        "data_offsets": [at, at + 8 * tensor.numel()]}
        at += 8 * tensor.numel()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(struct.pack(f"<{tensor.numel()}d", *tensor.flatten().tolist()))


def main():
    model = Mcan(CONFIG).double()
    fill(model)
    features, tokens, targets = batch()
    adam = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.9, 0.98), eps=1e-9)
    losses, result = [], {}
    for step in range(3):
        loss = torch.nn.functional.binary_cross_entropy(
            torch.sigmoid(model(features, tokens)), targets, reduction="sum")
        adam.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            result |= {f"gradient.{k}": p.grad.clone() for k, p in model.named_parameters()}
        adam.step()
        if step in (0, 2):
            result |= {f"step{step + 1}.{k}": p.detach().clone()
                       for k, p in model.named_parameters()}
    write(sys.argv[1], {"losses": torch.tensor(losses, dtype=torch.float64), **result})
    print("losses", losses)


if __name__ == "__main__":
    main()
