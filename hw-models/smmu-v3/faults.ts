/**
 * From a fault to its event record and to what the device is told.
 */
import { NotModelled } from '#hw-models/core/errors';
import type { Bus, Fault, Outcome, Request } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import type { Stops, Translates } from '#hw-models/smmu-v3/configure';
import type { EventQueue } from '#hw-models/smmu-v3/event-queue';
import { EVENTS, FWalkEabt, FTranslation } from '#hw-models/smmu-v3/events';

/** A request with the attributes that it is checked and reported with. */
export interface Transaction {
  readonly request: Request;
  readonly read: boolean;
  readonly instruction: boolean;
  readonly privileged: boolean;
}

/** A fault of the kinds that S2R and S2S govern. */
export type TranslationFault = 'F_TRANSLATION' | 'F_ADDR_SIZE' | 'F_ACCESS' | 'F_PERMISSION';

type Place = Pick<Fault, 'cause' | 'stage'>;

/** Reports faults. @spec SMMU-V3 "Event queue recorded faults and events" */
export class Faults {
  readonly #bus: Bus;
  readonly #queue: EventQueue;
  readonly #recordsBadStreams: () => boolean;
  /** First physical address that is none. */
  readonly #endOfOutput: bigint;

  /** @param recordsBadStreams What CR2.RECINVSID says now. */
  constructor(bus: Bus, { OAS }: Capabilities, queue: EventQueue, recordsBadStreams: () => boolean) {
    this.#bus = bus;
    this.#endOfOutput = 2n ** BigInt(OAS);
    this.#queue = queue;
    this.#recordsBadStreams = recordsBadStreams;
  }

  /** The stream's configuration gives no translation. @spec SMMU-V3 "Configuration and Translation lookup" */
  configuration(request: Request, { event, fetched }: Stops): Outcome {
    if (event === undefined) return { kind: 'aborted' };
    const { number, layout } = EVENTS[event];
    const record = (): bigint => {
      if (event === 'C_BAD_SUBSTREAMID') return layout.encode({ number, StreamID: request.id, SubstreamID: request.pasid ?? 0 });
      const common = { number, ...streamOf(request) };
      return fetched === undefined
        ? layout.encode(common)
        : EVENTS.F_STE_FETCH.layout.encode({ ...common, FetchAddr: this.#fetchAddress(fetched) });
    };
    const suppressed = event === 'C_BAD_STREAMID' && !this.#recordsBadStreams();
    return this.#end(request, { cause: event, stage: 0 }, suppressed ? undefined : record());
  }

  /** The input address has more bits than stage 1, which is bypassed, can output; never stalled, always recorded. @spec SMMU-V3 "Address sizes" */
  inputSize({ request, ...access }: Transaction): Outcome {
    const { number } = EVENTS.F_ADDR_SIZE;
    const raw = FTranslation.encode({ number, ...streamOf(request), ...attributesOf(access), CLASS: 'IN', InputAddr: request.iova });
    return this.#end(request, { cause: 'F_ADDR_SIZE', stage: 1 }, raw);
  }

  /** @spec SMMU-V3 "Fault configuration (A, R, S bits)" */
  stage2({ request, ...access }: Transaction, cause: TranslationFault, { records, stalls }: Translates): Outcome {
    if (stalls) throw new NotModelled('stalled transactions', 'STE.S2S');
    const place = { cause, stage: 2 } as const;
    if (!records) return this.#end(request, place, undefined);
    const { number, layout } = EVENTS[cause];
    const address = { InputAddr: request.iova, IPA: this.#ipa(request.iova) };
    return this.#end(
      request,
      place,
      layout.encode({ number, ...streamOf(request), ...attributesOf(access), CLASS: 'IN', S2: true, ...address }),
    );
  }

  /** A descriptor could not be read; not governed by S2R or S2S. @spec SMMU-V3 "F_WALK_EABT" */
  walkAborted({ request, ...access }: Transaction, word: number): Outcome {
    const { number } = EVENTS.F_WALK_EABT;
    const where = { CLASS: 'IN', S2: true, InputAddr: request.iova, FetchAddr: this.#fetchAddress(word) } as const;
    return this.#end(
      request,
      { cause: 'F_WALK_EABT', stage: 2 },
      FWalkEabt.encode({ number, ...streamOf(request), ...attributesOf(access), ...where }),
    );
  }

  /** In units of 8 bytes; bits beyond the output size are reserved. */
  #fetchAddress(word: number): bigint {
    return BigInt(word) % (this.#endOfOutput / 8n);
  }

  /** In units of 4 KiB, without the bits that are reserved. */
  #ipa(address: bigint): bigint {
    return (address % this.#endOfOutput) / 4096n;
  }

  #end({ id, iova }: Request, { cause, stage }: Place, raw: bigint | undefined): Outcome {
    const record = raw === undefined ? 'suppressed' : this.#queue.record(raw);
    this.#bus.note('fault', `${cause} of StreamID ${hex(id)} at ${hex(iova)}, ${record}`);
    return { kind: 'faulted', fault: { cause, stage, iova, id, record } };
  }
}

/** The fields that every record has. */
const streamOf = ({ id, pasid }: Request): { readonly StreamID: number; readonly SSV: boolean; readonly SubstreamID: number } => ({
  StreamID: id,
  SSV: pasid !== undefined,
  SubstreamID: pasid ?? 0,
});

const attributesOf = ({ read, instruction, privileged }: Omit<Transaction, 'request'>): Record<'RnW' | 'InD' | 'PnU', boolean> => ({
  RnW: read,
  InD: instruction,
  PnU: privileged,
});
