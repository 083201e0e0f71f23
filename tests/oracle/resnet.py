"""A ResNet of bottlenecks with plain functions of torch, for tests/vision/resnet_test.cpp.

Written from the paper (He et al., 2016) in torchvision's version 1.5 (the stride in the 3x3
convolution) with torchvision's names; batch norms are applied one by one, nothing is folded and
nothing is shared with the C++ side but the names. Written as safetensors: a small network of random
weights, pictures of awkward sizes and what it makes of them. Run with a Python that has torch:

    .deps/venv/bin/python tests/oracle/resnet.py tests/vision/resnet
"""

import math
import pathlib
import sys

import torch
from torch.nn import functional as F

from efficientnet_lite import drawn, write

STEM, BLOCKS, CLASSES = 2, (2, 1, 2, 1), 5
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def norm(weights, name, x):
    mean, variance, gamma, beta = (weights[f"{name}.{part}"].view(1, -1, 1, 1) for part in
                                   ("running_mean", "running_var", "weight", "bias"))
    return (x - mean) / torch.sqrt(variance + 1e-5) * gamma + beta


def bottleneck(weights, name, x, stride):
    def convolve(x, conv, bn, stride=1):
        weight = weights[f"{name}.{conv}.weight"]
        return norm(weights, f"{name}.{bn}",
                    F.conv2d(x, weight, None, stride, weight.shape[2] // 2))

    y = F.relu(convolve(x, "conv1", "bn1"))
    y = F.relu(convolve(y, "conv2", "bn2", stride))
    y = convolve(y, "conv3", "bn3")
    if f"{name}.downsample.0.weight" in weights:
        x = convolve(x, "downsample.0", "downsample.1", stride)
    return F.relu(y + x)


def forward(weights, x):
    """Outputs at strides 16 and 32, and the logits, of normalised x [P, 3, H, W]."""
    x = F.relu(norm(weights, "bn1", F.conv2d(x, weights["conv1.weight"], None, 2, 3)))
    x = F.max_pool2d(x, 3, 2, 1)
    for stage, count in enumerate(BLOCKS, 1):
        finer = x
        for i in range(count):
            x = bottleneck(weights, f"layer{stage}.{i}", x, 2 if stage > 1 and i == 0 else 1)
    return finer, x, F.linear(x.mean((2, 3)), weights["fc.weight"], weights["fc.bias"])


def random_weights():
    generator = torch.Generator().manual_seed(8)
    weights = {}

    def convolution(conv, bn, out, into, kernel):
        spread = math.sqrt(2 / (into * kernel * kernel))
        weights[f"{conv}.weight"] = torch.randn(out, into, kernel, kernel, generator=generator) * spread
        # Small variances: another epsilon shows.
        for part, low, high in (("weight", 0.1, 0.4), ("bias", -0.5, 0.5), ("running_mean", -0.5, 0.5),
                                ("running_var", 0.05, 0.5)):
            weights[f"{bn}.{part}"] = torch.rand(out, generator=generator) * (high - low) + low
        weights[f"{bn}.num_batches_tracked"] = torch.tensor(7)

    convolution("conv1", "bn1", STEM, 3, 7)
    into = STEM
    for stage, count in enumerate(BLOCKS, 1):
        inner = STEM * 2 ** (stage - 1)
        for i in range(count):
            name = f"layer{stage}.{i}."
            convolution(name + "conv1", name + "bn1", inner, into, 1)
            convolution(name + "conv2", name + "bn2", inner, inner, 3)
            convolution(name + "conv3", name + "bn3", 4 * inner, inner, 1)
            if i == 0:
                convolution(name + "downsample.0", name + "downsample.1", 4 * inner, into, 1)
            into = 4 * inner
    weights["fc.weight"] = torch.randn(CLASSES, into, generator=generator)
    weights["fc.bias"] = torch.randn(CLASSES, generator=generator)
    return weights


def normalised(picture):
    """As torchvision's networks were trained: from 0..1 by ImageNet's mean and deviation."""
    channels = [(picture[c].float() / 255 - MEAN[c]) / DEVIATION[c] for c in range(3)]
    return torch.stack(channels).unsqueeze(0)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_grad_enabled(False)
    weights = random_weights()
    tensors = dict(weights)
    for height, width in ((64, 96), (45, 37), (1, 1), (33, 200)):
        results = forward(weights, normalised(drawn(height, width)))
        for name, tensor in zip(("finer", "last", "logits"), results):
            tensors[f"{name} {height} {width}"] = tensor
    write(out / "small.safetensors", tensors)


if __name__ == "__main__":
    main()
