//! Files as numpy and safetensors write them (see tests/fixtures/make_tables.py), files made here, and broken ones.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::npy::header_bytes;
use super::*;
use crate::metrics::Embeddings;
use crate::metrics::rows::RowCounts;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/fixtures/tables/", $name)).as_slice()
    };
}

type Reader = TableReader<Cursor<Vec<u8>>>;

fn open(name: &str, bytes: &[u8]) -> Result<Reader, TableError> {
    TableReader::open(name, Cursor::new(bytes.to_vec()))
}

/// Why a file is not taken, at the latest when its rows are read.
fn refusal(name: &str, bytes: &[u8]) -> String {
    open(name, bytes).and_then(|mut reader| reader.read_all(1 << 20)).unwrap_err().to_string()
}

/// The table of the fixtures: z[i, k] = (i + 1) (-1)^k / 2^k.
fn expected() -> Vec<f32> {
    (1..=6).flat_map(|i| [1.0, -0.5, 0.25].map(|v| i as f32 * v)).collect()
}

fn npy(descr: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    [&header_bytes(descr, shape), data].concat()
}

fn f32_npy(shape: &[usize], values: &[f32]) -> Vec<u8> {
    npy("<f4", shape, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

fn npz(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated))
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn every_kind_of_file_gives_the_same_rows() {
    for (name, bytes) in [
        ("f4.npy", fixture!("f4.npy")),
        ("f8_big_endian.npy", fixture!("f8_big_endian.npy")),
        ("f2_fortran.npy", fixture!("f2_fortran.npy")),
        ("stored.npz", fixture!("stored.npz")),
        ("deflated.npz", fixture!("deflated.npz")),
        ("deflated_fortran.npz", fixture!("deflated_fortran.npz")),
        ("f4.safetensors", fixture!("f4.safetensors")),
        ("f2.safetensors", fixture!("f2.safetensors")),
        ("savetxt.csv", fixture!("savetxt.csv")),
    ] {
        let mut reader = open(name, bytes).unwrap();
        assert_eq!(reader.shape(), (6, 3), "{name}");
        assert_eq!(reader.read_all(1 << 20).unwrap(), expected(), "{name}");
        // A second pass, and pieces that do not divide the rows.
        let (mut pieces, mut starts) = (Vec::new(), Vec::new());
        let counts = reader
            .for_each_chunk(4, |start, rows| {
                starts.push(start);
                pieces.extend_from_slice(rows);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!((starts, pieces), (vec![0, 4], expected()), "{name}");
        assert_eq!(counts, RowCounts { total: 6, not_finite: 0, zero: 0 });
    }
}

#[test]
fn labels_and_pairs_come_with_the_rows() {
    let pairs = [1, 0, 3, 2, 5, 4].map(Some);
    for (name, bytes) in [("stored.npz", fixture!("stored.npz")), ("f4.safetensors", fixture!("f4.safetensors"))] {
        let reader = open(name, bytes).unwrap();
        assert_eq!(reader.labels().unwrap().ids, [2, 0, 1, 0, 2, 0], "{name}");
        assert_eq!(reader.labels().unwrap().classes, ["0", "1", "2"]);
        assert_eq!(reader.pairs().unwrap(), pairs, "{name}");
    }
    assert_eq!(open("y", fixture!("deflated.npz")).unwrap().labels().unwrap().ids, [2, 0, 1, 0, 2, 0]);
    assert_eq!(open("f4.npy", fixture!("f4.npy")).unwrap().labels(), None);
}

#[test]
fn labels_may_be_in_a_file_of_their_own() {
    let numbers = read_labels("labels.npy", Cursor::new(fixture!("labels.npy"))).unwrap();
    let names = read_labels("names.npy", Cursor::new(fixture!("names.npy"))).unwrap();
    assert_eq!(numbers.ids, [2, 0, 1, 0, 2, 0]);
    assert_eq!((&names.ids, names.classes.concat().as_str()), (&numbers.ids, "antbeecat"));
    let column = read_labels("labels.csv", Cursor::new("id,class\n7,cat\n8,ant\n")).unwrap();
    assert_eq!(column.ids, [1, 0]);
    assert_eq!(read_labels("one.txt", Cursor::new("cat\nant\n")).unwrap().classes, ["ant", "cat"]);
    let mut reader = open("f4.npy", fixture!("f4.npy")).unwrap();
    let message = reader.set_labels("labels.csv", column).unwrap_err().to_string();
    assert!(message.contains("labels.csv has 2 labels for 6 embeddings"), "{message}");
    reader.set_labels("labels.npy", numbers.clone()).unwrap();
    assert_eq!(reader.labels(), Some(&numbers));
}

#[test]
fn text_may_use_any_separator_and_name_its_columns() {
    let read = |text: &str| {
        let mut reader = open("t.csv", text.as_bytes()).unwrap();
        let values = reader.read_all(1 << 20).unwrap();
        (reader.shape(), values, reader.labels().map(|labels| labels.ids.clone()))
    };
    assert_eq!(read("1,2.5\n3,4\n"), ((2, 2), vec![1.0, 2.5, 3.0, 4.0], None));
    assert_eq!(read("1\t2\r\n3\t4"), ((2, 2), vec![1.0, 2.0, 3.0, 4.0], None));
    assert_eq!(read(" 1.0 2.0\n3  4\n"), ((2, 2), vec![1.0, 2.0, 3.0, 4.0], None));
    assert_eq!(read("1,5;-2\n3;4e1\n"), ((2, 2), vec![1.5, -2.0, 3.0, 40.0], None));
    assert_eq!(read("5\n6\n7\n"), ((3, 1), vec![5.0, 6.0, 7.0], None));
    assert_eq!(
        read("\u{feff}a,label,b\n1,cat,2\n3,\"ant, red\",4\n"),
        ((2, 2), vec![1.0, 2.0, 3.0, 4.0], Some(vec![1, 0]))
    );
    // pandas: an index without a name, and columns named by their number.
    assert_eq!(read(",0,1,Y\n0,1,2,9\n1,3,4,8\n"), ((2, 2), vec![1.0, 2.0, 3.0, 4.0], Some(vec![1, 0])));
    assert_eq!(read("0,1\n5,6\n"), ((1, 2), vec![5.0, 6.0], None));
    let reader = open("t.csv", b"id,a,pair,norm\n7,1,1,1\n8,2,0,2\n").unwrap();
    assert_eq!((reader.shape(), reader.pairs().unwrap()), ((2, 1), [Some(1), Some(0)].as_slice()));
    assert!(reader.account().line.contains("left out: 'id' (an index), 'norm' (the norm)"), "{:?}", reader.account());
}

#[test]
fn of_several_columns_that_could_be_labels_one_counts() {
    let mut reader = open("points.csv", b"x,y,label\n1,2,a\n3,4,b\n").unwrap();
    assert_eq!(reader.shape(), (2, 2));
    assert_eq!(reader.labels().unwrap().ids, [0, 1]);
    assert_eq!(reader.read_all(1 << 20).unwrap(), [1.0, 2.0, 3.0, 4.0]);
    let reader = open("points.csv", b"x,y,label,class\n1,2,a,u\n3,4,b,v\n").unwrap();
    assert_eq!((reader.shape(), reader.labels().unwrap().classes.len()), ((2, 2), 2));
    assert!(reader.account().line.contains("labels from 'label' (2 classes), left out: 'class' (other labels)"));
}

#[test]
fn missing_values_and_zero_rows_are_counted() {
    let mut reader = open("t.csv", b"a,b\n1,\n0,0\n3,inf\n1,2\n").unwrap();
    let counts = reader.for_each_chunk(3, |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(counts, RowCounts { total: 4, not_finite: 2, zero: 1 });
    let counts = reader.for_each_chunk(3, |_, _| ControlFlow::Break(())).unwrap();
    assert_eq!(counts.total, 3);
}

#[test]
fn every_refusal_names_the_file_and_what_would_be_right() {
    let expect = |bytes: &[u8], parts: &[&str]| {
        let message = refusal("my.file", bytes);
        assert!(message.starts_with("my.file") && parts.iter().all(|part| message.contains(part)), "{message}");
    };
    expect(b"", &["is empty", "one row for each sample"]);
    expect(b"\x1f\x8b\x08\0", &[".gz", "download complete"]);
    expect(b"\x80\x04\x95", &["pickle", "can run code"]);
    expect(b"\x89PNG\r\n\x1a\n\0\0", &["a PNG picture", "playground"]);
    expect(b"\x01\x02\x03\0\0", &["not a table that can be recognised", ".npy"]);
    expect(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", &["Git LFS pointer", "git lfs pull"]);
    expect(fixture!("objects.npy"), &["Python objects", "dtype=np.float32"]);
    expect(fixture!("labels.npy"), &["shape (6,)", "[n, d]"]);
    expect(fixture!("names.npy"), &["text", "np.float32"]);
    expect(&f32_npy(&[3, 4, 2], &[0.0; 24]), &["(3, 4, 2)", "z.mean(axis=1)"]);
    expect(&f32_npy(&[0, 5], &[]), &["is empty"]);
    expect(&f32_npy(&[1, 70_000], &vec![0.0; 70_000]), &["70000 columns", "transposed"]);
    expect(&f32_npy(&[4, 2], &[0.0; 7]), &["should have 32 bytes", "has 28"]);
    expect(&npy("<f4", &[usize::MAX, usize::MAX], &[]), &["columns"]);
    expect(&npy("<f4", &[usize::MAX, 2], &[]), &["should have"]);
    expect(&npy("<c8", &[1, 1], &[0; 8]), &["<c8", "real numbers"]);
    expect(&fixture!("f4.npy")[..40], &["header is cut off"]);
    expect(b"1,2\n3\n", &["line 2 has 1 values", "first line has 2"]);
    expect(b"1,2\n3,x\n", &["line 2", "column 2", "'x'"]);
    expect(b"a,b\n1,2\n3,x\n", &["line 3", "'b' holds 'x'"]);
    expect(b"a,b\n", &["no columns of numbers", "'a, b'"]);
    expect(b"label\n1\n", &["no columns of numbers", "only labels"]);
    expect(b"hello", &["no columns of numbers", "'hello'"]);
    expect(b"a,pair\n1,7\n2,0\n", &["the pair of row 0 is 7"]);
    expect(&tensors("{}", &[]), &["no arrays", "z=z"]);
    expect(
        &tensors("{\"z\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}", &[0; 8]),
        &["should have 16 bytes"],
    );
    expect(&tensors("{\"z\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,8]}}", &[0; 8]), &[".safetensors"]);
    expect(&fixture!("stored.npz")[..200], &[".npz", "download"]);
}

#[test]
fn an_archive_must_say_which_array_is_meant() {
    let rows = f32_npy(&[2, 2], &[1.0; 4]);
    let message = refusal("a.npz", &npz(&[("p.npy", rows.clone()), ("q.npy", rows.clone())]));
    assert!(message.contains("p (2, 2), q (2, 2)") && message.contains("Name them z"), "{message}");
    assert_eq!(
        open("a.npz", &npz(&[("p.npy", rows.clone()), ("y.npy", f32_npy(&[2], &[0.0, 1.0]))])).unwrap().shape(),
        (2, 2)
    );
    let notes = |labels: Vec<u8>| {
        let reader = open("a.npz", &npz(&[("z.npy", rows.clone()), ("labels.npy", labels)])).unwrap();
        assert_eq!((reader.shape(), reader.labels()), ((2, 2), None));
        reader.notes().join(" ")
    };
    assert!(notes(f32_npy(&[3], &[0.0; 3])).contains("a.npz: labels has 3 labels for 2 embeddings"));
    assert!(notes(f32_npy(&[2], &[0.5, 1.0])).contains("the label of row 0 is 0.5"));
    assert!(notes(npy("|O", &[2], &[0; 9])).contains("labels.astype(str)"));
    assert!(refusal("a.pt", &npz(&[("archive/data.pkl", vec![0x80, 2])])).contains("PyTorch"));
    assert!(
        refusal("a.npz", &npz(&[("z.npy", npy("|O", &[2, 2], &[0; 9]))])).contains("a.npz: z holds Python objects")
    );
}

#[test]
fn an_open_quotation_mark_does_not_fill_the_memory() {
    let mut text = b"a,label\n1,\"cat\n".to_vec();
    text.resize(17 << 20, b'x');
    let message = refusal("quote.csv", &text);
    assert!(message.contains("line 3 has more than 16 MiB"), "{message}");
}

#[test]
fn a_table_over_the_limit_is_refused_but_can_be_read_in_chunks() {
    let mut reader = open("f4.npy", fixture!("f4.npy")).unwrap();
    let message = reader.read_all(71).unwrap_err().to_string();
    assert!(message.contains("needs 72 bytes") && message.contains("chunks"), "{message}");
    assert_eq!(reader.read_all(72).unwrap().len(), 18);
}

#[test]
fn written_embeddings_are_read_back() {
    let z = expected();
    let labels = [2_u16, 0, 1, 0, 2, 0];
    let pairs = [Some(1), Some(0), None, None, Some(5), Some(4)];
    let file = EmbeddingsFile {
        z: Embeddings::new(&z, 3).unwrap(),
        labels: Some(&labels),
        pairs: Some(&pairs),
        metadata: r#"{"step": 7, "name": "é"}"#,
    };
    let bytes = file.to_bytes();
    let mut reader = open("embeddings.npz", &bytes).unwrap();
    assert_eq!(reader.read_all(1 << 20).unwrap(), z);
    assert_eq!(reader.labels().unwrap().ids, labels);
    assert_eq!(reader.pairs().unwrap(), pairs);
    assert_eq!(bytes, file.to_bytes(), "no clock in the file");
    let bare = EmbeddingsFile { labels: None, pairs: None, metadata: "", ..file };
    assert_eq!(open("bare.npz", &bare.to_bytes()).unwrap().labels(), None);
}

#[test]
fn a_file_of_two_arms_gives_the_first_or_the_one_that_is_asked_for() {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0]);
    let arms = [("a", Embeddings::new(&a, 2).unwrap()), ("b", Embeddings::new(&b, 1).unwrap())];
    let bytes = ArmsFile { arms: &arms, labels: &[0, 1], metadata: "{}" }.to_bytes().unwrap();
    let open_array = |wanted| TableReader::open_array("arms.npz", Cursor::new(bytes.as_slice()), wanted);
    let mut first = open_array(None).unwrap();
    assert_eq!(first.name(), "arms.npz: a_z");
    assert_eq!(first.read_all(1 << 20).unwrap(), a);
    assert_eq!(first.notes(), ["These are the embeddings a_z; the file also holds b_z."]);
    let mut second = open_array(Some("b_z")).unwrap();
    assert_eq!((second.read_all(1 << 20).unwrap(), second.labels().unwrap().ids.clone()), (b.to_vec(), vec![0, 1]));
    assert!(second.notes().is_empty());
    let problem = open_array(Some("c_z")).err().unwrap().to_string();
    assert!(problem.contains("no array c_z") && problem.contains("a_z (2, 2)"), "{problem}");
    let plain = TableReader::open_array("f4.npy", Cursor::new(fixture!("f4.npy")), Some("z"));
    assert!(plain.err().unwrap().to_string().contains("one table without a name"));
}

/// Files that are whole, to be broken by the tests below.
fn whole() -> Vec<Vec<u8>> {
    [
        fixture!("f4.npy"),
        fixture!("f2_fortran.npy"),
        fixture!("objects.npy"),
        fixture!("stored.npz"),
        fixture!("deflated.npz"),
        fixture!("deflated_fortran.npz"),
        fixture!("f4.safetensors"),
        fixture!("savetxt.csv"),
        b"a,label,pair,b\n1,cat,1,2\n3,\"ant, red\",0,4\n",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

fn read_everything(bytes: &[u8]) {
    if let Ok(mut reader) = open("any", bytes) {
        let (n, d) = reader.shape();
        assert!(n > 0 && d > 0);
        let _ = reader.for_each_chunk(3, |_, rows| {
            assert_eq!(rows.len() % d, 0);
            ControlFlow::Continue(())
        });
    }
    let _ = read_labels("any", Cursor::new(bytes.to_vec()));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), start in 0..6_usize) {
        let start: &[u8] = [&b""[..], npy::MAGIC, b"PK\x03\x04", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', ", b"\x30\0\0\0\0\0\0\0{", b"a,label\n"][start];
        read_everything(&[start, &bytes].concat());
    }

    #[test]
    fn broken_files_never_panic(
        file in 0..9_usize,
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut bytes = whole().swap_remove(file);
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_everything(&bytes);
    }
}
