//! The shell that all actions share: name, type, run-after, limits, retries, what is hidden.

use super::{ActionFact, Builder, ContainerFact};
use crate::diagnose::Diagnostic;
use crate::expr::Template;
use crate::wdl::definition::{Action, Block, Ending, RetryPolicy, RunAfter, Secure};
use crate::wdl::json::{Kind, Member, Node};
use crate::wdl::limits;
use std::collections::{BTreeMap, HashMap};

impl Builder<'_> {
    /// The actions of one container. `depth` counts the containers around them.
    pub(super) fn block(&mut self, node: Option<&Node>, owner: Option<usize>, depth: usize) -> Block {
        let container = self.facts.containers.len();
        self.facts.containers.push(ContainerFact { owner, actions: Vec::new() });
        let Some(node) = node else { return Block::default() };
        self.must_be_object(node, "actions");
        let mut actions = Vec::with_capacity(node.members().len());
        for member in node.members() {
            actions.push(self.action(member, container, depth));
        }
        let places =
            actions.iter().enumerate().map(|(at, action): (usize, &Action)| (action.name.to_lowercase(), at));
        let places: HashMap<String, usize> = places.collect();
        let names: Vec<String> = actions.iter().map(|action| action.name.clone()).collect();
        for (action, member) in actions.iter_mut().zip(node.members()) {
            action.run_after = self.run_after(member, &places, &names);
        }
        Block { actions }
    }

    fn action(&mut self, member: &Member, container: usize, depth: usize) -> Action {
        let node = &member.value;
        self.must_be_object(node, &format!("the action '{}'", member.key));
        let number = self.facts.actions.len();
        let type_name = match node.get("type") {
            Some(kind) => self.must_be_text(kind, "an action's type"),
            None => {
                self.missing(&format!("the action '{}'", member.key), "a type", member.key_span);
                String::new()
            }
        };
        self.check_name("action", member);
        if depth > limits::NESTING && depth == limits::NESTING + 1 {
            let message = format!(
                "the action '{}' stands in {depth} containers; {} are allowed",
                member.key,
                limits::NESTING
            );
            self.error("nestedTooDeep", message, member.key_span);
        }
        self.facts.action_names.entry(member.key.to_lowercase()).or_insert(number);
        self.facts.actions.push(ActionFact {
            name: member.key.clone(),
            lower: member.key.to_lowercase(),
            kind: type_name.to_lowercase(),
            span: member.key_span,
            container,
            run_after: node
                .get("runAfter")
                .map(|after| after.members().iter().map(|one| (one.key.clone(), one.key_span)).collect())
                .unwrap_or_default(),
            changes: None,
        });
        if let Some(fact) = self.facts.containers.get_mut(container) {
            fact.actions.push(number);
        }
        self.owner = Some(number);
        let action = self.shell(member, type_name, number, depth);
        self.owner = Some(number);
        action
    }

    fn shell(&mut self, member: &Member, type_name: String, number: usize, depth: usize) -> Action {
        let node = &member.value;
        let runtime = node.get("runtimeConfiguration");
        let secure = self.secure(runtime);
        let options = self.options(node.get("operationOptions"));
        let static_result = self.static_result(runtime);
        let retry = self.retry(node.get("inputs").and_then(|inputs| inputs.get("retryPolicy")));
        let timeout = node.get("limit").and_then(|limit| limit.get("timeout"));
        let timeout = timeout.map(|timeout| self.duration(timeout, "limit.timeout"));
        let tracked = node.get("trackedProperties").map(|tracked| self.tree(tracked));
        let pages = runtime.and_then(|runtime| runtime.get("paginationPolicy"));
        let pagination = pages.and_then(|pages| pages.get("minimumItemCount")).map(|count| self.tree(count));
        let work = self.work(member, &type_name, number, depth);
        Action {
            name: member.key.clone(),
            type_name,
            work,
            run_after: Vec::new(),
            timeout,
            retry,
            secure,
            static_result,
            options,
            tracked,
            pagination,
            span: member.key_span,
        }
    }

    pub(super) fn check_name(&mut self, what: &str, member: &Member) {
        let length = member.key.chars().count();
        if length > limits::NAME_CHARACTERS {
            let message = format!(
                "the name of this {what} has {length} characters; {} are allowed",
                limits::NAME_CHARACTERS
            );
            self.error("nameTooLong", message, member.key_span);
        }
        if member.key.trim().is_empty() {
            self.error("nameEmpty", format!("an {what} needs a name"), member.key_span);
        }
    }

    /// The predecessors of an action, found in its own container: lower-case name → place, place → name.
    fn run_after(
        &mut self,
        member: &Member,
        places: &HashMap<String, usize>,
        names: &[String],
    ) -> Vec<RunAfter> {
        let Some(node) = member.value.get("runAfter") else { return Vec::new() };
        self.must_be_object(node, "runAfter");
        let mut all: BTreeMap<usize, RunAfter> = BTreeMap::new();
        for after in node.members() {
            let statuses = self.statuses(&after.value);
            // A name that is not here is told by the checks, which know the other containers too.
            let Some(position) = places.get(&after.key.to_lowercase()).copied() else { continue };
            let name = names.get(position).unwrap_or(&after.key).clone();
            all.insert(position, RunAfter { name, position, statuses });
        }
        all.into_values().collect()
    }

    fn statuses(&mut self, node: &Node) -> Vec<Ending> {
        if !matches!(node.kind, Kind::Array(_)) {
            let message = format!("the statuses must be an array, found {}", node.kind_words());
            self.error("wrongJsonType", message, node.span);
        }
        let mut statuses = Vec::new();
        for item in node.items() {
            let word = item.as_text().unwrap_or_default();
            match Ending::ALL.into_iter().find(|ending| ending.as_str().eq_ignore_ascii_case(word)) {
                Some(ending) if statuses.contains(&ending) => {}
                Some(ending) => statuses.push(ending),
                None => {
                    let words = Ending::ALL.map(Ending::as_str);
                    self.not_one_of("unknownStatus", "a status in runAfter", item, &words);
                }
            }
        }
        statuses
    }

    pub(super) fn secure(&mut self, runtime: Option<&Node>) -> Secure {
        let properties =
            runtime.and_then(|node| node.get("secureData")).and_then(|node| node.get("properties"));
        let mut secure = Secure::default();
        for item in properties.map(Node::items).unwrap_or_default() {
            match item.as_text().map(str::to_ascii_lowercase).as_deref() {
                Some("inputs") => secure.inputs = true,
                Some("outputs") => secure.outputs = true,
                _ => self.not_one_of(
                    "unknownSecureData",
                    "a secureData property",
                    item,
                    &["inputs", "outputs"],
                ),
            }
        }
        secure
    }

    /// `"A, B"` as words.
    pub(super) fn options(&mut self, node: Option<&Node>) -> Vec<String> {
        let Some(node) = node else { return Vec::new() };
        let text = self.must_be_text(node, "operationOptions");
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn static_result(&mut self, runtime: Option<&Node>) -> Option<String> {
        let node = runtime?.get("staticResult")?;
        let enabled = node
            .get("staticResultOptions")
            .and_then(Node::as_text)
            .is_some_and(|option| option.eq_ignore_ascii_case("Enabled"));
        enabled.then(|| node.get("name").and_then(Node::as_text).unwrap_or_default().to_owned())
    }

    /// An ISO 8601 duration; checked when it is a constant.
    pub(super) fn duration(&mut self, node: &Node, what: &str) -> Template {
        let template = self.template(node, what);
        if let Some(text) = template.as_literal()
            && node.as_text().is_some()
            && (!text.starts_with('P') || text.parse::<jiff::Span>().is_err())
        {
            let message = format!("{what} must be an ISO 8601 duration, found '{text}'");
            let suggestion = Some("such as PT30S, PT1H or P1D".to_owned());
            self.diagnostics.push(Diagnostic::error("badDuration", message, node.span).suggest(suggestion));
        }
        template
    }

    pub(super) fn retry(&mut self, node: Option<&Node>) -> RetryPolicy {
        let Some(node) = node else { return RetryPolicy::Default };
        if node.as_text().is_some() {
            return RetryPolicy::Default; // computed as a whole; the host's default holds
        }
        let Some(kind) = node.get("type") else { return RetryPolicy::Default };
        let count = node.get("count").map(|count| self.tree(count)).unwrap_or_default();
        let mut pause = |name: &str| node.get(name).map(|pause| self.duration(pause, name));
        let (interval, minimum, maximum) =
            (pause("interval"), pause("minimumInterval"), pause("maximumInterval"));
        let word = kind.as_text().unwrap_or_default().to_ascii_lowercase();
        match (word.as_str(), interval) {
            ("none", _) => RetryPolicy::None,
            ("fixed", Some(interval)) => RetryPolicy::Fixed { count, interval },
            ("exponential", Some(interval)) => RetryPolicy::Exponential { count, interval, minimum, maximum },
            ("fixed" | "exponential", None) => {
                self.missing("a retry policy", "an interval such as PT10S", node.span);
                RetryPolicy::Default
            }
            ("default", _) => RetryPolicy::Default,
            _ => {
                let words = ["none", "fixed", "exponential", "default"];
                self.not_one_of("unknownRetryPolicy", "a retry policy's type", kind, &words);
                RetryPolicy::Default
            }
        }
    }
}
