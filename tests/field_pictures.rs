//! Pictures that people really have (docs/field-cases-pictures.md): each row of one table is a case, with what has to come of it.

use std::io::{Cursor, Write};

use jpeg_encoder::{ColorType, Encoder};
use normscope::data::{Dataset, FileError, Kind};
use normscope::metrics::Embeddings;
use normscope::metrics::knn::Knn;

type Files = Vec<(String, Vec<u8>)>;

const UNLABELLED: &str = "have no labels: both models train on them";

/// Numbers that look random, from a seed.
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.byte()).collect()
    }

    fn below(&mut self, n: usize) -> usize {
        (usize::from(self.byte()) << 16 | usize::from(self.byte()) << 8 | usize::from(self.byte())) % n
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).rev().for_each(|last| items.swap(last, self.below(last + 1)));
    }
}

/// A 3 × 32 × 32 picture whose stripes tell its class, channel by channel.
fn striped(class: usize, noise: &mut Noise) -> Vec<u8> {
    (0..3072)
        .map(|at| {
            let (channel, row) = (at / 1024, at / 32 % 32);
            let stripe = if (row / (class % 10 + 2)).is_multiple_of(2) { 120 } else { 20 };
            (stripe + 30 * (channel * class % 4)) as u8 + noise.byte() % 16
        })
        .collect()
}

fn cifar(labels: &[u8]) -> Vec<u8> {
    let mut noise = Noise(labels.len() as u64);
    labels.iter().flat_map(|label| [vec![*label], striped(usize::from(*label), &mut noise)].concat()).collect()
}

fn cifar_100(n: usize) -> Vec<u8> {
    let mut noise = Noise(100);
    (0..n)
        .flat_map(|i| [vec![(i % 20) as u8, (i * 7 % 100) as u8], striped(i * 7 % 100, &mut noise)].concat())
        .collect()
}

fn turns(n: usize, classes: usize) -> Vec<u8> {
    (0..n).map(|i| (i % classes) as u8).collect()
}

fn idx(sizes: &[usize], values: &[u8]) -> Vec<u8> {
    let head =
        [0, 0, 8, sizes.len() as u8].into_iter().chain(sizes.iter().flat_map(|size| (*size as u32).to_be_bytes()));
    head.chain(values.iter().copied()).collect()
}

fn file(name: &str, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (name.to_owned(), bytes)
}

fn noise_images(n: usize, side: usize, seed: u64) -> Vec<u8> {
    idx(&[n, side, side], &Noise(seed).bytes(n * side * side))
}

fn pair(start: &str, labels: &[u8], side: usize) -> Files {
    let images = noise_images(labels.len(), side, labels.len() as u64);
    vec![
        file(&format!("{start}-images-idx3-ubyte"), images),
        file(&format!("{start}-labels-idx1-ubyte"), idx(&[labels.len()], labels)),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &Files) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tar(files: &Files) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, bytes) in files {
        let mut head = vec![0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        head[156] = b'0';
        head[257..262].copy_from_slice(b"ustar");
        all.extend(head);
        all.extend(bytes);
        all.resize(all.len().next_multiple_of(512), 0);
    }
    all.resize(all.len() + 1024, 0);
    all
}

fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let head = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\0".as_slice(), &(head.len() as u16).to_le_bytes(), head.as_bytes(), values].concat()
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    zip(&arrays.iter().map(|(name, bytes)| file(&format!("{name}.npy"), bytes.clone())).collect())
}

fn longs(values: impl IntoIterator<Item = i64>) -> Vec<u8> {
    values.into_iter().flat_map(i64::to_le_bytes).collect()
}

fn floats(values: impl IntoIterator<Item = f32>) -> Vec<u8> {
    values.into_iter().flat_map(f32::to_le_bytes).collect()
}

/// A PNG of noise, grey or in colour, whose mean brightness is that of its class.
fn png(seed: usize, class: usize, side: u32, grey: bool) -> Vec<u8> {
    let channels = if grey { 1 } else { 3 };
    let mut noise = Noise(seed as u64 + 1);
    let pixels: Vec<u8> =
        (0..side as usize * side as usize * channels).map(|_| (class * 40) as u8 + noise.byte() % 40).collect();
    png_of(if grey { 0 } else { 2 }, 8, side, &pixels)
}

/// A PNG of this colour type (0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA) and so many bits a value, without filters.
fn png_of(kind: u8, bits: u8, side: u32, pixels: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(name);
        sum.update(data);
        [&(data.len() as u32).to_be_bytes(), name, data, &sum.sum().to_be_bytes()].concat()
    };
    let rows: Vec<u8> = pixels.chunks(pixels.len() / side as usize).flat_map(|row| [&[0], row].concat()).collect();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&rows).unwrap();
    let palette: Vec<u8> = (0..=255_u8).flat_map(|at| [at, 255 - at, 7]).collect();
    let head = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[bits, kind, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        if kind == 3 { chunk(b"PLTE", &palette) } else { Vec::new() },
        chunk(b"IDAT", &packed.finish().unwrap()),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn jpeg(seed: usize, width: u16, height: u16) -> Vec<u8> {
    let pixels = Noise(seed as u64 + 1).bytes(usize::from(width) * usize::from(height) * 3);
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 90).encode(&pixels, width, height, ColorType::Rgb).unwrap();
    bytes
}

/// `n` PNG pictures in each of some folders.
fn folders(names: &[&str], n: usize) -> Files {
    let mut files = Files::new();
    for (class, folder) in names.iter().enumerate() {
        files
            .extend((0..n).map(|i| file(&format!("{folder}/{i:03}.png"), png(files_seed(class, i), class, 12, false))));
    }
    files
}

fn files_seed(class: usize, i: usize) -> usize {
    1000 * class + i
}

const CIFAR_NAMES: &str = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";

/// What has to come of files.
enum Want {
    /// (for training, held out, classes, the first class, what the notes say).
    Read(usize, usize, usize, &'static str, &'static [&'static str]),
    /// What the refusal says.
    Refused(&'static [&'static str]),
}

use Want::{Read, Refused};

/// (case of the list, what it is, the files, what has to come of them).
fn cases() -> Vec<(&'static str, &'static str, Files, Want)> {
    let batches = || {
        vec![
            file("c/batches.meta.txt", CIFAR_NAMES.into()),
            file("c/data_batch_1.bin", cifar(&turns(60, 10))),
            file("c/data_batch_2.bin", cifar(&turns(61, 10))[3073..].to_vec()),
            file("c/readme.html", b"<META HTTP-EQUIV=\"refresh\" CONTENT=\"0; url=https://example.org\">\n".to_vec()),
            file("c/test_batch.bin", cifar(&turns(30, 10))),
        ]
    };
    let mnist = |n: usize| [pair("train", &turns(n, 10), 8), pair("t10k", &turns(n / 4, 10), 8)].concat();
    let packed = |files: Files| -> Files {
        files.iter().map(|(name, bytes)| file(&format!("{name}.gz"), gzip(bytes))).collect()
    };
    let pictures =
        |n: usize, side: usize| npy("|u1", &format!("({n}, {side}, {side})"), &Noise(n as u64).bytes(n * side * side));
    let column = |n: usize, classes: usize| npy("|u1", &format!("({n}, 1)"), &turns(n, classes));
    let colour = |n: usize| npy("|u1", &format!("({n}, 8, 8, 3)"), &Noise(n as u64 + 7).bytes(n * 192));
    let row = |i: usize, side: usize| {
        let mut noise = Noise(i as u64);
        (0..side * side).map(|_| noise.byte().to_string()).collect::<Vec<_>>().join(",")
    };
    let header = |side: usize| (0..side * side).map(|at| format!("pixel{at}")).collect::<Vec<_>>().join(",");
    let table = |head: bool| {
        let rows: String = (0..60).map(|i| format!("{},{}\n", i % 10, row(i, 8))).collect();
        if head { format!("label,{}\n{rows}", header(8)).into_bytes() } else { rows.into_bytes() }
    };
    let letters =
        |from: u8| pair("emnist-letters-train", &(0..260).map(|i| from + (i % 26) as u8).collect::<Vec<_>>(), 28);
    let mut twice = vec![file("data_batch_1.bin", cifar(&turns(100, 10)))];
    twice.push(file("data_batch_1 (1).bin", twice[0].1.clone()));
    let two_sets = || {
        let mut files = pair("mnist/train", &turns(50, 10), 8);
        files.extend(pair("fashion/train", &[3; 50], 8));
        files[2].1[100] ^= 1;
        files
    };
    let floats_idx =
        [vec![0, 0, 0x0d, 3], [50_u32, 8, 8].iter().flat_map(|n| n.to_be_bytes()).collect(), vec![0; 50 * 64 * 4]]
            .concat();
    let little =
        [vec![0, 0, 8, 3], [600_u32, 28, 28].iter().flat_map(|n| n.to_le_bytes()).collect(), Noise(1).bytes(600 * 784)]
            .concat();
    let little_magic =
        [vec![3, 8, 0, 0], [60_u32, 8, 8].iter().flat_map(|n| n.to_le_bytes()).collect(), Noise(1).bytes(60 * 64)]
            .concat();
    let qmnist = {
        let values: Vec<u8> = (0..50_u32).flat_map(|i| [i % 10, 1000 + i, 7].map(u32::to_be_bytes).concat()).collect();
        vec![
            file("qmnist-train-images-idx3-ubyte", noise_images(50, 8, 3)),
            file("qmnist-train-labels-idx2-int", [vec![0, 0, 0x0c, 2, 0, 0, 0, 50, 0, 0, 0, 3], values].concat()),
        ]
    };
    let with = |mut files: Files, more: Files| {
        files.extend(more);
        files
    };
    let mapping: String = (1..=26).map(|i| format!("{i} {} {}\n", 64 + i, 96 + i)).collect();
    let few_broken = with(
        folders(&["pets/cat", "pets/dog"], 30),
        vec![file("pets/dog/999.png", png(1, 1, 12, false)[..60].to_vec())],
    );
    let mut three = turns(100, 10);
    three.iter_mut().for_each(|label| *label = 3);
    vec![
        (
            "2",
            "IDX in class order",
            pair("train", &(0..30_000).map(|i| (i / 3000) as u8).collect::<Vec<_>>(), 8),
            Read(
                10_000,
                2000,
                10,
                "0",
                &[
                    "12,000 of 30,000 pictures are used (10,000 for training, 2,000 held out), drawn evenly from 10 classes",
                ],
            ),
        ),
        (
            "3",
            "CIFAR-10, classes in turn",
            vec![file("data_batch_1.bin", cifar(&turns(1000, 10)))],
            Read(800, 200, 10, "airplane", &[]),
        ),
        (
            "14",
            "IDX without labels",
            vec![file("train-images-idx3-ubyte", noise_images(200, 14, 1))],
            Read(160, 40, 0, "", &[UNLABELLED]),
        ),
        ("14", "an .npy without labels", vec![file("images.npy", pictures(60, 8))], Read(48, 12, 0, "", &[UNLABELLED])),
        (
            "14",
            "labels for training only",
            mnist(100)[..3].to_vec(),
            Read(80, 20, 10, "0", &["Without labels, and left out"]),
        ),
        (
            "15",
            "CIFAR-10's whole folder",
            batches(),
            Read(
                120,
                30,
                10,
                "airplane",
                &["names are from c/batches.meta.txt", "readme.html (a web page (HTML)) is left out"],
            ),
        ),
        (
            "15",
            "the folder in its .tar.gz",
            vec![file("cifar-10-binary.tar.gz", gzip(&tar(&batches())))],
            Read(120, 30, 10, "airplane", &["batches.meta.txt"]),
        ),
        (
            "15",
            "a folder with hidden files",
            with(
                batches(),
                vec![file("c/.DS_Store", vec![0; 9]), file("__MACOSX/c/._data_batch_1.bin", vec![0, 5, 22, 7])],
            ),
            Read(120, 30, 10, "airplane", &["2 hidden files are left out"]),
        ),
        (
            "15",
            "other names of classes",
            with(
                batches()[1..3].to_vec(),
                vec![file("c/class_names.txt", (0..10).map(|i| format!("kind {i}\n")).collect::<String>().into())],
            ),
            Read(96, 24, 10, "kind 0", &["names are from c/class_names.txt"]),
        ),
        ("19", "labels from 1", letters(1), Read(208, 52, 26, "1", &["26 classes occur: the labels 1 to 26"])),
        (
            "19",
            "labels from 1 with EMNIST's mapping",
            with(letters(1), vec![file("emnist-letters-mapping.txt", mapping.into())]),
            Read(208, 52, 26, "A/a", &["mapping.txt"]),
        ),
        (
            "19",
            "labels with a gap",
            pair(
                "train",
                &turns(100, 10).iter().map(|label| if *label == 4 { 5 } else { *label }).collect::<Vec<_>>(),
                8,
            ),
            Read(80, 20, 9, "0", &["the labels 0 to 9, without 4"]),
        ),
        (
            "28",
            "CIFAR-100",
            vec![file("train.bin", cifar_100(200))],
            Read(
                160,
                40,
                100,
                "apple",
                &["the fine labels are the classes; the 20 coarse ones (aquatic mammals, fish, flowers and 17 more)"],
            ),
        ),
        (
            "28",
            "CIFAR-100 with its test file and names",
            vec![
                file("cifar-100-binary/train.bin", cifar_100(200)),
                file("cifar-100-binary/test.bin", cifar_100(300)[200 * 3074..].to_vec()),
                file(
                    "cifar-100-binary/coarse_label_names.txt",
                    (0..20).map(|i| format!("group {i}\n")).collect::<String>().into(),
                ),
                file(
                    "cifar-100-binary/fine_label_names.txt",
                    (0..100).map(|i| format!("kind {i}\n")).collect::<String>().into(),
                ),
            ],
            Read(
                200,
                100,
                100,
                "kind 0",
                &["names are from cifar-100-binary/fine_label_names.txt", "coarse_label_names.txt is left out"],
            ),
        ),
        (
            "28",
            "IDX with little-endian sizes",
            vec![file("train-images-idx3-ubyte", little)],
            Refused(&["an IDX file with little-endian sizes", "struct.pack(\">I\", n)"]),
        ),
        (
            "28",
            "IDX with a little-endian head",
            vec![file("train-images-idx3-ubyte", little_magic)],
            Refused(&["little-endian"]),
        ),
        (
            "28",
            "IDX of floats",
            vec![file("train-images-idx3-float", floats_idx)],
            Refused(&["an IDX file of 32-bit floats (50 × 8 × 8)", "astype(np.uint8)"]),
        ),
        (
            "28",
            "CIFAR-10's batch for Python",
            vec![file(
                "data_batch_1",
                [b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03.".as_slice(), &[0; 200]]
                    .concat(),
            )],
            Refused(&["a Python pickle", "np.savez(\"cifar.npz\", x_train=d[b\"data\"].reshape(-1, 3, 32, 32)"]),
        ),
        ("45", "IDX as given out, .gz", packed(mnist(100)), Read(100, 25, 10, "0", &[])),
        (
            "45",
            "IDX .gz in a .zip",
            vec![file(
                "emnist.zip",
                zip(&packed(mnist(100)).into_iter().map(|(name, bytes)| (format!("gzip/{name}"), bytes)).collect()),
            )],
            Read(100, 25, 10, "0", &[]),
        ),
        (
            "45",
            "MedMNIST's .npz",
            vec![file(
                "bloodmnist.npz",
                npz(&[
                    ("train_images", colour(120)),
                    ("train_labels", column(120, 8)),
                    ("val_images", colour(40)),
                    ("val_labels", column(40, 8)),
                    ("test_images", colour(60)),
                    ("test_labels", column(60, 8)),
                ]),
            )],
            Read(120, 60, 8, "0", &["For validation, and not used: bloodmnist.npz: val_images"]),
        ),
        (
            "45",
            "Keras' .npz",
            vec![file(
                "mnist.npz",
                npz(&[
                    ("x_train", pictures(100, 8)),
                    ("y_train", npy("<i8", "(100,)", &longs((0..100).map(|i| i % 10)))),
                    ("x_test", pictures(50, 8)),
                    ("y_test", npy("<i8", "(50,)", &longs((0..50).map(|i| i % 10)))),
                ]),
            )],
            Read(100, 50, 10, "0", &[]),
        ),
        (
            "45",
            "KMNIST's two .npz",
            vec![
                file("kmnist-train-imgs.npz", npz(&[("arr_0", pictures(100, 8))])),
                file("kmnist-train-labels.npz", npz(&[("arr_0", npy("|u1", "(100,)", &turns(100, 10)))])),
            ],
            Read(80, 20, 10, "0", &[]),
        ),
        (
            "45",
            "two .npy",
            vec![
                file("y_train.npy", npy("<i8", "(60,)", &longs((0..60).map(|i| i % 3)))),
                file("X_train.npy", pictures(60, 8)),
            ],
            Read(48, 12, 3, "0", &[]),
        ),
        (
            "45",
            "words as labels",
            vec![file(
                "p.npz",
                npz(&[
                    ("images", pictures(60, 8)),
                    (
                        "labels",
                        npy(
                            "<U3",
                            "(60,)",
                            &(0..60)
                                .flat_map(|i| {
                                    ["cat", "dog"][i % 2]
                                        .chars()
                                        .flat_map(|c| u32::from(c).to_le_bytes())
                                        .collect::<Vec<_>>()
                                })
                                .collect::<Vec<_>>(),
                        ),
                    ),
                ]),
            )],
            Read(48, 12, 2, "cat", &[]),
        ),
        (
            "45",
            "one-hot labels",
            vec![file(
                "p.npz",
                npz(&[
                    ("images", pictures(60, 8)),
                    (
                        "labels",
                        npy("<f4", "(60, 3)", &floats((0..180).map(|at| f32::from(u8::from(at / 3 % 3 == at % 3))))),
                    ),
                ]),
            )],
            Read(48, 12, 3, "0", &[]),
        ),
        (
            "45",
            "several classes a picture",
            vec![file(
                "chestmnist.npz",
                npz(&[
                    ("train_images", pictures(60, 8)),
                    (
                        "train_labels",
                        npy("|u1", "(60, 3)", &Noise(3).bytes(180).iter().map(|b| b % 2).collect::<Vec<_>>()),
                    ),
                ]),
            )],
            Read(48, 12, 0, "", &[UNLABELLED, "Not used: chestmnist.npz: train_labels (60 × 3)"]),
        ),
        (
            "45",
            "labels as Python objects",
            vec![file("p.npz", npz(&[("images", pictures(60, 8)), ("labels", npy("|O", "(60,)", &[128, 4]))]))],
            Read(48, 12, 0, "", &[UNLABELLED, "labels (an array of Python objects; labels.astype(str) can be read)"]),
        ),
        (
            "45",
            "pictures as floats from 0 to 1",
            vec![file(
                "x_train.npy",
                npy("<f4", "(60, 8, 8)", &floats(Noise(4).bytes(3840).into_iter().map(|b| f32::from(b) / 255.0))),
            )],
            Read(48, 12, 0, "", &["from 0 to 1 are taken as black to white"]),
        ),
        (
            "45",
            "pictures that were normalised",
            vec![file(
                "x_train.npy",
                npy("<f4", "(60, 8, 8)", &floats(Noise(4).bytes(3840).into_iter().map(|b| f32::from(b) / 60.0 - 2.0))),
            )],
            Refused(&["values from -2.000 to 2.250", "before any normalisation"]),
        ),
        (
            "45",
            "MNIST as CSV",
            vec![file("mnist_train.csv", table(false))],
            Read(48, 12, 10, "0", &["8 × 8 pixels a row, labels from column 1"]),
        ),
        (
            "45",
            "MNIST as CSV with a header",
            vec![file("train.csv", table(true))],
            Read(48, 12, 10, "0", &["labels from column 'label'"]),
        ),
        (
            "45",
            "CSV without labels",
            vec![file(
                "test.csv",
                format!("{}\n{}", header(8), (0..60).map(|i| row(i, 8) + "\n").collect::<String>()).into(),
            )],
            Read(48, 12, 0, "", &[UNLABELLED]),
        ),
        (
            "45",
            "loose PNGs",
            (0..60).map(|i| file(&format!("{i}.png"), png(i, i % 3, 12, true))).collect(),
            Read(48, 12, 0, "", &[UNLABELLED]),
        ),
        ("45", "folders of PNGs", folders(&["pets/cat", "pets/dog", "pets/fish"], 20), Read(48, 12, 3, "cat", &[])),
        (
            "45",
            "folders with a test half",
            folders(&["train/cat", "train/dog", "test/cat", "test/dog"], 20),
            Read(40, 40, 2, "cat", &[]),
        ),
        (
            "45",
            "ImageNet's folders with a val half",
            folders(&["t/train/n01/images", "t/train/n02/images", "t/val/n01/images", "t/val/n02/images"], 20),
            Read(40, 40, 2, "n01", &[]),
        ),
        (
            "45",
            "a class that is called test",
            folders(&["pets/cat", "pets/test tube"], 30),
            Read(48, 12, 2, "cat", &[]),
        ),
        (
            "45",
            "a class that is called train",
            folders(&["p/car", "p/plane", "p/train"], 20),
            Read(48, 12, 3, "car", &[]),
        ),
        (
            "45",
            "a .zip of folders of PNGs",
            vec![file("pets.zip", zip(&folders(&["cat", "dog"], 30)))],
            Read(48, 12, 2, "cat", &[]),
        ),
        (
            "45",
            "a .zip for each half",
            vec![
                file("train.zip", zip(&folders(&["cat", "dog"], 20))),
                file("test.zip", zip(&folders(&["-", "-", "cat", "dog"], 25)[50..].to_vec())),
            ],
            Read(40, 50, 2, "cat", &[]),
        ),
        (
            "45",
            "JPEGs of several sizes",
            (0..60).map(|i| file(&format!("p/{}/{i}.jpg", ["a", "b"][i % 2]), jpeg(i, 40 + i as u16, 50))).collect(),
            Read(48, 12, 2, "a", &["the middle square of each is scaled to 32 × 32"]),
        ),
        (
            "45",
            "a picture that is cut off",
            few_broken,
            Read(48, 12, 2, "cat", &["Not whole pictures, and left out: pets/dog/999.png"]),
        ),
        (
            "45",
            "pictures beside a table",
            with(folders(&["cat", "dog"], 30), vec![file("labels.csv", b"name,label\n1,2\n".to_vec())]),
            Read(48, 12, 2, "cat", &["labels.csv is left out"]),
        ),
        (
            "45",
            "QMNIST's labels",
            qmnist,
            Read(40, 10, 10, "0", &["has 3 numbers a picture; the first is taken as its label"]),
        ),
        (
            "45",
            "STL-10",
            vec![
                file("stl10_binary/train_X.bin", Noise(9).bytes(50 * 27_648)),
                file("stl10_binary/train_y.bin", (0..50).map(|i| 1 + (i % 10) as u8).collect()),
                file(
                    "stl10_binary/class_names.txt",
                    b"plane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n".to_vec(),
                ),
            ],
            Read(40, 10, 10, "plane", &["96 × 96 pixels: scaled to 32 × 32"]),
        ),
        (
            "46",
            "latest_batch.bin",
            vec![file("data_batch_1.bin", cifar(&turns(100, 10))), file("latest_batch.bin", cifar(&turns(50, 10)))],
            Read(120, 30, 10, "airplane", &[]),
        ),
        (
            "46",
            "the same file twice",
            twice,
            Read(80, 20, 10, "airplane", &["data_batch_1 (1).bin is a copy of another file"]),
        ),
        (
            "46",
            "the same file packed and unpacked",
            with(pair("train", &turns(50, 10), 8), packed(pair("train", &turns(50, 10), 8))),
            Read(40, 10, 10, "0", &["copy"]),
        ),
        (
            "46",
            "one class only",
            vec![file("data_batch_1.bin", cifar(&three))],
            Read(80, 20, 1, "cat", &["With one class kNN is always right"]),
        ),
        (
            "46",
            "a batch that is cut off",
            vec![file("data_batch_1.bin", cifar(&turns(50, 10))[..50 * 3073 - 5].to_vec())],
            Refused(&["cut off at byte 153645", "49 whole pictures"]),
        ),
        (
            "46",
            "an IDX file that is cut off",
            vec![file("train-images-idx3-ubyte", noise_images(100, 8, 1)[..3216].to_vec())],
            Refused(&["cut off at byte 3216", "50 % of the 100 × 8 × 8"]),
        ),
        (
            "46",
            "a .gz that is cut off",
            vec![file("train-images-idx3-ubyte.gz", gzip(&noise_images(100, 8, 1))[..2000].to_vec())],
            Refused(&["cut off or damaged"]),
        ),
        ("K5", "two data sets at once", two_sets(), Read(80, 20, 10, "0", &[])),
        (
            "K5",
            "labels of another number",
            vec![file("train-images", noise_images(60, 8, 1)), file("train-labels", idx(&[59], &turns(59, 10)))],
            Refused(&["train-labels has 59 labels, but train-images has 60 pictures"]),
        ),
        (
            "K5",
            "CIFAR-10 and IDX at once",
            with(pair("train", &turns(50, 10), 8), vec![file("data_batch_1.bin", cifar(&turns(50, 10)))]),
            Refused(&["not one data set"]),
        ),
        (
            "K5",
            "sides of 96 pixels",
            vec![file("images.npy", pictures(50, 96))],
            Read(40, 10, 0, "", &["96 × 96 pixels: scaled to 32 × 32"]),
        ),
        (
            "K8",
            "an LFS pointer",
            vec![file(
                "data_batch_1.bin",
                b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 30730000\n".to_vec(),
            )],
            Refused(&["a Git LFS pointer", "git lfs pull"]),
        ),
        (
            "K8",
            "a web page",
            vec![file("data_batch_1.bin", b"<!DOCTYPE html><title>Sign in</title>".to_vec())],
            Refused(&["a web page", "download it again"]),
        ),
        (
            "K8",
            "embeddings",
            vec![file("z.npy", npy("<f4", "(100, 64)", &[0; 25_600]))],
            Refused(&["z.npy", "100 × 64", "Diagnostics room"]),
        ),
        (
            "K8",
            "embeddings with labels",
            vec![file(
                "z.npz",
                npz(&[("z", npy("<f4", "(100, 64)", &[0; 25_600])), ("labels", npy("|u1", "(100,)", &turns(100, 10)))]),
            )],
            Refused(&["z.npz", "Diagnostics room"]),
        ),
        ("K8", "HDF5", vec![file("mnist.h5", b"\x89HDF\r\n\x1a\n0000".to_vec())], Refused(&["an HDF5 file"])),
        (
            "K8",
            "a torch checkpoint",
            vec![file("data.pt", zip(&vec![file("archive/data.pkl", vec![128, 2])]))],
            Refused(&["a PyTorch checkpoint"]),
        ),
        (
            "K8",
            "GIFs",
            (0..60).map(|i| file(&format!("{i}.gif"), [b"GIF89a".as_slice(), &Noise(i).bytes(90)].concat())).collect(),
            Refused(&["a GIF picture", "PNG or JPEG"]),
        ),
        ("K8", "an empty file", vec![file("data_batch_1.bin", vec![])], Refused(&["data_batch_1.bin is empty"])),
        (
            "K8",
            "nothing known",
            vec![file("x.qqq", Noise(8).bytes(999))],
            Refused(&["x.qqq is nothing that can be recognised"]),
        ),
    ]
}

#[test]
fn every_case_is_read_as_meant_or_refused_with_the_way_out() {
    let mut wrong = Vec::new();
    for (case, what, files, want) in cases() {
        let found = Dataset::from_files(&files);
        let problem = match (&found, want) {
            (Ok(data), Read(train, test, classes, first, notes)) => {
                let have = (data.train.n(), data.test.n(), data.classes.len());
                let says = |part: &&&str| !data.notes.iter().any(|note| note.contains(**part));
                let missing: Vec<&&str> = notes.iter().filter(says).collect();
                let is_right = have == (train, test, classes)
                    && data.classes.first().map_or("", String::as_str) == first
                    && missing.is_empty();
                (!is_right).then(|| format!("{have:?} {:?} {:?}", data.classes, data.notes))
            }
            (Err(error), Refused(says)) => {
                let error = error.to_string();
                says.iter().any(|part| !error.contains(part)).then_some(error)
            }
            (Ok(data), Refused(_)) => Some(format!("read: {} {:?}", data.account(), data.notes)),
            (Err(error), Read(..)) => Some(format!("refused: {error}")),
        };
        if let Some(problem) = problem {
            wrong.push(format!("{case}, {what}: {problem}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// kNN accuracy on the pictures as they are, of as many samples as the engine compares.
fn knn(data: &Dataset) -> f64 {
    let (bank, points) = (data.train.n().min(1500), data.test.n().min(500));
    let len = data.kind.len();
    let knn = Knn::new(Embeddings::or_empty(&data.train.inputs[..bank * len], len), &data.train.labels[..bank]);
    knn.accuracy(Embeddings::or_empty(&data.test.inputs[..points * len], len), &data.test.labels[..points])
}

#[test]
fn knn_on_sorted_noise_is_at_chance() {
    let labels: Vec<u8> = (0..30_000).map(|i| (i / 3000) as u8).collect();
    let data = Dataset::from_files(&pair("train", &labels, 8)).unwrap();
    let accuracy = knn(&data);
    assert!((0.05..0.16).contains(&accuracy), "{accuracy}");
}

#[test]
fn sorted_in_turn_and_shuffled_orders_give_the_same_halves() {
    let whole = cifar(&turns(1000, 10));
    let mut records: Vec<&[u8]> = whole.chunks(3073).collect();
    let read = |records: &[&[u8]]| Dataset::from_files(&[file("data_batch_1.bin", records.concat())]).unwrap();
    let in_turn = read(&records);
    records.sort_by_key(|record| record[0]);
    let sorted = read(&records);
    Noise(5).shuffle(&mut records);
    let shuffled = read(&records);
    for other in [&sorted, &shuffled] {
        assert_eq!((&in_turn.train, &in_turn.test), (&other.train, &other.test));
    }
    assert_eq!(knn(&in_turn), knn(&shuffled));
    assert!(knn(&in_turn) > 0.9);
}

#[test]
fn grey_pictures_stay_grey_and_coloured_ones_keep_their_colours() {
    let grey: Files = (0..60).map(|i| file(&format!("{i}.png"), png(i, i % 3, 12, true))).collect();
    assert_eq!(Dataset::from_files(&grey).unwrap().kind, Kind::Image { channels: 1, height: 12, width: 12 });
    let data = Dataset::from_files(&folders(&["a", "b"], 30)).unwrap();
    assert_eq!(data.kind, Kind::Image { channels: 3, height: 12, width: 12 });
    // Each picture comes back exactly: the mean of class a lies below that of b by 40 levels.
    let mean = |class: u16| {
        let rows: Vec<f32> = (0..data.train.n())
            .filter(|at| data.train.labels[*at] == class)
            .flat_map(|at| data.train.row(at).to_vec())
            .collect();
        255.0 * rows.iter().sum::<f32>() / rows.len() as f32
    };
    assert!((mean(1) - mean(0) - 40.0).abs() < 1.0);
}

#[test]
fn every_type_of_png_is_read() {
    // Middle grey, half transparent where there is alpha, which then lies on white.
    let kinds: [(u8, u8, Vec<u8>, [f32; 3]); 7] = [
        (0, 8, vec![100], [100.0; 3]),
        (0, 16, vec![100, 3], [100.0; 3]),
        (2, 8, vec![100, 50, 0], [100.0, 50.0, 0.0]),
        (2, 16, vec![100, 0, 50, 0, 0, 0], [100.0, 50.0, 0.0]),
        (3, 8, vec![100], [100.0, 155.0, 7.0]),
        (4, 8, vec![100, 0], [255.0; 3]),
        (6, 8, vec![100, 50, 0, 255], [100.0, 50.0, 0.0]),
    ];
    for (kind, bits, pixel, want) in kinds {
        // One picture in colour, so that the grey ones keep three channels as well.
        let mut files: Files =
            (0..59).map(|i| file(&format!("{i}.png"), png_of(kind, bits, 8, &pixel.repeat(64)))).collect();
        files.push(file("z.png", png_of(2, 8, 8, &[1, 2, 3].repeat(64))));
        let data = Dataset::from_files(&files).unwrap();
        let is_wanted = |row: &[f32]| (0..3).all(|channel| (row[channel * 64 + 9] * 255.0 - want[channel]).abs() < 1.5);
        let right = (0..data.train.n()).filter(|at| is_wanted(data.train.row(*at))).count();
        assert!(right >= data.train.n() - 1, "type {kind}, {bits} bits: {:?}", &data.train.row(0)[..3]);
    }
}

#[test]
fn a_name_stands_for_all_of_many_files() {
    let files: Files = (0..300).map(|i| file(&format!("{i}.xyz"), vec![7, 8, 9, i as u8])).collect();
    let message = Dataset::from_files(&files).unwrap_err().to_string();
    assert!(message.len() < 300, "{message}");
    let data =
        Dataset::from_files(&(0..300).map(|i| file(&format!("{i}.png"), png(i, 0, 12, true))).collect::<Files>())
            .unwrap();
    assert!(data.name.len() < 80, "{}", data.name);
    assert_eq!(Dataset::from_files(&[]), Err(FileError::Nothing));
}

/// The smallest of these files as the fuzzer's seeds: it goes on from what readers take.
#[test]
#[ignore = "writes into fuzz/corpus: scripts/fuzz.sh --seeds"]
fn seeds() {
    const MOST_BYTES: usize = 6 << 10;
    let mut noise = Noise(9);
    let images = npy("|u1", "(40, 4, 4)", &noise.bytes(640));
    let labels = npy("<i8", "(40,)", &longs((0..40).map(|i| i % 4)));
    let rows: String = (0..40).map(|i| format!("{},{}\n", i % 4, vec!["7"; 64].join(","))).collect();
    let small: Files = (0..8).map(|i| file(&format!("{}/{i}.png", i % 2), png(i, i % 2, 4, true))).collect();
    let pairs = cases().into_iter().flat_map(|(_, _, files, _)| files).filter(|(_, bytes)| bytes.len() <= 2048);
    let mut seeds: Files = vec![
        file("grey.png", png(1, 1, 6, true)),
        file("colour.png", png(1, 1, 6, false)),
        file("picture.jpg", jpeg(1, 8, 8)),
        file("images.npy", images.clone()),
        file("medmnist.npz", npz(&[("train_images", images), ("train_labels", labels)])),
        file("rows.csv", rows.clone().into_bytes()),
        file("rows.csv.gz", gzip(rows.as_bytes())),
        file("folders.zip", zip(&small)),
        file("folders.tar", tar(&small[..2].to_vec())),
        file("cifar-100.bin", cifar_100(1)),
    ];
    seeds.extend(pairs.take(24).enumerate().map(|(at, (_, bytes))| (format!("case-{at:02}"), bytes)));
    for (name, bytes) in seeds.into_iter().filter(|(_, bytes)| bytes.len() <= MOST_BYTES) {
        std::fs::write(format!("fuzz/corpus/pictures/{name}"), bytes).unwrap();
    }
}
