@area:attach @needs:iommufd
Feature: Attaching a device, and detaching it

  @rule:IFD-ATT-01 @kind:observed @profile:iommufd
  Rule: What a device is attached to must be there, else ENOENT, and be an IOAS or a HWPT, else EINVAL

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "@pt_id: Input a IOMMUFD_OBJ_IOAS, or IOMMUFD_OBJ_HWPT_PAGING"

    Example: nothing
      Given an IOAS I1
      And the user binds d1 as D1
      When the user attaches D1 to missing, refused with ENOENT
      Then the user attaches D1 to I1

    Example: a device
      Given an IOAS I1
      And the user binds d1 as D1
      When the user attaches D1 to D1, refused with EINVAL
      Then the user attaches D1 to I1

    Example: a fault queue
      Given an IOAS I1
      And the user binds d1 as D1
      And the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q1 |
        | out_fault_fd | F1 |
      When the user attaches D1 to Q1, refused with EINVAL
      Then the user attaches D1 to I1

  @rule:IFD-ATT-02 @kind:observed @profile:iommufd
  Rule: A device that is attached is not attached again: EBUSY

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "This function is undone by calling iommufd_device_detach()"

    Example: to what it is attached to, and one detach undoes the attach
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      When the user attaches D1 to H1, refused with EBUSY
      Then the user detaches D1
      And the user calls IOMMU_DESTROY:
        | id | H1 |

  @rule:IFD-ATT-03 @kind:observed @profile:iommufd
  Rule: Devices of a group are attached to one HWPT, the group once

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "Only attach to the group once for the first device"

    Example: another HWPT is refused with EINVAL
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D2
      And the user attaches D1 to H1
      When the user attaches D2 to H2, refused with EINVAL
      Then the user calls IOMMU_DESTROY:
        | id | H2 |

    Example: the same is accepted, and the first may leave
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      When the user attaches D2 to H1
      Then the user detaches D1
      And the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |

    Example: a device follows the first of its group
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      When the user attaches D1 to I1
      Then d2 writing 0x1_0008 reaches P1 + 8 of the user

  @rule:IFD-ATT-04 @kind:uapi @profile:iommufd
  Rule: What a device cannot use is reserved in the IOAS when that device is attached, or it is refused with EADDRINUSE

    Source: Linux, include/uapi/linux/iommufd.h "each attached device will narrow the ranges based on that device's"

    Example: nothing is mapped there afterwards
      Given an IOAS I1
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      When the user attaches D1 to I1
      Then the user maps 4 KiB of P1 in I1 at 0x1_0000, refused with EINVAL
      And the user maps 4 KiB of P1 in I1 at 0x1_1000

    Example: something is mapped there
      Given an IOAS I1
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      When the user attaches D1 to I1, refused with EADDRINUSE
      Then the user unmaps 4 KiB at 0x1_0000 in I1
      And the user attaches D1 to I1

    Example: of the second device of a group when it is attached itself
      Given an IOAS I1
      And d2 is in the group of d1
      And d2 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user allocates 4 KiB as P1
      And the user attaches D1 to I1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      When the user attaches D2 to I1, refused with EADDRINUSE
      Then the user unmaps 4 KiB at 0x1_0000 in I1

  @rule:IFD-ATT-05 @kind:observed @profile:iommufd @needs:nesting
  Rule: With a guest's tables, what a device cannot use is reserved in the IOAS of the nest parent

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "struct iommufd_hwpt_paging *hwpt_paging = find_hwpt_paging(hwpt)"

    Example: nothing is mapped there afterwards
      Given an IOAS I1
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      And the user allocates 4 KiB as P1
      When the user attaches D1 to H2
      Then the user maps 4 KiB of P1 in I1 at 0x1_0000, refused with EINVAL

  @rule:IFD-ATT-06 @kind:observed @profile:iommufd
  Rule: An attach that fails leaves nothing reserved, nothing attached and the device blocked

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "iopt_remove_reserved_iova(&hwpt_paging->ioas->iopt, idev->dev)"

    Example: what the device cannot use may be mapped
      Given an IOAS I1
      And d1 has a reserved region of 4 KiB at 0x1_0000
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the user allocates 4 KiB as P1
      And the next allocation fails
      When the user attaches D1 to H1, refused with ENOMEM
      Then the user maps 4 KiB of P1 in I1 at 0x1_0000
      And d1 reading 0x1_0000 faults

    Example: and the HWPT may go
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the next allocation fails
      When the user attaches D1 to H1, refused with ENOMEM
      Then the user calls IOMMU_DESTROY:
        | id | H1 |
      And the user unbinds D1

    Example: wherever it fails
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      Then attaching D1 to I1 leaves no trace, whichever allocation fails

  @rule:IFD-ATT-13 @kind:hardened @profile:iommufd
  Rule: Detaching a device that is not attached changes nothing

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "Undo iommufd_device_attach()"

    Example: one that was never attached
      Given an IOAS I1
      And the user binds d1 as D1
      When the user detaches D1
      Then the user attaches D1 to I1

    Example: one whose group is
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      When the user detaches D2
      Then the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |

  @rule:IFD-ATT-15 @kind:observed @profile:iommufd
  Rule: A HWPT whose faults the user answers is not for a virtual function that asks for pages: EINVAL

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "iommufd_fault_iopf_enable(idev)"
    Excluded: a device of the machine is no virtual function; only the real kernel knows which are

  @rule:IFD-ATT-16 @kind:observed @profile:iommufd
  Rule: A device that is being reset is neither attached nor moved: EBUSY

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "This is a concurrent attach during device recovery"
    Excluded: nothing resets a device of the machine; only the real kernel does
