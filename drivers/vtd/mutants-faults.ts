/** Chapter 6 of the catalogue, about devices: the faults that are told of, and requests for pages. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DEVICES = 'vtd/devices.ts';
const DRIVER = 'vtd/driver.ts';
const FAULTS = 'vtd/faults.ts';
const QUEUE = 'vtd/page-request-queue.ts';
const REQUESTS = 'vtd/page-requests.ts';
const FAULT = 'return { id: SID, pasid: PP ? PV : NO_PASID, cause: reasonNamed(FR), iova: FI * PAGE, access: accessOf(record) };';
const CLEARED = 'this.#platform.mmioWrite64(this.#iommu, at + RECORD_BYTES / 2, Frcd.word(Frcd.encode({ F: true }), 1));';
const WITH_ID = 'device.iommu.index === iommu && device.ids.includes(id)';
const STOP_MARKER = 'if (isStopMarker(request)) return [];';
const SPOILT = 'this.#spoilt.add(key);';
const IS_HIS = 'ids.includes(request.id) && request.pasid === pasid';
const UNANSWERED = 'const unanswered = [...this.#unanswered.values()].filter(isHis);';
const FORGET = 'if (device.pri && pasid !== NO_PASID) device.iommu.pageRequests?.forget(device.ids, pasid);';

const FAULT_RECORDS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'pasid-of-a-fault-not-told',
    rule: 'VTDN-FLT-01',
    edits: edit(FAULTS, FAULT, FAULT.replace('PP ? PV : NO_PASID', 'NO_PASID')),
  },
  {
    ...vtd,
    id: 'pasid-of-a-fault-without-one-told',
    rule: 'VTDN-FLT-01',
    edits: edit(FAULTS, FAULT, FAULT.replace('PP ? PV : NO_PASID', 'PV')),
  },
  { ...vtd, id: 'page-of-a-fault-for-its-address', rule: 'VTDN-FLT-01', edits: edit(FAULTS, FAULT, FAULT.replace('FI * PAGE', 'FI')) },
  {
    ...vtd,
    id: 'reason-of-a-fault-masked',
    rule: 'VTDN-FLT-01',
    edits: edit(FAULTS, FAULT, FAULT.replace('reasonNamed(FR)', 'reasonNamed(FR % 64)')),
  },
  { ...vtd, id: 'one-fault-told', rule: 'VTDN-FLT-01', edits: edit(FAULTS, 'PPF && taken <= NFR', 'PPF && taken < 1') },
  { ...vtd, id: 'last-fault-not-told', rule: 'VTDN-FLT-01', edits: edit(FAULTS, 'PPF && taken <= NFR', 'PPF && taken < NFR') },
  { ...vtd, id: 'fault-records-kept', rule: 'VTDN-FLT-01', edits: edit(FAULTS, CLEARED, '') },
  { ...vtd, id: 'lost-faults-kept', rule: 'VTDN-FLT-01', edits: edit(FAULTS, "if (PFO) this.#control.write('FSTS', { PFO });", '') },
  { ...vtd, id: 'faults-of-a-device-of-another-unit', rule: 'VTDN-FLT-01', edits: edit(DEVICES, WITH_ID, 'device.ids.includes(id)') },
  { ...vtd, id: 'faults-do-not-interrupt', rule: 'VTDN-FLT-01', edits: edit(FAULTS, 'IM: interrupts.length === 0', 'IM: true') },
];

const PAGE_REQUESTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'address-that-is-none-accepted',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, '({ iova }, { cap }) => !isCanonical(iova, cap.FL5LP ? 57 : 48),', ''),
  },
  { ...vtd, id: 'address-of-the-lower-half-refused', rule: 'VTDN-PRQ-01', edits: edit(REQUESTS, 'cap.FL5LP ? 57 : 48', '48') },
  { ...vtd, id: 'address-of-one-bit-more-accepted', rule: 'VTDN-PRQ-01', edits: edit(REQUESTS, 'cap.FL5LP ? 57 : 48', '58') },
  {
    ...vtd,
    id: 'supervisor-asks',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, '({ privileged, read, write }) => privileged && (read || write),', ''),
  },
  {
    ...vtd,
    id: 'supervisor-asks-to-write',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, 'privileged && (read || write)', 'privileged && (read || !write)'),
  },
  { ...vtd, id: 'device-asks-to-execute', rule: 'VTDN-PRQ-01', edits: edit(REQUESTS, '({ execute, read }) => execute && read,', '') },
  {
    ...vtd,
    id: 'answer-names-a-pasid-that-was-not-there',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, 'PP: pasid !== undefined,', 'PP: true,'),
  },
  { ...vtd, id: 'end-of-requests-told', rule: 'VTDN-PRQ-01', edits: edit(REQUESTS, STOP_MARKER, '') },
  { ...vtd, id: 'request-to-write-is-the-end', rule: 'VTDN-PRQ-01', edits: edit(REQUESTS, 'last && !read && !write', 'last && !read') },
  {
    ...vtd,
    id: 'every-request-succeeds',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, 'RC: CODES[code]', "RC: CODES[(void code, 'success')]"),
  },
  {
    ...vtd,
    id: 'failure-told-as-invalid',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, "failure: 'response-failure'", "failure: 'invalid-request'"),
  },
  {
    ...vtd,
    id: 'request-answered-twice',
    rule: 'VTDN-PRQ-01',
    edits: edit(
      REQUESTS,
      'this.#unanswered.delete(keyOf(request)); return this.#answer([responseTo(request, code)]);',
      'return this.#answer([responseTo(request, code)]);',
    ),
  },
  {
    ...vtd,
    id: 'part-of-a-group-forgotten',
    rule: 'VTDN-PRQ-01',
    edits: edit(REQUESTS, SPOILT, 'if (request.last) this.#spoilt.add(key);'),
  },
  {
    ...vtd,
    id: 'nobody-asked-whether-he-answers',
    rule: 'VTDN-PRQ-01',
    edits: edit(
      DRIVER,
      'if (device?.attachments.get(request.pasid)?.domain.answersFaults !== true) return false;',
      'if (device?.attachments.get(request.pasid) === undefined) return false;',
    ),
  },
  {
    ...vtd,
    id: 'lost-requests-kept',
    rule: 'VTDN-PRQ-01',
    edits: edit(QUEUE, "if (this.#control.read('PRS').PRO) this.#control.write('PRS', { PRO: true });", ''),
  },
  {
    ...vtd,
    id: 'requests-do-not-interrupt',
    rule: 'VTDN-PRQ-01',
    edits: edit(QUEUE, "control.write('PECTL', {});", "control.write('PECTL', { IM: true });"),
  },
  { ...vtd, id: 'requests-kept-when-left', rule: 'VTDN-PRQ-02', edits: edit(DEVICES, FORGET, '') },
  { ...vtd, id: 'requests-kept-that-were-told', rule: 'VTDN-PRQ-02', edits: edit(REQUESTS, UNANSWERED, 'const unanswered = [];') },
  {
    ...vtd,
    id: 'requests-kept-that-were-not-told',
    rule: 'VTDN-PRQ-02',
    edits: edit(REQUESTS, 'const refused = this.#take((request) => !isHis(request) && this.report(request));', 'const refused = [];'),
  },
  { ...vtd, id: 'requests-of-other-pasids-answered', rule: 'VTDN-PRQ-02', edits: edit(REQUESTS, IS_HIS, 'ids.includes(request.id)') },
  {
    ...vtd,
    id: 'requests-on-their-way-kept',
    rule: 'VTDN-PRQ-02',
    edits: edit(REQUESTS, 'const complete = this.#answer([drained]);', 'const complete = this.#answer([]);'),
  },
  {
    ...vtd,
    id: 'requests-forgotten-and-not-answered',
    rule: 'VTDN-PRQ-02',
    edits: edit(REQUESTS, "...unanswered.map((request) => responseTo(request, 'invalid'))", ''),
  },
];

export const FAULT_MUTANTS: readonly Mutant[] = [...FAULT_RECORDS, ...PAGE_REQUESTS];
