//! What a file's name says, where its contents say too little.

use super::kinds::{EMBEDDINGS, Kind, MAT, Takes, What, foreign, what};

/// A name's end after the last point, in small letters.
pub fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default()
}

/// The room of what a gzip file holds, by its name without ".gz".
pub fn packed_room(name: &str) -> Option<Takes> {
    let inner = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".GZ"))?.to_ascii_lowercase();
    if inner.ends_with("ubyte") || inner.ends_with("idx") || inner.ends_with(".bin") || inner.ends_with(".tar") {
        return Some(Takes::Playground);
    }
    let is_table = ["npy", "npz", "csv", "tsv", "txt", "json", "jsonl", "fvecs", "bvecs", "safetensors"]
        .contains(&extension(&inner).as_str());
    is_table.then_some(Takes::Diagnostics)
}

/// A file of no known contents.
pub fn unknown(extension: &str) -> What {
    match extension {
        "mat" => foreign("a MATLAB file", MAT),
        "rds" | "rda" | "rdata" => {
            foreign("an R file", "Save the matrix as text: write.csv(z, \"z.csv\", row.names = FALSE).")
        }
        "onnx" | "pb" | "tflite" => foreign("a model", "Run it, and save its outputs as .npy."),
        "bin" | "raw" | "dat" => foreign(
            "numbers without a header, or nothing known",
            "Give them a shape: np.save(\"z.npy\", np.fromfile(path, dtype=np.float32).reshape(n, d)).",
        ),
        _ => what(Kind::Unknown, "not a table that can be recognised", EMBEDDINGS, None),
    }
}
