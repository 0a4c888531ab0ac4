//! Mapped entities as one plan of the query engine.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::scalar::ScalarValue;
use insight::definition::Activity;

use super::error::ActivityError;
use super::rows::Rows;
use crate::conditions::{Attributes, Catalog, Kind, column_name};
use crate::definitions::Definitions;
use crate::relationships::{CUSTOMER_ID, Direction, Graph, JoinTree, Tables, joined_rows};
use insight::relationships::CUSTOMER;

/// Before the columns of [`UNIFIED_ACTIVITY`](insight::definition::UNIFIED_ACTIVITY): the parts of the row's key.
pub(super) const KEY: &str = "#key";

/// The rows of all activities, ordered by customer, time, name and key.
///
/// # Errors
/// An activity that does not fit the entities, or an entity that cannot be read.
pub async fn unified(
    session: &SessionContext,
    graph: &Graph,
    definitions: &Definitions,
) -> Result<Rows, ActivityError> {
    let catalog = crate::conditions::catalog(session).await?;
    let fields = fields(&definitions.activities, &catalog)?;
    let tables = Tables::new(session);
    let widest = |activity: &Activity| key_of(definitions, activity).len();
    let keys = definitions.activities.iter().map(widest).max().unwrap_or(1);
    let mut all: Option<DataFrame> = None;
    for activity in &definitions.activities {
        let one = one(&tables, graph, definitions, &catalog, activity, &fields, keys).await?;
        all = Some(match all {
            Some(before) => before.union(one)?,
            None => one,
        });
    }
    let Some(all) = all else { return Rows::none(fields) };
    let mut order = vec![column(CUSTOMER_ID), column("ActivityTime"), column("ActivityTypeDisplay")];
    order.extend((0..keys).map(|at| column(&key(at))));
    let sorted = all.sort(order.into_iter().map(|by| by.sort(true, true)).collect())?;
    Ok(Rows::new(sorted.execute_stream().await?, keys, fields))
}

/// The attributes that identify a row of the activity's entity.
fn key_of<'d>(definitions: &'d Definitions, activity: &Activity) -> &'d [String] {
    definitions.source_entity(&activity.entity).map_or(&[], |(_, entity)| entity.primary_key.as_slice())
}

fn kind_of(catalog: &Catalog, activity: &Activity, attribute: &str) -> Result<Kind, ActivityError> {
    let Some(Attributes::Known(known)) = catalog.entity(&activity.entity) else {
        let (activity, entity) = (activity.name.clone(), activity.entity.clone());
        return Err(ActivityError::UnknownEntity { activity, entity });
    };
    let kind = known.iter().find(|(name, _)| name == attribute).and_then(|(_, kind)| *kind);
    kind.ok_or_else(|| ActivityError::UnknownAttribute {
        activity: activity.name.clone(),
        entity: activity.entity.clone(),
        attribute: attribute.to_owned(),
    })
}

/// The fields of all activities with the one kind that holds all their values.
fn fields(activities: &[Activity], catalog: &Catalog) -> Result<BTreeMap<String, Kind>, ActivityError> {
    let mut fields: BTreeMap<String, Kind> = BTreeMap::new();
    for activity in activities {
        for (field, attribute) in &activity.fields {
            let kind = kind_of(catalog, activity, attribute)?;
            let both = fields.get(field).map_or(kind, |other| common(*other, kind));
            fields.insert(field.clone(), both);
        }
    }
    Ok(fields)
}

/// The kind that holds the values of both; text, where nothing else does.
fn common(one: Kind, other: Kind) -> Kind {
    let digits = |kind: Kind| match kind {
        Kind::Integer => Some((19, 0)),
        Kind::Decimal { precision, scale } => Some((precision, scale)),
        _ => None,
    };
    match (digits(one), digits(other)) {
        _ if one == other => one,
        (Some((precision, scale)), Some((precision2, scale2))) => {
            let scale = scale.max(scale2);
            let whole = (precision - scale.min(precision)).max(precision2 - scale2.min(precision2));
            match whole.saturating_add(scale) {
                precision if precision <= 38 => Kind::Decimal { precision, scale },
                _ => Kind::Double,
            }
        }
        _ if one.is_number() && other.is_number() => Kind::Double,
        _ => Kind::Text,
    }
}

async fn one(
    tables: &Tables<'_>,
    graph: &Graph,
    definitions: &Definitions,
    catalog: &Catalog,
    activity: &Activity,
    fields: &BTreeMap<String, Kind>,
    keys: usize,
) -> Result<DataFrame, ActivityError> {
    let when = kind_of(catalog, activity, &activity.timestamp)?;
    if !matches!(when, Kind::Date | Kind::Time { .. }) {
        return Err(ActivityError::NoTime {
            activity: activity.name.clone(),
            attribute: activity.timestamp.clone(),
            kind: when.to_string(),
        });
    }
    let own = key_of(definitions, activity);
    let mut tree = JoinTree::new(&activity.entity);
    let read: BTreeSet<&str> = activity.attributes().chain(own.iter().map(String::as_str)).collect();
    for attribute in read {
        kind_of(catalog, activity, attribute)?;
        tree.column(&activity.entity, attribute);
    }
    tree.reach(graph, CUSTOMER, Direction::Forward)
        .map_err(|error| ActivityError::Path { activity: activity.name.clone(), error })?;
    tree.column(CUSTOMER, CUSTOMER_ID);
    let rows = joined_rows(tables, &tree).await?;
    let of = |attribute: &str| column(&column_name(&activity.entity, attribute));
    let time = cast(of(&activity.timestamp), Kind::Time { instant: true }.data_type());
    let text = |attribute: &Option<String>| match attribute {
        Some(attribute) => cast(of(attribute), DataType::Utf8),
        None => lit(ScalarValue::Utf8(None)),
    };
    let mut columns: Vec<Expr> = (0..keys).map(|at| text(&own.get(at).cloned()).alias(key(at))).collect();
    columns.extend([
        cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8).alias(CUSTOMER_ID),
        time.clone().alias("ActivityTime"),
        lit(activity.activity_type.clone()).alias("ActivityType"),
        lit(activity.name.clone()).alias("ActivityTypeDisplay"),
        text(&activity.event).alias("Title"),
        text(&activity.detail).alias("Description"),
        text(&activity.url).alias("URL"),
        lit(activity.entity.clone()).alias("SourceEntityName"),
        lit(activity.show_in_timeline).alias("ShowInTimeline"),
    ]);
    for (field, kind) in fields {
        let value = match activity.fields.get(field) {
            Some(attribute) => cast(of(attribute), kind.data_type()),
            None => cast(lit(ScalarValue::Null), kind.data_type()),
        };
        columns.push(value.alias(field));
    }
    Ok(rows.filter(time.is_not_null())?.select(columns)?)
}

pub(super) fn key(at: usize) -> String {
    format!("{KEY}{at}")
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
