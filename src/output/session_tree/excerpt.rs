//! As much of a tree as a picture bears.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::sessions::{Session, SessionTree};

/// The longest way from the principal that is drawn.
const DEEPEST: usize = 24;

/// The sessions that called most, at most `most` of them, with those they came from; and how many
/// were left out. The order stays.
pub fn excerpt(tree: &SessionTree, most: usize) -> (SessionTree, usize) {
    let by_id: HashMap<&str, &Session> =
        tree.sessions.iter().map(|session| (session.id.as_str(), session)).collect();
    let mut ranked: Vec<&Session> = tree.sessions.iter().collect();
    ranked.sort_by_key(|session| Reverse(session.activity.as_ref().map_or(0, |activity| activity.calls)));
    let mut kept: HashSet<&str> = HashSet::new();
    for session in ranked {
        let Some(way) = way(session, &by_id) else { continue };
        let new = way.iter().filter(|id| !kept.contains(*id)).count();
        if kept.len() + new <= most {
            kept.extend(way);
        }
    }
    let sessions: Vec<Session> =
        tree.sessions.iter().filter(|session| kept.contains(session.id.as_str())).cloned().collect();
    let left_out = tree.sessions.len() - sessions.len();
    (SessionTree { principal: tree.principal.clone(), sessions }, left_out)
}

/// The ids from a session up to one of the principal's own; `None` if that is too long a way.
fn way<'a>(session: &'a Session, by_id: &HashMap<&'a str, &'a Session>) -> Option<Vec<&'a str>> {
    let mut way = vec![session.id.as_str()];
    let mut at = session;
    while let Some(parent) = at.parent.as_deref() {
        at = by_id.get(parent)?;
        way.push(at.id.as_str());
        if way.len() > DEEPEST {
            return None;
        }
    }
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: usize, parent: Option<usize>) -> Session {
        let parent = parent.map(|parent| parent.to_string());
        Session { id: id.to_string(), parent, ..Session::default() }
    }

    #[test]
    fn what_is_kept_hangs_together() {
        let sessions = (0..100).map(|id| session(id, (id > 0).then(|| (id - 1) / 2))).collect();
        let tree = SessionTree { principal: "x".into(), sessions };
        let (part, left_out) = excerpt(&tree, 10);
        assert_eq!((part.sessions.len(), left_out), (10, 90));
        for session in part.sessions.iter().skip(1) {
            assert!(part.sessions.iter().any(|other| Some(&other.id) == session.parent.as_ref()));
        }
        assert_eq!(excerpt(&tree, 100), (tree, 0));
    }

    #[test]
    fn long_chains_and_loops_end() {
        let mut sessions: Vec<Session> = (0..1000).map(|id| session(id, id.checked_sub(1))).collect();
        sessions.push(session(2000, Some(2000)));
        let (part, _) = excerpt(&SessionTree { principal: "x".into(), sessions }, 500);
        assert_eq!(part.sessions.len(), DEEPEST);
    }
}
