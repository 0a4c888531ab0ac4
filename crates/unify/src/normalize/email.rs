//! The parts of an e-mail address.

use super::text::push_lower;

/// An e-mail address in its parts, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Email<'a> {
    /// What stands before the `@`, the tag included.
    pub(crate) local: &'a str,
    /// What stands between the first `+` of the local part and the `@` (RFC 5233 calls it the detail).
    pub(crate) tag: Option<&'a str>,
    /// What stands after the `@`.
    pub(crate) domain: &'a str,
}

/// Reads an e-mail address, also one with a name in front (`Ann <ann@example.com>`) or `mailto:`. None for what is no
/// address of the internet: it needs one `@` and a dot in the domain.
pub(crate) fn email(value: &str) -> Option<Email<'_>> {
    let value = value.trim();
    let value = value.strip_suffix('>').and_then(|it| Some(it.rsplit_once('<')?.1)).unwrap_or(value);
    let value = value.strip_prefix("mailto:").unwrap_or(value);
    let (local, domain) = value.rsplit_once('@')?;
    let dotted = domain.split_once('.').is_some_and(|(name, top)| !name.is_empty() && !top.is_empty());
    let plain = |part: &str| {
        !part.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[],;:@".contains(c))
    };
    if local.is_empty() || !dotted || domain.ends_with('.') || !plain(local) || !plain(domain) {
        return None;
    }
    let tag = local.split_once('+').filter(|(name, _)| !name.is_empty()).map(|(_, tag)| tag);
    Some(Email { local, tag, domain })
}

impl Email<'_> {
    /// Writes the mailbox: the local part in lower case without its tag, and without full stops where there are other
    /// characters. Many, not all, providers deliver all of these forms to one person.
    pub(crate) fn write_mailbox(&self, to: &mut String) {
        let start = to.len();
        let name = match self.tag {
            Some(_) => self.local.split('+').next().unwrap_or_default(),
            None => self.local,
        };
        name.split('.').for_each(|part| push_lower(part, to));
        if to.len() == start {
            push_lower(self.local, to);
        }
    }

    /// Writes the domain in lower case, `googlemail.com` as `gmail.com`: they are one service.
    pub(crate) fn write_domain(&self, to: &mut String) {
        let start = to.len();
        push_lower(self.domain, to);
        if to.get(start..) == Some("googlemail.com") {
            to.truncate(start);
            to.push_str("gmail.com");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_local_part_a_tag_and_a_domain() {
        let mut forms = Vec::new();
        for value in ["J.Doe+news@GoogleMail.com", "Jane <jdoe@gmail.com>", " mailto:jdoe@gmail.com "] {
            let email = email(value).unwrap();
            let (mut local, mut domain) = (String::new(), String::new());
            email.write_mailbox(&mut local);
            email.write_domain(&mut domain);
            forms.push((local, domain));
        }
        assert_eq!(forms, vec![("jdoe".to_owned(), "gmail.com".to_owned()); 3]);
        let parts = email("a+b+c@x.org").unwrap();
        assert_eq!((parts.local, parts.tag, parts.domain), ("a+b+c", Some("b+c"), "x.org"));
        assert_eq!(email("+a@x.org").unwrap().tag, None);
        assert_eq!(email("имейл@пример.бг").unwrap().domain, "пример.бг");
    }

    #[test]
    fn what_is_no_address_has_no_parts() {
        for value in
            ["", "@", "a@", "@b.c", "a@b", "a@b.", "a@.b", "a b@c.d", "a@b@c.d", "a,b@c.d", "a@c d.e"]
        {
            assert_eq!(email(value), None, "{value:?}");
        }
    }
}
