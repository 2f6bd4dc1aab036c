//! Embeddings as .npz.
#![no_main]

use normscope_fuzz::{headed, table};

const HEAD: &[u8] = b"PK\x03\x04";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| table("file.npz", &headed(bytes, bytes.starts_with(HEAD), HEAD)));
