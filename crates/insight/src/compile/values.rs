//! Attributes, parts of dates, scalars and aggregates as vectors.

use super::Lowering;
use super::home::Home;
use super::nodes::{Form, Nodes, Value, Why, checked_limits};
use crate::calculations::{Aggregate, Expression, Input, Scalar, Taken, date_of, part_of_day};
use crate::conditions::{self, Attribute, Kind};
use crate::index::{beside, double_key, key_double};
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE};
use crate::scan::plan::{Function, Id, Node, Translation};
use jiff::civil::{self, Date};
use lang::rule::{self, DatePart};
use std::sync::Arc;

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Most days or hours between the first and the last moment of an attribute whose parts are asked for.
const MAX_SPAN: i128 = 4_000_000;

/// What a date or time becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    /// A part of it, a whole number.
    Part(DatePart),
    /// The first day of the period that it is in.
    Bucket(DatePart),
}

/// An aggregate's function, what it reads, and which rows count.
pub(super) struct Parts {
    pub(super) argument: Option<Value>,
    pub(super) by: Option<Id>,
    pub(super) when: Option<Id>,
}

impl Lowering<'_> {
    /// An attribute of a home's rows.
    pub(super) fn attribute(&mut self, home: &Home, attribute: &Attribute) -> Result<Value, Why> {
        let reach = home.reach(&attribute.entity)?.clone();
        if reach.measures {
            if attribute.name == CUSTOMER_ID {
                let id = Attribute { entity: CUSTOMER.to_owned(), ..attribute.clone() };
                return self.column(home, home.table != 0, &[], 0, &id);
            }
            let Some(measure) = self.attributes.get(&attribute.name).cloned() else {
                // Not computed here: the last result may stand beside the customers.
                let name = beside(CUSTOMER_MEASURE, &attribute.name);
                let kept = Attribute { entity: CUSTOMER.to_owned(), name, ..attribute.clone() };
                return self
                    .column(home, home.table != 0, &[], 0, &kept)
                    .map_err(|_| format!("{} is not computed from the index", attribute.name));
            };
            return Ok(Value { id: home.of_customer(&mut self.nodes, measure.id), ..measure });
        }
        self.column(home, reach.by_customer, &reach.links, reach.table, attribute)
    }

    fn column(
        &mut self,
        home: &Home,
        by_customer: bool,
        links: &[(usize, usize)],
        table: usize,
        attribute: &Attribute,
    ) -> Result<Value, Why> {
        let missing = || format!("{} is not in the index", attribute.column());
        let columns = self.index.tables.get(table).map(|table| &table.columns).ok_or_else(missing)?;
        let at = columns.iter().position(|column| column.name == attribute.name).ok_or_else(missing)?;
        let column = columns.get(at).ok_or_else(missing)?;
        if column.kind != attribute.kind {
            return Err(format!("{} is a {} in the index", attribute.column(), column.kind));
        }
        if !column.is_whole() {
            return Err(format!("{} is damaged in the index", attribute.column()));
        }
        let (low, high) = column.limits().unwrap_or((0, 0));
        let limits = match column.kind {
            Kind::Double => {
                let most = key_double(low).abs().max(key_double(high).abs());
                (0, if most.is_finite() { most as i128 } else { i128::MAX })
            }
            _ => (i128::from(low), i128::from(high)),
        };
        let start = if by_customer { 0 } else { home.table };
        let mut id = self.nodes.add(Node::Column { home: start, links: links.to_vec(), column: at });
        if by_customer {
            id = home.of_customer(&mut self.nodes, id);
        }
        Ok(Value { id, kind: column.kind, form: Form::Codes, limits, column: Some((table, at)) })
    }

    /// What a test reads.
    pub(super) fn operand(&mut self, home: &Home, operand: &conditions::Operand) -> Result<Value, Why> {
        match operand {
            conditions::Operand::Attribute(attribute) => self.attribute(home, attribute),
            conditions::Operand::Part { part, attribute } => {
                let value = self.attribute(home, attribute)?;
                self.calendar(&value, Calendar::Part(*part))
            }
            conditions::Operand::Aggregate(aggregate) => {
                let value = self.aggregate(aggregate)?;
                Ok(Value { id: home.of_customer(&mut self.nodes, value.id), ..value })
            }
        }
    }

    /// A part of a date or time, or the first day of its period.
    pub(super) fn calendar(&mut self, value: &Value, calendar: Calendar) -> Result<Value, Why> {
        let hours = calendar == Calendar::Part(DatePart::Hour);
        let divisor = match (value.kind, hours) {
            (Kind::Date, false) => 1,
            (Kind::Time { .. }, false) => MICROS_PER_DAY,
            (Kind::Time { .. }, true) => MICROS_PER_HOUR,
            _ => return Err("it has no such part".to_owned()),
        };
        let first = value.limits.0.div_euclid(i128::from(divisor));
        let last = value.limits.1.div_euclid(i128::from(divisor));
        if last - first > MAX_SPAN {
            return Err("its dates are too far apart to be taken to pieces".to_owned());
        }
        let first = i64::try_from(first).map_err(|_| "a date is out of range")?;
        let parts: Vec<i64> = (first..=last as i64)
            .map(|at| part_of(at, calendar))
            .collect::<Option<_>>()
            .ok_or("a date is out of range")?;
        let (low, high) =
            (parts.iter().min().copied().unwrap_or(0), parts.iter().max().copied().unwrap_or(0));
        let base = low - 1;
        let code =
            |part: &i64| u16::try_from(part - base).map_err(|_| "its dates are too far apart".to_owned());
        let codes = parts.iter().map(code).collect::<Result<_, _>>()?;
        let to = Arc::new(Translation { divisor, first, codes, base });
        let id = self.nodes.add(Node::Translated { of: value.id, to });
        let kind = if matches!(calendar, Calendar::Bucket(_)) { Kind::Date } else { Kind::Integer };
        let limits = (i128::from(low), i128::from(high));
        Ok(Value { id, kind, form: Form::Codes, limits, column: None })
    }

    /// Arithmetic over the attributes of one row.
    fn scalar(&mut self, home: &Home, scalar: &Scalar) -> Result<Value, Why> {
        match scalar {
            Expression::Leaf(input) => self.input(home, input),
            Expression::Number(number) => self.nodes.constant(home.space(), *number),
            Expression::Negate(inner) => {
                let inner = self.scalar(home, inner)?;
                let zero = self.nodes.constant(home.space(), rule::Number::integer(0))?;
                self.nodes.arithmetic(&zero, rule::Operation::Subtract, &inner)
            }
            Expression::Binary { operation, left, right } => {
                let (left, right) = (self.scalar(home, left)?, self.scalar(home, right)?);
                self.nodes.arithmetic(&left, *operation, &right)
            }
        }
    }

    /// The days from a date until today.
    fn days_until(&mut self, home: &Home, value: &Value, today: Option<i32>) -> Result<Value, Why> {
        let today = today.ok_or("today is not known")?;
        let today = self.nodes.constant(home.space(), rule::Number::integer(i64::from(today)))?;
        let day = self.calendar(value, Calendar::Bucket(DatePart::Day))?;
        let day = Value { kind: Kind::Integer, ..day };
        self.nodes.arithmetic(&today, rule::Operation::Subtract, &day)
    }

    fn input(&mut self, home: &Home, input: &Input) -> Result<Value, Why> {
        let value = self.attribute(home, &input.attribute)?;
        match input.taken {
            Taken::Value => {}
            Taken::Part(part) => return self.calendar(&value, Calendar::Part(part)),
            Taken::DaysUntil(today) => return self.days_until(home, &value, today),
        }
        let Some(replacement) = &input.replacement else { return Ok(value) };
        let number = |value: &conditions::Value| match value {
            conditions::Value::Integer(number) => Ok(*number),
            conditions::Value::Decimal(digits) => {
                i64::try_from(*digits).map_err(|_| "a number is too large".to_owned())
            }
            conditions::Value::Double(double) => Ok(double_key(double + 0.0)),
            _ => Err("only numbers are replaced in the index".to_owned()),
        };
        let missing = replacement.missing.as_ref().map(number).transpose()?;
        let pair = |(from, to): &(conditions::Value, conditions::Value)| Ok((number(from)?, number(to)?));
        let values: Vec<(i64, i64)> = replacement.values.iter().map(pair).collect::<Result<_, Why>>()?;
        let new = values.iter().map(|(_, to)| *to).chain(missing);
        let mut limits = value.limits;
        for new in new {
            match value.kind {
                Kind::Double => limits.1 = limits.1.max(key_double(new).abs() as i128),
                _ => limits = (limits.0.min(i128::from(new)), limits.1.max(i128::from(new))),
            }
        }
        let id = self.nodes.add(Node::Replaced { of: value.id, missing, values: values.into() });
        Ok(Value { id, form: Form::Whole, limits, column: None, ..value })
    }

    /// What an aggregate reads, over the rows of its home.
    pub(super) fn parts(&mut self, home: &Home, aggregate: &Aggregate) -> Result<Parts, Why> {
        let mut when = home.joined(&mut self.nodes);
        if let Some(filter) = &aggregate.filter {
            when.push(self.truth(home, filter)?);
        }
        let when = if when.is_empty() { None } else { Some(self.nodes.all(home.space(), when)) };
        let argument = aggregate.argument.as_ref().map(|scalar| self.scalar(home, scalar)).transpose()?;
        let by = aggregate.by.as_ref().map(|by| self.attribute(home, by)).transpose()?.map(|by| by.id);
        Ok(Parts { argument, by, when })
    }

    /// An aggregate over each customer's rows.
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Value, Why> {
        let home = Home::of_rows(self.index, &aggregate.tree)?;
        if home.table != 0 && !home.needs_customer() {
            return Err(format!("{} has no way to its customer in the index", aggregate.home()));
        }
        let parts = self.parts(&home, aggregate)?;
        let rows = self.most_rows(home.table);
        let table = home.table;
        let (by, when) = (parts.by, parts.when);
        let small = parts
            .argument
            .as_ref()
            .is_some_and(|it| it.form == Form::Codes && self.codes_of(it).is_ok_and(|(_, most)| most < 64));
        let make = |nodes: &mut Nodes, function: Function, of: Option<Id>| {
            if function == Function::Distinct && small {
                let of = nodes.add(Node::Aggregate { table, function: Function::Set, of, by: None, when });
                return nodes.add(Node::SizeOf { of });
            }
            let by = by.filter(|_| matches!(function, Function::First | Function::Last));
            nodes.add(Node::Aggregate { table, function, of, by, when })
        };
        let formulas = self.formulas.take();
        let value = self.summary(aggregate, &parts, rows, make);
        self.formulas = formulas;
        value
    }

    /// An aggregate made of totals, each made by `make`.
    pub(super) fn summary(
        &mut self,
        aggregate: &Aggregate,
        parts: &Parts,
        rows: i128,
        mut make: impl FnMut(&mut Nodes, Function, Option<Id>) -> Id,
    ) -> Result<Value, Why> {
        let whole = |id, limits| Value { id, kind: Kind::Integer, form: Form::Whole, limits, column: None };
        let Some(argument) = &parts.argument else {
            return Ok(whole(make(&mut self.nodes, Function::Count, None), (0, rows)));
        };
        let nodes = &mut self.nodes;
        let plain = argument.clone();
        match aggregate.function {
            rule::Function::Count if aggregate.distinct => {
                Ok(whole(make(nodes, Function::Distinct, Some(plain.id)), (0, rows)))
            }
            rule::Function::Count => Ok(whole(make(nodes, Function::Count, Some(plain.id)), (0, rows))),
            rule::Function::Sum => sum(nodes, &plain, rows, &mut make),
            rule::Function::Avg => {
                let scale = plain.scale();
                let sum = sum(nodes, &plain, rows, &mut make)?;
                let count = make(nodes, Function::Count, Some(plain.id));
                let id = self.averages(sum.id, count, scale);
                Ok(Value { id, kind: Kind::Double, form: Form::Double, limits: (0, i128::MAX), column: None })
            }
            rule::Function::Median => {
                let argument = if plain.kind == Kind::Double { nodes.doubles(&plain) } else { plain };
                let median = Function::Median { scale: argument.scale() };
                let id = make(nodes, median, Some(argument.id));
                Ok(Value { id, kind: Kind::Double, form: Form::Double, limits: (0, i128::MAX), column: None })
            }
            rule::Function::Min | rule::Function::Max => {
                let least = aggregate.function == rule::Function::Min;
                let function = if least { Function::Min } else { Function::Max };
                Ok(Value { id: make(nodes, function, Some(plain.id)), ..plain })
            }
            rule::Function::First
            | rule::Function::ArgMin
            | rule::Function::Last
            | rule::Function::ArgMax => {
                let first = matches!(aggregate.function, rule::Function::First | rule::Function::ArgMin);
                let function = if first { Function::First } else { Function::Last };
                let form = if plain.form == Form::Codes { Form::Whole } else { plain.form };
                Ok(Value { id: make(nodes, function, Some(plain.id)), form, ..plain })
            }
        }
    }

    fn averages(&mut self, sum: Id, count: Id, scale: u8) -> Id {
        let target = self.formulas.as_mut().unwrap_or(&mut self.nodes);
        target.add(Node::Average { sum, count, scale })
    }

    /// The most rows that one customer has in a table.
    fn most_rows(&mut self, table: usize) -> i128 {
        let index = self.index;
        *self.most_rows.entry(table).or_insert_with(|| {
            let offsets = index.tables.get(table).map(|table| table.offsets.codes());
            let most = offsets.map_or(1, |offsets| {
                crate::index::each_width!(&offsets, offsets => {
                    let lengths = offsets.iter().zip(offsets.iter().skip(1));
                    lengths.map(|(start, end)| crate::index::Code::wide(*end) - crate::index::Code::wide(*start)).max()
                })
                .unwrap_or(1)
            });
            i128::from(most.max(1))
        })
    }
}

fn sum(
    nodes: &mut Nodes,
    argument: &Value,
    rows: i128,
    make: &mut impl FnMut(&mut Nodes, Function, Option<Id>) -> Id,
) -> Result<Value, Why> {
    if argument.kind == Kind::Double {
        let most = argument.limits.1.checked_mul(rows).filter(|_| argument.limits.1 != i128::MAX);
        let most = most.ok_or("a sum may be too large for a floating-point number")?;
        let argument = nodes.doubles(argument);
        let id = make(nodes, Function::Sum, Some(argument.id));
        return Ok(Value { id, kind: Kind::Double, form: Form::Double, limits: (0, most), column: None });
    }
    let limits = checked_limits([
        argument.limits.0.min(0).checked_mul(rows),
        argument.limits.1.max(0).checked_mul(rows),
    ])?;
    let id = make(nodes, Function::Sum, Some(argument.id));
    let kind = match argument.kind {
        Kind::Decimal { scale, .. } => Kind::Decimal { precision: 38, scale },
        kind => kind,
    };
    Ok(Value { id, kind, form: Form::Whole, limits, column: None })
}

/// What a day (days since 1970-01-01) or hour becomes.
fn part_of(at: i64, calendar: Calendar) -> Option<i64> {
    if calendar == Calendar::Part(DatePart::Hour) {
        return Some(at.rem_euclid(24));
    }
    let bucket = match calendar {
        Calendar::Part(part) => return part_of_day(at, part),
        Calendar::Bucket(bucket) => bucket,
    };
    let (date, epoch) = (date_of(at)?, civil::date(1970, 1, 1));
    let day = |date: Date| i64::from(epoch.until(date).ok().map_or(0, |span| span.get_days()));
    Some(match bucket {
        DatePart::Year => day(date.first_of_year()),
        DatePart::Quarter => day(civil::Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok()?),
        DatePart::Month => day(date.first_of_month()),
        DatePart::Day => at,
        DatePart::Weekday | DatePart::Hour => return None,
    })
}
