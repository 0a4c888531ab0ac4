//! From the rows of entities, in any order, to the file of an index.

use super::codes::{Codes, filled};
use super::column::{Column, Dictionary};
use super::error::IndexError;
use super::file::{LinkEntry, TableEntry, Writer};
use super::keys::{Keys, NOWHERE};
use super::raw::RawColumn;
use super::{Index, edge_key};
use crate::conditions::Kind;
use crate::relationships::{CUSTOMER, CUSTOMER_ID, Direction, Edge, EdgeKind, Graph};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Makes an index: first the customers and the keys of their source rows, then every other entity, those that
/// foreign keys lead to before those that have the foreign keys.
///
/// Memory: the columns of one entity in a narrow form, and the keys that foreign keys lead to.
pub struct Builder {
    writer: Writer,
    graph: Graph,
    tables: Vec<TableEntry>,
    /// Rows by the attribute that foreign keys lead to.
    keys: BTreeMap<(String, String), Keys>,
    /// Customers by the primary keys of the rows of a source's entity.
    sources: BTreeMap<(String, String), Keys>,
    /// The customer of each row.
    owners: BTreeMap<String, Vec<u32>>,
    customers: usize,
    ids: Option<Dictionary>,
    optional: BTreeMap<(String, String), usize>,
    left_out: Vec<LeftOut>,
}

/// A column that is not in an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The entity.
    pub entity: String,
    /// The attribute.
    pub attribute: String,
    /// Why.
    pub why: String,
}

impl Builder {
    /// Starts the index of a folder.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn create(folder: &Path, graph: &Graph) -> Result<Self, IndexError> {
        let (tables, keys, sources) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let (writer, graph, owners) = (Writer::create(folder)?, graph.clone(), BTreeMap::new());
        let (optional, left_out) = (BTreeMap::new(), Vec::new());
        Ok(Self { writer, graph, tables, keys, sources, owners, customers: 0, ids: None, optional, left_out })
    }

    /// Lets a column be left out: where it cannot be indexed, and where it has more than so many different texts.
    /// To be called before its entity is added.
    pub fn may_leave_out(&mut self, entity: &str, attribute: &str, most_texts: usize) {
        self.optional.insert((entity.to_owned(), attribute.to_owned()), most_texts);
    }

    /// The columns that were left out so far.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Adds Customer with these columns; its key need not be named.
    ///
    /// # Errors
    /// Two customers have the same id, one has none, or a column cannot be read.
    pub fn customers(
        &mut self,
        columns: &BTreeSet<String>,
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<(), IndexError> {
        let mut ids = Ids::default();
        let mut rows = self.rows(CUSTOMER, columns);
        rows.columns.remove(CUSTOMER_ID);
        rows.wanted.remove(CUSTOMER_ID);
        for batch in batches {
            let batch = batch?;
            ids.extend(&batch)?;
            rows.extend(&batch, &self.keys, &self.sources)?;
        }
        let (places, ids) = ids.finish()?;
        self.customers = places.len();
        let codes =
            filled(places.len() as u64, places.len(), (0..places.len()).map(|at| (at, at as u64 + 1)));
        let column = Column {
            name: CUSTOMER_ID.to_owned(),
            kind: Kind::Text,
            base: -1,
            most: places.len() as u64,
            gaps: false,
            codes: codes.into(),
            dictionary: Some(ids.clone()),
        };
        self.ids = Some(ids);
        let entry = self.write(rows, &places, vec![column], Codes::U8(Vec::new().into()), Vec::new())?;
        self.tables.insert(0, entry);
        Ok(())
    }

    /// Adds the table that tells each source row's customer.
    ///
    /// # Errors
    /// A column is missing.
    pub fn alternate_keys(
        &mut self,
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<(), IndexError> {
        let mut found: BTreeMap<(String, String), (RawColumn, Vec<u32>)> = BTreeMap::new();
        for batch in batches {
            let batch = batch?;
            let text = |name: &str| {
                let column = batch.column_by_name(name);
                let column =
                    column.ok_or_else(|| IndexError::unfit("AlternateKey", format!("it has no {name}")))?;
                Ok::<_, IndexError>(cast(column, &DataType::Utf8)?)
            };
            let columns =
                [text("DataSourceName")?, text("EntityName")?, text("AlternateValue")?, text(CUSTOMER_ID)?];
            let [source, entity, key, customer] = columns.each_ref().map(|column| column.as_string::<i32>());
            for row in 0..batch.num_rows() {
                if [source, entity, key, customer].iter().any(|column| column.is_null(row)) {
                    continue;
                }
                let place = self.ids.as_ref().and_then(|ids| ids.find(customer.value(row)).ok());
                let place = place.and_then(|place| u32::try_from(place).ok()).unwrap_or(NOWHERE);
                let name = (source.value(row).to_owned(), entity.value(row).to_owned());
                let fresh = || (RawColumn::new("AlternateKey", "AlternateValue", Kind::Text), Vec::new());
                let (keys, places) = found.entry(name).or_insert_with(fresh);
                keys.push_text(key.value(row))?;
                places.push(place);
            }
        }
        self.sources = found.into_iter().map(|(name, (keys, at))| (name, Keys::new(keys, &at))).collect();
        Ok(())
    }

    /// Adds an entity with these columns. Its keys are read, too, but only kept where they are named.
    ///
    /// # Errors
    /// A column is missing or cannot be read.
    pub fn table(
        &mut self,
        entity: &str,
        columns: &BTreeSet<String>,
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<(), IndexError> {
        let mut rows = self.rows(entity, columns);
        for batch in batches {
            rows.extend(&batch?, &self.keys, &self.sources)?;
        }
        let owner = self.graph.path(entity, CUSTOMER, Direction::Forward).map(|path| path.steps);
        let owner: Vec<Edge> = owner.unwrap_or_default().into_iter().map(|step| step.edge).collect();
        let owners = self.owners_of(&rows, &owner);
        let (places, offsets) = clustered(&owners, rows.len, self.customers);
        if self.graph.edges().iter().any(|edge| edge.to == entity) {
            let mut placed = vec![NOWHERE; rows.len];
            for (place, owner) in places.iter().zip(&owners) {
                if let Some(cell) = placed.get_mut(*place as usize) {
                    *cell = *owner;
                }
            }
            self.owners.insert(entity.to_owned(), placed);
        }
        drop(owners);
        let owner = owner.iter().map(edge_key).collect();
        let entry = self.write(rows, &places, Vec::new(), offsets, owner)?;
        self.tables.push(entry);
        Ok(())
    }

    /// Completes the index.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<Index, IndexError> {
        self.writer.finish(self.tables)
    }

    fn rows(&self, entity: &str, columns: &BTreeSet<String>) -> Rows {
        let keyed = self.graph.edges().iter().filter(|edge| edge.to == entity);
        let keyed = keyed.filter_map(|edge| match &edge.kind {
            EdgeKind::Key { to, .. } => Some(to.clone()),
            _ => None,
        });
        let links = self.graph.edges().iter().filter(|edge| edge.from == entity && edge.to != entity);
        let optional = self.optional.iter().filter(|((of, _), _)| of == entity);
        Rows {
            entity: entity.to_owned(),
            optional: optional.map(|((_, name), most)| (name.clone(), *most)).collect(),
            left_out: Vec::new(),
            wanted: columns.clone(),
            keyed: keyed.collect(),
            columns: BTreeMap::new(),
            links: links
                .filter(|edge| edge.kind != EdgeKind::Measures)
                .map(|it| (it.clone(), None))
                .collect(),
            len: 0,
        }
    }

    /// The customer of each row in order of arrival.
    fn owners_of(&self, rows: &Rows, path: &[Edge]) -> Vec<u32> {
        let first = path.first().and_then(|edge| rows.links.iter().find(|(other, _)| other == edge));
        let Some((edge, Some(links))) = first else { return vec![NOWHERE; rows.len] };
        if edge.to == CUSTOMER {
            return links.clone();
        }
        let owners = self.owners.get(&edge.to).map_or(&[][..], Vec::as_slice);
        links.iter().map(|row| owners.get(*row as usize).copied().unwrap_or(NOWHERE)).collect()
    }

    fn write(
        &mut self,
        mut rows: Rows,
        places: &[u32],
        mut first: Vec<Column>,
        offsets: Codes<'static>,
        owner: Vec<String>,
    ) -> Result<TableEntry, IndexError> {
        let len = rows.len;
        let mut links = Vec::new();
        for (edge, found) in std::mem::take(&mut rows.links) {
            let target = self.tables.iter().position(|table| table.entity == edge.to);
            let (Some(target), Some(found)) = (target, found) else { continue };
            let at_customer = owner.len() == 1 && edge.to == CUSTOMER;
            if at_customer {
                continue;
            }
            let most = self.tables.get(target).map_or(0, |table| table.rows);
            let code = |row: &u32| if *row == NOWHERE { 0 } else { u64::from(*row) + 1 };
            let codes =
                filled(most, len, places.iter().zip(&found).map(|(at, row)| (*at as usize, code(row))));
            links.push(LinkEntry { edge: edge_key(&edge), target, rows: self.writer.codes(&codes)? });
        }
        let mut columns = Vec::new();
        for column in first.drain(..) {
            columns.push(self.writer.column(&column)?);
        }
        for (name, column) in std::mem::take(&mut rows.columns) {
            let own = name.clone();
            let column = match (rows.keyed.contains(&name), rows.wanted.contains(&name)) {
                (true, wanted) => {
                    let kept = wanted.then(|| column.duplicate());
                    self.keys.insert((rows.entity.clone(), name), Keys::new(column, places));
                    kept
                }
                (false, _) => Some(column),
            };
            if let Some(column) = column {
                match column.finish(places) {
                    Ok(column) => columns.push(self.writer.column(&column)?),
                    Err(why) => rows.leave_out(&own, why)?,
                }
            }
        }
        self.left_out.append(&mut rows.left_out);
        let offsets = self.writer.codes(&offsets)?;
        Ok(TableEntry { entity: rows.entity, rows: len as u64, offsets, columns, links, owner })
    }
}

/// The rows of an entity in order of arrival.
struct Rows {
    entity: String,
    /// The columns that can be left out, with the most texts of each.
    optional: BTreeMap<String, usize>,
    left_out: Vec<LeftOut>,
    wanted: BTreeSet<String>,
    /// The attributes that foreign keys of others lead to.
    keyed: BTreeSet<String>,
    columns: BTreeMap<String, RawColumn>,
    /// Where each foreign key leads; nothing where it cannot be followed.
    links: Vec<(Edge, Option<Vec<u32>>)>,
    len: usize,
}

impl Rows {
    fn extend(
        &mut self,
        batch: &RecordBatch,
        keys: &BTreeMap<(String, String), Keys>,
        sources: &BTreeMap<(String, String), Keys>,
    ) -> Result<(), IndexError> {
        for name in self.wanted.union(&self.keyed).cloned().collect::<BTreeSet<_>>() {
            match self.take(batch, &name) {
                Ok(()) => self.bound(&name)?,
                // What foreign keys lead to must be complete.
                Err(why) if self.keyed.contains(&name) => return Err(why),
                Err(why) => self.leave_out(&name, why)?,
            }
        }
        let first = self.len == 0;
        for (edge, found) in &mut self.links {
            let (target, name) = match &edge.kind {
                EdgeKind::Key { from, to } => (keys.get(&(edge.to.clone(), to.clone())), from),
                EdgeKind::Customer { data_source, key } => {
                    (sources.get(&(data_source.clone(), edge.from.clone())), key)
                }
                EdgeKind::Measures => continue,
            };
            let Some(array) = batch.column_by_name(name) else { continue };
            let target = target.filter(|keys| keys.unique && keys.takes(Kind::of(array.data_type())));
            let Some(target) = target else { continue };
            if first {
                *found = Some(Vec::new());
            }
            if let Some(found) = found {
                target.look_up(array, found)?;
            }
        }
        self.len += batch.num_rows();
        match u32::try_from(self.len) {
            Ok(len) if len < NOWHERE => Ok(()),
            _ => Err(IndexError::unfit(&self.entity, "it has more than 4 thousand million rows")),
        }
    }

    /// Adds the rows of one column.
    fn take(&mut self, batch: &RecordBatch, name: &str) -> Result<(), IndexError> {
        let missing = || IndexError::unfit(&self.entity, format!("it has no {name}"));
        let array = batch.column_by_name(name).ok_or_else(missing)?;
        let kind = Kind::of(batch.schema().field_with_name(name)?.data_type());
        let fresh = || RawColumn::new(&self.entity, name, kind);
        let column = self.columns.entry(name.to_owned()).or_insert_with(fresh);
        column.extend(array)
    }

    /// Leaves a column out that has too many texts.
    fn bound(&mut self, name: &str) -> Result<(), IndexError> {
        let texts = self.columns.get(name).map_or(0, RawColumn::texts);
        match self.optional.get(name) {
            Some(most) if texts > *most => {
                let why = format!("{name} has more than {most} different texts");
                self.leave_out(name, IndexError::unfit(&self.entity, why))
            }
            _ => Ok(()),
        }
    }

    /// Goes on without a column, if that is allowed.
    fn leave_out(&mut self, name: &str, why: IndexError) -> Result<(), IndexError> {
        let IndexError::Unfit { why, .. } = &why else { return Err(why) };
        if !self.optional.contains_key(name) {
            return Err(IndexError::unfit(&self.entity, why));
        }
        let (entity, attribute) = (self.entity.clone(), name.to_owned());
        self.left_out.push(LeftOut { entity, attribute, why: why.clone() });
        self.wanted.remove(name);
        self.optional.remove(name);
        // What foreign keys lead to is still looked up.
        if !self.keyed.contains(name) {
            self.columns.remove(name);
        }
        Ok(())
    }
}

/// A place for each row, in the order of the customers and, within a customer, of arrival; and where each customer's
/// rows start.
fn clustered(owners: &[u32], rows: usize, customers: usize) -> (Vec<u32>, Codes<'static>) {
    let mut starts = vec![0u32; customers + 2];
    let slot = |owner: u32| (owner as usize).min(customers);
    for owner in owners {
        if let Some(count) = starts.get_mut(slot(*owner) + 1) {
            *count += 1;
        }
    }
    let mut total = 0;
    for start in &mut starts {
        total += *start;
        *start = total;
    }
    let offsets = starts.get(..=customers).unwrap_or_default();
    let offsets = filled(rows as u64, offsets.len(), offsets.iter().map(|it| u64::from(*it)).enumerate());
    let place = |owner: &u32| match starts.get_mut(slot(*owner)) {
        Some(next) => {
            *next += 1;
            *next - 1
        }
        None => 0,
    };
    (owners.iter().map(place).collect(), offsets)
}

/// The ids of the customers in order of arrival.
#[derive(Default)]
struct Ids {
    texts: Vec<u8>,
    ends: Vec<usize>,
}

impl Ids {
    fn extend(&mut self, batch: &RecordBatch) -> Result<(), IndexError> {
        let ids = batch.column_by_name(CUSTOMER_ID);
        let ids = ids.ok_or_else(|| IndexError::unfit(CUSTOMER, format!("it has no {CUSTOMER_ID}")))?;
        let ids = cast(ids, &DataType::Utf8)?;
        for id in ids.as_string::<i32>().iter() {
            let id = id.ok_or_else(|| IndexError::unfit(CUSTOMER, "a customer has no id"))?;
            self.texts.extend_from_slice(id.as_bytes());
            self.ends.push(self.texts.len());
        }
        Ok(())
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.texts.get(start..end).unwrap_or_default()
    }

    /// The place of each row, and the ids in order.
    fn finish(self) -> Result<(Vec<u32>, Dictionary), IndexError> {
        let len = self.ends.len();
        // Most ids differ in their first eight bytes, which compare as one number.
        let prefix = |at: u32| {
            let mut first = [0u8; 8];
            first.iter_mut().zip(self.get(at as usize)).for_each(|(place, byte)| *place = *byte);
            (u64::from_be_bytes(first), at)
        };
        let mut order: Vec<(u64, u32)> = (0..u32::try_from(len).unwrap_or(u32::MAX)).map(prefix).collect();
        order.sort_by(|(one, a), (other, b)| {
            one.cmp(other).then_with(|| self.get(*a as usize).cmp(self.get(*b as usize)))
        });
        let mut places = vec![0u32; len];
        let (mut bytes, mut offsets) = (Vec::with_capacity(self.texts.len()), vec![0u64]);
        let mut before: Option<&[u8]> = None;
        for (place, (_, row)) in order.iter().enumerate() {
            let id = self.get(*row as usize);
            if before == Some(id) {
                return Err(IndexError::unfit(CUSTOMER, "two customers have the same id"));
            }
            before = Some(id);
            bytes.extend_from_slice(id);
            offsets.push(bytes.len() as u64);
            if let Some(cell) = places.get_mut(*row as usize) {
                *cell = u32::try_from(place).unwrap_or(NOWHERE);
            }
        }
        let offsets = filled(bytes.len() as u64, len + 1, offsets.into_iter().enumerate());
        Ok((places, Dictionary { offsets: offsets.into(), bytes: Codes::U8(bytes.into()).into() }))
    }
}
