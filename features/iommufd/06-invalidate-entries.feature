@area:invalidate @needs:iommufd @needs:nesting
Feature: IOMMU_HWPT_INVALIDATE: the entries of a guest

  @rule:IFD-INV-04 @kind:observed @profile:iommufd
  Rule: Entries are carried out in order, up to the first that is wrong

    Source: Linux, include/uapi/linux/iommufd.h "Output the number of requests successfully handled by kernel"

    Scenario Outline: <entries>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE, refused with EINVAL:
        | hwpt_id   | H2        |
        | (entries) | <entries> |
      Then entry_num of the answer is <number>

      Examples:
        | entries                           | number |
        | malformed, everything             | 0      |
        | everything, malformed, everything | 1      |
        | everything, everything, malformed | 2      |

    Example: those before it are done
      Given an IOAS I1
      And the user binds d1 as D1
      And a guest H2 of I1 for D1 in P1
      And the user attaches D1 to H2
      And d1 reads 0x1008
      And the user lets the guest unmap 0x1000 in its tables at P1, GPA 0x10_0000
      When the user calls IOMMU_HWPT_INVALIDATE, refused with EINVAL:
        | hwpt_id   | H2                    |
        | (entries) | everything, malformed |
      Then d1 reading 0x1008 faults

  @rule:IFD-INV-05 @kind:uapi @profile:iommufd
  Rule: What is said to be done has been done

    Source: Linux, include/uapi/linux/iommufd.h "Output the number of requests successfully handled by kernel"

    Example: what cannot be read has not
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE, refused with EFAULT:
        | hwpt_id   | H2         |
        | (entries) | everything |
        | data_uptr | 0x10       |
      Then entry_num of the answer is 0

    Example: an entry, and it is forgotten
      Given an IOAS I1
      And the user binds d1 as D1
      And a guest H2 of I1 for D1 in P1
      And the user attaches D1 to H2
      And d1 reads 0x1008
      And the user lets the guest map 0x1000 to GPA 0x10_9000 in its tables at P1, GPA 0x10_0000
      When the user calls IOMMU_HWPT_INVALIDATE:
        | hwpt_id   | H2         |
        | (entries) | everything |
      Then d1 writing 0x1008 reaches P1 + 0x9008 of the user

  @rule:IFD-INV-06 @kind:uapi @profile:iommufd
  Rule: An empty array asks whether the type is known, and what is said of entries is ignored

    Source: Linux, include/uapi/linux/iommufd.h "check if the given @data_type is supported or not by kernel"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE:
        | hwpt_id   | H2        |
        | (entries) | none      |
        | data_uptr | <address> |
        | entry_len | <bytes>   |
      Then entry_num of the answer is 0

      Examples:
        | what                  | address | bytes       |
        | nothing               | 0       | 0           |
        | an address of nothing | 0x10    | 16          |
        | a length of anything  | 0       | 0xffff_ffff |

    Example: a type that nobody knows
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE, refused:
        | hwpt_id   | H2     |
        | (entries) | none   |
        | data_type | 0x7fff |
      Then entry_num of the answer is 0

  @rule:IFD-INV-07 @kind:observed @profile:iommufd
  Rule: Entries of a type that the HWPT does not take are refused, and none is carried out

    Source: Linux, include/uapi/linux/iommufd.h "should be a type supported by the hwpt pointed by @hwpt_id"

    Example: whatever the entries are
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE, refused:
        | hwpt_id   | H2                     |
        | (entries) | everything, everything |
        | data_type | 0x7fff                 |
      Then entry_num of the answer is 0

  @rule:IFD-INV-08 @kind:observed @profile:iommufd
  Rule: Entries are as far from one another as the user says; a length that is too short is refused with EINVAL

    Source: Linux, include/uapi/linux/iommufd.h "that has a total size of @entry_len * @entry_num"

    Scenario Outline: <bytes> bytes
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE, refused with EINVAL:
        | hwpt_id   | H2                     |
        | (entries) | everything, everything |
        | entry_len | <bytes>                |
      Then entry_num of the answer is 0

      Examples:
        | bytes |
        | 1     |
        | 3     |

    Example: more than anybody knows
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_INVALIDATE, refused:
        | hwpt_id   | H2                     |
        | (entries) | everything, everything |
        | entry_len | 0xffff_ffff            |
      Then entry_num of the answer is 0

  @rule:IFD-INV-09 @kind:hardened @profile:iommufd
  Rule: What could not be carried out for want of memory is not said to be done

    Source: Linux, include/uapi/linux/iommufd.h "Output the number of requests successfully handled by kernel"
    Excluded: the drivers below take no memory for the entries of a guest

  @rule:IFD-INV-11 @kind:uapi @profile:iommufd
  Rule: When the call returns the hardware uses nothing that the guest has taken away

    Source: Linux, include/uapi/linux/iommufd.h "Modifications on a user-managed page table should be followed by this"

    Example: a page that was unmapped
      Given an IOAS I1
      And the user binds d1 as D1
      And a guest H2 of I1 for D1 in P1
      And the user attaches D1 to H2
      And d1 reads 0x1008
      And the user lets the guest unmap 0x1000 in its tables at P1, GPA 0x10_0000
      When the user calls IOMMU_HWPT_INVALIDATE:
        | hwpt_id   | H2         |
        | (entries) | everything |
      Then d1 reading 0x1008 faults
