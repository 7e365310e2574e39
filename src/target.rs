//! What a call was aimed at, as far as its record tells.

use arrow::array::{Array, AsArray, RecordBatch};

use crate::decode::json::{for_each_member, text_of};

/// What the call of a row was aimed at, as far as its parameters or its error tell.
pub fn target_of(batch: &RecordBatch, row: usize) -> Option<String> {
    let text = |name| {
        let texts = batch.column_by_name(name)?.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row))
    };
    parameter(text("requestparameters")).or_else(|| denied(text("errormessage")))
}

/// What a denied call was aimed at stands in its message alone.
fn denied(message: Option<&str>) -> Option<String> {
    let (_, resource) = message?.split_once(" on resource: ")?;
    Some(resource.split(' ').next()?.to_owned())
}

/// Parameters that name what a call is aimed at, the most telling first.
const TARGETS: [&str; 24] = [
    "roleArn",
    "roleName",
    "userName",
    "groupName",
    "policyArn",
    "policyName",
    "instanceProfileName",
    "bucketName",
    "secretId",
    "functionName",
    "keyId",
    "instanceId",
    "trailName",
    "detectorId",
    "dBInstanceIdentifier",
    "dBSnapshotIdentifier",
    "snapshotId",
    "imageId",
    "groupId",
    "tableName",
    "repositoryName",
    "logGroupName",
    "resourceArn",
    "name",
];

/// What a call with these parameters is aimed at.
fn parameter(parameters: Option<&str>) -> Option<String> {
    let (mut best, mut object_key) = (None, None);
    for_each_member(parameters?, |key, value| {
        if !value.starts_with('"') {
            return;
        }
        if key == "key" {
            object_key = Some(text_of(value).into_owned());
        }
        let rank = TARGETS.iter().position(|target| *target == key);
        if let Some(rank) = rank
            && best.as_ref().is_none_or(|(other, _)| rank < *other)
        {
            best = Some((rank, text_of(value).into_owned()));
        }
    })
    .ok()?;
    let (rank, text) = best?;
    match object_key {
        Some(key) if TARGETS[rank] == "bucketName" => Some(format!("{text}/{key}")),
        _ => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_what_a_call_is_aimed_at() {
        for (parameters, expected) in [
            (r#"{"key":"a/b","bucketName":"logs"}"#, Some("logs/a/b")),
            (r#"{"policyArn":"arn:x","roleName":"web"}"#, Some("web")),
            (r#"{"maxResults":5}"#, None),
            (r#"{"roleName":{"odd":1}}"#, None),
            ("null", None),
        ] {
            assert_eq!(parameter(Some(parameters)).as_deref(), expected, "{parameters}");
        }
    }
}
