"""Goal: backup, standby copy and root key are enough to have everything back, on a machine that has
nothing else; the drill says so when something is missing, and leaves nothing behind.

Method: the real ladond and ladonctl. The drill runs from copies of the three things alone, in a
directory of its own, whole and with each of them missing or spoilt. That the erased stay erased when an
old backup meets today's table is erasure_test.py.
"""

import json
import os
import pathlib
import shutil
import unittest

from ladon_palms import Palm
from ladon_world import School, World, mount_small_disk, run, wait_until
from ladon_world import key_service_pb2 as keys

SEED = 3_131
ROOM_MIB = 40  # Less than a store leaves free for itself.


class DrillTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED)
        cls.addClassCleanup(cls.world.close)
        cls.standby = cls.world.directory / "standby"
        cls.standby.mkdir(mode=0o700)
        cls.world.server.config["keys"]["standby"] = str(cls.standby)
        cls.world.start()
        cls.school = School(cls.world)
        cls.child = cls.school.child(money=1_000_000, card=True, palm=Palm(8))
        for _ in range(5):
            cls.school.till.terminal.IdentifyAndDebit(cls.school.sale(
                cls.child.card, cls.school.basket(School.SOUP)))
        run("ladonctl", "--server", cls.world.server.address, "--identity",
            cls.world.sysadmin.identity, "backup", "create")
        # The copy of the keys is behind by seconds at most.
        wait_until(cls.standby_is_current, "the standby's copy")

    def setUp(self):
        # Another machine: only these three things.
        self.bare = self.world.directory / "bare"
        shutil.rmtree(self.bare, ignore_errors=True)
        self.bare.mkdir(mode=0o700)
        shutil.copytree(self.world.directory / "backups", self.bare / "backups")
        shutil.copytree(self.standby, self.bare / "standby")
        shutil.copy(self.world.server.config["keys"]["root_key_file"], self.bare / "root.key")
        (self.bare / "scratch").mkdir(mode=0o700)

    @classmethod
    def standby_is_current(cls):
        return cls.world.sysadmin.keys.GetKeys(keys.GetKeysRequest()).standby_current

    def drill(self, *more, check=True):
        return run("ladonctl", "--json", "backup", "drill", "--backups", self.bare / "backups",
                   "--keys", self.bare / "standby", "--root-key", self.bare / "root.key",
                   "--calibration", self.world.server.config["matcher"]["calibration"],
                   "--scratch", self.bare / "scratch", *more, check=check)

    def test_three_things_are_enough(self):
        report = json.loads(self.drill().stdout)
        self.assertRegex(report["proof"], r"proved: the restored journal of \d+ entries extends")
        self.assertGreater(report["store_bytes"], 0)
        self.assertEqual(os.listdir(self.bare / "scratch"), [])

    def test_beside_a_server_at_work_by_its_configuration(self):
        done = run("ladonctl", "backup", "drill", "--config", self.world.server.config_path,
                   "--scratch", self.bare / "scratch")
        self.assertIn("The drill succeeded", done.stdout)
        self.school.till.terminal.IdentifyAndDebit(self.school.sale(
            self.child.card, self.school.basket(School.SOUP)))
        self.assertEqual(os.listdir(self.bare / "scratch"), [])

    def refused(self, words):
        done = self.drill(check=False)
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn("The restore drill failed", done.stdout)
        self.assertRegex(done.stdout, words)
        self.assertEqual(os.listdir(self.bare / "scratch"), [])

    def test_without_the_copy_of_the_keys(self):
        for path in (self.bare / "standby").iterdir():
            path.unlink()
        self.refused("holds no copy of the keys")

    def test_with_another_root_key(self):
        (self.bare / "root.key").unlink()
        run("ladonctl", "keys", "init", self.bare / "root.key")
        self.refused("root key")

    def test_a_damaged_backup(self):
        tables = [path for path in (self.bare / "backups").rglob("*.sst") if path.stat().st_size]
        spoilt = max(tables, key=lambda path: path.stat().st_size)
        data = bytearray(spoilt.read_bytes())
        data[len(data) // 2] ^= 1
        spoilt.write_bytes(bytes(data))
        self.refused("(?i)checksum|damaged|corrupt")

    def test_without_room_it_is_told_before_anything_is_copied(self):
        mount_small_disk(self, self.bare / "scratch", ROOM_MIB)
        self.refused(r"\d+ MB are needed and \d+ MB are free")

    def test_no_such_backup(self):
        done = self.drill("--number", "7", check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("7", done.stdout)

    def test_what_is_not_given_is_asked_for(self):
        done = run("ladonctl", "backup", "drill", "--backups", self.bare / "backups", check=False)
        if not pathlib.Path("/etc/ladon/ladond.toml").exists():
            self.assertEqual(done.returncode, 2)
            self.assertIn("Not given: --keys", done.stderr)


if __name__ == "__main__":
    unittest.main()
