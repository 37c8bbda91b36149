/** A host that changes what it shares while the hypervisor works with it. */
import type { Bench } from './bench';
import { Broken, NotTested } from './outcomes';
import { SCENE, type PageContent } from './scene';
import { say, type Act } from './verbs';

/** No call looks at the platform more often. */
const MOST_POINTS = 10_000;

/**
 * The same scene and call once for each platform access of the call, before which the host makes the calling CPU's memcache another: one
 * page, whatever it is. What the call answers is the driver's affair; the sanitizer, and EL2, watch what it does.
 */
export async function interfere(bench: Bench, done: Act, content: PageContent): Promise<void> {
  if (!bench.hasHypervisor) throw new NotTested('the machine has no hypervisor');
  await bench.introduce(done);
  for (let point = 0; await isInterfered(bench, done, content, point); point++)
    if (point === MOST_POINTS) throw new Broken(`${say(done)} looks at the platform more than ${MOST_POINTS} times`);
}

/** @returns Whether the call was still at work. */
async function isInterfered(bench: Bench, done: Act, content: PageContent, point: number): Promise<boolean> {
  const twin = await bench.twin();
  const { machine, port } = twin;
  let came = false;
  twin.overlapping = true;
  port.preempt = {
    at: machine.trace.length + 1 + point,
    run: () => {
      came = true;
      SCENE.memcache(twin, machine.cpu, 1, content);
    },
  };
  await twin.perform(done, false);
  port.preempt = undefined;
  twin.overlapping = false;
  if (came) await twin.end();
  return came;
}
