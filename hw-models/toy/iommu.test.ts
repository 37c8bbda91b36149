import { assert } from 'chai';
import { test } from 'node:test';

import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { ToyIommu } from './iommu';
import { Command, MAP, Status } from './layouts';

test('a command is complete when software reads STATUS, and not when it reads something else or waits', () => {
  const machine = new Machine({ mode: 'lazy', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [(bus) => new ToyIommu(bus)] });
  const port = new Port(machine);
  const isBusy = (): boolean => Status.of(machine.instance(0).hardware.mmioRead(MAP.status.at, 64)).busy;
  port.mmioWrite64(0, MAP.command.at, Command.encode({ op: 'space', id: 1 }));
  port.mmioRead64(0, MAP.control.at);
  port.delay(1000);
  assert.isTrue(isBusy());
  assert.isFalse(Status.of(port.mmioRead64(0, MAP.status.at)).busy);
  assert.isFalse(isBusy());
});
