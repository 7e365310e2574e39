//! Credentials as the AWS CLI finds them, for object_store.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use tokio::sync::Mutex;

/// Credentials are renewed this long before they expire.
const RENEW_BEFORE: Duration = Duration::from_secs(120);

/// The AWS SDK's default chain: environment, profiles (with `role_arn`, `credential_process` and
/// Identity Center), web identity, container and instance roles.
///
/// object_store asks at every request and the chain does not cache, so this does.
#[derive(Debug)]
pub struct Chain {
    config: SdkConfig,
    cached: Mutex<Option<(Arc<AwsCredential>, Option<SystemTime>)>>,
}

impl Chain {
    /// Reads the configuration; finds no credentials yet.
    pub async fn load(profile: Option<&str>) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        Self { config: loader.load().await, cached: Mutex::new(None) }
    }

    /// The region that the configuration names.
    pub fn region(&self) -> Option<String> {
        self.config.region().map(ToString::to_string)
    }
}

#[async_trait]
impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut cached = self.cached.lock().await;
        if let Some((credential, expiry)) = &*cached
            && expiry.is_none_or(|expiry| SystemTime::now() + RENEW_BEFORE < expiry)
        {
            return Ok(Arc::clone(credential));
        }
        let fail = |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic {
            store: "S3",
            source,
        };
        let provider =
            self.config.credentials_provider().ok_or_else(|| fail("no AWS credentials configured".into()))?;
        let found = provider.provide_credentials().await.map_err(|error| {
            // The chain's own message says only that no provider had any.
            fail(
                format!(
                    "no usable AWS credentials (environment, --profile, Identity Center or role): {}",
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
                )
                .into(),
            )
        })?;
        let credential = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(ToOwned::to_owned),
        });
        *cached = Some((Arc::clone(&credential), found.expiry()));
        Ok(credential)
    }
}
