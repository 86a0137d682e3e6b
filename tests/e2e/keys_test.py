"""Goal: the root key can be lost and made again from its shares, comes as a credential as well as in
a file, and a server that would write down what it must keep does not start.

Method: the real ladonctl and ladond; a directory in the place of systemd's credentials; the shares
put together once more by gfcombine of Debian's libgfshare-bin.
"""

import itertools
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from ladon_world import School, World, mode_of, run

SEED = 909
EXIT_CONFIGURATION = 2
EXIT_CANNOT_OPEN = 3


class RootKeyTest(unittest.TestCase):
    """One installation with a child in it, stopped."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED).start()
        cls.school = School(cls.world)
        cls.child = cls.school.child(money=33_300, card=True)
        cls.world.server.stop()
        cls.config = cls.world.server.config_path
        cls.key = cls.world.root_key
        cls.good = cls.key.read_bytes()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=self.world.directory))

    def check(self, config=None, **environment):
        return run("ladond", "--config", config or self.config, "--check-config", check=False,
                   env=environment)

    def refused(self, done, *patterns, code=EXIT_CANNOT_OPEN):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for pattern in patterns:
            self.assertRegex(done.stderr, pattern)

    def split(self):
        shares = self.directory / "shares"
        run("ladonctl", "keys", "split", "--root-key-file", self.key, "--out", shares)
        return sorted(shares.iterdir())

    def with_credential(self, name):
        text = self.config.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("root_key_file")]
        at = lines.index("[keys]")
        path = self.directory / "credential.toml"
        path.write_text("\n".join(lines[:at + 1] + [f'root_key_credential = "{name}"'] +
                                  lines[at + 1:]) + "\n", encoding="utf-8")
        return path

    def test_a_lost_key_is_made_again_from_three_shares(self):
        shares = self.split()
        self.assertEqual([mode_of(share) for share in shares], [0o400] * 5)
        self.key.unlink()
        try:
            self.refused(self.check(), "no root key here")
            two = run("ladonctl", "keys", "combine", "--out", self.key, *shares[:2], check=False)
            self.assertEqual(two.returncode, 2)
            self.assertFalse(self.key.exists())
            run("ladonctl", "keys", "combine", "--out", self.key, shares[4], shares[0], shares[2])
            self.assertEqual(mode_of(self.key), 0o400)
            self.world.restart()
            self.assertEqual(self.school.balance(self.child.account_id), 33_300)
            self.assertEqual(self.world.server.stop(), 0)
        finally:
            self.key.unlink(missing_ok=True)
            self.key.write_bytes(self.good)
            self.key.chmod(0o400)

    def test_shares_are_those_of_libgfshare(self):
        gfcombine = shutil.which("gfcombine")
        if gfcombine is None:
            self.skipTest("gfcombine is not installed (package libgfshare-bin)")
        raw = {}
        for share in self.split():
            fields = dict(line.split() for line in share.read_text().splitlines()[1:])
            raw[int(fields["number"])] = bytes.fromhex(fields["share"])
        for three in itertools.combinations(raw, 3):
            files = []
            for number in three:
                files.append(self.directory / f"key.{number:03}")
                files[-1].write_bytes(raw[number])
            out = self.directory / "raw"
            subprocess.run([gfcombine, "-o", out, *files], check=True, timeout=60)
            self.assertEqual(b"ladon root key 1\n" + out.read_bytes().hex().encode() + b"\n",
                             self.good)

    def test_the_key_as_a_credential(self):
        credentials = self.directory / "credentials"
        credentials.mkdir(mode=0o700)
        config = self.with_credential("ladon-root-key")
        self.refused(self.check(config), "was given no credentials", "LoadCredentialEncrypted=")
        self.refused(self.check(config, CREDENTIALS_DIRECTORY=str(credentials)),
                     "systemd gave no credential of this name")
        shutil.copy(self.key, credentials / "ladon-root-key")
        (credentials / "ladon-root-key").chmod(0o400)
        done = self.check(config, CREDENTIALS_DIRECTORY=str(credentials))
        self.assertEqual(done.returncode, 0, done.stderr)
        (credentials / "ladon-root-key").chmod(0o444)
        self.refused(self.check(config, CREDENTIALS_DIRECTORY=str(credentials)), "chmod 0400")
        self.refused(self.check(self.with_credential("../root.key")), r"line \d+",
                     "plain file name", code=EXIT_CONFIGURATION)

    def test_a_start_that_would_write_down_what_passes_is_refused(self):
        for name, value in (("SSLKEYLOGFILE", str(self.directory / "tls-keys")),
                            ("GRPC_TRACE", "http,api"), ("GRPC_TRACE", "all")):
            with self.subTest(name):
                self.refused(self.check(**{name: value}), f"{name} is set")
        self.assertFalse((self.directory / "tls-keys").exists())
        self.assertEqual(self.check().returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
