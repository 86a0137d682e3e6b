#!/usr/bin/env python3
"""Checks what a file may not have: too many lines, too long functions, notes to do it later.

    sizes.py [--root DIR]

Limits: 600 lines for a .cc, 250 for a .h, 70 for a function; no note says that something is left to do.
"""

import argparse
import pathlib
import re
import sys

FOLDERS = ("matcher", "ledger", "storage", "server", "tests", "bench", "proto", "cmake", "deploy",
           "docs", ".ci")
LOOSE = ("dev", "CMakeLists.txt", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
LINES_MAX = {".cc": 600, ".h": 250}
FUNCTION_LINES_MAX = 70
TEXT = {".cc", ".h", ".py", ".proto", ".md", ".txt", ".cmake", ".toml", ".service", ".json", ""}
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
# After clang-format a function at namespace level begins in the first column, its brace ends a line,
# and the brace that closes it stands in the first column. What else has this shape is named here.
OPENS_SCOPE = re.compile(r"^(namespace|class|struct|enum|union|extern|template\b.*\b(class|struct)\b"
                         r".*[^)]\s*\{$|constexpr.*=|static.*=|const .*=|inline constexpr.*=)")


def long_functions(path, lines):
    start, head = None, None
    for number, line in enumerate(lines, start=1):
        if start is None:
            if line and not line[0].isspace() and not line.startswith(("}", "#", "//")):
                head = (number, line)
            if line.endswith("{") and head and not OPENS_SCOPE.match(head[1]):
                start = head[0]
        elif line.startswith("}"):
            if number - start + 1 > FUNCTION_LINES_MAX:
                yield (f"{path}:{start}: a function of {number - start + 1} lines, "
                       f"at most {FUNCTION_LINES_MAX}")
            start, head = None, None


def files(root):
    for name in LOOSE:
        if (root / name).is_file():
            yield root / name
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT and "golden" not in path.parts:
                yield path


def check(root):
    found = []
    count = 0
    for file in files(root):
        count += 1
        path = file.relative_to(root).as_posix()
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # Not a text of ours.
        limit = LINES_MAX.get(file.suffix)
        if limit and len(lines) > limit:
            found.append(f"{path}: {len(lines)} lines, at most {limit}")
        if file.suffix in (".cc", ".h"):
            found += long_functions(path, lines)
        found += [f"{path}:{n}: {m.group(0)} is not for this branch"
                  for n, line in enumerate(lines, start=1) if (m := LATER.search(line))]
    return found, count


def main():
    parser = argparse.ArgumentParser(description="Check sizes and leftovers.")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    found, count = check(parser.parse_args().root)
    if count == 0:
        found.append("no file found: wrong --root?")
    print("\n".join(found) or f"sizes: {count} files, no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
