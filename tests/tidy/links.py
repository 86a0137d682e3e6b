#!/usr/bin/env python3
"""Checks that every relative link in our Markdown leads to a file, and every #anchor to a heading.

    links.py [--root DIR]

Links to other sites are not followed: the check works without a network. A word in backquotes that
looks like a path of the tree (`server/flow/debit.cc`) must exist too, so that the documents that
walk through the code stay true.
"""

import argparse
import pathlib
import re
import sys

SKIP = {"build", "node_modules", ".git"}
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^(?:matcher|ledger|storage|server|proto|tests|bench|deploy|docs|cmake)/"
                  r"(?:[\w./-]*\.\w+|(?:[\w-]+/)*)$")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.M)


def slug(heading):
    """The anchor that code forges give a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(text):
    seen, found = {}, set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        base = slug(heading)
        found.add(base if base not in seen else f"{base}-{seen[base]}")
        seen[base] = seen.get(base, 0) + 1
    return found


def judge_link(root, file, target):
    path, _, anchor = target.partition("#")
    where = file if not path else file.parent / path
    if not where.exists():
        return f"leads nowhere: {target}"
    if not where.resolve().is_relative_to(root.resolve()):
        return f"leads out of the tree: {target}"
    if anchor and where.suffix == ".md" and anchor not in anchors(where.read_text(encoding="utf-8")):
        return f"no such heading: {target}"
    return None


def check(root):
    found, count = [], 0
    for file in sorted(root.rglob("*.md")):
        if SKIP & set(file.relative_to(root).parts):
            continue
        count += 1
        text = file.read_text(encoding="utf-8")
        prose = FENCE.sub(lambda m: "\n" * m.group(0).count("\n"), text)
        for number, line in enumerate(prose.splitlines(), start=1):
            complaints = [judge_link(root, file, t) for t in LINK.findall(CODE.sub("", line))
                          if not re.match(r"[a-z][a-z0-9+.-]*:", t)]
            complaints += [f"no such file: {c}" for c in CODE.findall(line)
                           if PATH.match(c) and not (root / c).exists()]
            found += [f"{file.relative_to(root)}:{number}: {c}" for c in complaints if c]
    return found, count


def main():
    parser = argparse.ArgumentParser(description="Check the links of the documents.")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    found, count = check(parser.parse_args().root)
    if count == 0:
        found.append("no document found: wrong --root?")
    print("\n".join(found) or f"links: {count} documents, no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
