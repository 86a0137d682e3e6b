"""Goal: the fifteen abuses of the threat model come to nothing. Method: each is tried against a real
ladond as whoever would try it, with real certificates over real sockets; beside every abuse stands
the same call made honestly, so that a refusal proves its own cause. One class a case; ctest runs
each as a test of its own.
"""

import concurrent.futures
import os
import pathlib
import shutil
import socket
import ssl
import threading
import unittest

import grpc
from ladon_palms import Palm
from ladon_world import (CHANNEL_OPTIONS, Refusal, School, World, date_of, matrix_of_source,
                         open_channel, read_identity, refusal_of, run, wait_until)
from ladon_world import access_service_pb2 as access
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import admin_service_pb2 as admin
from ladon_world import approval_service_pb2 as approval
from ladon_world import audit_service_pb2 as audit
from ladon_world import backup_service_pb2 as backups
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import security_service_pb2 as security
from ladon_world import subject_service_pb2 as subject
from ladon_world import terminal_service_pb2 as terminal
from ladon_world import types_pb2 as types

IDENTIFY = "/ladon.v1.TerminalService/Identify"


class AbuseCase(unittest.TestCase):
    config = {}
    metrics = False

    def setUp(self):
        self.world = World(seed=int(type(self).__name__[4:6]), metrics=self.metrics)
        for section, entries in self.config.items():
            self.world.server.config.setdefault(section, {}).update(entries)
        self.world.start()
        self.addCleanup(self.world.close)
        self.school = School(self.world)

    def events(self, **wanted):
        """Of the security log, as whoever watches it sees them."""
        watcher = self.world.client(self.world.identity("security-admin"))
        return watcher.security.ListSecurityEvents(
            security.ListSecurityEventsRequest(page_size=1_000, **wanted)).events

    def assert_denied(self, call, request):
        refusal = refusal_of(call, request)
        self.assertEqual((refusal.code, refusal.reason),
                         (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED"), refusal)
        return refusal


class Case01ReplayedDebit(AbuseCase):
    def test(self):
        """The captured bytes of a debit, on the same connection and on a new one, debit once."""
        child = self.school.child(money=10_000, card=True)
        sale = self.school.sale(child.card, self.school.basket(School.SOUP))
        first = self.school.till.terminal.IdentifyAndDebit(sale)
        self.assertFalse(first.replayed)
        again = self.school.till.terminal.IdentifyAndDebit(sale)
        fresh = self.world.client(self.school.till.identity)
        third = fresh.terminal.IdentifyAndDebit(sale)
        for answer in (again, third):
            self.assertTrue(answer.replayed)
            self.assertEqual(answer.transaction_id, first.transaction_id)
        token = self.school.identify(card=child.card).identification_token
        debit = terminal.DebitRequest(request_id=self.world.id(), identification_token=token,
                                      basket=self.school.basket(School.TEA))
        self.school.till.terminal.Debit(debit)
        stolen = terminal.DebitRequest(request_id=self.world.id(), identification_token=token,
                                       basket=self.school.basket(School.TEA), repeat_confirmed=True)
        self.assertEqual(refusal_of(fresh.terminal.Debit, stolen).reason, "TOKEN_ALREADY_USED")
        self.assertEqual(self.school.balance(child.account_id), 10_000 - 4_500 - 1_500)


class Case02ForeignTerminal(AbuseCase):
    def test(self):
        """Terminal A as terminal B, with another's token, account, caterer, debit."""
        other = School(self.world, name="Школа № 2")
        second_id = self.school.register_terminal("касса 2")
        second = self.world.client(self.world.identity("terminal", self.school.school_id, second_id))
        child = self.school.child(money=10_000, card=True)
        sale = self.school.sale(child.card, self.school.basket(School.SOUP))
        self.school.till.terminal.IdentifyAndDebit(sale)
        cancel = self.school.cancel(sale.request_id)
        cancel.terminal_id = self.school.terminal_id
        self.assertEqual(refusal_of(second.terminal.Cancel, cancel).field, "terminal_id")
        # Without the name it can only mean a debit of its own, which there is none of.
        cancel.terminal_id = b""
        self.assertTrue(second.terminal.Cancel(cancel).burnt)
        token = self.school.identify(card=child.card).identification_token
        debit = terminal.DebitRequest(request_id=self.world.id(), identification_token=token,
                                      basket=self.school.basket(School.TEA))
        self.assertEqual(refusal_of(second.terminal.Debit, debit).reason, "TOKEN_INVALID")
        self.assertEqual(refusal_of(other.till.terminal.Debit, debit).reason, "TOKEN_INVALID")
        self.school.till.terminal.Debit(debit)
        # Of the other school, from a till: its caterers, and a certificate that names the other
        # school with a terminal of this one.
        self.assert_denied(self.school.till.admin.ListCaterers,
                           admin.ListCaterersRequest(school_id=other.school_id))
        forged = self.world.client(
            self.world.identity("terminal", other.school_id, self.school.terminal_id))
        self.assert_denied(forged.terminal.Identify, terminal.IdentifyRequest(card=child.card))
        self.assertEqual(refusal_of(other.cashier.accounts.GetBalance, accounts.GetBalanceRequest(
            account_id=child.account_id)).reason, "ACCOUNT_UNKNOWN")
        # Each refused call is in the log, with the till and the certificate that made it.
        [tried] = self.events(actor_id=second_id, calls=["TerminalService/Debit"])
        self.assertEqual((tried.outcome, tried.role, len(tried.certificate_serial) > 0),
                         (security.SECURITY_OUTCOME_REFUSED, "terminal", True))
        [own] = self.events(actor_id=self.school.terminal_id, calls=["TerminalService/Debit"])
        self.assertEqual(own.outcome, security.SECURITY_OUTCOME_SUCCESS)
        self.assertNotEqual(own.certificate_serial, tried.certificate_serial)


class Case03BadCertificate(AbuseCase):
    def test(self):
        """Expired, for another use, of another authority, over too old a TLS: no handshake."""
        uri = f"URI.1=ladon://{self.school.school_id.hex()}/enroller/{'22' * 16}"
        request = b""
        good = self.world.certificate([uri])
        with open_channel(self.world.server.address, good) as channel:
            channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=60)
        foreign = self.world.directory / "foreign"
        run("ladonctl", "pki", "init", "--dir", foreign)
        for what in (dict(days=(-30, -1)), dict(eku="serverAuth"),
                     dict(authority=foreign / "ca")):
            with self.subTest(what=what):
                bad = self.world.certificate([uri], **what)
                with open_channel(self.world.server.address, bad) as channel:
                    with self.assertRaises(grpc.RpcError) as refused:
                        channel.unary_unary(IDENTIFY)(request, timeout=60)
                self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_the_floor_of_tls(self):
        host, port = self.world.server.address.rsplit(":", 1)
        ca, key, certificate = read_identity(self.school.till.identity)
        directory = self.world.directory
        for name, text in (("k.pem", key), ("c.pem", certificate), ("a.pem", ca)):
            (directory / name).write_bytes(text)
        for version, good in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.load_verify_locations(directory / "a.pem")
            context.load_cert_chain(directory / "c.pem", directory / "k.pem")
            context.set_alpn_protocols(["h2"])
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.maximum_version = version
            with socket.create_connection((host, int(port)), timeout=60) as plain:
                try:
                    with context.wrap_socket(plain) as secured:
                        spoken = secured.version() is not None
                except (ssl.SSLError, OSError):
                    spoken = False
            self.assertEqual(spoken, good, version)


class Case04ConcurrentDebits(AbuseCase):
    def test(self):
        """Sixteen tills, one purse: never below the limit, and the sums add up."""
        tills = []
        for number in range(16):
            terminal_id = self.school.register_terminal(f"касса {number + 10}")
            tills.append(self.world.client(
                self.world.identity("terminal", self.school.school_id, terminal_id)))
        child = self.school.child(money=20 * 1_500 + 700, card=True)

        def sell(client):
            sold = 0
            for _ in range(5):
                try:
                    client.terminal.IdentifyAndDebit(
                        self.school.sale(child.card, self.school.basket(School.TEA)))
                    sold += 1
                except grpc.RpcError as error:
                    if Refusal(error).reason != "INSUFFICIENT_FUNDS":
                        raise
            return sold

        with concurrent.futures.ThreadPoolExecutor(len(tills)) as pool:
            sold = sum(pool.map(sell, tills))
        self.assertEqual(sold, 20)
        self.assertEqual(self.school.balance(child.account_id), 700)
        self.school.statement(child.account_id)  # Every balance follows from the one before.
        self.world.server.stop()
        verified = run("ladond", "--config", self.world.server.config_path, "--verify-ledger")
        self.assertIn("verified", verified.stdout)


class Case05AmountAbuse(AbuseCase):
    def test(self):
        """Negative, zero, overflowing, beside the price list, with a wrong total: nothing is sold."""
        child = self.school.child(money=10_000, card=True)
        good = self.school.basket(School.SOUP)

        def changed(**what):
            basket = types.Basket()
            basket.CopyFrom(good)
            line = basket.lines[0]
            for name, value in what.items():
                setattr(basket if name == "total_kopecks" else line, name, value)
            if "total_kopecks" not in what:
                basket.total_kopecks = max(-(1 << 63), min((1 << 63) - 1, line.quantity *
                                                           line.unit_price_kopecks))
            return basket

        for basket in (changed(unit_price_kopecks=-4_500), changed(unit_price_kopecks=0),
                       changed(quantity=0), changed(quantity=100), changed(unit_price_kopecks=1),
                       changed(unit_price_kopecks=(1 << 63) - 1), changed(total_kopecks=1),
                       changed(total_kopecks=-4_500), changed(quantity=(1 << 32) - 1)):
            refusal = refusal_of(self.school.till.terminal.IdentifyAndDebit,
                                 self.school.sale(child.card, basket))
            self.assertIn(refusal.code, (grpc.StatusCode.INVALID_ARGUMENT,
                                         grpc.StatusCode.FAILED_PRECONDITION), refusal)
        for amount in (0, -1, 10_000_001, -(1 << 63), (1 << 63) - 1):
            refusal = refusal_of(self.school.top_up, child.account_id, amount)
            self.assertEqual(refusal.reason, "FIELD_INVALID")
        self.assertEqual(self.school.balance(child.account_id), 10_000)
        self.school.till.terminal.IdentifyAndDebit(self.school.sale(child.card, good))
        self.assertEqual(self.school.balance(child.account_id), 10_000 - 4_500)


class Case06ForgedCallbacks(AbuseCase):
    def test(self):
        """A payment channel's certificate credits nobody but through the channels' own calls."""
        channel = self.world.client(self.world.identity("channel"))
        child = self.school.child(money=10_000, card=True)
        self.assert_denied(channel.accounts.TopUp, accounts.TopUpRequest(
            request_id=self.world.id(), account_id=child.account_id, amount_kopecks=1_000))
        self.assert_denied(channel.terminal.IdentifyAndDebit,
                           self.school.sale(child.card, self.school.basket(School.SOUP)))
        granted = [rpc for rpc, roles in matrix_of_source().items() if "channel" in roles]
        for rpc in matrix_of_source():
            if rpc in granted:
                continue
            with self.assertRaises(grpc.RpcError) as refused:
                channel.raw(rpc, b"")
            self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED, rpc)
        self.assertEqual(self.school.balance(child.account_id), 10_000)


class Case07HillClimbing(AbuseCase):
    config = {"matcher": {"palm_misses_burst": 20, "palm_misses_per_minute": 1}}

    def test(self):
        """Probe after probe from one terminal: cut off, with no score to climb by, and an alarm."""
        palm = Palm("victim")
        self.school.child(money=10_000, palm=palm)
        refusals = set()
        for attempt in range(40):
            probe = self.school.probe(Palm(f"guess {attempt}"))
            refusal = refusal_of(self.school.identify, probe=probe)
            refusals.add((refusal.reason, refusal.field, refusal.text))
        self.assertEqual({reason for reason, _, _ in refusals},
                         {"PALM_NOT_RECOGNISED", "PALM_THROTTLED"})
        self.assertEqual(len(refusals), 2, "nothing in a refusal tells how near the guess was")
        self.assertIn("palms_throttled", self.world.server.log())
        alarms = lambda: self.events(calls=["process/missed-often"])
        wait_until(alarms, "the alarm")
        self.assertEqual({one.actor_id for one in alarms()}, {self.school.terminal_id})
        # The hand of the child itself waits too: the terminal is what is mistrusted, not the child.
        self.assertEqual(refusal_of(self.school.identify, probe=self.school.probe(palm)).reason,
                         "PALM_THROTTLED")


class Case08NearDuplicatePalms(AbuseCase):
    def test(self):
        """Two children within the margin: ambiguous, and nobody pays."""
        palm = Palm("twins")
        one = self.school.child(family="Первая", money=10_000, palm=palm)
        other = self.school.child(family="Вторая", money=10_000)
        self.school.consent(other, enrolment.CONSENT_KIND_PERSONAL_DATA)
        self.school.consent(other, enrolment.CONSENT_KIND_BIOMETRIC)
        self.assertEqual(refusal_of(self.school.enrol, other, palm).reason, "PALM_ALREADY_ENROLLED")
        second = self.world.client(self.world.identity("enroller", self.school.school_id))
        self.school.enrol(other, palm, desk=second, look_alike=True)
        sale = terminal.IdentifyAndDebitRequest(
            request_id=self.world.id(), probe=self.school.probe(palm),
            basket=self.school.basket(School.SOUP))
        self.assertEqual(refusal_of(self.school.till.terminal.IdentifyAndDebit, sale).reason,
                         "PALM_AMBIGUOUS")
        for child in (one, other):
            self.assertEqual(self.school.balance(child.account_id), 10_000)


class Case09SamePalmTwice(AbuseCase):
    def test(self):
        """One palm on two accounts takes a second person, and not the same one again."""
        palm = Palm("clerk")
        self.school.child(family="Первая", palm=palm)
        pupil = self.school.child(family="Вторая", money=10_000)
        self.school.consent(pupil, enrolment.CONSENT_KIND_PERSONAL_DATA)
        self.school.consent(pupil, enrolment.CONSENT_KIND_BIOMETRIC)
        self.assertEqual(refusal_of(self.school.enrol, pupil, palm).reason, "PALM_ALREADY_ENROLLED")
        # The clerk who was refused cannot be the second person.
        refusal = refusal_of(self.school.enrol, pupil, palm, look_alike=True)
        self.assertEqual(refusal.field, "look_alike")
        self.assertEqual(self.palms_of(pupil), 0)

    def palms_of(self, child):
        listed = self.school.desk.enrolment.ListSubjects(enrolment.ListSubjectsRequest())
        return {one.subject_id: one.palm_samples for one in listed.subjects}[child.subject_id]


class Case10NoConsent(AbuseCase):
    def test(self):
        """Without, with half of, with a withdrawn consent, after the 18th birthday, with biometrics
        off: no palm; the card works every time."""
        school, palm = self.school, Palm("child")
        child = school.child(money=100_000, card=True)

        def enrol():
            return refusal_of(school.enrol, child, palm).reason

        self.assertEqual(enrol(), "CONSENT_MISSING")
        school.consent(child, enrolment.CONSENT_KIND_PERSONAL_DATA)
        self.assertEqual(enrol(), "CONSENT_MISSING")
        school.consent(child, enrolment.CONSENT_KIND_BIOMETRIC)
        school.enrol(child, palm)
        school.identify(probe=school.probe(palm))
        officer = self.world.client(self.world.identity("data-protection-officer"))

        def born(day):
            officer.subjects.RectifySubject(subject.RectifySubjectRequest(
                request_id=self.world.id(), school_id=school.school_id,
                subject_id=child.subject_id, birth_date=date_of(day),
                name=enrolment.SubjectName(family_name="Петрова", given_name="Иван",
                                           class_name="11А")))

        today = school.today()
        born(today.replace(year=today.year - 18, day=min(today.day, 28)))
        self.assertEqual(refusal_of(school.identify, probe=school.probe(palm)).reason,
                         "CONSENT_MISSING")
        school.identify(card=child.card)
        born(today.replace(year=today.year - 10, day=min(today.day, 28)))
        school.identify(probe=school.probe(palm))
        school.update(biometrics=False)
        self.assertEqual(refusal_of(school.identify, probe=school.probe(palm)).reason,
                         "BIOMETRICS_OFF")
        self.assertEqual(enrol(), "BIOMETRICS_OFF")
        school.update(biometrics=True)
        school.desk.enrolment.WithdrawConsent(enrolment.WithdrawConsentRequest(
            request_id=self.world.id(), subject_id=child.subject_id,
            kind=enrolment.CONSENT_KIND_BIOMETRIC))
        self.assertEqual(refusal_of(school.identify, probe=school.probe(palm)).reason,
                         "PALM_NOT_RECOGNISED")
        self.assertEqual(enrol(), "CONSENT_MISSING")
        school.till.terminal.IdentifyAndDebit(school.sale(child.card, school.basket(School.SOUP)))
        bundled = enrolment.RecordConsentRequest(
            request_id=self.world.id(), subject_id=child.subject_id,
            kind=enrolment.CONSENT_KIND_BIOMETRIC,
            signer=enrolment.CONSENT_SIGNER_REPRESENTATIVE, form=enrolment.CONSENT_FORM_PAPER,
            document_sha256=bytes(range(32)), authority_checked=False,
            valid_from=date_of(today), valid_until=date_of(today))
        self.assertEqual(refusal_of(school.desk.enrolment.RecordConsent, bundled).reason,
                         "FIELD_INVALID", "unchecked authority")


class Case11WithdrawalRace(AbuseCase):
    def test(self):
        """Palms are shown without pause while the consent goes: none after the answer is served."""
        school, palm = self.school, Palm("withdrawn")
        child = school.child(money=1_000_000, palm=palm)
        withdrawn, stop = threading.Event(), threading.Event()
        late, served = [], []

        def show():
            while not stop.is_set():
                after = withdrawn.is_set()
                sale = terminal.IdentifyAndDebitRequest(
                    request_id=os.urandom(16), probe=school.probe(palm),
                    basket=school.basket(School.TEA), repeat_confirmed=True)
                try:
                    school.till.terminal.IdentifyAndDebit(sale)
                    (late if after else served).append(sale)
                except grpc.RpcError:
                    if after:
                        return

        threads = [threading.Thread(target=show) for _ in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(served) > 20, "sales before the withdrawal")
        school.desk.enrolment.WithdrawConsent(enrolment.WithdrawConsentRequest(
            request_id=self.world.id(), subject_id=child.subject_id,
            kind=enrolment.CONSENT_KIND_BIOMETRIC))
        withdrawn.set()
        for thread in threads:
            thread.join(60)
        stop.set()
        self.assertEqual(late, [])
        # What the books hold is what was served, or refused behind its back at most by the network.
        meals = [line for line in school.statement(child.account_id)
                 if line.kind == accounts.STATEMENT_KIND_MEAL]
        self.assertEqual(len(meals), len(served))
        self.assertEqual(school.balance(child.account_id), 1_000_000 - 1_500 * len(meals))
        self.assertEqual(refusal_of(school.identify, probe=school.probe(palm)).reason,
                         "PALM_NOT_RECOGNISED")


class Case12SwappedStore(AbuseCase):
    def test(self):
        """Yesterday's store in today's place is not served; today's, put back, is."""
        world, store = self.world, pathlib.Path(self.world.server.config["store"]["path"])
        child = self.school.child(money=10_000, card=True)
        world.server.stop()
        yesterday = world.directory / "yesterday"
        shutil.copytree(store, yesterday)
        world.restart()
        self.school.till.terminal.IdentifyAndDebit(
            self.school.sale(child.card, self.school.basket(School.SOUP)))
        auditor = world.client(world.identity("auditor"))
        auditor.audit.GetCheckpoint(audit.GetCheckpointRequest())
        world.server.stop()
        today = world.directory / "today"
        shutil.move(store, today)
        shutil.copytree(yesterday, store)
        with self.assertRaises(AssertionError) as refused:
            world.server.start()
        self.assertIn("checkpoint", str(refused.exception))
        shutil.rmtree(store)
        shutil.move(today, store)
        world.restart()
        self.assertEqual(self.school.balance(child.account_id), 10_000 - 4_500)


class Case13StolenDisk(AbuseCase):
    def test(self):
        """Store, backups and keys without the root key show no name and start nothing."""
        world = self.world
        mark = "Жёлудьмаркова"
        self.school.child(family=mark, card=True, palm=Palm("stolen"))
        world.sysadmin.backups.CreateBackup(
            backups.CreateBackupRequest())
        listing = backups.ListBackupsRequest()
        wait_until(lambda: world.sysadmin.backups.ListBackups(listing).backups, "a backup")
        world.server.stop()
        loot = world.directory / "loot"
        loot.mkdir()
        for part in ("store", "backups", "keys"):
            shutil.copytree(world.directory / part, loot / part)
        forms = (mark.encode(), mark.encode("utf-16-le"), mark.encode().hex().encode())
        for path in loot.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for form in forms:
                    self.assertNotIn(form, content, path)
        run("ladonctl", "keys", "init", loot / "root.key")
        world.server.config["keys"]["root_key_file"] = str(loot / "root.key")
        with self.assertRaises(AssertionError) as refused:
            world.server.start()
        self.assertIn("another installation", str(refused.exception))


class Case14Insider(AbuseCase):
    config = {}

    def test(self):
        """In bulk, for himself, to hide: each takes a second person, and leaves the ledger whole."""
        world, school = self.world, self.school
        officer, second = (world.client(world.identity("data-protection-officer")) for _ in "12")
        head = world.client(world.identity("school", school.school_id))
        child = school.child(money=10_000, card=True)
        export = lambda: subject.ExportSubjectRequest(
            request_id=world.id(), school_id=school.school_id, subject_id=child.subject_id)
        for _ in range(20):
            officer.subjects.ExportSubject(export())
        self.assertEqual(refusal_of(officer.subjects.ExportSubject, export()).reason,
                         "APPROVAL_NEEDED", "the twenty-first of a day")
        # A role for himself.
        first_admin, second_admin = (world.client(world.identity("security-admin")) for _ in "12")
        cashier = f"ladon://{school.school_id.hex()}/senior-cashier/{world.id().hex()}"
        grant = access.GrantRoleRequest(request_id=world.id(), principal_uri=cashier, holder="E-7")
        needed = refusal_of(first_admin.access.GrantRole, grant)
        self.assertEqual(needed.reason, "APPROVAL_NEEDED")
        self.assertEqual(self.decide(first_admin, needed.field).reason, "APPROVER_NOT_INDEPENDENT")
        self.assertIsNone(self.decide(second_admin, needed.field))
        first_admin.access.GrantRole(grant)
        sysadmin = access.GrantRoleRequest(request_id=world.id(), holder="E-7",
                                           principal_uri=f"ladon://-/sysadmin/{world.id().hex()}")
        self.assertEqual(refusal_of(first_admin.access.GrantRole, sysadmin).reason, "ROLES_APART")
        # Erasing the trace of a theft: two persons, and the money stays in the books.
        erase = subject.EraseSubjectRequest(
            request_id=world.id(), school_id=school.school_id, subject_id=child.subject_id,
            reason=subject.ERASURE_REASON_SUBJECT_DEMAND)
        needed = refusal_of(officer.subjects.EraseSubject, erase)
        self.assertEqual(needed.reason, "APPROVAL_NEEDED")
        self.assertIsNone(self.decide(head, needed.field))
        self.assertEqual(self.decide(second, needed.field).reason, "APPROVAL_DECIDED")
        erasure = officer.subjects.EraseSubject(erase).erasure.erasure_id
        step = lambda: officer.subjects.GetErasure(
            subject.GetErasureRequest(erasure_id=erasure)).erasure
        wait_until(lambda: step().step >= subject.ERASURE_STEP_KEYS_DESTROYED, "the erasure")
        self.assertEqual(step().settled_kopecks, 10_000)
        world.server.stop()
        self.assertIn("verified", run("ladond", "--config", world.server.config_path,
                                      "--verify-ledger").stdout)

    def decide(self, client, approval_hex):
        """None, or the refusal."""
        listed = client.approvals.ListApprovals(approval.ListApprovalsRequest(decided_too=True))
        known = {one.approval_id.hex(): one for one in listed.approvals}
        try:
            client.approvals.DecideApproval(approval.DecideApprovalRequest(
                request_id=self.world.id(), approval_id=bytes.fromhex(approval_hex), grant=True,
                content_digest=known[approval_hex].content_digest))
        except grpc.RpcError as error:
            return Refusal(error)
        return None


class Case15DenialOfService(AbuseCase):
    def test(self):
        """Oversized, broken and idle traffic keeps nobody from being served; a full disk stops the
        service and loses nothing. (A clock that steps: clock_test.py.)"""
        school = self.school
        child = school.child(money=10_000_000, card=True)
        honest = lambda: school.till.terminal.IdentifyAndDebit(
            school.sale(child.card, school.basket(School.TEA)))
        idle = []
        host, port = self.world.server.address.rsplit(":", 1)
        for _ in range(50):
            idle.append(socket.create_connection((host, int(port)), timeout=60))
        for body in (os.urandom(4096), bytes(600 * 1024), b"\x0a\xff\xff\xff\xff\x0f"):
            with self.assertRaises(grpc.RpcError):
                school.till.raw(IDENTIFY, body)
            honest()
        flood = open_channel(self.world.server.address, school.till.identity)
        calls = [flood.unary_unary(IDENTIFY).future(os.urandom(64), timeout=60)
                 for _ in range(2_000)]
        honest()
        for call in calls:
            self.assertIsNotNone(call.exception())
        flood.close()
        for connection in idle:
            connection.close()
        honest()
        # The disk is full: nothing that cannot be recorded is served.
        self.world.server.stop()
        self.world.start(file_bytes_max=3 << 20)
        with self.assertRaises(grpc.RpcError):
            for _ in range(6_000):
                honest()
        self.assertEqual(self.world.server.wait(), 4)
        self.world.restart()
        lines = school.statement(child.account_id)
        self.assertEqual(school.balance(child.account_id), lines[-1].balance_kopecks)
        honest()


if __name__ == "__main__":
    unittest.main()
