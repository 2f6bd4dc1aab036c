// How the page fits: phone, desktop, both themes; nothing overflows, nothing fails the accessibility checker.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, clean, fitsWidth, open, ready } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

const SCREENS = [
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
  { name: 'phone', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
];

for (const { name, ...screen } of SCREENS) {
  for (const theme of ['light', 'dark']) {
    test(`${name}, ${theme}: fits its width, is accessible, and play works`, async () => {
      const page = await host.page(`?device=cpu&theme=${theme}`, screen);
      await ready(page);
      await fitsWidth(page);
      await (screen.hasTouch ? page.tap('#play') : page.click('#play'));
      await page.waitForFunction(() => window.normscope.state().step >= 3, null, { timeout: 30_000 });
      await accessible(page);
      clean(page);
    });
  }
}

for (const scale of [1.25, 1.75]) {
  test(`on a screen at ${100 * scale} % canvases have as many pixels as the browser gives them`, async () => {
    // A scale that is only emulated does not reach the browser's own count of pixels.
    const real = await open({ args: [`--force-device-scale-factor=${scale}`] });
    const page = await real.page('?device=cpu', { viewport: null, reducedMotion: 'reduce' });
    await page.waitForFunction(() => window.normscope?.state().recorded);
    assert.equal(await page.evaluate(() => devicePixelRatio), scale);
    const browser = await page.context().newCDPSession(page);
    const { windowId } = await browser.send('Browser.getWindowForTarget');
    /** [width, height] of each canvas of the spheres: its own, and the browser's count of the screen's pixels. */
    const sizes = () =>
      page.evaluate(() =>
        Promise.all(
          [...document.querySelectorAll('.pane .canvases canvas')].filter((canvas) => canvas.clientWidth && !canvas.dataset.idle).map(
            (canvas) =>
              new Promise((done) => {
                const observer = new ResizeObserver(([{ devicePixelContentBoxSize: [box] }]) => {
                  observer.disconnect();
                  done([canvas.width, canvas.height, box.inlineSize, box.blockSize]);
                });
                observer.observe(canvas, { box: 'device-pixel-content-box' });
              }),
          ),
        ),
      );
    for (const width of [1440, 1153, 997]) {
      await browser.send('Browser.setWindowBounds', { windowId, bounds: { width, height: 777 } });
      await page.waitForTimeout(700);
      const painted = (await sizes()).filter(([width]) => width !== 300);
      assert.ok(painted.length >= 2, JSON.stringify(await sizes()));
      for (const [width, height, ...box] of painted) assert.deepEqual([width, height], box);
    }
    clean(page);
  });
}

test('an embedded figure is bare', async () => {
  const page = await host.page('?device=cpu&embed=1&hide=legend,hash');
  await ready(page);
  for (const gone of ['header.top', '.setup', '.settings', '.charts', '.legend', '.hash']) assert.equal(await page.locator(gone).count(), 0, gone);
  assert.equal(await page.locator('.pane').count(), 2);
  clean(page);
});

test('a locked page says so and offers nothing that trains', async () => {
  const page = await host.page('?device=cpu&lock=1');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  assert.equal(await page.locator('#locked').innerText(), 'Locked by the link.');
  for (const gone of ['#verify', '#train', '#step', '#reset', '[data-key=live]', '#open-story', '#resume-offer']) assert.equal(await page.locator(gone).count(), 0, gone);
  for (const off of ['#seed', '#preset', '[id="a.lr"]', '#tweak']) assert.ok(await page.locator(off).isDisabled(), off);
  const faded = await page.locator('#seed').evaluate((field) => Number(getComputedStyle(field).opacity));
  assert.ok(faded < 0.8, `${faded}`);
  // The recording can still be looked through.
  await page.focus('#scrub');
  await page.keyboard.press('Home');
  await page.waitForFunction(() => window.normscope.state().step === 0);
  await page.click('#play');
  await page.waitForFunction(() => window.normscope.state().step > 10 && window.normscope.state().recorded);
  clean(page);
});

test('arms are called by what their settings are', async () => {
  const names = async (query) => {
    const page = await host.page(`?device=cpu&${query}`);
    await page.waitForFunction(() => window.normscope?.state());
    const titles = await page.locator('.pane h2').allInnerTexts();
    const whole = await page.locator('.pane').evaluateAll((panes) => panes.map((pane) => pane.getAttribute('aria-label')));
    clean(page);
    return [...titles.map((title) => title.replace(/\s+/g, ' ').trim()), ...whole];
  };
  assert.deepEqual(await names(''), ['A Standard', 'B Norm-decoupled', 'Arm A: Standard', 'Arm B: Norm-decoupled']);
  assert.deepEqual((await names('method=byol&a.bn=off&b.gradscale=0')).slice(0, 2), ['A No batch norm', 'B Standard']);
  assert.deepEqual((await names('preset=norm-trap')).slice(0, 2), ['A Enlarged weights', 'B Usual weights']);
});

test('ticks are at least 11 pixels high and differ, whatever the width', async () => {
  for (const width of [1920, 1440, 1024, 800, 390, 320]) {
    const page = await host.page('?device=cpu', { viewport: { width, height: 900 } });
    await page.waitForFunction(() => window.normscope?.state().recorded);
    await page.locator('.chart svg text').first().waitFor();
    const charts = await page.locator('.chart svg').evaluateAll((charts) =>
      charts.map((chart) => {
        const scale = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
        const ticks = [...chart.querySelectorAll('text:not(.crosshair)')];
        return {
          size: Math.min(...ticks.map((tick) => scale * parseFloat(getComputedStyle(tick).fontSize))),
          y: ticks.filter((tick) => tick.getAttribute('text-anchor') === 'end' && tick.getAttribute('x') < 60).map((tick) => tick.textContent),
        };
      }),
    );
    assert.ok(charts.length >= 6);
    for (const { size, y } of charts) {
      assert.ok(size >= 10.9, `${size} px at a width of ${width}`);
      assert.equal(new Set(y).size, y.length, y.join(' '));
    }
    clean(page);
  }
});

for (const { name, ...screen } of SCREENS) {
  for (const theme of ['light', 'dark']) {
    test(`${name}, ${theme}: every room fits its width and is accessible`, async () => {
      const page = await host.page(`?device=cpu&theme=${theme}&room=gradient`, screen);
      await page.waitForFunction(() => window.normscope);
      for (const room of ['gradient', 'diagnostics', 'anomalies', 'experiments', 'playground']) {
        await page.evaluate((room) => window.normscope.send({ type: 'set', room }), room);
        await page.locator(room === 'playground' ? '.stage' : `#rooms .room:visible`).first().waitFor();
        await page.waitForTimeout(200);
        await fitsWidth(page);
        await accessible(page);
      }
      clean(page);
    });
  }
}

test('with reduced motion the recorded run stands still at its end', async () => {
  const page = await host.page('', { reducedMotion: 'reduce' });
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await page.waitForTimeout(800);
  const shot = () =>
    page.evaluate(() => document.querySelector('.arm-a canvas.flat').toDataURL());
  const first = await shot();
  await page.waitForTimeout(1200);
  assert.equal(await shot(), first);
  assert.equal(await page.evaluate(() => window.normscope.state().step), 600);
  clean(page);
});

test('with forced colours everything can still be told apart and used', async () => {
  const page = await host.page('?device=cpu', { forcedColors: 'active' });
  await page.waitForFunction(() => window.normscope?.state().recorded);
  const borders = await page.evaluate(() =>
    ['#play', '#all-settings', '#theme', '#open-lessons'].map((id) => {
      const style = getComputedStyle(document.querySelector(id));
      return style.borderStyle !== 'none' || style.color !== style.backgroundColor;
    }),
  );
  assert.deepEqual(borders, [true, true, true, true]);
  await accessible(page);
  clean(page);
});

test('a 4K projector and a page zoomed to twice its size both fit', async () => {
  for (const options of [{ viewport: { width: 3840, height: 2160 } }, { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 }]) {
    const page = await host.page('?device=cpu', options);
    await page.waitForFunction(() => window.normscope?.state().recorded);
    await fitsWidth(page);
    assert.ok(await page.locator('#play').isVisible());
    clean(page);
  }
});
