@area:invalidate @needs:iommufd
Feature: IOMMU_HWPT_INVALIDATE: what is looked at, and what it says that it did

  @rule:IFD-INV-01 @kind:observed @profile:iommufd
  Rule: Reserved members come first, then an array that is nowhere or has no length, then the id, then what it is

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "if (cmd->entry_num && (!cmd->data_uptr || !cmd->entry_len))"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_INVALIDATE, refused with <errno>:
        | hwpt_id    | <id>       |
        | data_uptr  | <address>  |
        | entry_len  | <bytes>    |
        | entry_num  | <entries>  |
        | __reserved | <reserved> |
      Then entry_num of the answer is 0

      Examples:
        | what                                     | id      | address | bytes | entries | reserved | errno      |
        | a reserved member                        | I1      | 0x10    | 16    | 1       | 1        | EOPNOTSUPP |
        | a reserved member, and no array          | I1      | 0       | 0     | 1       | 1        | EOPNOTSUPP |
        | a reserved member, and no such object    | missing | 0x10    | 16    | 1       | 1        | EOPNOTSUPP |
        | no array                                 | I1      | 0       | 16    | 1       | 0        | EINVAL     |
        | no array, and no such object             | missing | 0       | 16    | 1       | 0        | EINVAL     |
        | entries without a length, no such object | missing | 0x10    | 0     | 1       | 0        | EINVAL     |
        | no such object                           | missing | 0x10    | 16    | 1       | 0        | ENOENT     |
        | no such object, and no entries           | missing | 0       | 0     | 0       | 0        | ENOENT     |
        | an IOAS                                  | I1      | 0x10    | 16    | 1       | 0        | EINVAL     |
        | a device                                 | D1      | 0x10    | 16    | 1       | 0        | EINVAL     |
        | an IOAS, and no entries                  | I1      | 0       | 0     | 0       | 0        | EINVAL     |

    Example: a HWPT on an IOAS
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_HWPT_INVALIDATE, refused with EINVAL:
        | hwpt_id | H1 |
      Then entry_num of the answer is 0

  @rule:IFD-INV-02 @kind:uapi @profile:iommufd
  Rule: How many entries were carried out is told whatever becomes of the call

    Source: Linux, include/uapi/linux/iommufd.h "Output the number of requests successfully handled by kernel"

    Scenario Outline: none, <what>
      Given an IOAS I1
      When the user calls IOMMU_HWPT_INVALIDATE, refused with <errno>:
        | hwpt_id    | <id>        |
        | data_uptr  | <address>   |
        | entry_len  | 16          |
        | entry_num  | 0xffff_ffff |
        | __reserved | <reserved>  |
      Then entry_num of the answer is 0

      Examples:
        | what              | id      | address | reserved | errno      |
        | a reserved member | I1      | 0x10    | 1        | EOPNOTSUPP |
        | no array          | I1      | 0       | 0        | EINVAL     |
        | no such object    | missing | 0x10    | 0        | ENOENT     |
        | an IOAS           | I1      | 0x10    | 0        | EINVAL     |

    @needs:nesting
    Scenario Outline: <entries>
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
        | (entries) | <entries> |
      Then entry_num of the answer is <number>

      Examples:
        | entries                            | number |
        | everything                         | 1      |
        | everything, everything, everything | 3      |

  @rule:IFD-INV-03 @kind:observed @profile:iommufd
  Rule: Where that cannot be told nothing else counts: EFAULT

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "if (iommufd_ucmd_respond(ucmd, sizeof(*cmd))) return -EFAULT"

    Scenario Outline: instead of <errno>
      Given an IOAS I1
      When the user calls IOMMU_HWPT_INVALIDATE, refused with EFAULT:
        | hwpt_id    | <id>       |
        | __reserved | <reserved> |
        | (memory)   | read-only  |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

      Examples:
        | errno      | id      | reserved |
        | EOPNOTSUPP | I1      | 1        |
        | ENOENT     | missing | 0        |
        | EINVAL     | I1      | 0        |

    @needs:nesting
    Example: instead of success
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
        | (memory)  | read-only  |
      Then the user calls IOMMU_DESTROY:
        | id | H2 |

  @rule:IFD-INV-10 @kind:observed @profile:iommufd
  Rule: What was made through a virtual IOMMU is invalidated through that: EOPNOTSUPP

    Source: Linux, include/uapi/linux/iommufd.h "cache can be flushed if a vIOMMU is passed in"
    Excluded: no driver below offers virtual IOMMUs yet
