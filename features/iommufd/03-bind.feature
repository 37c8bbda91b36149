@area:bind @needs:iommufd
Feature: Binding a device to /dev/iommu

  @rule:IFD-BND-01 @kind:observed @profile:iommufd
  Rule: A device that does not see what caches hold is refused with EINVAL, and then one that another /dev/iommu has with EPERM

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "iommufd always sets IOMMU_CACHE because we offer no way for userspace"

    Example: it does not see what caches hold
      Given d1 does not see what caches hold
      When the user binds d1 as D1, refused with EINVAL
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 1 |

    Example: another /dev/iommu has it
      Given the user opens /dev/iommu once more, as F1
      And the user binds d1 as D1 by F1
      When the user binds d1 as D2, refused with EPERM
      Then an IOAS I1
      And the user closes F1
      And the user binds d1 as D2

    Example: another /dev/iommu has a device of its group
      Given d2 is in the group of d1
      And the user opens /dev/iommu once more, as F1
      And the user binds d1 as D1 by F1
      When the user binds d2 as D2, refused with EPERM
      Then the user closes F1
      And the user binds d2 as D2

    Example: the caches come first
      Given d2 is in the group of d1
      And d2 does not see what caches hold
      And the user opens /dev/iommu once more, as F1
      And the user binds d1 as D1 by F1
      When the user binds d2 as D2, refused with EINVAL
      Then the user binds d1 as D2, refused with EPERM

  @rule:IFD-BND-02 @kind:observed @profile:iommufd
  Rule: A device whose group reaches memory that firmware wants mapped as it is cannot be bound: EINVAL

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "then we cannot allow the blocking domain to be attached"

    Example: its own
      Given d1 has a direct region of 4 KiB at 0x8000_0000
      When the user binds d1 as D1, refused with EINVAL
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 1 |

    Example: of another device of its group
      Given d1 has a direct region of 4 KiB at 0x8000_0000
      And d2 is in the group of d1
      And the user binds d1 as D1, refused with EINVAL
      When the user binds d2 as D2, refused with EINVAL
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 1 |

  @rule:IFD-BND-03 @kind:observed @profile:iommufd
  Rule: A device that is bound reaches nothing until it is attached

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "Once this completes the device could do DMA"

    Example: memory that is mapped already
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      When the user binds d1 as D1
      Then d1 reading 0x1_0000 faults
      And the user attaches D1 to I1
      And d1 writing 0x1_0008 reaches P1 + 8 of the user
