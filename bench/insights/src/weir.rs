//! The questions of the benchmark, answered by Weir's index.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::error::ArrowError;
use insight::compile::{MeasureColumn, Program, Results};
use insight::conditions::{Catalog, Now};
use insight::definition::{Measure, Segment};
use insight::index::{Builder, Index, NewRows};
use insight::measures::{self, CheckedMeasure};
use insight::relationships::{Edge, EdgeKind, Graph};
use insight::segments::{self, CheckedRule, CheckedSegment};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use serde::Deserialize;

use crate::shop::{CATEGORIES, TODAY};

/// The definitions that answer a question.
#[derive(Deserialize)]
pub(crate) struct Question {
    /// `q1` to `q8`.
    pub(crate) question: String,
    #[serde(default)]
    segments: Vec<Segment>,
    #[serde(default)]
    measures: Vec<Measure>,
}

/// All questions.
///
/// # Errors
/// A definition cannot be read.
pub(crate) fn questions() -> Result<Vec<Question>> {
    serde_json::from_str(include_str!("../definitions/questions.json")).context("questions.json")
}

/// A hundred segments that differ in their constants: spent more, bought in the last days, never of a category.
///
/// # Errors
/// A definition cannot be read.
pub(crate) fn hundred() -> Result<Question> {
    let mut segments = Vec::new();
    for at in 0..100 {
        let category = CATEGORIES.get(at % 12).copied().unwrap_or_default();
        segments.push(serde_json::from_value(serde_json::json!({"name": format!("S{at}"), "rules": [
            {"where": format!("sum(Orders.Price) > {}", 200 + 10 * at)},
            {"intersect": format!("Orders.OrderedOn within last {} days", 30 + 3 * (at % 40))},
            {"except": format!("Orders.Category = '{category}'")},
        ]}))?);
    }
    Ok(Question { question: "hundred".to_owned(), segments, measures: Vec::new() })
}

/// The shop as Weir knows it.
pub(crate) struct Shop {
    graph: Graph,
    catalog: Catalog,
    now: Now,
}

impl Shop {
    /// The relationships and attributes.
    ///
    /// # Errors
    /// The day does not exist.
    pub(crate) fn new() -> Result<Self> {
        let mut graph = Graph::default();
        let kind = EdgeKind::Key { from: "CustomerNo".into(), to: "CustomerNo".into() };
        graph.add(Edge { name: None, from: "Orders".into(), to: "Customer".into(), kind });
        let measures = "Customer_Measure".into();
        graph.add(Edge { name: None, from: "Customer".into(), to: measures, kind: EdgeKind::Measures });
        let mut catalog = Catalog::new();
        let field = |name: &str, kind| Field::new(name, kind, true);
        catalog.add_schema(
            "Customer",
            &Schema::new(vec![
                field("CustomerId", DataType::Utf8),
                field("CustomerNo", DataType::Int64),
                field("Tier", DataType::Utf8),
                field("State", DataType::Utf8),
                field("Age", DataType::Int32),
            ]),
        );
        catalog.add_schema(
            "Orders",
            &Schema::new(vec![
                field("CustomerNo", DataType::Int64),
                field("OrderedOn", DataType::Date32),
                field("Category", DataType::Utf8),
                field("Channel", DataType::Utf8),
                field("Price", DataType::Decimal128(10, 2)),
            ]),
        );
        let zone = jiff::tz::TimeZone::UTC;
        let now = Now::new(jiff::Timestamp::from_second(i64::from(TODAY) * 86_400 + 43_200)?, zone);
        Ok(Self { graph, catalog, now })
    }

    /// Builds the index of a folder's tables in another folder.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub(crate) fn index(&self, data: &Path, work: &Path, orders: &[&str]) -> Result<Index> {
        let mut builder = Builder::create(work, &self.graph)?;
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let customers = names(&["Tier", "State", "Age"]);
        builder.customers(&customers, batches(&data.join("customers.parquet"), &["OrderId"])?)?;
        let columns = names(&["OrderedOn", "Category", "Channel", "Price"]);
        let mut rows: Vec<Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>> = Vec::new();
        for file in orders {
            rows.push(Box::new(batches(&data.join(file), &["OrderId"])?));
        }
        builder.table("Orders", &columns, rows.into_iter().flatten())?;
        Ok(builder.finish()?)
    }

    /// The definitions of some questions, checked.
    ///
    /// # Errors
    /// One of them is wrong.
    pub(crate) fn check(
        &self,
        questions: &[&Question],
    ) -> Result<(Vec<CheckedSegment>, Vec<CheckedMeasure>)> {
        let (mut segments, mut measures) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for question in questions {
            let all: Vec<Measure> = question.measures.clone();
            let catalog = measures::known_measures(&self.graph, &self.catalog, &all);
            let catalog = segments::known_segments(&catalog, &question.segments);
            for segment in &question.segments {
                let outcome = segments::check_one(&self.graph, &catalog, segment);
                let Some(checked) = outcome.segment else {
                    bail!("{}: {:?}", segment.name, outcome.problems)
                };
                segments.push(checked.at(&self.now));
            }
            for measure in all.iter().filter(|measure| seen.insert(measure.name.clone())) {
                let outcome = measures::check_one(&self.graph, &catalog, measure);
                let Some(checked) = outcome.measure else {
                    bail!("{}: {:?}", measure.name, outcome.problems)
                };
                measures.push(checked.at(&self.now));
            }
        }
        Ok((segments, measures))
    }

    /// A condition as a rule.
    ///
    /// # Errors
    /// The condition is wrong.
    pub(crate) fn rule(&self, condition: &str) -> Result<CheckedRule> {
        let segment = serde_json::from_value(serde_json::json!({
            "name": "Asked", "rules": [{"where": condition}],
        }))?;
        let question = Question { question: String::new(), segments: vec![segment], measures: Vec::new() };
        let (segments, _) = self.check(&[&question])?;
        let rules = segments.into_iter().flat_map(|segment| segment.rules);
        rules.into_iter().next().context("no rule")
    }

    /// The program of some questions.
    ///
    /// # Errors
    /// A definition is wrong, or does not fit the index.
    pub(crate) fn program(&self, index: &Index, questions: &[&Question]) -> Result<Program> {
        let (segments, measures) = self.check(questions)?;
        let program = Program::compile(index, &segments, &measures);
        match program.unfit().first() {
            Some(unfit) => bail!("{}: {}", unfit.name, unfit.why),
            None => Ok(program),
        }
    }
}

/// The rows of a Parquet file without some columns; texts that repeat come as dictionaries.
fn batches(
    path: &Path,
    without: &[&str],
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + 'static> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default())?;
    let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let field = |field: &Arc<Field>| match (field.data_type(), field.name().as_str()) {
        (DataType::Utf8, name) if name != "CustomerId" => {
            Arc::new(field.as_ref().clone().with_data_type(coded.clone()))
        }
        _ => Arc::clone(field),
    };
    let schema = Schema::new(metadata.schema().fields().iter().map(field).collect::<Vec<_>>());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
    let columns = builder.schema().fields().iter().enumerate();
    let kept = columns.filter(|(_, field)| !without.contains(&field.name().as_str())).map(|(at, _)| at);
    let mask = ProjectionMask::roots(builder.parquet_schema(), kept.collect::<Vec<_>>());
    Ok(builder.with_projection(mask).with_batch_size(32_768).build()?)
}

/// The further orders with the places of their customers.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn new_orders(index: &Index, data: &Path) -> Result<NewRows> {
    let mut places = std::collections::HashMap::new();
    for batch in batches(&data.join("customers.parquet"), &["Tier", "State", "Age"])? {
        let batch = batch?;
        let ids = batch.column(0).as_string::<i32>();
        let numbers = batch.column(1).as_primitive::<Int64Type>();
        for (id, number) in ids.iter().zip(numbers.iter()) {
            let place =
                id.and_then(|id| index.customer_place(id)).and_then(|place| u32::try_from(place).ok());
            number.zip(place).map(|(number, place)| places.insert(number, place));
        }
    }
    let rows: Vec<RecordBatch> =
        batches(&data.join("more.parquet"), &["OrderId"])?.collect::<Result<_, _>>()?;
    let schema = rows.first().context("no rows")?.schema();
    let rows = concat_batches(&schema, &rows)?;
    let numbers = rows.column_by_name("CustomerNo").context("no CustomerNo")?.as_primitive::<Int64Type>();
    let customers =
        numbers.iter().map(|number| number.and_then(|number| places.get(&number).copied())).collect();
    Ok(NewRows { entity: "Orders".to_owned(), rows, customers })
}

/// The answer of a question, the same whole numbers as the peers'.
///
/// # Errors
/// A column is missing.
pub(crate) fn answer(question: &str, results: &Results) -> Result<Vec<i64>> {
    let segment =
        || results.segments.iter().map(|segment| segment.members.count() as i64).collect::<Vec<_>>();
    let attribute = |name: &str| {
        results.attributes.iter().find(|column| column.name == name).with_context(|| format!("no {name}"))
    };
    let total = |column: &MeasureColumn| (0..column.len()).filter_map(|at| column.number(at)).sum::<i64>();
    Ok(match question {
        "q2" => {
            let table = results.tables.first().context("no table")?;
            let [_, mean, number] = table.columns.as_slice() else { bail!("q2 has other columns") };
            let means =
                (0..mean.len()).filter_map(|at| mean.double(at)).map(|mean| (mean * 100.0).round() as i64);
            vec![mean.len() as i64, total(number), means.sum()]
        }
        "q3" => cells([attribute("Latest")?, attribute("Number")?, attribute("Spent")?]),
        "q5" => {
            let (spent, mean) = (attribute("Spent")?, attribute("Mean")?);
            let epoch = 18_262;
            let days = |column: &MeasureColumn| {
                (0..column.len()).filter_map(|at| column.number(at)).map(|day| day - epoch).sum()
            };
            let buyers = (0..spent.len()).filter(|at| spent.number(*at).is_some()).count() as i64;
            let means =
                (0..mean.len()).filter_map(|at| mean.double(at)).map(|mean| mean.floor() as i64).sum();
            let dearest = attribute("Dearest")?;
            let letters = (0..dearest.len()).filter_map(|at| dearest.number(at));
            let letters =
                letters.filter_map(|at| CATEGORIES.get(at as usize)).map(|name| name.len() as i64).sum();
            vec![
                buyers,
                total(attribute("Number")?),
                total(spent),
                means,
                days(attribute("Earliest")?),
                days(attribute("Latest")?),
                total(attribute("Categories")?),
                letters,
            ]
        }
        "q6" => {
            let table = results.tables.iter().find(|table| table.name == "Revenue").context("no table")?;
            let [_, _, _, buyers, revenue] = table.columns.as_slice() else { bail!("q6 has other columns") };
            vec![buyers.len() as i64, total(revenue), total(buyers)]
        }
        "q7" => {
            let (spent, latest) = (attribute("Spent")?, attribute("Latest")?);
            let top = spent.quantiles(&[0.8]).first().copied().flatten().unwrap_or(i64::MAX);
            let lapsed = |at: &usize| {
                spent.number(*at).is_some_and(|spent| spent >= top)
                    && latest.number(*at).is_some_and(|day| day < i64::from(TODAY) - 180)
            };
            vec![(0..spent.len()).filter(lapsed).count() as i64]
        }
        _ => segment(),
    })
}

/// Customers in cells of five by five by five, by the fifths of three columns; the number of cells, of customers, and
/// the sum of the numbers of their cells.
fn cells(columns: [&MeasureColumn; 3]) -> Vec<i64> {
    let edges = columns.map(|column| {
        let known = if column.name == "Number" {
            column.quantiles_above(0, &[0.2, 0.4, 0.6, 0.8])
        } else {
            column.quantiles(&[0.2, 0.4, 0.6, 0.8])
        };
        known.into_iter().flatten().collect::<Vec<i64>>()
    });
    let mut cells = [0i64; 125];
    for at in 0..columns[0].len() {
        let mut cell = 0;
        let mut known = true;
        for (column, edges) in columns.iter().zip(&edges) {
            let value = column.number(at);
            known &= value.is_some();
            cell = cell * 5
                + edges.iter().map(|edge| usize::from(value.is_some_and(|it| it >= *edge))).sum::<usize>();
        }
        if known {
            cells[cell] += 1;
        }
    }
    let digest = cells.iter().enumerate().map(|(at, count)| at as i64 * count).sum();
    vec![cells.iter().filter(|count| **count > 0).count() as i64, cells.iter().sum(), digest]
}
