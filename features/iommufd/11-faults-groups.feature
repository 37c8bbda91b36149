@area:faults @needs:iommufd @needs:page-faults @needs:pasid
Feature: Groups of page faults, and their answers

  @rule:IFD-FLT-03 @kind:uapi @profile:iommufd
  Rule: Faults are read in whole groups, in their order, with one cookie for each group

    Source: Linux, include/uapi/linux/iommufd.h "kernel-managed cookie identifying a group of fault messages"

    Example: a group of two
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7, and for more
      And d1 with PASID 5 asks to write 0x6000 in group 7
      When the user reads 80 bytes of F1 to P1
      Then iommu_hwpt_pgfault at P1 has:
        | flags  | 1      |
        | dev_id | D1     |
        | pasid  | 5      |
        | grpid  | 7      |
        | perm   | 1      |
        | addr   | 0x5000 |
        | cookie | 1      |
      And iommu_hwpt_pgfault at P1 + 40 has:
        | flags  | 3      |
        | grpid  | 7      |
        | perm   | 2      |
        | addr   | 0x6000 |
        | cookie | 1      |

    Example: the first of two groups, where there is room for one
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in groups 7 to 8
      When the user reads 40 bytes of F1 to P1
      Then iommu_hwpt_pgfault at P1 has:
        | grpid  | 7 |
        | cookie | 1 |
      And F1 has something to read

    Example: both, where there is room for them
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in groups 7 to 8
      When the user reads 80 bytes of F1 to P1
      Then bytes of the answer is 80
      And iommu_hwpt_pgfault at P1 + 40 has:
        | flags  | 3 |
        | grpid  | 8 |
        | cookie | 2 |

    Example: a second group is not split
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And d1 with PASID 5 asks to read 0x5000 in group 8, and for more
      And d1 with PASID 5 asks to read 0x6000 in group 8
      When the user reads 80 bytes of F1 to P1
      Then bytes of the answer is 40

    Example: a group that is not whole is not there
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7, and for more
      When the user reads 80 bytes of F1 to P1
      Then bytes of the answer is 0
      And d1 with PASID 5 asks to write 0x6000 in group 7
      And F1 has something to read

  @rule:IFD-FLT-04 @kind:observed @profile:iommufd
  Rule: Where there is no room for the first group the read is refused with EINVAL, and the group stays

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "group->fault_count * fault_size > count - done"

    Example: of two records, with room for one
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7, and for more
      And d1 with PASID 5 asks to write 0x6000 in group 7
      When the user reads 40 bytes of F1 to P1, refused with EINVAL
      Then the user reads 80 bytes of F1 to P1
      And bytes of the answer is 80

  @rule:IFD-FLT-05 @kind:hardened @profile:iommufd
  Rule: A group that cannot be copied stays as a whole, and the read ends with EFAULT

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "iommufd_fault_deliver_restore(fault, group)"

    Scenario Outline: to <where>
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7, and for more
      And d1 with PASID 5 asks to write 0x6000 in group 7
      When the user reads 80 bytes of F1 to <where>, refused with EFAULT
      Then the user reads 80 bytes of F1 to P1
      And iommu_hwpt_pgfault at P1 has:
        | addr   | 0x5000 |
        | cookie | 1      |

      Examples:
        | where      |
        | 0x10       |
        | P1 + 0xfd8 |

    Example: what was read before it counts
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in groups 7 to 8
      When the user reads 80 bytes of F1 to P1 + 0xfd8
      Then bytes of the answer is 40
      And F1 has something to read

  @rule:IFD-FLT-07 @kind:observed @profile:iommufd
  Rule: Each group is answered once

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "group = xa_erase(&fault->response, response.cookie);"

    Scenario Outline: with <code>
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And the user reads 40 bytes of F1 to P1
      When the user answers cookie 1 of F1 with code <code>
      Then the user answers cookie 1 of F1 with code <code>, refused with EINVAL

      Examples:
        | code |
        | 0    |
        | 1    |

    Example: and not before it was read
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      When the user answers cookie 1 of F1 with code 0, refused with EINVAL
      Then F1 has something to read

  @rule:IFD-FLT-08 @kind:observed @profile:iommufd
  Rule: What nobody has answered is refused when its device is detached, or its queue goes

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "iopf_group_response(group, IOMMU_PAGE_RESP_INVALID);"

    Example: what was read
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And the user reads 40 bytes of F1 to P1
      When the user detaches D1 with PASID 5
      Then the user answers cookie 1 of F1 with code 0, refused with EINVAL

    Example: what was not read
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      When the user detaches D1 with PASID 5
      Then F1 has nothing to read

    Example: and its HWPT and queue can go
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And the user detaches D1 with PASID 5
      And the user closes F1
      When the user calls IOMMU_DESTROY:
        | id | H1 |
      Then the user calls IOMMU_DESTROY:
        | id | Q1 |

  @rule:IFD-FLT-09 @kind:hardened @profile:iommufd
  Rule: What nobody has answered is refused when its device moves to another HWPT

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "iommufd_auto_response_faults(hwpt, old_handle);"

    Example: what was read
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And a HWPT H2 of I1 for D1 with flags PASID
      And d1 with PASID 5 asks to read 0x5000 in group 7
      And the user reads 40 bytes of F1 to P1
      When the user moves D1 with PASID 5 to H2
      Then the user answers cookie 1 of F1 with code 0, refused with EINVAL

    Example: what was not read
      Given d1 asks for pages, with PASIDs of 20 bits
      And an IOAS I1
      And the user binds d1 as D1
      And the user takes page faults of D1 with PASID 5 by H1 of I1, in Q1, F1
      And the user allocates 4 KiB as P1
      And a HWPT H2 of I1 for D1 with flags PASID
      And d1 with PASID 5 asks to read 0x5000 in group 7
      When the user moves D1 with PASID 5 to H2
      Then F1 has nothing to read
