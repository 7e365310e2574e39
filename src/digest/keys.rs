//! The public keys that digests are signed with.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::hash::from_hex;

/// CloudTrail's public keys, by fingerprint: those that it used in a region for a time.
///
/// The time that a key is valid for is not held against it: it says when CloudTrail signed with it,
/// and only CloudTrail has ever had the private key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys(BTreeMap<String, Vec<u8>>);

/// A page of what `ListPublicKeys` answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    public_key_list: Vec<Key>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    /// DER of PKCS#1's `RSAPublicKey`, in Base64.
    value: String,
    fingerprint: String,
}

impl PublicKeys {
    /// Reads keys as `aws cloudtrail list-public-keys` prints them.
    ///
    /// # Errors
    /// If it is something else.
    pub fn parse(json: &str) -> Result<Self> {
        let mut keys = Self::default();
        keys.add_page(json).map_err(|problem| {
            let begin: String = json.chars().take(40).collect();
            Error::argument(
                "public keys",
                begin,
                problem,
                "give what `aws cloudtrail list-public-keys` prints",
            )
        })?;
        Ok(keys)
    }

    /// Adds the keys of one answer; the token of the next, if there is one.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn add_page(&mut self, json: &str) -> Result<Option<String>, String> {
        let page: Page =
            serde_json::from_str(json).map_err(|cause| format!("is no list of public keys: {cause}"))?;
        for key in page.public_key_list {
            let value = base64::decode(key.value.trim())
                .map_err(|cause| format!("has a key that is not Base64: {cause}"))?;
            self.0.insert(key.fingerprint, value);
        }
        Ok(page.next_token)
    }

    /// Adds other keys.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `signature`, in hexadecimal digits, is one of `text` by the key with this fingerprint
    /// (SHA256withRSA, PKCS#1 v1.5); `None` if there is no such key.
    pub(crate) fn verify(&self, fingerprint: &str, text: &str, signature: &str) -> Option<bool> {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.0.get(fingerprint)?);
        let signature = from_hex(signature);
        Some(signature.is_some_and(|signature| key.verify(text.as_bytes(), &signature).is_ok()))
    }
}
