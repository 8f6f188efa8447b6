import { html } from '../html.ts';
import type { demoLogins } from '../users.ts';
import { type Frame, page } from './layout.ts';

/** `refusedName` is what was entered, where it was refused. */
export function loginPage(logins: typeof demoLogins, frame: Frame, refusedName?: string): string {
  const content = html`${
    refusedName !== undefined && html`<p class="notice error" role="alert">The name or the password is wrong.</p>`
  }
<form method="post" action="/login" class="stacked">
<label for="name">Name</label>
<input id="name" name="name" value="${refusedName}" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form>
<h2>Who lives here</h2>
<p>This is a demonstration, so here are the keys. Sign in from two browsers to see "My devices" at work.</p>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Password</th></tr></thead>
<tbody>${logins.map(({ id, password }) => html`<tr><td><code>${id}</code></td><td><code>${password}</code></td></tr>`)}</tbody>
</table>`;
  return page('Sign in', content, frame);
}

export function signedOutPage(frame: Frame): string {
  return page(
    'Signed out',
    html`<p>Your session is over, and its cart with it. <a href="/login">Sign in again</a></p>`,
    frame,
  );
}
