//! What holds for every text and every tree, not only for the cases somebody thought of.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on says so

use lang::diagnose::Span;
use lang::expr::{Expr, JsonContext, Key, Node, Part, Step, Template, functions};
use lang::wdl::Definition;
use proptest::prelude::*;
use serde_json::{Value, json};

fn expr(node: Node) -> Expr {
    Expr { node, span: Span::default() }
}

fn a_name() -> impl Strategy<Value = String> {
    "[a-zA-Z_][a-zA-Z0-9_]{0,8}"
}

fn a_leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(Node::Integer),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Node::Float),
        ".{0,12}".prop_map(Node::Text),
    ]
    .prop_map(expr)
}

fn an_expr() -> impl Strategy<Value = Expr> {
    a_leaf().prop_recursive(5, 40, 4, |inner| {
        let call = (a_name(), prop::collection::vec(inner.clone(), 0..4)).prop_map(|(name, args)| {
            let function = functions::find(&name);
            expr(Node::Call { name, name_span: Span::default(), function, args })
        });
        let key = prop_oneof![a_name().prop_map(Key::Name), inner.clone().prop_map(Key::Index)];
        let step =
            (any::<bool>(), key).prop_map(|(forgiving, key)| Step { forgiving, key, span: Span::default() });
        let path = (inner, prop::collection::vec(step, 1..4)).prop_map(|(base, mut more)| match base.node {
            // A path of a path is one longer path.
            Node::Path { base, mut steps } => {
                steps.append(&mut more);
                expr(Node::Path { base, steps })
            }
            _ => expr(Node::Path { base: Box::new(base), steps: more }),
        });
        prop_oneof![call, path]
    })
}

/// Pieces of expressions in any order: more of them come close to the grammar than random letters do.
fn a_near_expression() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("@".to_owned()),
        Just("@{".to_owned()),
        Just("}".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("?".to_owned()),
        Just(".".to_owned()),
        Just(",".to_owned()),
        Just("'".to_owned()),
        Just("'é😀'".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("1e308".to_owned()),
        Just("variables('o')".to_owned()),
        (0..200_usize).prop_map(|index| {
            functions::all()
                .nth(index % functions::all().count())
                .map(|function| format!("{}(", function.name))
                .unwrap()
        }),
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Calls of real functions with arguments of all kinds.
fn a_wild_call() -> impl Strategy<Value = String> {
    let literal = prop_oneof![
        Just("null".to_owned()),
        Just("variables('o')".to_owned()),
        Just("createArray(1, 'a', null)".to_owned()),
        Just("'2024-02-29T23:59:59.9999999Z'".to_owned()),
        Just("'Pacific Standard Time'".to_owned()),
        Just("'\u{1F600}x'".to_owned()),
        Just("''".to_owned()),
        Just("'#,##0.0;(0);E+0'".to_owned()),
        Just("'dddd MM yy FFF'".to_owned()),
        any::<i64>().prop_map(|value| value.to_string()),
        (-5..50_i64).prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:?}")),
        "[ -~&&[^']]{0,10}".prop_map(|text| format!("'{text}'")),
    ];
    let count = functions::all().count();
    (0..count, prop::collection::vec(literal, 0..5)).prop_map(|(index, args)| {
        let name = functions::all().nth(index).map_or("add", |function| function.name);
        format!("@{name}({})", args.join(", "))
    })
}

/// Objects that XML can hold without a loss: texts and nulls, arrays of at least two, one outermost property.
fn an_xml_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        "[a-z <>&\"'é]{1,8}".prop_filter("not blank", |text| !text.trim().is_empty()).prop_map(Value::String)
    ];
    let inner = leaf.prop_recursive(3, 20, 4, |inner| {
        let item = prop_oneof![
            inner.clone(),
            prop::collection::vec(inner, 2..4)
                .prop_filter("no arrays in arrays", |items| !items.iter().any(Value::is_array))
                .prop_map(Value::Array)
        ];
        prop::collection::btree_map("[a-z0-9 =]{1,5}", item, 1..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    });
    ("[a-z]{1,5}", inner.prop_filter("one root", |value| !value.is_array()))
        .prop_map(|(name, value)| json!({ name: value }))
}

fn a_near_xml() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<a>",
        "</a>",
        "<b c='d'/>",
        "<a",
        ">",
        "/>",
        "&amp;",
        "&x;",
        "&#65;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?pi x?>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE a>",
        " ",
        "t",
        "é",
        "xmlns='u'",
        "xmlns:p='u'",
        "<p:a>",
        "</p:a>",
        "\u{1}",
        "'",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn a_near_xpath() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/",
        "//",
        "a",
        "c",
        "*",
        "@b",
        "[",
        "]",
        "(",
        ")",
        "1",
        "last()",
        "position()",
        "=",
        "<",
        "+",
        "-",
        " div ",
        " mod ",
        " and ",
        "|",
        "..",
        ".",
        "text()",
        "node()",
        "ancestor::",
        "preceding::",
        "following-sibling::",
        "namespace::",
        "'x'",
        ",",
        "count(",
        "sum(",
        "string(",
        "substring(",
        "translate(",
        "concat(",
        "lang(",
        "id(",
        "::",
        "$v",
        "é",
        "p:",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_as_the_same_tree(tree in an_expr()) {
        let text = tree.to_string();
        prop_assume!(text.len() < 8_000);
        let parsed = lang::expr::parse(&text);
        prop_assert_eq!(parsed.expr, Some(tree), "{}: {:?}", text, parsed.diagnostics);
    }

    #[test]
    fn a_printed_template_reads_back_as_the_same_template(text in a_near_expression()) {
        if let Some(template) = Template::compile(&text).template {
            // Neighbouring literals and empty ones do not come out of the reader.
            let again = Template::compile(&template.to_string()).template;
            prop_assert_eq!(again.as_ref(), Some(&template), "{:?} printed as {:?}", text, template.to_string());
            if let Template::Text(parts) = &template {
                prop_assert!(parts.iter().any(|part| matches!(part, Part::Value(_))));
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_or_the_evaluation_panic(text in prop_oneof![a_near_expression(), a_wild_call(), ".{0,40}"]) {
        let compiled = Template::compile(&text);
        for found in &compiled.diagnostics {
            prop_assert!(found.span.end <= text.len(), "{:?}", found);
        }
        prop_assert!(compiled.template.is_some() || compiled.diagnostics.iter().any(|found| found.is_error()));
        let context = json!({"variables": {"o": {"a": [1, {"b": null}], "$content": "x"}}, "item": [1, 2], "now": "2024-02-29T12:00:00Z"});
        let context = JsonContext::new(context, "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        if let Some(template) = compiled.template {
            let _ = template.evaluate(&context);
        }
    }

    #[test]
    fn no_document_makes_the_definition_reader_panic(text in "[\\[\\]{}\":,a-z@'()\\\\ \\n0-9\u{feff}é]{0,60}") {
        let checked = Definition::parse(&text);
        prop_assert!(checked.definition.is_some() || checked.has_errors());
    }

    #[test]
    fn an_object_survives_the_way_through_xml(value in an_xml_object()) {
        let context = JsonContext::new(json!({"variables": {"o": value}}), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        let template = Template::compile("@json(xml(variables('o')))").template.unwrap();
        prop_assert_eq!(template.evaluate(&context), Ok(value));
    }

    #[test]
    fn no_xml_and_no_xpath_makes_the_evaluation_panic(xml in a_near_xml(), path in a_near_xpath()) {
        let variables = json!({"variables": {"x": xml, "p": path, "good": "<a b='1'><c>2</c><c/><!--d--></a>"}});
        let context = JsonContext::new(variables, "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        for template in ["@json(xml(variables('x')))", "@xpath(xml(variables('good')), variables('p'))", "@xpath(xml(variables('x')), '//*')"] {
            let _ = Template::compile(template).template.unwrap().evaluate(&context);
        }
    }

    #[test]
    fn names_and_values_of_xml_decode_to_what_was_encoded(text in ".{0,20}") {
        let context = JsonContext::new(json!({"variables": {"t": text}}), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        for template in ["@decodeXmlName(encodeXmlName(variables('t')))", "@decodeXmlValue(encodeXmlValue(variables('t')))"] {
            let value = Template::compile(template).template.unwrap().evaluate(&context);
            prop_assert_eq!(value, Ok(json!(text)));
        }
    }
}
