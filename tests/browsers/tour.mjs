// A tour of the page for browsers besides Chromium: what is done at each stop, inside the page, and what has to come of it.
import assert from 'node:assert/strict';
import { hostFor } from '../e2e/host.mjs';
import { serve } from '../../scripts/serve.mjs';

/** A server for the page, and somebody else's site with a figure of it; `address(stop)` says where a stop is. */
export async function ground() {
  const server = await serve(process.env.NORMSCOPE_DIST ?? 'dist', 0);
  const base = `http://localhost:${server.address().port}/`;
  const site = await hostFor(new URL(base).origin, {
    figure: `<script src="${base}figure.js"></script><normscope-figure id="figure" query="device=cpu&amp;seed=5">SimCLR, twice</normscope-figure>`,
    frame: `<iframe id="frame" title="A figure" width="800" height="600" sandbox="allow-scripts" src="${base}?embed=1&amp;device=cpu"></iframe>`,
  });
  return {
    address: ({ path, site: name }) => (name ? site.address(name) : base + path),
    async close() {
      await site.close();
      await new Promise((done) => server.close(done));
    },
  };
}

/** The script that does a stop: an expression whose promise gives `{ value, problems }` or `{ failed, problems }`. */
export const script = ({ act }) => `(${guide})(${act})`;

/** Runs in the page. */
async function guide(act) {
  const problems = [];
  addEventListener('error', ({ message }) => problems.push(message));
  addEventListener('unhandledrejection', ({ reason }) => problems.push(`${reason}`));
  const forbidden = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => forbidden.push(`${effectiveDirective} ${blockedURI}`));
  const find = (selector) => document.querySelector(selector);
  /** What `look` gives as soon as it gives something. */
  const until = async (what, look, millis = 60_000) => {
    for (const begun = performance.now(); performance.now() - begun < millis; await new Promise((done) => setTimeout(done, 50))) {
      const found = look();
      if (found) return found;
    }
    throw new Error(`${what}: waited ${millis} ms`);
  };
  const click = async (selector, millis) => (await until(selector, () => find(selector), millis)).click();
  const ready = async () => {
    await until('window.normscope', () => window.normscope);
    await normscope.ready;
  };
  /** What a promise gives, within a minute. */
  const answer = (promise) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error('no answer in a minute')), 60_000))]);
  /** Clicks on something that hands over a file; its name, size, beginning and, unless it is long, all of it as text. */
  const save = async (selector) => {
    let blob, name;
    const [make, follow] = [URL.createObjectURL, HTMLElement.prototype.click];
    URL.createObjectURL = (one) => make.call(URL, (blob = one));
    HTMLAnchorElement.prototype.click = function () {
      name = this.download;
    };
    try {
      await until(selector, () => find(selector));
      follow.call(find(selector));
      await until(`the file of ${selector}`, () => name);
    } finally {
      URL.createObjectURL = make;
      delete HTMLAnchorElement.prototype.click;
    }
    const text = await blob.text();
    return { name, size: blob.size, head: text.slice(0, 15), text: text.length < 500_000 ? text : '' };
  };
  try {
    const value = await act({ find, until, click, ready, answer, save, forbidden });
    return { value, problems, forbidden };
  } catch (error) {
    const state = window.normscope && JSON.stringify({ ...normscope.state(), config: undefined, arms: undefined });
    return { failed: `${error?.message ?? error}`, problems, forbidden, state, text: document.body.innerText.slice(0, 300), alert: find('[role=alert]')?.innerText };
  }
}

/** Fails unless a stop did what it should; says how long it took. */
export function check(t, stop, report, begun) {
  t.diagnostic(`${((Date.now() - begun) / 1000).toFixed(1)} s${report.value?.millis ? `, training ${(report.value.millis / 1000).toFixed(1)} s` : ''}`);
  assert.equal(report.failed, undefined, JSON.stringify(report));
  assert.deepEqual(report.problems, []);
  assert.deepEqual(report.forbidden.filter((one) => !stop.forbidden?.test(one)), []);
  stop.check(report.value);
}

const trained = ({ step, faults, device, same, knn }, steps, least) => {
  assert.deepEqual([step, faults, device, same], [steps, 0, 'cpu', true]);
  assert.ok(knn > least && knn <= 1, `kNN ${knn}`);
};

export const STOPS = [
  {
    name: 'the recorded run moves',
    path: '',
    act: async ({ until, find }) => {
      await until('the recorded run', () => window.normscope?.state().recorded);
      const look = () => {
        const canvas = find('.arm-a canvas.flat');
        return canvas?.width ? [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].reduce((sum, one) => (sum * 31 + one) | 0, 0) : 0;
      };
      const colours = () => {
        const canvas = find('.arm-a canvas.flat');
        return new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
      };
      await normscope.send({ type: 'seek', step: 0 });
      const first = await until('a picture', look);
      await normscope.send({ type: 'seek', step: 600 });
      await until('another picture', () => look() !== first);
      return { colours: colours(), width: document.documentElement.scrollWidth - innerWidth };
    },
    check: ({ colours, width }) => {
      assert.ok(colours > 60, `${colours} colours`);
      assert.ok(width <= 0, `${width} pixels stick out`);
    },
  },
  {
    name: 'a run: 60 steps of digits, each arm in a worker of its own',
    path: '?device=cpu',
    act: async ({ ready, until }) => {
      await ready();
      const begun = performance.now();
      await normscope.send({ type: 'step', steps: 60 });
      const millis = performance.now() - begun;
      if (navigator.hardwareConcurrency > 1) await until('the second worker', () => /worker of its own/.test(normscope.state().reason));
      const { step, faults, device, arms } = normscope.state();
      const { n, dim, z } = await normscope.embeddings('b');
      return { millis, step, faults, device, same: arms.a.batch_hash === arms.b.batch_hash, knn: arms.a.metrics.knn, whole: n > 100 && z.length === n * dim };
    },
    check: (value) => {
      trained(value, 60, 0.5);
      assert.ok(value.whole);
    },
  },
  {
    name: 'the engine comes back when it ends',
    path: '?device=cpu&a.width=16&b.width=16&a.batch=16&b.batch=16',
    act: async ({ ready, until, find }) => {
      await ready();
      await normscope.send({ type: 'step', steps: 10 });
      find('#kill-engine').click();
      await until('another engine', () => normscope.state().faults === 1 && normscope.state().ready, 90_000);
      await normscope.send({ type: 'step', steps: 10 });
      return { step: normscope.state().step, failed: normscope.state().failed };
    },
    check: (value) => assert.deepEqual(value, { step: 20, failed: null }),
  },
  {
    name: 'shapes: 5 steps of the convolutions',
    path: '?device=cpu',
    act: async ({ ready }) => {
      await ready();
      await normscope.send({ type: 'set', data: 'shapes' });
      const begun = performance.now();
      await normscope.send({ type: 'step', steps: 5 });
      const { step, faults, device, arms } = normscope.state();
      return { millis: performance.now() - begun, step, faults, device, same: arms.a.batch_hash === arms.b.batch_hash, knn: arms.a.metrics.knn };
    },
    check: (value) => trained(value, 5, 0),
  },
  {
    name: 'the self-test',
    path: '?device=cpu',
    act: async ({ ready }) => {
      await ready();
      return normscope.send({ type: 'selftest' });
    },
    check: (value) => {
      assert.ok(value.length > 10, `${value.length} checks`);
      assert.deepEqual(value.filter(({ ok }) => !ok), []);
    },
  },
  {
    name: 'the gradient lab: a simulation',
    path: '?room=gradient',
    act: async ({ click, until, find }) => {
      await click('.choices button[data-key=norm-sweep]');
      await until('a figure', () => find('.answer .figure'));
      return { marks: document.querySelectorAll('.figure svg circle, .figure svg path, .figure svg rect').length };
    },
    check: ({ marks }) => assert.ok(marks > 3),
  },
  {
    name: 'a diagnosis of the model in the playground',
    path: '?device=cpu&room=diagnostics',
    act: async ({ ready, click, until, find }) => {
      await ready();
      await normscope.send({ type: 'step', steps: 30 });
      await click('#diagnose-a');
      await until('the diagnosis', () => find('.answer .verdict') && !find('.example-mark'));
      return { facts: find('.answer .facts').innerText, figures: document.querySelectorAll('.answer .figure').length };
    },
    check: ({ facts, figures }) => {
      assert.match(facts, /-1\.000\d \(theory -1\)/);
      assert.equal(figures, 2);
    },
  },
  {
    name: 'a file dropped on the page is diagnosed',
    path: '?device=cpu',
    act: async ({ until, find }) => {
      await until('window.normscope', () => window.normscope);
      const rows = Array.from({ length: 200 }, (_, i) => `${Math.sin(i) * 9},${Math.cos(i * 1.7) * 9},${Math.sin(i * 0.3)},class ${i % 3}`);
      const data = new DataTransfer();
      data.items.add(new File([`u,v,w,label\n${rows.join('\n')}`], 'dropped.csv', { type: 'text/csv' }));
      for (const kind of ['dragover', 'drop']) window.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      await until('the diagnosis', () => find('.answer .verdict') && !find('.example-mark'));
      return { room: normscope.state().config.room, title: [...document.querySelectorAll('.room h3')].map((one) => one.innerText).join() };
    },
    check: ({ room, title }) => {
      assert.equal(room, 'diagnostics');
      assert.match(title, /Diagnosis of.*dropped\.csv/);
    },
  },
  {
    name: 'anomalies: a study begins and is cancelled',
    path: '?room=anomalies',
    act: async ({ click, until, find }) => {
      await click('.anomalies .job button.primary');
      await until('some of it', () => find('.anomalies .job progress')?.value > 0, 120_000);
      [...document.querySelectorAll('.anomalies .job button')].find((one) => one.innerText === 'Cancel').click();
      await until('the button again', () => find('.anomalies .job button.primary'));
      return { progress: document.querySelectorAll('.anomalies .job progress').length };
    },
    check: (value) => assert.deepEqual(value, { progress: 0 }),
  },
  {
    name: 'experiments: a study keeps what it has when it is cancelled',
    path: '?room=experiments',
    act: async ({ click, until, find }) => {
      await click('.experiments .job button.primary');
      await until('a row of its own', () => !find('.experiments .example-mark') && find('.experiments .sheet table tbody tr'), 120_000);
      [...document.querySelectorAll('.experiments .job button')].find((one) => one.innerText === 'Cancel').click();
      await until('the facts', () => /\d+ of \d+/.test(find('.experiments .facts')?.innerText));
      return { facts: find('.experiments .facts').innerText };
    },
    check: ({ facts }) => {
      const [done, planned] = facts.match(/(\d+) of (\d+)/).slice(1).map(Number);
      assert.ok(done >= 1 && done < planned, facts);
    },
  },
  {
    name: 'a lesson from its first page to its last',
    path: '?device=cpu&lesson=norm-trap',
    act: async ({ click, until, find }) => {
      const pages = [];
      let marks = [];
      await until('the lesson', () => find('.lesson-page h4'));
      for (;;) {
        const at = find('.lesson-nav span').innerText;
        pages.push(at);
        if (find('.option')) {
          await click('.option');
          await until('why', () => find('.why'));
        }
        if (find('#lesson-run')) {
          await click('#lesson-run');
          await until('the end of the run', () => /Done: \d+ steps\./.test(find('.lesson-page').innerText), 120_000);
        }
        if (find('.measures .mark')) marks = [...document.querySelectorAll('.measures .mark')].map((one) => one.innerText);
        const [own, last] = at.split(' of ');
        if (own === last) return { pages: pages.length, last: Number(last), marks };
        await click('#lesson-next');
        await until('the next page', () => find('.lesson-nav span').innerText !== at);
      }
    },
    check: ({ pages, last, marks }) => {
      assert.equal(pages, last);
      assert.ok(marks.length > 0);
      assert.deepEqual([...new Set(marks)], ['as measured before']);
    },
  },
  {
    name: 'exports: a picture, numbers, embeddings, a figure that replays',
    path: '?device=cpu&steps=60&a.width=16&b.width=16&a.batch=16&b.batch=16',
    act: async ({ ready, click, save }) => {
      await ready();
      await normscope.send({ type: 'step', steps: 20 });
      await click('#open-export');
      return { png: await save('#sphere-png'), svg: await save('#sphere-svg'), json: await save('#export-json'), npz: await save('#export-npz'), html: await save('#export-html') };
    },
    check: ({ png, svg, json, npz, html }) => {
      assert.match(png.head, /^.PNG/);
      assert.match(svg.text, /<svg/);
      assert.equal(JSON.parse(json.text).arms[0].losses.length, 20);
      assert.match(npz.head, /^PK/);
      assert.match(html.head, /^<!doctype html>/);
      assert.ok(png.size > 5000 && npz.size > 5000 && html.size > 200_000, `${png.size} ${npz.size} ${html.size}`);
      assert.match(html.name, /\.html$/);
    },
  },
  {
    name: 'the page as a figure of its own (embed=1)',
    path: '?embed=1&device=cpu',
    act: async ({ ready, find }) => {
      await ready();
      await normscope.send({ type: 'step', steps: 5 });
      return { step: normscope.state().step, panes: document.querySelectorAll('.pane').length, header: Boolean(find('header.top')) };
    },
    check: (value) => assert.deepEqual(value, { step: 5, panes: 2, header: false }),
  },
  {
    name: 'a figure of the examples, in a sandbox, by its button',
    path: 'examples.html',
    act: async ({ until, find, answer }) => {
      const figure = await until('the element', () => find('normscope-figure')?.shadowRoot && find('normscope-figure'));
      figure.shadowRoot.querySelector('button').click();
      const sandbox = figure.shadowRoot.querySelector('iframe').getAttribute('sandbox');
      const hello = await answer(figure.ready);
      const { step, device } = await figure.send({ type: 'step', steps: 12 });
      return { sandbox, data: hello.data, step, device };
    },
    check: ({ sandbox, data, step, device }) => {
      assert.doesNotMatch(sandbox, /allow-same-origin/);
      assert.deepEqual([data, step, device], ['digits', 12, 'cpu']);
    },
  },
  {
    name: "a figure in a sandbox on somebody else's site",
    site: 'figure',
    act: async ({ find, answer }) => {
      const figure = find('#figure');
      figure.load();
      await answer(figure.ready);
      const { step, device } = await figure.send({ type: 'step', steps: 12 });
      return { step, device, seed: (await figure.state()).config.seed };
    },
    check: (value) => assert.deepEqual(value, { step: 12, device: 'cpu', seed: 5 }),
  },
  {
    name: 'a plain sandboxed frame says hello',
    site: 'frame',
    act: ({ find }) =>
      new Promise((done, fail) => {
        addEventListener('message', ({ source, data, origin }) => {
          if (source === find('#frame').contentWindow && data?.id === 1) done({ origin, step: data.value?.step });
        });
        const ask = () => find('#frame').contentWindow.postMessage({ source: 'normscope', v: 1, id: 1, type: 'step', steps: 3 }, '*');
        // Until it listens nothing is heard.
        addEventListener('message', ({ data }) => data?.type === 'hello' && ask());
        ask();
        setTimeout(() => fail(new Error('no answer in 60 s')), 60_000);
      }),
    check: (value) => assert.deepEqual(value, { origin: 'null', step: 3 }),
  },
  {
    name: "the page's policy lets nothing foreign in",
    path: '?device=cpu',
    forbidden: /^(connect|script|style|img)-src/,
    act: async ({ until, forbidden }) => {
      // The same server under another name, which would answer.
      const foreign = `http://127.0.0.1:${location.port}/icon.svg`;
      const fetched = await fetch(foreign).then(() => 'fetched', () => 'refused');
      const one = document.createElement('script');
      one.src = `http://127.0.0.1:${location.port}/theme.js`;
      const loaded = await new Promise((done) => {
        one.onload = () => done('loaded');
        one.onerror = () => done('refused');
        document.head.append(one);
      });
      await until('both reports', () => forbidden.length >= 2);
      return { fetched, loaded, forbidden: forbidden.map((one) => one.split(' ')[0].replace('-elem', '')) };
    },
    check: (value) => assert.deepEqual(value, { fetched: 'refused', loaded: 'refused', forbidden: ['connect-src', 'script-src'] }),
  },
];
