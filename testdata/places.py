#!/usr/bin/env python3
"""Makes places.mmdb, which places documentation addresses. Needs `pip install mmdb_writer`."""

import pathlib

from mmdb_writer import MMDBWriter, MmdbU32
from netaddr import IPSet

PLACES = {
    "198.51.100.0/24": ("DE", 52.52, 13.40, 64500, "Example Hosting"),
    "203.0.113.0/24": ("JP", 35.68, 139.69, 64501, "Example Mobile"),
    "192.0.2.0/24": ("IE", 53.35, -6.26, 16509, "AMAZON-02"),
}

writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City", description="trailq's tests")
for network, (country, latitude, longitude, number, name) in PLACES.items():
    writer.insert_network(
        IPSet([network]),
        {
            "country": {"iso_code": country},
            "location": {"latitude": latitude, "longitude": longitude},
            "autonomous_system_number": MmdbU32(number),
            "autonomous_system_organization": name,
        },
    )
writer.to_db_file(str(pathlib.Path(__file__).with_name("places.mmdb")))
