"""Ours beside Splink and recordlinkage on the same files in one run, taking turns: quality, seconds, memory.

usage: python3 bench/link/run.py [--only febrl3 …] [--rows 100000 1000000] [--times 5] [--fujiao PATH] [--label TEXT]
"""

import argparse
import json
import sys
from pathlib import Path

import common
import measure

HERE = Path(__file__).resolve().parent
RESULTS = common.ROOT / "bench" / "results"
SPLINK, RECORDLINKAGE = "peer_splink.py", "peer_recordlinkage.py"
PEERS = {
    "febrl3": [[SPLINK], [RECORDLINKAGE]],
    "febrl4": [[SPLINK], [RECORDLINKAGE]],
    "fake_1000": [[SPLINK]],
    "historical_50k": [[SPLINK]],
    "roster": [[SPLINK]],
}
SEEDS = {100_000: 1, 1_000_000: 2}


def tables(said):
    """What our program says of quality; where it wrote its files belongs to this machine."""
    return [line for line in said.strip().splitlines() if not line.startswith("已写")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rows", nargs="*", type=int, default=[100_000, 1_000_000], help="sizes of rosters")
    parser.add_argument("--roster", nargs="*", type=Path, default=[], help="rosters of another generator, same columns")
    parser.add_argument("--times", type=int, default=5, help="runs of each; 3 from a million rows on")
    parser.add_argument("--fujiao", help="our program; default: the release build of this tree")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--label", default="", help="part of the name of the result")
    args = parser.parse_args()
    fujiao = measure.program(args.fujiao)
    python = common.WORK / "venv" / "bin" / "python"
    if not python.exists() and not args.no_peers:
        sys.exit("the peers are not installed: python3 bench/link/setup.py")
    jobs, skipped = [], []
    for task in args.only:
        if task == "roster":
            for rows in args.rows:
                jobs.append((task, f"roster {rows:,}", [measure.roster(fujiao, rows, SEEDS.get(rows, 3))]))
            jobs += [(task, f"roster {file.stem}", [file]) for file in args.roster]
        elif files := common.prepare(task):
            jobs.append((task, task, files))
        else:
            skipped.append(task)
            print(f"{task}: skipped, its files are not under FUJIAO_SHARED/data/linkage", file=sys.stderr)
    results = []
    for task, name, files in jobs:
        spec = HERE / f"{task}.toml"
        if not spec.exists():
            skipped.append(name)
            print(f"{name}: skipped, there is no {spec.name}", file=sys.stderr)
            continue
        peers = [] if args.no_peers else [[python, HERE / p[0], task, *files, *p[1:]] for p in PEERS[task]]
        results.append({"name": name, "task": task} | contest(fujiao, python, task, files, peers, args.times))
        print(table(results[-1:]), file=sys.stderr)
    record = {
        "commit": measure.commit(),
        "machine": measure.machine(),
        "skipped": skipped,
        "results": results,
    }
    stem = f"link-{args.label + '-' if args.label else ''}{record['commit']}"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{stem}.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (RESULTS / f"{stem}.md").write_text(page(record), encoding="utf-8")
    print(f"bench/results/{stem}.md", file=sys.stderr)


def contest(fujiao, python, task, files, peers, times):
    """One data set: first what each finds, then what it takes, one after the other and again."""
    quality = []
    for peer in peers:
        quality.append(json.loads(measure.measure(peer)[0].splitlines()[-1]))
    said, _ = measure.link(fujiao, task, files, "--truth", common.columns(task)[1])
    judge = [sys.executable, HERE / "evaluate.py", task, measure.LINKS, measure.CLUSTERS, *files]
    ours = json.loads(measure.measure(judge)[0])
    if ours["rows"] >= 1_000_000:
        times = min(times, 3)
    runs = [[] for _ in range(len(peers) + 1)]
    for _ in range(times):
        for peer, taken in zip(peers, runs):
            taken.append(measure.measure([*peer, "--without-measures"])[1])
        runs[-1].append(measure.link(fujiao, task, files)[1])
    ours |= {"peer": "fujiao", "process": measure.summary(runs[-1]), "says": tables(said)}
    for found, taken in zip(quality, runs):
        found["process"] = measure.summary(taken)
    return {"rows": ours["rows"], "true_pairs": ours["quality"]["true_pairs"], "sides": [*quality, ours]}


def table(results):
    lines = [
        "| data | rows | true pairs | who | best F1 (P / R) | at p ≥ 0.95 (P / R) | clusters F1 | best clusters F1 "
        "| wall s | CPU s | peak MiB | wall, peak: times ours |",
        "|---|---:|---:|---|---|---|---:|---:|---:|---:|---:|---:|",
    ]

    def f1(figures):
        if not figures or figures["f1"] is None:
            return "–"
        return f"{figures['f1']:.5f} ({figures['precision'] or 0:.5f} / {figures['recall']:.5f})"

    for result in results:
        ours = result["sides"][-1]["process"]
        for side in result["sides"]:
            took, quality = side["process"], side["quality"]
            versions = side.get("versions", {})
            who = side["peer"] + "".join(f" {v}" for n, v in versions.items() if n in ("splink", "recordlinkage"))
            wall, peak = took["wall_s"], took["peak_mib"]["median"]
            times = "1" if side["peer"] == "fujiao" else (
                f"{wall['median'] / ours['wall_s']['median']:.1f}, {peak / ours['peak_mib']['median']:.1f}"
            )
            lines.append(
                f"| {result['name']} | {result['rows']:,} | {result['true_pairs']:,} | {who} | {f1(quality['best'])} "
                f"| {f1(quality.get('at_0.95'))} | {(side.get('clusters') or {}).get('f1') or '–'} "
                f"| {side['best_clusters']['f1']} | {wall['median']:.2f} ({wall['min']:.2f}–{wall['max']:.2f}) "
                f"| {took['cpu_s']['median']:.2f} | {peak:.0f} | {times} |"
            )
    return "\n".join(lines)


def page(record):
    machine = record["machine"]
    text = [
        f"fujiao link beside its peers, commit {record['commit']}, {machine['processor']} on {machine['cores']} cores, "
        f"load {machine['load']}, Python {machine['python']}",
        "",
        table(record["results"]),
        "",
        "Whole processes, start to end, taking turns; median (least–most). Best F1: the best threshold with hindsight; recall is of "
        "all true pairs. Clusters: pairs within one cluster; the peers' at probability 0.95, ours as written. Ours is measured "
        "here from links.csv and clusters.csv.",
        "",
    ]
    for result in record["results"]:
        ours = result["sides"][-1]
        text.append(f"{result['name']}: verdicts {json.dumps(ours['verdicts'], ensure_ascii=False)}; faults {json.dumps(ours['faults'])}")
        if "clusters_with_two_valid_ids" in ours:
            text[-1] += f"; clusters with two valid ids: {ours['clusters_with_two_valid_ids']}"
        text.append("")
    if record["skipped"]:
        text += [f"Skipped: {', '.join(record['skipped'])}.", ""]
    return "\n".join(text)


main()
