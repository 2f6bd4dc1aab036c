//! Names that say what an array, a column or a field holds.

/// Names of arrays that hold embeddings, in small letters; the first one that occurs wins. `a_z` is arm A's in a training's
/// file.
pub const TABLE_NAMES: [&str; 17] = [
    "z",
    "embeddings",
    "features",
    "a_z",
    "embedding",
    "feature",
    "vectors",
    "vector",
    "feats",
    "emb",
    "embs",
    "x",
    "representations",
    "latents",
    "hidden",
    "encodings",
    "data",
];
/// Names of arrays and columns that hold labels, in small letters; the plainest first.
pub const LABEL_NAMES: [&str; 24] = [
    "labels",
    "label",
    "y",
    "class",
    "target",
    "classes",
    "targets",
    "category",
    "categories",
    "cluster",
    "clusters",
    "species",
    "y_true",
    "true_label",
    "true_labels",
    "class_id",
    "class_ids",
    "label_id",
    "class_name",
    "label_name",
    "gt",
    "ground_truth",
    "cluster_id",
    "digit",
];
/// Names of arrays and columns that hold pairs.
pub const PAIR_NAMES: [&str; 2] = ["pairs", "pair"];

/// Columns that are no coordinates, in lower case; pandas writes an index without a name.
pub const IGNORED_NAMES: [&str; 15] = [
    "",
    "index",
    "idx",
    "id",
    "ids",
    "norm",
    "row",
    "rowid",
    "row_id",
    "sample_id",
    "timestamp",
    "time",
    "date",
    "datetime",
    "created_at",
];
/// Columns of text that name the rows.
pub const ROW_NAMES: [&str; 16] = [
    "name",
    "names",
    "filename",
    "filenames",
    "file",
    "files",
    "path",
    "paths",
    "word",
    "words",
    "token",
    "tokens",
    "title",
    "text",
    "image",
    "sample",
];
/// Columns of text that say what a row is for, not what it shows.
pub const PART_NAMES: [&str; 11] =
    ["split", "subset", "set", "fold", "partition", "phase", "train", "is_train", "test", "valid", "val"];

/// Where a known name stands among `keys`, which are in small letters; the first of the known names wins.
pub fn known(names: &[&str], keys: impl Iterator<Item = String>) -> Option<usize> {
    let keys: Vec<String> = keys.collect();
    names.iter().find_map(|name| keys.iter().position(|key| key == name))
}

/// Whether a text is a name that columns often have, so that a line with it is a header.
pub fn is_known(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let lists: [&[&str]; 5] = [&LABEL_NAMES, &PAIR_NAMES, &IGNORED_NAMES, &ROW_NAMES, &PART_NAMES];
    !text.is_empty() && lists.iter().any(|list| list.contains(&text.as_str()))
}
