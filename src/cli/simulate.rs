//! `normscope simulate NAME`: one of the paper's simulations, measured against theory.
//!
//! With `--out DIR`: `NAME.json` (what `--json` prints), `NAME.csv` (every drawn number) and each figure as an SVG file.

use clap::Args;
use serde_json::json;

use super::args::RunArgs;
use super::failure::Failure;
use super::output;
use crate::figure::Figure;
use crate::simulations::{self, Simulation};
use crate::table::Table;

/// Flags of `simulate`.
#[derive(Args)]
pub struct SimulateArgs {
    /// norm-sweep, opposite-halves, growth, exposure, imbalance or density.
    name: String,
    /// Decides all draws.
    #[arg(long, default_value_t = 7)]
    seed: u32,
    /// As in the page: smaller than in the paper, done in seconds.
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the simulation, then prints and writes the report.
pub fn run(args: &SimulateArgs) -> Result<(), Failure> {
    const PARTS: f64 = 1000.0;
    let simulation = Simulation::parse(&args.name)
        .ok_or_else(|| Failure::Input(format!("{}: there are {}.", args.name, Simulation::keys())))?;
    if args.run.device != "cpu" {
        return Err(Failure::Input(format!("--device {}: simulations run on the cpu.", args.run.device)));
    }
    if let Some(folder) = &args.run.out {
        output::make_folder(folder)?;
    }
    let bar = output::progress_bar(&args.run, PARTS as u64, "‰");
    let report = simulations::run(simulation, args.seed.into(), args.quick, &mut |share| {
        bar.set_position((share * PARTS) as u64);
        true
    });
    bar.finish_and_clear();
    let report = report.ok_or_else(|| Failure::Run("The simulation was stopped.".to_owned()))?;
    if let Some(folder) = &args.run.out {
        let text = serde_json::to_vec_pretty(&report).map_err(|error| Failure::Run(format!("JSON: {error}")))?;
        output::write_file(&folder.join(format!("{}.json", simulation.key())), &text)?;
        output::write_csv(&folder.join(format!("{}.csv", simulation.key())), &drawn(&report.figures))?;
        output::write_figures(folder, &report.figures)?;
    }
    if args.run.json {
        return output::say(&output::json(&json!(report))?);
    }
    output::say(&format!("{}, seed {}\n", simulation.title(), args.seed))?;
    for figure in &report.figures {
        output::say(&format!("{}\n{}\n", figure.title, listing(figure)))?;
    }
    output::say(&report.summary.join("\n"))
}

/// Every number that the figures draw.
fn drawn(figures: &[Figure]) -> Table {
    let row = |figure: &Figure, label: &str, [x, y]: [f64; 2]| -> Vec<String> {
        vec![figure.name.clone(), label.to_owned(), x.to_string(), y.to_string()]
    };
    let rows = figures.iter().flat_map(|figure| {
        figure
            .series
            .iter()
            .flat_map(move |series| series.points.iter().map(move |point| row(figure, &series.label, *point)))
    });
    Table { header: vec!["figure", "series", "x", "y"], rows: rows.collect() }
}

/// A figure's numbers as columns; of long series about twenty.
fn listing(figure: &Figure) -> String {
    const MOST: usize = 20;
    let rows: Vec<Vec<String>> = figure
        .series
        .iter()
        .flat_map(|series| {
            let every = series.points.len().div_ceil(MOST).max(1);
            series.points.iter().step_by(every).map(|[x, y]| vec![series.label.clone(), short(*x), short(*y)])
        })
        .collect();
    output::columns(&["series", &figure.x.label, &figure.y.label], &rows)
}

fn short(value: f64) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) { format!("{value:.4}") } else { format!("{value:.3e}") }
}
