//! Segments: named sets of customers.
//!
//! A segment's rules are applied in order: the first gives a set of customers, each later one is united with it,
//! intersected with it or taken away from it. A rule's condition is about one customer:
//!
//! * Over attributes of Customer and over measures, it is simply true or not. Missing values make a test unknown,
//!   and an unknown condition takes nobody; `State != 'Texas'` does not take customers without a state.
//! * With attributes of a related entity (`Entity.Attribute`), it takes the customers for whom at least one joined
//!   row fulfils the *whole* condition. `not Orders.Price > 5` therefore means an order that does not cost more than
//!   5; customers without such orders at all are everybody `except` those of `Orders.Price > 5`. All entities of one
//!   rule must be on one path; rules over different paths are intersected.
//! * With an aggregate (`sum(Entity.Attribute where …)`), it is about the customer's own rows of that entity, however
//!   many. Without any such row a count is 0 and everything else is missing.
//! * `in segment Name` takes the members of another segment. Segments may ask for others to any depth, but not in a
//!   circle.

mod check;
mod order;

pub use check::{
    CheckedRule, CheckedSegment, Outcome, Projection, SegmentProblems, check, check_condition, check_one,
    circle_message, known_segments,
};
pub use order::{asks_for, circles, in_order};
