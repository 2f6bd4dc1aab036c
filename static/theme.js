// Before anything else of the page is asked for: its policy once more, with its own address for each *. 'self' stands beside it for
// addresses that a policy can't name, and can't stand alone: in WebKit it is nobody in a sandboxed frame.
// Then the theme, before the first paint: the link's `theme`, else the system's.
(() => {
  const { httpEquiv, content } = document.querySelector('meta[http-equiv]');
  document.head.append(Object.assign(document.createElement('meta'), { httpEquiv, content: content.replaceAll('*', `'self' ${location.origin}`) }));
  const wanted = new URLSearchParams(location.search).get('theme');
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
