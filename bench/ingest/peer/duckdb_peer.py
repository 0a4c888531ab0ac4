"""Reads a CSV file with inferred types and writes it as Parquet, with DuckDB.

duckdb_peer.py FILE OUT.parquet REPORT.json [--all-rows]
"""

import json
import resource
import sys
import time

import duckdb


def now():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, time.perf_counter()


def main():
    file, out, report = sys.argv[1:4]
    # Without it, types come from the first 20 480 rows.
    sample = ", sample_size=-1" if "--all-rows" in sys.argv else ""
    rows = f"read_csv('{file}'{sample})"
    start = now()
    connection = duckdb.connect()
    connection.execute(
        f"COPY (SELECT * FROM {rows}) TO '{out}' "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 131072)"
    )
    end = now()
    # Looked at after the clock has stopped.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    columns = connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{out}')").fetchall()
    count = connection.execute(f"SELECT count(*) FROM read_parquet('{out}')").fetchall()[0][0]
    figures = {
        "cpu": end[0] - start[0],
        "wall": end[1] - start[1],
        "rss": peak,
        "rows": count,
        "columns": {column[0]: column[1] for column in columns},
    }
    with open(report, "w", encoding="utf-8") as to:
        json.dump(figures, to)


main()
