//! Which separator makes a table of the sample.

use super::Layout;
use super::sample::{Sample, records};
use crate::data::tables::fields::{Field, field, has_comma};
use crate::data::tables::lines::{Record, Separator};

/// Separators, the likeliest first where several would do.
const SEPARATORS: [Separator; 5] =
    [Separator::Byte(b'\t'), Separator::Byte(b';'), Separator::Byte(b','), Separator::Byte(b'|'), Separator::Space];

impl Layout {
    /// Chooses separator, width and decimal point; returns the sample's records.
    pub(super) fn choose(&mut self, body: &Sample, said: Option<Separator>) -> Vec<(u64, Record)> {
        let candidates = said.map_or(SEPARATORS.to_vec(), |said| vec![said]);
        let modes: &[bool] = if self.multi { &[true] } else { &[false, true] };
        let mut best = (0.0, self.multi, Separator::None, 1);
        for multi in modes {
            for separator in &candidates {
                let (records, _) = records(body, *separator, *multi);
                // Spaces occur within words: they have to be plainly better.
                let better = if *separator == Separator::Space { best.0 + 0.1 } else { best.0 };
                if let Some((value, width)) = value_of(&records, *separator)
                    && value > better
                {
                    best = (value, *multi, *separator, width);
                }
            }
            if best.0 > 0.0 {
                break;
            }
        }
        if best.0 == 0.0 {
            best = fallback(body, &candidates, self.multi);
        }
        (_, self.multi, self.separator, self.width) = best;
        let (records, _) = records(body, self.separator, self.multi);
        let fields = || records.iter().flat_map(|(_, record)| record.iter());
        let points =
            fields().filter(|text| text.contains('.') && matches!(field(text, false), Field::Number(_))).count();
        self.comma = points == 0 && fields().any(has_comma);
        if self.comma {
            self.notes.push("A comma is read as the decimal point.".to_owned());
        }
        records
    }
}

/// How good a separator is (more is better) and the width it gives; `None` when rows would differ.
fn value_of(records: &[(u64, Record)], separator: Separator) -> Option<(f64, usize)> {
    let is_sizes = |record: &Record| record.len() == 2 && record.iter().all(|text| text.parse::<u64>().is_ok());
    let (first, rest) = records.split_first()?;
    let rest = if rest.is_empty() { records } else { rest };
    let shortest = rest.iter().map(|(_, record)| record.len()).min()?;
    let trailing = |width: usize| rest.iter().all(|(_, record)| record.len() == width && record.ends_empty());
    let width = match separator {
        // A word of several words makes its line longer.
        Separator::Space => most_common(rest),
        _ if trailing(shortest) => shortest - 1,
        _ => shortest,
    };
    let fits = |record: &Record| record.len() == width || record.len() == width + 1 && record.ends_empty();
    let fitting = rest.iter().filter(|(_, record)| fits(record)).count();
    let enough = match separator {
        Separator::Space => 5 * fitting >= 4 * rest.len() && rest.iter().all(|(_, record)| record.len() >= width),
        _ => fitting == rest.len(),
    };
    let first = &first.1;
    let is_title = width > 2 && first.len() == 1;
    if width < 2
        || !enough
        || !(fits(first) || first.len() + 1 == width || is_sizes(first) || is_title || separator == Separator::Space)
    {
        return None;
    }
    let fields = rest.iter().flat_map(|(_, record)| record.iter());
    let (mut good, mut all) = (0_u32, 0_u32);
    for text in fields {
        let text_is = field(text, !matches!(separator, Separator::Byte(b',')) || text.contains(','));
        all += 1;
        good += u32::from(!matches!(text_is, Field::Text));
    }
    let share = f64::from(good) / f64::from(all.max(1));
    // Words stand between spaces as well.
    let is_table = separator != Separator::Space || share > 0.5 || share >= 0.4 && width > 3;
    is_table.then_some((1.0 + share, width))
}

fn most_common(rows: &[(u64, Record)]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    rows.iter().for_each(|(_, record)| *counts.entry(record.len()).or_default() += 1);
    counts.into_iter().max_by_key(|(width, count)| (*count, std::cmp::Reverse(*width))).map_or(0, |(width, _)| width)
}

/// No separator gives equal rows: the one whose fields are mostly numbers, so that the row that differs can be named; else
/// none, which is a list of texts.
fn fallback(body: &Sample, candidates: &[Separator], multi: bool) -> (f64, bool, Separator, usize) {
    for separator in candidates.iter().filter(|separator| **separator != Separator::Space || candidates.len() == 1) {
        let (records, _) = records(body, *separator, multi);
        let fields = || records.iter().flat_map(|(_, record)| record.iter());
        let numbers = fields().filter(|text| matches!(field(text, false), Field::Number(_) | Field::List)).count();
        let width = records.first().map_or(1, |(_, record)| record.len());
        if width > 1 && 2 * numbers > fields().count() {
            return (0.0, multi, *separator, width);
        }
    }
    // Of single fields only lists go over several lines: numpy breaks them.
    let (joined, _) = records(body, Separator::None, true);
    let is_list =
        |(_, record): &(u64, Record)| record.get(0).contains('\n') && field(record.get(0), false) == Field::List;
    (0.0, multi || joined.iter().any(is_list), Separator::None, 1)
}
