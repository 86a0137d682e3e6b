"""Goal: what is personal, biometric, a credential or a secret is nowhere but in answers to those
who may see it: in no log line, figure, error text, file of the store or a backup, nor in a core.

Method: a real ladond at level debug, with figures and backups. Marked names, cards, palms and
tokens go through every RPC of every service (canary_stage.py): in requests that are served, in ones
with one field spoilt or of nobody, in one from a caller without the right, in bytes that are no
message. Then everything that was said and written is searched in every form (ladon_marks.py), after
a core attempt and again after a restart. What is openly kept, a school's name, is found by the same
search.
"""

import base64
import binascii
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

from bad_input_stage import Stage
from canary_stage import (HIDDEN, HIDDEN_BYTES, HIDDEN_LATIN, OPEN, OPEN_LATIN, SEED, Story,
                          entries_elsewhere)
from ladon_marks import LONG_PIECE, Search, forms
from ladon_palms import Palm
from ladon_world import SERVICE_FILES, SOURCE, World, methods
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import types_pb2 as types

SAMPLE_FILE_BYTES = 100_003
ELSEWHERE_BYTES_MAX = 16 * 1024 * 1024

world = None
story = None
evidence = {}


def setUpModule():
    global world, story
    # A core would be written, were it not for ladond; into a directory that is searched.
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    world = World(SEED, metrics=True)
    world.server.config["contract"] = [Stage.CONTRACT]
    for name in ("working", "temporary"):
        (world.directory / name).mkdir()
    os.environ["TMPDIR"] = str(world.directory / "temporary")
    os.chdir(world.directory / "working")
    evidence["elsewhere before"] = entries_elsewhere()
    world.start()
    unittest.addModuleCleanup(world.close)
    story = Story(world)
    story.send_what_is_served()
    story.send_what_is_refused()
    story.back_up()
    evidence["figures"] = story.figures()
    evidence["open files"] = story.open_files()
    evidence["ended"] = story.abort()
    evidence["found after abort"] = Search(story.marks.hidden()).in_files(world.directory)
    world.restart()  # The store's log becomes tables.
    evidence["figures again"] = story.figures()
    evidence["exit code"] = world.server.stop()
    evidence["elsewhere"] = entries_elsewhere() - evidence["elsewhere before"]


def tearDownModule():
    os.chdir(SOURCE)


class SearchTest(unittest.TestCase):
    """The search finds what is there, written down by other code than its own."""

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=world.directory))
        self.draw = random.Random(SEED)

    def tearDown(self):
        for path in self.directory.iterdir():
            path.unlink()
        self.directory.rmdir()

    def found(self, marks, content):
        """content: planted in the midst of a file of random bytes."""
        noise = self.draw.randbytes(SAMPLE_FILE_BYTES)
        (self.directory / "file").write_bytes(noise + content + noise)
        found, size = Search(marks).in_files(self.directory)
        self.assertEqual(size, 2 * len(noise) + len(content))
        return found

    def test_finds_a_text_in_every_form(self):
        for mark in (HIDDEN, HIDDEN_LATIN):
            self.assertEqual(self.found([mark], b""), [])
            name = enrolment.SubjectName(family_name=mark)
            written = [str(name), json.dumps(mark), json.dumps(mark, ensure_ascii=False),
                       urllib.parse.quote(mark), repr(mark.encode())]
            written = [text.encode() for text in written] + [name.SerializeToString()]
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-16"):
                raw = mark.encode(encoding)
                written += [raw, binascii.hexlify(raw), binascii.hexlify(raw).upper()]
                for before in (b"", b"a", b"ab", b"abc"):
                    written += [base64.b64encode(before + raw + b"behind"),
                                base64.urlsafe_b64encode(before + raw + b"behind")]
            for content in written:
                self.assertTrue(self.found([mark], content), content)

    def test_finds_bytes_in_every_form(self):
        for mark in (HIDDEN_BYTES, b"\x04\xfb\xef\xbe\xff\x00\n", self.draw.randbytes(5)):
            self.assertEqual(self.found([mark], b""), [])
            card = types.Card(uid=mark)
            written = [str(card).encode(), repr(mark).encode(), card.SerializeToString(), mark,
                       binascii.hexlify(mark), binascii.hexlify(mark).upper(),
                       binascii.hexlify(mark, ":")]
            for before in (b"", b"a", b"ab", b"abc"):
                written += [base64.b64encode(before + mark + b"behind"),
                            base64.urlsafe_b64encode(before + mark + b"behind")]
            for content in written:
                self.assertTrue(self.found([mark], content), content)

    def test_finds_any_piece_of_a_palm_in_every_form(self):
        code = Palm("planted").code()
        self.assertEqual(self.found([code], Palm("another").code()), [])
        for name, form in forms(code):
            for at in (8, 301, len(form) // 2):
                self.assertTrue(self.found([code], form[at:at + LONG_PIECE]), name)

    def test_finds_a_mark_in_the_name_of_a_file(self):
        (self.directory / f"of {HIDDEN}").touch()
        self.assertTrue(Search([HIDDEN]).in_files(self.directory)[0])


class CanaryTest(unittest.TestCase):
    maxDiff = None  # Every place is told.

    def test_every_rpc_was_sent_served_and_refused(self):
        every = {f"{service.name}.{method.name}" for service, method in methods()}
        self.assertEqual(story.sent, every)
        self.assertEqual(story.refused, every)
        self.assertEqual(story.unserved, [])

    def test_every_service_of_the_contract_is_walked(self):
        files = {file.DESCRIPTOR.name for file in SERVICE_FILES}
        self.assertEqual(files, {f"ladon/v1/{path.name}" for path in
                                 (SOURCE / "proto/ladon/v1").glob("*_service.proto")})

    def test_marks_of_every_kind_were_sent(self):
        lengths = {len(mark) for mark in story.marks.sent}
        self.assertIn(7, lengths, "a card")
        self.assertIn(Stage.PIN.encode(), story.marks.sent, "a PIN")
        self.assertIn(len(Palm(1).code()), lengths, "a palm")
        self.assertTrue(any(32 < length <= 256 for length in lengths), "a token")

    def test_no_refusal_says_what_it_was_sent(self):
        self.assertGreater(len(story.said), 500)
        search = Search(story.marks.all())
        self.assertEqual([line for rpc, text in story.said
                          for line in search.in_bytes(text, f"a refusal of {rpc}")], [])

    def test_no_figure_holds_a_mark(self):
        search = Search(story.marks.all())
        for name in ("figures", "figures again"):
            self.assertIn(b"ladon_journal_entries", evidence[name])
            self.assertEqual(search.in_bytes(evidence[name], name), [])

    def test_no_file_holds_a_mark(self):
        found, size = evidence["found after abort"]
        self.assertEqual(found, [])
        self.assertGreater(size, 100_000)
        found, size = Search(story.marks.hidden()).in_files(world.directory)
        self.assertEqual(found, [])
        self.assertGreater(size, 100_000)

    def test_what_is_openly_kept_is_found_in_store_and_backups(self):
        for name in ("store", "backups"):
            for mark in (OPEN, OPEN_LATIN):
                self.assertTrue(Search([mark]).in_files(world.directory / name)[0], name)

    def test_the_log_tells_of_requests_without_what_is_of_a_person(self):
        lines = [json.loads(line) for line in world.server.log().splitlines()
                 if line.startswith("{")]
        calls = [line for line in lines if line["event"] == "call"]
        self.assertGreater(len(calls), 100)
        text = "".join(line["request"] for line in calls)
        for shown in ("<personal short>", "<biometric long>", "<credential short>",
                      "<secret medium>"):
            self.assertIn(shown, text)
        self.assertTrue(Search([OPEN]).in_bytes(world.server.log().encode(), "the log"))

    def test_nothing_is_written_elsewhere(self):
        self.assertEqual(list((world.directory / "temporary").iterdir()), [])
        self.assertEqual(list((world.directory / "working").iterdir()), [])
        home = str(world.directory) + "/"
        self.assertIn(home, "".join(evidence["open files"]))
        self.assertEqual([path for path in evidence["open files"]
                          if not path.startswith(home) or path.endswith(" (deleted)")], [])
        search, found = Search(story.marks.hidden()), []
        for path in evidence["elsewhere"]:  # Whoever made them: no marks in them.
            try:
                if path.is_file() and path.stat().st_size <= ELSEWHERE_BYTES_MAX:
                    found += search.in_bytes(path.read_bytes(), str(path))
            except OSError:
                continue  # Gone, or somebody else's.
        self.assertEqual(found, [])

    def test_an_abort_leaves_no_core(self):
        self.assertEqual(evidence["ended"].si_code, os.CLD_KILLED)
        self.assertEqual(evidence["exit code"], 0)

    def test_another_program_leaves_a_core_here(self):
        with tempfile.TemporaryDirectory(dir=world.directory) as directory:
            process = subprocess.Popen([sys.executable, "-c", "import os; os.abort()"],
                                       cwd=directory)
            ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            process.wait()
        if ended.si_code != os.CLD_DUMPED:
            self.skipTest("this system keeps no cores, so that ladond leaves none proves little")


if __name__ == "__main__":
    unittest.main()
