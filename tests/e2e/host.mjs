// Somebody else's site, for the tests of figures: another origin and another site than the app's, with a strict policy.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../scripts/serve.mjs';

/** A page with `body` that may take scripts and frames from `app` alone, and no inline script, style or markup string. */
const page = (app, body) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${app}; frame-src ${app}; img-src 'self' data:; require-trusted-types-for 'script'" />
    <title>Somebody's notes</title>
    <link rel="icon" href="data:," />
  </head>
  <body><main><h1>Somebody's notes</h1>${body}</main></body>
</html>
`;

/** Serves `pages` ({name: body}) for figures of `app`, an origin; `address(name)` says where. */
export async function hostFor(app, pages) {
  const folder = mkdtempSync(join(tmpdir(), 'normscope-host-'));
  for (const [name, body] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), page(app, body));
  cpSync('static/icon.svg', join(folder, 'poster.svg'));
  const server = await serve(folder, 0);
  return {
    /** Under the machine's number, the app being under its name: so they are different sites as well. */
    address: (name) => `http://127.0.0.1:${server.address().port}/${name}.html`,
    origin: `http://127.0.0.1:${server.address().port}`,
    async close() {
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true });
    },
  };
}
