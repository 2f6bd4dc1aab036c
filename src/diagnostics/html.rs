//! The report as a page of its own: no scripts, no links to anything, light and dark as the system says.

use std::fmt::Write;

use super::report::{Accuracy, Finding, Report, Severity};
use super::tables::{Listed, copies, tables};
use super::words::{figures, percent};
use crate::metrics::buckets::Bucket;
use crate::metrics::histogram::Histogram;

/// Size of a figure, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
/// Space for the axes.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 34.0;
const TOP: f64 = 10.0;

const STYLE: &str = "
:root{color-scheme:light dark;--page:#fff;--ink:#1c2430;--dim:#5b6675;--line:#d5dbe3;--bar:#2f6fde;--serious:#b3261e;--warning:#8a5a00;--notice:#3a5f8a}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--ink:#e6eaf0;--dim:#9aa6b5;--line:#303a47;--bar:#6ea0ff;--serious:#ff8a80;--warning:#ffc46b;--notice:#9fc3ef}}
body{margin:0 auto;max-width:46rem;padding:1.5rem;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1,h2,h3{line-height:1.2}.dim,figcaption{color:var(--dim)}table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top;font-weight:normal}
td{font-variant-numeric:tabular-nums}.verdict{font-size:1.15rem}article{border-left:.3rem solid var(--tone);padding-left:1rem;margin:1.2rem 0}
.serious{--tone:var(--serious)}.warning{--tone:var(--warning)}.notice{--tone:var(--notice)}.tag{color:var(--tone);font-weight:600}
figure{margin:1rem 0}svg{width:100%;height:auto}svg text{fill:var(--dim);font:12px system-ui,sans-serif}svg rect{fill:var(--bar)}svg line{stroke:var(--line)}
";

/// The whole page.
pub fn page(report: &Report) -> String {
    let mut out = String::new();
    let title = format!("Norm diagnosis of {}", escape(&report.name));
    let read =
        report.read.as_ref().map(|read| format!("<p class=\"dim\">{}</p>\n", escape(&read.line))).unwrap_or_default();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n\
         {read}<p class=\"verdict\">{}</p>\n",
        escape(&report.verdict)
    );
    if !report.findings.is_empty() {
        out.push_str("<h2>Findings</h2>\n");
    }
    report.findings.iter().for_each(|finding| out.push_str(&article(finding)));
    out.push_str(&table("Numbers", &numbers(report)));
    // Without histograms there is nothing to show of the norms.
    if let Some(norms) = report.norms.as_ref().filter(|norms| norms.linear.is_some() || norms.log.is_some()) {
        out.push_str("<h2>Norms</h2>\n");
        out.push_str(&figure(histogram(norms.linear.as_ref()), "Embeddings by norm |z|, bins of equal width."));
        out.push_str(&figure(histogram(norms.log.as_ref()), "The same on a logarithmic axis, bins of equal ratio."));
    }
    tables(report).iter().for_each(|table| out.push_str(&listed(table)));
    if let Some(accuracy) = report.accuracy.as_ref().filter(|accuracy| !accuracy.quantiles.is_empty()) {
        out.push_str(&accuracies(accuracy));
    }
    out.push_str("<h2>How to read this</h2>\n<ul>\n");
    report.notes.iter().for_each(|note| {
        let _ = writeln!(out, "<li>{}</li>", escape(note));
    });
    out.push_str("</ul>\n</main></body></html>\n");
    out
}

impl Report {
    /// The report as a page of its own, see [`page`].
    pub fn to_html(&self) -> String {
        page(self)
    }
}

/// Text that can't be taken for markup, in content and in attributes.
pub fn escape(text: &str) -> String {
    crate::text::escape(text).replace('\'', "&#39;")
}

fn article(finding: &Finding) -> String {
    let tone = match finding.severity {
        Severity::Serious => "serious",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    };
    let remedies: String = finding
        .remedies
        .iter()
        .map(|remedy| {
            format!("<li>{} <span class=\"dim\">{}</span></li>\n", escape(&remedy.action), escape(&remedy.effect))
        })
        .collect();
    let remedies = if remedies.is_empty() { remedies } else { format!("<ul>\n{remedies}</ul>") };
    format!(
        "<article class=\"{tone}\"><p><span class=\"tag\">{tone}</span> {}</p>\n<p class=\"dim\">{}</p>\n{remedies}</article>\n",
        escape(&finding.what),
        escape(&finding.why)
    )
}

/// (name, value) of everything that was measured.
fn numbers(report: &Report) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Embeddings", format!("{} of {} dimensions", report.n, report.d)),
        ("Exact copies", copies(report)),
        ("Not finite, zero", format!("{}, {}", report.rows.not_finite, report.rows.zero)),
        ("Loss", report.training.loss.label()),
        (
            "Learning rate, GradScale p",
            format!("{}, {}", figures(report.training.lr), figures(report.training.gradscale)),
        ),
    ];
    if let Some(norms) = &report.norms {
        let values = [0.05, 0.5, 0.95].map(|q| figures(norms.quantile(q)));
        rows.push(("Norm: 5 %, median, 95 %", values.join(", ")));
    }
    if let Some(slope) = report.slope {
        let value = format!("{:.4} (theory: {})", slope.mean, figures(slope.expected));
        rows.push(("Log-log slope of gradient against norm", value));
    }
    if let Some(steps) = &report.steps {
        let values = [0.05, 0.5, 0.95].map(|q| figures(steps.quantile(q)));
        rows.push(("Angle of a step, radians: 5 %, median, 95 %", values.join(", ")));
        let frozen = format!("{}, {}", percent(steps.frozen_share), percent(steps.frozen_by_norm_share));
        rows.push(("Frozen; because of the norm", frozen));
    }
    rows.extend(report.opposite_share.map(|share| ("Pairs in opposite halves", percent(share))));
    rows.extend(report.density_correlation.map(|r| ("Norm against distance to the 10th neighbour", figures(r))));
    rows.extend(report.accuracy.as_ref().map(|accuracy| ("kNN accuracy, leave one out", percent(accuracy.all))));
    if let Some(sphere) = report.sphere {
        let spread = format!("{} (even: {})", figures(sphere.spread), figures(sphere.even_spread));
        rows.push(("Spread", spread));
        rows.push(("Effective rank", figures(sphere.effective_rank)));
        rows.extend(sphere.alignment.map(|value| ("Alignment", figures(value))));
        rows.extend(sphere.uniformity.map(|value| ("Uniformity", figures(value))));
    }
    rows
}

fn table(title: &str, rows: &[(&str, String)]) -> String {
    let body: String =
        rows.iter().map(|(name, value)| format!("<tr><th>{name}</th><td>{}</td></tr>\n", escape(value))).collect();
    format!("<h2>{title}</h2>\n<table>\n{body}</table>\n")
}

/// A table with a title for each column.
fn listed(table: &Listed) -> String {
    let line = |cells: &[String], tag: &str| {
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let body: String = table.rows.iter().map(|cells| line(cells, "td")).collect();
    let note = if table.note.is_empty() { String::new() } else { format!("<p class=\"dim\">{}</p>\n", table.note) };
    format!("<h2>{}</h2>\n<table>\n{}{body}</table>\n{note}", table.title, line(&table.header, "th"))
}

fn accuracies(accuracy: &Accuracy) -> String {
    let caption = |buckets: &str| format!("kNN accuracy (the sample itself left out) by norm, {buckets}.");
    format!(
        "<h2>Accuracy by norm</h2>\n<p>All: {} of {} classes.</p>\n{}{}",
        percent(accuracy.all),
        accuracy.classes,
        figure(buckets(&accuracy.quantiles), &caption("fifths of the samples")),
        figure(buckets(&accuracy.equal_width), &caption("20 intervals of equal width; numbers are counts"))
    )
}

fn figure(svg: Option<String>, caption: &str) -> String {
    svg.map_or(String::new(), |svg| format!("<figure>{svg}<figcaption>{caption}</figcaption></figure>\n"))
}

fn histogram(histogram: Option<&Histogram>) -> Option<String> {
    let histogram = histogram?;
    let top = histogram.counts.iter().copied().max().filter(|top| *top > 0)?;
    let bars: Vec<(f64, String)> =
        histogram.counts.iter().map(|count| (*count as f64 / top as f64, String::new())).collect();
    let (low, high) = (histogram.edges.first()?, histogram.edges.last()?);
    let middle = histogram.edges[bars.len() / 2];
    Some(bars_svg("Histogram", &bars, &top.to_string(), &[*low, middle, *high].map(figures)))
}

fn buckets(buckets: &[Bucket]) -> Option<String> {
    let bars: Vec<(f64, String)> =
        buckets.iter().map(|bucket| (bucket.accuracy.unwrap_or(0.0), bucket.count.to_string())).collect();
    let (first, last) = (buckets.first()?, buckets.last()?);
    let middle = buckets[buckets.len() / 2].low;
    Some(bars_svg("Accuracy", &bars, "1", &[first.low, middle, last.high].map(figures)))
}

/// Bars of heights 0..1 with a label above each, the value of a full bar, and the lower edges of the first and the middle
/// bar and the upper edge of the last one.
fn bars_svg(name: &str, bars: &[(f64, String)], full: &str, axis: &[String; 3]) -> String {
    let (plot, floor) = (WIDTH - LEFT, HEIGHT - BOTTOM);
    let width = plot / bars.len() as f64;
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{name}\">");
    for (at, (share, label)) in bars.iter().enumerate() {
        let (x, height) = (LEFT + width * at as f64, share.clamp(0.0, 1.0) * (floor - TOP - 14.0));
        let y = floor - height;
        let _ = write!(
            out,
            "<rect x=\"{:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{height:.2}\"/>",
            x + 0.5,
            width - 1.0
        );
        if !label.is_empty() {
            let _ = write!(
                out,
                "<text x=\"{:.2}\" y=\"{:.2}\" text-anchor=\"middle\">{label}</text>",
                x + width / 2.0,
                y - 3.0
            );
        }
    }
    let _ = write!(
        out,
        "<line x1=\"{LEFT}\" y1=\"{floor}\" x2=\"{WIDTH}\" y2=\"{floor}\"/><text x=\"{:.0}\" y=\"{:.0}\" \
         text-anchor=\"end\">{full}</text><text x=\"{:.0}\" y=\"{floor}\" text-anchor=\"end\">0</text>",
        LEFT - 6.0,
        TOP + 18.0,
        LEFT - 6.0
    );
    let edges = [(0, "start"), (bars.len() / 2, "middle"), (bars.len(), "end")];
    for (label, (edge, anchor)) in axis.iter().zip(edges) {
        let x = LEFT + width * edge as f64;
        let _ = write!(out, "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"{anchor}\">{label}</text>", floor + 18.0);
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cant_become_markup() {
        assert_eq!(escape("<b a=\"1\">&'"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;");
    }

    #[test]
    fn bars_stay_inside_the_figure() {
        let svg = bars_svg("x", &[(0.0, "1".into()), (2.0, String::new())], "9", &["a".into(), "b".into(), "c".into()]);
        assert!(svg.contains("y=\"186.00\" width=\"296.00\" height=\"0.00\""), "{svg}");
        assert!(svg.contains("y=\"24.00\" width=\"296.00\" height=\"162.00\""), "{svg}");
    }
}
