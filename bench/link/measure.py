"""Runs a program and says what it took: wall seconds, CPU seconds, peak MiB of the largest process in its tree.

The peak of a child is at least that of the process that started it, because it is its copy until it becomes another program:
so whoever measures stays small and leaves what is large to processes of their own (evaluate.py).
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import common


def measure(command, good=(0,)):
    """Stdout of a program and its figures; ends this program when that one fails, which is any exit that is not good."""
    command = [str(part) for part in command]
    output = common.WORK / "stdout"
    output.parent.mkdir(parents=True, exist_ok=True)
    with open(output, "wb") as out:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        # Progress is little; reading it to its end also waits for the child without reaping it.
        said = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in good:
        sys.stderr.write(said.decode(errors="replace")[-3000:])
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    figures = {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}
    return output.read_text(encoding="utf-8"), figures


def summary(runs):
    """Median, least and most of each figure."""
    return {
        name: {
            "median": round(statistics.median(r[name] for r in runs), 3),
            "min": round(min(r[name] for r in runs), 3),
            "max": round(max(r[name] for r in runs), 3),
        }
        for name in runs[0]
    } | {"runs": len(runs)}


def program(given):
    """Our program: as given, or the release build of this tree."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", common.ROOT / "target"))
    path = Path(given) if given else target / "release" / "fujiao"
    if not path.exists():
        sys.exit(f"no program at {path}: cargo build --release --package fujiao, or --fujiao PATH")
    return path


def git(*arguments):
    result = subprocess.run(["git", *arguments], cwd=common.ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip()


def commit():
    """Short name of the commit, with -changed when sources differ from it; results of benches do not count."""
    changed = [l for l in git("status", "--porcelain").splitlines() if not l[3:].startswith("bench/results/")]
    return git("rev-parse", "--short", "HEAD") + ("-changed" if changed else "")


def machine():
    model = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def roster(fujiao, rows, seed):
    """A roster of so many rows, made once for each build of the program."""
    path = common.WORK / "data" / f"roster-{rows}-{seed}.csv"
    if not path.exists() or path.stat().st_mtime < fujiao.stat().st_mtime:
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [fujiao, "synth", "--roster", str(rows), "--seed", str(seed), "--out", path]
        subprocess.run(command, check=True, capture_output=True)
    return path


LINKS, CLUSTERS = common.WORK / "links.csv", common.WORK / "clusters.csv"


def link(fujiao, task, files, *more):
    """Links, or deduplicates if there is one file: what `measure` gives. Pairs to ask about (exit 1) are no failure."""
    spec = Path(__file__).resolve().parent / f"{task}.toml"
    LINKS.unlink(missing_ok=True)
    CLUSTERS.unlink(missing_ok=True)
    dedupe = ["--dedupe"] if len(files) == 1 else []
    command = [fujiao, "link", "--spec", spec, *files, *dedupe, "--out", LINKS, "--clusters", CLUSTERS, *more]
    result = measure(command, good=(0, 1))
    if not LINKS.exists() or not CLUSTERS.exists():
        sys.exit(f"{' '.join(map(str, command))} wrote no links or no clusters")
    return result
