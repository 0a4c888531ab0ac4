//! Cases of measures and segments: each folder of `testdata/insight/` has definitions, one CSV per entity, and the
//! snapshot of everything that comes out. `before/` has the entities of the snapshot before, if there is one.

use super::*;
use crate::conditions::naive::{self, Frame, Row, World, any_condition, any_world};
use crate::conditions::{Now, sample};
use crate::definitions::{Definitions, Project, RuleText, Segment, SegmentRule, SetOperator};
use crate::insights::Engine;
use crate::relationships::{Graph, Tables};
use crate::{measures, segments};
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use lake::{Lake, SessionOptions, View};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/insight");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|case| case.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    cases
}

#[tokio::test]
async fn every_case_comes_out_as_its_snapshot_says() {
    let mut count = 0;
    for case in cases() {
        let project = Project::load_unchecked(&case);
        let place = Place::Memory(sample::session(&case));
        let queried = report(place, &case, project.definitions(), Engine::Query).await;
        let place = Place::Memory(sample::session(&case));
        let report = report(place, &case, project.definitions(), Engine::Index).await;
        assert_eq!(report, queried, "{}: both engines say the same", case.display());
        insta::with_settings!({ snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("result", report);
        });
        count += 1;
    }
    assert!(count >= 4, "there are cases");
}

/// Where a case's entities are.
enum Place {
    /// Tables in memory, in several parts.
    Memory(SessionContext),
    /// Parquet files of a lake, read by several threads.
    Lake { lake: Lake, view: View },
}

impl Place {
    async fn lake(case: &Path, folder: &Path) -> Self {
        let clock = Arc::new(store::SystemClock);
        let store = store::Store::open_file(&folder.join("weir.db"), clock).await.unwrap();
        let lake = Lake::open(store, &folder.join("lake")).await.unwrap();
        let view = lake.view_latest().await.unwrap();
        let mut place = Self::Lake { lake, view };
        for (entity, rows) in sample::entities(case) {
            place.add(&entity, &rows).await;
        }
        place
    }

    async fn add(&mut self, entity: &str, rows: &RecordBatch) {
        match self {
            Self::Memory(session) => sample::register(session, entity, rows),
            Self::Lake { lake, view } => {
                let mut stager = lake.stage(entity, rows.schema()).await.unwrap();
                stager.write(rows).await.unwrap();
                *view = view.with_staged(entity, &stager.finish().await.unwrap());
            }
        }
    }

    fn session(&self) -> SessionContext {
        match self {
            Self::Memory(session) => session.clone(),
            Self::Lake { view, .. } => view
                .session_with(&SessionOptions { target_partitions: 3, ..SessionOptions::default() })
                .unwrap(),
        }
    }
}

#[tokio::test]
async fn every_case_comes_out_the_same_from_a_lake() {
    for case in cases() {
        let project = Project::load_unchecked(&case);
        let folder = tempfile::tempdir().unwrap();
        let lake = Place::lake(&case, folder.path()).await;
        let from_lake = report(lake, &case, project.definitions(), Engine::Index).await;
        let from_memory =
            report(Place::Memory(sample::session(&case)), &case, project.definitions(), Engine::Query).await;
        assert_eq!(from_lake, from_memory, "{}", case.display());
    }
}

async fn report(mut place: Place, case: &Path, definitions: &Definitions, engine: Engine) -> String {
    let before = case.join("before").exists().then(|| sample::session(&case.join("before")));
    let graph = crate::relationships::graph(definitions);
    let mut out = String::new();
    let now = now();
    let task = measures::Task {
        graph: &graph,
        measures: &definitions.measures,
        now: &now,
        measures_are_current: true,
        engine,
        index: None,
    };
    let results = measures::evaluate(&place.session(), task, |_| true).await.unwrap();
    for entity in &results.entities {
        writeln!(out, "measure entity {}", entity.name).unwrap();
        writeln!(out, "{}", pretty_format_batches(std::slice::from_ref(&entity.rows)).unwrap()).unwrap();
        if entity.name == crate::relationships::CUSTOMER_MEASURE {
            place.add(&entity.name, &entity.rows).await;
        }
    }
    for value in &results.values {
        let dimension = value.dimension.as_deref().map(|text| format!(" [{text}]")).unwrap_or_default();
        writeln!(out, "value {}.{}{dimension} = {:?}", value.measure, value.calculation, value.value)
            .unwrap();
    }
    for failure in &results.failed {
        writeln!(out, "failed {}: {}: {}", failure.measure, failure.error.code(), failure.error).unwrap();
    }
    write!(out, "{}", segment_report(&place.session(), &graph, definitions, before.as_ref(), engine).await)
        .unwrap();
    out
}

fn now() -> Now {
    Now::new(naive::NOW.parse().unwrap(), jiff::tz::TimeZone::UTC)
}

async fn evaluated(session: &SessionContext, segments: &[Segment], engine: Engine) -> SegmentResults {
    let (graph, now) = (naive::graph(), now());
    let task = segments::Task {
        graph: &graph,
        measures: &[],
        segments,
        now: &now,
        measures_are_current: true,
        engine,
        index: None,
        before: None,
    };
    segments::evaluate(session, task, |_| true).await.unwrap()
}

async fn segment_report(
    session: &SessionContext,
    graph: &Graph,
    definitions: &Definitions,
    before: Option<&SessionContext>,
    engine: Engine,
) -> String {
    let (measures, defined) = (&definitions.measures, &definitions.segments);
    let now = now();
    let task = segments::Task {
        graph,
        measures,
        segments: defined,
        now: &now,
        measures_are_current: true,
        engine,
        index: None,
        before,
    };
    let results = segments::evaluate(session, task, |_| true).await.unwrap();
    let mut out = String::new();
    for segment in &results.segments {
        let ids: Vec<&str> = segment.members.ids().collect();
        write!(out, "segment {}: {} [{}]", segment.name, segment.size, ids.join(" ")).unwrap();
        for rule in &segment.rules {
            write!(out, " {:?} {} → {}", rule.set, rule.own, rule.total).unwrap();
        }
        if let (Some(entered), Some(left)) = (segment.entered, segment.left) {
            write!(out, " entered {entered} left {left}").unwrap();
        }
        writeln!(out).unwrap();
        let rows: Vec<_> = member_rows(session, &segment.members, &segment.project)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let count: usize = rows.iter().map(|batch| batch.num_rows()).sum();
        if segment.project.is_empty() {
            assert_eq!(count as u64, segment.size, "the entity has a row per member");
        } else {
            writeln!(out, "{}", pretty_format_batches(&rows).unwrap()).unwrap();
        }
    }
    for name in &results.skipped {
        writeln!(out, "skipped {name}").unwrap();
    }
    for failure in &results.failed {
        writeln!(out, "failed {}: {}: {}", failure.segment, failure.error.code(), failure.error).unwrap();
    }
    let catalog = crate::conditions::catalog(session).await.unwrap();
    for problems in measures::check(graph, &catalog, measures) {
        writeln!(out, "check {}: {} problem(s)", problems.measure, problems.problems.len()).unwrap();
    }
    for problems in segments::check(graph, &catalog, measures, defined) {
        writeln!(out, "check {}: {} problem(s)", problems.segment, problems.problems.len()).unwrap();
    }
    out
}

const PROFILE: &[(&str, &str)] = &[
    ("Age", "int"),
    ("Town", "text"),
    ("Money", "decimal"),
    ("Customer.Score", "double"),
    ("Flag", "bool"),
    ("Day", "date"),
    ("Seen", "time"),
];

const RELATED: &[(&str, &str)] = &[
    ("Town", "text"),
    ("S_People.Town", "text"),
    ("S_Visits.Minutes", "int"),
    ("S_Visits.Paid", "decimal"),
    ("S_Shops.Kind", "text"),
];

const PARTS: &[(&str, &str)] = &[
    ("year(Day)", "part"),
    ("quarter(Seen)", "part"),
    ("month(Day)", "part"),
    ("day(Day)", "part"),
    ("weekday(Seen)", "part"),
    ("hour(Seen)", "part"),
];

const AGGREGATES: &[(&str, &str)] = &[
    ("count(S_Visits)", "count"),
    ("count(S_Visits where S_Shops.Kind = 'kiosk')", "count"),
    ("countDistinct(S_Visits.Shop where Paid > 1.5)", "count"),
    ("sum(S_Visits.Minutes)", "int"),
    ("sum(S_Visits.Minutes * S_Visits.Paid - 1)", "decimal"),
    ("avg(S_Visits.Paid)", "double"),
    ("median(S_Visits.Minutes where Customer.Seen within last 1 day)", "double"),
    ("max(S_Visits.Paid)", "decimal"),
    ("sum(S_Visits.Paid / S_Visits.Minutes)", "double"),
    ("last(S_Shops.Kind by S_Visits.Minutes)", "text"),
    ("argMin(S_Visits.Paid by S_Visits.Minutes)", "decimal"),
    ("sum(S_Visits.Minutes % 2)", "int"),
    ("Town", "text"),
];

fn expected_members(
    world: &World,
    rules: &[SegmentRule],
    known: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let frame = Frame { world, segments: known };
    let mut members = BTreeSet::new();
    for rule in rules {
        let condition = rule.where_.condition();
        let rows = world.joined("Customer", &naive::entities(condition));
        let takes = |row: &&Row| naive::holds(condition, row, "Customer", &frame) == Some(true);
        let own: BTreeSet<String> =
            rows.iter().filter(takes).map(|row| row["Customer.CustomerId"].clone()).collect();
        members = match rule.set {
            SetOperator::First | SetOperator::Union => &members | &own,
            SetOperator::Intersect => &members & &own,
            SetOperator::Except => &members - &own,
        };
    }
    members
}

/// Any condition of one rule.
fn any_rule() -> impl Strategy<Value = String> {
    prop_oneof![
        any_condition(PROFILE),
        any_condition(RELATED),
        any_condition(PARTS),
        any_condition(AGGREGATES),
    ]
}

/// A condition that asks for another segment, in one of several ways.
fn asking() -> impl Strategy<Value = String> {
    let forms = &["in segment Other", "not in segment Other", "(in segment Other or Age > 2)"][..];
    (proptest::sample::select(forms), any_rule()).prop_map(|(asked, text)| format!("{asked} and ({text})"))
}

fn segment(name: &str, rules: impl Iterator<Item = (SetOperator, String)>) -> Segment {
    let rule = |(set, text)| SegmentRule { set, where_: RuleText::parse(text).unwrap(), via: Vec::new() };
    Segment::new(name, rules.map(rule).collect())
}

/// The explanation of a customer says what the segment says.
async fn explained_alike(
    session: &SessionContext,
    all: &[Segment],
    known: &BTreeMap<String, BTreeSet<String>>,
    members: &BTreeSet<String>,
) {
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values(&known["Other"]));
    sample::register(session, "Other", &RecordBatch::try_from_iter([("CustomerId", ids)]).unwrap());
    let (graph, now) = (naive::graph(), now());
    let task = segments::Task::over_snapshot(&graph, &[], all, &now);
    let result = all.iter().find(|segment| segment.name == "Result").unwrap();
    // Two of them, one of each kind where there are: more would take long.
    let customers = Tables::new(session).table("Customer").await.unwrap();
    let customers = customers.select_columns(&["CustomerId"]).unwrap().collect().await.unwrap();
    let ids = customers.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten());
    let (inside, outside): (Vec<&str>, Vec<&str>) = ids.partition(|id| members.contains(*id));
    for id in inside.first().into_iter().chain(outside.first()) {
        let explanation = segments::explain(session, task, result, id).await.unwrap();
        assert_eq!(explanation.holds, members.contains(*id), "{explanation:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_segment_is_what_nested_loops_say(
        world in any_world(),
        other in any_rule(),
        first in prop_oneof![2 => any_rule(), 1 => asking()],
        others in proptest::collection::vec((
            proptest::sample::select(vec![SetOperator::Union, SetOperator::Intersect, SetOperator::Except]),
            prop_oneof![2 => any_rule(), 1 => asking()],
        ), 0..3),
    ) {
        let result = segment("Result", std::iter::once((SetOperator::First, first)).chain(others));
        let other = segment("Other", std::iter::once((SetOperator::First, other)));
        let mut known = BTreeMap::new();
        known.insert("Other".to_owned(), expected_members(&world, &other.rules, &known));
        let all = [result, other];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let session = world.session();
        let expected = expected_members(&world, &all[0].rules, &known);
        for engine in [Engine::Index, Engine::Query] {
            let results = runtime.block_on(evaluated(&session, &all, engine));
            prop_assert!(results.failed.is_empty(), "{:?}", results.failed);
            let found: BTreeSet<String> = results.segments[0].members.ids().map(str::to_owned).collect();
            let texts = all.each_ref().map(|it| it.rules.iter().map(|rule| rule.where_.text().to_owned()).collect::<Vec<_>>());
            prop_assert_eq!(&found, &expected, "{:?} {:?}", engine, texts);
        }
        runtime.block_on(explained_alike(&session, &all, &known, &expected));
    }
}

#[tokio::test]
async fn the_largest_condition_that_is_read_can_be_run() {
    use lang::rule::{MAX_DEPTH, MAX_TESTS, MAX_VALUES};
    let session = sample::session(&cases()[0]);
    // `not` and its parenthesis are a level each.
    let levels = MAX_DEPTH / 2 - 2;
    let nested = format!("{}Name = 'Ann'{}", "not (".repeat(levels), ")".repeat(levels));
    let many = vec!["Name != 'x'"; MAX_TESTS].join(" and ");
    let long = format!("Name in ({})", vec!["'Ann'"; MAX_VALUES].join(","));
    for text in [nested, many, long] {
        let large = segment("Large", std::iter::once((SetOperator::First, text)));
        for engine in [Engine::Index, Engine::Query] {
            let results = evaluated(&session, std::slice::from_ref(&large), engine).await;
            assert!(results.failed.is_empty(), "{:?}", results.failed);
            assert!(results.segments[0].size > 0);
        }
    }
}
