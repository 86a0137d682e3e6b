"""Who pays whom, in which form: the scripts that pgbench runs, and the batches it cannot make.

Workloads: `uniform` over all accounts; `zipfian`, where a few accounts take part in most transfers,
on both sides; `hot`, where every debit credits the last account. Being the last one, it is locked
last: the best place for it. Keys and memo are made by the server, which spares it their transport.
"""

import itertools
import random

WORKLOADS = ("uniform", "zipfian", "hot")
FORMS = ("explicit", "function", "batched", "batched_function")
# Of these a script is a call for BATCH_TRANSFERS transfers at once.
BATCHED_FORMS = ("batched", "batched_function")
ZIPFIAN_EXPONENT = 1.07
MEMO_BYTES = 160
AMOUNT_KOPECKS_MAX = 10_000
BATCH_TRANSFERS = 100

_MEMO = f"repeat('m', {MEMO_BYTES})"  # A constant by the time the statement is planned.

# permute() strews the busy accounts over the table, as they are in life.
_DRAWS = {
    "uniform": r"""
\set debit random(1, :accounts)
\set credit 1 + (:debit - 1 + random(1, :accounts - 1)) % :accounts
""",
    "zipfian": rf"""
\set debit 1 + permute(random_zipfian(1, :accounts, {ZIPFIAN_EXPONENT}) - 1, :accounts)
\set drawn 1 + permute(random_zipfian(1, :accounts, {ZIPFIAN_EXPONENT}) - 1, :accounts)
\set credit case when :drawn = :debit then 1 + :debit % :accounts else :drawn end
""",
    "hot": r"""
\set debit random(1, :accounts - 1)
\set credit :accounts
"""}

_FORMS = {
    "explicit": rf"""
\set low least(:debit, :credit)
\set high greatest(:debit, :credit)
\set change case when :low = :debit then -:amount else :amount end
BEGIN;
INSERT INTO journal (key, amount_kopecks, debit, credit, memo)
  VALUES (gen_random_uuid(), :amount, :debit, :credit, {_MEMO});
UPDATE accounts SET balance_kopecks = balance_kopecks + :change WHERE id = :low;
UPDATE accounts SET balance_kopecks = balance_kopecks - :change WHERE id = :high;
COMMIT;
""",
    "function": f"SELECT book(gen_random_uuid(), :debit, :credit, :amount, {_MEMO});\n"}

_BATCHED = rf"""
\set batch random(1, :batches)
SELECT book_batch(random_keys({BATCH_TRANSFERS}), debits, credits, amounts, {_MEMO})
  FROM drawn_batches WHERE id = :batch;
"""

# The same guarantee as ours: every transfer is judged on what those before it left.
_BATCHED_FUNCTION = rf"""
\set batch random(1, :batches)
SELECT count(book(key, debit, credit, amount, {_MEMO})::text)
  FROM drawn_batches, unnest(random_keys({BATCH_TRANSFERS}), debits, credits, amounts)
       AS transfer (key, debit, credit, amount)
  WHERE id = :batch;
"""


def script(workload, form):
    """A transaction in pgbench's language; its variables: accounts, and for batches: batches."""
    if form == "batched":
        return _BATCHED
    if form == "batched_function":
        return _BATCHED_FUNCTION
    amount = f"\\set amount random(1, {AMOUNT_KOPECKS_MAX})\n"
    return (_DRAWS[workload] + amount + _FORMS[form]).lstrip()


def transfers_per_transaction(form):
    return BATCH_TRANSFERS if form in BATCHED_FORMS else 1


def _parties(workload, accounts, count, draw):
    """`count` pairs (debit, credit), drawn as the scripts draw them."""
    ids = range(1, accounts + 1)
    if workload == "hot":
        return [(draw.randrange(1, accounts), accounts) for _ in range(count)]
    if workload == "uniform":
        return [tuple(draw.sample(ids, 2)) for _ in range(count)]
    weights = list(itertools.accumulate(rank ** -ZIPFIAN_EXPONENT for rank in ids))
    strewn = draw.sample(ids, accounts)
    drawn = draw.choices(strewn, cum_weights=weights, k=2 * count)
    return [(debit, credit if credit != debit else 1 + debit % accounts)
            for debit, credit in zip(drawn[::2], drawn[1::2])]


def batches_sql(workload, accounts, batches, seed):
    """Fills drawn_batches anew."""
    draw = random.Random(f"{seed} {workload}")
    pairs = _parties(workload, accounts, batches * BATCH_TRANSFERS, draw)
    lines = ["TRUNCATE drawn_batches;", "COPY drawn_batches FROM stdin;"]
    for number in range(batches):
        batch = pairs[number * BATCH_TRANSFERS:(number + 1) * BATCH_TRANSFERS]
        columns = [[debit for debit, _ in batch], [credit for _, credit in batch],
                   [draw.randint(1, AMOUNT_KOPECKS_MAX) for _ in batch]]
        arrays = ("{" + ",".join(map(str, column)) + "}" for column in columns)
        lines.append("\t".join((str(number + 1), *arrays)))
    return "\n".join((*lines, "\\.", "ANALYZE drawn_batches;", ""))
