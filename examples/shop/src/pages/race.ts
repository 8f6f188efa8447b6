import { type Html, html } from '../html.ts';
import type { RaceResult } from '../race.ts';
import { runners } from '../race-track.ts';
import { type Frame, page } from './layout.ts';

export function racePage(result: RaceResult | undefined, frame: Frame): string {
  const content = html`<p class="lead">Fifty requests of one visitor arrive at once. Each puts a key of its own into the session. How many
are kept?</p>
<div class="actions">
<form method="post" action="/race"><button>Start the race</button></form>
<button type="button" class="quiet" id="from-here" hidden>Race from this browser</button>
</div>
<p id="race-status" role="status"></p>
<div class="lanes">
${lane('merged', 'stet', 'Each request saves the keys that it changed, onto what the others have saved.', result?.merged)}
${lane('last-write-wins', 'Last write wins', 'Each request saves the whole session as it loaded it, with its own key added.', result?.lastWriteWins)}
</div>
<p>Both run on files on the same disk, both save atomically, both synced. The server sends the requests to itself and lets each one
load its session before the first may save, so that all of them overlap.</p>
<script src="/race.js" type="module"></script>`;
  return page('Race', content, frame);
}

function lane(track: string, name: string, how: string, kept: readonly number[] | undefined): Html {
  return html`<section class="card lane" data-track="/race/${track}" aria-labelledby="${track}">
<h2 id="${track}">${name}</h2>
<p>${how}</p>
<p class="figure"><output>${kept ? kept.length : '–'}</output> of ${runners.length} kept</p>
<ol class="grid">
${runners.map((runner) => cell(runner, kept))}
</ol>
</section>`;
}

function cell(runner: number, kept: readonly number[] | undefined): Html {
  const outcome = kept && (kept.includes(runner) ? 'kept' : 'lost');
  return html`<li class="${outcome ?? 'open'}">${runner}<span class="unseen"> ${outcome}</span></li>`;
}
