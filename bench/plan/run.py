"""Site plans and placements: ours on known problems, beside peers in the same run. See README.md.

usage: python3 bench/plan/run.py [--only pmed rl1304 cpmp cfl assign …] [--time 60] [--rounds 3] [--no-peers]
"""

import argparse
import csv
import json
import statistics
import sys

import common
from common import PEERS, PYTHON, SHARED, SOLVER, WORK

RESULTS = common.ROOT / "bench" / "results"
FAMILIES = ["pmed", "rl1304", "cpmp", "cap", "cfl", "assign", "netgen", "sjkc", "travel", "forecast"]


def table(name):
    with open(SOLVER / name / "KNOWN_VALUES.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def solve(kind, file, *more):
    # What `fujiao solve` calls, with the check in the same process; ends with a fault if the checker disagrees.
    return common.run([common.program("solve", "examples"), kind, file, *more])


def row(name, known, said):
    objective = float(said["objective"])
    return {
        "instance": name,
        "known": known,
        "objective": objective,
        "over_known_percent": None if known is None else round(100 * (objective - known) / known, 4),
        "bound": said.get("bound"),
        "gap_percent": round(100 * said.get("gap", 0.0), 4),
        "proven": said["proven"],
        "solve_s": round(said["solve_s"], 3),
        "wall_s": said["wall_s"],
        "peak_mib": said["peak_mib"],
        "seconds_to_best": said["news"][-1][0] if said.get("news") else None,
    }


def pmed(args):
    known = dict(line.split() for line in (SOLVER / "pmed/orlib/pmedopt.txt").read_text().splitlines() if line.startswith("pmed"))
    for k in range(1, 41):
        said = solve("pmedian", SOLVER / f"pmed/orlib/pmed{k}.txt", "--time", args.time)
        yield row(f"pmed{k}", float(known[f"pmed{k}"]), said)


def best_at(news, seconds):
    """The objective that was known after so many seconds."""
    before = [objective for at, objective, _ in news if at <= seconds]
    return min(before) if before else None


def rl1304(args):
    file = SOLVER / "pmed/tsplib/rl1304.tsp"
    for entry in table("pmed"):
        p = entry["p"]
        said = solve("pmedian", file, "--p", p, "--time", args.time)
        result = row(f"rl1304 p={p}", float(entry["value"]), said)
        if not args.no_peers:
            peer = common.run([PYTHON, PEERS / "pmedian.py", file, "kmedoids", "--p", p, "--dist", "trunc", "--restarts", "20"])
            took = peer["seconds"]["solve"]
            result["fasterpam"] = {"objective": peer["objective"], "solve_s": took, "ours_then": best_at(said["news"], took)}
        yield result


def cpmp(args):
    folders = {"SJC": "sjc", "cpmp": "orlib_pmedcap", "p3038": "p3038", "fnl4461": "group5"}
    for entry in table("cpmp"):
        name = entry["instance"]
        folder = next((f for start, f in folders.items() if name.startswith(start)), None)
        if folder is None:
            continue
        file = next((SOLVER / "cpmp" / folder).glob(f"{name}.*"))
        rounding = "floor" if folder == "orlib_pmedcap" else "exact"
        yield row(name, float(entry["value"]), solve("cpmp", file, "--distance", rounding, "--time", args.time))


def cap(args):
    """The small ones, which have their capacities in the file."""
    for entry in table("cfl"):
        if not entry["capacity_override"]:
            said = solve("cfl", SOLVER / f"cfl/{entry['instance']}.txt", "--time", min(args.time, 30))
            yield row(entry["instance"], float(entry["optimal"]), said)


def cfl(args):
    for entry in table("cfl"):
        capacity = entry["capacity_override"]
        if not capacity:
            continue
        more = ["--capacity", capacity] if capacity else []
        name = entry["instance"] + (f" {capacity}" if capacity else "")
        said = solve("cfl", SOLVER / f"cfl/{entry['instance']}.txt", *more, "--time", min(args.time, 30))
        yield row(name, float(entry["optimal"]), said)


def assign(args):
    ours = common.program("assign", "examples")
    for pupils, schools, candidates in [(50_000, 120, 12), (1_000_000, 2000, 10)]:
        file = WORK / f"pupils-{pupils}.bin"
        if not file.exists():
            common.run_plain([PYTHON, PEERS / "gen_assign.py", pupils, schools, candidates, file])
        mine, theirs = [], []
        for _ in range(args.rounds):
            mine.append(common.run([ours, file]))
            if not args.no_peers:
                theirs.append(common.run([PYTHON, PEERS / "assign.py", "sparse", file, "ortools"]))
        answers = {said["objective"] for said in mine + theirs}
        if len(answers) != 1:
            sys.exit(f"{pupils} pupils: the objectives differ: {answers}")
        result = {"instance": f"{pupils:,} × {schools:,} × {candidates}", "objective": answers.pop(), "runs": args.rounds}
        result |= figures("ours", mine, lambda said: said["solve_s"])
        if theirs:
            result |= figures("ortools", theirs, lambda said: said["seconds"]["solve"])
        yield result


def figures(who, runs, seconds):
    times = [seconds(said) for said in runs]
    return {
        f"{who}_solve_s": round(statistics.median(times), 3),
        f"{who}_least_most_s": [round(min(times), 3), round(max(times), 3)],
        f"{who}_peak_mib": max(said["peak_mib"] for said in runs),
    }


def netgen(_):
    yield row("netgen-2", 6749969302.0, solve("mcf", SOLVER / "netgen-2.min"))


def sjkc(args):
    said = solve("sjkc", SHARED / "data/schools/malaysia-sjkc.csv", "--time", args.time)
    yield row("649 small schools of Malaysia", None, said)


def travel(_):
    lines = common.lines([common.program("travel", "examples")])
    yield from lines


def forecast(_):
    yield from common.lines([common.program("forecast", "examples")])


def page(record):
    machine = record["machine"]
    lines = [
        f"Plans, commit {record['commit']}, {machine['processor']} on {machine['cores']} cores, load {machine['load']} at the "
        f"start, limit {record['time']} s. Every solution was counted again by the checker.",
    ]
    for family, rows in record["results"].items():
        lines += ["", f"## {family}", ""]
        if family in ("assign", "travel", "forecast"):
            lines.append("```json")
            lines += [json.dumps(r, ensure_ascii=False) for r in rows]
            lines.append("```")
            continue
        together = sum(r["solve_s"] for r in rows)
        proven = sum(r["proven"] for r in rows)
        lines += [f"{proven} of {len(rows)} proven, {together:.1f} s together.", ""]
        lines.append("| problem | known | ours | over known % | bound | gap % | proven | solve s | peak MiB |")
        lines.append("|---|---:|---:|---:|---:|---:|---|---:|---:|")
        for r in rows:
            lines.append(
                f"| {r['instance']} | {r['known'] or '–'} | {r['objective']:.10g} | {r['over_known_percent']} | {r['bound'] or r['objective']:.10g} "
                f"| {r['gap_percent']} | {'yes' if r['proven'] else 'no'} | {r['solve_s']} | {r['peak_mib']} |"
            )
        if any("fasterpam" in r for r in rows):
            lines += ["", "| problem | FasterPAM, best of 20 | its seconds | ours at that time |", "|---|---:|---:|---:|"]
            for r in rows:
                peer = r["fasterpam"]
                lines.append(f"| {r['instance']} | {peer['objective']:.10g} | {peer['solve_s']} | {peer['ours_then'] or '–'} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=FAMILIES, default=FAMILIES)
    parser.add_argument("--time", type=float, default=60.0, help="seconds for each problem")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side of the assignment")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    args = parser.parse_args()
    if not SOLVER.exists():
        sys.exit("skipped: no problems; set FUJIAO_SHARED to the folder that holds data/solver")
    if not PYTHON.exists() and not args.no_peers:
        sys.exit("the peers are not installed: python3 bench/plan/setup.py")
    record = {"commit": common.commit(), "machine": common.machine(), "time": args.time, "results": {}}
    for family in args.only:
        rows = []
        for result in globals()[family](args):
            print(json.dumps(result, ensure_ascii=False), file=sys.stderr, flush=True)
            rows.append(result)
        record["results"][family] = rows
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = f"plan-{'-'.join(args.only) + '-' if args.only != FAMILIES else ''}{record['commit']}"
    (RESULTS / f"{stem}.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (RESULTS / f"{stem}.md").write_text(page(record), encoding="utf-8")
    print(f"bench/results/{stem}.md", file=sys.stderr)


main()
