//! Validation of log files with CloudTrail's digests.

use std::collections::BTreeMap;
use std::path::Path;

use trailq::{
    DigestReport, DigestVerdict, GapCause, KeySource, LogVerdict, PublicKeys, Scope, StoreOptions, Trail,
    Window,
};

use crate::digest_files::{
    ACCOUNT, Delivered, FINGERPRINT, Last, REGION, digest_key, gzip, hour, key_pair, log_key, public_keys,
    write,
};
use crate::s3_server::{Fault, Server};

fn keys() -> KeySource {
    given("test_key.pk8", FINGERPRINT)
}

fn given(pair: &str, fingerprint: &str) -> KeySource {
    let json = public_keys(&key_pair(pair), fingerprint).to_string();
    KeySource::Given(PublicKeys::parse(&json).unwrap())
}

fn window(first: &str, last: &str) -> Scope {
    let window = Window::inclusive(first.parse().unwrap(), last.parse().unwrap()).unwrap();
    Scope { window: Some(window), ..Scope::default() }
}

/// Hours that reach further than the window to both sides.
fn noon() -> Scope {
    window("2024-05-01T11:00:00Z", "2024-05-01T12:59:59Z")
}

async fn verify_in(folder: &Path, scope: &Scope, keys: &KeySource) -> DigestReport {
    let trail = Trail::open(&[folder.to_str().unwrap()]).await.unwrap();
    trail.verify_digests(scope, keys).await.unwrap()
}

async fn verify(delivered: &Delivered, scope: &Scope) -> DigestReport {
    let folder = delivered.folder();
    let mut report = verify_in(folder.path(), scope, &keys()).await;
    // Names as a bucket has them.
    let root = format!("{}/", folder.path().display());
    let bare = |name: &mut String| *name = name.replace(&root, "");
    report.digest_findings.iter_mut().for_each(|finding| bare(&mut finding.name));
    for finding in &mut report.log_findings {
        bare(&mut finding.name);
        finding.digest.iter_mut().for_each(bare);
    }
    report
}

fn digest_verdicts(report: &DigestReport) -> Vec<(&str, DigestVerdict)> {
    report.digest_findings.iter().map(|finding| (finding.name.as_str(), finding.verdict)).collect()
}

fn log_verdicts(report: &DigestReport) -> Vec<(&str, LogVerdict)> {
    report.log_findings.iter().map(|finding| (finding.name.as_str(), finding.verdict)).collect()
}

#[tokio::test]
async fn what_is_as_delivered_is_verified() {
    let report = verify(&Delivered::hours(), &noon()).await;
    assert!(report.verified, "{report:#?}");
    // Deliveries of 10:55 to 14:00, and digests that end up to two hours later.
    assert_eq!(report.logs, BTreeMap::from([(LogVerdict::Valid, 6)]));
    assert_eq!(report.digests, BTreeMap::from([(DigestVerdict::Valid, 6)]));
    assert_eq!((report.signatures.public_keys, report.gaps.len()), (1, 0));
    let chain = &report.chains[0];
    assert_eq!((chain.chain.trail.as_str(), chain.digests), ("my_trail", 7));
    assert_eq!(chain.continues, Some(digest_key(REGION, &hour(10), "")));
}

#[tokio::test]
async fn altered_emptied_deleted_and_inserted_log_files_are_named() {
    let mut delivered = Delivered::hours();
    let log = |minute: &str| log_key(REGION, &format!("2024-05-01T{minute}"), "a");
    let (altered, emptied, deleted) = (log("11:05"), log("11:35"), log("12:05"));
    delivered.rewrite(&altered, "GetObject", "ListBuckets");
    delivered.files.insert(emptied.clone(), vec![]);
    delivered.files.remove(&deleted);
    let truncated = log("13:05");
    let stored = delivered.files.get_mut(&truncated).unwrap();
    stored.truncate(stored.len() - 4);
    let inserted = log_key(REGION, "2024-05-01T12:20", "b");
    delivered.files.insert(inserted.clone(), gzip(br#"{"Records":[]}"#));
    let report = verify(&delivered, &noon()).await;
    assert!(!report.verified);
    assert_eq!(
        log_verdicts(&report),
        [
            (altered.as_str(), LogVerdict::Altered),
            (&emptied, LogVerdict::Altered),
            (&inserted, LogVerdict::NotNamed),
            (&truncated, LogVerdict::Unreadable),
            (&format!("s3://logs/{deleted}"), LogVerdict::Deleted),
        ]
    );
    assert_eq!(report.log_findings[0].digest, Some(digest_key(REGION, &hour(12), "")));
    assert_eq!(report.logs[&LogVerdict::Valid], 2);
    assert_eq!((report.digest_findings.len(), report.gaps.len()), (0, 0));
}

#[tokio::test]
async fn what_the_last_digest_is_too_old_for_may_be_named_yet() {
    let mut delivered = Delivered::hours();
    let fresh = delivered.log(REGION, "2024-05-01T17:05");
    let elsewhere = delivered.log("eu-west-1", "2024-05-01T17:05");
    let report = verify(&delivered, &Scope::default()).await;
    let expected = [(elsewhere.as_str(), LogVerdict::NotNamed), (&fresh, LogVerdict::NotYetNamed)];
    assert_eq!(log_verdicts(&report), expected);
    assert!(report.log_findings[0].detail.as_ref().unwrap().contains("no digest of its account and region"));
    // In a copy, nothing vouches for the last digest.
    let last = digest_key(REGION, &hour(17), "");
    assert_eq!(digest_verdicts(&report), [(last.as_str(), DigestVerdict::Unsigned)]);
    assert_eq!((report.logs[&LogVerdict::Valid], report.logs[&LogVerdict::Unvouched]), (14, 2));
}

#[tokio::test]
async fn an_altered_digest_is_named_and_vouches_for_nothing() {
    let mut delivered = Delivered::hours();
    let digest = digest_key(REGION, &hour(12), "");
    let log = log_key(REGION, "2024-05-01T11:05", "a");
    // The log file goes, and the digest names another one instead.
    let other = log.replace("a.json", "z.json");
    delivered.rewrite(&digest, &log, &other);
    delivered.files.remove(&log);
    let report = verify(&delivered, &noon()).await;
    assert_eq!(digest_verdicts(&report), [(digest.as_str(), DigestVerdict::Altered)]);
    assert_eq!(log_verdicts(&report), [(format!("s3://logs/{other}").as_str(), LogVerdict::Deleted)]);
    assert_eq!(report.logs[&LogVerdict::Unvouched], 1);
    assert!(!report.verified);
}

#[tokio::test]
async fn missing_digests_are_gaps() {
    let mut delivered = Delivered::hours();
    let missing = digest_key(REGION, &hour(12), "");
    delivered.files.remove(&missing);
    let report = verify(&delivered, &noon()).await;
    let [gap] = report.gaps.as_slice() else { panic!("{report:#?}") };
    assert_eq!(gap.cause, GapCause::Missing { digest: Some(missing) });
    assert_eq!((gap.from.to_rfc3339(), gap.to.to_rfc3339()), hours(11, 12));
    assert_eq!(report.logs[&LogVerdict::NotNamed], 2);

    // The first ones, and the last ones.
    for end in [11, 12, 13, 14, 15, 16, 17] {
        delivered.files.remove(&digest_key(REGION, &hour(end), ""));
    }
    let report = verify(&delivered, &window("2024-05-01T09:30:00Z", "2024-05-01T12:59:59Z")).await;
    let [gap] = report.gaps.as_slice() else { panic!("{report:#?}") };
    assert_eq!((gap.cause.clone(), gap.to.to_rfc3339()), (GapCause::Ended, hours(10, 13).1));
    delivered.chain(REGION, 10..=17, Last::default());
    delivered.files.remove(&digest_key(REGION, &hour(11), ""));
    let report = verify(&delivered, &window("2024-05-01T11:02:00Z", "2024-05-01T12:59:59Z")).await;
    let missing = GapCause::Missing { digest: Some(digest_key(REGION, &hour(11), "")) };
    assert_eq!(report.gaps.iter().map(|gap| &gap.cause).collect::<Vec<_>>(), [&missing]);
}

fn hours(from: u32, to: u32) -> (String, String) {
    (hour(from).replace('Z', "+00:00"), hour(to).replace('Z', "+00:00"))
}

#[tokio::test]
async fn a_chain_that_starts_anew_leaves_a_gap() {
    let mut delivered = Delivered::new();
    delivered.chain(REGION, 10..=11, Last::default());
    delivered.chain(REGION, 13..=17, Last::default());
    let unnamed = delivered.log(REGION, "2024-05-01T11:30");
    let report = verify(&delivered, &window("2024-05-01T09:30:00Z", "2024-05-01T12:59:59Z")).await;
    let [gap] = report.gaps.as_slice() else { panic!("{report:#?}") };
    assert_eq!(gap.cause, GapCause::Restarted);
    assert_eq!((gap.from.to_rfc3339(), gap.to.to_rfc3339()), hours(11, 12));
    assert_eq!(log_verdicts(&report), [(unnamed.as_str(), LogVerdict::NotNamed)]);
    // That it starts within the window is no gap.
    assert_eq!(report.chains[0].continues, None);
}

#[tokio::test]
async fn keys_that_are_wrong_unknown_or_missing() {
    let folder = Delivered::hours().folder();
    let verify = async |keys: KeySource| verify_in(folder.path(), &noon(), &keys).await;
    let all = |verdict| BTreeMap::from([(verdict, 6)]);

    let report = verify(given("other_key.pk8", FINGERPRINT)).await;
    assert_eq!((report.verified, report.digests), (false, all(DigestVerdict::WrongSignature)));
    assert_eq!(report.logs, BTreeMap::from([(LogVerdict::Unvouched, 6)]));

    let report = verify(given("test_key.pk8", "other")).await;
    assert_eq!((report.verified, report.digests), (false, all(DigestVerdict::UnknownKey)));
    assert!(report.digest_findings[0].detail.as_ref().unwrap().contains(FINGERPRINT));

    let report = verify(KeySource::Given(PublicKeys::default())).await;
    assert_eq!((report.verified, report.digests), (false, all(DigestVerdict::Unchecked)));
    assert_eq!((report.signatures.public_keys, report.digest_findings.len()), (0, 0));
}

#[tokio::test]
async fn hashes_and_chain_are_checked_without_keys() {
    let mut delivered = Delivered::hours();
    let digest = digest_key(REGION, &hour(12), "");
    delivered.rewrite(&digest, "2024-05-01T11:00:00Z", "2024-05-01T11:00:01Z");
    let log = log_key(REGION, "2024-05-01T12:05", "a");
    delivered.rewrite(&log, "GetObject", "ListBuckets");
    let folder = delivered.folder();
    let report = verify_in(folder.path(), &noon(), &KeySource::Given(PublicKeys::default())).await;
    let names =
        |name: &String| name.strip_prefix(&format!("{}/", folder.path().display())).unwrap().to_owned();
    let [finding] = report.digest_findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((names(&finding.name), finding.verdict), (digest, DigestVerdict::Altered));
    let [finding] = report.log_findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((names(&finding.name), finding.verdict), (log, LogVerdict::Altered));
}

/// Another digest, which nothing vouches for, says that a deleted log file was never delivered here,
/// or that an altered one is as it should be.
#[tokio::test]
async fn forged_digests_do_not_outweigh_others() {
    let mut delivered = Delivered::hours();
    let (altered, deleted) = ("2024-05-01T11:05", "2024-05-01T12:05");
    let [altered, deleted] = [altered, deleted].map(|minute| log_key(REGION, minute, "a"));
    delivered.rewrite(&altered, "GetObject", "ListBuckets");
    let forged = digest_key("ap-south-1", &hour(12), "");
    let logs = [altered.clone(), deleted.clone()];
    delivered.digest(&forged, (&hour(11), &hour(12)), &logs, &Last::default());
    delivered.rewrite(
        &forged,
        &deleted,
        &deleted.replace(&format!("AWSLogs/{ACCOUNT}/"), "AWSLogs/elsewhere/"),
    );
    delivered.files.remove(&deleted);
    let folder = delivered.folder();
    let account = folder.path().join(format!("AWSLogs/{ACCOUNT}"));
    let report = verify_in(&account, &noon(), &keys()).await;
    let [first, second] = report.log_findings.as_slice() else { panic!("{report:#?}") };
    assert!(first.verdict == LogVerdict::Altered && first.name.ends_with(&altered), "{first:?}");
    assert!(second.verdict == LogVerdict::Deleted && second.name.ends_with(&deleted), "{second:?}");
    assert_eq!(report.digests[&DigestVerdict::Unsigned], 1);
}

#[tokio::test]
async fn late_log_files_are_named_by_backfill_digests() {
    let mut delivered = Delivered::hours();
    let late = delivered.log(REGION, "2024-05-01T11:50");
    assert_eq!(verify(&delivered, &noon()).await.logs[&LogVerdict::NotNamed], 1);
    let backfill = digest_key(REGION, &hour(12), "_backfill");
    delivered.digest(&backfill, (&hour(11), &hour(12)), std::slice::from_ref(&late), &Last::default());
    let report = verify(&delivered, &noon()).await;
    // A copy has no signature of it.
    assert_eq!(digest_verdicts(&report), [(backfill.as_str(), DigestVerdict::Unsigned)]);
    assert_eq!((report.logs[&LogVerdict::Unvouched], report.gaps.len()), (1, 0));

    let server = Server::start(delivered.bucket(), None).await;
    let report = from_bucket(&server, "s3://logs", &noon(), &keys()).await;
    assert!(report.verified, "{report:#?}");
    assert_eq!(report.chains.iter().map(|chain| chain.chain.backfill).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn regions_have_chains_of_their_own_and_digests_lie_beside_a_region() {
    let mut delivered = Delivered::hours();
    delivered.chain("eu-west-1", 10..=17, Last::default());
    delivered.files.remove(&digest_key("eu-west-1", &hour(13), ""));
    let report = verify(&delivered, &noon()).await;
    assert_eq!(report.chains.len(), 2);
    assert_eq!(report.gaps.iter().map(|gap| gap.chain.region.as_str()).collect::<Vec<_>>(), ["eu-west-1"]);
    let folder = delivered.folder();
    let day = folder.path().join(format!("AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2024/05/01"));
    let report = verify_in(&day, &noon(), &keys()).await;
    assert!(report.verified && report.logs[&LogVerdict::Valid] == 6, "{report:#?}");
    let only = Scope { regions: vec![REGION.into()], ..noon() };
    assert!(verify(&delivered, &only).await.verified);
}

#[tokio::test]
async fn copies_may_be_flat_and_gunzipped() {
    let flat = tempfile::tempdir().unwrap();
    for (key, bytes) in &Delivered::hours().files {
        let mut content = vec![];
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut content)
            .unwrap();
        let name = key.rsplit('/').next().unwrap().trim_end_matches(".gz");
        write(&flat.path().join(name), &content);
    }
    let report = verify_in(flat.path(), &noon(), &keys()).await;
    assert!(report.verified && report.logs[&LogVerdict::Valid] == 6, "{report:#?}");
}

#[tokio::test]
async fn digests_that_cannot_be_used_are_named() {
    let mut delivered = Delivered::hours();
    let [bomb, moved, broken] = [11, 12, 13].map(|end| digest_key(REGION, &hour(end), ""));
    delivered.files.insert(bomb.clone(), gzip(&vec![b' '; 33 << 20]));
    delivered.files.insert(moved.clone(), delivered.files[&digest_key(REGION, &hour(10), "")].clone());
    delivered.files.insert(broken.clone(), b"\x1b[31m{".to_vec());
    let odd = format!("AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/2024/05/01/x.json.gz");
    delivered.files.insert(odd.clone(), gzip(b"{}"));
    let report = verify(&delivered, &noon()).await;
    let verdicts = digest_verdicts(&report);
    assert_eq!(
        verdicts,
        [
            (bomb.as_str(), DigestVerdict::Unreadable),
            (&moved, DigestVerdict::Misplaced),
            (&broken, DigestVerdict::Unreadable),
            (&odd, DigestVerdict::Unreadable),
        ]
    );
    let details: Vec<_> = report.digest_findings.iter().filter_map(|f| f.detail.as_deref()).collect();
    for (detail, says) in
        details.iter().zip(["inflates to more", "says that it is logs/", "no digest", "no digest"])
    {
        assert!(detail.contains(says), "{detail}");
    }
    assert!(
        report.gaps.iter().all(|gap| matches!(gap.cause, GapCause::Missing { .. })),
        "{:#?}",
        report.gaps
    );
}

fn options(server: &Server) -> StoreOptions {
    StoreOptions {
        endpoint: Some(server.endpoint.clone()),
        anonymous: true,
        retries: 1,
        ..StoreOptions::default()
    }
}

async fn from_bucket(server: &Server, source: &str, scope: &Scope, keys: &KeySource) -> DigestReport {
    let trail = Trail::open_with(&[source], &options(server)).await.unwrap();
    trail.verify_digests(scope, keys).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_has_the_signature_of_the_last_digest() {
    let mut delivered = Delivered::hours();
    let server = Server::start(delivered.bucket(), None).await;
    let report = from_bucket(&server, "s3://logs", &Scope::default(), &keys()).await;
    assert!(report.verified, "{report:#?}");
    assert_eq!(report.digests, BTreeMap::from([(DigestVerdict::Valid, 8)]));
    let source = format!("s3://logs/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}");
    assert!(from_bucket(&server, &source, &noon(), &keys()).await.verified);

    let last = digest_key(REGION, &hour(17), "");
    delivered.rewrite(&last, "2024-05-01T16:00:00Z", "2024-05-01T16:00:01Z");
    let server = Server::start(delivered.bucket(), None).await;
    let report = from_bucket(&server, "s3://logs", &Scope::default(), &keys()).await;
    let name = format!("s3://logs/{last}");
    assert_eq!(digest_verdicts(&report), [(name.as_str(), DigestVerdict::WrongSignature)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_listed_is_not_called_deleted() {
    let mut bucket = Delivered::hours().bucket();
    bucket.fault(&format!("CloudTrail/{REGION}/2024/05/"), Fault::Denied);
    let server = Server::start(bucket, None).await;
    let report = from_bucket(&server, "s3://logs", &noon(), &keys()).await;
    assert!(!report.verified && report.failed_listings.len() == 1, "{report:#?}");
    assert_eq!(report.logs, BTreeMap::from([(LogVerdict::Unreadable, 6)]));
}
