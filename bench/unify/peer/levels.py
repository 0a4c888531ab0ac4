"""Short ways to write comparisons."""

import splink.comparison_level_library as cll
import splink.comparison_library as cl


def comparison(column, *levels, frequencies=True):
    """Null, equal (less for frequent values), the levels given, anything else."""
    first = [cll.NullLevel(column), cll.ExactMatchLevel(column, term_frequency_adjustments=frequencies)]
    return custom(column, *first, *levels)


def custom(name, *levels):
    return cl.CustomComparison(output_column_name=name, comparison_levels=[*levels, cll.ElseLevel()])


def winkler(column, *thresholds):
    return [cll.JaroWinklerLevel(column, threshold) for threshold in thresholds]


def swapped(one, other):
    """The values of two columns stand in each other's place."""
    return cll.CustomLevel(f"{one}_l = {other}_r and {one}_r = {other}_l")


def initial(column):
    """One of the two is the first letter of the other."""
    return cll.CustomLevel(
        f"left({column}_l, 1) = left({column}_r, 1) and (length({column}_l) = 1 or length({column}_r) = 1)"
    )


def date(column):
    """A birth date, with one part of it wrong, or two parts in each other's place."""
    year, month, day = (f"{part}({column}_l) = {part}({column}_r)" for part in ["year", "month", "day"])
    crossed = f"month({column}_l) = day({column}_r)"
    return comparison(
        column,
        cll.CustomLevel(f"{year} and ({month} or {day} or {crossed})"),
        cll.CustomLevel(f"{month} and {day}"),
        frequencies=False,
    )
