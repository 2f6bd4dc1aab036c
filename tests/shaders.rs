//! Every WGSL file parses and validates: without a GPU, before any browser sees it.

#[path = "../src/engine/plan/source.rs"]
#[allow(dead_code, reason = "the engine uses the rest")]
mod source;

use naga::valid::{Capabilities, ValidationFlags, Validator};

fn check(name: &str, source: &str) {
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string_with_path(source, name)));
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string_with_path(source, name)));
}

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{}/shaders/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_scene_is_valid() {
    for part in ["shell.wgsl", "points.wgsl", "lines.wgsl"] {
        check(part, &format!("{}{}", read("scene.wgsl"), read(part)));
    }
    check("place.wgsl", &read("place.wgsl"));
    check("limits.wgsl", &read("limits.wgsl"));
}

#[test]
fn the_kernels_are_valid_with_their_constants_filled_in() {
    let constants = [("rows", "70"), ("cols", "3"), ("min_norm", "1e-12"), ("workgroup", "64")];
    for kernel in ["normalize.wgsl", "normalize_backward.wgsl"] {
        let source = constants
            .iter()
            .fold(read(kernel), |text, (name, value)| text.replace(&format!("{{{{ {name} }}}}"), value));
        assert!(!source.contains("}}\"") && !source.contains("= {{"), "{kernel}: a constant was not filled in");
        check(kernel, &source);
    }
}

#[test]
fn every_kernel_of_the_training_step_is_valid_in_both_tiles() {
    use source::{Kernel, Tile};
    for (kernel, tile) in Kernel::ALL.into_iter().flat_map(|kernel| [(kernel, Tile::Square), (kernel, Tile::Narrow)]) {
        let (source, entry) = kernel.source(tile);
        check(&format!("{kernel:?}"), &source);
        let module = naga::front::wgsl::parse_str(&source).unwrap();
        assert!(module.entry_points.iter().any(|point| point.name == entry), "{kernel:?}");
    }
}

/// Names of the files in a folder of shaders.
fn names(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(format!("{}/shaders/{folder}", env!("CARGO_MANIFEST_DIR")))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".wgsl"))
        .collect();
    names.sort();
    names
}

#[test]
fn no_shader_is_forgotten() {
    let known = [
        "limits.wgsl",
        "lines.wgsl",
        "normalize.wgsl",
        "normalize_backward.wgsl",
        "place.wgsl",
        "points.wgsl",
        "scene.wgsl",
        "shell.wgsl",
    ];
    assert_eq!(names(""), known);
}

#[test]
fn every_file_of_the_training_step_belongs_to_a_kernel() {
    let kernels = std::fs::read_to_string(format!("{}/src/engine/plan/source.rs", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let files = names("train");
    assert!(files.len() > 15);
    for file in files {
        let name = format!("\"{}\"", file.trim_end_matches(".wgsl"));
        assert!(kernels.contains(&name), "{file} is compiled by nobody");
    }
}
