//! How a measure stands: its values, and for measures per customer how they spread.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::TableReference;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, cast, lit};
use lake::View;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Common, Result, Standing, StandingError, moment};
use crate::conditions::Kind;
use crate::definitions::uses::{ReferenceKind, measure_reads};
use crate::definitions::{Measure, MeasureKind, MeasureState, Target};
use crate::json_rows::{collected, column};
use crate::measures::exact_sum;
use crate::refresh::Operation;
use crate::refresh::history::{Point, Series};
use crate::relationships::CUSTOMER_MEASURE;

/// How a measure stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeasureStanding {
    /// What it has in common with segments.
    #[serde(flatten)]
    pub common: Common,
    /// What its rows stand for.
    #[serde(rename = "type")]
    pub kind: MeasureKind,
    /// Whether it is calculated.
    pub state: MeasureState,
    /// What is calculated.
    pub calculations: Vec<Formula>,
    /// Which rows count.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The dimensions.
    pub by: Vec<String>,
    /// The query that it is instead of calculations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// How many rows its entity has.
    pub rows: Option<u64>,
    /// The numbers of the last good refresh, of a business measure.
    pub values: Vec<MeasureValue>,
}

/// One calculation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Formula {
    /// The column's name.
    pub name: String,
    /// What is calculated.
    pub calculate: String,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeasureValue {
    /// The calculation.
    pub calculation: String,
    /// The dimension value, for a measure with dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// The number, rounded to a double; nothing when there is none.
    pub value: Option<f64>,
}

impl Standing {
    /// Every measure, in the order of the definitions.
    pub fn measures(&self) -> Vec<MeasureStanding> {
        self.definitions.measures.iter().map(|measure| self.of_measure(measure)).collect()
    }

    /// One measure.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn measure(&self, name: &str) -> Result<MeasureStanding> {
        let found = self.definitions.measure(name).map(|measure| self.of_measure(measure));
        found.ok_or_else(|| {
            let names = self.definitions.measures.iter().map(|measure| measure.name.as_str());
            let suggestion = lang::diagnose::did_you_mean(name, names).map(str::to_owned);
            StandingError::UnknownMeasure { name: name.to_owned(), suggestion }
        })
    }

    fn of_measure(&self, measure: &Measure) -> MeasureStanding {
        let id = match measure.kind {
            MeasureKind::CustomerAttribute => format!("{}:{CUSTOMER_MEASURE}", Operation::AttributeMeasures),
            _ => format!("{}:{}", Operation::EntityMeasures, measure.name),
        };
        let good = self.good.get(&id);
        let changed_at = moment(self.measures_changed.get(&measure.name));
        let formula = |it: &crate::definitions::MeasureCalculation| Formula {
            name: it.name.clone(),
            calculate: it.calculate.text().to_owned(),
        };
        let points = good.map(|good| good.points.as_slice()).unwrap_or_default();
        MeasureStanding {
            common: Common {
                name: measure.name.clone(),
                description: measure.description.clone(),
                tags: measure.tags.clone(),
                schedules: self.schedules(&Target::Measure(measure.name.clone())),
                changed_at,
                last_refreshed: good.and_then(|good| good.at),
                outdated: Self::is_outdated(changed_at, good),
                task: self.last_task(&id),
                reads: measure_reads(&self.definitions, measure),
                used_by: self.users(ReferenceKind::Measure, &measure.name),
                left_out: self.left_out(ReferenceKind::Measure, &measure.name),
            },
            kind: measure.kind,
            state: measure.state,
            calculations: measure.calculations.iter().map(formula).collect(),
            filter: measure.filter.as_ref().map(|filter| filter.text().to_owned()),
            by: measure.by.iter().map(ToString::to_string).collect(),
            sql: measure.sql.as_ref().map(|sql| sql.0.clone()),
            rows: good.and_then(|good| good.report.get("rows")).and_then(Value::as_u64),
            values: points.iter().filter_map(|point| value(point, &measure.name)).collect(),
        }
    }
}

fn value(point: &Point, measure: &str) -> Option<MeasureValue> {
    match &point.series {
        Series::Measure { name, calculation, dimension } if name == measure => {
            let (calculation, dimension) = (calculation.clone(), dimension.clone());
            Some(MeasureValue { calculation, dimension, value: point.value })
        }
        _ => None,
    }
}

/// The first rows of a measure with rows of its own, in the order of its dimensions: exact values, of any kind.
///
/// # Errors
/// It has no result yet, or the lake cannot be read.
pub async fn rows(view: &View, measure: &MeasureStanding, top: usize) -> Result<Vec<Map<String, Value>>> {
    let name = &measure.common.name;
    let schema = view.schema(name).ok_or_else(|| StandingError::NeverRefreshed { name: name.clone() })?;
    let is_calculated = |name: &str| measure.calculations.iter().any(|it| it.name == name);
    let keys = schema.fields().iter().map(|field| field.name()).filter(|name| !is_calculated(name));
    let order: Vec<_> = keys.map(|name| column(name).sort(true, false)).collect();
    let session = view.session()?;
    let mut rows = session.table(TableReference::bare(name.as_str())).await?;
    if !order.is_empty() {
        rows = rows.sort(order)?;
    }
    Ok(collected(rows.limit(0, Some(top))?).await?)
}

/// How the values of one calculation spread over the rows of a measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The calculation.
    pub calculation: String,
    /// How many rows there are.
    pub rows: u64,
    /// How many have a value.
    pub known: u64,
    /// The smallest value.
    pub min: Value,
    /// The greatest value.
    pub max: Value,
    /// The average of the values, of numbers.
    pub average: Option<f64>,
}

/// How the values of a measure per customer spread over its rows.
///
/// # Errors
/// It has no result yet, or the lake cannot be read.
pub async fn spread(view: &View, measure: &MeasureStanding) -> Result<Vec<Spread>> {
    let entity = match measure.kind {
        MeasureKind::CustomerAttribute => CUSTOMER_MEASURE,
        _ => measure.common.name.as_str(),
    };
    let missing = || StandingError::NeverRefreshed { name: measure.common.name.clone() };
    let schema = view.schema(entity).ok_or_else(missing)?;
    let session = view.session()?;
    let mut found = Vec::new();
    for calculation in measure.calculations.iter().map(|it| it.name.as_str()) {
        let kind = Kind::of(schema.field_with_name(calculation).map_err(|_| missing())?.data_type());
        let values = column(calculation);
        let mut wanted: Vec<Expr> =
            vec![count(lit(1i64)).alias("rows"), count(values.clone()).alias("known")];
        if kind != Kind::Bool {
            wanted.push(min(values.clone()).alias("min"));
            wanted.push(max(values.clone()).alias("max"));
        }
        if kind.is_number() {
            // Exact, so that it does not depend on the order in which rows come.
            wanted.push(exact_sum().call(vec![cast(values, DataType::Float64)]).alias("sum"));
        }
        let rows = session.table(TableReference::bare(entity)).await?.aggregate(Vec::new(), wanted)?;
        let row = collected(rows).await?.pop().unwrap_or_default();
        found.push(of_row(calculation, &row));
    }
    Ok(found)
}

fn of_row(calculation: &str, row: &Map<String, Value>) -> Spread {
    let count = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or(0);
    let value = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
    let known = count("known");
    let average = row.get("sum").and_then(Value::as_f64).filter(|_| known > 0).map(|sum| sum / known as f64);
    let (min, max) = (value("min"), value("max"));
    Spread { calculation: calculation.to_owned(), rows: count("rows"), known, min, max, average }
}
