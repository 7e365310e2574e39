//! Any text is a key; a folder is never pruned when something in it is not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailq::key::{DeliveryKey, Scope};
use trailq::{Window, parse_time};

fuzz_target!(|key: &str| {
    let _ = DeliveryKey::parse(key);
    let now = chrono::DateTime::UNIX_EPOCH;
    let time = |text| parse_time(text, now).expect("a time");
    let window = Window::inclusive(time("2023-07-10T12:00:00Z"), time("2023-07-10T13:00:00Z"));
    let scope = Scope { window: Some(window.expect("a window")), ..Scope::default() };
    let _ = scope.prune(key);
});
