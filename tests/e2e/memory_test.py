"""Goal: the memory of a serving ladond holds no enrolled palm in the clear.

Method: palms are enrolled; the server is started anew and searched by strangers; every
readable byte of its process is then looked through for any 16 bytes of any enrolled template. The
same search finds them in this process, which knows them. Needs the right to read another process's
memory (root); skips loudly without.
"""

import unittest

from ladon_memory import found_in_memory, pieces_of
from ladon_palms import Palm
from ladon_world import School, World, refusal_of, wait_until

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
        try:
            seen, size = found_in_memory(self.world.server.process.pid, wanted)
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
