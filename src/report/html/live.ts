import { createHash } from 'node:crypto';
import { html, Markup, scriptText } from './markup.ts';
import { readPageBundle } from './page-bundle.ts';

/** The page of `qt serve`: topics, a live book and a tape. Whole in itself; it talks to the server that it came from. */
export async function livePage(): Promise<string> {
  const { script, style } = await readPageBundle('live-page');
  const code = scriptText(script);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(code).digest('base64')}'`,
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>qt serve</title>
<link rel="icon" href="data:,">
<style>${new Markup(style.replaceAll('</', '<\\/'))}</style>
</head>
<body>
<header><h1>qt serve</h1><output class="state" data-state="waiting">connecting …</output></header>
<form class="token" hidden><label>Token <input type="password" autocomplete="off" required></label><button>Connect</button></form>
<main>
<section class="topics" aria-label="Topics"><h2>Topics</h2><input type="search" placeholder="Filter" aria-label="Filter topics"><ul></ul></section>
<section class="book" aria-label="Book"><h2>Book</h2><p class="note">Choose a topic.</p><table><thead><tr><th>Size</th><th>Price</th></tr></thead><tbody class="asks"></tbody><tbody class="middle"><tr><td class="spread"></td><td class="mid"></td></tr></tbody><tbody class="bids"></tbody></table></section>
<section class="tape" aria-label="Tape"><h2>Tape</h2><table><thead><tr><th>Time</th><th>Price</th><th>Size</th></tr></thead><tbody></tbody></table></section>
</main>
<noscript>The page needs JavaScript.</noscript>
`.text
}<script>${code}</script>
</body>
</html>
`;
}
