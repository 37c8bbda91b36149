/** Which scenarios play two calls at once: hundreds of times each, once for every point at which one may interrupt the other. */
interface Played {
  readonly uri: string;
  readonly steps: readonly { readonly text: string }[];
}

const COMMON = 'features/common/';

/** Races of one system. Where a test plays every scenario many times over, those that every driver plays stand for them. */
export const isRaceOfOneSystem = ({ uri, steps }: Played): boolean =>
  !uri.startsWith(COMMON) && steps.some(({ text }) => text.includes(' at once'));
