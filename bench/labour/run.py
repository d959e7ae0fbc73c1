"""Occupation coding, matching and the course plan: ours and peers in the same run. See README.md.

usage: python3 bench/labour/run.py [--only coding jobs courses] [--no-peers] [--peer-time 60] [--python PATH]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench-labour"
SHARED = Path(os.environ.get("FUJIAO_SHARED", ROOT.parent / "shared"))
RESULTS = ROOT / "bench" / "results"
JOBS = SHARED / "data" / "jobs"
PEERS = Path(__file__).with_name("peers.py")

COURSES = [
    ("small sessions", ["--capacity", "45"]),
    ("middle sessions", ["--capacity", "150"]),
    ("large sessions", ["--capacity", "400"]),
    ("each who comes costs", ["--capacity", "150", "--each", "100"]),
    ("another county", ["--capacity", "150", "--seed", "3"]),
]


def run(command):
    started = time.perf_counter()
    said = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return json.loads(said.stdout.strip().splitlines()[-1]) | {"wall_s": round(time.perf_counter() - started, 2)}


def example(name):
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / "release" / "examples" / name
    if not path.exists():
        sys.exit(f"no program at {path}: see bench/labour/README.md for how to build")
    return path


def coding(args):
    result = {"ours": run([example("coding"), JOBS / "jobtitle-to-csco.csv"])}
    if args.peers:
        vectors = [WORK / "words.vector"] if (WORK / "words.vector").exists() else []
        result["peer"] = run([args.python, PEERS, "coding", JOBS / "jobtitle-to-csco.csv", JOBS / "csco2022.csv", *vectors])
    return result


def jobs(args):
    rows = []
    for seed in (1, 2, 3):
        file = WORK / f"jobs-{seed}.txt"
        row = {"seed": seed, "ours": run([example("jobs"), "--seed", seed, "--write", file])}
        if args.peers:
            row["peer"] = run([args.python, PEERS, "jobs", file])
            for peer in ("ortools", "scipy"):
                assert row["peer"][peer]["points"] == row["ours"]["points"]["points"], "peers agree on the most points"
        rows.append(row)
    return rows


def courses(args):
    rows = []
    for name, options in COURSES:
        file = WORK / "courses.json"
        row = {"county": name, "options": options, "ours": run([example("courses"), *options, "--time", "10", "--write", file])}
        if args.peers:
            row["peer"] = run([args.python, PEERS, "courses", file, "--time", args.peer_time])
            # Nobody's plan is beyond anybody's bound.
            assert row["peer"]["points"] <= row["ours"]["bound"] * (1 + 1e-6)
            assert row["ours"]["points"] <= row["peer"]["bound"] * (1 + 1e-6)
        rows.append(row)
    return rows


def machine():
    model = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 2)}


def commit():
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def percent(share):
    return f"{100 * share:.1f} %"


def both(way, level):
    return f"{percent(way[level]['top1'])} / {percent(way[level]['top5'])}" if way else "–"


def told(result):
    lines = [f"# Labour, commit {result['commit']}", "", f"{result['machine']}", ""]
    if "coding" in result:
        ours = result["coding"]["ours"]
        peer = result["coding"].get("peer")
        lines += [
            "## Occupation coding", "",
            f"{ours['titles']} titles, five folds; {ours['left_out']} left out (no code of the classification). "
            f"{ours['titles_a_second']:.0f} titles a second; learning from all {ours['train_s']:.2f} s, the shipped model {ours['builtin_s']:.2f} s.", "",
            "| level | top 1 | top 5 | says it is sure | right of these | shipped model top 1 / top 5 | linear SVM top 1 / top 5 | with word vectors |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for level in ("major", "middle", "minor", "unit"):
            c, s = ours["crossed"][level], ours["shipped_model"][level]
            svm, vectors = (both(peer.get(way), level) if peer else "–" for way in ("svm", "svm_with_vectors"))
            lines.append(f"| {level} | {percent(c['top1'])} | {percent(c['top5'])} | {percent(c['sure'])} | {percent(c['sure_right'])} "
                         f"| {percent(s['top1'])} / {percent(s['top5'])} | {svm} | {vectors} |")
        if peer:
            labels = peer["labels"]
            lines += ["", f"Labels: {labels['titles_with_a_double']} titles have a double once brackets, who advertises, marks and numbers are "
                      f"taken away; of {labels['pairs']} pairs of doubles the codes agree at: "
                      + ", ".join(f"{level} {percent(share)}" for level, share in labels["pairs_that_agree"].items())
                      + "; the best one code for all doubles is right for: "
                      + ", ".join(f"{level} {percent(share)}" for level, share in labels["best_of_doubles"].items()) + "."]
        lines.append("")
    if "jobs" in result:
        lines += ["## People and vacancies: 5 000 × 3 000 × 30", "",
                  "| seed | most points | ours s | OR-Tools s (build) | SciPy s (build) | stable s | stable points | matched: most / stable |",
                  "|---|---|---|---|---|---|---|---|"]
        for row in result["jobs"]:
            o, p = row["ours"], row.get("peer")
            peers = f"{p['ortools']['seconds']:.2f} ({p['ortools']['build_s']:.2f}) | {p['scipy']['seconds']:.2f} ({p['scipy']['build_s']:.2f})" if p else "– | –"
            lines.append(f"| {row['seed']} | {o['points']['points']} | {o['points']['seconds']:.2f} | {peers} | {o['stable']['seconds']:.3f} "
                         f"| {o['stable']['points']} | {o['points']['matched']} / {o['stable']['matched']} |")
        lines.append("")
    if "courses" in result:
        lines += ["## Course plan: 9 000 households × 60 sessions", "",
                  "| county | candidates | points | bound | gap | s | held | reached | HiGHS points | HiGHS gap | HiGHS s |",
                  "|---|---|---|---|---|---|---|---|---|---|---|"]
        for row in result["courses"]:
            o, p = row["ours"], row.get("peer")
            gap = "–" if p is None or p["gap_percent"] is None else f"{p['gap_percent']:.2f} %"
            peers = f"{p['points']:.0f} | {gap} | {p['seconds']:.0f}" if p else "– | – | –"
            lines.append(f"| {row['county']} | {o['candidates']} | {o['points']:.0f} | {o['bound']:.0f} | {o['gap_percent']:.2f} % | {o['seconds']:.1f} "
                         f"| {o['held']} | {o['reached']} | {peers} |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=["coding", "jobs", "courses"])
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--peer-time", default="60")
    parser.add_argument("--python", default=WORK / "venv" / "bin" / "python")
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    result = {"commit": commit(), "machine": machine()}
    for name in args.only:
        result[name] = {"coding": coding, "jobs": jobs, "courses": courses}[name](args)
    name = "labour" if set(args.only) == {"coding", "jobs", "courses"} else "labour-" + "-".join(args.only)
    name = f"{name}-{result['commit']}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (RESULTS / f"{name}.md").write_text(told(result), encoding="utf-8")
    print(told(result))


if __name__ == "__main__":
    main()
