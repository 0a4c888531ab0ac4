//! Clusters: profiles that belong together, such as households, by the rules of deduplication over the profiles.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::Unification;
use super::filled::Filled;
use crate::custom::{Decisions, Forms};
use crate::deduplication::{self, Groups};
use crate::definition::CUSTOMER;
use crate::error::UnifyError;
use crate::features::Features;
use crate::ids::CustomerId;
use crate::input::{Input, Table};
use crate::names::CUSTOMER_ID;
use crate::plan::{ClusterPlan, Plan};
use crate::records::Records;
use crate::run::Run;
use crate::sets::Sets;
use crate::space::Space;

/// Adds a column for each cluster to the profiles, which stand in the order of their ids.
///
/// The id of a cluster is made from its name and the smallest `CustomerId` in it. Profiles that have not all values
/// of any rule belong to no cluster.
pub(super) fn add(unification: Unification<'_>, profiles: Table) -> Result<Table, UnifyError> {
    let plan = unification.plan;
    if plan.clusters.is_empty() {
        return Ok(profiles);
    }
    let input = Input {
        data_source: String::new(),
        entity: CUSTOMER.to_owned(),
        primary_key: vec![CUSTOMER_ID.to_owned()],
        schema: profiles.schema.clone(),
        batches: profiles.batches,
    };
    let mut fields: Vec<Field> = input.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = Vec::with_capacity(plan.clusters.len());
    for cluster in &plan.clusters {
        fields.push(Field::new(&cluster.name, DataType::Utf8, true));
        columns.push(ids(unification, cluster, &input)?);
    }
    let schema = Arc::new(Schema::new(fields));
    let mut batches = Vec::with_capacity(input.batches.len());
    let mut start = 0;
    for batch in input.batches {
        let rows = batch.num_rows();
        let added = columns.iter().map(|column| column.slice(start, rows));
        let arrays = batch.columns().iter().cloned().chain(added).collect();
        batches.push(RecordBatch::try_new(schema.clone(), arrays)?);
        start += rows;
    }
    Ok(Table { schema, batches })
}

/// The cluster's id of every profile.
fn ids(
    unification: Unification<'_>,
    cluster: &ClusterPlan,
    profiles: &Input,
) -> Result<ArrayRef, UnifyError> {
    let options = unification.options;
    let mut problems = Vec::new();
    let plan = cluster.over(&profiles.schema, &options.limits, &mut problems);
    if !problems.is_empty() {
        return Err(UnifyError::Invalid(problems));
    }
    let Some(entity) = plan.entities.first() else { return Err(UnifyError::Invalid(problems)) };
    let records = [Records::read(profiles, entity, &options.limits)?];
    let groups = groups(unification, &plan, &records)?;
    let [records] = &records;
    let belongs = belongs(&plan, records)?;
    let mut ids: Vec<Option<CustomerId>> = vec![None; groups.len(0)];
    let of_record = |record: u32| {
        if !belongs(record) {
            return None;
        }
        let group = groups.of(0, record)?;
        let place = ids.get_mut(group as usize)?;
        // Members stand in the order of their ids.
        let smallest = groups.members(0, group).first().copied().unwrap_or(record);
        let id = place.get_or_insert_with(|| CustomerId::of_cluster(&cluster.name, records.key(smallest)));
        Some(id.text())
    };
    let made: StringArray = (0..records.len() as u32).map(of_record).collect();
    Ok(Arc::new(made))
}

/// The groups that the rules make of the profiles.
fn groups(unification: Unification<'_>, plan: &Plan, records: &[Records]) -> Result<Groups, UnifyError> {
    let Unification { custom, inputs, options, cancel, .. } = unification;
    let rules = || plan.deduplication.iter().filter(|rule| rule.active);
    let forms = Forms::new(rules(), custom, inputs);
    let features = Features::read(rules(), records, &forms, options.threads)?;
    let (space, decisions) = (Space::new(records), Decisions::default());
    let mut sets = Sets::new(space.len(), &decisions);
    let run = Run { plan, records, features: &features, space: &space, options, cancel };
    deduplication::run(run, &decisions, &mut sets, &|_| {})
}

/// Whether a profile has all values of any rule.
fn belongs<'a>(plan: &Plan, records: &'a Records) -> Result<impl Fn(u32) -> bool + 'a, UnifyError> {
    let rules = plan.deduplication.iter().filter(|rule| rule.active);
    let columns = rules.map(|rule| {
        let conditions = rule.comparisons.iter().take(rule.conditions);
        conditions.map(|it| Filled::new(records, it.right)).collect::<Result<Vec<_>, _>>()
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(move |record| columns.iter().any(|rule| rule.iter().all(|column| column.record(records, record))))
}
