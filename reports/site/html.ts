/** HTML from template literals: what is put into a template is escaped unless it is HTML already. */

/** A piece of HTML, as opposed to text. */
export class Html {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

type Part = Html | string | number | readonly Html[];

/** A template of HTML. Lists are joined, text and numbers escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.reduce((whole, string, index) => {
    const part = parts[index];
    return whole + string + (part === undefined ? '' : shown(part));
  }, '');
  return new Html(text);
}

/** Nothing, where a template has a choice. */
export const NOTHING = new Html('');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function shown(part: Part): string {
  if (part instanceof Html) return part.source;
  if (typeof part === 'object') return part.map(({ source }) => source).join('');
  return String(part).replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}

/** A name as part of an `id` or of a link to it: different names stay different, and the same name gives the same anchor in every report. */
export const anchor = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9.-]/gu, (sign) => `_${(sign.codePointAt(0) ?? 0).toString(16)}_`);
