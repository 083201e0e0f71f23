#!/usr/bin/env python3
"""Writes the region features under tests/vision/features/: the same pictures in every format.

    python3 -m venv venv && venv/bin/pip install numpy h5py
    venv/bin/python tests/oracle/features.py

Needs numpy and h5py, which the tests do not: what it writes is committed. The files are made the way
the projects that publish such features make them (numpy.savez for MCAN's and OpenVQA's, base64 in a
TSV for bottom-up-attention's, h5py for bottom-up-attention-vqa's), and expected.json holds the
numbers by themselves.
"""

import base64
import gzip
import json
import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vision" / "features"
WIDTH = 6
# image id: width and height of the picture, regions
PICTURES = {42: (640, 480, 4), 7: (500, 375, 4), 581929: (333, 500, 4), 100: (1, 1, 4)}
ADAPTIVE = {42: (640, 480, 5), 7: (500, 375, 1), 581929: (333, 500, 3), 100: (64, 48, 2)}


def make(pictures, seed):
    """id -> features [n, WIDTH], boxes [n, 4], width, height; float32."""
    random = np.random.default_rng(seed)
    made = {}
    for image, (width, height, regions) in pictures.items():
        # Quarters are exact in float16 too.
        features = (random.integers(-40, 40, (regions, WIDTH)) / 4).astype(np.float32)
        features[:, 0] = np.arange(1, regions + 1)  # no region is all zeros
        corners = np.sort(random.random((regions, 2, 2)), axis=1)
        boxes = (corners * [width, height]).reshape(regions, 4).astype(np.float32)
        boxes[0] = [0, 0, width, height]
        made[image] = (features, boxes, width, height)
    return made


def spatial(boxes, width, height):
    scaled = boxes / np.array([width, height, width, height], np.float32)
    sides = scaled[:, 2:] - scaled[:, :2]
    return np.concatenate([scaled, sides], axis=1).astype(np.float32)


def write_npz(folder, made, save, transpose, kind=np.float32):
    folder.mkdir(parents=True, exist_ok=True)
    for image, (features, boxes, width, height) in made.items():
        features = features.astype(kind)
        save(folder / f"COCO_val2014_{image:012d}.jpg.npz",
             x=features.transpose() if transpose else features,
             bbox=boxes, num_bbox=len(boxes), image_w=width, image_h=height)


def tsv(made):
    text = b""
    for image, (features, boxes, width, height) in made.items():
        fields = [str(image), str(width), str(height), str(len(boxes))]
        encoded = [base64.b64encode(np.ascontiguousarray(a)) for a in (boxes, features)]
        text += "\t".join(fields).encode() + b"\t" + b"\t".join(encoded) + b"\n"
    return text


def write_fixed(path, made, with_ids=True, **options):
    with h5py.File(path, "w") as file:
        stacked = [np.stack([picture[i] for picture in made.values()]) for i in (0, 1)]
        spatials = np.stack([spatial(p[1], p[2], p[3]) for p in made.values()])
        kind = options.pop("kind", np.float32)
        file.create_dataset("image_features", data=stacked[0].astype(kind), **options)
        file.create_dataset("image_bb", data=stacked[1], **options)
        file.create_dataset("spatial_features", data=spatials, **options)
        if with_ids:
            file.create_dataset("image_ids", data=np.array(list(made), np.int64))


def write_adaptive(path, made, **options):
    with h5py.File(path, "w") as file:
        ends = np.cumsum([len(picture[1]) for picture in made.values()])
        starts = np.concatenate([[0], ends[:-1]])
        stacked = [np.concatenate([picture[i] for picture in made.values()]) for i in (0, 1)]
        spatials = np.concatenate([spatial(p[1], p[2], p[3]) for p in made.values()])
        file.create_dataset("image_features", data=stacked[0], **options)
        file.create_dataset("image_bb", data=stacked[1], **options)
        file.create_dataset("spatial_features", data=spatials, **options)
        file.create_dataset("pos_boxes", data=np.stack([starts, ends], axis=1).astype(np.int32))
        file.create_dataset("image_id", data=np.array(list(made), np.int32))


def write_bad_hdf5(folder, made):
    """Files that must be refused; what is wrong stands in the name."""
    folder.mkdir(exist_ok=True)
    features = np.stack([picture[0] for picture in made.values()])
    boxes = np.stack([picture[1] for picture in made.values()])
    ids = np.array(list(made), np.int64)

    def write(name, **datasets):
        datasets = {"image_features": features, "image_bb": boxes, "image_ids": ids, **datasets}
        with h5py.File(folder / f"{name}.hdf5", "w") as file:
            for key, data in datasets.items():
                if data is not None:
                    file.create_dataset(key, data=data)
        return folder / f"{name}.hdf5"

    write("no_ids", image_ids=None)
    write("fewer_ids", image_ids=ids[:-1])
    write("ids_twice", image_ids=np.array([42, 7, 42, 100]))
    write("real_ids", image_ids=ids.astype(np.float64))
    write("no_boxes", image_bb=None)
    write("boxes_of_fewer", image_bb=boxes[:, :-1])
    write("rank", image_features=features.reshape(len(ids), -1))
    write("text", image_features=np.array([b"no numbers"] * 4))
    bad = features.copy()
    bad[1, 2, 3] = np.nan
    write("nan", image_features=bad)
    flat = {"image_features": features.reshape(-1, WIDTH), "image_bb": boxes.reshape(-1, 4)}
    write("positions_outside", **flat, pos_boxes=np.array([[0, 4], [4, 8], [8, 12], [12, 17]]))
    write("positions_reversed", **flat, pos_boxes=np.array([[0, 4], [8, 4], [8, 12], [12, 16]]))
    write("positions_shape", **flat, pos_boxes=np.arange(4))
    with h5py.File(write("soft_link", image_features=None), "a") as file:
        file["elsewhere"] = features
        file["image_features"] = h5py.SoftLink("/elsewhere")
    with h5py.File(write("external_link", image_features=None), "a") as file:
        file["image_features"] = h5py.ExternalLink("no_ids.hdf5", "/image_features")
    with h5py.File(write("external_storage", image_features=None), "a") as file:
        file.create_dataset("image_features", features.shape, np.float32,
                            external=[("/etc/passwd", 0, features.nbytes)])
    with h5py.File(write("virtual", image_features=None), "a") as file:
        layout = h5py.VirtualLayout(features.shape, np.float32)
        layout[:] = h5py.VirtualSource("no_ids.hdf5", "image_features", features.shape)
        file.create_virtual_dataset("image_features", layout)
    with h5py.File(write("huge", image_features=None, image_bb=None), "a") as file:
        file.create_dataset("image_features", (1 << 30, 1 << 10, WIDTH), np.float32,
                            chunks=(1, 16, WIDTH))
    with h5py.File(write("huge_chunks", image_features=None), "a") as file:
        file.create_dataset("image_features", features.shape, np.float32, compression="gzip",
                            maxshape=(None, None, WIDTH), chunks=(1 << 12, 1 << 10, WIDTH))
    with h5py.File(write("filter", image_features=None), "a") as file:
        file.create_dataset("image_features", data=features, compression="lzf")
    with h5py.File(write("group", image_features=None), "a") as file:
        file.create_group("image_features")


def expected(made):
    return {str(image): {"features": features.tolist(), "boxes": boxes.tolist(),
                         "width": width, "height": height}
            for image, (features, boxes, width, height) in made.items()}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    fixed, adaptive = make(PICTURES, 1), make(ADAPTIVE, 2)
    (FOLDER / "expected.json").write_text(json.dumps(
        {"fixed": expected(fixed), "adaptive": expected(adaptive)}) + "\n")

    write_npz(FOLDER / "npz_stored", fixed, np.savez, transpose=True)
    write_npz(FOLDER / "npz_deflated", adaptive, np.savez_compressed, transpose=False)
    write_npz(FOLDER / "npz_half", fixed, np.savez_compressed, transpose=False, kind=np.float16)

    for name, made in (("fixed", fixed), ("adaptive", adaptive)):
        text = tsv(made)
        (FOLDER / f"{name}.tsv").write_bytes(text)
        (FOLDER / f"{name}.tsv.gz").write_bytes(gzip.compress(text, mtime=0))
    # Two members, as of concatenated parts, with a heading, a further column and other line ends.
    lines = tsv(adaptive).replace(b"\n", b"\tmore\r\n").splitlines(keepends=True)
    heading = b"image_id\timage_w\timage_h\tnum_boxes\tboxes\tfeatures\tnote\r\n"
    parts = [b"".join([heading, lines[0]]), b"".join(lines[1:])]
    (FOLDER / "members.tsv.gz").write_bytes(
        b"".join(gzip.compress(part, mtime=0) for part in parts))

    write_fixed(FOLDER / "fixed.hdf5", fixed)
    write_fixed(FOLDER / "half.hdf5", fixed, kind=np.float16, chunks=True, compression="gzip",
                shuffle=True, fletcher32=True)
    write_adaptive(FOLDER / "adaptive.hdf5", adaptive, chunks=True, compression="gzip",
                   shuffle=True)
    # Ids beside it, as the released files have them, in another order than the rows'.
    write_fixed(FOLDER / "beside36.hdf5", fixed, with_ids=False)
    rows = {str(image): row for row, image in enumerate(fixed)}
    (FOLDER / "beside36_imgid2idx.json").write_text(
        json.dumps(dict(sorted(rows.items()))) + "\n")
    write_bad_hdf5(FOLDER / "bad", fixed)


if __name__ == "__main__":
    main()
