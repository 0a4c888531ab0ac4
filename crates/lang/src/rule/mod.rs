//! Conditions and calculations of segments and measures.
