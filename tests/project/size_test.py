#!/usr/bin/env python3
"""Keeps sources small and tidy: lines a file, lines a function, columns, tabs, marks left behind."""

import re

from sources import ROOT, code_only, read, report, sources

FILE_LINES = 300
NEEDS_A_GPU = ("tests", "cuda_device")  # the one folder whose tests may skip themselves
FUNCTION_LINES = 60
COLUMNS = 100
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\bGTEST_SKIP\b|\bDISABLED_")
NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|enum|union)\b(?!.*\))|=\s*$|^\s*extern\b")


def long_functions(text):
    """(line, length) of every function body longer than allowed, by counting braces."""
    found, opened = [], []
    lines = code_only(text).splitlines()
    statement = ""
    for number, line in enumerate(lines, 1):
        for character in line:
            if character == "{":
                is_function = ")" in statement and not NOT_A_FUNCTION.search(statement)
                inside = any(outer for _, outer in opened)
                opened.append((number, is_function and not inside))
                statement = ""
            elif character == "}":
                if opened:
                    start, is_function = opened.pop()
                    if is_function and number - start + 1 > FUNCTION_LINES:
                        found.append((start, number - start + 1))
                statement = ""
            elif character == ";":
                statement = ""
            else:
                statement += character
        statement += " "
    return found


def problems_of(path):
    name, text = path.relative_to(ROOT), read(path)
    lines = text.splitlines()
    if len(lines) > FILE_LINES:
        yield f"{name}:{FILE_LINES + 1}: {len(lines)} lines, at most {FILE_LINES}: split it"
    for start, length in long_functions(text):
        yield f"{name}:{start}: a function of {length} lines, at most {FUNCTION_LINES}: split it"
    formatted = True
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        if "clang-format off" in line or "clang-format on" in line:
            formatted = "clang-format on" in line  # tables of numbers may be wide
        if len(line) > COLUMNS and formatted:
            yield f"{where}: {len(line)} columns, at most {COLUMNS}"
        if "\t" in line:
            yield f"{where}: a tab"
        if line != line.rstrip():
            yield f"{where}: blanks at the end of the line"
        mark = MARKS.search(line)
        if mark and not (mark.group() == "GTEST_SKIP" and name.parts[:2] == NEEDS_A_GPU):
            yield f"{where}: {mark.group()}: do it, or file it elsewhere"
    if text and not text.endswith("\n"):
        yield f"{name}:{len(lines)}: no line break at the end of the file"


def main():
    files = list(sources("vqalign", "tests", "examples"))
    report("size", [problem for path in files for problem in problems_of(path)], len(files))


if __name__ == "__main__":
    main()
