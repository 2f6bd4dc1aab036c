// Serves a folder on localhost: right types, compression as a real host would send it, no directory listing.
//
//   node scripts/serve.mjs FOLDER PORT [--reload]
//
// With --reload pages load themselves again when the folder has been built anew (scripts/dev.sh).
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** The file a request names, or undefined when it lies outside `root` or is none. */
function fileFor(root, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  const file = join(root, normalize(path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(root) && existsSync(file) && statSync(file).isFile() ? file : undefined;
}

/** Tells pages when the folder's index.html is another one; answers what they ask for that; false for anything else. */
function reloading(root) {
  const index = join(root, 'index.html');
  const changed = () => (existsSync(index) ? statSync(index).mtimeMs : 0);
  const waiting = new Set();
  let last = changed();
  setInterval(() => {
    const now = changed();
    // While it is being replaced there is none.
    if (!now || now === last) return;
    last = now;
    for (const response of waiting) response.write('data: built\n\n');
  }, 200).unref();
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/reload.js') {
      response.writeHead(200, { 'content-type': TYPES['.js'] }).end("new EventSource('changes').onmessage = () => location.reload();");
    } else if (path === '/changes') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }).write(': \n\n');
      waiting.add(response);
      request.on('close', () => waiting.delete(response));
    } else if ((path === '/' || path === '/index.html') && existsSync(index)) {
      const page = readFileSync(index, 'utf8').replace('</body>', '<script src="reload.js"></script></body>');
      response.writeHead(200, { 'content-type': TYPES['.html'], 'cache-control': 'no-cache' }).end(page);
    } else {
      return false;
    }
    return true;
  };
}

/** Starts a server; resolves to it once it listens. Port 0 takes a free one. */
export function serve(folder, port, { reload = false } = {}) {
  const root = resolve(folder);
  const first = reload ? reloading(root) : () => false;
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    if (first(request, response)) return;
    const file = fileFor(root, request.url ?? '/');
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
      return;
    }
    const headers = {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      // A figure in a sandboxed frame has no origin, so even its own site is foreign to it.
      'access-control-allow-origin': '*',
    };
    const brotli = `${file}.br`;
    if (request.headers['accept-encoding']?.includes('br') && existsSync(brotli)) {
      response.writeHead(200, { ...headers, 'content-encoding': 'br', 'content-length': statSync(brotli).size });
      createReadStream(brotli).pipe(response);
      return;
    }
    response.writeHead(200, { ...headers, 'content-length': statSync(file).size });
    createReadStream(file).pipe(response);
  });
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, port, option] = process.argv.slice(2);
  if (!folder || !existsSync(join(folder, 'index.html'))) {
    console.error(`error: ${folder}: there is no index.html in it; build the app first (scripts/start.sh).`);
    process.exit(1);
  }
  serve(folder, Number(port), { reload: option === '--reload' }).then(
    () => console.log(`  Normscope is on http://localhost:${port} (Ctrl+C ends it)`),
    (error) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken. Try --port with another one.' : error.message;
      console.error(`error: port ${port} ${why}`);
      process.exit(1);
    },
  );
}
