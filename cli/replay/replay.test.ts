import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { answerErrors } from '#reports/schemas';
import { answerOf } from '#cli/commands/replay';
import { modelOf, type Model } from './models';
import { check, replay } from './replay';
import { SAMPLE, standIn, TRANSLATED } from './testdata/stand-in';
import type { Configuration } from './vectors';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

function written(configurations: readonly Partial<Configuration>[]): string {
  const file = join(folder, 'vectors.jsonl');
  writeFileSync(file, configurations.map((changes) => `${JSON.stringify({ ...SAMPLE, ...changes })}\n`).join(''));
  return file;
}

const model = (answer: typeof TRANSLATED | string = TRANSLATED): Model => ({ begin: standIn({ answers: [answer, answer] }) });

const WRONG = { ...TRANSLATED, pa: 0n };

describe('a file of vectors', () => {
  it('is checked, and counted', async () => {
    assert.strictEqual(await check(written([{ id: 'a' }, { id: 'b' }]), model()), 2);
    assert.strictEqual(await check('hw-models/riscv-iommu/testdata/public.jsonl.gz', model()), 600);
  });

  const bad: readonly (readonly [string, readonly Partial<Configuration>[], RegExp])[] = [
    ['nothing', [], /vectors\.jsonl: holds no configuration; type iommu-tck replay --help/],
    ['an id twice', [{ id: 'a' }, { id: 'b' }, { id: 'a' }], /vectors\.jsonl:3: the id "a" is that of line 1; type /],
    ['a register that is not there', [{}, { id: 'b', regs: [['cqq', '0x0']] }], /vectors\.jsonl:2: no register is called cqq; type /],
    ['capabilities that are ruled out', [{ caps: { pas: 0 } }], /vectors\.jsonl:1: PAS is not 1 to 56; type /],
  ];
  for (const [what, configurations, message] of bad)
    it(`with ${what} is refused`, async () => {
      const error: unknown = await check(written(configurations), model()).catch((caught: unknown) => caught);
      assert.match(String(error), message);
      assert.strictEqual((error as Error).name, 'UsageError');
    });
});

describe('a replay', () => {
  it('counts what agrees', async () => {
    const ids: string[] = [];
    const tally = await replay(written([{ id: 'a' }, { id: 'b', req: [], rsp: [] }]), model(), (id) => ids.push(id));
    assert.deepEqual(tally, { configurations: 2, requests: 1, agree: 2, differ: 0, explained: 0, disagreements: [], explanations: [] });
    assert.deepEqual(ids, ['a', 'b']);
  });

  it('tells the first that differs', async () => {
    const file = written(['a', 'c'].map((id) => ({ id, memafter: [['0x1000', '0x9']] })));
    const { disagreements, ...counts } = await replay(file, model(WRONG), () => undefined);
    assert.deepEqual(counts, { configurations: 2, requests: 2, agree: 0, differ: 2, explained: 0, explanations: [] });
    assert.deepEqual(
      disagreements.map(({ id, line, what, differences }) => [id, line, what, differences]),
      [
        ['a', 1, 'request 1 of 1', 2],
        ['c', 2, 'request 1 of 1', 2],
      ],
    );
  });

  it('tells what is explained, by which paragraph', async () => {
    const tally = await replay('hw-models/riscv-iommu/testdata/public.jsonl.gz', modelOf('riscv-iommu'), () => undefined);
    const { configurations, agree, differ, explained, explanations } = tally;
    assert.deepEqual([configurations, agree, differ, explained], [600, 591, 0, 9]);
    assert.lengthOf(explanations, explained);
    assert.isAbove(explanations[0]!.line, 0);
    for (const { paragraph } of explanations) assert.include(paragraph, 'Translation control (tc)');
    assert.deepEqual(answerErrors('replay', answerOf(tally, 1)), []);
  });

  it('counts what the model leaves out as a difference', async () => {
    const { differ, disagreements } = await replay(written([{}]), model('DC.tc.PRPR'), () => undefined);
    assert.deepEqual([differ, disagreements[0]?.found], [1, 'st none, not modelled: DC.tc.PRPR']);
  });

  it('says where the model itself is broken', async () => {
    const error: unknown = await replay(written([{ id: 'a' }]), { ...model(), begin: standIn() }, () => undefined).catch(String);
    assert.match(String(error), /vectors\.jsonl:1: a: the stand-in was not told what to answer/);
  });

  it('answers as the schema says, with the first 100 that differ', async () => {
    const many = written(Array.from({ length: 102 }, (_, index) => ({ id: `c${index}` })));
    const answer = answerOf(await replay(many, model(WRONG), () => undefined), 1.25);
    assert.deepEqual(answerErrors('replay', answer), []);
    assert.lengthOf(answer.differences, 100);
    assert.deepEqual([answer.differ, answer.seconds], [102, 1.25]);
    assert.deepEqual(answerErrors('replay', answerOf(await replay(many, model(), () => undefined), 0)), []);
  });
});
