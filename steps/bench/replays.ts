/** Scenes played again: with each allocation failing, and with another call at each point of a call. */
import { WouldBlock } from '#hw-models/core/locks';
import { beyond } from '#hw-models/core/resources';
import type { Result } from '#hw-models/core/result';
import type { Bench } from './bench';
import { PLENTY } from './hyp-scene';
import { reachOf } from './reached';
import { Broken, expectSame, NotApplicable, NotTested } from './outcomes';
import { isThere } from './refusals';
import { silence } from './scene';
import { say, type Act, type ArgumentsOf } from './verbs';

/** No call of a real driver allocates or waits more often. */
const MOST_SHORTAGES = 10_000;

/** Refusals by which a driver says that something ran out. */
const RAN_OUT: ReadonlySet<string> = new Set(['ENOMEM', 'ENOSPC']);

/** What a call may have to do without. */
export type Shortage = 'allocation fails' | 'wait times out';

/**
 * The same scene and call once for each allocation or wait in it, that one failing. Refused: nothing is left behind, and the call succeeds
 * when it is made again, with no more held than if nothing had failed. Accepted: it was carried out all the same. What a refusal leaves is
 * judged where every call is.
 */
export async function sweep(bench: Bench, done: Act, which: Shortage): Promise<void> {
  await bench.introduce(done);
  const undisturbed = await bench.twin();
  const plain = await undisturbed.perform(done);
  if (!plain.ok) throw new Broken(`${say(done)} was refused with ${plain.errno}, though nothing ran out`);
  for (const shortage of bench.hasHypervisor ? SHORTAGES[which] : SHORTAGES[which].filter((each) => each !== emptyMemcache)) {
    let n = 1;
    while (await isCarriedOut(bench, done, undisturbed, (twin) => shortage(twin, n))) {
      if (++n > MOST_SHORTAGES) throw new Broken(`${say(done)} allocates or waits more than ${MOST_SHORTAGES} times`);
    }
  }
}

/** @returns Whether something was missing; if not, there is nothing more that can be. */
async function isCarriedOut(bench: Bench, done: Act, undisturbed: Bench, begin: (twin: Bench) => Short): Promise<boolean> {
  const twin = await bench.twin();
  const short = begin(twin);
  const answer = await without(twin, done, short);
  if (!short.end()) return false;
  if (answer === undefined) return true;
  const failing = `${say(done)} with ${short.what} failing`;
  if (!answer.ok) {
    if (short.refusals?.has(answer.errno) === false)
      throw new Broken(`${failing}: refused with ${answer.errno}, expected ${[...short.refusals].join(' or ')}`);
    const again = await twin.perform(done);
    if (!again.ok) throw new Broken(`${failing}, and then made again: refused with ${again.errno}`);
    const [more] = beyond(undisturbed.machine.resources.held(), twin.machine.resources.held()).filter(({ by }) => by > 0);
    if (more !== undefined) twin.machine.violate('all-or-nothing', `${failing}, and then made again: ${more.by} ${more.kind} more is held`);
  }
  if (done.verb === 'map') await isThere(twin, done, `with ${short.what} failing was accepted`);
  expectSame(`${failing}, what devices reach`, reachOf(twin), reachOf(undisturbed));
  await twin.end();
  return true;
}

/** The answer of a call that is short of something; undefined where nothing follows from what it did. */
async function without(twin: Bench, done: Act, { isUnfair }: Short): Promise<Result<unknown> | undefined> {
  try {
    // What is played again later has nothing running out: a call that is refused here is no part of it.
    return await twin.perform(done, false);
  } catch (error) {
    if (isUnfair?.() === true) return undefined;
    throw error;
  }
}

/** Something that does not come the `n`th time that it is asked for; `end` makes it come again and says whether it was asked for. */
interface Short {
  readonly what: string;
  end(this: void): boolean;
  /** It is still missing, so that not even a correct driver could undo what it had done. */
  isUnfair?(this: void): boolean;
  /** How a driver says so; any way where the call's own contract leaves it open. */
  readonly refusals?: ReadonlySet<string>;
}

function lateAnswer(twin: Bench, n: number): Short {
  const late = silence(twin, 0, n - 1, 'late');
  return {
    what: `wait ${n}`,
    // A driver that polls in a loop of its own does not say when it gives up.
    isUnfair: () => late.isHere,
    end: () => {
      late.end();
      return late.hasCome;
    },
  };
}

function failingAllocation({ machine: { resources } }: Bench, n: number): Short {
  resources.failNth(n);
  return {
    what: `allocation ${n}`,
    refusals: RAN_OUT,
    end: () => {
      const came = !resources.failurePending;
      resources.failNth(0);
      return came;
    },
  };
}

/** That it was a page which is missing, the hypervisor says in the memcache, whatever it answers. */
function emptyMemcache({ hyp: scene, machine }: Bench, n: number): Short {
  scene.topsUp = false;
  scene.host.setMemcache(machine.cpu, 0n, 0n);
  scene.host.topUp(machine.cpu, n - 1);
  return {
    what: `page ${n} of the memcache`,
    end: () => {
      const came = scene.host.memcache(machine.cpu).needsPage;
      scene.topsUp = true;
      scene.host.topUp(machine.cpu, PLENTY);
      return came;
    },
  };
}

const SHORTAGES: Readonly<Record<Shortage, readonly ((twin: Bench, n: number) => Short)[]>> = {
  'allocation fails': [failingAllocation, emptyMemcache],
  'wait times out': [lateAnswer],
};

/**
 * Every schedule of two calls with one preemption, both ways round. Where the second would wait for a lock of the first, the schedule is
 * the same as one in which it comes later.
 */
export async function race(bench: Bench, one: Act, two: Act, { accepted, refused }: Winners): Promise<void> {
  const { name, supports } = bench.module.manifest;
  if (!supports['two-cpus'] && bench.answers === 'at once')
    throw new Broken(`${name} says that it does not offer two-cpus, but it answers at once`);
  if (!supports['two-cpus'] && bench.module.isRemote === true)
    throw new NotApplicable(`two-cpus: ${name} lives in another process, where no call can come inside another`);
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
      const which = `of ${say(first)} and, at its port event ${point}, ${say(second)}`;
      expectSame(`accepted ${which}`, String(schedule.answers.filter(({ ok }) => ok).length), String(accepted));
      for (const answer of schedule.answers)
        if (!answer.ok && refused !== undefined) expectSame(`the other ${which} was refused with`, answer.errno, refused);
      if (accepted === 2) for (const done of [first, second]) await staysMapped(schedule.twin, done);
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

/** What must come of two calls at once: how many are accepted, and how the other is refused. */
export interface Winners {
  readonly accepted: number;
  readonly refused?: string;
}

/** What came of one schedule. */
interface Schedule {
  readonly twin: Bench;
  readonly answers: readonly Result<unknown>[];
  /** The first call had ended before the second began: there is no later point. */
  readonly isLast: boolean;
}

async function preempted(bench: Bench, first: Act, second: Act, point: number): Promise<'waits' | Schedule> {
  const twin = await bench.twin();
  twin.overlapping = true;
  const { machine, port } = twin;
  let inside: Result<unknown> | undefined;
  port.preempt = {
    at: machine.trace.length + 1 + point,
    run: () => {
      machine.cpu = 1;
      inside = twin.performNow(second);
      machine.cpu = 0;
    },
  };
  try {
    const outer = await twin.perform(first);
    const isLast = inside === undefined;
    port.preempt = undefined;
    if (isLast) {
      machine.cpu = 1;
      inside = await twin.perform(second);
      machine.cpu = 0;
    }
    twin.overlapping = false;
    return { twin, answers: [outer, inside!], isLast };
  } catch (error) {
    if (error instanceof WouldBlock) return 'waits';
    throw error;
  }
}
