//! An experiment as a program for elsewhere: plain text out of plain data.
//!
//! ```text
//! pytorch        one arm as a Python script that trains it at full size
//! pytorch.py.in  the script, but for its settings
//! ```

pub mod pytorch;
