"""How Splink is set up for the benchmark's people.

The data is prepared as an experienced user would: small letters without accents, digits of telephone numbers, default
values taken out. Three tables become one with duplicates, which is the same problem and costs less. Street and postcode
are one comparison, since people of one household agree on both.
"""

import splink.comparison_level_library as cll
from splink import SettingsCreator, block_on

from levels import comparison, custom, date, initial, swapped, winkler

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

# Rules whose pairs are nearly all right, and the share of true pairs that they are thought to find.
SURE = [block_on("email"), block_on("first", "last", "postcode")]
SURE_RECALL = 0.75
# What the two sessions of expectation maximisation learn from.
SESSIONS = [block_on("email"), block_on("first", "last")]


def select(folder):
    """The records under common names."""
    selects = []
    for table, columns in TABLES.items():
        texts = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
        selects.append(f"select {texts} from read_parquet('{folder / table}.parquet')")
    return f"select *, split_part(email, '@', 1) as mailbox from ({' union all '.join(selects)})"


def address():
    nothing = "street_{side} is null and postcode_{side} is null"
    neither = " or ".join(nothing.format(side=side) for side in "lr")
    same_street, same_postcode = "street_l = street_r", "postcode_l = postcode_r"
    return custom(
        "address",
        cll.CustomLevel(neither).configure(is_null_level=True),
        cll.CustomLevel(f"{same_street} and {same_postcode}"),
        cll.CustomLevel(f"{same_postcode} and jaro_winkler_similarity(street_l, street_r) >= 0.9"),
        cll.CustomLevel(same_street),
        cll.ExactMatchLevel("postcode", term_frequency_adjustments=True),
    )


def settings():
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparison("first", *winkler("first", 0.92, 0.80), swapped("first", "last"), initial("first")),
            comparison("last", *winkler("last", 0.92, 0.80), swapped("first", "last")),
            comparison("email", cll.ExactMatchLevel("mailbox"), *winkler("email", 0.90)),
            comparison("phone", cll.DamerauLevenshteinLevel("phone", 2)),
            address(),
            date("birth"),
        ],
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
