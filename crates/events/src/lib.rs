//! What happened and who must hear: events, thresholds, subscriptions, dispatch, delivery.
