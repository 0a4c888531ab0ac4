"""Attaches a DuckLake catalog with DuckDB and compares every table at every snapshot with Parquet files.

usage: compare.py CATALOG MANIFEST

CATALOG is what follows `ducklake:`. MANIFEST is a JSON file:
[{"snapshot": 1, "time": "…", "tables": {"Customer": "/…/1-Customer.parquet"}}, …]
Prints one JSON line with what was compared; any difference ends it with a message and exit status 1.
"""

import glob
import importlib.util
import json
import os
import sys

import duckdb

PROBES = 4  # values per column that are looked up by a filter


def extension(package):
    """The extension file inside an installed PyPI package."""
    folder = os.path.dirname(importlib.util.find_spec(package).origin)
    found = glob.glob(os.path.join(folder, "**", "*.duckdb_extension"), recursive=True)
    if len(found) != 1:
        sys.exit(f"{package}: expected one extension file, found {found}")
    return found[0]


def connect():
    db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for package in ("duckdb_extension_sqlite_scanner", "duckdb_extension_ducklake"):
        db.execute(f"LOAD '{extension(package)}'")
    return db


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def check(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: DuckDB says {found!r}, but it should be {wanted!r}")


def one(db, sql):
    return db.execute(sql).fetchone()[0]


def compare_table(db, what, table, parquet):
    """`table` and `parquet` are SQL texts. The same columns, types and rows, whether they are read or, as some
    aggregates are, answered from statistics. Returns the columns and the number of rows."""
    columns = [row[:2] for row in db.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()]
    check(f"{what}: columns", columns, [row[:2] for row in db.execute(f"DESCRIBE SELECT * FROM {parquet}").fetchall()])
    for a, b in ((table, parquet), (parquet, table)):
        extra = one(db, f"SELECT count(*) FROM (SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b})")
        check(f"{what}: rows of {a} that {b} has not", extra, 0)
    rows = one(db, f"SELECT count(*) FROM {table}")
    check(f"{what}: count(*)", rows, one(db, f"SELECT count(*) FROM {parquet}"))
    names = [quoted(name) for name, _ in columns]
    for calls in ("min({0}), max({0})", "count({0}), count(*) FILTER (WHERE {0} IS NULL)"):
        inner = ", ".join(calls.format(name) for name in names)
        # Parquet statistics state the greatest of -0.0 as 0.0, and DuckDB answers from them.
        sql = f"SELECT replace(CAST(list_value(COLUMNS(*)::VARCHAR) AS VARCHAR), '-0.0', '0.0') FROM (SELECT {inner} FROM %s)"
        check(f"{what}: {inner}", db.execute(sql % table).fetchall(), db.execute(sql % parquet).fetchall())
    return columns, rows


def compare_filters(db, what, table, parquet, columns):
    """Filters find the same rows; they do not when the catalog's statistics are wrong. Returns their number."""
    probes = 0
    for name, kind in columns:
        column = quoted(name)
        some = f"SELECT DISTINCT {column} AS v FROM {parquet} WHERE {column} IS NOT NULL ORDER BY v LIMIT {PROBES}"
        for (literal,) in db.execute(f"SELECT CAST(v AS VARCHAR) FROM ({some})").fetchall():
            if "\0" in literal:
                continue  # DuckDB 1.5.5 itself cannot look for such a text in a DuckLake table
            value = "'" + literal.replace("'", "''") + "'"
            for sign in ("=", ">"):
                where = f"WHERE {column} {sign} CAST({value} AS {kind})"
                sql = f"SELECT count(*) FROM %s {where}"
                check(f"{what}: {where}", one(db, sql % table), one(db, sql % parquet))
                probes += 1
    return probes


def main(catalog, manifest):
    db = connect()
    db.execute(f"ATTACH 'ducklake:{catalog}' AS weir (READ_ONLY)")
    with open(manifest) as file:
        snapshots = json.load(file)
    known = [row[0] for row in db.execute("SELECT snapshot_id FROM ducklake_snapshots('weir') ORDER BY 1").fetchall()]
    check("snapshots", known, [snapshot["snapshot"] for snapshot in snapshots])
    done = {"snapshots": len(known), "tables": 0, "rows": 0, "probes": 0}
    for snapshot in snapshots:
        version, tables = snapshot["snapshot"], snapshot["tables"]
        db.execute(f"ATTACH 'ducklake:{catalog}' AS old (READ_ONLY, SNAPSHOT_VERSION {version})")
        names = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' ORDER BY table_name"
        check(f"tables at {version}", [row[0] for row in db.execute(names).fetchall()], sorted(tables))
        for name, path in tables.items():
            parquet = f"read_parquet('{path}')"
            ways = [f"old.main.{quoted(name)}", f"weir.main.{quoted(name)} AT (VERSION => {version})"]
            if version == known[-1]:
                ways.append(f"weir.main.{quoted(name)}")
            for table in ways:
                what = f"snapshot {version}, {table}"
                columns, rows = compare_table(db, what, table, parquet)
                done["rows"] += rows
            done["probes"] += compare_filters(db, what, table, parquet, columns)
            done["tables"] += 1
        db.execute("DETACH old")
    latest = snapshots[-1]["tables"]
    info = db.execute("SELECT table_name FROM ducklake_table_info('weir') ORDER BY table_name").fetchall()
    check("ducklake_table_info", [row[0] for row in info], sorted(latest))
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
