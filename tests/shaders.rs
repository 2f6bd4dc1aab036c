//! Every WGSL file parses and validates, and its constants, workgroups and uniforms are the host's: without a GPU, before any
//! browser sees it.

#[path = "../src/engine/kernels/layout.rs"]
mod layout;
#[path = "../src/render/layout.rs"]
#[allow(dead_code, reason = "the renderer uses the rest")]
mod scene_layout;
#[path = "../src/engine/kernels/source.rs"]
#[allow(dead_code, reason = "the engine uses the rest")]
mod source;

use std::collections::BTreeMap;
use std::mem::offset_of;

use layout::Words;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{Expression, Literal, Module, Scalar, StructMember, TypeInner, VectorSize};
use normscope::config::fixed::{BETA1, BETA2, EPSILON, MIN_NORM};
use normscope::metrics::knn;
use normscope::metrics::projection::MOST_STRETCH;
use normscope::render::{palette, scene};
use normscope::rng;
use scene_layout::Value;
use source::{Kernel, Tile};

fn check(name: &str, source: &str) -> Module {
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string_with_path(source, name)));
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string_with_path(source, name)));
    module
}

/// Every kernel in every tile.
fn kernels() -> impl Iterator<Item = (Kernel, Tile)> {
    Kernel::ALL.into_iter().flat_map(|kernel| [(kernel, Tile::Square), (kernel, Tile::Narrow)])
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
    for (kernel, tile) in kernels() {
        let (source, entry) = kernel.source(tile);
        let module = check(&format!("{kernel:?}"), &source);
        assert!(module.entry_points.iter().any(|point| point.name == entry), "{kernel:?}");
    }
}

#[test]
fn every_kernel_of_the_training_step_says_how_it_is_dispatched_and_what_does_the_same_on_the_host() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/train");
    let mut kernels = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // These are put before or after others.
        if ["flat", "hyper", "random", "sphere", "tile"].contains(&path.file_stem().unwrap().to_str().unwrap()) {
            continue;
        }
        kernels += 1;
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
        let after = |word: &str| head.iter().find_map(|line| line.strip_prefix(word));
        assert!(after("// Dispatch: ").is_some_and(|grid| grid.contains("workgroups of")), "{}", path.display());
        let twin = after("// Twin: ").unwrap_or_else(|| panic!("{} names no twin", path.display()));
        let at = twin.find("src/").unwrap_or_else(|| panic!("{}: {twin}", path.display()));
        let file = twin[at..].trim_end_matches(['.', ')']).split([' ', ',', ')']).next().unwrap();
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{}: {file}", path.display());
    }
    assert!(kernels > 20, "{kernels}");
}

/// The numbers that a shader names.
fn constants(module: &Module) -> BTreeMap<&str, f64> {
    let number = |literal: &Literal| match *literal {
        Literal::F32(value) => f64::from(value),
        Literal::U32(value) => f64::from(value),
        Literal::I32(value) => f64::from(value),
        Literal::Bool(value) => f64::from(u8::from(value)),
        ref other => panic!("{other:?}: compare constants of this type as well"),
    };
    let constants = module.constants.iter().filter_map(|(_, constant)| Some((constant.name.as_deref()?, constant)));
    constants
        .map(|(name, constant)| match &module.global_expressions[constant.init] {
            Expression::Literal(literal) => (name, number(literal)),
            other => panic!("{name} is {other:?}: compare such constants as well"),
        })
        .collect()
}

/// Asserts that a shader names these constants and no others, with the host's values; `None` is the shader's own affair.
fn assert_constants(name: &str, module: &Module, host: &[(&str, Option<f64>)]) {
    let found = constants(module);
    let names: Vec<&str> = found.keys().copied().collect();
    let mut wanted: Vec<&str> = host.iter().map(|(name, _)| *name).collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted, "{name}: constants of the shader, and those that this test knows");
    for (constant, value) in host {
        if let Some(value) = value {
            assert_eq!(found[constant], *value, "{name}: {constant} of the shader, and of the host");
        }
    }
}

/// The constants of a kernel, with the host's values.
fn host_constants(kernel: Kernel, tile: Tile) -> Vec<(&'static str, Option<f64>)> {
    use Kernel::*;
    let host = |value: u32| Some(f64::from(value));
    let random = [
        ("MULTIPLIER", host(rng::MULTIPLIER)),
        ("INCREMENT", host(rng::INCREMENT)),
        ("UNIT", Some(f64::from(rng::UNIT))),
        ("ROUGH_SCALE", Some(f64::from(rng::ROUGH_SCALE))),
    ];
    let [x, y] = tile.lanes();
    match kernel {
        Linear | LinearInput | LinearWeight | Conv | ConvInput | ConvWeight | Similarity => {
            vec![("X", host(x)), ("Y", host(y)), ("SUMS", None)]
        }
        BatchNorm
        | BatchNormPartial
        | BatchNormApply
        | BatchNormEvaluate
        | BatchNormBackward
        | BatchNormBackwardPartial
        | BatchNormBackwardApply => vec![("SLICES", None)],
        Softmax => vec![("ROWS", host(layout::SHARED_ROWS)), ("SHARES", None)],
        Pull => {
            vec![("ROWS", host(layout::SHARED_ROWS)), ("SHARES", None), ("COLUMNS", host(layout::PULL_COLUMNS))]
        }
        Rows | UnitBackward | Prediction => vec![("MIN_NORM", Some(f64::from(MIN_NORM)))],
        Optimizer => [("BETA1", BETA1), ("BETA2", BETA2), ("EPSILON", EPSILON)]
            .map(|(name, value)| (name, Some(f64::from(value))))
            .to_vec(),
        GreyViews | ColourViews => {
            [&random[..], &[("WORDS", Some(layout::PICTURE_WORDS as f64)), ("LANES", host(layout::LANES))]].concat()
        }
        LatentViews => {
            let words = ("WORDS", Some(layout::LATENT_WORDS as f64));
            [&random[..], &[words, ("MOST_COORDINATES", Some(layout::MOST_COORDINATES as f64))]].concat()
        }
        Vote => vec![("K", Some(knn::K as f64))],
        Linear4 | LinearInput4 | LinearWeight4 | Pool | PoolBackward | CrossEntropy => Vec::new(),
    }
}

/// Invocations of a kernel's workgroup as the host spreads work on them; `None` is the shader's own affair.
fn host_workgroup(kernel: Kernel, tile: Tile) -> [Option<u32>; 3] {
    use Kernel::*;
    let [x, y] = match kernel {
        Linear | LinearInput | LinearWeight | Conv | ConvInput | ConvWeight | Similarity => tile.lanes().map(Some),
        Linear4 | LinearInput4 | LinearWeight4 => layout::EIGHTS.map(Some),
        BatchNorm
        | BatchNormPartial
        | BatchNormApply
        | BatchNormEvaluate
        | BatchNormBackward
        | BatchNormBackwardPartial
        | BatchNormBackwardApply => [Some(layout::CHANNELS), None],
        Softmax | Pull => [Some(layout::SHARED_ROWS), None],
        Pool | PoolBackward | Rows | UnitBackward | Prediction | Optimizer | GreyViews | ColourViews | LatentViews
        | Vote | CrossEntropy => [Some(layout::LANES), Some(1)],
    };
    [x, y, Some(1)]
}

/// The words of a kernel's `Dims` as the host writes them.
fn host_dims(kernel: Kernel) -> &'static [(&'static str, &'static str)] {
    use Kernel::*;
    match kernel {
        Linear | Linear4 => layout::Linear::FIELDS,
        LinearInput | LinearInput4 => layout::LinearInput::FIELDS,
        LinearWeight | LinearWeight4 => layout::LinearWeight::FIELDS,
        Conv => layout::Conv::FIELDS,
        ConvInput => layout::ConvInput::FIELDS,
        ConvWeight => layout::ConvWeight::FIELDS,
        BatchNorm | BatchNormPartial | BatchNormApply | BatchNormEvaluate => layout::BatchNorm::FIELDS,
        BatchNormBackward | BatchNormBackwardPartial | BatchNormBackwardApply => layout::BatchNormBackward::FIELDS,
        Pool | PoolBackward => layout::Pool::FIELDS,
        Rows | UnitBackward | Pull | Prediction => layout::Rows::FIELDS,
        // It is given the dims of pull.wgsl, and needs no more of them.
        Softmax => &layout::Rows::FIELDS[..1],
        Similarity => layout::Similarity::FIELDS,
        CrossEntropy => layout::CrossEntropy::FIELDS,
        Optimizer => layout::Optimizer::FIELDS,
        GreyViews | ColourViews => layout::Views::FIELDS,
        LatentViews => layout::LatentViews::FIELDS,
        Vote => layout::Vote::FIELDS,
    }
}

/// Members and size of a struct of this name.
fn structure<'m>(module: &'m Module, name: &str) -> Option<(&'m [StructMember], u32)> {
    let (_, found) = module.types.iter().find(|(_, found)| found.name.as_deref() == Some(name))?;
    match &found.inner {
        TypeInner::Struct { members, span } => Some((members, *span)),
        other => panic!("{name} is {other:?}"),
    }
}

/// Name, type and offset of each word of a struct.
fn words<'m>(module: &'m Module, members: &'m [StructMember]) -> Vec<(&'m str, &'static str, u32)> {
    let word = |member: &'m StructMember| {
        let kind = match module.types[member.ty].inner {
            TypeInner::Scalar(Scalar::U32) => "u32",
            TypeInner::Scalar(Scalar::F32) => "f32",
            ref other => panic!("{:?} is {other:?}: not a word", member.name),
        };
        (member.name.as_deref().unwrap_or_default(), kind, member.offset)
    };
    members.iter().map(word).collect()
}

/// Fields of the host as [`words`] gives the shader's.
fn in_a_row(fields: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str, u32)> {
    (0..).step_by(4).zip(fields).map(|(offset, (name, kind))| (*name, *kind, offset)).collect()
}

#[test]
fn the_kernels_name_the_constants_of_the_host() {
    for (kernel, tile) in kernels() {
        let module = check(&format!("{kernel:?}"), &kernel.source(tile).0);
        assert_constants(&format!("{kernel:?}"), &module, &host_constants(kernel, tile));
    }
}

#[test]
fn the_kernels_have_the_workgroups_that_the_host_counts_on() {
    for (kernel, tile) in kernels() {
        let (source, entry) = kernel.source(tile);
        let module = check(&format!("{kernel:?}"), &source);
        let size = module.entry_points.iter().find(|point| point.name == entry).unwrap().workgroup_size;
        for (found, wanted) in size.into_iter().zip(host_workgroup(kernel, tile)) {
            assert!(wanted.is_none_or(|wanted| wanted == found), "{kernel:?}: {size:?}, the host has {wanted:?}");
        }
    }
}

#[test]
fn the_kernels_read_the_words_that_the_host_writes() {
    let mut with_hyper = 0;
    for (kernel, tile) in kernels() {
        let module = check(&format!("{kernel:?}"), &kernel.source(tile).0);
        let (dims, _) = structure(&module, "Dims").unwrap();
        assert_eq!(words(&module, dims), in_a_row(host_dims(kernel)), "{kernel:?}: of the shader, and of the host");
        if let Some((hyper, size)) = structure(&module, "Hyper") {
            assert_eq!(words(&module, hyper), in_a_row(layout::Hyper::FIELDS), "{kernel:?}");
            assert_eq!(size as usize, size_of::<layout::Hyper>());
            with_hyper += 1;
        }
    }
    assert!(with_hyper > 5);
}

#[test]
fn words_are_written_in_the_order_of_their_names() {
    let sizes = layout::BatchNorm { rows: 1, channels: 2, gain: 3, blocks: 4, momentum: 0.5, epsilon: 1e-5 };
    assert_eq!(sizes.words(), [1, 2, 3, 4, 0.5_f32.to_bits(), 1e-5_f32.to_bits()]);
    assert_eq!(sizes.words().len(), layout::BatchNorm::FIELDS.len());
}

/// (field, offset) of a struct of the host.
macro_rules! offsets {
    ($of:ty: $($field:ident),+) => { vec![$((stringify!($field), offset_of!($of, $field))),+] };
}

fn member_offsets(members: &[StructMember]) -> Vec<(&str, usize)> {
    members.iter().map(|member| (member.name.as_deref().unwrap_or_default(), member.offset as usize)).collect()
}

/// The types of a vertex' values, which must come at locations 0, 1, ...
fn values(module: &Module, name: &str) -> Vec<Value> {
    let (members, _) = structure(module, name).unwrap();
    (0..)
        .zip(members)
        .map(|(at, member)| {
            assert!(
                matches!(member.binding, Some(naga::Binding::Location { location, .. }) if location == at),
                "{member:?}"
            );
            match module.types[member.ty].inner {
                TypeInner::Vector { size: VectorSize::Tri, scalar: Scalar::F32 } => Value::Vec3,
                TypeInner::Vector { size: VectorSize::Quad, scalar: Scalar::F32 } => Value::Vec4,
                TypeInner::Scalar(Scalar::U32) => Value::U32,
                ref other => panic!("{name} has {other:?}"),
            }
        })
        .collect()
}

#[test]
fn the_scene_is_what_the_host_draws() {
    let parts = ["shell.wgsl", "points.wgsl", "lines.wgsl"];
    let [shell, points, lines] = parts.map(|part| check(part, &format!("{}{}", read("scene.wgsl"), read(part))));
    let shared = [
        ("CLASSES", Some(palette::classes(false).len() as f64)),
        ("NORMS", Some(palette::SCALE.len() as f64)),
        ("REACH", None),
    ];
    let own = [("COLOURS", scene::COLOURS), ("DEPTHS", scene::DEPTHS), ("FADE", scene::FADE)]
        .map(|(name, value)| (name, Some(f64::from(value))));
    assert_constants("shell.wgsl", &shell, &shared);
    assert_constants("lines.wgsl", &lines, &shared);
    assert_constants("points.wgsl", &points, &[&shared[..], &own].concat());
    for module in [&shell, &points, &lines] {
        let (members, size) = structure(module, "Scene").unwrap();
        let host = offsets!(scene_layout::Uniforms: rotation, ink, page, focal, viewport, eye, point, shell, line, tween,
            morph, log_range, scale, inner, by_norm, classes, norms);
        assert_eq!(member_offsets(members), host, "of the shader, and of the host");
        assert_eq!(size as usize, size_of::<scene_layout::Uniforms>());
    }
    assert_eq!(values(&points, "Instance"), scene_layout::INSTANCE);
    assert_eq!(values(&lines, "Segment"), scene_layout::SEGMENT);
}

#[test]
fn places_are_worked_out_as_the_host_asks() {
    let module = check("place.wgsl", &read("place.wgsl"));
    assert_constants("place.wgsl", &module, &[("HELD", Some(1.0 / MOST_STRETCH))]);
    assert_eq!(module.entry_points[0].workgroup_size, [scene_layout::LANES, 1, 1]);
    let (members, size) = structure(&module, "Dims").unwrap();
    let host = offsets!(scene_layout::Place: count, dim, first, fresh, shown);
    assert_eq!(member_offsets(members), host, "of the shader, and of the host");
    assert!(size as usize <= size_of::<scene_layout::Place>());
}

#[test]
fn limits_are_counted_as_the_host_counts() {
    let module = check("limits.wgsl", &read("limits.wgsl"));
    let steps = constants(&module)["STEPS"];
    assert_constants("limits.wgsl", &module, &[("STEPS", None)]);
    // 8 chains of four multiplications and four additions.
    assert_eq!(8.0 * 8.0 * steps, f64::from(layout::OPERATIONS));
    for entry in ["stream", "multiply"] {
        let point = module.entry_points.iter().find(|point| point.name == entry).unwrap();
        assert_eq!(point.workgroup_size, [layout::WIDE, 1, 1], "{entry}");
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
    let kernels =
        std::fs::read_to_string(format!("{}/src/engine/kernels/source.rs", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let files = names("train");
    assert!(files.len() > 15);
    for file in files {
        let name = format!("\"{}\"", file.trim_end_matches(".wgsl"));
        assert!(kernels.contains(&name), "{file} is compiled by nobody");
    }
}
