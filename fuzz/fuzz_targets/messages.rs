//! What the page and its workers say to each other, and what is kept between visits.
#![no_main]

use normscope::lab::{Job, Said};
use normscope::protocol::{Command, Event};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = postcard::from_bytes::<Command>(bytes);
    let _ = postcard::from_bytes::<Event>(bytes);
    let _ = postcard::from_bytes::<Job>(bytes);
    let _ = postcard::from_bytes::<Said>(bytes);
});
