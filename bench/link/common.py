"""What the scripts of this folder share: data sets, truth, measures of pairs and clusters."""

import csv
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench-link"
SHARED = Path(os.environ.get("FUJIAO_SHARED", ROOT.parent / "shared"))
if not SHARED.is_absolute():
    SHARED = ROOT / SHARED

# Name: files under FUJIAO_SHARED/data/linkage, id column, truth column. Two files are linked, one is deduplicated.
DATA = {
    "febrl3": (["febrl3.csv"], "rec_id", "cluster"),
    "febrl4": (["febrl4a.csv", "febrl4b.csv"], "rec_id", "cluster"),
    "fake_1000": (["fake_1000.csv"], "unique_id", "cluster"),
    "historical_50k": (["historical_50k.csv"], "unique_id", "cluster"),
}
ROSTER_COLUMNS = ("rec_id", "ent_id")


def columns(task):
    """Column of ids, column of truth."""
    return DATA[task][1:] if task in DATA else ROSTER_COLUMNS


def prepare(name):
    """Paths of the data set as plain CSV files with a truth column, made under target/; None when it is not there.

    A process of its own makes them, so that who measures stays small (measure.py).
    """
    files = DATA[name][0]
    if not all((SHARED / "data" / "linkage" / file).exists() for file in files):
        return None
    subprocess.run([sys.executable, __file__, name], check=True)
    return [WORK / "data" / file for file in files]


def write_plain(name):
    """Writes the files of `prepare`.

    Both sides read them. FEBRL has blanks after its commas and keeps the truth inside rec_id ("rec-1496-org").
    """
    files, id_column, truth = DATA[name]
    for file in files:
        source = SHARED / "data" / "linkage" / file
        target = WORK / "data" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(source, encoding="utf-8", newline="") as text:
            rows = [[cell.strip() for cell in row] for row in csv.reader(text)]
        heading, rows = rows[0], [row for row in rows[1:] if row]
        if truth not in heading:
            at = heading.index(id_column)
            heading = [*heading, truth]
            rows = [[*row, "-".join(row[at].split("-")[:2])] for row in rows]
        with open(target, "w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(heading)
            writer.writerows(rows)


class Phases:
    """Wall seconds by phase."""

    def __init__(self):
        self.seconds = {}

    @contextmanager
    def __call__(self, name):
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def emit(**result):
    print(json.dumps(result, ensure_ascii=False), flush=True)


def choose2(n):
    return n * (n - 1) // 2


class Groups:
    """Groups that grow together, with the pairs inside them and how many of those are true."""

    def __init__(self, truth):
        self.truth = truth
        self.parent = {}
        self.members = {}
        self.found = 0
        self.right = 0

    def root(self, key):
        while self.parent.get(key, key) != key:
            up = self.parent[key]
            self.parent[key] = self.parent.get(up, up)
            key = up
        return key

    def join(self, a, b):
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        small = self.members.pop(a, None) or {self.truth[a]: 1}
        large = self.members.pop(b, None) or {self.truth[b]: 1}
        if len(small) > len(large):
            small, large, a, b = large, small, b, a
        self.found += sum(small.values()) * sum(large.values())
        for value, n in small.items():
            self.right += n * large.get(value, 0)
            large[value] = large.get(value, 0) + n
        self.members[b] = large
        self.parent[a] = b


def best_clusters(pairs, truth):
    """Connected components at the threshold that suits them best, with hindsight: `pairs` are (weight, a, b)."""
    total = true_pairs(truth)
    groups, best = Groups(truth), (-1.0, None, 0, 0)
    pairs = sorted(pairs, key=lambda pair: -pair[0])
    for n, (weight, a, b) in enumerate(pairs, 1):
        groups.join(a, b)
        if n == len(pairs) or pairs[n][0] != weight:
            f1 = 2 * groups.right / (groups.found + total)
            if f1 > best[0]:
                best = (f1, weight, groups.found, groups.right)
    return figures(best[2], best[3], total) | {"weight": best[1]}


def true_pairs(truth):
    """Pairs of records with one truth, of a mapping from id to truth."""
    sizes = {}
    for value in truth.values():
        sizes[value] = sizes.get(value, 0) + 1
    return sum(choose2(n) for n in sizes.values())


def figures(found, right, truth):
    """Precision, recall and F1 of `found` pairs, `right` of them true, of `truth` true ones in all."""
    return {
        "pairs": int(found),
        "precision": round(right / found, 5) if found else None,
        "recall": round(right / truth, 5) if truth else None,
        "f1": round(2 * right / (found + truth), 5) if found + truth else None,
    }


def curve(weights, probabilities, is_true, truth):
    """Quality at the best threshold with hindsight, cutting only between different weights, and at 0.5 and 0.95.

    Recall counts all true pairs, also those that no block held.
    """
    order = sorted(range(len(weights)), key=lambda i: -weights[i])
    best, right = (-1.0, None, 0, 0), 0
    for n, i in enumerate(order, 1):
        right += is_true[i]
        if n == len(order) or weights[order[n]] != weights[i]:
            f1 = 2 * right / (n + truth)
            if f1 > best[0]:
                best = (f1, weights[i], n, right)
    result = {
        "true_pairs": truth,
        "scored_pairs": len(order),
        "reached": round(sum(is_true) / truth, 5) if truth else None,
        "best": figures(best[2], best[3], truth) | {"weight": best[1]},
    }
    for cut in (0.5, 0.95):
        kept = [t for p, t in zip(probabilities, is_true) if p >= cut]
        result[f"at_{cut}"] = figures(len(kept), sum(kept), truth)
    return result


def cluster_figures(clusters, truth):
    """Pairwise quality of `clusters`, a mapping from id to cluster; an id that has none stands alone."""
    sizes, both = {}, {}
    for key, cluster in clusters.items():
        sizes[cluster] = sizes.get(cluster, 0) + 1
        pair = (cluster, truth[key])
        both[pair] = both.get(pair, 0) + 1
    found = sum(choose2(n) for n in sizes.values())
    right = sum(choose2(n) for n in both.values())
    return figures(found, right, true_pairs(truth))


if __name__ == "__main__":
    write_plain(sys.argv[1])
