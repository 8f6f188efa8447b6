import { type Html, html } from '../html.ts';
import { type Frame, page } from './layout.ts';

/** One session of the user, as the list shows it. */
export interface Device {
  readonly id: string;
  readonly isThisOne: boolean;
  readonly name: string;
  readonly userAgent: string;
  readonly signedInAt: number | undefined;
  readonly lastSeenAt: number | undefined;
}

export function devicesPage(devices: readonly Device[], frame: Frame): string {
  const content = html`<p class="lead">Wherever you are signed in. A device that you sign out here is out at its next request.</p>
<ul class="devices">${devices.map(deviceCard)}</ul>
<div class="actions">
<form method="post" action="/devices/sign-out-others"><button class="quiet">Sign out everywhere else</button></form>
<form method="post" action="/devices/sign-out-all"><button class="quiet">Sign out everywhere</button></form>
</div>`;
  return page('My devices', content, frame);
}

function deviceCard({ id, isThisOne, name, userAgent, signedInAt, lastSeenAt }: Device): Html {
  return html`<li class="card">
<h2>${name} ${isThisOne && html`<span class="badge">this device</span>`}</h2>
<dl>
<dt>Signed in</dt><dd>${instant(signedInAt)}</dd>
<dt>Last seen</dt><dd>${instant(lastSeenAt)}</dd>
<dt>Browser</dt><dd class="agent">${userAgent || 'not told'}</dd>
</dl>
<form method="post" action="/devices/sign-out">
<input type="hidden" name="id" value="${id}">
<button class="quiet">Sign out <span class="unseen">${name}</span></button>
</form>
</li>`;
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

function instant(at: number | undefined): Html {
  if (at === undefined) return html`not known`;
  return html`<time datetime="${new Date(at).toISOString()}">${clock.format(at)} UTC</time>`;
}
