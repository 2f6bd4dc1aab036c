//! Every kind of table that people really have, with what is read of it, or the way out.

use std::io::Cursor;

use normscope::data::tables::{TableReader, Wanted};

use super::files::*;

/// Rows and columns of most cases.
const N: usize = 60;
const D: usize = 5;

/// What a case should give.
enum Right {
    /// These rows, so many classes, and these parts in the account and the notes.
    Read(Vec<Vec<f32>>, Option<usize>, &'static [&'static str]),
    /// A refusal with these parts.
    Refused(&'static [&'static str]),
}

struct Case {
    /// The number in docs/reliability.md.
    number: &'static str,
    file: &'static str,
    bytes: Vec<u8>,
    wanted: Wanted,
    right: Right,
}

fn case(number: &'static str, file: &'static str, bytes: impl Into<Vec<u8>>, right: Right) -> Case {
    Case { number, file, bytes: bytes.into(), wanted: Wanted::default(), right }
}

fn read(rows: &[Vec<f32>], classes: Option<usize>, says: &'static [&'static str]) -> Right {
    Right::Read(rows.to_vec(), classes, says)
}

fn class(i: usize) -> usize {
    (i * 7 + i / 3) % 4
}

fn numbered() -> Vec<Vec<String>> {
    rows(N, D).iter().enumerate().map(|(i, row)| [vec![i.to_string()], texts(row)].concat()).collect()
}

/// A header of a name, f0 ... f4, and perhaps a last one.
fn named<'a>(first: &'a str, last: Option<&'a str>) -> Vec<&'a str> {
    [first, "f0", "f1", "f2", "f3", "f4"].into_iter().chain(last).collect()
}

fn plain() -> Vec<Vec<String>> {
    rows(N, D).iter().map(|row| texts(row)).collect()
}

fn with_last(last: impl Fn(usize) -> String) -> Vec<Vec<String>> {
    plain().into_iter().enumerate().map(|(i, row)| [row, vec![last(i)]].concat()).collect()
}

fn gap(rows: &[Vec<f32>], at: &[(usize, usize)]) -> Vec<Vec<f32>> {
    let mut rows = rows.to_vec();
    at.iter().for_each(|(row, column)| rows[*row][*column] = f32::NAN);
    rows
}

fn text_cases() -> Vec<Case> {
    let z = rows(N, D);
    let f: Vec<&str> = named("", None)[1..].to_vec();
    let pairs = |row: &Vec<String>| row[..2].to_vec();
    let two: Vec<Vec<f32>> = z.iter().map(|row| row[..2].to_vec()).collect();
    let three: Vec<Vec<f32>> = z.iter().map(|row| row[..3].to_vec()).collect();
    let words = ["the", "of", "\"", "and", "to", "in", "\"", "a", "is", "for"];
    let hashes = ["cat", "#dog", "bird", "#1", "#ff8800", "fish", "ant", "bee"];
    let labelled = |words: &[&str]| -> Vec<Vec<String>> {
        words.iter().zip(plain()).map(|(word, row)| [vec![(*word).to_owned()], row].concat()).collect()
    };
    let commas = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
        rows.into_iter().map(|row| row.into_iter().map(|text| text.replace('.', ",")).collect()).collect()
    };
    let list = |i: usize, separator: &str| format!("[{}]", texts(&z[i]).join(separator));
    let quoted = |rows: Vec<Vec<String>>| -> String {
        let row = |(i, row): (usize, &Vec<String>)| format!("\"s{i}\"\t{}\n", row.join("\t"));
        rows.iter().enumerate().map(row).collect()
    };
    let mut div = plain();
    div[0][0] = "#DIV/0!".to_owned();
    let mut typo = plain();
    typo[0][0] = "oops".to_owned();
    let mut missing = plain();
    (missing[9][1], missing[20][3]) = ("NA".to_owned(), "null".to_owned());
    let mut huge = plain();
    huge[3][2] = "1e300".to_owned();
    let infinite = {
        let mut rows = z.clone();
        rows[3][2] = f32::INFINITY;
        rows
    };
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(lines(&commas(plain()), ";", "\r\n").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let header = |names: &[&str], rows: Vec<Vec<String>>| csv(names, rows.into_iter());
    let none = || -> String { lines(&plain(), ",", "\n") };
    vec![
        case(
            "1",
            "pandas.csv",
            header(&["", "0", "1", "2", "3", "4"], numbered()),
            read(&z, None, &["left out: unnamed column 1 (an index)", "60 rows, 5 coordinates (0 ... 4)"]),
        ),
        case(
            "1",
            "twice.csv",
            header(
                &["Unnamed: 0.1", "Unnamed: 0", "f0", "f1", "f2", "f3", "f4"],
                numbered().into_iter().map(|row| [vec![row[0].clone()], row].concat()).collect(),
            ),
            read(&z, None, &["'Unnamed: 0.1' (an index), 'Unnamed: 0' (an index)"]),
        ),
        case(
            "1",
            "counter.csv",
            lines(&numbered(), ",", "\n"),
            read(&z, None, &["left out: column 1 (it counts the rows)", "columns 2 to 6"]),
        ),
        case(
            "1",
            "named_counter.csv",
            header(&named("sample no", None), numbered()),
            read(&z, None, &["left out: 'sample no' (it counts the rows)"]),
        ),
        case(
            "1",
            "shuffled.csv",
            lines(&numbered().into_iter().rev().collect::<Vec<_>>(), ",", "\n"),
            read(&z.iter().rev().cloned().collect::<Vec<_>>(), None, &["column 1 (a whole number for each row)"]),
        ),
        case(
            "1b",
            "numbers_as_names.csv",
            header(&["1", "2", "3", "4", "5"], plain()),
            read(&z, None, &["The first line counts from 1 to 5"]),
        ),
        case(
            "7",
            "savetxt.csv",
            format!(
                "# label,{}\n{}",
                f.join(","),
                lines(
                    &plain()
                        .into_iter()
                        .enumerate()
                        .map(|(i, row)| [vec![format!("{}.000000e+00", class(i))], row].concat())
                        .collect::<Vec<_>>(),
                    ",",
                    "\n"
                )
            ),
            read(&z, Some(4), &["labels from 'label' (4 classes)", "of 61 lines: 60 with rows, 1 comment"]),
        ),
        case(
            "7",
            "savetxt_spaces.txt",
            format!("# SimCLR; 200 epochs; seed 7\n{}# the end\n", lines(&plain(), " ", "\n")),
            read(&z, None, &["of 62 lines: 60 with rows, 2 comments"]),
        ),
        case(
            "8",
            "quote.tsv",
            format!("label\t{}\n{}", f.join("\t"), lines(&labelled(&words), "\t", "\n")),
            read(&z[..10], Some(9), &["10 rows, 5 coordinates", "of 11 lines: 10 with rows, 1 header"]),
        ),
        case(
            "9",
            "hash.csv",
            header(&named("label", None), labelled(&hashes)),
            read(&z[..8], Some(8), &["8 rows, 5 coordinates", "of 9 lines: 8 with rows, 1 header"]),
        ),
        case(
            "9",
            "hash_first.csv",
            lines(&labelled(&["#a", "b", "#a", "b", "#a", "b"]), ",", "\n"),
            read(&z[..6], Some(2), &["labels from column 1 (2 classes)"]),
        ),
        case(
            "10",
            "trailing.tsv",
            lines(&plain(), "\t", "\t\n"),
            read(&z, None, &["5 coordinates", "A separator ends the lines"]),
        ),
        case(
            "10",
            "trailing_header.csv",
            format!("{},\n{}", f.join(","), lines(&plain(), ",", ",\n")),
            read(&z, None, &["(f0 ... f4)", "A separator ends the lines"]),
        ),
        case(
            "12",
            "lightly.csv",
            header(
                &["filenames", "embedding_0", "embedding_1", "embedding_2", "embedding_3", "embedding_4", "labels"],
                with_last(|i| class(i).to_string())
                    .into_iter()
                    .enumerate()
                    .map(|(i, row)| [vec![format!("dir/image_{i:04}.jpg")], row].concat())
                    .collect(),
            ),
            read(
                &z,
                Some(4),
                &["embedding_0 ... embedding_4", "labels from 'labels' (4 classes)", "names from 'filenames'"],
            ),
        ),
        case(
            "13",
            "list.csv",
            (0..N).fold("text,n_tokens,embedding\n".to_owned(), |all, i| {
                all + &format!("\"review, number {i}\",{},\"{}\"\n", 20 + i % 7, list(i, ", "))
            }),
            read(
                &z,
                None,
                &[
                    "the vectors in 'embedding'",
                    "names from 'text'",
                    "left out: 'n_tokens' (a number beside the vectors)",
                ],
            ),
        ),
        case(
            "13",
            "list_numpy.csv",
            (0..N)
                .fold("embedding,label\n".to_owned(), |all, i| all + &format!("\"{}\",{}\n", list(i, "\n "), class(i))),
            read(&z, Some(4), &["the vectors in 'embedding'", "of 301 lines: 300 with rows, 1 header"]),
        ),
        case(
            "13",
            "list_cut.csv",
            (0..N).fold("embedding,label\n".to_owned(), |all, i| {
                all + &format!("\"[0.5 0.25 ... 0.125 {i}.5]\",{}\n", class(i))
            }),
            Right::Refused(&["'embedding'", "shortened with '...'", "np.stack"]),
        ),
        case(
            "23",
            "na.csv",
            header(&f, missing),
            read(&gap(&z, &[(9, 1), (20, 3)]), None, &["2 rows with missing values"]),
        ),
        case(
            "27",
            "write_table.tsv",
            format!("\"V1\"\t\"V2\"\t\"V3\"\t\"V4\"\t\"V5\"\n{}", quoted(plain())),
            read(&z, None, &["60 rows, 5 coordinates (V1 ... V5)", "names from unnamed column 1"]),
        ),
        case(
            "27",
            "sep.csv",
            format!("sep=;\r\na;b;c;d;e\r\n{}", lines(&commas(plain()), ";", "\r\n")),
            read(&z, None, &["A comma is read as the decimal point", "of 62 lines: 60 with rows, 2 header"]),
        ),
        case(
            "27",
            "dbscan.csv",
            header(
                &["x", "y", "cluster"],
                plain()
                    .iter()
                    .enumerate()
                    .map(|(i, row)| {
                        [pairs(row), vec![if i % 9 == 0 { "NA".to_owned() } else { class(i).to_string() }]].concat()
                    })
                    .collect(),
            ),
            read(&two, Some(5), &["2 coordinates (x, y)", "labels from 'cluster'", "7 rows have no label"]),
        ),
        case(
            "29",
            "xyz.csv",
            header(&["x", "y", "z"], plain().into_iter().map(|row| row[..3].to_vec()).collect()),
            read(&three, None, &["3 coordinates (x, y, z)", "no labels"]),
        ),
        case(
            "29",
            "label_each_another.csv",
            header(&named("label", None), numbered().into_iter().rev().collect()),
            read(
                &z.iter().rev().cloned().collect::<Vec<_>>(),
                None,
                &["left out: 'label' (nearly every value is another"],
            ),
        ),
        case(
            "29",
            "y_of_x.csv",
            header(
                &["x", "y", "label"],
                plain()
                    .iter()
                    .enumerate()
                    .map(|(i, row)| [pairs(row), vec![format!("c{}", class(i))]].concat())
                    .collect(),
            ),
            read(&two, Some(4), &["(x, y)", "labels from 'label'"]),
        ),
        case(
            "30",
            "timestamp.csv",
            header(
                &["f0", "f1", "f2", "f3", "f4", "recorded"],
                with_last(|i| (1_700_000_000 + 13 * i + i % 5).to_string()),
            ),
            read(&z, None, &["left out: 'recorded' (whole numbers of 1.700e9 that dwarf the others)"]),
        ),
        case(
            "30",
            "id.csv",
            header(
                &named("id", None),
                plain()
                    .into_iter()
                    .enumerate()
                    .map(|(i, row)| [vec![(900_000 - 17 * i).to_string()], row].concat())
                    .collect(),
            ),
            read(&z, None, &["left out: 'id' (an index)"]),
        ),
        case(
            "31",
            "last_is_class.csv",
            lines(&with_last(|i| class(i).to_string()), ",", "\n"),
            read(
                &z.iter().enumerate().map(|(i, row)| [row.clone(), vec![class(i) as f32]].concat()).collect::<Vec<_>>(),
                None,
                &["looks like classes", "--label-column 6", "header 'label'"],
            ),
        ),
        Case {
            wanted: Wanted { array: None, labels: Some("6".into()) },
            ..case(
                "31",
                "last_is_class.csv",
                lines(&with_last(|i| class(i).to_string()), ",", "\n"),
                read(&z, Some(4), &["labels from column 6 (4 classes)"]),
            )
        },
        case(
            "31",
            "last_is_word.csv",
            lines(&with_last(|i| format!("Iris {}", class(i))), ",", "\n"),
            read(&z, Some(4), &["labels from column 6 (4 classes)"]),
        ),
        case(
            "32",
            "div.csv",
            lines(&div, ",", "\n"),
            read(&gap(&z, &[(0, 0)]), None, &["60 rows", "1 row with missing values"]),
        ),
        case(
            "32",
            "typo.csv",
            lines(&typo, ",", "\n"),
            read(&gap(&z, &[(0, 0)]), None, &["60 rows", "Column 1, line 1: 'oops' is no number"]),
        ),
        case("33", "savetxt.txt", lines(&plain(), " ", "\n"), read(&z, None, &["5 coordinates (columns 1 to 5)"])),
        case(
            "33",
            "glove.txt",
            lines(&labelled(&["the", ",", ".", "\"", "#", "2008", ". . .", "a"]), " ", "\n"),
            read(&z[..8], None, &["8 rows, 5 coordinates", "names from column 1"]),
        ),
        case(
            "33",
            "word2vec.vec",
            format!("10 5\n{}", lines(&labelled(&words), " ", "\n")),
            read(&z[..10], None, &["10 rows, 5 coordinates", "of 11 lines: 10 with rows, 1 header"]),
        ),
        case(
            "33",
            "word2vec_cut.vec",
            format!("400 5\n{}", lines(&labelled(&words), " ", "\n")),
            read(&z[..10], None, &["speaks of 400 rows; there are 10"]),
        ),
        case("34", "three_bytes.csv", "abc", Right::Refused(&["no columns of numbers", "'abc'"])),
        case("34", "no_bytes.csv", "", Right::Refused(&["is empty"])),
        case("34", "lists.json", json(&z), read(&z, None, &["60 rows, 5 coordinates (lists of numbers)"])),
        case(
            "34",
            "fields.json",
            format!(
                "{{\"model\": \"m\", \"embeddings\": {}, \"labels\": [{}]}}",
                json(&z),
                (0..N).map(|i| class(i).to_string()).collect::<Vec<_>>().join(",")
            ),
            read(&z, Some(4), &["the vectors in 'embeddings'", "labels from 'labels'", "left out: 'model'"]),
        ),
        case(
            "34",
            "rows.jsonl",
            (0..N)
                .map(|i| {
                    format!("{{\"text\": \"t{i}\", \"embedding\": {}, \"label\": \"c{}\"}}\n", list(i, ","), class(i))
                })
                .collect::<String>(),
            read(&z, Some(4), &["the vectors in 'embedding'", "names from 'text'"]),
        ),
        case(
            "34",
            "lists.jsonl",
            (0..N).map(|i| list(i, ",") + "\n").collect::<String>(),
            read(&z, None, &["60 rows, 5 coordinates"]),
        ),
        case(
            "34",
            "service.json",
            format!(
                "{{\"data\": [{}]}}",
                (0..N)
                    .map(|i| format!("{{\"index\": {i}, \"embedding\": {}}}", list(i, ",")))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
            read(&z, None, &["the vectors in 'embedding'"]),
        ),
        case("34", "cut.json", json(&z)[..400].to_owned(), Right::Refused(&["cut off", "download complete"])),
        case("34", "message.json", "{\"message\": \"Not Found\"}", Right::Refused(&["'message'", "Not Found"])),
        case(
            "40",
            "huge.csv",
            lines(&huge, ",", "\n"),
            read(&infinite, None, &["1 value is too large for 32-bit floats"]),
        ),
        case("41", "one_row.csv", "0.5,1.5\n", read(&[vec![0.5, 1.5]], None, &["1 row, 2 coordinates"])),
        case("UTF-16", "excel.csv", utf16, read(&z, None, &["The text is read as UTF-16", "decimal point"])),
        case(
            "Windows-1252",
            "latin.csv",
            {
                let text = header(&named("label", None), labelled(&["Köln", "Münster", "Köln", "Münster"]));
                text.chars().map(|letter| letter as u32 as u8).collect::<Vec<u8>>()
            },
            read(&z[..4], Some(2), &["Windows-1252", "labels from 'label' (2 classes)"]),
        ),
        case("lines", "mac.csv", none().replace('\n', "\r"), read(&z, None, &["60 rows"])),
        case(
            "lines",
            "blank_and_comments.csv",
            format!("# one\n\n# two\n{}\n# three\n", none()),
            read(&z, None, &["of 65 lines: 60 with rows, 2 blank, 3 comments"]),
        ),
        case(
            "lines",
            "ragged.csv",
            format!("{}1,2\n", none()),
            Right::Refused(&["line 61 has 2 values, the first line has 5"]),
        ),
        case(
            "lines",
            "mixed.csv",
            format!("a,b\n{}", "1,2\n3,x\n".repeat(20)),
            Right::Refused(&["line 3", "'b' holds 'x'"]),
        ),
        case(
            "lines",
            "prose.txt",
            "This is a text.\nIt has lines, and commas.\nNo numbers at all\n",
            Right::Refused(&["no columns of numbers", "lines of text"]),
        ),
    ]
}

fn binary_cases() -> Vec<Case> {
    let z = rows(N, D);
    let labels = || i64_npy(&format!("({N},)"), (0..N).map(|i| class(i) as i64));
    let with = |name: &str, array: Vec<u8>| zip(&[("z.npy", matrix(&z)), (name, array)]);
    let bf16: Vec<u8> = z.iter().flatten().flat_map(|value| ((value.to_bits() >> 16) as u16).to_le_bytes()).collect();
    let cut: Vec<Vec<f32>> =
        z.iter().map(|row| row.iter().map(|value| f32::from_bits(value.to_bits() & 0xffff_0000)).collect()).collect();
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 51200128\n";
    let (wide, bytes) = (
        rows(6, 1152),
        rows(6, 16).iter().map(|row| row.iter().map(|value| value.abs().trunc()).collect()).collect::<Vec<Vec<f32>>>(),
    );
    let one_hot = |fortran: bool| {
        let cell = |i: usize, k: usize| f64::from(u8::from(class(i) == k));
        let data: Vec<f64> = if fortran {
            (0..4).flat_map(|k| (0..N).map(move |i| cell(i, k))).collect()
        } else {
            (0..N).flat_map(|i| (0..4).map(move |k| cell(i, k))).collect()
        };
        npy(
            "<f8",
            fortran,
            &format!("({N}, 4)"),
            &data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>(),
        )
    };
    let views = |shape: &str| f32_npy(shape, z.iter().flatten().copied());
    let table = csv(
        &named("label", None),
        z.iter().enumerate().map(|(i, row)| [vec![format!("c{}", class(i))], texts(row)].concat()),
    );
    let object = npy("|O", false, "()", b"\x80\x04.");
    let two = zip(&[("train.npy", matrix(&z)), ("test.npy", matrix(&z[..9]))]);
    let splits = zip(&[
        ("X_train.npy", matrix(&z)),
        ("y_train.npy", labels()),
        ("X_test.npy", matrix(&z[..9])),
        ("y_test.npy", i64_npy("(9,)", (0..9).map(|i| i % 2))),
    ]);
    let array = |name: &str| Wanted { array: Some(name.to_owned()), labels: None };
    let mut large: Vec<f64> = z.iter().flatten().map(|value| f64::from(*value)).collect();
    large[0] = 1e300;
    let infinite = {
        let mut rows = z.clone();
        rows[0][0] = f32::INFINITY;
        rows
    };
    let many = rows(70_000, 2);
    vec![
        case(
            "20",
            "objects.npz",
            with("labels.npy", npy("|O", false, &format!("({N},)"), b"\x80\x04.")),
            read(&z, None, &["The labels were not used", "labels.astype(str)", "no labels"]),
        ),
        case(
            "21",
            "bfloat16.npy",
            npy("<V2", false, &format!("({N}, {D})"), &bf16),
            read(&cut, None, &["read as bfloat16"]),
        ),
        case("22", "pointer.npy", pointer.to_vec(), Right::Refused(&["Git LFS pointer", "git lfs pull"])),
        case("22", "pointer.safetensors", pointer.to_vec(), Right::Refused(&["Git LFS pointer", "git lfs pull"])),
        case(
            "22",
            "page.npz",
            b"<!DOCTYPE html>\n<html>Sign in</html>".to_vec(),
            Right::Refused(&["web page", "download it again"]),
        ),
        case("22", "annex.npy", b"/annex/objects/SHA256E-s5--4d.npy\n".to_vec(), Right::Refused(&["git annex get"])),
        case(
            "22",
            "pickle.npy",
            b"\x80\x04\x95\0\0\0\0\0\0\0\0.".to_vec(),
            Right::Refused(&["Python pickle", "np.save"]),
        ),
        case(
            "22",
            "rows.fvecs",
            vecs(&z, |value| value.to_le_bytes().to_vec()),
            read(&z, None, &["60 rows, 5 coordinates (float32)"]),
        ),
        case(
            "22",
            "wide.fvecs",
            vecs(&wide, |value| value.to_le_bytes().to_vec()),
            read(&wide, None, &["6 rows, 1,152 coordinates"]),
        ),
        case(
            "22",
            "bytes.bvecs",
            vecs(&bytes, |value| vec![value as u8]),
            read(&bytes, None, &["6 rows, 16 coordinates (uint8)"]),
        ),
        case("35", "z.npy.gz", gzip(&matrix(&z)), read(&z, None, &["unpacked (gzip)"])),
        case("35", "z.csv.gz", gzip(table.as_bytes()), read(&z, Some(4), &["unpacked (gzip)", "labels from 'label'"])),
        case(
            "35",
            "z.npz.gz",
            gzip(&with("labels.npy", labels())),
            read(&z, Some(4), &["unpacked (gzip)", "labels from 'labels'"]),
        ),
        case("35", "z.csv.gz", gzip(table.as_bytes())[..200].to_vec(), Right::Refused(&[".gz", "download complete"])),
        case(
            "35",
            "z.zip",
            zip(&[
                ("in/table.csv", table.clone().into_bytes()),
                ("__MACOSX/._table.csv", vec![0]),
                ("readme.md", b"hi".to_vec()),
            ]),
            read(&z, Some(4), &["unpacked (zip)", "labels from 'label'"]),
        ),
        case(
            "35",
            "two.zip",
            zip(&[("a.csv", table.clone().into_bytes()), ("b.csv", table.clone().into_bytes())]),
            Right::Refused(&["a.csv, b.csv", "Which are the embeddings?"]),
        ),
        Case {
            wanted: array("b.csv"),
            ..case(
                "35",
                "two.zip",
                zip(&[("a.csv", b"1".to_vec()), ("b.csv", table.into_bytes())]),
                read(&z, Some(4), &["labels from 'label'"]),
            )
        },
        case(
            "35",
            "sheet.xlsx",
            zip(&[("xl/workbook.xml", vec![]), ("xl/worksheets/sheet1.xml", vec![])]),
            Right::Refused(&["Excel workbook (.xlsx)", "Save the sheet as CSV"]),
        ),
        case(
            "36",
            "splits.npz",
            two.clone(),
            Right::Refused(&["train (60, 5), test (9, 5)", "Which are the embeddings?"]),
        ),
        Case {
            wanted: array("test"),
            ..case(
                "36",
                "splits.npz",
                two,
                read(&z[..9], None, &["array test", "left out: 'train' (another table, (60, 5))"]),
            )
        },
        Case {
            wanted: array("X_train"),
            ..case(
                "36",
                "xy.npz",
                splits,
                read(&z, Some(4), &["labels from 'y_train' (4 classes)", "'y_test' (other labels)"]),
            )
        },
        case(
            "36",
            "clip.npz",
            zip(&[("image_features.npy", matrix(&z)), ("text_features.npy", matrix(&z))]),
            Right::Refused(&["image_features", "text_features"]),
        ),
        case(
            "36",
            "positions.npz",
            zip(&[("arr_0.npy", matrix(&z)), ("arr_1.npy", labels())]),
            read(&z, Some(4), &["labels from 'arr_1' (4 classes)"]),
        ),
        case(
            "36",
            "companion.npz",
            with("ages.npy", labels()),
            read(&z, None, &["'ages' (one value a row; --label-column ages takes them as labels)"]),
        ),
        Case {
            wanted: Wanted { array: None, labels: Some("ages".into()) },
            ..case("36", "companion.npz", with("ages.npy", labels()), read(&z, Some(4), &["labels from 'ages'"]))
        },
        case("37", "capital.npz", with("Labels.npy", labels()), read(&z, Some(4), &["labels from 'Labels'"])),
        case(
            "37",
            "row.npz",
            with("targets.npy", i64_npy(&format!("(1, {N})"), (0..N).map(|i| class(i) as i64))),
            read(&z, Some(4), &["labels from 'targets'"]),
        ),
        case(
            "37",
            "one_hot.npz",
            with("labels.npy", one_hot(false)),
            read(&z, Some(4), &["labels from 'labels' (4 classes)"]),
        ),
        case(
            "37",
            "one_hot_columns.npz",
            with("labels.npy", one_hot(true)),
            read(&z, Some(4), &["labels from 'labels' (4 classes)"]),
        ),
        case(
            "37",
            "scores.npz",
            with("labels.npy", f32_npy(&format!("({N}, 5)"), z.iter().flatten().copied())),
            read(&z, None, &["labels.argmax(1) of scores"]),
        ),
        case(
            "38",
            "fractions.npz",
            with("target.npy", f64_npy(&format!("({N},)"), (0..N).map(|i| i as f64 + 0.5))),
            read(&z, None, &["The labels were not used", "0.5"]),
        ),
        case(
            "38",
            "other_length.npz",
            with("labels.npy", i64_npy("(5,)", 0..5)),
            read(&z, None, &["labels has 5 labels for 60 embeddings"]),
        ),
        case(
            "38",
            "many.npz",
            zip(&[("z.npy", matrix(&many)), ("labels.npy", i64_npy("(70000,)", 0..70_000))]),
            read(&many, None, &["70,000 rows", "more than 65,535 different labels"]),
        ),
        case(
            "39",
            "views.npy",
            views(&format!("({}, 2, {D})", N / 2)),
            read(&z, None, &["60 rows", "pairs from the second view", "two views of each of 30 samples"]),
        ),
        case(
            "39",
            "halves.npy",
            views(&format!("(2, {}, {D})", N / 2)),
            read(&z, None, &["60 rows", "two views of each of 30 samples"]),
        ),
        case("39", "pooled.npy", views(&format!("({N}, {D}, 1, 1)")), read(&z, None, &["is read as (60, 5)"])),
        case(
            "39",
            "tokens.npy",
            views(&format!("({}, 3, {D})", N / 3)),
            Right::Refused(&["(20, 3, 5)", "z.mean(axis=1)"]),
        ),
        case(
            "40",
            "large.npy",
            f64_npy(&format!("({N}, {D})"), large.into_iter()),
            read(&infinite, None, &["1 value is too large for 32-bit floats"]),
        ),
        case(
            "40",
            "small.npy",
            f64_npy(&format!("({N}, {D})"), z.iter().flatten().map(|value| f64::from(*value) * 1e-60)),
            read(&vec![vec![0.0; D]; N], None, &["300 values are too small for 32-bit floats"]),
        ),
        case("42", "twice.npz", zip_twice(&matrix(&z)), read(&z, None, &["occurs twice"])),
        case(
            "42",
            "dict.npz",
            zip(&[("arr_0.npy", object.clone())]),
            Right::Refused(&["a dict", "np.savez(path, **d)"]),
        ),
        case("42", "dict.npy", object, Right::Refused(&["a dict", "np.savez(path, **d)"])),
        case("42", "surplus.safetensors", tensors("z", &z, 100), read(&z, None, &["100 bytes more than its header"])),
        case("42", "surplus.npy", [matrix(&z), vec![0; 7]].concat(), read(&z, None, &["7 bytes more than its header"])),
        case(
            "44",
            "model.safetensors",
            tensors("encoder.fc.weight", &z, 0),
            Right::Refused(&["encoder.fc.weight (60, 5)", "weights of a model", "Which are the embeddings?"]),
        ),
        Case {
            wanted: array("encoder.fc.weight"),
            ..case(
                "44",
                "model.safetensors",
                tensors("encoder.fc.weight", &z, 0),
                read(&z, None, &["array encoder.fc.weight"]),
            )
        },
    ]
}

fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || a.is_nan() && b.is_nan() || (a - b).abs() < 2e-6)
}

/// What is wrong with a case, if anything is.
fn complaint(case: &Case) -> Option<String> {
    let opened = TableReader::open_as(case.file, Cursor::new(case.bytes.clone()), &case.wanted);
    let result = opened.and_then(|mut reader| {
        let values = reader.read_all(64 << 20)?;
        Ok((reader, values))
    });
    match (&case.right, result) {
        (Right::Read(rows, classes, says), Ok((reader, values))) => {
            let said =
                format!("{} {} {}", reader.account().line, reader.notes().join(" "), reader.late_notes().join(" "));
            let shape = (rows.len(), rows[0].len());
            let account = reader.account();
            if reader.shape() != shape || (account.rows, account.coordinates) != shape {
                return Some(format!("{:?} in place of {shape:?}: {said}", reader.shape()));
            }
            if !same(&values, &rows.concat()) {
                return Some(format!("other values: {said}"));
            }
            if reader.labels().map(|labels| labels.classes.len()) != *classes {
                return Some(format!(
                    "{:?} in place of {classes:?} classes: {said}",
                    reader.labels().map(|labels| &labels.classes)
                ));
            }
            says.iter().find(|part| !said.contains(**part)).map(|part| format!("no '{part}' in: {said}"))
        }
        (Right::Refused(says), Err(error)) => {
            let said = error.to_string();
            let named = said.starts_with(case.file);
            says.iter().find(|part| !said.contains(**part) || !named).map(|part| format!("no '{part}' in: {said}"))
        }
        (Right::Read(..), Err(error)) => Some(format!("refused: {error}")),
        (Right::Refused(_), Ok((reader, _))) => Some(format!("read: {}", reader.account().line)),
    }
}

#[test]
fn every_table_is_read_as_its_author_meant_it_or_refused_with_the_way_out() {
    let cases: Vec<Case> = text_cases().into_iter().chain(binary_cases()).collect();
    let complaints: Vec<String> = cases
        .iter()
        .filter_map(|case| complaint(case).map(|complaint| format!("case {}, {}: {complaint}", case.number, case.file)))
        .collect();
    assert!(complaints.is_empty(), "{} of {} cases:\n{}", complaints.len(), cases.len(), complaints.join("\n"));
}

#[test]
fn views_of_a_sample_are_pairs_and_share_their_label() {
    let z = rows(8, 3);
    let labels = i64_npy("(4,)", 0..4);
    for (shape, ids, first) in [("(4, 2, 3)", [0, 0, 1, 1, 2, 2, 3, 3], 1), ("(2, 4, 3)", [0, 1, 2, 3, 0, 1, 2, 3], 4)]
    {
        let bytes = zip(&[("z.npy", f32_npy(shape, z.iter().flatten().copied())), ("y.npy", labels.clone())]);
        let reader = TableReader::open("views.npz", Cursor::new(bytes)).expect("a table");
        assert_eq!(reader.labels().expect("labels").ids, ids, "{shape}");
        assert_eq!(reader.pairs().expect("pairs")[0], Some(first), "{shape}");
    }
}
