@area:hwpt @needs:iommufd
Feature: IOMMU_HWPT_ALLOC for a guest's tables

  @rule:IFD-HWPT-06 @kind:uapi @profile:iommufd @needs:nesting
  Rule: A guest's tables stand on a nest parent that the user made, else EINVAL; flags of a parent, or no data, come first: EOPNOTSUPP

    Source: Linux, Documentation/userspace-api/iommufd.rst "must be a nesting parent manually allocated via the same uAPI"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags <parent>
      When the user calls IOMMU_HWPT_ALLOC, refused with <errno>:
        | dev_id  | D1        |
        | pt_id   | H1        |
        | flags   | <flags>   |
        | (guest) | 0x10_0000 |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

      Examples:
        | what                                    | parent      | flags          | errno      |
        | dirty tracking                          | NEST_PARENT | DIRTY_TRACKING | EOPNOTSUPP |
        | a parent itself                         | NEST_PARENT | NEST_PARENT    | EOPNOTSUPP |
        | flags that nobody knows                 | NEST_PARENT | 0x10           | EOPNOTSUPP |
        | on a HWPT that is no nest parent        | 0           | 0              | EINVAL     |
        | dirty tracking on one that is no parent | 0           | DIRTY_TRACKING | EOPNOTSUPP |

    Example: no data
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id | D1 |
        | pt_id  | H1 |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

    Example: no data on one that is no parent
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id | D1 |
        | pt_id  | H1 |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

    Example: on a HWPT that was made for a device
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1, as H1
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id  | D1        |
        | pt_id   | H1        |
        | (guest) | 0x10_0000 |
      Then the user detaches D1

  @rule:IFD-HWPT-07 @kind:uapi @profile:iommufd
  Rule: A guest's tables on a virtual IOMMU are for a device behind the same hardware, else EINVAL

    Source: Linux, include/uapi/linux/iommufd.h "must be associated to the same IOMMU instance"
    Excluded: no driver below offers virtual IOMMUs yet; drivers/iommufd/events.test.ts holds the core to it

  @rule:IFD-HWPT-08 @kind:uapi @profile:iommufd
  Rule: On anything else no HWPT can stand: EINVAL

    Source: Linux, include/uapi/linux/iommufd.h "The IOAS or HWPT or vIOMMU to connect this HWPT to"

    @needs:nesting
    Example: a guest's tables
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id  | D1        |
        | pt_id   | H2        |
        | (guest) | 0x10_0000 |
      Then the user calls IOMMU_DESTROY:
        | id | H2 |

    Example: a device
      Given the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id | D1 |
        | pt_id  | D1 |
      Then the user unbinds D1

    Example: a fault queue
      Given the user binds d1 as D1
      And the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q1 |
        | out_fault_fd | F1 |
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id | D1 |
        | pt_id  | Q1 |
      Then the user closes F1
      And the user calls IOMMU_DESTROY:
        | id | Q1 |

  @rule:IFD-HWPT-10 @kind:observed @profile:iommufd
  Rule: A driver that makes something else of a guest's tables is not believed: EOPNOTSUPP

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "WARN_ON_ONCE(hwpt->domain->type != IOMMU_DOMAIN_NESTED)"
    Excluded: only a driver that is wrong shows it; drivers/iommufd/wrong-drivers.test.ts has one

  @rule:IFD-HWPT-14 @kind:observed @profile:iommufd @needs:nesting
  Rule: A guest's data has a type and a length that the hardware knows, and can be read: EINVAL, then EFAULT

    Source: Linux, include/uapi/linux/iommufd.h "must be set to a pre-defined type corresponding to an"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      When the user calls IOMMU_HWPT_ALLOC, refused with <errno>:
        | dev_id   | D1        |
        | pt_id    | H1        |
        | (guest)  | 0x10_0000 |
        | <member> | <value>   |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

      Examples:
        | what                    | member    | value       | errno  |
        | one byte                | data_len  | 1           | EINVAL |
        | more than anybody knows | data_len  | 0x1000      | EINVAL |
        | as much as can be said  | data_len  | 0xffff_ffff | EINVAL |
        | nowhere                 | data_uptr | 0x10        | EFAULT |

    Example: another type
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      When the user calls IOMMU_HWPT_ALLOC, refused:
        | dev_id    | D1        |
        | pt_id     | H1        |
        | (guest)   | 0x10_0000 |
        | data_type | 0x7fff    |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |
