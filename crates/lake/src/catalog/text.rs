//! The texts of the catalog: times, quoted names, folders.

use jiff::Timestamp;

/// A moment as DuckLake writes it: `2026-11-20 10:28:48.588679+00`, always with six digits, so that texts sort
/// as moments.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S.%6f+00").to_string()
}

/// The moment that [`moment`] wrote.
pub(crate) fn parse_moment(text: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.strip_suffix("+00")?.parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// A name in double quotes, as in `created_table:"main"."Customer"`.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The folder of a table: its name where that is safe in every file system, with a trailing `/`. Two tables
/// may share a folder, because file names are unique.
pub(crate) fn folder(name: &str) -> String {
    const LONGEST: usize = 100;
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let mut folder: String = name.chars().take(LONGEST).map(safe).collect();
    folder.push('/');
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_its_text() {
        for text in ["2026-11-20T10:28:48.588679Z", "2026-11-20T10:28:48Z", "1969-12-31T23:59:59.999999Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(parse_moment(&moment(at)), Some(at), "{}", moment(at));
        }
        assert_eq!(moment("2026-11-20T10:28:48Z".parse().unwrap()), "2026-11-20 10:28:48.000000+00");
        assert_eq!(parse_moment("yesterday+00"), None);
    }

    #[test]
    fn no_name_leads_out_of_the_lakes_folder() {
        assert_eq!(folder("../../etc"), "______etc/");
        assert_eq!(folder("eCommerce_Contacts"), "eCommerce_Contacts/");
        assert_eq!(folder("Größe/ü"), "Gr__e__/");
        assert_eq!(folder(&"x".repeat(1000)).len(), 101);
    }
}
