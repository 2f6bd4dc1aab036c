// Sets the theme before the first paint: the link's `theme`, else the system's; and whether there is a headline.
(() => {
  const query = new URLSearchParams(location.search);
  const wanted = query.get('theme');
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  // A figure and the other rooms have none.
  document.documentElement.toggleAttribute('data-bare', query.has('embed') || query.has('room'));
})();
