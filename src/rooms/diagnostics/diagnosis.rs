//! The room's diagnoses: of an arm's model, whose embeddings the engine gives, or of files; and whether the last one still
//! says what holds.

use leptos::prelude::*;

use super::settings::Settings;
use crate::config::ArmId;
use crate::diagnostics::Options;
use crate::lab::Job;
use crate::parts::files::{Given, read_all};
use crate::rooms::desk::Desk;
use crate::rooms::lab::{Lab, Stage};
use crate::words::rooms::diagnostics as words;

/// Largest file that the page opens; the command line reads larger ones in chunks.
const MAX_BYTES: u64 = 256 << 20;

/// What is diagnosed.
#[derive(Clone, Copy)]
pub struct Diagnosis {
    desk: Desk,
    /// Where it is worked out.
    pub lab: Lab,
    /// What files do not say.
    pub settings: Settings,
    /// What the reader waits for while the lab has nothing to do yet: the engine is asked for embeddings, or files are read.
    pub busy: RwSignal<&'static str>,
    /// What the last job assumed: an arm's settings, or those for files.
    assumed: RwSignal<Option<(Option<ArmId>, Options)>>,
    /// The files that were opened last.
    opened: StoredValue<Vec<Given>, LocalStorage>,
}

impl Diagnosis {
    /// None so far.
    pub fn new(desk: Desk) -> Diagnosis {
        Diagnosis {
            desk,
            lab: Lab::new(),
            settings: Settings::new(),
            busy: RwSignal::new(""),
            assumed: RwSignal::new(None),
            opened: StoredValue::new_local(Vec::new()),
        }
    }

    /// Diagnoses an arm's model.
    pub fn ask(self, arm: ArmId) {
        self.busy.set(words::EMBEDDING);
        leptos::task::spawn_local(async move {
            let found = self.desk.embeddings(arm).await;
            let _ = self.busy.try_set("");
            match found {
                Ok(found) => {
                    let name = words::arm_at_step(arm.letter(), found.step);
                    let options = self.assume(Some(arm));
                    let (z, d, labels) = (found.z, found.dim, found.labels);
                    self.lab.start(Job::DiagnoseRows { name, z, d, labels, options });
                }
                Err(problem) => self.lab.stage.set(Stage::Failed(problem.to_string())),
            }
        });
    }

    /// Diagnoses files; nothing where there are none.
    pub fn open(self, files: Vec<Given>) {
        if files.is_empty() {
            return;
        }
        self.opened.set_value(files.clone());
        self.read(files, None);
    }

    /// Diagnoses another array of the files.
    pub fn choose(self, array: String) {
        self.read(self.opened.get_value(), Some(array));
    }

    fn read(self, files: Vec<Given>, array: Option<String>) {
        let options = self.assume(None);
        self.busy.set(words::READING);
        leptos::task::spawn_local(async move {
            diagnose_files(self.lab, files, array, options).await;
            let _ = self.busy.try_set("");
        });
    }

    fn assume(self, arm: Option<ArmId>) -> Options {
        let options = untrack(|| self.options(arm));
        self.assumed.set(Some((arm, options)));
        options
    }

    /// What holds now for an arm, or for files.
    fn options(self, arm: Option<ArmId>) -> Options {
        let Some(arm) = arm else { return self.settings.options() };
        self.desk.experiment.with(|experiment| Options::of_arm(experiment.run.method, experiment.arm(arm)))
    }

    /// Whether the engine is asked, or files are read.
    pub fn is_busy(self) -> bool {
        self.busy.with(|busy| !busy.is_empty())
    }

    /// Whether the last answer is an earlier one: a job that was refused or cancelled since then has changed nothing but this.
    /// What was worked out with other settings than those that stand here is an earlier one as well.
    pub fn is_earlier(self) -> bool {
        self.lab.stage.get() != Stage::Done || self.assumed.get().is_some_and(|(arm, then)| then != self.options(arm))
    }
}

async fn diagnose_files(lab: Lab, files: Vec<Given>, array: Option<String>, options: Options) {
    let size: u64 = files.iter().map(|one| one.file.size()).sum();
    if size > MAX_BYTES {
        let message = words::too_large(&files[0].path, size >> 20, MAX_BYTES >> 20);
        lab.stage.set(Stage::Failed(message));
        return;
    }
    match read_all(&files).await {
        Ok(files) => lab.start(Job::DiagnoseFiles { files, array, options }),
        Err(unread) => lab.stage.set(Stage::Failed(format!("{} {unread}", unread.path))),
    }
}
