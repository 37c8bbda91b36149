import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { IdGenerator } from '@cucumber/messages';
import { assert } from 'chai';
import { driverNames, lintFeatures, main } from '#cli/lint-features';
import type { FeatureDocument } from '#cli/lint-features';
import { show } from '#cli/lint/finding';
import type { Vocabulary } from '#cli/lint/tags';
import { parseFeature } from '#reports/ledger/parse';

/** The parts of a feature file with one Rule; each test replaces one. */
interface Parts {
  readonly featureTags?: string;
  readonly background?: string;
  readonly loose?: string;
  readonly tags?: string;
  readonly title?: string;
  readonly source?: string;
  readonly excluded?: string;
  readonly examples?: string;
}

const EXAMPLE = `
    Example: both halves
      Given a
      When b
      Then c`;

const write = ({
  featureTags = '@area:mapping',
  background = '',
  loose = '',
  tags = '@rule:MAP-01 @kind:spec',
  ...rule
}: Parts = {}): string => `${featureTags}
Feature: Mapping
${background}
${loose}
  ${tags}
  Rule: ${rule.title ?? 'A mapping is exact'}

    ${rule.source ?? 'Source: VT-d 5.0, section 3.7 "the largest page size"'}
    ${rule.excluded ?? ''}
${rule.examples ?? EXAMPLE}
`;

/** What the lint says of `texts`, files a.feature, b.feature and so on, without their names. */
function lint(texts: readonly string[], vocabulary: Vocabulary = {}): readonly string[] {
  return lintFeatures(texts.map(parsed), vocabulary).map(show);
}

const parsed = (text: string, index = 0): FeatureDocument => parseFeature(`${'abcdef'[index]}.feature`, text, IdGenerator.incrementing());

const TAGS = '@rule:<ID> @kind:<kind> @needs:<capability> @profile:<name> @area:<name> @heavy';
const steps = (count: number): string => Array.from({ length: count }, (_, index) => `      * step ${index}`).join('\n');
const examples = (count: number): string => Array.from({ length: count }, (_, index) => `    Example: ${index}\n      When b\n`).join('\n');
const twoWhens = (tag: string): string => `\n    ${tag}\n    Example: twice\n      When a\n      Then b\n      When c\n      Then d`;

describe('lintFeatures', () => {
  it('accepts a Rule with everything', () => {
    assert.deepEqual(lint([write()]), []);
  });

  it('accepts every family where it belongs', () => {
    const text = write({
      featureTags: '@area:mapping @needs:paging',
      tags: '@rule:SAN-ALL-OR-NOTHING @rule:PKVM-ID-01b @kind:hardened @needs:pasid @profile:v2 @profile:uapi58 @heavy @area:order',
      examples: `
    @heavy @needs:ats
    Scenario Outline: each
      When <a>

      @profile:eric
      Examples:
        | a |
        | 1 |`,
    });
    assert.deepEqual(lint([text]), []);
  });

  it('accepts a source whose title is quoted', () => {
    assert.deepEqual(lint([write({ source: 'Source: A B, "Re: [PATCH 1/2] a: b", 7 May 2024 "drop all references"' })]), []);
  });

  it('accepts a Rule that is excluded with a reason', () => {
    assert.deepEqual(lint([write({ excluded: 'Excluded: the hardware has no PASID', examples: '' })]), []);
  });

  const refusals: readonly (readonly [string, Parts, string, Vocabulary?])[] = [
    ['an unknown family', { tags: '@rule:MAP-01 @kind:spec @level:must' }, `5: unknown tag @level:must; use one of: ${TAGS}`],
    ['a tag without a family', { featureTags: '@ignore' }, `1: unknown tag @ignore; use one of: ${TAGS}`],
    ['a name that every object has', { featureTags: '@constructor:x' }, `1: unknown tag @constructor:x; use one of: ${TAGS}`],
    [
      'a malformed rule id',
      { tags: '@rule:map_1 @kind:spec' },
      '5: malformed tag @rule:map_1; write capitals, digits and hyphens, such as @rule:MAP-01',
    ],
    [
      'a rule id without a number',
      { tags: '@rule:MAP @kind:spec' },
      '5: malformed tag @rule:MAP; write capitals, digits and hyphens, such as @rule:MAP-01',
    ],
    [
      'an unknown kind',
      { tags: '@rule:MAP-01 @kind:must' },
      '5: malformed tag @kind:must; use one of: spec uapi review patch observed hardened open',
    ],
    ['a value where none belongs', { featureTags: '@heavy:very' }, '1: malformed tag @heavy:very; write @heavy alone'],
    [
      'a family without its value',
      { featureTags: '@area' },
      '1: malformed tag @area; use one of: words of letters, digits, dots and hyphens',
    ],
    [
      'an unknown capability',
      { featureTags: '@needs:wings' },
      '1: malformed tag @needs:wings; use one of: paging pasid',
      { capabilities: ['paging', 'pasid'] },
    ],
    [
      'an unknown profile',
      { tags: '@rule:MAP-01 @kind:spec @profile:v9' },
      '5: malformed tag @profile:v9; use one of: v2 eric',
      { profiles: ['v2', 'eric'] },
    ],
    ['an id on a feature', { featureTags: '@rule:MAP-02' }, '1: @rule:MAP-02 does not belong on a feature; move it to a rule'],
    ['a kind on a scenario', { examples: `\n    @kind:spec${EXAMPLE}` }, '11: @kind:spec does not belong on a scenario; move it to a rule'],
    [
      'a profile on a scenario',
      { examples: `\n    @profile:v2${EXAMPLE}` },
      '11: @profile:v2 does not belong on a scenario; move it to a rule or examples',
    ],
    ['a Rule without an id', { tags: '@kind:spec' }, '6: the Rule has no id; add @rule:<ID> on the line above'],
    ['a Rule without a kind', { tags: '@rule:MAP-01' }, '6: the Rule has no kind; add @kind:<kind> on the line above'],
    ['a Rule of two kinds', { tags: '@rule:MAP-01 @kind:spec @kind:patch' }, '6: the Rule has 2 kinds; keep one @kind:'],
    ['a Rule without a title', { title: '' }, '6: the Rule has no title; write the statement after "Rule:"'],
    [
      'a Rule without a source',
      { source: 'From the specification.' },
      '6: the Rule has no source; add a line: Source: <document> "<quote>"',
    ],
    [
      'a source without a quote',
      { source: 'Source: VT-d 5.0' },
      `6: malformed source 'Source: VT-d 5.0'; write: Source: <document> "<quote>"`,
    ],
    [
      'a source with a small letter',
      { source: 'source: VT-d "x"' },
      `6: malformed source 'source: VT-d "x"'; write: Source: <document> "<quote>"`,
    ],
    [
      'two sources',
      { source: 'Source: A "x"\n    Source: B "y"' },
      '6: the Rule has 2 sources; keep one line: Source: <document> "<quote>"',
    ],
    ['a long quote', { source: 'Source: X "1 2 3 4 5 6 7 8 9 10 11 12 13"' }, '6: the quote has 13 words; quote at most 12'],
    ['a Rule without examples', { examples: '' }, '6: the Rule has no examples; add an Example, or a line: Excluded: <reason>'],
    [
      'an outline without rows',
      { examples: '\n    Scenario Outline: none\n      When <a>\n\n      Examples:\n        | a |' },
      '6: the Rule has no examples; add an Example, or a line: Excluded: <reason>',
    ],
    [
      'an exclusion with examples',
      { excluded: 'Excluded: later' },
      '6: the Rule is excluded and has examples; delete the examples or the line "Excluded:"',
    ],
    [
      'an exclusion without a reason',
      { excluded: 'Excluded:', examples: '' },
      `6: malformed exclusion 'Excluded:'; write: Excluded: <reason>`,
    ],
    [
      'two exclusions',
      { excluded: 'Excluded: one\n    Excluded: two', examples: '' },
      '6: the Rule has 2 exclusions; keep one line: Excluded: <reason>',
    ],
    [
      'a scenario outside a Rule',
      { loose: '  Example: loose\n    When b' },
      `4: the scenario 'loose' belongs to no Rule; write it under a Rule:`,
    ],
    ['21 scenarios', { examples: examples(21) }, '2: the file has 21 scenarios; keep at most 20, and move rules to another file'],
    ['11 steps', { examples: `\n    Example: long\n${steps(11)}` }, '11: the scenario has 11 steps; keep at most 10, or split it'],
    ['a scenario without steps', { examples: '\n    Example: empty' }, '11: the scenario has no steps; add Given, When and Then'],
    [
      'a scenario without a name',
      { examples: '\n    Example:\n      When b' },
      '11: the scenario has no name; write what it shows after the colon',
    ],
    [
      'a long background',
      { background: `  Background:\n${steps(3)}` },
      '3: the background has 3 steps; keep at most 2, and move the others to the scenarios',
    ],
    [
      'a long background of a Rule',
      { examples: `\n    Background:\n${steps(3)}\n${EXAMPLE}` },
      '11: the background has 3 steps; keep at most 2, and move the others to the scenarios',
    ],
    [
      'a driver by name in a step',
      { examples: '\n    Example: named\n      Given the driver toy-two' },
      '12: the step names the driver toy-two; ask for a capability with @needs:<capability>',
      { drivers: ['toy', 'toy-two'] },
    ],
    [
      'a driver by name in a table',
      { examples: '\n    Scenario Outline: named\n      Given <a>\n\n      Examples:\n        | a   |\n        | toy |' },
      '14: the examples name the driver toy; ask for a capability with @needs:<capability>',
      { drivers: ['toy'] },
    ],
  ];
  for (const [name, parts, expected, vocabulary] of refusals) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(lint([write(parts)], vocabulary), [`a.feature:${expected}`]);
    });
  }

  it('refuses an id that another file has', () => {
    const second = write({ tags: '@rule:MAP-02 @rule:MAP-01 @kind:spec' });
    assert.deepEqual(lint([write(), second]), ['b.feature:5: rule id MAP-01 is already at a.feature:5; give this Rule an id of its own']);
  });

  it('refuses a file without rules', () => {
    assert.deepEqual(lint(['Feature: nothing\n']), [
      'a.feature:1: the file has no Rule; add a Rule: with @rule:<ID> and @kind:<kind> above it',
    ]);
  });

  it('accepts 20 scenarios and 10 steps', () => {
    assert.deepEqual(
      lint([write({ examples: examples(20) }), write({ tags: '@rule:B-1 @kind:spec', examples: `\n    Example: ten\n${steps(10)}` })]),
      [],
    );
  });

  it('counts a second When as a warning, unless order is the subject', () => {
    const findings = lintFeatures([parsed(write({ examples: twoWhens('') }))]);
    assert.deepEqual(
      findings.map(({ level, what }) => [level, what]),
      [['warning', 'the scenario has 2 Whens']],
    );
    assert.deepEqual(lint([write({ examples: twoWhens('@area:order') })]), []);
    assert.deepEqual(lint([write({ tags: '@rule:MAP-01 @kind:spec @area:order', examples: twoWhens('') })]), []);
  });

  it('takes And after When as one action', () => {
    assert.deepEqual(lint([write({ examples: '\n    Example: one\n      When a\n      And b\n      Then c' })]), []);
  });
});

describe('the command', () => {
  const inFolder = (files: Readonly<Record<string, string>>, use: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-lint-'));
    try {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(join(folder, name, '..'), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      use(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  const run = (paths: readonly string[]): { readonly code: number; readonly lines: readonly string[] } => {
    const lines: string[] = [];
    return { code: main(paths, {}, (line) => lines.push(line)), lines };
  };

  it('passes clean files in sub-folders', () => {
    inFolder({ 'common/01.feature': write(), 'notes.md': 'x' }, (folder) => {
      assert.deepEqual(run([folder]), { code: 0, lines: ['1 feature files: 0 errors, 0 warnings (scenarios with several Whens)'] });
    });
  });

  it('passes with warnings and fails with errors', () => {
    inFolder({ 'a.feature': write({ examples: twoWhens('') }) }, (folder) => {
      assert.deepEqual(run([folder]), { code: 0, lines: ['1 feature files: 0 errors, 1 warnings (scenarios with several Whens)'] });
    });
    inFolder({ 'a.feature': write({ title: '' }), 'b.feature': 'nonsense', 'c.feature': '' }, (folder) => {
      const { code, lines } = run([folder]);
      assert.strictEqual(code, 1);
      assert.lengthOf(lines, 4);
      assert.strictEqual(lines[0], `${join(folder, 'b.feature')}:1: 'nonsense' does not belong here; write @tag, or Feature:`);
      assert.strictEqual(lines[2], `${join(folder, 'a.feature')}:6: the Rule has no title; write the statement after "Rule:"`);
    });
  });

  it('fails without any feature file, and for a file that is not there', () => {
    inFolder({ 'notes.md': 'x' }, (folder) => {
      assert.deepEqual(run([folder]), { code: 1, lines: [`no feature file in ${folder}; name a folder that holds .feature files`] });
      assert.strictEqual(run([join(folder, 'x.feature')]).code, 1);
    });
  });

  it('knows the drivers by their folders', () => {
    inFolder({ 'toy/driver.ts': '', 'contract/driver.ts': '', 'adapters/stdio.ts': '', 'connect.ts': '' }, (folder) => {
      assert.deepEqual(driverNames(folder), ['toy']);
      assert.deepEqual(driverNames(join(folder, 'nowhere')), []);
    });
  });
});
