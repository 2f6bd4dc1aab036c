// Sets the theme before the first paint: the link's `theme`, else the system's.
(() => {
  const wanted = new URLSearchParams(location.search).get('theme');
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
