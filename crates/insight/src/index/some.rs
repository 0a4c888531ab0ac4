//! An index of some customers only, with rows that came later: what an update computes anew.

use super::codes::filled;
use super::error::IndexError;
use super::raw::RawColumn;
use super::{Code, Codes, Column, Index, Link, Table, each_width};
use arrow::array::RecordBatch;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// New rows of one entity.
#[derive(Debug, Clone)]
pub struct NewRows {
    /// The entity. It has no foreign keys but the one that leads to its customer, and no other entity leads to it.
    pub entity: String,
    /// The rows, with the columns that are indexed.
    pub rows: RecordBatch,
    /// For each row its customer's place in the index, or nothing.
    pub customers: Vec<Option<u32>>,
}

/// The customers who have new rows, as they are with them.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The places of the customers that have new rows, in order.
    pub touched: Vec<u32>,
    /// These customers with the new rows, and the new rows without a customer.
    pub after: Index,
}

impl Index {
    /// What new rows change.
    ///
    /// # Errors
    /// The rows need a new index: the entity has foreign keys or is led to, or texts are new.
    pub fn delta(&self, new: &NewRows) -> Result<Delta, IndexError> {
        let unfit = |why: &str| IndexError::unfit(&new.entity, why);
        let at =
            self.table(&new.entity).filter(|at| *at > 0).ok_or_else(|| unfit("it is not in the index"))?;
        let led_to = self.tables.iter().flat_map(|table| &table.links).any(|link| link.target == at);
        if led_to || self.tables.get(at).is_none_or(|table| !table.links.is_empty()) {
            return Err(unfit("rows that other rows lead to need a new index"));
        }
        let news = by_customer(new);
        let mut touched: Vec<u32> = news.iter().filter_map(|(customer, _)| *customer).collect();
        touched.dedup();
        let after = self.chosen(&touched, |place, table| {
            (place == at).then(|| with_rows(table, new, &news, &touched)).transpose()
        })?;
        Ok(Delta { touched, after })
    }

    /// The index of some customers, who are given in order.
    pub(crate) fn some(&self, places: &[u32]) -> Result<Self, IndexError> {
        self.chosen(places, |_, _| Ok(None))
    }

    /// The same, where a table that no other one leads to may be given instead.
    fn chosen(
        &self,
        places: &[u32],
        instead: impl Fn(usize, &Table) -> Result<Option<Table>, IndexError>,
    ) -> Result<Self, IndexError> {
        let mut tables = Vec::with_capacity(self.tables.len());
        // For each table whose rows were chosen, where they are now.
        let mut moved: Vec<Option<HashMap<usize, usize>>> = Vec::new();
        for (at, table) in self.tables.iter().enumerate() {
            if let Some(table) = instead(at, table)? {
                tables.push(table);
                moved.push(None);
                continue;
            }
            let led_to = self.tables.iter().flat_map(|table| &table.links).any(|link| link.target == at);
            if at > 0 && table.owner.is_empty() {
                let nobody = filled(0, places.len() + 1, std::iter::empty());
                tables.push(Table { offsets: nobody.into(), ..table.clone() });
                moved.push(None);
                continue;
            }
            if led_to && at == 0 {
                return Err(IndexError::unfit(&table.entity, "rows lead to customers who are not their own"));
            }
            let (rows, offsets) = rows_of_some(table, at, places);
            moved.push(led_to.then(|| rows.iter().enumerate().map(|(new, old)| (*old, new)).collect()));
            let columns = table.columns.iter();
            let columns =
                columns.map(|column| column.with_codes(column.codes.codes().gather(rows.iter().copied())));
            let mut links = Vec::new();
            for link in &table.links {
                links.push(relinked(table, link, &rows, moved.get(link.target).and_then(Option::as_ref))?);
            }
            let columns = columns.collect();
            let (entity, owner) = (table.entity.clone(), table.owner.clone());
            tables.push(Table { entity, rows: rows.len(), offsets: offsets.into(), columns, links, owner });
        }
        Ok(Self { tables })
    }
}

/// The rows of some customers, and where each one's start.
fn rows_of_some(table: &Table, at: usize, places: &[u32]) -> (Vec<usize>, Codes<'static>) {
    if at == 0 {
        return (places.iter().map(|place| *place as usize).collect(), Codes::U8(Vec::new().into()));
    }
    let offsets = table.offsets.codes();
    let (mut rows, mut starts) = (Vec::new(), vec![0u64]);
    for place in places {
        let place = *place as usize;
        rows.extend(offsets.get(place) as usize..offsets.get(place + 1) as usize);
        starts.push(rows.len() as u64);
    }
    let most = rows.len() as u64;
    (rows, filled(most, starts.len(), starts.into_iter().enumerate()))
}

/// Foreign keys of chosen rows to rows that were chosen, too.
fn relinked(
    table: &Table,
    link: &Link,
    rows: &[usize],
    moved: Option<&HashMap<usize, usize>>,
) -> Result<Link, IndexError> {
    let codes = link.rows.codes().gather(rows.iter().copied());
    let Some(moved) = moved else { return Ok(Link { rows: codes.into(), ..link.clone() }) };
    let place = |code: u64| match (code as usize).checked_sub(1) {
        None => Some(0),
        Some(old) => moved.get(&old).map(|new| *new as u64 + 1),
    };
    let new: Option<Vec<u64>> = (0..codes.len()).map(|at| place(codes.get(at))).collect();
    let new = new.ok_or_else(|| IndexError::unfit(&table.entity, "rows lead to rows of other customers"))?;
    let most = moved.len() as u64;
    Ok(Link { rows: filled(most, new.len(), new.into_iter().enumerate()).into(), ..link.clone() })
}

/// The new rows in the order of their customers, those without one last; a customer's in order of arrival.
fn by_customer(new: &NewRows) -> Vec<(Option<u32>, usize)> {
    // One number for both sorts fastest: no place is as large as the one that stands for nobody.
    let key =
        |(row, customer): (usize, &Option<u32>)| u64::from(customer.unwrap_or(u32::MAX)) << 32 | row as u64;
    let mut keys: Vec<u64> = new.customers.iter().enumerate().map(key).collect();
    keys.sort_unstable();
    let customer = |key: u64| u32::try_from(key >> 32).ok().filter(|customer| *customer != u32::MAX);
    keys.into_iter().map(|key| (customer(key), (key & u64::from(u32::MAX)) as usize)).collect()
}

/// Where the rows of some customers come from.
struct Order {
    /// For each customer, and then for nobody: the old rows, and how many of the new ones follow them.
    runs: Vec<(Range<usize>, usize)>,
    /// The new rows in their order.
    fresh: Vec<usize>,
    /// All of them.
    rows: usize,
}

/// A table of some customers, with new rows behind each one's own.
fn with_rows(
    table: &Table,
    new: &NewRows,
    news: &[(Option<u32>, usize)],
    touched: &[u32],
) -> Result<Table, IndexError> {
    let fresh = news.iter().map(|(_, row)| *row).collect();
    let mut order = Order { runs: Vec::with_capacity(touched.len() + 1), fresh, rows: 0 };
    let (mut starts, mut rest) = (Vec::with_capacity(touched.len() + 1), news);
    let offsets = table.offsets.codes();
    for customer in touched {
        let place = *customer as usize;
        let old = offsets.get(place) as usize..offsets.get(place + 1) as usize;
        let mine = rest.iter().take_while(|(of, _)| *of == Some(*customer)).count();
        rest = rest.get(mine..).unwrap_or_default();
        starts.push(order.rows as u64);
        order.rows += old.len() + mine;
        order.runs.push((old, mine));
    }
    starts.push(order.rows as u64);
    order.rows += rest.len();
    order.runs.push((0..0, rest.len()));
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        columns.push(with_values(table, column, &new.rows, &order)?);
    }
    let offsets = filled(order.rows as u64, starts.len(), starts.into_iter().enumerate());
    Ok(Table { rows: order.rows, offsets: offsets.into(), columns, ..table.clone() })
}

fn with_values(
    table: &Table,
    column: &Column,
    new: &RecordBatch,
    order: &Order,
) -> Result<Column, IndexError> {
    let missing = || IndexError::unfit(&table.entity, format!("it has no {}", column.name));
    let mut raw = RawColumn::new(&table.entity, &column.name, column.kind);
    raw.extend(new.column_by_name(&column.name).ok_or_else(missing)?)?;
    let new = raw.values_in(column.dictionary.as_ref())?;
    let known = new.iter().flatten();
    let (low, high) = column.limits().unwrap_or((i64::MAX, i64::MIN));
    let (low, high) = known.fold((low, high), |(low, high), value| (low.min(*value), high.max(*value)));
    let empty = low > high;
    // Texts keep their numbers; other values may need room below and above.
    let base = if empty || column.dictionary.is_some() { column.base } else { low.wrapping_sub(1) };
    let most = if empty { 0 } else { high.wrapping_sub(base) as u64 }.max(column.most);
    let code = |value: i64| value.wrapping_sub(base) as u64;
    let fresh = order.fresh.iter().map(|row| new.get(*row).copied().flatten().map_or(0, code));
    let fresh: Vec<u64> = fresh.collect();
    let (old, shift) = (column.codes.codes(), column.base.wrapping_sub(base) as u64);
    let codes = each_width!(&old, old => match most {
        0..=0xff => Codes::U8(ordered(old, shift, &fresh, order)),
        0x100..=0xffff => Codes::U16(ordered(old, shift, &fresh, order)),
        0x1_0000..=0xffff_ffff => Codes::U32(ordered(old, shift, &fresh, order)),
        _ => Codes::U64(ordered(old, shift, &fresh, order)),
    });
    let gaps = column.gaps || new.iter().any(Option::is_none);
    Ok(Column { base, most, gaps, ..column.with_codes(codes) })
}

/// Old codes, moved up but for the missing values, and the new ones behind each customer's own.
fn ordered<From: Code, To: Code>(
    old: &[From],
    shift: u64,
    mut fresh: &[u64],
    order: &Order,
) -> Cow<'static, [To]> {
    let moved = |code: &From| match code.wide() {
        0 => To::default(),
        code => To::cut(code.wrapping_add(shift)),
    };
    let mut codes = Vec::with_capacity(order.rows);
    for (rows, more) in &order.runs {
        codes.extend(old.get(rows.clone()).unwrap_or_default().iter().map(moved));
        let (mine, rest) = fresh.split_at_checked(*more).unwrap_or((fresh, &[]));
        codes.extend(mine.iter().map(|code| To::cut(*code)));
        fresh = rest;
    }
    Cow::Owned(codes)
}
