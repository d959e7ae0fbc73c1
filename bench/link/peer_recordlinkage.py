"""The recordlinkage toolkit on FEBRL 3 and 4: five blocks, name and address fields, expectation-conditional maximisation.

It gives classes, not scores, so there is no threshold to choose. usage: peer_recordlinkage.py febrl3|febrl4 FILE [FILE]
"""

import argparse
import warnings
from importlib.metadata import version

import common

warnings.filterwarnings("ignore")
parser = argparse.ArgumentParser()
parser.add_argument("task", choices=["febrl3", "febrl4"])
parser.add_argument("files", nargs="+")
parser.add_argument("--without-measures", action="store_true")
args = parser.parse_args()

phases = common.Phases()
with phases("import"):
    import pandas as pd
    import recordlinkage

with phases("load"):
    tables = [
        pd.read_csv(f, dtype=str, keep_default_na=False).replace("", None).set_index("rec_id") for f in args.files
    ]
with phases("block"):
    index = recordlinkage.Index()
    for column in ("given_name", "surname", "date_of_birth", "soc_sec_id", "postcode"):
        index.block(column)
    candidates = index.index(*tables)
with phases("compare"):
    comparison = recordlinkage.Compare()
    for column in ("given_name", "surname", "address_1", "suburb"):
        comparison.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in ("date_of_birth", "soc_sec_id", "postcode"):
        comparison.string(column, column, method="damerau_levenshtein", threshold=0.75, label=column)
    for column in ("state", "street_number"):
        comparison.exact(column, column, label=column)
    vectors = comparison.compute(candidates, *tables)
with phases("classify"):
    links = recordlinkage.ECMClassifier().fit_predict(vectors)
result = {
    "peer": "recordlinkage ECM",
    "task": args.task,
    "rows": sum(map(len, tables)),
    "seconds": {name: round(s, 3) for name, s in phases.seconds.items()},
    "versions": {name: version(name) for name in ("recordlinkage", "pandas")},
}
if not args.without_measures:
    truth = {i: t for table in tables for i, t in table["cluster"].items()}
    right = sum(truth[a] == truth[b] for a, b in links)
    total = common.true_pairs(truth)
    reached = sum(truth[a] == truth[b] for a, b in candidates) / total
    found = common.figures(len(links), right, total)
    result["quality"] = {"true_pairs": total, "scored_pairs": len(candidates), "reached": round(reached, 5), "best": found}
    result["best_clusters"] = common.best_clusters([(1.0, a, b) for a, b in links], truth)
common.emit(**result)
