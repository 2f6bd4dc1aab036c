//! The rooms of the page besides the playground; a module of its own, so that the page is small.

fn main() {
    normscope::rooms::start();
}
