// Loads a module into this worker (`worker.js` the engine, `worker.js?study` the engine for a study, `worker.js?arm` the engine
// for one arm, `worker.js?lab` the lab): fetches it while counting bytes, compiles it as it arrives, and says how far it is.
// Messages to the page: ['download', received, total or 0], ['loaded'], ['failed', why, 'memory' or nothing], ['lost', why] (the
// GPU), ['alive', lock], ['adapter', name, limits], ['pong'], ['aide'] (start the second worker). From the page: ['ping'], ['lose']
// (the GPU), ['end'], ['aide'] with a port between the engine and its second worker, which says everything there.
'use strict';

// A worker of a sandboxed frame is made of a blob, which says where it belongs (load.js).
const BASE = self.normscopeBase ?? '';
const QUERY = self.normscopeQuery ?? self.location.search;
const NAME = QUERY === '?lab' ? 'lab' : 'engine';
const MODULE = `${BASE}${NAME}_bg.wasm`;
self.normscopeMode = QUERY;

/** Says something to the page, or to the engine when this is its second worker. */
let say = (message) => postMessage(message);

async function module() {
  const response = await fetch(MODULE);
  if (!response.ok) throw new Error(`${MODULE}: the server answered ${response.status}`);
  // With compression the length says nothing about the bytes that arrive here.
  const plain = !response.headers.get('content-encoding');
  const total = plain ? Number(response.headers.get('content-length')) || 0 : 0;
  let received = 0;
  let told = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.length;
      if (received - told > 200_000) {
        told = received;
        say(['download', received, total]);
      }
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: { 'content-type': 'application/wasm' } });
}

/** For studies: counts the device's work from now on, in self.normscopeCounts; nothing where there is no WebGPU. */
function count() {
  if (!self.GPUDevice) return;
  const counts = { dispatches: 0, submits: 0, bindGroups: 0, readBacks: 0, buffers: 0, bufferBytes: 0 };
  const watched = [
    [GPUComputePassEncoder, 'dispatchWorkgroups', 'dispatches'],
    [GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', 'dispatches'],
    [GPUQueue, 'submit', 'submits'],
    [GPUDevice, 'createBindGroup', 'bindGroups'],
    [GPUBuffer, 'mapAsync', 'readBacks'],
    [GPUDevice, 'createBuffer', 'buffers'],
  ];
  for (const [{ prototype }, method, name] of watched) {
    const own = prototype[method];
    prototype[method] = function (...parts) {
      counts[name] += 1;
      if (name === 'buffers') counts.bufferBytes += parts[0].size;
      return own.apply(this, parts);
    };
  }
  self.normscopeCounts = counts;
}

/** Tells when a device of this worker is lost, no matter which code asked for it. */
function watch() {
  if (!self.GPUAdapter) return;
  const own = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...parts) {
    const device = await own.apply(this, parts);
    self.normscopeDevice = device;
    device.lost.then(({ reason, message }) => postMessage([QUERY === '' ? 'lost' : 'failed', `The GPU was lost: ${message || reason}`]));
    return device;
  };
}

/** Holds a lock for as long as this worker lives, and tells its name. */
function live() {
  const lock = `normscope-${Math.random().toString(36).slice(2)}`;
  navigator.locks?.request(lock, () => {
    say(['alive', lock]);
    return new Promise(() => {});
  }).catch(() => {});
}

/** The port between the engine and its second worker, once the page has sent it. */
let reach;
const aide = new Promise((done) => (reach = done));

/** What the page asks of the loader; everything else is the module's. */
const ASKED = {
  aide: ({ ports }) => reach(ports[0]),
  ping: () => postMessage(['pong']),
  lose: () => self.normscopeDevice?.destroy(),
  end: () => self.close(),
};
self.addEventListener('message', (event) => {
  const act = Array.isArray(event.data) && event.data.length === 1 && ASKED[event.data[0]];
  if (!act) return;
  event.stopImmediatePropagation();
  act(event);
});

// A trap in the module ends a task, not the worker; the page has to know. The allocator leaves word before it traps.
let wanted = 0;
self.normscopeNoMemory = (bytes) => { wanted = bytes; };
/** The engine gives up. Often the GPU is gone, which the browser may tell a little later: then that is what counts. */
self.normscopeFail = async (why) => {
  const lost = self.normscopeDevice?.lost.then(() => true);
  const late = new Promise((done) => setTimeout(done, lost ? 1000 : 0, false));
  if (!(await Promise.race(lost ? [lost, late] : [late]))) say(['failed', why]);
};
function fail(error) {
  const megabytes = (bytes) => `${Math.ceil(bytes / 1e6)} MB`;
  const held = self.normscopeMemory?.buffer.byteLength ?? 0;
  if (wanted) say(['failed', `This browser gives the engine no more memory (it holds ${megabytes(held)} and needs ${megabytes(wanted)} more). Use smaller batches or models, or smaller files.`, 'memory']);
  else self.normscopeFail(`The engine failed: ${error?.message || error}.`);
}
self.addEventListener('unhandledrejection', (event) => fail(event.reason));
self.addEventListener('error', (event) => {
  event.preventDefault();
  fail(event.error ?? event.message);
});

/** Cores that the browser speaks of. */
self.normscopeCores = () => navigator.hardwareConcurrency || 1;
/** The port to a second worker, which the page starts; never comes where it can't. */
self.normscopeAide = async () => {
  postMessage(['aide']);
  const port = await aide;
  // A worker that ends without a word is as good as one that fails. Some browsers tell by the port, most by the lock.
  const gone = () => port.dispatchEvent(new MessageEvent('message', { data: ['failed'] }));
  port.addEventListener('close', gone);
  port.addEventListener('message', ({ data }) => {
    if (data[0] === 'alive') navigator.locks?.request(data[1], () => {}).then(gone, () => {});
  });
  return port;
};

/** Limits that decide what kernels may do, in words. */
const LIMITS = ['maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupStorageSize', 'maxStorageBuffersPerShaderStage', 'maxStorageBufferBindingSize', 'maxBufferSize'];

/** Vendor and architecture of the adapter, for the device badge; nothing where there is none. */
async function describeAdapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  const info = adapter?.info;
  if (adapter) self.normscopeLimits = LIMITS.map((name) => `${name} ${adapter.limits[name]}`).join(', ');
  return info ? info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') : undefined;
}

(async () => {
  if (QUERY === '?arm') {
    const port = (self.normscopePort = await aide);
    say = (message) => port.postMessage(message);
  }
  live();
  if (QUERY === '' || QUERY === '?study') {
    watch();
    self.normscopeAdapter = await describeAdapter().catch(() => undefined);
    postMessage(['adapter', self.normscopeAdapter ?? 'none', self.normscopeLimits ?? 'no limits known']);
  }
  if (QUERY === '?study') count();
  importScripts(`${BASE}${NAME}.js`);
  // The tests measure the heap by this.
  self.normscopeMemory = (await wasm_bindgen({ module_or_path: module() })).memory;
  say(['loaded']);
})().catch((error) => say(['failed', `The ${NAME} could not be loaded: ${error.message || error}`]));
