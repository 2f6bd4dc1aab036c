// Every kind of machine: each test takes something away that a browser may lack, and says what the visitor gets instead.
// NORMSCOPE_SHOTS names a folder for a picture of each.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { clean, fitsWidth, inWorkers, open, ready, send, state } from './browser.mjs';

const SMALL = 'steps=20&eval=5&a.width=16&b.width=16&a.batch=16&b.batch=16';
const shots = process.env.NORMSCOPE_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });
let host;
before(async () => (host = await open({ webgpu: true })));
after(async () => host?.close());

/** A page on a machine: `code` runs before everything else, in the page and in its workers. */
async function machine(query, code, options = {}, on = host) {
  const page = await on.page('about:blank', { reducedMotion: 'reduce', ...options });
  if (code) {
    await page.addInitScript(code);
    await inWorkers(page, code);
  }
  await page.goto(`${on.address}?${query}`);
  return page;
}

async function shot(page, name) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Fails when a sphere shows nothing: a picture of points has many colours. */
async function pictured(page) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.pane .canvases')].every((pane) => {
      const sheet = new OffscreenCanvasForTests(200, 200);
      const pen = sheet.getContext('2d', { willReadFrequently: true });
      for (const canvas of pane.querySelectorAll('canvas')) if (canvas.width && canvas.height) pen.drawImage(canvas, 0, 0, 200, 200);
      const colours = new Set(new Uint32Array(pen.getImageData(0, 0, 200, 200).data.buffer));
      return colours.size > 60;
    }),
  );
}

/** The reason that says that each arm has one. */
const OWN_WORKERS = /worker of its own/;

/** Trains a little and looks at it. */
async function works(page, name, expected) {
  await page.evaluate(() => {
    window.OffscreenCanvasForTests = function (width, height) {
      return Object.assign(document.createElement('canvas'), { width, height });
    };
  });
  await ready(page);
  await send(page, { type: 'step', steps: 10 });
  const now = await state(page);
  assert.equal(now.step, 10);
  assert.equal(now.failed, null);
  for (const [key, value] of Object.entries(expected)) {
    // The second worker comes when it comes.
    if (value === OWN_WORKERS) await page.waitForFunction((source) => new RegExp(source).test(normscope.state().reason), OWN_WORKERS.source);
    else if (value instanceof RegExp) assert.match(now[key], value);
    else assert.equal(now[key], value);
  }
  await pictured(page);
  await shot(page, name);
  await fitsWidth(page);
  clean(page);
  await page.close();
}

/** WebGPU's default limits, and those of its compatibility mode. */
const LIMITS = {
  maxTextureDimension1D: 8192, maxTextureDimension2D: 8192, maxTextureDimension3D: 2048, maxTextureArrayLayers: 256, maxBindGroups: 4,
  maxBindGroupsPlusVertexBuffers: 24, maxBindingsPerBindGroup: 1000, maxDynamicUniformBuffersPerPipelineLayout: 8,
  maxDynamicStorageBuffersPerPipelineLayout: 4, maxSampledTexturesPerShaderStage: 16, maxSamplersPerShaderStage: 16,
  maxStorageBuffersPerShaderStage: 8, maxStorageTexturesPerShaderStage: 4, maxUniformBuffersPerShaderStage: 12,
  maxUniformBufferBindingSize: 65536, maxStorageBufferBindingSize: 134217728, minUniformBufferOffsetAlignment: 256,
  minStorageBufferOffsetAlignment: 256, maxVertexBuffers: 8, maxBufferSize: 268435456, maxVertexAttributes: 16,
  maxVertexBufferArrayStride: 2048, maxInterStageShaderVariables: 16, maxColorAttachments: 8, maxColorAttachmentBytesPerSample: 32,
  maxComputeWorkgroupStorageSize: 16384, maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256, maxComputeWorkgroupSizeZ: 64, maxComputeWorkgroupsPerDimension: 65535,
};
const COMPATIBILITY = {
  ...LIMITS, maxTextureDimension1D: 4096, maxTextureDimension2D: 4096, maxColorAttachments: 4, maxComputeInvocationsPerWorkgroup: 128,
  maxComputeWorkgroupSizeX: 128, maxComputeWorkgroupSizeY: 128, maxVertexBuffers: 8, maxInterStageShaderVariables: 15,
  maxUniformBufferBindingSize: 16384, maxStorageBuffersInVertexStage: 0, maxStorageTexturesInVertexStage: 0,
  maxStorageBuffersInFragmentStage: 4, maxStorageTexturesInFragmentStage: 4,
};
const limited = (limits) => `
  const limits = ${JSON.stringify(limits)};
  if (self.GPUAdapter) Object.defineProperty(GPUAdapter.prototype, 'limits', { get: () => limits });`;
/** An adapter whose devices have no optional feature: a device with one is refused. */
const NO_FEATURES = `if (self.GPUAdapter) {
  Object.defineProperty(GPUAdapter.prototype, 'features', { get: () => new Set() });
  const own = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = function (wanted) {
    if ([...(wanted?.requiredFeatures ?? [])].length) throw new TypeError('no features');
    return own.call(this, wanted);
  };
}`;
/** A device that binds 4 MB at once: enough for small networks. A device never has less than the defaults, whatever is asked for. */
const SMALL_DEVICE = `if (self.GPUDevice) Object.defineProperty(GPUDevice.prototype, 'limits', { get: () => (${JSON.stringify({ ...LIMITS, maxStorageBufferBindingSize: 4 << 20 })}) });`;
const REFUSES = `() => { throw new DOMException('refused', 'SecurityError'); }`;

const MACHINES = [
  ['no-webgpu', 'without WebGPU the CPU trains', 'device=webgpu', `for (const kind of [self.Navigator, self.WorkerNavigator]) if (kind) delete kind.prototype.gpu;`, { device: 'cpu', reason: /no WebGPU/ }],
  ['no-adapter', 'without an adapter the CPU trains', 'device=webgpu', `if (self.GPU) GPU.prototype.requestAdapter = async () => null;`, { device: 'cpu', reason: /no WebGPU adapter/ }],
  ['adapter-fails', 'an adapter that gives no device leaves the CPU', 'device=webgpu', `if (self.GPUAdapter) GPUAdapter.prototype.requestDevice = async () => { throw new DOMException('no', 'OperationError'); };`, { device: 'cpu', reason: /could not be opened/ }],
  ['software', 'a software adapter is slower than the CPU path', 'device=auto', ``, { device: 'cpu', reason: /software/ }],
  ['no-features', 'WebGPU needs no optional feature: no timestamp queries, nothing', 'device=webgpu', NO_FEATURES, { device: 'webgpu' }],
  ['least', 'the limits of compatibility mode without any feature', 'device=webgpu', NO_FEATURES + limited(COMPATIBILITY), { device: 'webgpu' }],
  ['too-small', 'networks that are too large for the GPU are trained on the CPU', 'device=webgpu&a.width=512&b.width=512', SMALL_DEVICE, { device: 'cpu', reason: /can't be trained on this GPU/ }],
  ['one-too-small', 'one network that is too large for the GPU is trained on the CPU', 'device=webgpu&b.width=512', SMALL_DEVICE, { device: 'webgpu', reason: /arm B trains on the CPU/ }],
  ['default-limits', 'default limits are enough for WebGPU', 'device=webgpu', limited(LIMITS), { device: 'webgpu' }],
  ['compatibility', 'the limits of compatibility mode are enough', 'device=webgpu', limited(COMPATIBILITY), { device: 'webgpu' }],
  ['no-webgl', 'no WebGL either', 'device=auto', `for (const kind of [self.Navigator, self.WorkerNavigator]) if (kind) delete kind.prototype.gpu;
    for (const kind of [self.HTMLCanvasElement, self.OffscreenCanvas]) if (kind) { const own = kind.prototype.getContext; kind.prototype.getContext = function (name, ...rest) { return name === '2d' ? own.call(this, name, ...rest) : null; }; }`, { device: 'cpu' }],
  ['no-offscreen', 'without OffscreenCanvas the page paints what WebGPU trains', 'device=webgpu', `delete self.OffscreenCanvas; if (self.HTMLCanvasElement) delete HTMLCanvasElement.prototype.transferControlToOffscreen;`, { device: 'webgpu' }],
  ['no-worker-modules', 'workers need not be modules', 'device=auto', `if (self.Worker) { const Own = self.Worker; self.Worker = function (url, options) { if (options?.type === 'module') throw new TypeError('no modules'); return new Own(url, options); }; }`, { device: 'cpu' }],
  ['no-nested-workers', 'workers need not start others: the page starts both', 'device=auto', `if (!self.document) delete self.Worker;`, { device: 'cpu', reason: OWN_WORKERS }],
  ['no-locks', 'without locks', 'device=auto', `for (const kind of [self.Navigator, self.WorkerNavigator]) if (kind) delete kind.prototype.locks;`, { device: 'cpu' }],
  ['no-storage', 'without any storage', 'device=auto', `delete self.caches; delete self.indexedDB; for (const name of ['localStorage', 'sessionStorage']) try { delete self[name]; } catch {}`, { device: 'cpu' }],
  ['blocked-cookies', 'with blocked cookies', 'device=auto', `for (const name of ['localStorage', 'sessionStorage', 'caches', 'indexedDB']) Object.defineProperty(self, name, { get: ${REFUSES} });
    if (self.document) Object.defineProperty(Document.prototype, 'cookie', { get: ${REFUSES}, set: ${REFUSES} });`, { device: 'cpu' }],
];

for (const [name, words, query, code, expected] of MACHINES) {
  // Of a key that comes twice the first counts.
  test(words, async () => works(await machine(`${query}&${SMALL}`, code), name, expected));
}

test('a page that takes longer to be made than the engine to be there hears of it all the same', async () => {
  // Every piece of the page waits a fifth of a second: there are some forty, and the engine is up after two seconds at most.
  const code = `if (self.document) {
    let other;
    Object.defineProperty(self, 'normscopeTask', { set: (task) => (other = task), get: () => () => new Promise((done) => setTimeout(() => done(other()), 200)) });
  }`;
  const page = await machine(`device=cpu&${SMALL}`, code);
  await works(page, 'slow-page', { device: 'cpu' });
});

test('without workers the recorded run plays, and Live says why it can not train', async () => {
  const page = await machine('', 'delete self.Worker');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await page.click('#play');
  await page.waitForFunction(() => document.querySelector('#play').innerText === 'Pause');
  await page.click('.transport [data-key=live]');
  await page.waitForSelector('#try-again');
  assert.match(await page.locator('.notices').innerText(), /can't start the engine's worker/);
  await shot(page, 'no-workers');
  clean(page);
  await page.close();
});

test('one worker does where the page may not start a second one', async () => {
  const page = await machine(`device=cpu&${SMALL}`, `if (self.document) {
    const Own = self.Worker;
    self.made = 0;
    self.Worker = function (...parts) {
      if (made++) throw new DOMException('no more', 'QuotaExceededError');
      return new Own(...parts);
    };
  }`);
  await ready(page);
  await page.waitForFunction(() => window.made > 1);
  await works(page, 'one-worker', { device: 'cpu', reason: /^(?!.*worker of its own)/ });
});

test('a sandboxed frame trains', async () => {
  const page = await host.page('about:blank', { reducedMotion: 'reduce' });
  await page.route('**/frame.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<iframe sandbox="allow-scripts" style="width:100%;height:95vh" src="${host.address}?${SMALL}"></iframe>` }),
  );
  await page.goto(`${host.address}frame.html`);
  const frame = page.frames().find((one) => one !== page.mainFrame());
  await frame.waitForFunction(() => window.normscope);
  await frame.evaluate(() => normscope.send({ type: 'step', steps: 10 }));
  assert.equal(await frame.evaluate(() => normscope.state().step), 10);
  await shot(page, 'sandboxed');
  clean(page);
  await page.close();
});

test('a small phone: little memory, a narrow and then a rotated screen, three pixels a point', async () => {
  // 128 MB for a module.
  const small = await open({ args: ['--js-flags=--wasm-max-mem-pages=2048'] });
  const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };
  const page = await machine(SMALL, '', phone, small);
  await ready(page);
  await send(page, { type: 'step', steps: 5 });
  await fitsWidth(page);
  await shot(page, 'phone');
  await page.setViewportSize({ width: 640, height: 360 });
  await send(page, { type: 'step', steps: 5 });
  await fitsWidth(page);
  // As many pixels as the screen has, up to the part of a CSS pixel that clientWidth rounds away (layout.test.mjs is exact).
  const sizes = () => page.$$eval('canvas.flat', (all) => all.map((canvas) => [canvas.width, Math.round(canvas.clientWidth * devicePixelRatio)]));
  await page.waitForFunction(() => [...document.querySelectorAll('canvas.flat')].every((canvas) => Math.abs(canvas.width - canvas.clientWidth * devicePixelRatio) <= devicePixelRatio / 2));
  for (const [own, wanted] of await sizes()) assert.ok(Math.abs(own - wanted) <= 2, `${own} ${wanted}`);
  await shot(page, 'phone-rotated');
  clean(page);
  await page.close();
});

test('more than the memory holds: the page stays, says so, and goes on with something smaller', async () => {
  const small = await open({ args: ['--js-flags=--wasm-max-mem-pages=640'] });
  const page = await small.page(`?${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 5 });
  const size = 'a.width=512&b.width=512&a.batch=1024&b.batch=1024&data=shapes';
  const tried = page.evaluate((query) => normscope.send({ type: 'set', query }).then(() => normscope.send({ type: 'step', steps: 1 })).then(() => 'trained', (error) => error.message), size);
  await page.waitForSelector('#try-again', { timeout: 180_000 });
  assert.match(await tried, /memory/i);
  assert.match(await page.locator('.notices').innerText(), /memory/i);
  await shot(page, 'out-of-memory');
  await page.evaluate(() => normscope.send({ type: 'set', query: 'data=digits&a.width=16&b.width=16&a.batch=16&b.batch=16' }).catch(() => {}));
  await page.click('#try-again');
  await page.waitForFunction(() => normscope.state().ready, null, { timeout: 60_000 });
  await send(page, { type: 'step', steps: 5 });
  assert.equal((await state(page)).failed, null);
  await page.close();
});

test('zoomed in by half: no bar at the bottom, sharp spheres', async () => {
  // What a zoom of 150 % does: fewer, larger pixels.
  const page = await machine(SMALL, '', { viewport: { width: 960, height: 600 }, deviceScaleFactor: 1.5 });
  await works(page, 'zoomed', { device: 'cpu' });
});
