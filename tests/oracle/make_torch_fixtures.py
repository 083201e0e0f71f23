"""Makes torch_zip.pkl and torch_legacy.pkl of tests/core/formats/fixtures, with PyTorch (no NumPy
needed): .deps/venv/bin/python tests/oracle/make_torch_fixtures.py

Both hold the same: {"state_dict": tensors, "lr_base": 0.25, "epoch": 13, "notes": [None, True,
-70000, 2^40]}. A tensor of each type is 0 1 2 (bool: 0 1 0); "matrix" is 0 .. 5 as [2, 3],
"transposed" and "tail" (its numbers 2 3 4) are views of it, "scalar" is 7.5, "empty" [0, 4],
"parameter" an nn.Parameter 8 9.
"""

import collections
import pathlib

import torch

FIXTURES = pathlib.Path(__file__).parents[1] / "core" / "formats" / "fixtures"
TYPES = ["float32", "float16", "float64", "bfloat16", "int64", "int32", "int16", "int8", "uint8"]


def main():
    tensors = collections.OrderedDict(
        (name, torch.arange(3).to(getattr(torch, name))) for name in TYPES)
    tensors["bool"] = torch.tensor([False, True, False])
    tensors["matrix"] = torch.arange(6.0).view(2, 3)
    tensors["transposed"] = tensors["matrix"].t()
    tensors["tail"] = tensors["matrix"].flatten()[2:5]
    tensors["scalar"] = torch.tensor(7.5)
    tensors["empty"] = torch.zeros(0, 4)
    tensors["parameter"] = torch.nn.Parameter(torch.tensor([8.0, 9.0]))
    saved = {"state_dict": tensors, "lr_base": 0.25, "epoch": 13,
             "notes": [None, True, -70000, 2**40]}
    torch.save(saved, FIXTURES / "torch_zip.pkl")
    torch.save(saved, FIXTURES / "torch_legacy.pkl", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
