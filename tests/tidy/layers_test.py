#!/usr/bin/env python3
"""Goal: the layers check sees every kind of violation, and passes a tree that has none.

Method: a small good tree in a temporary directory, broken in one way a test; the complaint must
name the file and the reason. A check that never complains would fail here.
"""

import pathlib
import tempfile
import unittest

import layers

TABLE = {
    "roots": ["matcher", "server"],
    "components": {
        "matcher": [],
        "matcher/extract": ["matcher"],
        "proto": [],
        "server/base": [],
        "server/flow": ["server/base", "matcher/code.h"],
        "server/rpc": ["server/flow", "proto"],
        "tests": ["*"],
    },
    "generated": {"ladon/v1/": "proto"},
    "third_party": ["absl/"],
    "libraries": {"grpcpp/": ["server/rpc"], "rocksdb/": ["tests"]},
}

GOOD = {
    "matcher/code.h": "#include <vector>\n",
    "matcher/gallery.h": '#include "matcher/code.h"\n',
    "matcher/extract/gabor.cc": '#include "matcher/gallery.h"\n',
    "proto/ladon/v1/types.proto": "",
    "server/base/id.h": '#include "absl/status/status.h"\n',
    "server/flow/debit.cc": '#include "server/base/id.h"\n#include "matcher/code.h"\n',
    "server/rpc/call.cc": '#include <grpcpp/grpcpp.h>\n#include "ladon/v1/types.pb.h"\n',
    "tests/x_test.cc": '#include "rocksdb/db.h"\n#include "server/flow/debit.cc"\n',
}


class LayersTest(unittest.TestCase):
    def complaints(self, changes=None, table=None):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in {**GOOD, **(changes or {})}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            found, count = layers.check(root, layers.Table({**TABLE, **(table or {})}))
            self.assertEqual(count, sum(n.endswith((".h", ".cc")) for n in {**GOOD, **(changes or {})}))
            return found

    def expect_one(self, found, *parts):
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])

    def test_good_tree_has_no_complaint(self):
        self.assertEqual(self.complaints(), [])

    def test_include_against_the_table(self):
        found = self.complaints({"server/base/id.h": '\n#include "server/flow/debit.h"\n',
                                 "server/flow/debit.h": ""})
        self.expect_one(found, "server/base/id.h:2:", "server/base may not include server/flow")

    def test_one_permitted_header_does_not_open_its_component(self):
        found = self.complaints({"server/flow/debit.cc": '#include "matcher/gallery.h"\n'})
        self.expect_one(found, "server/flow/debit.cc:1:", "may not include matcher/gallery.h")

    def test_inner_component_is_not_its_parent(self):
        found = self.complaints({"matcher/code.h": '#include "matcher/extract/gabor.h"\n',
                                 "matcher/extract/gabor.h": ""})
        self.expect_one(found, "matcher/code.h:1:", "matcher may not include matcher/extract")

    def test_cycle_in_the_table(self):
        components = {**TABLE["components"], "server/base": ["server/flow"]}
        self.expect_one(self.complaints(table={"components": components}), "a cycle")

    def test_cycle_through_a_single_header(self):
        components = {**TABLE["components"], "matcher": ["server/flow/debit.h"]}
        self.expect_one(self.complaints(table={"components": components}), "a cycle")

    def test_table_that_names_nothing(self):
        components = {**TABLE["components"], "server/base": ["server/bass"]}
        self.expect_one(self.complaints(table={"components": components}), "server/bass")

    def test_file_that_no_component_covers(self):
        found = self.complaints({"server/new/thing.cc": ""})
        self.expect_one(found, "server/new/thing.cc", "no component")

    def test_quoted_include_that_no_component_covers(self):
        found = self.complaints({"server/flow/debit.cc": '#include "debit.h"\n'})
        self.expect_one(found, "server/flow/debit.cc:1:", "belongs to no component")

    def test_quoted_include_of_a_file_that_is_not_there(self):
        found = self.complaints({"server/flow/debit.cc": '#include "server/base/ids.h"\n'})
        self.expect_one(found, "server/base/ids.h does not exist")

    def test_generated_header_without_a_proto(self):
        found = self.complaints({"server/rpc/call.cc": '#include "ladon/v1/other.grpc.pb.h"\n'})
        self.expect_one(found, "generated from no .proto")

    def test_generated_header_where_proto_is_not_allowed(self):
        found = self.complaints({"server/flow/debit.cc": '#include "ladon/v1/types.pb.h"\n'})
        self.expect_one(found, "server/flow may not include ladon/v1/types.pb.h")

    def test_library_header_outside_its_component_either_spelling(self):
        for spelling in ("<grpcpp/grpcpp.h>", '"grpcpp/grpcpp.h"'):
            found = self.complaints({"server/flow/debit.cc": f"#  include {spelling}\n"})
            self.expect_one(found, "server/flow may not see grpcpp/ headers")

    def test_star_does_not_open_restricted_libraries(self):
        found = self.complaints({"tests/x_test.cc": "#include <grpcpp/grpcpp.h>\n"})
        self.expect_one(found, "tests may not see grpcpp/ headers")


if __name__ == "__main__":
    unittest.main()
