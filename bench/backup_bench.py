"""Backup and restore drill of a store of any size, while tills sell.

Makes the store as a region does: sales by card and top-ups through the wire, as fast as they go, until the
journal has --entries. Then, with 50 sales a second going on: a full backup, one more after a day's sales
(which shares its tables), and the drill, which restores it from backup, standby's copy and root key alone,
derives every balance and root again and opens every name. Beside the full backup, its peer: `cp -r` and a
sync of the same store. Exit code 1: an error, or the restored journal lacks an entry.

backup_bench.py [--entries N] [--schools N] [--json FILE]; LADON_BIN and LADON_STUBS as for the tests.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import threading
import time

from system_bench import Load, disk_bytes, make_school, metrics

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))

from ladon_world import BIN, World, clean_environment, run  # noqa: E402

IN_FLIGHT = 256
ROUND_SECONDS = 20
SALES_A_SECOND = 50
QUIET_SECONDS = 20
DAY_SALES = 10_000
TASK_SECONDS_MAX = 7_200


class Crowd:
    """Calls of one kind, as many waiting as IN_FLIGHT, for a round."""

    def __init__(self, place, school, what):
        self.process = subprocess.Popen(
            [BIN / "ladon-load", "--scenario", school["scenario"], "--identities",
             school["identities"], "--what", what, "--in-flight", str(IN_FLIGHT), "--seconds",
             str(ROUND_SECONDS)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=clean_environment())

    def wait(self):
        told = self.process.communicate()[0]
        if self.process.returncode not in (0, 1):
            raise AssertionError(f"ladon-load: {told}")


def entries_of(world):
    return int(metrics(world)["ladon_journal_entries"])


def fill(world, schools, wanted):
    begin, number = time.monotonic(), 0
    while (have := entries_of(world)) < wanted:
        crowds = [Crowd(world.directory, schools[number % len(schools)], "debit-card"),
                  Crowd(world.directory, schools[(number + 1) % len(schools)], "top-up")]
        for crowd in crowds:
            crowd.wait()
        number += 1
        took = time.monotonic() - begin
        now = entries_of(world)
        if now < have + ROUND_SECONDS:
            raise AssertionError(f"no way forward from {have} entries")
        print(f"  {now:>10} entries, {(now - have) / ROUND_SECONDS:.0f} a second, {took:.0f} s",
              flush=True)


def beside(world, school, work):
    """What sales by card wait for while `work` goes on, its seconds and its answer. With no work: for
    QUIET_SECONDS."""
    latencies, stop = [], threading.Event()

    def sell():
        while not stop.is_set():
            latencies.append(Load(world.directory, school, "debit-card", SALES_A_SECOND, 5).figures())

    if work is None:
        latencies.append(Load(world.directory, school, "debit-card", SALES_A_SECOND,
                              QUIET_SECONDS).figures())
        return worst(latencies), QUIET_SECONDS, None
    thread = threading.Thread(target=sell)
    thread.start()
    begin = time.monotonic()
    try:
        answer = work()
        took = time.monotonic() - begin
    finally:
        stop.set()
        thread.join()
    return worst(latencies), took, answer


def worst(figures):
    errors = sum(one["errors"] for one in figures)
    if errors:
        raise AssertionError(f"{errors} sales failed: {[one['errors_by_reason'] for one in figures]}")
    return sorted(one["latency_us"]["p99"] / 1e3 for one in figures)[len(figures) // 2]


def ladonctl(world, *arguments):
    return run("ladonctl", "--json", "--server", world.server.address, "--identity",
               world.sysadmin.identity, *arguments, seconds_max=TASK_SECONDS_MAX).stdout


def copy_and_sync(world):
    """The peer. Files that the server drops meanwhile are left out, as `cp` would complain of them."""
    to = world.directory / "copied"
    subprocess.run(["cp", "-r", world.directory / "store", to], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["sync", "-f", to], check=True)
    size = disk_bytes(to)
    shutil.rmtree(to)
    return size


def drill(world):
    scratch = world.directory / "scratch"
    scratch.mkdir(mode=0o700)
    report = json.loads(run("ladonctl", "--json", "backup", "drill", "--config",
                            world.server.config_path, "--scratch", scratch,
                            seconds_max=TASK_SECONDS_MAX).stdout)
    report["entries"] = int(re.search(r"journal of (\d+) entries", report["proof"])[1])
    return report


def measure(world, given):
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        schools = list(pool.map(lambda n: make_school(world, n), range(given.schools)))
    print(f"{given.schools} schools: {time.monotonic() - begin:.0f} s", flush=True)
    fill(world, schools, given.entries)
    figures = {"entries": entries_of(world), "store_bytes": disk_bytes(world.directory / "store")}
    till = schools[0]
    figures["quiet_sale_p99_ms"], _, _ = beside(world, till, None)

    print("backup", flush=True)
    figures["backup_sale_p99_ms"], figures["backup_seconds"], _ = beside(
        world, till, lambda: ladonctl(world, "backup", "create"))
    figures["backup_bytes"] = disk_bytes(world.directory / "backups")
    figures["copy_sale_p99_ms"], figures["copy_seconds"], figures["copy_bytes"] = beside(
        world, till, lambda: copy_and_sync(world))

    print("a day's sales, and a backup of what they added", flush=True)
    Load(world.directory, till, "debit-card", DAY_SALES // ROUND_SECONDS, ROUND_SECONDS).figures()
    before_backup = entries_of(world)
    figures["next_sale_p99_ms"], figures["next_backup_seconds"], _ = beside(
        world, till, lambda: ladonctl(world, "backup", "create"))
    figures["next_backup_bytes"] = disk_bytes(world.directory / "backups") - figures["backup_bytes"]

    print("drill", flush=True)
    figures["drill_sale_p99_ms"], figures["drill_seconds"], report = beside(
        world, till, lambda: drill(world))
    figures |= {f"drill_{name}": report[name]
                for name in ("restore_seconds", "open_seconds", "entries")}
    if report["entries"] < before_backup:
        raise AssertionError(f"{before_backup} entries were durable before the backup, "
                             f"{report['entries']} came back")
    # Of the largest process that has ended: ladond as the drill ran it.
    figures["drill_memory_bytes"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--schools", type=int, default=4)
    parser.add_argument("--json")
    given = parser.parse_args()
    world = World(9, metrics=True)
    try:
        standby = world.directory / "standby"
        standby.mkdir(mode=0o700)
        world.server.config["keys"]["standby"] = str(standby)
        world.start()
        figures = measure(world, given)
    finally:
        world.close()
    for name, value in figures.items():
        print(f"{name:28}{value:16.2f}")
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
