//! What the `teams` connector says about itself.

use crate::connectors::Kind::{Any, Html, Integer, Object, Secret};
use crate::connectors::{Foreign, Manifest, Operation, Parameter, Rate};

pub(super) const POST_MESSAGE: &str = "postMessage";
pub(super) const POST_CARD: &str = "postCard";
/// Power Automate's own spelling of the two, with the text or the card in `body/messageBody`.
const PA_POST_MESSAGE: &str = "PostMessageToConversation";
pub(super) const PA_POST_CARD: &str = "PostCardToConversation";
/// The spelling before that.
pub(super) const V3_MESSAGE: &str = "PostMessageToChannelV3";
pub(super) const FLOW_BOT_CARD: &str = "PostChannelAdaptiveCard";

const TEAMS: &str = "shared_teams";

/// Who posts and where, which is up to the webhook here.
const POSTER: Parameter = Parameter::unused("poster", "Post as");
const LOCATION: Parameter = Parameter::unused("location", "Post in");
const RECIPIENT: Parameter = Parameter::unused("body/recipient", "Recipient");

const OUTPUTS: &[Parameter] =
    &[Parameter::must("statusCode", "Status code", "The HTTP status; 202 is usual.").of(Integer)];

pub(in crate::connectors) static MANIFEST: Manifest = Manifest {
    title: "Microsoft Teams",
    summary: "Posts messages and Adaptive Cards to a channel or chat through a Workflows webhook.",
    needs_connection: true,
    kinds: &[],
    connection: &[Parameter::must(
        "url",
        "Webhook",
        "The webhook's URL, from the workflow \"When a Teams webhook request is received\".",
    )
    .of(Secret)],
    operations: &[
        Operation::new(
            POST_MESSAGE,
            "Post a message",
            "Posts a card made of a title, a text, facts and a link.",
            &[
                Parameter::may("title", "Title", "The headline."),
                Parameter::must("text", "Text", "The text; Teams shows simple Markdown."),
                Parameter::may(
                    "facts",
                    "Facts",
                    "Names and values: an object, or an array of {\"title\", \"value\"}.",
                )
                .of(Any),
                Parameter::may("url", "Link", "Where the button leads, http or https."),
                Parameter::may("urlTitle", "Link text", "What the button says.").or("Open"),
            ],
        )
        .gives(OUTPUTS),
        Operation::new(
            POST_CARD,
            "Post a card",
            "Posts an Adaptive Card as it is given.",
            &[Parameter::must(
                "card",
                "Card",
                "The card, bare or in its message, as JSON or as a text with JSON; version 1.4 unless it says \
                 otherwise.",
            )
            .of(Object)],
        )
        .gives(OUTPUTS),
        Operation::new(
            PA_POST_MESSAGE,
            "Post message in a chat or channel",
            "Posts a message, with the parameters of Power Automate's action; where is up to the webhook.",
            &[
                POSTER,
                LOCATION,
                RECIPIENT,
                Parameter::may("body/subject", "Subject", "The headline."),
                Parameter::must("body/messageBody", "Message", "The text, in HTML.").of(Html),
                Parameter::unused("body/isAlert", "Is alert"),
                Parameter::unused("body/alert", "Alert"),
            ],
        )
        .gives(OUTPUTS)
        .also(&[Foreign { api: TEAMS, ids: &[PA_POST_MESSAGE] }]),
        Operation::new(
            PA_POST_CARD,
            "Post card in a chat or channel",
            "Posts an Adaptive Card, with the parameters of Power Automate's action.",
            &[
                POSTER,
                LOCATION,
                RECIPIENT,
                Parameter::must(
                    "body/messageBody",
                    "Adaptive Card",
                    "The card, as JSON or as a text with JSON.",
                )
                .of(Object),
            ],
        )
        .gives(OUTPUTS)
        .also(&[Foreign { api: TEAMS, ids: &[PA_POST_CARD] }]),
        Operation::new(
            V3_MESSAGE,
            "Post a message (V3)",
            "Posts a message, with the parameters of Power Automate's older action.",
            &[
                Parameter::unused("groupId", "Team"),
                Parameter::unused("channelId", "Channel"),
                Parameter::may("body/subject", "Subject", "The headline."),
                Parameter::must("body/content", "Message", "The text, in HTML.").of(Html),
                Parameter::unused("body/contentType", "Content type"),
                Parameter::unused("body/importance", "Importance"),
            ],
        )
        .gives(OUTPUTS)
        .also(&[Foreign {
            api: TEAMS,
            ids: &["PostMessageToChannel", "PostMessageToChannelV2", V3_MESSAGE],
        }]),
        Operation::new(
            FLOW_BOT_CARD,
            "Post your own adaptive card",
            "Posts an Adaptive Card, with the parameters of Power Automate's older actions.",
            &[
                Parameter::unused("groupId", "Team"),
                Parameter::unused("PostAdaptiveCardRequest/recipient", "Recipient"),
                Parameter::must(
                    "PostAdaptiveCardRequest/messageBody",
                    "Message",
                    "The card, as JSON or as a text with JSON.",
                )
                .of(Object),
                Parameter::unused("PostAdaptiveCardRequest/messageTitle", "Headline"),
            ],
        )
        .gives(OUTPUTS)
        .also(&[Foreign { api: TEAMS, ids: &[FLOW_BOT_CARD, "PostUserAdaptiveCard"] }]),
    ],
    // What Teams documents: more than four requests a second are throttled.
    rate: Some(Rate { calls: 4, seconds: 1 }),
};
