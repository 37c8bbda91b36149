/** What the suite itself costs: a scenario in each runner, the sanitizer for each store, the largest scenario, and a conformance run. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import { Memory } from '#hw-models/core/memory';
import { readPickles } from '#reports/ledger/ledger';
import type { FeaturePickle } from '#reports/ledger/pickles';
import { exemption } from '#steps/applies';
import { Bench } from '#steps/bench/bench';
import { compiler, play } from '#steps/loop';
import type { Compiled, Scenario } from '#steps/loop';
import { sourcesOf } from '#cli/conformance/select';
import { PULSE_BYTES } from '#cli/lanes/protocol';
import { Pulse } from '#cli/lanes/pulse';
import { runFeatures } from '#cli/lanes/run-features';
import { FEATURES, ROOT } from '#cli/root';
import { best } from './row';
import type { Row } from './row';

const REPEATS = 5;
const MODE = 'eager';

/** The rows, measured now. */
export async function rows(): Promise<readonly Row[]> {
  return [...(await scenarioRows()), ...(await storeRows()), ...(await conformanceRows())];
}

/** The features of the smallest driver: what a scenario costs besides the machine and the driver. */
async function scenarioRows(): Promise<Row[]> {
  const module = await connect('toy');
  const compile = compiler();
  const ready: { readonly pickle: FeaturePickle; readonly scenario: Compiled; readonly bench: Bench }[] = [];
  for (const pickle of readPickles(FEATURES)) {
    if ((await exemption(module, pickle.tags)) !== undefined) continue;
    const scenario = compile(pickle);
    const bench = await replayable(scenario, module);
    if (bench) ready.push({ pickle, scenario, bench });
  }

  const verbs = await best(REPEATS, async () => {
    for (const { bench } of ready) await (await bench.twin()).end();
  });
  const loop = await best(REPEATS, async () => {
    for (const { scenario } of ready) await play(scenario, module, MODE);
  });
  const sources = sourcesOf(ready.map(({ pickle }) => pickle));
  const task = { kind: 'features', driver: 'toy', mode: MODE, sources, cwd: ROOT, lines: [], isForeign: false } as const;
  const pulse = new Pulse(new SharedArrayBuffer(PULSE_BYTES));
  const cucumber = await best(REPEATS, () => runFeatures(task, pulse, () => undefined));

  const each = (ms: number): number => (ms * 1000) / ready.length;
  return [
    { name: 'scenario: its verbs alone', value: each(verbs), unit: 'us', ratio: verbs / loop },
    { name: 'scenario: its steps in the plain loop', value: each(loop), unit: 'us' },
    { name: 'scenario: its steps in Cucumber', value: each(cucumber), unit: 'us', ratio: cucumber / loop },
  ];
}

/** A Bench on which the scenario has been played, if its verbs can be played again without the steps that look at what they did. */
async function replayable({ steps }: Compiled, module: DriverModule): Promise<Bench | undefined> {
  const bench = new Bench(module, MODE);
  try {
    for (const { phase, run } of steps) {
      bench.phase = phase;
      await run(bench);
    }
    await (await bench.twin()).end();
    return bench;
  } catch {
    return undefined;
  }
}

const ALL_DOMAINS: Scenario = {
  name: 'all domains',
  tags: [],
  steps: [
    { text: 'SMMU 0 has 65536 domains', type: 'Context' },
    // A leaf of the domain table holds 256 of them.
    { text: 'CPU 0 has 256 pages in its memcache', type: 'Context' },
    { text: 'the host allocates domains 0 to 65535', type: 'Action' },
    { text: 'domains 0 to 65535 have 1 reference each', type: 'Outcome' },
  ],
};

/** The largest scenario, and what of its time is spent in the part of the sanitizer that looks at every store and what orders it. */
async function storeRows(): Promise<Row[]> {
  const module = await connect('pkvm');
  const scenario = compiler()(ALL_DOMAINS);
  let stores = 0;
  let inside = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const watch = new Stopwatch();
    await allDomains(scenario, module, ({ machine }) => {
      for (const { reach } of machine.iommus) for (const name of WATCHED) watch.around(reach, name);
    });
    stores = watch.callsOf('store');
    inside = Math.min(inside, watch.ms);
  }
  const whole = await best(REPEATS, () => allDomains(scenario, module, () => undefined));
  const plain = await best(REPEATS, () => {
    const memory = new Memory(true);
    for (let word = 0; word < stores; word++) {
      memory.store(word, 1n);
      memory.barrier();
    }
  });
  const perStore = (ms: number): number => (ms * 1000) / stores;
  return [
    { name: 'store: memory alone', value: perStore(plain), unit: 'us' },
    { name: 'store: the sanitizer, while all domains are allocated', value: perStore(inside), unit: 'us', ratio: inside / plain },
    { name: 'scenario: all 65,536 domains are allocated', value: whole, unit: 'ms', ratio: whole / plain },
  ];
}

/** What of the reach graph is asked at stores, barriers and invalidations. */
const WATCHED = ['store', 'barrier', 'fetched', 'complete', 'freed'] as const;

/** Time spent in methods. */
class Stopwatch {
  ms = 0;
  readonly #calls = new Map<string, number>();

  callsOf(name: string): number {
    return this.#calls.get(name) ?? 0;
  }

  around<Name extends string>(target: Record<Name, (...args: never[]) => unknown>, name: Name): void {
    const method = target[name].bind(target) as (...args: unknown[]) => unknown;
    const timed = (...args: unknown[]): unknown => {
      const began = performance.now();
      const answer = method(...args);
      this.ms += performance.now() - began;
      this.#calls.set(name, this.callsOf(name) + 1);
      return answer;
    };
    Object.assign(target, { [name]: timed });
  }
}

/** @param prepare Sees the scene before the first domain is allocated. */
async function allDomains({ steps }: Compiled, module: DriverModule, prepare: (bench: Bench) => void): Promise<void> {
  const bench = new Bench(module, MODE);
  for (const { phase, run } of steps) {
    if (phase === 'when') {
      await bench.start();
      prepare(bench);
    }
    bench.phase = phase;
    await run(bench);
  }
}

/** Everything that `npm run conformance` does, in a process of its own. */
async function conformanceRows(): Promise<Row[]> {
  const out = mkdtempSync(join(tmpdir(), 'iommu-tck-bench-'));
  const began = performance.now();
  const kib = await peakOf(['matrix', '--json', '--out', out]);
  const seconds = (performance.now() - began) / 1000;
  rmSync(out, { recursive: true });
  return [
    { name: 'conformance: every bundled driver', value: seconds, unit: 's' },
    { name: 'conformance: peak memory', value: kib / 1024, unit: 'MiB' },
  ];
}

/** The command in a process that says at its end how much memory it took, in KiB. */
function peakOf(args: readonly string[]): Promise<number> {
  const command = join(ROOT, 'bin', 'iommu-tck.js');
  const script = `process.on('exit', () => require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS))); require(${JSON.stringify(command)});`;
  const child = spawn(process.execPath, ['-e', script, '--', 'iommu-tck', ...args], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Number(said)));
  });
}
