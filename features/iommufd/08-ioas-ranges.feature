@area:ioas @needs:iommufd
Feature: IOVAs that an IOAS has, and its options

  @rule:IFD-IOAS-09 @kind:uapi @profile:iommufd
  Rule: The IOVAs that can be mapped are told as far as there is room, and how many ranges there are always

    Source: Linux, include/uapi/linux/iommufd.h "return -EMSGSIZE and set num_iovas to the required value"

    Example: all of them at first
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      When the user calls IOMMU_IOAS_IOVA_RANGES:
        | ioas_id       | I1 |
        | num_iovas     | 4  |
        | allowed_iovas | P1 |
      Then num_iovas of the answer is 1
      And out_iova_alignment of the answer is 1
      And iommu_iova_range at P1 has:
        | start | 0                     |
        | last  | 0xffff_ffff_ffff_ffff |

    Example: no room
      Given an IOAS I1
      When the user calls IOMMU_IOAS_IOVA_RANGES, refused with EMSGSIZE:
        | ioas_id   | I1 |
        | num_iovas | 0  |
      Then num_iovas of the answer is 1
      And out_iova_alignment of the answer is 1

    Example: room for one of two
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user calls IOMMU_IOAS_IOVA_RANGES, refused with EMSGSIZE:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      Then iommu_iova_range at P1 has:
        | last | 0x1fff_ffff |

    Example: what follows the reserved region
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user calls IOMMU_IOAS_IOVA_RANGES:
        | ioas_id       | I1 |
        | num_iovas     | 8  |
        | allowed_iovas | P1 |
      Then iommu_iova_range at P1 + 0x10 has:
        | start | 0x2001_0000 |

    Example: nowhere to tell it
      Given an IOAS I1
      When the user calls IOMMU_IOAS_IOVA_RANGES, refused with EFAULT:
        | ioas_id       | I1   |
        | num_iovas     | 1    |
        | allowed_iovas | 0x10 |
      Then an IOAS I2

  @rule:IFD-IOAS-10 @kind:uapi @profile:iommufd
  Rule: The allowed ranges replace those before, all of them or none

    Source: Linux, include/uapi/linux/iommufd.h "This call replaces the entire allowed list with the given list"

    Example: all of them
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0x1000_0000 |
        | last  | 0x1000_0fff |
      And the user puts iommu_iova_range at P1 + 0x10:
        | start | 0x3000_0000 |
        | last  | 0x3000_0fff |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      When the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1        |
        | num_iovas     | 1         |
        | allowed_iovas | P1 + 0x10 |
      Then the user maps 4 KiB of P1 in I1
      And iova of the answer is 0x3000_0000

    Scenario Outline: none, with <start> to <last> and 0x3000_1000 to 0x3000_3000
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0x3000_1000 |
        | last  | 0x3000_3000 |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      And the user puts iommu_iova_range at P1 + 0x10:
        | start | <start> |
        | last  | <last>  |
      When the user calls IOMMU_IOAS_ALLOW_IOVAS, refused with EINVAL:
        | ioas_id       | I1 |
        | num_iovas     | 2  |
        | allowed_iovas | P1 |
      Then the user maps 4 KiB of P1 in I1
      And iova of the answer is 0x3000_1000

      Examples:
        | start       | last        |
        | 0x1000_0000 | 0x1000_0000 |
        | 0x1000_1000 | 0x1000_0fff |
        | 0x3000_3000 | 0x3000_4000 |
        | 0x3000_0000 | 0x3000_1000 |

    Example: none, where a device cannot use one
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0x2000_f000 |
        | last  | 0x2001_0fff |
      When the user calls IOMMU_IOAS_ALLOW_IOVAS, refused with EADDRINUSE:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      Then the user maps 4 KiB of P1 in I1 at 0x3000_0000

    Example: those before are still allowed then
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0x3000_0000 |
        | last  | 0x3000_0fff |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      And the user puts iommu_iova_range at P1 + 0x10:
        | start | 0xffff_ffff_0000_0000 |
        | last  | 0xffff_ffff_0000_0fff |
      When the user calls IOMMU_IOAS_ALLOW_IOVAS, refused with EADDRINUSE:
        | ioas_id       | I1        |
        | num_iovas     | 1         |
        | allowed_iovas | P1 + 0x10 |
      Then the user maps 4 KiB of P1 in I1
      And iova of the answer is 0x3000_0000

  @rule:IFD-IOAS-11 @kind:uapi @profile:iommufd
  Rule: A device that cannot use what is allowed is not attached

    Source: Linux, include/uapi/linux/iommufd.h "When an allowed range is specified any narrowing will be refused"

    Example: its reserved region is allowed
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0x2000_f000 |
        | last  | 0x2001_0fff |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      When the user attaches D1 to I1, refused with EADDRINUSE
      Then the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id   | I1 |
        | num_iovas | 0  |
      And the user attaches D1 to I1

    Example: what its tables do not reach is allowed
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0xffff_ffff_0000_0000 |
        | last  | 0xffff_ffff_0000_ffff |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      When the user attaches D1 to I1, refused with EADDRINUSE
      Then the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id   | I1 |
        | num_iovas | 0  |
      And the user attaches D1 to I1

  @rule:IFD-IOAS-12 @kind:observed @profile:iommufd
  Rule: How memory is accounted is decided before there are objects, and whether pages are joined before they are mapped

    Source: Linux at 051ae5aa73d7, drivers/iommu/iommufd/ioas.c "if (!xa_empty(&ictx->objects))"

    Scenario Outline: RLIMIT_MODE, <what>
      When the user calls IOMMU_OPTION, refused with <errno>:
        | option_id | RLIMIT_MODE |
        | op        | <op>        |
        | object_id | <object>    |
        | val64     | <value>     |
      Then the user calls IOMMU_OPTION:
        | option_id | RLIMIT_MODE |
        | op        | GET         |
      And val64 of the answer is 0

      Examples:
        | what                        | op  | object | value | errno      |
        | of an object                | SET | 1      | 1     | EOPNOTSUPP |
        | of an object, to be told    | GET | 1      | 0     | EOPNOTSUPP |
        | which is neither 0 nor 1    | SET | 0      | 2     | EINVAL     |
        | neither to be set nor told  | 2   | 0      | 1     | EOPNOTSUPP |

    Example: RLIMIT_MODE, set and told
      Given the user calls IOMMU_OPTION:
        | option_id | RLIMIT_MODE |
        | op        | SET         |
        | val64     | 1           |
      When the user calls IOMMU_OPTION:
        | option_id | RLIMIT_MODE |
        | op        | GET         |
      Then val64 of the answer is 1

    Scenario Outline: RLIMIT_MODE, set to <value> while there is an object
      Given an IOAS I1
      When the user calls IOMMU_OPTION, refused with EBUSY:
        | option_id | RLIMIT_MODE |
        | op        | SET         |
        | val64     | <value>     |
      Then the user calls IOMMU_OPTION:
        | option_id | RLIMIT_MODE |
        | op        | GET         |
      And val64 of the answer is 0

      Examples:
        | value |
        | 1     |
        | 2     |

    Scenario Outline: HUGE_PAGES, <what>
      Given an IOAS I1
      When the user calls IOMMU_OPTION, refused with <errno>:
        | option_id | HUGE_PAGES |
        | op        | <op>       |
        | object_id | <object>   |
        | val64     | <value>    |
      Then the user calls IOMMU_OPTION:
        | option_id | HUGE_PAGES |
        | op        | GET        |
        | object_id | I1         |
      And val64 of the answer is 1

      Examples:
        | what                       | op  | object  | value | errno      |
        | which is neither 0 nor 1   | SET | I1      | 2     | EINVAL     |
        | of nothing, and neither    | SET | missing | 2     | ENOENT     |
        | neither to be set nor told | 2   | I1      | 0     | EOPNOTSUPP |

    Example: HUGE_PAGES, switched off while pages are mapped in a HWPT
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      When the user calls IOMMU_OPTION, refused with EINVAL:
        | option_id | HUGE_PAGES |
        | op        | SET        |
        | object_id | I1         |
      Then the user calls IOMMU_OPTION:
        | option_id | HUGE_PAGES |
        | op        | GET        |
        | object_id | I1         |
      And val64 of the answer is 1

  @rule:IFD-IOAS-15 @kind:uapi @profile:iommufd
  Rule: What is mapped of a process's own memory is not given over to another process

    Source: Linux, include/uapi/linux/iommufd.h "returns EINVAL if other maps are present"

    Example: in any IOAS
      Given an IOAS I1
      And an IOAS I2
      And the user has 4 KiB as P1 in I2 at 0x1000_0000
      When the user calls IOMMU_IOAS_CHANGE_PROCESS, refused with EINVAL:
        | __reserved | 0 |
      Then the user unmaps 4 KiB at 0x1000_0000 in I2
      And the user calls IOMMU_IOAS_CHANGE_PROCESS:
        | __reserved | 0 |
