//! Relationships between entities, and the paths from an entity to the customer.
