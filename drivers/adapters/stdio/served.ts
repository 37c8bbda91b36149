/** What a driver process may call: the platform, its caller, and the back end where there is one. */
import { DriverFailure } from '#drivers/contract/failure';
import type { Surroundings } from '#drivers/contract/driver';
import type { Platform } from '#drivers/contract/platform';
import { BACK_END, PLATFORM, UPCALLS } from '#drivers/contract/shapes';
import type { Method } from '#drivers/contract/shape';
import type { Result } from '#hw-models/core/result';
import { quote } from './lines';
import type { Call } from './messages';
import { fromJson, resultToJson, toJson } from './values';

type Offer = (...args: unknown[]) => unknown;

interface Offered {
  readonly call: Offer;
  readonly method: Method;
  readonly params: readonly (readonly [name: string, shape: Method['gives']])[];
}

const ALL: readonly (readonly [owner: string, member: string, method: Method])[] = Object.entries({
  platform: PLATFORM,
  upcalls: UPCALLS,
  backEnd: BACK_END,
} as Readonly<Record<string, Readonly<Record<string, Method>>>>).flatMap(([owner, methods]) =>
  Object.entries(methods).map(([member, method]) => [owner, member, method] as const),
);

export class Served {
  readonly #offered = new Map<string, Offered>();

  constructor(platform: Platform, { upcalls, backEnd }: Surroundings) {
    const owners: Readonly<Record<string, object | undefined>> = { platform, upcalls, backEnd };
    for (const [owner, member, method] of ALL) {
      const target = owners[owner];
      const found: unknown = target && Reflect.get(target, member);
      if (typeof found === 'function')
        this.#offered.set(`${owner}.${member}`, { call: found.bind(target) as Offer, method, params: Object.entries(method.params) });
    }
  }

  /** Carries a call out. @returns What JSON says of its result. Throws `DriverFailure`, and whatever the platform throws. */
  carryOut({ method: name, params }: Call): unknown {
    const offered = this.#offered.get(name);
    if (offered === undefined) throw new DriverFailure(`called ${quote(name)}, which is no method that it is offered`);
    if (params.length !== offered.params.length)
      throw new DriverFailure(`called ${name} with ${quote(JSON.stringify(params))}, and it has ${offered.params.length} params`);
    const args: unknown[] = [];
    for (let index = 0; index < params.length; index++) {
      const [param, shape] = offered.params[index]!;
      args.push(fromJson(shape, params[index], `${name}: ${param}`));
    }
    const given = offered.call(...args);
    const { gives, refuses } = offered.method;
    return refuses ? resultToJson(gives, given as Result<unknown>) : toJson(gives, given);
  }
}
