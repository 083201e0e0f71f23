"""The project's own C++ sources, for the tests of the project itself."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUFFIXES = (".h", ".cpp", ".cu", ".cuh")


def sources(*folders):
    """Every source below the folders of the project, sorted."""
    for folder in folders:
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in SUFFIXES)


def read(path):
    return path.read_text(encoding="utf-8")


_NOT_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""",
    re.DOTALL)


def code_only(text):
    """The text with comments, strings and characters blanked out, line breaks kept."""
    def blank(match):
        before = text[match.start() - 1] if match.start() else ""
        if match.group().startswith("'") and before.isalnum():
            return match.group()  # a digit separator: 100'000
        return re.sub(r"[^\n]", " ", match.group())
    return _NOT_CODE.sub(blank, text)


def report(what, problems, count):
    """Prints the problems, one a line, and ends the test."""
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problems in {count} files")
    if count == 0:
        sys.exit(f"{what}: no sources found below {ROOT}")
    sys.exit(1 if problems else 0)
