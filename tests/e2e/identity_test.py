"""Goal: nobody gets in who should not, and whoever is in may do exactly what the matrix says.

Method: a real ladond; certificates of every wrong kind, made by ladonctl where it makes them and
by the openssl program where it rightly refuses; every role against every RPC, expected from
server/access/access.matrix; older protocols and plaintext against the port. Each refusal stands
beside the same call that succeeds, so that it proves its own cause.
"""

import socket
import ssl
import unittest
import warnings

import grpc
from ladon_world import (CHANNEL_OPTIONS, Refusal, School, World, matrix_of_source, methods,
                         open_channel, read_identity, refusal_of, run)
from ladon_world import admin_service_pb2 as admin
from ladon_world import terminal_service_pb2 as terminal

SEED = 303
HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}
IDENTIFY = "/ladon.v1.TerminalService/Identify"
ROLES_OF_ONE_SCHOOL = ("terminal", "senior-cashier", "enroller", "school", "caterer")
ROLES_OF_ALL_SCHOOLS = ("sysadmin", "auditor", "municipality", "channel", "accountant", "courier",
                        "data-protection-officer", "security-admin")
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

world = None
school = None


def setUpModule():
    global world, school
    world = World(SEED).start()
    school = School(world)


def tearDownModule():
    world.close()


def call_once(channel, method=HEALTH, body=b""):
    """(answer, None) or (None, Refusal); the channel is closed afterwards."""
    with channel:
        try:
            return channel.unary_unary(method)(body, timeout=60), None
        except grpc.RpcError as error:
            return None, Refusal(error)


def uri(role, actor="22" * 16, of=None):
    of = school.school_id.hex() if of is None else of
    return f"URI.1=ladon://{of}/{role}/{actor}"


class HandshakeTest(unittest.TestCase):
    def assert_no_handshake(self, channel):
        answer, refusal = call_once(channel)
        self.assertIsNone(answer)
        self.assertEqual(refusal.code, grpc.StatusCode.UNAVAILABLE, refusal)

    def test_health_is_served_to_our_certificates(self):
        answer, _ = call_once(open_channel(world.server.address, school.till.identity))
        self.assertEqual(answer, SERVING)

    def test_no_client_certificate(self):
        ca, _, _ = read_identity(school.till.identity)
        self.assert_no_handshake(grpc.secure_channel(
            world.server.address, grpc.ssl_channel_credentials(ca), CHANNEL_OPTIONS))

    def test_certificate_of_another_authority(self):
        elsewhere = world.directory / "elsewhere"
        run("ladonctl", "pki", "init", "--dir", elsewhere)
        made = world.certificate([uri("terminal")], authority=elsewhere / "ca")
        self.assert_no_handshake(open_channel(world.server.address, made))

    def test_expired_and_not_yet_valid(self):
        good = world.certificate([uri("enroller")])
        answer, _ = call_once(open_channel(world.server.address, good))
        self.assertEqual(answer, SERVING)
        for days in ((-30, -1), (1, 30)):
            with self.subTest(days=days):
                made = world.certificate([uri("enroller")], days=days)
                self.assert_no_handshake(open_channel(world.server.address, made))

    def test_a_server_certificate_is_no_client(self):
        made = world.certificate([uri("enroller")], eku="serverAuth")
        self.assert_no_handshake(open_channel(world.server.address, made))
        self.assert_no_handshake(open_channel(world.server.address, world.pki / "server"))

    def test_a_client_does_not_accept_a_foreign_server(self):
        elsewhere = world.directory / "foreign"
        run("ladonctl", "pki", "init", "--dir", elsewhere)
        _, key, certificate = read_identity(school.till.identity)
        foreign_ca = (elsewhere / "ca/cert.pem").read_bytes()
        self.assert_no_handshake(grpc.secure_channel(
            world.server.address, grpc.ssl_channel_credentials(foreign_ca, key, certificate),
            CHANNEL_OPTIONS))

    def test_plaintext_is_not_spoken(self):
        self.assert_no_handshake(grpc.insecure_channel(world.server.address, CHANNEL_OPTIONS))
        host, port = world.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(64))
            self.assertNotIn(b"HTTP", self.read_to_end(plain))

    @staticmethod
    def read_to_end(connection):
        received = b""
        try:
            while chunk := connection.recv(4096):
                received += chunk
        except (ConnectionError, TimeoutError):
            pass
        return received

    def tls_version(self, version):
        """The version that a client offering only `version` agrees on with the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")  # Else this side would not even offer TLS 1.1.
        context.minimum_version = context.maximum_version = version
        context.load_verify_locations(school.till.identity / "ca.pem")
        context.load_cert_chain(school.till.identity / "cert.pem",
                                school.till.identity / "key.pem")
        context.set_alpn_protocols(["h2"])
        host, port = world.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as plain:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                return secure.version()

    def test_tls_1_2_and_1_3_and_nothing_older(self):
        self.assertEqual(self.tls_version(ssl.TLSVersion.TLSv1_3), "TLSv1.3")
        self.assertEqual(self.tls_version(ssl.TLSVersion.TLSv1_2), "TLSv1.2")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Old on purpose.
            for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
                with self.subTest(version), self.assertRaises((ssl.SSLError, ConnectionError)):
                    self.tls_version(version)


class PrincipalTest(unittest.TestCase):
    def test_a_made_certificate_with_a_good_principal_is_served(self):
        made = world.certificate([uri("enroller")])
        _, refusal = call_once(open_channel(world.server.address, made),
                               "/ladon.v1.EnrolmentService/ListSubjects")
        self.assertIsNone(refusal)

    def test_certificates_that_name_no_single_principal(self):
        of = school.school_id.hex()
        seen = set()
        for label, sans in (
                ("no name", []), ("DNS name only", ["DNS.1=till.example"]),
                ("two principals", [uri("terminal"), uri("sysadmin", of="-").replace(".1", ".2")]),
                ("a principal and a foreign URI",
                 [uri("enroller"), "URI.2=https://example.org/"]),
                ("unknown role", [uri("director")]), ("empty role", [uri("")]),
                ("role in capitals", [uri("Enroller")]),
                ("sysadmin of one school", [uri("sysadmin")]),
                ("auditor of one school", [uri("auditor")]),
                ("enroller of all schools", [uri("enroller", of="-")]),
                ("terminal of all schools", [uri("terminal", of="-")]),
                ("school too short", [uri("enroller", of=of[:-1])]),
                ("school of zeros", [uri("enroller", of="0" * 32)]),
                ("id too long", [uri("enroller", actor="2" * 33)]),
                ("id of zeros", [uri("enroller", actor="0" * 32)]),
                ("more path", [uri("enroller") + "/x"]), ("a query", [uri("enroller") + "?a=b"]),
                ("another scheme", [uri("enroller").replace("ladon:", "spiffe:")])):
            with self.subTest(label):
                made = world.certificate(sans)
                answer, refusal = call_once(open_channel(world.server.address, made),
                                            "/ladon.v1.EnrolmentService/ListSubjects")
                self.assertIsNone(answer)
                self.assertEqual((refusal.code.name, refusal.reason),
                                 ("UNAUTHENTICATED", "CLIENT_CERTIFICATE_INVALID"))
                seen.add((refusal.text, refusal.field, refusal.message_ru, refusal.message_en))
        self.assertEqual(len(seen), 1, "every such certificate hears the same")

    def identify(self, school_id, terminal_id):
        client = world.client(world.identity("terminal", school_id, terminal_id))
        return refusal_of(client.terminal.Identify,
                          terminal.IdentifyRequest(card=school.new_card()))

    def test_terminals_that_are_not_this_schools(self):
        other = School(world, name="Школа № 2")
        self.assertEqual(self.identify(school.school_id, school.terminal_id).reason,
                         "CARD_UNKNOWN")
        for label, school_id, terminal_id in (
                ("another school's terminal", school.school_id, other.terminal_id),
                ("our terminal under another school", other.school_id, school.terminal_id),
                ("never registered", school.school_id, b"\x55" * 16),
                ("school never made", b"\x66" * 16, school.terminal_id)):
            with self.subTest(label):
                refusal = self.identify(school_id, terminal_id)
                self.assertEqual((refusal.code.name, refusal.reason),
                                 ("PERMISSION_DENIED", "NOT_PERMITTED"))

    def test_people_of_a_school_that_does_not_exist(self):
        for role, method in (("enroller", "/ladon.v1.EnrolmentService/ListSubjects"),
                             ("senior-cashier", "/ladon.v1.AccountsService/GetBalance")):
            client = world.client(world.identity(role, b"\x66" * 16))
            _, refusal = call_once(client.channel, method)
            self.assertEqual(refusal.reason, "NOT_PERMITTED")

    def test_a_blocked_terminal_is_refused_on_its_open_connection(self):
        terminal_id = school.register_terminal("касса под замком")
        client = world.client(world.identity("terminal", school.school_id, terminal_id))

        def set_state(state):
            world.sysadmin.admin.SetTerminalState(admin.SetTerminalStateRequest(
                request_id=world.id(), terminal_id=terminal_id, state=state))

        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.TEA))
        set_state(admin.TERMINAL_STATE_BLOCKED)
        self.assertEqual(refusal_of(client.terminal.IdentifyAndDebit, sale).reason,
                         "NOT_PERMITTED")
        set_state(admin.TERMINAL_STATE_ACTIVE)
        self.assertFalse(client.terminal.IdentifyAndDebit(sale).replayed)

    def test_a_school_cannot_look_into_another(self):
        other = School(world, name="Школа № 3")
        for call, request in (
                (school.cashier.admin.ListTerminals, admin.ListTerminalsRequest),
                (school.cashier.admin.ListCaterers, admin.ListCaterersRequest),
                (school.till.admin.ListCaterers, admin.ListCaterersRequest)):
            call(request(school_id=school.school_id))
            refusal = refusal_of(call, request(school_id=other.school_id))
            self.assertEqual(refusal.reason, "NOT_PERMITTED")
        stranger = other.child(money=10_000, card=True)
        self.assertEqual(refusal_of(school.identify, card=stranger.card).reason, "CARD_UNKNOWN")


class MatrixTest(unittest.TestCase):
    def test_every_role_against_every_rpc(self):
        matrix = matrix_of_source()
        self.assertEqual(set(matrix), {f"/{service.full_name}/{method.name}"
                                       for service, method in methods()})
        other = School(world, name="Школа № 5")
        caterers = {school.school_id: school.caterer_id, other.school_id: other.caterer_id}
        clients = {}  # (role, whose): the same role from this school, from another, from all.
        for role in ROLES_OF_ONE_SCHOOL:
            for whose in (school, other):
                if role == "terminal":
                    clients[role, whose] = whose.till
                else:
                    actor = caterers[whose.school_id] if role == "caterer" else b""
                    clients[role, whose] = world.client(
                        world.identity(role, whose.school_id, actor))
        for role in ROLES_OF_ALL_SCHOOLS:
            clients[role, None] = world.client(world.identity(role))
        denials, wrong, granted = set(), [], 0
        for method, grants in matrix.items():
            self.assertTrue(grants, f"{method}: nobody may call it, or the table was misread")
            self.assertLessEqual(set(grants), {role for role, _ in clients})
            for (role, whose), client in clients.items():
                try:
                    client.raw(method, b"")
                    refusal = None
                except grpc.RpcError as error:
                    refusal = Refusal(error)
                    size = sum(len(key) + len(value) for key, value in error.trailing_metadata())
                denied = refusal is not None and refusal.code.name == "PERMISSION_DENIED"
                scope = grants.get(role)
                may = scope is not None and (scope == "all") >= (whose is None)
                if denied == may:
                    wrong.append(f"{role} {method}: {refusal or 'served'}")
                if denied:
                    denials.add((str(refusal), refusal.message_ru, refusal.message_en, size))
                else:
                    granted += 1
        self.assertEqual(wrong, [])
        self.assertGreater(granted, len(matrix))
        self.assertEqual(len(denials), 1, "every denial has the same code, text and size")

    def test_roles_that_must_not_meet_do_not(self):
        """Set-up and personal data, set-up and money, stand in no one role."""
        may = {}
        for method, grants in matrix_of_source().items():
            for role in grants:
                may.setdefault(role, set()).add(method.split("/")[1].split(".")[-1])
        self.assertEqual(may["sysadmin"], {"AdminService", "BackupService", "KeyService",
                                           "OperationService", "OutboxService"})
        self.assertEqual(may["auditor"], {"AuditService", "SecurityLogService"})
        self.assertNotIn("AccountsService", may["enroller"])
        self.assertNotIn("EnrolmentService", may["senior-cashier"])


class ReflectionTest(unittest.TestCase):
    @staticmethod
    def list_services(address):
        with open_channel(address, school.till.identity) as channel:
            ask = channel.stream_stream(REFLECTION)(iter([b"\x3a\x00"]), timeout=60)
            return next(ask)

    def test_off_unless_configured(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.list_services(world.server.address)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_on_when_configured(self):
        world.server.stop()
        world.server.config["server"]["reflection"] = True
        try:
            world.restart()
            self.assertIn(b"ladon.v1.TerminalService", self.list_services(world.server.address))
        finally:
            world.server.config["server"]["reflection"] = False
            world.server.stop()
            world.restart()


if __name__ == "__main__":
    unittest.main()
