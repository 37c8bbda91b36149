import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { readMessageStream, recordsFromMessages } from '#reports/messages';
import type { RuleVerdict, Run } from '#reports/run';
import { conform, messagesIn } from './conformance';
import type { Conformance } from './conformance';
import type { Job, JobResult } from './job';
import { select } from './select';

const FEATURES = 'cli/testdata/features';
const driver = (name: string): string => `./cli/testdata/drivers/${name}`;
const foreign = (name: string): Job => ({ driver: driver(name), mode: 'eager', trust: 'foreign' });

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

async function run(names: readonly string[], rules: readonly string[] = []): Promise<Conformance> {
  return conform({
    jobs: names.map(foreign),
    selected: select({ features: FEATURES, rules }),
    out: folder,
    limits: { answerMs: 2000 },
    signal: new AbortController().signal,
    on: { tick: () => undefined, ended: () => undefined },
  });
}

/** `before kept, call broken, …`: the verdicts of the sample rules in their order. */
function verdicts(result: Conformance, name: string): Record<string, RuleVerdict> {
  const own = (result.run as Run).answer.drivers.find((one) => one.name === driver(name));
  return Object.fromEntries((own?.verdicts ?? []).map((verdict) => [verdict.rule.split('-')[1]!.toLowerCase(), verdict]));
}

const words = (result: Conformance, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(verdicts(result, name)).map(([rule, { verdict }]) => [rule, verdict]));

describe('a driver that fails at run time', () => {
  let result: Conformance;
  before(async () => {
    result = await run(['throws.ts', 'rejects.ts', 'garbage.ts', 'late.ts', 'spoils.ts']);
  });

  const crashes: readonly (readonly [string, string])[] = [
    ['throws.ts', 'attach(d2, A) threw TypeError: nothing here'],
    ['rejects.ts', 'attach(d2, A) threw Error: nothing there'],
    ['garbage.ts', 'attach(d2, A) answered {"ok":"yes"}: ok is no result'],
  ];
  for (const [name, message] of crashes) {
    it(`is broken where it is asked, and untested where the scene needs it: ${name}`, () => {
      assert.deepEqual(words(result, name), { before: 'kept', call: 'broken', scene: 'not-tested', after: 'kept' });
      assert.include(verdicts(result, name)['call']?.message, message);
      assert.include(verdicts(result, name)['scene']?.message, `setup: ${message}`);
    });
  }

  it('does not take down the run with what it does when nobody looks', () => {
    const { before: first, after: last } = words(result, 'late.ts');
    assert.deepEqual([first, last], ['kept', 'kept']);
    const why = result.run?.leftOut.join('\n');
    assert.include(why, 'late.ts (eager): outside any call, it threw Error: a late exception');
    assert.include(why, 'late.ts (eager): outside any call, it rejected what nobody waited for: Error: a late rejection');
  });

  it('does not reach another scenario through what all share', () => {
    assert.strictEqual(words(result, 'spoils.ts')['after'], 'kept');
    assert.include(result.run?.leftOut.join('\n'), 'it changed Object.prototype.everywhere, Array.prototype.includes; that was put back');
    assert.notProperty({}, 'everywhere');
  });

  it('is named with the command that shows it again', () => {
    const again = `npx iommu-tck run --driver ${driver('throws.ts')} --rule SAMPLE-CALL-01 --mode eager --features ${FEATURES}`;
    assert.strictEqual(verdicts(result, 'throws.ts')['call']?.reproduce, again);
  });

  it('makes the run partial, since a rule could not be tested', () => {
    assert.isTrue(result.run?.answer.partial);
    assert.include(result.run?.leftOut.join('\n'), 'throws.ts (eager): SAMPLE-SCENE-01 could not be tested: setup: attach');
  });
});

describe('a driver that ends its lane', () => {
  const ends: readonly (readonly [string, string])[] = [
    ['loops.ts', 'in "the driver attaches d2 to A", the driver did not answer within 2 s'],
    ['never.ts', 'attach(d2, A) did not answer within 1000 ms'],
    ['exits.ts', 'in "the driver attaches d2 to A", the driver called process.exit(0)'],
    ['ruins.ts', 'in "the driver attaches d2 to A", the driver changed Array.prototype.Symbol.iterator, which nothing runs without'],
  ];
  let result: Conformance;
  before(async () => {
    result = await run(
      ends.map(([name]) => name),
      ['SAMPLE-BEFORE-01', 'SAMPLE-CALL-01', 'SAMPLE-AFTER-01'],
    );
  });

  for (const [name, message] of ends) {
    it(`is broken there, and the rest goes on: ${name}`, () => {
      assert.deepEqual(words(result, name), { before: 'kept', call: 'broken', after: 'kept' });
      assert.strictEqual(verdicts(result, name)['call']?.message, message);
    });
  }

  it('leaves one whole message stream, from which the verdicts can be read again', () => {
    const streams = readdirSync(messagesIn(folder));
    assert.sameMembers(streams, [
      'cli-testdata-drivers-exits.ts-eager.ndjson',
      'cli-testdata-drivers-loops.ts-eager.ndjson',
      'cli-testdata-drivers-never.ts-eager.ndjson',
      'cli-testdata-drivers-ruins.ts-eager.ndjson',
    ]);
    const lines = readFileSync(join(messagesIn(folder), streams[0]!), 'utf8').split('\n');
    assert.deepEqual(
      recordsFromMessages(lines, 'stream').map(({ scenario, verdict }) => `${scenario}: ${verdict}`),
      ['before: kept', 'in the call: broken', 'after, 4 KiB at a time: kept', 'after, 8 KiB at a time: kept'],
    );
    assert.lengthOf(
      lines.filter((line) => line.startsWith('{"meta"')),
      1,
    );
  });
});

describe('what a driver is only asked about', () => {
  it('is broken without being played when its manifest says what is not so', async () => {
    const result = await run(['refuses-paging.ts']);
    const { call } = verdicts(result, 'refuses-paging.ts');
    assert.deepEqual(words(result, 'refuses-paging.ts'), { before: 'broken', call: 'broken', scene: 'broken', after: 'broken' });
    assert.match(call?.message ?? '', /^refuses-paging says that it offers paging, but .* was refused with EOPNOTSUPP$/);
    assert.include(call?.reproduce, '--rule SAMPLE-CALL-01');
    assert.strictEqual(result.results[0]?.finish.kind, 'done');
  });

  it('is left to each scenario when the driver does not survive the question', async () => {
    const result = await run(['exits-when-asked.ts']);
    const { before: first } = verdicts(result, 'exits-when-asked.ts');
    assert.strictEqual(first?.verdict, 'not-tested');
    assert.strictEqual(first?.message, 'setup: in "the beginning", the driver called process.exit(0)');
    assert.include(result.run?.leftOut.join('\n'), 'exits-when-asked.ts (eager) did not come back from 3 scenarios in a row; 2 scenarios');
  });

  it('counts as ended, and stands in the stream in its order', async () => {
    let ticks = 0;
    const selected = select({ tags: '@needs:iommu and not @heavy' });
    const { results } = await conform({
      jobs: [{ driver: 'toy', mode: 'eager', trust: 'ours' }],
      selected,
      out: folder,
      limits: { answerMs: 2000 },
      signal: new AbortController().signal,
      on: { tick: () => ticks++, ended: () => undefined },
    });
    const [{ records, file }] = results as [JobResult];
    assert.strictEqual(ticks, selected.pickles.length);
    assert.sameMembers([...new Set(records.map(({ verdict }) => verdict))], ['kept', 'not-applicable']);
    const places = (all: readonly { readonly uri: string; readonly line: number }[]): string[] =>
      all.map(({ uri, line }) => `${uri}:${line}`);
    assert.deepEqual(places(records), places(selected.pickles));
    const stored = readMessageStream(file);
    assert.deepEqual(
      stored,
      records.map(({ reproduce: _, ...record }) => record),
    );
  });

  it('leaves nothing to play', async () => {
    const { results } = await conform({
      jobs: [{ driver: 'toy', mode: 'eager', trust: 'ours' }],
      selected: select({ tags: '@needs:nesting' }),
      out: folder,
      limits: { answerMs: 2000 },
      signal: new AbortController().signal,
      on: { tick: () => undefined, ended: () => undefined },
    });
    const [{ records, finish, file }] = results as [JobResult];
    assert.strictEqual(finish.kind, 'done');
    assert.sameMembers([...new Set(records.map(({ verdict }) => verdict))], ['not-applicable']);
    assert.lengthOf(readFileSync(file, 'utf8').trimEnd().split('\n'), 1);
  });
});

describe('a driver that cannot be loaded', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['import-throws.ts', 'cannot be loaded: no hardware here'],
    ['import-exits.ts', 'the driver called process.exit(0) while it was loaded'],
    ['import-loops.ts', 'the driver did not answer within 2 s while it was loaded'],
    ['import-never.mjs', 'the driver did not answer within 2 s while it was loaded'],
    ['unknown-capability.ts', 'driver.manifest.supports.telepathy: '],
    ['no-such-file.ts', 'there is no such file'],
  ];
  let result: Conformance;
  before(async () => {
    result = await run([...refused.map(([name]) => name), 'throws.ts'], ['SAMPLE-BEFORE-01']);
  });

  for (const [name, message] of refused) {
    it(`is a column of errors with one line that names file and field: ${name}`, () => {
      assert.deepEqual(words(result, name), { before: 'harness-error' });
      const said = result.unloaded.get(driver(name))?.message ?? '';
      assert.include(said, `${driver(name)}: ${message}`);
      assert.notInclude(said, '\n');
    });
  }

  it('does not keep the others from running', () => {
    assert.deepEqual(words(result, 'throws.ts'), { before: 'kept' });
    assert.lengthOf(result.results, refused.length + 1);
  });
});

describe('a driver of the wrong shape', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['unknown-profile.ts', 'driver.manifest.profile: '],
    ['no-driver.ts', 'driver: '],
  ];
  for (const [name, field] of wrong) {
    it(`is refused with file and field: ${name}`, async () => {
      const said = await connect(driver(name)).then(
        () => 'it was accepted',
        (error: unknown) => String(error),
      );
      assert.include(said, `UsageError: ${driver(name)}: ${field}`);
    });
  }
});

describe('an interrupted run', () => {
  it('keeps what is finished, names what is not, and makes no claim', async () => {
    const controller = new AbortController();
    const { run: partial, isInterrupted } = await conform({
      jobs: [foreign('loops.ts'), { driver: 'toy', mode: 'eager', trust: 'ours' }, { driver: 'toy', mode: 'lazy', trust: 'ours' }],
      selected: select({ features: FEATURES, rules: ['SAMPLE-BEFORE-01', 'SAMPLE-CALL-01'] }),
      out: folder,
      limits: { answerMs: 60_000 },
      signal: controller.signal,
      on: {
        tick: ({ driver: name }) => {
          if (name !== 'toy') setTimeout(() => controller.abort(), 200);
        },
        ended: () => undefined,
      },
    });
    assert.isTrue(isInterrupted);
    assert.isTrue(partial?.answer.partial);
    const [loops] = partial?.answer.drivers ?? [];
    assert.deepEqual(
      loops?.verdicts.map(({ verdict }) => verdict),
      ['kept', 'not-tested'],
    );
    assert.include(partial?.leftOut.join('\n'), 'loops.ts (eager) was interrupted');
  });
});
