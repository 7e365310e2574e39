//! What a text of an alert plainly names; nothing that is not plain.

use crate::error::Result;
use crate::identity::{Principal, is_account, is_iam_name};

use super::Suspect;

/// In which partition and account a bare name is meant. Without them it names nobody.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub partition: Option<&'a str>,
    pub account: Option<&'a str>,
}

impl Owner<'_> {
    /// The ARN of a role or user known by its bare name, or the name if it is not one; `None`
    /// where there is no name, nothing that it could be, or no saying whose it is.
    pub fn arn<'n>(&self, kind: &str, name: Option<&'n str>) -> Option<Result<String, &'n str>> {
        let (partition, account) = self.partition.zip(self.account)?;
        let (service, resource) = match kind.to_ascii_lowercase().as_str() {
            "assumedrole" | "role" => ("iam", "role/"),
            "iamuser" => ("iam", "user/"),
            "federateduser" => ("sts", "federated-user/"),
            "root" => return Some(Ok(format!("arn:{partition}:iam::{account}:root"))),
            _ => return None,
        };
        let name = name?;
        let arn = || format!("arn:{partition}:{service}::{account}:{resource}{name}");
        Some(is_iam_name(name).then(arn).ok_or(name))
    }
}

/// The partition that an ARN lies in.
pub fn partition_of(arn: Option<&str>) -> Option<&str> {
    Some(Arn::parse(arn?)?.partition)
}

/// The parts of an ARN in which nothing stands that no name has: no control characters, blanks,
/// quotes, brackets or path that leads upwards.
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        const LONGEST: usize = 2048;
        let is_word = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-/:*$#~!%".contains(&b);
        let mut parts = text.splitn(6, ':');
        let mut word = || parts.next().filter(|part| is_word(part));
        let is_arn = word()? == "arn";
        let (partition, service, _region, account) = (word()?, word()?, word()?, word()?);
        let resource = parts.next()?;
        let is_plain = resource.bytes().all(is_plain) && !resource.split('/').any(|part| part == "..");
        let is_whole = is_arn && partition.starts_with("aws") && !service.is_empty() && !resource.is_empty();
        (is_whole && is_plain && text.len() <= LONGEST).then_some(Self {
            partition,
            service,
            account,
            resource,
        })
    }
}

/// What an ARN names.
pub fn named_by(given: &str) -> Option<Suspect> {
    // Keys of objects can hold anything, and are no part of what follows.
    if let Some((bucket, key)) = given.split_once('/')
        && let Some((_, name)) = bucket.split_once(":s3:::")
    {
        return Arn::parse(bucket).and_then(|_| object(name, key));
    }
    let arn = Arn::parse(given)?;
    let (kind, name) = arn.resource.split_once(['/', ':']).unwrap_or((arn.resource, ""));
    let principal = |parse: fn(&str) -> Result<Principal>| parse(given).ok().map(Suspect::Principal);
    match (arn.service, kind) {
        ("iam", "role") | ("sts", "assumed-role") => principal(Principal::role),
        ("iam", "user" | "root") | ("sts", "federated-user") => principal(Principal::user),
        ("iam", "instance-profile") => Some(Suspect::InstanceProfile { arn: given.to_owned() }),
        ("lambda", "function") => {
            let qualifier = name.split_once(':').map_or(0, |(_, qualifier)| qualifier.len() + 1);
            Some(Suspect::Function { arn: given[..given.len() - qualifier].to_owned() })
        }
        ("ec2", "instance") => instance(Some(arn.account), name),
        ("ecs", "task") => Some(Suspect::Task { arn: given.to_owned(), definition: None }),
        _ => principal(Principal::resource),
    }
}

pub fn instance(account: Option<&str>, id: &str) -> Option<Suspect> {
    let digits = id.strip_prefix("i-")?;
    let is_id = (8..=17).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let account = account.filter(|text| is_account(text)).map(ToOwned::to_owned);
    is_id.then(|| Suspect::Instance { account, id: id.to_owned() })
}

pub fn object(bucket: &str, key: &str) -> Option<Suspect> {
    let is_bucket = is_bucket(bucket) && (1..=1024).contains(&key.len());
    is_bucket.then(|| Suspect::Object { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// S3's rule for names of buckets, the old and laxer one included.
pub fn is_bucket(name: &str) -> bool {
    (3..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// `eu-west-1` and its like.
pub fn is_region(text: &str) -> bool {
    (5..=32).contains(&text.len())
        && text.contains('-')
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(arn: &str) -> Option<String> {
        named_by(arn).map(|suspect| suspect.to_string())
    }

    #[test]
    fn an_arn_names_what_it_says() {
        let function = "arn:aws:lambda:us-east-1:111122223333:function:orders";
        for (arn, named) in [
            (
                "arn:aws:sts::111122223333:assumed-role/web/i-0aaaabbbbccccdddd",
                "arn:aws:iam::111122223333:role/web",
            ),
            ("arn:aws:iam::111122223333:user/ops/rosa", "arn:aws:iam::111122223333:user/ops/rosa"),
            ("arn:aws:ec2:us-east-1:111122223333:instance/i-0aaaabbbbccccdddd", "i-0aaaabbbbccccdddd"),
            ("arn:aws:s3:::shop/a b/'c'", "s3://shop/a b/'c'"),
            ("arn:aws:iam::111122223333:policy/web", "arn:aws:iam::111122223333:policy/web"),
            (&format!("{function}:live"), function),
            (function, function),
        ] {
            assert_eq!(name(arn).as_deref(), Some(named), "{arn}");
        }
        assert!(matches!(named_by(function), Some(Suspect::Function { .. })));
    }

    #[test]
    fn what_no_arn_holds_makes_it_none() {
        for arn in [
            "arn:aws:iam::111122223333:role/../web",
            "arn:aws:iam::111122223333:role/we'b",
            "arn:aws:iam::1111:role/web",
            "arn:aws\n:iam::111122223333:role/web",
            "arn:aws;:s3:::shop/key",
            "arn:aws:s3:::sh op/key",
            "arn:aws:sns:us-east-1:111122223333:<topic>",
            "arn:aws:ec2:us-east-1:111122223333:instance/i-web",
            "arn:aws:iam::111122223333:",
            "arn:gcp:iam::111122223333:role/web",
            "web",
            "",
        ] {
            assert_eq!(named_by(arn), None, "{arn}");
        }
        assert_eq!(named_by(&format!("arn:aws:sns:us-east-1:111122223333:{}", "x".repeat(3000))), None);
    }
}
