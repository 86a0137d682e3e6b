"""Finds commands and snippets in documents: shell fences, indented blocks, code in a line of prose,
comments of the files in deploy/.

A block is a shell's when its first line names a program of ours or one that our documents use; then
each of its lines is a command. An explanation stands behind three blanks at least.
"""

import dataclasses
import pathlib
import re
import shlex

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/*.md", "docs/adr/*.md",
             "docs/ru/*.md", "docs/ru/pack/*.md", "proto/README.md", "ledger/README.md",
             "ledger/proof/README.md", "matcher/README.md")
COMMENTED = ("deploy/*.toml", "deploy/Dockerfile", "deploy/*.service", "deploy/*.timer",
             "deploy/*.conf", "deploy/*.yaml", "deploy/compose/*", "deploy/prometheus/*.yml")
OURS = r"ladonctl|ladond|ladon-(?:audit|terminal|gateway|load|eval|demo)"
THEIRS = (r"systemctl|systemd-run|systemd-creds|journalctl|apt|apt-get|docker|promtool|install|mount|"
          r"umount|cd|cmp|export|sha256sum|cmake|gfcombine|iostat|nvme|hdparm|blkdiscard|shred|mv|cp|"
          r"sudo|python3|openssl|nginx|curl|dpkg|df|du")
PROGRAM = re.compile(rf"(?:[A-Z_]+=\S+ )*(?:\./dev|\.ci/run|\./build/\S+|{OURS}|{THEIRS})(?=\s|$)")
# In a comment without back quotes only what cannot be prose: a known noun, or an option.
BARE = re.compile(r"\b(?:ladonctl (?:audit|security|pki|keys|backup|access) [a-z-]+(?: --[a-z-]+)*"
                  r"|ladond(?: --[a-z-]+)+|promtool test rules \S+)")
EXPLAINED = re.compile(r"\s{3,}.*$")


@dataclasses.dataclass
class Command:
    file: str
    line: int
    text: str
    block: int = 0  # The line in which its block begins; 0: in prose or in a comment.

    @property
    def place(self):
        return f"{self.file}:{self.line}"

    @property
    def words(self):
        return words_of(self.text)


@dataclasses.dataclass
class Snippet:
    file: str
    line: int
    text: str


def words_of(text):
    """The words as a shell makes them, without options that say who asks and how it is printed."""
    words = shlex.split(text.replace("…", " ").replace(" ...", " "))
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word == "--identity":
            skip = True
        elif word != "--json":
            kept.append(word)
    return kept


def covers(run, mention):
    """Whether the words of a command that is run begin like a mention and have its options."""
    head = next((n for n, word in enumerate(mention) if word.startswith("--")), len(mention))
    return run[:head] == mention[:head] and set(mention[head:]) <= set(run)


def joined(lines):
    """(number, text): lines that end with a backslash with those behind them."""
    number, text = None, ""
    for n, line in lines:
        if number is None:
            number = n
        text += (" " if text else "") + line.strip().removesuffix("\\").rstrip()
        if not line.rstrip().endswith("\\"):
            yield number, text
            number, text = None, ""
    if number is not None:
        yield number, text


def blocks_of(text):
    """(language or None, [(number, line)]) of fences and indented blocks; then prose, blanked of them."""
    lines = text.split("\n")
    blocks, prose = [], []
    language, inside = None, None
    for n, line in enumerate(lines, start=1):
        if line.startswith("```"):
            if inside is None:
                language, inside = line[3:].strip(), []
            else:
                blocks.append((language, inside))
                inside = None
            prose.append("")
        elif inside is not None:
            inside.append((n, line))
            prose.append("")
        else:
            prose.append(line)
    at = 0
    while at < len(prose):
        if re.match(r" {4,}\S", prose[at]) and (at == 0 or not prose[at - 1].strip()):
            end = at
            while end < len(prose) and re.match(r" {4,}\S", prose[end]):
                end += 1
            blocks.append((None, [(n + 1, lines[n]) for n in range(at, end)]))
            if is_shell(None, blocks[-1][1]) or is_toml(None, blocks[-1][1]):
                prose[at:end] = [""] * (end - at)
            at = end
        else:
            at += 1
    return blocks, "\n".join(prose)


def is_shell(language, lines):
    if language == "text" or not lines:
        return False
    return language in ("sh", "bash", "shell", "console") or bool(PROGRAM.match(lines[0][1].strip()))


def is_toml(language, lines):
    return language == "toml" or (not language and bool(lines)
                                  and lines[0][1].strip().startswith("["))


def nouns_of(help_text):
    """The subcommands that a --help lists."""
    if "Subcommands:" not in help_text:
        return []
    listed = help_text.split("Subcommands:", 1)[1].split("\n\n")[0]
    return re.findall(r"^  ([a-z][a-z-]*)", listed, re.MULTILINE)


def in_prose(file, prose, verbs):
    """Code between back quotes that begins with a program, or with a noun and a verb of ladonctl."""
    for found in re.finditer(r"`([^`]+)`", prose):
        text = found.group(1)
        if "\n\n" in text or "/*" in text:
            continue
        text = " ".join(text.split())
        line = prose.count("\n", 0, found.start()) + 1
        words = text.split()
        if PROGRAM.match(text):
            if len(words) > 1 or re.match(rf"(?:{OURS}|\.ci/run|\./build/\S+)$", text):
                yield Command(file, line, text)
        elif len(words) > 1 and words[1] in verbs.get(words[0], ()):
            yield Command(file, line, "ladonctl " + text)


def of_document(file, text, verbs):
    """The commands and the TOML snippets of a Markdown document."""
    commands, snippets = [], []
    blocks, prose = blocks_of(text)
    for language, lines in blocks:
        if is_shell(language, lines):
            commands += [Command(file, n, EXPLAINED.sub("", one), lines[0][0])
                         for n, one in joined(lines) if one and not one.startswith("#")]
        elif is_toml(language, lines):
            snippets.append(Snippet(file, lines[0][0], "\n".join(line.strip() for _, line in lines)))
    commands += in_prose(file, prose, verbs)
    commands.sort(key=lambda one: one.line)
    return commands, snippets


def of_comments(file, text, verbs):
    """The commands that comments of a configuration name."""
    lines = text.split("\n")
    prose = "\n".join(line.lstrip("# ") if line.startswith("#") else "" for line in lines)
    found = list(in_prose(file, prose, verbs))
    indented = [(n, line[1:]) for n, line in enumerate(lines, start=1) if line.startswith("#   ")]
    found += [Command(file, n, one, n) for n, one in joined(indented) if PROGRAM.match(one)]
    bare = re.sub(r"`[^`]*`", lambda one: re.sub(r"[^\n]", "\x00", one.group(0)), prose)
    flat = bare.replace("\n", " ")
    for one in BARE.finditer(flat):
        found.append(Command(file, prose.count("\n", 0, one.start()) + 1,
                             " ".join(one.group(0).split())))
    return sorted(found, key=lambda one: one.line)


def everything(verbs):
    """{file: (commands, snippets)} of all documents. verbs: {noun of ladonctl: its verbs}."""
    found = {}
    for patterns, read in ((DOCUMENTS, of_document),
                           (COMMENTED, lambda *all: (of_comments(*all), []))):
        for pattern in patterns:
            for path in sorted(SOURCE.glob(pattern)):
                file = path.relative_to(SOURCE).as_posix()
                found[file] = read(file, path.read_text(encoding="utf-8"), verbs)
    return found
