/** What belongs to each of the three queues. */

/** What the registers of a queue are called, and the interrupt that it has. `hardware` and `software` are indexes. */
export const QUEUES = {
  command: {
    base: 'cqb',
    hardware: 'cqh',
    software: 'cqt',
    csr: 'cqcsr',
    enable: 'cqen',
    on: 'cqon',
    entryBytes: 16,
    /** Each raises the interrupt while it is set. */
    causes: ['fence_w_ip', 'cmd_ill', 'cmd_to', 'cqmf'],
    interruptEnable: 'cie',
    pending: 'cip',
    vector: 'civ',
  },
  fault: {
    base: 'fqb',
    hardware: 'fqt',
    software: 'fqh',
    csr: 'fqcsr',
    enable: 'fqen',
    on: 'fqon',
    entryBytes: 32,
    causes: ['fqof', 'fqmf'],
    interruptEnable: 'fie',
    pending: 'fip',
    vector: 'fiv',
  },
  'page-request': {
    base: 'pqb',
    hardware: 'pqt',
    software: 'pqh',
    csr: 'pqcsr',
    enable: 'pqen',
    on: 'pqon',
    entryBytes: 16,
    causes: ['pqof', 'pqmf'],
    interruptEnable: 'pie',
    pending: 'pip',
    vector: 'piv',
  },
} as const;

export type QueueName = keyof typeof QUEUES;
export const QUEUE_NAMES = Object.keys(QUEUES) as readonly QueueName[];
