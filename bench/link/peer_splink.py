"""Splink 5 (DuckDB) on a data set: one JSON line with its quality and phases.

The settings for the public data sets are those that Splink's documentation shows for them:
febrl3, febrl4 (the detailed model) and historical_50k ("Deduplicate 50k rows historical persons") in its examples, fake_1000 both in the tutorial
("Specifying and estimating a linkage model") and in the example of accuracy analysis, which has more blocking rules; take
--variant tutorial for the former. Columns of intermediate values are not kept, which is faster.
For rosters there is no example; the model here is a careful one for Chinese rosters, with columns of pinyin.

usage: peer_splink.py febrl3|febrl4|fake_1000|historical_50k|roster FILE [FILE]
"""

import argparse
import logging
import warnings
from importlib.metadata import version

import common

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

parser = argparse.ArgumentParser()
parser.add_argument("task", choices=[*common.DATA, "roster"])
parser.add_argument("files", nargs="+")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--variant", choices=["example", "tutorial"], default="example")
parser.add_argument("--u-pairs", type=float, default=1e5, help="rosters: pairs to estimate u from")
parser.add_argument("--floor", type=float, help="keep pairs from this probability on; default: all, rosters 0.01")
parser.add_argument("--without-measures", action="store_true", help="only the work, as fast as it goes")
args = parser.parse_args()

phases = common.Phases()
with phases("import"):
    import duckdb
    import pandas as pd
    import splink.comparison_level_library as level
    import splink.comparison_library as compare
    from splink import ColumnExpression, DuckDBAPI, Linker, SettingsCreator, block_on

LEAN = {"retain_intermediate_calculation_columns": False, "retain_matching_columns": False}
connection = duckdb.connect()
connection.execute(f"set threads = {args.threads}")
connection.execute("set preserve_insertion_order = false")

with phases("load"):
    tables = [pd.read_csv(f, dtype=str, keep_default_na=False).replace("", None) for f in args.files]
    rows = tables[0]


def febrl3():
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(c) for c in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ],
        comparisons=[
            compare.NameComparison("given_name"),
            compare.NameComparison("surname"),
            compare.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            compare.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            compare.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            compare.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        **LEAN,
    )
    sure = [
        block_on("soc_sec_id"),
        block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ]
    return settings, sure, 0.9, {"max_pairs": 1e6, "seed": 2}, [["date_of_birth"], ["postcode"]], {}


def febrl4():
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        comparisons=[
            compare.NameComparison("given_name").configure(term_frequency_adjustments=True),
            compare.NameComparison("surname").configure(term_frequency_adjustments=True),
            compare.DateOfBirthComparison(
                "date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
            ),
            compare.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            compare.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            compare.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        **LEAN,
    )
    sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    lean = {"estimate_without_term_frequencies": True}
    return settings, sure, 0.8, {"max_pairs": 1e6, "seed": 1}, [["date_of_birth"], ["postcode"]], lean


def fake_1000_example():
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(c) for c in ("first_name", "surname", "dob", "email")],
        comparisons=[
            compare.ForenameSurnameComparison("first_name", "surname"),
            compare.DateOfBirthComparison("dob", input_is_string=True),
            compare.ExactMatch("city").configure(term_frequency_adjustments=True),
            compare.EmailComparison("email"),
        ],
        **LEAN,
    )
    sure = [
        "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
        "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        block_on("email"),
    ]
    lean = {"estimate_without_term_frequencies": True}
    return settings, sure, 0.7, {"max_pairs": 1e6, "seed": 5}, [["dob"], ["email"], ["first_name", "surname"]], lean


def fake_1000_tutorial():
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on("first_name", "city"), block_on("surname")],
        comparisons=[
            compare.NameComparison("first_name"),
            compare.NameComparison("surname"),
            compare.LevenshteinAtThresholds(ColumnExpression("dob").cast_to_string(), 1),
            compare.ExactMatch("city").configure(term_frequency_adjustments=True),
            compare.EmailComparison("email"),
        ],
        **LEAN,
    )
    sure = [
        block_on("first_name", "dob"),
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        block_on("email"),
    ]
    return settings, sure, 0.7, {"max_pairs": 2e6, "seed": 1}, [["first_name", "surname"], ["dob"]], {}


def historical_50k():
    rows["first_name_surname_concat"] = rows["first_name"] + " " + rows["surname"]
    start = "substr({}, 1, {})".format
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(start("first_name", 3), start("surname", 4)),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on(start("postcode_fake", 3), "dob"),
            block_on(start("postcode_fake", 3), "first_name"),
            block_on(start("postcode_fake", 3), "surname"),
            block_on(start("first_name", 2), start("surname", 2), start("dob", 4)),
        ],
        comparisons=[
            compare.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"
            ),
            compare.DateOfBirthComparison("dob", input_is_string=True),
            compare.PostcodeComparison("postcode_fake"),
            compare.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            compare.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        **LEAN,
    )
    sure = [
        block_on("first_name", "surname", "dob"),
        block_on(start("first_name", 2), "surname", start("postcode_fake", 2)),
        block_on("dob", "postcode_fake"),
    ]
    lean = {"estimate_without_term_frequencies": True}
    return settings, sure, 0.6, {"max_pairs": 1e7, "seed": 1}, [["first_name", "surname"], ["dob"]], lean


def roster():
    """Names by frequency, sound and edit distance; ids by edit distance; dates that are near; towns above villages."""
    with phases("pinyin"):
        from pypinyin import lazy_pinyin

        known = {}

        def sound(text):
            if text is None:
                return None
            if text not in known:
                known[text] = "".join(lazy_pinyin(text)).lower()
            return known[text]

        for column in ("name", "guardian"):
            rows[f"{column}_sound"] = [sound(text) for text in rows[column]]
        # Parsed once: parsing in each comparison would cost Splink a good deal.
        rows["born"] = pd.to_datetime(rows["birth"], format="%Y%m%d", errors="coerce")

    def person(column):
        return compare.CustomComparison(
            [
                level.NullLevel(column),
                level.ExactMatchLevel(column, term_frequency_adjustments=True),
                level.ExactMatchLevel(f"{column}_sound"),
                level.LevenshteinLevel(column, 1),
                level.DamerauLevenshteinLevel(f"{column}_sound", 2),
                level.ElseLevel(),
            ],
            output_column_name=column,
        )

    birth = compare.CustomComparison(
        [
            level.NullLevel("birth"),
            level.ExactMatchLevel("birth"),
            level.DamerauLevenshteinLevel("birth", 1),
            level.CustomLevel("abs(date_diff('day', born_l, born_r)) <= 60", "two months apart at most"),
            level.CustomLevel("substr(birth_l, 1, 4) = substr(birth_r, 1, 4)", "one year"),
            level.ElseLevel(),
        ],
        output_column_name="birth",
    )
    village = compare.CustomComparison(
        [
            level.NullLevel("village"),
            level.ExactMatchLevel("village"),
            level.CustomLevel("substr(village_l, 1, 9) = substr(village_r, 1, 9)", "one town"),
            level.ElseLevel(),
        ],
        output_column_name="village",
    )
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("id_no"),
            block_on("name", "birth"),
            block_on("name", "village"),
            block_on("name", "guardian"),
            block_on("village", "birth"),
            block_on("phone", "birth"),
            block_on("guardian", "birth"),
            block_on("substr(id_no, 1, 17)"),
            block_on("substr(id_no, 7, 12)"),
            block_on("name_sound", "birth"),
            block_on("name_sound", "village"),
            block_on("name_sound", "phone"),
        ],
        comparisons=[
            person("name"),
            compare.DamerauLevenshteinAtThresholds("id_no", [1, 2, 4]),
            birth,
            compare.ExactMatch("gender"),
            village,
            person("guardian"),
            compare.DamerauLevenshteinAtThresholds("phone", [1]),
        ],
        **LEAN,
    )
    sure = [block_on("id_no"), block_on("name", "birth", "village")]
    sessions = [["name", "birth"], ["id_no"], ["guardian", "village", "birth"]]
    return settings, sure, 0.8, {"max_pairs": args.u_pairs, "seed": 1}, sessions, {}


recipes = {
    "febrl3": febrl3,
    "febrl4": febrl4,
    "fake_1000": fake_1000_tutorial if args.variant == "tutorial" else fake_1000_example,
    "historical_50k": historical_50k,
    "roster": roster,
}
settings, sure, recall, sampling, sessions, how = recipes[args.task]()
floor = args.floor if args.floor is not None else (0.01 if args.task == "roster" else None)
with phases("train"):
    api = DuckDBAPI(connection=connection)
    registered = [api.register(table) for table in tables]
    linker = Linker(registered if len(registered) > 1 else registered[0], settings)
    linker.training.estimate_probability_two_random_records_match(sure, recall=recall)
    linker.training.estimate_u_using_random_sampling(**sampling)
    for session in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*session), **how)
with phases("predict"):
    predicted = linker.inference.predict(threshold_match_probability=floor)
with phases("cluster"):
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=0.95
    )
result = {
    "peer": "Splink" + (" (tutorial)" if args.variant == "tutorial" else ""),
    "task": args.task,
    "rows": sum(map(len, tables)),
    "seconds": {name: round(s, 3) for name, s in phases.seconds.items()},
    "versions": {name: version(name) for name in ("splink", "duckdb", "pandas")},
}
if not args.without_measures:
    # Not part of the work; run.py measures the whole process in runs without it.
    id_column, truth_column = common.columns(args.task)
    truth = {i: t for table in tables for i, t in zip(table[id_column], table[truth_column])}
    pairs = connection.execute(
        f"select {id_column}_l l, {id_column}_r r, match_weight w, match_probability p from {predicted.physical_name}"
    ).df()
    is_true = [truth[a] == truth[b] for a, b in zip(pairs.l, pairs.r)]
    # One truth in each of two files makes one pair across them.
    result["quality"] = common.curve(pairs.w.tolist(), pairs.p.tolist(), is_true, common.true_pairs(truth))
    found = connection.execute(f"select {id_column} id, cluster_id c from {clustered.physical_name}").df()
    result["clusters"] = common.cluster_figures(dict(zip(found.id, found.c)), truth)
    result["best_clusters"] = common.best_clusters(zip(pairs.w, pairs.l, pairs.r), truth)
common.emit(**result)
