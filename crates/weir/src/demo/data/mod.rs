//! The demo's data: a shop with contacts, orders and returns, a loyalty scheme and a partner's list about the
//! same made-up people, with the mistakes of real data. Who is who is known, and kept aside in `truth.csv`.
//!
//! The same seed and scale give the same bytes. The second day only appends to the files of the first.

mod dirt;
mod names;
mod orders;
mod people;
mod random;
mod sources;
mod write;

use std::io;
use std::path::Path;

use serde::Serialize;

use people::Person;
use sources::Rows;

/// The seed of `weir demo`.
pub const SEED: u64 = 2026;
/// The people of `weir demo`.
pub const PEOPLE: usize = 3_000;
/// The most people that can be made: their keys must stay apart.
pub const MAX_PEOPLE: usize = 80_000;

/// What was made: how many rows, and what must come out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    /// Different people in the contacts, members and partners together.
    pub people: usize,
    /// Rows of `shop/contacts.csv`.
    pub contacts: usize,
    /// Rows of `loyalty/members.csv`.
    pub members: usize,
    /// Rows of `partner/partners.jsonl`.
    pub partners: usize,
    /// Rows of `shop/orders.csv`, the broken ones included.
    pub orders: usize,
    /// Orders that belong in quarantine: their price is no number.
    pub broken_orders: usize,
    /// Rows of `shop/returns.csv`.
    pub returns: usize,
    /// Contacts who spent more than 500 on orders that are not broken.
    pub big_spenders: usize,
    /// The level that lies between the big spenders of the first and of the second day.
    pub level: usize,
}

/// One of the two days that the demo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    First,
    Second,
}

/// Writes the first day's files into `dir`. At most [`MAX_PEOPLE`] people are made, and at least one.
pub fn generate(dir: &Path, seed: u64, people: usize) -> io::Result<Made> {
    World::new(seed, people).write(dir, Day::First)
}

/// Writes the second day's files into `dir`: those of [`generate`] with new contacts and orders at their end,
/// which lift the big spenders over the level. Doing it twice changes nothing more.
pub fn change(dir: &Path, seed: u64, people: usize) -> io::Result<Made> {
    World::new(seed, people).write(dir, Day::Second)
}

struct World {
    people: Vec<Person>,
    contacts: Rows,
    members: Rows,
    partners: Rows,
    sales: orders::Sales,
}

impl World {
    fn new(seed: u64, people: usize) -> Self {
        let people = people::everybody(seed, people.clamp(1, MAX_PEOPLE));
        let mut contacts = sources::contacts(seed, &people);
        // The file of the second day is that of the first with more at its end.
        contacts.rows.sort_by_key(|row| row.late);
        let (members, partners) = (sources::members(seed, &people), sources::partners(seed, &people));
        let sales = orders::sales(seed, &contacts);
        Self { people, contacts, members, partners, sales }
    }

    fn write(&self, dir: &Path, day: Day) -> io::Result<Made> {
        let on = |rows: &Rows| rows.rows.iter().filter(|row| day == Day::Second || !row.late).count();
        let sources = [
            ("shop_contacts", &self.contacts),
            ("loyalty_members", &self.members),
            ("partner_contacts", &self.partners),
        ];
        write::csv(dir, "shop/contacts.csv", ',', sources::CONTACT_COLUMNS, &self.contacts, day)?;
        write::csv(dir, "loyalty/members.csv", ';', sources::MEMBER_COLUMNS, &self.members, day)?;
        write::jsonl(dir, "partner/partners.jsonl", sources::PARTNER_COLUMNS, &self.partners, day)?;
        write::csv(dir, "shop/orders.csv", ',', orders::ORDER_COLUMNS, &self.sales.orders, day)?;
        write::csv(dir, "shop/returns.csv", ',', orders::RETURN_COLUMNS, &self.sales.returns, day)?;
        write::truth(dir, &sources, day)?;
        let known = |person: &&Person| {
            let here = |joined| {
                joined == people::Joined::FirstDay || (day == Day::Second && joined != people::Joined::Never)
            };
            here(person.shop) || here(person.loyalty) || here(person.partner)
        };
        let (before, after) = self.sales.big_spenders;
        Ok(Made {
            people: self.people.iter().filter(known).count(),
            contacts: on(&self.contacts),
            members: on(&self.members),
            partners: on(&self.partners),
            orders: on(&self.sales.orders),
            broken_orders: self
                .sales
                .orders
                .rows
                .iter()
                .filter(|order| order.fields.last().is_some_and(|p| p.parse::<f64>().is_err()))
                .count(),
            returns: on(&self.sales.returns),
            big_spenders: if day == Day::First { before } else { after },
            level: self.sales.level,
        })
    }
}

#[cfg(test)]
mod tests;
