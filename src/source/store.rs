//! Opens the store behind a location.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AwsCredentialProvider, Checksum, resolve_bucket_region};
use object_store::local::LocalFileSystem;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use url::Url;

use super::{Location, Store};
use crate::error::{Error, Kind, Result};

/// How stores are reached.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Profile in `~/.aws`; the environment's choice if `None`.
    pub profile: Option<String>,
    /// Another S3 than Amazon's; `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` if `None`.
    pub endpoint: Option<String>,
    /// Send requests unsigned, as public buckets allow.
    pub anonymous: bool,
    /// Send the SHA-256 of what is written along, as buckets with Object Lock want.
    pub checksums: bool,
    /// How often a failed request is tried again, with exponential backoff.
    pub retries: usize,
    /// The longest time a request may take, its retries included.
    pub retry_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            profile: None,
            endpoint: None,
            anonymous: false,
            checksums: false,
            retries: 5,
            retry_timeout: Duration::from_secs(60),
        }
    }
}

/// Opens the store that `location` lies in.
pub(crate) async fn open(location: &Location, options: &StoreOptions) -> Result<Store> {
    match location {
        Location::Local(_) => Ok(Store {
            url: Url::parse("file:///").expect("a valid URL"),
            store: Arc::new(LocalFileSystem::new()),
        }),
        Location::S3 { bucket, .. } => {
            let fail =
                |cause: String| -> Error { Kind::Store { location: location.to_string(), cause }.into() };
            let url = Url::parse(&format!("s3://{bucket}"))
                .map_err(|error| fail(format!("not a bucket name: {error}")))?;
            let builder = s3_builder(bucket, options).await;
            let store = builder.build().map_err(|error| fail(error.to_string()))?;
            Ok(Store { url, store: Arc::new(store) })
        }
    }
}

async fn s3_builder(bucket: &str, options: &StoreOptions) -> AmazonS3Builder {
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: options.retries,
        retry_timeout: options.retry_timeout,
    };
    let endpoint = options
        .endpoint
        .clone()
        .or_else(|| variable("AWS_ENDPOINT_URL_S3"))
        .or_else(|| variable("AWS_ENDPOINT_URL"));
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_skip_signature(options.anonymous)
        .with_retry(retry)
        .with_client_options(client_options(endpoint.as_deref()));
    if options.checksums {
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    if let Some(endpoint) = &endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let mut region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    #[cfg(feature = "aws-config")]
    if !options.anonymous {
        let chain = super::credentials::Chain::load(options.profile.as_deref()).await;
        region = region.or_else(|| chain.region());
        builder = builder.with_credentials(Arc::new(chain));
    }
    // A bucket answers where it is to anyone; only an endpoint of one's own has no such answer.
    if endpoint.is_none()
        && let Ok(found) = resolve_bucket_region(bucket, &client_options(None)).await
    {
        region = Some(found);
    }
    builder.with_region(region.unwrap_or_else(|| "us-east-1".into()))
}

/// What requests to AWS are signed with; `None` if they are to be unsigned.
pub(super) async fn credentials(options: &StoreOptions) -> Result<Option<AwsCredentialProvider>> {
    if options.anonymous {
        return Ok(None);
    }
    #[cfg(feature = "aws-config")]
    return Ok(Some(Arc::new(super::credentials::Chain::load(options.profile.as_deref()).await)));
    #[cfg(not(feature = "aws-config"))]
    {
        // The store's own chain is to be had only from a store; this one is asked for nothing else.
        let store = AmazonS3Builder::from_env().with_bucket_name("none").build();
        let fail = |cause: object_store::Error| -> Error {
            Kind::Store { location: "credentials".into(), cause: cause.to_string() }.into()
        };
        Ok(Some(Arc::clone(store.map_err(fail)?.credentials())))
    }
}

/// A variable of the environment that is not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How requests to AWS, or to `endpoint`, are sent.
pub(crate) fn client_options(endpoint: Option<&str>) -> ClientOptions {
    ClientOptions::new()
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_secs(30))
}
