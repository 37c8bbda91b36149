/** The end of a scenario: everything is given back in order, and nothing may be left. Check 5 of the sanitizer. */
import { beyond, type Holdings } from '#hw-models/core/resources';
import type { Bench } from './bench';
import { isPermanent } from './held';
import { NotTested } from './outcomes';
import { act, say } from './verbs';

/** What a driver holds at some time. */
export interface Snapshot {
  readonly held: Holdings;
}

/** More of a kind than there should be. */
type Excess = ReturnType<typeof beyond>[number];

type Script = Parameters<Bench['replay']>[0];

/** A script with more calls is not played again: what leaks shows in a short one. */
const CALLS_TO_REPEAT = 1000;

export async function audit(bench: Bench, script: Script): Promise<void> {
  // Counts that the scene wrote into a table cannot be given back, and initialisation alone takes nothing that is.
  if (!bench.isArmed || (bench.hasHypervisor && bench.hyp.tampered)) return;
  await freeDomains(bench);
  const kept = remaining(bench).length;
  await releaseDevices(bench);
  const left = remaining(bench).length;
  if (kept + left > 0 && bench.setup.boots && callsIn(script) <= CALLS_TO_REPEAT) await sameAgain(bench, script);
  await stop(bench);
}

/** Each thing that was recorded is one call, but for a host that makes many at random. */
const callsIn = (script: Script): number =>
  script.reduce(
    (calls, recorded) => calls + (recorded.kind === 'scene' && recorded.name === 'randomCalls' ? Number(recorded.args[0]) : 1),
    0,
  );

/** Detaches every device and frees every domain. Refusals here are the driver's to explain. */
async function freeDomains(bench: Bench): Promise<void> {
  for (const call of bench.user.ending()) await must(bench, call);
  if (bench.hasHypervisor) {
    for (const { smmu, domain, endpoints } of bench.hyp.domains()) {
      for (const endpoint of endpoints) await must(bench, act('hypDetach', smmu, domain, endpoint));
      await must(bench, act('hypFree', smmu, domain));
    }
  }
  for (const device of bench.devices) {
    for (const requester of bench.machine.requestersOf(device)) {
      const { pasid } = bench.machine.requesters[requester]!;
      for (const name of bench.grants.domainsOf(requester))
        if (bench.handles.has(name)) await must(bench, act('detach', device, name, pasid));
    }
  }
  // The last first: a domain may stand on one that was there before it.
  for (const name of [...bench.handles.keys()].reverse()) await must(bench, act('free', name));
}

async function releaseDevices(bench: Bench): Promise<void> {
  if (bench.iommu !== undefined) for (const device of bench.probed) await must(bench, act('release', device));
}

async function must(bench: Bench, done: ReturnType<typeof act>): Promise<void> {
  const answer = await bench.perform(done, false);
  if (!answer.ok)
    bench.machine.violate('balance', `what the scene took cannot be given back: ${say(done)} was refused with ${answer.errno}`);
}

/** What is held beyond what the driver held after `start`, without what its profile never gives back. */
const remaining = (bench: Bench): readonly Excess[] =>
  beyond(bench.baseline.held, bench.machine.resources.held()).filter(({ kind }) => !isPermanent(bench, kind));

function leaks({ machine }: Bench, { kind, by }: Excess, says: (what: string) => string): never {
  return machine.violate('balance', says(`${by} ${kind}`), machine.resources.lastTaken(kind));
}

/**
 * Structures built when they were first needed may stay, but the same sequence again leaves no more: of its domains while the devices
 * stay, and of its devices when they are released as well. Where a call is answered otherwise the second time, because what it needed has
 * been built, it is not the same sequence.
 */
async function sameAgain(bench: Bench, script: Script): Promise<void> {
  const twin = await bench.twin();
  const { accepted } = twin;
  await freeDomains(twin);
  await leavesNoMore(twin, accepted, async () => {
    await twin.replay(script);
    await freeDomains(twin);
  });
  await releaseDevices(twin);
  await leavesNoMore(twin, accepted, async () => {
    await twin.again(script);
    await freeDomains(twin);
    await releaseDevices(twin);
  });
}

/** @param accepted Of the calls that `run` makes, so many were accepted before. */
async function leavesNoMore(bench: Bench, accepted: number, run: () => Promise<void>): Promise<void> {
  const before = bench.machine.resources.held();
  const until = bench.accepted + accepted;
  try {
    await run();
  } catch (error) {
    // The scene cannot be made a second time: a device that it released is not there for what comes before.
    if (error instanceof NotTested) return;
    throw error;
  }
  if (bench.accepted !== until) return;
  const [more] = beyond(before, bench.machine.resources.held()).filter(({ kind, by }) => by > 0 && !isPermanent(bench, kind));
  if (more !== undefined) leaks(bench, more, (what) => `the same calls a second time leave ${what} more behind`);
}

async function stop(bench: Bench): Promise<void> {
  const answer = await bench.stop();
  if (!answer.ok) bench.machine.violate('balance', `stop was refused with ${answer.errno}`);
  const [left] = [...bench.machine.resources.held()].filter(([kind]) => !isPermanent(bench, kind));
  if (left !== undefined) leaks(bench, { kind: left[0], by: left[1] }, (what) => `after stop, ${what} is still held`);
}
