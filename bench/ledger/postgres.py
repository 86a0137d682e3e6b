#!/usr/bin/env python3
"""The peer that people would take first: a ledger on PostgreSQL 15, measured by its own pgbench.

    postgres.py --dir DIR [--seconds N] [--clients N...] [--workload NAME...] [--form NAME...]
                [--accounts N] [--seed N] [--quick] [--json FILE]

Four forms of the same transfer, each durable when it is answered: `explicit` (five statements from
the client), `function` (one call), `batched` (one call for 100 transfers, by sets: the floor of an
account is checked once, after the sum of its changes), `batched_function` (100 calls a transaction,
each judged on what those before it left; several clients may meet in a deadlock, and try again). Server and load
generator share the machine and talk over a Unix socket. The answer is checked before and after: a
repeated key and a debit without money are refused, no money came or went, and the journal has a row
for every transfer that pgbench was told of. Exit code 2: PostgreSQL is not installed.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import time

from postgres_cluster import Cluster, PostgresError, PostgresMissing, signals_raised
from postgres_workloads import (BATCH_TRANSFERS, FORMS, WORKLOADS, ZIPFIAN_EXPONENT, batches_sql,
                                script, transfers_per_transaction)

CLIENTS = (1, 8, 32, 64)
ACCOUNTS = 200_000
QUICK_ACCOUNTS = 2_000
SECONDS = 5
THREADS = 2
TRIES_MAX = 10  # Of a transaction in a deadlock; there should be none.
BALANCE_KOPECKS = 10**12  # Of every account at first: nobody runs out of money.
BATCHES = 3_000
QUICK_BATCHES = 50
SYNC_PROBES = 21
SYNC_PROBE_BYTES = 4_096
WARM_UP_CLIENTS = 8
WARM_UP_SECONDS = 2
SETTINGS = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "1GB",
            "max_wal_size": "8GB", "checkpoint_timeout": "15min", "max_connections": 100}
# Told beside the figures: what was set, and what else decides whether they are honest.
SETTINGS_TOLD = (*SETTINGS, "autovacuum", "full_page_writes", "wal_level", "wal_sync_method",
                 "commit_delay", "data_checksums")
SCHEMA = pathlib.Path(__file__).with_name("postgres_schema.sql")

# Refusals are as much a part of a ledger as bookings. Leaves nothing behind.
ANSWERS_SQL = """
DO $$
DECLARE
  a_key uuid := gen_random_uuid();
  before numeric := (SELECT sum(balance_kopecks * id) FROM accounts);
BEGIN
  BEGIN
    PERFORM book(a_key, 2, 1, 5, 'once');
    ASSERT (SELECT sum(balance_kopecks * id) FROM accounts) = before - 5, 'not booked';
    BEGIN
      PERFORM book(a_key, 2, 1, 5, 'twice');
      RAISE 'a key was booked twice';
    EXCEPTION WHEN unique_violation THEN NULL;
    END;
    BEGIN
      PERFORM book(gen_random_uuid(), 1, 2, 2 * (SELECT max(balance_kopecks) FROM accounts), '');
      RAISE 'money was booked that was not there';
    EXCEPTION WHEN check_violation THEN NULL;
    END;
    BEGIN
      PERFORM book_batch(random_keys(2), '{1,3}', '{2,0}', '{5,5}', '');
      RAISE 'an account was credited that does not exist';
    EXCEPTION WHEN no_data_found THEN NULL;
    END;
    PERFORM book_batch(random_keys(2), '{1,1}', '{2,3}', '{5,7}', '');
    ASSERT (SELECT sum(balance_kopecks * id) FROM accounts) = before - 5 + 5 + 14, 'wrong batch';
    RAISE 'all is well' USING ERRCODE = 'LD000';
  EXCEPTION WHEN SQLSTATE 'LD000' THEN NULL;
  END;
  ASSERT (SELECT sum(balance_kopecks * id) FROM accounts) = before, 'not undone';
END $$;
"""


def quantile(ordered, q):
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def figure(pattern, text):
    found = re.search(pattern, text)
    if found is None:
        raise PostgresError(f"pgbench did not say '{pattern}':\n{text}")
    return float(found[1])


def sync_ms(directory):
    """What the disk takes now to make an append durable: shared disks have slow minutes."""
    path = directory / "sync-probe"
    took = []
    with open(path, "wb", buffering=0) as probe:
        for _ in range(SYNC_PROBES):
            start = time.perf_counter()
            probe.write(os.urandom(SYNC_PROBE_BYTES))
            os.fdatasync(probe.fileno())
            took.append(1000 * (time.perf_counter() - start))
    path.unlink()
    return statistics.median(took)


class Bench:
    """The ledger in a running cluster, and how much was booked in it."""

    def __init__(self, cluster, accounts, batches, seed):
        self._cluster = cluster
        self._accounts = accounts
        self._batches = batches
        self._seed = seed
        self._booked = 0

    def prepare(self):
        self._cluster.sql(SCHEMA.read_text(encoding="utf-8"))
        self._cluster.sql(f"INSERT INTO accounts SELECT id, {BALANCE_KOPECKS}, 0 "
                          f"FROM generate_series(1, {self._accounts}) AS id;")
        self._cluster.sql(ANSWERS_SQL)
        self._cluster.sql("VACUUM (ANALYZE) accounts;")
        self._cluster.sql("CHECKPOINT;")

    def draw(self, workload):
        """To be called before runs of `workload`."""
        self._cluster.sql(batches_sql(workload, self._accounts, self._batches, self._seed))

    def run(self, workload, form, clients, seconds):
        """The figures of one run of pgbench."""
        directory = self._cluster.directory
        (directory / "script.sql").write_text(script(workload, form), encoding="utf-8")
        sync_before = sync_ms(directory)
        log_before = self._log_bytes()
        said = self._cluster.pgbench(
            "-M", "prepared", "-f", "script.sql", "-c", clients, "-j", THREADS, "-T", seconds,
            "-D", f"accounts={self._accounts}", "-D", f"batches={self._batches}",
            f"--random-seed={self._seed}", f"--max-tries={TRIES_MAX}", "--log",
            "--log-prefix=latency")
        log_bytes = self._log_bytes() - log_before
        sync_after = sync_ms(directory)
        if figure(r"number of failed transactions: (\d+)", said) != 0:
            raise PostgresError(f"{workload}, {form}: transactions failed:\n{said}")
        size = transfers_per_transaction(form)
        transfers = size * int(figure(r"number of transactions actually processed: (\d+)", said))
        self._booked += transfers
        ms = self._latencies_ms()
        if len(ms) * size != transfers:
            raise PostgresError(f"{workload}, {form}: {len(ms)} latencies, {transfers} transfers")
        per_second = figure(r"tps = ([\d.]+) \(without initial connection time\)", said)
        return {"clients": clients, "transfers_per_s": round(per_second * size, 1),
                "p50_ms": round(quantile(ms, 0.5), 3), "p99_ms": round(quantile(ms, 0.99), 3),
                "transfers": transfers, "wal_bytes_per_transfer": round(log_bytes / transfers, 1),
                "sync_ms": [round(sync_before, 3), round(sync_after, 3)],
                "retried": int(figure(r"number of transactions retried: (\d+)", said))}

    def verify(self):
        """PostgresError: the ledger does not hold what was booked."""
        rows, money = map(int, self._cluster.sql(
            "SELECT (SELECT count(*) FROM journal), "
            "(SELECT sum(balance_kopecks) FROM accounts);").strip().split("|"))
        if rows != self._booked:
            raise PostgresError(f"{self._booked} transfers reported, {rows} rows in the journal")
        if money != BALANCE_KOPECKS * self._accounts:
            raise PostgresError(f"the balances sum to {money} kopecks, not to "
                                f"{BALANCE_KOPECKS * self._accounts}")

    def settings(self):
        names = ", ".join(f"'{name}'" for name in SETTINGS_TOLD)
        return json.loads(self._cluster.sql(
            "SELECT json_object_agg(name, current_setting(name) ORDER BY name) FROM pg_settings "
            f"WHERE name IN ({names});"))

    def version(self):
        return self._cluster.sql("SHOW server_version;").strip()

    def _log_bytes(self):
        return int(self._cluster.sql("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn;"))

    def _latencies_ms(self):
        """Of every transaction of the run, ascending; takes pgbench's logs away."""
        ms = []
        for log in self._cluster.directory.glob("latency.*"):
            with open(log, encoding="ascii") as lines:
                ms += [int(line.split(" ", 3)[2]) / 1000 for line in lines]
            log.unlink()
        return sorted(ms)


def measure(directory, seconds=SECONDS, clients=CLIENTS, workloads=WORKLOADS, forms=FORMS,
            accounts=ACCOUNTS, seed=1, quick=False, progress=lambda text: None):
    """Measures in a cluster of its own below `directory`, which is gone afterwards.

    Returns {"peer", "version", "settings", ..., "results": {workload: {form: {"runs": [one for
    each of `clients`], "best": the fastest of them}}}}. A latency is that of a transaction, so for
    the batched form of 100 transfers; sync_ms is what the disk took just before and after the run.
    PostgresMissing: not installed. PostgresError: it failed, or the ledger was wrong.
    """
    settings = SETTINGS
    if quick:
        settings = settings | {"shared_buffers": "64MB"}
    results = {}
    done, total = 0, len(workloads) * len(forms) * len(clients)
    progress("starting PostgreSQL")
    with signals_raised(), Cluster(directory, settings) as cluster:
        bench = Bench(cluster, accounts, QUICK_BATCHES if quick else BATCHES, seed)
        progress(f"making {accounts} accounts")
        bench.prepare()
        for workload in workloads:
            bench.draw(workload)
            if not quick:
                progress(f"{workload}: warming up")
                bench.run(workload, "function", WARM_UP_CLIENTS, WARM_UP_SECONDS)
            results[workload] = {}
            for form in forms:
                runs = []
                for count in clients:
                    done += 1
                    progress(f"[{done}/{total}] {workload}, {form}, clients: {count}")
                    runs.append(bench.run(workload, form, count, seconds))
                bench.verify()
                best = max(runs, key=lambda run: run["transfers_per_s"])
                results[workload][form] = {"runs": runs, "best": best}
        return {"peer": "PostgreSQL", "version": bench.version(), "settings": bench.settings(),
                "accounts": accounts, "seconds": seconds, "seed": seed, "threads": THREADS,
                "batch_transfers": BATCH_TRANSFERS, "zipfian_exponent": ZIPFIAN_EXPONENT,
                "results": results}


def table(figures):
    """The figures for a person."""
    lines = [f"PostgreSQL {figures['version']}, {figures['accounts']} accounts, "
             f"{figures['seconds']} s a run; zipfian: exponent {figures['zipfian_exponent']}; "
             f"batched: {figures['batch_transfers']} transfers a commit"]
    counts = [run["clients"] for forms in figures["results"].values()
              for form in forms.values() for run in form["runs"]]
    counts = list(dict.fromkeys(counts))
    lines.append(f"{'transfers/s':<20}" + "".join(f"{f'{n} cl.':>9}" for n in counts) +
                 f"{'best at':>10}{'p50 ms':>9}{'p99 ms':>9}{'log B':>7}"
                 f"{'sync ms':>9}")
    for workload, forms in figures["results"].items():
        for form, result in forms.items():
            best = result["best"]
            lines.append(f"{workload:<9}{form:<11}" +
                         "".join(f"{run['transfers_per_s']:>9.0f}" for run in result["runs"]) +
                         f"{best['clients']:>10}{best['p50_ms']:>9.2f}{best['p99_ms']:>9.2f}"
                         f"{best['wal_bytes_per_transfer']:>7.0f}{max(best['sync_ms']):>9.2f}")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dir", required=True, help="the cluster is made in a fresh folder below "
                        "it, on the disk to be measured; as root: open to the user postgres")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of one run (%(default)s)")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, help="%(default)s")
    parser.add_argument("--workload", nargs="+", choices=WORKLOADS, default=WORKLOADS)
    parser.add_argument("--form", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help="%(default)s")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true",
                        help="tiny, to see that it works: one second a run, few accounts")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.clients, options.accounts = 1, (8,), QUICK_ACCOUNTS
    return options


def main():
    options = arguments()
    try:
        figures = measure(options.dir, options.seconds, tuple(options.clients),
                          tuple(options.workload), tuple(options.form), options.accounts,
                          options.seed, options.quick,
                          progress=lambda text: print(f"postgres: {text}", file=sys.stderr))
    except PostgresMissing as error:
        print(f"postgres: {error}", file=sys.stderr)
        return 2
    except (PostgresError, OSError) as error:
        print(f"postgres: {error}", file=sys.stderr)
        return 1
    print(table(figures))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
