//! Embeddings as .safetensors.
#![no_main]

use normscope_fuzz::{headed, table};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The length of the header, then the header, which is JSON.
    let mut head = (bytes.len() as u64 + 1).to_le_bytes().to_vec();
    head.push(b'{');
    table("file.safetensors", &headed(bytes, bytes.get(8) == Some(&b'{'), &head));
});
