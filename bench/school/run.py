#!/usr/bin/env python3
"""Closes made months and sets what was found against what was planted.

    python3 bench/school/run.py [--counties 5] [--schools 76] [--pupils 11000] [--debug]

Builds and runs the example `school` of fujiao-office, and writes bench/results/school-COMMIT.{json,md}. --debug: an unoptimised
build, for a look; its times say nothing.
"""
import argparse
import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(
    r"county (\d+): (\d+) pupils (\d+) returns, (\d+) schools clean; planted (\d+) found (\d+) both (\d+); "
    r"close (\d+) ms, year (\d+) ms; claimed (\d+) proved (\d+) over (\d+)")
NAMES = ["county", "pupils", "returns", "clean", "planted", "found", "both", "close_ms", "year_ms", "claimed", "proved", "over"]


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--counties", type=int, default=5)
    ask.add_argument("--schools", type=int, default=76)
    ask.add_argument("--pupils", type=int, default=11_000)
    ask.add_argument("--debug", action="store_true")
    args = ask.parse_args()
    how = [] if args.debug else ["--release"]
    command = ["cargo", "run", *how, "-q", "-p", "fujiao-office", "--example", "school", "--", "--counties", str(args.counties),
               "--schools", str(args.schools), "--pupils", str(args.pupils)]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    print(ended.stdout)
    counties = [dict(zip(NAMES, map(int, found.groups()))) for found in map(LINE.match, ended.stdout.splitlines()) if found]
    for c in counties:
        c["precision"] = c["both"] / max(c["found"], 1)
        c["recall"] = c["both"] / max(c["planted"], 1)
    wrong = [line.strip() for line in ended.stdout.splitlines() if line.startswith("  ")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    build = "debug" if args.debug else "release"
    out = ROOT / "bench" / "results" / f"school-{commit}"
    whole = {"commit": commit, "build": build, "command": " ".join(command), "counties": counties, "wrong": wrong}
    out.with_suffix(".json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    rows = ["| county | pupils | returns | planted | precision | recall | close ms | year ms |", "|---|---|---|---|---|---|---|---|"]
    rows += [f"| {c['county']} | {c['pupils']} | {c['returns']} | {c['planted']} | {c['precision']:.4f} | {c['recall']:.4f} "
             f"| {c['close_ms']} | {c['year_ms']} |" for c in counties]
    out.with_suffix(".md").write_text(f"# Meals of a month, {commit}, {build} build\n\n`{' '.join(command)}`\n\n" + "\n".join(rows) + "\n")
    print(out.with_suffix(".md"))


if __name__ == "__main__":
    main()
