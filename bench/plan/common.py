"""Where the files of this bench are, and how programs are run and measured."""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench-plan"
SHARED = Path(os.environ.get("FUJIAO_SHARED", ROOT.parent / "shared"))
SOLVER = SHARED / "data" / "solver"
PEERS = SHARED / "bench" / "peers"
PYTHON = WORK / "venv" / "bin" / "python"


def program(name, *folders):
    """A program of the release build of this tree."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target.joinpath("release", *folders, name)
    if not path.exists():
        sys.exit(f"no program at {path}: see bench/plan/README.md for how to build")
    return path


def run(command):
    """The last line of stdout as JSON, with wall seconds and peak MiB of the process."""
    command = [str(part) for part in command]
    WORK.mkdir(parents=True, exist_ok=True)
    with open(WORK / "stdout", "wb") as out:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, cwd=WORK)
        said = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.stderr.write(said.decode(errors="replace")[-2000:])
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    answer = json.loads((WORK / "stdout").read_text(encoding="utf-8").strip().splitlines()[-1])
    return answer | {"wall_s": round(wall, 3), "peak_mib": round(usage.ru_maxrss / 1024)}


def lines(command):
    """Each line of stdout as JSON."""
    said = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


def run_plain(command):
    """Runs a program that prints nothing of interest."""
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def git(*arguments):
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
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
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }
