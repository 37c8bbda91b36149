import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { assertGolden, FEATURES, sampleLedger } from '../testdata/support';
import { rulesJson } from './answer';
import { FeatureError } from './error';
import { indexRules, readFeatures, readLedger, readPickles } from './ledger';

const temporary: string[] = [];
after(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true });
});

/** A folder `features` with these files. */
function features(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'ledger-'));
  temporary.push(root);
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, 'features', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return join(root, 'features');
}

const RULE = `
  @rule:MAP-01 @kind:spec
  Rule: A mapping is exact

    Source: Manual, 2024 "exactly"

    Example: one page
      Given a domain
`;

describe('readLedger', () => {
  it('lists the rules in order of file and line', () => {
    const { rules } = sampleLedger();
    assert.deepEqual(
      rules.map(({ id, state, at }) => `${id} ${state} ${at}`),
      [
        'COM-MAP-01 tested features/common/01-mapping.feature:5',
        'COM-UNMAP-01 tested features/common/01-mapping.feature:20',
        'COM-UNMAP-02 tested features/common/01-mapping.feature:20',
        'SAN-STALENESS tested features/common/02-sanitizer.feature:4',
        'SAN-BALANCE tested features/common/02-sanitizer.feature:14',
        'DOM-FREE-01 tested features/sample/01-domains.feature:5',
        'DOM-ID-01 tested features/sample/01-domains.feature:15',
        'DOM-LOCK-01 tested features/sample/01-domains.feature:35',
        'DOM-PASID-01 excluded features/sample/01-domains.feature:45',
        'DOM-INIT-01 untested features/sample/01-domains.feature:51',
      ],
    );
  });

  it('reads what a rule says of itself', () => {
    const entries = indexRules(sampleLedger());
    assert.deepEqual(entries.get('DOM-ID-01'), {
      id: 'DOM-ID-01',
      system: 'sample',
      kind: 'observed',
      statement: 'Identifiers are handed out from the lowest',
      source: { document: 'Sample series v2, 2024-06-03', quote: 'ida_alloc' },
      state: 'tested',
      at: 'features/sample/01-domains.feature:15',
      scenarios: ['the identifier after <taken>'],
      needs: ['paging'],
      profiles: ['sample-v2', 'sample-v3'],
      heavy: true,
    });
    assert.deepInclude(entries.get('DOM-LOCK-01')!, { needs: ['paging', 'two-cpus'], profiles: [], heavy: false });
    assert.deepInclude(entries.get('DOM-INIT-01')!, { profiles: ['sample-v2'], scenarios: [] });
    assert.strictEqual(entries.get('DOM-PASID-01')?.reason, 'the sample hardware has no PASID');
    assert.deepEqual({ ...entries.get('COM-UNMAP-02'), id: 'COM-UNMAP-01' }, entries.get('COM-UNMAP-01'));
  });

  it('says the same when the folder of one system is named', () => {
    const [first] = readLedger(join(FEATURES, 'sample')).rules;
    assert.deepInclude(first!, { system: 'sample', at: 'features/sample/01-domains.feature:5' });
  });

  it('calls a rule untested whose outline has no rows', () => {
    const outline = RULE.replace('Example: one page', 'Scenario Outline: <n> pages').concat('\n      Examples:\n        | n |\n');
    const [rule] = readLedger(features({ 'common/a.feature': `Feature: F\n${outline}` })).rules;
    assert.strictEqual(rule?.state, 'untested');
  });

  it('is what rules --json answers', () => {
    assertGolden('rules.json', rulesJson(sampleLedger()));
  });
});

describe('readPickles', () => {
  it('expands outlines and keeps the types of steps', () => {
    const pickles = readPickles(FEATURES);
    assert.lengthOf(pickles, 10);
    const [start] = pickles;
    assert.deepInclude(start!, {
      rules: ['COM-MAP-01'],
      name: 'overlap at the start',
      uri: 'features/common/01-mapping.feature',
      line: 16,
      tags: ['@area:mapping', '@rule:COM-MAP-01', '@kind:uapi'],
      steps: [
        { text: 'a domain A for d1', type: 'Context', line: 10 },
        { text: 'the driver maps 8 KiB at 0x1000 in A', type: 'Action', line: 11 },
        { text: 'the call is refused with EEXIST', type: 'Outcome', line: 12 },
      ],
    });
    assert.strictEqual(start?.pickle.name, start?.name);
    assert.deepEqual(pickles[2]?.rules, ['COM-UNMAP-01', 'COM-UNMAP-02']);
    assert.deepEqual(pickles[3]?.needs, ['pasid']);
  });

  it('lets the profile of an Examples block narrow that of its rule', () => {
    const both = RULE.replace('@kind:spec', '@kind:spec @profile:v2 @profile:v3').replace(
      'Example: one page',
      'Scenario Outline: <n> pages',
    );
    const tables =
      '\n      @profile:v3\n      Examples:\n        | n |\n        | 1 |\n\n      Examples: every version\n        | n |\n        | 2 |\n';
    const { ledger, pickles } = readFeatures(features({ 'common/a.feature': `Feature: F\n${both}${tables}` }));
    assert.deepEqual(
      pickles.map(({ profiles }) => profiles),
      [['v3'], ['v2', 'v3']],
    );
    assert.sameMembers([...(ledger.rules[0]?.profiles ?? [])], ['v2', 'v3']);
  });
});

describe('a malformed feature', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'an id of small letters',
      RULE.replace('MAP-01', 'map'),
      "4: malformed rule id 'map'; write capitals, digits and hyphens, such as @rule:MAP-01",
    ],
    ['an id twice on one rule', RULE.replace('@kind', '@rule:MAP-01 @kind'), '4: rule id MAP-01 is given twice; keep one'],
    ['no id', RULE.replace('@rule:MAP-01 ', ''), '5: the Rule has no id; add @rule:<ID> on the line above'],
    ['no kind', RULE.replace(' @kind:spec', ''), '5: the Rule has no kind; add @kind:<kind> on the line above'],
    ['two kinds', RULE.replace('@kind', '@kind:uapi @kind'), '5: the Rule has 2 kinds; keep one @kind:'],
    ['an unknown kind', RULE.replace('spec', 'must'), "5: unknown kind 'must'; use one of: spec uapi review patch observed hardened open"],
    ['no title', RULE.replace('A mapping is exact', ''), '5: the Rule has no title; write the statement after "Rule:"'],
    ['no source', RULE.replace(/Source.*/, ''), '5: the Rule has no source; add a line: Source: <document> "<quote>"'],
    [
      'a source without a quote',
      RULE.replace(' "exactly"', ''),
      `5: malformed source 'Source: Manual, 2024'; write: Source: <document> "<quote>"`,
    ],
    ['two sources', RULE.replace(/(Source.*)/, '$1\n    $1'), '5: the Rule has 2 sources; keep one line: Source: <document> "<quote>"'],
    [
      'an exclusion with examples',
      RULE.replace(/(Source.*)/, '$1\n    Excluded: no'),
      '5: the Rule is excluded and has examples; delete the examples or the line "Excluded:"',
    ],
    [
      'an exclusion without a reason',
      RULE.replace(/(Source.*)/, '$1\n    Excluded:'),
      "5: malformed exclusion 'Excluded:'; write: Excluded: <reason>",
    ],
    [
      'an unknown tag',
      RULE.replace('@kind', '@ignore @kind'),
      '4: unknown tag @ignore; use one of: @rule:<value> @kind:<value> @needs:<value> @profile:<value> @area:<value> @heavy',
    ],
    [
      'a family without its value',
      RULE.replace('@kind', '@needs @kind'),
      '4: unknown tag @needs; use one of: @rule:<value> @kind:<value> @needs:<value> @profile:<value> @area:<value> @heavy',
    ],
    [
      'an id on a scenario',
      RULE.replace('    Example', '    @rule:MAP-02\n    Example'),
      '9: @rule:MAP-02 does not belong on a scenario; move it to the line above a Rule:',
    ],
    [
      'a scenario outside a rule',
      `\n  Example: stray\n    Given a domain\n${RULE}`,
      "4: the scenario 'stray' belongs to no Rule; write it under a Rule:",
    ],
    [
      'a line that is no Gherkin',
      RULE.replace('Given a domain', 'Given a domain\n      Gven b'),
      '11: \'Gven b\' does not belong here; write | cell |, or """, or Given, When, Then, And or But, or @tag, or Examples:, or Example:, or Rule:',
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`is refused: ${name}`, () => {
      const folder = features({ 'common/a.feature': `\nFeature: F\n${text}` });
      try {
        readLedger(folder);
        assert.fail('nothing was refused');
      } catch (error) {
        assert.instanceOf(error, FeatureError);
        assert.strictEqual(error.message, `features/common/a.feature:${expected}`);
      }
    });
  }

  it('is refused: a need or a profile that nothing has, where the names are known', () => {
    const folder = features({ 'common/a.feature': `Feature: F\n${RULE.replace('@kind', '@needs:pasids @profile:v9 @kind')}` });
    assert.lengthOf(readLedger(folder).rules, 1);
    assert.throws(
      () => readLedger(folder, { capabilities: ['ats', 'pasid'] }),
      FeatureError,
      'features/common/a.feature:3: unknown name in @needs:pasids; use one of: ats pasid',
    );
    assert.throws(
      () => readLedger(folder, { profiles: ['v1', 'v2'] }),
      FeatureError,
      'features/common/a.feature:3: unknown name in @profile:v9; use one of: v1 v2',
    );
  });

  it('is refused: an id that another file has', () => {
    const folder = features({ 'common/a.feature': `Feature: F\n${RULE}`, 'common/b.feature': `Feature: F\n\n${RULE}` });
    assert.throws(
      () => readLedger(folder),
      FeatureError,
      'features/common/b.feature:5: rule id MAP-01 is already at features/common/a.feature:4',
    );
  });

  it('is refused: an empty file, and one outside a system', () => {
    assert.throws(() => readLedger(features({ 'common/a.feature': '' })), FeatureError, 'features/common/a.feature:1: the file is empty');
    assert.throws(() => readLedger(features({ 'a.feature': RULE })), FeatureError, 'move it to features/<system>/a.feature');
  });

  it('is told from a folder without features', () => {
    assert.throws(() => readLedger('no/such/folder'), 'no/such/folder: there is no such folder; name the folder that holds the features');
    assert.throws(() => readLedger(features({ 'common/readme.txt': '' })), 'there is no .feature file in it');
  });
});
