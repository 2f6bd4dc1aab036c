//! Training steps in our own WGSL against their twins through burn on the CPU. Needs an adapter, a software one will do:
//! where there is none the test says so. The page's self-test runs the same comparisons in the browser.

use normscope::config::DeviceChoice;
use normscope::engine::device::Compute;
use normscope::engine::selftest::steps;

#[test]
fn a_training_step_in_wgsl_agrees_with_burns() {
    let compute = pollster::block_on(Compute::find(DeviceChoice::WebGpu));
    if compute.gpu.is_none() {
        eprintln!("not run: {}", compute.info.reason);
        return;
    }
    println!("on {}", compute.info.adapter);
    let checks = pollster::block_on(steps::run(&compute)).unwrap();
    for check in &checks {
        println!("{:.2e}  {}", check.error, check.name);
    }
    let bad: Vec<_> = checks.iter().filter(|check| check.error > check.tolerance).collect();
    assert!(checks.len() > 50 && bad.is_empty(), "{bad:#?}");
}
