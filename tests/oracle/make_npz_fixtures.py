"""Makes the .npz files of tests/core/formats/fixtures, with NumPy:
  python3 tests/oracle/make_npz_fixtures.py

The k-th number of every array, counted in C order, is (7 k) % 19 - 3, or its absolute value where
the type has no sign; truth values are those numbers' parity.
"""

import io
import pathlib
import time
import unittest.mock
import zipfile

import numpy as np

FIXTURES = pathlib.Path(__file__).parents[1] / "core" / "formats" / "fixtures"


def numbers(shape, dtype):
    k = np.arange(int(np.prod(shape, dtype=np.int64)))
    values = ((7 * k) % 19 - 3).reshape(shape)
    kind = np.dtype(dtype).kind
    return (values % 2 if kind == "b" else abs(values) if kind == "u" else values).astype(dtype)


def reference():
    """One picture's regions as the reference's extractors save them: x is a transposed view."""
    x = np.asfortranarray(numbers((24, 5), "<f4"))
    np.savez_compressed(
        FIXTURES / "reference.npz", x=x, bbox=numbers((5, 4), "<f4"), num_bbox=5,
        image_w=np.int32(640), image_h=np.int64(480),
        info={"objects": [1, 2, 3], "note": "a pickle"})


def types():
    arrays = {name: numbers((2, 3), name) for name in
              ("<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "|b1",
               ">f2", ">f4", ">f8", ">i2", ">i4", ">i8")}
    arrays = {name.translate({60: "little_", 62: "big_", 124: "byte_"}): array
              for name, array in arrays.items()}
    np.savez(
        FIXTURES / "types.npz", **arrays,
        scalar=numbers((), "<f8"), empty=numbers((0, 4), "<f4"), rank_4=numbers((2, 1, 3, 2), "<i4"),
        fortran_3=np.asfortranarray(numbers((2, 3, 4), "<f4")),
        fortran_big=np.asfortranarray(numbers((3, 2), ">i2")),
        text=np.array(["yes", "", "caf\u00e9 \u732b", "\U0001f408 a\0b"]),
        big_text=np.array(["yes", "no way"]).astype(">U6"),
        one_text=np.array("alone"), no_text=np.array([], dtype="<U4"))


def versions():
    """Headers of .npy versions 2.0 and 3.0, a member that is no array, one packed in two ways."""
    with zipfile.ZipFile(FIXTURES / "versions.npz", "w") as archive:
        for version in ((2, 0), (3, 0)):
            for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                info = zipfile.ZipInfo(f"v{version[0]}_{method}.npy")
                info.compress_type = method
                with archive.open(info, "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, numbers((3, 5), "<i4"), version=version)
        archive.writestr(zipfile.ZipInfo("README.txt"), "no array")
        archive.comment = b"with a comment PK\x05\x06 that looks like an end record"


def written():
    """What write_npz must write for the same arrays, byte for byte."""
    arrays = {
        "question_id": numbers((4,), "<i8"),
        "probabilities": numbers((4, 3), "<f4"),
        "answers": np.array(["yes", "no", "caf\u00e9"]),
        "scalar": numbers((), "|b1"),
        "na\u00efve": numbers((1, 2, 3), "|u1"),
    }
    with zipfile.ZipFile(FIXTURES / "written.npz", "w") as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(name + ".npy")
            info.create_system = 0
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0))
            archive.writestr(info, content.getvalue())
            info.external_attr = 0


def main():
    FIXTURES.mkdir(exist_ok=True)
    first_day = time.struct_time((1980, 1, 1, 0, 0, 0, 0, 1, 0))
    with unittest.mock.patch("time.localtime", lambda *_: first_day):
        reference()
        types()
        versions()
        written()


if __name__ == "__main__":
    main()
