//! The native command line; see [`normscope::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    normscope::cli::main()
}
