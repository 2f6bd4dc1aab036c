// The models that are trained by everybody: sizes of Normscope's own standard arms, and weights as it draws them.

/** Normscope's base experiments: data set, batch (samples), hidden width, embedding dimension. */
export const MODELS = {
  digits: { kind: 'mlp', inputs: 64, width: 128, dim: 16, batch: 128, lr: 0.1, momentum: 0.9, tau: 0.5 },
  // The perceptron that jax-js shows with MNIST: softmax cross-entropy, Adam. Pictures are random numbers.
  mnist: { kind: 'classifier', inputs: 784, hidden: [256, 128], classes: 10, batch: 1000, lr: 0.001, adam: true },
  shapes: { kind: 'cnn', side: 32, channels: 3, width: 64, dim: 16, batch: 128, lr: 0.003, adam: true, tau: 0.5 },
};

/** Rows of a batch: two views a sample, or a sample each. */
export const rowsOf = (model) => (model.kind === 'classifier' ? model.batch : 2 * model.batch);

/** Layers in order: {type, ...sizes}. Every hidden one is followed by batch norm (not in a classifier) and ReLU. */
export function layers({ kind, inputs, width, dim, channels, hidden, classes }) {
  const linear = (from, to, norm) => ({ type: 'linear', from, to, norm });
  if (kind === 'classifier') {
    const sizes = [inputs, ...hidden, classes];
    return hidden.concat(classes).map((to, at) => ({ type: 'linear', from: sizes[at], to, relu: at < hidden.length }));
  }
  const projector = [linear(width, width, true), linear(width, dim, false)];
  if (kind === 'mlp') return [linear(inputs, width, true), linear(width, width, true), ...projector];
  const [first, second] = [Math.ceil(width / 4), Math.ceil(width / 2)];
  const conv = (from, to) => ({ type: 'conv', from, to, norm: true });
  return [conv(channels, first), conv(first, second), conv(second, width), { type: 'pool' }, ...projector];
}

/** Uniform in +-1/sqrt(fan in), from a small generator of its own: the same for all. */
export function weights(layer, random) {
  const fan = layer.type === 'conv' ? layer.from * 9 : layer.from;
  const draw = (length) => Float32Array.from({ length }, () => (2 * random() - 1) / Math.sqrt(fan));
  return { weight: draw(fan * layer.to), bias: draw(layer.to) };
}

/** mulberry32. */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Random inputs of a batch, flat: the cost of a step does not depend on what they show. */
export function views(model, random) {
  const length = model.kind === 'cnn' ? model.side * model.side * model.channels : model.inputs;
  return Float32Array.from({ length: rowsOf(model) * length }, random);
}

/** A class for each row, as one-hot rows, flat. */
export function oneHot(model, random) {
  const all = new Float32Array(model.batch * model.classes);
  for (let row = 0; row < model.batch; row++) all[row * model.classes + Math.floor(random() * model.classes)] = 1;
  return all;
}

/** Steps per second of `step`, after `warm` seconds, with `wait` for the device every few steps. */
export async function clock(step, wait, { seconds, warm }) {
  const begun = performance.now();
  await step();
  await wait();
  const first = performance.now() - begun;
  const started = performance.now();
  do {
    await step();
    await wait();
  } while (performance.now() - started < 1000 * warm);
  const from = performance.now();
  let steps = 0;
  do {
    for (let i = 0; i < 4; i++) await step();
    steps += 4;
    await wait();
  } while (performance.now() - from < 1000 * seconds);
  return { stepsPerSecond: (1000 * steps) / (performance.now() - from), firstStepMillis: first };
}
