// What the page's modules ask of JavaScript: fetching one another, and the browser's own gzip.
'use strict';

/** A style sheet of the page; resolves when it is there, or can't be had: what it styles works without it. */
window.normscopeStyled = (name) =>
  new Promise((done) => {
    if (document.querySelector(`link[href$="${name}.css"]`)) return done();
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL(`${name}.css`, document.baseURI).href });
    link.onload = link.onerror = done;
    document.head.append(link);
  });

/** Fetches and starts a module of the page beside this script with its styles, e.g. 'rooms'. In a sandboxed frame a relative name finds nothing. */
window.normscopeLoad = async (name) => {
  const [module] = await Promise.all([import(new URL(`${name}.js`, document.baseURI).href), normscopeStyled(name)]);
  return module.default();
};

/** Resolves in another task; a hidden page's timers would be slow. */
window.normscopeTask = () =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  });

/** The bytes of a file of the page. */
window.normscopeFetch = async (path) => {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  return response.arrayBuffer();
};

const through = (bytes, transform) => new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer();

/** Bytes as a gzip file. */
window.normscopeGzip = (bytes) => through(bytes, new CompressionStream('gzip'));

/** What a gzip file holds; fails when it is damaged, or larger than `most` bytes. */
window.normscopeGunzip = async (bytes, most) => {
  let size = 0;
  const bound = new TransformStream({
    transform(chunk, controller) {
      size += chunk.length;
      if (size > most) throw new RangeError(`holds more than ${most} bytes`);
      controller.enqueue(chunk);
    },
  });
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(bound);
  return new Response(stream).arrayBuffer();
};

/**
 * A worker with the loader, `query` naming its module (see worker.js). In a sandboxed frame the page has no origin, so that no
 * script of the site may become its worker; one made here may, and fetches the loader itself.
 */
const loader = (query) => {
  const base = new URL('.', document.baseURI).href;
  try {
    if (self.origin !== 'null') return new Worker(`${base}worker.js${query}`);
  } catch {
    // The same way as without an origin.
  }
  const code = `[self.normscopeBase, self.normscopeQuery] = ${JSON.stringify([base, query])}; importScripts(normscopeBase + 'worker.js');`;
  return new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
};

/**
 * As `loader`. The engine asks for its second worker, which is started here, since a worker that starts a worker can hang in
 * Firefox (docs/reliability.md): both get an end of a channel, and the second one ends with the first.
 */
window.normscopeWorker = (query) => {
  const worker = loader(query);
  const end = worker.terminate.bind(worker);
  let arm;
  const help = ({ data }) => {
    if (data[0] !== 'aide') return;
    const { port1, port2 } = new MessageChannel();
    try {
      arm = loader('?arm');
    } catch {
      return; // Without an answer the engine trains both arms.
    }
    arm.postMessage(['aide'], [port1]);
    worker.postMessage(['aide'], [port2]);
  };
  worker.addEventListener('message', help);
  worker.terminate = () => {
    worker.removeEventListener('message', help);
    arm?.terminate();
    end();
  };
  return worker;
};

/**
 * [path, file] of everything in a drop or in a file dialog's list; folders are opened, what is hidden in them is left out. To be
 * called in the drop's event: afterwards its files are gone.
 */
window.normscopeFiles = (source) => {
  const entries = [...(source.items ?? [])].map((item) => item.webkitGetAsEntry?.());
  const files = [...(source.files ?? source)].map((file) => [file.webkitRelativePath || file.name, file]);
  const asked = (ask) => new Promise((done, fail) => ask(done, fail));
  const all = [];
  const walk = async (entry) => {
    if (entry.isFile) return all.push([entry.fullPath.slice(1), await asked((done, fail) => entry.file(done, fail))]);
    const reader = entry.createReader();
    for (let some; (some = await asked((done, fail) => reader.readEntries(done, fail))).length; )
      for (const one of some) if (!one.name.startsWith('.')) await walk(one);
  };
  const walkAll = async () => {
    for (const entry of entries) if (entry) await walk(entry);
    return all;
  };
  return entries.some((entry) => entry?.isDirectory) ? walkAll() : Promise.resolve(files);
};

const pixels = new WeakMap();
const observer = new ResizeObserver((all) => {
  for (const { target, devicePixelContentBoxSize: box } of all) if (box) pixels.set(target, [box[0].inlineSize, box[0].blockSize]);
});
/** Width and height of an element in the screen's own pixels, which no arithmetic gives when the page is zoomed; zeros where the browser does not say. */
window.normscopePixels = (element) => {
  if (!pixels.has(element)) {
    pixels.set(element, [0, 0]);
    try {
      observer.observe(element, { box: 'device-pixel-content-box' });
    } catch {
      // Then they are worked out.
    }
  }
  return pixels.get(element);
};

/** Puts text into the clipboard; fails where there is none. */
window.normscopeCopy = async (text) => navigator.clipboard.writeText(text);

/** The whole screen for the page, or no more; a frame may not be allowed to. */
window.normscopeFullScreen = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.())?.catch(() => {});

/** Resolves when nobody holds the lock any more; fails where there are no locks. */
window.normscopeAfter = async (lock) => navigator.locks.request(lock, () => {});

/** The introduction (index.html): its links lead on without a new page, and it stays closed where something may be kept. */
document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('#lead a');
  if (event.target.id === 'lead-close') {
    document.documentElement.toggleAttribute('data-no-intro', true);
    try {
      localStorage.normscopeIntro = 'closed';
    } catch {
      // It is there again after a reload.
    }
  } else if (link && window.normscope && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    history.pushState(null, '', location.href);
    const query = link.search;
    await normscope.send({ type: 'open', query });
    if (query.includes('autoplay')) normscope.send({ type: 'play' });
  }
});

/** Explains the words of the page: what has a `title` and is no control by a tap or a click, a setting by the key `?`. */
const explain = (of, { x, y }) => {
  const note = document.getElementById('note') ?? document.body.appendChild(Object.assign(document.createElement('p'), { id: 'note', popover: 'auto', role: 'status' }));
  note.textContent = of.title;
  note.style.setProperty('--x', `${x}px`);
  note.style.setProperty('--y', `${y}px`);
  note.showPopover?.();
};
document.addEventListener('click', (event) => {
  const of = !event.target.closest('button, a, input, select, summary, label') && event.target.closest('[title]');
  if (of) explain(of, { x: event.clientX, y: event.clientY });
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '?') return;
  const of = event.target.closest('[title]');
  if (of) explain(of, event.target.getBoundingClientRect());
  else if (event.target.matches('input, select, textarea') || !window.normscope) return;
  else normscope.send({ type: 'panel', name: 'help' });
  event.preventDefault();
});

/** A transaction on what is kept in this browser: all of it happens, or nothing; fails where nothing may be kept. */
const kept = (mode, act) =>
  new Promise((done, fail) => {
    const opening = indexedDB.open('normscope', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept');
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const base = opening.result;
      const transaction = base.transaction('kept', mode);
      const request = act(transaction.objectStore('kept'));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = transaction.onabort = () => fail(transaction.error);
      base.close();
    };
  });

/** Keeps bytes in this browser under a name; false where nothing may be kept. */
window.normscopeKeep = (name, bytes) => kept('readwrite', (store) => store.put(bytes, name)).then(() => true, () => false);

/** What was kept under a name, as an ArrayBuffer, or undefined. */
window.normscopeKept = (name) => kept('readonly', (store) => store.get(name)).then((bytes) => bytes?.buffer, () => undefined);

/** Forgets what was kept under a name. */
window.normscopeForget = (name) => kept('readwrite', (store) => store.delete(name)).then(() => true, () => false);
