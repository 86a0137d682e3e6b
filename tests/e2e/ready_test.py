"""Goal: a sysadmin hears in time of what will stop sales: consents that end, 18th birthdays, idle tills,
certificates, a backup or an epoch that is overdue; and of no child.

Method: each of them made with the real tools, by dates and by a clock that goes ahead.
"""

import datetime
import json
import unittest

from ladon_palms import Palm
from ladon_world import FakeClock, School, World, date_of, refusal_of, run
from ladon_world import admin_service_pb2 as admin
from ladon_world import enrolment_service_pb2 as enrolment

SEED = 4_242
DAY_SECONDS = 24 * 3_600


class ReadyTest(unittest.TestCase):
    def setUp(self):
        self.world = World(SEED)
        self.addCleanup(self.world.close)
        self.clock = FakeClock(self.world.directory)
        self.world.start(env=self.clock.env)
        self.school = School(self.world)

    def ready(self, *more):
        done = run("ladonctl", "--json", "--server", self.world.server.address, "--identity",
                   self.world.sysadmin.identity, "ready", *more, check=False, env=self.clock.env)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1 if found else 0)
        return {one["kind"]: one for one in found}

    def backup(self):
        run("ladonctl", "--server", self.world.server.address, "--identity",
            self.world.sysadmin.identity, "backup", "create")

    def consent(self, child, kind, days):
        self.school.desk.enrolment.RecordConsent(enrolment.RecordConsentRequest(
            request_id=self.world.id(), subject_id=child.subject_id, kind=kind,
            signer=enrolment.CONSENT_SIGNER_REPRESENTATIVE, form=enrolment.CONSENT_FORM_PAPER,
            document_sha256=b"d" * 32, authority_checked=True,
            valid_from=date_of(self.school.today()),
            valid_until=date_of(self.school.today() + datetime.timedelta(days=days))))

    def test_a_fresh_server_with_a_backup_has_nothing_coming(self):
        self.assertIn("backup", self.ready())
        self.backup()
        self.assertEqual(self.ready(), {})

    def test_consents_that_end_are_counted_and_nobody_is_named(self):
        self.backup()
        for days in (10, 20, 200):
            child = self.school.child(family="Несуществующий")
            self.consent(child, enrolment.CONSENT_KIND_PERSONAL_DATA, days)
            self.consent(child, enrolment.CONSENT_KIND_BIOMETRIC, days + 15)
        found = self.ready()
        self.assertEqual(found.keys(), {"personal_data_consent", "biometric_consent"})
        self.assertEqual(found["personal_data_consent"]["count"], "2")
        self.assertEqual(found["biometric_consent"]["count"], "1")
        first = self.school.today() + datetime.timedelta(days=11)
        self.assertTrue(found["personal_data_consent"]["at"].startswith(first.isoformat()))
        self.assertNotIn("Несуществующий", json.dumps(found, ensure_ascii=False))
        self.assertEqual(self.ready("--days", "5"), {})

    def test_18th_birthdays_of_those_whose_palms_are_known(self):
        self.backup()
        today = self.school.today()
        soon = today + datetime.timedelta(days=20)
        children = [self.school.child(family="Несуществующий", palm=Palm(30 + n)) for n in range(3)]
        # 29 February is a day on which nobody else of this test turns 18.
        days = (f"{soon.year - 18}{soon:-%m-%d}", f"{soon.year - 17}{soon:-%m-%d}", None)
        if (soon.month, soon.day) == (2, 29):
            days = (f"{soon.year - 18}-03-01", f"{soon.year - 17}-03-01", None)
        desk = ("--server", self.world.server.address, "--identity", self.school.desk.identity)
        for child, day in zip(children, days):
            if day is not None:
                run("ladonctl", *desk, "subjects", "rename", child.subject_id.hex(),
                    "--birth-date", day)
        found = self.ready()
        self.assertEqual(found.keys(), {"birthday_18"})
        self.assertEqual(found["birthday_18"]["count"], "1")
        self.assertNotIn("Несуществующий", json.dumps(found, ensure_ascii=False))
        # A known date is an officer's to change.
        wrong = run("ladonctl", *desk, "subjects", "rename", children[0].subject_id.hex(),
                    "--birth-date", "2010-01-01", check=False)
        self.assertEqual(wrong.returncode, 1, wrong.stderr)
        self.assertIn("birth_date", wrong.stderr)

    def test_idle_tills_and_a_backup_that_is_old(self):
        self.backup()
        child = self.school.child(money=100_000, card=True)
        self.school.till.terminal.IdentifyAndDebit(self.school.sale(
            child.card, self.school.basket(School.SOUP)))
        self.assertEqual(self.ready(), {})
        self.clock.set(75 * DAY_SECONDS)
        found = self.ready("--days", "300")
        self.assertIn("till_idle", found)
        self.assertIn("Школа № 1", found["till_idle"]["where"])
        self.assertIn("backup", found)

    def test_certificates_of_the_server_and_of_everybody(self):
        self.backup()
        arguments = ("--config", self.world.server.config_path, "--dir", self.world.pki)
        self.assertEqual(self.ready(*arguments).keys() - {"disk"}, set())
        found = self.ready("--days", "366", *arguments)
        self.assertLessEqual({"certificate", "identity"}, found.keys())

    def test_for_the_sysadmin_only_and_within_bounds(self):
        self.assertEqual(refusal_of(self.school.cashier.admin.ListComingStops,
                                    admin.ListComingStopsRequest()).reason, "NOT_PERMITTED")
        refusal = refusal_of(self.world.sysadmin.admin.ListComingStops,
                             admin.ListComingStopsRequest(days=367))
        self.assertEqual((refusal.reason, refusal.field), ("FIELD_INVALID", "days"))


if __name__ == "__main__":
    unittest.main()
