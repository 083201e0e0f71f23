#!/usr/bin/env python3
"""Keeps the order of folders: one includes only from the lines above its own (CONTRIBUTING.md).

Also keeps LibTorch where it belongs: core outside core/formats has none, figure/ and gui/ reach no
torch header through any chain of includes (Qt's keywords and torch's names collide), and neither do
the headers that inspect/ installs.
"""

import functools
import re
import sys

from sources import ROOT, read, report, sources

# One line a level, from the ground up. Folders on one line do not see each other.
LEVELS = [
    ["core"],
    ["attention"],
    ["vision", "language", "align"],
    ["data", "fusion"],
    ["inspect"],
    ["train", "figure"],
    ["cli", "gui"],
    ["bench"],
]
LEVEL_OF = {folder: level for level, folders in enumerate(LEVELS) for folder in folders}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TORCH = re.compile(r"^(torch|ATen|c10|caffe2)/")


@functools.cache
def includes(path):
    """(line, included name) of every #include in the file."""
    found = []
    for number, line in enumerate(read(path).splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append((number, match.group(2)))
    return found


@functools.cache
def way_to_torch(path):
    """The chain of includes from the file to a torch header, or None."""
    for _, name in includes(path):
        if TORCH.match(name):
            return (name,)
        if name.startswith("vqalign/") and (ROOT / name).exists():
            way = way_to_torch(ROOT / name)
            if way:
                return (name,) + way
    return None


def folder_of(name):
    parts = name.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "vqalign" else None


def order_problem(path, number, name):
    where = f"{path.relative_to(ROOT)}:{number}"
    own, other = folder_of(str(path.relative_to(ROOT))), folder_of(name)
    if other is None:
        quoted_here = (path.parent / name).exists() or (ROOT / "vqalign" / name).exists()
        return f'{where}: write "vqalign/<folder>/{name}" in full' if quoted_here else None
    if not (ROOT / name).exists():
        return None  # generated at build time
    if other not in LEVEL_OF:
        return f"{where}: {name}: the folder {other}/ has no place in the order of folders"
    if other != own and LEVEL_OF[other] >= LEVEL_OF[own]:
        return f"{where}: {own}/ includes {name}, but {other}/ does not lie below it"
    if own == "core" and "/formats/" in name and "formats" not in path.parts:
        return f"{where}: core/ includes {name}, but formats lie above the rest of core"
    return None


def is_installed(path):
    """Whether the folder's CMakeLists.txt lists the header under HEADERS."""
    cmake = path.parent / "CMakeLists.txt"
    lists = re.findall(r"\bHEADERS\b(.*?)(?:\b[A-Z]{4,}\b|\))", read(cmake), re.DOTALL)
    return any(path.name in names.split() for names in lists)


def torch_problem(path):
    name = str(path.relative_to(ROOT))
    own = folder_of(name)
    free = (own == "core" and not name.startswith("vqalign/core/formats/")) or own in ("figure", "gui")
    free = free or (own == "inspect" and path.suffix == ".h" and is_installed(path))
    way = way_to_torch(path) if free else None
    if way:
        return f"{name}:1: must not reach a torch header, but includes {' -> '.join(way)}"
    return None


def main():
    problems, files = [], list(sources("vqalign"))
    for path in files:
        own = folder_of(str(path.relative_to(ROOT)))
        if own not in LEVEL_OF:
            problems.append(f"{path.relative_to(ROOT)}:1: lies in no known folder")
            continue
        problems += filter(None, (order_problem(path, *found) for found in includes(path)))
        problems += filter(None, [torch_problem(path)])
        if path.suffix == ".h" and "#pragma once" not in read(path):
            problems.append(f"{path.relative_to(ROOT)}:1: a header needs #pragma once")
    report("layers", problems, len(files))


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
