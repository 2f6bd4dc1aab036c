#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| normscope_fuzz::json(bytes));
