//! Tags: what whoever made a work group noted of it. Nothing else has any here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::paging::Page;
use super::queries::paged;
use super::{Api, value};
use crate::athena::error::{ApiError, ApiResult, ErrorKind};
use crate::athena::protocol::required;
use crate::athena::store::WorkGroup;

/// The most tags of one resource.
const MOST: usize = 50;
/// The longest key and value, in characters.
const LONGEST: (usize, usize) = (128, 256);

/// A tag.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tag {
    key: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tagged {
    #[serde(rename = "ResourceARN")]
    resource: Option<String>,
    #[serde(rename = "Tags")]
    tags: Option<Vec<Tag>>,
    #[serde(rename = "TagKeys")]
    keys: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListTags {
    #[serde(rename = "ResourceARN")]
    resource: Option<String>,
    #[serde(flatten)]
    page: Page,
}

impl Api {
    pub(super) async fn tag_resource(&self, request: Tagged) -> ApiResult<Value> {
        let mut group = self.tagged(request.resource).await?;
        group.tags = with_tags(group.tags, required(request.tags, "tags")?)?;
        self.store.put_work_group(group).await?;
        Ok(json!({}))
    }

    pub(super) async fn untag_resource(&self, request: Tagged) -> ApiResult<Value> {
        let mut group = self.tagged(request.resource).await?;
        let keys = required(request.keys, "tagKeys")?;
        group.tags.retain(|key, _| !keys.contains(key));
        self.store.put_work_group(group).await?;
        Ok(json!({}))
    }

    pub(super) async fn list_tags(&self, request: ListTags) -> ApiResult<Value> {
        let tags = self.tagged(request.resource).await?.tags.into_iter();
        let tags: Vec<Tag> = tags.map(|(key, value)| Tag { key, value }).collect();
        // Pages hold 75 or more, which is more than there can be.
        let (tags, next) = Page { max_results: None, ..request.page }.of(tags, MOST)?;
        Ok(paged("Tags", value(&tags)?, next))
    }

    /// The work group that `arn:aws:athena:region:account:workgroup/name` names, in any region and account.
    async fn tagged(&self, arn: Option<String>) -> ApiResult<WorkGroup> {
        let arn = required(arn, "resourceARN")?;
        let resource = arn.splitn(6, ':').last().and_then(|resource| resource.strip_prefix("workgroup/"));
        let missing = || ApiError::new(ErrorKind::ResourceNotFound, format!("Resource {arn} was not found"));
        let name = resource.filter(|_| arn.starts_with("arn:")).ok_or_else(missing)?;
        self.kept_work_group(name).await.map_err(|error| match error.kind() {
            ErrorKind::Internal => error,
            _ => missing(),
        })
    }
}

/// `before`, with more tags.
///
/// # Errors
/// If a key or a value is too long or there are too many of them.
pub fn with_tags(
    mut before: BTreeMap<String, String>,
    more: Vec<Tag>,
) -> ApiResult<BTreeMap<String, String>> {
    for Tag { key, value } in more {
        let (longest_key, longest_value) = LONGEST;
        if key.is_empty() || key.chars().count() > longest_key || value.chars().count() > longest_value {
            return Err(ApiError::input(format!(
                "A tag has a key of 1 to {longest_key} and a value of up to {longest_value} characters"
            )));
        }
        before.insert(key, value);
    }
    match before.len() <= MOST {
        true => Ok(before),
        false => Err(ApiError::input(format!("A resource has at most {MOST} tags"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn tags_are_bounded() {
        let two = with_tags(BTreeMap::new(), vec![tag("a", "1"), tag("b", ""), tag("a", "2")]).unwrap();
        assert_eq!(
            two.into_iter().collect::<Vec<_>>(),
            [("a".into(), "2".into()), ("b".into(), String::new())]
        );
        for refused in [tag("", "x"), tag(&"k".repeat(129), ""), tag("k", &"v".repeat(257))] {
            assert!(with_tags(BTreeMap::new(), vec![refused]).is_err());
        }
        let many = |count: usize| (0..count).map(|n| tag(&n.to_string(), "")).collect();
        assert!(with_tags(BTreeMap::new(), many(50)).is_ok());
        assert!(with_tags(BTreeMap::new(), many(51)).is_err());
    }
}
