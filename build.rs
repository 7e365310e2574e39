//! Rules are embedded from a folder, which the compiler does not watch by itself.

fn main() {
    println!("cargo::rerun-if-changed=queries/detections");
}
