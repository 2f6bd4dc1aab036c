// <normscope-figure> (static/figure.js) on a page of another site with a strict security policy. What it frames here is a
// stand-in that says what it is told to; embed.test.mjs frames the real thing.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { accessible, clean, open } from './browser.mjs';
import { hostFor } from './host.mjs';

let browser, server, site, folder, app;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'normscope-app-'));
  cpSync('static/figure.js', join(folder, 'figure.js'));
  cpSync('tests/e2e/fixtures/figure.html', join(folder, 'index.html'));
  server = await serve(folder, 0);
  app = `http://localhost:${server.address().port}`;
  const script = `<script src="${app}/figure.js"></script>`;
  browser = await open();
  site = await hostFor(app, {
    plain: `${script}
      <normscope-figure id="one" preset="norm-trap" query="seed=3&amp;hide=hash" hide="legend,charts" lock theme="dark" autoplay>The norm <b>trap</b>.</normscope-figure>
      <normscope-figure id="two" caption="With a poster" max-height="250"><img src="poster.svg" alt="Two spheres" /></normscope-figure>
      <normscope-figure id="three" loading="eager" query="height=99999">At once</normscope-figure>
      <p></p>`,
    late: `<normscope-figure id="one" height="160"><img src="poster.svg" alt="" />Before the script</normscope-figure><script type="module" src="${app}/figure.js"></script>`,
    lazy: `${script}<svg width="10" height="4000"></svg><normscope-figure id="one" loading="lazy">Far down</normscope-figure>`,
    newer: `${script}<normscope-figure id="one" loading="eager" query="say=newer">From the future</normscope-figure>`,
    silent: `${script}<normscope-figure id="one" loading="eager" query="say=nothing">Silent</normscope-figure>`,
    own: `${script}<normscope-figure id="one" loading="eager" sandbox="allow-scripts allow-same-origin">With an origin</normscope-figure>`,
    wrong: `${script}<normscope-figure id="one" src="javascript:alert(1)">Wrong</normscope-figure><normscope-figure id="two" src="http://[">Wrong</normscope-figure>`,
    rtl: `${script}<div dir="rtl" lang="ar"><normscope-figure id="one">شكل</normscope-figure></div>`,
  });
});
after(async () => {
  await browser.close();
  await site.close();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const visit = (name, options) => browser.page(site.address(name), options);
const button = (page, id) => page.locator(`#${id}`).getByRole('button');
const ready = (page, id) => page.evaluate((id) => document.getElementById(id).ready, id);
const frames = (page) => page.frames().slice(1).map((frame) => frame.url());

test('only what is clicked loads, with what the attributes say', async () => {
  const page = await visit('plain');
  await ready(page, 'three');
  assert.equal(frames(page).length, 1);
  await button(page, 'one').click();
  await ready(page, 'one');
  const address = new URL(frames(page).find((url) => url.includes('norm-trap')));
  assert.equal(address.origin, app);
  const expected = { preset: 'norm-trap', seed: '3', hide: 'legend,charts', embed: '1', theme: 'dark', lock: '1', autoplay: '1' };
  assert.deepEqual(Object.fromEntries(address.searchParams), expected);
  const frame = page.locator('#one iframe');
  assert.equal(await frame.getAttribute('title'), 'The norm trap.');
  assert.match(await frame.getAttribute('sandbox'), /^allow-scripts allow-popups/);
  assert.doesNotMatch(await frame.getAttribute('sandbox'), /allow-same-origin/);
  assert.equal(await page.locator('#one').getByRole('link').getAttribute('href'), `${app}/?preset=norm-trap&seed=3`);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'one');
  assert.equal(frames(page).length, 2);
  assert.deepEqual(page.requests.filter((url) => !url.startsWith(app) && !url.startsWith(site.origin)), []);
  clean(page);
});

test('the poster is the picture of the author or a sphere; the button is named after the caption and works by keyboard', async () => {
  const page = await visit('plain');
  assert.equal(await button(page, 'one').getAttribute('aria-label'), 'Load the interactive figure: The norm trap.');
  assert.equal(await button(page, 'two').getAttribute('aria-label'), 'Load the interactive figure: With a poster');
  assert.ok(await page.getByAltText('Two spheres').isVisible());
  assert.ok(await page.locator('#one').locator('svg').isVisible());
  assert.ok(!(await page.locator('#two').locator('svg').isVisible()));
  await accessible(page);
  await button(page, 'two').focus();
  assert.match(await button(page, 'two').evaluate((own) => getComputedStyle(own).outline), /solid 3px/);
  await page.keyboard.press('Enter');
  await ready(page, 'two');
  assert.ok(!(await page.getByAltText('Two spheres').isVisible()));
  await accessible(page);
  clean(page);
});

test('the frame is as high as the figure says, within its limits', async () => {
  const page = await visit('plain');
  await button(page, 'one').click();
  await button(page, 'two').click();
  const height = (id) => page.locator(`#${id} iframe`).evaluate((frame) => frame.clientHeight);
  const wait = (id, px) => page.waitForFunction(([id, px]) => document.getElementById(id).shadowRoot.querySelector('iframe')?.clientHeight === px, [id, px]);
  await wait('one', 333);
  await wait('two', 250);
  await wait('three', 10_000);
  await page.evaluate(() => {
    const figure = document.getElementById('one');
    figure.send({ type: 'emit', message: { type: 'resize', detail: { height: 'tall' } } });
    return figure.state();
  });
  assert.equal(await height('one'), 333);
  clean(page);
});

test('questions are answered, refusals fail, and events arrive until they are called off', async () => {
  const page = await visit('plain');
  await button(page, 'one').click();
  const found = await page.evaluate(async () => {
    const figure = document.getElementById('one');
    const hello = await figure.ready;
    const state = await figure.state();
    const series = await figure.series('a', 'knn');
    const refused = await figure.send({ type: 'fail' }).catch((error) => error.message);
    const heard = [];
    const dom = [];
    document.addEventListener('normscope-metrics', (event) => dom.push(event.target.id));
    const emit = (detail) => {
      figure.send({ type: 'emit', message: { type: 'metrics', detail } }).catch(() => {});
      return figure.state();
    };
    const off = figure.on('metrics', (detail) => heard.push(detail));
    await emit(1);
    off();
    await emit(2);
    let unknown;
    try {
      figure.on('weather', () => {});
    } catch (error) {
      unknown = error.message;
    }
    return { hello, state, series, refused, heard, dom, unknown };
  });
  assert.match(found.hello.query, /preset=norm-trap/);
  const { id, ...state } = found.state;
  assert.ok(id > 0);
  assert.deepEqual({ source: state.source, v: state.v, type: state.type }, { source: 'normscope', v: 1, type: 'state' });
  assert.deepEqual([found.series.type, found.series.arm, found.series.metric], ['series', 'a', 'knn']);
  assert.equal(found.refused, 'to order');
  assert.deepEqual(found.heard, [1]);
  assert.deepEqual(found.dom, ['one', 'one']);
  assert.match(found.unknown, /weather: must be one of ready, metrics/);
  clean(page);
});

test('messages of other windows, of other origins and of no sense change nothing', async () => {
  const page = await visit('plain');
  await button(page, 'one').click();
  await ready(page, 'one');
  const found = await page.evaluate(async () => {
    const figure = document.getElementById('one');
    const frame = figure.shadowRoot.querySelector('iframe');
    const heard = [];
    for (const event of ['ready', 'metrics', 'state', 'error', 'resize']) figure.on(event, () => heard.push(event));
    const resize = { source: 'normscope', v: 1, type: 'resize', detail: { height: 700 } };
    const post = (init) => dispatchEvent(new MessageEvent('message', init));
    window.postMessage(resize, '*');
    post({ source: document.getElementById('three').shadowRoot.querySelector('iframe').contentWindow, origin: 'null', data: resize });
    post({ source: frame.contentWindow, origin: location.origin, data: resize });
    post({ source: null, origin: 'null', data: resize });
    const own = (data) => post({ source: frame.contentWindow, origin: 'null', data });
    const all = [null, undefined, 7, 'normscope', [], {}, { ...resize, source: 'other' }, { ...resize, v: 0 }, { ...resize, v: undefined }, { ...resize, type: undefined }, { ...resize, type: 'ready' }];
    for (const data of [...all, { source: 'normscope', v: 1, type: 'reply', id: 4711, value: 1 }, { source: 'normscope', v: 1, type: 'x'.repeat(5e6) }]) own(data);
    await figure.state();
    own({ ...resize, detail: { height: 345 } });
    return { heard, height: frame.clientHeight };
  });
  assert.deepEqual(found, { heard: ['resize'], height: 345 });
  clean(page);
});

test('a removed figure fails what waits for it, is quiet, and can come back', async () => {
  const page = await visit('plain');
  const before = await page.evaluate(async () => {
    const figure = document.getElementById('two');
    const waits = figure.ready.catch((error) => error.message);
    figure.remove();
    return waits;
  });
  assert.match(before, /removed/);
  await button(page, 'one').click();
  const found = await page.evaluate(async () => {
    const figure = document.getElementById('one');
    await figure.ready;
    const waits = figure.send({ type: 'never' }).catch((error) => error.message);
    await figure.state();
    const place = figure.parentNode;
    figure.remove();
    const why = await waits;
    place.append(figure);
    return why;
  });
  assert.match(found, /removed/);
  await button(page, 'one').click();
  await ready(page, 'one');
  assert.equal((await page.evaluate(() => document.getElementById('one').state())).type, 'state');
  clean(page);
});

test('a frame that loads anew fails what waits and goes on', async () => {
  const page = await visit('plain');
  await button(page, 'one').click();
  const why = await page.evaluate(async () => {
    const figure = document.getElementById('one');
    await figure.ready;
    return figure.send({ type: 'reload' }).catch((error) => error.message);
  });
  assert.match(why, /anew/);
  assert.equal((await page.evaluate(() => document.getElementById('one').state())).type, 'state');
  clean(page);
});

test('a change of theme goes to the live figure', async () => {
  const page = await visit('plain');
  await button(page, 'one').click();
  await ready(page, 'one');
  const sent = await page.evaluate(() => {
    const figure = document.getElementById('one');
    const sent = new Promise((done) => (figure.send = async (message) => done(message)));
    figure.setAttribute('theme', 'light');
    return sent;
  });
  assert.deepEqual(sent, { type: 'set', theme: 'light' });
});

test('with reduced motion nothing plays by itself', async () => {
  const page = await visit('plain', { reducedMotion: 'reduce' });
  await button(page, 'one').click();
  await ready(page, 'one');
  assert.doesNotMatch(frames(page).join(), /autoplay/);
});

test('a figure that is scrolled to loads, one that stands there before the script works', async () => {
  const lazy = await visit('lazy');
  await lazy.waitForTimeout(300);
  assert.equal(frames(lazy).length, 0);
  await lazy.locator('#one').scrollIntoViewIfNeeded();
  await ready(lazy, 'one');
  clean(lazy);
  const late = await visit('late');
  assert.equal(await button(late, 'one').getAttribute('aria-label'), 'Load the interactive figure: Before the script');
  assert.equal(await late.locator('#one').locator('[part=stage]').evaluate((stage) => stage.offsetHeight), 160);
  await button(late, 'one').click();
  await ready(late, 'one');
  assert.match(frames(late)[0], new RegExp(`^${app}/`));
  clean(late);
});

test('a newer figure and a silent one are explained, with a way out', async () => {
  const newer = await visit('newer');
  await newer.getByText('This figure speaks version 2 of the protocol').waitFor();
  assert.equal(await newer.getByRole('link', { name: 'Open it in a tab of its own' }).getAttribute('href'), `${app}/?say=newer`);
  assert.match(await newer.evaluate(() => document.getElementById('one').state().catch((error) => error.message)), /version 2/);
  await accessible(newer);
  const silent = await browser.page('about:blank');
  await silent.clock.install();
  await silent.goto(site.address('silent'));
  await silent.getByText('Loading the figure').waitFor();
  const told = silent.evaluate(() => new Promise((done) => document.addEventListener('normscope-error', (event) => done(event.detail.message))));
  await silent.clock.fastForward(15_100);
  assert.match(await told, /15 seconds/);
  assert.ok(await silent.getByRole('link', { name: 'Open it in a tab of its own' }).isVisible());
});

test('a frame with an origin is heard under it', async () => {
  const page = await visit('own');
  await ready(page, 'one');
  const height = await page.evaluate(() => {
    const frame = document.getElementById('one').shadowRoot.querySelector('iframe');
    const data = { source: 'normscope', v: 1, type: 'resize', detail: { height: 700 } };
    dispatchEvent(new MessageEvent('message', { source: frame.contentWindow, origin: 'null', data }));
    return frame.clientHeight;
  });
  assert.notEqual(height, 700);
  clean(page);
});

test('an address that is none is named', async () => {
  const page = await visit('wrong');
  await page.getByText('src="javascript:alert(1)": must be a web address.').waitFor();
  await page.getByText('src="http://["').waitFor();
  assert.equal(await page.getByRole('button').count(), 0);
  clean(page);
});

test('a figure reads from right to left where the page does', async () => {
  const page = await visit('rtl', { viewport: { width: 390, height: 844 } });
  const [caption, host] = await page.locator('#one').evaluate((own) => [own.shadowRoot.querySelector('a').getBoundingClientRect(), own.getBoundingClientRect()]);
  assert.ok(caption.left < host.right - caption.width && caption.right <= host.right);
  assert.equal(await page.locator('#one').locator('figcaption').evaluate((own) => getComputedStyle(own).direction), 'rtl');
  await accessible(page);
});
