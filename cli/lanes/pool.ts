/** Work shared out to lanes. */
import { availableParallelism } from 'node:os';
import { Lane } from './lane';
import type { Limits } from './lane';

/** Lanes at once: more take more memory than they save time. */
const MOST_LANES = 2;

/**
 * Whose code a driver is: ours; a stranger's that can reach nothing of this process, since it is a module or a program of its own; or a
 * stranger's that shares everything with us.
 */
export type Trust = 'ours' | 'confined' | 'foreign';

/**
 * What `work` answers for each item, in their order; items that were not begun before the signal have no answer.
 * An item that is not ours has a lane of its own, and one that is foreign all limits.
 */
export async function inLanes<Item extends { readonly trust: Trust }, Answer>(
  items: readonly Item[],
  limits: Limits,
  signal: AbortSignal,
  work: (item: Item, lane: Lane) => Promise<Answer>,
): Promise<Answer[]> {
  const answers = new Map<number, Answer>();
  const lanes = new Set<Lane>();
  const begin = (own: Limits): Lane => {
    const lane = new Lane(own);
    lanes.add(lane);
    return lane;
  };
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    const ours = begin(limits);
    for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
      const [index, item] = next;
      const lane = item.trust === 'ours' ? ours : begin({ ...limits, isForeign: item.trust === 'foreign' });
      answers.set(index, await work(item, lane));
      if (lane !== ours) lane.stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(MOST_LANES, availableParallelism(), items.length) }, worker));
  } finally {
    queue.length = 0;
    for (const lane of lanes) lane.stop();
  }
  return [...items.keys()].flatMap((index) => {
    const answer = answers.get(index);
    return answer === undefined ? [] : [answer];
  });
}
