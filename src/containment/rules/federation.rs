//! Ways in from outside: identity providers and Roles Anywhere.

use serde_json::json;

use super::{Rule, cuts, ends, one, sets};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("iam", &["CreateSAMLProvider"], saml_made),
    cuts("iam", &["UpdateSAMLProvider"], saml_changed),
    sets("iam", &["CreateSAMLProvider", "UpdateSAMLProvider"], saml_set),
    cuts("iam", &["CreateOpenIDConnectProvider"], openid_made),
    cuts("iam", &["AddClientIDToOpenIDConnectProvider"], client_added),
    ends("iam", &["RemoveClientIDFromOpenIDConnectProvider"], client_removed),
    cuts("iam", &["UpdateOpenIDConnectProviderThumbprint"], thumbprint_changed),
    ends("iam", &["DeleteSAMLProvider", "DeleteOpenIDConnectProvider"], provider_deleted),
    cuts("rolesanywhere", &["CreateTrustAnchor", "UpdateTrustAnchor", "EnableTrustAnchor"], anchor_opened),
    ends("rolesanywhere", &["DisableTrustAnchor", "DeleteTrustAnchor"], anchor_closed),
    cuts("rolesanywhere", &["CreateProfile", "UpdateProfile", "EnableProfile"], profile_opened),
    ends("rolesanywhere", &["DisableProfile", "DeleteProfile"], profile_closed),
];

const SIGN_IN: &str = "Whoever signs in by it cannot any more.";

fn provider(event: &Event, arn: &str) -> Thing {
    event.thing("identity provider", arn)
}

fn saml_arn(event: &Event) -> Option<&str> {
    event.answered("/sAMLProviderArn").or(event.asked("/sAMLProviderArn"))
}

fn saml_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let arn = saml_arn(event)?;
    let call = Request::new("iam", "DeleteSAMLProvider", json!({"SAMLProviderArn": arn}));
    let undo = event.asked("/name").zip(event.asked("/sAMLMetadataDocument")).map(|(name, document)| {
        Request::new("iam", "CreateSAMLProvider", json!({"Name": name, "SAMLMetadataDocument": document}))
    });
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, provider(event, arn), call)
        .title("Delete identity provider", arn)
        .why("Whoever runs the provider can come in as whom he likes, by every role that trusts it.")
        .breaks(SIGN_IN)
        .undo_if(undo))
}

fn saml_changed(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let arn = saml_arn(event)?;
    let set = |document: &str| {
        let parameters = json!({"SAMLProviderArn": arn, "SAMLMetadataDocument": document});
        Request::new("iam", "UpdateSAMLProvider", parameters)
    };
    let thing = provider(event, arn).part("metadata", "");
    let before = settings.before(&thing);
    let unknown = fill_in("the provider's metadata document");
    let draft =
        Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, set(before.unwrap_or(&unknown)))
            .title("Put back the metadata of identity provider", arn)
            .why("The principal put in a certificate with which anybody can be let in.")
            .breaks(SIGN_IN)
            .undo_if(event.asked("/sAMLMetadataDocument").map(set));
    one(match before {
        Some(_) => draft,
        None => draft.needs("Fill in the metadata document as the identity provider itself gives it out."),
    })
}

fn saml_set(event: &Event) -> Option<(Thing, String)> {
    let document = event.asked("/sAMLMetadataDocument")?;
    Some((provider(event, saml_arn(event)?).part("metadata", ""), document.to_owned()))
}

fn openid_arn(event: &Event) -> Option<&str> {
    event.answered("/openIDConnectProviderArn").or(event.asked("/openIDConnectProviderArn"))
}

fn openid_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let arn = openid_arn(event)?;
    let call = Request::new("iam", "DeleteOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": arn}));
    let undo = event.asked("/url").map(|url| {
        let parameters = json!({
            "Url": url,
            "ClientIDList": event.request.get("clientIDList"),
            "ThumbprintList": event.request.get("thumbprintList"),
        });
        Request::new("iam", "CreateOpenIDConnectProvider", parameters)
    });
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, provider(event, arn), call)
        .title("Delete identity provider", arn)
        .why("Whoever runs the provider can come in as whom he likes, by every role that trusts it.")
        .breaks(SIGN_IN)
        .undo_if(undo))
}

fn client(event: &Event) -> Option<(Thing, &str, &str)> {
    let (arn, client) = (openid_arn(event)?, event.asked("/clientID")?);
    Some((provider(event, arn).part("client", client), arn, client))
}

fn client_added(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, arn, client) = client(event)?;
    let request =
        |call| Request::new("iam", call, json!({"OpenIDConnectProviderArn": arn, "ClientID": client}));
    let call = request("RemoveClientIDFromOpenIDConnectProvider");
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, call)
        .title(&format!("Remove client {client} from identity provider"), arn)
        .why("Tokens for this client open the roles that trust the provider.")
        .breaks(SIGN_IN)
        .undo(request("AddClientIDToOpenIDConnectProvider")))
}

fn client_removed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![client(event)?.0])
}

fn thumbprint_changed(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let arn = openid_arn(event)?;
    let set = |prints: serde_json::Value| {
        let parameters = json!({"OpenIDConnectProviderArn": arn, "ThumbprintList": prints});
        Request::new("iam", "UpdateOpenIDConnectProviderThumbprint", parameters)
    };
    let thing = provider(event, arn).part("thumbprint", "");
    let call = set(json!([fill_in("the thumbprint from before")]));
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, call)
        .title("Put back the thumbprints of identity provider", arn)
        .why("The principal changed which server is believed to be the provider.")
        .breaks(SIGN_IN)
        .needs("Fill in the provider's thumbprint: these logs do not show it.")
        .undo_if(event.request.get("thumbprintList").cloned().map(set)))
}

fn provider_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![provider(event, saml_arn(event).or(openid_arn(event))?)])
}

/// The id of what Roles Anywhere has, and what it is called.
fn anywhere(event: &Event, kind: &'static str) -> Option<(Thing, String, Option<String>)> {
    let answered = |member: &str| event.answered(&format!("/{kind}/{member}"));
    let id = answered(&format!("{kind}Id")).or(event.asked(&format!("/{kind}Id")))?;
    Some((event.thing(kind, id), id.to_owned(), answered(&format!("{kind}Arn")).map(ToOwned::to_owned)))
}

fn anchor_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, id, arn) = anywhere(event, "trustAnchor")?;
    let request = |call| Request::new("rolesanywhere", call, json!({"trustAnchorId": id}));
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, request("DisableTrustAnchor"))
        .title("Disable trust anchor", &id)
        .target(arn.as_deref())
        .why("Whoever holds its certificate authority gets credentials from outside of AWS, for as long as he likes.")
        .breaks("Machines that get their credentials by this anchor get no new ones.")
        .undo(request("EnableTrustAnchor")))
}

fn anchor_closed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![anywhere(event, "trustAnchor")?.0])
}

fn profile_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, id, arn) = anywhere(event, "profile")?;
    let request = |call| Request::new("rolesanywhere", call, json!({"profileId": id}));
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, request("DisableProfile"))
        .title("Disable Roles Anywhere profile", &id)
        .target(arn.as_deref())
        .why("It says which roles can be had from outside of AWS.")
        .breaks("Machines that get their credentials by this profile get no new ones.")
        .undo(request("EnableProfile")))
}

fn profile_closed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![anywhere(event, "profile")?.0])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines, planned};
    use serde_json::{Value, json};

    #[test]
    fn identity_providers_are_deleted_or_put_back() {
        let arn = "arn:aws:iam::111122223333:saml-provider/idp";
        let made = call(
            "iam:CreateSAMLProvider",
            json!({"name": "idp", "sAMLMetadataDocument": "<a/>"}),
            json!({"sAMLProviderArn": arn}),
        );
        let changed = call(
            "iam:UpdateSAMLProvider",
            json!({"sAMLProviderArn": arn, "sAMLMetadataDocument": "<b/>"}),
            json!({"sAMLProviderArn": arn}),
        );
        let (steps, _) = planned([made.clone(), changed.clone()]);
        assert_eq!(steps[0].call.cli, format!("aws iam delete-saml-provider --saml-provider-arn {arn}"));
        assert_eq!(steps[1].call.parameters["SAMLMetadataDocument"], "<a/>");
        let deleted = call("iam:DeleteSAMLProvider", json!({"sAMLProviderArn": arn}), Value::Null);
        assert_eq!(lines([made, changed.clone(), deleted]), [""; 0]);
        assert_eq!(planned([changed]).0[0].needs.len(), 1);
    }

    #[test]
    fn anchors_outside_of_aws_are_disabled() {
        let anchor = json!({"trustAnchor": {"trustAnchorId": "t-1", "trustAnchorArn": "arn:t"}});
        let profile = json!({"profile": {"profileId": "p-1", "profileArn": "arn:p"}});
        let (steps, _) = planned([
            call("rolesanywhere:CreateTrustAnchor", json!({"name": "x"}), anchor.clone()),
            call("rolesanywhere:CreateProfile", json!({"name": "y"}), profile),
        ]);
        assert_eq!(
            steps[0].call.cli,
            "aws rolesanywhere disable-trust-anchor --region eu-west-1 --trust-anchor-id t-1"
        );
        assert_eq!((steps[0].target.as_str(), steps[1].target.as_str()), ("arn:t", "arn:p"));
        let closed = call("rolesanywhere:DeleteTrustAnchor", json!({"trustAnchorId": "t-1"}), Value::Null);
        assert_eq!(lines([call("rolesanywhere:CreateTrustAnchor", json!({}), anchor), closed]), [""; 0]);
    }
}
