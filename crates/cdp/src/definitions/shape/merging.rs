//! The part of the table about the merge step: the attributes of the profile, its id, clusters of profiles.

use super::table::{ANY_TEXT, ATTRIBUTE_TEXT, may, must, object, word};
use super::text::{ANY, NAME, QUALIFIED};
use super::unification::{DEDUPLICATION_RULE, QUALIFIED_TEXT};
use super::{Object, Shape};

static NAME_TEXT: Shape = Shape::Text(&NAME);

/// The merge step.
pub(super) static MERGE: Object = object(
    "Merge",
    "Which values the profile gets.",
    &[
        may(
            "attributes",
            Shape::List { of: &MERGE_ATTRIBUTE, least: 0 },
            "Attributes of the profile; those not listed are combined by meaning or name, by importance.",
        ),
        may(
            "groups",
            Shape::List { of: &MERGE_GROUP, least: 0 },
            "Attributes of the profile that are taken together from one source, such as an address.",
        ),
        may(
            "separate",
            Shape::List { of: &QUALIFIED_TEXT, least: 0 },
            "Source attributes that are not combined with others.",
        ),
        may(
            "exclude",
            Shape::List { of: &QUALIFIED_TEXT, least: 0 },
            "Source attributes that are not in the profile.",
        ),
        may(
            "rename",
            Shape::List { of: &RENAME, least: 0 },
            "New names for attributes that do not stand under `attributes` or `groups`.",
        ),
        may(
            "order",
            Shape::List { of: &ANY_TEXT, least: 0 },
            "The attributes of the profile that stand first, in this order.",
        ),
        may(
            "customerId",
            Shape::List { of: &QUALIFIED_TEXT, least: 0 },
            "At most 5 attributes from which the ids of customers are made; the first filled one counts.",
        ),
        may("clusters", Shape::List { of: &CLUSTER, least: 0 }, "Groups of profiles, such as households."),
    ],
);

static MERGE_ATTRIBUTE: Shape = Shape::Object(&object(
    "MergeAttribute",
    "One attribute of the profile.",
    &[
        must("name", Shape::Text(&NAME), "Its name in the profile."),
        must(
            "from",
            Shape::List { of: &QUALIFIED_TEXT, least: 1 },
            "Where its value may come from, in order.",
        ),
        may("policy", POLICY, "Which value wins; `importance` when not given."),
        may("by", BY, BY_DOC),
    ],
));

static MERGE_GROUP: Shape = Shape::Object(&object(
    "MergeGroup",
    "Attributes that are taken together from one source: at most 10 attributes and 15 sources.",
    &[
        must("name", Shape::Text(&NAME), "The group's name, for people."),
        must("attributes", Shape::List { of: &NAME_TEXT, least: 1 }, "The attributes of the profile."),
        must(
            "from",
            Shape::List { of: &GROUP_SOURCE, least: 1 },
            "Where they may come from, in order; a source whose attributes are all null is passed over.",
        ),
        may("policy", POLICY, "Which source wins; `importance` when not given."),
        may("by", BY, BY_DOC),
    ],
));

static GROUP_SOURCE: Shape = Shape::Object(&object(
    "GroupSource",
    "One source of a group.",
    &[
        must("entity", Shape::Text(&ANY), "The entity."),
        must(
            "attributes",
            Shape::List { of: &ANY_TEXT, least: 1 },
            "Its attributes, one for each attribute of the group, in the same order.",
        ),
    ],
));

const POLICY: Shape = Shape::Word(&[
    word("importance", "The first value that is there, in the order of `from`."),
    word("mostRecent", "The value of the row with the latest date or largest number."),
    word("leastRecent", "The value of the row with the earliest date or smallest number."),
    word("mostFrequent", "The value that most rows of the profile have."),
]);

const BY: Shape = Shape::List { of: &ATTRIBUTE_TEXT, least: 1 };

const BY_DOC: &str =
    "For mostRecent and leastRecent: the date or number of each entity, or one name that all have.";

static RENAME: Shape = Shape::Object(&object(
    "Rename",
    "A new name for an attribute of the profile.",
    &[
        must("from", Shape::Text(&QUALIFIED), "One of the source attributes that it is made from."),
        must("to", Shape::Text(&NAME), "Its name in the profile."),
    ],
));

static CLUSTER: Shape = Shape::Object(&object(
    "Cluster",
    "Groups of profiles: profiles of one cluster share an id.",
    &[
        must("name", Shape::Text(&NAME), "The attribute of the profile that holds the cluster's id."),
        may(
            "rules",
            Shape::List { of: &DEDUPLICATION_RULE, least: 0 },
            "When two profiles are in one cluster; same last name and same address when not given.",
        ),
    ],
));
