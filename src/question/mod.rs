//! What is asked: about whom, when, and how far it is followed.

mod parameters;

use chrono::Duration;

use crate::error::Result;
use crate::identity::Principal;
use crate::key::Scope;
use crate::window::Window;

pub(crate) use parameters::{list, of_principal, of_window};

/// How far back issued credentials are looked for: no session lasts longer.
pub const DEFAULT_LOOKBACK: Duration = Duration::hours(12);

/// What did this principal do, and what was done to it, in this window?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuestion {
    principal: Principal,
    scope: Scope,
    window: Window,
    follow: bool,
    lookback: Duration,
}

impl TimelineQuestion {
    /// Asks about `principal` (a [`Role`](crate::Role) is one) in `window`.
    pub fn new(principal: impl Into<Principal>, window: Window) -> Self {
        let scope = Scope { window: Some(window), ..Scope::default() };
        Self { principal: principal.into(), scope, window, follow: false, lookback: DEFAULT_LOOKBACK }
    }

    /// Also what was done with credentials that the principal's sessions issued, and those that
    /// these issued, and so on.
    pub fn follow(mut self, follow: bool) -> Self {
        self.follow = follow;
        self
    }

    /// Looks for issued credentials from this long before the window on ([`DEFAULT_LOOKBACK`]
    /// otherwise).
    pub fn lookback(mut self, lookback: Duration) -> Self {
        self.lookback = lookback;
        self
    }

    /// Reads objects delivered up to `slack` after the window
    /// ([`DEFAULT_DELIVERY_SLACK`](crate::key::DEFAULT_DELIVERY_SLACK) otherwise).
    pub fn delivery_slack(mut self, slack: Duration) -> Self {
        self.scope.delivery_slack = Some(slack);
        self
    }

    /// Reads only objects delivered for these accounts. A principal's events can lie in any
    /// account's log; the default reads all.
    pub fn accounts(mut self, accounts: Vec<String>) -> Self {
        self.scope.accounts = accounts;
        self
    }

    /// Reads only objects delivered for these regions; the default reads all.
    pub fn regions(mut self, regions: Vec<String>) -> Self {
        self.scope.regions = regions;
        self
    }

    /// Who or what is asked about.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// When.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether issued credentials are followed.
    pub fn follows(&self) -> bool {
        self.follow
    }

    /// How far before the window issued credentials are looked for.
    pub fn lookback_length(&self) -> Duration {
        self.lookback
    }

    /// Which objects the question needs.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Which objects the search for issued credentials needs.
    ///
    /// # Errors
    /// If the lookback is negative.
    pub fn search_scope(&self) -> Result<Scope> {
        Ok(Scope { window: Some(self.issuing_window()?), ..self.scope.clone() })
    }

    /// The window, longer by what is looked back.
    pub(crate) fn issuing_window(&self) -> Result<Window> {
        let start = self.window.start().checked_sub_signed(self.lookback).unwrap_or(self.window.start());
        Window::inclusive(start, self.window.last())
    }
}
