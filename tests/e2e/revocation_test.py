"""Goal: a certificate that is revoked is cut off within a minute, on open connections and streams
too; one that is odd, weak or for another purpose never gets in; and an outside authority will do.

Method: the real ladond and ladonctl, the openssl program as the outside authority and for what
ladonctl does not make. The server looks at the lists by itself: every wait is for it to refuse, or
to tell its log.
"""

import functools
import os
import pathlib
import shutil
import socket
import ssl
import unittest

import grpc
from ladon_world import (Refusal, School, World, open_channel, refusal_of, run, wait_until)
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import audit_service_pb2 as audit
from ladon_world import audit_service_pb2_grpc as audit_grpc
from ladon_world import enrolment_service_pb2 as enrolment

SEED = 611
CUT_OFF_SECONDS_MAX = 60
STREAM_SECONDS_MAX = 300
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
# What the transport holds for a reader that does not read is little, and stays so.
SMALL_WINDOW = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
BATCH = 1_000
BATCHES = 8
EXPORTS_OF_ONE_MAX = 4

world = None
school = None
outside = None
crl = None


class OutsideAuthority:
    """An RSA root and an intermediate that issues, kept with the openssl program."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(mode=0o700)
        settings = self.directory / "openssl.cnf"
        settings.write_text(
            "[ca]\ndefault_ca=here\n[here]\n"
            f"database={self.directory}/index\ncrlnumber={self.directory}/number\n"
            f"certificate={self.directory}/cert.pem\nprivate_key={self.directory}/key.pem\n"
            "default_md=sha256\ndefault_crl_days=30\ncrl_extensions=list\n"
            "[list]\nauthorityKeyIdentifier=keyid\n"
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=unused\n"
            "[authority]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n"
            "keyUsage=critical,keyCertSign,cRLSign\n")
        self.settings = settings
        (self.directory / "index").touch()
        (self.directory / "number").write_text("01\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key",
                     "-out", "root.pem", "-days", 90, "-subj", "/CN=Outside root", "-config",
                     settings, "-extensions", "authority")
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                     "request.pem", "-subj", "/CN=Outside intermediate", "-config", settings)
        self.openssl("x509", "-req", "-in", "request.pem", "-CA", "root.pem", "-CAkey", "root.key",
                     "-out", "cert.pem", "-days", 60, "-extfile", settings, "-extensions",
                     "authority", "-set_serial", "0x77")

    def openssl(self, command, *arguments):
        files = ("root.key", "root.pem", "key.pem", "cert.pem", "request.pem", "crl.pem")
        run(shutil.which("openssl"), command,
            *(self.directory / each if each in files else each for each in arguments))

    def chain(self):
        return b"".join((self.directory / name).read_bytes() for name in ("cert.pem", "root.pem"))

    def revoke(self, identity):
        self.openssl("ca", "-config", self.settings, "-revoke", identity / "cert.pem",
                     "-crl_reason", "superseded")

    def list(self):
        self.openssl("ca", "-config", self.settings, "-gencrl", "-out", "crl.pem")
        return (self.directory / "crl.pem").read_bytes()


def put(lists):
    """As an operator does: the whole file at once."""
    fresh = crl.with_suffix(".new")
    fresh.write_bytes(lists)
    os.rename(fresh, crl)


def publish():
    put((world.pki / "ca/crl.pem").read_bytes() + outside.list())


def setUpModule():
    global world, school, outside, crl
    world = World(SEED)
    outside = OutsideAuthority(world.directory / "outside")
    trusted, crl = world.directory / "client-ca.pem", world.directory / "crl.pem"
    trusted.write_bytes((world.pki / "ca/cert.pem").read_bytes() + outside.chain())
    world.server.config["tls"] |= {"client_ca": str(trusted), "crl": str(crl)}
    publish()
    world.start()
    school = School(world)


def tearDownModule():
    world.close()


def uri(role="enroller", number=1):
    return f"URI.{number}=ladon://{school.school_id.hex()}/{role}/{'22' * 16}"


@functools.cache
def fill_the_journal():
    """So that an extract is longer than what the transport holds for a reader."""
    child = school.child()
    for _ in range(BATCHES):
        school.cashier.accounts.BatchTopUp(accounts.BatchTopUpRequest(requests=[
            accounts.TopUpRequest(request_id=world.id(), account_id=child.account_id,
                                  amount_kopecks=1) for _ in range(BATCH)]))


def list_subjects(client):
    return client.enrolment.ListSubjects(enrolment.ListSubjectsRequest())


def refused(client):
    """The refusal of a call that others of the role may make; None while it is served."""
    try:
        list_subjects(client)
        return None
    except grpc.RpcError as error:
        return Refusal(error)


def words(refusal):
    return (refusal.code, refusal.text, refusal.reason, refusal.field, refusal.message_ru,
            refusal.message_en)


class CutOffTest(unittest.TestCase):
    def assert_cut_off(self, client):
        refusal = wait_until(lambda: refused(client), "the certificate to be cut off",
                             CUT_OFF_SECONDS_MAX)
        self.assertEqual((refusal.code.name, refusal.reason),
                         ("PERMISSION_DENIED", "NOT_PERMITTED"))
        return refusal

    def desk(self):
        return world.client(world.identity("enroller", school.school_id))

    def test_calls_on_an_open_connection(self):
        lost, kept = self.desk(), self.desk()
        list_subjects(lost)
        world.revoke(lost.identity)
        publish()
        refusal = self.assert_cut_off(lost)
        denied = refusal_of(school.till.enrolment.ListSubjects, enrolment.ListSubjectsRequest())
        self.assertEqual(words(refusal), words(denied), "nothing tells it from any other denial")
        list_subjects(kept)
        lost.connect(world.server.address)
        self.assert_cut_off(lost)
        wait_until(lambda: "it is revoked" in world.server.log(), "the reason in the log")

    def test_an_open_stream(self):
        fill_the_journal()
        auditor = world.identity("auditor")
        with open_channel(world.server.address, auditor, SMALL_WINDOW) as channel:
            stub = audit_grpc.AuditServiceStub(channel)
            whole = list(stub.ExportExtract(audit.ExportExtractRequest(),
                                            timeout=STREAM_SECONDS_MAX))
            self.assertGreater(len(whole), 3, "too short to be cut off in the middle")
            stream = stub.ExportExtract(audit.ExportExtractRequest(), timeout=STREAM_SECONDS_MAX)
            pieces = [next(stream)]
            world.revoke(auditor)
            publish()

            def cut_off():
                try:
                    stub.GetCheckpoint(audit.GetCheckpointRequest(), timeout=60)
                except grpc.RpcError as error:
                    return Refusal(error)

            denied = wait_until(cut_off, "the auditor to be cut off", CUT_OFF_SECONDS_MAX)
            with self.assertRaises(grpc.RpcError) as caught:
                pieces += stream
            refusal = Refusal(caught.exception)
            # One that stands still because nobody reads is ended by whoever looks after streams, once
            # in a while: then there is no last word. Which of the two comes first is a matter of time.
            if refusal.code != grpc.StatusCode.CANCELLED:
                self.assertEqual(words(refusal), words(denied))
            self.assertLess(len(pieces), len(whole))

    def test_a_reader_that_stops_reading_loses_its_place(self):
        fill_the_journal()
        auditor = world.identity("auditor")
        with open_channel(world.server.address, auditor, SMALL_WINDOW) as channel:
            stub = audit_grpc.AuditServiceStub(channel)

            def opened():
                stream = stub.ExportExtract(audit.ExportExtractRequest(),
                                            timeout=STREAM_SECONDS_MAX)
                try:
                    next(stream)
                    return stream
                except grpc.RpcError as error:
                    self.assertEqual(Refusal(error).reason, "OVERLOADED")

            stalled = [opened() for _ in range(EXPORTS_OF_ONE_MAX)]
            self.assertNotIn(None, stalled)
            self.assertIsNone(opened(), "one principal does not take the places of all")
            other = world.client(world.identity("auditor"))
            self.assertTrue(list(other.audit.ExportExtract(audit.ExportExtractRequest())))
            wait_until(opened, "a place to be free again", CUT_OFF_SECONDS_MAX)
            with self.assertRaises(grpc.RpcError) as caught:
                list(stalled[0])
            self.assertEqual(caught.exception.code().name, "CANCELLED")

    def test_a_rotated_identity_works_and_the_old_one_ends(self):
        old = self.desk()
        list_subjects(old)
        for name, options in (("beside", ()), ("instead", ("--revoke-old",))):
            out = world.directory / f"rotated-{name}"
            run("ladonctl", "pki", "rotate", "--dir", world.pki, "--from", old.identity, "--out",
                out, *options)
            rotated = world.client(out)
            list_subjects(rotated)
            list_subjects(old)
        publish()
        self.assert_cut_off(old)
        list_subjects(rotated)

    def test_a_bad_file_leaves_the_last_list_in_force(self):
        lost = self.desk()
        world.revoke(lost.identity)
        good = (world.pki / "ca/crl.pem").read_bytes() + outside.list()
        put(good)
        self.assert_cut_off(lost)
        told = world.server.log().count("revocations_refused")
        for bad in (good[:len(good) // 3], outside.list(), b"", None):
            if bad is None:
                crl.unlink()
            else:
                put(bad)
            told += 1
            wait_until(lambda: world.server.log().count("revocations_refused") >= told,
                       "the refusal in the log", CUT_OFF_SECONDS_MAX)
            self.assertEqual(refused(lost).reason, "NOT_PERMITTED")
        self.assertIsNone(refused(school.desk))
        publish()

    def test_the_server_does_not_start_without_its_list(self):
        config = world.server.config_path.read_text().replace(str(crl), str(crl) + ".none")
        path = world.directory / "without.toml"
        path.write_text(config)
        done = run("ladond", "--config", path, "--check-config", check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("[tls] crl", done.stderr)


class OutsideAuthorityTest(unittest.TestCase):
    def test_its_certificates_work_until_it_revokes_them(self):
        desk = [uri().replace("22" * 16, f"{number:032x}") for number in (1, 2)]
        lost, kept = (world.client(world.certificate([each], authority=outside.directory))
                      for each in desk)
        list_subjects(lost)
        list_subjects(kept)
        outside.revoke(lost.identity)
        publish()
        wait_until(lambda: refused(lost), "the certificate to be cut off", CUT_OFF_SECONDS_MAX)
        list_subjects(kept)


class OddCertificateTest(unittest.TestCase):
    def test_refused_by_us_with_one_answer_and_a_reason_in_the_log(self):
        seen = set()
        for names, options, why in (
                ([uri(), "DNS.1=till.example"], {}, "beside the principal it names a DNS name"),
                ([uri(), "IP.1=192.0.2.7"], {}, "beside the principal it names an IP address"),
                ([uri(), "email.1=a@example.org"], {}, "it names an e-mail address"),
                ([uri(), uri(number=2)], {}, "it names more than one URI"),
                ([], {}, "it has no alternative name"),
                ([uri("director")], {}, "the role is not one of"),
                ([uri()], {"eku": None}, "it has no extended key usage")):
            with self.subTest(why):
                client = world.client(world.certificate(names, **options))

                def explained():
                    refusal = refused(client)
                    self.assertEqual((refusal.code.name, refusal.reason),
                                     ("UNAUTHENTICATED", "CLIENT_CERTIFICATE_INVALID"))
                    seen.add(words(refusal))
                    return why in world.server.log()

                wait_until(explained, "the reason in the log")
        self.assertEqual(len(seen), 1, "every such certificate hears the same")

    def speaks(self, identity):
        """Whether the server goes on speaking to a client that takes anything itself."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_verify_locations(identity / "ca.pem")
        context.load_cert_chain(identity / "cert.pem", identity / "key.pem")
        context.set_alpn_protocols(["h2"])
        host, port = world.server.address.rsplit(":", 1)
        try:
            with socket.create_connection((host, int(port)), timeout=60) as plain:
                with context.wrap_socket(plain, server_hostname=host) as secure:
                    secure.sendall(PREFACE)
                    return secure.recv(1) != b""
        except (ssl.SSLError, ConnectionError):
            return False

    def test_refused_by_the_handshake(self):
        self.assertTrue(self.speaks(world.certificate([uri()])))
        for label, options in (("SHA-1", {"digest": "sha1"}),
                               ("MD5", {"digest": "md5", "authority": outside.directory}),
                               ("RSA-1024", {"key": ("rsa:1024",)}),
                               ("a server's", {"eku": "serverAuth"}),
                               ("for mail", {"eku": "emailProtection"})):
            with self.subTest(label):
                self.assertFalse(self.speaks(world.certificate([uri()], **options)))
        wait_until(lambda: "handshake_refused" in world.server.log(), "the refusal in the log")
        self.assertIn("certificate verify failed", world.server.log())
        self.assertNotIn("ssl_transport_security", world.server.log(), "gRPC's own form")


if __name__ == "__main__":
    unittest.main()
