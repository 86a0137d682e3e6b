"""The sample configuration of the proxy in front of the gateway, as it is delivered: TLS, certificates of
banks, bounds and limits of rate.

Method: a real nginx on loopback with deploy/nginx-gateway.conf, in which only the addresses and the paths
of certificates are changed; the real gateway and core behind it.
"""

import pathlib
import shutil
import socket
import ssl
import subprocess
import unittest
import urllib.parse

from ladon_gateway import Answer, Gateway
from ladon_world import SOURCE, School, World, run, wait_until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
NAME = "pay.school.example"
DN = "CN=bank-desk,O=Bank"
FORM_BYTES_MAX = 8 * 1024
BURST = 100


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@unittest.skipUnless(NGINX, "nginx is not installed (./dev set-up check)")
class NginxTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(94)
        cls.addClassCleanup(cls.world.close)
        cls.world.server.config["contract"] = [{"name": "bank", "time_zone": "Europe/Moscow"}]
        cls.world.start()
        cls.child = School(cls.world).child()
        cls.gateway = Gateway(cls.world, [
            {"name": "bank", "protocol": "osmp", "path": "/osmp", "user": "", "password_file": "",
             "certificate_dn": DN}]).start()
        cls.addClassCleanup(cls.gateway.__exit__)
        cls.directory = pathlib.Path(cls.world.directory) / "nginx"
        cls.directory.mkdir()
        cls.certificate("pay", f"/CN={NAME}", ["-addext", f"subjectAltName=DNS:{NAME}"])
        cls.certificate("banks", "/CN=banks")
        cls.certificate("desk", "/O=Bank/CN=bank-desk", authority="banks")
        cls.certificate("stranger", "/O=Bank/CN=bank-desk")
        cls.port = free_port()
        cls.start_nginx()

    @classmethod
    def certificate(cls, name, subject, more=(), authority=None):
        """name.pem and name.key; authority: whose signature it has, its own without one."""
        base = str(cls.directory / name)
        signed = ["-CA", f"{cls.directory / authority}.pem", "-CAkey",
                  f"{cls.directory / authority}.key"] if authority else []
        run(shutil.which("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", subject, "-keyout", base + ".key", "-out",
            base + ".pem", *signed, *more)

    @classmethod
    def start_nginx(cls):
        site = (SOURCE / "deploy/nginx-gateway.conf").read_text(encoding="utf-8")
        for old, new in (("listen 443 ssl;", f"listen 127.0.0.1:{cls.port} ssl;"),
                         ("127.0.0.1:8080", cls.gateway.address),
                         ("/etc/ladon/tls", str(cls.directory)),
                         ("/var/log/nginx/ladon-gateway.log", str(cls.directory / "error.log"))):
            assert old in site, old
            site = site.replace(old, new)
        temp = "".join(f"{kind}_temp_path {cls.directory}/{kind};\n" for kind in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = cls.directory / "nginx.conf"
        config.write_text(
            f"daemon off;\npid {cls.directory}/pid;\nerror_log {cls.directory}/main.log;\n"
            f"events {{}}\nhttp {{\n{temp}{site}}}\n", encoding="utf-8")
        subprocess.run([NGINX, "-t", "-q", "-c", config], check=True, timeout=30)
        cls.process = subprocess.Popen([NGINX, "-c", config])
        cls.addClassCleanup(cls.stop_nginx)

        def serves():
            assert cls.process.poll() is None, "nginx ended"
            with socket.socket() as line:
                return line.connect_ex(("127.0.0.1", cls.port)) == 0

        wait_until(serves, "nginx to listen")

    @classmethod
    def stop_nginx(cls):
        cls.process.terminate()
        cls.process.wait(timeout=30)

    def tls(self, identity=None):
        context = ssl.create_default_context(cafile=str(self.directory / "pay.pem"))
        if identity:
            context.load_cert_chain(self.directory / f"{identity}.pem",
                                    self.directory / f"{identity}.key")
        return context

    def connect(self, identity=None, context=None):
        line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return (context or self.tls(identity)).wrap_socket(line, server_hostname=NAME)

    def check_request(self, headers=""):
        query = urllib.parse.urlencode({"command": "check", "txn_id": "1", "sum": "100.00",
                                        "account": self.child.payment_account})
        return (f"GET /osmp?{query} HTTP/1.1\r\nHost: {NAME}\r\n{headers}"
                "Connection: close\r\n\r\n").encode()

    @staticmethod
    def answer(line):
        """The answer's status and body."""
        data = b""
        while part := line.recv(65_536):
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body

    def send(self, request, identity=None):
        with self.connect(identity) as line:
            line.sendall(request)
            return self.answer(line)

    def code(self, reply):
        status, body = reply
        return status, Answer(status, {}, body, "osmp").code if b"<?xml" in body else None

    def test_a_bank_is_known_by_its_certificate_alone(self):
        self.assertEqual(self.code(self.send(self.check_request(), "desk")), (200, 0))
        forged = f"X-Client-Verify: SUCCESS\r\nX-Client-DN: {DN}\r\nX-Real-IP: 127.0.0.1\r\n"
        for identity in (None, "stranger"):
            for headers in ("", forged):
                status, body = self.send(self.check_request(headers), identity)
                self.assertIn(status, (400, 403), (identity, headers))
                self.assertNotIn(b"<result>0</result>", body)

    def test_tls_1_2_and_1_3_and_nothing_older(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.tls("desk")
            context.minimum_version = context.maximum_version = version
            with self.connect(context=context) as line:
                self.assertEqual(line.version(), version.name.replace("_", "."))
        old = self.tls("desk")
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(OSError):
            self.connect(context=old)

    def test_what_is_too_long_ends_at_the_proxy(self):
        form = b"x" * (FORM_BYTES_MAX + 1)
        status, _ = self.send(f"POST /osmp HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n"
                              f"Content-Length: {len(form)}\r\n\r\n".encode() + form, "desk")
        self.assertEqual(status, 413)
        status, _ = self.send(f"GET /osmp?{'x' * 9_000} HTTP/1.1\r\nHost: {NAME}\r\n"
                              "Connection: close\r\n\r\n".encode(), "desk")
        self.assertEqual(status, 414)

    def test_whoever_floods_is_told_503_and_a_bank_is_not(self):
        """Requests at once, more than burst: the limit is of requests, whatever they ask."""
        with self.connect() as line:
            count = 3 * BURST
            request = f"GET /nothing HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
            last = f"GET /nothing HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()
            line.sendall(request * (count - 1) + last)
            data = b""
            while part := line.recv(65_536):
                data += part
        statuses = [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]
        self.assertEqual(len(statuses), count)
        self.assertEqual(set(statuses), {404, 503})
        # Others of these tests have taken of the same limit a moment ago.
        self.assertGreater(statuses.count(404), BURST // 2)
        # Its own place is free again as time passes.
        wait_until(lambda: self.code(self.send(self.check_request(), "desk")) == (200, 0),
                   "the limit to let the bank in again")


if __name__ == "__main__":
    unittest.main()
