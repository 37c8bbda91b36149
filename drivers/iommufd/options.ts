/** IOMMU_OPTION, IOMMU_VFIO_IOAS: small settings of a /dev/iommu and of its IOASes. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { OPTION, OPTION_OP, VFIO_IOAS_OP } from '#drivers/contract/uapi-iommufd-values';
import type { Context } from './context';
import type { Call, Command } from './frame';
import { Ioas } from './ioas';

type Fields = Call<'IOMMU_OPTION'>['fields'];
/** What the option is afterwards. */
type Setting = (context: Context, fields: Fields) => Result<bigint>;

export const option: Command<'IOMMU_OPTION'> = ({ context, fields, hasReserved, respond }) => {
  const setting = SETTINGS.get(fields.option_id);
  if (hasReserved || setting === undefined) return refuse('EOPNOTSUPP');
  const set = setting(context, fields);
  return set.ok ? respond({ val64: set.value }) : set;
};

/** Once there are objects, something may be charged already. */
const rlimitMode: Setting = (context, { object_id, op, val64 }) => {
  if (object_id !== 0) return refuse('EOPNOTSUPP');
  if (op === OPTION_OP.GET) return ok(context.chargesProcess ? 1n : 0n);
  if (op !== OPTION_OP.SET) return refuse('EOPNOTSUPP');
  if (!context.objects.isEmpty) return refuse('EBUSY');
  if (val64 > 1n) return refuse('EINVAL');
  context.chargesProcess = val64 === 1n;
  return ok(val64);
};

const hugePages: Setting = ({ objects }, { object_id, op, val64 }) => {
  const ioas = objects.find(object_id, Ioas);
  if (!ioas.ok) return ioas;
  if (op === OPTION_OP.GET) return ok(ioas.value.joins ? 1n : 0n);
  if (op !== OPTION_OP.SET) return refuse('EOPNOTSUPP');
  if (val64 > 1n) return refuse('EINVAL');
  const joined = ioas.value.join(val64 === 1n);
  return joined.ok ? ok(val64) : joined;
};

const SETTINGS: ReadonlyMap<number, Setting> = new Map([
  [OPTION.RLIMIT_MODE, rlimitMode],
  [OPTION.HUGE_PAGES, hugePages],
]);

/** `ENODEV`: there is none. */
export const vfioIoas: Command<'IOMMU_VFIO_IOAS'> = ({ context, fields, hasReserved, respond }) => {
  if (hasReserved) return refuse('EOPNOTSUPP');
  switch (fields.op) {
    case VFIO_IOAS_OP.GET:
      return context.compatible === undefined ? refuse('ENODEV') : respond({ ioas_id: context.compatible.id });
    case VFIO_IOAS_OP.SET:
      return compatibleFrom(context, fields.ioas_id);
    case VFIO_IOAS_OP.CLEAR:
      context.compatible = undefined;
      return done;
    default:
      return refuse('EOPNOTSUPP');
  }
};

function compatibleFrom(context: Context, id: number): Result<null> {
  const ioas = context.objects.find(id, Ioas);
  if (!ioas.ok) return ioas;
  context.compatible = ioas.value;
  return done;
}
