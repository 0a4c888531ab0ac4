//! Plain text from HTML, for readers without HTML: what it says and where its links lead, without its looks.

/// The longest character reference that is looked for, such as `&hellip;`.
const MAX_REFERENCE: usize = 12;

/// The text of `html`: blocks on lines of their own, list items with a dash, links as `text (address)`.
pub(in crate::connectors) fn plain_text(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        text.words(before);
        rest = match tag(from) {
            Some((tag, after)) => match tag.hides_until() {
                Some(end) => skip_past(after, end),
                None => {
                    text.tag(&tag);
                    after
                }
            },
            None => {
                text.words("<");
                from.get(1..).unwrap_or_default()
            }
        };
    }
    text.words(rest);
    text.finish()
}

/// A tag: its name in lower case, and its inside as written.
struct Tag<'a> {
    closes: bool,
    name: String,
    inside: &'a str,
}

impl Tag<'_> {
    /// Elements whose content nobody is meant to read, and how they end.
    fn hides_until(&self) -> Option<&'static str> {
        match (self.closes, self.name.as_str()) {
            (false, "script") => Some("</script"),
            (false, "style") => Some("</style"),
            (false, "head") => Some("</head"),
            (false, "title") => Some("</title"),
            _ => None,
        }
    }

    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.inside;
        while let Some((before, after)) = rest.split_once('=') {
            let name = before.split_whitespace().last().unwrap_or_default();
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, tail) = match quote {
                Some(quote) => after.get(1..)?.split_once(quote)?,
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(decoded(value));
            }
            rest = tail;
        }
        None
    }
}

/// The tag (or comment) at the start of `from`, and what follows it; `None` when the `<` is only a character.
fn tag(from: &str) -> Option<(Tag<'_>, &str)> {
    if let Some(comment) = from.strip_prefix("<!--") {
        let after = comment.split_once("-->").map_or("", |(_, after)| after);
        return Some((Tag { closes: false, name: String::new(), inside: "" }, after));
    }
    let inner = from.strip_prefix('<')?;
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return None;
    }
    let mut quote = None;
    let end = inner.find(|c: char| {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => return c == '>',
        }
        false
    })?;
    let (inside, after) = (inner.get(..end)?, inner.get(end + 1..)?);
    let bare = inside.trim_start_matches('/');
    let name = bare.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
    let tag = Tag { closes: inside.starts_with('/'), name: name.to_ascii_lowercase(), inside };
    Some((tag, after))
}

fn skip_past<'a>(text: &'a str, end: &str) -> &'a str {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(end) else { return "" };
    text.get(at..).and_then(|from| from.split_once('>')).map_or("", |(_, after)| after)
}

/// The text as it grows.
#[derive(Default)]
struct Text {
    out: String,
    /// White space that becomes one space if a word follows.
    space: bool,
    /// Open links: where they lead and where their text began.
    links: Vec<(String, usize)>,
}

impl Text {
    fn words(&mut self, html: &str) {
        for c in decoded(html).chars() {
            if c.is_whitespace() && c != '\u{a0}' {
                self.space = true;
                continue;
            }
            if self.space && !self.out.is_empty() && !self.out.ends_with('\n') {
                self.out.push(' ');
            }
            self.space = false;
            self.out.push(if c == '\u{a0}' { ' ' } else { c });
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        match (tag.closes, tag.name.as_str()) {
            (_, "br") => self.line(),
            (false, "hr") => {
                self.paragraph();
                self.out.push_str("---");
                self.paragraph();
            }
            (_, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "ul" | "ol" | "blockquote") => {
                self.paragraph();
            }
            (false, "li") => {
                self.paragraph_or_line("- ");
            }
            (_, "div" | "tr" | "li" | "section" | "article" | "header" | "footer" | "pre") => self.block(),
            (true, "td" | "th") => self.space = true,
            (false, "a") => {
                let href = tag.attribute("href").unwrap_or_default();
                self.links.push((href, self.out.len()));
            }
            (true, "a") => self.close_link(),
            _ => {}
        }
    }

    fn close_link(&mut self) {
        let Some((href, start)) = self.links.pop() else { return };
        let text = self.out.get(start..).unwrap_or_default().trim();
        let worth =
            href.starts_with("http://") || href.starts_with("https://") || href.starts_with("mailto:");
        if worth && text != href && text != href.trim_start_matches("mailto:") {
            self.words(" (");
            self.space = false;
            self.out.push_str(&href);
            self.out.push(')');
        }
    }

    fn line(&mut self) {
        self.space = false;
        self.out.push('\n');
    }

    fn block(&mut self) {
        self.space = false;
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn paragraph_or_line(&mut self, mark: &str) {
        self.block();
        self.out.push_str(mark);
    }

    fn paragraph(&mut self) {
        self.block();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn finish(self) -> String {
        let lines: Vec<_> = self.out.lines().map(str::trim_end).collect();
        lines.join("\n").trim().to_owned()
    }
}

/// Text with its character references replaced; unknown ones stay.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let named = after.split_once(';').filter(|(name, _)| name.len() <= MAX_REFERENCE);
        match named.and_then(|(name, tail)| Some((reference(name)?, tail))) {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        "rarr" => '→',
        "larr" => '←',
        "middot" => '·',
        "bull" => '•',
        "laquo" => '«',
        "raquo" => '»',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "times" => '×',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_what_it_says() {
        for (html, text) in [
            ("<p>Hello,<br>you</p><p>Bye</p>", "Hello,\nyou\n\nBye"),
            ("a\n  b\t c", "a b c"),
            ("<ul><li>one</li><li>two</li></ul>end", "- one\n- two\n\nend"),
            (
                "see <a href=\"https://w.example/?a=1&amp;b=2\">the list</a>.",
                "see the list (https://w.example/?a=1&b=2).",
            ),
            ("<a href='https://w.example'>https://w.example</a>", "https://w.example"),
            ("<a href=\"mailto:a@b.example\">a@b.example</a>", "a@b.example"),
            ("<a href=\"javascript:x()\">x</a>", "x"),
            (
                "<head><title>no</title></head><style>p{}</style><script>if (a<b) {}</script>yes<!-- no -->",
                "yes",
            ),
            ("1 < 2 &amp;&amp; 3 &gt; 2 &unknown; &#8594; &#x2192;", "1 < 2 && 3 > 2 &unknown; → →"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("<b>bold</b><i>italic</i>", "bolditalic"),
            ("<p title='a>b'>x</p>", "x"),
            ("a&nbsp;b<hr>c", "a b\n\n---\n\nc"),
            ("plain", "plain"),
            ("", ""),
            ("<", "<"),
            ("a <unclosed", "a <unclosed"),
            ("<script>never closed", ""),
            ("<a href=\"x", "<a href=\"x"),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_fail(html in "[<>/a-z&;#\"'= é!-]{0,80}") {
            let text = plain_text(&html);
            proptest::prop_assert!(text.len() <= html.len() * 4 + 8);
        }
    }
}
