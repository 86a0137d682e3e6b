#!/usr/bin/env python3
"""Runs clang-tidy over the build's compile commands, in parallel, and remembers what passed.

    tidy.py --build build/dev [--wide] [--all] [--fix] [--jobs N] [file ...]

A file that passed is skipped until it, a header of ours that it includes (however far), its
compile command, .clang-tidy, or clang-tidy itself changes; --all forgets what passed. bench/ and
generated code are left out; the operator's tools (server/client) and the tests are looked at with
--wide or by name, because gRPC's and gmock's headers make them three quarters of a whole run.

What is run where (a cold run has to end in minutes on two cores, and most of it is spent in headers
that are not ours): the analyser, in its shallow mode, on matcher, ledger, storage and the vault;
every other check on all sources; on tests only naming, braces, use after move and the like.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ("matcher", "ledger", "storage", "server", "tests")
WIDE = ("server/client/", "tests/")
QUOTED = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
ANALYSED = ("matcher/", "ledger/", "storage/", "server/vault/")
# On top of .clang-tidy. Wrong: use-nullptr takes a defaulted operator<=> for a null pointer, and
# forward-declaration-namespace takes two tag types of one name in two namespaces for a slip. Slow:
# reserved-identifier takes a sixth of the whole run and finds what -Wall finds.
SOURCE_CHECKS = ("-modernize-use-nullptr,-bugprone-forward-declaration-namespace,"
                 "-bugprone-reserved-identifier")
TEST_CHECKS = ("-*,bugprone-use-after-move,bugprone-dangling-handle,bugprone-unused-raii,"
               "google-explicit-constructor,google-build-using-namespace,"
               "misc-definitions-in-headers,misc-unused-using-decls,modernize-use-override,"
               "performance-for-range-copy,readability-braces-around-statements,"
               "readability-duplicate-include,readability-identifier-naming")
SHALLOW = [f"--extra-arg={flag}" for flag in
           ("-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")]
# Flags that g++ knows and clang does not.
GCC_ONLY = ("-mprefer-vector-width", "-Wno-maybe-uninitialized", "-fpch-preprocess",
            "-Winvalid-pch")


def clang_tidy():
    for name in ("clang-tidy-14", "clang-tidy"):
        if shutil.which(name):
            return name
    sys.exit("tidy: clang-tidy is not installed: ./dev set-up check")


class Closure:
    """The text of a file and of every header of ours it reaches."""

    def __init__(self, generated):
        self._generated = generated
        self._direct = {}

    def _read(self, path):
        if path not in self._direct:
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = ""
            found = []
            for name in QUOTED.findall(text):
                for base in (ROOT, self._generated):
                    if (base / name).is_file():
                        found.append(base / name)
                        break
            self._direct[path] = (text, found)
        return self._direct[path]

    def files(self, start):
        seen, waiting = set(), [start]
        while waiting:
            path = waiting.pop()
            if path not in seen:
                seen.add(path)
                waiting += self._read(path)[1]
        return sorted(seen)

    def text(self, path):
        return self._read(path)[0]


def units(build, only, wide):
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    chosen = {}
    for entry in commands:
        path = pathlib.Path(os.path.normpath(os.path.join(entry["directory"], entry["file"])))
        if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in OURS:
            continue
        if only and path not in only:
            continue
        if not only and not wide and path.relative_to(ROOT).as_posix().startswith(WIDE):
            continue
        chosen.setdefault(path, entry.get("command") or shlex.join(entry["arguments"]))
    return chosen


def arguments_for(path):
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("tests/"):
        return [f"--checks={TEST_CHECKS}"]
    if name.startswith(ANALYSED):
        return [f"--checks={SOURCE_CHECKS}", *SHALLOW]
    return [f"--checks={SOURCE_CHECKS},-clang-analyzer-*"]


def fingerprint(closure, path, command, tool_version):
    digest = hashlib.sha256()
    parts = [tool_version, command, *arguments_for(path),
             (ROOT / ".clang-tidy").read_text(encoding="utf-8")]
    parts += [f"{file}\0{closure.text(file)}" for file in closure.files(path)]
    for part in parts:
        digest.update(part.encode("utf-8", "replace") + b"\0")
    return digest.hexdigest()


def clang_database(build, chosen):
    """compile_commands.json as clang accepts it."""
    directory = build / "tidy"
    directory.mkdir(exist_ok=True)
    entries = []
    for path, command in chosen.items():
        words = [w for w in shlex.split(command) if not w.startswith(GCC_ONLY)]
        launchers = [i for i, w in enumerate(words) if os.path.basename(w) in ("ccache", "sccache")]
        words = words[launchers[0] + 1:] if launchers else words
        # Precompiled headers are g++'s own; every source includes what it uses anyway.
        for i in reversed([i for i, w in enumerate(words) if "cmake_pch" in w]):
            del words[i - 1:i + 1]
        entries.append({"directory": str(build), "file": str(path), "arguments": words})
    (directory / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
    return directory


def run_one(tool, database, path, fix):
    folders = "|".join((*OURS, "bench"))
    command = [tool, "-p", str(database), "--quiet",
               f"--header-filter=^{re.escape(str(ROOT))}/({folders})/.*\\.h$",
               "--extra-arg=-Wno-unknown-warning-option", *arguments_for(path)]
    if fix:
        command.append("--fix")
    done = subprocess.run(command + [str(path)], capture_output=True, text=True)
    noise = re.compile(r"^\d+ warnings? (generated|treated)|^Suppressed |^Use -header-filter")
    text = "\n".join(l for l in (done.stdout + done.stderr).splitlines() if not noise.match(l))
    return done.returncode, text.strip()


def parse():
    parser = argparse.ArgumentParser(description="clang-tidy over the tree.")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--wide", action="store_true", help="tools and tests too")
    parser.add_argument("--all", action="store_true", help="forget what passed before")
    parser.add_argument("--fix", action="store_true", help="let clang-tidy repair; one at a time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    return parser.parse_args()


def main():
    arguments = parse()
    build = arguments.build.resolve()
    tool = clang_tidy()
    version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout
    chosen = units(build, {f.resolve() for f in arguments.files}, arguments.wide)
    if not chosen:
        sys.exit("tidy: nothing to check: configure first, or name files of the build")
    closure = Closure(build / "proto" / "gen")
    database = clang_database(build, chosen)
    prints = {p: fingerprint(closure, p, c, version) for p, c in chosen.items()}
    passed = database / "passed"
    if arguments.all and passed.exists():
        shutil.rmtree(passed)
    passed.mkdir(exist_ok=True)
    due = [p for p in sorted(chosen) if not (passed / prints[p]).exists()]
    print(f"tidy: {len(chosen)} files, {len(chosen) - len(due)} unchanged since they passed",
          flush=True)
    failed = 0
    # Two repairs of one header at a time would spoil it.
    jobs = 1 if arguments.fix else arguments.jobs
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {pool.submit(run_one, tool, database, p, arguments.fix): p for p in due}
        for number, run in enumerate(concurrent.futures.as_completed(runs), start=1):
            path = runs[run].relative_to(ROOT).as_posix()
            code, text = run.result()
            print(f"[{number}/{len(due)}] {path}{'' if code == 0 else ': FAILED'}", flush=True)
            if code != 0:
                failed += 1
                print(text, flush=True)
            elif not arguments.fix:
                (passed / prints[runs[run]]).touch()
    print(f"tidy: {failed} of {len(chosen)} files failed" if failed else "tidy: clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
