//! Files of embeddings against the memory that reading them takes: no header may promise what the file does not hold.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use normscope::data::tables::{TableReader, read_labels};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

/// Counts the bytes in use by each thread and remembers the most.
struct Counting;

thread_local! {
    static USED: Cell<(i64, i64)> = const { Cell::new((0, 0)) };
}

fn count(change: i64) {
    // The thread may be on its way out: then nobody asks any more.
    let _ = USED.try_with(|used| {
        let now = used.get().0 + change;
        used.set((now, used.get().1.max(now)));
    });
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes in use at a time while a file is opened and streamed, beyond the file itself.
fn peak(bytes: &[u8]) -> i64 {
    let start = USED.get().0;
    USED.set((start, start));
    if let Ok(mut reader) = TableReader::open("any", Cursor::new(bytes)) {
        let _ = reader.for_each_chunk(1 << 20, |_, _| ControlFlow::Continue(()));
    }
    let _ = read_labels("any", Cursor::new(bytes));
    USED.get().1 - start
}

/// Buffers of fixed size (a megabyte is plenty), and a few dozen bytes for each byte of the file.
fn bound(bytes: &[u8]) -> i64 {
    (1 << 20) + 64 * bytes.len() as i64
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn npz(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file(name, options).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn headers_that_promise_the_world_allocate_next_to_nothing() {
    let tensors = |header: &str| [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    for bytes in [
        npy("<f4", "(1000000000, 512)", &[0; 64]),
        npy("<f4", "(4611686018427387904, 4)", &[0; 64]),
        npy("<U1000000000", "(1,)", &[0; 64]),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'".to_vec(),
        tensors(r#"{"z":{"dtype":"F32","shape":[1000000000,512],"data_offsets":[0,2048000000000]}}"#),
        [&(1_u64 << 40).to_le_bytes()[..], b"{"].concat(),
        npz("z.npy", &npy("<f4", "(1000000000, 512)", &[0; 64])),
    ] {
        assert!(peak(&bytes) < bound(&bytes), "{} bytes for {}", peak(&bytes), bytes.len());
    }
}

#[test]
fn a_large_file_is_read_through_a_small_window() {
    // 64 MiB of rows; a chunk and its bytes are at most 16 MiB each.
    let bytes = npy("<f4", "(32768, 512)", &vec![0; 64 << 20]);
    let used = peak(&bytes);
    assert!(used < 33 << 20, "{used}");
    // The same packed: 64 MiB of zeros deflate to 64 KiB.
    let packed = npz("z.npy", &bytes);
    assert!(packed.len() < 1 << 20 && peak(&packed) < 33 << 20);
}

proptest! {
    #[test]
    fn memory_is_bounded_by_the_size_of_the_file(
        file in 0..5_usize,
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8),
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let fixtures: [&[u8]; 5] = [
            include_bytes!("fixtures/tables/f4.npy"),
            include_bytes!("fixtures/tables/names.npy"),
            include_bytes!("fixtures/tables/stored.npz"),
            include_bytes!("fixtures/tables/f4.safetensors"),
            include_bytes!("fixtures/tables/savetxt.csv"),
        ];
        let mut bytes = fixtures[file].to_vec();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.extend(tail);
        let used = peak(&bytes);
        prop_assert!(used < bound(&bytes), "{used} bytes for {}", bytes.len());
    }
}
