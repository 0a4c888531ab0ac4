//! Time zones by their Windows or IANA name, from the data that is compiled in (never the machine's).

use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::collections::HashMap;
use std::sync::LazyLock;

const WINDOWS: &str = include_str!("../data/windows-zones.txt");

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Lower-case Windows name → IANA name.
static IANA: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let pairs = windows_names().map(|(windows, iana)| (windows.to_lowercase(), iana));
    pairs.collect()
});

fn windows_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    WINDOWS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// The IANA name of a Windows or IANA time-zone name, ignoring letter case.
pub(crate) fn iana_name(name: &str) -> Option<String> {
    let lower = name.trim().to_lowercase();
    let name = match IANA.get(&lower) {
        Some(iana) => (*iana).to_owned(),
        None => name.trim().to_owned(),
    };
    let zone = DATABASE.get(&name).ok()?;
    zone.iana_name().map(str::to_owned)
}

/// The time zone of a Windows or IANA name, ignoring letter case.
///
/// # Errors
/// A sentence with the nearest Windows name, when there is no such time zone.
pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    let found = iana_name(name).and_then(|iana| DATABASE.get(&iana).ok());
    found.ok_or_else(|| {
        let near = crate::diagnose::did_you_mean(name, windows_names().map(|(windows, _)| windows));
        let hint = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
        format!("there is no time zone '{name}'{hint}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_name_has_a_zone_with_data() {
        assert!(windows_names().count() > 130);
        for (windows, iana) in windows_names() {
            assert!(zone(windows).is_ok(), "{windows} → {iana}");
        }
    }

    #[test]
    fn both_kinds_of_names_are_known_in_any_letter_case() {
        assert_eq!(iana_name("w. europe standard time").as_deref(), Some("Europe/Berlin"));
        assert_eq!(iana_name("europe/paris").as_deref(), Some("Europe/Paris"));
        assert_eq!(iana_name("Nowhere/City"), None);
        assert!(zone("Pacific Standart Time").unwrap_err().contains("Pacific Standard Time"));
    }
}
