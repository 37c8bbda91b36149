/** What devices reach, as text: to be compared, and shown where it differs. */
import { showReached } from '#hw-models/core/reach/wording';
import type { Bench } from './bench';

/** Every translation of every device. */
export const reachOf = ({ machine }: Bench): string =>
  [...machine.requesters.keys()]
    .flatMap((requester) =>
      [...machine.reachOf(requester).reachable(requester)].map((found) => `${machine.nameOf(requester)}: ${showReached(found)}`),
    )
    .sort()
    .join(', ');
