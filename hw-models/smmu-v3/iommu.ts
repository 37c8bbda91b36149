/**
 * The SMMUv3: Non-secure programming interface, stage 2.
 *
 * Not modelled; each throws `NotModelled` when it is used, or cannot be used because the identification registers deny it:
 * - thrown: stage 1 (STE.Config 0b1x1 while IDR0.S1P is set), VMSAv8-32 stage 2, big-endian tables, stalled transactions (a fault
 *   under STE.S2S), IDR0.HTTU = 3;
 * - denied: substreams, ATS, PRI, ATOS, broadcast maintenance, MPAM, the Secure, Realm and Root states, DPT, ECMDQ, 52-bit addresses of
 *   the 4K and 16K granules, VMSAv9-128, permission indirection and overlay, preset tables and queues, service failure mode.
 * Hints are legal to ignore and are ignored: STE.CONT, STE.MEV, CMD_PREFETCH_*. Memory attributes decide nothing here, but belong to
 * what an STE says.
 */
import type { Attention, Buffer, Bus, Hardware, Outcome, Request } from '#hw-models/core/hardware';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { ConfigurationReader, Requester } from '#hw-models/core/reach/facts';
import { pageOfWord } from '#hw-models/core/address';
import { resetValues, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import { CommandQueue } from '#hw-models/smmu-v3/command-queue';
import { Configurator, type Configured, type StreamTable } from '#hw-models/smmu-v3/configure';
import { Control, type Update } from '#hw-models/smmu-v3/control';
import { EventQueue } from '#hw-models/smmu-v3/event-queue';
import { Faults } from '#hw-models/smmu-v3/faults';
import { Invalidator } from '#hw-models/smmu-v3/invalidation';
import { Signals } from '#hw-models/smmu-v3/signals';
import { L1STD_SIZE, STE_SIZE } from '#hw-models/smmu-v3/ste';
import { Translator } from '#hw-models/smmu-v3/translate';
