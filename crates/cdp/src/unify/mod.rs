//! Unification: map, match, merge. One profile per customer.
