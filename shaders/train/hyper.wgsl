// What changes from step to step, or while the run goes on.

struct Hyper {
    lr: f32,
    momentum: f32,
    decay: f32,
    // BYOL's target keeps this share; 1 where there is no target.
    ema: f32,
    // Adam's 1 - beta^t.
    correction1: f32,
    correction2: f32,
    inverse_tau: f32,
    // GradScale's power p.
    power: f32,
    // 0: factors |z|^p sample by sample; 1: (mean |z|)^p for all.
    batch_mode: u32,
    // 1: DCL, which leaves the positive out of the denominator.
    decoupled: u32,
    // 0: SGD with momentum; 1: AdamW.
    adam: u32,
    // Where the step's loss goes.
    slot: u32,
}
