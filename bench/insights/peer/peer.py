"""Answers the questions of the benchmark with DuckDB or Polars, and says what each cost.

`resident` loads the tables into memory first and measures the questions alone; `parquet` reads the files anew for each
question. Every question is asked several times and the cheapest time counts. An answer is a list of whole numbers, the
same from every program.
"""

import argparse
import importlib
import json
import resource
import time
from pathlib import Path


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def cheapest(question, runs):
    best, answer = None, None
    for _ in range(runs):
        start, wall = cpu(), time.perf_counter()
        answer = question()
        cost = {"cpu": cpu() - start, "wall": time.perf_counter() - wall}
        if best is None or cost["cpu"] < best["cpu"]:
            best = cost
    return best, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--engine", choices=["duckdb", "polars"], required=True)
    parser.add_argument("--mode", choices=["resident", "parquet"], default="resident")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    engine = importlib.import_module(f"on_{arguments.engine}")
    start = cpu()
    questions = engine.questions(arguments.data, arguments.mode == "resident")
    report = {"load": cpu() - start, "questions": {}}
    for name, question in questions.items():
        cost, answer = cheapest(question, arguments.runs)
        report["questions"][name] = {**cost, "answer": answer}
    report["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    arguments.out.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
