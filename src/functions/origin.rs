//! Where a call came from, in words that repeat: the network, the client, the kind of session name.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;

use datafusion::logical_expr::{Expr, ScalarUDF, lit};
use ipnetwork::IpNetwork;

use super::text::{Body, TextFunction};

/// `network`, `in_network`, `client` and `name_pattern`.
pub fn functions() -> [TextFunction; 4] {
    [
        TextFunction::new(IN_NETWORK, Body::TestWith(is_in_network)),
        TextFunction::new("network", Body::Text(network)),
        TextFunction::new("client", Body::Text(client)),
        TextFunction::new("name_pattern", Body::Text(|name| Some(name_pattern(name).into()))),
    ]
}

/// `network(address varchar) -> varchar`: the /24 of an IPv4 address, the /48 of an IPv6 one; any
/// other text (a service's name) as it is.
fn network(address: &str) -> Option<Cow<'_, str>> {
    let prefix = |address: IpAddr| if address.is_ipv4() { 24 } else { 48 };
    let network = address.parse().ok().and_then(|address| IpNetwork::new(address, prefix(address)).ok());
    Some(match network {
        Some(network) => format!("{}/{}", network.network(), network.prefix()).into(),
        None => address.into(),
    })
}

/// `in_network(address varchar, network varchar) -> boolean`: whether an IPv4 or IPv6 address lies
/// in a network in CIDR notation; false for what is no address, such as a service's name.
const IN_NETWORK: &str = "in_network";

/// A call of `in_network`.
pub fn in_network(address: Expr, network: IpNetwork) -> Expr {
    static FUNCTION: LazyLock<ScalarUDF> =
        LazyLock::new(|| TextFunction::new(IN_NETWORK, Body::TestWith(is_in_network)).into());
    FUNCTION.call(vec![address, lit(network.to_string())])
}

fn is_in_network(address: &str, network: &str) -> bool {
    let network = network.parse::<IpNetwork>();
    address.parse().is_ok_and(|address| network.is_ok_and(|network| network.contains(address)))
}

/// Clients that say who they are somewhere in the user agent, the most telling first.
const CLIENTS: [(&str, &str); 21] = [
    ("terraform", "terraform"),
    ("pulumi", "pulumi"),
    ("opentofu", "terraform"),
    ("cloudformation", "cloudformation"),
    ("aws-cdk", "aws-cdk"),
    ("console.amazonaws.com", "console"),
    ("signin.amazonaws.com", "console"),
    ("aws internal", "console"),
    ("aws-internal", "console"),
    ("coral", "console"),
    (".amazonaws.com", "service"),
    ("cloudshell", "cloudshell"),
    ("aws-cli", "aws-cli"),
    ("boto3", "boto3"),
    ("botocore", "boto3"),
    ("aws-sdk-", ""),
    ("aws-tools", "powershell"),
    ("powershell", "powershell"),
    ("amazon-ssm-agent", "ssm-agent"),
    ("s3 browser", "s3-browser"),
    ("mozilla", "browser"),
];

/// `client(user_agent varchar) -> varchar`: the family of the program that called, such as
/// `aws-cli`, `boto3`, `aws-sdk-go`, `terraform`, `console`, `browser`; for others the user agent's
/// first word without version.
fn client(user_agent: &str) -> Option<Cow<'_, str>> {
    let lower = user_agent.to_ascii_lowercase();
    let found = CLIENTS.iter().find_map(|(sign, family)| Some((lower.find(sign)?, *family)));
    let word = |text: &str| {
        let end = text.find([' ', '/', ',', ';', ']']).unwrap_or(text.len());
        text[..end].chars().take(LONGEST_CLIENT).collect::<String>()
    };
    Some(match found {
        Some((at, "")) => word(&lower[at..]).into(),
        Some((_, family)) => family.into(),
        None => word(lower.trim_start_matches(['[', ' '])).into(),
    })
}

/// What names a client; longer words are no names.
const LONGEST_CLIENT: usize = 40;
/// A run of hexadecimal digits this long is an id.
const SHORTEST_ID: usize = 8;

/// `name_pattern(name varchar) -> varchar`: a session's name with ids and numbers left out:
/// `i-0a1b2c3d4e5f60718` becomes `i-*`, `botocore-session-1688990515` `botocore-session-*`.
pub fn name_pattern(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    let is_hex = |c: &char| c.is_ascii_hexdigit();
    for run in name.split_inclusive(|c: char| !is_hex(&c)) {
        let digits = run.trim_end_matches(|c| !is_hex(&c));
        let is_id = digits.len() >= SHORTEST_ID && digits.bytes().any(|byte| byte.is_ascii_digit());
        let mut after_digit = false;
        if is_id {
            pattern.push('*');
        }
        for c in run[if is_id { digits.len() } else { 0 }..].chars() {
            match (c.is_ascii_digit(), after_digit) {
                (true, true) => {}
                (true, false) => pattern.push('*'),
                (false, _) => pattern.push(c),
            }
            after_digit = c.is_ascii_digit();
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        for (address, expected) in [
            ("198.51.100.77", "198.51.100.0/24"),
            ("2001:db8:1:2::9", "2001:db8:1::/48"),
            ("lambda.amazonaws.com", "lambda.amazonaws.com"),
            ("08.1.250.216", "08.1.250.216"),
        ] {
            assert_eq!(network(address).unwrap(), expected);
        }
    }

    #[test]
    fn clients() {
        for (agent, expected) in [
            ("[aws-cli/1.18.136 Python/3.8.5 Darwin/19.5.0 botocore/1.17.59]", "aws-cli"),
            ("Boto3/1.26.0 md/Botocore#1.29", "boto3"),
            ("aws-sdk-go-v2/1.32.3 os/linux lang/go#1.23.1", "aws-sdk-go-v2"),
            ("APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io)", "terraform"),
            ("AWS Internal", "console"),
            ("autoscaling.amazonaws.com", "service"),
            ("Mozilla/5.0 (X11; Linux x86_64)", "browser"),
            ("python-requests/2.22.0", "python-requests"),
            ("", ""),
        ] {
            assert_eq!(client(agent).unwrap(), expected, "{agent}");
        }
    }

    #[test]
    fn patterns() {
        for (name, expected) in [
            ("i-0a1b2c3d4e5f60718", "i-*"),
            ("aws-go-sdk-1688990515440126480", "aws-go-sdk-*"),
            ("alice@example.com", "alice@example.com"),
            ("order-processor", "order-processor"),
            ("9f8e7d6c5b4a39281706f5e4d3c2b1a0", "*"),
            ("decade", "decade"),
            ("größe-7", "größe-*"),
        ] {
            assert_eq!(name_pattern(name), expected, "{name}");
        }
    }
}
