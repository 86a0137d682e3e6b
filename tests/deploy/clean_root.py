"""A bare Debian 12 in a folder, booted by its own systemd in namespaces of its own.

mmdebstrap makes it (once a day: a tar beside the build), systemd-nspawn boots it with a network of its
own, in which nothing outside is to be reached. apt alone is run with the machine's network, because it
fetches what a package depends on. Everything ends with close(), by pid.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

TAR_SECONDS_MAX = 24 * 3600
BOOT_SECONDS_MAX = 120
NEEDED = ("mmdebstrap", "systemd-nspawn", "nsenter", "dpkg-deb", "cpack", "help2man")
SUITE = "bookworm"
# What systemd-nspawn says where it may not do its work: in a container that is closed itself.
FORBIDDEN = ("Operation not permitted", "Failed to allocate namespace")
# A server has these before anybody thinks of Ladon.
BASE = "systemd,systemd-sysv,dbus,ca-certificates,bash-completion"


def missing():
    """Why there can be no clean root here; empty: there can."""
    if os.geteuid() != 0:
        return "a clean root needs root"
    absent = [name for name in NEEDED if not shutil.which(name)]
    return f"not installed: {' '.join(absent)} (./dev set-up check)" if absent else ""


def make_tar(place):
    """The root as a tar; made anew when it is older than a day."""
    tar = pathlib.Path(place) / "debian-12.tar"
    if tar.exists() and time.time() - tar.stat().st_mtime < TAR_SECONDS_MAX:
        return tar
    tar.parent.mkdir(parents=True, exist_ok=True)
    fresh = tar.with_suffix(f".{os.getpid()}.tar")
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={BASE}", SUITE,
                    str(fresh)], check=True, timeout=600, stdin=subprocess.DEVNULL)
    fresh.rename(tar)
    return tar


class CleanRoot:
    def __init__(self, tar):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ladon-root-"))
        self.directory.chmod(0o755)
        self.boot_log = tempfile.TemporaryFile()
        self.process = None
        subprocess.run(["tar", "xf", str(tar), "-C", str(self.directory)], check=True, timeout=120)
        # No package may think it must not start services here, and apt finds its way out.
        (self.directory / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        for name in ("etc/resolv.conf", "etc/apt/apt.conf.d"):
            self._copy(name)

    def _copy(self, name):
        source, target = pathlib.Path("/") / name, self.directory / name
        if source.is_dir():
            for file in source.iterdir():
                if "proxy" in file.name:
                    shutil.copy(file, target / file.name)
        elif source.exists():
            target.unlink(missing_ok=True)
            shutil.copy(source, target)

    def boot(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "systemd-nspawn", "--quiet", "-D",
             str(self.directory), "--private-network", "--register=no",
             # As on a machine, where systemd may let a service lock its memory.
             "--capability=CAP_IPC_LOCK", "--system-call-filter=@memlock memfd_secret",
             "--keep-unit", "--boot",
             "--resolv-conf=off", "--timezone=off", "--console=pipe"],
            stdin=subprocess.DEVNULL, stdout=self.boot_log, stderr=self.boot_log)
        end = time.monotonic() + BOOT_SECONDS_MAX
        while True:
            if self.process.poll() is not None or time.monotonic() > end:
                self.boot_log.seek(0)
                text = self.boot_log.read().decode(errors="replace")
                if any(words in text for words in FORBIDDEN):
                    raise unittest.SkipTest(f"this machine lets nobody boot a root: {text[-200:]}")
                raise AssertionError(f"the clean root does not boot:\n{text[-3000:]}")
            if self.leader() and self.run("systemctl", "is-system-running", check=False,
                                          seconds_max=10).stdout.strip() in ("running", "degraded"):
                return self
            time.sleep(0.2)

    def leader(self):
        """Process 1 of the root, as we see it."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        words = children.read_text().split() if children.exists() else []
        return int(words[0]) if words else None

    def run(self, *command, check=True, network=False, seconds_max=300, env=None, text=None):
        """Runs a command inside; with `network` it sees the machine's own."""
        enter = ["nsenter", "--target", str(self.leader()), "--mount", "--uts", "--ipc", "--pid",
                 "--root", "--wdns=/root"]
        if not network:
            enter.append("--net")
        settings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
                    "DEBIAN_FRONTEND": "noninteractive"} | (env or {})
        words = ["env", "-i", *(f"{name}={value}" for name, value in settings.items()), *command]
        done = subprocess.run(enter + words, capture_output=True, text=True, timeout=seconds_max,
                              **({"input": text} if text is not None
                                 else {"stdin": subprocess.DEVNULL}))
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} exited with {done.returncode}:\n"
                                 f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def path(self, name):
        return self.directory / name.lstrip("/")

    def close(self):
        if self.process is not None and self.process.poll() is None:
            leader = self.leader()
            if leader:
                os.kill(leader, signal.SIGRTMIN + 4)  # systemd: power off
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)
