//! When an approval is decided, and what the action then gives.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Approval, Response};

/// The answer that ends an approval by everyone at once.
const REJECT: &str = "Reject";

/// When an approval is decided (the four types of Power Automate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// By the first answer: `Basic`, `CustomResponse`.
    First,
    /// When everyone has approved, or somebody has rejected: `BasicAwaitAll`.
    EveryoneApproves,
    /// When everyone has answered: `CustomResponseAwaitAll`.
    EveryoneAnswers,
}

impl Rule {
    /// What it comes to, once it is decided.
    pub(super) fn outcome(self, responses: &[Response], people: usize) -> Option<String> {
        let last = responses.last()?;
        let rejected = responses.iter().any(|response| response.answer.eq_ignore_ascii_case(REJECT));
        match self {
            Self::First => Some(last.answer.clone()),
            Self::EveryoneApproves if rejected => Some(REJECT.to_owned()),
            Self::EveryoneApproves | Self::EveryoneAnswers if responses.len() < people => None,
            Self::EveryoneApproves => Some(last.answer.clone()),
            Self::EveryoneAnswers => {
                let answers: Vec<&str> = responses.iter().map(|response| response.answer.as_str()).collect();
                Some(answers.join(", "))
            }
        }
    }
}

/// What the action gives, in the shape of Power Automate's own.
pub(super) fn outputs(approval: &Approval) -> Value {
    let request = &approval.request;
    let responder = |response: &Response| {
        json!({
            "responder": {"id": response.person, "email": response.person, "displayName": response.person},
            "requestDate": approval.requested,
            "responseDate": response.at,
            "approverResponse": response.answer,
            "comments": response.comments.clone().unwrap_or_default(),
        })
    };
    let line = |response: &Response| {
        let comments = response.comments.as_deref().unwrap_or_default();
        format!(
            "Approver: {}\nResponse: {}\nRequest Date: {}\nResponse Date: {}\nComments: {comments}",
            response.person, response.answer, approval.requested, response.at
        )
    };
    let lines: Vec<String> = approval.responses.iter().map(line).collect();
    json!({
        "headers": {},
        "body": {
            "name": approval.id,
            "title": request.title,
            "details": request.details,
            "itemLink": request.link,
            "requestDate": approval.requested,
            "completionDate": approval.completed,
            "outcome": approval.outcome,
            "response": approval.outcome,
            "responses": approval.responses.iter().map(responder).collect::<Vec<_>>(),
            "responseSummary": lines.join("\n\n"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn said(answers: &[&str]) -> Vec<Response> {
        let one = |(index, answer): (usize, &&str)| Response {
            person: format!("p{index}@shop.example"),
            answer: (*answer).to_owned(),
            comments: None,
            at: Timestamp::UNIX_EPOCH,
        };
        answers.iter().enumerate().map(one).collect()
    }

    #[test]
    fn the_first_answer_decides_unless_everyone_is_asked() {
        assert_eq!(Rule::First.outcome(&said(&[]), 2), None);
        assert_eq!(Rule::First.outcome(&said(&["Reject"]), 2).as_deref(), Some("Reject"));
        assert_eq!(Rule::EveryoneApproves.outcome(&said(&["Approve"]), 2), None);
        let all = Rule::EveryoneApproves.outcome(&said(&["Approve", "Approve"]), 2);
        assert_eq!(all.as_deref(), Some("Approve"));
        assert_eq!(Rule::EveryoneApproves.outcome(&said(&["Reject"]), 3).as_deref(), Some("Reject"));
        let all = Rule::EveryoneAnswers.outcome(&said(&["Red", "Blue"]), 2);
        assert_eq!(all.as_deref(), Some("Red, Blue"));
    }
}
