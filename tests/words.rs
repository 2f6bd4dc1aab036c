//! Texts of the page stay in `src/words`: no view writes one of its own. No text that ships has a hole where a number should
//! be, raw markup, or a formula as a program writes it.

use std::fs;
use std::path::{Path, PathBuf};

use normscope::config::choices::Choice;
use normscope::config::{ARM_PARAMS, PRESETS, Room};
use normscope::metrics::Metric;

/// Names that are the same in every language.
const NAMES: [&str; 4] = ["PNG", "SVG", "A", "B"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// Literals that a line would show: in an element, in a name for screen readers, in a tooltip.
fn shown(line: &str) -> Vec<&str> {
    let line = line.split("//").next().unwrap_or_default();
    ["title=\"", "label=\"", "name=\"", ">\"", "\"</"]
        .into_iter()
        .flat_map(|mark| line.match_indices(mark))
        .filter_map(|(at, mark)| {
            let text = match mark {
                "\"</" => line[..at].rsplit('"').next()?,
                _ => line[at + mark.len()..].split('"').next()?,
            };
            let shows = text.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
            (shows && !NAMES.contains(&text) && !text.contains(['=', '{', '/'])).then_some(text)
        })
        .collect()
}

#[test]
fn no_view_writes_its_own_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut strays = Vec::new();
    for folder in ["app", "rooms", "parts"] {
        for path in sources(&root.join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let views = text.split("#[cfg(test)]").next().unwrap_or_default();
            strays.extend(views.lines().flat_map(shown).map(|stray| format!("{}: {stray}", path.display())));
        }
    }
    assert!(strays.is_empty(), "these belong into src/words: {strays:#?}");
}

#[test]
fn a_stray_text_is_seen() {
    assert_eq!(shown(r#"<p>"Hello there"</p>"#), ["Hello there", "Hello there"]);
    assert_eq!(shown(r#"<button title="Press me">{words::GO}</button>"#), ["Press me"]);
    assert!(shown(r#"<button title=words::GO>"PNG"</button>"#).is_empty());
}

/// The literals of a Rust source, before its tests; comments are none.
fn literals(source: &str) -> Vec<String> {
    let letters: Vec<char> = source.split("#[cfg(test)]").next().unwrap_or_default().chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    let starts = |at: usize, mark: &str| mark.chars().enumerate().all(|(i, c)| letters.get(at + i) == Some(&c));
    while at < letters.len() {
        if starts(at, "//") {
            while at < letters.len() && letters[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "'\\") {
            at += 4;
        } else if letters[at] == '\'' && letters.get(at + 2) == Some(&'\'') {
            at += 3;
        } else if letters[at] == '"' {
            let raw = at > 0 && matches!(letters[at - 1], '#' | 'r');
            let mut text = String::new();
            at += 1;
            while at < letters.len() && letters[at] != '"' {
                if letters[at] == '\\' && !raw {
                    at += 1;
                    if letters[at] == '\n' {
                        while letters.get(at + 1).is_some_and(|letter| letter.is_whitespace()) {
                            at += 1;
                        }
                    } else {
                        text.push(if letters[at] == 'n' { '\n' } else { letters[at] });
                    }
                } else {
                    text.push(letters[at]);
                }
                at += 1;
            }
            found.push(text);
            at += 1;
        } else {
            at += 1;
        }
    }
    found
}

/// Words of a text, split at everything that is neither a letter nor a digit.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Where a number or a word was to be filled in later.
fn hole(text: &str) -> Option<String> {
    let named = |word: &str| {
        let placeholder = word.len() == 3
            && word != "XML"
            && word.starts_with('X')
            && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let quantile = word.strip_prefix("XQ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        placeholder || quantile || ["TODO", "TBD", "FIXME"].contains(&word) || word.eq_ignore_ascii_case("lorem")
    };
    let word = words(text).find(|word| named(word)).map(str::to_owned);
    word.or_else(|| text.contains("???").then(|| "???".to_owned()))
}

/// What a program writes and a sentence does not: backquotes, powers with a hat, roots in letters, numbers with a negative
/// exponent, an x for a times sign.
fn raw(text: &str) -> Option<&'static str> {
    let letters: Vec<char> = text.chars().collect();
    let near = |at: usize, by: isize| at.checked_add_signed(by).and_then(|at| letters.get(at)).copied().unwrap_or(' ');
    let number = |letter: char| letter.is_ascii_digit() || letter == '}';
    let at = |test: &dyn Fn(usize) -> bool| (0..letters.len()).any(test);
    let power = |i: usize| letters[i] == '^' && (near(i, -1).is_alphanumeric() || "|)]}".contains(near(i, -1)));
    let exponent = |i: usize| {
        letters[i] == 'e' && near(i, -1).is_ascii_digit() && near(i, 1) == '-' && near(i, 2).is_ascii_digit()
    };
    let times = |i: usize| {
        let before = if near(i, -1) == ' ' { near(i, -2) } else { near(i, -1) };
        letters[i] == 'x' && number(before) && !near(i, 1).is_alphanumeric()
    };
    // A call that a reader is to type is code.
    let text = &text.replace("np.savez(path, **d)", "");
    match () {
        () if text.contains('`') => Some("a backquote"),
        () if text.contains("**") => Some("two stars"),
        () if text.contains("sqrt(") => Some("a root in letters"),
        () if at(&power) => Some("a power with a hat"),
        () if at(&exponent) => Some("a number with an exponent"),
        () if at(&times) => Some("an x for a times sign"),
        () => None,
    }
}

/// What is wrong with a finished text.
fn wrong(text: &str) -> Option<String> {
    let open = text.contains(['{', '}']).then(|| "a brace".to_owned());
    hole(text).or(open).or_else(|| raw(text).map(str::to_owned))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_literal_of_the_sources_has_a_hole() {
    let mut holes = Vec::new();
    for path in sources(&root().join("src")) {
        for text in literals(&fs::read_to_string(&path).unwrap()) {
            holes.extend(hole(&text).map(|what| format!("{}: {what} in {text:?}", path.display())));
        }
    }
    assert!(holes.is_empty(), "{holes:#?}");
}

#[test]
fn sentences_have_no_raw_markup_and_no_formula_as_a_program_writes_it() {
    let folders =
        ["words", "config", "metrics", "diagnostics", "lab", "studies", "simulations", "figure", "trace", "engine"];
    // Pages and programs that are written as files have a language of their own.
    let other = [
        "diagnostics/html.rs",
        "diagnostics/tests.rs",
        "diagnostics/tests",
        "engine/kernels",
        "engine/plan",
        "engine/selftest",
        "engine/selftest.rs",
    ]
    .map(|path| root().join("src").join(path));
    let mut found = Vec::new();
    for folder in folders.into_iter().chain(["data", "app", "rooms", "parts"]) {
        let paths = sources(&root().join("src").join(folder));
        for path in paths.into_iter().filter(|path| !other.iter().any(|other| path.starts_with(other))) {
            for text in literals(&fs::read_to_string(&path).unwrap()) {
                let sentence = text.trim().contains(' ') && text.chars().any(char::is_alphabetic);
                let problem = raw(&text).filter(|_| sentence);
                found.extend(problem.map(|what| format!("{}: {what} in {text:?}", path.display())));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn presets_settings_metrics_and_rooms_are_described_in_finished_words() {
    let presets = PRESETS.iter().flat_map(|preset| [preset.title, preset.reason]);
    let params = ARM_PARAMS.iter().flat_map(|param| [param.label, param.help]);
    let metrics = Metric::ALL.into_iter().map(Metric::help);
    let rooms = Room::ALL.iter().map(|room| room.label());
    for text in presets.chain(params).chain(metrics).chain(rooms) {
        assert_eq!(wrong(text), None, "{text}");
    }
}

/// Every text of a JSON value, but for what programs read.
fn texts(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(all) => all.iter().flat_map(texts).collect(),
        serde_json::Value::Object(fields) => {
            let read = ["query", "show", "id", "kind", "metric", "arm", "at", "ratio"];
            fields.iter().filter(|(key, _)| !read.contains(&key.as_str())).flat_map(|(_, value)| texts(value)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_lessons_have_every_number_and_no_markup_but_their_own() {
    let lessons: serde_json::Value = serde_json::from_str(include_str!("../static/lessons.json")).unwrap();
    let all = texts(&lessons["lessons"]);
    assert!(all.len() > 300, "only {}", all.len());
    for text in all {
        // `code` is set as code; what is left are sentences.
        let sentence: String = text.split('`').step_by(2).collect();
        assert_eq!(wrong(&sentence), None, "{text}");
    }
}

/// What a page shows: without tags, scripts, styles and code.
fn seen(html: &str) -> String {
    let mut rest = html.to_owned();
    for element in ["script", "style", "code", "pre"] {
        let (start, end) = (format!("<{element}"), format!("</{element}>"));
        while let Some(from) = rest.find(&start) {
            let to = rest[from..].find(&end).map_or(rest.len(), |at| from + at + end.len());
            rest.replace_range(from..to, " ");
        }
    }
    rest.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_pages_that_are_files_are_finished() {
    for page in ["index.html", "static/examples.html", "static/worksheet.html"] {
        let text = seen(&fs::read_to_string(root().join(page)).unwrap());
        assert!(text.contains("Normscope"), "{page}");
        assert_eq!(wrong(&text), None, "{page}");
    }
}

#[test]
fn the_documents_have_no_holes() {
    let documents = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let documents = documents.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    for path in documents.chain(["README.md", "CHANGELOG.md"].map(|name| root().join(name))) {
        assert_eq!(hole(&fs::read_to_string(&path).unwrap()), None, "{}", path.display());
    }
}

#[test]
fn what_must_not_be_is_seen() {
    for text in ["It was XFA of them", "at most XQ1.", "TODO: say it", "Lorem ipsum", "about ??? steps"] {
        assert!(hole(text).is_some(), "{text}");
    }
    assert_eq!(hole("XOR is a word, X and XA are letters, IDX a format, EXIF another"), Some("XOR".to_owned()));
    for text in [
        "|z|^2",
        "c^2",
        "{power}^2",
        "sqrt(2 lr)",
        "**bold**",
        "a rate of 1e-3",
        "1.8x sooner",
        "{times:.1}x",
        "32 x 32",
        "`ls`",
    ] {
        assert!(raw(text).is_some(), "{text}");
    }
    for text in
        ["|z|²", "0.001", "1.8×", "CIFAR-10", "the x-axis", "max 3", "1.3e10", "e-mail", "2 extra", "x at best lr"]
    {
        assert_eq!(raw(text), None, "{text}");
    }
    assert_eq!(
        literals(
            r#"let a = '"'; // "no"
        let b = "one \"two\""; let c = 'x';"#
        ),
        ["one \"two\""]
    );
    assert_eq!(wrong("{name} is left"), Some("a brace".to_owned()));
    assert_eq!(
        seen("<p title=\"x\">One <code>{a}</code> two</p><style>b{}</style>").split_whitespace().collect::<Vec<_>>(),
        ["One", "two"]
    );
}

/// A text node of its own is lost when the browser translates the page: what changes is set on its element.
#[test]
fn a_text_that_changes_is_a_property_of_its_element() {
    for path in sources(&root().join("src/app")) {
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            let loose = line.contains(">{live(") || line.trim_start().starts_with("{live(");
            assert!(!loose, "{}:{}: {line}", path.display(), at + 1);
        }
    }
}

/// Words that rank an arm or call it good, and the only files that may say them: each asks the one rule in
/// config/standing.rs (or the study's own limits) first.
#[test]
fn only_guarded_texts_rank_an_arm_or_call_it_healthy() {
    const VERDICTS: [&str; 4] = ["sooner", "fastest", "healthy", "comes nearest"];
    const GUARDED: [&str; 3] =
        ["words/playground/experiment.rs", "studies/acceleration/words.rs", "diagnostics/words/summary.rs"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut strays = Vec::new();
    for path in sources(&root) {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        if name.ends_with("tests.rs") {
            continue;
        }
        let lower = |text: &String| text.to_lowercase();
        let said = literals(&fs::read_to_string(&path).unwrap()).iter().map(lower).collect::<Vec<_>>();
        let says = |text: &&String| text.contains(' ') && VERDICTS.iter().any(|word| text.contains(word));
        if !GUARDED.contains(&name.as_str()) {
            strays.extend(said.iter().filter(says).map(|text| format!("{name}: {text}")));
        }
    }
    assert!(strays.is_empty(), "these rank without asking how an arm stands: {strays:#?}");
}

/// In every room of the source, not only in those with views: a number of unknown size is not written by `{:.2}` beside
/// |z|, since norms may reach 1e10.
#[test]
fn norms_are_written_by_the_one_formatter() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let plain = |text: &&String| {
        text.match_indices("|z| {").any(|(at, _)| text[at..].split('}').next().is_some_and(|part| part.contains(':')))
    };
    for path in sources(&root) {
        let texts = literals(&fs::read_to_string(&path).unwrap());
        let strays: Vec<&String> = texts.iter().filter(plain).collect();
        assert!(strays.is_empty(), "{}: use text::number: {strays:?}", path.display());
    }
}
