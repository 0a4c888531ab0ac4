//! The members of a segment, page by page.

use datafusion::common::TableReference;
use datafusion::logical_expr::Expr;
use lake::View;
use serde::Serialize;
use serde_json::{Map, Value};
use store::SnapshotId;

use super::{Result, StandingError};
use crate::definitions::CUSTOMER;
use crate::json_rows::{collected, column};
use crate::relationships::CUSTOMER_ID;

/// Most members of one page.
pub const MAX_PAGE: usize = 1000;

/// A page of the members of a segment, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// The snapshot that it is of.
    pub snapshot: SnapshotId,
    /// The segment.
    pub segment: String,
    /// The attributes that people know a customer by, as far as there are some: names and e-mail.
    pub known_by: Vec<String>,
    /// The members: every attribute of the profile, as it was when the segment was computed.
    pub members: Vec<Map<String, Value>>,
    /// Whether there are more after these.
    pub more: bool,
}

/// The members of a segment after the first `skip`, at most `top` and [`MAX_PAGE`]. Each is there once, whatever the
/// segment projects.
///
/// # Errors
/// The segment has no result yet, or the lake cannot be read.
pub async fn members(view: &View, segment: &str, skip: usize, top: usize) -> Result<Members> {
    let known =
        view.schema(segment).ok_or_else(|| StandingError::NeverRefreshed { name: segment.to_owned() })?;
    let of_customer = view.schema(CUSTOMER);
    let is_profile = |name: &str| of_customer.as_ref().is_none_or(|of| of.field_with_name(name).is_ok());
    let names: Vec<&str> = known.fields().iter().map(|field| field.name().as_str()).collect();
    let own: Vec<&str> = names.iter().copied().filter(|name| is_profile(name)).collect();
    let columns: Vec<Expr> = own.iter().map(|name| column(name)).collect();
    let session = view.session()?;
    let mut rows = session.table(TableReference::bare(segment)).await?.select(columns)?;
    if own.len() < names.len() {
        rows = rows.distinct()?;
    }
    let top = top.min(MAX_PAGE);
    let rows = rows.sort(vec![column(CUSTOMER_ID).sort(true, false)])?;
    let mut members = collected(rows.limit(skip, Some(top.saturating_add(1)))?).await?;
    let more = members.len() > top;
    members.truncate(top);
    let known_by = known_by(&own);
    Ok(Members { snapshot: view.snapshot(), segment: segment.to_owned(), known_by, members, more })
}

/// The attributes that people know a customer by: the whole name or its two parts, and the e-mail address.
fn known_by(names: &[&str]) -> Vec<String> {
    let letters = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let find = |wanted: &[&str]| {
        wanted
            .iter()
            .find_map(|word| names.iter().find(|name| letters(name) == *word))
            .map(|it| (*it).to_owned())
    };
    let name = find(&["fullname", "name", "displayname", "customername"]).map(|name| vec![name]);
    let parts = || {
        let first = find(&["firstname", "givenname", "forename"]);
        let last = find(&["lastname", "surname", "familyname"]);
        first.into_iter().chain(last).collect()
    };
    let email = find(&["email", "emailaddress", "mail", "email1"]);
    name.unwrap_or_else(parts).into_iter().chain(email).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_known_by_name_and_e_mail_however_they_are_written() {
        assert_eq!(known_by(&["CustomerId", "E-Mail", "Full Name", "FirstName"]), ["Full Name", "E-Mail"]);
        assert_eq!(known_by(&["LAST_NAME", "first_name"]), ["first_name", "LAST_NAME"]);
        assert!(known_by(&["CustomerId", "City"]).is_empty());
    }
}
