//! A benchmark of unification: people made from a seed, a peer in the same run, and figures that can be compared.

pub mod changes;
pub mod contest;
pub mod febrl;
pub mod measure;
pub mod people;
pub mod programs;
pub mod table;
pub mod truth;
pub mod weir;
