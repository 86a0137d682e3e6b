#!/usr/bin/env python3
"""Holds docs/order21.csv (the 109 measures of FSTEC Order 21) against the repository, and prints it.

    order21.py [--log LastTest.log] [--html FILE] [ROOT]

Every file named exists; every test named exists: a ctest, one of its cases behind a colon, or a check of
the host, deploy/hardening/check:NAME. Each measure of the base set of level 2 has evidence, and one that
is software or deployment (class a or b) has a test. With a log of ctest each of these has at least one
test that passed and was not skipped. Exit code: 0 clean, 1 findings.
"""

import argparse
import csv
import html
import pathlib
import re
import subprocess
import sys

import skips

COLUMNS = ["code", "name", "level", "class", "file", "test", "order117", "fsb378"]
MEASURES = 109
BASE = {"4": 27, "3": 41, "2": 66, "1": 69}  # How many measures each level's base set has.
CLAIMED = "2"
CHECKS = "deploy/hardening/check:"
CHECKS_TEST = "deploy_hardening_test"  # Runs every check against good and spoilt hosts.

CTEST = re.compile(r"(?:ladon_test|add_test)\(\s*(?:NAME )?(\w+)")
E2E = re.compile(r"ladon_e2e_test\((\w+)")
# foreach(name a b c) … ladon_test(flow_${name}_test …
FOREACH = re.compile(r"foreach\(\w+ ([^)]*)\)(.*?)endforeach", re.S)
MEMBER = re.compile(r"(?:ladon_test|add_test)\(\s*(?:NAME )?(\w*)\$\{\w+\}(\w*)")
CASE = re.compile(r"\bTEST(?:_F|_P)?\((\w+),\s*(\w+)\)|RC_GTEST\w*\((\w+),\s*(\w+)")
PASSED = re.compile(r"^Test Passed\.$", re.M)


def tests_of(root):
    """(names of ctest, "Suite.Case" of every test)"""
    names, cases = set(), set()
    for path in (root / "tests").rglob("CMakeLists.txt"):
        text = path.read_text(encoding="utf-8")
        names |= set(CTEST.findall(text)) | {f"e2e_{name}" for name in E2E.findall(text)}
        for words, body in FOREACH.findall(text):
            for head, tail in MEMBER.findall(body):
                names |= {f"{head}{word}{tail}" for word in words.split()}
    names |= {f"fuzz_{path.stem.removesuffix('_fuzz')}_replay"
              for path in (root / "tests/fuzz").glob("*_fuzz.cc")}
    for path in (root / "tests").rglob("*.cc"):
        for match in CASE.findall(path.read_text(encoding="utf-8")):
            cases.add(f"{match[0] or match[2]}.{match[1] or match[3]}")
    for path in (root / "tests").rglob("*.py"):
        suite = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("class "):
                suite = re.match(r"class (\w+)", line)[1]
            elif match := re.match(r"    def (test_\w+)", line):
                cases.add(f"{suite}.{match[1]}")
    return names, cases


def read(root):
    with open(root / "docs/order21.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";", quoting=csv.QUOTE_NONE))
    return rows[0], [dict(zip(COLUMNS, row)) | {"width": len(row)} for row in rows[1:]]


def listed(text):
    return [word for word in text.split(",") if word]


def in_base(row, level):
    return level in row["level"].split(",")


def claims_test(row):
    return in_base(row, CLAIMED) and set(row["class"].split("+")) & {"a", "b"}


def host_checks(root):
    script = root / "deploy/hardening/check"
    if not script.exists():
        return set()
    told = subprocess.run([script, "--list"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in told.splitlines() if line.strip()}  # Name, then words.


def findings(root, head, rows):
    if head != COLUMNS:
        yield f"the columns are {head}, not {COLUMNS}"
    if len(rows) != MEASURES or len({row["code"] for row in rows}) != MEASURES:
        yield f"{len(rows)} measures, not {MEASURES} different ones"
    for level, count in BASE.items():
        if (found := sum(in_base(row, level) for row in rows)) != count:
            yield f"the base set of level {level} has {found} measures, not {count}"
    names, cases = tests_of(root)
    checks = host_checks(root)
    for row in rows:
        code = row["code"]
        if row["width"] != len(COLUMNS):
            yield f"{code}: {row['width']} fields"
            continue
        if not set(row["class"].split("+")) <= {"a", "b", "c"}:
            yield f"{code}: class {row['class']}"
        for file in listed(row["file"]):
            if not (root / file).exists():
                yield f"{code}: no such file: {file}"
        for test in listed(row["test"]):
            name, _, case = test.partition(":")
            if test.startswith(CHECKS):
                if test[len(CHECKS):] not in checks:
                    yield f"{code}: no such check: {test}"
            elif name not in names or (case and case not in cases):
                yield f"{code}: no such test: {test}"
        if in_base(row, CLAIMED) and not row["file"]:
            yield f"{code}: nothing carries it"
        if claims_test(row) and not row["test"]:
            yield f"{code}: nothing proves it"


def outcomes(log):
    """ctest's name -> whether it passed; and the cases that were skipped: (program, method)."""
    heads = list(skips.TEST.finditer(log))
    passed = {}
    for head, after in zip(heads, heads[1:] + [None]):
        text = log[head.end(): after.start() if after else len(log)]
        passed[head[1]] = bool(PASSED.search(text))
    return passed, {(program, test) for program, test, _ in skips.skips(log)}


def holds(test, passed, skipped):
    name, _, case = test.partition(":")
    if test.startswith(CHECKS):
        name, case = CHECKS_TEST, ""
    method = case.rpartition(".")[2]
    return passed.get(name, False) and (name, method) not in skipped and (name, case) not in skipped


def unproved(rows, passed, skipped):
    for row in rows:
        if claims_test(row) and not any(holds(test, passed, skipped)
                                        for test in listed(row["test"])):
            yield f"{row['code']}: none of its tests passed: {row['test']}"


def report(rows, passed, skipped):
    """One page for whoever asks: what carries each measure, and whether it was shown."""
    cells = []
    for row in rows:
        marks = []
        for test in listed(row["test"]):
            mark = "" if passed is None else ("✓ " if holds(test, passed, skipped) else "✗ ")
            marks.append(mark + html.escape(test))
        cells.append(
            f"<tr class={'base' if in_base(row, CLAIMED) else 'more'}><td>{row['code']}<td>"
            f"{html.escape(row['name'])}<td>{row['level']}<td>{row['class']}<td>"
            + "<br>".join(map(html.escape, listed(row["file"]))) + "<td>" + "<br>".join(marks)
            + f"<td>{html.escape(row['order117'])}<td>{html.escape(row['fsb378'])}")
    shown = "" if passed is None else " · ✓ тест прошёл, ✗ не прошёл или пропущен"
    return ("<!doctype html><html lang=ru><meta charset=utf-8><title>Приказ ФСТЭК № 21</title>"
            "<style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}"
            "td,th{border:1px solid #bbb;padding:4px;vertical-align:top;text-align:left}"
            ".more{color:#777}</style><h1>Меры приказа ФСТЭК России № 21</h1><p>109 мер; базовый "
            f"набор УЗ-2: 66. Серым: вне его{shown}. Класс: a программа, b развёртывание, c "
            "организация.<table><tr><th>Мера<th>Название<th>УЗ<th>Класс<th>Чем выполнена<th>Чем "
            "проверена<th>Приказ № 117<th>Приказ ФСБ № 378" + "".join(cells) + "</table></html>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log")
    parser.add_argument("--html")
    parser.add_argument("root", nargs="?", default=pathlib.Path(__file__).resolve().parents[2],
                        type=pathlib.Path)
    given = parser.parse_args()
    head, rows = read(given.root)
    found = list(findings(given.root, head, rows))
    passed, skipped = None, set()
    if given.log:
        text = pathlib.Path(given.log).read_text(encoding="utf-8", errors="replace")
        passed, skipped = outcomes(text)
        found += unproved(rows, passed, skipped)
    if given.html:
        pathlib.Path(given.html).write_text(report(rows, passed, skipped), encoding="utf-8")
    claimed = [row for row in rows if in_base(row, CLAIMED)]
    proved = sum(bool(claims_test(row)) for row in claimed)
    print("\n".join(found) if found else
          f"order21: {len(rows)} measures; level {CLAIMED}: {len(claimed)} with evidence, {proved} "
          f"of them software or deployment, each with a test{' that passed' if given.log else ''}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
