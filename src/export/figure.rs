//! A run as one HTML file that replays it from a disk, without a server and without a network.
//!
//! It holds the page's own module (gzipped, base64), its styles and scripts, and the trace: the same code that draws the page
//! draws the figure. Its Content-Security-Policy allows no request at all.

use crate::text::escape;

/// What goes into the file; texts are escaped here, scripts are taken as they are.
pub struct Parts<'a> {
    /// Title of the figure.
    pub title: &'a str,
    /// The folder that the page was loaded from: where the figure's link leads.
    pub home: &'a str,
    /// The run's own link.
    pub link: &'a str,
    /// `style.css`.
    pub css: &'a str,
    /// `theme.js`.
    pub theme: &'a str,
    /// `load.js`.
    pub load: &'a str,
    /// `app.js`, an ES module whose default export starts the page.
    pub app: &'a str,
    /// `app_bg.wasm`, gzipped, base64.
    pub module: &'a str,
    /// The trace file, base64.
    pub trace: &'a str,
}

/// Why a run can't be put into one HTML file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// A script or a style sheet, which is named, would end the element that holds it.
    #[error("{0} can't be put into a page.")]
    EndsItsElement(&'static str),
    /// The module or the trace is something else than base64.
    #[error("A part is not base64.")]
    NotBase64,
}

const TEMPLATE: &str = include_str!("figure.html");

/// The file.
///
/// # Errors
/// A [`FigureError`] when a part would end the element that holds it.
pub fn html(parts: &Parts<'_>) -> Result<String, FigureError> {
    let scripts = [("theme.js", parts.theme), ("load.js", parts.load), ("app.js", parts.app)];
    for (name, text) in scripts {
        let lower = text.to_ascii_lowercase();
        if lower.contains("</script") || lower.contains("<!--") {
            return Err(FigureError::EndsItsElement(name));
        }
    }
    if parts.css.to_ascii_lowercase().contains("</style") {
        return Err(FigureError::EndsItsElement("style.css"));
    }
    let base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    if !base64(parts.module) || !base64(parts.trace) {
        return Err(FigureError::NotBase64);
    }
    let generator = format!("normscope {}", env!("CARGO_PKG_VERSION"));
    let values = [
        ("generator", generator),
        ("home", escape(parts.home)),
        ("title", escape(parts.title)),
        ("link", escape(parts.link)),
        ("css", parts.css.to_owned()),
        ("trace", parts.trace.to_owned()),
        ("module", parts.module.to_owned()),
        ("theme", parts.theme.to_owned()),
        ("load", parts.load.to_owned()),
        ("app", parts.app.to_owned()),
    ];
    Ok(fill(TEMPLATE, &values))
}

/// The template with its `{{name}}`s replaced, once: what is put in is not looked at again.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(values.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts<'static> {
        Parts {
            title: "A </title><script>alert(1)</script>",
            home: "https://example.org/\" onload=\"x",
            link: "https://example.org/?a=1&b=2",
            css: "body { color: red }",
            theme: "'theme'",
            load: "'load'",
            app: "const text = '{{trace}}';",
            module: "AAAA",
            trace: "BBBB",
        }
    }

    #[test]
    fn nothing_that_is_text_becomes_markup_and_nothing_is_filled_in_twice() {
        let page = html(&parts()).unwrap();
        assert!(!page.contains("<script>alert") && !page.contains("\" onload"));
        assert!(page.contains("const text = '{{trace}}';"));
        assert!(page.contains("type=\"text/plain\">BBBB</script>"));
        assert_eq!(page.matches("{{").count(), 1);
    }

    #[test]
    fn parts_that_would_break_out_are_refused() {
        assert!(html(&Parts { app: "'</SCRIPT>'", ..parts() }).is_err());
        assert!(html(&Parts { trace: "<b>", ..parts() }).is_err());
        assert!(html(&Parts { css: "</style>", ..parts() }).is_err());
    }
}
