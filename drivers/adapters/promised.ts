/** The same driver, answering every call later: proof that nothing in the suite relies on an answer at once. */
import type { DriverModule } from '#drivers/contract/driver';
import { remoteAnswer, type Via } from './remote';

const aTurn = (): Promise<void> => new Promise(setImmediate);

const later: Via = async (call, args) => {
  await aTurn();
  const answer = await call(...args);
  await aTurn();
  return answer;
};

export const promised = (module: DriverModule): DriverModule => ({
  ...module,
  manifest: { ...module.manifest, supports: { ...module.manifest.supports, 'two-cpus': false } },
  start: async (platform, surroundings) => {
    await aTurn();
    return remoteAnswer(await module.start(platform, surroundings), later);
  },
});
