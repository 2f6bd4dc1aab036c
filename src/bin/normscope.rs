//! The native command line. It drives the same engine as the page.

use clap::{Parser, Subcommand};
use normscope::config::PRESETS;

/// What embedding norms do to self-supervised learning.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// List the presets.
    Presets,
}

fn main() {
    match Cli::parse().command {
        Subcommands::Presets => {
            for preset in PRESETS {
                println!("{:<16} {}", preset.name, preset.reason);
            }
        }
    }
}
