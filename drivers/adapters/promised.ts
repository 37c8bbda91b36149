/** The same driver, answering every call later: proof that nothing in the suite relies on an answer at once. */
import { after, ok, type DriverModule } from '#drivers/contract/driver';
import { remoteInterfaces, type Via } from './remote';

const later: Via = async (call) => {
  await new Promise(setImmediate);
  const answer = call();
  await new Promise(setImmediate);
  return answer;
};

export const promised = (module: DriverModule): DriverModule => ({
  manifest: { ...module.manifest, supports: { ...module.manifest.supports, 'two-cpus': false } },
  start: (platform, surroundings) =>
    after(module.start(platform, surroundings), (started) => (started.ok ? ok(remoteInterfaces(started.value, later)) : started)),
});
