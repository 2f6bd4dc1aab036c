// In front of a class: a link that holds a step, a projector, a clicker, the share panel with its QR code and frames, a film,
// and what a reader has read of the lessons.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, clean, download as downloadTo, fitsWidth, open, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

const folder = mkdtempSync(join(tmpdir(), 'normscope-'));
const recorded = (page) => page.waitForFunction(() => window.normscope?.state().recorded);

const download = async (page, selector) => readFileSync(await downloadTo(folder, page, selector, 90_000));

test('a link holds a step of a record until the reader plays on', async () => {
  const page = await host.page('?preset=norm-trap&at=300');
  await recorded(page);
  await page.waitForTimeout(800);
  const held = await state(page);
  assert.deepEqual([held.step, held.config.at, held.device], [300, 300, null]);
  assert.equal(await page.locator('#play').innerText(), 'Play');
  await page.reload();
  await recorded(page);
  assert.equal((await state(page)).step, 300);
  await page.click('#play');
  await page.waitForFunction(() => normscope.state().step > 310);
  assert.ok(!page.url().includes('at='), page.url());
  clean(page);
});

test('where there is no record a link trains up to its step; one after the run is named', async () => {
  const page = await host.page('?device=cpu&steps=40&a.width=16&b.width=16&a.batch=16&b.batch=16&at=20');
  await page.waitForFunction(() => window.normscope?.state().step === 20 && !normscope.state().running, null, { timeout: 60_000 });
  assert.equal((await state(page)).config.at, 20);
  await page.click('#run100');
  await page.waitForFunction(() => normscope.state().step === 40);
  assert.equal((await state(page)).config.at, null);
  clean(page);
  const far = await host.page('?preset=norm-trap&at=900');
  await recorded(far);
  assert.match(await far.locator('.notices').innerText(), /at=900[\s\S]*after the run of 600 steps/);
  assert.equal((await state(far)).step, 600);
  clean(far);
});

/** The smallest type of what is seen, as a share of what it has to be at least, and where it stands. */
const smallest = (page) =>
  page.evaluate(() => {
    const sizes = [];
    for (const element of document.querySelectorAll('.app *, .presenting *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      const box = element.getBoundingClientRect();
      if (!own || !element.checkVisibility({ visibilityProperty: true }) || !box.width || element.closest('.sr')) continue;
      const svg = element.ownerSVGElement;
      const scale = svg?.viewBox.baseVal?.width ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
      // Numbers at an axis stand in a row of six.
      const least = svg?.closest('.chart') ? 13.5 : 16;
      sizes.push([(parseFloat(getComputedStyle(element).fontSize) * scale) / least, element.textContent.trim().slice(0, 30)]);
    }
    return sizes.sort((a, b) => a[0] - b[0])[0];
  });

test('on a projector spheres and charts fill the screen in large type, whatever its size', async () => {
  for (const [width, height] of [[1280, 720], [1440, 900], [1920, 1080], [1024, 768]]) {
    const page = await host.page('?present=1&preset=norm-trap', { viewport: { width, height }, reducedMotion: 'reduce' });
    await recorded(page);
    await page.locator('.presenting').waitFor();
    await page.waitForTimeout(500);
    await fitsWidth(page);
    const seen = await page.evaluate(() => {
      const box = (selector) => document.querySelector(selector).getBoundingClientRect();
      const charts = [...document.querySelectorAll('.chart')].filter((chart) => chart.checkVisibility());
      return {
        charts: charts.length,
        below: Math.max(...charts.map((chart) => chart.getBoundingClientRect().bottom), box('.panes').bottom),
        line: box('.presenting').top,
        sphere: Math.min(box('.arm-a .canvases').height, box('.arm-b .canvases').width),
        gone: ['#lead', '.top', '.setup', '.settings', '.app > footer'].filter((one) => document.querySelector(one)?.checkVisibility()),
      };
    });
    assert.deepEqual(seen.gone, [], `${width}`);
    assert.ok(seen.charts >= 2 && seen.below <= seen.line, JSON.stringify(seen));
    assert.ok(seen.sphere > 0.38 * height, JSON.stringify(seen));
    const [size, words] = await smallest(page);
    assert.ok(size >= 1, `${width}: ${words} at ${size}`);
    if (width === 1440) await accessible(page);
    clean(page);
    await page.close();
  }
});

test('a clicker goes through a lesson on a projector, and plays where there is none', async () => {
  const page = await host.page('?present=1&lesson=cosine-feels-the-norm', { viewport: { width: 1440, height: 900 } });
  const at = () => page.locator('.lesson-nav span').innerText();
  await page.locator('.lesson-nav').waitFor();
  assert.match(await at(), /^1 of/);
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  assert.match(await at(), /^3 of/);
  await page.keyboard.press('PageUp');
  assert.match(await at(), /^2 of/);
  await fitsWidth(page);
  clean(page);
  const bare = await host.page('?present=1&preset=norm-trap&at=100');
  await recorded(bare);
  await bare.locator('.presenting').waitFor();
  await bare.keyboard.press('PageDown');
  await bare.waitForFunction(() => normscope.state().step > 110);
  await bare.click('#present-end');
  await bare.locator('.top').waitFor();
  assert.ok(!bare.url().includes('present'), bare.url());
  clean(bare);
});

test('the share panel builds the link, its QR code, a frame and an element; each opens as it says', async () => {
  const page = await host.page('?preset=norm-trap&theme=dark', { reducedMotion: 'reduce' });
  await recorded(page);
  await page.click('#open-export');
  const link = () => page.inputValue('#permalink');
  await page.locator('#qr svg').waitFor();
  assert.equal(new URL(await link()).search, '?preset=norm-trap&v=1');
  const code = await page.locator('#qr svg path').getAttribute('d');
  await page.evaluate(() => normscope.send({ type: 'seek', step: 240 }));
  await page.selectOption('#share-begin', 'held');
  await page.check('#share-lock');
  await page.click('summary:has-text("Leave out")');
  await page.check('#hide-charts');
  await page.waitForFunction(() => document.querySelector('#permalink').value.includes('at=240'));
  assert.equal(new URL(await link()).search, '?preset=norm-trap&at=240&hide=charts&lock=1&v=1');
  assert.notEqual(await page.locator('#qr svg path').getAttribute('d'), code, 'the code is of the link');
  const element = await page.inputValue('#snippet');
  assert.match(element, /figure\.js" defer/);
  assert.match(element, /<normscope-figure query="preset=norm-trap&amp;at=240&amp;v=1" lock>\n  <img src="normscope-simclr-digits-sphere.png" alt="[^"]+">/);
  await page.uncheck('#share-lock');
  const frame = await page.inputValue('#frame');
  // Saved as it is shown: black on white for every reader.
  const svg = (await download(page, '#qr-svg')).toString();
  assert.match(svg, /fill="#fff"[\s\S]*fill="#000"/);
  assert.equal((await download(page, '#qr-png')).subarray(1, 4).toString(), 'PNG');
  await accessible(page);
  clean(page);
  // The frame in a page of somebody else's: as high as it has to be.
  const other = await host.page('about:blank', { viewport: { width: 800, height: 900 } });
  await other.route('**/course.html', (route) => route.fulfill({ contentType: 'text/html', body: `<body style="margin:0">${frame}` }));
  await other.goto(`${host.address}course.html`);
  const inside = other.frames()[1];
  await inside.waitForFunction(() => window.normscope?.state().recorded);
  await other.waitForTimeout(500);
  const [content, room] = await inside.evaluate(() => [document.querySelector('.app').getBoundingClientRect().height, innerHeight]);
  assert.ok(content <= room && content > room - 120, `${content} in ${room}`);
  assert.equal(await inside.evaluate(() => normscope.state().step), 240);
});

test('a film of the run plays in any viewer: its pictures, its times', async () => {
  const page = await host.page('?preset=norm-trap', { reducedMotion: 'reduce' });
  await recorded(page);
  await page.click('#open-export');
  const film = await download(page, '#sphere-gif');
  assert.equal(film.subarray(0, 6).toString(), 'GIF89a');
  assert.ok(film.length > 100_000 && film.length < 4_000_000, `${film.length} bytes`);
  const frames = await page.evaluate(async (bytes) => {
    const decoder = new ImageDecoder({ data: Uint8Array.from(bytes), type: 'image/gif' });
    await decoder.tracks.ready;
    await decoder.completed;
    const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
    const last = (await decoder.decode({ frameIndex: frameCount - 1 })).image;
    return { frameCount, repetitionCount, seconds: last.duration / 1e6, width: last.displayWidth };
  }, [...film]);
  assert.equal(frames.frameCount, 61);
  assert.equal(frames.repetitionCount, Infinity);
  assert.ok(frames.seconds > 2 && frames.width <= 900, JSON.stringify(frames));
  clean(page);
});

test('what was read and predicted of the lessons is there after a reload, and can be forgotten', async () => {
  const page = await host.page('?lesson=cosine-feels-the-norm&device=cpu');
  await page.locator('#lesson-next').click();
  await page.locator('.option').first().click();
  await page.locator('.why').waitFor();
  await page.locator('#lesson-next').click();
  await page.waitForTimeout(300);
  await page.reload();
  await page.locator('#lesson-resume').waitFor();
  assert.match(await page.locator('#lesson-resume').innerText(), /page 3/);
  await page.click('#lesson-resume');
  assert.match(await page.locator('.lesson-nav span').innerText(), /^3 of/);
  await page.click('#lesson-back');
  assert.equal(await page.locator('.option.chosen').count(), 1, 'the prediction is kept');
  await page.click('.crumbs button');
  await page.locator('#lessons-read').waitFor();
  assert.match(await page.locator('#lessons-read').innerText(), /0 of 13 lessons read to the end, [01] of 1 prediction right/);
  assert.match(await page.locator('.lessons li').first().innerText(), /3 of 6/);
  await accessible(page);
  await page.click('#lessons-read button');
  await page.locator('#lessons-read').waitFor({ state: 'detached' });
  await page.click('.plans summary');
  assert.match(await page.locator('.plans').innerText(), /45 minutes: lessons 1, 2, 3 and 6/);
  clean(page);
});

test('on a phone everything that a finger is to hit is 44 pixels high', async () => {
  const page = await host.page('', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, reducedMotion: 'reduce' });
  await recorded(page);
  for (const panel of ['', '#open-lessons', '#open-export']) {
    if (panel) await page.click(panel);
    await page.waitForTimeout(700);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, a, select, summary, label:has(input), input:not([type=checkbox])')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width && !one.closest('footer p'))
        .filter((one) => one.getBoundingClientRect().height < 43.5)
        .map((one) => `${one.tagName} ${one.id} ${one.textContent.slice(0, 20)} ${one.getBoundingClientRect().height}`),
    );
    assert.deepEqual(small, [], panel);
    if (panel) await page.keyboard.press('Escape');
  }
  await fitsWidth(page);
  clean(page);
});

test('a tab is called by what is seen, and a chat has a picture of it', async () => {
  const page = await host.page('?preset=norm-trap');
  await recorded(page);
  assert.match(await page.title(), /^The norm trap · Normscope$/);
  await page.evaluate(() => normscope.send({ type: 'set', seed: 8, method: 'byol' }));
  await page.waitForFunction(() => /^BYOL on Digits · Normscope$/.test(document.title));
  const card = await page.locator('meta[property="og:image"]').getAttribute('content');
  const { status, type } = await page.evaluate(async (card) => fetch(card).then((answer) => ({ status: answer.status, type: answer.headers.get('content-type') })), card);
  assert.deepEqual([status, type], [200, 'image/png']);
  clean(page);
});
