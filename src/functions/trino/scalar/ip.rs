//! Networks of addresses.
//!
//! Source: Trino documentation, "IP address functions".

use std::net::{IpAddr, Ipv6Addr};

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;

/// A network: its address, and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: u128,
    mask: u128,
    v4: bool,
}

impl Network {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`.
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, SqlError> {
        let failure = || invalid(format!("Invalid CIDR: {text}"));
        let (address, bits) = text.split_once('/').ok_or_else(failure)?;
        let address: IpAddr = address.parse().map_err(|_| failure())?;
        let bits: u32 = bits.parse().map_err(|_| failure())?;
        let (mapped, v4) = match address {
            IpAddr::V4(address) => (address.to_ipv6_mapped(), true),
            IpAddr::V6(address) => (address, false),
        };
        let ignored = if v4 { 32u32 } else { 128 }.checked_sub(bits).ok_or_else(failure)?;
        let mask = u128::MAX.checked_shl(ignored).unwrap_or(0);
        Ok(Self { address: u128::from(mapped) & mask, mask, v4 })
    }

    /// Whether an address is in the network. An IPv4 address is in no IPv6 network, nor the other
    /// way round.
    pub fn contains(&self, address: Ipv6Addr) -> bool {
        self.v4 == address.to_ipv4_mapped().is_some() && u128::from(address) & self.mask == self.address
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn networks() {
        check(&[
            ("contains('10.0.0.0/8', CAST('10.255.255.255' AS ipaddress))", "true"),
            ("contains('10.0.0.0/8', CAST('11.255.255.255' AS ipaddress))", "false"),
            ("contains('10.0.0.0/32', CAST('10.0.0.0' AS ipaddress))", "true"),
            ("contains('0.0.0.0/0', CAST('1.2.3.4' AS ipaddress))", "true"),
            ("contains('0.0.0.0/0', CAST('2001:db8::1' AS ipaddress))", "false"),
            ("contains('::/0', CAST('2001:db8::1' AS ipaddress))", "true"),
            (
                "contains('2001:0db8:0:0:0:ff00:0042:8329/128', CAST('2001:0db8:0:0:0:ff00:0042:8329' AS ipaddress))",
                "true",
            ),
            ("contains('10.0.0.0/8', TRY_CAST('cloudtrail.amazonaws.com' AS ipaddress))", "NULL"),
        ]);
        check_errors(&[
            ("contains('10.0.0.0', CAST('10.0.0.1' AS ipaddress))", "Invalid CIDR: 10.0.0.0"),
            ("contains('10.0.0.0/33', CAST('10.0.0.1' AS ipaddress))", "Invalid CIDR: 10.0.0.0/33"),
        ]);
    }
}
