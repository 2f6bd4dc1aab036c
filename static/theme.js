// Before anything else of the page is asked for: its policy once more, with its own address for each *. 'self' stands beside it for
// addresses that a policy can't name, and can't stand alone: in WebKit it is nobody in a sandboxed frame.
// Then, before the first paint, the theme: the link's `theme`, else the system's; what a projector shows; and whether there is
// an introduction.
(() => {
  const { httpEquiv, content } = document.querySelector('meta[http-equiv]');
  document.head.append(Object.assign(document.createElement('meta'), { httpEquiv, content: content.replaceAll('*', `'self' ${location.origin}`) }));
  const query = new URLSearchParams(location.search);
  const wanted = query.get('theme');
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  if (query.has('present')) document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'present.css' }));
  // A figure, a projector and the other rooms have no introduction, nor has who closed it.
  const closed = () => {
    try {
      return localStorage.normscopeIntro === 'closed';
    } catch {
      return false; // Nothing may be kept here.
    }
  };
  const hidden = query.get('hide')?.split(',').includes('intro');
  document.documentElement.toggleAttribute('data-bare', ['embed', 'room', 'present'].some((key) => query.has(key)));
  document.documentElement.toggleAttribute('data-no-intro', hidden || closed());
})();
