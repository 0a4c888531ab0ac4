//! The vault: secrets by reference, encrypted at rest, never printed.
