#!/usr/bin/python3
"""./dev bench ledger: our ledger beside the disk, plain RocksDB and PostgreSQL, in one run.

Machines of this kind change their speed from minute to minute, so the contestants take turns: each
round runs all of them, and a figure is the median of its rounds. Ratios are of medians. Everybody
uses the same directory, batches of at most 1 000 transfers, and the same draws.

Keys of the JSON: transfers a second and milliseconds of the uniform workload unless they say hot;
ratios and shares as plain numbers; what each contestant told, by round, under `workloads`.
Without PostgreSQL (--without-postgres, or it is not installed) its keys are not there.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import calls  # pylint: disable=wrong-import-position
import full_size  # pylint: disable=wrong-import-position
import postgres  # pylint: disable=wrong-import-position

WORKLOADS = ("uniform", "zipfian", "hot")
BATCH = 1_000
# PostgreSQL's best forms; more clients than cores help it, 64 do no more than 32.
CLIENTS = (8, 32)
# A hundred transfers in the order in which they came: more clients only meet in deadlocks.
CLIENTS_OF_CALLS = (1, 2)


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(program, what, *options):
    """One contestant's figures."""
    done = subprocess.run([program, what, *map(str, options)], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise SystemExit(f"{what} failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def median(rounds, key="transfers_per_s"):
    return statistics.median(figures[key] for figures in rounds)


def measure(args):
    rounds = {what: [] for what in (*WORKLOADS, "recorded", "disk", "raw-rocksdb", "postgres")}
    # So short a run lies in the log and nowhere else: what a transfer adds to a commit.
    short = run(args.program, "embedded", "--dir", args.dir, "--seconds", 0.2, "--accounts", 2_000)
    per_batch = int(BATCH * short["bytes_per_transfer"])
    common = ("--dir", args.dir, "--seconds", args.seconds)
    for number in range(args.rounds):
        say(f"round {number + 1} of {args.rounds}")
        for workload in WORKLOADS:
            say(f"  ladon, {workload}")
            rounds[workload].append(run(args.program, "embedded", *common, "--workload", workload,
                                        "--accounts", args.accounts))
        say("  ladon, uniform, each transfer with a record of the security log")
        rounds["recorded"].append(run(args.program, "embedded", *common, "--audit", "--accounts",
                                      args.accounts))
        say("  the disk: the same bytes in the same batches")
        rounds["disk"].append(run(args.program, "disk", *common, "--batch", BATCH,
                                  "--bytes-per-batch", per_batch))
        say("  plain RocksDB")
        rounds["raw-rocksdb"].append(run(args.program, "raw-rocksdb", *common, "--batch", BATCH,
                                         "--accounts", args.accounts))
        if not args.without_postgres:
            try:
                measured = postgres.measure(
                    args.dir, max(1, round(args.seconds)), CLIENTS, ("uniform", "hot"),
                    ("function", "batched"),
                    args.accounts, number, args.quick, lambda text: say(f"  {text}"))
                each = postgres.measure(
                    args.dir, max(1, round(args.seconds)), CLIENTS_OF_CALLS, ("uniform",),
                    ("batched_function",),
                    args.accounts, number, args.quick, lambda text: say(f"  {text}"))
                measured["results"]["uniform"] |= each["results"]["uniform"]
                rounds["postgres"].append(measured)
            except postgres.PostgresMissing as missing:
                say(f"  skipped: {missing}")
                args.without_postgres = True
    return rounds


def best(rounds, workload, form):
    """PostgreSQL's best client count, of each round, and the median of that."""
    return statistics.median(one["results"][workload][form]["best"]["transfers_per_s"]
                             for one in rounds)


def summary(args, rounds):
    ours = median(rounds["uniform"])
    half = run(args.program, "embedded", "--dir", args.dir, "--seconds", args.seconds,
               "--accounts", args.accounts, "--rate", ours / 2)
    figures = {
        "transfers_per_s": ours,
        "p50_ms": median(rounds["uniform"], "p50_ms"),
        "p99_ms": median(rounds["uniform"], "p99_ms"),
        "half_rate_p50_ms": half["p50_ms"],
        "half_rate_p99_ms": half["p99_ms"],
        # Of the time of both cores that a transfer takes.
        "merkle_share": median(rounds["uniform"], "proof_us") * ours / 1e6 / (os.cpu_count() or 1),
        "hot_ratio": median(rounds["hot"]) / ours,
        # The bare ledger with a record of the security log for each transfer.
        "recorded_ratio": median(rounds["recorded"]) / ours,
        "ratio_vs_raw_rocksdb": ours / median(rounds["raw-rocksdb"]),
        "ratio_vs_disk": ours / median(rounds["disk"]),
        "bytes_per_transfer": median(rounds["uniform"], "bytes_per_transfer"),
        "write_amplification": median(rounds["uniform"], "write_amplification"),
    }
    if rounds["postgres"]:
        hot = best(rounds["postgres"], "hot", "function")
        figures |= {
            "postgres_per_s": best(rounds["postgres"], "uniform", "function"),
            "postgres_hot_per_s": hot,
            "postgres_batched_per_s": best(rounds["postgres"], "uniform", "batched"),
            "postgres_batched_calls_per_s": best(rounds["postgres"], "uniform",
                                                 "batched_function"),
            "ratio_vs_postgres": ours / best(rounds["postgres"], "uniform", "function"),
            "ratio_vs_postgres_hot": median(rounds["hot"]) / hot,
            "ratio_vs_postgres_batched": ours / best(rounds["postgres"], "uniform", "batched"),
            # The same guarantee as ours, and as the single form: see postgres.py.
            "ratio_vs_postgres_batched_calls": ours / best(rounds["postgres"], "uniform",
                                                           "batched_function"),
        }
    if args.grow:
        say(f"  ladon with {args.grow:,} entries before, and its start")
        grown = run(args.program, "embedded", "--dir", args.dir, "--seconds", args.seconds,
                    "--accounts", args.accounts, "--before", args.grow, "--restart")
        figures |= {"grown_entries": args.grow, "grown_ratio": grown["transfers_per_s"] / ours,
                    "grown_bytes_per_transfer": grown["bytes_per_transfer"],
                    "grown_restart_s": grown["restart_s"]}
        if args.grow == 10_000_000:
            figures["restart_s_10m"] = grown["restart_s"]
    detail = {}
    try:
        say("  debits over gRPC, and empty calls")
        over_grpc, detail = calls.measure(pathlib.Path(args.program).parent, args.dir, args.seconds,
                                          args.rounds, args.quick)
        figures |= over_grpc
    except calls.ProgramsMissing as missing:
        say(f"  skipped: {missing}")
    more = {}
    if args.region:
        say("  a region's store, and three starts on it")
        started, more["region"] = full_size.measure_region(args.program, args.dir)
        figures |= started
    if args.rotation:
        say("  a new epoch for the keys of 120 000 children, under load")
        rotated, more["rotation"] = full_size.measure_rotation(args.program, args.dir)
        figures |= rotated
    if args.school:
        say("  a school of 12 000 rows, and its lunch")
        lunch, more["school"] = full_size.measure_school(args.program, args.dir)
        figures |= lunch
    figures["workloads"] = rounds | {"half_rate": half, "calls": detail} | more
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, help="the built ledger_bench")
    parser.add_argument("--dir", required=True, help="where everybody writes; made if need be")
    parser.add_argument("--json", help="file for the figures")
    parser.add_argument("--seconds", type=float, default=5, help="of each contestant and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--grow", type=int, default=10_000_000,
                        help="entries before the measurement of a large ledger; 0 = leave it out")
    parser.add_argument("--region", action="store_true",
                        help="also a server's start with 120 000 children (3 minutes, 7 GB)")
    parser.add_argument("--rotation", action="store_true",
                        help="also a new epoch of keys for 120 000 children (4 minutes, 1 GB)")
    parser.add_argument("--school", action="store_true",
                        help="also calls by palm in a school of 12 000 rows (5 minutes)")
    parser.add_argument("--without-postgres", action="store_true")
    parser.add_argument("--quick", action="store_true",
                        help="a fraction of a second each, without PostgreSQL: does it run at all?")
    args = parser.parse_args()
    if args.quick:
        args.seconds, args.rounds, args.accounts, args.grow = 0.2, 1, 2_000, 20_000
        args.without_postgres = True
    os.makedirs(args.dir, exist_ok=True)
    figures = summary(args, measure(args))
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for key, value in figures.items():
        if key != "workloads":
            print(f"{key:28} {value:>14,.2f}")


if __name__ == "__main__":
    main()
