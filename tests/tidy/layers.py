#!/usr/bin/env python3
"""Checks that includes point downhill, against the table in layers.json.

    layers.py [--root DIR] [--table FILE]

Fails, naming file and line, on: a cycle in the table, a source file or a quoted include that no
component covers, an include of a component the table does not allow, and a library's header
outside the components that may see it.
"""

import argparse
import graphlib
import json
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


class Table:
    """layers.json, with the questions that the check asks of it."""

    def __init__(self, data):
        self.roots = data["roots"]
        self.components = data["components"]
        self.generated = data.get("generated", {})
        self.third_party = tuple(data.get("third_party", []))
        self.libraries = data.get("libraries", {})
        self._longest_first = sorted(self.components, key=len, reverse=True)

    def component_of(self, path):
        return next((c for c in self._longest_first if path.startswith(c + "/")), None)

    def allowed_components(self, component):
        """What `component` depends on; a permitted single header counts as its component."""
        allowed = set()
        for name in self.components[component]:
            if name != "*":
                allowed.add(name if name in self.components else self.component_of(name))
        return allowed

    def faults(self):
        found = []
        for component, allowed in self.components.items():
            for name in allowed:
                if name != "*" and name not in self.components and not self.component_of(name):
                    found.append(f"layers.json: {component} allows {name}, which is not there")
        graph = {c: self.allowed_components(c) - {c, None} for c in self.components}
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            found.append("layers.json: a cycle: " + " -> ".join(error.args[1]))
        return found


def judge_library(table, component, target):
    """None when `target` is no library we know; else the list of complaints."""
    for prefix, users in table.libraries.items():
        if target.startswith(prefix):
            if component in users:
                return []
            return [f"{component} may not see {prefix} headers ({target})"]
    return [] if target.startswith(table.third_party) else None


def judge_quoted(table, root, component, target):
    library = judge_library(table, component, target)
    if library is not None:
        return library
    owner = None
    for prefix, generated in table.generated.items():
        if target.startswith(prefix):
            owner = generated
            stem = re.sub(r"(\.grpc)?\.pb\.h$", ".proto", target)
            if not (root / generated / stem).is_file():
                return [f"{target} is generated from no .proto file"]
    if owner is None:
        owner = table.component_of(target)
        if owner is None:
            return [f"{target} belongs to no component"]
        if not (root / target).is_file():
            return [f"{target} does not exist"]
    allowed = table.components[component]
    if owner == component or "*" in allowed or owner in allowed or target in allowed:
        return []
    return [f"{component} may not include {target}"]


def judge_file(table, root, path):
    component = table.component_of(path)
    if component is None:
        return [f"{path}: belongs to no component of layers.json"]
    found = []
    text = (root / path).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, angled = match.groups()
        if quoted is not None:
            complaints = judge_quoted(table, root, component, quoted)
        else:
            complaints = judge_library(table, component, angled) or []
        found += [f"{path}:{number}: {complaint}" for complaint in complaints]
    return found


def sources(table, root):
    folders = set(table.roots) | {c.split("/")[0] for c in table.components}
    for folder in sorted(folders):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc") and path.is_file():
                yield path.relative_to(root).as_posix()


def check(root, table):
    found = table.faults()
    files = list(sources(table, root))
    for path in files:
        found += judge_file(table, root, path)
    return found, len(files)


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Check that includes point downhill.")
    parser.add_argument("--root", type=pathlib.Path, default=here.parents[1])
    parser.add_argument("--table", type=pathlib.Path, default=here / "layers.json")
    arguments = parser.parse_args()
    table = Table(json.loads(arguments.table.read_text(encoding="utf-8")))
    found, count = check(arguments.root, table)
    if count == 0:
        found.append("no source file found: wrong --root?")
    print("\n".join(found) or f"layers: {count} files, no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
