import { describe, it } from 'node:test';
import { assert } from 'chai';
import { formats, modes, seconds, several, shard } from '#cli/options';

describe('options', () => {
  it('take what they say', () => {
    assert.deepEqual(several('B', ['A']), ['A', 'B']);
    assert.deepEqual(modes('seeded:7', modes('lazy')), ['lazy', 'seeded:7']);
    assert.deepEqual(modes('lazy', ['lazy']), ['lazy']);
    assert.deepEqual(formats('junit,html', formats('html')), ['html', 'junit']);
    assert.strictEqual(shard('02/3'), '2/3');
    assert.strictEqual(seconds('1.5'), 1500);
  });

  const refusals: readonly (readonly [string, () => unknown, string])[] = [
    ['a mode', () => modes('fast'), '--mode fast: there is no such mode; use lazy, eager or seeded:<n>'],
    ['a seed', () => modes('seeded:'), '--mode seeded:: there is no such mode; use lazy, eager or seeded:<n>'],
    ['a format', () => formats('html,pdf'), '--format pdf: there is no such format; use one or more of html,junit,ktap,json,markdown'],
    ['a part of nothing', () => shard('1/0'), '--shard 1/0: is no part of a whole; write i/n with i from 1 to n, such as 1/3'],
    ['a part beyond', () => shard('4/3'), '--shard 4/3: is no part of a whole; write i/n with i from 1 to n, such as 1/3'],
    ['no part', () => shard('half'), '--shard half: is no part of a whole; write i/n with i from 1 to n, such as 1/3'],
    ['a time', () => seconds('0'), '--limit 0: is no time; write seconds, such as 20'],
    ['a word', () => seconds('soon'), '--limit soon: is no time; write seconds, such as 20'],
  ];
  for (const [what, read, message] of refusals) {
    it(`refuse ${what}`, () => {
      assert.throws(read, message);
    });
  }
});
