#!/usr/bin/env python3
"""Times a cycle of aid on SQLite and, where FUJIAO_TEST_PG holds a URL, on PostgreSQL. See README.md."""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BARS = {"check": 2.0, "approve": 2.0, "export": 2.0, "reconcile": 3.0}


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def once(example, url, lines):
    done = subprocess.run([str(example), "time", url, str(lines)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout)


def postgres(url, test):
    """A schema of its own; made anew each time."""
    schema = f"aid_bench_{os.getpid()}_{test}"
    subprocess.run(["psql", url, "-qc", f"create schema {schema}"], check=True)
    mark = "&" if "?" in url else "?"
    return schema, f"{url}{mark}options=-csearch_path%3D{schema}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--example", type=pathlib.Path, default=TARGET / "release" / "examples" / "aid")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory(prefix="fujiao-aid-") as folder:
        runs = [once(args.example, f"{folder}/{n}.db", args.lines) for n in range(args.runs)]
        results["sqlite"] = runs
    url = os.environ.get("FUJIAO_TEST_PG")
    if url:
        runs = []
        for n in range(args.runs):
            schema, of = postgres(url, n)
            runs.append(once(args.example, of, args.lines))
            subprocess.run(["psql", url, "-qc", f"drop schema {schema} cascade"], check=True, stderr=subprocess.DEVNULL)
        results["postgres"] = runs
    else:
        print("FUJIAO_TEST_PG is not set: SQLite only", file=sys.stderr)
    median = {
        engine: {step: round(statistics.median(r["seconds"][step] for r in runs), 3) for step in runs[0]["seconds"]}
        for engine, runs in results.items()
    }
    record = {
        "commit": git("rev-parse", "--short", "HEAD"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()},
        "lines": args.lines, "runs": args.runs, "bars_s": BARS, "median_s": median, "all": results,
    }
    rows = ["| step | bar | " + " | ".join(median) + " |", "|---|--:|" + "--:|" * len(median)]
    for step in next(iter(median.values())):
        bar = f"{BARS[step]:.1f}" if step in BARS else ""
        rows.append(f"| {step} | {bar} | " + " | ".join(f"{of[step]:.2f}" for of in median.values()) + " |")
    text = "\n".join([f"Seconds for a batch of {args.lines:,} lines, median of {args.runs} runs.", "", *rows, ""])
    print(text)
    if args.out:
        name = f"aid-{args.lines}"
        (args.out / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        (args.out / f"{name}.md").write_text(text, encoding="utf-8")
    over = [s for s, bar in BARS.items() if median["sqlite"][s] > bar]
    sys.exit(f"over the bar: {over}" if over else 0)


if __name__ == "__main__":
    main()
