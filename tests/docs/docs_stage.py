"""The stage on which documented commands are run: a server with outbox, backups and a contract, a
gateway, for each document a school with people in every role, and files of every kind.

A placeholder of a document (SUBJECT, "$CHILD") gets its value when a command asks for it: a child that
was just entered, a payment that just came. Values last for a block of commands, in Russian documents
for the document, for there they are variables.
"""

import datetime
import json
import os
import pathlib
import pty
import re
import shlex
import shutil
import subprocess
import sys
import zoneinfo

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/e2e"))
from ladon_gateway import Gateway, roubles  # noqa: E402
from ladon_palms import Palm  # noqa: E402
from ladon_world import BIN, School, World, clean_environment, midday_zone, run, toml_of  # noqa: E402
from ladon_world import wait_until  # noqa: E402
from ladon_world import enrolment_service_pb2 as enrolment  # noqa: E402
from ladon_world import security_service_pb2 as security  # noqa: E402

SEED = 2_026
ZONE = midday_zone()
COMMAND_SECONDS_MAX = 120
UNKNOWN_ACCOUNT = "405217938861"  # A good check digit, nobody's.
PAYEE = '''name = "МБОУ СОШ № 1"
account = "03234643000000013400"
bank_name = "Отделение Томск"
bic = "016902004"
correspondent_account = "40102810245370000058"
inn = "7000000001"
kpp = "700001001"
purpose = "Питание в школьной столовой"
school = "СОШ № 1"
'''
PROFILE = '''name = "test"
charset = "windows-1251"
delimiter = ";"
decimal_mark = ","
quote = false

[fields]
payment_id = 1
account = 2
sum = 3

[paid_at]
date = 4
date_format = "DD.MM.YYYY"

[footer]
prefix = "="
count = 1
sum = 2
'''
STATEMENT = '''1CClientBankExchange
ВерсияФормата=1.03
Кодировка=Windows
Отправитель=Банк
ДатаСоздания={day}
ДатаНачала={day}
ДатаКонца={day}
РасчСчет=40702810000000000001
Документ=Платежное поручение
СекцияРасчСчет
ДатаНачала={day}
ДатаКонца={day}
РасчСчет=40702810000000000001
НачальныйОстаток=0.00
ВсегоПоступило={total}
ВсегоСписано=0.00
КонечныйОстаток={total}
КонецРасчСчет

СекцияДокумент=Платежное поручение
Номер=15
Дата={day}
Сумма={total}
ПлательщикСчет=30232810000000000009
ПолучательСчет=40702810000000000001
ДатаПоступило={day}
НазначениеПлатежа=По реестру
КонецДокумента
КонецФайла
'''
# A stand-in for systemd-run, which needs a booted machine: what it gives a command is the credential.
SYSTEMD_RUN = '''#!/usr/bin/bash
set -euo pipefail
given=$(mktemp -d)
trap 'rm -rf "$given"' EXIT
while [[ ${1:-} == --* ]]; do
  case $1 in
    --property=LoadCredential=*:* | --property=LoadCredentialEncrypted=*:*)
      pair=${1#--property=LoadCredential*=}
      install -m 0400 "${pair#*:}" "$given/${pair%%:*}" ;;
    --pty | --property=User=ladon) ;;
    *) echo "systemd-run: $1 is not known here" >&2; exit 2 ;;
  esac
  shift
done
CREDENTIALS_DIRECTORY=$given "$@"
'''
# Who types it; the longest beginning counts. Nobody: it needs no identity, or takes any.
ROLES = {
    "ladonctl": "sysadmin", "ladonctl list": "senior-cashier", "ladonctl pin": "enroller",
    "ladonctl card": "enroller", "ladonctl consent": "enroller", "ladonctl subjects": "enroller",
    "ladonctl palms": "enroller", "ladonctl payment": "accountant",
    "ladonctl payment slip": "enroller", "ladonctl payment move": "senior-cashier",
    "ladonctl reconcile": "accountant", "ladonctl refund": "accountant",
    "ladonctl refund open": "senior-cashier", "ladonctl outbox": "accountant",
    "ladonctl payout": "senior-cashier", "ladonctl account": "senior-cashier",
    "ladonctl limits": "senior-cashier", "ladonctl entitlements": "senior-cashier",
    "ladonctl keys": "security-admin", "ladonctl audit": "auditor",
    "ladonctl audit receipt": "senior-cashier", "ladonctl security": "security-admin",
    "ladonctl subject": "data-protection-officer", "ladonctl officer": "data-protection-officer",
    "ladonctl subject move": "data-protection-officer-all",
    "ladonctl officer remove-biometrics": "data-protection-officer-all",
    "ladonctl approval": "school", "ladonctl access": "security-admin",
    "ladonctl report school": "school", "ladonctl report municipality": "municipality",
    "ladonctl report caterer": "caterer", "ladon-terminal": "terminal",
    "ladon-terminal enrol": "enroller",
}
# Commands that one person cannot give: who agrees. They must be refused first.
SECOND_PERSON = {
    "ladonctl payment move": "school", "ladonctl refund open": "school",
    "ladonctl subject erase": "school", "ladonctl officer remove-biometrics": "school",
    "ladonctl access grant": "security-admin-2",
}
OF_A_SCHOOL = ("terminal", "enroller", "senior-cashier", "school", "caterer",
               "data-protection-officer")


def longest(table, text):
    """The value of the longest key with which a command begins; None without one."""
    keys = [key for key in table if text == key or text.startswith(key + " ")]
    return table[max(keys, key=len)] if keys else None


class Failure(AssertionError):
    pass


def told(done):
    return f"{done.stdout[-1500:]}{done.stderr[-1500:]}"


def use_terminal(answer, command, **how):
    """Runs `command` with a terminal on its standard input, at which a person types `answer`."""
    master, slave = pty.openpty()
    try:
        os.write(master, f"{answer}\n".encode())
        return subprocess.run(command, stdin=slave, **how)
    finally:
        os.close(master)
        os.close(slave)


class Stage:
    """The world, the gateway, and a stopped server's directory to copy; close() ends all of it."""

    def __init__(self):
        self.stopped = self._stopped_world()
        self.world = World(SEED, metrics=True)
        try:
            self.world.server.config |= {
                "contract": [{"name": "bank", "time_zone": ZONE, "fee_percent": "1.50",
                              "registry_max": "1000000.00"}],
                "outbox": {"notices": True, "receipts": True}, "ledger": {"time_zone": ZONE}}
            self.world.start()
            self.directory = self.world.directory
            self.gateway = Gateway(self.world, [{"name": "bank", "protocol": "osmp", "path": "/osmp",
                                                 "time_zone": ZONE, "cancels": True}]).start()
            self.bank = self.gateway.bank("bank")
            self.shims = self.directory / "shims"
            self.shims.mkdir()
            (self.shims / "systemd-run").write_text(SYSTEMD_RUN)
            (self.shims / "systemd-run").chmod(0o755)
            self.payments = 0
            self.identities = {}
        except BaseException:
            self.close()
            raise

    def _stopped_world(self):
        """A server that has served, was backed up and stopped."""
        world = World(SEED + 1)
        try:
            world.server.config["keys"]["standby"] = str(world.directory / "standby")
            (world.directory / "standby").mkdir(mode=0o700)
            world.start()
            School(world).child(money=10_000, card=True, palm=Palm(1))
            run("ladonctl", "--server", world.server.address, "--identity",
                world.sysadmin.identity, "backup", "create")
            if world.server.stop() != 0:
                raise AssertionError(world.server.log()[-2000:])
        except BaseException:
            world.close()
            raise
        return world

    def close(self):
        if getattr(self, "gateway", None) is not None:
            self.gateway.__exit__()
        if getattr(self, "world", None) is not None:
            self.world.close()
        self.stopped.close()

    def copy_of_stopped(self, to):
        """The stopped server's directory under another name; its configurations lie in it.

        ladond.toml has the root key's file, ladond-service.toml its credential.
        """
        source = self.stopped.directory
        shutil.copytree(source, to, symlinks=True)
        text = (source / "ladond.toml").read_text(encoding="utf-8").replace(str(source), str(to))
        (to / "ladond.toml").write_text(text, encoding="utf-8")
        (to / "ladond-service.toml").write_text(
            re.sub(r'root_key_file = ".*"', 'root_key_credential = "root.key"', text),
            encoding="utf-8")
        return to

    def identity(self, role, school):
        """Directories of keys: one for a role of a school, one for a role of all schools."""
        plain = re.sub("-(2|all)$", "", role)
        key = (role, school.school_id if role in OF_A_SCHOOL else b"")
        if key not in self.identities:
            actor = {"terminal": school.terminal_id, "caterer": school.caterer_id}.get(plain, b"")
            self.identities[key] = self.world.identity(plain, key[1], actor)
        return self.identities[key]

    def pay(self, account, kopecks):
        """A payment that has come through the gateway; returns its number at the bank."""
        self.payments += 1
        number = str(900_000 + self.payments)
        answer = self.bank.pay(number, account, kopecks,
                               paid=datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))
                               .strftime("%Y%m%d%H%M%S"))
        if answer.code != 0:
            raise Failure(f"the payment was refused: {answer}")
        return number


class Scene:
    """One document's commands: its school, its directory, the values of its placeholders."""

    def __init__(self, stage, file):
        self.stage, self.world, self.file = stage, stage.world, file
        self.directory = stage.directory / file.replace("/", "-").removesuffix(".md")
        self.directory.mkdir()
        self.cwd = self.directory
        self.russian = file.startswith("docs/ru/")
        self.school = School(self.world, time_zone=ZONE)
        self.today = self.school.today()
        self.children = 0
        self.values = {}
        self.block = None
        self.installation = None
        self.configuration_name = "ladond.toml"
        self.ceremony = None
        self._second = None
        self._files()

    def _files(self):
        """What documents take for granted: papers, a profile, a payee, a price list."""
        for name in ("consent.pdf", "palm-consent.pdf", "birth-certificate.pdf"):
            (self.directory / name).write_text(f"{name} {self.file}", encoding="utf-8")
        (self.directory / "payee.toml").write_text(PAYEE, encoding="utf-8")
        (self.directory / "profile.toml").write_text(PROFILE, encoding="utf-8")
        (self.directory / "prices.csv").write_text(
            "category;name;price\n10;Суп;45,00\n20;Чай;15,00\n30;Комплексный обед;130,00\n",
            encoding="utf-8")
        (self.directory / "state").mkdir(mode=0o700)

    # --- who and where ---

    def environment(self, text):
        role = longest(ROLES, re.sub(r"(ladonctl) --request-id \w+", r"\1", text))
        env = clean_environment() | {
            "PATH": f"{self.stage.shims}:{BIN}:{os.environ['PATH']}", "TZ": ZONE,
            "LADON_LANG": "ru" if self.russian else "en", "LADON_SERVER": self.world.server.address,
            "LADON_TERMINAL_STATE": str(self.directory / "state")}
        if role is not None:
            env["LADON_IDENTITY"] = str(self.stage.identity(role, self.school))
        return env

    def execute(self, text, variables=None, answer=None, stdin=""):
        """Runs a line as somebody types it into a shell."""
        how = dict(cwd=self.cwd, env=self.environment(text) | (variables or {}), text=True,
                   timeout=COMMAND_SECONDS_MAX)
        command = ["bash", "-euo", "pipefail", "-c", text]
        if answer is not None:
            return use_terminal(answer, command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                **how)
        return subprocess.run(command, capture_output=True, input=stdin, **how)

    def execute_while_epochs_end(self, text, variables):
        """A command that waits for the end of an epoch: a security administrator begins the next one."""
        process = subprocess.Popen(["bash", "-c", text], cwd=self.cwd, text=True,
                                   env=self.environment(text) | (variables or {}),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            while process.poll() is None:
                self.ctl("keys", "rotate", "--wait")
        finally:
            process.kill()
            out, err = process.communicate()
        return subprocess.CompletedProcess(text, process.returncode, out, err)

    def ctl(self, *arguments):
        """ladonctl --json in the role that the command wants; it must be done."""
        text = "ladonctl --json " + shlex.join(map(str, arguments))
        done = subprocess.run(["bash", "-c", text], cwd=self.directory, capture_output=True,
                              env=self.environment("ladonctl " + shlex.join(map(str, arguments))),
                              text=True, timeout=COMMAND_SECONDS_MAX)
        if done.returncode != 0:
            raise Failure(f"{text} exited with {done.returncode}: {told(done)}")
        return json.loads(done.stdout)

    def agreed(self, text, done, variables=None):
        """The second person agrees to what was refused; then the first one repeats it."""
        number = re.search(r"approval grant ([0-9a-f]{32})", " ".join(told(done).split()))
        if done.returncode != 1 or number is None:
            raise Failure(f"exited with {done.returncode}, a second person was to be asked for:\n"
                          f"{told(done)}")
        approver = longest(SECOND_PERSON, text)
        env = {"LADON_IDENTITY": str(self.stage.identity(approver, self.second_school
                                     if "remove-biometrics" in text else self.school))}
        granted = self.execute(f"ladonctl approval grant {number.group(1)} --yes", env)
        if granted.returncode != 0:
            raise Failure(f"the second person cannot agree: {told(granted)}")
        draft = re.search(r"--resume\s+(\S+\.json)", told(done))
        if draft is not None:
            return self.execute(f"ladonctl subject erase --resume {draft.group(1)}")
        repeat = re.search(r"--request-id\s+([0-9a-f]{32})", told(done)).group(1)
        return self.execute(text.replace("ladonctl ", f"ladonctl --request-id {repeat} ", 1),
                            variables)

    # --- people ---

    @property
    def second_school(self):
        if self._second is None:
            self._second = School(self.world, time_zone=ZONE, name="Школа № 2")
        return self._second

    def child(self, **more):
        self.children += 1
        family = "Зимородок" + "абвгдежзиклмнопрстуфхцчшэюя"[self.children % 27] * (
            1 + self.children // 27)
        return self.school.child(family, "Анна", **more)

    def subject(self):
        """The child of this block; a new one at its beginning and when its data were destroyed."""
        if "child" not in self.values:
            self.values["child"] = self.child(money=100_000, card=True)
        return self.values["child"]

    def card_of(self, child):
        return child.card.uid.hex().upper()

    def is_consented(self, child, kinds=("PERSONAL_DATA", "BIOMETRIC")):
        for kind in kinds:
            self.school.consent(child, getattr(enrolment, f"CONSENT_KIND_{kind}"))
        return child

    def draft(self):
        """A refused erasure of a new child, which becomes the block's; returns the approval's number."""
        child = self.values["child"] = self.child(money=10_000)
        text = ("ladonctl subject erase {} --school {} --reason court --out acts --operator-name О "
                "--operator-address А --information-system Л --performed-by 'С, секретарь'").format(
                    child.subject_id.hex(), self.school.school_id.hex())
        done = self.execute(text)
        number = re.search(r"approval grant ([0-9a-f]{32})", " ".join(told(done).split()))
        if number is None:
            raise Failure(f"{text}: {told(done)}")
        return number.group(1)

    def erasure(self):
        """The number of one that is complete."""
        child = self.child(money=10_000)
        text = ("ladonctl subject erase {} --school {} --reason court --out acts --operator-name О "
                "--operator-address А --information-system Л --performed-by 'С, секретарь'").format(
                    child.subject_id.hex(), self.school.school_id.hex())
        self.agreed(text, self.execute(text))
        done = self.execute_while_epochs_end(
            f"ladonctl subject erase --resume acts/{child.subject_id.hex()}.erasure-draft.json "
            "--wait", None)
        if done.returncode != 0:
            raise Failure(f"no erasure: {told(done)}")
        [number] = [one["erasure_id"] for one in self.ctl("subject", "erasures", "--all")
                    if one["subject_id"] == child.subject_id.hex()]
        return number

    def booking(self):
        return self.ctl("list", "book", "--subject", self.child(money=50_000).subject_id.hex(),
                        "--caterer", self.school.caterer_id.hex(), "--item",
                        self.school.items[0].item_id.hex(), "--reason", "not-recognised")

    def request(self):
        if "request" not in self.values:
            self.values["request"] = self.ctl("subject", "request", "open",
                                              self.child().subject_id.hex(), "--school",
                                              self.school.school_id.hex(), "--kind", "access",
                                              "--identity-checked")
        return self.values["request"]

    def incident(self):
        if "incident" not in self.values:
            self.values["incident"] = self.ctl(
                "officer", "incident", "record", "--school", self.school.school_id.hex(), "--from",
                f"{self.yesterday} 08:00", "--cause", "а", "--harm", "б", "--measures", "в",
                "--contact", "г")
        return self.values["incident"]

    def refund(self):
        """The number of a refund that is owed."""
        child = self.child()
        self.stage.pay(child.payment_account, 20_000)
        basis = f"заявление {self.world.draw.randbytes(4).hex()}"
        text = (f"ladonctl refund open --contract bank --account {child.account_id.hex()} "
                f"--amount 150 --basis '{basis}'")
        done = self.agreed(text, self.execute(text))
        if done.returncode != 0:
            raise Failure(f"{text}: {told(done)}")
        return next(one["refund_number"] for one in self.ctl("refund", "list", "--contract", "bank")
                    if one["basis"] == basis)

    @property
    def yesterday(self):
        return self.today - datetime.timedelta(days=1)

    # --- files ---

    def registry(self, name="registry.txt"):
        """A registry with a payment that came and one that did not; the bank's statement beside it."""
        child = self.child()
        came = self.stage.pay(child.payment_account, 50_000)
        self.stage.payments += 1
        lines = [(came, child.payment_account, 50_000),
                 (str(900_000 + self.stage.payments), child.payment_account, 7_000)]
        day, total = self.today.strftime("%d.%m.%Y"), sum(one[2] for one in lines)
        text = "".join(f"{number};{account};{roubles(kopecks).replace('.', ',')};{day}\r\n"
                       for number, account, kopecks in lines)
        text += f"={len(lines)};{roubles(total).replace('.', ',')}\r\n"
        (self.directory / name).write_bytes(text.encode("cp1251"))
        return self.directory / name

    def statement(self):
        path = self.directory / "kl_to_1c.txt"
        path.write_bytes(STATEMENT.format(day=self.today.strftime("%d.%m.%Y"), total="570.00")
                         .replace("\n", "\r\n").encode("cp1251"))
        return path

    def list_of_pupils(self):
        """The school's own list: all who are there, and one more."""
        people = self.ctl("subjects", "list")
        rows = [(one["family_name"], one["given_name"], one["class"], one["external_id"])
                for one in people] + [("Новикова", "Ольга", "5А", "2001")]
        path = self.directory / "list.csv"
        path.write_text("Фамилия;Имя;Класс;Код\n" + "".join(";".join(row) + "\n" for row in rows),
                        encoding="utf-8")
        return path

    def palm_codes(self):
        if "palm" not in self.values:
            self.values["palm"] = Palm(self.world.draw.randrange(10**9))
            for n in range(1, 5):
                (self.directory / f"palm{n}.code").write_bytes(
                    self.values["palm"].code(0 if n == 1 else 900 + n))
        return self.directory

    def receipt(self):
        """A receipt of an entry, and the verifier key beside it."""
        child = self.child(money=30_000)
        index = self.school.statement(child.account_id)[-1].journal_index
        for text in (f"ladonctl audit receipt {child.account_id.hex()} --index {index} --out told",
                     "ladonctl audit checkpoint --out told.checkpoint --key-out told.vkey"):
            done = self.execute(text)
            if done.returncode != 0:
                raise Failure(f"{text}: {told(done)}")
        return self.directory / "told.tlog-proof"

    def security_mark(self):
        """An earlier checkpoint of the security log with its key, as an officer keeps them."""
        if not (self.directory / "security.vkey").exists():
            head = self.security_head()
            (self.directory / "security-checkpoint-latest").write_text(head.checkpoint)
            (self.directory / "security.vkey").write_text(
                "".join(f"{key}\n" for key in head.verifier_keys))

    def security_head(self):
        client = self.world.client(self.stage.identity("security-admin", self.school))
        return client.security.GetSecurityCheckpoint(security.GetSecurityCheckpointRequest())

    def size_of(self, name):
        return int((self.directory / name).read_text().split("\n")[1])

    def journal_index(self):
        return self.school.statement(self.subject().account_id)[-1].journal_index

    # --- a stopped server, a ceremony ---

    def stopped(self):
        """A copy of the stopped server's directory for the next command."""
        self.installation = self.stage.copy_of_stopped(
            self.directory / f"machine-{self.world.draw.randbytes(4).hex()}")

    def ceremony_directory(self):
        if self.ceremony is None:
            self.ceremony = self.directory / "ceremony"
        return self.ceremony

    def serve(self, text, config):
        """A command that serves until it is told to stop: it must begin, and end with 0."""
        port = pathlib.Path(re.search(r'^port_file = "(.+)"', config.read_text(), re.M).group(1))
        port.unlink(missing_ok=True)
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "bash", "-c", f"exec {text}"],
                                   cwd=self.cwd, env=self.environment(text), stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        try:
            wait_until(lambda: process.poll() is not None or
                       port.exists() and port.read_text().strip(), f"{text} to serve", 60)
        finally:
            process.terminate()
            out, _ = process.communicate(timeout=60)
        if not (port.exists() and port.read_text().strip()):
            raise Failure(f"it did not serve:\n{out[-1500:]}")
        return subprocess.CompletedProcess(text, process.returncode, out, "")

    def first_configuration(self):
        """ladond.toml as README's first start wants it, over what the lines before have made."""
        path = self.cwd / "ladond.toml"
        path.write_text(toml_of({
            "server": {"listen": "127.0.0.1:0", "port_file": str(self.cwd / "port")},
            "tls": {"certificate": "pki/server/cert.pem", "private_key": "pki/server/key.pem",
                    "client_ca": "pki/server/ca.pem"},
            "store": {"path": str(self.cwd / "store"), "create": True},
            "keys": {"root_key_file": str(self.cwd / "root.key"),
                     "directory": str(self.cwd / "keys")},
            "matcher": {"calibration": str(SOURCE / "deploy/calibration.json")}}),
            encoding="utf-8")
        return path
