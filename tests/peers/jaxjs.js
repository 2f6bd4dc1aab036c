// The models in jax-js. Its arrays are counted: an operation takes what it is given, `.ref` keeps it.
import * as jax from './jax/index.js';
import { MODELS, clock, generator, layers, oneHot, rowsOf, views, weights } from './models.js';

const { lax, nn, numpy: np } = jax;

/** Trains `name` on a device: {stepsPerSecond, firstStepMillis, losses}. */
export async function train(name, device, time) {
  const model = MODELS[name];
  await jax.init(device);
  jax.defaultDevice(device);
  const random = generator(1);
  const rows = rowsOf(model);
  const list = layers(model);
  const parameters = list.flatMap((layer) => {
    if (layer.type === 'pool') return [];
    const { weight, bias } = weights(layer, random);
    const shape = layer.type === 'conv' ? [layer.to, layer.from, 3, 3] : [layer.from, layer.to];
    const made = [np.array(weight).reshape(shape), np.array(bias)];
    if (layer.norm) made.push(np.ones([layer.to]), np.zeros([layer.to]));
    return made;
  });

  const norm = (x, gain, shift, conv) => {
    const axes = conv ? [0, 2, 3] : [0];
    const wide = (v) => (conv ? v.reshape([1, -1, 1, 1]) : v.reshape([1, -1]));
    const mean = np.mean(x.ref, axes, { keepdims: true });
    const centred = x.sub(mean);
    const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
    return nn.relu(centred.div(np.sqrt(variance.add(1e-5))).mul(wide(gain)).add(wide(shift)));
  };
  const loss = (all, x, classes) => {
    let at = 0;
    for (const layer of list) {
      if (layer.type === 'pool') {
        x = np.mean(x, [2, 3]);
        continue;
      }
      const conv = layer.type === 'conv';
      const weight = all[at++];
      const bias = all[at++];
      x = conv ? lax.conv(x, weight, [2, 2], [[1, 1], [1, 1]]).add(bias.reshape([1, -1, 1, 1])) : np.matmul(x, weight).add(bias);
      if (layer.norm) x = norm(x, all[at++], all[at++], conv);
      if (layer.relu) x = nn.relu(x);
    }
    if (model.kind === 'classifier') return np.mean(np.sum(nn.logSoftmax(x, 1).mul(classes), [1])).neg();
    classes.dispose();
    const u = x.ref.div(np.sqrt(np.sum(np.square(x), [1], { keepdims: true })));
    const s = np.matmul(u.ref, np.transpose(u.ref)).div(model.tau).sub(np.eye(rows).mul(1e9));
    const halves = u.ref.reshape([2, model.batch, -1]);
    const first = halves.ref.slice(0);
    const positives = np.sum(first.mul(halves.slice(1)), [1]);
    u.dispose();
    return np.mean(nn.logsumexp(s, 1)).sub(np.mean(positives).div(model.tau));
  };
  const update = model.adam
    ? (w, m, v, g, rates) => {
        const mean = m.mul(0.9).add(g.ref.mul(0.1));
        const square = v.mul(0.999).add(np.square(g).mul(0.001));
        const step = mean.ref.div(np.sqrt(square.ref).add(1e-8));
        return [w.sub(step.mul(rates)), mean, square];
      }
    : (w, m, v, g, rates) => {
        const velocity = m.mul(model.momentum).add(g);
        return [w.sub(velocity.ref.mul(rates)), velocity, v];
      };
  const step = jax.jit((all, first, second, x, classes, rate) => {
    const [value, grads] = jax.valueAndGrad(loss)(all.map((w) => w.ref), x, classes);
    const next = all.map((w, at) => update(w, first[at], second[at], grads[at], rate.ref));
    rate.dispose();
    return [value, next.map((part) => part[0]), next.map((part) => part[1]), next.map((part) => part[2])];
  });

  let all = parameters;
  let first = all.map((w) => np.zeros(w.shape));
  let second = all.map((w) => np.zeros(model.adam ? w.shape : [1]));
  let last;
  const batch = views(model, random);
  const shape = model.kind === 'cnn' ? [rows, model.channels, model.side, model.side] : [rows, model.inputs];
  // Uploaded as well; a stand-in where there are no classes.
  const labels = model.classes ? oneHot(model, random) : new Float32Array(1);
  const labelShape = model.classes ? [rows, model.classes] : [1];
  const losses = [];
  const take = () => {
    last?.dispose();
    [last, all, first, second] = step(all, first, second, np.array(batch.slice()).reshape(shape), np.array(labels.slice()).reshape(labelShape), np.array(model.lr));
  };
  const result = await clock(take, async () => losses.push((await last.ref.data())[0]), time);
  return { ...result, losses };
}
