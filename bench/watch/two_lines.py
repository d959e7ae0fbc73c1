#!/usr/bin/env python3
"""Sets what 双线核对 finds against the truth of made counties.

    python3 bench/watch/two_lines.py [--people 30000] [--seeds 11 12 13 14 15] [--fujiao PROGRAM]

Makes a county a seed, runs it, and compares the findings in the books with truth/out_of_school.csv and
truth/double_enrolment.csv. A person of the books is the person of the truth whose rows most of theirs are. Fails below the
bars: children out of school with recall 1.0 and precision 0.98, double enrolments with 1.0 and 0.99.
"""
import argparse
import collections
import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ("never_enrolled", "left", "no_receipt", "unconfirmed", "exemption_over")


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def who_is_who(books):
    """The person of the truth for each person of the books."""
    place = lambda line: (line["file"], line["sheet"], line["row"])
    truth = {place(line): line["person"] for line in table(books / "名册" / "truth" / "rows.csv")}
    votes = collections.defaultdict(collections.Counter)
    for line in table(books / "结果" / "persons.csv"):
        if place(line) in truth:
            votes[line["person"]][truth[place(line)]] += 1
    return {ours: found.most_common(1)[0][0] for ours, found in votes.items()}


def found(books, kinds, names):
    marks = ",".join("?" * len(kinds))
    with sqlite3.connect(f"file:{books / '结果' / 'county.db'}?mode=ro", uri=True) as db:
        rows = db.execute(f"select person_id from two_line where found in ({marks})", kinds)
        ids = [f"p{row[0] & (2**64 - 1):016x}" for row in rows]
    return {names.get(id, id) for id in ids}


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=30_000)
    ask.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13, 14, 15])
    ask.add_argument("--fujiao", help="the program, if it is built already")
    args = ask.parse_args()
    fujiao = args.fujiao
    if not fujiao:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        fujiao = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "fujiao"
    fell = False
    print("seed  what               true  found  recall  precision")
    for seed in args.seeds:
        with tempfile.TemporaryDirectory() as folder:
            books = Path(folder) / "county"
            subprocess.run([fujiao, "demo", "--people", str(args.people), "--seed", str(seed), "--no-serve", "--out", books],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            names = who_is_who(books)
            for what, kinds, least in (("out_of_school", OUT, 0.98), ("double_enrolment", ("double",), 0.99)):
                true = {line["person"] for line in table(books / "名册" / "truth" / f"{what}.csv")}
                ours = found(books, kinds, names)
                hits = len(true & ours)
                recall, precision = hits / max(1, len(true)), hits / max(1, len(ours))
                fell |= recall < 1 or precision < least
                print(f"{seed:<5} {what:<18} {len(true):>4} {len(ours):>6} {recall:>7.3f} {precision:>10.3f}")
    sys.exit(fell)


if __name__ == "__main__":
    main()
