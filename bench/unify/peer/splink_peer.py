"""Links records with Splink on DuckDB, and says what every phase cost.

Everything that Splink can be spared is spared: numbers in place of textual keys, two sessions of expectation
maximisation on samples of pairs, and no columns in the result but the keys and the weight.
"""

import argparse
import importlib
import json
import logging
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker

from measure import Phases


def train(linker, model):
    training = linker.training
    training.estimate_probability_two_random_records_match(model.SURE, recall=model.SURE_RECALL)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1, num_chunks=1)
    for rule in model.SESSIONS:
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=3e5
        )


def write_clusters(connection, clusters, file):
    connection.execute(f"""
        copy (select people.id, cluster_id as cluster
              from {clusters.physical_name} join people using (unique_id))
        to '{file}' (format parquet)
    """)


def write_pairs(connection, pairs, file):
    """What the best threshold is found on, outside of the measured phases."""
    connection.execute(f"""
        copy (select a.id as left, b.id as right, match_weight as weight
              from {pairs.physical_name}
              join people a on a.unique_id = unique_id_l join people b on b.unique_id = unique_id_r)
        to '{file}' (format parquet)
    """)


def compared(connection, linker):
    """How many pairs the blocking rules gave."""
    table = linker.inference.compute_blocked_pairs_for_predict()
    return connection.sql(f"select count(*) from {table.physical_name}").fetchall()[0][0]


def run(arguments):
    model = importlib.import_module(arguments.model)
    connection = duckdb.connect()
    phases = Phases()
    rows = model.select(arguments.data)
    connection.execute(f"create table people as select row_number() over () as unique_id, * from ({rows})")
    phases.end("prepare")
    people = DuckDBAPI(connection=connection).register("people")
    linker = Linker(people, model.settings(), log_level=logging.ERROR)
    train(linker, model)
    phases.end("train")
    pairs = linker.inference.predict(threshold_match_weight=arguments.keep)
    phases.end("predict")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_weight=arguments.threshold
    )
    phases.end("cluster")
    write_clusters(connection, clusters, arguments.out / "clusters.parquet")
    phases.end("write")
    report = {"phases": phases.phases, "rss": phases.peak()}
    if arguments.pairs:
        write_pairs(connection, pairs, arguments.out / "pairs.parquet")
        report["pairs"] = compared(connection, linker)
        linker.misc.save_model_to_json(str(arguments.out / "model.json"), overwrite=True)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the tables")
    parser.add_argument("out", type=Path, help="folder for clusters.parquet and report.json")
    parser.add_argument("--model", choices=["people", "febrl"], default="people", help="what the tables are")
    parser.add_argument("--threshold", type=float, default=10.0, help="match weight (bits) of a link")
    parser.add_argument("--keep", type=float, default=0.0, help="match weight (bits) of a pair that is kept")
    parser.add_argument("--pairs", action="store_true", help="write pairs.parquet and model.json afterwards, too")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    report = run(arguments)
    (arguments.out / "report.json").write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
