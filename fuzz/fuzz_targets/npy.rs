//! Embeddings as .npy.
#![no_main]

use normscope_fuzz::{headed, table};

const HEAD: &[u8] = b"\x93NUMPY";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| table("file.npy", &headed(bytes, bytes.starts_with(HEAD), HEAD)));
