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

/** Stores and reads of one word, many in one call of the driver. */
async function callRows(): Promise<Row[]> {
  const made: Row[] = [];
  if (!isMissing('c', 'wasm')) {
    const module = loadWasm(build('calls', CALLS, 'wasm'), 'calls');
    made.push(
      rate('platform: stores from WebAssembly', await stores(module)),
      rate('platform: reads from WebAssembly', await reads(module)),
    );
  }
  if (!isMissing('c', 'stdio')) {
    const module = await loadProgram([build('calls', CALLS, 'stdio')], 'calls+stdio');
    made.push(rate('platform: stores from a process, in batches', await stores(module)));
    made.push(rate('platform: reads from a process, one by one', await reads(module, COUNT / 100)));
  }
  return made;
}

const rate = (name: string, perMs: number): Row => ({ name, value: (perMs * 1000) / MILLION, unit: 'million/s' });

/** @returns Stores in a millisecond. */
async function stores(module: DriverModule): Promise<number> {
  const { iommu } = await started(module);
  return COUNT / (await best(REPEATS, () => iommu!.map(1, { iova: 0n, pa: 0n, size: BigInt(COUNT), prot: PROT })));
}

async function reads(module: DriverModule, count = COUNT): Promise<number> {
  const { iommu } = await started(module);
  return count / (await best(REPEATS, () => iommu!.unmap(1, 0n, BigInt(count))));
}

async function started(module: DriverModule): Promise<Bench['started']> {
  const bench = new Bench(module, MODE);
  await bench.start();
  return bench.started;
}

const isMissing = (language: NativeSource['language'], form: NativeForm): boolean =>
  missingFor({ language, folder: '' }, form) !== undefined;
