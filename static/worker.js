// Loads a module into this worker (`worker.js` the engine, `worker.js?study` the engine for a study, `worker.js?lab` the
// lab): fetches it while counting bytes, compiles it as it arrives, and says how far it is.
// Messages to the page: ['download', received, total or 0], ['loaded'], ['failed', why].
'use strict';

// A worker of a sandboxed frame is made of a blob, which says where it belongs (load.js).
const BASE = self.normscopeBase ?? '';
const QUERY = self.normscopeQuery ?? self.location.search;
const NAME = QUERY === '?lab' ? 'lab' : 'engine';
const MODULE = `${BASE}${NAME}_bg.wasm`;
self.normscopeMode = QUERY;

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
        postMessage(['download', received, total]);
      }
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: { 'content-type': 'application/wasm' } });
}

/** Vendor and architecture of the adapter, for the device badge; nothing where there is none. */
async function describeAdapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  const info = adapter?.info;
  return info ? info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') : undefined;
}

(async () => {
  if (NAME === 'engine') self.normscopeAdapter = await describeAdapter().catch(() => undefined);
  importScripts(`${BASE}${NAME}.js`);
  await wasm_bindgen({ module_or_path: module() });
  postMessage(['loaded']);
})().catch((error) => postMessage(['failed', `The ${NAME} could not be loaded: ${error.message || error}`]));
