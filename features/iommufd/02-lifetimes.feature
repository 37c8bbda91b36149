@area:objects @needs:iommufd
Feature: What keeps an object of /dev/iommu, and what takes it along

  @rule:IFD-OBJ-06 @kind:observed @profile:iommufd
  Rule: A queue is not destroyed while its file is open

    Source: Linux, Documentation/userspace-api/iommufd.rst "This queue object provides user space an FD to poll"

    Example: of page faults
      Given the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q1 |
        | out_fault_fd | F1 |
      When the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | Q1 |
      Then F1 has nothing to read
      And the user closes F1
      And the user calls IOMMU_DESTROY:
        | id | Q1 |

  @rule:IFD-OBJ-07 @kind:observed @profile:iommufd
  Rule: When /dev/iommu is closed everything goes, what nothing stands on first

    Source: Linux, drivers/iommu/iommufd/main.c "we have to destroy them in a depth first manner"

    Example: a device that is attached reaches nothing any more
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user calls IOMMU_IOAS_MAP:
        | flags   | FIXED_IOVA + READABLE + WRITEABLE |
        | ioas_id | I1                                |
        | user_va | P1                                |
        | length  | 0x1000                            |
        | iova    | 0x1_0000                          |
      And the user attaches D1 to I1
      And d1 reads 0x1_0000
      When the user closes /dev/iommu
      Then d1 reading 0x1_0000 faults

    @needs:nesting
    Example: guests' tables on a nest parent
      Given an IOAS I1
      And the user binds d1 as D1
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1          |
        | pt_id       | I1          |
        | flags       | NEST_PARENT |
        | out_hwpt_id | H1          |
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      And the user attaches D1 to H2
      When the user closes /dev/iommu
      Then an IOAS I1

  @rule:IFD-OBJ-08 @kind:uapi @profile:iommufd
  Rule: A HWPT that was made for devices goes with the last of them, and one that the user made stays

    Source: Linux, Documentation/userspace-api/iommufd.rst "IOMMUFD_OBJ_HWPT_PAGING is automatically created when an external driver"

    Example: one that was made by attaching to an IOAS
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1, as H1
      When the user detaches D1
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | H1 |

    Example: or that its last device leaves for another
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And the user attaches D1 to I1, as H1
      When the user moves D1 to I2, as H2
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | H1 |
      And the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: but not with the first of two
      Given an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1, as H1
      And the user attaches D2 to I1, as H2
      When the user detaches D1
      Then the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |
      And the user moves D2 to H1

    Example: one that the user made
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      When the user detaches D1
      Then the user calls IOMMU_DESTROY:
        | id | H1 |

  @rule:IFD-OBJ-10 @kind:observed @profile:iommufd
  Rule: What stands on an object holds it, in whatever order they are to go

    Source: Linux, drivers/iommu/iommufd/main.c "The objects in the xarray form a graph of users counts"

    @needs:nesting
    Scenario Outline: <first> before what stands on it
      Given an IOAS I1
      And the user binds d1 as D1
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1          |
        | pt_id       | I1          |
        | flags       | NEST_PARENT |
        | out_hwpt_id | H1          |
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | <first> |
      Then the user attaches D1 to H2

      Examples:
        | first |
        | I1    |
        | H1    |
        | D1    |

  @rule:IFD-OBJ-11 @kind:observed @profile:iommufd
  Rule: The virtual device of a device that is unbound goes with it, and its id is not given again

    Source: Linux, drivers/iommu/iommufd/device.c "iommufd_device_pre_destroy"
    Excluded: no driver below offers virtual devices yet
