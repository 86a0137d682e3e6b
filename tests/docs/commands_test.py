"""Goal: every command and snippet of the documents does what it is there for.

Method: commands are read out of the documents (docs_commands.py), placeholders get values from a table
(docs_places.py), and each is typed into a shell against real servers (docs_stage.py): one that serves, and
copies of one that is stopped. A mention in prose must begin a command that is run, or is made whole by
the table. What another test runs stands in ELSEWHERE with that test's name; what none can run in
MACHINE, with the reason. Anything else is a failure with its file and line.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from docs_commands import COMMENTED, DOCUMENTS, covers, everything, nouns_of, words_of  # noqa: E402
from docs_stage import SECOND_PERSON, Failure, Scene, Stage, longest, told  # noqa: E402
from docs_places import BUILD, COMPLETIONS, variables_of, whole  # noqa: E402
from ladon_world import lasting_address, run  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CI = ".ci/run"
PACKAGE = ("deploy_package_test", "tests/deploy/package_test.py")
# (command, the ctest or .ci/run that runs it, its source, words that stand there).
ELSEWHERE = (
    (r"\./dev demo\b", "e2e_demo_test", "tests/e2e/demo_test.py", "ladon-demo"),
    (r"\./dev test -L canary$", "e2e_canary_test", "tests/e2e/CMakeLists.txt",
     'e2e_canary_test PROPERTIES LABELS "e2e;canary"'),
    (r"\./dev test -L abuse$", "abuse_${case}", "tests/e2e/CMakeLists.txt", 'LABELS "e2e;abuse"'),
    (r"\./dev test --full$", "ledger_model_full", "tests/ledger/CMakeLists.txt", "LABELS full"),
    (r"\./dev test( -R \S+)?$", CI, CI, "./dev test"),
    (r"\./dev build$", CI, CI, "./dev build"),
    (r"\./dev check( --fix)?$", CI, CI, "./dev check"),
    (r"\./dev cross$", CI, CI, "./dev cross"),
    (r"\./dev sanitize asan$", CI, CI, "./dev sanitize asan"),
    (r"\./dev package\b", *PACKAGE, "deploy/package/build"),
    (r"\.ci/run$", CI, CI, "What must hold before a change goes in"),
    (r"\./build/dev/tests/matcher/real_palms_test$", "real_palms_test",
     "tests/matcher/CMakeLists.txt", "real_palms_test"),
    (r"sudo apt|apt(-get)? install", *PACKAGE, '"apt-get", "install"'),
    (r"systemctl (enable --now|start|stop|status|restart|list-timers) ladon", *PACKAGE,
     '"systemctl"'),
    (r"journalctl -u ladon", *PACKAGE, '"journalctl"'),
    (r"ladonctl setup\b", *PACKAGE, '"setup"'),
    (r"ladonctl --server 127.0.0.1:7443 --identity /etc/ladon/identities/enroller subjects import",
     *PACKAGE, '"subjects", "import"'),
    (r"ladonctl --server 127.0.0.1:7443 --identity /etc/ladon/identities/senior-cashier account",
     *PACKAGE, '"account", "top-up"'),
    (r"ladon-terminal --server 127.0.0.1:7443 --identity /etc/ladon/identities/till-1",
     *PACKAGE, '"ladon-terminal"'),
    (r"ladonctl doctor\b", *PACKAGE, '"doctor"'),
    (r"ladonctl ready\b", "e2e_ready_test", "tests/e2e/ready_test.py", '"ready"'),
    (r"ladonctl top\b", "e2e_top_test", "tests/e2e/top_test.py", '"top"'),
    (r"ladonctl backup drill\b", "e2e_backup_drill_test", "tests/e2e/backup_drill_test.py",
     '"backup", "drill"'),
)
# Programs of others for which a test has no machine: what it would take.
MACHINE = {
    "docker": "a daemon of containers, and an image of Debian",
    "mount -t ramfs": "root, and a mount of its own",
    "cd / && umount": "the same",
    "systemd-creds encrypt": "a TPM",
    "systemctl mask": "a machine that may never hibernate again",
    "systemctl edit": "an editor and somebody in front of it",
    "iostat -x 1": "never ends; shows a disk",
    "nvme format": "a disk to lose",
    "hdparm --security-erase-enhanced": "a disk to lose",
}
SAMPLE_PASSWORD = "/etc/ladon/gateway/bank-desk.password"

stage = None
documents = {}
counts = dict.fromkeys(("found", "run", "mentioned", "elsewhere", "no machine for"), 0)


def setUpModule():
    global stage, documents
    verbs = {noun: nouns_of(run("ladonctl", noun, "--help").stdout)
             for noun in nouns_of(run("ladonctl", "--help").stdout)}
    documents = everything(verbs)
    stage = Stage()


def tearDownModule():
    stage.close()
    print("commands:", ", ".join(f"{count} {name}" for name, count in counts.items()))


def elsewhere(text):
    return next((entry for entry in ELSEWHERE if re.match(entry[0], text)), None)


def no_machine(text):
    return any(without_variables(text).startswith(begin) for begin in MACHINE)


def without_variables(text):
    """A command without what is set for it alone."""
    return re.sub(r"^(?:[A-Z_]+=\S+ )+", "", text)


def words(text):
    try:
        return words_of(text)
    except ValueError:  # A quote that is prose.
        return text.split()


def typed():
    """The words of every command that is run as it stands in a block, or is made whole."""
    found = [words(one.text) for commands, _ in documents.values() for one in commands if one.block]
    return found + [words(text) for text in COMPLETIONS.values()]


class Document:
    """Runs the commands of one document, in its order."""

    def __init__(self, file):
        self.file = file
        self.commands = documents[file][0]
        self.scene = None
        self.block = None
        self.done = set()

    def failures(self):
        known = typed()
        for one in self.commands:
            counts["found"] += 1
            try:
                how = self.deal_with(one, known)
                counts[how] += 1
            except (Failure, subprocess.TimeoutExpired, KeyError) as failure:
                yield f"{one.place}: {one.text}\n    {type(failure).__name__}: {failure}"

    def deal_with(self, one, known):
        if elsewhere(one.text):
            return "elsewhere"
        if no_machine(one.text):
            return "no machine for"
        if re.match(r"\./dev (bench|fuzz)\b", one.text):
            measured_or_fuzzed(one.text)
            return "elsewhere"
        if one.text.startswith("promtool") and shutil.which("promtool") is None:
            return "elsewhere"  # e2e_metrics_test tells that it is not installed.
        if not one.block and one.text in self.done:
            return "mentioned"
        if not one.block and one.text not in COMPLETIONS:
            mention = words(one.text)
            if len(mention) == 1:  # The name of a program.
                run(mention[0], "--help")
                return "mentioned"
            if any(covers(command, mention) for command in known):
                return "mentioned"
        self.enter(one.block)
        self.run(COMPLETIONS.get(one.text, one.text) if not one.block else one.text)
        self.done.add(one.text)
        return "run"

    def enter(self, block):
        """Values last for a block; in Russian documents, where they are variables, for the document."""
        if self.scene is None:
            self.scene = Scene(stage, self.file)
        if block != self.block or block == 0:
            self.block = block
            self.scene.installation = None
            if not self.scene.russian:
                self.scene.values.clear()

    def run(self, written):
        scene = self.scene
        if written.startswith("./dev"):
            done = run_dev(scene, written)
        else:
            if written.startswith("promtool"):
                scene.cwd = SOURCE / "deploy/prometheus"
            scene.configuration_name = ("ladond-service.toml" if written.startswith("systemd-run")
                                        else "ladond.toml")
            text = whole(scene, written)
            if "|" in text:
                raise Failure("a shell takes | for a pipe")
            done = self.execute(text, variables_of(scene, text))
        if done.returncode != 0:
            raise Failure(f"exited with {done.returncode}:\n{told(done)}")

    def execute(self, text, variables):
        scene = self.scene
        if text.startswith("cd "):
            scene.cwd = pathlib.Path(text.removeprefix("cd "))
            return scene.execute("pwd")
        if re.fullmatch(r"ladond --config \S+", text):
            return scene.serve(text, pathlib.Path(text.split()[-1]))
        if "subject erase --resume" in text and "--wait" in text:
            done = scene.execute_while_epochs_end(text, variables)
        elif re.fullmatch(r"ladonctl approval (grant|reject) [0-9a-f]{32}", text):
            done = scene.execute(text, variables, answer="да" if scene.russian else "yes")
        else:
            done = scene.execute(text, variables, stdin="2468\n")
            if longest(SECOND_PERSON, text) and "--resume" not in text:
                done = scene.agreed(text, done, variables)
        if "subject erase --resume" in text or "subject move" in text:
            scene.values.pop("child", None)
        return done


def measured_or_fuzzed(text):
    """A benchmark is there to be measured by people, a fuzzer's corpus is replayed by a test."""
    _, what, name = [*text.split(), ""][:3]
    if not name:
        return
    if what == "bench" and not list((SOURCE / "bench").glob(f"{name}_bench.*")):
        raise Failure("no such benchmark")
    registered = (SOURCE / "tests/fuzz/CMakeLists.txt").read_text(encoding="utf-8")
    if what == "fuzz" and not (re.search(rf"\b{name}\b", registered)
                               and "fuzz_${name}_replay" in registered):
        raise Failure("no test replays its corpus")


def run_dev(scene, text):
    """./dev of a tree of its own that is built already: its `cmake` has nothing to do."""
    tree = scene.directory / "tree"
    if not tree.exists():
        for part in ("deploy", "tests", "cmake", "proto"):
            (tree / part).parent.mkdir(parents=True, exist_ok=True)
            (tree / part).symlink_to(SOURCE / part)
        (tree / "build/dev/bin").mkdir(parents=True)
        (tree / "build/dev/build.ninja").touch()
        for program in ("ladond", "ladon-gateway", "ladonctl"):
            shutil.copy(BUILD / "bin" / program, tree / "build/dev/bin" / program)
        script = (SOURCE / "dev").read_text(encoding="utf-8")
        for address in ("RUN_ADDRESS", "RUN_GATEWAY_ADDRESS"):
            script, found = re.subn(rf"\b{address}=[0-9.:]+",
                                    f"{address}={lasting_address(stage.world.draw)}", script)
            if found != 1:
                raise Failure(f"./dev has no {address}")
        (tree / "dev").write_text(script, encoding="utf-8")
        (tree / "dev").chmod(0o755)
        for program in ("cmake", "apt-get"):
            (stage.shims / program).write_text('#!/bin/sh\n[ "$(basename "$0")" = cmake ]\n')
            (stage.shims / program).chmod(0o755)
    scene.cwd = tree
    try:
        return scene.execute(text)
    finally:
        if text == "./dev run":
            stopped = scene.execute("./dev run --stop")
        scene.cwd = scene.directory
        if text == "./dev run" and "stopped" not in stopped.stdout:
            raise Failure(f"./dev run --stop: {told(stopped)}")


class CommandsTest(unittest.TestCase):
    maxDiff = None

    def check(self, file):
        failures = list(Document(file).failures())
        if failures:
            self.fail("\n" + "\n".join(failures))


class TablesTest(unittest.TestCase):
    def test_what_runs_elsewhere_is_there(self):
        registered = "\n".join(path.read_text(encoding="utf-8")
                               for path in (SOURCE / "tests").rglob("CMakeLists.txt"))
        for pattern, name, source, expected in ELSEWHERE:
            with self.subTest(name=name, words=expected):
                self.assertIn(expected, (SOURCE / source).read_text(encoding="utf-8"))
                if name != CI:
                    self.assertTrue(
                        re.search(rf"add_test\(NAME {re.escape(name)}\s", registered) or
                        re.search(rf"ladon_test\({re.escape(name)}\s", registered) or
                        f"ladon_e2e_test({name.removeprefix('e2e_')} " in registered, name)

    def test_no_line_of_the_tables_is_left_over(self):
        texts = [one.text for commands, _ in documents.values() for one in commands]
        for pattern in {entry[0] for entry in ELSEWHERE}:
            self.assertTrue(any(re.match(pattern, text) for text in texts), pattern)
        for begin in MACHINE:
            self.assertTrue(any(without_variables(text).startswith(begin)
                                for text in texts), begin)
        for text in COMPLETIONS:
            self.assertIn(text, texts)

    def test_every_word_of_dev_is_one(self):
        told_words = run(str(SOURCE / "dev"), "help").stdout
        for commands, _ in documents.values():
            for one in commands:
                if found := re.match(r"\./dev ([a-z-]+)", one.text):
                    self.assertRegex(told_words, rf"(?m)^\./dev {found.group(1)}\b", one.place)


class SnippetsTest(unittest.TestCase):
    """Samples of configurations are accepted by the programs that they are for."""

    def test_toml_in_documents(self):
        directory = stage.directory / "snippets"
        directory.mkdir()
        secret = directory / "secret"
        secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwaGVzZWNyZXQ=\n", encoding="utf-8")
        secret.chmod(0o400)
        found = [one for _, snippets in documents.values() for one in snippets]
        self.assertTrue(found)
        for one in found:
            with self.subTest(place=f"{one.file}:{one.line}"):
                self.assertIn("[[courier]]", one.text)
                text = ('[core]\nserver = "127.0.0.1:7443"\nidentity = "channel"\n'
                        'courier_identity = "courier"\n' + one.text + "\n")
                tomllib.loads(text)
                path = directory / "gateway.toml"
                path.write_text(re.sub(r'secret_file = ".*"', f'secret_file = "{secret}"', text),
                                encoding="utf-8")
                self.assertIn("nothing wrong", run("ladon-gateway", "--check-config", "--config",
                                                   path).stdout)

    def test_the_sample_of_ladond(self):
        sample = SOURCE / "deploy/ladond.toml"
        tomllib.loads(sample.read_text(encoding="utf-8"))
        shown = run("ladond", "--config", sample, "--show-config").stdout
        self.assertIn("tls.certificate=/etc/ladon/", shown)

    def test_the_sample_of_the_gateway(self):
        text = (SOURCE / "deploy/ladon-gateway.toml").read_text(encoding="utf-8")
        tomllib.loads(text)
        self.assertIn(SAMPLE_PASSWORD, text)
        path = stage.directory / "sample.toml"
        path.write_text(text.replace(SAMPLE_PASSWORD, str(stage.gateway.password_file)),
                        encoding="utf-8")
        run("ladon-gateway", "--check-config", "--config", path)

    @unittest.skipIf(shutil.which("promtool") is None,
                     "promtool is not installed (./dev set-up check)")
    def test_expressions_of_prometheus(self):
        text = (SOURCE / "docs/runbook.md").read_text(encoding="utf-8")
        found = re.findall(r"`([^`]*\brate\([^`]*)`", text)
        self.assertTrue(found)
        rules = stage.directory / "rules.yml"
        rules.write_text("groups:\n- name: runbook\n  rules:\n" + "".join(
            f"  - record: ladon:{n}\n    expr: {one}\n" for n, one in enumerate(found)),
            encoding="utf-8")
        run(shutil.which("promtool"), "check", "rules", rules)

    def test_the_calendar(self):
        at = stage.copy_of_stopped(stage.directory / "calendar")
        config = at / "ladond.toml"
        config.write_text(config.read_text(encoding="utf-8") + "[ledger]\ncalendar = "
                          f'"{SOURCE / "deploy/calendar.toml"}"\n', encoding="utf-8")
        run("ladond", "--config", config, "--check-config")


def add_tests():
    """A test for each document: which there are is known before the programs are asked for verbs."""
    for pattern in DOCUMENTS + COMMENTED:
        for path in sorted(SOURCE.glob(pattern)):
            file = path.relative_to(SOURCE).as_posix()
            name = "test_" + re.sub(r"\W", "_", file)
            setattr(CommandsTest, name, lambda self, file=file: self.check(file))


add_tests()

if __name__ == "__main__":
    unittest.main()
