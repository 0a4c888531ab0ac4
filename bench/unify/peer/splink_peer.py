"""Links the benchmark's three tables with Splink on DuckDB, and says what every phase cost.

The data is prepared as an experienced user would: small letters without accents, digits of telephone numbers, default
values taken out, numbers in place of textual keys. Everything that Splink can be spared is spared: one table with
duplicates in place of three tables to link, two sessions of expectation maximisation in place of three, and no columns
in the result but the keys and the probability.
"""

import argparse
import json
import logging
import resource
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Kinds of streets, so that "Oak Street", "Oak St." and "Oak" become one.
KINDS = (
    "street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|place|pl|boulevard|blvd|terrace|ter|crescent|cres|way|close"
)
DEFAULT_PHONES = ["0000000000", "9999999999", "1234567890"]


def letters(column):
    return f"nullif(regexp_replace(lower(strip_accents({column})), '[^a-z]', '', 'g'), '')"


def given(column):
    return letters(f"regexp_replace(trim({column}), ' [A-Za-z]\\.?$', '')")


def email(column):
    return f"nullif(lower(trim({column})), 'noemail@example.com')"


def phone(column):
    digits = f"right(regexp_replace({column}, '[^0-9]', '', 'g'), 10)"
    for default in DEFAULT_PHONES:
        digits = f"nullif({digits}, '{default}')"
    return digits


def street(column):
    line = f"regexp_replace(lower(trim({column})), '(,| apt| #| unit| apartment).*$', '')"
    return f"nullif(regexp_replace({line}, ' ({KINDS})\\.?$', ''), '')"


def birth(column):
    return f"nullif({column}, date '1900-01-01')"


TABLES = {
    "shop": {
        "id": "ContactId",
        "first": given("FirstName"),
        "last": letters("LastName"),
        "email": email("EMail"),
        "phone": phone("Telephone"),
        "street": street("StreetAddress"),
        "postcode": "PostCode",
        "birth": "null::date",
    },
    "loyalty": {
        "id": "LoyaltyId",
        "first": given("GivenName"),
        "last": letters("Surname"),
        "email": email("Email"),
        "phone": phone("Mobile"),
        "street": "null::varchar",
        "postcode": "Zip",
        "birth": birth("DateOfBirth"),
    },
    "crm": {
        "id": "contact_guid",
        "first": given("first_name"),
        "last": letters("last_name"),
        "email": email("email_address"),
        "phone": phone("phone_number"),
        "street": street("street"),
        "postcode": "postal_code",
        "birth": birth("birth_date"),
    },
}


class Phases:
    """CPU seconds (user and system) and wall seconds of each phase of this process."""

    def __init__(self):
        self.phases = []
        self.mark = self.now()

    @staticmethod
    def now():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime, time.perf_counter()

    def end(self, name):
        cpu, wall = self.now()
        self.phases.append({"phase": name, "cpu": cpu - self.mark[0], "wall": wall - self.mark[1]})
        self.mark = (cpu, wall)


def prepare(connection, folder):
    """One table of all records under common names, with numbers for keys; the keys themselves in another one."""
    selects = []
    for table, columns in TABLES.items():
        texts = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
        selects.append(f"select {texts} from read_parquet('{folder / table}.parquet')")
    connection.execute(f"""
        create table people as
        select row_number() over () as unique_id, *, split_part(email, '@', 1) as mailbox
        from ({" union all ".join(selects)})
    """)


def settings():
    def similar(column, *levels, tf=True):
        comparison = [cll.NullLevel(column), cll.ExactMatchLevel(column, term_frequency_adjustments=tf)]
        return cl.CustomComparison(
            output_column_name=column, comparison_levels=[*comparison, *levels, cll.ElseLevel()]
        )

    def winkler(column, *thresholds):
        return [cll.JaroWinklerLevel(column, threshold) for threshold in thresholds]

    swapped = cll.CustomLevel("first_l = last_r and first_r = last_l")
    initial = cll.CustomLevel(
        "left(first_l, 1) = left(first_r, 1) and (length(first_l) = 1 or length(first_r) = 1)"
    )
    same_street = "street_l = street_r"
    same_postcode = "postcode_l = postcode_r"
    comparisons = [
        similar("first", *winkler("first", 0.92, 0.80), swapped, initial),
        similar("last", *winkler("last", 0.92, 0.80), swapped),
        similar("email", cll.ExactMatchLevel("mailbox"), *winkler("email", 0.90)),
        similar("phone", cll.DamerauLevenshteinLevel("phone", 2)),
        cl.CustomComparison(
            output_column_name="address",
            comparison_levels=[
                cll.CustomLevel("street_l is null and postcode_l is null or street_r is null and postcode_r is null"
                    ).configure(is_null_level=True),
                cll.CustomLevel(f"{same_street} and {same_postcode}"),
                cll.CustomLevel(f"{same_postcode} and jaro_winkler_similarity(street_l, street_r) >= 0.9"),
                cll.CustomLevel(same_street),
                cll.ExactMatchLevel("postcode", term_frequency_adjustments=True),
                cll.ElseLevel(),
            ],
        ),
        similar(
            "birth",
            cll.CustomLevel("year(birth_l) = year(birth_r) and (month(birth_l) = month(birth_r)"
                            " or day(birth_l) = day(birth_r) or month(birth_l) = day(birth_r))"),
            cll.CustomLevel("month(birth_l) = month(birth_r) and day(birth_l) = day(birth_r)"),
            tf=False,
        ),
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("phone"),
            block_on("first", "last"),
            block_on("last", "postcode"),
            block_on("first", "postcode"),
            block_on("last", "birth"),
            block_on("first", "birth"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def link(arguments, connection, phases):
    people = DuckDBAPI(connection=connection).register("people")
    linker = Linker(people, settings(), log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("email"), block_on("first", "last", "postcode")], recall=0.75
    )
    training.estimate_u_using_random_sampling(max_pairs=arguments.u_pairs, seed=1, num_chunks=1)
    for rule in [block_on("email"), block_on("first", "last")]:
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=arguments.em_pairs
        )
    phases.end("train")
    pairs = linker.inference.predict(threshold_match_weight=arguments.keep)
    phases.end("predict")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_weight=arguments.threshold
    )
    phases.end("cluster")
    return linker, pairs, clusters


def write(connection, clusters, folder):
    connection.execute(f"""
        copy (select people.id, cluster_id as cluster
              from {clusters.physical_name} join people using (unique_id))
        to '{folder}/clusters.parquet' (format parquet)
    """)


def write_pairs(connection, pairs, folder):
    """What the quality is measured on, outside of the measured phases."""
    connection.execute(f"""
        copy (select a.id as left, b.id as right, match_weight as weight
              from {pairs.physical_name}
              join people a on a.unique_id = unique_id_l join people b on b.unique_id = unique_id_r)
        to '{folder}/pairs.parquet' (format parquet)
    """)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path, help="folder with the three tables")
    arguments.add_argument("out", type=Path, help="folder for clusters.parquet, pairs.parquet and report.json")
    arguments.add_argument("--threshold", type=float, default=10.0, help="match weight (bits) of a link")
    arguments.add_argument("--keep", type=float, default=0.0, help="match weight (bits) of a pair that is kept")
    arguments.add_argument("--u-pairs", type=float, default=1e6, help="random pairs to learn from")
    arguments.add_argument("--em-pairs", type=float, default=3e5, help="pairs of a session of training")
    arguments = arguments.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    phases = Phases()
    connection = duckdb.connect()
    prepare(connection, arguments.data)
    phases.end("prepare")
    linker, pairs, clusters = link(arguments, connection, phases)
    write(connection, clusters, arguments.out)
    phases.end("write")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    write_pairs(connection, pairs, arguments.out)
    linker.misc.save_model_to_json(str(arguments.out / "model.json"), overwrite=True)
    report = {"phases": phases.phases, "rss": peak}
    (arguments.out / "report.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
