//! Names of MITRE ATT&CK's tactics and techniques, for the ids that rules carry.

use serde::Serialize;

use super::words::capital;

/// A tactic, and what it means to somebody who has never heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tactic {
    /// Its name, or the rule's own word if it is none of ATT&CK's.
    pub name: String,
    /// What an attacker wants with it; empty if unknown.
    pub aim: &'static str,
}

/// A technique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Technique {
    /// `T1562.008`, or what else the rule says.
    pub id: String,
    /// Its name; empty if unknown.
    pub name: &'static str,
    /// Its page; `None` if the id is not one of ATT&CK's.
    pub url: Option<String>,
}

/// A tactic by ATT&CK's short name, such as `defense-evasion`.
pub fn tactic(id: &str) -> Tactic {
    let aim = TACTICS.iter().find(|(known, _)| *known == id).map_or("", |(_, aim)| aim);
    Tactic { name: capital(&id.replace(['-', '_'], " ")), aim }
}

/// A technique by its id.
pub fn technique(id: &str) -> Technique {
    let name = TECHNIQUES.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| name);
    let url =
        is_technique(id).then(|| format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/")));
    Technique { id: id.to_owned(), name, url }
}

/// `T1234` or `T1234.567`.
fn is_technique(id: &str) -> bool {
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = id.strip_prefix('T') else { return false };
    match number.split_once('.') {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => digits(number, 4),
    }
}

const TACTICS: [(&str, &str); 14] = [
    ("collection", "gathering data"),
    ("command-and-control", "steering from outside"),
    ("credential-access", "stealing keys and passwords"),
    ("defense-evasion", "staying unseen"),
    ("discovery", "looking around"),
    ("execution", "running code"),
    ("exfiltration", "taking data out"),
    ("impact", "damage or misuse"),
    ("initial-access", "getting in"),
    ("lateral-movement", "moving on to other systems"),
    ("persistence", "keeping a way in"),
    ("privilege-escalation", "gaining more rights"),
    ("reconnaissance", "scouting from outside"),
    ("resource-development", "preparing tools"),
];

/// Those that the rules and anomalies that come with trailq carry.
const TECHNIQUES: [(&str, &str); 83] = [
    ("T1020", "Automated Exfiltration"),
    ("T1021.004", "Remote Services: SSH"),
    ("T1021.007", "Remote Services: Cloud Services"),
    ("T1021.008", "Remote Services: Direct Cloud VM Connections"),
    ("T1037", "Boot or Logon Initialization Scripts"),
    ("T1040", "Network Sniffing"),
    ("T1048", "Exfiltration Over Alternative Protocol"),
    ("T1059.009", "Command and Scripting Interpreter: Cloud API"),
    ("T1069.003", "Permission Groups Discovery: Cloud Groups"),
    ("T1070", "Indicator Removal"),
    ("T1078.004", "Valid Accounts: Cloud Accounts"),
    ("T1087", "Account Discovery"),
    ("T1087.004", "Account Discovery: Cloud Account"),
    ("T1098", "Account Manipulation"),
    ("T1098.001", "Account Manipulation: Additional Cloud Credentials"),
    ("T1098.003", "Account Manipulation: Additional Cloud Roles"),
    ("T1098.004", "Account Manipulation: SSH Authorized Keys"),
    ("T1098.006", "Account Manipulation: Additional Container Cluster Roles"),
    ("T1110", "Brute Force"),
    ("T1110.001", "Brute Force: Password Guessing"),
    ("T1110.003", "Brute Force: Password Spraying"),
    ("T1113", "Screen Capture"),
    ("T1133", "External Remote Services"),
    ("T1136.003", "Create Account: Cloud Account"),
    ("T1190", "Exploit Public-Facing Application"),
    ("T1201", "Password Policy Discovery"),
    ("T1213.006", "Data from Information Repositories: Databases"),
    ("T1484.002", "Domain or Tenant Policy Modification: Trust Modification"),
    ("T1485", "Data Destruction"),
    ("T1485.001", "Data Destruction: Lifecycle-Triggered Deletion"),
    ("T1486", "Data Encrypted for Impact"),
    ("T1489", "Service Stop"),
    ("T1490", "Inhibit System Recovery"),
    ("T1496", "Resource Hijacking"),
    ("T1496.001", "Resource Hijacking: Compute Hijacking"),
    ("T1496.004", "Resource Hijacking: Cloud Service Hijacking"),
    ("T1518", "Software Discovery"),
    ("T1518.001", "Software Discovery: Security Software Discovery"),
    ("T1525", "Implant Internal Image"),
    ("T1526", "Cloud Service Discovery"),
    ("T1528", "Steal Application Access Token"),
    ("T1529", "System Shutdown/Reboot"),
    ("T1530", "Data from Cloud Storage"),
    ("T1531", "Account Access Removal"),
    ("T1535", "Unused/Unsupported Cloud Regions"),
    ("T1537", "Transfer Data to Cloud Account"),
    ("T1546", "Event Triggered Execution"),
    ("T1548", "Abuse Elevation Control Mechanism"),
    ("T1548.005", "Abuse Elevation Control Mechanism: Temporary Elevated Cloud Access"),
    ("T1550.001", "Use Alternate Authentication Material: Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Unsecured Credentials: Credentials In Files"),
    ("T1552.004", "Unsecured Credentials: Private Keys"),
    ("T1552.005", "Unsecured Credentials: Cloud Instance Metadata API"),
    ("T1555", "Credentials from Password Stores"),
    ("T1555.006", "Credentials from Password Stores: Cloud Secrets Management Stores"),
    ("T1556", "Modify Authentication Process"),
    ("T1556.006", "Modify Authentication Process: Multi-Factor Authentication"),
    ("T1556.007", "Modify Authentication Process: Hybrid Identity"),
    ("T1557", "Adversary-in-the-Middle"),
    ("T1562", "Impair Defenses"),
    ("T1562.001", "Impair Defenses: Disable or Modify Tools"),
    ("T1562.007", "Impair Defenses: Disable or Modify Cloud Firewall"),
    ("T1562.008", "Impair Defenses: Disable or Modify Cloud Logs"),
    ("T1565.001", "Data Manipulation: Stored Data Manipulation"),
    ("T1566", "Phishing"),
    ("T1567", "Exfiltration Over Web Service"),
    ("T1578", "Modify Cloud Compute Infrastructure"),
    ("T1578.001", "Modify Cloud Compute Infrastructure: Create Snapshot"),
    ("T1578.002", "Modify Cloud Compute Infrastructure: Create Cloud Instance"),
    ("T1578.003", "Modify Cloud Compute Infrastructure: Delete Cloud Instance"),
    ("T1578.005", "Modify Cloud Compute Infrastructure: Modify Cloud Compute Configurations"),
    ("T1580", "Cloud Infrastructure Discovery"),
    ("T1584.001", "Compromise Infrastructure: Domains"),
    ("T1599", "Network Boundary Bridging"),
    ("T1609", "Container Administration Command"),
    ("T1619", "Cloud Storage Object Discovery"),
    ("T1621", "Multi-Factor Authentication Request Generation"),
    ("T1648", "Serverless Execution"),
    ("T1649", "Steal or Forge Authentication Certificates"),
    ("T1651", "Cloud Administration Command"),
    ("T1657", "Financial Theft"),
    ("T1666", "Modify Cloud Resource Hierarchy"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KINDS, builtin_rules};

    #[tokio::test]
    async fn what_rules_carry_has_a_name() {
        let rules = builtin_rules().await.unwrap();
        let techniques = rules.iter().flat_map(|rule| rule.techniques.iter().map(String::as_str));
        for id in techniques.chain(KINDS.iter().map(|kind| kind.technique)) {
            let technique = technique(id);
            assert!(!technique.name.is_empty() && technique.url.is_some(), "{id}");
        }
        let tactics = rules.iter().flat_map(|rule| rule.tactics.iter().map(String::as_str));
        for id in tactics.chain(KINDS.iter().map(|kind| kind.tactic)) {
            assert!(!tactic(id).aim.is_empty(), "{id}");
        }
    }

    #[test]
    fn links_lead_to_attack_alone() {
        assert_eq!(technique("T1098.001").url.unwrap(), "https://attack.mitre.org/techniques/T1098/001/");
        for id in ["T1098.1", "T109", "../x", "T1098/../..", "javascript:x"] {
            assert_eq!(technique(id).url, None, "{id}");
        }
    }
}
