import { type Content, type Html, html } from '../html.ts';
import type { Notice } from '../notices.ts';
import type { User } from '../users.ts';

/** What every page shows of the visitor's session around its content. */
export interface Frame {
  readonly user: User | undefined;
  readonly itemsInCart: number;
  /** The cart's items, where the visitor has left it alone for long. */
  readonly itemsAbandoned: number;
  /** Where the visitor was reminded of them. */
  readonly mailedTo: string | undefined;
  readonly notices: readonly Notice[];
}

/** A page. Without a frame it tells nothing of the visitor: for errors, when there may be no session to ask. */
export function page(title: string, content: Content, frame?: Frame): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · The Blue Pencil</title>
<link rel="icon" href="/products/blue-pencil.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="brand" href="/">The Blue Pencil</a>
<nav aria-label="Shop">
<a href="/">Catalogue</a>
<a href="/race">Race</a>
${frame && visitorLinks(frame)}
</nav>
</header>
<main id="content">
${frame && abandonedNotice(frame)}
${frame?.notices.map(({ text }) => html`<p class="notice" role="status">${text}</p>`)}
<h1>${title}</h1>
${content}
</main>
<footer><p>A demonstration of stet. Nothing here is for sale.</p></footer>
</body>
</html>`;
  return document.toString();
}

function visitorLinks({ user, itemsInCart }: Frame): Html {
  return html`<a href="/cart">Cart <span class="count">${itemsInCart}</span></a>
${
  user
    ? html`<a href="/devices">My devices</a>
<form method="post" action="/logout"><button class="link">Sign out ${user.name}</button></form>`
    : html`<a href="/login">Sign in</a>`
}`;
}

function abandonedNotice({ itemsAbandoned, mailedTo }: Frame): Content {
  if (itemsAbandoned === 0) return null;
  const what = itemsAbandoned === 1 ? 'one thing' : `${itemsAbandoned} things`;
  return html`<p class="notice reminder" role="status">You left ${what} in <a href="/cart">your cart</a> a while ago. We have
kept your cart as it was${mailedTo && ` and sent a reminder to ${mailedTo}`}.</p>`;
}
