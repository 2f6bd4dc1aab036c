// How fast Normscope trains beside TensorFlow.js and jax-js: the same models in the same browser, turn by turn.
//
//   scripts/peers.sh [--webgpu | --cpu] [--seconds S] [--warm S] [--rounds N] [--model digits|mnist|shapes]
//
// Everybody first runs for --warm seconds, since browsers compile hot code again. Every round measures everybody once; the
// table gives each one's best round and the ratio to Normscope's. Normscope draws its views by augmentation and uploads them;
// the others get random numbers of the same size, uploaded as well. On the CPU it is measured with both arms in one worker, as the
// others are, and as the page does it, with a worker an arm. The classifier is no model of the page's: its Benchmark panel trains it,
// on random numbers as well, one arm alone.
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from '../../scripts/serve.mjs';
import { inWorkers, open, ready } from '../e2e/browser.mjs';

const { values: options } = parseArgs({
  options: {
    webgpu: { type: 'boolean' },
    cpu: { type: 'boolean' },
    seconds: { type: 'string', default: '4' },
    warm: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
    model: { type: 'string' },
  },
});
const time = { seconds: Number(options.seconds), warm: Number(options.warm) };
const models = options.model ? [options.model] : ['digits', 'mnist', 'shapes'];
const devices = [...(options.cpu ? [] : ['webgpu']), ...(options.webgpu ? [] : ['cpu'])];
const PEERS = {
  webgpu: [['tfjs', 'webgpu'], ['jax-js', 'webgpu']],
  cpu: [['tfjs', 'cpu'], ['tfjs', 'wasm'], ['jax-js', 'wasm']],
};

const ONE_WORKER = 'one worker';
/** Everybody: whose, and the backend or (of Normscope's) how. The first one is what the others are compared with. */
function everybody(model, device) {
  const own = device === 'cpu' && model !== 'mnist' ? [['Normscope', ONE_WORKER], ['Normscope', 'a worker an arm']] : [['Normscope', '']];
  return [...own, ...PEERS[device]];
}

function folder() {
  const to = mkdtempSync(join(tmpdir(), 'normscope-peers-'));
  const npm = process.env.NODE_PATH;
  for (const file of ['index.html', 'models.js', 'tfjs.js', 'jaxjs.js']) cpSync(join('tests/peers', file), join(to, file));
  cpSync(join(npm, '@tensorflow/tfjs/dist/tf.min.js'), join(to, 'tf/tf.min.js'));
  cpSync(join(npm, '@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js'), join(to, 'tf/tf-backend-webgpu.min.js'));
  cpSync(join(npm, '@tensorflow/tfjs-backend-wasm/dist'), join(to, 'tf'), { recursive: true });
  cpSync(join(npm, '@jax-js/jax/dist'), join(to, 'jax'), { recursive: true });
  return to;
}

const peers = await serve(folder(), 0);
const app = await open({ webgpu: devices.includes('webgpu') });

/** Steps per second of a peer, or why there are none. */
async function peer(library, model, backend) {
  const page = await app.page(`http://localhost:${peers.address().port}/`);
  try {
    await page.waitForFunction(() => window.train);
    return await page.evaluate((given) => window.train(...given), [library, model, backend, time]);
  } catch (error) {
    return { problem: String(error.message).split('\n')[0].slice(0, 160) };
  } finally {
    await page.close();
  }
}

/** Normscope's steps per second of the classifier, as the Benchmark panel measures them. */
async function ownClassifier(device) {
  const page = await app.page(`?device=${device}`, { reducedMotion: 'reduce' });
  try {
    await ready(page);
    await page.evaluate(() => normscope.send({ type: 'panel', name: 'bench' }));
    await page.click('#bench-quick');
    const row = page.locator('.panel .sheet tbody tr', { hasText: 'supervised' });
    await row.waitFor({ timeout: 600_000 });
    const cells = await row.locator('th, td').allInnerTexts();
    return { stepsPerSecond: Number(cells[5]), firstStepMillis: Number(cells[8]), device };
  } catch (error) {
    return { problem: String(error.message).split('\n')[0].slice(0, 160) };
  } finally {
    await page.close();
  }
}

/** Normscope's arm steps per second: both arms train in turn, as in the page, without evaluations. */
async function own(model, device, how) {
  const page = await app.page('about:blank', { reducedMotion: 'reduce' });
  try {
    if (how === ONE_WORKER) await inWorkers(page, "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 })");
    await page.goto(`${app.address}?data=${model}&method=simclr&device=${device}&steps=100000&eval=1000`);
    await ready(page);
    const result = await page.evaluate(async ({ seconds, warm }) => {
      const reached = async (step) => {
        while (normscope.state().step < step) await new Promise((done) => setTimeout(done, 5));
        return { step: normscope.state().step, at: performance.now() };
      };
      const begun = performance.now();
      await normscope.send({ type: 'step', steps: 1 });
      const firstStepMillis = performance.now() - begun;
      normscope.send({ type: 'play' });
      const started = performance.now();
      let from;
      do from = await reached(normscope.state().step + 1);
      while (performance.now() - started < 1000 * warm);
      let to;
      do to = await reached(normscope.state().step + 1);
      while (to.at - from.at < 1000 * seconds);
      const { device, step } = normscope.state();
      return { stepsPerSecond: (2000 * (to.step - from.step)) / (to.at - from.at), firstStepMillis, device };
    }, time);
    if (page.problems.length) throw new Error(page.problems[0]);
    return result;
  } catch (error) {
    return { problem: String(error.message).split('\n')[0].slice(0, 160) };
  } finally {
    await page.close();
  }
}

const better = (a, b) => ((a?.stepsPerSecond ?? -1) >= (b?.stepsPerSecond ?? -1) ? (a ?? b) : b);
console.log('| model | device | who | arm steps/s | Normscope is | first step, ms |');
console.log('|---|---|---|---|---|---|');
for (const model of models) {
  for (const device of devices) {
    const all = everybody(model, device);
    const best = [];
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const [at, [library, how]] of all.entries()) {
        if (best[at]?.problem) continue;
        const ours = () => (model === 'mnist' ? ownClassifier(device) : own(model, device, how));
        const result = await (library === 'Normscope' ? ours() : peer(library, model, how));
        best[at] = better(result, best[at]);
      }
    }
    all.forEach(([library, how], at) => {
      const { stepsPerSecond, firstStepMillis, problem, losses } = best[at];
      const ratio = best[0].stepsPerSecond / stepsPerSecond;
      // A library that does not train does not count.
      const learns = !losses || (losses.every(Number.isFinite) && losses.at(-1) < losses[0]);
      const cells = problem
        ? [problem, '', '']
        : [stepsPerSecond.toFixed(2), at ? `${ratio.toFixed(1)}x` : '', firstStepMillis.toFixed(0)];
      console.log(`| ${[model, device, `${library} ${how}`.trim(), ...cells].join(' | ')} |${learns ? '' : ' (its loss does not fall)'}`);
    });
  }
}
await app.close();
peers.close();
