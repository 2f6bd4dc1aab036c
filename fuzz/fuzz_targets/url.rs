//! A link: whatever it says, there is an experiment; and its own link gives it back.
#![no_main]

use normscope::config::url;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (experiment, complaints) = url::decode(text);
    for complaint in complaints {
        // A message stays readable whatever the input holds.
        assert!(complaint.input.chars().count() < 160 && !complaint.input.contains('\n'));
    }
    let link = url::encode(&experiment);
    let (again, complaints) = url::decode(&link);
    assert_eq!(again, experiment, "{link}");
    assert!(complaints.is_empty(), "{link}: {complaints:?}");
});
