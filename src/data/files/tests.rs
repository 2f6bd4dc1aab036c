use proptest::prelude::*;

use super::*;
use crate::data::{Dataset, Kind};

/// CIFAR-10 records of these labels; each picture is another one, and begins with its number.
fn cifar(labels: &[u8]) -> Vec<u8> {
    let record = |(index, label): (usize, &u8)| {
        let number = (index as u32).to_le_bytes();
        std::iter::once(*label)
            .chain(number)
            .chain((4..3072).map(move |at| (at * (1 + index % 7)) as u8))
            .collect::<Vec<u8>>()
    };
    labels.iter().enumerate().flat_map(record).collect()
}

fn turns(n: usize, classes: u8) -> Vec<u8> {
    (0..n).map(|i| (i % usize::from(classes)) as u8).collect()
}

fn idx(sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let head = [0, 0, 8, sizes.len() as u8].into_iter().chain(sizes.iter().flat_map(|size| size.to_be_bytes()));
    head.chain(values.iter().copied()).collect()
}

/// Pictures of `side` x `side` that begin with their number, and their labels.
fn idx_pair(labels: &[u8], side: u32) -> Vec<(String, Vec<u8>)> {
    let n = labels.len() as u32;
    let pixels = (0..n).flat_map(|i| i.to_le_bytes().into_iter().chain((4..side * side).map(move |at| (at * i) as u8)));
    vec![
        ("train-images-idx3-ubyte".into(), idx(&[n, side, side], &pixels.collect::<Vec<u8>>())),
        ("train-labels-idx1-ubyte".into(), idx(&[n], labels)),
    ]
}

fn message(name: &str, bytes: Vec<u8>) -> String {
    Dataset::from_files(&[(name.to_owned(), bytes)]).unwrap_err().to_string()
}

#[test]
fn a_cifar_batch_is_read_and_a_fifth_of_each_class_is_held_out() {
    let data = Dataset::from_files(&[("data_batch_1.bin".into(), cifar(&turns(100, 10)))]).unwrap();
    assert_eq!((data.train.n(), data.test.n()), (80, 20));
    assert!((0..10).all(|class| data.test.labels.iter().filter(|label| **label == class).count() == 2));
    assert!((data.train.row(3)[0] * 255.0).fract().abs() < 1e-3);
}

#[test]
fn files_named_test_are_held_out() {
    let mut files =
        vec![("data_batch_1.bin".into(), cifar(&turns(60, 10))), ("test_batch.bin".into(), cifar(&turns(30, 10)))];
    let data = Dataset::from_files(&files).unwrap();
    assert_eq!((data.train.n(), data.test.n()), (60, 30));
    // Whole words only.
    files[1].0 = "latest_batch.bin".into();
    assert_eq!(Dataset::from_files(&files).unwrap().test.n(), 18);
}

#[test]
fn an_idx_pair_is_read() {
    let data = Dataset::from_files(&idx_pair(&turns(50, 10), 6)).unwrap();
    assert_eq!(data.kind, Kind::Image { channels: 1, height: 6, width: 6 });
    assert_eq!((data.train.n(), data.test.n()), (40, 10));
}

#[test]
fn the_order_in_the_files_does_not_matter() {
    let labels = turns(300, 10);
    let whole = cifar(&labels);
    let mut records: Vec<&[u8]> = whole.chunks(3073).collect();
    let in_turn = Dataset::from_files(&[("a.bin".into(), whole.clone())]).unwrap();
    records.sort_by_key(|record| record[0]);
    let sorted = Dataset::from_files(&[("b.bin".into(), records.concat())]).unwrap();
    let (first, second) = records.split_at(123);
    let parts = [("a.bin".into(), second.concat()), ("b.bin".into(), first.concat())];
    let parted = Dataset::from_files(&parts).unwrap();
    assert_eq!((&in_turn.train, &in_turn.test), (&sorted.train, &sorted.test));
    assert_eq!((&in_turn.train, &in_turn.test), (&parted.train, &parted.test));
}

#[test]
fn every_beginning_of_either_half_is_stratified() {
    // 600, 300 and 100 of three classes, class by class.
    let labels = [vec![0; 600], vec![1; 300], vec![2; 100]].concat();
    let data = Dataset::from_files(&idx_pair(&labels, 8)).unwrap();
    for (split, total) in [(&data.train, 800), (&data.test, 200)] {
        assert_eq!(split.n(), total);
        for n in [10, 50, 100, total] {
            let of = |class: u16| split.labels[..n].iter().filter(|label| **label == class).count() as f64;
            for (class, share) in [(0, 0.6), (1, 0.3), (2, 0.1)] {
                assert!(
                    (of(class) - share * n as f64).abs() <= 1.0,
                    "{} of class {class} among the first {n}",
                    of(class)
                );
            }
        }
    }
}

#[test]
fn every_refusal_names_the_file_and_what_would_be_right() {
    let pair = idx_pair(&turns(50, 10), 6);
    let mut wrong = cifar(&turns(50, 10));
    wrong[3073 * 2] = 77;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty.bin", vec![], "empty.bin is empty"),
        ("cut.bin", cifar(&turns(50, 10))[..3073 * 50 - 5].to_vec(), "cut off at byte 153645: 49 whole pictures"),
        ("x.gz", vec![0x1f, 0x8b, 8, 0], "cut off or damaged"),
        ("fine_labels.bin", wrong, "record 2 has the label 77"),
        ("few.bin", cifar(&turns(5, 10)), "only 5 pictures"),
        ("short", pair[0].1[..100].to_vec(), "cut off at byte 100: that is 5 % of the 50 × 6 × 6"),
        ("labels", pair[1].1.clone(), "50 labels, but there are no pictures"),
        ("small", idx(&[50, 2, 2], &[0; 200]), "2 × 2"),
    ];
    for (name, bytes, says) in cases {
        let found = message(name, bytes);
        assert!(found.contains(name) && found.contains(says), "{name}: {found}");
    }
    assert_eq!(Dataset::from_files(&[]), Err(FileError::Nothing));
    let mixed = [pair[0].clone(), pair[1].clone(), ("a.bin".to_owned(), cifar(&turns(50, 10)))];
    assert!(matches!(Dataset::from_files(&mixed), Err(FileError::Mixed { .. })));
}

#[test]
fn a_header_that_promises_the_world_allocates_nothing() {
    let found = message("bomb", [vec![0, 0, 8, 3], vec![255; 12]].concat());
    assert!(found.contains("4294967295 × 4294967295"), "{found}");
    let npy = b"\x93NUMPY\x01\0\x46\0{'descr': '|u1', 'fortran_order': False, 'shape': (999999999, 28, 28)}  ".to_vec();
    assert!(message("bomb.npy", npy).contains("cut off"));
}

#[test]
fn labels_go_to_the_pictures_with_the_nearest_name() {
    let (mnist, fashion) = (turns(50, 10), vec![3; 50]);
    let mut files = Vec::new();
    for (folder, labels) in [("mnist", &mnist), ("fashion", &fashion)] {
        for (name, mut bytes) in idx_pair(labels, 6) {
            if name.contains("images") {
                bytes[300] ^= folder.len() as u8;
            }
            files.push((format!("{folder}/{name}"), bytes));
        }
    }
    let data = Dataset::from_files(&files).unwrap();
    // 3 is 5 of MNIST's labels and all of the other's.
    let threes = data.train.labels.iter().chain(&data.test.labels).filter(|label| **label == 3).count();
    assert_eq!((data.classes.len(), threes), (10, 55));
    // Two that are equally near are not guessed between.
    files.truncate(2);
    files[1].0 = "mnist/labels-p".into();
    files.push(("mnist/labels-q".into(), idx(&[50], &fashion)));
    assert!(matches!(Dataset::from_files(&files), Err(FileError::Ambiguous { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4000), head in 0..6_usize) {
        let heads: [&[u8]; 6] = [b"", &[0, 0, 8, 3], b"\x93NUMPY\x01\0", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", &[0x1f, 0x8b]];
        let bytes = [heads[head], &bytes].concat();
        for name in ["any.bin", "labels.txt", "train_y.bin", "x.csv"] {
            let _ = Dataset::from_files(&[(name.to_owned(), bytes.clone())]);
        }
    }

    #[test]
    fn any_draw_is_stratified_and_uses_each_picture_once(counts in proptest::collection::vec(0..90_usize, 2..7)) {
        let labels: Vec<u8> = counts.iter().enumerate().flat_map(|(class, n)| vec![class as u8 * 3; *n]).collect();
        let total = labels.len();
        match Dataset::from_files(&idx_pair(&labels, 5)) {
            Err(FileError::TooFew { .. }) => prop_assert!(total < 60),
            Err(other) => prop_assert!(false, "{other}"),
            Ok(data) => {
                prop_assert_eq!(data.train.n() + data.test.n(), total);
                let occurring: Vec<(usize, usize)> =
                    counts.iter().copied().enumerate().filter(|(_, n)| *n > 0).collect();
                if occurring.len() > 1 {
                    let names: Vec<String> = occurring.iter().map(|(class, _)| (class * 3).to_string()).collect();
                    prop_assert_eq!(&data.classes, &names);
                }
                for (class, (_, n)) in occurring.iter().enumerate() {
                    let held_out = data.test.labels.iter().filter(|label| usize::from(**label) == class).count();
                    prop_assert!((held_out as f64 - *n as f64 / 5.0).abs() <= 1.0, "{} of {}", held_out, n);
                }
                let number = |row: &[f32]| (0..2).map(|at| (row[at] * 255.0).round() as usize * [1, 256][at]).sum::<usize>();
                let mut numbers: Vec<usize> = [&data.train, &data.test]
                    .iter()
                    .flat_map(|split| (0..split.n()).map(|at| number(split.row(at))).collect::<Vec<_>>())
                    .collect();
                numbers.sort_unstable();
                prop_assert!(numbers.iter().enumerate().all(|(at, number)| at == *number));
            }
        }
    }
}
