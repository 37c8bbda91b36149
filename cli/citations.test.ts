/** Every `@spec` of the code names a document that docs/specifications.md declares, and a title in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { ROOT } from '#cli/root';

const FOLDERS = ['hw-models', 'drivers', 'steps'] as const;

/** A citation: `undefined` as key where it is not of the form `@spec <key> "<title>`. */
interface Citation {
  readonly key: string | undefined;
  readonly at: string;
}

const KEYS = [...readFileSync(join(ROOT, 'docs/specifications.md'), 'utf8').matchAll(/^\| `(\S+)` \|/gm)].map(([, key]) => key);

function citationsOf(folder: string): Citation[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) =>
      readFileSync(join(ROOT, folder, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => citationsIn(line).map((key) => ({ key, at: `${folder}/${path}:${index + 1}` }))),
    );
}

const citationsIn = (line: string): (string | undefined)[] => [...line.matchAll(/@spec(?: (\S+) "\S)?/g)].map(([, key]) => key);

describe('citations', () => {
  const cited = FOLDERS.flatMap(citationsOf);

  it('name a document of docs/specifications.md, and a title', () => {
    const wrong = cited.filter(({ key }) => !KEYS.includes(key)).map(({ key = 'no key and title', at }) => `${at}: ${key}`);
    assert.deepEqual(wrong, []);
  });

  it('leave no document of docs/specifications.md out', () => {
    const used = new Set(cited.map(({ key }) => key));
    assert.deepEqual(
      KEYS,
      [...new Set(KEYS)].filter((key) => used.has(key)),
    );
  });
});
