// Goal: the exit codes are what --help promises, for everything that needs no server.
// Method: whole command lines against temporary directories and a port that nobody serves.
#include "server/client/ctl/ladonctl.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/proof/note.h"
#include "server/base/key_file.h"
#include "server/client/ctl/values.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

const char kId[] = "0123456789abcdef0123456789abcdef";
// Port 1 on loopback: reserved, never a gRPC server; the refusal comes at once.
const char kNobody[] = "127.0.0.1:1";

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome Ladonctl(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"ladonctl"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int code =
      RunLadonctl(static_cast<int>(argv.size()), argv.data(), base::Language::kEnglish, &out, &err);
  return {.code = code, .out = out.str(), .err = err.str()};
}

TEST(LadonctlTest, HelpNamesExitCodesAndEveryNoun) {
  const Outcome help = Ladonctl({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* word :
       {"Exit codes", "pki",       "keys",    "school",   "terminal", "caterer", "prices",
        "subjects",   "subject",   "officer", "approval", "access",   "consent", "card",
        "account",    "operation", "audit",   "security", "report",   "Examples"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
}

TEST(LadonctlTest, WrongUsageIsTwo) {
  const std::string id(kId);
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"nonsense"},
           {"school"},
           {"school", "create"},
           {"account", "top-up", "xyz", "10"},
           {"account", "top-up", id, "1.234"},
           {"account", "top-up", id, "-5"},
           {"security"},
           {"security", "events", "--from", "yesterday"},
           {"security", "events", "--until", "2026-02-30"},
           {"security", "events", "--outcome", "good"},
           {"security", "events", "--actor", "xyz"},
           {"security", "events", "--limit", "0"},
           {"security", "export"},
           {"account", "balance", std::string(32, '0')},
           {"card", "bind", "--subject", id, "--card", "12"},
           {"pki", "revoke", "--dir", "pki", "--reason", "keyCompromise"},
           {"pki", "revoke", "--dir", "pki", "--serial", "0a0b", "--certificate", "cert.pem",
            "--reason", "keyCompromise"},
           {"pki", "revoke", "--dir", "pki", "--serial", "0a0b"},
           {"pki", "revoke", "--dir", "pki", "--serial", "0a0b", "--reason", "lost"},
           {"pki", "rotate", "--dir", "pki", "--from", "a", "--out", "b", "--days", "0"},
           {"approval", "grant", "xyz"},
           {"approval", "grant", id, "--json"},
           {"access", "grant", "ladon://-/director/" + id},
           {"subject", "export", id},
           {"subject", "rectify", id, "--birth-date", "1899-12-31"},
           {"subject", "rectify", id, "--clear", "name"},
           {"subject", "erase"},
           {"subject", "erase", id, "--reason", "boredom", "--out", "x"},
           {"subject", "erase", id, "--reason", "court", "--out", "x", "--performed-by", "Nobody"},
           {"subject", "request", "open", id, "--kind", "forget"},
           {"subject", "request", "extend", id},
           {"officer", "incident", "record", "--from", "yesterday", "--cause", "a", "--harm", "b",
            "--measures", "c", "--contact", "d"},
           {"officer", "incident", "report", id, "--stage", "48", "--receipt", "1"},
           {"officer", "remove-biometrics"},
           {"card", "block"},
           {"card", "block", "--card-id", id, "--card", "04A1B2C3"},
           {"prices", "show", "--caterer", id, "--day", "2026-02-30"},
           {"--request-id", "12", "school", "list"},
           {"--timeout-ms", "0", "school", "list"},
           {"--request-id", id, "subjects", "import", "x.csv"},
           {"subjects", "import", "x.csv", "--map", "colour=red"}}) {
    EXPECT_EQ(Ladonctl(arguments).code, 2) << ::testing::PrintToString(arguments);
  }
}

TEST(LadonctlTest, MakesAuthorityIdentitiesAndKey) {
  const TempDir dir;
  const std::string pki = dir.File("pki");
  ASSERT_EQ(Ladonctl({"pki", "init", "--dir", pki, "--dns", "core.example"}).code, 0);
  EXPECT_EQ(Ladonctl({"pki", "init", "--dir", pki}).code, 4);
  ASSERT_EQ(
      Ladonctl({"pki", "issue", "--dir", pki, "--role", "sysadmin", "--out", dir.File("a")}).code,
      0);
  EXPECT_EQ(Ladonctl({"pki", "issue", "--dir", pki, "--role", "terminal", "--school", kId, "--out",
                      dir.File("t")})
                .code,
            2);
  EXPECT_EQ(
      Ladonctl({"pki", "issue", "--dir", pki, "--role", "enroller", "--out", dir.File("e")}).code,
      2);
  const Outcome till = Ladonctl({"--json", "pki", "issue", "--dir", pki, "--role", "terminal",
                                 "--school", kId, "--id", kId, "--out", dir.File("t")});
  ASSERT_EQ(till.code, 0);
  EXPECT_EQ(nlohmann::json::parse(till.out)["principal"],
            std::string("ladon://") + kId + "/terminal/" + kId);
  const Outcome shown =
      Ladonctl({"pki", "show", dir.File("t/cert.pem"), pki + "/server/cert.pem", "--json"});
  ASSERT_EQ(shown.code, 0);
  const nlohmann::json all = nlohmann::json::parse(shown.out);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["expired"], false);
  EXPECT_EQ(Ladonctl({"pki", "show", dir.File("none")}).code, 4);

  ASSERT_EQ(Ladonctl({"keys", "init", dir.File("root.key")}).code, 0);
  EXPECT_THAT(base::ReadRootKeyFile(dir.File("root.key")), IsOk());
  EXPECT_EQ(Ladonctl({"keys", "init", dir.File("root.key")}).code, 4);
}

TEST(LadonctlTest, RotatesRevokesAndLists) {
  const TempDir dir;
  const std::string pki = dir.File("pki");
  ASSERT_EQ(Ladonctl({"pki", "init", "--dir", pki}).code, 0);
  const auto issue = [&](const std::string& role, const std::string& out) {
    return Ladonctl({"pki", "issue", "--dir", pki, "--role", role, "--holder", "P-104", "--out",
                     dir.File(out)});
  };
  ASSERT_EQ(issue("auditor", "a").code, 0);
  const Outcome apart = issue("sysadmin", "s");
  EXPECT_EQ(apart.code, 4);
  EXPECT_THAT(apart.err, HasSubstr("nobody holds that together with sysadmin"));

  const Outcome rotated = Ladonctl({"--json", "pki", "rotate", "--dir", pki, "--from",
                                    dir.File("a"), "--out", dir.File("b"), "--revoke-old"});
  ASSERT_EQ(rotated.code, 0) << rotated.out;
  const nlohmann::json both = nlohmann::json::parse(rotated.out);
  EXPECT_EQ(both["made"]["holder"], "P-104");
  EXPECT_EQ(both["old"]["reason"], "superseded");
  const std::string serial = both["made"]["serial"];
  const Outcome shown = Ladonctl({"--json", "pki", "show", dir.File("b/cert.pem")});
  EXPECT_EQ(nlohmann::json::parse(shown.out)[0]["serial"], serial);
  EXPECT_EQ(nlohmann::json::parse(shown.out)[0]["holder"], "P-104");

  const std::vector<std::string> revoke = {"--json",   "pki",  "revoke",   "--dir",        pki,
                                           "--serial", serial, "--reason", "keyCompromise"};
  for (const bool before : {false, true}) {
    const Outcome revoked = Ladonctl(revoke);
    ASSERT_EQ(revoked.code, 0) << revoked.out;
    EXPECT_EQ(nlohmann::json::parse(revoked.out)["before"], before);
    EXPECT_EQ(nlohmann::json::parse(revoked.out)["list"]["revoked"], 2);
  }
  EXPECT_EQ(
      Ladonctl({"pki", "revoke", "--dir", pki, "--serial", "0a0b", "--reason", "superseded"}).code,
      4);
  const Outcome list = Ladonctl({"--json", "pki", "list", "--dir", pki});
  ASSERT_EQ(list.code, 0);
  const nlohmann::json all = nlohmann::json::parse(list.out);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["principal"], "server");
  EXPECT_EQ(all[0]["in_force"], true);
  EXPECT_EQ(all[2]["reason"], "keyCompromise");
  EXPECT_EQ(all[2]["in_force"], false);
  EXPECT_THAT(Ladonctl({"pki", "list", "--dir", pki}).out,
              HasSubstr("the key may be in other hands"));
  const Outcome crl = Ladonctl({"--json", "pki", "crl", "--dir", pki});
  EXPECT_EQ(nlohmann::json::parse(crl.out)["file"], pki + "/ca/crl.pem");
  EXPECT_EQ(nlohmann::json::parse(crl.out)["number"], 5);
  EXPECT_THAT(Ladonctl({"pki", "crl", "--dir", pki}).out, HasSubstr("Revocation list 6"));
  EXPECT_EQ(issue("sysadmin", "s").code, 0) << "the auditor's are revoked";
}

TEST(LadonctlTest, SignsATableOfRights) {
  const TempDir dir;
  const std::vector<std::string> make = {"--json", "access", "key", "--out", dir.File("key")};
  const Outcome made = Ladonctl(make);
  ASSERT_EQ(made.code, 0) << made.out;
  EXPECT_EQ(Ladonctl(make).code, 4) << "a key is never overwritten";
  EXPECT_EQ(std::filesystem::status(dir.File("key")).permissions(),
            std::filesystem::perms::owner_read);
  const std::string vkey = nlohmann::json::parse(made.out)["verifier_key"];

  const auto sign = [&](const std::string& in, const std::string& out) {
    return Ladonctl(
        {"--json", "access", "sign", "--key", dir.File("key"), "--in", in, "--out", out});
  };
  std::ofstream(dir.File("matrix")) << "ladon access matrix 1\n";
  const Outcome signed_one = sign(dir.File("matrix"), dir.File("note"));
  ASSERT_EQ(signed_one.code, 0) << signed_one.out;
  EXPECT_EQ(nlohmann::json::parse(signed_one.out)["verifier_key"], vkey);
  ASSERT_OK_AND_ASSIGN(const ledger::VerifierKey key, ledger::ParseVerifierKey(vkey));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadWholeFile(dir.File("note"), 1'024));
  ASSERT_OK_AND_ASSIGN(const ledger::Note note, ledger::OpenNote(bytes, {&key, 1}));
  EXPECT_EQ(note.text, "ladon access matrix 1\n");

  EXPECT_EQ(sign(dir.File("matrix"), dir.File("note")).code, 4) << "nor is what was signed";
  EXPECT_EQ(sign(dir.File("none"), dir.File("other")).code, 4);
  std::ofstream(dir.File("torn")) << "no line feed";
  EXPECT_EQ(sign(dir.File("torn"), dir.File("other")).code, 2);
  std::filesystem::permissions(dir.File("key"), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const Outcome open = sign(dir.File("matrix"), dir.File("other"));
  EXPECT_EQ(open.code, 4);
  EXPECT_THAT(open.out, HasSubstr("chmod 0400"));
}

TEST(LadonctlTest, PrintsTheRegisterWithoutAServer) {
  const TempDir dir;
  const Outcome json = Ladonctl({"--json", "officer", "register"});
  ASSERT_EQ(json.code, 0);
  EXPECT_EQ(nlohmann::json::parse(json.out)["format"], "ladon-processing-register/1");
  EXPECT_THAT(Ladonctl({"officer", "register"}).out, HasSubstr("Identification by palm veins"));
  const std::vector<std::string> print = {"officer", "register", "--out", dir.File("r.html")};
  ASSERT_EQ(Ladonctl(print).code, 0);
  EXPECT_THAT(ReadWholeFile(dir.File("r.html"), kDocumentBytesMax).value_or(""),
              HasSubstr("<h1>Register of the processing of personal data</h1>"));
  EXPECT_EQ(Ladonctl(print).code, 4);
}

TEST(LadonctlTest, AnErasureGoesOnWithItsDraftOnly) {
  const TempDir dir;
  EXPECT_EQ(Ladonctl({"subject", "erase", "--resume", dir.File("none")}).code, 4);
  std::ofstream(dir.File("draft")) << "{}";
  const Outcome no_draft = Ladonctl({"subject", "erase", "--resume", dir.File("draft")});
  EXPECT_EQ(no_draft.code, 2);
  EXPECT_THAT(no_draft.err, HasSubstr("no draft"));
  // One that is there is not thrown away, with the only copy of a name in it.
  std::ofstream(dir.File(std::string(kId) + ".erasure-draft.json")) << "{}";
  const Outcome there = Ladonctl({"subject", "erase", kId, "--reason", "court", "--out", dir.path(),
                                  "--performed-by", "Скворцова О. П., делопроизводитель"});
  EXPECT_EQ(there.code, 4);
  EXPECT_THAT(there.err, HasSubstr("--resume"));
}

TEST(LadonctlTest, LocalTroubleIsFour) {
  const TempDir dir;
  EXPECT_EQ(Ladonctl({"--server", kNobody, "--identity", dir.File("none"), "school", "list"}).code,
            4);
  EXPECT_EQ(Ladonctl({"subjects", "import", dir.File("none.csv")}).code, 4);
  EXPECT_EQ(Ladonctl({"consent", "record", "--subject", kId, "--kind", "biometric", "--document",
                      dir.File("none.pdf"), "--authority-checked", "--until", "2030-05-31"})
                .code,
            4);
}

TEST(LadonctlTest, ARefusedFileIsTwoAndNamesTheLine) {
  const TempDir dir;
  std::ofstream(dir.File("p.csv")) << "category;name;price\n1;Soup;ten\n";
  const Outcome prices = Ladonctl({"prices", "put", dir.File("p.csv"), "--caterer", kId});
  EXPECT_EQ(prices.code, 2);
  EXPECT_THAT(prices.err, HasSubstr("Line 2"));
  std::ofstream(dir.File("r.csv")) << "Фамилия;Имя;Класс\nA;;5А\n";
  // A repeatable option takes one value at a time and leaves the file its place.
  const Outcome roster =
      Ladonctl({"subjects", "import", "--map", "family=Фамилия", dir.File("r.csv")});
  EXPECT_EQ(roster.code, 2);
  EXPECT_THAT(roster.err, HasSubstr("Line 2"));
}

TEST(LadonctlTest, NoServerIsThreeAndPrintsTheRequestId) {
  const TempDir dir;
  ASSERT_EQ(Ladonctl({"pki", "init", "--dir", dir.File("pki")}).code, 0);
  ASSERT_EQ(Ladonctl({"pki", "issue", "--dir", dir.File("pki"), "--role", "sysadmin", "--out",
                      dir.File("a")})
                .code,
            0);
  const std::vector<std::string> to = {"--server",    kNobody,        "--identity",
                                       dir.File("a"), "--timeout-ms", "5000"};
  std::vector<std::string> top_up = to;
  top_up.insert(top_up.end(), {"account", "top-up", kId, "100", "--request-id",
                               "ffeeddccbbaa99887766554433221100"});
  const Outcome unknown = Ladonctl(top_up);
  EXPECT_EQ(unknown.code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("--request-id ffeeddccbbaa99887766554433221100"));
  std::vector<std::string> list = to;
  list.insert(list.end(), {"--json", "school", "list"});
  const Outcome listed = Ladonctl(list);
  EXPECT_EQ(listed.code, 3);
  EXPECT_EQ(nlohmann::json::parse(listed.out)["error"]["fate"], "unknown");
}

}  // namespace
}  // namespace ladon::ctl
