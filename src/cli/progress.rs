//! A progress bar on standard error, while it is a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use indicatif::{ProgressBar as Bar, ProgressDrawTarget, ProgressStyle};
use trailq::Progress;

const REDRAW: Duration = Duration::from_millis(100);
const TEMPLATE: &str = "{bar:24} {msg} objects  {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";

/// Shows how far an answer is, until it is finished or dropped.
pub struct ProgressBar {
    bar: Bar,
    stop: Arc<AtomicBool>,
}

impl ProgressBar {
    /// Starts to show what `progress` tells. Silent where standard error is no terminal.
    pub fn start(progress: impl Fn() -> Progress + Send + Sync + 'static) -> Self {
        let bar = Bar::with_draw_target(Some(progress().bytes.0), ProgressDrawTarget::stderr());
        bar.set_style(
            ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let stop = Arc::new(AtomicBool::new(false));
        if !bar.is_hidden() {
            let (bar, stop) = (bar.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Relaxed) {
                    let Progress { objects, bytes } = progress();
                    bar.set_position(bytes.1);
                    bar.set_message(format!("{}/{}", objects.1, objects.0));
                    tokio::time::sleep(REDRAW).await;
                }
            });
        }
        Self { bar, stop }
    }

    /// Runs `write` with the bar out of the way.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.stop.store(true, Relaxed);
        self.bar.finish_and_clear();
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.finish();
    }
}
