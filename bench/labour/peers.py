"""The peers: what others reach on the same files. Each command prints one line of JSON.

usage: peers.py coding TITLES.csv CSCO.csv [WORDS.vector] | jobs FILE | courses FILE [--time 60]
"""

import csv
import json
import re
import sys
import time
import unicodedata
from collections import defaultdict
from itertools import combinations
from pathlib import Path

LEVELS = {"major": 1, "middle": 4, "minor": 7, "unit": 10}


def same_as(title):
    """A title without spaces, marks and numbers."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKC", title).lower())


def labels(titles):
    """What the labels are like: titles that are nearly the same, and how often their codes agree."""
    groups = defaultdict(list)
    for title, code in titles:
        groups[same_as(bare(title))].append(code)
    pairs = {level: [0, 0] for level in LEVELS}
    best = {level: [0, 0] for level in LEVELS}
    for text, codes in groups.items():
        if not text or len(codes) < 2:
            continue
        for level, n in LEVELS.items():
            cut = [code[:n] for code in codes]
            for a, b in combinations(cut[:50], 2):
                pairs[level][0] += a == b
                pairs[level][1] += 1
            best[level][0] += max(cut.count(code) for code in set(cut))
            best[level][1] += len(cut)
    return {
        "titles": len(titles),
        "titles_with_a_double": best["unit"][1],
        "pairs": pairs["unit"][1],
        "pairs_that_agree": {level: round(a / max(b, 1), 4) for level, (a, b) in pairs.items()},
        "best_of_doubles": {level: round(a / max(b, 1), 4) for level, (a, b) in best.items()},
        "codes": len({code for _, code in titles}),
        "codes_with_one_title": sum(1 for n in count(code for _, code in titles).values() if n == 1),
    }


def count(items):
    found = defaultdict(int)
    for item in items:
        found[item] += 1
    return found


def bare(title):
    """A title without what stands in brackets and who advertises."""
    text = unicodedata.normalize("NFKC", title).lower()
    short = re.sub(r".*招聘(?=..)", "", re.sub(r"[(（\[【].*?[)）\]】]", "", text))
    return short or text


class Words:
    """Vectors of words in the binary form of word2vec; a title is the mean of its words."""

    def __init__(self, path):
        import jieba
        import numpy as np

        jieba.setLogLevel(60)
        self.cut, self.np, self.of = jieba.cut, np, {}
        data = Path(path).read_bytes()
        end = data.index(b"\n")
        words, self.size = map(int, data[:end].split())
        at = end + 1
        for _ in range(words):
            space = data.index(b" ", at)
            vector = np.frombuffer(data[space + 1:space + 1 + 4 * self.size], dtype="<f4")
            self.of[data[at:space].decode("utf-8", "ignore").strip()] = vector / (np.linalg.norm(vector) + 1e-9)
            at = space + 1 + 4 * self.size

    def mean(self, title):
        text = bare(title)
        known = [self.of[w] for w in self.cut(text) if w in self.of] or [self.of[c] for c in text if c in self.of]
        if not known:
            return self.np.zeros(self.size)
        mean = self.np.mean(known, axis=0)
        return mean / (self.np.linalg.norm(mean) + 1e-9)


def coding(titles_path, csco_path, vectors=None):
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import GroupKFold
    from sklearn.svm import LinearSVC

    with open(titles_path, encoding="utf-8-sig") as file:
        titles = [(r["job_title"], r["csco_code"]) for r in csv.DictReader(file) if r["csco_code"]]
    with open(csco_path, encoding="utf-8-sig") as file:
        names = [(re.sub("[SL/]+$", "", r["name"]), r["code"]) for r in csv.DictReader(file) if r["code"][5:7] != "00"]
    said = {"labels": labels(titles), "svm": {}}
    text = ["^" + unicodedata.normalize("NFKC", t).lower() + "$" for t, _ in titles]
    groups = [same_as(t) for t, _ in titles]
    name_text = ["^" + n + "$" for n, _ in names]
    means = None
    if vectors:
        words = Words(vectors)
        said["svm_with_vectors"] = {}
        means = (np.array([words.mean(t) for t, _ in titles]), np.array([words.mean(n) for n, _ in names]))
    spent = 0.0
    for level, n in LEVELS.items():
        y = np.array([code[:n] for _, code in titles])
        name_y = np.array([code[:n] for _, code in names])
        right = {"svm": [0, 0], "svm_with_vectors": [0, 0]}
        for train, test in GroupKFold(5, shuffle=True, random_state=0).split(text, y, groups):
            runs = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
            a = runs.fit_transform([text[i] for i in train] + name_text)
            b = runs.transform([text[i] for i in test])
            weight = np.concatenate([np.ones(len(train)), np.full(len(names), 0.3)])
            known = np.concatenate([y[train], name_y])

            def judge(way, a, b):
                model = LinearSVC(C=1.0).fit(a, known, sample_weight=weight)
                start = time.perf_counter()
                scores = model.decision_function(b)
                taken = time.perf_counter() - start
                best = model.classes_[np.argsort(-scores, axis=1)[:, :5]]
                right[way][0] += int((best[:, 0] == y[test]).sum())
                right[way][1] += int((best == y[test][:, None]).any(axis=1).sum())
                return taken

            spent += judge("svm", a, b)
            if means:
                of, of_names = means
                judge("svm_with_vectors", hstack([a, csr_matrix(np.vstack([of[train], of_names]))]).tocsr(),
                      hstack([b, csr_matrix(of[test])]).tocsr())
        for way in ["svm", "svm_with_vectors"][: 2 if means else 1]:
            said[way][level] = {"top1": right[way][0] / len(titles), "top5": right[way][1] / len(titles)}
    said["svm"]["titles_a_second"] = 4 * len(titles) / spent
    return said


def read_jobs(path):
    with open(path, encoding="utf-8") as file:
        people, vacancies = map(int, file.readline().split())
        seats = list(map(int, file.readline().split()))
        rows = [[tuple(map(int, one.split(":"))) for one in file.readline().split()] for _ in range(people)]
    return people, vacancies, seats, rows


def jobs(path):
    import numpy as np
    from ortools.graph.python import min_cost_flow
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    people, vacancies, seats, rows = read_jobs(path)
    said = {}
    start = time.perf_counter()
    flow = min_cost_flow.SimpleMinCostFlow()
    outlet = people + vacancies
    tail, head, capacity, cost = [], [], [], []
    for person, row in enumerate(rows):
        for vacancy, points in row:
            tail.append(person), head.append(people + vacancy), capacity.append(1), cost.append(-points)
        tail.append(person), head.append(outlet), capacity.append(1), cost.append(0)
    for vacancy, n in enumerate(seats):
        tail.append(people + vacancy), head.append(outlet), capacity.append(n), cost.append(0)
    flow.add_arcs_with_capacity_and_unit_cost(np.array(tail), np.array(head), np.array(capacity), np.array(cost))
    flow.set_nodes_supplies(np.arange(outlet + 1), np.array([1] * people + [0] * vacancies + [-people]))
    built = time.perf_counter()
    assert flow.solve() == flow.OPTIMAL
    said["ortools"] = {"points": -int(flow.optimal_cost()), "seconds": time.perf_counter() - built, "build_s": built - start}
    # One column a seat, and one of nothing for each person.
    start = time.perf_counter()
    first = np.concatenate([[0], np.cumsum(seats)])
    at, to, weight = [], [], []
    shift = max(points for row in rows for _, points in row) + 1
    for person, row in enumerate(rows):
        for vacancy, points in row:
            for seat in range(first[vacancy], first[vacancy + 1]):
                at.append(person), to.append(seat), weight.append(shift - points)
        at.append(person), to.append(first[-1] + person), weight.append(shift)
    matrix = csr_matrix((weight, (at, to)), shape=(people, first[-1] + people))
    built = time.perf_counter()
    mine, theirs = min_weight_full_bipartite_matching(matrix)
    total = int(shift * people - matrix[mine, theirs].sum())
    said["scipy"] = {"points": total, "seconds": time.perf_counter() - built, "build_s": built - start}
    return said


def courses(path, seconds):
    import highspy
    import numpy as np

    with open(path, encoding="utf-8") as file:
        problem = json.load(file)
    sessions, households = problem["sessions"], problem["households"]
    blocked = set(problem["blocked"])
    usable = [not blocked & set(s["weeks"]) for s in sessions]
    start = time.perf_counter()
    # Columns: a session with each of its teachers, then a household at a session.
    gives, goes = [], []
    for s, session in enumerate(sessions):
        if usable[s]:
            gives.extend((s, t) for t in session["teachers"] or [None])
    best = {}
    for h, row in enumerate(households):
        for s, points in row:
            if usable[s] and points > 0:
                best[h, s] = max(points, best.get((h, s), 0))
    goes = sorted(best)
    gives_of, goes_of = defaultdict(list), defaultdict(list)
    for n, (s, _) in enumerate(gives):
        gives_of[s].append(n)
    for n, (h, s) in enumerate(goes):
        goes_of[s].append(len(gives) + n)
    by_household = defaultdict(list)
    for n, (h, _) in enumerate(goes):
        by_household[h].append(len(gives) + n)
    rows = []  # (lower, upper, {column: value})
    inf = highspy.kHighsInf
    for s, columns in gives_of.items():
        session = sessions[s]
        rows.append((-inf, 1, {c: 1 for c in columns}))
        rows.append((-inf, 0, {c: 1 for c in goes_of[s]} | {c: -session["capacity"] for c in columns}))
        rows.append((0, inf, {c: 1 for c in goes_of[s]} | {c: -max(session["least"], 1) for c in columns}))
        for column in goes_of[s]:
            rows.append((-inf, 0, {column: 1} | {c: -1 for c in columns}))
    for columns in by_household.values():
        rows.append((-inf, 1, {c: 1 for c in columns}))
    rooms, teachers = defaultdict(set), defaultdict(set)
    for n, (s, t) in enumerate(gives):
        for week in sessions[s]["weeks"]:
            rooms[sessions[s]["room"], week].add(n)
            if t is not None:
                teachers[t, week].add(n)
    for columns in [*rooms.values(), *teachers.values()]:
        if len(columns) > 1:
            rows.append((-inf, 1, {c: 1 for c in columns}))
    money = {n: sessions[s]["yuan"] for n, (s, _) in enumerate(gives)}
    money |= {len(gives) + n: sessions[s]["yuan_each"] for n, (_, s) in enumerate(goes) if sessions[s]["yuan_each"]}
    rows.append((-inf, problem["yuan"], money))
    model = highspy.HighsLp()
    columns = len(gives) + len(goes)
    model.num_col_, model.num_row_ = columns, len(rows)
    model.col_cost_ = np.array([0.0] * len(gives) + [float(best[key]) for key in goes])
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.ones(columns)
    model.sense_ = highspy.ObjSense.kMaximize
    model.row_lower_, model.row_upper_ = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows], float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(r[2]) for r in rows])])
    model.a_matrix_.index_ = np.array([c for r in rows for c in r[2]])
    model.a_matrix_.value_ = np.array([v for r in rows for v in r[2].values()], float)
    model.integrality_ = [highspy.HighsVarType.kInteger] * columns
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", float(seconds))
    solver.passModel(model)
    built = time.perf_counter()
    solver.run()
    info = solver.getInfo()
    points = info.objective_function_value if info.primal_solution_status == 2 else 0.0
    return {
        "points": points,
        "bound": info.mip_dual_bound,
        "gap_percent": 100 * (info.mip_dual_bound - points) / points if points else None,
        "seconds": time.perf_counter() - built,
        "build_s": built - start,
    }


def main():
    kind, *rest = sys.argv[1:]
    if kind == "coding":
        said = coding(*rest[:3])
    elif kind == "jobs":
        said = jobs(rest[0])
    else:
        said = courses(rest[0], rest[2] if len(rest) > 2 else 60)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
