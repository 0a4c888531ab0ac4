"""The questions in Polars, lazily."""

from datetime import date, timedelta
from math import ceil

import polars as pl
from polars import col

from hundred import CATEGORIES, SEGMENTS

ON = date(2025, 12, 31)
EPOCH = date(2020, 1, 1)


def ago(days):
    return ON - timedelta(days=days)


def whole(frame):
    return [int(value or 0) for value in frame.row(0)]


def edge(column, share, size):
    """The value that this share of the values does not exceed."""
    place = ceil(round(share * size, 6)) - 1
    return col(column).quantile((place + 0.5) / (size - 1), interpolation="lower").alias(f"{column}{share}")


def questions(data, resident):
    tables = {name: pl.scan_parquet(data / f"{name}.parquet") for name in ["customers", "orders"]}
    if resident:
        tables = {name: table.collect().lazy() for name, table in tables.items()}
    customers, orders = tables["customers"], tables["orders"]
    owned = orders.filter(col.CustomerNo.is_not_null())
    price = col.Price

    def spent():
        grouped = owned.group_by("CustomerNo").agg(
            price.sum().alias("spent"), col.OrderedOn.max().alias("latest"), pl.len().alias("n")
        )
        return grouped.with_columns(
            (col.spent * 100).cast(pl.Int64), col.latest.cast(pl.Int32), col.n.cast(pl.Int32)
        ).collect()

    def q3():
        table = spent()
        shares = [0.2, 0.4, 0.6, 0.8]
        edges = table.select(*[edge(name, share, table.height) for name in ["spent", "latest", "n"] for share in shares]).row(0, named=True)
        score = lambda name: sum(((col(name) >= edges[f"{name}{share}"]).cast(pl.Int32) for share in shares), pl.lit(0))
        cells = table.lazy().select(r=score("latest"), f=score("n"), m=score("spent")).group_by("r", "f", "m").agg(c=pl.len())
        digest = (col.c * (col.r * 25 + col.f * 5 + col.m)).sum().alias("digest")
        return whole(cells.select(pl.len(), col.c.sum(), digest).collect())

    def q7():
        table = spent()
        top = table.select(edge("spent", 0.8, table.height)).item()
        last = (ago(180) - date(1970, 1, 1)).days
        return whole(table.select(((col.spent >= top) & (col.latest < last)).sum()))

    def q8():
        bought = owned.filter((col.Channel == "Store") & (col.OrderedOn >= ago(365))).select("CustomerNo")
        bought = customers.join(bought, on="CustomerNo", how="semi").filter(~col.State.is_in(["Nevada", "Ohio"]))
        texan = customers.filter(col.State == "Texas")
        both = pl.concat([bought.select("CustomerNo"), texan.select("CustomerNo")]).unique()
        return whole(both.select(pl.len()).collect())

    def hundred():
        grouped = owned.group_by("CustomerNo").agg(
            price.sum().alias("spent"), col.OrderedOn.max().alias("latest"),
            *[(col.Category == name).any().alias(f"c{at}") for at, name in enumerate(CATEGORIES)],
        )
        counts = [
            ((col.spent > spent) & (col.latest >= ago(days)) & ~col(f"c{category}")).sum().alias(f"s{at}")
            for at, (spent, days, category) in enumerate(SEGMENTS)
        ]
        return whole(grouped.select(*counts).collect())

    return {
        "q1": lambda: whole(
            owned.group_by("CustomerNo").agg(
                s=price.sum(), latest=col.OrderedOn.max(), bad=(col.Category == "Electronics").any()
            ).filter((col.s > 500) & (col.latest >= ago(90)) & ~col.bad)
            .join(customers, on="CustomerNo", how="semi").select(pl.len()).collect()
        ),
        "q2": lambda: whole(
            orders.group_by(y=col.OrderedOn.dt.year(), m=col.OrderedOn.dt.month())
            .agg(n=pl.len(), s=price.sum())
            .select(pl.len(), col.n.sum(), (col.s.cast(pl.Float64) / col.n * 100).round().sum().alias("x")).collect()
        ),
        "q3": q3,
        "q4": lambda: whole(
            customers.filter(col.State.is_in(["California", "Texas", "Florida"]) & col.Age.is_between(25, 45) & (col.Tier != "Basic"))
            .join(
                owned.filter((col.Channel == "Online") & (col.OrderedOn >= ago(180))).group_by("CustomerNo").agg(n=pl.len()).filter(col.n >= 2),
                on="CustomerNo", how="semi",
            ).select(pl.len()).collect()
        ),
        "q5": lambda: whole(
            owned.group_by("CustomerNo").agg(
                n=pl.len(), s=price.sum(), lo=col.OrderedOn.min(), hi=col.OrderedOn.max(), d=col.Category.n_unique(),
                c=col.Category.filter(price == price.max()).max(),
            ).select(
                pl.len(), col.n.sum().alias("a"), (col.s.sum() * 100).alias("b"),
                (col.s.cast(pl.Float64) / col.n).floor().sum().alias("e"),
                (col.lo - EPOCH).dt.total_days().sum().alias("f"), (col.hi - EPOCH).dt.total_days().sum().alias("g"),
                col.d.sum().alias("h"), col.c.str.len_bytes().sum().alias("i"),
            ).collect()
        ),
        "q6": lambda: whole(
            owned.join(customers, on="CustomerNo").group_by("Tier", "Category", y=col.OrderedOn.dt.year())
            .agg(r=price.sum(), b=col.CustomerNo.n_unique())
            .select(pl.len(), (col.r.sum() * 100).alias("r"), col.b.sum()).collect()
        ),
        "q7": q7,
        "q8": q8,
        "hundred": hundred,
    }
