@area:hwpt @needs:iommufd
Feature: IOMMU_HWPT_ALLOC: what is there afterwards

  @rule:IFD-HWPT-09 @kind:observed @profile:iommufd
  Rule: The fault queue is looked for when the HWPT is made; without one there is neither: ENOENT

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "fault = iommufd_get_fault(ucmd, cmd->fault_id)"

    Example: no fault queue
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with ENOENT:
        | dev_id   | D1             |
        | pt_id    | I1             |
        | flags    | FAULT_ID_VALID |
        | fault_id | missing        |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: an object of another type
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with ENOENT:
        | dev_id   | D1             |
        | pt_id    | I1             |
        | flags    | FAULT_ID_VALID |
        | fault_id | I1             |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: what the IOAS cannot give comes first
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 2048 B of P1 in I1 at 0x1_0800
      When the user calls IOMMU_HWPT_ALLOC, refused with EADDRINUSE:
        | dev_id   | D1             |
        | pt_id    | I1             |
        | flags    | FAULT_ID_VALID |
        | fault_id | missing        |
      Then the user unmaps 2048 B at 0x1_0800 in I1

    Example: without the flag nobody looks
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1      |
        | pt_id       | I1      |
        | fault_id    | missing |
        | out_hwpt_id | H1      |
      Then the user attaches D1 to H1

  @rule:IFD-HWPT-12 @kind:uapi @profile:iommufd
  Rule: A HWPT has everything that is mapped in its IOAS before the user gets it, or there is none

    Source: Linux, include/uapi/linux/iommufd.h "will be created with the mappings from the given IOAS"

    Example: what was mapped before
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user maps 4 KiB of P1 + 0x1000 in I1 at 0x4_0000
      When a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      Then d1 writing 0x1_0008 reaches P1 + 8 of the user
      And d1 writing 0x4_0008 reaches P1 + 0x1008 of the user

    Example: memory that is gone
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user frees P1
      When the user calls IOMMU_HWPT_ALLOC, refused with EFAULT:
        | dev_id | D1 |
        | pt_id  | I1 |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: whatever fails
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user maps 8 KiB of P1 in I1 at 0x1f_f000
      Then making a HWPT of I1 for D1 leaves no trace, whichever allocation fails

  @rule:IFD-HWPT-13 @kind:uapi @profile:iommufd
  Rule: What is mapped must be whole pages of the hardware, and where it can map, else EADDRINUSE

    Source: Linux, include/uapi/linux/iommufd.h "starting_iova % out_iova_alignment == 0"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user maps <size> of <from> in I1 at <iova>
      When the user calls IOMMU_HWPT_ALLOC, refused with EADDRINUSE:
        | dev_id | D1 |
        | pt_id  | I1 |
      Then the user unmaps <size> at <iova> in I1
      And a HWPT H1 of I1 for D1

      Examples:
        | what                           | size   | from       | iova                  |
        | not at the beginning of a page | 4 KiB  | P1 + 0x800 | 0x1_0800              |
        | not to the end of a page       | 2048 B | P1         | 0x1_0000              |
        | beyond what hardware can map   | 4 KiB  | P1         | 0x4000_0000_0000_0000 |

    Example: nor is anything like it mapped afterwards
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And a HWPT H1 of I1 for D1
      When the user maps 2048 B of P1 in I1 at 0x1_0000, refused with EINVAL
      Then the user maps 4 KiB of P1 in I1 at 0x4000_0000_0000_0000, refused with EINVAL

  @rule:IFD-HWPT-15 @kind:uapi @profile:iommufd @needs:pasid
  Rule: A HWPT that was made for PASIDs takes them

    Source: Linux, include/uapi/linux/iommufd.h "The domain can be attached to any PASID on the device"

    Example: and one that was not does not: EINVAL
      Given d1 has PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And a HWPT H2 of I1 for D1
      When the user attaches D1 with PASID 5 to H1
      Then the user attaches D1 with PASID 6 to H2, refused with EINVAL

  @rule:IFD-HWPT-16 @kind:observed @profile:iommufd
  Rule: A HWPT that the user cannot be told of is freed

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "iommufd_object_abort_and_destroy(ucmd->ictx, &hwpt->obj)"

    Example: on an IOAS with mappings
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      When the user calls IOMMU_HWPT_ALLOC, refused with EFAULT:
        | dev_id   | D1        |
        | pt_id    | I1        |
        | (memory) | read-only |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |
      And the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: of which a fault queue is free
      Given an IOAS I1
      And the user binds d1 as D1
      And the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q1 |
        | out_fault_fd | F1 |
      And the user closes F1
      When the user calls IOMMU_HWPT_ALLOC, refused with EFAULT:
        | dev_id   | D1             |
        | pt_id    | I1             |
        | flags    | FAULT_ID_VALID |
        | fault_id | Q1             |
        | (memory) | read-only      |
      Then the user calls IOMMU_DESTROY:
        | id | Q1 |
