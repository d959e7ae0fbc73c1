#!/usr/bin/env python3
"""Kills, fills, cuts and corrupts, and counts what is lost or doubled.

    cargo build --release -p fujiao && cargo build --release -p fujiao-office --example aid
    python3 bench/faults/run.py --kills 1000                                    # SQLite
    python3 bench/faults/run.py --kills 1000 --db postgres://USER@HOST/DATABASE   # PostgreSQL: a schema a trial
    python3 bench/faults/run.py --kills 40 --only sync page

Parts: `rosters` (import, assess), `aid` (batch export, reconciliation), `sync` (what a phone sends) are killed with SIGKILL at
random moments; `disk` runs out of room, `wire` loses the connection to PostgreSQL, `page` damages a page of the file. Power that
is lost at every write is tried in `cargo test -p fujiao-store --test books power`, a clock that is moved in `cargo test -p
fujiao-office --test work clock`.

Oracle, in every part: nothing confirmed is lost, nothing is doubled, `fujiao verify` finds the books and the audit chain sound,
and the next start of a server says what happened and takes no longer than --start-bar seconds. Exit 1 if anything is off.
"""

import argparse
import json
import os
import pathlib
import random
import sys
import tempfile
import time

import aid
import disk
import page
import rosters
import sync
import wire
from common import ROOT, World

PARTS = {"rosters": rosters, "aid": aid, "sync": sync, "disk": disk, "wire": wire, "page": page}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    parser.add_argument("--fujiao", type=pathlib.Path, default=target / "fujiao")
    parser.add_argument("--example", type=pathlib.Path, default=target / "examples" / "aid")
    parser.add_argument("--kills", type=int, default=1000, help="SIGKILLs in all: import, assess, export, reconcile, sync")
    parser.add_argument("--db", help="a PostgreSQL server; without it SQLite")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--lines", type=int, default=400)
    parser.add_argument("--start-bar", type=float, default=2.0)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    args.each = -(-args.kills // 5)
    args.each_slow = max(3, args.kills // 50)
    world = World(args, random.Random(args.seed))
    begun = time.monotonic()
    try:
        for name in args.only:
            PARTS[name].run(world)
    finally:
        world.close()
    result = {
        "database": "postgresql" if args.db else "sqlite",
        "parts": args.only,
        "seed": args.seed,
        "seconds": round(time.monotonic() - begun),
    } | world.report.json()
    text = json.dumps(result, ensure_ascii=False, indent=1)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")
    sys.exit(1 if world.report.faults else 0)


if __name__ == "__main__":
    main()
