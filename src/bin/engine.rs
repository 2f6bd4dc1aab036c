//! The engine's worker.

fn main() {
    normscope::worker::start();
}
