"""Warning models beside their peers: `fujiao watch evaluate` and scikit-learn, LightGBM on the same folds.

usage: python3 bench/watch/run.py [--only por uci697] [--repeats 3]

The folds are those of risk.py of FUJIAO_SHARED/bench/peers (StratifiedKFold, shuffled by 0, 1, 2). Writes
bench/results/watch-COMMIT.json and .md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench-watch"
SHARED = Path(os.environ.get("FUJIAO_SHARED", ROOT.parent / "shared"))
DATA = SHARED / "data" / "dropout"
PYTHON = WORK / "venv" / "bin" / "python"
# Set, file, the best of the peers as recorded in RESULTS.md §5.
SETS = {
    "uci697": ("uci697_dropout.csv", 0.9223),
    "uci697-enrol": ("uci697_dropout.csv", 0.7717),
    "oulad": ("oulad_studentInfo.csv", 0.6777),
    "por": ("student-por.csv", 0.8094),
}
MARGIN = 0.003
LARGE = ("uci697", "oulad")
MOST_ECE = 0.03

FOLDS = """
import sys, numpy as np, pandas as pd
from sklearn.model_selection import StratifiedKFold
name, path, repeats, out = sys.argv[1:]
d = pd.read_csv(path, sep=";" if name == "por" else ","); d.columns = [c.strip() for c in d.columns]
y = {"por": lambda: d.G3 < 10, "oulad": lambda: d.final_result == "Withdrawn"}.get(name, lambda: d["target"] == "Dropout")().astype(int)
of = np.zeros((len(y), int(repeats)), int)
for r in range(int(repeats)):
    for k, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=r).split(d, y)):
        of[test, r] = k
np.savetxt(out, of, fmt="%d", delimiter=",")
"""


def program():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(os.environ.get("FUJIAO_PROGRAM", target / "release" / "fujiao"))
    if not path.exists():
        sys.exit(f"no program at {path}: cargo build --release -p fujiao")
    return path


def commit():
    def git(*a):
        return subprocess.run(["git", *a], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    changed = [l for l in git("status", "--porcelain").splitlines() if "bench/results/" not in l]
    return git("rev-parse", "--short", "HEAD") + ("-changed" if changed else "")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--only", nargs="*", default=list(SETS))
    ap.add_argument("--repeats", type=int, default=3)
    a = ap.parse_args()
    if not PYTHON.exists():
        sys.exit("no peers: python3 bench/watch/setup.py")
    WORK.mkdir(parents=True, exist_ok=True)
    rows, good = [], True
    for name in a.only:
        file, bar = SETS[name]
        folds = WORK / f"{name}-folds.csv"
        subprocess.run([PYTHON, "-c", FOLDS, name, DATA / file, str(a.repeats), folds], check=True)
        spec = ROOT / "bench" / "watch" / f"{name}.toml"
        for kind in ("logistic", "boost", "blend"):
            start = time.perf_counter()
            said = subprocess.run(
                [program(), "--json", "watch", "evaluate", DATA / file, "--spec", spec, "--fold-file", folds, "--kind", kind],
                check=True, capture_output=True, text=True)
            wall = time.perf_counter() - start
            got = json.loads(said.stdout.strip().splitlines()[-1])
            m = got["measures"]
            row = {"data": name, "who": f"fujiao {kind}", "auc": round(m["auc"], 4), "ap": round(m["average_precision"], 3),
                   "brier": round(m["brier"], 4), "ece": round(m["calibration_error"], 4),
                   "fit5_s": round(got["seconds_a_repeat"], 2), "wall_s": round(wall, 2)}
            if kind == "blend":
                row["bar"] = round(bar - MARGIN, 4)
                row["met"] = m["auc"] >= bar - MARGIN and (name not in LARGE or m["calibration_error"] <= MOST_ECE)
                good &= row["met"]
            rows.append(row)
            print(json.dumps(row), flush=True)
        said = subprocess.run([PYTHON, SHARED / "bench" / "peers" / "risk.py", DATA, name, "--repeats", str(a.repeats)],
                              check=True, capture_output=True, text=True)
        for line in said.stdout.strip().splitlines():
            p = json.loads(line)
            row = {"data": name, "who": p["peer"], "auc": p["auc_oof_mean"], "ap": p["avg_precision"], "brier": p["brier"],
                   "fit5_s": p["fit5_s"]}
            rows.append(row)
            print(json.dumps(row), flush=True)
    out = ROOT / "bench" / "results" / f"watch-{commit()}"
    out.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    lines = ["# Warning models beside their peers", "",
             "Five-fold, out of fold, mean of the repeats, the same folds for all. `fit5 s`: five fits; ours with five inner ones each for"
             " the calibration, on all cores; the peers without.", "",
             "| data | who | AUC | AP | Brier | ECE | fit5 s | bar | met |", "|---|---|---|---|---|---|---|---|---|"]
    for r in rows:
        lines.append(f"| {r['data']} | {r['who']} | {r['auc']:.4f} | {r['ap']} | {r['brier']} | {r.get('ece', '')} | {r['fit5_s']} |"
                     f" {r.get('bar', '')} | {'yes' if r.get('met') else 'NO' if 'met' in r else ''} |")
    out.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(out.with_suffix(".md"))
    sys.exit(0 if good else 1)


main()
