//! What a digest file's name says.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;

use crate::key::{is_account, is_region};

/// One trail's digests of one region, each of which names the one before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Chain {
    /// The account whose log files they name.
    pub account: String,
    /// The region whose log files they name.
    pub region: String,
    /// The trail's name.
    pub trail: String,
    /// The trail's home region.
    pub home_region: String,
    /// Digests of log files that the hourly ones left out because they were late.
    pub backfill: bool,
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, trail, home_region, backfill } = self;
        write!(f, "{account} {region} trail {trail}")?;
        if home_region != region {
            write!(f, " of {home_region}")?;
        }
        if *backfill { f.write_str(" (backfill)") } else { Ok(()) }
    }
}

/// A digest file's name:
/// `ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_YYYYMMDDTHHMMSSZ[_backfill].json[.gz]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestName {
    /// The chain that it belongs to.
    pub chain: Chain,
    /// When its hour ended.
    pub end: DateTime<Utc>,
}

impl DigestName {
    /// Reads the last part of a key or path; `None` if that is no digest file's name.
    pub fn parse(key: &str) -> Option<Self> {
        let (account, rest) = identity(key).strip_suffix(".json")?.split_once('_')?;
        let (region, rest) = rest.strip_prefix("CloudTrail-Digest_")?.split_once('_')?;
        let (rest, backfill) = rest.strip_suffix("_backfill").map_or((rest, false), |rest| (rest, true));
        // A trail's name may hold `_`, so the rest is read from its end.
        let (rest, end) = rest.rsplit_once('_')?;
        let (trail, home_region) = rest.rsplit_once('_')?;
        let end = NaiveDateTime::parse_from_str(end, "%Y%m%dT%H%M%SZ").ok()?.and_utc();
        let known = is_account(account) && is_region(region) && is_region(home_region) && !trail.is_empty();
        let chain = || Chain {
            account: account.to_owned(),
            region: region.to_owned(),
            trail: trail.to_owned(),
            home_region: home_region.to_owned(),
            backfill,
        };
        known.then(|| Self { chain: chain(), end })
    }
}

/// What of a file's key or path stays the same in a copy: its name, which CloudTrail makes unique,
/// whether or not the file was gunzipped since.
pub fn identity(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.strip_suffix(".gz").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_digests() {
        let name = "AWSLogs/o-1/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_\
                    CloudTrail-Digest_us-east-2_my_trail.v2_eu-west-1_20150817T150131Z";
        let parsed = DigestName::parse(&format!("{name}.json.gz")).unwrap();
        assert_eq!(parsed.end, "2015-08-17T15:01:31Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(parsed.chain.to_string(), "111122223333 us-east-2 trail my_trail.v2 of eu-west-1");
        assert_eq!(DigestName::parse(&format!("{name}.json")), Some(parsed.clone()));
        let backfill = DigestName::parse(&format!("{name}_backfill.json.gz")).unwrap();
        assert_eq!((backfill.end, backfill.chain.backfill), (parsed.end, true));
    }

    #[test]
    fn other_names() {
        for name in [
            "",
            "111122223333_CloudTrail_us-east-1_20260314T1400Z_abcdefgh.json.gz",
            "111122223333_CloudTrail-Digest_us-east-2_us-east-2_20150817T150131Z.json.gz",
            "1111_CloudTrail-Digest_us-east-2_t_us-east-2_20150817T150131Z.json.gz",
            "111122223333_CloudTrail-Digest_us-east-2_t_us-east-2_20150817.json.gz",
            "111122223333_CloudTrail-Digest_us-east-2_t_us-east-2_20150817T150131Z.txt",
        ] {
            assert_eq!(DigestName::parse(name), None, "{name}");
        }
    }
}
