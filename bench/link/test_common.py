"""The measures against their definitions, on small made data. usage: python3 -m unittest discover bench/link"""

import itertools
import random
import unittest

import common


def by_definition(found, truth):
    """F1 of a set of pairs."""
    total = {(a, b) for a, b in itertools.combinations(sorted(truth), 2) if truth[a] == truth[b]}
    return round(2 * len(found & total) / (len(found) + len(total)), 5)


class Measures(unittest.TestCase):
    def setUp(self):
        chance = random.Random(4)
        self.truth = {f"r{i:02}": chance.randrange(12) for i in range(40)}
        keys = sorted(self.truth)
        pairs = list(itertools.combinations(keys, 2))
        chance.shuffle(pairs)
        self.pairs = []
        for a, b in pairs[:300]:
            same = self.truth[a] == self.truth[b]
            self.pairs.append((float(chance.randrange(0, 12) + 6 * same), a, b))

    def at(self, cut):
        return {(a, b) for w, a, b in self.pairs if w >= cut}

    def test_best_threshold(self):
        weights = [w for w, _, _ in self.pairs]
        is_true = [self.truth[a] == self.truth[b] for _, a, b in self.pairs]
        total = common.true_pairs(self.truth)
        curve = common.curve(weights, [w / 20 for w in weights], is_true, total)
        self.assertEqual(curve["best"]["f1"], max(by_definition(self.at(cut), self.truth) for cut in set(weights)))
        self.assertEqual(curve["at_0.5"]["f1"], by_definition(self.at(10), self.truth))

    def test_clusters(self):
        def closure(cut):
            cluster = {key: {key} for key in self.truth}
            for a, b in self.at(cut):
                joined = cluster[a] | cluster[b]
                for key in joined:
                    cluster[key] = joined
            return {key: min(group) for key, group in cluster.items()}

        def pairs(clusters):
            return {(a, b) for a, b in itertools.combinations(sorted(clusters), 2) if clusters[a] == clusters[b]}

        some = closure(14)
        self.assertEqual(common.cluster_figures(some, self.truth)["f1"], by_definition(pairs(some), self.truth))
        best = max(by_definition(pairs(closure(w)), self.truth) for w in {w for w, _, _ in self.pairs})
        self.assertEqual(common.best_clusters(self.pairs, self.truth)["f1"], best)


if __name__ == "__main__":
    unittest.main()
