//! "Did you mean": the nearest of the names that there are.

/// The name in `known` that `wanted` most likely stood for, if any is near enough.
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = wanted.to_lowercase();
    let score = |name: &str| strsim::jaro_winkler(&wanted, &name.to_lowercase());
    known
        .into_iter()
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["Customer", "ConflationMatchPairs", "eCommerce_eCommerceContacts"];
        assert_eq!(nearest("Custmer", known).as_deref(), Some("Customer"));
        assert_eq!(nearest("customer", known).as_deref(), Some("Customer"));
        assert_eq!(nearest("orders", known), None);
    }
}
