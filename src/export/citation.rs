//! BibTeX: the run with its permanent link, and the paper that it is about.

use crate::config::Experiment;
use crate::config::choices::Choice;

/// Both entries. `link` leads to exactly this run; `accessed` is a date, YYYY-MM-DD.
pub fn bibtex(experiment: &Experiment, link: &str, accessed: &str) -> String {
    let year = accessed.split('-').next().unwrap_or_default();
    let title =
        format!("{} on {}, seed {}", experiment.run.method.label(), experiment.run.data.label(), experiment.run.seed);
    format!(
        "@misc{{normscope,\n  title        = {{Normscope: {title}}},\n  howpublished = {{\\url{{{}}}}},\n  year         = \
         {{{year}}},\n  note         = {{Version {}, accessed {accessed}}}\n}}\n\n\
         @inproceedings{{draganov2025importance,\n  title     = {{On the Importance of Embedding Norms in Self-Supervised \
         Learning}},\n  author    = {{Draganov, Andrew and Vadgama, Sharvaree and Damrich, Sebastian and B{{\\\"o}}hm, Jan \
         Niklas and Maes, Lucas and Kobak, Dmitry and Bekkers, Erik}},\n  booktitle = {{International Conference on Machine \
         Learning}},\n  year      = {{2025}}\n}}\n",
        // Inside \url only these end it or the comment character starts.
        link.replace('\\', "%5C").replace('{', "%7B").replace('}', "%7D").replace('%', "\\%"),
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_balanced_whatever_the_link_holds() {
        let text = bibtex(&Experiment::default(), "https://example.org/?a.lr=0.1&x=}{\\", "2026-11-25");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
        assert!(text.contains("year         = {2026}") && text.contains("SimCLR on Digits, seed 7"));
    }
}
