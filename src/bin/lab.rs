//! The lab's worker.

fn main() {
    normscope::worker::lab::start();
}
