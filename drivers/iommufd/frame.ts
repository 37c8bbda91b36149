/** The frame of every ioctl: which one it is, how much of its structure the user has, and what comes back. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import {
  bytesOf,
  IOCTLS,
  leastBytesOf,
  Request,
  requestOf,
  type FieldsOf,
  type Ioctl,
  type IoctlName,
} from '#drivers/contract/uapi-iommufd';
import { bytesFrom, numberOf } from './bytes';
import type { Context } from './context';
import type { IommufdObject } from './objects';

type Values<N extends IoctlName> = Partial<Omit<FieldsOf<N>, 'raw'>>;

/** One ioctl that has come as far as its command. */
export interface Call<N extends IoctlName> {
  readonly context: Context;
  readonly fields: FieldsOf<N>;
  /** A reserved member is not 0. */
  readonly hasReserved: boolean;
  /** Copies the structure back with these values, as far as the user has it. `EFAULT`. */
  respond(values: Values<N>): Result<null>;
  /** As `respond`, with an object that is made: refused, there is no such object. */
  give(object: IommufdObject, values: Values<N>): Promise<Result<null>>;
}

export type Command<N extends IoctlName> = (call: Call<N>) => Promise<Result<null>> | Result<null>;
/** Those that are carried out. */
export type Commands = { readonly [N in IoctlName]?: Command<N> };

const SIZE_BYTES = 4;

/**
 * `ENOTTY`: no such ioctl. `EFAULT`: the structure cannot be read. `EINVAL`: it is shorter than the first that there was. `E2BIG`: it is
 * longer than known, and something is said there. @returns 0.
 */
export async function ioctl(commands: Commands, context: Context, request: number, argument: bigint): Promise<Result<number>> {
  const name = nameOf(commands, request);
  if (name === undefined) return refuse('ENOTTY');
  const size = context.copyIn(argument, SIZE_BYTES);
  if (!size.ok) return size;
  // The kernel's ENOIOCTLCMD leaves ioctl(2) as ENOTTY.
  if (requestOf(IOCTLS[name]) !== request) return refuse('ENOTTY');
  const userBytes = Number(numberOf(size.value));
  const raw = copyStructure(context, IOCTLS[name], argument, userBytes);
  if (!raw.ok) return raw;
  const call = callOf(context, IOCTLS[name], { argument, userBytes, raw: raw.value });
  const carriedOut = await (commands[name] as unknown as (call: unknown) => Promise<Result<null>>)(call);
  return carriedOut.ok ? ok(0) : carriedOut;
}

function nameOf(commands: Commands, request: number): IoctlName | undefined {
  const { nr } = Request.of(BigInt.asUintN(Request.width, BigInt(request)));
  return (Object.keys(commands) as IoctlName[]).find((name) => IOCTLS[name].nr === nr);
}

/** What the user leaves out is 0. */
function copyStructure(context: Context, which: Ioctl, argument: bigint, userBytes: number): Result<bigint> {
  if (userBytes < leastBytesOf(which)) return refuse('EINVAL');
  const bytes = bytesOf(which);
  const tail = isZero(context, argument + BigInt(bytes), userBytes - bytes);
  if (!tail.ok) return tail;
  const copied = context.copyIn(argument, Math.min(bytes, userBytes));
  return copied.ok ? ok(numberOf(copied.value)) : copied;
}

const CHUNK = 8;

/** `E2BIG`: it is not. `EFAULT`: not readable up to where it is not. */
function isZero(context: Context, address: bigint, length: number): Result<null> {
  for (let at = 0; at < length; at += CHUNK) {
    const copied = context.copyIn(address + BigInt(at), Math.min(CHUNK, length - at));
    if (!copied.ok) return copied;
    if (copied.value.some((byte) => byte !== 0)) return refuse('E2BIG');
  }
  return done;
}

interface Structure {
  readonly argument: bigint;
  readonly userBytes: number;
  readonly raw: bigint;
}

function callOf(context: Context, which: Ioctl, { argument, userBytes, raw }: Structure): Call<IoctlName> {
  const { layout } = which;
  const respond = (values: object): Result<null> =>
    context.copyOut(argument, bytesFrom(layout.with(raw, values), Math.min(bytesOf(which), userBytes)));
  return {
    context,
    fields: layout.of(raw) as never,
    hasReserved: layout.hasReserved(raw),
    respond,
    give: async (object, values) => {
      const responded = respond(values);
      if (responded.ok) context.objects.finalise(object);
      else await context.objects.abandon(object);
      return responded;
    },
  };
}
