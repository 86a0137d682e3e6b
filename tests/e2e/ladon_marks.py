"""Marks: texts and bytes that a test sends and that must not be found where it looks for them.

A mark is looked for in every form in which a program writes things down: UTF-8 and both UTF-16,
each raw, in hex, in base64 at all three alignments (both alphabets), in C escapes; texts also in
JSON and URL escapes. Long marks (palm codes) are found by any LONG_PIECE bytes of any form.
"""

import base64
import math
import os
import pathlib
import urllib.parse

WINDOW = 16
# Whatever holds so many bytes of a long mark's form holds an aligned window of it.
LONG_PIECE = 2 * WINDOW - 1
LONG_BYTES_MIN = 3 * WINDOW
CONTEXT = 24


def base64_cores(content):
    """The characters that base64 has for content at each of its three alignments, whatever stands
    before and behind it."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content)
        first, end = math.ceil(8 * before / 6), 8 * (before + len(content)) // 6
        yield f"base64+{before}", encoded[first:end]
        url = base64.urlsafe_b64encode(bytes(before) + content)
        yield f"base64url+{before}", url[first:end]


SHORT_ESCAPES = {byte: b"\\" + letter for byte, letter in zip(
    b"\n\r\t\"'\\", (b"n", b"r", b"t", b'"', b"'", b"\\"))}


def c_escaped(content, number):
    """number: the format of a byte that is not printable."""
    return b"".join(SHORT_ESCAPES.get(byte) or (
        bytes([byte]) if 0x20 <= byte < 0x7f else number % byte) for byte in content)


def forms_of_bytes(content):
    yield "raw", content
    yield "hex", content.hex().encode()
    yield "HEX", content.hex().upper().encode()
    yield "hex with colons", content.hex(":").encode()
    yield "hex with spaces", content.hex(" ").encode()
    for name, number in (("octal", b"\\%03o"), ("hex", b"\\x%02x")):
        escaped = c_escaped(content, number)
        yield f"{name} escapes", escaped
        yield f"{name} escapes in JSON", escaped.replace(b"\\", b"\\\\")
    yield from base64_cores(content)


def forms(mark):
    """(name, bytes) for every form of a mark, which is a str or bytes."""
    if isinstance(mark, bytes):
        yield from forms_of_bytes(mark)
        return
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        for name, form in forms_of_bytes(mark.encode(encoding)):
            yield f"{encoding} {name}", form
    escaped = "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in mark)
    yield "JSON escapes", escaped.encode()
    yield "JSON ESCAPES", escaped.upper().replace("\\U", "\\u").encode()
    yield "URL escapes", urllib.parse.quote(mark).encode()


class Search:
    """Looks for marks: str or bytes, short or long."""

    def __init__(self, marks):
        self._short, self._long = {}, {}
        for mark in marks:
            if isinstance(mark, bytes) and len(mark) >= LONG_BYTES_MIN:
                self._add_long(mark)
            else:
                label = mark if isinstance(mark, str) else mark.hex()
                for name, form in forms(mark):
                    self._short.setdefault(form, f"{label} ({name})")

    def _add_long(self, mark):
        label = f"{mark[:8].hex()}.. of {len(mark)} bytes"
        for name, form in forms(mark):
            for at in range(len(form) - WINDOW + 1):
                window = form[at:at + WINDOW]
                if len(set(window)) > 3:  # Runs of equal bytes are anybody's.
                    self._long.setdefault(window, f"{label} ({name})")

    def in_bytes(self, content, where):
        """A line for everything found."""
        found = []
        for form, label in self._short.items():
            at = content.find(form)
            if at >= 0:
                around = content[max(0, at - CONTEXT):at + len(form) + CONTEXT]
                found.append(f"{where} at {at}: {label} in {around!r}")
        for at in range(0, len(content) - WINDOW + 1, WINDOW):
            label = self._long.get(content[at:at + WINDOW])
            if label is not None:
                found.append(f"{where} at {at}: {label}")
                break
        return found

    def in_files(self, directory):
        """The same in every file below a directory, and in the files' names."""
        found, size = [], 0
        for folder, folders, names in os.walk(directory):
            for name in folders + names:
                found += self.in_bytes(os.fsencode(name), f"the name of {folder}/{name}")
            for name in names:
                path = pathlib.Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    content = path.read_bytes()
                    size += len(content)
                    found += self.in_bytes(content, str(path))
        return found, size
