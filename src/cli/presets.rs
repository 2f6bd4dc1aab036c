//! `normscope presets`: the named starting points.

use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::output;
use crate::config::PRESETS;

/// Flags of `presets`.
#[derive(Args)]
pub struct PresetsArgs {
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

/// Prints every preset.
pub fn run(args: &PresetsArgs) -> Result<(), Failure> {
    if args.json {
        let all: Vec<Value> = PRESETS
            .iter()
            .map(|preset| json!({"name": preset.name, "title": preset.title, "reason": preset.reason}))
            .collect();
        return output::say(&output::json(&all)?);
    }
    for preset in PRESETS {
        output::say(&format!("{:<16} {}", preset.name, preset.reason))?;
    }
    Ok(())
}
