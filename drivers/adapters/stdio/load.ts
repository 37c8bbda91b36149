/** `stdio:<command>`: a driver that is a child process, in any language. docs/protocol.md says what it has to speak. */
import { parseArgsStringToArgv } from 'string-argv';
import { ok } from '#hw-models/core/result';
import { OFFERED } from '#drivers/contract/driver';
import type { DriverModule, Started, Surroundings } from '#drivers/contract/driver';
import { DriverFailure } from '#drivers/contract/failure';
import type { Manifest } from '#drivers/contract/manifest';
import type { Platform } from '#drivers/contract/platform';
import type { Method } from '#drivers/contract/shape';
import { INTERFACE_SHAPES, LIFE } from '#drivers/contract/shapes';
import { checkModule } from '#drivers/module';
import { UsageError } from '#drivers/usage';
import { Pool } from './pool';
import { Served } from './served';
import type { Session } from './session';

/** @param command As a person types it. Throws `UsageError` when it cannot be run, or what runs does not speak the protocol. */
export const loadStdio = (command: string): Promise<DriverModule> => loadProgram(parseArgsStringToArgv(command), `stdio:${command}`);

/** @param name For messages. Throws as `loadStdio`. */
export async function loadProgram(command: readonly string[], name: string): Promise<DriverModule> {
  const pool = new Pool(command);
  try {
    const { manifest } = checkModule(name, { driver: { manifest: await pool.greet(), start: () => undefined } });
    // What calls another call is a matter of one process.
    const supports = { ...manifest.supports, 'two-cpus': false };
    return {
      manifest: { ...manifest, supports },
      isRemote: true,
      ready: () => pool.reserve(),
      start: (platform, surroundings) => start(pool, manifest, platform, surroundings),
      idle: () => pool.idle(),
    };
  } catch (error) {
    pool.end();
    if (error instanceof DriverFailure) throw new UsageError(`${name}: the program ${error.message}`);
    throw error;
  }
}

async function start(pool: Pool, manifest: Manifest, platform: Platform, surroundings: Surroundings): ReturnType<typeof startOn> {
  const session = await pool.take();
  return startOn(session, pool, manifest, platform, surroundings);
}

async function startOn(session: Session, pool: Pool, manifest: Manifest, platform: Platform, surroundings: Surroundings) {
  const served = new Served(platform, surroundings);
  const told = { iommus: surroundings.iommus, scripted: surroundings.backEnd !== undefined };
  const answer = await session.call('start', LIFE.start, [told], served);
  if (!answer.ok) return answer;
  const interfaces = manifest.implements.map((of) => [OFFERED[of].field, methodsOf(of, session, served)]);
  const stop = async () => {
    const stopped = await session.call('stop', LIFE.stop, [], served);
    // Whatever it sends too much comes before the answer to this.
    await session.reset();
    pool.give(session);
    return stopped;
  };
  return ok({ ...Object.fromEntries(interfaces), stop } as Started);
}

const methodsOf = (of: keyof typeof INTERFACE_SHAPES, session: Session, served: Served): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries<Method>(INTERFACE_SHAPES[of]).map(([name, method]) => [
      name,
      (...args: unknown[]) => session.call(`${of}.${name}`, method, args, served),
    ]),
  );
