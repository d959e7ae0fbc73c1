"""Rules: peers and ours, alternating, on one table; totals must be equal. See README.md.
usage: run.py [--persons 1000000] [--rounds 5] [--work FOLDER] [--shared FOLDER]"""
import argparse, json, os, pathlib, statistics, subprocess, sys

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
a = argparse.ArgumentParser()
a.add_argument("--persons", type=int, default=1_000_000); a.add_argument("--rounds", type=int, default=5)
a.add_argument("--work", default=str(root / "target" / "bench-policy"))
a.add_argument("--shared", default=os.environ.get("FUJIAO_SHARED", str(root.parent / "shared")))
a = a.parse_args()
rules = pathlib.Path(a.shared) / "bench" / "peers" / "rules.py"
if not rules.exists():
    sys.exit(f"skipped: no peers at {rules}; set FUJIAO_SHARED to the folder that holds bench/peers")
work = pathlib.Path(a.work); work.mkdir(parents=True, exist_ok=True)
python = work / "venv" / "bin" / "python"
if not python.exists():
    subprocess.run([sys.executable, "-m", "venv", str(work / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "numpy", "openfisca-core", "polars"], check=True)
build = ["cargo", "build", "--release", "-q", "-p", "fujiao-policy", "--example", "peers"]
subprocess.run(build, check=True, cwd=root)
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
ours = target / "release" / "examples" / "peers"
env = os.environ | {"RAYON_NUM_THREADS": "2", "POLARS_MAX_THREADS": "2"}


def run(command):
    out = subprocess.run([str(c) for c in command], check=True, env=env, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def peer(engine, *more):
    said = run([python, here / "peers.py", rules, engine, a.persons, *more])
    return said["core_s"], {k: round(v * 100) for k, v in said["checksum"].items()}, round(said["household_year_sum"] * 100)


def our(mode):
    said = run([ours, here / "rules.toml", work / "inputs", mode])
    both.setdefault(mode, []).append(said["set_inputs_s"])
    return said["calculate_s"], said["checksum_fen"], said["household_year_fen"]


both = {}
peer("numpy", "--inputs", work / "inputs")
engines = {"numpy": lambda: peer("numpy"), "openfisca": lambda: peer("openfisca"), "polars (2 threads)": lambda: peer("polars"),
           "fujiao amounts (2 threads)": lambda: our("amounts"), "fujiao with reasons (2 threads)": lambda: our("reasons")}
times = {name: [] for name in engines}
wanted = None
for turn in range(a.rounds):
    for name, engine in engines.items():
        seconds, sums, total = engine()
        wanted = wanted or (sums, total)
        if (sums, total) != wanted:
            sys.exit(f"{name} comes to other totals:\n{sums} {total}\nwanted\n{wanted[0]} {wanted[1]}")
        times[name].append(seconds)
units = 48 * a.persons
numpy = statistics.median(times["numpy"]); openfisca = statistics.median(times["openfisca"])
print(f"{a.persons:,} persons, {units:,} person x programme x periods, median of {a.rounds} alternating rounds; all totals equal")
print(f"{'':34}{'seconds':>9}{'million/s':>11}{'x numpy':>9}{'x openfisca':>12}")
for name, t in times.items():
    m = statistics.median(t)
    print(f"{name:34}{m:9.4f}{units / m / 1e6:11.0f}{numpy / m:9.2f}{openfisca / m:12.2f}")
for mode, t in both.items():
    print(f"fujiao {mode}: setting the frames' columns, not in the above: {statistics.median(t):.4f} s")
