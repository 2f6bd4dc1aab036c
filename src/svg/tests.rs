use roxmltree::{Document, Node};

use super::*;
use crate::figure::{Axis, Role};

fn figure(axes: [Axis; 2], series: Vec<Series>) -> Figure {
    let [x, y] = axes;
    Figure { name: "f".into(), title: "A title".into(), caption: "A caption.".into(), x, y, series }
}

fn linear() -> [Axis; 2] {
    [Axis::linear("x"), Axis::linear("y")]
}

fn series(kind: Kind, role: Role, points: Vec<[f64; 2]>) -> Series {
    Series { label: "series".into(), kind, role, points }
}

/// Elements of a kind in the document.
fn count(svg: &str, name: &str) -> usize {
    Document::parse(svg).unwrap().descendants().filter(|node| node.has_tag_name(name)).count()
}

/// All texts, in the order in which they are drawn.
fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let elements = document.descendants().filter(|node| node.has_tag_name("text"));
    elements.map(|node: Node<'_, '_>| node.text().unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn words_are_text_at_the_size_of_the_picture() {
    let svg = draw(&figure(linear(), vec![series(Kind::Line, Role::A, vec![[0.0, 0.0], [4.0, 2.0]])])).unwrap();
    let texts = texts(&svg);
    for expected in ["A title", "A caption.", "x", "y", "series", "0.0", "2.0"] {
        assert!(texts.iter().any(|text| text == expected), "{expected} in {texts:?}");
    }
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("width"), Some("760"));
    assert!(root.attribute("viewBox").unwrap().starts_with("0 0 7600 "));
    assert_eq!(root.attribute("stroke-linejoin"), Some("round"));
}

#[test]
fn every_kind_is_drawn() {
    let points = vec![[1.0, 1.0], [2.0, 3.0], [3.0, 2.0]];
    let of = |kind: Kind| draw(&figure(linear(), vec![series(kind, Role::Other(0), points.clone())])).unwrap();
    // One more of each in the legend.
    assert_eq!(count(&of(Kind::Points), "circle"), 3 + 1);
    let empty = draw(&figure(linear(), Vec::new())).unwrap();
    assert_eq!(count(&of(Kind::Bars), "rect"), count(&empty, "rect") + 3 + 1);
    let strokes = |svg: &str| svg.matches("#0072B2").count();
    // So few points are marked, in the legend as well.
    assert_eq!(strokes(&of(Kind::Line)), (1 + 3) + (1 + 1));
    let many = (0..100).map(|x| [f64::from(x), 1.0]).collect();
    assert_eq!(strokes(&draw(&figure(linear(), vec![series(Kind::Line, Role::Other(0), many)])).unwrap()), 1 + 1);
    assert_eq!(strokes(&of(Kind::Band(vec![[0.5, 1.5], [2.0, 4.0], [1.0, 3.0]]))), (3 + 1) * 4);
}

#[test]
fn what_a_logarithmic_axis_cannot_show_is_left_out() {
    let points = vec![[0.0, 1.0], [1.0, -1.0], [1.0, 10.0], [10.0, 1000.0]];
    let axes = [Axis::log("x"), Axis::log("y")];
    let svg = draw(&figure(axes, vec![series(Kind::Points, Role::Measured, points)])).unwrap();
    assert_eq!(count(&svg, "circle"), 2 + 1);
    let texts = texts(&svg);
    assert!(["10", "100", "1000"].iter().all(|tick| texts.iter().any(|text| text == tick)), "{texts:?}");
}

#[test]
fn predictions_are_dashed_and_measurements_are_not() {
    let points = vec![[0.0, 0.0], [1.0, 1.0]];
    let pieces =
        |role| count(&draw(&figure(linear(), vec![series(Kind::Line, role, points.clone())])).unwrap(), "polyline");
    assert!(pieces(Role::Predicted) > pieces(Role::Measured) + 20);
    assert_eq!(pieces(Role::PredictedFor(1)), pieces(Role::Predicted));
}

#[test]
fn odd_text_is_escaped_and_long_text_is_wrapped() {
    let mut odd = figure(linear(), vec![series(Kind::Points, Role::B, vec![[1.0, 1.0]])]);
    odd.title = "a < b & \"c\" \u{1} </text>".into();
    odd.series[0].label = "x".repeat(400);
    odd.x.label = "|z|, a label that is much longer than its axis ".repeat(9);
    odd.caption = "So long that it takes several lines. ".repeat(20);
    let svg = draw(&odd).unwrap();
    let texts = texts(&svg);
    assert_eq!(texts[0], "a < b & \"c\" \u{fffd} </text>");
    assert!(texts.iter().any(|text| text.ends_with('…') && text.chars().count() < 120));
    assert!(texts.iter().filter(|text| text.contains("several lines")).count() > 4);
}

#[test]
fn a_figure_without_points_is_still_a_picture() {
    let empty =
        figure(linear(), vec![series(Kind::Line, Role::A, Vec::new()), series(Kind::Bars, Role::B, Vec::new())]);
    assert!(texts(&draw(&empty).unwrap()).contains(&"A title".to_owned()));
    let one = figure(linear(), vec![series(Kind::Line, Role::A, vec![[5.0, 0.0]])]);
    assert_eq!(count(&draw(&one).unwrap(), "circle"), 1 + 1);
}

#[test]
fn ticks_read_well() {
    let labels = |ticks: &[f64]| layout::tick_labels(ticks).join(" ");
    assert_eq!(labels(&[0.0, 0.5, 1.0]), "0.0 0.5 1.0");
    assert_eq!(labels(&[99.5, 100.0, 100.5]), "99.5 100.0 100.5");
    assert_eq!(labels(&[0.0, 2000.0, 4000.0]), "0 2000 4000");
    assert_eq!(labels(&[1.0, 10.0, 100.0, 1000.0]), "1 10 100 1000");
    assert_eq!(labels(&[1e-4, 1e-2, 1.0]), "10⁻⁴ 10⁻² 1");
    assert_eq!(labels(&[0.0, 2e5, 4e5]), "0 2×10⁵ 4×10⁵");
    assert_eq!(labels(&[1.0, 2.0, 5.0]), "1 2 5");
    assert_eq!(labels(&[1.3e7, 1.301e7, 1.302e7]), "1.3×10⁷ 1.301×10⁷ 1.302×10⁷");
    assert_eq!(labels(&[]), "");
}

#[test]
fn no_two_ticks_of_an_axis_read_alike() {
    for exponent in -60..=120 {
        let low = 10_f64.powf(f64::from(exponent) / 10.0);
        for width in [0.0, 0.001, 0.0037, 0.02, 0.1, 0.33, 1.0, 9.0, 99.0, 1e6] {
            for log in [false, true] {
                let ends = [low, low * (1.0 + width)];
                let ticks = crate::figure::scale::Scale::covering(ends.into_iter(), log, 0.06, [0.0, 1.0]).ticks(6);
                let mut labels = layout::tick_labels(&ticks);
                labels.sort();
                labels.dedup();
                assert_eq!(labels.len(), ticks.len(), "{ends:?}, log {log}: {labels:?}");
            }
        }
    }
}
