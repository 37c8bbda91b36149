@area:attach @needs:iommufd
Feature: Attaching a device to an IOAS: which HWPT it gets

  @rule:IFD-ATT-07 @kind:uapi @profile:iommufd
  Rule: The first HWPT of the IOAS that takes the device is used, and a new one where none does; what is wrong with the device ends the search

    Source: Linux, Documentation/userspace-api/iommufd.rst "If a compatible member HWPT_PAGING object exists"

    Example: one that was made for another device
      Given an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1, as H1
      When the user attaches D2 to I1, as H2
      Then the user detaches D1
      And the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |

    Example: another where the first does not fit
      Given there are 2 IOMMUs
      And IOMMU 1 has shorter page tables
      And d2 is behind IOMMU 1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1, as H1
      When the user attaches D2 to I1, as H2
      Then the user detaches D1
      And the user attaches D1 to H2

    Example: a shortage is none of the HWPT's
      Given there are 2 IOMMUs
      And d2 is behind IOMMU 1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1, as H1
      And the next allocation fails
      When the user attaches D2 to I1, refused with ENOMEM
      Then the user attaches D2 to H1

  @rule:IFD-ATT-08 @kind:observed @profile:iommufd
  Rule: A HWPT that the user made is never chosen

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "Automatic domain selection will never pick a manually created domain"

    Example: it is free while the device is attached
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user attaches D1 to I1, as H2
      Then the user calls IOMMU_DESTROY:
        | id | H1 |
      And the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H2 |

    Example: nor when the device moves
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And a HWPT H1 of I2 for D1
      And the user attaches D1 to I1
      When the user moves D1 to I2, as H2
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

  @rule:IFD-CORE-03 @kind:observed @profile:iommufd
  Rule: EINVAL says that the HWPT does not fit, and that another may; trouble of the device has other names

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "Note that EINVAL can be treated as a soft failure"

    Example: a HWPT for other hardware
      Given there are 2 IOMMUs
      And IOMMU 1 has shorter page tables
      And d2 is behind IOMMU 1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      When the user attaches D2 to H1, refused with EINVAL
      Then the user attaches D2 to I1

    Example: no memory
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the next allocation fails
      When the user attaches D1 to H1, refused with ENOMEM
      Then the user attaches D1 to H1

  @rule:IFD-ATT-14 @kind:observed @profile:iommufd
  Rule: A HWPT that was made coherent takes no device whose hardware cannot keep it so: EINVAL

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "cannot be reused by another device (non-CC)"

    Example: one of the user
      Given there are 2 IOMMUs
      And IOMMU 1 has no way to enforce coherency
      And d2 is behind IOMMU 1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      When the user attaches D2 to H1, refused with EINVAL
      Then the user attaches D2 to I1

    Example: one that was made for another device
      Given there are 2 IOMMUs
      And IOMMU 1 has no way to enforce coherency
      And d2 is behind IOMMU 1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1
      When the user attaches D2 to I1, as H2
      Then the user detaches D1
      And the user attaches D1 to H2
