/**
 * The race, run from the visitor's browser with the visitor's own session. Without this script the page works as well:
 * the server then sends the requests. Browsers send only a few at a time, so fewer of them overlap.
 */
const button = document.querySelector('#from-here');
const status = document.querySelector('#race-status');
const lanes = document.querySelectorAll('.lane');

button.hidden = false;
button.addEventListener('click', async () => {
  button.disabled = true;
  status.textContent = 'They are off …';
  try {
    for (const lane of lanes) await run(lane);
    status.textContent = 'Run from this browser, with your own session.';
  } catch (error) {
    status.textContent = `The race was called off: ${error.message}`;
  }
  button.disabled = false;
});

async function run(lane) {
  const track = lane.dataset.track;
  const cells = Array.from(lane.querySelectorAll('.grid li'));
  await request(track, 'PUT');
  await Promise.all(cells.map((_, index) => request(`${track}/${index + 1}`, 'POST')));
  const kept = await (await request(track, 'GET')).json();
  lane.querySelector('output').textContent = kept.length;
  cells.forEach((cell, index) => {
    const outcome = kept.includes(index + 1) ? 'kept' : 'lost';
    cell.className = outcome;
    cell.querySelector('.unseen').textContent = ` ${outcome}`;
  });
}

async function request(url, method) {
  const response = await fetch(url, { method });
  if (!response.ok) throw new Error(`the shop answered ${response.status}.`);
  return response;
}
