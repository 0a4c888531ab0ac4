//! Reading one entity of a database: all of it, or what changed since the last read.

use tokio_util::sync::CancellationToken;

use super::{Column, Session, literal};
use crate::convert::{Convert, Converter};
use crate::error::SourceError;
use crate::files::cells::Cells;
use crate::increment::{Changes, Merging, Part, fits, keep_unchanged};
use crate::output::{EntitySink, Output};
use crate::quarantine::Quarantined;
use crate::read::{Done, Job, Progress, ReadRequest, key_columns, make_unique, warn_of_unknown};
use crate::reader::Before;
use crate::report::{FileReport, ReadReport, Tally};
use crate::state::Taken;
use crate::types::build::{Batch, schema};
use crate::types::plan::{Plan, Said};

/// Reads an entity. The state of the report has the new watermark.
pub(crate) fn read(
    session: &mut Session,
    request: &ReadRequest<'_>,
    before: Before<'_>,
    sink: &mut dyn EntitySink,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<ReadReport, SourceError> {
    let entity = request.entity;
    let said = Said::new(entity, request.known)?;
    let columns = session.columns(entity)?;
    if columns.len() > request.limits.columns {
        let limit = request.limits.columns;
        return Err(SourceError::TooManyColumns { file: entity.input().to_owned(), limit });
    }
    let mut tally = Tally::default();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    warn_of_unknown(entity, &names, &mut tally);
    let mut plans = Vec::with_capacity(columns.len());
    for column in &columns {
        plans.push(said.settle_stored(&column.name, column.natural.attribute_type(), &mut tally)?);
    }
    make_unique(&mut plans, &mut tally);
    let origin = session.origin(entity);
    let (marker, watermark) = watermark(session, entity, &columns, &origin)?;
    let since = before.state.and_then(|state| state.watermark.as_deref());
    let previous = before.rows.filter(|rows| fits(&rows.schema(), &schema(&plans)));
    let increment = marker.zip(since).zip(previous);
    let condition = match &increment {
        Some(((column, since), _)) => {
            format!(" WHERE {} >= {}", column.quoted, literal(since, column.natural.is_number()))
        }
        None => String::new(),
    };
    let sql = session.select(&columns, &origin, &condition);
    let job = Job::without_files(request, progress, cancel);
    let table = Table { session, columns: &columns, plans: &plans, job: &job };
    let mut report = match increment {
        None => table.rows(sql, sink, tally)?.report(&said, request, 0),
        Some((_, previous)) => {
            let mut changes = Changes::default();
            let keys = entity.key_attributes();
            let mut merging = Merging::new(sink, &mut changes, &keys, None, Part::Passing, 0, None);
            let done = table.rows(sql, &mut merging, tally)?;
            let unchanged = keep_unchanged(previous, &schema(&plans), &mut changes, &keys, None, sink)?;
            let mut report = done.report(&said, request, 0);
            report.taken = Taken::Changes;
            report.rows_kept += unchanged;
            report
        }
    };
    report.state.watermark = watermark.or_else(|| since.map(str::to_owned));
    Ok(report)
}

/// The column that tells changes, and its largest value now.
fn watermark<'c>(
    session: &mut Session,
    entity: &crate::definition::SourceEntity,
    columns: &'c [Column],
    origin: &str,
) -> Result<(Option<&'c Column>, Option<String>), SourceError> {
    let Some(changes) = &entity.changes else { return Ok((None, None)) };
    let Some(column) = columns.iter().find(|column| column.name == changes.column) else {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let reason =
            format!("there is no column {:?}: the columns are [{}]", changes.column, names.join(", "));
        return Err(SourceError::BadSetting { what: "changes.column", reason });
    };
    let largest = session.text(&format!("SELECT max({}) FROM {origin}", column.quoted))?;
    Ok((Some(column), largest))
}

struct Table<'a> {
    session: &'a mut Session,
    columns: &'a [Column],
    plans: &'a [Plan],
    job: &'a Job<'a>,
}

impl Table<'_> {
    fn rows(self, sql: String, sink: &mut dyn EntitySink, tally: Tally) -> Result<Done, SourceError> {
        let request = self.job.request;
        let keys = key_columns(request.entity, self.plans)?;
        let names = self.columns.iter().map(|column| column.name.as_str());
        let quarantined = Quarantined::new(names, &request.limits);
        let schema = schema(self.plans);
        let output = Output::start(sink, &schema, quarantined, tally, &request.limits)?;
        let mut converter = Converter::new(self.plans, &keys, Batch::new(schema), output, self.job);
        let places: Vec<usize> = (0..self.plans.len()).collect();
        let mut cells = Cells::default();
        let name = request.entity.input();
        self.session
            .each(sql, |chunk| chunk.each(&mut cells, |cells| converter.next_row(name, cells, &places)))?;
        let tally = converter.finish()?;
        let columns = self.plans.iter().map(|plan| plan.report(None)).collect();
        let files = vec![FileReport { name: name.to_owned(), bytes: 0, rows: tally.read }];
        Ok(Done { tally, columns, files })
    }
}
