//! The table: every key of the definitions, what may stand under it, and what it means.

use super::connections::CONNECTION;
use super::exports::EXPORT;
use super::search::SEARCH;
use super::sources::DATA_SOURCE;
use super::template::TEMPLATE;
use super::text::{
    ANY, ATTRIBUTE, CALCULATION, CRON, DIMENSION, DURATION, LABEL, NAME, NUMBER_KEY, QUALIFIED, RULE,
    SEGMENT_NAME, SQL, TAG, TIME_ZONE,
};
use super::unification::UNIFICATION;
use super::{Field, NumberRule, Object, Shape, Word};

pub(super) const fn must(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, required: true, doc }
}

pub(super) const fn may(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, required: false, doc }
}

pub(super) const fn word(word: &'static str, doc: &'static str) -> Word {
    Word { word, doc }
}

pub(super) const fn object(name: &'static str, doc: &'static str, fields: &'static [Field]) -> Object {
    Object { name, doc, fields, one_of: &[] }
}

pub(super) static ANY_TEXT: Shape = Shape::Text(&ANY);
pub(super) static ATTRIBUTE_TEXT: Shape = Shape::Text(&ATTRIBUTE);

static ANY_NUMBER: NumberRule =
    NumberRule { what: "a number", whole: false, least: None, above_least: false, most: None };
pub(super) static COUNT: NumberRule = NumberRule {
    what: "a whole number, 0 or more",
    whole: true,
    least: Some(0.0),
    above_least: false,
    most: Some(9e15),
};
static WHOLE: NumberRule = NumberRule {
    what: "a whole number",
    whole: true,
    least: Some(-9e15),
    above_least: false,
    most: Some(9e15),
};
pub(super) static SHARE: NumberRule = NumberRule {
    what: "a share from 0 to 1",
    whole: false,
    least: Some(0.0),
    above_least: false,
    most: Some(1.0),
};
pub(super) static PORT: NumberRule = NumberRule {
    what: "a port from 1 to 65535",
    whole: true,
    least: Some(1.0),
    above_least: false,
    most: Some(65535.0),
};
static DAYS: NumberRule = NumberRule {
    what: "a number of days from 1 to 3650",
    whole: true,
    least: Some(1.0),
    above_least: false,
    most: Some(3650.0),
};
static DAYS_OR_NEVER: NumberRule =
    NumberRule { what: "a number of days from 0 to 3650", least: Some(0.0), ..DAYS };
static TIMES: NumberRule = NumberRule {
    what: "a whole number from 1 to 1000",
    whole: true,
    least: Some(1.0),
    above_least: false,
    most: Some(1000.0),
};

/// One file of definitions.
pub(in super::super) static ROOT: Object = object(
    "Definitions",
    "Everything that is defined in one Weir instance.",
    &[
        may("instance", Shape::Text(&LABEL), "The name of the instance."),
        may(
            "include",
            Shape::List { of: &ANY_TEXT, least: 0 },
            "More files of definitions, relative to the folder; their lists are added to those here.",
        ),
        may("dataSources", Shape::List { of: &DATA_SOURCE, least: 0 }, "Where data comes from."),
        may("relationships", Shape::List { of: &RELATIONSHIP, least: 0 }, "Foreign keys between entities."),
        may("unification", Shape::Object(&UNIFICATION), "How rows become one profile per customer."),
        may(
            "activities",
            Shape::List { of: &ACTIVITY, least: 0 },
            "How rows of source entities become activities of customers.",
        ),
        may("measures", Shape::List { of: &MEASURE, least: 0 }, "Calculated numbers."),
        may("segments", Shape::List { of: &SEGMENT, least: 0 }, "Named sets of customers."),
        may("schedule", Shape::Object(&SCHEDULE), "When a full refresh starts by itself."),
        may(
            "schedules",
            Shape::List { of: &OWN_SCHEDULE, least: 0 },
            "What is refreshed at times of its own, or only when asked for.",
        ),
        may("search", Shape::Object(&SEARCH), "By which attributes customers are found."),
        may(
            "exports",
            Shape::List { of: &EXPORT, least: 0 },
            "Rows that are brought to where other programs read them.",
        ),
        may(
            "autoDeactivation",
            Shape::Object(&AUTO_DEACTIVATION),
            "Full refreshes leave out segments and measures that nothing uses; never, when not given.",
        ),
        may(
            "failingFlows",
            Shape::Object(&FAILING_FLOWS),
            "Who hears of flows that fail, and when such a flow is paused.",
        ),
        may(
            "connections",
            Shape::Named { rule: &LABEL, of: &CONNECTION },
            "The systems that flows talk to, by name; secrets are references.",
        ),
        may(
            "thresholds",
            Shape::List { of: &THRESHOLD, least: 0 },
            "Levels watched on segments and measures.",
        ),
        may(
            "flows",
            Shape::Text(&ANY),
            "The folder of workflow definitions, one JSON file per flow; `flows/` when not given.",
        ),
    ],
);

static RELATIONSHIP: Shape = Shape::Object(&object(
    "Relationship",
    "A foreign key: many rows of `from` belong to one row of `to`.",
    &[
        may("name", Shape::Text(&NAME), "A name for people."),
        must("from", Shape::Text(&QUALIFIED), "The foreign key: `Entity.Attribute`."),
        must("to", Shape::Text(&QUALIFIED), "The key that it points to: `Entity.Attribute`."),
    ],
));

static ACTIVITY: Shape = Shape::Object(&object(
    "Activity",
    "How the rows of one entity become activities of customers, rows of `UnifiedActivity`.",
    &[
        must("name", Shape::Text(&ANY), "The activity's name; what the timeline calls it."),
        may("description", Shape::Text(&ANY), "What it is, for people."),
        must("entity", Shape::Text(&ANY), "The source entity: `<data source>_<entity>`."),
        must(
            "type",
            Shape::Text(&NAME),
            "Its type: `SalesOrder`, `SalesOrderLine`, `Loyalty`, `Subscription`, `Feedback` or an own word.",
        ),
        must("timestamp", Shape::Text(&ANY), "The attribute that says when, a date or a time."),
        may("event", Shape::Text(&ANY), "The attribute that says what happened: the title in the timeline."),
        may("detail", Shape::Text(&ANY), "The attribute with more about it."),
        may("url", Shape::Text(&ANY), "The attribute with a web address."),
        may("icon", Shape::Text(&ANY), "The name of a picture for the timeline."),
        may("showInTimeline", Shape::Bool, "The timeline and the API show it; `true` when not given."),
        may(
            "fields",
            Shape::Named { rule: &NAME, of: &ANY_TEXT },
            "More columns of `UnifiedActivity`, such as `Amount`, and the attributes that fill them.",
        ),
    ],
));

static MEASURE: Shape = Shape::Object(&Object {
    name: "Measure",
    doc: "A calculated number, or one per customer or dimension value.",
    fields: &[
        must("name", Shape::Text(&NAME), "The measure's name."),
        may("description", Shape::Text(&ANY), "What it is, for people."),
        must(
            "type",
            Shape::Word(&[
                word("business", "About the whole business: one row, or one per dimension value."),
                word("customerAttribute", "One value per customer, an attribute of the profile."),
                word("customerMeasure", "One row per customer and dimension value."),
            ]),
            "What its rows stand for.",
        ),
        may(
            "calculate",
            Shape::Either(&[
                Shape::Text(&CALCULATION),
                Shape::Named { rule: &NAME, of: &Shape::Text(&CALCULATION) },
            ]),
            "What is calculated; several calculations each under its name.",
        ),
        may(
            "template",
            Shape::Object(&TEMPLATE),
            "A usual number about activities, instead of a calculation.",
        ),
        may("where", Shape::Text(&RULE), "Which rows count; all when not given."),
        may(
            "by",
            Shape::List { of: &Shape::Text(&DIMENSION), least: 1 },
            "The dimensions: attributes, or periods such as `month(Entity.Date)`.",
        ),
        may(
            "replace",
            Shape::List { of: &REPLACE, least: 1 },
            "Whole numbers in the place of missing or given values.",
        ),
        may("via", RELATIONSHIP_NAMES, "Relationships that the paths must use."),
        may(
            "state",
            Shape::Word(&[
                word("active", "Calculated in every refresh."),
                word("inactive", "Not calculated; nothing may read it."),
            ]),
            "Whether it is calculated; `active` when not given.",
        ),
        may("tags", TAGS, "Labels, at most 20."),
        may("sql", Shape::Text(&SQL), "A query that only reads, instead of a calculation."),
    ],
    one_of: &[&["calculate", "template", "sql"]],
});

const TAGS: Shape = Shape::List { of: &Shape::Text(&TAG), least: 0 };
const RELATIONSHIP_NAMES: Shape = Shape::List { of: &Shape::Text(&ANY), least: 1 };

static REPLACE: Shape = Shape::Object(&object(
    "Replace",
    "Whole numbers in the place of values of one attribute, wherever calculations read it.",
    &[
        must("attribute", Shape::Text(&ATTRIBUTE), "The attribute, a number."),
        may("nulls", Shape::Number(&WHOLE), "What a missing value counts as."),
        may(
            "values",
            Shape::Named { rule: &NUMBER_KEY, of: &Shape::Number(&WHOLE) },
            "What other values count as: each value, and the whole number in its place.",
        ),
    ],
));

static SEGMENT: Shape = Shape::Object(&Object {
    name: "Segment",
    doc: "A named set of customers.",
    fields: &[
        must("name", Shape::Text(&SEGMENT_NAME), "The segment's name."),
        may("description", Shape::Text(&ANY), "What it is, for people."),
        may("where", Shape::Text(&RULE), "Which customers belong to it: the short form of a single rule."),
        may(
            "rules",
            Shape::List { of: &SEGMENT_RULE, least: 1 },
            "Applied in order, the first is a `where`.",
        ),
        may(
            "state",
            Shape::Word(&[
                word("active", "Computed in every refresh."),
                word("inactive", "Kept as it was when it was last computed."),
                word("draft", "Not ready: checked, not computed."),
            ]),
            "Whether it is computed; `active` when not given.",
        ),
        may(
            "type",
            Shape::Word(&[
                word("dynamic", "Computed in every refresh."),
                word("static", "Computed only on request, never by a full refresh."),
            ]),
            "When it is computed; `dynamic` when not given.",
        ),
        may(
            "project",
            Shape::List { of: &ATTRIBUTE_TEXT, least: 1 },
            "Attributes of one related entity that are columns of the segment's entity, too.",
        ),
        may("tags", TAGS, "Labels, at most 20."),
        may("ignoreCase", Shape::Bool, "Whether every test of a text ignores case; `false` when not given."),
        may("sql", Shape::Text(&SQL), "A query that only reads and gives `CustomerId`, instead of rules."),
    ],
    one_of: &[&["where", "rules", "sql"]],
});

static SEGMENT_RULE: Shape = Shape::Object(&Object {
    name: "SegmentRule",
    doc: "One rule of a segment.",
    fields: &[
        may("where", Shape::Text(&RULE), "The customers to begin with."),
        may("union", Shape::Text(&RULE), "These customers too."),
        may("intersect", Shape::Text(&RULE), "Only customers that are also among these."),
        may("except", Shape::Text(&RULE), "Without these customers."),
        may("via", RELATIONSHIP_NAMES, "Relationships that the rule's paths must use."),
    ],
    one_of: &[&["where", "union", "intersect", "except"]],
});

static SCHEDULE: Object = object(
    "Schedule",
    "When a full refresh starts by itself.",
    &[
        may("timeZone", Shape::Text(&TIME_ZONE), "The time zone of the cron lines; `UTC` when not given."),
        must("cron", Shape::List { of: &Shape::Text(&CRON), least: 1 }, "Cron lines of five fields."),
        may(
            "missed",
            Shape::Word(MISSED),
            "What happens to ticks that passed while nothing ran; `last` when not given.",
        ),
    ],
);

static AUTO_DEACTIVATION: Object = object(
    "AutoDeactivation",
    "When full refreshes leave out what nothing uses. Nothing is deleted, and no definition changes.",
    &[must(
        "afterDays",
        Shape::Number(&DAYS),
        "This many days after its definition was last changed, or it was last refreshed by name.",
    )],
);

static FAILING_FLOWS: Object = object(
    "FailingFlows",
    "What becomes of flows that keep failing. A pause is never silent: it is an event, and a mail.",
    &[
        may("connection", Shape::Text(&LABEL), "The `email` connection that mails go through."),
        may("to", Shape::List { of: &Shape::Text(&ANY), least: 1 }, "Who gets the mails."),
        may(
            "digest",
            Shape::List { of: &Shape::Text(&CRON), least: 1 },
            "When the failures since the last digest are sent; `0 7 * * *` when not given.",
        ),
        may("timeZone", Shape::Text(&TIME_ZONE), "The time zone of the cron lines; `UTC` when not given."),
        may(
            "pauseAfterDays",
            Shape::Number(&DAYS_OR_NEVER),
            "A flow is paused when all its runs failed for this many days; 14 when not given, 0: never.",
        ),
    ],
);

static MISSED: &[Word] = &[
    word("none", "Ticks that passed while nothing ran are forgotten."),
    word("last", "One refresh makes up for all of them."),
    word("all", "One refresh for each of them."),
];

static OWN_SCHEDULE: Shape = Shape::Object(&Object {
    name: "OwnSchedule",
    doc: "When one thing is refreshed by itself; full refreshes leave it out.",
    fields: &[
        must("name", Shape::Text(&LABEL), "The schedule's name."),
        may("dataSource", Shape::Text(&NAME), "The data source that is refreshed."),
        may("unification", Shape::Bool, "Unification is refreshed."),
        may("measure", Shape::Text(&NAME), "The measure that is refreshed."),
        may("segment", Shape::Text(&SEGMENT_NAME), "The segment that is refreshed."),
        may("upstream", Shape::Bool, "With everything that it reads, first; `false` when not given."),
        may("downstream", Shape::Bool, "With everything that reads it, after it; `false` when not given."),
        may(
            "cron",
            Shape::List { of: &Shape::Text(&CRON), least: 1 },
            "Cron lines of five fields; only when asked for, when not given.",
        ),
        may("timeZone", Shape::Text(&TIME_ZONE), "The time zone of the cron lines; `UTC` when not given."),
        may("missed", Shape::Word(MISSED), "Ticks that passed while nothing ran; `last` when not given."),
        may("inFullRefresh", Shape::Bool, "Full refreshes refresh it too; `false` when not given."),
    ],
    one_of: &[&["dataSource", "unification", "measure", "segment"]],
});

static THRESHOLD: Shape = Shape::Object(&Object {
    name: "Threshold",
    doc: "A level watched on a segment's size or a measure's value.",
    fields: &[
        must("name", Shape::Text(&LABEL), "The threshold's name."),
        may("segment", Shape::Text(&ANY), "The segment whose size is watched."),
        may(
            "measure",
            Shape::Text(&ANY),
            "The business measure that is watched; each dimension value by itself.",
        ),
        may("calculation", Shape::Text(&ANY), "The calculation, when the measure has several."),
        must("level", Shape::Number(&ANY_NUMBER), "The level."),
        may(
            "direction",
            Shape::Word(&[
                word("above", "When the value rises above the level."),
                word("below", "When it falls below the level."),
                word("either", "Both ways."),
            ]),
            "Which way it must be crossed; `above` when not given.",
        ),
        may("inclusive", Shape::Bool, "Whether reaching the level is enough; `false` when not given."),
        may(
            "fireOnFirst",
            Shape::Bool,
            "Whether a first value beyond the level counts; `false` when not given.",
        ),
        may(
            "rearmBelow",
            Shape::Number(&ANY_NUMBER),
            "After rising above, the value must come below this first.",
        ),
        may(
            "rearmAbove",
            Shape::Number(&ANY_NUMBER),
            "After falling below, the value must come above this first.",
        ),
        may("confirm", Shape::Number(&TIMES), "How many refreshes in a row must show it; 1 when not given."),
        may("cooldown", Shape::Text(&DURATION), "The shortest time between two crossings, e.g. `PT6H`."),
    ],
    one_of: &[&["segment", "measure"]],
});
