//! What the index of a snapshot has: all that its definitions read, and what people may ask for while they edit them.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;
use insight::segments::known_segments;

use super::Asked;
use super::kept::{KeptIndex, Maker};
use super::reads::{Reads, Related};
use crate::conditions::{Catalog, Kind};
use crate::definitions::{CUSTOMER, Definitions, MeasureState, SegmentState, UNIFIED_ACTIVITY};
use crate::measures::known_measures;
use crate::relationships::Graph;

/// A text column that no definition reads may have this many different texts, or half as many as there are customers:
/// behind that are keys, addresses and free text, which take much room and are seldom asked for.
const ALWAYS_TEXTS: usize = 10_000;

/// The index of a snapshot whose source entities, activities and customers are there.
///
/// # Errors
/// It cannot be built.
pub(crate) async fn whole(maker: &Maker<'_>, definitions: &Definitions) -> Result<KeptIndex, String> {
    let session = maker.view.session().map_err(|error| error.to_string())?;
    let graph = crate::relationships::graph(definitions);
    let asked = everything(&session, &graph, definitions).await?;
    let related = related(maker, definitions);
    let with_related = match Reads::with_related(&graph, &asked, &related) {
        Ok(reads) => maker.rows(&session, reads).await,
        Err(why) => Err(why),
    };
    match with_related {
        Ok(kept) => Ok(kept),
        Err(why) => {
            tracing::info!("the insight index has what definitions read, and nothing else: {why}");
            let nothing = Related { attributes: BTreeMap::new(), most_texts: 0 };
            maker.rows(&session, Reads::with_related(&graph, &asked, &nothing)?).await
        }
    }
}

/// All active measures and segments that are right. When they are asked about does not matter: only what they read.
async fn everything(
    session: &SessionContext,
    graph: &Graph,
    definitions: &Definitions,
) -> Result<Asked, String> {
    let found = crate::conditions::catalog(session).await.map_err(|error| error.to_string())?;
    let catalog: Catalog = known_measures(graph, &found, &definitions.measures);
    let catalog = known_segments(&catalog, &definitions.segments);
    let segments = definitions.segments.iter();
    let segments = segments.filter(|it| it.state == SegmentState::Active && it.sql.is_none());
    let measures = definitions.measures.iter();
    let measures = measures.filter(|it| it.state == MeasureState::Active && it.sql.is_none());
    Ok(Asked {
        segments: segments
            .filter_map(|it| insight::segments::check_one(graph, &catalog, it).segment)
            .collect(),
        measures: measures
            .filter_map(|it| insight::measures::check_one(graph, &catalog, it).measure)
            .collect(),
    })
}

/// Customers, source entities and activities.
fn related(maker: &Maker<'_>, definitions: &Definitions) -> Related {
    let mut attributes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entity in maker.view.entities() {
        let name = entity.name.as_str();
        if name != CUSTOMER && name != UNIFIED_ACTIVITY && definitions.source_entity(name).is_none() {
            continue;
        }
        let fields = entity.columns.fields().iter();
        let known = fields.filter(|field| Kind::of(field.data_type()) != Kind::Other);
        attributes.insert(entity.name.clone(), known.map(|field| field.name().clone()).collect());
    }
    let customers = maker.view.rows(CUSTOMER).and_then(|rows| usize::try_from(rows).ok()).unwrap_or(0);
    Related { attributes, most_texts: ALWAYS_TEXTS.max(customers / 2) }
}
