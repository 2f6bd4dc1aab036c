// The models in TensorFlow.js (global `tf`).
import { MODELS, clock, generator, layers, oneHot, rowsOf, views, weights } from './models.js';

/** Trains `name` on a backend: {stepsPerSecond, firstStepMillis, losses}. */
export async function train(name, backend, time) {
  const model = MODELS[name];
  if (!(await tf.setBackend(backend))) throw new Error(`no ${backend} backend here`);
  await tf.ready();
  const random = generator(1);
  const parameters = layers(model).map((layer) => {
    if (layer.type === 'pool') return {};
    const { weight, bias } = weights(layer, random);
    const shape = layer.type === 'conv' ? [3, 3, layer.from, layer.to] : [layer.from, layer.to];
    const made = { weight: tf.variable(tf.tensor(weight, shape)), bias: tf.variable(tf.tensor(bias, [layer.to])) };
    if (layer.norm) Object.assign(made, { gain: tf.variable(tf.ones([layer.to])), shift: tf.variable(tf.zeros([layer.to])) });
    return made;
  });
  const optimizer = model.adam ? tf.train.adam(model.lr) : tf.train.momentum(model.lr, model.momentum);
  const rows = rowsOf(model);
  const self = tf.keep(tf.eye(rows).mul(-1e9));

  const norm = (x, { gain, shift }) => {
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const { mean, variance } = tf.moments(x, axes);
    return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(gain).add(shift).relu();
  };
  const forward = (x) => {
    layers(model).forEach((layer, at) => {
      const p = parameters[at];
      if (layer.type === 'pool') x = x.mean([1, 2]);
      else x = (layer.type === 'conv' ? tf.conv2d(x, p.weight, 2, 'same') : tf.matMul(x, p.weight)).add(p.bias);
      if (layer.norm) x = norm(x, p);
      if (layer.relu) x = x.relu();
    });
    return x;
  };
  const loss = (x, classes) => {
    const z = forward(x);
    if (model.kind === 'classifier') return tf.losses.softmaxCrossEntropy(classes, z);
    const u = z.div(z.square().sum(1, true).sqrt());
    const s = tf.matMul(u, u, false, true).div(model.tau);
    const other = tf.concat([u.slice([model.batch, 0]), u.slice([0, 0], [model.batch, -1])]);
    return s.add(self).logSumExp(1).sub(u.mul(other).sum(1).div(model.tau)).mean();
  };
  const batch = views(model, random);
  const shape = model.kind === 'cnn' ? [rows, model.side, model.side, model.channels] : [rows, model.inputs];
  const labels = model.classes ? oneHot(model, random) : new Float32Array(1);
  const labelShape = model.classes ? [rows, model.classes] : [1];
  const losses = [];
  let last;
  const step = () => {
    last?.dispose();
    // A copy: uploading the batch is part of a step.
    const x = tf.tensor(batch.slice(), shape);
    const classes = tf.tensor(labels.slice(), labelShape);
    last = optimizer.minimize(() => loss(x, classes), true);
    tf.dispose([x, classes]);
  };
  const result = await clock(step, async () => losses.push((await last.data())[0]), time);
  return { ...result, losses };
}
