//! Flags that commands share, and what they describe: an experiment, a device, places for results.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use crate::config::{Complaint, DeviceChoice, Experiment, Preset, url};
use crate::data::limits::MAX_BYTES;
use crate::data::{Dataset, FileError};
use crate::engine::device::Compute;
use crate::protocol::DeviceKind;

/// Flags that describe an experiment; later ones win: `--preset`, `--url`, `--set`, then `--seed` and `--steps`.
#[derive(Args)]
pub struct ExperimentArgs {
    /// A preset (see `normscope presets`).
    #[arg(long)]
    preset: Option<String>,
    /// A share link of the page, or only its query string.
    #[arg(long)]
    url: Option<String>,
    /// Single settings with the names of the URL, e.g. `--set method=byol --set b.gradscale=2`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Pictures instead of a built-in data set: CIFAR binary files, IDX files, .npy or .npz arrays, or a folder or .zip of PNG or
    /// JPEG pictures (their folders are the classes); also packed (.gz). Settings start from those of digits.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    files: Vec<PathBuf>,
    /// The seed of data, weights, batches and augmentations.
    #[arg(long)]
    pub seed: Option<u32>,
    /// Training steps.
    #[arg(long)]
    pub steps: Option<u32>,
}

/// Flags that say where to compute and what to do with the results.
#[derive(Args)]
pub struct RunArgs {
    /// cpu or wgpu.
    #[arg(long, default_value = "cpu")]
    pub device: String,
    /// Write the results' files into this folder, which is made if it isn't there.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// One JSON document on standard output and nothing else.
    #[arg(long)]
    pub json: bool,
    /// No progress bar.
    #[arg(long)]
    pub quiet: bool,
}

impl ExperimentArgs {
    /// The experiment that the flags describe.
    pub fn experiment(&self) -> Result<Experiment, Failure> {
        if let Some(name) = &self.preset
            && Preset::find(name).is_none()
        {
            return Err(Failure::Input(format!("--preset {name}: there are {}.", Preset::names())));
        }
        let (start, mut complaints) = url::decode(&self.link());
        // A link comes from elsewhere: what means nothing here is said and left out. Flags are typed here.
        for harmless in complaints.extract_if(.., |one| one.harmless) {
            eprintln!("note: --url: {harmless}");
        }
        complain(&complaints)?;
        let (experiment, complaints) = url::decode_onto(&self.settings(), Some(&start));
        complain(&complaints)?;
        Ok(experiment)
    }

    /// The contents of `--files`, with their paths; empty without.
    pub fn file_contents(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let mut contents = Vec::new();
        let mut left = MAX_BYTES as u64;
        for path in &self.files {
            read_files(path, name_of(path), 0, &mut left, &mut contents)?;
        }
        if contents.is_empty()
            && let Some(path) = self.files.first()
        {
            return Err(Failure::Input(format!("--files {}: the folder holds no files.", path.display())));
        }
        Ok(contents)
    }

    /// The names of `--files`.
    pub fn file_names(&self) -> Vec<String> {
        self.files.iter().map(|path| name_of(path)).collect()
    }

    /// The data set of `--files`; `None` without. Standard error says what was taken for what.
    pub fn dataset(&self) -> Result<Option<Dataset>, Failure> {
        let data = match self.file_contents()?.as_slice() {
            [] => return Ok(None),
            files => Dataset::from_files(files).map_err(|error| Failure::Input(error.to_string()))?,
        };
        eprintln!("note: {}", data.account());
        for note in &data.notes {
            eprintln!("note: {note}");
        }
        Ok(Some(data))
    }

    /// As [`ExperimentArgs::experiment`], with other defaults (a query string) for what no flag mentions.
    pub fn experiment_or(&self, defaults: &str) -> Result<Experiment, Failure> {
        let open: Vec<&str> = defaults
            .split('&')
            .filter(|setting| setting.split_once('=').is_some_and(|(key, _)| !self.mentions(key)))
            .collect();
        let experiment = self.experiment()?;
        let (experiment, complaints) = url::decode_onto(&open.join("&"), Some(&experiment));
        complain(&complaints)?;
        Ok(experiment)
    }

    /// Whether the link or a setting gives this key of the URL (a preset's own settings don't count).
    pub fn mentions(&self, key: &str) -> bool {
        [self.link(), self.settings()]
            .iter()
            .any(|query| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == key))
    }

    /// The link to `experiment`: on the page that `--url` names, else only the query.
    pub fn permalink(&self, experiment: &Experiment) -> String {
        let page = self.url.as_deref().filter(|link| link.contains("://")).unwrap_or_default();
        let page = page.split(['?', '#']).next().unwrap_or_default();
        format!("{page}?{}", url::encode(experiment))
    }

    fn link(&self) -> String {
        let mut query: Vec<String> = self.preset.iter().map(|name| format!("preset={name}")).collect();
        query.extend(self.url.iter().map(|link| url::query_of(link).to_owned()).filter(|part| !part.is_empty()));
        query.join("&")
    }

    fn settings(&self) -> String {
        let mut settings = self.set.clone();
        settings.extend(self.seed.map(|seed| format!("seed={seed}")));
        settings.extend(self.steps.map(|steps| format!("steps={steps}")));
        settings.join("&")
    }
}

/// Folders within folders that are looked into.
const MAX_DEPTH: u32 = 16;

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Adds a file, or all files below a folder in the order of their names; hidden ones in folders are passed over. `left` is how
/// many bytes may still be read.
fn read_files(
    path: &Path,
    name: String,
    depth: u32,
    left: &mut u64,
    contents: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), Failure> {
    let fail = |error: std::io::Error| Failure::Input(format!("--files {}: {error}", path.display()));
    let about = std::fs::metadata(path).map_err(fail)?;
    if !about.is_dir() {
        *left =
            left.checked_sub(about.len()).ok_or_else(|| Failure::Input(FileError::Huge(name.clone()).to_string()))?;
        contents.push((name, std::fs::read(path).map_err(fail)?));
        return Ok(());
    }
    if depth == MAX_DEPTH {
        return Ok(());
    }
    let mut inside = std::fs::read_dir(path).map_err(fail)?.collect::<Result<Vec<_>, _>>().map_err(fail)?;
    inside.sort_by_key(std::fs::DirEntry::file_name);
    for entry in inside {
        let own = entry.file_name().to_string_lossy().into_owned();
        if !own.starts_with('.') {
            read_files(&entry.path(), format!("{name}/{own}"), depth + 1, left, contents)?;
        }
    }
    Ok(())
}

impl RunArgs {
    /// Opens the device.
    pub async fn compute(&self) -> Result<Compute, Failure> {
        match self.device.as_str() {
            "cpu" => Ok(Compute::find(DeviceChoice::Cpu).await),
            "wgpu" => {
                let compute = Compute::find(DeviceChoice::WebGpu).await;
                if compute.info.kind == DeviceKind::Cpu {
                    return Err(Failure::Run(format!("--device wgpu: {}", compute.info.reason)));
                }
                Ok(compute)
            }
            name => Err(Failure::Input(format!("--device {name}: must be cpu or wgpu."))),
        }
    }
}

/// The first complaint as a failure.
fn complain(complaints: &[Complaint]) -> Result<(), Failure> {
    match complaints.first() {
        Some(complaint) => Err(Failure::Input(format!("{}: {}", complaint.input, complaint.problem))),
        None => Ok(()),
    }
}

/// Reads a comma-separated list of numbers; the message for any other text names `flag`.
pub fn numbers(flag: &str, text: &str) -> Result<Vec<f64>, Failure> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    text.split(',')
        .map(number)
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::Input(format!("{flag} {text}: must be numbers with commas between them.")))
}

/// `count` seeds from `first` on; `--seeds` is named when there are too many.
pub fn seeds(first: u64, count: u32) -> Result<Vec<u64>, Failure> {
    let last = first + u64::from(count);
    if count == 0 || last > u64::from(u32::MAX) + 1 {
        return Err(Failure::Input(format!("--seeds {count}: must be at least 1, and seeds must stay below 2^32.")));
    }
    Ok((first..last).collect())
}
