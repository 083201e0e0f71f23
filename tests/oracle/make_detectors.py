"""Makes the tiny detectors in tests/vision/detector: networks with the outputs of picodet,
nanodet and yolo-fastest for three classes, 64x64 and a few KB each, which mark what is bright in
one colour:

    class 0 "red", 1 "green", 2 "blue"

Every picture is averaged down to cells, a 1x1 convolution makes scores and distances of a cell's
mean colour, and a sigmoid the scores: what a cell says can be computed by hand.

    pip install onnx numpy
    python3 tests/oracle/make_detectors.py tests/vision/detector
"""

import struct
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 64
CLASSES = 3
BINS = 8
# Logit of a class: gain * (its colour less the mean of the two others) + offset, colours as the
# network gets them, B G R.
GAIN = 3.0
OFFSET = -4.0
# The bin that each side's distance peaks in: left, top, right, bottom.
PEAKS = (0, 1, 1, 0)
PEAK = 12.0
IMAGE = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])


def score_weights():
    weights = np.full((CLASSES, 3, 1, 1), -GAIN / 2, np.float32)
    for name in range(CLASSES):
        weights[name, 2 - name] = GAIN
    return weights


def distance_bias():
    bias = np.zeros(4 * BINS, np.float32)
    for side, peak in enumerate(PEAKS):
        bias[side * BINS + peak] = PEAK
    return bias


def grid_detector(path, strides):
    nodes, weights, outputs = [], [], []

    def weight(name, values):
        weights.append(numpy_helper.from_array(values, name))
        return name

    scores = weight("score_w", score_weights())
    offset = weight("score_b", np.full(CLASSES, OFFSET, np.float32))
    reach = weight("reach_w", np.zeros((4 * BINS, 3, 1, 1), np.float32))
    peaks = weight("reach_b", distance_bias())
    for stride in strides:
        cells = (SIDE // stride) ** 2
        mean = f"mean{stride}"
        nodes.append(helper.make_node("AveragePool", ["image"], [mean],
                                      kernel_shape=[stride, stride], strides=[stride, stride]))
        for kind, w, b, columns in (("cls", scores, offset, CLASSES),
                                    ("dis", reach, peaks, 4 * BINS)):
            raw, table, name = f"{kind}_raw{stride}", f"{kind}_table{stride}", f"{kind}{stride}"
            nodes.append(helper.make_node("Conv", [mean, w, b], [raw], kernel_shape=[1, 1]))
            shape = weight(f"{kind}_shape{stride}", np.array([1, columns, cells], np.int64))
            nodes.append(helper.make_node("Reshape", [raw, shape], [table]))
            turned = f"{kind}_turned{stride}" if kind == "cls" else name
            nodes.append(helper.make_node("Transpose", [table], [turned], perm=[0, 2, 1]))
            if kind == "cls":
                nodes.append(helper.make_node("Sigmoid", [turned], [name]))
            outputs.append(
                helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, cells, columns]))
    graph = helper.make_graph(nodes, "tiny", [IMAGE], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 6
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def darknet_detector(folder):
    """The brightest of 16x16 pixels, a 1x1 convolution, then [yolo] with one anchor:
    raw box (0, 0, 0, 0) is the cell's middle and the anchor's size."""
    layers = f"""[net]
width={SIDE}
height={SIDE}
channels=3

[maxpool]
size=16
stride=16

[convolutional]
filters={5 + CLASSES}
size=1
stride=1
pad=1
activation=linear

[yolo]
mask=0
anchors=16,24
classes={CLASSES}
num=1
"""
    (folder / "tiny_yolo.cfg").write_text(layers)
    bias = np.zeros(5 + CLASSES, np.float32)
    bias[4] = 4.0
    bias[5:] = OFFSET
    weights = np.zeros((5 + CLASSES, 3), np.float32)
    weights[5:] = -4.0
    for name in range(CLASSES):
        weights[5 + name, name] = 8.0
    header = struct.pack("<iiiQ", 0, 2, 5, 0)
    (folder / "tiny_yolo.weights").write_bytes(header + bias.tobytes() + weights.tobytes())


def other_outputs(path):
    """A network that is no detector."""
    weight = numpy_helper.from_array(np.zeros((2, 3, 1, 1), np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "w"], ["heat"], kernel_shape=[1, 1])], "other", [IMAGE],
        [helper.make_tensor_value_info("heat", TensorProto.FLOAT, [1, 2, SIDE, SIDE])], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 6
    path.write_bytes(model.SerializeToString())


def main():
    folder = Path(sys.argv[1])
    grid_detector(folder / "tiny_picodet.onnx", (8, 16, 32, 64))
    grid_detector(folder / "tiny_nanodet.onnx", (8, 16, 32))
    darknet_detector(folder)
    other_outputs(folder / "other.onnx")
    (folder / "tiny.names").write_text("red\ngreen\nblue\n")


if __name__ == "__main__":
    main()
