//! Measures as columns of the customers, or as groups.

use super::home::Home;
use super::nodes::{Form, Nodes, Value, Why};
use super::values::{Calendar, Parts};
use super::{Column, Lowering, Table};
use crate::calculations::{Aggregate, Expression, Formula, Input, Term};
use crate::conditions::{Attribute, Kind};
use crate::definition::MeasureKind;
use crate::measures::{CheckedMeasure, Dimension};
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE};
use crate::scan::key_space;
use crate::scan::plan::{Function, Grouping, Id, Space, Total};
use lang::rule;

impl Lowering<'_> {
    /// A customer attribute: one value per customer.
    pub(super) fn customer_attribute(&mut self, measure: &CheckedMeasure) -> Result<(), Why> {
        let calculation = measure.calculations.first().ok_or("it calculates nothing")?;
        let mut aggregates = Vec::new();
        for aggregate in &measure.aggregates {
            aggregates.push(self.aggregate(aggregate)?);
        }
        let mut nodes = std::mem::take(&mut self.nodes);
        let leaf = |nodes: &mut Nodes, term: &Term| match term {
            Term::Aggregate(at) => {
                aggregates.get(*at).cloned().ok_or_else(|| "an aggregate is missing".to_owned())
            }
            Term::Measure(attribute) => self.measure_of(nodes, attribute),
        };
        let value = formula(&mut nodes, Space::Customers, &calculation.formula, &leaf)
            .and_then(|value| stored(&mut nodes, value, calculation.kind));
        self.nodes = nodes;
        let value = value?;
        self.columns.push(Column {
            name: measure.name.clone(),
            kind: calculation.kind,
            node: value.id,
            column: value.column,
        });
        self.attributes.insert(measure.name.clone(), value);
        Ok(())
    }

    fn measure_of(&self, _: &mut Nodes, attribute: &Attribute) -> Result<Value, Why> {
        let known = self.attributes.get(&attribute.name).filter(|_| attribute.entity == CUSTOMER_MEASURE);
        known.cloned().ok_or_else(|| format!("{} is not computed from the index", attribute.column()))
    }

    /// A business measure, or a customer measure with its own rows.
    pub(super) fn groups(&mut self, measure: &CheckedMeasure) -> Result<(), Why> {
        let home = Home::of_rows(self.index, &measure.tree)?;
        let per_customer = measure.kind != MeasureKind::Business;
        if per_customer && home.table != 0 && !home.needs_customer() {
            return Err("its rows have no way to their customer in the index".to_owned());
        }
        let mut when = home.joined(&mut self.nodes);
        if let Some(filter) = &measure.filter {
            when.push(self.truth(&home, filter)?);
        }
        let when = if when.is_empty() { None } else { Some(self.nodes.all(home.space(), when)) };
        let (mut keys, mut names) = (Vec::new(), Vec::new());
        for dimension in &measure.dimensions {
            let value = self.dimension(&home, dimension)?;
            let (base, most) = self.codes_of(&value)?;
            keys.push((value.id, most));
            names.push((dimension.name.clone(), dimension.kind(), base, value.column));
        }
        self.formulas = Some(Nodes::default());
        let made = self.totals(&home, measure, when);
        let formulas = self.formulas.take().unwrap_or_default();
        let (totals, columns) = made?;
        let ownerless = !per_customer && home.table != 0 && !home.needs_customer();
        let ids = columns.iter().map(|column| column.node).collect();
        let grouping = Grouping {
            space: home.space(),
            when,
            keys,
            totals,
            per_customer,
            ownerless,
            formulas: formulas.list,
            columns: ids,
        };
        key_space(&grouping).ok_or("its dimensions have too many values together")?;
        self.groupings.push(grouping);
        self.tables.push(Table { name: measure.name.clone(), per_customer, dimensions: names, columns });
        Ok(())
    }

    fn dimension(&mut self, home: &Home, dimension: &Dimension) -> Result<Value, Why> {
        let value = self.attribute(home, &dimension.attribute)?;
        match dimension.bucket {
            Some(part) => self.calendar(&value, Calendar::Bucket(part)),
            None => Ok(value),
        }
    }

    /// The base and the largest code of values that are codes.
    pub(super) fn codes_of(&self, value: &Value) -> Result<(i64, u64), Why> {
        if value.form != Form::Codes {
            return Err("a dimension is calculated".to_owned());
        }
        if let Some((table, column)) = value.column {
            let column = self.index.tables.get(table).and_then(|table| table.columns.get(column));
            let column = column.ok_or("a column is missing")?;
            return Ok((column.base, column.most));
        }
        let base = value.limits.0 - 1;
        let number = |it: i128| u64::try_from(it).map_err(|_| "a dimension is too wide".to_owned());
        Ok((i64::try_from(base).map_err(|_| "a dimension is too wide")?, number(value.limits.1 - base)?))
    }

    fn totals(
        &mut self,
        home: &Home,
        measure: &CheckedMeasure,
        group: Option<Id>,
    ) -> Result<(Vec<Total>, Vec<Column>), Why> {
        // Totals come first among the formulas' vectors, so all are made before any formula is.
        let mut read = Vec::new();
        for aggregate in &measure.aggregates {
            let rows = Home::of_rows(self.index, &aggregate.tree)?;
            if rows.table != home.table {
                return Err("its aggregates are over several entities".to_owned());
            }
            let aggregate = self.of_customers(&rows, aggregate);
            let parts = self.parts(&rows, &aggregate)?;
            read.push((aggregate, parts));
        }
        let mut totals: Vec<Total> = Vec::new();
        let rows = i128::try_from(self.index.tables.get(home.table).map_or(1, |table| table.rows.max(1)))
            .unwrap_or(i128::MAX);
        let mut wanted = Vec::new();
        for (aggregate, parts) in &read {
            for function in functions(aggregate) {
                let customers = is_customer(aggregate) && function == Function::Distinct;
                let argument = self.total_argument(parts, function);
                let total = Total {
                    function,
                    of: argument,
                    by: parts.by,
                    when: parts.when.filter(|it| Some(*it) != group),
                    customers,
                };
                if !totals.contains(&total) {
                    totals.push(total);
                    self.formulas.as_mut().map(Nodes::given);
                }
                wanted.push((total, totals.iter().position(|it| *it == total).unwrap_or(0)));
            }
        }
        let mut aggregates = Vec::new();
        for (aggregate, parts) in &read {
            let make = |_: &mut Nodes, function: Function, of: Option<Id>| {
                let found = wanted.iter().find(|(total, _)| {
                    total.function == function
                        && total.of == of
                        && total.by == parts.by
                        && total.when == parts.when.filter(|it| Some(*it) != group)
                });
                found.map_or(0, |(_, at)| *at)
            };
            let value = self.summary(aggregate, parts, rows, make)?;
            // What is kept of groups are whole numbers, not codes.
            let form = if value.form == Form::Codes { Form::Whole } else { value.form };
            aggregates.push(Value { form, ..value });
        }
        let mut formulas = self.formulas.take().unwrap_or_default();
        let columns = self.formula_columns(&mut formulas, measure, &aggregates);
        self.formulas = Some(formulas);
        Ok((totals, columns?))
    }

    /// An aggregate over different foreign keys to Customer is one over different customers.
    fn of_customers(&self, home: &Home, aggregate: &Aggregate) -> Aggregate {
        let mut aggregate = aggregate.clone();
        let owner = self.index.tables.get(home.table).map_or(&[][..], |table| table.owner.as_slice());
        let Some(Expression::Leaf(input)) = &mut aggregate.argument else { return aggregate };
        let key = format!("{} → {CUSTOMER}.", input.attribute.column());
        let is_key = matches!(owner, [edge] if edge.starts_with(&key));
        if aggregate.distinct && is_key && home.needs_customer() && input.plain().is_some() {
            let (entity, name) = (CUSTOMER.to_owned(), CUSTOMER_ID.to_owned());
            input.attribute = Attribute { entity, name, kind: Kind::Text };
        }
        aggregate
    }

    fn formula_columns(
        &self,
        formulas: &mut Nodes,
        measure: &CheckedMeasure,
        aggregates: &[Value],
    ) -> Result<Vec<Column>, Why> {
        let leaf = |_: &mut Nodes, term: &Term| match term {
            Term::Aggregate(at) => {
                aggregates.get(*at).cloned().ok_or_else(|| "an aggregate is missing".to_owned())
            }
            Term::Measure(attribute) => {
                Err(format!("{} is read inside of another measure", attribute.column()))
            }
        };
        let mut columns = Vec::new();
        for calculation in &measure.calculations {
            let value = formula(formulas, Space::Customers, &calculation.formula, &leaf)?;
            let value = stored(formulas, value, calculation.kind)?;
            columns.push(Column {
                name: calculation.name.clone(),
                kind: calculation.kind,
                node: value.id,
                column: value.column,
            });
        }
        Ok(columns)
    }

    /// What a total reads: doubles where they are added.
    fn total_argument(&mut self, parts: &Parts, function: Function) -> Option<Id> {
        let argument = parts.argument.as_ref()?;
        let adds = matches!(function, Function::Sum | Function::Median { .. });
        if adds && argument.kind == Kind::Double {
            return Some(self.nodes.doubles(argument).id);
        }
        Some(argument.id)
    }
}

/// The totals that an aggregate is made of.
fn functions(aggregate: &crate::calculations::Aggregate) -> Vec<Function> {
    let scale = match aggregate.argument.as_ref().and_then(crate::calculations::Scalar::result_kind) {
        Some(Kind::Decimal { scale, .. }) => scale,
        _ => 0,
    };
    match aggregate.function {
        rule::Function::Count if aggregate.distinct => vec![Function::Distinct],
        rule::Function::Count => vec![Function::Count],
        rule::Function::Sum => vec![Function::Sum],
        rule::Function::Avg => vec![Function::Sum, Function::Count],
        rule::Function::Min => vec![Function::Min],
        rule::Function::Max => vec![Function::Max],
        rule::Function::Median => vec![Function::Median { scale }],
        rule::Function::First | rule::Function::ArgMin => vec![Function::First],
        rule::Function::Last | rule::Function::ArgMax => vec![Function::Last],
    }
}

/// Whether an aggregate is about the customers themselves.
fn is_customer(aggregate: &crate::calculations::Aggregate) -> bool {
    let argument = aggregate.argument.as_ref().and_then(Expression::leaf);
    argument.and_then(Input::plain).is_some_and(|attribute| {
        attribute.name == CUSTOMER_ID && [CUSTOMER, CUSTOMER_MEASURE].contains(&attribute.entity.as_str())
    })
}

/// Arithmetic over what is known already.
fn formula(
    nodes: &mut Nodes,
    space: Space,
    written: &Formula,
    leaf: &impl Fn(&mut Nodes, &Term) -> Result<Value, Why>,
) -> Result<Value, Why> {
    match written {
        Expression::Leaf(term) => leaf(nodes, term),
        Expression::Number(number) => nodes.constant(space, *number),
        Expression::Negate(inner) => {
            let inner = formula(nodes, space, inner, leaf)?;
            let zero = nodes.constant(space, rule::Number::integer(0))?;
            nodes.arithmetic(&zero, rule::Operation::Subtract, &inner)
        }
        Expression::Binary { operation, left, right } => {
            let left = formula(nodes, space, left, leaf)?;
            let right = formula(nodes, space, right, leaf)?;
            nodes.arithmetic(&left, *operation, &right)
        }
    }
}

/// The value in the form of a kind.
fn stored(nodes: &mut Nodes, value: Value, kind: Kind) -> Result<Value, Why> {
    match (value.kind, kind) {
        (Kind::Integer | Kind::Decimal { .. }, Kind::Double) => Ok(nodes.doubles(&value)),
        (Kind::Integer | Kind::Decimal { .. }, Kind::Decimal { precision, scale }) => {
            let value = nodes.rescaled(&value, scale)?;
            let most = 10i128.checked_pow(u32::from(precision)).unwrap_or(i128::MAX);
            if value.limits.0 <= -most || value.limits.1 >= most {
                return Err("a result may have more digits than its type".to_owned());
            }
            Ok(Value { kind, ..value })
        }
        _ => Ok(value),
    }
}
