#!/usr/bin/env python3
"""Checks that every message key named in the sources is in the catalogue, and that none is unused.

    messages.py [ROOT]

A key is a string literal "group.rest" whose group is one of the catalogue's; a literal that ends in
"." is the head of several keys. Keys without a dot (the error reasons) belong to the wire and are
checked by the tests of the services. Exit code: 0 clean, 1 findings.
"""

import pathlib
import re
import sys

ENTRY = re.compile(r'^ *\{"([a-z_]+\.[A-Za-z0-9_.]+)",', re.M)
LITERAL = re.compile(r'"([a-z_]+\.[A-Za-z0-9_.]*)"')
CATALOGUE = "server/base"


def findings(root):
    tables = sorted((root / CATALOGUE).glob("messages_*.cc"))
    keys = {}
    for table in tables:
        for key in ENTRY.findall(table.read_text(encoding="utf-8")):
            keys[key] = table
    groups = {key.split(".")[0] for key in keys}
    used = set()
    for path in sorted((root / "server").rglob("*")):
        if path.suffix not in (".h", ".cc") or path in tables:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.lstrip().startswith(("//", "#include")):
                continue
            for literal in LITERAL.findall(line):
                if literal.split(".")[0] not in groups:
                    continue
                if literal.endswith("."):
                    matches = {key for key in keys if key.startswith(literal)}
                else:
                    matches = {literal} & keys.keys()
                if not matches:
                    yield f"{path.relative_to(root)}:{number}: no message under \"{literal}\""
                used |= matches
    for key in sorted(keys.keys() - used):
        yield f"{keys[key].relative_to(root)}: nothing prints \"{key}\""


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                        pathlib.Path(__file__).resolve().parents[2])
    found = list(findings(root))
    print("\n".join(found) if found else "messages: every key is in the catalogue and printed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
