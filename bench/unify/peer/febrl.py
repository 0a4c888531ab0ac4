"""How Splink is set up for the FEBRL data sets."""

import splink.comparison_level_library as cll
from splink import SettingsCreator, block_on

from levels import comparison, date, swapped, winkler

TEXTS = ["given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "soc_sec_id"]

SURE = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
SURE_RECALL = 0.9
SESSIONS = [block_on("date_of_birth"), block_on("soc_sec_id")]


def select(folder):
    """The records of one table or two."""
    texts = ", ".join(f"lower({column}) as {column}" for column in TEXTS)
    born = "try_strptime(date_of_birth, '%Y%m%d')::date as date_of_birth"
    return f"select id, {texts}, {born} from read_parquet('{folder}/[ab].parquet')"


def settings():
    digits = cll.DamerauLevenshteinLevel("soc_sec_id", 2)
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparison("given_name", *winkler("given_name", 0.92, 0.80), swapped("given_name", "surname")),
            comparison("surname", *winkler("surname", 0.92, 0.80), swapped("given_name", "surname")),
            comparison("address_1", *winkler("address_1", 0.90)),
            comparison("suburb", *winkler("suburb", 0.90), frequencies=False),
            comparison("postcode", cll.DamerauLevenshteinLevel("postcode", 1)),
            comparison("street_number", frequencies=False),
            comparison("soc_sec_id", digits, frequencies=False),
            date("date_of_birth"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"),
            block_on("date_of_birth"),
            block_on("given_name", "surname"),
            block_on("given_name", "postcode"),
            block_on("surname", "postcode"),
            block_on("address_1", "street_number"),
            block_on("suburb", "street_number"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
