//! The shape of the search index.

use super::table::{COUNT, may, must, object, word};
use super::text::ANY;
use super::{Object, Shape};

pub(super) static SEARCH: Object = object(
    "Search",
    "By which attributes customers are found; by their texts, when not given.",
    &[must("attributes", Shape::List { of: &ATTRIBUTE, least: 1 }, "The attributes of the index.")],
);

static ATTRIBUTE: Shape = Shape::Object(&object(
    "SearchAttribute",
    "One attribute of the index.",
    &[
        must("name", Shape::Text(&ANY), "The attribute of the profile."),
        may("searchable", Shape::Bool, "Its words are searched for (texts only); `false` when not given."),
        may("filter", Shape::Object(&FILTER), "Customers can be chosen by its values."),
    ],
));

static FILTER: Object = object(
    "SearchFilter",
    "How a filter shows what there is to choose from.",
    &[
        may("results", Shape::Number(&COUNT), "How many values or intervals are shown; 10 when not given."),
        may(
            "order",
            Shape::Word(&[
                word("count", "The most frequent first."),
                word("value", "Upwards."),
                word("valueDescending", "Downwards."),
            ]),
            "Their order; `count` when not given.",
        ),
    ],
);
