import { describe, it } from 'node:test';
import { assert } from 'chai';
import { select, sourcesOf } from './select';
import type { Wanted } from './select';

const SAMPLES = 'cli/testdata/features';
const names = (wanted: Wanted): string[] => select({ features: SAMPLES, ...wanted }).pickles.map(({ name }) => name);

describe('select', () => {
  it('takes all, in the order of the features', () => {
    assert.deepEqual(names({}), ['before', 'in the call', 'in the scene', 'after, 4 KiB at a time', 'after, 8 KiB at a time']);
  });

  it('takes the scenarios of rules, of tags, and of a part', () => {
    assert.deepEqual(names({ rules: ['SAMPLE-SCENE-01', 'SAMPLE-CALL-01'] }), ['in the call', 'in the scene']);
    assert.deepEqual(names({ tags: '@kind:spec and not (@heavy or @rule:SAMPLE-CALL-01)' }), ['before']);
    assert.deepEqual(
      [names({ shard: '1/2' }), names({ shard: '2/2' })],
      [
        ['before', 'in the scene', 'after, 8 KiB at a time'],
        ['in the call', 'after, 4 KiB at a time'],
      ],
    );
    assert.deepEqual(names({ tags: '@heavy', shard: '2/2' }), ['after, 8 KiB at a time']);
  });

  it('knows the rules of the sanitizer wherever the features lie, and where their paths begin', () => {
    const { ledger, cwd, elsewhere } = select({ features: SAMPLES });
    assert.include(
      ledger.rules.map(({ id }) => id),
      'SAN-STALENESS',
    );
    assert.match(cwd, /cli[/\\]testdata$/);
    assert.strictEqual(elsewhere, SAMPLES);
    const own = select({});
    assert.isUndefined(own.elsewhere);
    assert.isTrue(own.pickles.every(({ uri }) => uri.startsWith('features/')));
    const oneSystem = select({ features: `${SAMPLES}/sample` });
    assert.deepEqual([oneSystem.cwd, oneSystem.pickles[0]?.uri], [cwd, 'features/sample/01-sample.feature']);
  });

  const refusals: readonly (readonly [string, Wanted, string | RegExp])[] = [
    ['an unknown rule', { rules: ['NO-SUCH-01'] }, '--rule NO-SUCH-01: there is no such rule; type iommu-tck rules to see them'],
    ['an excluded rule', { rules: ['SAMPLE-NONE-01'] }, '--rule SAMPLE-NONE-01: the rule is excluded: nothing tests it; name another'],
    ['an unknown tag', { tags: '@kind:spek' }, '--tags @kind:spek: no scenario has this tag; use one of: @kind:review @kind:spec'],
    ['a tag without a family', { tags: '@slow' }, '--tags @slow: no scenario has this tag; type iommu-tck rules to see the rules'],
    ['half an expression', { tags: '@heavy and (' }, /^--tags @heavy and \(: .*; write @a and not @b$/],
    ['what leaves nothing', { tags: '@heavy and @kind:review' }, 'no scenario is left by --tags @heavy and @kind:review; drop one of them'],
    [
      'what leaves nothing together',
      { rules: ['SAMPLE-CALL-01'], shard: '2/2' },
      'no scenario is left by --rule SAMPLE-CALL-01 and --shard 2/2; drop one of them',
    ],
    ['a folder that does not exist', { features: 'no/such' }, 'no/such: there is no such folder; name the folder that holds the features'],
  ];
  for (const [what, wanted, message] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(() => select({ features: SAMPLES, ...wanted }), message);
    });
  }
});

describe('sourcesOf', () => {
  it('gives each file once, with its lines', () => {
    const at = (uri: string, line: number): { uri: string; line: number } => ({ uri, line });
    assert.deepEqual(sourcesOf([at('a', 1), at('b', 7), at('a', 5)]), ['a:1:5', 'b:7']);
  });
});
