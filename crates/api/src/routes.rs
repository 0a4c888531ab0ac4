//! The routes of the API and the least role that may use each: one table, and what is not in it is not there.

use auth::Role;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use crate::{AppState, Problem, guard, unification};

/// Where the routes of an instance are.
pub(crate) const INSTANCE: &str = "/v1/instances/{instanceId}";

/// One address below [`INSTANCE`].
struct Route {
    /// Its path.
    path: &'static str,
    /// The least role that may use it.
    least: Role,
    serves: fn() -> MethodRouter<AppState>,
}

/// Every route. Who sees profiles is a Viewer; the rows of the sources are for those who work on the definitions.
const ROUTES: [Route; 6] = [
    Route { path: "/unification/report", least: Role::Viewer, serves: || get(unification::report) },
    Route { path: "/unification/customers/{id}", least: Role::Viewer, serves: || get(unification::customer) },
    Route { path: "/unification/explain", least: Role::Contributor, serves: || get(unification::explain) },
    Route {
        path: "/unification/suggestions",
        least: Role::Contributor,
        serves: || get(unification::suggestions),
    },
    Route { path: "/unification/pairs", least: Role::Contributor, serves: || get(unification::pairs) },
    Route { path: "/unification/rows", least: Role::Contributor, serves: || get(unification::rows) },
];

/// The path of every route and the least role that may use it.
pub fn all() -> impl Iterator<Item = (String, Role)> {
    ROUTES.into_iter().map(|route| (format!("{INSTANCE}{}", route.path), route.least))
}

/// The routes of an instance, guarded.
pub(crate) fn instance(state: &AppState) -> Router<AppState> {
    let mut router = Router::new();
    for route in ROUTES {
        let allowed = from_fn_with_state(route.least, guard::allow);
        router = router.route(route.path, (route.serves)().layer(allowed));
    }
    router
        .method_not_allowed_fallback(|| async { Problem::method() })
        .fallback(|| async { Problem::not_found() })
        .layer(from_fn_with_state(state.clone(), guard::know))
        .layer(map_response(private))
}

/// What an instance answers is for who asked alone.
async fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
