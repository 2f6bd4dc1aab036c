//! From where on something is worth saying, and how far a remedy goes at once.

/// Angle below which a row counts as frozen: at this pace a radian takes more than 10,000 steps.
pub const FROZEN: f64 = 1e-4;
/// Share of frozen rows that makes a warning, and a serious finding.
pub const FROZEN_SHARE: f64 = 0.05;
/// See [`FROZEN_SHARE`].
pub const FROZEN_SERIOUS: f64 = 0.5;
/// Median gradient at norm 1 below which rows are simply where they want to be.
pub const SETTLED: f64 = 0.1;
/// Median of lr |g| / |z| above which a step overshoots.
pub const OVERSHOOT: f64 = 0.5;
/// The angle of a comfortable step, radians.
pub const COMFORTABLE: f64 = 0.05;
/// Ratio of the turning speeds of the 5 % and 95 % quantiles of the norm.
pub const UNEVEN: f64 = 25.0;
/// Effective rank, as a share of the possible rank, below which few directions are used.
pub const LOW_RANK: f64 = 0.05;
/// Smallest possible rank for which that is looked at.
pub const RANK_FROM: usize = 32;
/// 95 % quantile of the norm above which GradScale's feedback is dangerous.
pub const GRADSCALE_NORM: f64 = 30.0;
/// Share of opposite pairs worth a notice.
pub const OPPOSITE: f64 = 0.1;
/// Share of rows that are not finite that makes it serious.
pub const NOT_FINITE_SERIOUS: f64 = 0.01;
/// Difference of accuracy between the longest and the shortest fifth.
pub const ACCURACY_GAP: f64 = 0.05;
/// Smallest bucket that says anything.
pub const BUCKET: usize = 20;
/// A learning rate is raised so many times at once and no more. In our runs on digits ten times a usual rate still learned,
/// a hundred times learned far less (docs/results.md, "How high may a learning rate be?").
pub const MOST_FACTOR: f64 = 10.0;
/// No rate is raised beyond this: none of ours learned better above it.
pub const MOST_RATE: f64 = 1.0;
/// A learning rate is lowered to this share at once and no further.
pub const LEAST_FACTOR: f64 = 0.01;
/// The largest cut that is proposed: for SGD it acts like nine times the rate.
pub const MOST_CUT: f64 = 3.0;
/// The strongest and the weakest weight decay that is proposed; the study of weight decay went up to it.
pub const DECAYS: [f64; 2] = [1e-6, 0.01];
/// Norms that differ by no more than this share, and from 1 as little, come from normalised embeddings.
pub const NORMALISED: f64 = 1e-3;
/// Correlation of norm and distance worth a notice, and the rows that it takes.
pub const DENSITY: f64 = -0.25;
/// See [`DENSITY`].
pub const DENSITY_ROWS: usize = 50;

/// Rows, none of them a copy, that a diagnosis needs: with fewer there are no ten neighbours and no quantiles.
pub const LEAST_ROWS: usize = 10;
/// Share of exact copies that makes a warning.
pub const COPIES: f64 = 0.1;
