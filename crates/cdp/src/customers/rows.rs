//! The rows of an entity that belong to one customer.

use datafusion::common::TableReference;
use datafusion::logical_expr::lit;
use datafusion::prelude::{DataFrame, SessionContext};

use super::Result;
pub(super) use crate::json_rows::{collected, column};
use crate::relationships::CUSTOMER_ID;

/// The rows of an entity with this customer.
pub(super) async fn of_customer(session: &SessionContext, entity: &str, id: &str) -> Result<DataFrame> {
    let table = session.table(TableReference::bare(entity)).await?;
    Ok(table.filter(column(CUSTOMER_ID).eq(lit(id)))?)
}
