/** The end of a scenario: everything is given back in order, and nothing may be left. Checks 5 and 8 of the sanitizer. */
import { beyond, type Holdings } from '#hw-models/core/resources';
import type { Bench } from './bench';
import { act, say } from './verbs';

/** What a driver holds at some time. */
export interface Snapshot {
  readonly held: Holdings;
}

type Script = Parameters<Bench['replay']>[0];

/** A longer script is not played again: what leaks shows in a short one. */
const SCRIPT_TO_REPEAT = 1000;

export async function audit(bench: Bench, script: Script): Promise<void> {
  attention(bench);
  // Counts that the scene wrote into a table cannot be given back, and initialisation alone takes nothing that is.
  if (!bench.isArmed || (bench.hasHypervisor && bench.hyp.tampered)) return;
  await giveBack(bench);
  const left = remaining(bench);
  if (left.length > 0 && bench.setup.boots && script.length <= SCRIPT_TO_REPEAT) await sameAgain(bench, script);
  await stop(bench);
}

function attention({ machine }: Bench): void {
  for (const { what, protocol } of machine.attention()) if (protocol) machine.violate('attention', `nobody has looked at it: ${what}`);
}

/** Detaches every device, frees every domain and releases every device. Refusals here are the driver's to explain. */
async function giveBack(bench: Bench): Promise<void> {
  if (bench.hasHypervisor) {
    for (const { smmu, domain, endpoints } of bench.hyp.domains()) {
      for (const endpoint of endpoints) await must(bench, act('hypDetach', smmu, domain, endpoint));
      await must(bench, act('hypFree', smmu, domain));
    }
  }
  if (bench.started.iommu === undefined) return;
  for (const device of bench.devices) {
    for (const requester of bench.machine.requestersOf(device)) {
      for (const name of bench.grants.domainsOf(requester)) if (bench.handles.has(name)) await must(bench, act('detach', device, name));
    }
  }
  for (const name of [...bench.handles.keys()]) await must(bench, act('free', name));
  for (const device of bench.devices) await must(bench, act('release', device));
}

async function must(bench: Bench, done: ReturnType<typeof act>): Promise<void> {
  const answer = await bench.perform(done, false);
  if (!answer.ok) bench.machine.violate('balance', `what the scene took cannot be given back: ${say(done)} was refused with ${answer.errno}`);
}

/** What is held beyond what the driver held after `start`, without what its profile declares permanent. */
function remaining(bench: Bench): { readonly kind: string; readonly by: number }[] {
  const permanent = new Set(Object.keys(bench.module.manifest.permanent).map((kind) => `page:${kind}`));
  return beyond(bench.baseline.held, bench.machine.resources.held()).filter(({ kind }) => !permanent.has(kind));
}

/** Structures built when they were first needed may stay, but the same sequence again leaves no more. */
async function sameAgain(bench: Bench, script: Script): Promise<void> {
  const twin = await bench.twin();
  await giveBack(twin);
  const once = twin.machine.resources.held();
  await twin.again(script);
  await giveBack(twin);
  const [more] = beyond(once, twin.machine.resources.held());
  if (more !== undefined) bench.machine.violate('balance', `the same calls a second time leave ${more.by} ${more.kind} more behind`);
  const [kept] = remaining(bench).filter(({ kind }) => !kind.startsWith('page:'));
  if (kept !== undefined) bench.machine.violate('balance', `after every domain is freed and every device released, ${kept.by} ${kept.kind} is still held`);
}

async function stop(bench: Bench): Promise<void> {
  bench.port.begin();
  const answer = await bench.started.stop();
  if (!answer.ok) bench.machine.violate('balance', `stop was refused with ${answer.errno}`);
  const permanent = new Set(Object.keys(bench.module.manifest.permanent).map((kind) => `page:${kind}`));
  const [left] = [...bench.machine.resources.held()].filter(([kind]) => !permanent.has(kind));
  if (left !== undefined) bench.machine.violate('balance', `after stop, ${left[1]} ${left[0]} is still held`);
}
