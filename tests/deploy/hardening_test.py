#!/usr/bin/env python3
"""Goal: the hardening of a server is what it says: its tools read it, its check finds what is
spoilt, and its packet filter lets through who is named and nobody else.

Method: each file is given to the tool that reads it, where that is installed; a tree of a host is
made by deploy/hardening/install and what an operator adds, and spoilt in one thing after the other;
the packet filter is loaded in a network namespace of its own and called from others.
"""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HARDENING = ROOT / "deploy/hardening"
PYTHON = sys.executable
IS_ROOT = os.geteuid() == 0
# Of parts of the kernel that a machine on which tests run may lack; Debian's has them.
SYSCTL_OF_DEBIAN = {"kernel.yama.ptrace_scope", "kernel.kexec_load_disabled", "kernel.sysrq",
                    "net.core.bpf_jit_harden",
                    "vm.unprivileged_userfaultfd", "dev.tty.ldisc_autoload"}
BOUND = 30


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=options.pop("timeout", 120), **options)


def tool(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def lines(file):
    stripped = (line.strip()
                for line in (HARDENING / file).read_text(encoding="utf-8").splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


# --- (1) the files, by their own tools ---


class FilesTest(unittest.TestCase):
    def need(self, name):
        found = tool(name)
        if not found:
            self.skipTest(f"{name} is not installed")
        return found

    def accepted(self, *command, **options):
        done = run(*command, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_each_says_what_it_is_and_fits_a_screen(self):
        for file in sorted(p for p in HARDENING.rglob("*") if p.is_file()
                           and "__pycache__" not in p.parts):
            text = file.read_text(encoding="utf-8")
            with self.subTest(file=file.name):
                self.assertRegex("\n".join(text.splitlines()[:6]), r'(?m)^(#|//|<!--|""")')
                self.assertEqual([n for n, l in enumerate(text.splitlines(), 1) if len(l) > 110],
                                 [])
                self.assertTrue(text.endswith("\n"))
        for script in ("check", "install"):
            self.assertTrue(os.access(HARDENING / script, os.X_OK), script)

    def test_packet_filter(self):
        nft = self.need("nft")
        if not IS_ROOT:
            self.skipTest("needs root, for a network namespace")
        self.accepted("unshare", "-n", nft, "-c", "-f", HARDENING / "nftables.conf")

    def test_profiles(self):
        parser = self.need("apparmor_parser")
        for profile in sorted((HARDENING / "apparmor").iterdir()):
            self.accepted(parser, "-Q", "-K", "--skip-kernel-load", profile)

    def test_profiles_let_nothing_be_started(self):
        parser = self.need("apparmor_parser")
        for program in ("ladond", "ladon-gateway"):
            profile = (HARDENING / f"apparmor/usr.bin.{program}").read_text(encoding="utf-8")
            names = self.accepted(parser, "-N", HARDENING / f"apparmor/usr.bin.{program}")
            self.assertEqual(names.split(), [program])
            rights = re.findall(r"^\s+(?!.*deny)(?:audit )?(?:owner )?[/@]\S* ([a-zA-Z]+),$",
                                profile, re.M)
            self.assertGreater(len(rights), 10)
            self.assertEqual([r for r in rights if re.search("[xXpPcCuUi]", r)], [])
            self.assertIn("audit deny /** x,", profile)
            # Whoever lets writing and mapping of one place lets new code in.
            self.assertEqual([r for r in rights if "w" in r and "m" in r], [])

    def test_audit_rules(self):
        rules = [line.split() for line in lines("audit.rules")]
        fields = {"arch": r"b(64|32)", "uid": r"ladon(-gateway)?", "auid": "unset",
                  "exe": r"/usr/bin/\S+"}
        calls = {"execve", "execveat", "adjtimex", "settimeofday", "stime", "clock_settime",
                 "clock_adjtime",
                 "init_module", "finit_module", "delete_module", "mount", "umount", "umount2",
                 "ptrace",
                 "process_vm_readv", "process_vm_writev", "kexec_load", "kexec_file_load"}
        for rule in rules:
            with self.subTest(rule=" ".join(rule)):
                first, rest = rule[0], rule[1:]
                if first in ("-D", "-c"):
                    self.assertEqual(rest, [])
                elif first in ("-b", "-f", "-e", "--backlog_wait_time"):
                    self.assertRegex(" ".join(rest), r"^\d+$")
                elif first == "-w":
                    self.assertRegex(" ".join(rest), r"^/\S+[^/] -p [rwxa]{1,4} -k [a-z-]{1,31}$")
                elif first == "-a":
                    self.assertIn(rest[0], ("always,exit", "never,exit"))
                    pairs = list(zip(rest[1::2], rest[2::2]))
                    self.assertEqual(1 + 2 * len(pairs), len(rest))
                    for flag, value in pairs:
                        self.assertIn(flag, ("-F", "-S", "-k"))
                        if flag == "-F":
                            name, _, wanted = re.match(r"(\w+)(!?=)(\S+)$", value).groups()
                            self.assertRegex(wanted, f"^{fields[name]}$")
                        if flag == "-S":
                            self.assertLessEqual(set(value.split(",")), calls)
                    wide = ("-F", "arch=b64") in pairs
                    called = {c for f, v in pairs if f == "-S" for c in v.split(",")}
                    # These exist for programs of 32 bits alone.
                    self.assertFalse(wide and called & {"stime", "umount"})
                    self.assertTrue(called)
                    if rest[0] == "always,exit":
                        self.assertIn("-k", [f for f, _ in pairs])
                else:
                    self.fail(f"unknown flag {first}")
        self.assertEqual(rules[-1], ["-e", "2"])

    def test_kernel_settings_exist(self):
        for line in lines("sysctl.conf"):
            key, value = (part.strip() for part in line.split("=", 1))
            self.assertTrue(value, line)
            if key not in SYSCTL_OF_DEBIAN:
                self.assertTrue(pathlib.Path("/proc/sys", key.replace(".", "/")).exists(), key)

    def test_modules_are_named_once(self):
        names = [re.match(r"install ([\w-]+) /bin/false$", line)[1]
                 for line in lines("modprobe.conf")]
        self.assertEqual(len(names), len(set(names)))

    def test_sshd(self):
        sshd = self.need("sshd")
        with tempfile.TemporaryDirectory() as work:
            self.accepted(tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", f"{work}/key")
            done = run(sshd, "-t", "-h", f"{work}/key", "-f", HARDENING / "sshd.conf")
            if "privilege separation" in done.stderr.lower():
                self.skipTest("sshd is unpacked and not set up")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_logrotate(self):
        logrotate = self.need("logrotate")
        with tempfile.TemporaryDirectory() as work:
            file = pathlib.Path(work, "ladon")
            shutil.copy(HARDENING / "logrotate", file)
            file.chmod(0o644)
            done = run(logrotate, "-d", "-s", f"{work}/state", file)
            self.assertEqual((done.returncode, "error" in done.stderr), (0, False), done.stderr)

    def test_chrony(self):
        self.accepted(self.need("chronyd"), "-p", "-f", HARDENING / "chrony.conf")

    def test_aide(self):
        self.accepted(self.need("aide"), "-D", "-c", HARDENING / "aide.conf")

    def test_usbguard(self):
        parser = self.need("usbguard-rule-parser")
        self.accepted(parser, "-f", HARDENING / "usbguard-rules.conf")

    def test_guest(self):
        self.accepted(self.need("xmllint"), "--noout", HARDENING / "libvirt-guest.xml")

    def test_rights_of_the_hypervisor(self):
        node = self.need("node")
        script = """
          let rule; const polkit = {Result: {YES: "yes", NO: "no", NOT_HANDLED: "-"}, addRule: f => rule = f};
          new Function("polkit", require("fs").readFileSync(process.argv[1], "utf8"))(polkit);
          const ask = (id, ...groups) => rule({id}, {isInGroup: g => groups.includes(g)});
          const d = "org.libvirt.api.domain.";
          console.log([ask(d + "start", "libvirt"), ask(d + "start"), ask(d + "snapshot", "libvirt"),
            ask(d + "core-dump", "libvirt", "ladon-move"), ask(d + "mem-read", "libvirt"),
            ask(d + "screenshot", "libvirt"), ask(d + "save", "libvirt"), ask(d + "migrate", "libvirt"),
            ask(d + "migrate", "libvirt", "ladon-move"), ask("org.freedesktop.login1.reboot")].join());"""
        said = self.accepted(node, "-e", script, HARDENING / "libvirt-polkit.rules")
        self.assertEqual(said.strip(), "yes,no,no,no,no,no,no,no,yes,-")

    def test_the_table_of_measures_names_what_there_is(self):
        names = {line.split()[0] for line in run(HARDENING / "check", "--list").stdout.splitlines()}
        used = set()
        with open(ROOT / "docs/order21.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                for entry in row["file"].split(","):
                    if entry.startswith("deploy/hardening/"):
                        self.assertTrue((ROOT / entry).is_file(), f"{row['code']}: {entry}")
                for entry in row["test"].split(","):
                    if entry.startswith("deploy/hardening/check:"):
                        used.add(entry.split(":")[1])
        self.assertEqual(used - names, set())
        self.assertEqual(names - used, set(), "a check that no measure needs")


# --- (2) the check, on a tree that is well and on spoilt ones ---


class Tree:
    """A tree of a host."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def at(self, name):
        return self.path / name

    def put(self, name, text="", mode=0o644):
        self.at(name).parent.mkdir(parents=True, exist_ok=True)
        self.at(name).write_text(text, encoding="utf-8")
        self.at(name).chmod(mode)

    def add(self, name, text):
        before = self.at(name).read_text(encoding="utf-8") if self.at(name).exists() else ""
        self.put(name, before + text)

    def change(self, name, before, after):
        text = self.at(name).read_text(encoding="utf-8")
        assert before in text, (name, before)
        self.at(name).write_text(text.replace(before, after), encoding="utf-8")

    def remove(self, name):
        target = self.at(name)
        shutil.rmtree(target) if target.is_dir() and not target.is_symlink() else target.unlink()

    def link(self, name, target):
        self.at(name).parent.mkdir(parents=True, exist_ok=True)
        self.at(name).symlink_to(target)

    def enable(self, unit, target="multi-user.target"):
        self.link(f"etc/systemd/system/{target}.wants/{unit}", f"/lib/systemd/system/{unit}")

    def disable(self, unit):
        links = [p for wants in self.path.glob("etc/systemd/system/*.wants")
                 for p in wants.iterdir() if p.name == unit]
        assert links, unit
        for link in links:
            link.unlink()

    def old(self, name, days):
        then = time.time() - days * 86400
        os.utime(self.at(name), (then, then))


def good_tree(path):
    """What `install` puts there, and what an operator adds."""
    tree = Tree(path)
    done = run(HARDENING / "install", "--root", path, "--hypervisor")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("etc/apt/sources.list.d/ladon.sources", "etc/clamav/freshclam.conf",
                 "etc/systemd/journal-upload.conf.d/50-ladon.conf"):
        tree.change(name, "school.example", "school-1.ru")
    tree.put("usr/share/keyrings/debian-archive-keyring.gpg", "key")
    tree.put("etc/apt/keyrings/operator.gpg", "key")
    tree.put("etc/apt/apt.conf.d/20auto", 'APT::Periodic::Update-Package-Lists "1";\n')
    tree.put("var/lib/apt/lists/repository_dists_bookworm_InRelease")
    tree.put("etc/nftables.d/ladon-sets.nft", "add element inet ladon tills { 10.20.0.0/16 }\n"
             "add element inet ladon admins { 10.30.0.5 }\n")
    for unit in ("ladond.service", "ladon-gateway.service", "ladon-backup.service",
                 "ladon-backup.timer"):
        tree.put(f"usr/lib/systemd/system/{unit}",
                 (ROOT / "deploy" / unit).read_text(encoding="utf-8"))
    for unit in ("ladond.service", "ladon-backup.service"):
        tree.put(f"etc/systemd/system/{unit}.d/key.conf", "[Service]\n"
                 "LoadCredentialEncrypted=root.key:/etc/ladon/root.key.sealed\n")
    for unit in ("apparmor", "auditd", "nftables", "chrony", "ladond", "ladon-gateway",
                 "clamav-daemon", "usbguard",
                 "clamav-clamonacc", "clamav-freshclam", "suricata", "smartmontools", "nut-monitor",
                 "systemd-journal-upload"):
        tree.enable(f"{unit}.service")
    for unit in ("ladon-backup", "dailyaidecheck", "logrotate", "apt-daily"):
        tree.enable(f"{unit}.timer", "timers.target")
    config = (ROOT / "deploy/ladond.toml").read_text(encoding="utf-8")
    config = config.replace('#directory = ""', 'directory = "/var/backups/ladon"', 1)
    tree.put("etc/ladon/ladond.toml", config)
    tree.put("etc/ladon/ladon-gateway.toml",
             (ROOT / "deploy/ladon-gateway.toml").read_text(encoding="utf-8"))
    tree.put("etc/ladon/root.key.sealed", "sealed", 0o400)
    for name in ("cert.pem", "key.pem", "ca.pem"):
        tree.put(f"etc/ladon/identities/backup/{name}", "pem", 0o600)
    tree.put("var/lib/ladon/store/CURRENT")
    tree.at("var/lib/ladon").chmod(0o700)
    tree.put("var/backups/ladon/meta/1")
    tree.at("var/backups/ladon").chmod(0o700)
    tree.put("boot/efi/EFI/debian/shimx64.efi")
    tree.put("etc/aide/aide.conf", "@@x_include /etc/aide/aide.conf.d ^[a-zA-Z0-9_-]+$\n")
    tree.put("var/lib/aide/aide.db", "base")
    tree.put("var/lib/clamav/daily.cld")
    tree.put("etc/suricata/suricata.yaml", "%YAML 1.1\n---\ninclude: ladon.yaml\n")
    tree.put("var/lib/suricata/rules/suricata.rules", "alert tcp any any -> any any (sid:1;)\n")
    tree.put("etc/crypttab", "ladon /dev/disk/by-partuuid/22 none luks,tpm2-device=auto\n"
             "root UUID=11 none luks,discard\nswap /dev/disk/by-partuuid/33 /dev/urandom swap,size=512\n")
    tree.put("etc/fstab", "/dev/mapper/root / ext4 defaults 0 1\nUUID=00 /boot ext4 defaults 0 2\n"
             "/dev/mapper/ladon /var/lib/ladon ext4 nodev,nosuid,noexec 0 2\n"
             "/dev/mapper/swap none swap sw 0 0\n"
             "tmpfs /tmp tmpfs nodev,nosuid,noexec,size=1G 0 0\n")
    tree.put("etc/ladon/media.csv", "id;kind;place;since\nUUID=00;ssd 1;server;2026-09-01\n"
             "UUID=11;ssd 1;server;2026-09-01\n/dev/disk/by-partuuid/22;ssd 2;server;2026-09-01\n"
             "/dev/disk/by-partuuid/33;ssd 1;server;2026-09-01\n")
    status = "".join(f"Package: {name}\nStatus: install ok installed\n"
                     f"Architecture: amd64\nVersion: {version}\n"
                     f"Description: x\n more\n\n" for name,
                     version in (("ladon-core", "0.1.0"), ("nftables", "1.0.6")))
    tree.put("var/lib/dpkg/status",
             status + "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n")
    tree.put("etc/ladon/packages.list", "ladon-core 0.1.0\nnftables 1.0.6\n")
    tree.put("usr/bin/ladond", "program", 0o755)
    tree.put("var/lib/dpkg/info/ladon-core.md5sums",
             "a9c449d4fa44e9e5a41c574ae55ce4d9  usr/bin/ladond\n")
    tree.put("var/log/journal/0123/system.journal")
    tree.put("var/log/journal/0123/fss", "key")
    tree.put("etc/nut/nut.conf", "MODE=standalone\n")
    tree.put("etc/nut/upsmon.conf",
             'MONITOR ups@localhost 1 upsmon secret primary\nSHUTDOWNCMD "/sbin/shutdown -h +0"\n')
    tree.put("etc/ssh/sshd_config",
             "Include /etc/ssh/sshd_config.d/*.conf\nSubsystem sftp internal-sftp\n")
    tree.put("etc/chrony/sources.d/own.sources", "server ntp-1.school-1.ru iburst nts\n"
             "server ntp-2.school-1.ru iburst nts\n")
    return tree


FILTER, SETS = "etc/nftables.conf", "etc/nftables.d/ladon-sets.nft"
PROFILE, RULES = "etc/apparmor.d/usr.bin.ladond", "etc/audit/rules.d/99-ladon.rules"
SOURCES, SSHD = "etc/apt/sources.list.d/ladon.sources", "etc/ssh/sshd_config.d/10-ladon.conf"
GUEST, MODULES = "etc/libvirt/qemu/ladon.xml", "etc/modprobe.d/ladon.conf"
CLOCK, JOURNAL = "etc/chrony/sources.d/own.sources", "etc/systemd/journald.conf.d/50-ladon.conf"
DROP_IN = "etc/systemd/system/ladond.service.d/mine.conf"

# For each name: what its finding says, and what is done to the tree.
SPOILT = {
    "aide": [
        ("has no base", lambda t: t.remove("var/lib/aide/aide.db")),
        ("look at /etc/ladon",
         lambda t: t.change("etc/aide/aide.conf.d/90_ladon", "\n/etc/ladon ", "\n#/etc/ladon ")),
        ("look at /etc/libvirt",
         lambda t: t.change("etc/aide/aide.conf.d/90_ladon", "\n/etc/libvirt", "\n#")),
        ("leaves out /usr/bin", lambda t: t.add("etc/aide/aide.conf.d/99_mine", "!/usr/bin\n")),
        ("no digests", lambda t: t.change("etc/aide/aide.conf.d/90_ladon", "+sha512", "")),
        ("dailyaidecheck.timer", lambda t: t.disable("dailyaidecheck.timer")),
    ],
    "antivirus": [
        ("25 h old", lambda t: t.old("var/lib/clamav/daily.cld", 25 / 24)),
        ("there is none", lambda t: t.remove("var/lib/clamav/daily.cld")),
        ("watches no directory",
         lambda t: t.change("etc/clamav/clamd.conf", "OnAccessIncludePath", "#")),
        ("onaccessprevention",
         lambda t: t.change("etc/clamav/clamd.conf", "Prevention true", "Prevention false")),
        ("no mirror",
         lambda t: t.change("etc/clamav/freshclam.conf", "school-1.ru", "school.example")),
        ("clamav-clamonacc", lambda t: t.disable("clamav-clamonacc.service")),
    ],
    "apparmor": [
        ("is missing", lambda t: t.remove(PROFILE)),
        ("only complains", lambda t: t.change(PROFILE, "flags=(attach", "flags=(complain,attach")),
        ("does not forbid programs", lambda t: t.change(PROFILE, "audit deny /** x,", "")),
        ("lets programs be started",
         lambda t: t.add("etc/apparmor.d/local/usr.bin.ladond", "/bin/dash ix,\n")),
        ("lets too much", lambda t: t.add("etc/apparmor.d/local/usr.bin.ladon-gateway", "file,\n")),
        ("switches it off",
         lambda t: t.link("etc/apparmor.d/disable/usr.bin.ladond", "../usr.bin.ladond")),
        ("apparmor=0", lambda t: t.put("etc/default/grub", 'GRUB_CMDLINE_LINUX="apparmor=0"\n')),
        ("apparmor.service", lambda t: t.disable("apparmor.service")),
    ],
    "apt": [
        ("sources.list names",
         lambda t: t.put("etc/apt/sources.list", "deb http://mirror.example/debian sid main\n")),
        ("write it as .sources",
         lambda t: t.put("etc/apt/sources.list.d/x.list", "deb [trusted=yes] https://x x x\n")),
        ("no Signed-By",
         lambda t: t.change(SOURCES, "Signed-By: /etc/apt/keyrings/operator.gpg\n", "")),
        ("taken unsigned", lambda t: t.add(SOURCES, "Trusted: yes\n")),
        ("is not https", lambda t: t.change(SOURCES, "https:", "http:")),
        ("is the sample's", lambda t: t.change(SOURCES, "school-1.ru", "school.example")),
        ("operator.gpg is missing", lambda t: t.remove("etc/apt/keyrings/operator.gpg")),
        ("good for every source", lambda t: t.put("etc/apt/trusted.gpg.d/x.gpg")),
        ("AllowUnauthenticated",
         lambda t: t.put("etc/apt/apt.conf.d/99x", 'APT::Get::AllowUnauthenticated "true";\n')),
        ("unnamed origin", lambda t: t.remove("etc/apt/preferences.d/ladon")),
        ("no source", lambda t: t.remove(SOURCES)),
    ],
    "audit": [
        ("can be changed", lambda t: t.change(RULES, "\n-e 2", "")),
        ("can be changed", lambda t: t.put("etc/audit/rules.d/99-z.rules", "-w /srv -p w\n")),
        ("-p wa of /etc/ladon",
         lambda t: t.change(RULES, "-w /etc/ladon -p wa", "-w /etc/ladon -p x")),
        ("started by ladon are not",
         lambda t: t.change(RULES, "execve,execveat -F uid=ladon ", "open -F uid=ladon ")),
        ("nobody records init_module", lambda t: t.change(RULES, "init_module,", "")),
        ("disk_full_action", lambda t: t.change("etc/audit/auditd.conf", "disk_full_action = HALT",
                                                "disk_full_action = IGNORE")),
        ("auditd.service", lambda t: t.disable("auditd.service")),
    ],
    "backup": [
        ("no backup is made by itself", lambda t: t.disable("ladon-backup.timer")),
        ("directory is not set",
         lambda t: t.change("etc/ladon/ladond.toml", '"/var/backups/ladon"', '""')),
        ("72 h old", lambda t: t.old("var/backups/ladon/meta/1", 3)),
        ("there is none", lambda t: t.remove("var/backups/ladon/meta")),
        ("open to others", lambda t: t.at("var/backups/ladon").chmod(0o755)),
        ("may not write",
         lambda t: (t.change("etc/ladon/ladond.toml", '"/var/backups/ladon"', '"/srv/backup"'),
                                     t.put("srv/backup/1"), t.at("srv/backup").chmod(0o700))),
        ("is masked", lambda t: t.link("etc/systemd/system/ladon-backup.timer", "/dev/null")),
        ("key.pem is missing", lambda t: t.remove("etc/ladon/identities/backup/key.pem")),
        ("cannot be read", lambda t: t.add("etc/ladon/ladond.toml", "[backup\n")),
    ],
    "boot": [
        ("not sealed", lambda t: t.remove("etc/systemd/system/ladond.service.d/key.conf")),
        ("not sealed", lambda t: t.put("etc/systemd/system/ladond.service.d/z.conf",
                                       "[Service]\nLoadCredential=\n"
                                       "LoadCredential=root.key:/root/key\n")),
        ("ladon-backup.service: the root key",
         lambda t: t.remove("etc/systemd/system/ladon-backup.service.d")),
        ("lies open", lambda t: t.put("etc/ladon/root.key", "key", 0o400)),
        ("root.key.sealed is missing", lambda t: t.remove("etc/ladon/root.key.sealed")),
        ("from a file", lambda t: t.change("etc/ladon/ladond.toml", '#root_key_file = ""',
                                           'root_key_file = "/k"')),
        ("no signed loader", lambda t: t.remove("boot/efi/EFI/debian/shimx64.efi")),
    ],
    "coredump": [
        ("keeps core files",
         lambda t: t.put("etc/systemd/coredump.conf.d/90.conf", "[Coredump]\nStorage=external\n")),
        ("reads core files", lambda t: t.change("etc/systemd/coredump.conf.d/50-ladon.conf",
                                                "SizeMax=0", "SizeMax=1G")),
        ("may write a core", lambda t: t.put(DROP_IN, "[Service]\nLimitCORE=infinity\n")),
        ("core files lie", lambda t: t.put("var/lib/systemd/coredump/core.ladond.1.zst")),
    ],
    "disks": [
        ("not LUKS", lambda t: t.change("etc/fstab", "/dev/mapper/ladon", "/dev/sdb1")),
        ("opens no LUKS", lambda t: t.remove("etc/crypttab")),
        ("not LUKS",
         lambda t: t.change("etc/crypttab", "none luks,tpm2-device=auto", "/dev/urandom plain")),
        ("smartmontools", lambda t: t.disable("smartmontools.service")),
        ("open to others", lambda t: t.at("var/lib/ladon").chmod(0o755)),
        ("names no file system", lambda t: t.remove("etc/fstab")),
    ],
    "hypervisor": [
        ("in dumps", lambda t: t.change(GUEST, ' dumpCore="off"', "")),
        ("no secure boot", lambda t: t.change(GUEST, '<loader secure="yes"/>', "")),
        ("no TPM", lambda t: t.change(GUEST, 'version="2.0"', 'version="1.2"')),
        ("shared with others", lambda t: t.change(GUEST, "<nosharepages/>", "")),
        ("snapshots of memory", lambda t: t.change(GUEST, 'type="raw"', 'type="qcow2"')),
        ("has graphics", lambda t: t.change(GUEST, "<console", '<graphics type="vnc"/><console')),
        ("be moved", lambda t: t.change(GUEST, ' migratable="off"', "")),
        ("shares a network", lambda t: t.change(GUEST, '"ladon-core"', '"default"')),
        ("copy of a guest's memory", lambda t: t.put("var/lib/libvirt/qemu/snapshot/ladon/1.xml")),
        ("no guest ladon", lambda t: t.remove(GUEST)),
        ("listen_tcp",
         lambda t: t.change("etc/libvirt/libvirtd.conf", "listen_tcp = 0", "listen_tcp = 1")),
        ("not asked about", lambda t: t.change("etc/libvirt/libvirtd.conf", "access_drivers", "#")),
        ("not in the journal", lambda t: t.change("etc/libvirt/libvirtd.conf", "log_outputs", "#")),
        ("migrate_tls_force",
         lambda t: t.change("etc/libvirt/qemu.conf", "tls_force = 1", "tls_force = 0")),
        ("the right snapshot",
         lambda t: t.change("etc/polkit-1/rules.d/50-ladon.rules", '"snapshot", ', "")),
    ],
    "ids": [
        ("192 h old", lambda t: t.old("var/lib/suricata/rules/suricata.rules", 8)),
        ("does not take in",
         lambda t: t.put("etc/suricata/suricata.yaml", "#include: ladon.yaml\n")),
        ("does not load ladon.rules",
         lambda t: t.change("etc/suricata/ladon.yaml", "- ladon.rules", "")),
        ("written nowhere", lambda t: t.change("etc/suricata/ladon.yaml", "- alert", "- flow")),
        ("own rules are missing", lambda t: t.remove("var/lib/suricata/rules/ladon.rules")),
        ("suricata.service", lambda t: t.disable("suricata.service")),
    ],
    "inventory": [
        ("not approved", lambda t: t.change("etc/ladon/packages.list", "nftables 1.0.6\n", "")),
        ("not installed", lambda t: t.add("etc/ladon/packages.list", "gone 1\n")),
        ("approved is 1.0.7", lambda t: t.change("etc/ladon/packages.list", "1.0.6", "1.0.7")),
        ("no approved list", lambda t: t.remove("etc/ladon/packages.list")),
    ],
    "journal": [
        ("Storage", lambda t: t.change(JOURNAL, "persistent", "volatile")),
        ("Seal", lambda t: t.put("etc/systemd/journald.conf.d/90.conf", "[Journal]\nSeal=no\n")),
        ("SystemMaxUse", lambda t: t.change(JOURNAL, "SystemMaxUse=4G\n", "")),
        ("no keys", lambda t: t.remove("var/log/journal/0123/fss")),
        ("no second host",
         lambda t: t.change("etc/systemd/journal-upload.conf.d/50-ladon.conf", "https", "http")),
        ("journal-upload.service", lambda t: t.disable("systemd-journal-upload.service")),
    ],
    "logrotate": [
        ("/var/log/mine.log grows",
         lambda t: t.change("etc/ladon/ladond.toml", '#file = ""', 'file = "/var/log/mine.log"')),
        ("grows for ever", lambda t: t.remove("etc/logrotate.d/ladon")),
        ("renamed while", lambda t: t.change("etc/logrotate.d/ladon", "copytruncate", "create")),
        ("logrotate.timer", lambda t: t.disable("logrotate.timer")),
    ],
    "media": [
        ("by-partuuid/22 is not",
         lambda t: t.change("etc/ladon/media.csv", "partuuid/22", "partuuid/23")),
        ("UUID=44 is not", lambda t: t.add("etc/fstab", "UUID=44 /mnt ext4 defaults 0 0\n")),
        ("no register", lambda t: t.remove("etc/ladon/media.csv")),
    ],
    "modules": [
        ("firewire_core may", lambda t: t.change(MODULES, "install firewire-core /bin/false", "")),
        ("dccp is loaded", lambda t: t.put("etc/modules-load.d/x.conf", "dccp\n")),
        ("udf may", lambda t: t.change(MODULES, "install udf /bin/false", "blacklist udf")),
    ],
    "network": [
        ("input is not dropped",
         lambda t: t.change(FILTER, "hook input priority filter; policy drop",
                                                    "hook input priority filter; policy accept")),
        ("output is not dropped",
         lambda t: t.change(FILTER, "hook output priority filter; policy drop",
                                                     "hook output priority filter; policy accept")),
        ("forward is not dropped",
         lambda t: t.change(FILTER, "hook forward priority filter; policy drop;",
                                                      "hook forward priority filter;")),
        ("lets everybody",
         lambda t: t.change(FILTER, '    iif "lo" accept\n', '    iif "lo" accept\n    accept\n')),
        ("lets everybody",
         lambda t: t.change(FILTER, "tcp dport 7443 ip saddr @tills ct", "tcp dport 7443 ct")),
        ("lets everybody", lambda t: t.change(FILTER, " ip daddr @repository accept", " accept")),
        ("tills is empty", lambda t: t.remove(SETS)),
        ("admins has 0.0.0.0/0",
         lambda t: t.add(SETS, "add element inet ladon admins { 0.0.0.0/0 }\n")),
        ("operator's sets", lambda t: t.change(FILTER, '\ninclude "', '\n#include "')),
        ("nftables.service", lambda t: t.disable("nftables.service")),
    ],
    "packages": [
        ("usr/bin/ladond of ladon-core",
         lambda t: t.put("usr/bin/ladond", "another program", 0o755)),
        ("usr/bin/ladond of ladon-core", lambda t: t.remove("usr/bin/ladond")),
        ("not installed from its package",
         lambda t: t.remove("var/lib/dpkg/info/ladon-core.md5sums")),
    ],
    "power": [
        ("nobody looks", lambda t: t.remove("etc/nut/upsmon.conf")),
        ("stops nothing", lambda t: t.change("etc/nut/upsmon.conf", "SHUTDOWNCMD", "#")),
        ("switched off", lambda t: t.put("etc/nut/nut.conf", "MODE=none\n")),
        ("UPower does Hibernate", lambda t: (t.remove("etc/nut/upsmon.conf"),
                                             t.put("etc/UPower/UPower.conf",
                                                   "[UPower]\nCriticalPowerAction=Hibernate\n"))),
        ("nut-monitor", lambda t: t.disable("nut-monitor.service")),
    ],
    "services": [
        ("User=root", lambda t: t.put(DROP_IN, "[Service]\nUser=root\n")),
        ("NoNewPrivileges=no", lambda t: t.put(DROP_IN, "[Service]\nNoNewPrivileges=no\n")),
        ("ProtectSystem=full", lambda t: t.change("usr/lib/systemd/system/ladon-gateway.service",
                                                  "ProtectSystem=strict", "ProtectSystem=full")),
        ("LimitCORE=",
         lambda t: t.change("usr/lib/systemd/system/ladond.service", "LimitCORE=0\n", "")),
        ("CapabilityBoundingSet=CAP_SYS_PTRACE",
         lambda t: t.put(DROP_IN, "[Service]\nCapabilityBoundingSet=CAP_SYS_PTRACE\n")),
        ("every system call", lambda t: t.put(DROP_IN, "[Service]\nSystemCallFilter=\n")),
        ("another program", lambda t: t.put(DROP_IN, "[Service]\nExecStartPre=/bin/sh -c x\n")),
        ("ladond.service: User=", lambda t: t.put("etc/systemd/system/ladond.service",
                                                  "[Service]\nExecStart=/usr/bin/ladond\n")),
        ("ladond.service is not started", lambda t: t.disable("ladond.service")),
    ],
    "ssh": [
        ("passwordauthentication",
         lambda t: t.put("etc/ssh/sshd_config.d/01.conf", "PasswordAuthentication yes\n")),
        ("permitrootlogin",
         lambda t: t.change(SSHD, "PermitRootLogin no", "PermitRootLogin prohibit-password")),
        ("everybody with an account", lambda t: t.change(SSHD, "AllowGroups", "#AllowGroups")),
        ("one thing is enough", lambda t: t.change(SSHD, "PubkeyAcceptedAlgorithms sk-",
                                                   "PubkeyAcceptedAlgorithms ssh-ed25519,sk-")),
        ("one thing is enough", lambda t: t.change(SSHD, "verify-required", "none")),
        ("idle session", lambda t: t.change(SSHD, "session:*=15m", "session:*=2h")),
        ("has exceptions",
         lambda t: t.add("etc/ssh/sshd_config", "Match User x\n  PasswordAuthentication yes\n")),
        ("does not take in", lambda t: t.change("etc/ssh/sshd_config", "Include", "#Include")),
    ],
    "swap": [
        ("can be read later", lambda t: t.add("etc/fstab", "/swapfile none swap sw 0 0\n")),
        ("can be read later",
         lambda t: t.change("etc/crypttab", "/dev/urandom swap", "/etc/swap.key swap")),
        ("AllowHibernation",
         lambda t: t.put("etc/systemd/sleep.conf.d/90.conf", "[Sleep]\nAllowHibernation=yes\n")),
        ("a unit switches",
         lambda t: t.put("etc/systemd/system/dev-sdc1.swap", "[Swap]\nWhat=/dev/sdc1\n")),
        ("/tmp lies on",
         lambda t: t.change("etc/fstab", "tmpfs /tmp tmpfs", "/dev/mapper/root /tmp ext4")),
        ("image of its memory",
         lambda t: t.put("etc/initramfs-tools/conf.d/resume", "RESUME=UUID=1\n")),
    ],
    "sysctl": [
        ("ptrace_scope will be 0",
         lambda t: t.put("etc/sysctl.d/90-debug.conf", "kernel.yama.ptrace_scope = 0\n")),
        ("suid_dumpable will be 2", lambda t: t.put("etc/sysctl.conf", "fs/suid_dumpable=2\n")),
        ("rp_filter will be as",
         lambda t: t.change("etc/sysctl.d/60-ladon.conf", "net.ipv4.conf.all.rp_filter = 1\n", "")),
    ],
    "time": [
        ("not authenticated", lambda t: t.change(CLOCK, "iburst nts\nserver", "iburst\nserver")),
        ("1 servers", lambda t: t.put(CLOCK, "server ntp-1.school-1.ru nts\n")),
        ("not the operator's",
         lambda t: t.add("etc/chrony/chrony.conf", "pool 2.debian.pool.ntp.org iburst nts\n")),
        ("steps at any time",
         lambda t: t.change("etc/chrony/chrony.conf", "makestep 1.0 3", "makestep 1.0 -1")),
        ("a second program", lambda t: t.enable("systemd-timesyncd.service", "sysinit.target")),
        ("chrony.service", lambda t: t.disable("chrony.service")),
    ],
    "updates": [
        ("72 h old", lambda t: t.old("var/lib/apt/lists/repository_dists_bookworm_InRelease", 3)),
        ("not fetched", lambda t: t.remove("etc/apt/apt.conf.d/20auto")),
        ("apt-daily.timer", lambda t: t.disable("apt-daily.timer")),
    ],
    "usb": [
        ("lets in 08",
         lambda t: t.add("etc/usbguard/rules.conf", "allow with-interface equals { 08:06:50 }\n")),
        ("lets in anything", lambda t: t.add("etc/usbguard/rules.conf", "allow id 0781:*\n")),
        ("no rule names",
         lambda t: t.put("etc/usbguard/usbguard-daemon.conf", "ImplicitPolicyTarget=allow\n")),
        ("usb_storage may", lambda t: t.change(MODULES, "install usb-storage /bin/false", "")),
        ("usbguard.service", lambda t: t.disable("usbguard.service")),
        ("is missing", lambda t: t.remove("etc/usbguard/rules.conf")),
    ],
    "wireless": [
        ("cfg80211 may", lambda t: t.change(MODULES, "install cfg80211 /bin/false", "")),
        ("bluetooth may", lambda t: t.change(MODULES, "install bluetooth /bin/false", "")),
        ("set up for a radio",
         lambda t: t.put("etc/wpa_supplicant/wpa_supplicant-wlan0.conf", "network={}\n")),
        ("is a radio network",
         lambda t: t.put("etc/NetworkManager/system-connections/x", "[connection]\ntype=wifi\n")),
        ("wpa_supplicant.service", lambda t: t.enable("wpa_supplicant.service")),
        ("interfaces has a radio",
         lambda t: t.put("etc/network/interfaces", "iface w inet dhcp\n  wpa-ssid x\n")),
    ],
}


class CheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="ladon-hardening-")
        cls.addClassCleanup(cls.work.cleanup)
        cls.good = pathlib.Path(cls.work.name, "good")
        cls.good.mkdir()
        good_tree(cls.good)
        cls.names = [line.split()[0]
                     for line in run(HARDENING / "check", "--list").stdout.splitlines()]

    def check(self, root, *names):
        return run(PYTHON, "-B", HARDENING / "check", "--root", root, *names)

    def copy(self, name):
        target = pathlib.Path(self.work.name, name)
        shutil.copytree(self.good, target, symlinks=True)
        self.addCleanup(shutil.rmtree, target)
        return Tree(target)

    def test_a_good_tree_is_well(self):
        self.assertGreaterEqual(len(self.names), 27)
        done = self.check(self.good)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        for name in self.names:
            self.assertEqual(self.check(self.good, name).returncode, 0, name)

    def test_each_finds_what_is_spoilt(self):
        self.assertEqual(set(self.names), set(SPOILT), "a name without a spoilt tree")
        for name in self.names:
            for number, (finding, spoil) in enumerate(SPOILT[name]):
                with self.subTest(name=name, finding=finding):
                    tree = self.copy(f"{name}-{number}")
                    spoil(tree)
                    done = self.check(tree.path, name)
                    self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
                    self.assertIn(finding, done.stdout)
                    for line in done.stdout.splitlines():
                        # What is wrong; how it is mended.
                        self.assertRegex(line, rf"^{name}: .+; .+")

    def test_an_empty_tree_is_never_well(self):
        with tempfile.TemporaryDirectory() as root:
            for name in self.names:
                done = self.check(root, name)
                # Where nobody runs virtual machines there is nothing to protect.
                self.assertEqual(done.returncode, 0 if name == "hypervisor" else 1,
                                 name + done.stderr)

    def test_a_tree_of_nonsense_is_told_and_not_a_crash(self):
        tree = self.copy("nonsense")
        files = [p for p in tree.path.rglob("*") if p.is_file() and not p.is_symlink()]
        cut = b"-w\n-a\nMatch\nallow\nmakestep 1\nPin-Priority: x\nPackage: *\nPin: release *\nlocal\n"
        for content in (b"", b"\xff\x00=[{:;\n[[x\n<\n", b"a = 'b\n", cut):
            for file in files:
                file.chmod(0o600)
                file.write_bytes(content)
            for name in self.names:
                done = self.check(tree.path, name)
                self.assertEqual((done.returncode, done.stderr), (1, ""), f"{name}: {content}")

    def test_links_are_followed_inside_of_the_tree_only(self):
        tree = self.copy("links")
        outside = pathlib.Path(self.work.name, "outside")
        outside.write_text((tree.at("etc/fstab")).read_text(encoding="utf-8"), encoding="utf-8")
        self.addCleanup(outside.unlink)
        tree.remove("etc/fstab")
        tree.link("etc/fstab", str(outside))
        self.assertEqual(self.check(tree.path, "disks").returncode, 1)
        tree.remove("etc/fstab")
        tree.put("srv/fstab", outside.read_text(encoding="utf-8"))
        tree.link("etc/fstab", "/srv/fstab")
        self.assertEqual(self.check(tree.path, "disks").returncode, 0)

    def test_what_it_cannot_do(self):
        self.assertEqual(self.check(self.good, "nonsense").returncode, 2)
        self.assertEqual(self.check(self.good / "none").returncode, 2)
        self.assertEqual(run(HARDENING / "check", "--help").returncode, 0)

    def test_the_list_of_packages_is_what_inventory_reads(self):
        done = run(HARDENING / "check", "--root", self.good, "--packages")
        self.assertEqual(done.stdout, "ladon-core 0.1.0\nnftables 1.0.6\n")


class InstallTest(unittest.TestCase):
    def setUp(self):
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.tree = Tree(work.name)

    def install(self, *options):
        return run(PYTHON, "-B", HARDENING / "install", "--root", self.tree.path, *options)

    def test_what_differs_is_kept(self):
        self.tree.put(FILTER, "mine\n")
        done = self.install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("kept      /etc/nftables.conf", done.stdout)
        self.assertEqual(self.tree.at(FILTER).read_text(encoding="utf-8"), "mine\n")
        self.assertIn("installed /etc/sysctl.d/60-ladon.conf", done.stdout)
        done = self.install("--force")
        self.assertEqual(done.returncode, 0)
        self.assertIn("replaced  /etc/nftables.conf", done.stdout)
        self.assertEqual(self.tree.at(FILTER).read_bytes(),
                         (HARDENING / "nftables.conf").read_bytes())
        done = self.install()
        self.assertEqual((done.returncode, {line.split()[0] for line in done.stdout.splitlines()}),
                         (0, {"same"}))
        self.assertEqual(list(self.tree.path.rglob(".ladon-*")), [])

    def test_every_file_has_its_place(self):
        self.assertEqual(self.install("--hypervisor").returncode, 0)
        placed = {p.read_bytes() for p in self.tree.path.rglob("*") if p.is_file()}
        # Programs, and lines that only the operator can put in.
        apart = {"check", "install", "fstab"}
        for file in (p for p in HARDENING.rglob("*") if p.is_file()
                     and "__pycache__" not in p.parts):
            self.assertEqual(file.read_bytes() in placed, file.name not in apart, file.name)
        self.assertEqual(self.tree.at("etc/usbguard/rules.conf").stat().st_mode & 0o777, 0o600)

    def test_a_server_is_no_hypervisor(self):
        self.assertEqual(self.install().returncode, 0)
        self.assertFalse(self.tree.at("etc/libvirt").exists())


# --- (3) the packet filter, from every zone ---

LISTEN = r"""
import selectors, socket, sys
chosen = selectors.DefaultSelector()
for word in sys.argv[1:]:
    kind, port, address = word.split(":")
    for family, host in ((socket.AF_INET, address), (socket.AF_INET6, "::")):
        if family == socket.AF_INET6 and address != "0.0.0.0":
            continue
        s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((host, int(port)))
        if kind == "tcp":
            s.listen(4096)
        chosen.register(s, selectors.EVENT_READ, kind)
print("ready", flush=True)
while True:
    for key, _ in chosen.select():
        if key.data == "tcp":
            key.fileobj.accept()[0].close()
        else:
            data, peer = key.fileobj.recvfrom(64)
            key.fileobj.sendto(data, peer)
"""

# Which of the targets answer, all asked at once. Whoever is refused says nothing: after the bound it is so.
ASK = r"""
import json, selectors, socket, sys, time
bound, answers, chosen = float(sys.argv[1]), {}, selectors.DefaultSelector()
for word in sys.argv[2:]:
    kind, host, port = word.split("/")
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                      socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    s.setblocking(False)
    answers[word] = False
    try:
        s.connect((host, int(port)))
    except BlockingIOError:
        pass
    except OSError:
        continue
    try:
        if kind == "udp":
            s.send(b"x")
    except OSError:
        continue
    chosen.register(s, selectors.EVENT_WRITE if kind == "tcp" else selectors.EVENT_READ, word)
end = time.monotonic() + bound
while chosen.get_map() and time.monotonic() < end:
    for key, _ in chosen.select(max(0, end - time.monotonic())):
        answers[key.data] = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        chosen.unregister(key.fileobj)
print(json.dumps(answers))
"""

FLOOD = r"""
import socket, sys
for _ in range(int(sys.argv[3])):
    s = socket.socket()
    s.setblocking(False)
    s.bind((sys.argv[4], 0))
    s.connect_ex((sys.argv[1], int(sys.argv[2])))
    s.close()
"""

# Zone: its addresses; the server is .1 in each of its networks.
ZONES = {
    "till": ("10.91.1.2", "10.91.1.3"),
    "admin": ("10.91.2.2",),
    "bank": ("10.91.3.2",),
    "stranger": ("10.91.4.2",),
    "outer": tuple(f"10.91.5.{n}" for n in range(2, 10)),
}
NTP, DNS, LOG_HOST, STANDBY, BANK_API, REPOSITORY, UNNAMED = ZONES["outer"][:7]
NETWORK = {zone: number for number, zone in enumerate(ZONES, 1)}
ELEMENTS = {"tills": "10.91.1.0/24", "admins": "10.91.2.2", "banks": "10.91.3.0/24", "ntp": NTP,
            "dns": DNS,
            "log_host": LOG_HOST, "standby": STANDBY, "bank_apis": BANK_API,
            "repository": REPOSITORY}
PORTS = (22, 443, 7443, 8080, 9464)
LETS_IN = {"till": {7443}, "admin": {22, 7443}, "bank": {443}, "stranger": set(), "outer": set()}
OUT_TCP, OUT_UDP = (22, 53, 80, 443, 2049, 4460, 6514, 19532), (53, 123, 514)
LETS_OUT = {
    NTP: {"udp/123", "tcp/4460"},
    DNS: {"udp/53", "tcp/53"},
    LOG_HOST: {"tcp/22", "tcp/2049", "tcp/6514", "tcp/19532"},
    STANDBY: {"tcp/22", "tcp/2049"},
    BANK_API: {"tcp/443"},
    REPOSITORY: {"tcp/443"},
    UNNAMED: set(),
}


class FilterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nft = tool("nft")
        if not IS_ROOT or not cls.nft or not tool("ip"):
            raise unittest.SkipTest("needs root, nft and ip, for network namespaces")
        cls.prefix = f"ladon{os.getpid()}"
        if run("ip", "netns", "add", f"{cls.prefix}-server").returncode:
            raise unittest.SkipTest("network namespaces cannot be made here")
        cls.addClassCleanup(run, "ip", "netns", "del", f"{cls.prefix}-server")
        cls.do("ip", "-n", f"{cls.prefix}-server", "link", "set", "lo", "up")
        for zone, addresses in ZONES.items():
            name, server, number = f"{cls.prefix}-{zone}", f"{cls.prefix}-server", NETWORK[zone]
            cls.do("ip", "netns", "add", name)
            cls.addClassCleanup(run, "ip", "netns", "del", name)
            cls.do("ip", "-n", server, "link", "add", f"to-{zone}", "type", "veth", "peer", "name",
                   "eth0",
                   "netns", name)
            for where, device, own in ((server, f"to-{zone}", (f"10.91.{number}.1",)),
                                       (name, "eth0", addresses)):
                for address in own:
                    cls.do("ip", "-n", where, "address", "add", f"{address}/24", "dev", device)
                last = "1" if where == server else "2"
                cls.do("ip", "-n", where, "address", "add", f"fd91:{number}::{last}/64", "dev",
                       device, "nodad")
                cls.do("ip", "-n", where, "link", "set", device, "up")
            cls.do("ip", "-n", name, "link", "set", "lo", "up")
            cls.do("ip", "-n", name, "route", "add", "default", "via", f"10.91.{number}.1")
        # Were the filter open, packets would pass through.
        cls.inside("server", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        cls.listen("server", *(f"tcp:{port}:0.0.0.0" for port in PORTS))
        # Whoever answers a datagram does so from the address that was asked.
        cls.listen("outer", *(f"tcp:{port}:0.0.0.0" for port in OUT_TCP),
                   *(f"udp:{port}:{address}" for port in OUT_UDP for address in ZONES["outer"]))
        cls.listen("admin", "tcp:22:0.0.0.0")
        # Everybody reaches everything: what is refused later is refused by the filter.
        for zone in ZONES:
            targets = [f"tcp/10.91.{NETWORK[zone]}.1/{port}" for port in PORTS]
            targets += [f"tcp/fd91:{NETWORK[zone]}::1/{port}" for port in PORTS]
            targets += [f"tcp/{ZONES['admin'][0]}/22"] if zone != "admin" else []
            cls.all_answer(zone, targets)
        cls.all_answer("server", [f"{kind}/{host}/{port}" for host in LETS_OUT
                                  for kind,
                                  ports in (("tcp", OUT_TCP), ("udp", OUT_UDP)) for port in ports])
        cls.inside("server", cls.nft, "-f", str(HARDENING / "nftables.conf"))
        cls.inside("server", cls.nft, "-f", "-", input="".join(
            f"add element inet ladon {name} {{ {element} }}\n" for name,
                                                               element in ELEMENTS.items()))

    @classmethod
    def do(cls, *command, **options):
        done = run(*command, **options)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    @classmethod
    def inside(cls, zone, *command, **options):
        return cls.do("ip", "netns", "exec", f"{cls.prefix}-{zone}", *command, **options)

    @classmethod
    def listen(cls, zone, *ports):
        process = subprocess.Popen(["ip", "netns", "exec", f"{cls.prefix}-{zone}", PYTHON, "-B",
                                    "-c", LISTEN, *ports],
                                   stdout=subprocess.PIPE, text=True)

        def stop():
            process.kill()
            process.wait(BOUND)
            process.stdout.close()

        cls.addClassCleanup(stop)
        if process.stdout.readline() != "ready\n":
            raise AssertionError(f"nobody listens in {zone}")

    @classmethod
    def ask(cls, zone, targets, bound):
        return json.loads(cls.inside(zone, PYTHON, "-B", "-c", ASK, str(bound), *targets))

    @classmethod
    def all_answer(cls, zone, targets):
        silent = [t for t, answered in cls.ask(zone, targets, BOUND).items() if not answered]
        if silent:
            raise AssertionError(f"{zone} does not reach {silent}")

    def counter(self, name):
        said = json.loads(self.inside("server", self.nft, "-j", "list", "counter", "inet", "ladon",
                                      name))
        return next(item["counter"]["packets"] for item in said["nftables"] if "counter" in item)

    def none_answers(self, zone, targets, counter):
        before = self.counter(counter)
        heard = [t for t, answered in self.ask(zone, targets, 1).items() if answered]
        self.assertEqual(heard, [], f"{zone} reaches what it must not")
        # Each was refused by the filter, and not merely slow.
        self.assertGreaterEqual(self.counter(counter) - before, len(targets), f"{zone}: {counter}")

    def test_who_reaches_the_server(self):
        for zone, let in LETS_IN.items():
            with self.subTest(zone=zone):
                here = f"10.91.{NETWORK[zone]}.1"
                self.all_answer(zone, [f"tcp/{here}/{port}" for port in let])
                self.none_answers(zone, [f"tcp/{here}/{port}" for port in PORTS if port not in let],
                                  "refused_in")
                # The server's address in another network opens no more.
                other = "10.91.2.1" if zone != "admin" else "10.91.1.1"
                self.none_answers(zone, [f"tcp/{other}/{port}" for port in PORTS
                                         if port not in let], "refused_in")

    def test_nobody_reaches_it_over_ipv6(self):
        for zone in ZONES:
            heard = self.ask(zone, [f"tcp/fd91:{NETWORK[zone]}::1/{port}" for port in PORTS], 1)
            self.assertEqual(set(heard.values()), {False}, zone)

    def test_the_server_reaches_itself(self):
        self.all_answer("server", [f"tcp/127.0.0.1/{port}" for port in PORTS] + ["tcp/::1/7443"])

    def test_whom_the_server_reaches(self):
        refused = []
        for host, let in LETS_OUT.items():
            self.all_answer("server", [f"{t.split('/')[0]}/{host}/{t.split('/')[1]}" for t in let])
            refused += [f"{kind}/{host}/{port}" for kind,
                        ports in (("tcp", OUT_TCP), ("udp", OUT_UDP))
                        for port in ports if f"{kind}/{port}" not in let]
        self.none_answers("server", refused, "refused_out")
        # Nor those who may call it.
        self.none_answers("server", [f"tcp/{ZONES['admin'][0]}/22"], "refused_out")

    def test_nothing_passes_through(self):
        for zone in ("till", "bank", "stranger"):
            self.none_answers(zone, [f"tcp/{ZONES['admin'][0]}/22", f"tcp/{UNNAMED}/443"],
                              "refused_forward")

    def test_one_source_cannot_flood(self):
        noisy, quiet = ZONES["till"]
        before = self.counter("till_over_rate")
        self.inside("till", PYTHON, "-B", "-c", FLOOD, "10.91.1.1", "7443", "2000", noisy)
        self.assertGreater(self.counter("till_over_rate"), before)
        heard = self.inside("till", PYTHON, "-B", "-c", "import socket, sys; "
                            "socket.create_connection((sys.argv[1], 7443), 30, (sys.argv[2], 0)); "
                            "print('heard')",
                            "10.91.1.1", quiet)
        self.assertEqual(heard, "heard\n")
        # And it comes again when it is quiet.
        self.all_answer("till", ["tcp/10.91.1.1/7443"])

    def test_the_counters_tell_who_came(self):
        for zone, counter, port in (("till", "from_tills", 7443), ("admin", "from_admins", 22),
                                    ("bank", "from_banks", 443)):
            before = self.counter(counter)
            self.all_answer(zone, [f"tcp/10.91.{NETWORK[zone]}.1/{port}"])
            self.assertGreater(self.counter(counter), before)

    def test_the_check_looks_at_the_rules_in_force(self):
        def now(name, *commands):
            for command in commands:
                self.do("ip", "netns", "exec", name, self.nft, *command.split())
            done = run("ip", "netns", "exec", name, PYTHON, "-B", HARDENING / "check", "network")
            return [line for line in done.stdout.splitlines() if " now" in line]

        self.assertEqual(now(f"{self.prefix}-server"), [])
        name = f"{self.prefix}-spoilt"
        self.do("ip", "netns", "add", name)
        self.addCleanup(run, "ip", "netns", "del", name)
        self.assertEqual(len(now(name)), 5, "nothing is loaded: three directions, two sets")
        said = "".join(now(name, f"-f {HARDENING}/nftables.conf",
                           "add chain inet ladon output { policy accept ; }",
                           "insert rule inet ladon input accept",
                           "add element inet ladon tills { 0.0.0.0/0 }"))
        for finding in ("output is not dropped", "lets everybody", "admins is empty",
                        "tills has 0.0.0.0/0"):
            self.assertIn(finding, said)

    def test_without_the_operators_sets_it_is_closed(self):
        name = f"{self.prefix}-empty"
        self.do("ip", "netns", "add", name)
        self.addCleanup(run, "ip", "netns", "del", name)
        self.do("ip", "netns", "exec", name, self.nft, "-f", HARDENING / "nftables.conf")
        said = json.loads(self.do("ip", "netns", "exec", name, self.nft, "-j", "list", "ruleset"))
        for item in said["nftables"]:
            self.assertEqual(item.get("set", {}).get("elem", []), [])
        policies = {i["chain"]["hook"]: i["chain"]["policy"] for i in said["nftables"]
                    if "hook" in i.get("chain", {})}
        self.assertEqual(policies, {"input": "drop", "output": "drop", "forward": "drop"})


if __name__ == "__main__":
    unittest.main()
