//! Random tables in every dialect of text, written and read back: shape, values, labels, names, and what each line was.

use std::io::Cursor;

use normscope::data::tables::TableReader;
use proptest::prelude::*;

/// How a table is written.
#[derive(Clone, Debug)]
struct Dialect {
    separator: &'static str,
    quote_all: bool,
    quote_texts: bool,
    header: Header,
    index: Index,
    label: Label,
    names: bool,
    decimal_comma: bool,
    missing: &'static str,
    trailing: bool,
    encoding: Letters,
    end: &'static str,
    comments: usize,
    blanks: usize,
    sep_line: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Header {
    None,
    Names,
    Comment,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Index {
    None,
    Counter,
    Unnamed,
    /// As R's write.table: rows have a name, their column has none.
    RowNames,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Label {
    None,
    FirstWord,
    LastWord,
    LastNumber,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Letters {
    Utf8,
    Utf8Mark,
    Utf16Little,
    Utf16Big,
    Windows,
}

/// Labels that are hard to read.
const WORDS: [&str; 7] = ["cat", "#dog", "\"", "grün", "-", "c 3", "it's"];

fn dialects() -> impl Strategy<Value = Dialect> {
    let separator = proptest::sample::select(vec![",", ";", "\t", "|", " "]);
    let header = proptest::sample::select(vec![Header::None, Header::Names, Header::Names, Header::Comment]);
    let index =
        proptest::sample::select(vec![Index::None, Index::None, Index::Counter, Index::Unnamed, Index::RowNames]);
    let label = proptest::sample::select(vec![Label::None, Label::FirstWord, Label::LastWord, Label::LastNumber]);
    let missing = proptest::sample::select(vec!["NA", "", "null", "N/A", "#N/A", "nan", "None", "#DIV/0!"]);
    let encoding = proptest::sample::select(vec![
        Letters::Utf8,
        Letters::Utf8,
        Letters::Utf8Mark,
        Letters::Utf16Little,
        Letters::Utf16Big,
        Letters::Windows,
    ]);
    let end = proptest::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (separator, header, index, label, missing, encoding, end, flags, 0..3_usize, 0..3_usize).prop_map(
        |(separator, header, index, label, missing, encoding, end, flags, comments, blanks)| {
            let (quote_all, quote_texts, names, decimal_comma, trailing, sep_line) = flags;
            let mut dialect = Dialect {
                separator,
                quote_all,
                quote_texts: quote_texts || quote_all,
                header,
                index,
                label,
                names,
                decimal_comma,
                missing,
                trailing,
                encoding,
                end,
                comments,
                blanks,
                sep_line,
            };
            // What no program writes, or nobody could read.
            if separator == " " {
                (dialect.trailing, dialect.quote_texts, dialect.sep_line) = (false, true, false);
                dialect.missing = if missing.is_empty() { "NA" } else { missing };
            }
            if separator == "," && !quote_all {
                dialect.decimal_comma = false;
            }
            if index == Index::RowNames && header != Header::Names {
                dialect.index = Index::None;
            }
            if index == Index::Unnamed && header == Header::None {
                dialect.index = Index::Counter;
            }
            // A name without letters is none between spaces, and in a comment there are no quotation marks.
            if dialect.index == Index::Unnamed && (separator == " " || header == Header::Comment) {
                dialect.index = Index::Counter;
            }
            dialect.trailing &= dialect.index != Index::RowNames;
            // Whole numbers without a name are coordinates, with a note.
            if label == Label::LastNumber && header == Header::None {
                dialect.label = Label::LastWord;
            }
            if header == Header::Comment {
                dialect.sep_line = false;
            }
            dialect
        },
    )
}

/// What is written.
#[derive(Clone, Debug)]
struct Table {
    values: Vec<Vec<Option<f32>>>,
    labels: Vec<usize>,
    classes: usize,
}

fn tables() -> impl Strategy<Value = Table> {
    (20..60_usize, 2..7_usize, 2..7_usize).prop_flat_map(|(n, d, classes)| {
        let cell =
            prop_oneof![30 => (-40_000..40_000_i32).prop_map(|v| Some((v as f32 + 0.5) / 1000.0)), 1 => Just(None)];
        let values = proptest::collection::vec(proptest::collection::vec(cell, d), n);
        (values, proptest::collection::vec(0..classes, n)).prop_map(move |(mut values, mut labels)| {
            // Every class occurs, every column has numbers, and the first rows are whole.
            (0..classes).for_each(|class| labels[class] = class);
            for (i, row) in values.iter_mut().enumerate().take(3) {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(k, value)| *value = Some(value.unwrap_or(0.0625 + (i + k) as f32)));
            }
            Table { values, labels, classes }
        })
    })
}

fn quoted(text: &str, quote: bool) -> String {
    if quote { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// What a row is called; one word where words are not quoted between spaces.
fn row_name(i: usize) -> String {
    format!("img_{i}.png")
}

struct Written {
    bytes: Vec<u8>,
    lines: [u64; 5],
}

fn write(table: &Table, dialect: &Dialect) -> Written {
    let d = table.values[0].len();
    let number = |value: f32| {
        let text = format!("{value}");
        if dialect.decimal_comma { text.replace('.', ",") } else { text }
    };
    let word = |i: usize| quoted(WORDS[table.labels[i]], dialect.quote_texts);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (i, values) in table.values.iter().enumerate() {
        let mut row = Vec::new();
        match dialect.index {
            Index::None => (),
            Index::RowNames => row.push(quoted(&(i + 1).to_string(), true)),
            Index::Counter | Index::Unnamed => row.push(quoted(&i.to_string(), dialect.quote_all)),
        }
        row.extend((dialect.label == Label::FirstWord).then(|| word(i)));
        row.extend(dialect.names.then(|| quoted(&row_name(i), dialect.quote_texts)));
        for value in values {
            row.push(quoted(&value.map_or(dialect.missing.to_owned(), number), dialect.quote_all));
        }
        match dialect.label {
            Label::LastWord => row.push(word(i)),
            Label::LastNumber => row.push(quoted(&table.labels[i].to_string(), dialect.quote_all)),
            _ => (),
        }
        rows.push(row);
    }
    let mut names: Vec<String> = Vec::new();
    match dialect.index {
        Index::Unnamed => names.push(String::new()),
        Index::Counter => names.push("index".to_owned()),
        _ => (),
    }
    names.extend((dialect.label == Label::FirstWord).then(|| "label".to_owned()));
    names.extend(dialect.names.then(|| "filename".to_owned()));
    names.extend((0..d).map(|k| format!("f{k}")));
    names.extend(matches!(dialect.label, Label::LastWord | Label::LastNumber).then(|| "label".to_owned()));
    let trail = if dialect.trailing { dialect.separator } else { "" };
    let (mut text, mut lines) = (String::new(), [0; 5]);
    let mut add = |line: &str, what: usize| {
        text.push_str(line);
        text.push_str(dialect.end);
        lines[0] += 1;
        lines[what] += 1;
    };
    if dialect.sep_line {
        add(&format!("sep={}", dialect.separator), 2);
    }
    for comment in 0..dialect.comments {
        add(&format!("# written by a test; remark number {comment}, of some"), 4);
    }
    match dialect.header {
        Header::None => (),
        Header::Names => {
            let names: Vec<String> = names.iter().map(|name| quoted(name, dialect.quote_texts)).collect();
            add(&(names.join(dialect.separator) + trail), 2);
        }
        Header::Comment => add(&format!("# {}", names.join(dialect.separator)), 4),
    }
    for (i, row) in rows.iter().enumerate() {
        add(&(row.join(dialect.separator) + trail), 1);
        if i < dialect.blanks {
            add("", 3);
        }
    }
    let bytes = match dialect.encoding {
        Letters::Utf8 => text.into_bytes(),
        Letters::Utf8Mark => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Letters::Utf16Little => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        Letters::Utf16Big => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        Letters::Windows => text.chars().map(|letter| letter as u32 as u8).collect(),
    };
    Written { bytes, lines }
}

/// Some of these tables as the fuzzer's seeds: it goes on from what readers take.
#[test]
#[ignore = "writes into fuzz/corpus: scripts/fuzz.sh --seeds"]
fn seeds() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    const SEEDS: usize = 48;
    const MOST_BYTES: usize = 2048;
    let mut runner = TestRunner::deterministic();
    let mut written = 0;
    while written < SEEDS {
        let table = tables().new_tree(&mut runner).unwrap().current();
        let dialect = dialects().new_tree(&mut runner).unwrap().current();
        let bytes = write(&table, &dialect).bytes;
        if bytes.len() <= MOST_BYTES {
            std::fs::write(format!("fuzz/corpus/csv/dialect-{written:02}.csv"), bytes).unwrap();
            written += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_in_any_dialect_is_read_back_and_every_line_is_accounted_for(table in tables(), dialect in dialects()) {
        let written = write(&table, &dialect);
        let (n, d) = (table.values.len(), table.values[0].len());
        let shown = || String::from_utf8_lossy(&written.bytes).chars().take(400).collect::<String>();
        let opened = TableReader::open("t.csv", Cursor::new(written.bytes.clone()));
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{}", shown()))),
        };
        let line = reader.account().line.clone();
        prop_assert_eq!(reader.shape(), (n, d), "{}\n{}", line, shown());
        let values = reader.read_all(1 << 20).expect("rows");
        for (i, (found, wanted)) in values.iter().zip(table.values.iter().flatten()).enumerate() {
            match wanted {
                Some(wanted) => prop_assert_eq!(found, wanted, "value {}: {}\n{}", i, line, shown()),
                None => prop_assert!(found.is_nan(), "value {}: {}\n{}", i, line, shown()),
            }
        }
        let gaps = table.values.iter().filter(|row| row.contains(&None)).count();
        prop_assert_eq!(reader.account().gaps, gaps, "{}", line);
        let labels = reader.labels().map(|labels| labels.ids.iter().map(|id| labels.classes[usize::from(*id)].clone()).collect::<Vec<_>>());
        let wanted = match dialect.label {
            Label::None => None,
            Label::LastNumber => Some(table.labels.iter().map(usize::to_string).collect()),
            _ => Some(table.labels.iter().map(|label| WORDS[*label].to_owned()).collect::<Vec<_>>()),
        };
        prop_assert_eq!(labels, wanted, "{}\n{}", line, shown());
        let classes = if dialect.label == Label::None { 0 } else { table.classes };
        prop_assert_eq!(reader.account().classes, classes);
        let names = dialect.names.then(|| (0..n).map(row_name).collect::<Vec<_>>());
        prop_assert_eq!(reader.names().map(<[String]>::to_vec), names, "{}\n{}", line, shown());
        let told = reader.account().lines.expect("lines");
        prop_assert_eq!([told.all, told.rows, told.header, told.blank, told.comments], written.lines, "{}\n{}", line, shown());
    }
}
