//! The entities of a session.

use datafusion::prelude::SessionContext;
use insight::conditions::Catalog;

/// The tables of a session that need no other name than their own.
///
/// # Errors
/// A table whose schema cannot be read.
pub async fn catalog(session: &SessionContext) -> datafusion::error::Result<Catalog> {
    let mut catalog = Catalog::new();
    let settings = session.copied_config().options().catalog.clone();
    let schemas = session.catalog(&settings.default_catalog);
    let Some(tables) = schemas.and_then(|schemas| schemas.schema(&settings.default_schema)) else {
        return Ok(catalog);
    };
    for name in tables.table_names() {
        if let Some(table) = tables.table(&name).await? {
            catalog.add_schema(&name, &table.schema());
        }
    }
    Ok(catalog)
}
