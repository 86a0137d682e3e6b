"""Goal: a caterer, a school's head and a municipality get figures of meals that are what was sold,
and in nothing that they get is there a child.

Method: the real server and ladonctl; three schools of different sizes with sales by card; the
answers, as tables, as JSON and as bytes, compared with what was sold and searched for every id
that belongs to a child.
"""

import datetime
import json
import unittest

from ladon_world import FakeClock, School, World, date_of, run
from ladon_world import report_service_pb2 as reports

SEED = 707
EXIT_DONE, EXIT_REFUSED, EXIT_USAGE = 0, 1, 2
SOUP, TEA = 4_500, 1_500
MONEY = 100_000
DAY_SECONDS = 24 * 3600

world = None
large = small = middle = None
children = []


def setUpModule():
    global world, large, small, middle
    world = World(SEED)
    clock = FakeClock(world.directory)
    world.start(env=clock.env)
    large, small, middle = (School(world, name=f"Школа № {number}") for number in (1, 2, 3))
    for school, count in ((large, 7), (small, 3), (middle, 6)):
        for _ in range(count):
            child = school.child(money=MONEY, card=True)
            children.append(child)
            sale = school.sale(child.card, school.basket(School.SOUP, School.TEA))
            school.till.terminal.IdentifyAndDebit(sale)
    # The last child of the last school gave its tea back.
    middle.till.terminal.Cancel(middle.cancel(sale.request_id, lines=[1]))
    clock.set(2 * DAY_SECONDS)  # A school's day is told when it is over.


def tearDownModule():
    world.close()


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.caterer = world.identity("caterer", middle.school_id, middle.caterer_id)
        self.municipality = world.identity("municipality")
        # Whichever school's day it is.
        self.first = large.today() - datetime.timedelta(days=1)
        self.last = large.today() + datetime.timedelta(days=1)

    def ctl(self, identity, noun, *more, expect=EXIT_DONE, lang="ru"):
        done = run("ladonctl", "--server", world.server.address, "--identity", identity, *more,
                   "report", noun, "--from", str(self.first), "--to", str(self.last), check=False,
                   env={"LADON_LANG": lang})
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        self.assert_no_child(done.stdout.encode())
        return done.stdout

    def assert_no_child(self, told):
        for child in children:
            for secret in (child.subject_id, child.account_id, child.card.uid):
                self.assertNotIn(secret, told)
                self.assertNotIn(secret.hex().encode(), told)

    def test_a_caterer(self):
        report = json.loads(self.ctl(self.caterer, "caterer", "--json"))
        day = str(middle.today())
        self.assertEqual([(one["day"], one["name"], one["portions"], one["kopecks"],
                           one["cancelled_portions"], one["cancelled_kopecks"])
                          for one in report["products"]],
                         [(day, "Суп", 6, 6 * SOUP, 0, 0), (day, "Чай", 6, 6 * TEA, 1, TEA)])
        self.assertEqual(report["total"]["kopecks"], 6 * (SOUP + TEA))
        self.assertEqual(report["owed_kopecks"], 6 * SOUP + 5 * TEA)
        table = self.ctl(self.caterer, "caterer")
        for word in ("Суп", "Чай", "Всего", "Задолженность", "345,00"):
            self.assertIn(word, table)

    def test_a_municipality(self):
        report = json.loads(self.ctl(self.municipality, "municipality", "--json"))
        by_id = {one["school_id"]: one for one in report["schools"]}
        told = by_id[large.school_id.hex()]
        self.assertEqual((told["name"], told["suppressed"], told["purses"], told["debits"],
                          told["portions"], told["meals_kopecks"], told["topped_up_kopecks"]),
                         ("Школа № 1", False, 7, 7, 14, 7 * (SOUP + TEA), 7 * MONEY))
        for school in (small, middle):  # The small one, and the next: one alone could be found.
            left_out = by_id[school.school_id.hex()]
            self.assertTrue(left_out["suppressed"])
            self.assertEqual([left_out[name] for name in (
                "purses", "debits", "portions", "meals_kopecks", "topped_up_kopecks")], [0] * 5)
        self.assertEqual(report["total"]["meals_kopecks"], 7 * (SOUP + TEA))
        table = self.ctl(self.municipality, "municipality", lang="en")
        self.assertIn("—", table)
        self.assertIn("are left out", table)

    def test_a_school(self):
        head = world.identity("school", large.school_id)
        report = json.loads(self.ctl(head, "school", "--json"))
        self.assertEqual([one["day"] for one in report["days"]], [str(large.today())])
        self.assertEqual(report["total"]["meals_kopecks"], 7 * (SOUP + TEA))
        self.assertIn(str(large.today()), self.ctl(head, "school"))
        head = world.identity("school", small.school_id)
        report = json.loads(self.ctl(head, "school", "--json"))
        self.assertTrue(report["total"]["suppressed"])
        self.assertEqual(report["total"]["debits"], 0)

    def test_the_bytes_of_the_answers(self):
        days = {"first_day": date_of(self.first), "last_day": date_of(self.last)}
        for identity, method, request in (
                (self.caterer, "GetCatererReport", reports.GetCatererReportRequest(**days)),
                (self.municipality, "GetMunicipalReport",
                 reports.GetMunicipalReportRequest(**days)),
                (world.identity("school", large.school_id), "GetSchoolReport",
                 reports.GetSchoolReportRequest(**days))):
            answer = getattr(world.client(identity).reports, method)(request)
            self.assertGreater(len(answer.SerializeToString()), 20)
            self.assert_no_child(answer.SerializeToString())

    def test_who_may_not_and_what_may_not(self):
        for noun, identity in (("municipality", self.caterer), ("caterer", self.municipality),
                               ("school", self.caterer),
                               # Another school's caterer under the name of this school.
                               ("caterer", world.identity("caterer", middle.school_id,
                                                          large.caterer_id))):
            error = json.loads(self.ctl(identity, noun, "--json", expect=EXIT_REFUSED))["error"]
            self.assertEqual(error["reason"], "ERROR_REASON_NOT_PERMITTED")
        self.first -= datetime.timedelta(days=62)
        error = json.loads(self.ctl(self.caterer, "caterer", "--json",
                                    expect=EXIT_REFUSED))["error"]
        self.assertEqual((error["reason"], error["field"]),
                         ("ERROR_REASON_FIELD_INVALID", "last_day"))
        self.first = "31.12.2026"
        self.ctl(self.caterer, "caterer", expect=EXIT_USAGE)


if __name__ == "__main__":
    unittest.main()
