#!/usr/bin/env python3
"""Goal: the table of Order 21 cannot claim what is not there, or what did not pass.

Method: the real table, spoilt in one place at a time; logs of ctest made by hand.
"""

import copy
import pathlib
import unittest

import order21

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Order21Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.head, cls.rows = order21.read(ROOT)

    def found(self, spoil):
        rows = copy.deepcopy(self.rows)
        spoil(rows)
        return "\n".join(order21.findings(ROOT, self.head, rows))

    def row(self, rows, code):
        return next(row for row in rows if row["code"] == code)

    def test_the_table_holds(self):
        self.assertEqual(self.found(lambda rows: None), "")

    def test_each_kind_of_claim_that_is_not_true(self):
        for field, value, words in (("file", "server/nowhere.cc", "no such file"),
                                    ("test", "no_such_test", "no such test"),
                                    ("test", "e2e_tls_test:TlsTest.test_nothing", "no such test"),
                                    ("test", "deploy/hardening/check:nothing", "no such check"),
                                    ("test", "", "nothing proves it"),
                                    ("file", "", "nothing carries it"),
                                    ("class", "d", "class d"),
                                    ("level", "1", "the base set of level")):
            with self.subTest(field + " " + value):
                def spoil(rows, field=field, value=value):
                    self.row(rows, "ЗИС.3")[field] = value
                self.assertIn(words, self.found(spoil))
        self.assertIn("measures, not 109", self.found(lambda rows: rows.pop()))

    def test_a_measure_counts_only_when_a_test_of_it_passed(self):
        rows = [{"code": "ИАФ.1", "level": "4,3,2,1", "class": "a", "test": "one_test:A.b,two_test"}]

        def log(*tests):
            return "".join(f"{n}/9 Testing: {name}\n{said}\n" for n, (name, said) in
                           enumerate(tests, 1))

        for text, holds in (
                (log(("one_test", "Test Passed."), ("two_test", "Test Failed.")), True),
                (log(("one_test", "Test Failed."), ("two_test", "Test Failed.")), False),
                (log(("other_test", "Test Passed.")), False),
                # The case named was skipped: that its program passed says nothing.
                (log(("one_test", "b (m.A.b) ... skipped 'not here'\nTest Passed.")), False),
                (log(("one_test", "b (m.A.b) ... skipped 'no'\nTest Passed."),
                     ("two_test", "Test Passed.")), True)):
            with self.subTest(text):
                passed, skipped = order21.outcomes(text)
                self.assertEqual(list(order21.unproved(rows, passed, skipped)) == [], holds)

    def test_the_report_has_every_measure(self):
        page = order21.report(self.rows, None, set())
        for row in self.rows:
            self.assertIn(f"<td>{row['code']}<td>", page)


if __name__ == "__main__":
    unittest.main()
