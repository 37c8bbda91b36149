/** What every page of the site has around its content. */
import { html, Html } from './html';

/** Colours follow the reader's system; a verdict is always a word as well as a colour. */
const STYLE = `
:root { color-scheme: light dark; --line: #c8ccd0; --quiet: #57606a; --link: #0550ae;
  --good: #dff3e3; --bad: #ffd9d6; --odd: #fff0c2; --none: transparent; --code: #f2f4f6; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --quiet: #9aa4af; --link: #79b8ff;
  --good: #12351d; --bad: #571a17; --odd: #453809; --code: #1f242b; } }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 80rem; padding: 1rem; }
a { color: var(--link); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--quiet); padding: 0.3rem 0; }
th, td { border: 1px solid var(--line); padding: 0.2rem 0.5rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.kept { background: var(--good); }
.broken, .harness-error { background: var(--bad); font-weight: 600; }
.differs, .advice, .expected { background: var(--odd); }
.not-applicable, .not-tested, .not-run { background: var(--none); color: var(--quiet); }
.said { white-space: pre-line; }
.partial { border-left: 0.3rem solid var(--line); padding-left: 0.8rem; }
pre, code { font: 0.9em/1.4 ui-monospace, monospace; background: var(--code); }
pre { padding: 0.6rem; overflow-x: auto; }
dt { color: var(--quiet); } dd { margin: 0 0 0.5rem 0; }
:target { outline: 2px solid var(--link); }
`;

/** A whole page. It loads nothing, and says so to the browser. */
export function page(title: string, content: Html): string {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html> `;
  // Indentation before tags says nothing and is a third of a large page. Text never begins with the sign, since it is escaped.
  return `${whole.source.replaceAll(/\s*\n\s*(?=<)/g, '\n').trim()}\n`;
}

/** A table that a narrow screen can scroll. The first head is that of the rows. */
export function table(caption: string, heads: readonly string[], bodies: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      ${bodies}
    </table>
  </div> `;
}

/** A table's body of plain rows; the first cell of each is its head. */
export function rows(lines: readonly (readonly (Html | string | number)[])[]): Html {
  const cell = (value: Html | string | number): Html => {
    if (value instanceof Html && value.source.startsWith('<td')) return value;
    return typeof value === 'number' ? html`<td class="number">${value}</td>` : html`<td>${value}</td>`;
  };
  return html`<tbody>
    ${lines.map(
      ([head = '', ...cells]) =>
        html`<tr>
          <th scope="row">${head}</th>
          ${cells.map(cell)}
        </tr> `,
    )}
  </tbody> `;
}
