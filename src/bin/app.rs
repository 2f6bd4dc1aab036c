//! The page.

fn main() {
    normscope::app::start();
}
