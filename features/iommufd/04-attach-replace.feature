@area:replace @needs:iommufd
Feature: Moving a device from one HWPT to another

  @rule:IFD-ATT-09 @kind:uapi @profile:iommufd
  Rule: Only a device that is attached moves, else EINVAL; where it is already it stays

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "called if iommufd_device_attach() has already succeeded"

    Example: one that is not attached
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user moves D1 to H1, refused with EINVAL
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

    Example: one whose group is
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1
      And the user attaches D1 to H1
      When the user moves D2 to H2, refused with EINVAL
      Then the user calls IOMMU_DESTROY:
        | id | H2 |

    Example: where it is
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      When the user moves D1 to H1
      Then the user detaches D1
      And the user calls IOMMU_DESTROY:
        | id | H1 |

  @rule:IFD-ATT-10 @kind:uapi @profile:iommufd
  Rule: A move that fails changes nothing

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "If it fails then no change is made to the attachment"

    Example: the device goes on
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user attaches D1 to I1
      And a HWPT H2 of I2 for D1
      And the next allocation fails
      When the user moves D1 to H2, refused with ENOMEM
      Then d1 writing 0x1_0008 reaches P1 + 8 of the user

    Example: what holds what is as before
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I2 for D1
      And the user attaches D1 to H1
      And the next allocation fails
      When the user moves D1 to H2, refused with ENOMEM
      Then the user calls IOMMU_DESTROY:
        | id | H2 |
      And the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |

    Example: what is reserved is as before
      Given an IOAS I1
      And an IOAS I2
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And a HWPT H2 of I2 for D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      And the next allocation fails
      When the user moves D1 to H2, refused with ENOMEM
      Then the user maps 4 KiB of P1 in I2 at 0x1_0000

    Example: something is mapped where the device reaches nothing
      Given an IOAS I1
      And an IOAS I2
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And the user attaches D1 to I1, as H1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I2 at 0x1_0000
      When the user moves D1 to I2, refused with EADDRINUSE
      Then the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |
      And the user maps 4 KiB of P1 in I1 at 0x1_0000, refused with EINVAL

    Example: wherever it fails
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user maps 4 KiB of P1 in I2 at 0x2_0000
      And the user attaches D1 to I1
      Then moving D1 to I2 leaves no trace, whichever allocation fails

  @rule:IFD-ATT-11 @kind:observed @profile:iommufd
  Rule: All devices of a group move, and with them what holds the HWPT

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "Move the refcounts held by the device_list to the new hwpt"

    Example: the HWPT that they leave may go
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1
      And the user attaches D1 to H1
      And the user attaches D2 to H1
      When the user moves D1 to H2
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

    Example: the one that they come to stays until the last leaves
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1
      And the user attaches D2 to I1
      And a HWPT H2 of I1 for D1
      When the user moves D1 to H2
      Then the user detaches D1
      And the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H2 |

    Example: and no longer
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1
      And the user attaches D1 to H1
      When the user moves D1 to H2
      Then the user detaches D1
      And the user calls IOMMU_DESTROY:
        | id | H2 |

    Example: the other device has what the new one maps
      Given an IOAS I1
      And an IOAS I2
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I2 at 0x2_0000
      And the user attaches D1 to I1
      When the user moves D1 to I2
      Then d2 writing 0x2_0008 reaches P1 + 8 of the user

  @rule:IFD-ATT-12 @kind:hardened @profile:iommufd
  Rule: A move between HWPTs of one IOAS that fails keeps what the device cannot use reserved

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "If it fails then no change is made to the attachment"

    Example: nothing is mapped there afterwards
      Given an IOAS I1
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1
      And the user attaches D1 to H1
      And the user allocates 4 KiB as P1
      And the next allocation fails
      When the user moves D1 to H2, refused with ENOMEM
      Then the user maps 4 KiB of P1 in I1 at 0x1_0000, refused with EINVAL
