//! Exports: rows of segments and entities to where other programs read them.
