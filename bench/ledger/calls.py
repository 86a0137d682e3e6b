"""The whole way over the network: single debits over gRPC with mutual TLS, beside an empty call on
the same server, the same connections, as many calls in flight and of the same sizes; and beside the
same debits on a server that leaves no records in its security log (unrecorded_ladond).

Servers of our own are started on loopback, with synthetic children, and stopped by their pids. They
take turns; who is not asked does nothing.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import time

IN_FLIGHT = 256
ROUNDS_MIN = 7  # Two servers beside a load generator on the same processors: three tell little.
CHANNELS = 8
CHILDREN = 1_000
START_SECONDS_MAX = 60


class ProgramsMissing(RuntimeError):
    """The server's programs are not built beside the benchmark."""


def tool(bin_dir, name, *arguments, check=True):
    done = subprocess.run([bin_dir / name, *map(str, arguments)], capture_output=True, text=True,
                          check=False, env=os.environ | {"LADON_LANG": "en"})
    if check and done.returncode != 0:
        raise RuntimeError(f"{name} {arguments}: {done.stdout}{done.stderr}")
    return done


def configure(bin_dir, folder):
    """Authority, keys and a configuration, as a sysadmin makes them."""
    tool(bin_dir, "ladonctl", "pki", "init", "--dir", folder / "pki")
    tool(bin_dir, "ladonctl", "pki", "issue", "--dir", folder / "pki", "--role", "sysadmin",
         "--out", folder / "admin")
    tool(bin_dir, "ladonctl", "keys", "init", folder / "root.key")
    source = pathlib.Path(__file__).resolve().parents[2]
    config = {
        "server": {"listen": "127.0.0.1:0", "port_file": str(folder / "port")},
        "tls": {"certificate": str(folder / "pki/server/cert.pem"),
                "private_key": str(folder / "pki/server/key.pem"),
                "client_ca": str(folder / "pki/server/ca.pem")},
        "store": {"path": str(folder / "store"), "create": True},
        "keys": {"root_key_file": str(folder / "root.key"), "directory": str(folder / "keys")},
        "matcher": {"calibration": str(source / "deploy/calibration.json")},
        "log": {"level": "warning", "file": ""},
    }
    text = "".join(f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n"
                                              for key, value in entries.items())
                   for section, entries in config.items())
    (folder / "ladond.toml").write_text(text, encoding="utf-8")


@contextlib.contextmanager
def server(bin_dir, folder, program="ladond"):
    """A serving ladond; gives its address."""
    with open(folder / "ladond.log", "ab") as log:
        process = subprocess.Popen([bin_dir / program, "--config", folder / "ladond.toml"],
                                   stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (folder / "port").exists() or not (folder / "port").read_text().strip():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("ladond does not serve: " + (folder / "ladond.log").read_text())
            time.sleep(0.02)
        yield (folder / "port").read_text().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


class Town:
    """A server with children who have cards and money, and tills to sell to them."""

    def __init__(self, bin_dir, folder, program, quick, stack):
        self.bin_dir, self.folder = bin_dir, folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        configure(bin_dir, folder)
        self.address = stack.enter_context(server(bin_dir, folder, program))
        tool(bin_dir, "ladon-load", "setup", "--server", self.address, "--identity",
             folder / "admin", "--ca", folder / "pki", "--identities", folder / "identities",
             "--scenario", folder / "scenario.json", "--children", 20 if quick else CHILDREN,
             "--palms", 0, "--tills", CHANNELS)

    def load(self, what, seconds):
        tool(self.bin_dir, "ladon-load", "--scenario", self.folder / "scenario.json",
             "--identities", self.folder / "identities", "--server", self.address, "--what", what,
             "--in-flight", IN_FLIGHT, "--channels", CHANNELS, "--seconds",
             max(1, round(seconds)), "--json", self.folder / "figures.json")
        return json.loads((self.folder / "figures.json").read_text())


def measure(bin_dir, directory, seconds, rounds, quick):
    """Calls a second of each kind, taken in turn; the ratios are of medians."""
    bin_dir = pathlib.Path(bin_dir)
    for name in ("ladond", "ladonctl", "ladon-load", "unrecorded_ladond"):
        if not (bin_dir / name).exists():
            raise ProgramsMissing(f"{bin_dir / name} is not built")
    folder = pathlib.Path(directory)
    with contextlib.ExitStack() as stack:
        town = Town(bin_dir, folder / "calls", "ladond", quick, stack)
        unrecorded = Town(bin_dir, folder / "unrecorded", "unrecorded_ladond", quick, stack)
        figures = {"debit-card": [], "unrecorded-debit-card": [], "ping": []}
        for _ in range(rounds if quick else max(rounds, ROUNDS_MIN)):
            figures["debit-card"].append(town.load("debit-card", seconds))
            figures["unrecorded-debit-card"].append(unrecorded.load("debit-card", seconds))
            figures["ping"].append(town.load("ping", seconds))
        debits, without, pings = (
            statistics.median(one["throughput_per_second"] for one in figures[what])
            for what in ("debit-card", "unrecorded-debit-card", "ping"))
        return {"grpc_debits_per_s": debits, "empty_rpc_per_s": pings,
                "ratio_vs_empty_rpc": debits / pings,
                # Of a debit with its record in the security log to one without.
                "ratio_vs_unrecorded": debits / without}, figures
