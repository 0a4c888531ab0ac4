//! The project is under Apache-2.0, in full text and in every crate.

use serde_json::Value;

use super::house::{Finding, House, manifest};

const LICENCE: &str = "Apache-2.0";

/// A licence that is missing, cut or different.
pub(crate) fn check(house: &House, metadata: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = house.text("LICENSE").unwrap_or_default();
    for part in [
        "Apache License",
        "Version 2.0, January 2004",
        "9. Accepting Warranty",
        "END OF TERMS AND CONDITIONS",
    ] {
        if !text.contains(part) {
            findings.push(Finding::new(
                "LICENSE",
                1,
                format!("the full text of {LICENCE} is expected: {part:?}"),
            ));
        }
    }
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        if package["license"].as_str() != Some(LICENCE) {
            findings.push(Finding::new(
                &manifest(name),
                1,
                format!("{name} is not under {LICENCE}: `license.workspace = true`"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::house::sample;
    use super::*;

    #[test]
    fn the_full_text_and_every_crate_are_checked() {
        let text =
            "Apache License\nVersion 2.0, January 2004\n9. Accepting Warranty\nEND OF TERMS AND CONDITIONS\n";
        let good = json!({"packages": [{"name": "a", "license": "Apache-2.0"}]});
        assert!(check(&sample(&[("LICENSE", text)]), &good).is_empty());
        assert_eq!(check(&sample(&[]), &good).len(), 4);
        let bad = json!({"packages": [{"name": "a", "license": "MIT"}, {"name": "b", "license": null}]});
        assert_eq!(check(&sample(&[("LICENSE", text)]), &bad).len(), 2);
    }
}
