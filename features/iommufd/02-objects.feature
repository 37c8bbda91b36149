@area:objects @needs:iommufd
Feature: Objects of /dev/iommu: their ids, and how long they live

  @rule:IFD-OBJ-01 @kind:uapi @profile:iommufd
  Rule: An id that leads nowhere, or to an object of another type, is refused with ENOENT

    Source: Linux, include/uapi/linux/iommufd.h "An ID or IOVA provided does not exist"

    Scenario Outline: <member> of <ioctl>, <id>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls <ioctl>, refused with ENOENT:
        | <member> | <id>    |
        | <other>  | <value> |
      Then the user attaches D1 to I1

      Examples:
        | ioctl                         | member        | id      | other         | value                 |
        | IOMMU_IOAS_ALLOW_IOVAS        | ioas_id       | missing | num_iovas     | 0                     |
        | IOMMU_IOAS_ALLOW_IOVAS        | ioas_id       | D1      | num_iovas     | 0                     |
        | IOMMU_IOAS_COPY               | src_ioas_id   | D1      | flags         | FIXED_IOVA + READABLE |
        | IOMMU_IOAS_IOVA_RANGES        | ioas_id       | D1      | num_iovas     | 0                     |
        | IOMMU_IOAS_MAP                | ioas_id       | D1      | flags         | FIXED_IOVA + READABLE |
        | IOMMU_IOAS_UNMAP              | ioas_id       | D1      | length        | 0x1000                |
        | IOMMU_OPTION                  | object_id     | D1      | option_id     | HUGE_PAGES            |
        | IOMMU_HWPT_ALLOC              | dev_id        | missing | pt_id         | I1                    |
        | IOMMU_HWPT_ALLOC              | dev_id        | I1      | pt_id         | I1                    |
        | IOMMU_GET_HW_INFO             | dev_id        | I1      | data_len      | 0                     |
        | IOMMU_HWPT_SET_DIRTY_TRACKING | hwpt_id       | I1      | flags         | ENABLE                |
        | IOMMU_HWPT_GET_DIRTY_BITMAP   | hwpt_id       | I1      | page_size     | 0x1000                |
        | IOMMU_HWPT_INVALIDATE         | hwpt_id       | missing | entry_num     | 0                     |
        | IOMMU_VIOMMU_ALLOC            | dev_id        | I1      | type          | 1                     |
        | IOMMU_VDEVICE_ALLOC           | viommu_id     | I1      | dev_id        | D1                    |

    Example: a virtual IOMMU for events
      Given an IOAS I1
      When the user calls IOMMU_VEVENTQ_ALLOC, refused with ENOENT:
        | viommu_id     | I1 |
        | type          | 1  |
        | veventq_depth | 1  |
      Then out_veventq_id of the answer is 0

    Example: a virtual IOMMU for a queue of the hardware
      Given an IOAS I1
      When the user calls IOMMU_HW_QUEUE_ALLOC, refused with ENOENT:
        | viommu_id | I1     |
        | type      | 1      |
        | length    | 0x1000 |
      Then out_hw_queue_id of the answer is 0

    Example: a table to attach to
      Given an IOAS I1
      And the user binds d1 as D1
      When the user attaches D1 to missing, refused with ENOENT
      Then the user attaches D1 to I1

  @rule:IFD-OBJ-02 @kind:observed @profile:iommufd
  Rule: What a HWPT is to stand on, and is not there, is refused with EINVAL

    Source: Linux, include/uapi/linux/iommufd.h "The IOAS or HWPT or vIOMMU to connect this HWPT to"

    Scenario Outline: <id>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EINVAL:
        | dev_id | D1   |
        | pt_id  | <id> |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |

      Examples:
        | id      |
        | missing |
        | 0       |
        | D1      |

  @rule:IFD-OBJ-03 @kind:uapi @profile:iommufd
  Rule: An object is destroyed once; after that its id leads nowhere

    Source: Linux, include/uapi/linux/iommufd.h "Destroy any object held within iommufd"

    Example: twice
      Given an IOAS I1
      When the user calls IOMMU_DESTROY:
        | id | I1 |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | I1 |

    Example: an id that was never given
      When the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | missing |
      Then an IOAS I1

  @rule:IFD-OBJ-04 @kind:observed @profile:iommufd
  Rule: An object that is used is not destroyed, and stays as it is

    Source: Linux, drivers/iommu/iommufd/main.c "if the only reference to the object is held by the xarray"

    Example: an IOAS with a HWPT
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | I1 |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |
      And the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: a HWPT that is attached, and its device goes on
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the user allocates 4 KiB as P1
      And the user calls IOMMU_IOAS_MAP:
        | flags   | FIXED_IOVA + READABLE + WRITEABLE |
        | ioas_id | I1                                |
        | user_va | P1                                |
        | length  | 0x1000                            |
        | iova    | 0x1_0000                          |
      And the user attaches D1 to H1
      When the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H1 |
      Then d1 writing 0x1_0008 reaches P1 + 8 of the user

    @needs:nesting
    Example: a nest parent with a guest's tables
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
        | id | H1 |
      Then the user calls IOMMU_DESTROY:
        | id | H2 |
      And the user calls IOMMU_DESTROY:
        | id | H1 |

    Example: a fault queue with a HWPT
      Given an IOAS I1
      And the user binds d1 as D1
      And the user calls IOMMU_FAULT_QUEUE_ALLOC:
        | out_fault_id | Q1 |
        | out_fault_fd | F1 |
      And the user closes F1
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1             |
        | pt_id       | I1             |
        | flags       | FAULT_ID_VALID |
        | fault_id    | Q1             |
        | out_hwpt_id | H1             |
      When the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | Q1 |
      Then the user calls IOMMU_DESTROY:
        | id | H1 |
      And the user calls IOMMU_DESTROY:
        | id | Q1 |

  @rule:IFD-OBJ-05 @kind:observed @profile:iommufd
  Rule: A device that is bound is not destroyed by the user

    Source: Linux, drivers/iommu/iommufd/device.c "The calling driver is a user until iommufd_device_unbind()"

    Example: and can be attached afterwards
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | D1 |
      Then the user attaches D1 to I1

    Example: but whoever bound it unbinds it
      Given the user binds d1 as D1
      When the user unbinds D1
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | D1 |

  @rule:IFD-OBJ-09 @kind:observed @profile:iommufd
  Rule: Ids begin at 1, and 0 is never one

    Source: Linux, drivers/iommu/iommufd/main.c "XA_FLAGS_ALLOC1"

    Example: the first
      When the user calls IOMMU_IOAS_ALLOC:
        | flags | 0 |
      Then out_ioas_id of the answer is 1

    Example: nothing is called 0
      Given an IOAS I1
      When the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 0 |
      Then the user calls IOMMU_DESTROY:
        | id | I1 |
