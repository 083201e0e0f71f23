#!/usr/bin/env python3
"""Holds tests/gui/rows.md against the tests: every row of the feature table that the app answers
for is there once, and each test that it names exists."""

import re

from sources import ROOT, code_only, read, report, sources

TABLE = ROOT / "tests" / "gui" / "rows.md"
ROWS = 56
# Not of the first release, and comparison (30, 31).
LEFT_OUT = {11, 25, 28, 34, 30, 31}
CASE = re.compile(r"^\s*TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
SCRIPT = re.compile(r"\bNAME (project\.\w+)")


def existing_tests():
    """Suite.Name of each case of the window's and the program's tests; scripts by ctest's name."""
    names = set()
    for path in sources("tests/gui", "tests/cli"):
        names.update(".".join(case) for case in CASE.findall(code_only(read(path))))
    names.update(SCRIPT.findall(read(ROOT / "tests" / "project" / "CMakeLists.txt")))
    return names


def problems_of(text, existing):
    """What is wrong with a table, a line each."""
    seen = set()
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or not cells[0].isdigit():
            continue
        where, row = f"{TABLE.relative_to(ROOT)}:{number}", int(cells[0])
        if row in seen:
            yield f"{where}: row {row} stands twice"
        seen.add(row)
        if len(cells) != 5 or not all(cells):
            yield f"{where}: row {row} needs five filled cells"
            continue
        for name in cells[4].split():
            if name not in existing:
                yield f"{where}: row {row} names {name}, which is no test"
    for row in sorted(set(range(1, ROWS + 1)) - LEFT_OUT - seen):
        yield f"{TABLE.relative_to(ROOT)}: row {row} is missing"


def main():
    report("rows", list(problems_of(read(TABLE), existing_tests())), 1)


if __name__ == "__main__":
    main()
