//! Measures: numbers over profiles and their related entities.
