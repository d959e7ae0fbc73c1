"""Our links and clusters against the truth, reckoned here and not by the program that made them: one JSON line.

usage: evaluate.py TASK links.csv clusters.csv FILE [FILE]
"""

import csv
import sys

import common

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def read(path):
    with open(path, encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def valid(number):
    """Whether a citizen id has 18 characters and the right check digit. No number in its day is 000: a spreadsheet's."""
    if len(number) != 18 or not number[:17].isdecimal() or number[14:17] == "000":
        return False
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS)) % 11] == number[17].upper()


def main():
    task, links, clusters, *files = sys.argv[1:]
    id_column, truth_column = common.columns(task)
    truth, numbers = {}, {}
    for file in files:
        for row in read(file):
            truth[row[id_column]] = row[truth_column]
            if "id_no" in row:
                numbers[row[id_column]] = row["id_no"]
    total = common.true_pairs(truth)
    weights, probabilities, is_true, pairs, verdicts, seen = [], [], [], [], {}, set()
    faults = {"repeated": 0, "with_itself": 0, "unknown_id": 0}
    for row in read(links):
        a, b = sorted((row["left"], row["right"]))
        if a not in truth or b not in truth:
            faults["unknown_id"] += 1
            continue
        faults["with_itself"] += a == b
        faults["repeated"] += (a, b) in seen
        seen.add((a, b))
        right = truth[a] == truth[b]
        weights.append(float(row["weight"]))
        probabilities.append(float(row["probability"]))
        is_true.append(right)
        pairs.append((weights[-1], a, b))
        count = verdicts.setdefault(row["verdict"], [0, 0])
        count[0] += 1
        count[1] += right
    found = {}
    for row in read(clusters):
        if row["id"] not in truth:
            faults["unknown_id"] += 1
        elif row["id"] in found:
            faults["repeated"] += 1
        else:
            found[row["id"]] = row["cluster"]
    faults["rows_without_cluster"] = len(truth) - len(found)
    result = {
        "rows": len(truth),
        "quality": common.curve(weights, probabilities, is_true, total),
        "verdicts": {v: common.figures(n, right, total) for v, (n, right) in sorted(verdicts.items())},
        "clusters": common.cluster_figures(found, truth),
        "best_clusters": common.best_clusters(pairs, truth),
        "faults": faults,
    }
    if numbers:
        ids = {}
        for key, cluster in found.items():
            if valid(numbers[key]):
                ids.setdefault(cluster, set()).add(numbers[key].upper())
        result["clusters_with_two_valid_ids"] = sum(len(held) > 1 for held in ids.values())
    common.emit(**result)


main()
