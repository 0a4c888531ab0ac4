//! The part of the table about unification: map, deduplicate, match, merge.

use super::merging::MERGE;
use super::table::{ANY_TEXT, may, must, object, word};
use super::text::{ANY, ATTRIBUTE, LABEL, QUALIFIED};
use super::{Case, NumberRule, Object, Shape, Word};

pub(super) static QUALIFIED_TEXT: Shape = Shape::Text(&QUALIFIED);

static SCORE: NumberRule = NumberRule {
    what: "a score above 0 and at most 1",
    whole: false,
    least: Some(0.0),
    above_least: true,
    most: Some(1.0),
};

/// How rows of several entities become one profile per customer.
pub(super) static UNIFICATION: Object = object(
    "Unification",
    "Map, deduplicate, match and merge: how rows of several entities become one profile per customer.",
    &[
        may(
            "map",
            Shape::List { of: &ENTITY_MAP, least: 0 },
            "Which attributes take part, and what they mean.",
        ),
        may(
            "deduplication",
            Shape::List { of: &DEDUPLICATION, least: 0 },
            "Which rows of one entity are the same customer.",
        ),
        must("match", Shape::Object(&MATCH), "Which rows are the same customer."),
        may("custom", Shape::Object(&CUSTOM), "What people know better than rules."),
        may("merge", Shape::Object(&MERGE), "Which values the profile gets."),
    ],
);

static ENTITY_MAP: Shape = Shape::Object(&object(
    "EntityMap",
    "What the map step says about one entity.",
    &[
        must("entity", Shape::Text(&ANY), "The entity."),
        may("attributes", Shape::List { of: &MAP_ATTRIBUTE, least: 0 }, "What is said about its attributes."),
        may(
            "only",
            Shape::Bool,
            "Whether attributes that are not listed are left out; `false` when not given.",
        ),
    ],
));

static MAP_ATTRIBUTE: Shape = Shape::Object(&object(
    "MapAttribute",
    "What the map step says about one attribute.",
    &[
        must("name", Shape::Text(&ANY), "The attribute's name."),
        may("type", Shape::Text(&ANY), "Its meaning, e.g. `Identity.Service.Email`."),
    ],
));

static DEDUPLICATION: Shape = Shape::Object(&object(
    "Deduplication",
    "Which rows of one entity are the same customer, and which of them speaks.",
    &[
        must("entity", Shape::Text(&ANY), "The entity."),
        may(
            "rules",
            Shape::List { of: &DEDUPLICATION_RULE, least: 0 },
            "When two rows are the same customer; every rule runs on every row.",
        ),
        may(
            "winner",
            Shape::Kinds {
                tag: "prefer",
                doc: "Which row of a group speaks for it; of equally good ones the largest primary key.",
                cases: &[
                    Case { word: "mostFilled", object: &MOST_FILLED },
                    Case { word: "mostRecent", object: &MOST_RECENT },
                    Case { word: "leastRecent", object: &LEAST_RECENT },
                ],
            },
            "Which row of a group speaks for it; the one with the most filled attributes when not given.",
        ),
        may(
            "attributes",
            Shape::List { of: &ATTRIBUTE_PREFERENCE, least: 0 },
            "Attributes that are taken from another row of the group than the winner.",
        ),
    ],
));

static MOST_FILLED: Object = object("MostFilled", "The row with the most filled attributes.", &[]);

static MOST_RECENT: Object = object(
    "MostRecent",
    "The row with the latest date or largest number.",
    &[must("by", Shape::Text(&ANY), "The attribute with the date or number.")],
);

static LEAST_RECENT: Object = object(
    "LeastRecent",
    "The row with the earliest date or smallest number.",
    &[must("by", Shape::Text(&ANY), "The attribute with the date or number.")],
);

static ATTRIBUTE_PREFERENCE: Shape = Shape::Kinds {
    tag: "prefer",
    doc: "Which row's value an attribute gets, of the rows that have one.",
    cases: &[
        Case { word: "mostFilled", object: &ATTRIBUTE_MOST_FILLED },
        Case { word: "mostRecent", object: &ATTRIBUTE_MOST_RECENT },
        Case { word: "leastRecent", object: &ATTRIBUTE_LEAST_RECENT },
    ],
};

static ATTRIBUTE_MOST_FILLED: Object = object(
    "AttributeOfMostFilled",
    "From the row with the most filled attributes.",
    &[must("name", Shape::Text(&ANY), "The attribute.")],
);

static ATTRIBUTE_MOST_RECENT: Object = object(
    "AttributeOfMostRecent",
    "From the row with the latest date or largest number.",
    &[
        must("name", Shape::Text(&ANY), "The attribute."),
        must("by", Shape::Text(&ANY), "The attribute with the date or number."),
    ],
);

static ATTRIBUTE_LEAST_RECENT: Object = object(
    "AttributeOfLeastRecent",
    "From the row with the earliest date or smallest number.",
    &[
        must("name", Shape::Text(&ANY), "The attribute."),
        must("by", Shape::Text(&ANY), "The attribute with the date or number."),
    ],
);

/// A rule of a deduplication or of a cluster.
pub(super) static DEDUPLICATION_RULE: Shape = Shape::Object(&object(
    "DeduplicationRule",
    "Two rows are the same customer when all conditions hold, and no exception.",
    &[
        must("name", Shape::Text(&LABEL), "The rule's name, shown with its counts."),
        must("conditions", Shape::List { of: &OWN_CONDITION, least: 1 }, "All of these must hold."),
        may(
            "exceptions",
            Shape::List { of: &OWN_EXCEPTION, least: 0 },
            "A pair that meets all conditions of one exception is no match.",
        ),
        may("active", Shape::Bool, "Whether the rule is used; `true` when not given."),
    ],
));

static OWN_CONDITION: Shape = Shape::Object(&object(
    "OwnCondition",
    "One comparison of an attribute with itself.",
    &[
        must("attribute", Shape::Text(&ANY), "The attribute."),
        may(
            "normalize",
            Shape::List { of: &Shape::Word(NORMALIZATIONS), least: 0 },
            "What is done to both values before they are compared.",
        ),
        may("alias", Shape::Text(&LABEL), "The list of aliases that is applied to both values."),
        may("bypass", Shape::Text(&LABEL), "The list of values that are never used."),
        may("precision", PRECISION, "How alike the values must be; `exact` when not given."),
    ],
));

static OWN_EXCEPTION: Shape = Shape::Object(&object(
    "OwnException",
    "Pairs that a rule must leave alone.",
    &[
        may("name", Shape::Text(&LABEL), "A name for people."),
        must("conditions", Shape::List { of: &OWN_CONDITION, least: 1 }, "All of these must hold."),
    ],
));

static MATCH: Object = object(
    "Match",
    "Which rows are the same customer.",
    &[
        must(
            "order",
            Shape::List { of: &MATCH_ORDER, least: 1 },
            "The entities in order; the first is the primary one, and each may match only those above it.",
        ),
        may(
            "rules",
            Shape::List { of: &MATCH_RULE, least: 0 },
            "The rules; for one entity, a later rule is tried only where the earlier ones found nothing.",
        ),
        may("probabilistic", Shape::Object(&PROBABILISTIC), "Matching by probability, beside the rules."),
    ],
);

static MATCH_ORDER: Shape = Shape::Either(&[
    Shape::Text(&ANY),
    Shape::Object(&object(
        "MatchOrder",
        "One entity of the match order.",
        &[
            must("entity", Shape::Text(&ANY), "The entity."),
            may(
                "includeAll",
                Shape::Bool,
                "Whether rows that match nothing become profiles; `true` when not given.",
            ),
        ],
    )),
]);

static MATCH_RULE: Shape = Shape::Object(&object(
    "MatchRule",
    "Two rows are the same customer when all conditions hold, and no exception.",
    &[
        must("on", Shape::Text(&ANY), "The entity whose rows look for a partner in the entities above it."),
        must("name", Shape::Text(&LABEL), "The rule's name, shown with its counts."),
        must("conditions", Shape::List { of: &CONDITION, least: 1 }, "All of these must hold."),
        may(
            "exceptions",
            Shape::List { of: &EXCEPTION, least: 0 },
            "A pair that meets all conditions of one exception is no match.",
        ),
        may("active", Shape::Bool, "Whether the rule is used; `true` when not given."),
    ],
));

static CONDITION: Shape = Shape::Object(&object(
    "Condition",
    "One comparison of a match rule.",
    &[
        must(
            "left",
            Shape::Text(&ATTRIBUTE),
            "An attribute of an entity above: `Attribute` or `Entity.Attribute`.",
        ),
        must("right", Shape::Text(&ANY), "An attribute of the rule's entity."),
        may(
            "normalize",
            Shape::List { of: &Shape::Word(NORMALIZATIONS), least: 0 },
            "What is done to both values before they are compared; the order in the list does not matter.",
        ),
        may("alias", Shape::Text(&LABEL), "The list of aliases that is applied to both values."),
        may("bypass", Shape::Text(&LABEL), "The list of values that are never used."),
        may("precision", PRECISION, "How alike the values must be; `exact` when not given."),
    ],
));

static EXCEPTION: Shape = Shape::Object(&object(
    "Exception",
    "Pairs that a rule must leave alone.",
    &[
        may("name", Shape::Text(&LABEL), "A name for people."),
        must("conditions", Shape::List { of: &CONDITION, least: 1 }, "All of these must hold."),
    ],
));

static NORMALIZATIONS: &[Word] = &[
    word("lower-case", "Lower case."),
    word("whitespace", "No white space."),
    word("symbols", "No punctuation and symbols."),
    word("numerals", "Number symbols and Roman numerals as digits."),
    word("unicode-to-ascii", "Letters without accents."),
    word("type-phone", "Telephone numbers as digits; the country code counts."),
    word("type-name", "Nicknames and titles in one form."),
    word("type-address", "Common words of addresses shortened."),
    word("type-organization", "No company noise words."),
];

const PRECISION: Shape = Shape::Either(&[
    Shape::Word(&[
        word("exact", "Equal."),
        word("high", "A score of at least 0.8."),
        word("medium", "A score of at least 0.6."),
        word("low", "A score of at least 0.3."),
    ]),
    Shape::Number(&SCORE),
    Shape::Object(&CUSTOM_PRECISION),
]);

static CUSTOM_PRECISION: Object = object(
    "CustomPrecision",
    "A score of one's own.",
    &[must("custom", Shape::Number(&SCORE), "The lowest score that is a match.")],
);

static PROBABILISTIC: Object = object(
    "Probabilistic",
    "Matching by probability: a model learns from the data how much each agreement says.",
    &[
        may(
            "threshold",
            Shape::Number(&SCORE),
            "The lowest probability of a match, above 0 and below 1; 0.9 when not given.",
        ),
        may(
            "signals",
            Shape::List { of: &SIGNAL, least: 0 },
            "What is compared; found by semantic types when not given.",
        ),
        may(
            "labels",
            Shape::Text(&ANY),
            "An entity of pairs that people have judged: Entity1, Entity1Key, Entity2, Entity2Key, Match.",
        ),
        may("retrain", RETRAIN, "When the model is learned anew; `whenNeeded` when not given."),
    ],
);

const RETRAIN: Shape = Shape::Word(&[
    word(
        "whenNeeded",
        "When other attributes are compared, people have judged other pairs, or the number of records has changed \
         by more than 20 %.",
    ),
    word("always", "In every refresh."),
]);

static SIGNAL: Shape = Shape::Object(&object(
    "Signal",
    "One thing that tells customers apart.",
    &[
        must(
            "kind",
            Shape::Word(&[
                word("firstName", "A given name."),
                word("lastName", "A family name."),
                word("fullName", "A whole name."),
                word("email", "An e-mail address."),
                word("phone", "A telephone number."),
                word("street", "Street and house number."),
                word("city", "A town."),
                word("postalCode", "A postal code."),
                word("birthDate", "A date of birth."),
                word("identifier", "A number that identifies a person in several entities."),
                word("text", "Any other text."),
                word("category", "A word from a short list, such as a country."),
            ]),
            "What it is; decides how values are compared.",
        ),
        must(
            "attributes",
            Shape::List { of: &QUALIFIED_TEXT, least: 1 },
            "One attribute of each entity that has it.",
        ),
    ],
));

static CUSTOM: Object = object(
    "Custom",
    "What people know better than rules; it overrides them all.",
    &[
        may("alwaysMatch", ROW_PAIRS, "Pairs of rows that are the same customer."),
        may("neverMatch", ROW_PAIRS, "Pairs of rows that are different customers."),
        may(
            "aliases",
            Shape::List { of: &ALIAS_LIST, least: 0 },
            "Lists of values that mean the same; conditions name the list that they use.",
        ),
        may(
            "bypass",
            Shape::List { of: &BYPASS_LIST, least: 0 },
            "Lists of values that are no values; conditions name the list that they use.",
        ),
    ],
);

const ROW_PAIRS: Shape = Shape::OneKey(&[
    may(
        "entity",
        Shape::Text(&ANY),
        "An entity with the attributes Entity1, Entity1Key, Entity2, Entity2Key (or Table1, …).",
    ),
    may("pairs", Shape::List { of: &ROW_PAIR, least: 0 }, "The pairs."),
]);

static ROW_PAIR: Shape = Shape::Object(&object(
    "RowPair",
    "Two rows.",
    &[
        must("entity1", Shape::Text(&ANY), "One row's entity."),
        must("entity1Key", Shape::Text(&ANY), "Its primary key."),
        must("entity2", Shape::Text(&ANY), "The other row's entity."),
        must("entity2Key", Shape::Text(&ANY), "Its primary key."),
    ],
));

static ALIAS_LIST: Shape = Shape::Object(&Object {
    name: "AliasList",
    doc: "Values that mean the same.",
    fields: &[
        must("name", Shape::Text(&LABEL), "The list's name."),
        may(
            "entity",
            Shape::Text(&ANY),
            "An entity; its first two attributes after the key are value and alias.",
        ),
        may("values", Shape::List { of: &Shape::Pair(&ANY_TEXT), least: 0 }, "Pairs of value and alias."),
    ],
    one_of: &[&["entity", "values"]],
});

static BYPASS_LIST: Shape = Shape::Object(&Object {
    name: "BypassList",
    doc: "Values that are no values, such as `noemail@example.com`.",
    fields: &[
        must("name", Shape::Text(&LABEL), "The list's name."),
        may(
            "entity",
            Shape::Text(&ANY),
            "An entity; its first attribute after the key holds the values, or the key where there is no other.",
        ),
        may("values", Shape::List { of: &ANY_TEXT, least: 0 }, "The values."),
    ],
    one_of: &[&["entity", "values"]],
});
