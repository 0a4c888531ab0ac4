//! Secrets that were written into a flow: where they are, and the way out of it. What was found is told by its
//! place; its value is never repeated.

use std::collections::BTreeMap;

use lang::diagnose::{Span, line_column};
use lang::wdl::json::{self, Kind, Node, offset_in_document};
use serde::Serialize;

use super::edit::{Edits, quoted};

/// Names of properties whose texts are secrets, in lower case and without `-`, `_` and blanks.
const SECRET_NAMES: &[&str] = &[
    "password",
    "pwd",
    "passphrase",
    "secret",
    "clientsecret",
    "apikey",
    "xapikey",
    "accountkey",
    "accesskey",
    "sharedaccesskey",
    "subscriptionkey",
    "ocpapimsubscriptionkey",
    "xfunctionskey",
    "functionskey",
    "connectionstring",
    "accesstoken",
    "refreshtoken",
    "apitoken",
    "authtoken",
    "privatekey",
    "pfx",
];
/// Parameters of an address whose values are secrets, in lower case.
const SECRET_QUERIES: &[&str] = &[
    "sig=",
    "code=",
    "apikey=",
    "api_key=",
    "api-key=",
    "key=",
    "access_token=",
    "token=",
    "subscription-key=",
];
/// What stands before a secret in a connection string, in lower case.
const SECRET_FIELDS: &[&str] =
    &["accountkey=", "sharedaccesskey=", "password=", "pwd=", "sharedaccesssignature="];
/// Signs that a secret in an address has at least. Shorter ones are rather names.
const SHORTEST: usize = 12;
/// Parts that describe and do not run.
const NOT_LOOKED_INTO: &[&str] = &["schema", "metadata", "description", "runAfter", "connectionReferences"];

/// A secret in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// How it was recognised: `address`, `authorization`, `connectionString`, `named`, `parameter`.
    pub kind: &'static str,
    /// JSON pointer of the text that it stands in.
    pub pointer: String,
    /// Line of that text, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The name that it gets in the vault.
    pub name: String,
    /// Whether it can be moved there without a hand: not out of the middle of an expression.
    pub movable: bool,
}

/// A secret, with its place in the text.
struct Place<'n> {
    kind: &'static str,
    node: &'n Node,
    /// Bytes of the decoded text.
    range: Span,
    hint: String,
    movable: bool,
    /// Whether the text is the default of a secure parameter.
    of_parameter: bool,
}

/// The secrets in the document of a flow called `flow`.
pub fn secrets(flow: &str, document: &str) -> Vec<Secret> {
    let Some(root) = json::read(document).0 else { return Vec::new() };
    let places = places(&root);
    let names = names(flow, &places);
    places.iter().zip(names).map(|(place, name)| told(document, &root, place, name)).collect()
}

/// The document with its secrets replaced by references to the vault: each becomes a secure parameter whose default
/// is `${secret:NAME}`. Gives what was moved, and what could not be.
pub fn move_secrets(flow: &str, document: &str) -> (String, Vec<Secret>) {
    let Some(root) = json::read(document).0 else { return (document.to_owned(), Vec::new()) };
    let places = places(&root);
    let names = names(flow, &places);
    let mut edits = Edits::default();
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (place, name) in places.iter().zip(&names) {
        if !place.movable {
            continue;
        }
        let reference = quoted(&format!("${{secret:{name}}}"));
        if place.of_parameter {
            edits.replace(place.node.span, reference);
            continue;
        }
        if !parameters.iter().any(|(known, _)| known == name) {
            parameters
                .push((name.clone(), format!("{{\"type\":\"SecureString\",\"defaultValue\":{reference}}}")));
        }
        let whole = place.node.as_text().is_some_and(|text| place.range == Span::new(0, text.len()));
        if whole {
            edits.replace(place.node.span, quoted(&format!("@parameters('{name}')")));
        } else {
            let at = |offset| offset_in_document(document, place.node.span, offset);
            let span = Span::new(at(place.range.start), at(place.range.end));
            edits.replace(span, format!("@{{parameters('{name}')}}"));
        }
    }
    declare(document, &root, &parameters, &mut edits);
    let told = places.iter().zip(names).map(|(place, name)| told(document, &root, place, name)).collect();
    (edits.apply(document), told)
}

fn declare(document: &str, root: &Node, parameters: &[(String, String)], edits: &mut Edits) {
    let Some(definition) = lang::wdl::locate(root).filter(|_| !parameters.is_empty()) else { return };
    let added: Vec<(&str, String)> =
        parameters.iter().map(|(name, declaration)| (name.as_str(), declaration.clone())).collect();
    match definition.get("parameters") {
        Some(declared) => edits.append(document, declared, &added),
        None => {
            let all: Vec<String> = added.iter().map(|(name, it)| format!("{}:{it}", quoted(name))).collect();
            edits.append(document, definition, &[("parameters", format!("{{{}}}", all.join(",")))]);
        }
    }
}

fn told(document: &str, root: &Node, place: &Place<'_>, name: String) -> Secret {
    let at = line_column(document, place.node.span.start);
    Secret {
        kind: place.kind,
        pointer: root.pointer_at(place.node.span.start),
        line: at.line,
        column: at.column,
        name,
        movable: place.movable,
    }
}

/// A name for each secret; the same secret has the same name.
fn names(flow: &str, places: &[Place<'_>]) -> Vec<String> {
    let mut given: BTreeMap<&str, String> = BTreeMap::new();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::new();
    for place in places {
        let secret = place.range.of(place.node.as_text().unwrap_or_default());
        let name = given.entry(secret).or_insert_with(|| {
            let base = super::name_of(&format!("{flow}-{}", place.hint)).to_lowercase();
            let count = used.entry(base.clone()).or_insert(0);
            *count += 1;
            if *count == 1 { base } else { format!("{base}-{count}") }
        });
        names.push(name.clone());
    }
    names
}

fn places(root: &Node) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    look(root, "", &mut found);
    found.sort_by_key(|place| (place.node.span.start, place.range.start));
    found
}

/// Recursion ends: the reader bounds how deep a JSON value may be.
fn look<'n>(node: &'n Node, key: &str, found: &mut Vec<Place<'n>>) {
    match &node.kind {
        Kind::Text(text) => found.extend(in_text(node, text, key)),
        Kind::Array(items) => items.iter().for_each(|item| look(item, key, found)),
        Kind::Object(members) => {
            if let Some(place) = secure_parameter(node, key).or_else(|| named_value(node)) {
                found.push(place);
                return;
            }
            for member in members {
                if !NOT_LOOKED_INTO.contains(&member.key.as_str()) {
                    look(&member.value, &member.key, found);
                }
            }
        }
        _ => {}
    }
}

/// The default of a secure parameter.
fn secure_parameter<'n>(node: &'n Node, name: &str) -> Option<Place<'n>> {
    let kind = node.get("type").and_then(Node::as_text)?;
    let default = node.get("defaultValue")?;
    let text = default.as_text().filter(|text| is_literal(text))?;
    kind.eq_ignore_ascii_case("securestring").then(|| Place {
        kind: "parameter",
        node: default,
        range: Span::new(0, text.len()),
        hint: name.to_owned(),
        movable: true,
        of_parameter: true,
    })
}

/// `{name: "password", value: "…"}`: a variable, or a field of a form.
fn named_value(node: &Node) -> Option<Place<'_>> {
    let name = node.get("name").or_else(|| node.get("key")).and_then(Node::as_text)?;
    let value = node.get("value")?;
    let text = value.as_text().filter(|text| is_literal(text))?;
    is_secret_name(name).then(|| Place {
        kind: "named",
        node: value,
        range: Span::new(0, text.len()),
        hint: name.to_owned(),
        movable: true,
        of_parameter: false,
    })
}

fn is_secret_name(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    SECRET_NAMES.iter().any(|secret| plain == *secret || (secret.len() > 5 && plain.ends_with(secret)))
}

/// Whether a text is itself what it says: no expression, no reference, no blank to be filled in.
fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let starts = ["@", "${", "<", "[", "{"];
    let blank = text.is_empty() || text.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '_'));
    !blank
        && !starts.iter().any(|start| text.starts_with(start))
        && !text.contains("@{")
        && !text.contains("${")
}

/// Adding lower case does not move bytes here: only ASCII letters change.
fn in_text<'n>(node: &'n Node, text: &str, key: &str) -> Vec<Place<'n>> {
    let movable = !text.starts_with('@') || text.starts_with("@{") || text.starts_with("@@");
    let place = |kind, range: Span, hint: &str| Place {
        kind,
        node,
        range,
        hint: hint.to_owned(),
        movable,
        of_parameter: false,
    };
    let whole = Span::new(0, text.len());
    if key.eq_ignore_ascii_case("authorization") && is_literal(text) {
        let start = text.find(' ').map_or(0, |blank| blank + 1);
        return vec![place("authorization", Span::new(start, text.len()), "authorization")];
    }
    if is_secret_name(key) && is_literal(text) {
        return vec![place("named", whole, key)];
    }
    let lower = text.to_ascii_lowercase();
    let is_hook = ["://hooks.slack.com/services/", ".webhook.office.com/webhookb2/"];
    if is_hook.iter().any(|part| lower.contains(part)) && is_literal(text) {
        return vec![place("address", whole, "url")];
    }
    let mut found = Vec::new();
    for query in SECRET_QUERIES {
        found.extend(
            after(&lower, query, |before| before.ends_with(['?', '&']), "&#\"' ")
                .map(|range| place("address", range, query.trim_end_matches('='))),
        );
    }
    let starts_field = |before: &str| before.is_empty() || before.ends_with([';', ' ', '"', '\'']);
    for field in SECRET_FIELDS {
        found.extend(
            after(&lower, field, starts_field, ";\"' ")
                .map(|range| place("connectionString", range, field.trim_end_matches('='))),
        );
    }
    if lower.contains("-----begin") && lower.contains("private key-----") {
        found.push(place("named", whole, "private-key"));
    }
    found
}

/// The value after `mark`, where what is before it fits, up to one of `ends`.
fn after(text: &str, mark: &str, fits: impl Fn(&str) -> bool, ends: &str) -> Option<Span> {
    let start = text.match_indices(mark).find_map(|(at, _)| {
        let start = at + mark.len();
        fits(text.get(..at)?).then_some(start)
    })?;
    let rest = text.get(start..)?;
    let length = rest.find(|c: char| ends.contains(c)).unwrap_or(rest.len());
    let value = rest.get(..length)?;
    // A value that is filled in when the flow runs is no secret in the document.
    (length >= SHORTEST && !value.contains("@{") && !value.contains("${"))
        .then(|| Span::new(start, start + length))
}

// ---- whose flow it was ----

/// Properties that say who made a flow and where, and that no action reads.
const PERSONAL: &[&str] = &[
    "creator",
    "createdBy",
    "lastModifiedBy",
    "modifiedBy",
    "tenantId",
    "objectId",
    "userId",
    "environment",
    "sourceEnvironment",
    "packageTelemetryId",
    "flowTriggerUri",
    "workflowEntityId",
    "provisioningMethod",
    "sharing",
    "identity",
];

/// The document without the properties that say who made it and in which tenant. Only what stands around the
/// definition, and its `metadata`, is looked into: an action may need a tenant to sign in. Gives their pointers.
pub fn strip(document: &str) -> (String, Vec<String>) {
    let Some(root) = json::read(document).0 else { return (document.to_owned(), Vec::new()) };
    let definition = lang::wdl::locate(&root);
    let places = [
        Some(&root).filter(|root| definition.is_none_or(|it| !std::ptr::eq(it, *root))),
        root.get("properties"),
        root.get("metadata"),
        root.get("properties").and_then(|it| it.get("metadata")),
        definition.and_then(|it| it.get("metadata")),
    ];
    let is_personal = |key: &str| PERSONAL.iter().any(|personal| personal.eq_ignore_ascii_case(key));
    let mut edits = Edits::default();
    let mut gone = Vec::new();
    for object in places.into_iter().flatten() {
        edits.remove(object, |member| is_personal(&member.key));
        let personal = object.members().iter().filter(|member| is_personal(&member.key));
        gone.extend(personal.map(|member| root.pointer_at(member.key_span.start)));
    }
    (edits.apply(document), gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAKY: &str = r#"{"properties": {"creator": {"id": "me", "tenantId": "t"}, "displayName": "Leaky", "definition": {
  "metadata": {"creator": {"id": "me"}, "failureAlertSubscription": true},
  "parameters": {"Key": {"type": "SecureString", "defaultValue": "s3cret-of-parameter"}, "Open": {"type": "String", "defaultValue": "not a secret"}},
  "triggers": {"m": {"type": "Request", "inputs": {"schema": {"properties": {"password": {"type": "string", "example": "?sig=aaaaaaaaaaaaaaaaaaaa"}}}}}},
  "actions": {
    "Call": {"type": "Http", "inputs": {"method": "POST", "uri": "https://x.logic.azure.com/run?api=1&sig=AbC-dEfGhIjKlMnOpQrStUv&x=1",
      "headers": {"Authorization": "Bearer eyJhbGciOi\u00e9", "x-functions-key": "FUNCTIONKEY123", "Accept": "text/plain"},
      "authentication": {"type": "ActiveDirectoryOAuth", "tenant": "t", "secret": "@parameters('Key')"}}},
    "Again": {"type": "Http", "inputs": {"method": "GET", "uri": "https://x.logic.azure.com/run?sig=AbC-dEfGhIjKlMnOpQrStUv"}},
    "Var": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "Password", "type": "string", "value": "hunter2"}]}},
    "Text": {"type": "Compose", "inputs": "Server=x;Password=verysecretword;Database=y"},
    "Inside": {"type": "Compose", "inputs": "@concat('https://x?sig=ZZZZZZZZZZZZZZZZZZ', '')"},
    "Fine": {"type": "Compose", "inputs": ["https://x?sig=@{parameters('Key')}", "?key=short", {"apiKey": "@{variables('Password')}", "password": "***", "token": "x"}]}
  }}}}"#;

    const VALUES: [&str; 6] = [
        "s3cret-of-parameter",
        "AbC-dEfGhIjKlMnOpQrStUv",
        "eyJhbGciOi",
        "FUNCTIONKEY123",
        "hunter2",
        "verysecretword",
    ];

    #[test]
    fn secrets_are_told_by_their_place_and_never_by_their_value() {
        let found = secrets("Leaky", LEAKY);
        let told: Vec<_> = found.iter().map(|it| (it.kind, it.name.as_str(), it.movable)).collect();
        assert_eq!(
            told,
            [
                ("parameter", "leaky-key", true),
                ("address", "leaky-sig", true),
                ("authorization", "leaky-authorization", true),
                ("named", "leaky-x-functions-key", true),
                ("address", "leaky-sig", true),
                ("named", "leaky-password", true),
                ("connectionString", "leaky-password-2", true),
                ("address", "leaky-sig-2", false),
            ]
        );
        assert_eq!(found[1].pointer, "/properties/definition/actions/Call/inputs/uri");
        assert_eq!((found[1].line, found[1].column), (6, 66));
        let shown = serde_json::to_string(&found).unwrap();
        assert!(VALUES.iter().all(|value| !shown.contains(value)));
    }

    #[test]
    fn moved_secrets_leave_references_and_a_flow_that_still_reads_well() {
        let (moved, _) = move_secrets("Leaky", LEAKY);
        assert!(VALUES.iter().all(|value| !moved.contains(value)), "{moved}");
        for part in [
            r#""uri": "https://x.logic.azure.com/run?api=1&sig=@{parameters('leaky-sig')}&x=1""#,
            r#""Authorization": "Bearer @{parameters('leaky-authorization')}""#,
            r#""x-functions-key": "@parameters('leaky-x-functions-key')""#,
            r#""defaultValue": "${secret:leaky-key}""#,
            r#""Server=x;Password=@{parameters('leaky-password-2')};Database=y""#,
            r#""leaky-sig": {"type":"SecureString","defaultValue":"${secret:leaky-sig}"}"#,
        ] {
            assert!(moved.contains(part), "{part} in {moved}");
        }
        let (compiled, findings) = crate::definitions::check(&moved);
        assert!(compiled.is_some(), "{findings:#?}");
        // Only the one inside an expression is left; a second time there is nothing to move.
        assert_eq!(secrets("Leaky", &moved).iter().filter(|it| it.movable).count(), 0, "{moved}");
        assert_eq!(move_secrets("Leaky", &moved).0, moved);
    }

    #[test]
    fn who_made_it_is_taken_out_and_nothing_else() {
        let (stripped, gone) = strip(LEAKY);
        assert_eq!(gone, ["/properties/creator", "/properties/definition/metadata/creator"]);
        let expected = LEAKY
            .replace(r#""creator": {"id": "me", "tenantId": "t"}, "displayName""#, r#""displayName""#)
            .replace(r#""creator": {"id": "me"}, "failure"#, r#""failure"#);
        assert_eq!(stripped, expected);
    }
}
