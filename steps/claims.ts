/**
 * A driver's word about what it offers, held to what it does. What it says that it lacks and does all the same, it is held to. What it
 * says that it offers and refuses is broken, and so is what its profile takes for granted and it lacks: neither is skipped.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { OFFERED } from '#drivers/contract/driver';
import { ALLOC_DIRTY_TRACKING, ALLOC_FAULT_ID_VALID, ALLOC_NEST_PARENT, ALLOC_PASID } from '#drivers/contract/iommu';
import { INTERFACES, MANDATORY, type Capability, type Interface, type Manifest } from '#drivers/contract/manifest';
import { Bench } from './bench/bench';
import { act, say, type Act } from './bench/verbs';

const paging = (name: string, flags = 0): Act => act('alloc', name, 1, 'paging', flags);

/**
 * Calls that a driver with the capability accepts, and only such a driver; of several lists it need accept one. The last call is the
 * question, the others set the scene. The rest has no such call: `hitless` is watched at each replace, `two-cpus` in each race,
 * `domain-table` in memory; a driver's device caches and the types of its viommus are its architecture's affair.
 */
const QUESTIONS: Readonly<Partial<Record<Capability, readonly (readonly Act[])[]>>> = {
  paging: [[paging('A')]],
  identity: [[act('alloc', 'A', 1, 'identity')]],
  blocked: [[act('alloc', 'A', 1, 'blocked')]],
  replace: [[paging('A'), paging('B'), act('attach', 1, 'A'), act('replace', 1, 'B')]],
  pasid: [
    [paging('A', ALLOC_PASID), act('attach', 1, 'A', 1)],
    [paging('A'), act('attach', 1, 'A', 1)],
  ],
  nesting: [[paging('A', ALLOC_NEST_PARENT)]],
  'dirty-tracking': [
    [paging('A', ALLOC_DIRTY_TRACKING), act('trackDirty', 'A', true)],
    [paging('A'), act('trackDirty', 'A', true)],
  ],
  'page-faults': [[paging('A', ALLOC_FAULT_ID_VALID)]],
  gather: [[paging('A'), act('unmapPages', 'A', { iova: 0x1000n, size: 0x1000n })]],
};

/** The device that is asked about can what a device can. */
const ABLE = { pasidBits: 20, pri: true, stall: true } as const;

const isInterface = (need: string): need is Interface => INTERFACES.some((name) => name === need);

export function offers({ implements: interfaces, supports }: Manifest, need: string): boolean {
  // A hypervisor is an IommuDriver through its host.
  if (need === 'iommu' && interfaces.includes('hyp')) return true;
  return interfaces.some((offered) => offered === need) || (supports as Readonly<Record<string, boolean>>)[need] === true;
}

const proven = new WeakMap<DriverModule, Map<string, Promise<string | undefined>>>();

/** What contradicts the driver's word about `need`; undefined when nothing does. Asked once for each driver. */
export function contradiction(module: DriverModule, need: string): Promise<string | undefined> {
  let answers = proven.get(module);
  if (answers === undefined) proven.set(module, (answers = new Map<string, Promise<string | undefined>>()));
  let answer = answers.get(need);
  if (answer === undefined) answers.set(need, (answer = ask(module, need)));
  return answer;
}

async function ask(module: DriverModule, need: string): Promise<string | undefined> {
  const { manifest } = module;
  const says = `${manifest.name} says that it ${offers(manifest, need) ? 'offers' : 'does not offer'} ${need}`;
  if (!offers(manifest, need)) {
    if (MANDATORY[manifest.profile].some((name) => name === need))
      return `${says}, which its profile ${manifest.profile} takes for granted`;
    const done = await shown(module, need);
    return done === undefined ? undefined : `${says}, but ${done}`;
  }
  const refusals = await Promise.all((QUESTIONS[need as Capability] ?? []).map((calls) => refusal(module, calls)));
  const [first] = refusals;
  return typeof first === 'string' && refusals.every((one) => typeof one === 'string') ? `${says}, but ${first}` : undefined;
}

/** What shows that the driver offers `need`; undefined when nothing does. */
async function shown(module: DriverModule, need: string): Promise<string | undefined> {
  if (isInterface(need)) return (await starts(module, need)) ? 'start answers with it' : undefined;
  if (need === 'domain-table') return (await keepsTable(module)) ? 'its descriptors lie there' : undefined;
  for (const calls of QUESTIONS[need as Capability] ?? []) {
    if ((await refusal(module, calls)) === undefined) return `it accepts ${say(calls.at(-1)!)}`;
  }
  return undefined;
}

/** The refusal that ends a list of calls, in words; undefined when all are accepted, null when the driver cannot be asked. */
const refusal = (module: DriverModule, calls: readonly Act[]): Promise<string | null | undefined> =>
  onBench(module, async (bench) => {
    if (bench.started.iommu === undefined) return null;
    await bench.device(1, ABLE);
    for (const call of calls) {
      const answer = await bench.perform(call);
      if (!answer.ok) return `${say(call)} was refused with ${answer.errno}`;
    }
    return undefined;
  });

const starts = (module: DriverModule, need: Interface): Promise<boolean | null> =>
  onBench(module, (bench) => Promise.resolve(bench.started[OFFERED[need].field] !== undefined));

const keepsTable = (module: DriverModule): Promise<boolean | null> =>
  onBench(module, async (bench) => {
    await bench.perform(act('hypAlloc', 0, 0));
    return bench.hyp.answer('references of domain', [0, 0]) === '1';
  });

async function onBench<T>(module: DriverModule, asks: (bench: Bench) => Promise<T>): Promise<T | null> {
  const bench = new Bench(module, 'eager');
  try {
    await bench.start();
    return await asks(bench);
  } catch {
    // A driver that fails here fails the rules that bind it, too: this is not the place to say so.
    return null;
  } finally {
    module.idle?.();
  }
}
