//! Who uses what: what a segment or measure reads, and who reads it.

use std::collections::{BTreeMap, BTreeSet};

use lang::rule::Path;
use serde::Serialize;
use serde_json::Value;

use super::check::{calculated_paths, paths_of};
use super::model::{
    AttributeRef, CUSTOMER, Definitions, Export, FlowFile, Measure, MeasureKind, SEGMENT_MEMBERSHIP, Segment,
    UNIFIED_ACTIVITY,
};
use crate::relationships::CUSTOMER_MEASURE;

/// Something that is used, or that uses something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: String,
}

/// What uses or is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReferenceKind {
    /// An entity of a source, of the unification or of activities.
    Entity,
    /// A measure.
    Measure,
    /// A segment.
    Segment,
    /// A threshold.
    Threshold,
    /// An export.
    Export,
    /// A flow.
    Flow,
}

impl ReferenceKind {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Measure => "measure",
            Self::Segment => "segment",
            Self::Threshold => "threshold",
            Self::Export => "export",
            Self::Flow => "flow",
        }
    }
}

impl Reference {
    fn new(kind: ReferenceKind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

/// What a segment reads.
pub fn segment_reads(definitions: &Definitions, segment: &Segment) -> BTreeSet<Reference> {
    let mut found = Found::in_definitions(definitions);
    segment.rules.iter().flat_map(|rule| paths_of(rule.where_.condition())).for_each(|path| found.path(path));
    segment.project.iter().for_each(|attribute| found.attribute(attribute));
    found.sql(segment.sql.as_ref().map(|sql| sql.0.as_str()));
    for asked in insight::segments::asks_for(segment) {
        found.add(ReferenceKind::Segment, asked);
    }
    found.add(ReferenceKind::Entity, CUSTOMER);
    found.all
}

/// What a measure reads.
pub fn measure_reads(definitions: &Definitions, measure: &Measure) -> BTreeSet<Reference> {
    let mut found = Found::in_definitions(definitions);
    let calculated = measure.calculations.iter().flat_map(|it| calculated_paths(it.calculate.calculation()));
    let filtered = measure.filter.iter().flat_map(|filter| paths_of(filter.condition()));
    calculated.chain(filtered).for_each(|path| found.path(path));
    measure.by.iter().for_each(|by| found.attribute(&by.attribute));
    found.sql(measure.sql.as_ref().map(|sql| sql.0.as_str()));
    let has_entity = found.all.iter().any(|it| it.kind == ReferenceKind::Entity);
    if measure.kind != MeasureKind::Business || !has_entity {
        found.add(ReferenceKind::Entity, CUSTOMER);
    }
    found.all.remove(&Reference::new(ReferenceKind::Measure, &measure.name));
    found.all
}

/// For every segment and measure that something uses: who does. Segments and measures that read it, thresholds that
/// watch it, exports that send it, flows whose texts name it.
pub fn used_by(definitions: &Definitions) -> BTreeMap<Reference, BTreeSet<Reference>> {
    let mut used: BTreeMap<Reference, BTreeSet<Reference>> = BTreeMap::new();
    let mut note = |what: Reference, user: &Reference| {
        if what.kind != ReferenceKind::Entity {
            used.entry(what).or_default().insert(user.clone());
        }
    };
    for segment in &definitions.segments {
        let user = Reference::new(ReferenceKind::Segment, &segment.name);
        segment_reads(definitions, segment).into_iter().for_each(|what| note(what, &user));
    }
    for measure in &definitions.measures {
        let user = Reference::new(ReferenceKind::Measure, &measure.name);
        measure_reads(definitions, measure).into_iter().for_each(|what| note(what, &user));
    }
    for threshold in &definitions.thresholds {
        let user = Reference::new(ReferenceKind::Threshold, &threshold.name);
        let segment = threshold.segment.iter().map(|name| Reference::new(ReferenceKind::Segment, name));
        let measure = threshold.measure.iter().map(|name| Reference::new(ReferenceKind::Measure, name));
        segment.chain(measure).for_each(|what| note(what, &user));
    }
    for export in &definitions.exports {
        let user = Reference::new(ReferenceKind::Export, &export.name);
        exported(definitions, export).into_iter().for_each(|what| note(what, &user));
    }
    for flow in &definitions.flows {
        let user = Reference::new(ReferenceKind::Flow, &flow.name);
        flow_names(definitions, flow).into_iter().for_each(|what| note(what, &user));
    }
    used
}

/// The segments and measures that an export sends, by themselves or inside the entities that all of them make.
fn exported(definitions: &Definitions, export: &Export) -> BTreeSet<Reference> {
    let mut found = Found::in_definitions(definitions);
    export.segments.iter().chain(&export.entities).for_each(|name| found.word(name));
    found.all
}

/// The segments and measures that the texts of a flow name, as whole words.
fn flow_names(definitions: &Definitions, flow: &FlowFile) -> BTreeSet<Reference> {
    let mut found = Found::in_definitions(definitions);
    let mut open: Vec<Value> = serde_json::from_str(&flow.document).into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => found.words(&text),
            Value::Array(items) => open.extend(items),
            Value::Object(entries) => open.extend(entries.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    found.all
}

/// Gathers what is read.
struct Found<'d> {
    definitions: &'d Definitions,
    unified: Vec<String>,
    all: BTreeSet<Reference>,
}

impl<'d> Found<'d> {
    fn in_definitions(definitions: &'d Definitions) -> Self {
        Self { definitions, unified: definitions.unified_entities(), all: BTreeSet::new() }
    }

    fn add(&mut self, kind: ReferenceKind, name: &str) {
        self.all.insert(Reference::new(kind, name));
    }

    fn path(&mut self, path: &Path) {
        self.named(path.entity.as_ref().map(|entity| entity.value.as_str()), &path.name.value);
    }

    fn attribute(&mut self, attribute: &AttributeRef) {
        self.named(attribute.entity.as_deref(), &attribute.attribute);
    }

    /// An attribute without an entity may be a measure, an entity whose rows are counted, or one of an entity that is
    /// named elsewhere.
    fn named(&mut self, entity: Option<&str>, name: &str) {
        match entity {
            None | Some(CUSTOMER | CUSTOMER_MEASURE) if self.definitions.measure(name).is_some() => {
                self.add(ReferenceKind::Measure, name);
            }
            None if self.is_entity(name) => self.add(ReferenceKind::Entity, name),
            None => {}
            Some(entity) if self.definitions.measure(entity).is_some() => {
                self.add(ReferenceKind::Measure, entity);
            }
            Some(entity) => self.add(ReferenceKind::Entity, entity),
        }
    }

    fn is_entity(&self, name: &str) -> bool {
        let is_unified = || self.unified.iter().any(|made| made == name);
        self.definitions.source_entity(name).is_some() || name == UNIFIED_ACTIVITY || is_unified()
    }

    /// The segments, measures and entities that a query names.
    fn sql(&mut self, sql: Option<&str>) {
        let Some(sql) = sql else { return };
        self.words(sql);
        let is_word = |name: &str| words(sql).any(|word| word.eq_ignore_ascii_case(name));
        let sources = self.definitions.source_entities().map(|(source, entity)| source.full_name(entity));
        let all = sources.chain(self.unified.iter().cloned()).chain([UNIFIED_ACTIVITY.to_owned()]);
        let named: Vec<String> = all.filter(|name| is_word(name)).collect();
        named.iter().for_each(|name| self.add(ReferenceKind::Entity, name));
    }

    /// The segments and measures whose names are words of a text.
    fn words(&mut self, text: &str) {
        words(text).for_each(|word| self.word(word));
    }

    /// The segments and measures of this name, which in SQL has no case. The entities that all segments, or all
    /// customer attributes, make together name each of them.
    fn word(&mut self, word: &str) {
        let definitions = self.definitions;
        let is = |name: &str| name.eq_ignore_ascii_case(word);
        for segment in &definitions.segments {
            if is(&segment.name) || is(SEGMENT_MEMBERSHIP) {
                self.add(ReferenceKind::Segment, &segment.name);
            }
        }
        for measure in &definitions.measures {
            let is_attribute = measure.kind == MeasureKind::CustomerAttribute;
            if is(&measure.name) || (is_attribute && is(CUSTOMER_MEASURE)) {
                self.add(ReferenceKind::Measure, &measure.name);
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::Project;

    const SHOP: &str = r#"
instance: shop
dataSources:
  - name: Shop
    kind: files
    path: .
    entities:
      - {name: People, file: people.csv, primaryKey: Id}
      - {name: Orders, file: orders.csv, primaryKey: Id}
relationships: [{from: Shop_Orders.Person, to: Shop_People.Id}]
unification: {match: {order: [Shop_People]}}
measures:
  - {name: Spend, type: customerAttribute, calculate: sum(Shop_Orders.Price)}
  - {name: Share, type: customerAttribute, calculate: sum(Shop_Orders.Price) / Revenue}
  - {name: Revenue, type: business, calculate: sum(Shop_Orders.Price), where: "Price > 0"}
  - {name: Alone, type: business, calculate: count(Shop_Orders)}
segments:
  - {name: Good, where: "Spend > 5"}
  - {name: Better, where: "in segment Good and Share > 0.1"}
thresholds: [{name: many, segment: Better, level: 5}]
exports:
  - {name: send, segments: [Better], entities: [Customer_Measure], to: {kind: folder, path: out}}
"#;

    fn shop() -> Definitions {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("weir.yaml"), SHOP).unwrap();
        Project::load(folder.path()).unwrap_or_else(|wrong| panic!("{wrong}")).into_definitions()
    }

    fn told(all: Option<&BTreeSet<Reference>>) -> Vec<String> {
        all.into_iter().flatten().map(|it| format!("{} {}", it.kind.as_str(), it.name)).collect()
    }

    #[test]
    fn what_is_read_is_found_in_rules_calculations_and_filters() {
        let shop = shop();
        let of_segment = |name| told(Some(&segment_reads(&shop, shop.segment(name).unwrap())));
        assert_eq!(of_segment("Good"), ["entity Customer", "measure Spend"]);
        assert_eq!(of_segment("Better"), ["entity Customer", "measure Share", "segment Good"]);
        let of_measure = |name| told(Some(&measure_reads(&shop, shop.measure(name).unwrap())));
        assert_eq!(of_measure("Revenue"), ["entity Shop_Orders"]);
        assert_eq!(of_measure("Share"), ["entity Customer", "entity Shop_Orders", "measure Revenue"]);
        assert_eq!(of_measure("Alone"), ["entity Shop_Orders"]);
    }

    #[test]
    fn users_are_segments_measures_thresholds_and_flows_that_name_it() {
        let mut shop = shop();
        let document = r#"{"triggers": {"When": {"inputs": {"segment": "Good"}}}, "about": "spending"}"#;
        shop.flows = vec![FlowFile { name: "tell".into(), document: document.into() }];
        let used = used_by(&shop);
        let of = |kind, name: &str| told(used.get(&Reference::new(kind, name)));
        assert_eq!(of(ReferenceKind::Segment, "Good"), ["segment Better", "flow tell"]);
        assert_eq!(of(ReferenceKind::Segment, "Better"), ["threshold many", "export send"]);
        assert_eq!(of(ReferenceKind::Measure, "Spend"), ["segment Good", "export send"]);
        assert_eq!(of(ReferenceKind::Measure, "Revenue"), ["measure Share"]);
        assert!(of(ReferenceKind::Measure, "Alone").is_empty());
    }

    #[test]
    fn a_query_uses_what_it_names_in_any_case() {
        let mut shop = shop();
        let sql = "SELECT CustomerId FROM Good JOIN shop_orders USING (Id) WHERE spend > 1";
        shop.segments[1].sql = Some(crate::definitions::SqlText(sql.to_owned()));
        shop.segments[1].rules.clear();
        assert_eq!(
            told(Some(&segment_reads(&shop, &shop.segments[1]))),
            ["entity Customer", "entity Shop_Orders", "measure Spend", "segment Good"]
        );
    }
}
