"""The questions in SQL, for DuckDB."""

import duckdb

from hundred import CATEGORIES, SEGMENTS

ON = "date '2025-12-31'"
SPENT = "select CustomerNo, sum(Price) spent, max(OrderedOn) latest, count(*) n from orders group by CustomerNo"


def questions(data, resident):
    connection = duckdb.connect()
    for table in ["customers", "orders"]:
        kind = "table" if resident else "view"
        connection.execute(f"create {kind} {table} as select * from read_parquet('{data}/{table}.parquet')")
    rows = lambda sql: connection.sql(sql).fetchall()
    one = lambda sql: [int(value or 0) for value in rows(sql)[0]]

    def hundred():
        masks = " | ".join(f"case Category when '{name}' then {1 << at} else 0 end" for at, name in enumerate(CATEGORIES))
        counts = ", ".join(
            f"count(*) filter (spent > {spent} and latest >= {ON} - {days} and seen & {1 << category} = 0)"
            for spent, days, category in SEGMENTS
        )
        return one(f"""select {counts} from (select CustomerNo, sum(Price) spent, max(OrderedOn) latest,
            bit_or({masks}) seen from orders where CustomerNo is not null group by CustomerNo)""")

    return {
        "q1": lambda: one(f"""select count(*) from (select CustomerNo from orders group by CustomerNo
            having sum(Price) > 500 and max(OrderedOn) >= {ON} - 90
            and not bool_or(Category = 'Electronics')) join customers using (CustomerNo)"""),
        "q2": lambda: one("""select count(*), sum(n), sum(round(mean * 100)) from (select year(OrderedOn) y,
            month(OrderedOn) m, count(*) n, avg(Price) mean from orders group by y, m)"""),
        "q3": lambda: one(f"""with spent as materialized ({SPENT} having CustomerNo is not null),
            edges as (select quantile_disc(spent, [.2, .4, .6, .8]) m, quantile_disc(latest, [.2, .4, .6, .8]) r,
                quantile_disc(n, [.2, .4, .6, .8]) f from spent),
            cells as (select
                (latest >= r[1])::int + (latest >= r[2])::int + (latest >= r[3])::int + (latest >= r[4])::int rs,
                (n >= f[1])::int + (n >= f[2])::int + (n >= f[3])::int + (n >= f[4])::int fs,
                (spent >= m[1])::int + (spent >= m[2])::int + (spent >= m[3])::int + (spent >= m[4])::int ms,
                count(*) c from spent, edges group by rs, fs, ms)
            select count(*), sum(c), sum(c * (rs * 25 + fs * 5 + ms)) from cells"""),
        "q4": lambda: one(f"""select count(*) from customers semi join (select CustomerNo from orders
            where Channel = 'Online' and OrderedOn >= {ON} - 180 group by CustomerNo having count(*) >= 2) using (CustomerNo)
            where State in ('California', 'Texas', 'Florida') and Age between 25 and 45 and Tier != 'Basic'"""),
        "q5": lambda: one("""select count(*), sum(n), sum(s * 100), sum(floor(a)), sum(lo - date '2020-01-01'),
            sum(hi - date '2020-01-01'), sum(d), sum(length(c)) from (
            select CustomerNo, count(*) n, sum(Price) s, avg(Price) a, min(OrderedOn) lo, max(OrderedOn) hi,
            count(distinct Category) d, max({'p': Price, 'c': Category}).c c
            from orders where CustomerNo is not null group by CustomerNo)"""),
        "q6": lambda: one("""select count(*), sum(revenue) * 100, sum(buyers) from (select Tier, Category, year(OrderedOn) y,
            sum(Price) revenue, count(distinct CustomerNo) buyers from orders join customers using (CustomerNo)
            group by Tier, Category, y)"""),
        "q7": lambda: one(f"""with spent as materialized ({SPENT} having CustomerNo is not null),
            edge as (select quantile_disc(spent, .8) top from spent)
            select count(*) from spent, edge where spent >= top and latest < {ON} - 180"""),
        "q8": lambda: one(f"""select count(*) from (
            (select CustomerNo from orders where Channel = 'Store' and OrderedOn >= {ON} - 365
             union select CustomerNo from customers where State = 'Texas')
            except select CustomerNo from customers where State in ('Nevada', 'Ohio')
            ) join customers using (CustomerNo)"""),
        "hundred": hundred,
    }
