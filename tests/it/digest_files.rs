//! Log files and the digests of them, made as CloudTrail's user guide says it makes them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use aws_smithy_types::base64;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::s3_server::Bucket;
use crate::support::repository;

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "us-east-1";
pub const FINGERPRINT: &str = "31e8b5433410dfb61a9dc45cc65b22ff";

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One of the key pairs of `testdata/digest`, which sign nothing but tests.
pub fn key_pair(name: &str) -> RsaKeyPair {
    let pkcs8 = std::fs::read(repository("testdata/digest").join(name)).unwrap();
    RsaKeyPair::from_pkcs8(&pkcs8).unwrap()
}

/// What `aws cloudtrail list-public-keys` prints of a key pair.
pub fn public_keys(pair: &RsaKeyPair, fingerprint: &str) -> Value {
    let value = base64::encode(pair.public_key().as_ref());
    json!({ "PublicKeyList": [{
        "Value": value, "Fingerprint": fingerprint,
        "ValidityStartTime": 1453076702.0, "ValidityEndTime": "2036-02-17T00:25:02+00:00",
    }] })
}

/// What a bucket called `logs` holds.
pub struct Delivered {
    pair: RsaKeyPair,
    pub files: BTreeMap<String, Vec<u8>>,
    pub signatures: BTreeMap<String, String>,
}

/// The digest that the next one will name.
#[derive(Clone, Default)]
pub struct Last {
    key: Option<String>,
    hash: Option<String>,
    signature: Option<String>,
}

/// `2024-05-01T10:05` as CloudTrail's names have it.
fn compact(time: &str) -> String {
    time.replace(['-', ':'], "")
}

pub fn log_key(region: &str, minute: &str, id: &str) -> String {
    let name = format!("{ACCOUNT}_CloudTrail_{region}_{}Z_{id:0>16}.json.gz", compact(minute));
    format!("AWSLogs/{ACCOUNT}/CloudTrail/{region}/{}/{name}", minute[..10].replace('-', "/"))
}

pub fn digest_key(region: &str, end: &str, ending: &str) -> String {
    let name =
        format!("{ACCOUNT}_CloudTrail-Digest_{region}_my_trail_{REGION}_{}{ending}.json.gz", compact(end));
    format!("AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/{}/{name}", end[..10].replace('-', "/"))
}

/// The end of an hour of the first of May 2024.
pub fn hour(hour: u32) -> String {
    format!("2024-05-01T{hour:02}:00:00Z")
}

impl Delivered {
    pub fn new() -> Self {
        let pair = key_pair("test_key.pk8");
        Self { pair, files: BTreeMap::new(), signatures: BTreeMap::new() }
    }

    /// Hours 10 to 17 of one region, each with two log files.
    pub fn hours() -> Self {
        let mut delivered = Self::new();
        delivered.chain(REGION, 10..=17, Last::default());
        delivered
    }

    /// A chain of hours, each with two log files.
    pub fn chain(&mut self, region: &str, hours: std::ops::RangeInclusive<u32>, mut last: Last) -> Last {
        for end in hours {
            let logs =
                ["05", "35"].map(|minute| self.log(region, &format!("2024-05-01T{:02}:{minute}", end - 1)));
            last =
                self.digest(&digest_key(region, &hour(end), ""), (&hour(end - 1), &hour(end)), &logs, &last);
        }
        last
    }

    /// Delivers a log file.
    pub fn log(&mut self, region: &str, minute: &str) -> String {
        let record = format!(
            r#"{{"Records":[{{"eventVersion":"1.08","eventTime":"{minute}:00Z","eventName":"GetObject","eventSource":"s3.amazonaws.com","awsRegion":"{region}"}}]}}"#
        );
        let key = log_key(region, minute, "a");
        self.files.insert(key.clone(), gzip(record.as_bytes()));
        key
    }

    /// Delivers a digest of log files that are there.
    pub fn digest(&mut self, key: &str, (start, end): (&str, &str), logs: &[String], last: &Last) -> Last {
        let files: Vec<Value> = logs
            .iter()
            .map(|log| {
                let mut content = vec![];
                let mut reader = flate2::read::GzDecoder::new(self.files[log].as_slice());
                std::io::Read::read_to_end(&mut reader, &mut content).unwrap();
                json!({ "s3Bucket": "logs", "s3Object": log, "hashAlgorithm": "SHA-256",
                        "hashValue": hex(digest(&SHA256, &content).as_ref()),
                        "newestEventTime": start, "oldestEventTime": start })
            })
            .collect();
        let content = json!({
            "awsAccountId": ACCOUNT, "digestStartTime": start, "digestEndTime": end,
            "digestS3Bucket": "logs", "digestS3Object": key,
            "digestPublicKeyFingerprint": FINGERPRINT, "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": start, "oldestEventTime": start,
            "previousDigestS3Bucket": last.key.as_ref().map(|_| "logs"), "previousDigestS3Object": last.key,
            "previousDigestHashValue": last.hash,
            "previousDigestHashAlgorithm": last.hash.as_ref().map(|_| "SHA-256"),
            "previousDigestSignature": last.signature, "logFiles": files,
        })
        .to_string();
        let hash = hex(digest(&SHA256, content.as_bytes()).as_ref());
        let previous = last.signature.as_deref().unwrap_or("null");
        let signature = self.sign(&format!("{end}\nlogs/{key}\n{hash}\n{previous}"));
        self.files.insert(key.to_owned(), gzip(content.as_bytes()));
        self.signatures.insert(key.to_owned(), signature.clone());
        Last { key: Some(key.to_owned()), hash: Some(hash), signature: Some(signature) }
    }

    fn sign(&self, text: &str) -> String {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        hex(&signature)
    }

    /// Changes a file's content.
    pub fn rewrite(&mut self, key: &str, from: &str, to: &str) {
        let stored = self.files.get_mut(key).unwrap();
        let mut content = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(stored.as_slice()), &mut content)
            .unwrap();
        assert!(content.contains(from), "{content}");
        *stored = gzip(content.replace(from, to).as_bytes());
    }

    /// A copy on disk, without the metadata.
    pub fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (key, bytes) in &self.files {
            write(&folder.path().join(key), bytes);
        }
        folder
    }

    /// The bucket, with the metadata that CloudTrail sets.
    pub fn bucket(&self) -> Bucket {
        let mut bucket = Bucket::default();
        self.files.iter().for_each(|(key, bytes)| bucket.put(key, bytes.clone()));
        for (key, signature) in &self.signatures {
            bucket.put_metadata(key, "signature", signature);
            bucket.put_metadata(key, "signature-algorithm", "SHA256withRSA");
        }
        bucket
    }
}

pub fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
