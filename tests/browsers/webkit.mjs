// The tour (tour.mjs) in WebKitGTK: Debian's WebKitWebDriver drives MiniBrowser on a virtual screen (Xvfb). MINIBROWSER names another one.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { STOPS, check, ground, script } from './tour.mjs';

/** Debian's MiniBrowser, which lies beside its library. */
function miniBrowser() {
  const libraries = readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu')).map((name) => join('/usr/lib', name));
  const all = libraries.flatMap((library) => readdirSync(library).filter((name) => name.startsWith('webkit2gtk-')).map((name) => join(library, name, 'MiniBrowser')));
  return all.filter((path) => existsSync(path)).sort().at(-1);
}
const binary = process.env.MINIBROWSER ?? miniBrowser();
let driver, place, address;

/** A port that nobody listens at. */
const free = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Asks the driver; fails with what it says. */
async function ask(method, path, body) {
  const answer = await fetch(address + path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  const { value } = await answer.json();
  if (value?.error) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

before(async () => {
  place = await ground();
  const port = await free();
  address = `http://127.0.0.1:${port}`;
  // Its sandbox needs name spaces that a container doesn't give.
  const env = { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LIBGL_ALWAYS_SOFTWARE: '1' };
  driver = spawn('xvfb-run', ['-a', '-s', '-screen 0 1600x1200x24', process.env.WEBKIT_DRIVER ?? 'WebKitWebDriver', `--port=${port}`], { stdio: 'ignore', detached: true, env });
  for (let tries = 0; ; tries += 1) {
    try {
      await ask('GET', '/status');
      return;
    } catch (error) {
      if (tries > 60) throw error;
      await new Promise((done) => setTimeout(done, 500));
    }
  }
});
after(async () => {
  try {
    process.kill(-driver.pid);
  } catch {
    // It has ended.
  }
  await place?.close();
});

for (const stop of STOPS) {
  test(`WebKit: ${stop.name}`, { timeout: 300_000 }, async (t) => {
    const begun = Date.now();
    const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } } } });
    const session = `/session/${sessionId}`;
    try {
      await ask('POST', `${session}/timeouts`, { script: 240_000, pageLoad: 60_000 });
      await ask('POST', `${session}/window/rect`, { width: 1440, height: 900 });
      await ask('POST', `${session}/url`, { url: place.address(stop) });
      check(t, stop, await ask('POST', `${session}/execute/async`, { script: `${script(stop)}.then(arguments[arguments.length - 1])`, args: [] }), begun);
    } finally {
      await ask('DELETE', session).catch(() => {});
    }
  });
}
