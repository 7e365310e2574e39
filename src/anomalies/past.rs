//! What actors are compared with: their own past, or that of the roles beside them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};

use super::{AnomalyQuestion, Asked, BaselineSummary, RECORDED, recorded};
use crate::compared;
use crate::coverage::Coverage;
use crate::detection::events::{Event, Events, Kept};
use crate::error::Result;
use crate::key::{DeliveryKey, Scope};
use crate::lineage::typed;
use crate::profile::{Feature, Past, ProfileRow};
use crate::query::{self, Parameters};
use crate::question::{list, of_window};
use crate::trail::Trail;

impl Trail {
    /// The past of everyone who calls in the window.
    pub(super) async fn pasts(
        &self,
        question: &AnomalyQuestion,
        events: &Events,
        coverage: &mut Coverage,
    ) -> Result<(HashMap<String, Past>, BaselineSummary)> {
        let mut summary = BaselineSummary::default();
        if events.len() == 0 {
            summary.notes.push("no call of the window is by or on whom was asked about".to_owned());
        }
        let Some(window) = question.scope().window.filter(|_| question.has_past()) else {
            let note = "no past to compare with: give --at, or --from and --to, for a window after it";
            summary.notes.push(note.to_owned());
            return Ok((HashMap::new(), summary));
        };
        let actors: BTreeSet<&str> = own(events).map(|event| event.word(Kept::Actor)).collect();
        if actors.is_empty() {
            return Ok((HashMap::new(), summary));
        }
        let before = question.before(window)?;
        let scope = Scope { window: Some(before), ..question.scope().clone() };
        let mut parameters = of_window(&before);
        parameters.extend(callers(&actors));
        let (rows, read) = self.profile(scope.clone(), &query::BASELINE, &parameters).await?;
        coverage.compare(read);
        let mut by_actor: HashMap<&str, Vec<&ProfileRow>> = HashMap::new();
        for row in &rows {
            by_actor.entry(&row.actor).or_default().push(row);
        }
        let mut pasts: HashMap<String, Past> = HashMap::new();
        for actor in &actors {
            let rows = by_actor.get(actor).into_iter().flatten().copied();
            pasts.insert((*actor).to_owned(), Past::of(rows, window.start(), &question.places));
        }
        summary.calls = pasts.values().map(|past| past.calls).sum();
        let peers = self.peers(question, scope, &pasts, coverage).await?;
        let widened = Widening { question, until: window.start(), own: &by_actor, peers: &peers };
        summary.notes.extend(widened.apply(&mut pasts));
        Ok((pasts, summary))
    }

    /// Accounts and regions that have objects delivered in the past; `None` where nobody asks, or
    /// not everything could be listed, or not all keys tell.
    pub(super) async fn regions_before(
        &self,
        question: &AnomalyQuestion,
        events: &Events,
        pasts: &HashMap<String, Past>,
    ) -> Result<Option<BTreeSet<(String, String)>>> {
        let enough = question.settings.baseline.enough_calls;
        let is_new = |event: &Event<'_>| {
            let past = pasts.get(event.word(Kept::Actor)).filter(|past| past.calls >= enough);
            past.is_some_and(|past| past.count(Feature::Region, event.word(Kept::Region)) == 0)
        };
        let Some(window) = question.scope().window.filter(|_| own(events).any(|event| is_new(&event))) else {
            return Ok(None);
        };
        // What is delivered later may tell of the window itself.
        let (before, slack) = (question.before(window)?, Duration::zero());
        let scope = Scope { window: Some(before), delivery_slack: Some(slack), ..question.scope().clone() };
        let listing = self.list(&scope).await?;
        let told = listing.objects().map(|object| {
            let key = DeliveryKey::parse(&object.name);
            Some((key.account?.to_owned(), key.region?.to_owned()))
        });
        let told: Option<BTreeSet<_>> = told.collect();
        Ok(told.filter(|told| !told.is_empty() && listing.failures.is_empty()))
    }

    /// For roles that have hardly a past, what the other roles of their accounts did. Who asks about
    /// everyone has those before the eyes anyway.
    async fn peers(
        &self,
        question: &AnomalyQuestion,
        scope: Scope,
        pasts: &HashMap<String, Past>,
        coverage: &mut Coverage,
    ) -> Result<Vec<ProfileRow>> {
        let enough = question.settings.baseline.enough_calls;
        let is_thin = |(actor, past): &(&String, &Past)| past.calls < enough && actor.contains(":role/");
        let thin = || pasts.iter().filter(is_thin).map(|(actor, _)| actor.as_str());
        let Some(window) = scope.window.filter(|_| matches!(question.asked, Asked::About(_))) else {
            return Ok(vec![]);
        };
        let accounts: BTreeSet<&str> = thin().filter_map(|actor| actor.split(':').nth(4)).collect();
        if accounts.is_empty() {
            return Ok(vec![]);
        }
        let mut parameters = of_window(&window);
        parameters.insert("accounts", list(accounts.into_iter().map(ToOwned::to_owned)));
        let (rows, read) = self.profile(scope, &query::PEERS, &parameters).await?;
        coverage.compare(read);
        Ok(rows)
    }

    async fn profile(
        &self,
        scope: Scope,
        of: &query::NamedQuery,
        parameters: &Parameters,
    ) -> Result<(Vec<ProfileRow>, Coverage)> {
        let desk = self.desk(scope)?;
        let answer = desk.answer(async {
            let recorded = recorded(&desk.context, of, parameters).await?;
            desk.context.register_table(RECORDED, recorded.into_view())?;
            let events = desk.context.sql(&query::EVENTS.sql).await?;
            desk.context.register_table("events", events.into_view())?;
            Ok(query::PROFILE.plan(&desk.context, &Parameters::new()).await?)
        });
        let (batches, coverage) = answer.await?.collect().await?;
        Ok((typed(&batches)?, coverage))
    }
}

/// Calls that actors made themselves.
fn own(events: &Events) -> impl Iterator<Item = Event<'_>> {
    events.iter().filter(|event| event.is(Kept::IsOwn) && event.is_direct())
}

/// What widens pasts that are too thin to say what is usual.
struct Widening<'a> {
    question: &'a AnomalyQuestion,
    until: DateTime<Utc>,
    /// The past of each actor.
    own: &'a HashMap<&'a str, Vec<&'a ProfileRow>>,
    /// That of the roles of their accounts.
    peers: &'a [ProfileRow],
}

/// Actors with a thin past that are named; more are counted.
const NAMED: usize = 3;

impl Widening<'_> {
    /// Widens thin pasts by those of the other roles of the account, where there are any. Returns
    /// what has to be known of it.
    fn apply(&self, pasts: &mut HashMap<String, Past>) -> Vec<String> {
        let all = pasts.len();
        let enough = self.question.settings.baseline.enough_calls;
        let length = compared::length(self.question.baseline);
        let mut thin: Vec<_> = pasts.iter_mut().filter(|(_, past)| past.calls < enough).collect();
        thin.sort_by_key(|(actor, _)| actor.as_str());
        if thin.len() > NAMED {
            let few = format!("{} of {all} callers have fewer than {enough} calls", thin.len());
            return vec![format!("{few} in the {length} before: too few to say what is usual")];
        }
        let notes = thin.into_iter().map(|(actor, past)| {
            let told = format!("the {length} before hold {} calls of {actor}", past.calls);
            match self.widened(actor).filter(|widened| widened.calls >= enough) {
                Some(widened) => {
                    let (calls, roles) = (widened.calls - past.calls, widened.peers);
                    *past = widened;
                    format!(
                        "{told}: compared with {calls} calls of {roles} other roles of its account as well"
                    )
                }
                None => format!("{told}: too few to say what is usual"),
            }
        });
        notes.collect()
    }

    fn widened(&self, actor: &str) -> Option<Past> {
        let account = actor.split(':').nth(4)?;
        let is_peer = |row: &&ProfileRow| row.actor != actor && row.actor.split(':').nth(4) == Some(account);
        let others: Vec<&ProfileRow> = self.peers.iter().filter(is_peer).collect();
        let roles: BTreeSet<&str> = others.iter().map(|row| row.actor.as_str()).collect();
        let own = self.own.get(actor).into_iter().flatten().copied();
        let mut past = Past::of(own.chain(others), self.until, &self.question.places);
        past.peers = roles.len();
        Some(past).filter(|past| past.peers > 0)
    }
}

/// Actors as the queries take them.
fn callers(actors: &BTreeSet<&str>) -> Parameters {
    let (roles, others): (Vec<&str>, Vec<&str>) =
        actors.iter().partition(|actor| actor.starts_with("arn:") && actor.contains(":role/"));
    let owned = |names: Vec<&str>| list(names.into_iter().map(ToOwned::to_owned));
    [("roles", owned(roles)), ("callers", owned(others))].into()
}
