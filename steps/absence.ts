/**
 * A rule is not applicable where a capability is absent, and absence is proven: a driver that says it lacks something and does it all
 * the same is held to the rules about it.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { Bench } from './bench/bench';
import { act, type Act } from './bench/verbs';

/** Calls that only a driver with the capability accepts: the last one is the question, the others set the scene. */
const QUESTIONS: Readonly<Record<string, readonly Act[]>> = {
  identity: [act('alloc', 'A', 1, 'identity')],
  blocked: [act('alloc', 'A', 1, 'blocked')],
  replace: [act('alloc', 'A', 1, 'paging'), act('alloc', 'B', 1, 'paging'), act('attach', 1, 'A'), act('replace', 1, 'B')],
  pasid: [act('alloc', 'A', 1, 'paging'), act('attachPasid', 1, 1, 'A')],
  gather: [act('alloc', 'A', 1, 'paging'), act('unmapPages', 'A', { iova: 0x1000n, size: 0x1000n })],
};

const proven = new WeakMap<DriverModule, Map<string, Promise<string | undefined>>>();

/** What contradicts the driver's word that it lacks `need`; undefined when nothing does. Asked once for each driver. */
export function contradiction(module: DriverModule, need: string): Promise<string | undefined> {
  let answers = proven.get(module);
  if (answers === undefined) proven.set(module, (answers = new Map<string, Promise<string | undefined>>()));
  let answer = answers.get(need);
  if (answer === undefined) answers.set(need, (answer = ask(module, need)));
  return answer;
}

async function ask(module: DriverModule, need: string): Promise<string | undefined> {
  const bench = new Bench(module, 'eager');
  try {
    await bench.start();
    const said = `${module.manifest.name} says that it does not offer ${need}`;
    if (need in bench.started && (bench.started as unknown as Readonly<Record<string, unknown>>)[need] !== undefined)
      return `${said}, but start answers with it`;
    if (need === 'domain-table') return (await keepsTable(bench)) ? `${said}, but its descriptors lie there` : undefined;
    const question = QUESTIONS[need];
    if (question === undefined || bench.started.iommu === undefined) return undefined;
    let accepted = true;
    for (const call of question) {
      await bench.introduce(call);
      accepted = (await bench.perform(call)).ok;
      if (!accepted) break;
    }
    return accepted ? `${said}, but it accepts the calls` : undefined;
  } catch {
    // A driver that fails here fails the rules that bind it, too: this is not the place to say so.
    return undefined;
  }
}

async function keepsTable(bench: Bench): Promise<boolean> {
  await bench.perform(act('hypAlloc', 0, 0));
  return bench.hyp.answer('references of domain', [0, 0]) === '1';
}
