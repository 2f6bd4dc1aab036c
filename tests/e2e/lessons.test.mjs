// The lessons: through by keyboard alone, each from its link, and the storyboard of one step.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, clean, fitsWidth, open, ready, send, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

const book = JSON.parse(readFileSync(join(process.env.NORMSCOPE_DIST ?? 'dist', 'lessons.json'), 'utf8'));

/** Presses Tab until the focus is on `selector`. */
async function tabTo(page, selector, most = 120) {
  for (let i = 0; i < most; i += 1) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} can't be reached with Tab`);
}

test('a lesson goes from its first page to its last by keyboard alone: predict, run, reveal', async () => {
  const page = await host.page('?device=cpu');
  await page.waitForFunction(() => window.normscope);
  await tabTo(page, '#open-lessons');
  await page.keyboard.press('Enter');
  await page.locator('.lessons li').first().waitFor();
  const wanted = book.lessons.find((lesson) => lesson.id === 'norm-trap');
  await tabTo(page, `.lessons a[href*="${wanted.id}"]`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: wanted.title }).waitFor();
  await page.waitForFunction(() => location.search.includes('lesson=norm-trap'));
  for (const [index, entry] of wanted.pages.entries()) {
    await page.locator('.lesson-page h4').waitFor();
    assert.equal(await page.locator('.lesson-nav span').innerText(), `${index + 1} of ${wanted.pages.length}`);
    if (entry.kind === 'predict') {
      await tabTo(page, '.option');
      await page.keyboard.press('Enter');
      await page.locator('.why').waitFor();
    }
    if (entry.kind === 'run') {
      await tabTo(page, '#lesson-run');
      await page.keyboard.press('Enter');
      await page.getByText(`Done: ${entry.steps} steps.`).waitFor({ timeout: 120_000 });
    }
    if (entry.kind === 'reveal') {
      const marks = await page.locator('.measures .mark').allInnerTexts();
      assert.equal(marks.length, entry.measure.length);
      assert.deepEqual(new Set(marks), new Set(['as measured before']));
    }
    if (index + 1 < wanted.pages.length) {
      await tabTo(page, '#lesson-next');
      await page.keyboard.press('Enter');
    }
  }
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !location.search.includes('lesson='));
  assert.equal(await page.locator('.panel').count(), 0);
  clean(page);
});

for (const lesson of book.lessons) {
  test(`the link of "${lesson.title}" opens it with its state`, async () => {
    const page = await host.page(`?device=cpu&lesson=${lesson.id}`);
    await page.getByRole('heading', { name: lesson.title }).waitFor();
    const query = new URLSearchParams(lesson.query);
    await page.waitForFunction((room) => window.normscope.state().config.room === room, query.get('room') ?? 'playground');
    const config = (await state(page)).config;
    for (const [key, value] of query) {
      const [arm, name] = key.split('.');
      const found = name ? config[arm][name] : config[key];
      const expected = { on: true, off: false }[value] ?? (typeof found === 'number' ? Number(value) : value);
      assert.equal(found, expected, key);
    }
    // What a page points at is there.
    for (const [index, entry] of lesson.pages.entries()) {
      if (index > 0) await page.click('#lesson-next');
      // Results are there only after a study.
      if (entry.show && !/answer|backbone/.test(entry.show)) await page.locator('.pointed').waitFor({ timeout: 20_000 });
    }
    assert.deepEqual((await state(page)).notices, []);
    clean(page);
  });
}

/** What of the open lesson is cut off, or sticks out of the window. */
const cutOff = () => {
  const name = (element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.textContent.trim().slice(0, 60)}`;
  const found = [];
  const page = document.documentElement;
  if (page.scrollWidth > window.innerWidth) found.push(`the page is ${page.scrollWidth} px wide`);
  const panel = document.querySelector('.panel');
  for (const element of [panel, ...panel.querySelectorAll('*')]) {
    const box = element.getBoundingClientRect();
    // Hidden, or for screen readers alone.
    if (!box.width || !box.height || element.closest('.sr') || !element.textContent.trim()) continue;
    // Inline elements have no width of their own: their line's block has.
    if (element.clientWidth && element.scrollWidth > element.clientWidth + 1) found.push(`${name(element)} (${element.scrollWidth} in ${element.clientWidth} px)`);
    if (box.right > window.innerWidth + 0.5 || box.left < -0.5) found.push(`${name(element)} (from ${box.left} to ${box.right} px)`);
  }
  return found;
};

for (const lesson of book.lessons) {
  test(`"${lesson.title}": no page is cut off, from a desktop to a small phone`, async () => {
    const page = await host.page(`?device=cpu&lesson=${lesson.id}`);
    await page.getByRole('heading', { name: lesson.title }).waitFor();
    for (const [index, entry] of lesson.pages.entries()) {
      if (index > 0) await page.click('#lesson-next');
      await page.waitForFunction((at) => document.querySelector('.lesson-nav span').textContent === at, `${index + 1} of ${lesson.pages.length}`);
      // With the explanation, which is the longest text.
      if (entry.kind === 'predict') await page.locator('.option').first().click();
      for (const [width, height] of [[1440, 900], [1024, 768], [390, 844], [320, 640]]) {
        await page.setViewportSize({ width, height });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        assert.deepEqual(await page.evaluate(cutOff), [], `page ${index + 1} at ${width} px`);
        // Above the card is its title, under it the way on.
        const [card, nav] = await Promise.all(['.lesson-page', '.lesson-nav'].map((part) => page.locator(part).boundingBox()));
        assert.ok(nav.y >= card.y + card.height - 1, `page ${index + 1} at ${width} px: Back and Next stand above the card`);
      }
    }
    clean(page);
  });
}

for (const theme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }, { width: 320, height: 640 }]) {
    test(`panels at ${viewport.width} px, ${theme}: nothing sticks out, the checker finds nothing`, async () => {
      const page = await host.page(`?device=cpu&theme=${theme}`, { viewport });
      await page.waitForFunction(() => window.normscope?.state().recorded);
      for (const panel of ['lessons', 'export', 'presets', 'story']) {
        await send(page, { type: 'panel', name: panel });
        await page.locator('.panel h2').waitFor();
        await page.waitForTimeout(300);
        await accessible(page);
        await fitsWidth(page);
      }
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('.panel'));
      clean(page);
    });
  }
}

test('one step in slow motion: the run takes it, and its numbers are the run’s own', async () => {
  const page = await host.page('?device=cpu&a.batch=32&b.batch=32');
  await ready(page);
  await send(page, { type: 'panel', name: 'story' });
  await page.click('#story-step');
  await page.locator('.story-page').waitFor({ timeout: 60_000 });
  assert.equal((await state(page)).step, 1);
  assert.equal(await page.locator('.story-pictures canvas').count(), 6);
  for (const expected of ['.story-pair', 'table.bars', '.matrix td.positive', '.matrix td.positive', 'table.bars', 'table.bars']) {
    await page.click('#story-next');
    await page.locator(expected).first().waitFor();
  }
  await accessible(page);
  await page.click('#story-step');
  await page.waitForFunction(() => window.normscope.state().step === 2);
  clean(page);
});

test('what trains is in view: the spheres, on every page with a run, also on a phone', async () => {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    // On a phone those whose first page points at a setting far below.
    const some = viewport.width > 700 ? book.lessons.filter((lesson) => lesson.pages.some((page) => page.kind === 'run')) : book.lessons.filter(({ id }) => ['gradscale', 'temperature'].includes(id));
    for (const lesson of some) {
      const page = await host.page(`?lesson=${lesson.id}&device=cpu`, { viewport, reducedMotion: 'reduce' });
      await page.locator('.lesson-nav').waitFor();
      for (const [at, entry] of lesson.pages.entries()) {
        if (at) await page.locator('#lesson-next').click();
        // Where a page points at something, that comes first.
        await page.waitForTimeout(entry.kind === 'run' || entry.show ? 800 : 400);
        if (entry.show) {
          // What a page points at is not behind the sheet.
          const over = await page.evaluate(() => {
            const [shown, panel] = ['.pointed', '.panel'].map((one) => document.querySelector(one).getBoundingClientRect());
            return panel.left < shown.right ? shown.top - panel.top : shown.top - innerHeight;
          });
          assert.ok(over < 0, `${lesson.id}, page ${at + 1}, ${viewport.width}: ${over}`);
        }
        if (entry.kind !== 'run') continue;
        const seen = await page.evaluate(() => {
          const sphere = document.querySelector('.arm-a .canvases').getBoundingClientRect();
          const panel = document.querySelector('.panel').getBoundingClientRect();
          const end = panel.left < sphere.right ? panel.top : innerHeight;
          return (Math.min(sphere.bottom, end) - Math.max(sphere.top, 0)) / sphere.height;
        });
        assert.ok(seen > 0.75, `${lesson.id}, page ${at + 1}, ${viewport.width}: ${seen.toFixed(2)} of the sphere`);
      }
      clean(page);
      await page.close();
    }
  }
});
