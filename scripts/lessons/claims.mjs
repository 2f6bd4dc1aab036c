// The numbers that lesson pages quote from outside a lesson's own runs: simulations, studies, diagnoses, and runs that a
// page only suggests. `run(ask, seed, folder)` gives a document, each value reads a number from it.
// `missing` of the values may be so, where the page says that.
// Studies with several seeds use those from the given one on; `apart` keeps these sets from overlapping.
import { join } from 'node:path';

const quick = (name) => (ask, seed) => ask('simulate', name, '--quick', '--seed', String(seed));
const train = (query, steps) => (ask, seed) => ask('train', '--url', `?${query}`, '--seed', String(seed), '--steps', String(steps));
const last = (arm, metric) => ({ arms }) => arms.find((one) => one.arm === arm).series.at(-1)[metric];
const start = (arm, metric) => ({ arms }) => arms.find((one) => one.arm === arm).series[0][metric];

/** As the anomalies room at its first settings: two seeds, small networks, arm A alone. */
const anomaly = (query) => (ask, seed) =>
  ask('anomaly', '--quick', '--url', `?${query}&a.batch=64&a.width=64`, '--variant', 'arm A', '--seed', String(seed));
const area = (score, kind = 'unseen', features = 'projector') => ({ rows }) =>
  rows.find((row) => row.score === score && row.kind === kind && row.features === features).auroc.estimate;

/** Trains, then diagnoses one arm's held-out embeddings, as the diagnostics room does. */
const diagnose = (query, steps, arm, lr) => async (ask, seed, folder) => {
  const run = await ask('train', '--url', `?${query}`, '--seed', String(seed), '--steps', String(steps), '--out', folder);
  const report = await ask('diagnose', join(folder, 'embeddings.npz'), '--array', `${arm}_z`, '--lr', String(lr));
  return { ...report, run };
};

const TRAP = 'method=simclr&data=digits&a.cut=0.3333&b.cut=1&b.gradscale=0&a.lr=0.03&b.lr=0.03';
const stepsAt = (power, norm) => ({ outcome }) =>
  outcome.curves.find((curve) => curve.power === power).rows.find((row) => row.norm === norm).steps;
const slope = (power) => ({ outcome }) => outcome.curves.find((curve) => curve.power === power).slope;
const byWeight = ({ outcome }) => {
  const { groups } = outcome.arms.find(({ power }) => power === 0);
  return groups.find(({ weight }) => weight === 8).norm / groups.find(({ weight }) => weight === 1).norm;
};
/** Times sooner than the standard that a variant reaches a level, each at its best rate or both at the standard's. */
const ratio = (variant, fraction, which) => ({ outcomes }) =>
  outcomes.find((one) => one.variant === variant && one.fraction === fraction)[which]?.value;
const stepsFrom = (angle) => ({ outcome }) => outcome.single.find((pair) => pair.angle === angle).steps;

export const CLAIMS = [
  {
    lesson: 'cosine-feels-the-norm',
    name: 'simulation norm-sweep, quick',
    run: quick('norm-sweep'),
    values: [
      { what: 'steps at norm 1', value: stepsAt(0, 1), low: 94, high: 98, digits: 1 },
      { what: 'steps at norm 10 over steps at norm 1', value: (doc) => stepsAt(0, 10)(doc) / stepsAt(0, 1)(doc), low: 97, high: 103, digits: 1 },
      { what: 'slope, no GradScale', value: slope(0), low: 1.99, high: 2.01 },
      { what: 'slope, p = 1', value: slope(1), low: 0.98, high: 1.02 },
      { what: 'slope, p = 2', value: slope(2), low: -0.01, high: 0.01 },
    ],
  },
  {
    lesson: 'norms-grow',
    name: 'no batch norm, rate 0.003: norms fall',
    run: train('method=simclr&data=digits&a.bn=off&b.bn=off&a.lr=0.003&b.lr=0.003&b.gradscale=0', 60),
    values: [{ what: 'median |z| of A at step 60 over step 0', value: (doc) => last('a', 'norm_q50')(doc) / start('a', 'norm_q50')(doc), low: 0.2, high: 1.05 }],
  },
  {
    lesson: 'gradscale',
    name: 'no batch norm, rate 0.01: norms below 1',
    run: train('method=simclr&data=digits&a.bn=off&b.bn=off&a.lr=0.01&b.lr=0.01&b.gradscale=1', 60),
    values: [
      { what: 'median |z| of A', value: last('a', 'norm_q50'), low: 0.05, high: 0.9 },
      { what: 'loss of B minus loss of A', value: (doc) => last('b', 'loss')(doc) - last('a', 'loss')(doc), low: -0.6, high: 1.1 },
    ],
  },
  {
    lesson: 'cut-is-a-learning-rate',
    name: 'the experiments room with the rates 0.03, 0.1, 0.3, 1',
    seeds: 5,
    apart: 10,
    run: (ask, seed) =>
      ask('accelerate', '--url', '?method=simclr&data=digits&a.batch=64&a.width=64', '--variant', 'standard', '--variant', 'cut 3:cut=3',
        '--factors', '0.03,0.1,0.3,1', '--seeds', '3', '--steps', '100', '--eval', '5', '--seed', String(seed)),
    values: [
      { what: 'cut 3 at its best rate, times sooner (level .8)', value: ratio('cut 3', 0.8, 'best_rate'), low: 0.5, high: 2.5 },
      { what: 'cut 3 at its best rate, times sooner (level .9)', value: ratio('cut 3', 0.9, 'best_rate'), low: 0.5, high: 1.5, missing: 1 },
    ],
  },
  {
    lesson: 'cut-is-a-learning-rate',
    name: 'cut 3 and no cut, both at 0.01',
    run: train('method=simclr&data=digits&a.lr=0.01&b.lr=0.01&b.cut=3&b.gradscale=0', 60),
    values: [{ what: 'loss, B over A', value: (doc) => last('b', 'loss')(doc) / last('a', 'loss')(doc), low: 0.95, high: 0.985 }],
  },
  {
    lesson: 'byol-collapse',
    name: 'GradScale in the arm without batch norm',
    run: train('method=byol&data=digits&a.bn=off&b.bn=on&a.gradscale=1&b.gradscale=0', 100),
    values: [{ what: 'spread of A', value: last('a', 'spread'), low: 0, high: 0.01, digits: 5 }],
  },
  {
    lesson: 'small-norm-surprise',
    name: 'simulation exposure, quick',
    run: quick('exposure'),
    values: [{ what: 'mean norm, draw weight 8 over weight 1 (p = 0)', value: byWeight, low: 1.35, high: 1.43 }],
  },
  {
    lesson: 'small-norm-surprise',
    name: 'anomalies room, SimCLR on digits',
    seeds: 6,
    apart: 10,
    run: anomaly('method=simclr&data=digits'),
    values: [
      { what: 'AUROC of the norm, unseen digits', value: area('norm'), low: 0.7, high: 0.95 },
      { what: 'AUROC of the untrained norm, unseen digits', value: area('untrained_norm'), low: 0.3, high: 0.55 },
      { what: 'AUROC of the norm, Gaussian noise', value: area('norm', 'noise'), low: 0.92, high: 1 },
      { what: 'AUROC of the untrained norm, Gaussian noise', value: area('untrained_norm', 'noise'), low: 0.02, high: 0.45 },
      { what: 'AUROC of the input norm, unseen digits', value: area('input_norm'), low: 0.45, high: 0.55 },
    ],
  },
  {
    lesson: 'when-the-norm-fails',
    name: 'anomalies room, SimCLR on digits',
    seeds: 6,
    apart: 10,
    run: anomaly('method=simclr&data=digits'),
    values: [
      { what: 'AUROC of the norm, unseen digits', value: area('norm'), low: 0.7, high: 0.95 },
      { what: 'AUROC of max cosine, unseen digits', value: area('max_cosine'), low: 0.8, high: 0.95 },
      { what: 'AUROC of max cosine of h, unseen digits', value: area('max_cosine', 'unseen', 'backbone'), low: 0.92, high: 0.97 },
      { what: 'AUROC of the norm of h, unseen digits', value: area('norm', 'unseen', 'backbone'), low: 0.55, high: 0.87 },
      { what: 'max cosine of h minus norm of z', value: (doc) => area('max_cosine', 'unseen', 'backbone')(doc) - area('norm')(doc), low: 0, high: 0.3 },
    ],
  },
  {
    lesson: 'when-the-norm-fails',
    name: 'anomalies room, latent sphere, d = 16',
    seeds: 6,
    apart: 10,
    run: anomaly('method=simclr&data=latent&a.dim=16'),
    values: [
      { what: 'AUROC of the norm, unseen classes', value: area('norm'), low: 0.15, high: 0.5 },
      { what: 'AUROC of max cosine, unseen classes', value: area('max_cosine'), low: 0.88, high: 0.98 },
      { what: 'AUROC of the norm, Gaussian noise', value: area('norm', 'noise'), low: 0.98, high: 1 },
    ],
  },
  {
    lesson: 'opposite-halves',
    name: 'simulation opposite-halves, quick',
    run: quick('opposite-halves'),
    values: [
      { what: 'steps from a right angle', value: stepsFrom(1.571), low: 93, high: 97, digits: 1 },
      { what: 'steps from 3.10 rad', value: stepsFrom(3.1), low: 190, high: 198, digits: 1 },
      { what: 'steps from 3.14 rad', value: stepsFrom(3.14), low: 270, high: 284, digits: 1 },
    ],
  },
  {
    lesson: 'weight-decay',
    name: 'ten times the rate against weight decay 0.01',
    run: train('method=simclr&data=digits&a.lr=1&b.wd=0.01&b.gradscale=0', 100),
    values: [{ what: 'angular step, B over A', value: (doc) => last('b', 'angular_step')(doc) / last('a', 'angular_step')(doc), low: 50, high: 200, digits: 0 }],
  },
  {
    lesson: 'reading-the-diagnostic',
    name: 'diagnosis of A',
    run: diagnose(TRAP, 60, 'a', 0.03),
    values: [
      { what: 'frozen share', value: ({ steps }) => steps.frozen_share, low: 0.7, high: 0.81 },
      { what: 'slope of gradient against norm', value: ({ slope }) => slope.mean, low: -1.001, high: -0.999 },
      { what: 'kNN of the shortest fifth', value: ({ accuracy }) => accuracy.quantiles[0].accuracy, low: 0.45, high: 0.76 },
      { what: 'kNN of the longest fifth', value: ({ accuracy }) => accuracy.quantiles.at(-1).accuracy, low: 0.86, high: 1 },
      { what: 'kNN of A in the run, first to last', value: ({ run }) => last('a', 'knn')(run) - start('a', 'knn')(run), low: 0.05, high: 0.16 },
    ],
  },
  {
    lesson: 'reading-the-diagnostic',
    name: 'diagnosis of B',
    run: diagnose(TRAP, 60, 'b', 0.03),
    values: [{ what: 'frozen share', value: ({ steps }) => steps.frozen_share, low: 0, high: 0.007 }],
  },
  {
    lesson: 'weight-decay',
    name: 'simulation growth, quick',
    run: quick('growth'),
    values: [
      { what: 'exponent of growth, p = 0', value: ({ outcome }) => outcome.curves.find(({ power }) => power === 0).exponent, low: 0.23, high: 0.27 },
      { what: 'largest error of the balance, share', value: ({ outcome }) => Math.max(...outcome.balances.map((one) => Math.abs(one.norm / one.predicted_norm - 1))), low: 0, high: 0.005, digits: 5 },
    ],
  },
];
