//! Every WGSL file parses and validates: without a GPU, before any browser sees it.

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
fn no_shader_is_forgotten() {
    let mut names: Vec<String> = std::fs::read_dir(format!("{}/shaders", env!("CARGO_MANIFEST_DIR")))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let known = ["lines.wgsl", "normalize.wgsl", "normalize_backward.wgsl", "points.wgsl", "scene.wgsl", "shell.wgsl"];
    assert_eq!(names, known);
}
