//! The two halves of the held-out samples: fixed, disjoint, and with the same share of every class.

/// Indices of a validation and a test half of samples with these labels: of each class the samples go in turn to
/// validation and to test. The first sample of a class alternates too, so that the halves' sizes differ by one at most.
pub fn stratified(labels: &[u16]) -> (Vec<usize>, Vec<usize>) {
    let classes = labels.iter().max().map_or(0, |top| usize::from(*top) + 1);
    let mut of_class: Vec<Vec<usize>> = vec![Vec::new(); classes];
    for (index, label) in labels.iter().enumerate() {
        of_class[usize::from(*label)].push(index);
    }
    let (mut validation, mut test) = (Vec::new(), Vec::new());
    for (turn, index) in of_class.into_iter().flatten().enumerate() {
        if turn % 2 == 0 { validation.push(index) } else { test.push(index) }
    }
    validation.sort_unstable();
    test.sort_unstable();
    (validation, test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;

    #[test]
    fn halves_are_disjoint_complete_and_balanced_in_every_class() {
        let labels = Dataset::digits().test.labels;
        let (validation, test) = stratified(&labels);
        assert_eq!((validation.len(), test.len()), (180, 180));
        let mut all = [validation.clone(), test.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
        for class in 0..10 {
            let count = |half: &[usize]| half.iter().filter(|index| labels[**index] == class).count();
            assert!(count(&validation).abs_diff(count(&test)) <= 1);
        }
    }

    #[test]
    fn without_samples_both_halves_are_empty() {
        assert_eq!(stratified(&[]), (vec![], vec![]));
        assert_eq!(stratified(&[3]), (vec![0], vec![]));
    }
}
