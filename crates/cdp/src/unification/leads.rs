//! Where the rows behind a number are: references relative to the address of the report.

use std::fmt::Write;

/// `<path>?<name>=<value>&…`, with everything but letters, digits, `-`, `.`, `_` and `~` escaped (RFC 3986, 2.3).
pub(super) fn reference(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    for (at, (name, value)) in parameters.iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                // Writing into a String cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_kind_survive_in_a_reference() {
        let text = reference("pairs", &[("entity", "Shop_Contacts"), ("rule", "e-mail & ім'я")]);
        assert_eq!(text, "pairs?entity=Shop_Contacts&rule=e-mail%20%26%20%D1%96%D0%BC%27%D1%8F");
        assert_eq!(reference("report", &[]), "report");
    }
}
