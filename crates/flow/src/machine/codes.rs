//! The codes of action records and run errors, as the compatible hosts have them.

use super::fact::ActionError;

/// A value was computed, or a call was answered well.
pub(super) const OK: &str = "OK";
/// A container or a variable action ended well.
pub(super) const NOT_SPECIFIED: &str = "NotSpecified";
/// The record of an action that was not done.
pub(super) const ACTION_SKIPPED: &str = "ActionSkipped";
/// A container in which the actions that count failed.
pub(super) const ACTION_FAILED: &str = "ActionFailed";
/// Skipped: an action before it ended with a status that run-after does not name.
pub(super) const CONDITION_FAILED: &str = "ActionConditionFailed";
/// Skipped: an action before it was itself skipped.
pub(super) const DEPENDENCY_FAILED: &str = "ActionDependencyFailed";
/// Skipped: it is in a branch that was not taken.
pub(super) const BRANCH_NOT_TAKEN: &str = "ActionBranchingConditionNotSatisfied";
/// Skipped, because a Terminate action ended the run.
pub(super) const TERMINATED: &str = "Terminated";
/// The action took longer than it may take.
pub(super) const ACTION_TIMED_OUT: &str = "ActionTimedOut";
/// An expression has no value, or a value is not what the action takes.
pub(super) const INVALID_TEMPLATE: &str = "InvalidTemplate";
/// This host cannot do the action.
pub(super) const NOT_SUPPORTED: &str = "ActionNotSupported";
/// Inputs or outputs are larger than they may be.
pub(super) const TOO_LARGE: &str = "ActionPayloadTooLarge";
/// Parse JSON met content that its schema does not allow.
pub(super) const SCHEMA_MISMATCH: &str = "ValidationFailed";
/// Somebody cancelled the run.
pub(super) const CANCELLED: &str = "RunCancelled";

/// A Response was not given: nobody waits for it.
pub(super) const RESPONSE_SKIPPED: &str = "ActionResponseSkipped";
/// A Response came too late: the caller is gone.
pub(super) const RESPONSE_TIMED_OUT: &str = "ActionResponseTimedOut";
/// A second Response.
pub(super) const RESPONSE_REPEATED: &str = "ActionResponseRepeated";
/// An action wants to be called back, and nobody knows where.
pub(super) const NO_ADDRESS: &str = "NoPublicAddress";
/// What an action wants cannot be.
pub(super) const BAD_REQUEST: &str = "BadRequest";

/// The error of a container, or of a run, in which the actions that count failed.
pub(super) fn nothing_succeeded() -> ActionError {
    ActionError::new(ACTION_FAILED, "An action failed. No dependent actions succeeded.")
}

/// The code of an HTTP status: its name without spaces.
pub(crate) fn of_status(status_code: u16) -> String {
    let name = match status_code {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "NoContent",
        301 => "MovedPermanently",
        302 => "Found",
        304 => "NotModified",
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "RequestEntityTooLarge",
        415 => "UnsupportedMediaType",
        422 => "UnprocessableEntity",
        429 => "TooManyRequests",
        500 => "InternalServerError",
        501 => "NotImplemented",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        other => return format!("Http{other}"),
    };
    name.to_owned()
}
