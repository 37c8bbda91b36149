/** What it costs that a driver is a WebAssembly module or a process: whole features, and single calls of the platform. */
import { loadProgram } from '#drivers/adapters/stdio/load';
import { loadWasm } from '#drivers/adapters/wasm/load';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import type { Mapping } from '#drivers/contract/iommu';
import { build, missingFor } from '#drivers/native/build';
import type { NativeForm, NativeSource } from '#drivers/native/build';
import { readPickles } from '#reports/ledger/ledger';
import { Bench } from '#steps/bench/bench';
import { compiler, play } from '#steps/loop';
import { FEATURES } from '#cli/root';
import { best } from './row';
import type { Row } from './row';

const REPEATS = 3;
const MODE = 'eager';

const REFERENCE = 'pkvm';
/** The same driver in other languages. */
const DRIVERS: readonly (readonly [name: string, language: NativeSource['language'], form: NativeForm])[] = [
  ['pkvm-c', 'c', 'wasm'],
  ['pkvm-rust', 'rust', 'wasm'],
  ['pkvm-c+stdio', 'c', 'stdio'],
  ['pkvm-rust+stdio', 'rust', 'stdio'],
];

/** The rows, measured now; without those for which a compiler is missing. */
export async function rows(): Promise<readonly Row[]> {
  return [...(await featureRows()), ...(await callRows())];
}

/** Everything that is not heavy, in the plain loop. */
async function featureRows(): Promise<Row[]> {
  const compile = compiler();
  const scenarios = readPickles(FEATURES)
    .filter(({ heavy }) => !heavy)
    .map(compile);
  const timed = async (driver: string): Promise<number> => {
    const module = await connect(driver);
    return best(REPEATS, async () => {
      for (const scenario of scenarios) await play(scenario, module, MODE);
    });
  };
  const reference = await timed(REFERENCE);
  const made: Row[] = [{ name: `features: ${REFERENCE}, in the process`, value: reference / 1000, unit: 's' }];
  for (const [name, language, form] of DRIVERS) {
    if (isMissing(language, form)) continue;
    const ms = await timed(name);
    made.push({ name: `features: ${name}, ${form}`, value: ms / 1000, unit: 's', ratio: ms / reference });
  }
  return made;
}

const CALLS: NativeSource = { language: 'c', folder: 'native/calls' };
const COUNT = 300_000;
const MILLION = 1_000_000;
const PROT: Mapping['prot'] = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false };

/** Stores and reads of one word, many in one call of the driver; ratios are to the same from TypeScript. */
async function callRows(): Promise<Row[]> {
  const near = await inProcess();
  const made: Row[] = [row('stores, in the process', near.store), row('reads, in the process', near.read)];
  if (!isMissing('c', 'wasm')) {
    const module = loadWasm(build('calls', CALLS, 'wasm'), 'calls');
    made.push(
      row('stores from WebAssembly', await stores(module), near.store),
      row('reads from WebAssembly', await reads(module), near.read),
    );
  }
  if (!isMissing('c', 'stdio')) {
    const module = await loadProgram([build('calls', CALLS, 'stdio')], 'calls+stdio');
    made.push(row('stores from a process, in batches', await stores(module), near.store));
    made.push(row('reads from a process, one by one', await reads(module, COUNT / 100), near.read));
  }
  return made;
}

/** @param ms Of one call. @param near The same in the process. */
const row = (name: string, ms: number, near?: number): Row => ({
  name: `platform: ${name}`,
  value: 1000 / ms / MILLION,
  unit: 'million/s',
  ...(near !== undefined && { ratio: ms / near }),
});

/** Milliseconds of a store and of a read. */
async function inProcess(): Promise<{ readonly store: number; readonly read: number }> {
  const bench = new Bench(await connect('toy'), MODE);
  await bench.start();
  const page = bench.port.pageAlloc({ order: 0, kind: 'object' });
  if (!page.ok) throw new Error('no page');
  const each = async (call: (word: bigint) => unknown): Promise<number> =>
    (await best(REPEATS, () => {
      for (let word = 0; word < COUNT; word++) call(BigInt(word));
    })) / COUNT;
  return { store: await each((word) => bench.port.write64(page.value, word)), read: await each(() => bench.port.read64(page.value)) };
}

/** @returns Milliseconds of one. */
async function stores(module: DriverModule): Promise<number> {
  const { iommu } = await started(module);
  return (await best(REPEATS, () => iommu!.map(1, { iova: 0n, pa: 0n, size: BigInt(COUNT), prot: PROT }))) / COUNT;
}

async function reads(module: DriverModule, count = COUNT): Promise<number> {
  const { iommu } = await started(module);
  return (await best(REPEATS, () => iommu!.unmap(1, 0n, BigInt(count)))) / count;
}

async function started(module: DriverModule): Promise<Bench['started']> {
  const bench = new Bench(module, MODE);
  await bench.start();
  return bench.started;
}

const isMissing = (language: NativeSource['language'], form: NativeForm): boolean =>
  missingFor({ language, folder: '' }, form) !== undefined;
