@area:frame @needs:iommufd
Feature: What every ioctl of /dev/iommu has in common

  @rule:IFD-FRM-01 @kind:uapi @profile:iommufd
  Rule: An ioctl whose number is not in the table is refused with ENOTTY

    Source: Linux, include/uapi/linux/iommufd.h "The IOCTL number itself is not supported at all"

    Scenario Outline: number <request>
      When the user calls IOMMU_IOAS_ALLOC, refused with ENOTTY:
        | (request) | <request> |
      Then out_ioas_id of the answer is 0

      Examples:
        | request |
        | 0x3b7f  |
        | 0x3bf0  |
        | 0x3bff  |

  @rule:IFD-FRM-02 @kind:observed @profile:iommufd
  Rule: A structure whose size cannot be read is refused with EFAULT

    Source: Linux, include/uapi/linux/iommufd.h "providing the size of the structure in the first u32"

    Scenario Outline: of <ioctl>
      When the user calls <ioctl>, refused with EFAULT:
        | (memory) | nowhere |
      Then an IOAS I1

      Examples:
        | ioctl              |
        | IOMMU_DESTROY      |
        | IOMMU_IOAS_ALLOC   |
        | IOMMU_IOAS_MAP     |
        | IOMMU_HWPT_ALLOC   |
        | IOMMU_GET_HW_INFO  |
        | IOMMU_VIOMMU_ALLOC |

  @rule:IFD-FRM-03 @kind:uapi @profile:iommufd
  Rule: A number of the table with another direction, size or type is no such ioctl

    Source: Linux, include/uapi/linux/iommufd.h "The IOCTL number itself is not supported at all"

    Scenario Outline: <what>
      When the user calls IOMMU_IOAS_ALLOC, refused with ENOTTY:
        | (request) | <request> |
      Then out_ioas_id of the answer is 0

      Examples:
        | what             | request     |
        | with a direction | 0xc000_3b81 |
        | with a size      | 0xc_3b81    |
        | of another type  | 0x3c81      |

    Example: which shows before its size does
      When the user calls IOMMU_IOAS_ALLOC, refused with ENOTTY:
        | (request) | 0xc000_3b81 |
        | (length)  | 0           |
      Then out_ioas_id of the answer is 0

  @rule:IFD-FRM-04 @kind:observed @profile:iommufd
  Rule: A structure that is shorter than its command has ever been is refused with EINVAL

    Source: Linux, include/uapi/linux/iommufd.h "providing the size of the structure in the first u32"

    Scenario Outline: <ioctl> with <length> bytes
      When the user calls <ioctl>, refused with EINVAL:
        | (length) | <length> |
      Then an IOAS I1

      Examples:
        | ioctl                         | length |
        | IOMMU_DESTROY                 | 0      |
        | IOMMU_DESTROY                 | 7      |
        | IOMMU_IOAS_ALLOC              | 4      |
        | IOMMU_IOAS_ALLOC              | 11     |
        | IOMMU_IOAS_ALLOW_IOVAS        | 23     |
        | IOMMU_IOAS_COPY               | 39     |
        | IOMMU_IOAS_IOVA_RANGES        | 31     |
        | IOMMU_IOAS_MAP                | 39     |
        | IOMMU_IOAS_UNMAP              | 23     |
        | IOMMU_OPTION                  | 23     |
        | IOMMU_VFIO_IOAS               | 11     |
        | IOMMU_HWPT_ALLOC              | 23     |
        | IOMMU_GET_HW_INFO             | 31     |
        | IOMMU_HWPT_SET_DIRTY_TRACKING | 15     |
        | IOMMU_HWPT_GET_DIRTY_BITMAP   | 47     |
        | IOMMU_HWPT_INVALIDATE         | 31     |
        | IOMMU_FAULT_QUEUE_ALLOC       | 15     |
        | IOMMU_VIOMMU_ALLOC            | 23     |
        | IOMMU_VDEVICE_ALLOC           | 23     |
        | IOMMU_IOAS_CHANGE_PROCESS     | 7      |
        | IOMMU_VEVENTQ_ALLOC           | 31     |
        | IOMMU_HW_QUEUE_ALLOC          | 39     |

  @rule:IFD-FRM-05 @kind:uapi @profile:iommufd
  Rule: What a structure has beyond what is known must be 0, else it is refused with E2BIG

    Source: Linux, include/uapi/linux/iommufd.h "any structure space beyond what it understands is 0"

    Example: zeros
      When the user calls IOMMU_IOAS_ALLOC:
        | (tail) | 0 |
      Then out_ioas_id of the answer is 1

    Scenario Outline: <tail>
      When the user calls IOMMU_IOAS_ALLOC, refused with E2BIG:
        | (tail) | <tail> |
      Then out_ioas_id of the answer is 0

      Examples:
        | tail                  |
        | 1                     |
        | 0x8000_0000_0000_0000 |

    Example: beyond its size nobody looks
      When the user calls IOMMU_IOAS_ALLOC:
        | (tail)   | 1  |
        | (length) | 12 |
      Then out_ioas_id of the answer is 1

    Example: a size that its memory does not have
      When the user calls IOMMU_IOAS_ALLOC, refused with EFAULT:
        | (length) | 0xffff_ffff |
      Then out_ioas_id of the answer is 0

    Example: which shows before what the command would refuse
      When the user calls IOMMU_IOAS_ALLOC, refused with E2BIG:
        | flags  | 1 |
        | (tail) | 1 |
      Then out_ioas_id of the answer is 0

  @rule:IFD-FRM-06 @kind:uapi @profile:iommufd
  Rule: What a shorter structure leaves out reads as 0

    Source: Linux, include/uapi/linux/iommufd.h "This allows userspace to use the backward compatible portion"

    Example: the data of a HWPT
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1          |
        | pt_id       | I1          |
        | data_type   | 1           |
        | data_len    | 0xffff_ffff |
        | data_uptr   | 0x10        |
        | fault_id    | missing     |
        | (length)    | 24          |
        | out_hwpt_id | H1          |
      Then the user attaches D1 to H1

    Example: the data of a virtual IOMMU
      Given an IOAS I1
      When the user calls IOMMU_VIOMMU_ALLOC, refused with ENOENT:
        | type      | 1           |
        | dev_id    | missing     |
        | data_len  | 0xffff_ffff |
        | data_uptr | 0x10        |
        | (length)  | 24          |
      Then out_viommu_id of the answer is 0

  @rule:IFD-FRM-07 @kind:observed @profile:iommufd
  Rule: An object that the user cannot be told of is not there

    Source: Linux, drivers/iommu/iommufd/main.c "must use iommufd_object_abort() to handle their errors"

    Example: an IOAS
      When the user calls IOMMU_IOAS_ALLOC, refused with EFAULT:
        | (memory) | read-only |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 1 |
      And the user calls IOMMU_IOAS_ALLOC:
        | flags | 0 |
      And out_ioas_id of the answer is 1

    Example: a HWPT, and the IOAS is free of it
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EFAULT:
        | dev_id   | D1        |
        | pt_id    | I1        |
        | (memory) | read-only |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 3 |
      And the user calls IOMMU_DESTROY:
        | id | I1 |

    Example: a fault queue
      When the user calls IOMMU_FAULT_QUEUE_ALLOC, refused with EFAULT:
        | (memory) | read-only |
      Then the user calls IOMMU_DESTROY, refused with ENOENT:
        | id | 1 |

  @rule:IFD-FRM-08 @kind:uapi @profile:iommufd
  Rule: The answer is copied back as far as the user has the structure

    Source: Linux, include/uapi/linux/iommufd.h "This allows userspace to use the backward compatible portion"

    Example: bytes after a short structure stay
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC:
        | dev_id    | D1                    |
        | pt_id     | I1                    |
        | data_uptr | 0x1122_3344_5566_7788 |
        | fault_id  | 0x99aa_bbcc           |
        | (length)  | 24                    |
      Then out_hwpt_id of the answer is 3
      And data_uptr of the answer is 0x1122_3344_5566_7788
      And fault_id of the answer is 0x99aa_bbcc

  @rule:IFD-FRM-09 @kind:uapi @profile:iommufd
  Rule: Flags that are not known, and reserved members that are not 0, are refused with EOPNOTSUPP

    Source: Linux, include/uapi/linux/iommufd.h "known field has a value the kernel does not understand or support"

    Scenario Outline: <member> of <ioctl>
      When the user calls <ioctl>, refused with EOPNOTSUPP:
        | <member> | <value> |
      Then an IOAS I1

      Examples:
        | ioctl                         | member     | value       |
        | IOMMU_IOAS_ALLOC              | flags      | 1           |
        | IOMMU_IOAS_ALLOW_IOVAS        | __reserved | 1           |
        | IOMMU_IOAS_COPY               | flags      | 8           |
        | IOMMU_IOAS_IOVA_RANGES        | __reserved | 1           |
        | IOMMU_IOAS_MAP                | flags      | 8           |
        | IOMMU_IOAS_MAP                | __reserved | 1           |
        | IOMMU_OPTION                  | __reserved | 1           |
        | IOMMU_OPTION                  | option_id  | 7           |
        | IOMMU_VFIO_IOAS               | __reserved | 1           |
        | IOMMU_VFIO_IOAS               | op         | 3           |
        | IOMMU_HWPT_ALLOC              | __reserved | 1           |
        | IOMMU_GET_HW_INFO             | flags      | 0x80        |
        | IOMMU_GET_HW_INFO             | __reserved | 1           |
        | IOMMU_HWPT_SET_DIRTY_TRACKING | flags      | 2           |
        | IOMMU_HWPT_GET_DIRTY_BITMAP   | flags      | 2           |
        | IOMMU_HWPT_GET_DIRTY_BITMAP   | __reserved | 1           |
        | IOMMU_HWPT_INVALIDATE         | __reserved | 1           |
        | IOMMU_FAULT_QUEUE_ALLOC       | flags      | 1           |
        | IOMMU_VIOMMU_ALLOC            | flags      | 0x8000_0000 |
        | IOMMU_IOAS_CHANGE_PROCESS     | __reserved | 1           |
        | IOMMU_VEVENTQ_ALLOC           | flags      | 1           |
        | IOMMU_VEVENTQ_ALLOC           | __reserved | 1           |
        | IOMMU_HW_QUEUE_ALLOC          | flags      | 1           |
