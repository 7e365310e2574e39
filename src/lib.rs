mod error;
mod identity;
pub mod key;
pub mod schema;
mod window;
pub mod decode;
pub use error::{Error, Result};
pub use identity::Role;
pub use window::{Window, parse_length, parse_time};
