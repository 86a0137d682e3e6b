"""Goal: the memory of a serving ladond holds no enrolled palm in the clear.

Method: palms are enrolled; the server is started anew and searched by strangers; every
readable byte of its process is then looked through for any 16 bytes of any enrolled template. The
same search finds them in this process, which knows them. Needs the right to read another process's
memory (root); skips loudly without.
"""

import re
import unittest

from ladon_palms import Palm
from ladon_world import School, World, refusal_of, wait_until

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


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.world = World(seed=31)
        self.addCleanup(self.world.close)
        self.world.start()
        self.school = School(self.world)
        self.palms = [Palm(300 + number) for number in range(4)]
        self.children = [self.school.child(money=10_000, palm=palm) for palm in self.palms]

    def found(self):
        """What of the enrolled templates lies in the server's memory."""
        wanted = set()
        for child in self.children:
            wanted |= pieces_of(child.palm.code())
        self.assertGreater(len(wanted), 100)
        seen, size = [], 0
        try:
            for line, content in regions(self.world.server.process.pid):
                size += len(content)
                seen += [(line.strip(), piece) for piece in wanted if piece in content]
        except PermissionError:
            self.skipTest("this user may not read the memory of another process")
        self.assertGreater(size, 10_000_000, "the process was not seen")
        return seen

    def test_after_a_start_no_palm_lies_open(self):
        self.world.server.kill()
        self.world.restart()
        for number in range(10):  # Strangers: what they show is not what is enrolled.
            refusal = refusal_of(self.school.identify,
                                 probe=self.school.probe(Palm(900 + number)))
            self.assertEqual(refusal.reason, "PALM_NOT_RECOGNISED")
        self.assertEqual(self.found(), [])

    def test_after_enrolment_no_palm_lies_open(self):
        # The buffers of an open connection hold what came last until they are used again.
        self.school.desk.close()
        wait_until(lambda: not self.found(), "the palms to be gone from memory")


if __name__ == "__main__":
    unittest.main()
