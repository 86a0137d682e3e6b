"""The stage of every end-to-end test: a real ladond in a temporary directory, its certificates
and keys made by the real ladonctl, and typed stubs for every identity.

Paths come from the environment: LADON_BIN (directory of the binaries), LADON_STUBS (generated
stubs). Everything that waits, waits on a condition with a bound. Port 0, no network but loopback.
"""

import datetime
import faulthandler
import glob
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import zoneinfo

sys.path.insert(0, os.environ["LADON_STUBS"])
os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # Failed handshakes are what some tests want.
# An idle client hears at once that the server is going, not up to five seconds later.
os.environ.setdefault("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "50")

# A test that hangs says where, before ctest ends it without a word.
if "LADON_TEST_SECONDS_MAX" in os.environ:
    faulthandler.dump_traceback_later(int(os.environ["LADON_TEST_SECONDS_MAX"]) - 20, exit=True)

import grpc  # noqa: E402
from ladon.v1 import (access_service_pb2, access_service_pb2_grpc, accounts_service_pb2,
                      accounts_service_pb2_grpc, approval_service_pb2, approval_service_pb2_grpc,  # noqa: E402
                      admin_service_pb2, admin_service_pb2_grpc, audit_service_pb2,
                      audit_service_pb2_grpc, backup_service_pb2, backup_service_pb2_grpc,
                      channel_service_pb2, channel_service_pb2_grpc,
                      enrolment_service_pb2,
                      enrolment_service_pb2_grpc, errors_pb2, key_service_pb2, key_service_pb2_grpc,
                      officer_service_pb2, officer_service_pb2_grpc, operation_service_pb2,
                      outbox_service_pb2, outbox_service_pb2_grpc,
                      payment_service_pb2, payment_service_pb2_grpc,
                      operation_service_pb2_grpc, report_service_pb2,
                      report_service_pb2_grpc, security_service_pb2, security_service_pb2_grpc,
                      subject_service_pb2, subject_service_pb2_grpc,
                      terminal_service_pb2, terminal_service_pb2_grpc,
                      types_pb2)

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["LADON_BIN"])
SERVICE_FILES = (access_service_pb2, accounts_service_pb2, admin_service_pb2,
                 approval_service_pb2, audit_service_pb2, backup_service_pb2,
                 channel_service_pb2, enrolment_service_pb2, key_service_pb2, officer_service_pb2,
                 operation_service_pb2, outbox_service_pb2, payment_service_pb2, report_service_pb2,
                 security_service_pb2, subject_service_pb2, terminal_service_pb2)
START_SECONDS_MAX = 120
CALL_SECONDS_MAX = 60


def mount_small_disk(test, place, mebibytes):
    """A disk of that size at `place`, for as long as `test` runs; skipped where mounting is not permitted."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700", "tmpfs", place],
        capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        test.skipTest(f"no small disk tried: mounting is not permitted here "
                      f"({mounted.stderr.strip()})")
    test.addCleanup(subprocess.run, ["umount", "-l", str(place)], check=True)


def wait_until(condition, what, seconds_max=START_SECONDS_MAX):
    """Returns the first true value of condition(); fails after seconds_max."""
    end = time.monotonic() + seconds_max
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds_max} s in vain for {what}")
        time.sleep(0.01)


def lasting_address(draw):
    """Loopback and a port that is free now and stays so over restarts: none of those that the kernel
    gives to connections going out."""
    for _ in range(1000):
        port = draw.randrange(20_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return f"127.0.0.1:{port}"
    raise AssertionError("no port is free")


def midday_zone():
    """A time zone in which it is broad day now, and no midnight for six hours: no test runs across one,
    nor does a clock that is hours ahead."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for name in ("Asia/Tomsk", "Europe/Kaliningrad", "Asia/Kamchatka", "Atlantic/Azores",
                 "America/New_York", "Pacific/Honolulu"):
        if 6 <= now.astimezone(zoneinfo.ZoneInfo(name)).hour < 18:
            return name
    raise AssertionError("no time zone has day now")


def date_of(day):
    return types_pb2.Date(year=day.year, month=day.month, day=day.day)


# --- refusals --------------------------------------------------------------------------------


class Refusal:
    """What a refused call said: gRPC code, and the ErrorDetail out of grpc-status-details-bin."""

    def __init__(self, error):
        self.code = error.code()
        self.text = error.details()
        self.reason, self.field, self.message_ru, self.message_en = "", "", "", ""
        details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
        if details is None:
            return
        envelope = errors_pb2.RpcStatus.FromString(details)
        if envelope.code != self.code.value[0]:
            raise AssertionError(f"the detail says code {envelope.code}, the status {self.code}")
        detail = errors_pb2.ErrorDetail()
        if len(envelope.details) != 1 or not envelope.details[0].Unpack(detail):
            raise AssertionError("the status carries no single ErrorDetail")
        self.reason = errors_pb2.ErrorReason.Name(detail.reason).removeprefix("ERROR_REASON_")
        self.field, self.message_ru, self.message_en = (detail.field, detail.message_ru,
                                                        detail.message_en)

    def __str__(self):
        return f"{self.code.name} {self.reason} field='{self.field}' ({self.text})"


def refusal_of(call, *arguments, **named):
    """The refusal of a call that must be refused."""
    try:
        answer = call(*arguments, **named)
    except grpc.RpcError as error:
        return Refusal(error)
    raise AssertionError(f"the call was served, a refusal was expected: {answer}")


# --- programs --------------------------------------------------------------------------------


def run(program, *arguments, check=True, env=None, seconds_max=120, stdin=""):
    """Runs a binary of ours (or, with a slash, any) to its end; returns CompletedProcess."""
    path = program if "/" in str(program) else str(BIN / program)
    done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True,
                          timeout=seconds_max, input=stdin, env=clean_environment() | (env or {}))
    if check and done.returncode != 0:
        raise AssertionError(f"{path} {' '.join(map(str, arguments))} exited with "
                             f"{done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def clean_environment():
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("LADON_", "GRPC_"))
            and name.lower() not in ("http_proxy", "https_proxy")}
    return kept | {"LADON_LANG": "en"}


def toml_of(config):
    lines = []
    for section, tables in config.items():
        # A list is an array of tables.
        head = f"[[{section}]]" if isinstance(tables, list) else f"[{section}]"
        for entries in tables if isinstance(tables, list) else [tables]:
            lines.append(head)
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}"
                      for key, value in entries.items()]
    return "\n".join(lines) + "\n"


class Server:
    """One ladond process after another over the same directories."""

    def __init__(self, directory, config):
        self.directory = pathlib.Path(directory)
        self.config = config
        self.config_path = self.directory / "ladond.toml"
        self.log_path = self.directory / "ladond.log"
        self.process = None
        self.address = None

    def write_config(self):
        self.config_path.write_text(toml_of(self.config), encoding="utf-8")

    def start(self, file_bytes_max=None, env=None, arguments=()):
        """file_bytes_max: the largest file the process may write (RLIMIT_FSIZE), None = any.

        The log is such a file too: what a test looks for in it would not fit behind every call.
        """
        if file_bytes_max is not None:
            self.config["log"]["level"] = "info"
        self.write_config()
        port_file = pathlib.Path(self.config["server"]["port_file"])
        port_file.unlink(missing_ok=True)

        # setpriv and prlimit become the server: nothing of Python runs between fork and exec, where
        # a lock that another thread held (gRPC's) would be held for ever.
        # A test that is killed takes its server along.
        command = ["setpriv", "--pdeathsig", "KILL"]
        if file_bytes_max is not None:
            # Python ignores SIGXFSZ and hands that down (restore_signals): the write fails, EFBIG.
            command += ["prlimit", f"--fsize={file_bytes_max}:{file_bytes_max}"]
        command += [BIN / "ladond", "--config", self.config_path, *arguments]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL,
                                            env=clean_environment() | (env or {}),
                                            restore_signals=False)

        def serves():
            if self.process.poll() is not None:
                raise AssertionError(f"ladond ended with {self.process.returncode} instead of "
                                     f"serving:\n{self.log()[-3000:]}")
            return port_file.exists() and port_file.read_text().strip()

        self.address = wait_until(serves, "ladond to write its port file")
        return self.address

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.kill()
        self.wait()

    def wait(self):
        code = self.process.wait(timeout=START_SECONDS_MAX)
        self.process = None
        return code

    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")


class FakeClock:
    """The wall clock of a server, moved while it runs; the monotonic one stays true."""

    def __init__(self, directory, ahead_seconds=0):
        found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not found:
            raise unittest.SkipTest("libfaketime is not installed (./dev set-up)")
        self.file = pathlib.Path(directory) / "clock"
        self.set(ahead_seconds)
        self.env = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": str(self.file),
                    "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, ahead_seconds):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{ahead_seconds:+d}\n")
        os.rename(fresh, self.file)


# --- clients ---------------------------------------------------------------------------------

CHANNEL_OPTIONS = (("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0),
                   ("grpc.enable_http_proxy", 0))


def read_identity(directory):
    directory = pathlib.Path(directory)
    return tuple((directory / name).read_bytes() for name in ("ca.pem", "key.pem", "cert.pem"))


def open_channel(address, identity, options=()):
    ca, key, certificate = read_identity(identity)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(ca, key, certificate),
                               CHANNEL_OPTIONS + tuple(options))


class Timed:
    """A stub whose every call has a deadline unless the caller names one."""

    def __init__(self, stub):
        self._stub = stub

    def __getattr__(self, name):
        call = getattr(self._stub, name)

        def timed(request, timeout=CALL_SECONDS_MAX):
            return call(request, timeout=timeout)

        return timed


class Client:
    """All services as one identity sees them. connect() again after a restart."""

    def __init__(self, identity):
        self.identity = pathlib.Path(identity)
        self.channel = None

    def connect(self, address):
        self.close()
        self.channel = open_channel(address, self.identity)
        self.terminal = Timed(terminal_service_pb2_grpc.TerminalServiceStub(self.channel))
        self.operations = Timed(operation_service_pb2_grpc.OperationServiceStub(self.channel))
        self.enrolment = Timed(enrolment_service_pb2_grpc.EnrolmentServiceStub(self.channel))
        self.accounts = Timed(accounts_service_pb2_grpc.AccountsServiceStub(self.channel))
        self.admin = Timed(admin_service_pb2_grpc.AdminServiceStub(self.channel))
        self.audit = Timed(audit_service_pb2_grpc.AuditServiceStub(self.channel))
        self.channels = Timed(channel_service_pb2_grpc.ChannelServiceStub(self.channel))
        self.payments = Timed(payment_service_pb2_grpc.PaymentServiceStub(self.channel))
        self.outbox = Timed(outbox_service_pb2_grpc.OutboxServiceStub(self.channel))
        self.backups = Timed(backup_service_pb2_grpc.BackupServiceStub(self.channel))
        self.access = Timed(access_service_pb2_grpc.AccessServiceStub(self.channel))
        self.approvals = Timed(approval_service_pb2_grpc.ApprovalServiceStub(self.channel))
        self.keys = Timed(key_service_pb2_grpc.KeyServiceStub(self.channel))
        self.officer = Timed(officer_service_pb2_grpc.OfficerServiceStub(self.channel))
        self.subjects = Timed(subject_service_pb2_grpc.SubjectServiceStub(self.channel))
        self.reports = Timed(report_service_pb2_grpc.ReportServiceStub(self.channel))
        self.security = Timed(security_service_pb2_grpc.SecurityLogServiceStub(self.channel))
        return self

    def stub(self, service):
        return {"TerminalService": self.terminal, "OperationService": self.operations,
                "EnrolmentService": self.enrolment, "AccountsService": self.accounts,
                "AdminService": self.admin, "AuditService": self.audit,
                "BackupService": self.backups, "ChannelService": self.channels, "PaymentService": self.payments,
                "OutboxService": self.outbox,
                "AccessService": self.access,
                "ApprovalService": self.approvals, "KeyService": self.keys,
                "OfficerService": self.officer, "SubjectService": self.subjects,
                "ReportService": self.reports, "SecurityLogService": self.security}[service]

    def raw(self, method, body, timeout=CALL_SECONDS_MAX):
        """Sends bytes to '/ladon.v1.Service/Method' and returns the bytes of the answer."""
        return self.channel.unary_unary(method)(body, timeout=timeout)

    def close(self):
        if self.channel is not None:
            self.channel.close()
            self.channel = None


# --- the world -------------------------------------------------------------------------------


class World:
    """An authority, keys, a configuration and a server; close() ends and removes all of it."""

    def __init__(self, seed, store=None, metrics=False):
        """metrics: whether the metrics port is open; closing it takes the server two seconds."""
        self.draw = random.Random(seed)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ladon-e2e-"))
        self.pki = self.directory / "pki"
        run("ladonctl", "pki", "init", "--dir", self.pki)
        self.root_key = self.directory / "root.key"
        run("ladonctl", "keys", "init", self.root_key)
        self.server = Server(self.directory, {
            "server": {"listen": "127.0.0.1:0", "port_file": str(self.directory / "port"),
                       "reflection": False},
            "tls": {"certificate": str(self.pki / "server/cert.pem"),
                    "private_key": str(self.pki / "server/key.pem"),
                    "client_ca": str(self.pki / "server/ca.pem")},
            "store": {"path": str(store or self.directory / "store"), "create": True},
            "backup": {"directory": str(self.directory / "backups")},
            "keys": {"root_key_file": str(self.root_key),
                     "directory": str(self.directory / "keys")},
            # Tests of refusals make many, from one address; watch_test.py sets its own.
            "access": {"denied_burst": 0},
            "matcher": {"calibration": str(SOURCE / "deploy/calibration.json")},
            "metrics": {"listen": "127.0.0.1:0" if metrics else "",
                        "port_file": str(self.directory / "metrics-port") if metrics else ""},
            "log": {"level": "debug", "file": ""},
        })
        self._clients = []
        self._sysadmin = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, **options):
        try:
            address = self.server.start(**options)
        except BaseException:
            self.close()  # Nobody holds this world yet, or nobody can go on with it.
            raise
        for client in self._clients:
            client.connect(address)
        return self

    def restart(self):
        """After a kill() or stop()."""
        return self.start()

    def close(self):
        for client in self._clients:
            client.close()
        if self.server.running():
            self.server.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def id(self):
        return self.draw.randbytes(16)

    def identity(self, role, school=b"", actor=b""):
        """A new identity directory from `ladonctl pki issue`."""
        out = self.directory / f"identity-{role}-{self.draw.randbytes(4).hex()}"
        arguments = ["pki", "issue", "--dir", self.pki, "--role", role, "--out", out]
        if school:
            arguments += ["--school", school.hex()]
        if actor:
            arguments += ["--id", actor.hex()]
        run("ladonctl", *arguments)
        return out

    def client(self, identity):
        client = Client(identity)
        self._clients.append(client)
        if self.server.running():
            client.connect(self.server.address)
        return client

    @property
    def sysadmin(self):
        if self._sysadmin is None:
            self._sysadmin = self.client(self.identity("sysadmin"))
        return self._sysadmin

    def revoke(self, identity, reason="keyCompromise"):
        """`ladonctl pki revoke`; the list lies in pki/ca/crl.pem."""
        run("ladonctl", "pki", "revoke", "--dir", self.pki, "--certificate",
            pathlib.Path(identity) / "cert.pem", "--reason", reason)

    def certificate(self, sans, extra=(), days=(-1, 30), authority=None, eku="clientAuth",
                    key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), digest="sha256"):
        """A client identity made by the openssl program, for what ladonctl refuses to make.

        sans: lines of a subjectAltName section; days: validity from today, both ends; eku: None for
        no extended key usage; key: what `openssl req -newkey` is told; authority: a directory with
        cert.pem and key.pem.
        """
        authority = authority or self.pki / "ca"
        out = self.directory / f"made-{self.draw.randbytes(4).hex()}"
        out.mkdir(mode=0o700)
        names = "\n".join(sans)
        alt = f"subjectAltName=@names\n[names]\n{names}\n" if sans else ""
        usage = f"extendedKeyUsage={eku}\n" if eku else ""
        settings = out / "openssl.cnf"
        settings.write_text(
            "[ca]\ndefault_ca=here\n[here]\n"
            f"new_certs_dir={out}\ndatabase={out}/index\nserial={out}/serial\ndefault_md={digest}\n"
            "policy=any\nunique_subject=no\n[any]\ncommonName=supplied\n"
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=made\n"
            "[client]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            f"{usage}{alt}")
        (out / "index").touch()
        (out / "serial").write_text(self.draw.randbytes(15).hex().replace("0", "1", 1) + "\n")
        now = datetime.datetime.now(datetime.timezone.utc)
        begin, end = ((now + datetime.timedelta(days=day)).strftime("%Y%m%d%H%M%SZ")
                      for day in days)
        openssl = shutil.which("openssl")
        run(openssl, "req", "-new", "-newkey", *key, "-nodes", "-keyout", out / "key.pem", "-out",
            out / "request.pem", "-config", settings)
        run(openssl, "ca", "-batch", "-notext", "-config", settings, "-extensions", "client",
            "-cert", authority / "cert.pem", "-keyfile", authority / "key.pem", "-in",
            out / "request.pem", "-out", out / "cert.pem", "-startdate", begin, "-enddate", end,
            *extra)
        shutil.copy(self.pki / "ca/cert.pem", out / "ca.pem")
        return out


def today_in(zone):
    return datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()


class Child:
    """A subject with what tests need to remember about it."""

    def __init__(self, subject):
        self.subject_id = subject.subject_id
        self.payment_account = subject.payment_account
        self.purses = {purse.purse: purse.account_id for purse in subject.purses}
        self.account_id = self.purses[types_pb2.PURSE_MAIN]
        self.card = None
        self.palm = None


class School:
    """A school with a caterer, a price list of today, a till, a desk and a senior cashier."""

    SOUP, TEA, FULL_LUNCH = 0, 1, 2

    def __init__(self, world, **settings):
        self.world = world
        self.zone = settings.get("time_zone", midday_zone())
        merged = dict(name="Школа № 1", time_zone=self.zone, biometrics=True,
                      biometrics_document_id="ORDER-1", show_balance_at_till=True,
                      low_money_kopecks=10_000, free_amount_max_kopecks=50_000,
                      unknown_liveness_max_kopecks=30_000, cancel_window_seconds=600)
        self.settings = admin_service_pb2.SchoolSettings(**(merged | settings))
        admin = world.sysadmin.admin
        school = admin.CreateSchool(admin_service_pb2.CreateSchoolRequest(
            request_id=world.id(), settings=self.settings)).school
        self.school_id = school.school_id
        self.caterer_id = admin.CreateCaterer(admin_service_pb2.CreateCatererRequest(
            request_id=world.id(), school_id=self.school_id, name="Столовая")).caterer.caterer_id
        self.items = [admin_service_pb2.PriceListItem(item_id=world.id(), category=category,
                                                      name=name, unit_price_kopecks=price)
                      for category, name, price in ((10, "Суп", 4_500), (20, "Чай", 1_500),
                                                    (30, "Комплексный обед", 35_000))]
        admin.PutPriceList(admin_service_pb2.PutPriceListRequest(
            request_id=world.id(), price_list=admin_service_pb2.PriceList(
                caterer_id=self.caterer_id, valid_from=date_of(self.today()), items=self.items)))
        self.terminal_id = self.register_terminal("касса 1")
        self.till = world.client(world.identity("terminal", self.school_id, self.terminal_id))
        self.desk = world.client(world.identity("enroller", self.school_id))
        self.cashier = world.client(world.identity("senior-cashier", self.school_id))

    def today(self):
        return today_in(self.zone)

    def register_terminal(self, label):
        return self.world.sysadmin.admin.RegisterTerminal(
            admin_service_pb2.RegisterTerminalRequest(
                request_id=self.world.id(), school_id=self.school_id,
                label=label)).terminal.terminal_id

    def update(self, **settings):
        changed = admin_service_pb2.SchoolSettings()
        changed.CopyFrom(self.settings)
        for name, value in settings.items():
            setattr(changed, name, value)
        self.world.sysadmin.admin.UpdateSchoolSettings(
            admin_service_pb2.UpdateSchoolSettingsRequest(
                request_id=self.world.id(), school_id=self.school_id, settings=changed))
        self.settings = changed

    def child(self, family="Петрова", given="Иван", class_name="5А", money=0, card=False,
              palm=None, purses=(), kind=enrolment_service_pb2.SUBJECT_KIND_PUPIL):
        enrolment = enrolment_service_pb2
        child = Child(self.desk.enrolment.CreateSubject(enrolment.CreateSubjectRequest(
            request_id=self.world.id(), kind=kind, purses=purses,
            name=enrolment.SubjectName(family_name=family, given_name=given,
                                       class_name=class_name))).subject)
        if money:
            self.top_up(child.account_id, money)
        if card:
            child.card = self.new_card()
            self.bind(child, child.card)
        if palm is not None:
            self.consent(child, enrolment.CONSENT_KIND_PERSONAL_DATA)
            self.consent(child, enrolment.CONSENT_KIND_BIOMETRIC)
            self.enrol(child, palm)
        return child

    def top_up(self, account_id, amount_kopecks):
        return self.cashier.accounts.TopUp(accounts_service_pb2.TopUpRequest(
            request_id=self.world.id(), account_id=account_id, amount_kopecks=amount_kopecks))

    def new_card(self):
        uid = b"\x04" + self.world.draw.randbytes(6)
        return types_pb2.Card(technology=types_pb2.CARD_TECHNOLOGY_ISO14443A, uid=uid,
                              reader_profile=types_pb2.READER_PROFILE_TRANSMISSION_ORDER)

    def bind(self, child, card, state=types_pb2.CARD_STATE_ACTIVE, until=None):
        return self.desk.enrolment.BindCard(enrolment_service_pb2.BindCardRequest(
            request_id=self.world.id(), subject_id=child.subject_id, card=card, state=state,
            valid_until=until)).card_id

    def consent(self, child, kind):
        enrolment, day = enrolment_service_pb2, self.today()
        return self.desk.enrolment.RecordConsent(enrolment.RecordConsentRequest(
            request_id=self.world.id(), subject_id=child.subject_id, kind=kind,
            signer=enrolment.CONSENT_SIGNER_REPRESENTATIVE, form=enrolment.CONSENT_FORM_PAPER,
            document_sha256=self.world.draw.randbytes(32), authority_checked=True,
            valid_from=date_of(day),
            valid_until=date_of(day + datetime.timedelta(days=300)))).consent_id

    def enrol(self, child, palm, desk=None, look_alike=False):
        child.palm = palm
        return (desk or self.desk).enrolment.EnrolPalm(enrolment_service_pb2.EnrolPalmRequest(
            request_id=self.world.id(), subject_id=child.subject_id,
            side=enrolment_service_pb2.PALM_SIDE_RIGHT,
            templates=[palm.code(), palm.code(901), palm.code(902)], qualities=[90, 80, 70],
            sensor_id=self.world.id(), check=self.probe(palm, noise=903),
            look_alike=look_alike))

    def probe(self, palm, noise=1, liveness=types_pb2.LIVENESS_PASS):
        return types_pb2.Probe(codes=[palm.code(noise)], sensor_id=b"S" * 16, liveness=liveness)

    def basket(self, *numbers, quantity=1, purse=types_pb2.PURSE_MAIN):
        """One line for each of the numbers of self.items."""
        items = [self.items[number] for number in numbers]
        return types_pb2.Basket(
            caterer_id=self.caterer_id,
            lines=[types_pb2.BasketLine(item_id=item.item_id, category=item.category,
                                        quantity=quantity, purse=purse,
                                        unit_price_kopecks=item.unit_price_kopecks)
                   for item in items],
            total_kopecks=sum(item.unit_price_kopecks * quantity for item in items))

    def sale(self, card, basket, request_id=None, repeat_confirmed=True):
        """An IdentifyAndDebit by card, ready to be sent and sent again."""
        return terminal_service_pb2.IdentifyAndDebitRequest(
            request_id=request_id or self.world.id(), card=card, basket=basket,
            repeat_confirmed=repeat_confirmed)

    def by_list(self, child, basket, reason=types_pb2.BOOKING_REASON_NOT_RECOGNISED, **more):
        """A BookByList of the senior cashier, ready to be sent and sent again."""
        return terminal_service_pb2.BookByListRequest(
            **dict(request_id=self.world.id(), subject_id=child.subject_id, basket=basket,
                   reason=reason, repeat_confirmed=True) | more)

    def set_pin(self, child, pin):
        return self.desk.enrolment.SetPin(enrolment_service_pb2.SetPinRequest(
            request_id=self.world.id(), subject_id=child.subject_id, pin=pin))

    def identify(self, card=None, probe=None):
        return self.till.terminal.Identify(
            terminal_service_pb2.IdentifyRequest(card=card, probe=probe))

    def cancel(self, debit_request_id, request_id=None, lines=(),
               reason=terminal_service_pb2.CANCEL_REASON_WRONG_BASKET):
        return terminal_service_pb2.CancelRequest(
            request_id=request_id or self.world.id(), debit_request_id=debit_request_id,
            lines=lines, reason=reason)

    def operation(self, request_id, client=None):
        return (client or self.till).operations.GetOperation(
            operation_service_pb2.GetOperationRequest(request_id=request_id))

    def balance(self, account_id):
        return self.cashier.accounts.GetBalance(accounts_service_pb2.GetBalanceRequest(
            account_id=account_id)).balance_kopecks

    def statement(self, account_id, page_size=1000):
        """Every line, page by page; the sequence must have no gap and the balances must add up."""
        lines, token = [], ""
        while True:
            page = self.cashier.accounts.GetStatement(accounts_service_pb2.GetStatementRequest(
                account_id=account_id, page_size=page_size, page_token=token))
            lines += page.lines
            token = page.next_page_token
            if not token:
                break
        balance = 0
        # A budget's part and a hold leave the balance as it was.
        elsewhere = (accounts_service_pb2.STATEMENT_KIND_SUBSIDY,
                     accounts_service_pb2.STATEMENT_KIND_HOLD)
        for number, line in enumerate(lines, start=1):
            balance += 0 if line.kind in elsewhere else line.amount_kopecks
            if line.sequence != number or line.balance_kopecks != balance:
                raise AssertionError(f"line {number} breaks the chain of balances: {line}")
        return lines


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def methods():
    """Every RPC of every service: (service descriptor, method descriptor)."""
    return [(service, method) for file in SERVICE_FILES
            for service in file.DESCRIPTOR.services_by_name.values() for method in service.methods]


def matrix_of_source():
    """{'/ladon.v1.S/M': {role name: "own" or "all"}} as server/access/access.matrix grants it."""
    table = {}
    for line in (SOURCE / "server/access/access.matrix").read_text().splitlines():
        words = line.split("+")[0].split()
        if words[:1] != ["call"]:
            continue
        grants = [grant.partition("@") for grant in words[3:]]
        table[f"/ladon.v1.{words[2]}"] = {role: scope or "own" for role, _, scope in grants}
    return table
