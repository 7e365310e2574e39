//! Signature Version 4, as it is verified: the request is signed again, and the signatures compared.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST};
use subtle::ConstantTimeEq;

use super::access::{Keys, Secret};
use super::error::{ApiError, ApiResult, ErrorKind};

/// The service that requests have to be signed for.
const SERVICE: &str = "athena";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// How far a request's clock may be off.
const SKEW: TimeDelta = TimeDelta::minutes(15);

/// What a signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query, as received.
    pub target: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
struct Authorization<'a> {
    key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    headers: BTreeSet<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for part in header.strip_prefix(ALGORITHM)?.split(',') {
            match part.trim().split_once('=')? {
                ("Credential", value) => credential = Some(value),
                ("SignedHeaders", value) => headers = Some(value.split(';').collect()),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        let mut scope = credential?.split('/');
        let (key_id, date) = (scope.next()?, scope.next()?);
        let (region, service, end) = (scope.next()?, scope.next()?, scope.next()?);
        let whole = end == "aws4_request" && scope.next().is_none();
        whole.then_some(Self { key_id, date, region, service, headers: headers?, signature: signature? })
    }
}

/// Verifies that a request is signed with one of `keys`, at about `now`.
///
/// # Errors
/// As AWS answers: no signature, one that cannot be read, an unknown key, or one that is wrong.
pub fn verify(keys: &Keys, signed: Signed<'_>, now: DateTime<Utc>) -> ApiResult<()> {
    let header = text(signed.headers, AUTHORIZATION.as_str()).ok_or_else(|| {
        ApiError::new(ErrorKind::MissingAuthenticationToken, "Missing Authentication Token")
    })?;
    let authorization = Authorization::parse(header).ok_or_else(|| {
        ApiError::new(
            ErrorKind::IncompleteSignature,
            "the Authorization header is no AWS Signature Version 4",
        )
    })?;
    let secret = keys.get(authorization.key_id).ok_or_else(|| {
        let message = "The security token included in the request is invalid.";
        ApiError::new(ErrorKind::UnrecognizedClient, message)
    })?;
    if text(signed.headers, TOKEN) != secret.token.as_deref() {
        let message = "The security token included in the request is invalid.";
        return Err(ApiError::new(ErrorKind::UnrecognizedClient, message));
    }
    let time = check_scope(&authorization, signed.headers, now)?;
    check_covered(&authorization, signed.headers)?;
    let expected = signature(&authorization, secret, signed, time)?;
    match bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes())) {
        true => Ok(()),
        false => Err(invalid(
            "The request signature we calculated does not match the signature you provided. Check your \
             AWS Secret Access Key and signing method.",
        )),
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorKind::InvalidSignature, message)
}

/// When the request was signed, if that is about now, and for this service.
fn check_scope(
    authorization: &Authorization<'_>,
    headers: &HeaderMap,
    now: DateTime<Utc>,
) -> ApiResult<DateTime<Utc>> {
    let date = text(headers, DATE);
    let time = date.and_then(|date| NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").ok());
    let time = time.ok_or_else(|| invalid("the X-Amz-Date header is missing or no time"))?.and_utc();
    if time.format("%Y%m%d").to_string() != authorization.date {
        return Err(invalid("Date in Credential scope does not match YYYYMMDD from X-Amz-Date"));
    }
    if authorization.service != SERVICE {
        return Err(invalid(format!("Credential should be scoped to correct service: '{SERVICE}'.")));
    }
    // Times can lie further apart than their difference can tell.
    if now.checked_sub_signed(SKEW).is_some_and(|first| time < first)
        || now.checked_add_signed(SKEW).is_some_and(|last| time > last)
    {
        return Err(invalid(format!(
            "Signature expired or not yet current: it is {}",
            now.format("%Y%m%dT%H%M%SZ")
        )));
    }
    Ok(time)
}

/// The signature has to cover what says what the request is: its host, and all of AWS's headers,
/// the operation's name among them.
fn check_covered(authorization: &Authorization<'_>, headers: &HeaderMap) -> ApiResult<()> {
    let names = headers.keys().map(hyper::header::HeaderName::as_str);
    let needed = names.filter(|name| name.starts_with("x-amz-")).chain([HOST.as_str()]);
    for name in needed {
        if !authorization.headers.contains(name) {
            return Err(invalid(format!("'{name}' must be a signed header")));
        }
    }
    match authorization.headers.iter().find(|&&name| !headers.contains_key(name)) {
        Some(name) => Err(invalid(format!("'{name}' is signed, but not there"))),
        None => Ok(()),
    }
}

/// The signature that the request should have.
fn signature(
    authorization: &Authorization<'_>,
    secret: &Secret,
    signed: Signed<'_>,
    time: DateTime<Utc>,
) -> ApiResult<String> {
    let mut headers = vec![];
    // These two are added by the signer.
    for &name in authorization.headers.iter().filter(|name| ![DATE, TOKEN].contains(name)) {
        for value in signed.headers.get_all(name) {
            let value = value.to_str().map_err(|_| invalid(format!("'{name}' is not text")))?;
            headers.push((name, value));
        }
    }
    let failed = |cause: &dyn std::fmt::Display| invalid(format!("the request cannot be signed: {cause}"));
    let mut settings = SigningSettings::default();
    // Whatever the client signed is signed.
    settings.excluded_headers = None;
    let identity = Credentials::new(
        authorization.key_id,
        secret.key.as_str(),
        secret.token.clone(),
        None,
        "credentials file",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(authorization.region)
        .name(authorization.service)
        .time(time.into())
        .settings(settings)
        .build()
        .map_err(|cause| failed(&cause))?
        .into();
    let body = SignableBody::Bytes(signed.body);
    let request = SignableRequest::new(signed.method, signed.target, headers.into_iter(), body)
        .map_err(|cause| failed(&cause))?;
    let output = sign(request, &params).map_err(|cause| failed(&cause))?;
    Ok(output.signature().to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    const BODY: &[u8] = b"{}";

    fn now() -> DateTime<Utc> {
        "2026-03-14T14:07:00Z".parse().unwrap()
    }

    fn keys() -> Keys {
        let text = "[a]\naws_access_key_id=AKIA\naws_secret_access_key=secret\n\
                    [b]\naws_access_key_id=ASIA\naws_secret_access_key=secret\naws_session_token=token\n";
        Keys::parse(text).unwrap()
    }

    /// The headers of a request, signed as an SDK signs it.
    fn signed(key_id: &str, secret: &str, token: Option<&str>, service: &str) -> HeaderMap {
        let identity = Credentials::new(key_id, secret, token.map(ToOwned::to_owned), None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name(service)
            .time(now().into())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8900"));
        headers.insert("x-amz-target", HeaderValue::from_static("AmazonAthena.ListWorkGroups"));
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let request = SignableRequest::new("POST", "/", pairs, SignableBody::Bytes(BODY)).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        for (name, value) in instructions.headers() {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    fn check(headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<(), ErrorKind> {
        let signed = Signed { method: "POST", target: "/", headers, body };
        verify(&keys(), signed, now).map_err(|error| error.kind())
    }

    #[test]
    fn what_is_signed_is_served() {
        assert_eq!(check(&signed("AKIA", "secret", None, SERVICE), BODY, now()), Ok(()));
        assert_eq!(check(&signed("ASIA", "secret", Some("token"), SERVICE), BODY, now()), Ok(()));
        let late = now() + TimeDelta::minutes(14);
        assert_eq!(check(&signed("AKIA", "secret", None, SERVICE), BODY, late), Ok(()));
    }

    #[test]
    fn what_is_not_is_refused() {
        let wrong = Err(ErrorKind::InvalidSignature);
        let good = || signed("AKIA", "secret", None, SERVICE);
        assert_eq!(check(&HeaderMap::new(), BODY, now()), Err(ErrorKind::MissingAuthenticationToken));
        assert_eq!(
            check(&signed("AKIX", "secret", None, SERVICE), BODY, now()),
            Err(ErrorKind::UnrecognizedClient)
        );
        assert_eq!(
            check(&signed("ASIA", "secret", None, SERVICE), BODY, now()),
            Err(ErrorKind::UnrecognizedClient)
        );
        assert_eq!(
            check(&signed("ASIA", "secret", Some("old"), SERVICE), BODY, now()),
            Err(ErrorKind::UnrecognizedClient)
        );
        assert_eq!(check(&signed("AKIA", "guess", None, SERVICE), BODY, now()), wrong);
        assert_eq!(check(&signed("AKIA", "secret", None, "s3"), BODY, now()), wrong);
        assert_eq!(check(&good(), b"{ }", now()), wrong);
        for off in [TimeDelta::minutes(16), TimeDelta::minutes(-16)] {
            assert_eq!(check(&good(), BODY, now() + off), wrong);
        }
        for name in ["x-amz-target", "x-amz-date", "host"] {
            let mut without = good();
            without.remove(name);
            assert_eq!(check(&without, BODY, now()), wrong, "without {name}");
            let mut other = good();
            other.insert(name, HeaderValue::from_static("20260314T140701Z"));
            assert_eq!(check(&other, BODY, now()), wrong, "with another {name}");
        }
        let mut more = good();
        more.insert("x-amz-more", HeaderValue::from_static("unsigned"));
        assert_eq!(check(&more, BODY, now()), wrong);
    }

    #[test]
    fn any_header_is_read_or_refused() {
        for header in [
            "",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=",
            "AWS4-HMAC-SHA256 Credential=a/b/c/athena/aws4_request/x, SignedHeaders=host, Signature=0",
            "Basic eA==",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            assert_eq!(check(&headers, BODY, now()), Err(ErrorKind::IncompleteSignature), "{header}");
        }
    }
}
