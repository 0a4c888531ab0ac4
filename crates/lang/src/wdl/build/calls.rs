//! Actions that reach outside: operations of connectors in their generations, webhooks, other flows; and the
//! designer's helpers.

use super::Builder;
use crate::diagnose::Diagnostic;
use crate::expr::{Template, Tree};
use crate::wdl::definition::{Operation, RetryPolicy, Work};
use crate::wdl::json::{Member, Node};

/// An argument of a helper: the names it goes by, how it is turned into what the function takes, and whether it
/// may be left out.
type Argument = (&'static [&'static str], Turn, bool);

#[derive(Clone, Copy)]
enum Turn {
    AsIs,
    Whole,
    Number,
}

const BASE: Argument = (&["baseTime"], Turn::AsIs, false);
const INTERVAL: Argument = (&["interval"], Turn::Whole, false);
const UNIT: Argument = (&["timeUnit"], Turn::AsIs, false);
const TEXT: Argument = (&["text"], Turn::AsIs, false);

/// The kinds of `Expression`, the function that each stands for, and its arguments.
const HELPERS: &[(&str, &str, &[Argument])] = &[
    ("CurrentTime", "utcNow", &[]),
    ("GetPastTime", "getPastTime", &[INTERVAL, UNIT]),
    ("GetFutureTime", "getFutureTime", &[INTERVAL, UNIT]),
    ("AddToTime", "addToTime", &[BASE, INTERVAL, UNIT]),
    ("SubtractFromTime", "subtractFromTime", &[BASE, INTERVAL, UNIT]),
    (
        "ConvertTimeZone",
        "convertTimeZone",
        &[
            BASE,
            (&["sourceTimeZone"], Turn::AsIs, false),
            (&["destinationTimeZone"], Turn::AsIs, false),
            (&["formatString"], Turn::AsIs, true),
        ],
    ),
    ("IndexOf", "indexOf", &[TEXT, (&["searchText"], Turn::AsIs, false)]),
    (
        "Substring",
        "substring",
        &[
            TEXT,
            (&["startPosition", "startIndex", "start"], Turn::Whole, false),
            (&["length"], Turn::Whole, true),
        ],
    ),
    (
        "FormatNumber",
        "formatNumber",
        &[
            (&["number"], Turn::Number, false),
            (&["format"], Turn::AsIs, false),
            (&["locale"], Turn::AsIs, true),
        ],
    ),
];

impl Builder<'_> {
    /// The operation of a connector; the three generations of `host` are all understood.
    pub(super) fn operation(&mut self, member: &Member, inputs: &Node) -> Operation {
        let host_node = inputs.get("host");
        if host_node.is_none() {
            self.missing(&format!("'{}'", member.key), "inputs.host", inputs.span);
        }
        let host = host_node.map(|node| self.tree(node)).unwrap_or_default();
        let text = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
        let api = host_node.and_then(|host| host.get("apiId"));
        let connection = host_node.and_then(|host| host.get("connection"));
        let connection_name = text(host_node.and_then(|host| host.get("connectionName")))
            .or_else(|| text(connection.and_then(|connection| connection.get("referenceName"))))
            .or_else(|| {
                connection_key(text(connection.and_then(|connection| connection.get("name"))).as_deref()?)
            });
        let connector = text(api).map(|id| last_part(&id).to_owned());
        Operation {
            connector: connector.or_else(|| connection_name.clone()),
            connection: connection_name,
            operation_id: text(host_node.and_then(|host| host.get("operationId"))),
            host,
            inputs: self.tree_without(inputs, &["host", "authentication", "retryPolicy"]),
        }
    }

    /// An operation of a connector that is built into Logic Apps Standard.
    pub(super) fn service_provider(&mut self, member: &Member, inputs: &Node) -> Operation {
        let host_node = inputs.get("serviceProviderConfiguration");
        if host_node.is_none() {
            let what = format!("'{}'", member.key);
            self.missing(&what, "inputs.serviceProviderConfiguration", inputs.span);
        }
        let text = |name: &str| host_node.and_then(|host| host.get(name)?.as_text()).map(str::to_owned);
        Operation {
            connector: text("serviceProviderId").map(|id| last_part(&id).to_owned()),
            connection: text("connectionName"),
            operation_id: text("operationId"),
            host: host_node.map(|node| self.tree(node)).unwrap_or_default(),
            inputs: self.tree_without(inputs, &["serviceProviderConfiguration", "retryPolicy"]),
        }
    }

    /// The two calls of a webhook, without their retry policy, and the policy of the first.
    pub(super) fn webhook(&mut self, member: &Member, inputs: &Node) -> (Tree, Option<Tree>, RetryPolicy) {
        let subscribe = inputs.get("subscribe");
        match subscribe {
            None => self.missing(&format!("'{}'", member.key), "inputs.subscribe", inputs.span),
            Some(subscribe) => {
                for name in ["method", "uri"] {
                    if subscribe.get(name).is_none() {
                        let what = format!("'{}'", member.key);
                        self.missing(&what, &format!("inputs.subscribe.{name}"), subscribe.span);
                    }
                }
            }
        }
        let retry = self.retry(subscribe.and_then(|subscribe| subscribe.get("retryPolicy")));
        let mut call = |node: &Node| self.tree_without(node, &["retryPolicy"]);
        let unsubscribe = inputs.get("unsubscribe").filter(|node| node.get("uri").is_some());
        let subscribe = subscribe.map(&mut call).unwrap_or_default();
        (subscribe, unsubscribe.map(call), retry)
    }

    pub(super) fn webhook_work(&mut self, member: &Member, inputs: &Node) -> Work {
        let (subscribe, unsubscribe, retry) = self.webhook(member, inputs);
        Work::HttpWebhook { subscribe, unsubscribe, retry }
    }

    /// A child flow: Power Automate names it by reference, Logic Apps by its id.
    pub(super) fn workflow_work(&mut self, member: &Member, inputs: &Node) -> Work {
        let host = inputs.get("host");
        let flow = host.and_then(|host| {
            let workflow = host.get("workflow");
            host.get("workflowReferenceName").or_else(|| workflow?.get("id")).or(workflow)
        });
        if flow.is_none() {
            let needs = "inputs.host.workflowReferenceName or inputs.host.workflow.id";
            self.missing(&format!("the action '{}'", member.key), needs, inputs.span);
        }
        Work::Workflow {
            flow: flow.map(|flow| self.tree(flow)).unwrap_or_default(),
            trigger: host.and_then(|host| self.optional(host, "triggerName")),
            inputs: self.tree_without(inputs, &["host", "authentication", "retryPolicy"]),
        }
    }

    /// A helper becomes one call of a function whose arguments are read from `item()`, the inputs.
    pub(super) fn expression_work(
        &mut self,
        member: &Member,
        type_name: &str,
        number: usize,
        depth: usize,
    ) -> Work {
        let kind = member.value.get("kind");
        let word = kind.and_then(Node::as_text).unwrap_or_default();
        let Some((_, function, arguments)) =
            HELPERS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word))
        else {
            let words: Vec<&str> = HELPERS.iter().map(|(name, ..)| *name).collect();
            let span = kind.map_or(member.key_span, |kind| kind.span);
            let message = format!("the kinds of Expression are {}; found '{word}'", words.join(", "));
            self.diagnostics.push(Diagnostic::warning("unknownExpressionKind", message, span));
            return self.unknown_work(member, type_name, number, depth);
        };
        let inputs = member.value.get("inputs");
        let mut calls = Vec::new();
        for (names, turn, optional) in *arguments {
            let given = |name: &&&str| inputs.is_some_and(|inputs| inputs.get(name).is_some());
            match names.iter().find(given).and_then(|name| inputs?.member(name)) {
                Some(given) => calls.push(argument(&given.key, *turn)),
                None if *optional => {}
                None => {
                    let needs = format!("inputs.{}", names.first().unwrap_or(&""));
                    self.missing(&format!("the action '{}'", member.key), &needs, member.key_span);
                }
            }
        }
        let formula = Template::compile(&format!("@{function}({})", calls.join(", "))).template;
        Work::Expression {
            formula: formula.unwrap_or_else(|| Template::literal("")),
            inputs: inputs.map(|inputs| self.tree(inputs)).unwrap_or_default(),
        }
    }
}

fn argument(key: &str, turn: Turn) -> String {
    let read = format!("item()['{}']", key.replace('\'', "''"));
    match turn {
        Turn::AsIs => read,
        Turn::Whole => format!("int({read})"),
        Turn::Number => format!("json(string({read}))"),
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The key in `@parameters('$connections')['key']['connectionId']`.
fn connection_key(name: &str) -> Option<String> {
    let after = name.split_once("$connections')['")?.1;
    Some(after.split_once("']")?.0.to_owned())
}
