//! What a digest file says.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::hash::Sha256;

/// The one way that digests are signed in.
const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";
const HASH_ALGORITHM: &str = "SHA-256";

/// A digest file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestFile {
    /// `BUCKET/KEY` that CloudTrail delivered it as.
    pub place: String,
    /// When its hour began.
    pub start: DateTime<Utc>,
    /// When its hour ended.
    pub end: DateTime<Utc>,
    /// The same as it is written, which is what is signed.
    end_text: String,
    /// Which key signed it.
    pub fingerprint: String,
    /// The digest before it; `None` where a chain starts.
    pub previous: Option<Previous>,
    /// The log files of its hour.
    pub logs: Vec<LogFile>,
}

/// What a digest says about the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// Its key.
    pub key: String,
    /// Hash of its content.
    pub hash: Sha256,
    /// Its signature, as hexadecimal digits.
    pub signature: String,
}

/// What a digest says about a log file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// The bucket that it was delivered to.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Hash of its content, as it is before it is gzipped.
    pub hash: Sha256,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDigest {
    digest_start_time: String,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Option<Vec<RawLogFile>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLogFile {
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
    hash_algorithm: Option<String>,
}

impl DigestFile {
    /// Reads a digest file's content.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        let raw: RawDigest =
            serde_json::from_slice(content).map_err(|cause| format!("is no digest: {cause}"))?;
        expect("signed", raw.digest_signature_algorithm.as_deref(), SIGNATURE_ALGORITHM)?;
        let place = format!("{}/{}", raw.digest_s3_bucket, raw.digest_s3_object);
        let (start, end) = (time(&raw.digest_start_time)?, time(&raw.digest_end_time)?);
        let previous = previous(&raw)?;
        let logs = raw.log_files.unwrap_or_default().into_iter().map(log_file).collect::<Result<_, _>>()?;
        Ok(Self {
            place,
            start,
            end,
            end_text: raw.digest_end_time,
            fingerprint: raw.digest_public_key_fingerprint,
            previous,
            logs,
        })
    }

    /// What the signature is made of: the end of the hour, the place, the hash of the digest's own
    /// content, and the signature of the digest before it.
    pub fn signed_text(&self, hash: &Sha256) -> String {
        let previous = self.previous.as_ref().map_or("null", |previous| previous.signature.as_str());
        format!("{}\n{}\n{hash}\n{previous}", self.end_text, self.place)
    }
}

/// A chain's first digest has `null` for all that is said of the one before.
fn previous(raw: &RawDigest) -> Result<Option<Previous>, String> {
    let RawDigest {
        previous_digest_s3_object, previous_digest_hash_value, previous_digest_signature, ..
    } = raw;
    match (previous_digest_s3_object, previous_digest_hash_value, previous_digest_signature) {
        (None, None, None) => Ok(None),
        (Some(key), Some(hash), Some(signature)) => {
            expect("hashed", raw.previous_digest_hash_algorithm.as_deref(), HASH_ALGORITHM)?;
            Ok(Some(Previous { key: key.clone(), hash: sha256(hash)?, signature: signature.clone() }))
        }
        _ => Err("says only in part which digest comes before it".into()),
    }
}

fn log_file(raw: RawLogFile) -> Result<LogFile, String> {
    expect("hashed", raw.hash_algorithm.as_deref(), HASH_ALGORITHM)?;
    Ok(LogFile { hash: sha256(&raw.hash_value)?, bucket: raw.s3_bucket, key: raw.s3_object })
}

fn expect(what: &str, found: Option<&str>, known: &str) -> Result<(), String> {
    match found {
        Some(other) if other != known => Err(format!("is {what} with {other}, which is unknown")),
        _ => Ok(()),
    }
}

fn sha256(text: &str) -> Result<Sha256, String> {
    Sha256::parse(text).ok_or_else(|| format!("has the hash '{text}', which is none"))
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|_| format!("has the time '{text}', which is none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "97fb791cf91ffc440d274f8190dbdd9aa09c34432aba82739df18b6d3c13df2d";

    fn digest(more: &str) -> String {
        format!(
            r#"{{"awsAccountId":"111122223333","digestStartTime":"2015-08-17T14:01:31Z","digestEndTime":
            "2015-08-17T15:01:31Z","digestS3Bucket":"b","digestS3Object":"AWSLogs/x.json.gz",
            "digestPublicKeyFingerprint":"31e8b5433410dfb61a9dc45cc65b22ff","digestSignatureAlgorithm":
            "SHA256withRSA","newestEventTime":null,{more}}}"#
        )
    }

    #[test]
    fn what_is_signed() {
        let hash = Sha256::parse(HASH).unwrap();
        let previous = format!(
            r#""previousDigestS3Bucket":"b","previousDigestS3Object":"k","previousDigestHashValue":"{HASH}",
            "previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"50ab","logFiles":[]"#
        );
        let parsed = DigestFile::parse(digest(&previous).as_bytes()).unwrap();
        let expected = format!("2015-08-17T15:01:31Z\nb/AWSLogs/x.json.gz\n{HASH}\n50ab");
        assert_eq!(parsed.signed_text(&hash), expected);
        let first = r#""previousDigestS3Object":null,"previousDigestSignature":null,"logFiles":[]"#;
        let parsed = DigestFile::parse(digest(first).as_bytes()).unwrap();
        assert_eq!(parsed.signed_text(&hash), expected.replace("50ab", "null"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let log = |hash: &str, algorithm: &str| {
            digest(&format!(
                r#""logFiles":[{{"s3Bucket":"b","s3Object":"k","hashValue":"{hash}","hashAlgorithm":"{algorithm}"}}]"#
            ))
        };
        assert_eq!(DigestFile::parse(log(HASH, "SHA-256").as_bytes()).unwrap().logs.len(), 1);
        for (content, says) in [
            (String::new(), "is no digest"),
            ("{}".into(), "is no digest: missing field"),
            (log("12", "SHA-256"), "has the hash '12'"),
            (log(HASH, "MD5"), "is hashed with MD5"),
            (digest(r#""previousDigestS3Object":"k""#), "only in part"),
            (digest(r#""logFiles":[]"#).replace("withRSA", "withDSA"), "is signed with SHA256withDSA"),
            (digest(r#""logFiles":[]"#).replace("T15:01:31Z", ""), "has the time '2015-08-17'"),
        ] {
            let problem = DigestFile::parse(content.as_bytes()).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
