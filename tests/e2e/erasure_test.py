"""Goal: an erasure that the operator was told of comes to its end whatever happens to the server, and
then no backup, file or memory gives anything of the child back; everybody else is as before.

Method: the real ladond, killed with SIGKILL at moments that walk through the whole sequence; a
backup from before, put back four epochs later beside today's keys; files and memory searched.
"""

import json
import re
import shutil
import time
import unittest

from ladon_memory import found_in_memory, pieces_of
from ladon_palms import Palm
from ladon_world import School, World, refusal_of, run, wait_until
from ladon_world import approval_service_pb2 as approvals
from ladon_world import backup_service_pb2 as backups
from ladon_world import key_service_pb2 as keys
from ladon_world import subject_service_pb2 as subjects

SEED = 1_818
MONEY = 12_300
SURNAME = "Невспоминаева"
KILLS = 32
KILL_EVERY_SECONDS = 0.000_25  # The whole sequence takes a few milliseconds.
ROTATIONS = 4


class ErasureTest(unittest.TestCase):
    def setUp(self):
        self.world = World(SEED)
        self.addCleanup(self.world.close)
        self.world.start()
        self.school = School(self.world)
        self.officer = self.world.client(self.world.identity("data-protection-officer"))
        self.head = self.world.client(self.world.identity("school", self.school.school_id))
        self.admin = self.world.client(self.world.identity("security-admin"))

    def approved(self, child):
        """A request that needs only to be sent once more."""
        erase = subjects.EraseSubjectRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            subject_id=child.subject_id, reason=subjects.ERASURE_REASON_SUBJECT_DEMAND)
        needed = refusal_of(self.officer.subjects.EraseSubject, erase)
        self.assertEqual(needed.reason, "APPROVAL_NEEDED")
        waiting = {one.approval_id.hex(): one for one in self.head.approvals.ListApprovals(
            approvals.ListApprovalsRequest()).approvals}[needed.field]
        self.head.approvals.DecideApproval(approvals.DecideApprovalRequest(
            request_id=self.world.id(), approval_id=waiting.approval_id, grant=True,
            content_digest=waiting.content_digest))
        return erase

    def erasure_of(self, child):
        found = [one for one in self.officer.subjects.ListErasures(subjects.ListErasuresRequest(
            page_size=1000, done_too=True)).erasures if one.subject_id == child.subject_id]
        self.assertLessEqual(len(found), 1)
        return found[0] if found else None

    def wait_for(self, child, step):
        return wait_until(lambda: (one := self.erasure_of(child)) and one.step >= step and one,
                          "the erasure to come so far")

    def rotate(self):
        before = self.admin.keys.GetKeys(keys.GetKeysRequest()).epoch
        self.admin.keys.RotateEpoch(keys.RotateEpochRequest())
        wait_until(lambda: self.admin.keys.GetKeys(keys.GetKeysRequest()).epoch > before,
                   "a new epoch")

    def assert_forgotten(self, child):
        self.assertEqual(refusal_of(self.school.identify, card=child.card).reason, "CARD_UNKNOWN")
        if child.palm is not None:
            self.assertEqual(
                refusal_of(self.school.identify, probe=self.school.probe(child.palm)).reason,
                "PALM_NOT_RECOGNISED")
        export = subjects.ExportSubjectRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            subject_id=child.subject_id)
        self.assertEqual(refusal_of(self.officer.subjects.ExportSubject, export).reason,
                         "SUBJECT_UNKNOWN")

    def test_killed_at_any_moment_it_comes_to_its_end(self):
        stays = self.school.child("Остающийся", money=MONEY, card=True)
        last_told = []
        for kill in range(KILLS):
            child = self.school.child(SURNAME, money=MONEY, card=True)
            child.palm = None
            erase = self.approved(child)
            before = len(self.world.server.log())
            sent = self.officer.subjects._stub.EraseSubject.future(erase, timeout=60)
            time.sleep(kill * KILL_EVERY_SECONDS)  # The moment of the cut, not a wait for anything.
            self.world.server.kill()
            answered = sent.exception() is None
            told = re.findall(r'"event":"erasure".*"step":(\d)', self.world.server.log()[before:])
            last_told.append(int(told[-1]) if told else 0)
            self.world.restart()
            known = self.erasure_of(child)
            if answered:
                self.assertIsNotNone(known, "what was answered is never forgotten")
            self.officer.subjects.EraseSubject(erase)  # The same request, whatever came of it.
            self.wait_for(child, subjects.ERASURE_STEP_KEYS_DESTROYED)
            self.assert_forgotten(child)
            self.assertEqual(self.school.balance(child.account_id), 0)
            self.assertEqual(self.erasure_of(child).settled_kopecks, MONEY)
        self.assertLess(min(last_told), subjects.ERASURE_STEP_KEYS_DESTROYED,
                        "every kill came too late to cut anything")
        self.rotate()
        erased = self.officer.subjects.ListErasures(
            subjects.ListErasuresRequest(page_size=1000, done_too=True)).erasures
        self.assertEqual(len(erased), KILLS)
        for one in erased:
            wait_until(lambda id=one.erasure_id: self.officer.subjects.GetErasure(
                subjects.GetErasureRequest(erasure_id=id)).erasure.step ==
                       subjects.ERASURE_STEP_DONE, "the erasure to be done")
        self.assertTrue(self.school.identify(card=stays.card).payer.display_name)
        self.assertEqual(self.school.balance(stays.account_id), MONEY)
        self.world.server.stop()
        verified = run("ladonctl", "ledger", "verify", "--config", self.world.server.config_path)
        self.assertIn("verified", verified.stdout)

    def test_a_backup_four_rotations_old_brings_back_everybody_else(self):
        self.school.update(biometrics=True)
        gone = self.school.child(SURNAME, money=MONEY, card=True, palm=Palm(71))
        stays = self.school.child("Остающийся", money=MONEY, card=True, palm=Palm(72))
        made = json.loads(run("ladonctl", "--server", self.world.server.address, "--identity",
                              self.world.sysadmin.identity, "--json", "backup", "create").stdout)
        self.officer.subjects.EraseSubject(self.approved(gone))
        self.wait_for(gone, subjects.ERASURE_STEP_KEYS_DESTROYED)
        for _ in range(ROTATIONS):
            self.rotate()
        self.wait_for(gone, subjects.ERASURE_STEP_DONE)
        self.assert_forgotten(gone)

        # The store is lost; the keys are today's.
        self.world.server.stop()
        shutil.rmtree(self.world.directory / "store")
        config = self.world.server.config_path
        restored = run("ladonctl", "backup", "restore", "--config", config, "--number",
                       str(made["number"]))
        self.assertIn("erased_again", restored.stdout + restored.stderr)
        run("ladond", "--config", config, "--new-origin")
        self.world.restart()
        self.assert_nowhere(gone)  # Before anybody shows that palm to this process.
        self.assert_forgotten(gone)
        self.assertTrue(self.school.identify(card=stays.card).payer.display_name)
        self.assertTrue(
            self.school.identify(probe=self.school.probe(stays.palm)).payer.display_name)
        self.assertEqual(self.school.balance(stays.account_id), MONEY)
        self.world.server.stop()
        verified = run("ladonctl", "ledger", "verify", "--config", config)
        self.assertIn("verified", verified.stdout)

    def assert_nowhere(self, child):
        """Of its palm and name nothing lies open in files, backups or memory; who stays proves by
        card, palm and balance that the search looks at the right place."""
        pieces = pieces_of(child.palm.code()) | {SURNAME.encode(), SURNAME.encode("utf-16-le")}
        looked_at = 0
        for place in ("store", "keys", "backups"):
            for path in (self.world.directory / place).rglob("*"):
                if not path.is_file():
                    continue
                content = path.read_bytes()
                looked_at += len(content)
                for piece in pieces:
                    self.assertNotIn(piece, content, path)
        self.assertGreater(looked_at, 10_000)
        try:
            seen, size = found_in_memory(self.world.server.process.pid, pieces)
        except PermissionError:
            self.skipTest("this user may not read the memory of another process")
        self.assertEqual(seen, [])
        self.assertGreater(size, 10_000_000, "the process was not seen")


if __name__ == "__main__":
    unittest.main()
