//! Where on earth an address is, as files of MaxMind's format tell.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use maxminddb::Reader;
use serde::Deserialize;

use crate::error::{Error, Result};

/// Files that tell where addresses are; without any, nobody knows.
#[derive(Debug, Clone, Default)]
pub struct Places(Vec<Arc<Reader<Vec<u8>>>>);

/// Where an address is, as far as known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// Two letters (ISO 3166).
    pub country: Option<String>,
    /// Number and name, as `AS16509 Amazon.com, Inc.`.
    pub system: Option<String>,
    /// Latitude and longitude in degrees.
    pub position: Option<(f64, f64)>,
}

/// What files of countries, cities and autonomous systems have.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record {
    country: Country,
    location: Location,
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Country {
    iso_code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

/// Mean radius in km.
const EARTH: f64 = 6371.0;

impl Places {
    /// Reads files, such as GeoLite2's City and ASN.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn open<P: AsRef<Path>>(files: &[P]) -> Result<Self> {
        let open = |file: &P| {
            let file = file.as_ref();
            Reader::open_readfile(file).map(Arc::new).map_err(|error| {
                let problem = format!("cannot be read: {error}");
                Error::argument("geoip file", file.display().to_string(), problem, "name a .mmdb file")
            })
        };
        Ok(Self(files.iter().map(open).collect::<Result<_>>()?))
    }

    /// Where an address is.
    pub fn of(&self, address: IpAddr) -> Place {
        let mut place = Place::default();
        for reader in &self.0 {
            let found = reader.lookup(address).and_then(|found| found.decode::<Record>());
            let Ok(Some(record)) = found else { continue };
            place.country = place.country.or(record.country.iso_code);
            place.position = place.position.or(record.location.latitude.zip(record.location.longitude));
            place.system = place.system.or(record.autonomous_system_number.map(|number| {
                let name = record.autonomous_system_organization.unwrap_or_default();
                format!("AS{number} {name}").trim_end().to_owned()
            }));
        }
        place
    }

    /// Where a network is, as SQL's `network` has it.
    pub fn of_network(&self, network: &str) -> Place {
        if self.0.is_empty() {
            return Place::default();
        }
        let address = network.split('/').next().and_then(|address| address.parse().ok());
        address.map(|address| self.of(address)).unwrap_or_default()
    }
}

/// Kilometres between two positions in degrees, over the ground.
pub fn distance(one: (f64, f64), other: (f64, f64)) -> f64 {
    let (lat, other_lat) = (one.0.to_radians(), other.0.to_radians());
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let across = half(other_lat - lat) + lat.cos() * other_lat.cos() * half((other.1 - one.1).to_radians());
    2.0 * EARTH * across.sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let (berlin, tokyo) = ((52.52, 13.405), (35.68, 139.69));
        assert!((distance(berlin, tokyo) - 8918.0).abs() < 30.0);
        assert!(distance(berlin, berlin) < 1e-6);
    }

    #[test]
    fn files_tell() {
        let places = Places::open(&[concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/places.mmdb")]).unwrap();
        let place = places.of_network("203.0.113.0/24");
        assert_eq!(place.country.as_deref(), Some("JP"));
        assert_eq!(place.system.as_deref(), Some("AS64501 Example Mobile"));
        assert!(place.position.is_some_and(|(latitude, _)| latitude > 35.0));
        assert_eq!(places.of_network("10.0.0.0/24"), Place::default());
    }

    #[test]
    fn without_files_nobody_knows() {
        assert_eq!(Places::default().of_network("198.51.100.0/24"), Place::default());
        assert!(Places::open(&["no such file"]).unwrap_err().is_usage());
    }
}
