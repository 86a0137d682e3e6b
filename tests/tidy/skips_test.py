#!/usr/bin/env python3
"""Goal: whatever a test run leaves out is told, with the test program and the reason.

Method: a log in ctest's form, with what GoogleTest and unittest print for skipped tests.
"""

import unittest

import skips

LOG = """Start testing: Nov 22 10:18 UTC
----------------------------------------------------------
3/4 Testing: real_palms_test
3/4 Test: real_palms_test
Command: "/x/real_palms_test"
Output:
----------------------------------------------------------
[ RUN      ] RealPalmsTest.RankOne
/x/tests/matcher/real_palms_test.cc:40: Skipped
no palms in
../shared/data

[  SKIPPED ] RealPalmsTest.RankOne (0 ms)
[ RUN      ] RealPalmsTest.Counts
[       OK ] RealPalmsTest.Counts (0 ms)
<end of output>
4/4 Testing: e2e_demo_test
4/4 Test: e2e_demo_test
test_palms (demo_test.DemoTest.test_palms) ... skipped 'no palms'
test_disk (demo_test.DemoTest.test_disk)
A full disk stops the service. ... skipped "mounting isn't permitted"
test_real (demo_test.DemoTest.test_real) ... ok
<end of output>
End testing: Nov 22 10:19 UTC
"""


class SkipsTest(unittest.TestCase):
    def test_both_kinds(self):
        self.assertEqual(list(skips.skips(LOG)), [
            ("real_palms_test", "RealPalmsTest.RankOne", "no palms in ../shared/data"),
            ("e2e_demo_test", "test_palms", "no palms"),
            ("e2e_demo_test", "test_disk", "mounting isn't permitted"),
        ])

    def test_nothing_skipped(self):
        self.assertEqual(list(skips.skips(LOG.replace("SKIPPED", "OK").replace("skipped", ""))), [])


if __name__ == "__main__":
    unittest.main()
