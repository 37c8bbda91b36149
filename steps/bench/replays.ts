/** Scenes played again: with each allocation failing, and with another call at each point of a call. */
import { WouldBlock } from '#hw-models/core/locks';
import { showReached } from '#hw-models/core/reach/wording';
import { beyond } from '#hw-models/core/resources';
import type { Bench } from './bench';
import { Broken, expectSame, NotTested } from './outcomes';
import { isThere } from './refusals';
import { say, type Act, type ArgumentsOf } from './verbs';

/** No call of a real driver allocates more often. */
const MOST_ALLOCATIONS = 10_000;

/** Refusals by which a driver says that something ran out. */
const RAN_OUT: ReadonlySet<string> = new Set(['ENOMEM', 'ENOSPC']);

/**
 * The same scene and call once for each allocation in it, that one failing. Refused: nothing is left behind, and the call succeeds when it
 * is made again, with no more held than if nothing had failed. Accepted: it was carried out all the same. What a refusal leaves is judged
 * where every call is.
 */
export async function sweep(bench: Bench, done: Act): Promise<void> {
  await bench.introduce(done);
  const undisturbed = await bench.twin();
  const plain = await undisturbed.perform(done);
  if (!plain.ok) throw new Broken(`${say(done)} was refused with ${plain.errno}, though nothing ran out`);
  for (const shortage of bench.hasHypervisor ? [failingAllocation, emptyMemcache] : [failingAllocation]) {
    let n = 1;
    while (await isCarriedOut(bench, done, undisturbed, (twin) => shortage(twin, n))) {
      if (++n > MOST_ALLOCATIONS) throw new Broken(`${say(done)} allocates more than ${MOST_ALLOCATIONS} times`);
    }
  }
}

/** @returns Whether something ran out; if not, there is nothing more that can. */
async function isCarriedOut(bench: Bench, done: Act, undisturbed: Bench, begin: (twin: Bench) => Shortage): Promise<boolean> {
  const twin = await bench.twin();
  const shortage = begin(twin);
  // What is played again later has nothing running out: a call that is refused here is no part of it.
  const answer = await twin.perform(done, false);
  if (!shortage.end()) return false;
  const failing = `${say(done)} with ${shortage.what} failing`;
  if (!answer.ok) {
    if (!RAN_OUT.has(answer.errno)) throw new Broken(`${failing}: refused with ${answer.errno}, expected ENOMEM or ENOSPC`);
    const again = await twin.perform(done);
    if (!again.ok) throw new Broken(`${failing}, and then made again: refused with ${again.errno}`);
    const [more] = beyond(undisturbed.machine.resources.held(), twin.machine.resources.held()).filter(({ by }) => by > 0);
    if (more !== undefined) twin.machine.violate('all-or-nothing', `${failing}, and then made again: ${more.by} ${more.kind} more is held`);
  }
  if (done.verb === 'map') await isThere(twin, done, `with ${shortage.what} failing was accepted`);
  expectSame(`${failing}, what devices reach`, reachOf(twin), reachOf(undisturbed));
  await twin.end();
  return true;
}

/** Every translation of every device, as text. */
const reachOf = ({ machine }: Bench): string =>
  [...machine.requesters.keys()]
    .flatMap((requester) =>
      [...machine.reachOf(requester).reachable(requester)].map((found) => `${machine.nameOf(requester)}: ${showReached(found)}`),
    )
    .sort()
    .join(', ');

/** Something runs out at the `n`th time that it is asked for; `end` makes it plentiful again and says whether it came to that. */
interface Shortage {
  readonly what: string;
  end(): boolean;
}

function failingAllocation({ machine: { resources } }: Bench, n: number): Shortage {
  resources.failNth(n);
  return {
    what: `allocation ${n}`,
    end: () => {
      const came = !resources.failurePending;
      resources.failNth(0);
      return came;
    },
  };
}

function emptyMemcache({ hyp: scene, machine }: Bench, n: number): Shortage {
  scene.topsUp = false;
  scene.host.setMemcache(machine.cpu, 0n, 0n);
  scene.host.topUp(machine.cpu, n - 1);
  return {
    what: `page ${n} of the memcache`,
    end: () => {
      const came = scene.host.memcache(machine.cpu).needsPage;
      scene.topsUp = true;
      return came;
    },
  };
}

/**
 * Every schedule of two calls with one preemption, both ways round: `winners` of them are accepted. Where the second would wait for a
 * lock of the first, the schedule is the same as one in which it comes later.
 */
export async function race(bench: Bench, one: Act, two: Act, winners: number): Promise<void> {
  const { name, supports } = bench.module.manifest;
  if (!supports['two-cpus'] && bench.answers === 'at once')
    throw new Broken(`${name} says that it does not offer two-cpus, but it answers at once`);
  if (!supports['two-cpus']) throw new NotTested('two-cpus: this form of driver cannot be interrupted inside a call');
  await bench.introduce(one);
  await bench.introduce(two);
  for (const [first, second] of [
    [one, two],
    [two, one],
  ] as const) {
    for (let point = 0; ; point++) {
      const schedule = await preempted(bench, first, second, point);
      if (schedule === 'waits') continue;
      expectSame(`accepted of ${say(first)} and, at its port event ${point}, ${say(second)}`, String(schedule.accepted), String(winners));
      if (winners === 2) for (const done of [first, second]) await staysMapped(schedule.twin, done);
      await schedule.twin.end();
      if (schedule.isLast) break;
    }
  }
}

/** What a call did that another may have undone: a mapping is where it was put. */
async function staysMapped(bench: Bench, { verb, args }: Act): Promise<void> {
  if (verb !== 'map') return;
  const [name, { iova }, pa] = args as ArgumentsOf<'map'>;
  await bench.expectPhys(name, iova, pa);
}

/** What came of one schedule. */
interface Schedule {
  readonly twin: Bench;
  readonly accepted: number;
  /** The first call had ended before the second began: there is no later point. */
  readonly isLast: boolean;
}

async function preempted(bench: Bench, first: Act, second: Act, point: number): Promise<'waits' | Schedule> {
  const twin = await bench.twin();
  twin.overlapping = true;
  const { machine, port } = twin;
  let inside: boolean | undefined;
  port.preempt = {
    at: machine.trace.length + 1 + point,
    run: () => {
      machine.cpu = 1;
      inside = twin.performNow(second).ok;
      machine.cpu = 0;
    },
  };
  try {
    const outer = await twin.perform(first);
    const isLast = inside === undefined;
    port.preempt = undefined;
    if (isLast) {
      machine.cpu = 1;
      inside = (await twin.perform(second)).ok;
      machine.cpu = 0;
    }
    twin.overlapping = false;
    return { twin, accepted: Number(outer.ok) + Number(inside), isLast };
  } catch (error) {
    if (error instanceof WouldBlock) return 'waits';
    throw error;
  }
}
