//! Which entities and attributes there are, and what a name in a condition means.

use super::attribute::{Attribute, Kind};
use crate::definition::SegmentState;
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE};
use arrow::datatypes::Schema;
use lang::diagnose::{Diagnostic, Span, did_you_mean};
use std::collections::{BTreeMap, BTreeSet};

/// The attributes of an entity, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attributes {
    /// The entity exists, but its rows were never read.
    Unknown,
    /// All of them, in order; the kind is missing where only the name is known.
    Known(Vec<(String, Option<Kind>)>),
}

/// The entities of an instance at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    entities: BTreeMap<String, Attributes>,
    numbers: BTreeMap<String, Option<Attribute>>,
    inactive_measures: BTreeSet<String>,
    segments: BTreeMap<String, SegmentState>,
}

impl Catalog {
    /// Without entities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entity, or replaces what was known of it.
    pub fn add(&mut self, entity: &str, attributes: Attributes) {
        self.entities.insert(entity.to_owned(), attributes);
    }

    /// Adds an entity with the columns of its table.
    pub fn add_schema(&mut self, entity: &str, schema: &Schema) {
        let columns = schema.fields().iter();
        let attributes =
            columns.map(|field| (field.name().clone(), Some(Kind::of(field.data_type())))).collect();
        self.add(entity, Attributes::Known(attributes));
    }

    /// What is known of an entity; nothing when there is none of this name.
    pub fn entity(&self, name: &str) -> Option<&Attributes> {
        self.entities.get(name)
    }

    /// The names of all entities.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entities.keys().map(String::as_str)
    }

    /// Says of what kind an attribute is whose name is known already.
    pub fn learn(&mut self, entity: &str, attribute: &str, kind: Kind) {
        if let Some(Attributes::Known(all)) = self.entities.get_mut(entity) {
            let own = all.iter_mut().filter(|(name, _)| name == attribute);
            own.for_each(|(_, known)| *known = Some(kind));
        }
    }

    /// Adds a business measure without dimensions: a number that formulas may read by its name. Without an attribute
    /// its kind is not known.
    pub fn add_number(&mut self, measure: &str, value: Option<Attribute>) {
        self.numbers.insert(measure.to_owned(), value);
    }

    /// The value of a business measure without dimensions; nothing when there is none of this name.
    pub fn number(&self, measure: &str) -> Option<&Option<Attribute>> {
        self.numbers.get(measure)
    }

    /// Says that a measure is not calculated: naming it is an error.
    pub fn add_inactive_measure(&mut self, measure: &str) {
        self.inactive_measures.insert(measure.to_owned());
    }

    /// Whether a measure is defined, but not calculated.
    pub fn is_inactive_measure(&self, measure: &str) -> bool {
        self.inactive_measures.contains(measure)
    }

    /// Adds a segment, so that others may ask for its members.
    pub fn add_segment(&mut self, segment: &str, state: SegmentState) {
        self.segments.insert(segment.to_owned(), state);
    }

    /// Whether members of a segment can be asked for.
    ///
    /// # Errors
    /// There is no such segment, or it is not active.
    pub fn segment(&self, name: &str, span: Span) -> Result<(), Diagnostic> {
        match self.segments.get(name) {
            Some(SegmentState::Active) => Ok(()),
            Some(_) => {
                let message = format!("the segment {name} is not active; activate it to ask for its members");
                Err(Diagnostic::error("inactiveSegment", message, span))
            }
            None => {
                let nearest = did_you_mean(name, self.segments.keys().map(String::as_str));
                let message = format!("there is no segment {name}");
                Err(Diagnostic::error("unknownSegment", message, span)
                    .suggest(nearest.map(|nearest| format!("in segment {nearest}"))))
            }
        }
    }

    fn find(&self, entity: &str, attribute: &str) -> Found {
        match self.entities.get(entity) {
            None => Found::NoEntity,
            Some(Attributes::Unknown) => Found::Unknown,
            Some(Attributes::Known(all)) => match all.iter().find(|(name, _)| name == attribute) {
                None => Found::NoAttribute,
                Some((_, None)) => Found::Unknown,
                Some((name, Some(kind))) => {
                    Found::Attribute(Attribute { entity: entity.to_owned(), name: name.clone(), kind: *kind })
                }
            },
        }
    }

    fn attribute_names(&self, entity: &str) -> Vec<&str> {
        match self.entities.get(entity) {
            Some(Attributes::Known(all)) => all.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

enum Found {
    Attribute(Attribute),
    /// It may be there: the schema, or the kind, is not known.
    Unknown,
    NoAttribute,
    NoEntity,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// This attribute.
    Attribute(Attribute),
    /// Too little is known to tell.
    Unknown(Unknown),
}

/// An attribute that may exist: its entity was never read, or its kind is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The entity.
    pub entity: String,
    /// The attribute.
    pub attribute: String,
}

/// What a name without entity means: an attribute of `home`, else of Customer, else a customer attribute measure.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// All entities.
    pub catalog: &'a Catalog,
    /// Where names without entity are looked for first.
    pub home: &'a str,
}

impl Scope<'_> {
    /// The attribute that a name means.
    ///
    /// # Errors
    /// There is no such entity or attribute, or there are two.
    pub fn resolve(&self, entity: Option<&str>, name: &str, span: Span) -> Result<Resolved, Diagnostic> {
        match entity {
            Some(entity) => self.qualified(entity, name, span),
            None => self.unqualified(name, span),
        }
    }

    fn qualified(&self, entity: &str, name: &str, span: Span) -> Result<Resolved, Diagnostic> {
        if entity == CUSTOMER_MEASURE && self.catalog.is_inactive_measure(name) {
            return Err(inactive_measure(name, span));
        }
        match self.catalog.find(entity, name) {
            Found::Attribute(attribute) => Ok(Resolved::Attribute(attribute)),
            Found::Unknown => Ok(unknown(entity, name)),
            Found::NoEntity => {
                let nearest = did_you_mean(entity, self.catalog.names());
                let message = format!("there is no entity {entity}");
                Err(Diagnostic::error("unknownEntity", message, span)
                    .suggest(nearest.map(|nearest| written(Some(nearest), name))))
            }
            Found::NoAttribute => {
                let nearest = did_you_mean(name, self.catalog.attribute_names(entity));
                let message = format!("{entity} has no attribute {name}");
                Err(Diagnostic::error("unknownAttribute", message, span)
                    .suggest(nearest.map(|nearest| written(Some(entity), nearest))))
            }
        }
    }

    fn unqualified(&self, name: &str, span: Span) -> Result<Resolved, Diagnostic> {
        if self.home != CUSTOMER && self.home != CUSTOMER_MEASURE {
            match self.catalog.find(self.home, name) {
                Found::Attribute(attribute) => return Ok(Resolved::Attribute(attribute)),
                Found::Unknown => return Ok(unknown(self.home, name)),
                Found::NoAttribute | Found::NoEntity => {}
            }
        }
        let profile = self.catalog.find(CUSTOMER, name);
        let measure = self.catalog.find(CUSTOMER_MEASURE, name);
        match (profile, measure) {
            // Both entities have the key; it is the same.
            (Found::Attribute(attribute), _) if name == CUSTOMER_ID => Ok(Resolved::Attribute(attribute)),
            (Found::Attribute(_), Found::Attribute(_) | Found::Unknown) => {
                let message = format!("{name} is both an attribute of Customer and a measure; say which");
                Err(Diagnostic::error("ambiguousAttribute", message, span)
                    .suggest(Some(written(Some(CUSTOMER), name))))
            }
            (Found::Attribute(attribute), _) | (_, Found::Attribute(attribute)) => {
                Ok(Resolved::Attribute(attribute))
            }
            (_, Found::NoAttribute | Found::NoEntity) if self.catalog.is_inactive_measure(name) => {
                Err(inactive_measure(name, span))
            }
            // A measure of this name is the likelier meaning: the user gave it the name.
            (_, Found::Unknown) => Ok(unknown(CUSTOMER_MEASURE, name)),
            (Found::Unknown, _) => Ok(unknown(CUSTOMER, name)),
            _ => Err(self.no_attribute(name, span)),
        }
    }

    fn no_attribute(&self, name: &str, span: Span) -> Diagnostic {
        let homes = [self.home, CUSTOMER, CUSTOMER_MEASURE];
        let names = homes.iter().flat_map(|home| self.catalog.attribute_names(home));
        let nearest = did_you_mean(name, names).map(|nearest| written(None, nearest));
        let elsewhere = || {
            let owner =
                self.catalog.names().find(|entity| self.catalog.attribute_names(entity).contains(&name))?;
            Some(written(Some(owner), name))
        };
        let place = match self.home {
            CUSTOMER | CUSTOMER_MEASURE => "neither an attribute of Customer nor a measure".to_owned(),
            home => format!("no attribute of {home} or of Customer, and no measure"),
        };
        Diagnostic::error("unknownAttribute", format!("{name} is {place}"), span)
            .suggest(nearest.or_else(elsewhere))
    }
}

fn inactive_measure(name: &str, span: Span) -> Diagnostic {
    let message = format!("the measure {name} is not active; activate it to read it");
    Diagnostic::error("inactiveMeasure", message, span)
}

fn unknown(entity: &str, attribute: &str) -> Resolved {
    Resolved::Unknown(Unknown { entity: entity.to_owned(), attribute: attribute.to_owned() })
}

/// A path as a person writes it.
fn written(entity: Option<&str>, attribute: &str) -> String {
    let spanned = |text: &str| lang::rule::Spanned { value: text.to_owned(), span: Span::default() };
    lang::rule::Path { entity: entity.map(spanned), name: spanned(attribute) }.to_string()
}
