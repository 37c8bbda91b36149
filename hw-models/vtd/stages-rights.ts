/** Whether a leaf lets a request through. */
import { NotModelled } from '#hw-models/core/errors';
import { EXECUTE, READ, WRITE, type LeafEntry } from '#hw-models/core/walk';
import { Fault } from '#hw-models/vtd/contexts-fault';
import { READ_ONLY, SUPERVISOR } from '#hw-models/vtd/pte-levels';
import type { Use } from '#hw-models/vtd/stages';
import { FIRST_REASONS, SECOND_REASONS, type Purpose } from '#hw-models/vtd/stages-reasons';
import type { FirstStageWay } from '#hw-models/vtd/ways';

/** @returns The reason why not. @spec VT-D "Access Rights" */
function firstRefusal({ prot, attributes = 0 }: LeafEntry, way: FirstStageWay, { access, privileged }: Use): number | undefined {
  const isSupervisors = (attributes & SUPERVISOR) !== 0;
  if (!privileged && isSupervisors) return FIRST_REASONS.supervisor;
  if (access === 'execute') {
    if ((prot & EXECUTE) === 0) return FIRST_REASONS.execute;
    if (privileged && way.SMEP && !isSupervisors) throw new NotModelled('supervisor-mode execution prevention', 'SMEP of a PASID entry');
  }
  if (access === 'write' && (attributes & READ_ONLY) !== 0 && !(privileged && !way.format.WPE)) return FIRST_REASONS.write;
  return undefined;
}

/** To execute is to read. */
function secondRefusal({ prot }: LeafEntry, purpose: Purpose, { access }: Use): number | undefined {
  const isWrite = access === 'write';
  if ((prot & (isWrite ? WRITE : READ)) !== 0) return undefined;
  return SECOND_REASONS[purpose][isWrite ? 'write' : 'read'];
}

/** Of a first stage. @returns Undefined: it does. */
export function firstFault(leaf: LeafEntry, way: FirstStageWay, use: Use): Fault | undefined {
  const reason = firstRefusal(leaf, way, use);
  return reason === undefined ? undefined : new Fault(reason, false, 1);
}

/** Of a second stage. @returns Undefined: it does. */
export function secondFault(leaf: LeafEntry, purpose: Purpose, use: Use): Fault | undefined {
  const reason = secondRefusal(leaf, purpose, use);
  return reason === undefined ? undefined : new Fault(reason, false, 2);
}
