import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { parseConnectable, SCHEMES } from './connectable';
import type { Connectable } from './connectable';
import { UsageError } from './usage';

describe('the name of a driver', () => {
  const NAMED: Readonly<Record<string, Connectable>> = {
    toy: { what: 'toy' },
    'toy+serialised': { what: 'toy', form: 'serialised' },
    'toy!unmap-without-invalidation': { what: 'toy', mutant: 'unmap-without-invalidation' },
    'toy+serialised!unmap-without-invalidation': { what: 'toy', form: 'serialised', mutant: 'unmap-without-invalidation' },
    './my-driver.ts': { what: './my-driver.ts' },
    '/tmp/my driver.ts+promised': { what: '/tmp/my driver.ts', form: 'promised' },
    'C:\\drivers\\mine.ts': { what: 'C:\\drivers\\mine.ts' },
    'wasm:./driver.wasm': { scheme: 'wasm', what: './driver.wasm' },
    'wasm:./driver.wasm+serialised': { scheme: 'wasm', what: './driver.wasm', form: 'serialised' },
    'wasm:a:b': { scheme: 'wasm', what: 'a:b' },
    'stdio:./driver': { scheme: 'stdio', what: './driver' },
    'stdio: ./driver --quiet ': { scheme: 'stdio', what: './driver --quiet' },
    'stdio:g++-built --say "a+b!c"': { scheme: 'stdio', what: 'g++-built --say "a+b!c"' },
    'stdio:sh -c "a\nb"': { scheme: 'stdio', what: 'sh -c "a\nb"' },
    'stdio:wasm:x': { scheme: 'stdio', what: 'wasm:x' },
  };
  for (const [name, connectable] of Object.entries(NAMED)) {
    it(`is taken apart: ${JSON.stringify(name)}`, () => assert.deepEqual(parseConnectable(name), connectable));
  }

  it('is put together from its parts', () => {
    const part = (first: string): fc.Arbitrary<string> => fc.stringMatching(/^[a-z][\w-]{0,8}$/).map((text) => `${first}${text}`);
    const maybe = (first: string): fc.Arbitrary<string | undefined> => fc.option(part(first), { nil: undefined });
    const scheme = fc.constantFrom('', 'wasm:');
    fc.assert(
      fc.property(scheme, part('./'), maybe('+'), maybe('!'), (first, what, form, mutant) => {
        const parsed = parseConnectable(`${first}${what}${form ?? ''}${mutant ?? ''}`);
        assert.deepEqual(parsed, {
          ...(first !== '' && { scheme: 'wasm' }),
          what,
          ...(form !== undefined && { form: form.slice(1) }),
          ...(mutant !== undefined && { mutant: mutant.slice(1) }),
        });
      }),
    );
  });

  const HOW = 'names no driver: type <driver>, <driver>+<form> or <driver>!<mutant>';
  const REFUSED: Readonly<Record<string, string>> = {
    '': `"" ${HOW}`,
    '+serialised': `"+serialised" ${HOW}`,
    'toy+': `"toy+" ${HOW}`,
    'toy!': `"toy!" ${HOW}`,
    'toy!a!b': `"toy!a!b" ${HOW}`,
    'toy!a+serialised': `"toy!a+serialised" ${HOW}`,
    'wasm:': `"wasm:" ${HOW}`,
    'wasm:+serialised': `"wasm:+serialised" ${HOW}`,
    'stdio:': '"stdio:" names no command: type stdio:<command>, like stdio:./my-driver',
    'stdio: ': '"stdio: " names no command: type stdio:<command>, like stdio:./my-driver',
    'http://x': '"http://x": no kind of driver is called "http:"; type a name, a path, or one of wasm: stdio:',
    'wasi:./x': '"wasi:./x": no kind of driver is called "wasi:"; type a name, a path, or one of wasm: stdio:',
  };
  for (const [name, message] of Object.entries(REFUSED)) {
    it(`is refused: ${JSON.stringify(name)}`, () => {
      let thrown: unknown;
      try {
        parseConnectable(name);
      } catch (error) {
        thrown = error;
      }
      assert.instanceOf(thrown, UsageError);
      assert.strictEqual(thrown.message, message);
    });
  }

  it('has one of the schemes that there are', () => assert.deepEqual([...SCHEMES], ['wasm', 'stdio']));
});
