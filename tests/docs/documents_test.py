#!/usr/bin/env python3
"""Goal: what README.md, proto/README.md and ledger/README.md tell is what the code does.

Method: the error table of proto/README.md compared, row by row, with errors.proto and with the
status codes of server/flow/refusal.cc; its card examples worked out again; the verdicts of
ledger/README.md compared with ledger/result.h; the commands of README.md looked up in ./dev.
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def proto_reasons():
    found = re.findall(r"^\s*ERROR_REASON_(\w+) = (\d+);", text("proto/ladon/v1/errors.proto"), re.M)
    return {name: int(number) for name, number in found if int(number) != 0}


def refusal_codes():
    """{reason: gRPC status} as in the table of refusal.cc."""
    rows = re.findall(r'Row\{Reason::k\w+,\s*"(\w+)",\s*Code::k(\w+)\}', text("server/flow/refusal.cc"))
    return {name: re.sub(r"(?<=.)([A-Z])", r"_\1", code).upper() for name, code in rows}


def table_rows():
    section = text("proto/README.md").split("\n## Errors\n")[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines() if re.match(r"\| \d+ \|", line)]
    return [(int(row[0]), row[1], row[2], row[3:]) for row in rows]


def canonical(technology, uid, profile):
    """The rule of proto/README.md, written a second time; None = refused."""
    lengths = {1: (4, 7, 10), 2: (5,), 3: (3,)}
    if len(uid) not in lengths[technology]:
        return None
    if profile == "REVERSED":
        uid = uid[::-1]
    if technology == 1 and len(uid) == 4 and uid[0] == 0x08:
        return None
    return bytes([technology, len(uid)]) + uid


class ErrorTableTest(unittest.TestCase):
    def test_lists_exactly_the_reasons_of_the_contract(self):
        rows = table_rows()
        self.assertGreater(len(rows), 40)
        names = [name for _, name, _, _ in rows]
        self.assertEqual(len(names), len(set(names)), "a reason is listed twice")
        self.assertEqual({name: number for number, name, _, _ in rows}, proto_reasons())
        self.assertEqual([number for number, *_ in rows], sorted(number for number, *_ in rows))

    def test_status_codes_are_those_of_the_code(self):
        codes = refusal_codes()
        self.assertEqual(set(codes), set(proto_reasons()))
        self.assertEqual({name: status for _, name, status, _ in table_rows()}, codes)

    def test_every_reason_says_when_and_every_living_one_what_to_do(self):
        for _, name, _, rest in table_rows():
            self.assertEqual(len(rest), 3, name)
            self.assertTrue(rest[0], name)
            self.assertTrue(rest[1] or name == "OPERATION_UNKNOWN", name)

    def test_burns_as_the_ledger_says(self):
        source = text("server/flow/refusal.cc")
        mapped = dict(re.findall(r"case R::k(\w+):\s*return Refuse\(Reason::k(\w+)", source) +
                      re.findall(r"\{R::k(\w+), Reason::k(\w+)\}", source))
        self.assertIn("InsufficientFunds", mapped)
        kept = set(re.findall(r"ResultCode::k(\w+)", "".join(
            re.search(rf"bool {function}\(.*?\{{(.*?)\n\}}", text("ledger/result.cc"), re.S)[1]
            for function in ("IsReuse", "BurnsRequestId"))))
        marked = {name.replace("_", "").lower() for _, name, _, rest in table_rows()
                  if rest[2] == "yes"}
        by_ledger = {reason.lower() for result, reason in mapped.items() if result not in kept}
        also_before = {name.replace("_", "").lower() for _, name, _, rest in table_rows()
                       if rest[2] == "by the ledger"} | {"fieldinvalid"}
        self.assertEqual(marked, by_ledger - also_before)


class VerdictTableTest(unittest.TestCase):
    def test_lists_exactly_the_verdicts_of_the_ledger(self):
        numbers = {name: int(number) for name, number in re.findall(
            r"^  k(\w+) = (\d+),", text("ledger/result.h"), re.M)}
        names = dict(re.findall(r'\{ResultCode::k(\w+), "(\w+)"\}', text("ledger/result.cc")))
        self.assertGreater(len(numbers), 30)
        self.assertEqual(set(numbers), set(names))
        rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (yes|no) \|", text("ledger/README.md"), re.M)
        self.assertEqual([(int(number), name) for number, name, _ in rows],
                         sorted((number, names[key]) for key, number in numbers.items()))
        kept = set(re.findall(r"ResultCode::k(\w+)", "".join(
            re.search(rf"bool {function}\(.*?\{{(.*?)\n\}}", text("ledger/result.cc"), re.S)[1]
            for function in ("IsReuse", "BurnsRequestId"))))
        self.assertEqual({name for _, name, burns in rows if burns == "no"},
                         {names[key] for key in kept})


class CardExamplesTest(unittest.TestCase):
    def test_examples_follow_the_rule(self):
        rows = re.findall(r"^\| \w+ \((\d)\) \| `([0-9a-f ]+)` \| (\w+) \| (.*) \|$",
                          text("proto/README.md"), re.M)
        self.assertGreaterEqual(len(rows), 5)
        for technology, uid, profile, result in rows:
            found = canonical(int(technology), bytes.fromhex(uid), profile)
            if result.startswith("refused"):
                self.assertIsNone(found, uid)
            else:
                self.assertEqual(found, bytes.fromhex(result.strip("`")), uid)


class CommandsTest(unittest.TestCase):
    def test_commands_of_the_documents_exist(self):
        script = text("dev")
        known = set(re.findall(r"^    ([\w-]+)\)|^    ([\w-]+) \| --help", script, re.M))
        known = {word for pair in known for word in pair if word}
        self.assertIn("demo", known)
        for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
            used = set(re.findall(r"\./dev ([\w-]+)", text(name)))
            self.assertEqual(used - known, set(), name)
        self.assertTrue({"demo", "test"} <= set(re.findall(r"\./dev ([\w-]+)", text("README.md"))))


if __name__ == "__main__":
    unittest.main(verbosity=2)
