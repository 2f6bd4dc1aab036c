//! The panels beside the playground: the page says which one is open, the rooms' module shows it.

/// A panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// All presets as cards.
    Presets,
    /// Everything that can be saved.
    Export,
    /// The list of lessons, or the open one.
    Lessons,
    /// One step in slow motion.
    Story,
    /// How fast this device is.
    Bench,
    /// The keys, and what the words mean.
    Help,
}

impl Panel {
    /// All of them.
    pub const ALL: [Panel; 6] =
        [Panel::Presets, Panel::Export, Panel::Lessons, Panel::Story, Panel::Bench, Panel::Help];

    /// Its name in messages and in the page.
    pub fn key(self) -> &'static str {
        match self {
            Panel::Presets => "presets",
            Panel::Export => "export",
            Panel::Lessons => "lessons",
            Panel::Story => "story",
            Panel::Bench => "bench",
            Panel::Help => "help",
        }
    }

    /// The panel of a name.
    pub fn parse(key: &str) -> Option<Panel> {
        Panel::ALL.into_iter().find(|panel| panel.key() == key)
    }

    /// All names, for messages.
    pub fn keys() -> String {
        Panel::ALL.map(Panel::key).join(", ")
    }
}
