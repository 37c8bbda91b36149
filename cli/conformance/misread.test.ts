import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { FEATURES } from '#cli/root';
import { FeatureError } from '#reports/ledger/error';
import { readPickles } from '#reports/ledger/ledger';
import { finder } from '#steps/finder';
import { linesOf, placed } from './misread';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-steps-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'features', 'sample'), { recursive: true });

/** A feature whose scenario has one line: the ninth of the file. */
function pickles(line: string): ReturnType<typeof readPickles> {
  const text = `@area:a\nFeature: F\n\n  @rule:A-01 @kind:spec\n  Rule: R\n\n    Source: D "q"\n    Scenario Outline: S\n      Given ${line}\n\n      Examples:\n        | at     |\n        | 0x1000 |\n        | 0x1g00 |\n`;
  writeFileSync(join(folder, 'features', 'sample', 'a.feature'), text);
  return readPickles(join(folder, 'features'));
}

/** As a lane reads them. */
async function read(own: ReturnType<typeof readPickles>): Promise<string> {
  const find = finder();
  const reading = (): void => linesOf(own).forEach(find);
  try {
    await placed(Promise.resolve().then(reading), own);
    return 'read';
  } catch (error) {
    assert.instanceOf(error, FeatureError);
    return error.message;
  }
}

describe('a line of a feature', () => {
  it('is a step everywhere in the suite', async () => {
    assert.strictEqual(await read(readPickles(FEATURES)), 'read');
  });

  const digits = 'write up to 16 small digits, in groups of four from the right: 0x1000 or 0x8000_0000';
  const unit = 'write a number, a space and one of B KiB MiB GiB: 4 KiB';
  const plain = 'write a number by digits alone, or as 0x1000';
  const map = (size: string, iova = '0x1000'): string => `the driver maps ${size} at ${iova} in A to PA 0x8000_0000, read-write`;
  const cases: readonly (readonly [string, string, string])[] = [
    ['a digit that is none', 'd1 reads 0x10G0', `malformed literal '0x10G0'; ${digits}`],
    ['digits without groups', 'd1 reads 0x80000000', `malformed literal '0x80000000'; ${digits}`],
    ['a group that is short', 'd1 reads 0x8000_000', `malformed literal '0x8000_000'; ${digits}`],
    ['more than 64 bits', 'd1 reads 0x1_0000_0000_0000_0000', `malformed literal '0x1_0000_0000_0000_0000'; ${digits}`],
    ['capitals', 'd1 reads 0xFFFF', `malformed literal '0xFFFF'; ${digits}`],
    ['no digit', 'd1 reads 0x', `malformed literal '0x'; ${digits}`],
    ['a unit that is none', map('4Q'), `malformed literal '4Q'; ${unit}`],
    ['a size without a space', map('4KiB'), `malformed literal '4KiB'; ${unit}`],
    ['a unit in small letters', map('4 kib'), `malformed literal '4 kib'; ${unit}`],
    ['a number that goes on', 'there are 2x SMMUs', `malformed literal '2x'; ${plain}`],
    ['a line of its own', 'd1 sings', 'no step says "d1 sings"; use one that docs/adding-a-rule.md lists'],
  ];
  for (const [what, line, message] of cases) {
    it(`is refused with file and line: ${what}`, async () => {
      const [said, next] = message.split('; ');
      assert.strictEqual(await read(pickles(line)), `features/sample/a.feature:9: ${said}, with the row of line 13; ${next}`);
    });
  }

  it('is refused with the row that fills in what is malformed', async () => {
    const message = `features/sample/a.feature:9: malformed literal '0x1g00', with the row of line 14; ${digits}`;
    assert.strictEqual(await read(pickles('d1 reads <at>')), message);
  });
});
