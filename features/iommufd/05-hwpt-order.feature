@area:hwpt @needs:iommufd
Feature: IOMMU_HWPT_ALLOC: what is looked at, and in which order

  @rule:IFD-HWPT-01 @kind:uapi @profile:iommufd
  Rule: A reserved member that is not 0 is refused with EOPNOTSUPP before anything else

    Source: Linux, include/uapi/linux/iommufd.h "@__reserved: Must be 0"

    Scenario Outline: with <what>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id     | <device> |
        | pt_id      | I1       |
        | data_len   | <bytes>  |
        | __reserved | 1        |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |

      Examples:
        | what                | device  | bytes |
        | nothing else wrong  | D1      | 0     |
        | data without a type | D1      | 8     |
        | no such device      | missing | 0     |

  @rule:IFD-HWPT-02 @kind:uapi @profile:iommufd
  Rule: Data has a type and a length or neither, else EINVAL, whatever the device is

    Source: Linux, include/uapi/linux/iommufd.h "Otherwise, both @data_len and @data_uptr must be given"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id    | <device> |
        | pt_id     | I1       |
        | data_type | <type>   |
        | data_len  | <bytes>  |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |

      Examples:
        | what                               | device  | type | bytes |
        | a length alone                     | D1      | 0    | 8     |
        | a type alone                       | D1      | 1    | 0     |
        | a length alone, and no such device | missing | 0    | 8     |
        | a type alone, and no such device   | missing | 1    | 0     |

    Example: neither
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC:
        | dev_id | D1 |
        | pt_id  | I1 |
      Then out_hwpt_id of the answer is 3

  @rule:IFD-HWPT-03 @kind:uapi @profile:iommufd
  Rule: A device that is not there is refused with ENOENT, whatever the HWPT is to stand on

    Source: Linux, include/uapi/linux/iommufd.h "ENOENT: An ID or IOVA provided does not exist"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with ENOENT:
        | dev_id | <device> |
        | pt_id  | <pt>     |
        | flags  | <flags>  |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |

      Examples:
        | what                        | device  | pt      | flags |
        | no object                   | missing | I1      | 0     |
        | an object of another type   | I1      | I1      | 0     |
        | and nothing to stand on     | missing | missing | 0     |
        | and flags that nobody knows | missing | I1      | 0x10  |

  @rule:IFD-HWPT-04 @kind:observed @profile:iommufd
  Rule: Nothing to stand on is refused with EINVAL, whatever the flags are

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "iommufd_get_object(ucmd->ictx, cmd->pt_id, IOMMUFD_OBJ_ANY)"

    Scenario Outline: <what>
      Given the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id | D1      |
        | pt_id  | missing |
        | flags  | <flags> |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 2 |

      Examples:
        | what                        | flags          |
        | no object                   | 0              |
        | and flags that nobody knows | 0x10           |
        | and no fault queue          | FAULT_ID_VALID |

  @rule:IFD-HWPT-05 @kind:uapi @profile:iommufd
  Rule: On an IOAS, flags that are not known, do not go together or cannot be done, and data, are refused with EOPNOTSUPP

    Source: Linux, include/uapi/linux/iommufd.h "known field has a value the kernel does not understand or support"

    Scenario Outline: the flags <flags>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id   | D1      |
        | pt_id    | I1      |
        | flags    | <flags> |
        | fault_id | missing |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

      Examples:
        | flags                        |
        | 0x10                         |
        | 0x8000_0000                  |
        | 0x10 + FAULT_ID_VALID        |
        | NEST_PARENT + FAULT_ID_VALID |

    Example: dirty pages that nobody notes
      Given IOMMU 0 has no way to note dirty pages
      And an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id | D1             |
        | pt_id  | I1             |
        | flags  | DIRTY_TRACKING |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: data
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id  | D1        |
        | pt_id   | I1        |
        | (guest) | 0x10_0000 |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

  @rule:IFD-HWPT-11 @kind:hardened @profile:iommufd
  Rule: The second reserved member must be 0 as well, else EOPNOTSUPP

    Source: Linux, include/uapi/linux/iommufd.h "@__reserved2: Padding to 64-bit alignment. Must be 0"

    Example: and nothing is made
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id      | D1 |
        | pt_id       | I1 |
        | __reserved2 | 1  |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |
