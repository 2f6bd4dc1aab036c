// The page of examples: its theme, and two buttons that drive a figure.
'use strict';

const $ = (id) => document.getElementById(id);

/** The figures follow the page, whatever the system prefers. */
function show(theme) {
  document.documentElement.dataset.theme = theme;
  $('theme').textContent = theme === 'dark' ? 'Light theme' : 'Dark theme';
  for (const figure of document.querySelectorAll('normscope-figure')) figure.setAttribute('theme', theme);
}
show(document.documentElement.dataset.theme);
$('theme').addEventListener('click', () => show(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));

const percent = (share) => (share === undefined ? 'unknown' : `${(100 * share).toFixed(1)}\u00a0%`);

/** Does `act` with the figure; meanwhile the buttons rest, afterwards the line says where the models are. */
async function drive(words, act) {
  const buttons = document.querySelectorAll('.controls button');
  for (const button of buttons) button.disabled = true;
  $('answer').value = words;
  try {
    $('figure').load();
    await act($('figure'));
    const { step, arms } = await $('figure').state();
    const [a, b] = [arms.a, arms.b].map((arm) => percent(arm.metrics.knn));
    $('answer').value = `Step ${step}. kNN accuracy: A ${a}, B ${b}.`;
  } catch (error) {
    $('answer').value = error.message;
  }
  for (const button of buttons) button.disabled = false;
}

$('train').addEventListener('click', () => drive('Training …', (figure) => figure.send({ type: 'step', steps: 100 })));

$('scale').addEventListener('click', ({ currentTarget }) => {
  const on = currentTarget.getAttribute('aria-pressed') !== 'true';
  currentTarget.setAttribute('aria-pressed', on);
  currentTarget.textContent = `GradScale for B: ${on ? 'on' : 'off'}`;
  drive('Starting over …', (figure) => figure.send({ type: 'set', 'b.gradscale': on ? 1 : 0 }));
});
