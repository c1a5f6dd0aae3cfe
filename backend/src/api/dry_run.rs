//! `POST /v1/admin/dry-run`: who of a sample would get which offer, and why the others would not.

use axum::Json;
use axum::extract::State;
use patron_core::clock::parse_rfc3339;
use patron_core::offer::MAX_BYTES;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::App;
use super::caller::PublisherCaller;
use super::document::Document;
use super::problem::{Kind, Problem};
use crate::batch::MAX_DETAIL;
use crate::dry_run::{DryRun, SamplePerson, dry_run as run};
use crate::findings::Checked;
use crate::floor::Floor;
use crate::store::now_ms;

/// Decisions of one dry run, people times offers: a second or two. More is the command line's, on a machine of one's
/// own.
const MOST: usize = 1_000_000;

/// People in one request: each takes half a kilobyte at least, and `{}` on the wire.
const MOST_PEOPLE: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked<'a> {
    #[serde(borrow)]
    catalogue: Option<&'a RawValue>,
    #[serde(borrow)]
    people: Vec<&'a RawValue>,
    offer: Option<String>,
    at: Option<String>,
}

/// Who of a sample would get which offer, and why the others would not. Nothing of the sample is kept, and no count
/// below 20 is told.
#[utoipa::path(
    post,
    path = "/v1/admin/dry-run",
    request_body(content = ref("#/components/schemas/DryRunRequest"), description = "At most 10 MiB, 10,000 people, and people times offers a million"),
    responses(
        (status = 200, description = "What would be", body = DryRun),
        (status = 400, description = "Malformed: a person who makes no sense, an offer that is not there", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "Not a publisher's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large, or too much to decide", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 422, description = "The catalogue has errors", body = ref("#/components/schemas/CatalogueProblem"), content_type = "application/problem+json"),
        (status = 429, description = "The publisher is at its limit, or others are at work; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn dry_run(
    caller: PublisherCaller,
    State(app): State<App>,
    document: Document,
) -> Result<Json<DryRun>, Problem> {
    let live = app.standing(&caller.tenant).await?.live.body.clone();
    let done = app.desk.work(move || decide(&document.open()?, &live)).await??;
    Ok(Json(done))
}

fn decide(body: &[u8], live: &[u8]) -> Result<DryRun, Problem> {
    let asked: Asked<'_> = serde_json::from_slice(body)
        .map_err(|e| Problem::malformed(format!("body: {:.MAX_DETAIL$}", e.to_string())))?;
    let now_ms = match &asked.at {
        None => now_ms(),
        Some(at) => parse_rfc3339(at).ok_or_else(|| Problem::malformed("at: is no time of RFC 3339"))?,
    };
    let tried = asked.catalogue.map(|catalogue| catalogue.get().as_bytes());
    if tried.is_some_and(|tried| tried.len() > MAX_BYTES) {
        return Err(Problem::new(Kind::TooLarge, format!("catalogue: has more than {MAX_BYTES} bytes")));
    }
    let checked = Checked::of(tried.unwrap_or(live));
    let Some(catalogue) = checked.publishable() else { return Err(Problem::bad_catalogue(&checked)) };
    if asked.people.is_empty() {
        return Err(Problem::malformed("people: is empty"));
    }
    let (people, offers) = (asked.people.len(), catalogue.offers.len());
    if people > MOST_PEOPLE || people.saturating_mul(offers) > MOST {
        let why = format!(
            "people: {people} people and {offers} offers are more than {MOST_PEOPLE} people or {MOST} decisions; ask \
             with fewer people, or `patron-backend dry-run`"
        );
        return Err(Problem::new(Kind::TooLarge, why));
    }
    let read = |(at, person): (usize, &&RawValue)| {
        serde_json::from_str(person.get())
            .map_err(|e| Problem::malformed(format!("people[{at}]: {:.MAX_DETAIL$}", e.to_string())))
    };
    let people = asked.people.iter().enumerate().map(read).collect::<Result<Vec<SamplePerson>, _>>()?;
    if let Some(id) = asked.offer.as_deref().filter(|id| catalogue.offer(id).is_none()) {
        return Err(Problem::malformed(format!("offer: the catalogue has no offer {id:.64}")));
    }
    run(catalogue, &people, asked.offer.as_deref(), now_ms, Floor::Kept)
        .map_err(|error| Problem::malformed(format!("people[{}].{error}", error.person)))
}
