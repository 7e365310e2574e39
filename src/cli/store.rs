//! How stores are reached.

use clap::Args;
use trailq::{Result, StoreOptions, Trail};

/// Credentials and endpoint of S3.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scope")]
pub struct StoreArgs {
    /// Profile of ~/.aws to take credentials from.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Another S3 than Amazon's (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL).
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Send requests unsigned, as public buckets allow.
    #[arg(long)]
    no_sign_request: bool,
}

impl StoreArgs {
    /// The same, for the library.
    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            profile: self.profile.clone(),
            endpoint: self.endpoint_url.clone(),
            anonymous: self.no_sign_request,
            ..StoreOptions::default()
        }
    }

    /// Opens sources, without those whose name is empty.
    pub async fn open(&self, sources: &[String]) -> Result<Trail> {
        let named: Vec<&str> = sources.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        Trail::open_with(&named, &self.options()).await
    }
}
