//! The limits of expressions, each held and passed by one.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on says so

use lang::expr::{JsonContext, Template, Tree, limits};
use serde_json::{Value, json};

fn context(variables: Value) -> JsonContext {
    JsonContext::new(json!({ "variables": variables }), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap()
}

fn code(text: &str) -> Option<&'static str> {
    let compiled = Template::compile(text);
    assert_eq!(compiled.template.is_some(), compiled.diagnostics.is_empty());
    compiled.diagnostics.first().map(|found| found.code)
}

fn error(text: &str, variables: Value) -> String {
    Template::compile(text).template.unwrap().evaluate(&context(variables)).unwrap_err().message
}

#[test]
fn expressions_have_a_longest_and_a_deepest() {
    for letter in ["x", "ж", "字"] {
        let long = |characters: usize| format!("@'{}'", letter.repeat(characters - 2));
        assert_eq!(code(&long(limits::EXPRESSION_CHARACTERS)), None);
        assert_eq!(code(&long(limits::EXPRESSION_CHARACTERS + 1)), Some("expressionTooLong"));
        let inside = |characters: usize| format!("a @{{'{}'}} b", letter.repeat(characters - 2));
        assert_eq!(code(&inside(limits::EXPRESSION_CHARACTERS)), None);
        assert_eq!(code(&inside(limits::EXPRESSION_CHARACTERS + 1)), Some("expressionTooLong"));
    }
    let million = format!("@{}1{}", "add(1, ".repeat(100_000), ")".repeat(100_000));
    assert_eq!(code(&million), Some("expressionTooLong"));
    let open = format!("a @{{{}", "concat(".repeat(100_000));
    assert_eq!(code(&open), Some("expressionTooLong"));
    let deep = |levels: usize| format!("@{}1{}", "array(".repeat(levels - 1), ")".repeat(levels - 1));
    assert_eq!(code(&deep(limits::EXPRESSION_DEPTH)), None);
    assert_eq!(code(&deep(limits::EXPRESSION_DEPTH + 1)), Some("expressionTooDeep"));
    let brackets = format!("@{}1", "variables('a')[".repeat(500));
    assert_eq!(code(&brackets), Some("expressionTooDeep"));
}

#[test]
fn a_chain_of_steps_is_not_depth() {
    let chain = format!("@variables('o'){}", "?.a".repeat(2_000));
    let value = Template::compile(&chain).template.unwrap().evaluate(&context(json!({"o": {}})));
    assert_eq!(value, Ok(Value::Null));
}

#[test]
fn work_and_text_have_an_end() {
    let items: Vec<i64> = (0..100_000).collect();
    let sum = format!("@length(createArray({}))", vec!["variables('items')"; 60].join(", "));
    assert!(error(&sum, json!({ "items": items })).contains("steps that one evaluation may take"));
    let text = "x".repeat(30 * 1024 * 1024);
    let joined = "@concat(variables('t'), variables('t'), variables('t'), variables('t'))";
    assert!(error(joined, json!({ "t": text })).contains("characters of text"));
}

#[test]
fn a_value_that_is_wrapped_again_and_again_has_a_deepest() {
    let template = Template::compile("@array(variables('v'))").template.unwrap();
    let mut value = json!(1);
    let mut levels = 0;
    let stopped = loop {
        match template.evaluate(&context(json!({ "v": value }))) {
            Ok(next) => value = next,
            Err(error) => break error.message,
        }
        levels += 1;
        assert!(levels <= limits::VALUE_DEPTH, "nothing stops it");
    };
    assert_eq!(levels, limits::VALUE_DEPTH);
    assert!(stopped.contains("inside one another"));
}

#[test]
fn large_texts_give_a_result_or_a_clear_error() {
    let text = "añ<b> ".repeat(100_000);
    let given = context(
        json!({ "t": text, "xml": format!("<a>{}</a>", format!("<b c='d'>{}</b>", "e".repeat(80)).repeat(10_000)) }),
    );
    let ask = |template: &str| Template::compile(template).template.unwrap().evaluate(&given);
    for template in [
        "@length(variables('t'))",
        "@length(toUpper(variables('t')))",
        "@indexOf(variables('t'), 'zz')",
        "@length(replace(variables('t'), 'b', 'bb'))",
        "@length(split(variables('t'), '<'))",
        "@length(base64(variables('t')))",
        "@length(encodeUriComponent(variables('t')))",
        "@contains(variables('t'), 'zz')",
        "@length(encodeXmlValue(variables('t')))",
        "@xpath(xml(variables('xml')), 'count(//b[@c=\"d\"])')",
        "@length(string(json(xml(variables('xml')))))",
    ] {
        assert!(ask(template).is_ok(), "{template}: {:?}", ask(template));
    }
    for template in [
        "@xml(variables('t'))",
        "@json(variables('t'))",
        "@xpath(xml(variables('xml')), 'count(//b[//b[//b]])')",
        "@xpath(xml(variables('xml')), '//b[preceding::b = following::b]')",
        "@xpath(xml(variables('xml')), 'count(//b[/a = 1])')",
        "@xpath(xml(variables('xml')), 'count(//b[number(/a) = 1])')",
    ] {
        assert!(ask(template).is_err(), "{template}");
    }
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| one(number) + " ").collect()
}

#[test]
fn the_limits_of_xml_and_xpath_hold() {
    let given = context(json!({
        "deep": format!("{}{}", "<a>".repeat(limits::XML_DEPTH + 1), "</a>".repeat(limits::XML_DEPTH + 1)),
        "nodes": format!("<a>{}</a>", "<b/>".repeat(limits::XML_NODES)),
        "attributes": format!("<a {}/>", many(limits::XML_ATTRIBUTES + 1, |n| format!("b{n}=''"))),
        "namespaces": format!("<a {}/>", many(limits::XML_NAMESPACES + 1, |n| format!("xmlns:b{n}='u'"))),
        "json": format!("{{\"a\": {{{} \"c\": 1}}}}", many(limits::XML_NAMESPACES + 1, |n| format!("\"@xmlns:b{n}\": \"u\","))),
        "parentheses": "(".repeat(100),
        "operators": format!("1{}", " + 1".repeat(limits::XPATH_OPERATORS + 1)),
        "long": format!("'{}'", "x".repeat(limits::XPATH_BYTES)),
    }));
    for (template, why) in [
        ("@xml(variables('deep'))", "deep in one another"),
        ("@xml(variables('nodes'))", "nodes"),
        ("@xml(variables('attributes'))", "more than 1000 attributes"),
        ("@xml(variables('namespaces'))", "more than 200 namespaces"),
        ("@xml(json(variables('json')))", "more than 200 namespaces"),
        ("@xpath(xml('<a/>'), variables('parentheses'))", "deep in one another"),
        ("@xpath(xml('<a/>'), variables('operators'))", "operators"),
        ("@xpath(xml('<a/>'), variables('long'))", "characters"),
    ] {
        let error = Template::compile(template).template.unwrap().evaluate(&given).unwrap_err();
        assert!(error.message.contains(why), "{template}: {error}");
    }
}

#[test]
fn a_tree_keeps_types_names_and_order() {
    let source =
        json!({"b": "@add(1, 2)", "a": ["@{1}", {"@{concat('k', 1)}": null}], "plain": {"x": "@@y"}});
    let tree = Tree::compile(&source).tree.unwrap();
    let value = tree.evaluate(&context(json!({}))).unwrap();
    assert_eq!(value.to_string(), r#"{"b":3,"a":["1",{"k1":null}],"plain":{"x":"@y"}}"#);
    let broken = Tree::compile(&json!({"a": ["@add("], "b/c": "@nope"}));
    assert!(broken.tree.is_none());
    let places: Vec<&str> = broken.diagnostics.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(places, ["/a/0", "/b~1c"]);
}
