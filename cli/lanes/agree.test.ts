/** The record of conformance is Cucumber's; mutants and sweeps are judged in a plain loop. Both say the same of every scenario. */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { MUTANTS } from '#drivers/mutants/mutants';
import { readPickles } from '#reports/ledger/ledger';
import { recordsFromMessages } from '#reports/messages';
import type { ScenarioVerdict } from '#steps/bench/outcomes';
import { FEATURES, ROOT } from '#cli/root';
import { PULSE_BYTES, type Report } from './protocol';
import { Pulse } from './pulse';
import { runFeatures } from './run-features';
import { runLoop } from './run-loop';

const PULSE = new Pulse(new SharedArrayBuffer(PULSE_BYTES));
const PICKLES = readPickles(FEATURES);
const scenariosIn = (source: string): number[] => [...PICKLES.keys()].filter((index) => PICKLES[index]!.uri.startsWith(source));

type Verdict = Pick<ScenarioVerdict, 'verdict' | 'by' | 'sanitizer' | 'message'>;
type Verdicts = ReadonlyMap<string, Verdict>;

const pick = ({ verdict, by, sanitizer, message }: Verdict): Verdict => ({
  verdict,
  ...(by !== undefined && { by }),
  ...(sanitizer !== undefined && { sanitizer }),
  ...(message !== undefined && { message: message.split('\n')[0]! }),
});

/** What each runner says of a driver, by scenario. */
async function inCucumber(driver: string, source: string, isToldApart: boolean): Promise<Verdicts> {
  const lines: string[] = [];
  const declared = new Map<string, string>();
  const hear = (report: Report): void => {
    if (report.kind === 'declared') for (const { id, message } of report.scenarios) declared.set(id, message);
    if (report.kind === 'exempt') lines.push(report.message);
    if (report.kind === 'started') lines.push(declared.get(report.id) ?? '', report.message);
    if (report.kind === 'messages') lines.push(...report.text.split('\n'));
  };
  const task = { kind: 'features', driver, mode: 'eager', sources: [source], cwd: ROOT, lines: [], isForeign: false } as const;
  const tellApart = scenariosIn(source).map((index) => PICKLES[index]!);
  await runFeatures(isToldApart ? { ...task, tellApart } : task, PULSE, hear);
  const records = recordsFromMessages(lines, driver, { driver, profile: 'toy', mode: 'eager' });
  return new Map(records.map((record) => [`${record.uri}:${record.line} ${record.scenario}`, pick(record)]));
}

async function inLoop(driver: string, source: string): Promise<Verdicts> {
  const verdicts = new Map<string, Verdict>();
  const hear = (report: Report): void => {
    if (report.kind !== 'finished' || report.verdict === undefined) return;
    const { uri, line, name } = PICKLES[Number(report.id)]!;
    verdicts.set(`${uri}:${line} ${name}`, pick(report.verdict));
  };
  await runLoop({ kind: 'loop', driver, mode: 'eager', features: FEATURES, scenarios: scenariosIn(source) }, PULSE, hear);
  return verdicts;
}

describe('Cucumber and the plain loop', () => {
  const agree = (driver: string, source: string): void => {
    it(`say the same of ${driver}`, async () => {
      const cucumber = await inCucumber(driver, source, true);
      assert.lengthOf([...cucumber], scenariosIn(source).length);
      assert.deepEqual(Object.fromEntries(cucumber), Object.fromEntries(await inLoop(driver, source)));
    });
  };
  for (const driver of ['toy', 'toy+promised', 'toy+serialised']) agree(driver, 'features');
  // What is wrong with a driver they find in the same place, for the same reason.
  for (const { of, id } of MUTANTS) if (of === 'toy') agree(`${of}!${id}`, 'features/common');

  it('say the same when Cucumber plays what does not apply, too', async () => {
    const all = await inCucumber('toy', 'features', false);
    assert.deepEqual(Object.fromEntries(all), Object.fromEntries(await inCucumber('toy', 'features', true)));
  });
});
