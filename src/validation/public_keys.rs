//! Where public keys come from: a file, or CloudTrail's API.
//!
//! Source: CloudTrail API reference, "ListPublicKeys".

use std::collections::BTreeMap;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use hyper::Request;
use object_store::aws::{AwsCredential, AwsCredentialProvider};
use object_store::client::{HttpClient, HttpConnector, HttpRequestBody, ReqwestConnector};
use serde_json::json;

use super::Chains;
use crate::digest::{Content, PublicKeys};
use crate::source::{Failure, Sources, client_options, variable};

const SERVICE: &str = "cloudtrail";
const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListPublicKeys";
/// Regions that are asked at a time.
const IN_FLIGHT: usize = 8;
/// Pages of one answer, at most: a region has a key for each of some weeks.
const PAGES: usize = 100;
const ATTEMPTS: u32 = 3;
const BACKOFF: Duration = Duration::from_millis(200);
/// A key may have been in use before the digest's hour began, or after it ended.
const AROUND: chrono::Duration = chrono::Duration::hours(2);

/// Where the public keys come from that signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// These, and no others.
    Given(PublicKeys),
    /// CloudTrail's API, in each region that digests are of, with the credentials of the sources.
    Api {
        /// Another endpoint than Amazon's; `AWS_ENDPOINT_URL_CLOUDTRAIL` or `AWS_ENDPOINT_URL` if
        /// `None`.
        endpoint: Option<String>,
    },
}

impl Default for KeySource {
    fn default() -> Self {
        Self::Api { endpoint: None }
    }
}

/// First and last.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The keys for the digests of `chains`, and where none could be had.
pub async fn collect(sources: &Sources, from: &KeySource, chains: &Chains) -> (PublicKeys, Vec<Failure>) {
    let endpoint = match from {
        KeySource::Given(keys) => return (keys.clone(), vec![]),
        KeySource::Api { endpoint } => endpoint.clone(),
    };
    let spans = spans(chains);
    if spans.is_empty() {
        return (PublicKeys::default(), vec![]);
    }
    match Client::open(sources, endpoint).await {
        Ok(client) => client.keys_of(spans).await,
        Err(cause) => (PublicKeys::default(), vec![Failure { name: "public keys".into(), cause }]),
    }
}

/// The time that each region's digests were signed in.
fn spans(chains: &Chains) -> BTreeMap<String, Span> {
    let mut spans = BTreeMap::new();
    let digests = chains.iter().flat_map(|(chain, links)| links.iter().map(move |link| (chain, link)));
    for (chain, Content { file, generated, .. }) in
        digests.filter_map(|(chain, link)| Some((chain, link.content.as_ref().ok()?)))
    {
        let signed = generated.unwrap_or(file.end);
        let span = spans.entry(chain.region.clone()).or_insert((signed, signed));
        *span = (span.0.min(signed), span.1.max(signed));
    }
    spans
}

/// Asks CloudTrail.
struct Client {
    http: HttpClient,
    credentials: AwsCredentialProvider,
    endpoint: Option<String>,
}

impl Client {
    async fn open(sources: &Sources, endpoint: Option<String>) -> Result<Self, String> {
        let endpoint = endpoint
            .or_else(|| variable("AWS_ENDPOINT_URL_CLOUDTRAIL"))
            .or_else(|| variable("AWS_ENDPOINT_URL"));
        let credentials = sources.credentials().await.map_err(|cause| cause.to_string())?;
        let credentials = credentials.ok_or("requests are to be unsigned, which CloudTrail refuses")?;
        let http = ReqwestConnector::default().connect(&client_options(endpoint.as_deref()));
        Ok(Self { http: http.map_err(|cause| cause.to_string())?, credentials, endpoint })
    }

    async fn keys_of(&self, spans: BTreeMap<String, Span>) -> (PublicKeys, Vec<Failure>) {
        let ask = async |(region, span): (String, Span)| {
            let answer = self.keys_of_region(&region, span).await;
            (region, answer)
        };
        let mut answers: Vec<_> =
            futures::stream::iter(spans).map(ask).buffer_unordered(IN_FLIGHT).collect().await;
        answers.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let (mut keys, mut failures) = (PublicKeys::default(), vec![]);
        for (region, answer) in answers {
            match answer {
                Ok(more) => keys.add(more),
                Err(cause) => failures.push(Failure { name: format!("public keys of {region}"), cause }),
            }
        }
        (keys, failures)
    }

    async fn keys_of_region(&self, region: &str, (first, last): Span) -> Result<PublicKeys, String> {
        let seconds = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp());
        let (start, end) =
            (seconds(first.checked_sub_signed(AROUND)), seconds(last.checked_add_signed(AROUND)));
        let mut keys = PublicKeys::default();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let mut request = json!({ "StartTime": start, "EndTime": end });
            if let Some(token) = token {
                request["NextToken"] = token.into();
            }
            token = keys.add_page(&self.ask(region, request.to_string()).await?)?;
            if token.is_none() {
                return Ok(keys);
            }
        }
        Err(format!("answers in more than {PAGES} pages"))
    }

    /// One answer, asked for again where it was not given in time or for want of room.
    async fn ask(&self, region: &str, body: String) -> Result<String, String> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.ask_once(region, body.clone()).await {
                Err(Refusal { again: true, .. }) if attempt < ATTEMPTS => {
                    tokio::time::sleep(BACKOFF * 2u32.pow(attempt)).await;
                }
                answer => return answer.map_err(|refusal| refusal.cause),
            }
        }
    }

    async fn ask_once(&self, region: &str, body: String) -> Result<String, Refusal> {
        let credential = self.credentials.get_credential().await.map_err(Refusal::last)?;
        let request = self.request(region, &credential, body).map_err(|cause| Refusal::last(&*cause))?;
        let response = self.http.execute(request).await.map_err(Refusal::passing)?;
        let status = response.status();
        let body = response.into_body().bytes().await.map_err(Refusal::passing)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        if status.is_success() {
            return Ok(body);
        }
        let cause = format!("{status}: {}", body.chars().take(200).collect::<String>());
        Err(Refusal { cause, again: status.is_server_error() || body.contains("Throttling") })
    }

    /// A request of AWS's JSON protocol, signed.
    fn request(
        &self,
        region: &str,
        credential: &AwsCredential,
        body: String,
    ) -> Result<Request<HttpRequestBody>, Box<dyn std::error::Error + Send + Sync>> {
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let amazon = || format!("https://{SERVICE}.{region}.{suffix}");
        let url = url::Url::parse(&self.endpoint.clone().unwrap_or_else(amazon))?;
        let host = url.authority().rsplit('@').next().unwrap_or_default().to_owned();
        let headers = [
            ("host", host.as_str()),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", TARGET),
        ];
        let identity = Credentials::new(
            credential.key_id.as_str(),
            credential.secret_key.as_str(),
            credential.token.clone(),
            None,
            "trailq",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(SERVICE)
            .time(std::time::SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable = SignableBody::Bytes(body.as_bytes());
        let to_sign = SignableRequest::new("POST", url.as_str(), headers.into_iter(), signable)?;
        let (instructions, _) = sign(to_sign, &params)?.into_parts();
        let mut request = Request::post(url.as_str());
        for (name, value) in headers.into_iter().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        Ok(request.body(body.into())?)
    }
}

/// Why there is no answer.
struct Refusal {
    cause: String,
    /// Whether another attempt may help.
    again: bool,
}

impl Refusal {
    fn last(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), again: false }
    }

    fn passing(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), again: true }
    }
}
