"""Goal: the core speaks TLS 1.2 with authenticated ciphers and forward secrecy, or TLS 1.3, and nothing
older or weaker, with nobody who has no certificate of ours.

Method: real handshakes with OpenSSL's own client, each protocol and each cipher that this OpenSSL knows,
against a real ladond; a port scan of what it listens on.
"""

import re
import socket
import ssl
import subprocess
import unittest

from ladon_world import World
from ladon_world import admin_service_pb2 as admin

SEED = 5_353
SECONDS_MAX = 20
GOAWAY = 7  # RFC 9113 section 6.8
# RFC 9325 section 4.2, and RFC 8446.
ALLOWED_1_2 = re.compile(r"^ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)$")
ALLOWED_1_3 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED).start()
        cls.addClassCleanup(cls.world.close)
        cls.identity = cls.world.sysadmin.identity

    def shake(self, *arguments, certificate=True):
        """(protocol, cipher) of a handshake with `openssl s_client`, or None when it fails."""
        command = ["openssl", "s_client", "-connect", self.world.server.address, "-alpn", "h2",
                   "-CAfile", self.identity / "ca.pem", "-verify_return_error", *arguments]
        if certificate:
            command += ["-cert", self.identity / "cert.pem", "-key", self.identity / "key.pem"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=SECONDS_MAX)
        found = re.search(r"^New, (\S+), Cipher is (\S+)$", done.stdout, re.M)
        return (found[1], found[2]) if found and found[2] != "(NONE)" else None

    def ciphers(self, *arguments):
        told = subprocess.run(["openssl", "ciphers", "-s", *arguments], capture_output=True,
                              text=True, check=True).stdout.strip()
        return told.split(":") if told else []

    def test_protocols(self):
        self.assertEqual(self.shake("-tls1_3")[0], "TLSv1.3")
        self.assertEqual(self.shake("-tls1_2")[0], "TLSv1.2")
        # The client is willing; it is the server that is not.
        for old in ("-tls1_1", "-tls1"):
            self.assertIsNone(self.shake(old, "-cipher", "ALL:@SECLEVEL=0"), old)

    def test_every_cipher_of_tls_1_2(self):
        known = self.ciphers("-tls1_2", "ALL:eNULL:@SECLEVEL=0")
        self.assertGreater(len(known), 40)
        taken = [name for name in known
                 if self.shake("-tls1_2", "-cipher", f"{name}:@SECLEVEL=0")]
        self.assertTrue(taken)
        self.assertEqual([name for name in taken if not ALLOWED_1_2.match(name)], [])
        print(f"\nTLS 1.2: {len(taken)} of {len(known)} ciphers taken: {' '.join(taken)}")

    def test_every_cipher_of_tls_1_3(self):
        known = self.ciphers("-tls1_3")
        taken = {name for name in known
                 if name.startswith("TLS_") and self.shake("-tls1_3", "-ciphersuites", name)}
        self.assertTrue(taken)
        self.assertLessEqual(taken, ALLOWED_1_3)

    def test_nobody_without_a_certificate(self):
        context = ssl.create_default_context(cafile=self.identity / "ca.pem")
        context.set_alpn_protocols(["h2"])
        host, port = self.world.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=SECONDS_MAX) as raw:
            # With TLS 1.3 the refusal comes behind the handshake, with the first bytes.
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                with context.wrap_socket(raw, server_hostname="localhost") as secure:
                    secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                    while secure.recv(4096):
                        pass
                    raise ConnectionError("closed without a word")

    def test_a_connection_that_is_idle_is_closed(self):
        world = World(SEED + 1)
        self.addCleanup(world.close)
        world.server.config["server"]["idle_seconds_max"] = 1
        world.start()
        context = ssl.create_default_context(cafile=world.sysadmin.identity / "ca.pem")
        context.load_cert_chain(world.sysadmin.identity / "cert.pem",
                                world.sysadmin.identity / "key.pem")
        context.set_alpn_protocols(["h2"])
        host, port = world.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=SECONDS_MAX) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as secure:
                empty_settings = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
                secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + empty_settings)
                frames = b""
                while True:  # To its end, which the server makes: the socket has a limit of its own.
                    more = secure.recv(4096)
                    if not more:
                        break
                    frames += more
        kinds = []
        while len(frames) >= 9:
            kinds.append(frames[3])
            frames = frames[9 + int.from_bytes(frames[:3], "big"):]
        self.assertIn(GOAWAY, kinds)
        # Who comes again is served: the certificate is looked at anew.
        world.sysadmin.admin.ListSchools(admin.ListSchoolsRequest())

    def test_plain_text_is_not_answered(self):
        host, port = self.world.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=SECONDS_MAX) as raw:
            raw.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
            try:
                answer = raw.recv(4096)
            except ConnectionError:
                answer = b""
            self.assertNotIn(b"HTTP", answer)

    def test_one_port_and_nothing_else(self):
        inodes = set()
        for entry in subprocess.run(["ls", "-l", f"/proc/{self.world.server.process.pid}/fd"],
                                    capture_output=True, text=True).stdout.splitlines():
            inodes |= set(re.findall(r"socket:\[(\d+)\]", entry))
        listening = set()
        for table in ("tcp", "tcp6", "udp", "udp6"):
            with open(f"/proc/net/{table}", encoding="ascii") as file:
                for line in file.readlines()[1:]:
                    words = line.split()
                    if words[9] in inodes and (words[3] == "0A" or table.startswith("udp")):
                        listening.add(int(words[1].rsplit(":", 1)[1], 16))
        self.assertEqual(listening, {int(self.world.server.address.rsplit(":", 1)[1])})


if __name__ == "__main__":
    unittest.main()
