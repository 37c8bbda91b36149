/*
 * Taking an SMMU over from the trusted host: from the first step on it lets nothing through, and in the end it is the
 * hypervisor's.
 *
 * @spec SMMU-V3 "Reset, Enable and initialization"
 */
#ifndef PKVM_SMMU_TAKE_OVER_H
#define PKVM_SMMU_TAKE_OVER_H

#include <stdint.h>

#include "parameters.h"
#include "smmu_v3.h"

/*
 * `ENODEV`: the SMMU cannot do stage 2 as this driver does it. `EINVAL`: the parameters do not suit it or the
 * hypervisor. `ENOMEM`; `ETIMEDOUT`: it does not answer. On refusal it lets nothing through.
 */
int32_t smmu_take_over(struct smmu *smmu, const struct parameters *parameters);

#endif
