"""Goal: an officer does what 152-FZ asks with the operator's tool alone, nobody does alone what
needs two, and what is destroyed is gone while its act still names the child.

Method: the real ladonctl against a real ladond, with --json, as officer, head of school and
security administrators; tills and desks look on through stubs.
"""

import datetime
import hashlib
import json
import os
import pathlib
import pty
import subprocess
import unittest

from ladon_palms import Palm
from ladon_world import (BIN, CALL_SECONDS_MAX, SOURCE, School, World, clean_environment, mode_of,
                         refusal_of, run)
from ladon_world import audit_service_pb2 as audit
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import subject_service_pb2 as subjects
from ladon_world import terminal_service_pb2 as terminal

SEED = 1_252
EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, EXIT_UNKNOWN, EXIT_LOCAL = range(5)
EXIT_CANNOT_OPEN = 3
SURNAME = "Канарейкина"
EXPORTS_A_DAY = 20  # server/flow/rights.h
OPERATOR = ("--operator-name", "Школа № 1", "--operator-address", "Город, улица, 1")
PAPERS = (*OPERATOR, "--information-system", "Ладонь", "--performed-by",
          "Скворцова О. П., делопроизводитель", "--approved-by", "Дроздов К. А.")

world = None
school = None
officer = None
head = None
admin = None
second_admin = None


class Ctl:
    """ladonctl --json as one identity; the exit code must be the expected one."""

    def __init__(self, of, identity):
        self.of = of
        self.identity = identity

    def __call__(self, *arguments, expect=EXIT_DONE):
        done = run("ladonctl", "--server", self.of.server.address, "--identity", self.identity,
                   "--json", *arguments, check=False)
        if done.returncode != expect:
            raise AssertionError(f"ladonctl {arguments} exited with {done.returncode}, expected "
                                 f"{expect}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def refused(self, reason, *arguments):
        error = self(*arguments, expect=EXIT_REFUSED)["error"]
        if error["reason"] != f"ERROR_REASON_{reason}":
            raise AssertionError(f"ladonctl {arguments}: {error}, expected {reason}")
        return error

    def people(self, *arguments, check=True, lang="ru"):
        return run("ladonctl", "--server", self.of.server.address, "--identity", self.identity,
                   *arguments, check=check, env={"LADON_LANG": lang})

    def answering(self, answer, *arguments):
        """Exit code and what was shown when a person at a terminal types `answer`."""
        master, slave = pty.openpty()
        try:
            process = subprocess.Popen(
                [BIN / "ladonctl", "--server", self.of.server.address, "--identity", self.identity,
                 *arguments], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=clean_environment() | {"LADON_LANG": "ru"})
            os.write(master, f"{answer}\n".encode())
            out, err = process.communicate(timeout=CALL_SECONDS_MAX)
            return process.returncode, (out + err).decode()
        finally:
            os.close(master)
            os.close(slave)

    @property
    def uri(self):
        return uri_of(self.identity)


def uri_of(identity):
    shown = json.loads(run("ladonctl", "--json", "pki", "show", identity / "cert.pem").stdout)
    return shown[0]["names"][0].removeprefix("URI:")


def with_second_person(first, approver, *arguments):
    """What `first` gets for a command once `approver` has granted it."""
    error = first.refused("APPROVAL_NEEDED", *arguments)
    approver("approval", "grant", error["approval_id"], "--yes")
    return first(*arguments, "--request-id", error["request_id"])


def setUpModule():
    global world, school, officer, head, admin, second_admin
    world = World(SEED).start()
    school = School(world)
    officer = Ctl(world, world.identity("data-protection-officer"))
    head = Ctl(world, world.identity("school", school.school_id))
    admin = Ctl(world, world.identity("security-admin"))
    second_admin = Ctl(world, world.identity("security-admin"))


def tearDownModule():
    world.close()


def files_with(directory, text):
    """The files below `directory` in which `text` stands, in UTF-8."""
    return [path for path in sorted(directory.rglob("*"))
            if path.is_file() and text.encode() in path.read_bytes()]


class EraseTest(unittest.TestCase):
    def erase(self, child, reason, out):
        """The first half: the draft is written, the second person has agreed."""
        error = officer.refused(
            "APPROVAL_NEEDED", "subject", "erase", child.subject_id.hex(), "--school",
            school.school_id.hex(), "--reason", reason, "--out", out, *PAPERS)
        draft = out / f"{child.subject_id.hex()}.erasure-draft.json"
        self.assertEqual(error["repeat"], f"ladonctl subject erase --resume {draft}")
        self.assertEqual((mode_of(out), mode_of(draft)), (0o700, 0o600))
        self.assertIn(SURNAME, draft.read_text())
        return error["approval_id"], draft

    def test_one_person_cannot_and_two_can_and_the_act_names_the_child(self):
        child = school.child(SURNAME, "Аполлинария", money=12_300, card=True, palm=Palm(61))
        out = world.directory / "erased"
        approval, draft = self.erase(child, "unlawful", out)
        # Nothing has happened yet.
        self.assertTrue(school.identify(card=child.card).payer.display_name)
        officer.refused("APPROVAL_NEEDED", "subject", "erase", "--resume", draft)

        [waiting] = [one for one in head("approval", "list") if one["approval_id"] == approval]
        self.assertEqual((waiting["call"], waiting["object_id"], waiting["state"]),
                         ("SubjectService/EraseSubject", child.subject_id.hex(), "pending"))
        self.assertIn("уничтожить данные человека", head.people("approval", "list").stdout)
        head("approval", "grant", approval, expect=EXIT_USAGE)  # Without --yes and nobody to ask.
        officer.refused("APPROVER_NOT_INDEPENDENT", "approval", "grant", approval, "--yes")
        self.assertEqual(head("approval", "grant", approval, "--yes")["state"], "granted")

        done = officer("subject", "erase", "--resume", draft, "--wait")
        erasure = done["erasure"]
        self.assertEqual((erasure["step"], erasure["settled_kopecks"], erasure["cards"]),
                         ("done", 12_300, 1))
        self.assertGreater(erasure["epoch_after"], erasure["destroyed_in_epoch"])
        self.check_papers(child, out, done)
        self.check_nothing_is_left(child)
        # The very same command again finds all done and every paper as it is.
        self.assertEqual(officer("subject", "erase", "--resume", draft, "--wait"), done)
        self.check_act_without_a_draft(child, erasure)

    def check_act_without_a_draft(self, child, erasure):
        """As of one that a term brought about: nobody kept the name."""
        out = world.directory / "by-a-term"
        written = officer("subject", "act", erasure["erasure_id"], "--out", out, *PAPERS)
        act = json.loads((out / f"{child.subject_id.hex()}.act.json").read_text())
        self.assertEqual((act["subject_id"], act.get("subject_name"), act["act_number"]),
                         (child.subject_id.hex(), None, str(erasure["act_number"])))
        self.assertEqual(len(written["files"]), 4)
        self.assertEqual(officer("subject", "act", erasure["erasure_id"], "--out", out, *PAPERS),
                         written)
        named = world.directory / "by-a-term-named"
        officer("subject", "act", erasure["erasure_id"], "--out", named, "--subject-name",
                f"{SURNAME} Аполлинария", *PAPERS)
        self.assertIn(SURNAME, (named / f"{child.subject_id.hex()}.act.html").read_text())
        officer.refused("ERASURE_UNKNOWN", "subject", "act", "7" * 32, "--out", out, *PAPERS)

    def check_papers(self, child, out, done):
        paths = {path.name.removeprefix(child.subject_id.hex()): path for path in out.iterdir()}
        self.assertEqual(set(paths), {".erasure-draft.json", ".act.json", ".act.html",
                                      ".log-extract.json", ".log-extract.html"})
        self.assertEqual(len(done["files"]), 4)
        for path in paths.values():
            self.assertEqual(mode_of(path), 0o600)
            self.assertIn(SURNAME, path.read_text())
        act = json.loads(paths[".act.json"].read_text())
        self.assertEqual((act["subject_name"], act["reason"], act["approved_by"]),
                         (f"{SURNAME} Аполлинария", "UNLAWFUL", "Дроздов К. А."))
        self.assertEqual(act["act_number"], str(done["erasure"]["act_number"]))
        self.assertEqual(len(act["categories"]), 4)  # The person, consents, palms, a card.
        self.assertEqual(act["log_extract_sha256"], hashlib.sha256(
            paths[".log-extract.json"].read_bytes()).hexdigest())

    def check_nothing_is_left(self, child):
        self.assertEqual(refusal_of(school.identify, card=child.card).reason, "CARD_UNKNOWN")
        self.assertEqual(refusal_of(school.identify, probe=school.probe(child.palm)).reason,
                         "PALM_NOT_RECOGNISED")
        self.assertEqual(school.balance(child.account_id), 0)
        officer.refused("SUBJECT_UNKNOWN", "subject", "export", child.subject_id.hex(), "--school",
                        school.school_id.hex(), "--out", world.directory / "none")
        for place in ("store", "keys"):
            self.assertEqual(files_with(world.directory / place, SURNAME), [])
        self.assertNotIn(SURNAME, world.server.log())
        mine = [one for one in officer("subject", "erasures", "--all")
                if one["subject_id"] == child.subject_id.hex()]
        self.assertEqual([one["step"] for one in mine], ["done"])
        self.assertNotIn(child.subject_id.hex(), json.dumps(officer("subject", "erasures")))

    def test_the_act_is_fetched_when_the_epoch_has_ended(self):
        child = school.child(SURNAME, "Евлампия")
        approval, draft = self.erase(child, "consent-withdrawn", world.directory / "waits")
        head("approval", "grant", approval, "--yes")
        begun = officer("subject", "erase", "--resume", draft)
        self.assertNotIn("files", begun)
        shown = officer.people("subject", "erasures").stdout
        self.assertIn(child.subject_id.hex(), shown)
        # Its keys are destroyed within a moment; a new epoch takes the older copies along.
        for _ in range(100):
            epoch = admin("keys", "rotate", "--wait")["epoch"]
            done = officer("subject", "erase", "--resume", draft)
            if "files" in done:
                break
        self.assertEqual(done["erasure"]["step"], "done")
        self.assertLessEqual(done["erasure"]["epoch_after"], epoch)

    def test_what_the_act_would_lack_is_told_before_anything_is_asked_for(self):
        child = school.child("Сорокин", "Пётр")
        arguments = ["subject", "erase", child.subject_id.hex(), "--school",
                     school.school_id.hex(), "--reason", "court", "--out",
                     world.directory / "lacking", "--performed-by", "Скворцова О. П., делопр."]
        error = officer(*arguments, expect=EXIT_USAGE)["error"]
        self.assertIn("information_system", error["message"])
        self.assertFalse((world.directory / "lacking").exists())
        self.assertNotIn(child.subject_id.hex(), json.dumps(head("approval", "list", "--all")))

    def test_who_is_refused_stays(self):
        child = school.child("Галкин", "Пётр", card=True)
        error = officer.refused(
            "APPROVAL_NEEDED", "subject", "erase", child.subject_id.hex(), "--school",
            school.school_id.hex(), "--reason", "court", "--out", world.directory / "kept", *PAPERS)
        approval = error["approval_id"]
        draft = world.directory / "kept" / f"{child.subject_id.hex()}.erasure-draft.json"
        code, shown = head.answering("нет", "approval", "reject", approval)
        self.assertEqual(code, EXIT_USAGE, shown)
        for words in ("уничтожить данные человека", child.subject_id.hex(), "Отказать?",
                      "Ничего не решено."):
            self.assertIn(words, shown)
        code, shown = head.answering("да", "approval", "reject", approval)
        self.assertEqual(code, EXIT_DONE, shown)
        officer.refused("APPROVAL_REJECTED", "subject", "erase", "--resume", draft)
        self.assertTrue(school.identify(card=child.card).payer.display_name)


class SubjectTest(unittest.TestCase):
    def export(self, child, out, *more, **named):
        return officer("subject", "export", child.subject_id.hex(), "--school",
                       school.school_id.hex(), "--out", out, *OPERATOR, *more, **named)

    def test_a_parent_gets_everything_that_is_held(self):
        child = school.child("Соловьёва", "Анна", money=50_000, card=True, palm=Palm(62))
        school.till.terminal.IdentifyAndDebit(
            school.sale(child.card, school.basket(School.SOUP)))
        out = world.directory / "export"
        files = self.export(child, out)
        page = (out / f"{child.subject_id.hex()}.html").read_text()
        told = json.loads((out / f"{child.subject_id.hex()}.json").read_text())
        self.assertEqual({files["json"], files["page"]}, {str(path) for path in out.iterdir()})
        self.assertEqual([mode_of(path) for path in [out, *out.iterdir()]], [0o700, 0o600, 0o600])
        self.assertEqual(told["subject"]["family_name"], "Соловьёва")
        self.assertEqual({consent["kind"] for consent in told["consents"]},
                         {"personal_data", "biometric"})
        self.assertEqual([(palm["side"], palm["samples"]) for palm in told["palms"]],
                         [("right", 3)])
        self.assertEqual(told["cards"][0]["tail"], child.card.uid[-1:].hex())
        self.assertEqual(told["purses"][0]["balance_kopecks"], 45_500)
        self.assertEqual([(line["what"], line["amount_kopecks"]) for line in told["movements"]
                          if line["what"] in ("top_up", "meal")],
                         [("top_up", 50_000), ("meal", -4_500)])
        calls = {(access["role"], access["call"], access["outcome"]) for access in told["accesses"]}
        self.assertLessEqual({("senior-cashier", "AccountsService/TopUp", "success"),
                              ("terminal", "TerminalService/IdentifyAndDebit", "success"),
                              ("enroller", "EnrolmentService/EnrolPalm", "success"),
                              ("data-protection-officer", "SubjectService/ExportSubject",
                               "success")}, calls)
        for words in ("Соловьёва", "455.00 RUB", "Школа № 1", "identification by palm"):
            self.assertIn(words, page)
        # The template itself means nothing to people and never leaves.
        self.assertNotIn(child.palm.code().hex()[:64], json.dumps(told))
        self.assertIn("exists already", self.export(child, out, expect=EXIT_LOCAL)["error"]
                      ["message"])

    def test_more_exports_than_a_day_needs_are_looked_at_by_somebody_else(self):
        child = school.child("Дятлов", "Пётр")
        busy = Ctl(world, world.identity("data-protection-officer", school.school_id))
        stub = world.client(busy.identity).subjects
        for _ in range(EXPORTS_A_DAY):
            stub.ExportSubject(subjects.ExportSubjectRequest(
                request_id=world.id(), subject_id=child.subject_id))
        files = with_second_person(busy, head, "subject", "export", child.subject_id.hex(),
                                   "--out", world.directory / "busy")
        self.assertIn("Дятлов", pathlib.Path(files["json"]).read_text())

    def test_what_is_wrong_is_corrected_and_the_rest_stays(self):
        child = school.child("Синицина", "Анна")
        this = (child.subject_id.hex(), "--school", school.school_id.hex())
        officer("subject", "rectify", *this, "--birth-date", "2015-02-28", "--external-id", "77")
        changed = officer("subject", "rectify", *this, "--family-name", "Синицына", "--clear",
                          "external-id")
        self.assertEqual((changed["family_name"], changed["given_name"], changed["class"],
                          changed["external_id"]), ("Синицына", "Анна", "5А", ""))
        files = self.export(child, world.directory / "rectified")
        told = json.loads(pathlib.Path(files["json"]).read_text())
        self.assertEqual(told["subject"]["birth_date"], "2015-02-28")
        officer.refused("FIELD_INVALID", "subject", "rectify", *this, "--family-name", "Синицына1")

    def test_blocked_at_once_and_back(self):
        child = school.child("Грачёв", "Пётр", money=1_000, card=True)
        this = (child.subject_id.hex(), "--school", school.school_id.hex())
        officer("subject", "block", *this)
        self.assertEqual(refusal_of(school.identify, card=child.card).reason, "SUBJECT_BLOCKED")
        self.assertEqual(school.balance(child.account_id), 1_000)
        officer("subject", "unblock", *this)
        self.assertTrue(school.identify(card=child.card).payer.display_name)

    def test_a_child_moves_with_card_and_money_and_without_palm(self):
        other = School(world, name="Школа № 2")
        child = school.child("Ласточкина", "Анна", money=20_000, card=True, palm=Palm(63))
        moved = officer("subject", "move", child.subject_id.hex(), "--school",
                        school.school_id.hex(), "--to", other.school_id.hex(), "--class", "6Б")
        self.assertEqual((moved["carried_kopecks"], moved["cards"], moved["cards_to_bind"],
                          moved["palms_removed"]), (20_000, 1, 0, 3))
        other.till.terminal.IdentifyAndDebit(other.sale(child.card, other.basket(School.SOUP)))
        self.assertEqual(refusal_of(school.identify, card=child.card).reason, "CARD_UNKNOWN")
        for place in (school, other):
            self.assertEqual(refusal_of(place.identify, probe=place.probe(child.palm)).reason,
                             "PALM_NOT_RECOGNISED")
        self.assertEqual(school.balance(child.account_id), 0)
        [there] = other.desk.enrolment.ListSubjects(enrolment.ListSubjectsRequest()).subjects
        self.assertEqual((there.subject_id, there.name.class_name, there.palm_samples),
                         (child.subject_id, "6Б", 0))
        self.assertEqual(other.balance(there.purses[0].account_id), 15_500)


class RequestsTest(unittest.TestCase):
    def open(self, child, kind, *more, **named):
        return officer("subject", "request", "open", child.subject_id.hex(), "--school",
                       school.school_id.hex(), "--kind", kind, *more, **named)

    def test_terms_run_from_the_day_it_came(self):
        child = school.child("Чижов", "Пётр")
        today = school.today()
        asked = self.open(child, "withdraw", "--identity-checked")
        self.assertEqual((asked["received"], asked["deadline"], asked["state"]),
                         (str(today), str(today + datetime.timedelta(days=30)), "open"))
        late = self.open(child, "withdraw", "--identity-checked", "--received",
                         today - datetime.timedelta(days=31))
        listed = {one["rights_request_id"]: one for one in officer("subject", "request", "list")}
        self.assertFalse(listed[asked["rights_request_id"]]["overdue"])
        self.assertTrue(listed[late["rights_request_id"]]["overdue"])
        self.assertIn("просрочено", officer.people("subject", "request", "list").stdout)

    def test_a_term_ends_with_the_day_of_the_childs_own_school(self):
        # 25 hours apart: one of the two always has another day than the region.
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            place = School(world, name=f"Школа {zone}", time_zone=zone)
            child = place.child("Чибисов", "Пётр")
            due, over = (
                officer("subject", "request", "open", child.subject_id.hex(), "--school",
                        place.school_id.hex(), "--kind", "withdraw", "--identity-checked",
                        "--received", place.today() - datetime.timedelta(days=days))
                for days in (30, 31))
            listed = {one["rights_request_id"]: one for one in officer("subject", "request", "list")}
            self.assertEqual([listed[one["rights_request_id"]]["overdue"] for one in (due, over)],
                             [False, True], zone)

    def test_a_term_is_extended_once_and_a_request_closed_once(self):
        child = school.child("Щеглов", "Пётр")
        asked = self.open(child, "access", "--identity-checked")
        request = asked["rights_request_id"]
        longer = officer("subject", "request", "extend", request, "--note", "архив в другом здании")
        self.assertGreater(longer["deadline"], asked["deadline"])
        officer.refused("RIGHTS_REQUEST_CLOSED", "subject", "request", "extend", request, "--note",
                        "ещё раз")
        officer.refused("FIELD_INVALID", "subject", "request", "close", request, "--outcome",
                        "refused")
        closed = officer("subject", "request", "close", request)
        self.assertEqual((closed["state"], closed["closed"]), ("done", str(school.today())))
        officer.refused("RIGHTS_REQUEST_CLOSED", "subject", "request", "close", request)
        self.assertNotIn(request, json.dumps(officer("subject", "request", "list")))
        self.assertIn(request, json.dumps(officer("subject", "request", "list", "--all")))

    def test_who_asks_is_checked_first(self):
        child = school.child("Снегирёв", "Пётр")
        self.open(child, "access", expect=EXIT_REFUSED)


class OfficerTest(unittest.TestCase):
    def test_no_palm_of_the_school_is_left(self):
        place = School(world, name="Школа № 3")
        its_head = Ctl(world, world.identity("school", place.school_id))
        child = place.child(money=10_000, card=True, palm=Palm(64))
        self.assertTrue(place.identify(probe=place.probe(child.palm)).payer.display_name)
        removed = with_second_person(officer, its_head, "officer", "remove-biometrics", "--school",
                                     place.school_id.hex())
        self.assertEqual((removed["palm_samples_removed"], removed["palm_samples_left"],
                          removed["rows_in_search"]), (3, 0, 0))
        self.assertGreater(removed["keys_destroyed"], 0)
        refusal = refusal_of(place.identify, probe=place.probe(child.palm))
        self.assertIn(refusal.reason, ("BIOMETRICS_OFF", "PALM_NOT_RECOGNISED"))
        self.assertEqual(refusal_of(place.enrol, child, child.palm).reason, "BIOMETRICS_OFF")
        self.assertTrue(place.identify(card=child.card).payer.display_name)

    def test_an_incident_with_its_terms_and_whom_it_touched(self):
        child = school.child("Зябликова", "Анна", money=1_000)
        untouched = school.child("Трясогузкина", "Анна")
        actor = uri_of(school.cashier.identity).rsplit("/", 1)[1]
        asked = officer("officer", "incident", "record", "--school", school.school_id.hex(),
                        "--actor", actor, "--from", "2020-01-01 00:00", "--until",
                        "2100-01-01T00:00:00Z", "--cause", "утерян ключ", "--harm",
                        "просмотр остатков", "--measures", "сертификат отозван", "--contact",
                        "канцелярия")
        incident = asked["incident_id"]
        detected, due_24, due_72 = (datetime.datetime.fromisoformat(asked[name].rstrip("Z"))
                                    for name in ("detected_at", "due_24", "due_72"))
        self.assertEqual((due_24 - detected, due_72 - detected),
                         (datetime.timedelta(hours=24), datetime.timedelta(hours=72)))
        affected = officer("officer", "incident", "affected", incident)
        touched = {one["subject_id"] for one in affected["subjects"]}
        self.assertIn(child.subject_id.hex(), touched)
        self.assertNotIn(untouched.subject_id.hex(), touched)
        self.assertIn("AccountsService/TopUp", affected["calls"])

        # A list names nobody in the log: whoever is at the school counts.
        def lists():
            return {one["call"]: one for one in officer("officer", "incident", "affected",
                                                        incident)["lists"]}

        before = lists().get("TerminalService/ListClass", {"calls": 0})["calls"]
        for _ in range(2):
            school.cashier.terminal.ListClass(terminal.ListClassRequest(class_name="5А",
                                                                        page_size=10))
        listed = lists()["TerminalService/ListClass"]
        people = len(school.desk.enrolment.ListSubjects(
            enrolment.ListSubjectsRequest(page_size=1_000)).subjects)
        people += sum(one["school_id"] == school.school_id.hex()
                      for one in officer("subject", "erasures", "--all"))
        self.assertEqual((listed["school_id"], listed["calls"], listed["people"]),
                         (school.school_id.hex(), before + 2, people))
        # Of an officer, too: whoever reads such a list has read ids, under the incident's own number.
        own = officer("officer", "incident", "record", "--actor",
                      uri_of(officer.identity).rsplit("/", 1)[1], "--from", "2020-01-01 00:00",
                      "--until", "2100-01-01 00:00", "--cause", "к", "--harm", "в", "--measures",
                      "м", "--contact", "т")["incident_id"]
        told = officer("officer", "incident", "affected", own)["lists"]
        self.assertIn("OfficerService/ListAffected", [one["call"] for one in told])
        self.assertNotIn("OfficerService/RecordIncident", [one["call"] for one in told])
        self.assertIn("TerminalService/ListClass",
                      officer.people("officer", "incident", "affected", incident).stdout)

        officer.refused("FIELD_INVALID", "officer", "incident", "report", incident, "--stage", "72",
                        "--receipt", "N-1")
        officer("officer", "incident", "report", incident, "--stage", "24", "--receipt", "N-1")
        officer("officer", "incident", "report", incident, "--stage", "72", "--receipt", "N-2")
        [listed] = [one for one in officer("officer", "incident", "list")
                    if one["incident_id"] == incident]
        self.assertEqual((listed["state"], listed["receipt_24"], listed["receipt_72"]),
                         ("reported_72", "N-1", "N-2"))
        self.assertIn("итоги сообщены", officer.people("officer", "incident", "list").stdout)


class KeysTest(unittest.TestCase):
    def test_a_new_epoch_while_everybody_eats(self):
        child = school.child(money=10_000, card=True)
        before = admin("keys", "show")
        after = admin("keys", "rotate", "--wait")
        self.assertEqual(after["epoch"], before["epoch"] + 1)
        self.assertFalse(after["rotation_under_way"])
        self.assertEqual(after["rotation_failure"], "")
        self.assertTrue(school.identify(card=child.card).payer.display_name)
        sysadmin = Ctl(world, world.sysadmin.identity)
        self.assertGreaterEqual(sysadmin("keys", "show")["epoch"], after["epoch"])
        sysadmin.refused("NOT_PERMITTED", "keys", "rotate")
        self.assertIn("Эпоха", admin.people("keys", "show").stdout)


class GrantsTest(unittest.TestCase):
    """A house in which nobody acts who was not let in by two."""

    def setUp(self):
        self.world = World(SEED + 1)
        self.addCleanup(self.world.close)
        self.first, self.second = (
            Ctl(self.world, self.world.identity("security-admin")) for _ in "ab")
        self.world.server.config["access"] |= {
            "grants_required": True, "founders": f"{self.first.uri} {self.second.uri}"}
        self.world.start()

    def grant(self, uri, holder):
        return with_second_person(self.first, self.second, "access", "grant", uri, "--holder",
                                  holder)

    def test_two_let_in_and_one_keeps_out(self):
        sysadmin = uri_of(self.world.sysadmin.identity)
        with self.assertRaisesRegex(Exception, "NOT_PERMITTED"):
            School(self.world)
        error = self.first.refused("APPROVAL_NEEDED", "access", "grant", sysadmin, "--holder",
                                   "P-1")
        self.first.refused("APPROVER_NOT_INDEPENDENT", "approval", "grant", error["approval_id"],
                           "--yes")
        self.second("approval", "grant", error["approval_id"], "--yes")
        granted = self.first("access", "grant", sysadmin, "--holder", "P-1", "--request-id",
                             error["request_id"])
        self.assertTrue(granted["granted"])
        place = School(self.world)
        desk = uri_of(place.desk.identity)
        ask = enrolment.ListSubjectsRequest()
        self.assertEqual(refusal_of(place.desk.enrolment.ListSubjects, ask).reason, "NOT_PERMITTED")
        # Who keeps the machines sees no child, whatever certificate they hold.
        self.first.refused("ROLES_APART", "access", "grant", desk, "--holder", "P-1")
        self.grant(desk, "P-2")
        place.desk.enrolment.ListSubjects(ask)

        self.assertEqual(self.second("access", "block", desk)["state"], "blocked")
        self.assertEqual(refusal_of(place.desk.enrolment.ListSubjects, ask).reason, "NOT_PERMITTED")
        listed = {one["principal"]: one for one in self.first("access", "principals")}
        self.assertEqual((listed[desk]["state"], listed[desk]["granted"]), ("blocked", True))
        self.assertEqual(self.first("access", "activate", desk)["state"], "active")
        place.desk.enrolment.ListSubjects(ask)
        self.assertNotIn(b"P-2", b"".join(
            path.read_bytes() for path in (self.world.directory / "store").rglob("*")
            if path.is_file()), "of a personnel number only a keyed hash is kept")


class MatrixTest(unittest.TestCase):
    """An operator's own table of rights, signed and put in place of the built-in one."""

    def test_printed_changed_signed_and_in_force(self):
        built_in = run("ladond", "--access-matrix").stdout
        self.assertEqual(built_in, (SOURCE / "server/access/access.matrix").read_text())
        own = World(SEED + 2)
        self.addCleanup(own.close)
        key, text, note = (own.directory / name for name in ("matrix.key", "matrix", "note"))
        vkey = json.loads(run("ladonctl", "--json", "access", "key", "--out", key).stdout)[
            "verifier_key"]
        line = "AuditService/GetCheckpoint              auditor@all senior-cashier"
        self.assertIn(line, built_in)
        text.write_text(built_in.replace(line, line.removesuffix(" senior-cashier")))
        run("ladonctl", "access", "sign", "--key", key, "--in", text, "--out", note)
        own.server.config["access"] |= {"matrix": str(note), "matrix_key": vkey}
        own.start()
        printed = run("ladond", "--access-matrix", "--config", own.server.config_path).stdout
        self.assertEqual(printed, text.read_text())
        place = School(own)
        self.assertEqual(refusal_of(place.cashier.audit.GetCheckpoint,
                                    audit.GetCheckpointRequest()).reason, "NOT_PERMITTED")
        own.client(own.identity("auditor")).audit.GetCheckpoint(audit.GetCheckpointRequest())

        note.write_text(note.read_text().replace("auditor@all", "auditor@all ", 1))
        done = run("ladond", "--access-matrix", "--config", own.server.config_path, check=False)
        self.assertEqual((done.returncode, done.stdout), (EXIT_CANNOT_OPEN, ""))
        self.assertEqual(run("ladond", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
