//! A benchmark of unification: people made from a seed, a peer in the same run, and figures that can be compared.

pub mod people;
