@area:faults @needs:iommufd
Feature: Page faults for the user

  @rule:IFD-FLT-01 @kind:uapi @profile:iommufd
  Rule: A fault queue is made without flags, and has an id and a file

    Source: Linux, include/uapi/linux/iommufd.h "Explicitly allocate a fault handling object"

    Example: two, each with its own
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q1 |
        | out_fault_fd | F1 |
      When the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q2 |
        | out_fault_fd | F2 |
      Then the user closes F1
      And the user calls IOMMU_DESTROY:
        | id | Q1 |
      And the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | Q2 |

    Scenario Outline: flags <flags>
      When the user calls IOMMU_FAULT_QUEUE_ALLOC, refused with EOPNOTSUPP:
        | flags | <flags> |
      Then out_fault_id of the answer is 0
      And out_fault_fd of the answer is 0

      Examples:
        | flags       |
        | 1           |
        | 0x8000_0000 |

  @rule:IFD-FLT-02 @kind:observed @profile:iommufd
  Rule: Whole records are read, from the start; where nothing waits nothing is read

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "if (*ppos || count % fault_size)"

    Scenario Outline: <bytes> bytes
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      And the user allocates 4 KiB as P1
      When the user reads <bytes> bytes of F1 to P1, refused with ESPIPE
      Then F1 has nothing to read

      Examples:
        | bytes |
        | 1     |
        | 39    |
        | 41    |
        | 4096  |

    Example: from further on
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      And the user allocates 4 KiB as P1
      When the user reads 40 bytes of F1 to P1 at offset 40, refused with ESPIPE
      Then F1 has nothing to read

    Scenario Outline: <bytes> bytes, of which there are none
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      When the user reads <bytes> bytes of F1 to 0x10
      Then bytes of the answer is 0

      Examples:
        | bytes |
        | 0     |
        | 40    |
        | 4000  |

  @rule:IFD-FLT-06 @kind:observed @profile:iommufd
  Rule: Answers are whole records of a known code to a cookie that waits for one

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "group = xa_erase(&fault->response, response.cookie);"

    Scenario Outline: <bytes> bytes
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      And the user allocates 4 KiB as P1
      When the user writes <bytes> bytes to F1 from P1, refused with ESPIPE
      Then F1 can be written

      Examples:
        | bytes |
        | 1     |
        | 7     |
        | 9     |

    Scenario Outline: code <code> to cookie <cookie>
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      And the user allocates 4 KiB as P1
      And the user puts iommu_hwpt_page_response at P1:
        | cookie | <cookie> |
        | code   | <code>   |
      When the user writes 8 bytes to F1 from P1, refused with EINVAL
      Then F1 can be written

      Examples:
        | cookie      | code |
        | 1           | 0    |
        | 1           | 1    |
        | 0           | 0    |
        | 0xffff_ffff | 0    |
        | 1           | 2    |

    Example: from further on
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      And the user allocates 4 KiB as P1
      When the user writes 8 bytes to F1 from P1 at offset 8, refused with ESPIPE
      Then F1 can be written

    Example: none
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      When the user writes 0 bytes to F1 from 0x10
      Then bytes of the answer is 0

    @needs:page-faults @needs:pasid
    Example: those before the first that is none are taken, and counted
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And the user reads 40 bytes of F1 to P1
      And the user puts iommu_hwpt_page_response at P1:
        | cookie | 1 |
      When the user writes 16 bytes to F1 from P1
      Then bytes of the answer is 8

  @rule:IFD-FLT-10 @kind:observed @profile:iommufd
  Rule: The file can be read while a group waits, and can always be written

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "if (!list_empty(&eventq->deliver))"

    Example: with nothing that waits
      When the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      Then F1 can be written
      And F1 has nothing to read

    @needs:page-faults @needs:pasid
    Example: with a group, until it is read
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And F1 has something to read
      When the user reads 40 bytes of F1 to P1
      Then F1 has nothing to read
      And F1 can be written

    @needs:page-faults @needs:pasid
    Example: but not with a group that is not whole
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7, and for more
      And F1 has nothing to read
      When d1 with PASID 5 asks to write 0x6000 in group 7
      Then F1 has something to read

  @rule:IFD-FLT-11 @kind:observed @profile:iommufd
  Rule: Whether a device that cannot wait for pages is attached to a HWPT with a fault queue is its driver's affair

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "rc = iommufd_fault_iopf_enable(idev);"

    Excluded: drivers answer differently, VT-d with ENODEV and SMMUv3 with 0, so that no answer is wrong for every implementation

  @rule:IFD-FLT-12 @kind:hardened @profile:iommufd
  Rule: An answer that cannot be read is refused with EFAULT, and not counted

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "rc = copy_from_user(&response, buf + done, response_size);"

    Scenario Outline: <bytes> bytes from where there is nothing
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_fd | F1 |
      When the user writes <bytes> bytes to F1 from 0x10, refused with EFAULT
      Then F1 can be written

      Examples:
        | bytes |
        | 8     |
        | 16    |
