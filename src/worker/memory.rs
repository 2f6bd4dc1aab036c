//! An allocator that leaves word when the memory is used up: what follows is a trap, which says nothing of its cause.

use std::alloc::{GlobalAlloc, Layout, System};

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Keeps the size that was asked for in vain (worker.js).
    #[wasm_bindgen(js_name = normscopeNoMemory)]
    fn no_memory(bytes: f64);
}

struct Telling;

#[global_allocator]
static ALLOCATOR: Telling = Telling;

fn told(place: *mut u8, bytes: usize) -> *mut u8 {
    if place.is_null() {
        no_memory(bytes as f64);
    }
    place
}

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Telling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        told(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        told(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        told(unsafe { System.realloc(place, layout, size) }, size)
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}
