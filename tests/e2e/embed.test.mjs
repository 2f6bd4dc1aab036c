// The page as a figure on another site: driven over postMessage from a sandboxed frame and through <normscope-figure>, left
// alone by everybody else. figure.test.mjs has the element's own behaviour.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, clean, fitsWidth, open, ready, send } from './browser.mjs';
import { hostFor } from './host.mjs';

let app, site;
before(async () => {
  app = await open();
  const origin = new URL(app.address).origin;
  const script = `<script src="${app.address}figure.js"></script>`;
  const frame = `<iframe id="frame" title="A figure" width="800" height="600" sandbox="allow-scripts" src="${app.address}?embed=1&amp;device=cpu"></iframe>`;
  site = await hostFor(origin, {
    frame,
    stranger: `${frame}<iframe id="stranger" title="A stranger" sandbox="allow-scripts" src="${app.address}icon.svg"></iframe>`,
    below: `${script}<svg width="10" height="6000"></svg><normscope-figure id="figure" query="device=cpu" loading="eager">Far down</normscope-figure>`,
    element: `${script}<normscope-figure id="figure" query="device=cpu&amp;seed=5" theme="dark">SimCLR, twice</normscope-figure>
      <normscope-figure id="room" query="room=gradient">The gradient lab</normscope-figure>
      <normscope-figure id="replay" preset="byol-collapse" hide="transport">A record</normscope-figure>`,
  });
});
after(async () => {
  await app.close();
  await site.close();
});

/** A page of the site, on which `ask(message)` gives the frame's answer and `heard` holds what else the frame says. */
async function visit(name, options) {
  const page = await app.page('about:blank', options);
  await page.addInitScript(() => {
    if (window !== window.top) return;
    const answers = new Map();
    window.heard = [];
    addEventListener('message', ({ source, origin, data }) => {
      if (source !== document.getElementById('frame')?.contentWindow || data?.source !== 'normscope') return;
      if (data.type !== 'reply') window.heard.push({ ...data, origin });
      else answers.get(data.id)?.(data);
    });
    window.post = (data) => document.getElementById('frame').contentWindow.postMessage(data, '*');
    window.ask = (message) =>
      new Promise((done) => {
        const id = `question ${answers.size}`;
        answers.set(id, done);
        window.post({ source: 'normscope', v: 1, id, ...message });
      });
  });
  await page.goto(site.address(name));
  return page;
}

const ask = (page, message) => page.evaluate((message) => window.ask(message), message);
const value = async (page, message) => {
  const reply = await ask(page, message);
  assert.equal(reply.error, undefined, `${message.type}: ${reply.error}`);
  return reply.value;
};
const hello = (page) => page.waitForFunction(() => window.heard.find(({ type }) => type === 'hello'), null, { timeout: 60_000 }).then((found) => found.jsonValue());

/** Only the app and the site were asked for anything. */
function keptToItself(page) {
  const known = [new URL(app.address).origin, site.origin];
  const foreign = page.requests.filter((url) => /^(http|ws)/.test(url) && !known.includes(new URL(url).origin));
  assert.deepEqual(foreign, []);
}

test('a sandboxed frame on another site is driven by messages', async () => {
  const page = await visit('frame');
  const first = await hello(page);
  assert.deepEqual([first.v, first.origin, first.detail.data], [1, 'null', 'digits']);
  assert.match(first.version, /^\d+\.\d+\.\d+$/);
  assert.equal(await value(page, { type: 'on', event: 'metrics' }), true);
  const stepped = await value(page, { type: 'step', steps: 12 });
  assert.deepEqual([stepped.step, stepped.running, stepped.device], [12, false, 'cpu']);
  assert.equal(stepped.arms.a.batch_hash, stepped.arms.b.batch_hash);
  const loss = await page.evaluate(async () => {
    const { value } = await window.ask({ type: 'series', arm: 'a', metric: 'loss' });
    return { values: [...value], steps: [...value.steps] };
  });
  assert.equal(loss.values.length, 12);
  assert.deepEqual([loss.steps[0], loss.steps.at(-1)], [1, 12]);
  const points = await page.evaluate(async () => {
    const { value } = await window.ask({ type: 'embeddings', arm: 'b' });
    const norm = Math.hypot(...value.z.subarray(0, value.dim));
    return { n: value.n, dim: value.dim, z: value.z.length, label: value.label.length, off: Math.abs(norm - value.norm[0]) / norm };
  });
  assert.ok(points.n > 100 && points.z === points.n * points.dim && points.label === points.n, JSON.stringify(points));
  assert.ok(points.off < 1e-4, `${points.off}`);
  const metrics = await page.evaluate(() => window.heard.filter(({ type }) => type === 'metrics').map(({ detail }) => detail.arm));
  assert.ok(metrics.includes('a') && metrics.includes('b'), metrics.join());
  clean(page);
  keptToItself(page);
});

test('play, pause, set and seek give the same run as the page itself would', async () => {
  const page = await visit('frame');
  await hello(page);
  const set = await value(page, { type: 'set', seed: 9, 'b.gradscale': 0.5 });
  assert.deepEqual([set.config.seed, set.config.b.gradscale, set.config.a.gradscale, set.notices], [9, 0.5, 0, []]);
  await value(page, { type: 'play' });
  while ((await value(page, { type: 'state' })).step < 3) await page.waitForTimeout(50);
  const paused = await value(page, { type: 'pause' });
  assert.ok(!paused.running && paused.step >= 3);
  const there = await value(page, { type: 'seek', step: 20 });
  assert.equal(there.step, 20);
  const hash = there.arms.a.weights_hash;
  await value(page, { type: 'seek', step: 2 });
  const again = await value(page, { type: 'seek', step: 20 });
  assert.equal(again.step, 20);
  assert.equal(again.arms.a.weights_hash, hash);
  const same = await app.page('?seed=9&b.gradscale=0.5&device=cpu');
  await ready(same);
  const direct = await send(same, { type: 'step', steps: 20 });
  assert.deepEqual([direct.batch_hash, direct.arms.a.metrics.loss], [again.batch_hash, again.arms.a.metrics.loss]);
  const reset = await value(page, { type: 'reset' });
  assert.equal(reset.step, 0);
  const whole = await value(page, { type: 'export' });
  assert.ok(whole.state && whole.series);
  clean(page);
});

test('what makes no sense is answered with an error that names it, or left alone', async () => {
  const page = await visit('frame');
  await hello(page);
  for (const [message, pattern] of [
    [{ v: 2, type: 'state' }, /version 1/],
    [{ v: '1', type: 'state' }, /version 1/],
    [{ v: undefined, type: 'state' }, /version 1/],
    [{}, /type undefined: must be one of/],
    [{ type: 'explode' }, /type "explode"/],
    [{ type: 7 }, /type 7/],
    [{ type: 'series', arm: 'c', metric: 'loss' }, /arm "c"/],
    [{ type: 'series', arm: 'a', metric: '__proto__' }, /metric "__proto__"/],
    [{ type: 'embeddings' }, /arm undefined/],
    [{ type: 'on', event: 'weather' }, /event "weather"/],
    [{ type: 'seek', step: 'soon' }, /seek: step/],
    [{ type: 'x'.repeat(3_000_000) }, /must be one of/],
  ]) {
    const reply = await ask(page, message);
    assert.match(reply.error ?? 'no error', pattern, JSON.stringify(message).slice(0, 80));
    assert.ok(reply.error.length < 1000, `${reply.error.length} characters about ${JSON.stringify(message).slice(0, 40)}`);
  }
  const before = await page.evaluate(() => window.heard.length);
  await page.evaluate(() => {
    const cyclic = {};
    cyclic.self = cyclic;
    for (const data of [null, undefined, 0, 'normscope', [], cyclic, new ArrayBuffer(1e6), { type: 'set', seed: 1 }, { source: 'other', v: 1, type: 'set', seed: 1 }]) window.post(data);
  });
  const huge = await value(page, { type: 'set', query: `a.lr=${'9'.repeat(100_000)}` });
  assert.equal(huge.config.seed, 7);
  assert.ok(huge.notices.every(({ message, input }) => message.length + input.length < 1000));
  const after = await page.evaluate((before) => window.heard.slice(before).filter(({ type }) => type !== 'notice' && type !== 'resize'), before);
  assert.deepEqual(after, []);
  const done = await value(page, { type: 'step', steps: 2 });
  assert.equal(done.step, 2);
  clean(page);
});

test('other windows are not heard', async () => {
  const page = await visit('stranger');
  await hello(page);
  await value(page, { type: 'state' });
  const stranger = page.frames().find((frame) => frame.url().endsWith('icon.svg'));
  await stranger.evaluate(() => {
    window.answers = 0;
    window.addEventListener('message', () => window.answers++);
    for (const type of ['state', 'set', 'play']) parent.frames[0].postMessage({ source: 'normscope', v: 1, id: 1, type, seed: 666 }, '*');
  });
  await page.frames()[1].evaluate(() => window.postMessage({ source: 'normscope', v: 1, id: 1, type: 'set', seed: 666 }, '*'));
  // Messages come in order: after this answer the others would have had theirs.
  const now = await value(page, { type: 'state' });
  assert.deepEqual([now.config.seed, now.running], [7, false]);
  await page.waitForTimeout(200);
  assert.equal(await stranger.evaluate(() => window.answers), 0);
  assert.equal((await value(page, { type: 'state' })).config.seed, 7);
  clean(page);
});

test('without an origin there is nothing to store, and nothing is missed', async () => {
  const page = await visit('frame');
  await hello(page);
  await value(page, { type: 'step', steps: 3 });
  const storage = await page.frames()[1].evaluate(() => {
    const attempt = (act) => {
      try {
        return String(act());
      } catch (error) {
        return error.name;
      }
    };
    return [attempt(() => self.origin), attempt(() => localStorage.length), attempt(() => sessionStorage.length), attempt(() => document.cookie)];
  });
  assert.deepEqual(storage, ['null', 'SecurityError', 'SecurityError', 'SecurityError']);
  const kept = await page.context().storageState();
  assert.deepEqual([kept.cookies, kept.origins], [[], []]);
  clean(page);
});

test('the element loads the figure, drives it and is as high as it', async () => {
  const page = await app.page(site.address('element'));
  assert.deepEqual(page.requests.filter((url) => url.startsWith(app.address)), [`${app.address}figure.js`]);
  await accessible(page);
  await page.locator('#figure').getByRole('button').click();
  const found = await page.evaluate(async () => {
    const figure = document.getElementById('figure');
    await figure.ready;
    const heard = [];
    figure.on('metrics', ({ arm }) => heard.push(arm));
    const { step, config } = await figure.send({ type: 'step', steps: 10 });
    const series = await figure.series('b', 'loss');
    const { n } = await figure.embeddings('a');
    const refused = await figure.series('a', 'weight').catch((error) => error.message);
    return { step, seed: config.seed, theme: config.theme, embed: config.embed, losses: series.length, n, heard, refused };
  });
  assert.deepEqual([found.step, found.seed, found.theme, found.embed, found.losses], [10, 5, 'dark', true, 10]);
  assert.ok(found.n > 100 && found.heard.includes('a'), JSON.stringify(found));
  assert.match(found.refused, /metric "weight"/);
  await page.evaluate(() => document.getElementById('figure').setAttribute('theme', 'light'));
  const frame = page.frames()[1];
  await frame.waitForFunction(() => document.documentElement.dataset.theme === 'light');
  for (const width of [1440, 700, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const height = await settled(page, 'figure');
    const inside = await frame.evaluate(() => [document.documentElement.scrollHeight, document.querySelector('.app').scrollHeight, innerHeight]);
    assert.deepEqual(inside, [height, height, height], `${width} pixels`);
    assert.ok(height > 200 && height < 1400, `${height} at ${width} pixels`);
    await fitsWidth(page);
  }
  await accessible(page);
  clean(page);
  keptToItself(page);
});

test('a figure below the fold can be spoken to', { timeout: 30_000 }, async () => {
  const page = await app.page(site.address('below'));
  const step = await page.evaluate(() => document.getElementById('figure').send({ type: 'step', steps: 3 }).then(({ step }) => step));
  assert.equal(step, 3);
  assert.equal(await page.evaluate(() => scrollY), 0);
  clean(page);
});

/** The height that a figure's frame comes to rest at. */
async function settled(page, id) {
  const height = () => page.locator(`#${id} iframe`).evaluate((frame) => frame.clientHeight);
  for (let last = -1, same = 0; ; ) {
    const now = await height();
    same = now === last ? same + 1 : 0;
    if (same === 5) return now;
    last = now;
    await page.waitForTimeout(100);
  }
}

test('several figures, a room and a recorded run live side by side; only clicked ones load', async () => {
  const page = await app.page(site.address('element'));
  await page.locator('#room').getByRole('button').click();
  await page.evaluate(() => document.getElementById('room').ready);
  assert.equal(page.frames().length, 2);
  await page.frames()[1].locator('.plane').waitFor();
  await page.locator('#replay').getByRole('button').click();
  await page.evaluate(() => document.getElementById('replay').ready);
  const replay = page.frames()[2];
  await replay.locator('.pane canvas').first().waitFor();
  assert.equal(await replay.locator('.transport').count(), 0);
  const state = await page.evaluate(() => document.getElementById('replay').state());
  assert.equal(state.config.preset, 'byol-collapse');
  await settled(page, 'room');
  await settled(page, 'replay');
  await accessible(page);
  await page.evaluate(() => document.getElementById('replay').remove());
  while (page.frames().length > 2) await page.waitForTimeout(20);
  clean(page);
  keptToItself(page);
});

for (const [width, height, colorScheme] of [[1440, 900, 'light'], [390, 844, 'dark']]) {
  test(`the page of examples works at ${width} pixels, ${colorScheme}`, async () => {
    const page = await app.page('examples.html', { viewport: { width, height }, colorScheme });
    await page.locator('normscope-figure').nth(4).getByRole('button').waitFor();
    assert.equal(page.frames().length, 1);
    await accessible(page);
    await fitsWidth(page);
    await page.getByRole('button', { name: 'Train 100 steps' }).click();
    await page.getByText(/Step 100\. kNN accuracy: A \d+\.\d\s%, B \d+\.\d\s%\./).waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'GradScale for B: on' }).click();
    await page.getByText(/Step 0\./).waitFor({ timeout: 60_000 });
    assert.equal((await page.evaluate(() => document.getElementById('figure').state())).config.b.gradscale, 0);
    await page.locator('#theme').click();
    const other = colorScheme === 'dark' ? 'light' : 'dark';
    await page.frames()[1].waitForFunction((theme) => document.documentElement.dataset.theme === theme, other);
    await accessible(page);
    await fitsWidth(page);
    assert.deepEqual(page.requests.filter((url) => /^http/.test(url) && !url.startsWith(app.address)), []);
    clean(page);
  });
}

test('a figure has no ground of its own: the page under it shows, also behind the spheres', async () => {
  const page = await visit('frame');
  const frame = page.frame({ url: /embed=1/ });
  await frame.locator('canvas.flat').first().waitFor();
  await frame.waitForFunction(() => {
    const canvas = document.querySelector('canvas.flat');
    return canvas.width > 300 && canvas.getContext('2d').getImageData(2, 2, 1, 1).data[3] === 0;
  });
  const grounds = await frame.evaluate(() => {
    const chain = [];
    for (let at = document.querySelector('canvas.flat'); at; at = at.parentElement) chain.push(getComputedStyle(at).backgroundColor);
    return [...new Set(chain)];
  });
  assert.deepEqual(grounds, ['rgba(0, 0, 0, 0)']);
});
