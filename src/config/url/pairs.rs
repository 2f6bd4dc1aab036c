//! A query as pairs of key and text, as it was meant: without what mail and chat programs, networks and counters add to links.

use crate::config::complaint::Complaint;

/// Splits the query and undoes what mail and chat programs do to it; of a key that comes twice the first counts.
pub(super) fn unique_pairs(query: &str, complaints: &mut Vec<Complaint>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (key, text) in split(query, complaints) {
        match pairs.iter().find(|(known, _)| *known == key) {
            Some((_, first)) if *first == text => {}
            Some((_, first)) => complaints.push(Complaint {
                input: format!("{}={}", shorten(&key), shorten(&text)),
                problem: "is given twice with different values.".to_owned(),
                used: shorten(first),
                harmless: false,
            }),
            None => pairs.push((key, text)),
        }
    }
    pairs
}

/// The pairs of a query as it was meant: without what others have added or encoded once more.
fn split(query: &str, complaints: &mut Vec<Complaint>) -> Vec<(String, String)> {
    let raw = |query: &str| -> Vec<(String, String)> {
        let known = |(key, text): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            // `&` written as in HTML, a second question mark, capitals.
            let key = key.trim().trim_start_matches('?');
            let key = key.strip_prefix("amp;").unwrap_or(key).to_ascii_lowercase();
            (key, text.into_owned())
        };
        form_urlencoded::parse(query.as_bytes())
            .map(known)
            .filter(|(key, text)| !(key.is_empty() && text.is_empty()))
            .collect()
    };
    let mut pairs = raw(query);
    // The whole query was encoded once more: `preset%3Dbyol-tuned%26seed%3D3`.
    if let [(key, text)] = pairs.as_slice()
        && text.is_empty()
        && key.contains('=')
    {
        pairs = raw(key);
    }
    // Quoted-printable mail writes `=` as `=3D`.
    if !pairs.is_empty() && pairs.iter().all(|(_, text)| text.starts_with("3D")) {
        pairs.iter_mut().for_each(|(_, text)| *text = text[2..].to_owned());
    }
    pairs.retain(|(key, _)| !is_tracking(key));
    if let Some((key, text)) = pairs.last_mut() {
        // No value ends with anything else; a sentence goes on after a link, a bracket closes round it.
        let own = if key == "hide" { "-_." } else { "-" };
        let clean = text.trim_end().trim_end_matches(|c: char| !c.is_alphanumeric() && !own.contains(c));
        if !clean.is_empty() && clean.len() < text.trim_end().len() {
            complaints.push(Complaint {
                input: format!("{}={}", shorten(key), shorten(text)),
                problem: "ends with a sign that is no part of the link.".to_owned(),
                used: shorten(clean),
                harmless: true,
            });
            *text = clean.to_owned();
        }
    }
    pairs
}

/// Whether newsletters, networks and messengers add a key to count clicks; it is not meant for this page.
fn is_tracking(key: &str) -> bool {
    const PREFIXES: [&str; 5] = ["utm_", "mc_", "_hs", "pk_", "mtm_"];
    const KEYS: [&str; 12] =
        ["_ga", "_gl", "igshid", "igsh", "ref", "ref_src", "ref_url", "s", "si", "lang", "mkt_tok", "gad_source"];
    PREFIXES.iter().any(|prefix| key.starts_with(prefix)) || key.ends_with("clid") || KEYS.contains(&key)
}

/// Keeps messages readable whatever the input holds.
pub(super) fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(48).collect();
    if text.chars().count() > 48 { format!("{clean}…") } else { clean }
}
