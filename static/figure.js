// <normscope-figure>: Normscope within another page, loaded when the reader asks for it. See docs/embedding.md.
(() => {
  'use strict';
  const NAME = 'normscope-figure';
  // What is inside the element is seen where this is not understood.
  if (customElements.get(NAME) || !Promise.withResolvers) return;
  const VERSION = 1;
  const SILENCE = 15_000;
  const EVENTS = ['ready', 'metrics', 'state', 'config', 'notice', 'error', 'resize'];
  const SANDBOX = 'allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads';
  const HERE = (document.currentScript ?? document.querySelector('script[src*="figure.js"]'))?.src ?? document.baseURI;
  const STYLE = new CSSStyleSheet();
  STYLE.replaceSync(`
    :host { display: block; color-scheme: light dark; --panel: light-dark(#fff, #10141f); --ink: light-dark(#16203a, #e8edf8); --accent: light-dark(#1d4ed8, #6ea8ff) }
    :host([theme=light]) { color-scheme: light }
    :host([theme=dark]) { color-scheme: dark }
    :host([hidden]), p:empty { display: none }
    figure { margin: 0 }
    div { position: relative; box-sizing: border-box; overflow: hidden; border: 1px solid light-dark(#d3dae7, #2a334a); border-radius: 12px; background: var(--panel); color: var(--ink) }
    svg, ::slotted([slot=poster]) { display: block; width: 100%; height: 100%; object-fit: contain }
    button { position: absolute; inset: 0; width: 100%; border: 0; border-radius: 11px; background: none; font: 600 15px/1.3 system-ui, sans-serif; cursor: pointer }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: -4px }
    button:hover span { text-decoration: underline }
    span { position: absolute; inset: auto 12px 16px; margin: auto; width: fit-content; padding: 9px 18px; border: 1px solid transparent; border-radius: 99px; background: var(--accent); color: var(--panel) }
    iframe { display: block; width: 100%; border: 0 }
    figcaption, p { margin: 8px 2px 0; font-size: .9em; line-height: 1.45; text-align: start }
    a { display: inline-block; color: inherit }
    @media print { :host([theme]) { color-scheme: light } button, a { display: none } }`);
  /** The poster of figures without one: what is drawn, line width in pixels, opacity. */
  const SPHERE = [
    ['M160 18a50 50 0 1 0 .1 0', 1.5, 0.9],
    ['M160 18a19 50 0 1 0 .1 0M160 18a39 50 0 1 0 .1 0M110 68a50 14 0 1 0 100 0a50 14 0 1 0-100 0M118 42a42 12 0 1 0 84 0a42 12 0 1 0-84 0M118 94a42 12 0 1 0 84 0a42 12 0 1 0-84 0', 1, 0.3],
    ['M160 68 195 27', 2, 1],
    ['M195 27h.01', 9, 1],
  ];

  /** An element, made without markup or inline style: those are what a page's security policy may forbid. */
  const make = (name, attributes, ...children) => {
    const drawn = name === 'svg' || name === 'path';
    const element = document.createElementNS(`http://www.w3.org/${drawn ? '2000/svg' : '1999/xhtml'}`, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  /** A CSS length; a bare number is in pixels. */
  const length = (text) => (/^[\d.]+$/.test(text) ? `${text}px` : (text ?? ''));

  class NormscopeFigure extends HTMLElement {
    static observedAttributes = ['theme'];
    #stage;
    #button;
    #note;
    #link;
    #frame;
    #origin;
    #timer;
    #watch;
    #live = false;
    #pending = new Map();
    #last = 0;
    #ready = {};

    constructor() {
      super();
      this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [STYLE];
      this.#drop();
    }

    connectedCallback() {
      const read = (name) => this.getAttribute(name) ?? '';
      const lines = SPHERE.map(([d, width, opacity]) => make('path', { d, opacity, 'stroke-width': width, 'stroke-linecap': 'round', 'vector-effect': 'non-scaling-stroke' }));
      const sphere = make('svg', { viewBox: '0 0 320 180', fill: 'none', stroke: 'currentColor', 'aria-hidden': true }, ...lines);
      const words = make('slot', {}, read('caption'));
      this.#button = make('button', { type: 'button', part: 'button' }, make('span', {}, 'Load the interactive figure'));
      this.#stage = make('div', { part: 'stage' }, make('slot', { name: 'poster' }, sphere), this.#button);
      this.#stage.style.aspectRatio = read('aspect-ratio');
      this.#stage.style.height = length(read('height'));
      this.#note = make('p', { role: 'status' });
      this.#link = make('a', { target: '_blank', rel: 'noopener' }, 'Open in Normscope');
      this.shadowRoot.replaceChildren(make('figure', {}, this.#stage, this.#note, make('figcaption', {}, words, ' ', this.#link)));
      try {
        this.#link.href = this.#address(this.#query);
      } catch ({ message }) {
        this.#note.textContent = `src="${read('src')}": ${message}`;
        this.#button.remove();
        return;
      }
      this.#label();
      words.addEventListener('slotchange', () => this.#label());
      this.#button.addEventListener('click', () => this.load().focus());
      addEventListener('message', this.#hear);
      if (read('loading') === 'eager') this.load();
      if (read('loading') === 'lazy') {
        this.#watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.load(), { rootMargin: '200px' });
        this.#watch.observe(this);
      }
    }

    disconnectedCallback() {
      removeEventListener('message', this.#hear);
      this.#watch?.disconnect();
      clearTimeout(this.#timer);
      this.#frame = undefined;
      this.#drop('The figure was removed from the page.');
    }

    attributeChangedCallback(_, before, theme) {
      if (this.#live && before !== theme) this.send({ type: 'set', theme: theme ?? 'auto' }).catch(() => {});
    }

    /** Resolves when the figure has loaded. Asking for it doesn't load it. */
    get ready() {
      return this.#ready.promise;
    }

    /** Loads the figure now; gives its frame. */
    load() {
      if (this.#frame || !this.isConnected) return this.#frame;
      this.#watch?.disconnect();
      const sandbox = this.getAttribute('sandbox') ?? SANDBOX;
      const src = this.#address(this.#query, true);
      this.#origin = /\ballow-same-origin\b/.test(sandbox) ? new URL(src).origin : 'null';
      this.#frame = make('iframe', { sandbox, src, title: this.#words, loading: 'eager', referrerpolicy: 'no-referrer', part: 'frame' });
      this.#frame.style.height = `${this.#stage.clientHeight}px`;
      this.#frame.style.maxHeight = length(this.getAttribute('max-height'));
      this.#stage.style.height = this.#stage.style.aspectRatio = '';
      this.#stage.replaceChildren(this.#frame);
      this.#note.textContent = 'Loading the figure …';
      this.#timer = setTimeout(() => this.#explain('The figure has not answered within 15 seconds.'), SILENCE);
      return this.#frame;
    }

    state() {
      return this.send({ type: 'state' });
    }

    series(arm, metric) {
      return this.send({ type: 'series', arm, metric });
    }

    embeddings(arm) {
      return this.send({ type: 'embeddings', arm });
    }

    /** A promise of the figure's answer; what is sent before it has loaded waits until it has. */
    async send(message) {
      await this.ready;
      return new Promise((resolve, reject) => {
        const id = ++this.#last;
        const to = this.#origin === 'null' ? '*' : this.#origin;
        this.#frame.contentWindow.postMessage({ ...message, source: 'normscope', v: VERSION, id }, to);
        this.#pending.set(id, { resolve, reject });
      });
    }

    /** Calls `callback(detail)` for each event; gives a function that ends it. */
    on(event, callback) {
      if (!EVENTS.includes(event)) throw new TypeError(`event ${event}: must be one of ${EVENTS.join(', ')}.`);
      const heard = ({ target, detail }) => target === this && callback(detail);
      this.addEventListener(`normscope-${event}`, heard);
      return () => this.removeEventListener(`normscope-${event}`, heard);
    }

    get #query() {
      const preset = this.getAttribute('preset');
      return `${preset ? `preset=${encodeURIComponent(preset)}&` : ''}${this.getAttribute('query')?.replace(/^\?/, '') ?? ''}`;
    }

    /** The children without the poster, as text. */
    get #words() {
      const texts = [...this.childNodes].filter((node) => node.slot !== 'poster').map((node) => node.textContent);
      return texts.join('').replace(/\s+/g, ' ').trim() || this.getAttribute('caption') || 'Normscope';
    }

    /** Pictures among the children are the poster, the rest is the caption. */
    #label() {
      for (const child of this.children) if (/^(img|picture|svg)$/.test(child.localName)) child.slot = 'poster';
      this.#button.setAttribute('aria-label', `Load the interactive figure: ${this.#words}`);
      this.#frame?.setAttribute('title', this.#words);
    }

    /** The app's address with `query`: for a frame with what the attributes say, else the whole page. */
    #address(query, framed) {
      const has = (name) => this.hasAttribute(name);
      const url = new URL(this.getAttribute('src') ?? '.', has('src') ? document.baseURI : HERE);
      if (!/^(https?|file):$/.test(url.protocol)) throw new TypeError('must be a web address.');
      const keys = new URLSearchParams(query);
      if (framed) {
        keys.set('embed', 1);
        for (const key of ['hide', 'theme']) if (has(key)) keys.set(key, this.getAttribute(key));
        for (const key of ['lock', 'autoplay']) if (has(key)) keys.set(key, 1);
      }
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      for (const key of framed ? (still ? ['autoplay'] : []) : ['embed', 'hide', 'lock', 'autoplay']) keys.delete(key);
      url.search = keys;
      return url.href;
    }

    /** Says what is wrong, where the reader sees it, with a way out. */
    #explain(message) {
      const link = this.#link.cloneNode();
      link.textContent = 'Open it in a tab of its own';
      this.#note.replaceChildren(message, ' ', link);
      this.#tell('error', { level: 'error', input: NAME, message });
    }

    #tell(event, detail) {
      this.dispatchEvent(new CustomEvent(`normscope-${event}`, { detail, bubbles: true }));
    }

    /** Starts over; calls that wait for an answer are told why none comes. */
    #drop(why) {
      for (const { reject } of [this.#ready, ...this.#pending.values()]) reject?.(new Error(why));
      this.#pending.clear();
      this.#live = false;
      this.#ready = Promise.withResolvers();
      this.#ready.promise.catch(() => {});
    }

    #hear = ({ source, origin, data }) => {
      if (!source || source !== this.#frame?.contentWindow || origin !== this.#origin || data?.source !== 'normscope') return;
      const { v, type, id, detail } = data;
      if (v > VERSION) {
        clearTimeout(this.#timer);
        this.#origin = undefined;
        const message = `This figure speaks version ${Number(v)} of the protocol; this page's figure.js knows version ${VERSION}.`;
        this.#drop(message);
        this.#ready.reject(new Error(message));
        this.#explain(message);
      }
      if (v !== VERSION) return;
      if (type === 'reply') {
        const { resolve, reject } = this.#pending.get(id) ?? {};
        this.#pending.delete(id);
        if ('error' in data) reject?.(new Error(data.error));
        else resolve?.(data.value);
      } else if (type === 'hello') {
        clearTimeout(this.#timer);
        if (this.#live) this.#drop('The figure was loaded anew.');
        this.#live = true;
        this.#note.textContent = '';
        this.#ready.resolve(detail);
        for (const event of ['metrics', 'state', 'config']) this.send({ type: 'on', event }).catch(() => {});
        this.#tell('ready', detail);
      } else if (type !== 'ready' && EVENTS.includes(type)) {
        if (type === 'resize' && detail?.height > 0) this.#frame.style.height = `${Math.min(Math.max(detail.height, 120), 10_000)}px`;
        if (type === 'config') this.#link.href = this.#address(detail?.query);
        this.#tell(type, detail);
      }
    };
  }

  customElements.define(NAME, NormscopeFigure);
})();
