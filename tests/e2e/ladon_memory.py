"""What of a template lies in the memory of a process. Needs the right to read another process's memory
(root); without it reading raises PermissionError.
"""

import re

PIECE = 16


def regions(pid):
    """The readable bytes of a process, mapping by mapping."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            bounds = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if not bounds or "[vsyscall]" in line or "[vvar]" in line:
                continue
            first, last = (int(bound, 16) for bound in bounds.groups())
            try:
                memory.seek(first)
                yield line, memory.read(last - first)
            except (OSError, OverflowError):
                continue  # memfd_secret: not even root reads it.


def pieces_of(template):
    """Pieces that nothing holds by chance: no runs of equal bytes."""
    found = [template[at:at + PIECE] for at in range(4, len(template) - PIECE, PIECE)]
    return {piece for piece in found if len(set(piece)) > PIECE // 2}


def found_in_memory(pid, wanted):
    """(mapping, piece) of every piece that is there, and how many bytes were looked at."""
    seen, size = [], 0
    for line, content in regions(pid):
        size += len(content)
        seen += [(line.strip(), piece) for piece in wanted if piece in content]
    return seen, size
