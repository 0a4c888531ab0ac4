//! The customer-data side: definitions, sources, unification, measures, segments, refresh.
