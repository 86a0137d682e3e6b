"""What takes minutes to set up: a server's start on a region's store, and a school's lunch by palm."""

import concurrent.futures
import contextlib
import json
import pathlib
import shutil
import statistics
import time

import calls

STARTS = 3
SCHOOL_CHILDREN = 2_000  # Both palms, three captures each: 12 000 rows.
TILLS = 8
LUNCH_SECONDS = 8
ROTATION_CHILDREN = 1_000  # Beside the 120 000 whose keys are wrapped anew: those who are identified.
ROTATION_RATE = 200
# What the tills of a school do, calls a second.
LUNCH = (("identify-and-debit-palm", 500), ("identify-palm", 200), ("debit-card", 500))
# The means side by side: at the rate that the server lets one senior cashier book at, 120 a minute
# with a minute's worth at once.
MEANS = ("identify-and-debit-palm", "debit-card", "book-by-list")
MEANS_RATE = 12
MISSES_OFF = "[matcher]\npalm_misses_burst = 0\npalm_misses_per_minute = 0\n"


@contextlib.contextmanager
def folder_of(directory, name):
    folder = pathlib.Path(directory) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_region(program, directory):
    """Seconds until a server serves that has 120 000 children, their 720 000 templates, 10 000 000
    entries and as many records of the security log. Needs 7 GB."""
    bin_dir = pathlib.Path(program).parent
    with folder_of(directory, "region") as folder:
        calls.configure(bin_dir, folder)
        told = calls.tool(bin_dir, pathlib.Path(program).name, "region", "--store",
                          folder / "store", "--keys", folder / "keys", "--root-key",
                          folder / "root.key")
        took = []
        for _ in range(STARTS):
            (folder / "port").unlink(missing_ok=True)
            start = time.monotonic()
            with calls.server(bin_dir, folder):
                took.append(time.monotonic() - start)
        return {"restart_region_s": statistics.median(took)}, json.loads(told.stdout)


def run_load(bin_dir, folder, address, what, rate):
    calls.tool(bin_dir, "ladon-load", "--scenario", folder / "scenario.json", "--identities",
               folder / "identities", "--server", address, "--what", what, "--rate", rate,
               "--seconds", LUNCH_SECONDS, "--json", folder / "figures.json")
    return json.loads((folder / "figures.json").read_text())


def measure_rotation(program, directory):
    """A new epoch for the keys of 120 000 children, alone and while palms are identified: its
    seconds, and the milliseconds of the calls beside those without it."""
    bin_dir = pathlib.Path(program).parent
    with folder_of(directory, "rotation") as folder:
        calls.configure(bin_dir, folder)
        config = folder / "ladond.toml"
        config.write_text(config.read_text().replace("[matcher]\n", MISSES_OFF))
        calls.tool(bin_dir, pathlib.Path(program).name, "region", "--store", folder / "store",
                   "--keys", folder / "keys", "--root-key", folder / "root.key",
                   "--transfers", 10_000)
        calls.tool(bin_dir, "ladonctl", "pki", "issue", "--dir", folder / "pki", "--role",
                   "security-admin", "--out", folder / "security")
        with calls.server(bin_dir, folder) as address:
            calls.tool(bin_dir, "ladon-load", "setup", "--server", address, "--identity",
                       folder / "admin", "--ca", folder / "pki", "--identities",
                       folder / "identities", "--scenario", folder / "scenario.json",
                       "--children", ROTATION_CHILDREN, "--palms", ROTATION_CHILDREN,
                       "--tills", TILLS)

            def identify():
                return run_load(bin_dir, folder, address, "identify-palm", ROTATION_RATE)

            def rotate():
                start = time.monotonic()
                calls.tool(bin_dir, "ladonctl", "keys", "rotate", "--wait", "--server", address,
                           "--identity", folder / "security")
                return time.monotonic() - start

            alone = identify()
            took = [rotate()]
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                load = beside.submit(identify)
                while not load.done():
                    took.append(rotate())
                rotating = load.result()
        p99 = [seen["latency_us"]["p99"] / 1000 for seen in (alone, rotating)]
        return {"rotation_120k_alone_s": took[0], "rotation_120k_under_load_s": max(took[1:]),
                "rotations_under_load": len(took) - 1, "identify_p99_ms": p99[0],
                "identify_p99_rotating_ms": p99[1], "identify_p99_ratio": p99[1] / p99[0]}, {
                    "alone": alone, "rotating": rotating}


def measure_school(program, directory):
    """Milliseconds of calls at a steady rate in a school of 12 000 rows; palm, card and class list
    also at one rate, which is the list's."""
    bin_dir = pathlib.Path(program).parent
    with folder_of(directory, "school") as folder:
        calls.configure(bin_dir, folder)
        config = folder / "ladond.toml"
        config.write_text(config.read_text().replace("[matcher]\n", MISSES_OFF))
        figures, detail = {}, {}
        with calls.server(bin_dir, folder) as address:
            calls.tool(bin_dir, "ladon-load", "setup", "--server", address, "--identity",
                       folder / "admin", "--ca", folder / "pki", "--identities",
                       folder / "identities", "--scenario", folder / "scenario.json",
                       "--children", SCHOOL_CHILDREN, "--palms", SCHOOL_CHILDREN, "--both-palms",
                       "--tills", TILLS)
            plan = [(what, rate, "") for what, rate in LUNCH]
            plan += [(what, MEANS_RATE, "side_by_side_") for what in MEANS]
            for what, rate, prefix in plan:
                seen = run_load(bin_dir, folder, address, what, rate)
                name = prefix + what.replace("-", "_")
                detail[prefix + what] = seen
                for quantile in ("p50", "p99"):
                    figures[f"{name}_{quantile}_ms"] = seen["latency_us"][quantile] / 1000
        return figures, detail
