@area:hw-info @needs:iommufd
Feature: IOMMU_GET_HW_INFO: what hardware a device is behind

  @rule:IFD-INFO-01 @kind:uapi @profile:iommufd
  Rule: Flags and reserved members that are not known come first, EOPNOTSUPP, and then the device, ENOENT

    Source: Linux, include/uapi/linux/iommufd.h "known field has a value the kernel does not understand or support"

    Scenario Outline: <what>
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO, refused with <errno>:
        | dev_id     | <device>   |
        | flags      | <flags>    |
        | __reserved | <reserved> |
        | data_len   | 0x1000     |
        | data_uptr  | 0x10       |
      Then data_len of the answer is 0x1000

      Examples:
        | what                              | device  | flags | reserved | errno      |
        | flags                             | D1      | 0x80  | 0        | EOPNOTSUPP |
        | flags, and no such device         | missing | 0x80  | 0        | EOPNOTSUPP |
        | a reserved member                 | D1      | 0     | 1        | EOPNOTSUPP |
        | a reserved member, no such device | missing | 0     | 1        | EOPNOTSUPP |
        | no such device                    | missing | 0     | 0        | ENOENT     |

  @rule:IFD-INFO-02 @kind:uapi @profile:iommufd
  Rule: Without the flag it does not matter which type is asked for

    Source: Linux, include/uapi/linux/iommufd.h "any input value will be seen as IOMMU_HW_INFO_TYPE_DEFAULT"

    Scenario Outline: the type <type>
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id        | D1     |
        | out_data_type | <type> |
      Then out_data_type of the answer is HARDWARE_TYPE

      Examples:
        | type        |
        | 0           |
        | 0x7fff      |
        | 0xffff_ffff |

  @rule:IFD-INFO-03 @kind:uapi @profile:iommufd
  Rule: With the flag the type has to be one of the hardware's, else EOPNOTSUPP

    Source: Linux, include/uapi/linux/iommufd.h "requesting for the info data to the given type"

    Example: one that nobody knows
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO, refused with EOPNOTSUPP:
        | dev_id        | D1         |
        | flags         | INPUT_TYPE |
        | out_data_type | 0x7fff     |
        | data_len      | 0x1000     |
        | data_uptr     | 0x10       |
      Then data_len of the answer is 0x1000

    Scenario Outline: <type>
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id        | D1         |
        | flags         | INPUT_TYPE |
        | out_data_type | <type>     |
      Then out_data_type of the answer is HARDWARE_TYPE

      Examples:
        | type          |
        | 0             |
        | HARDWARE_TYPE |

  @rule:IFD-INFO-04 @kind:uapi @profile:iommufd
  Rule: Of hardware that says nothing the type is none, and the user's memory is cleared

    Source: Linux, include/uapi/linux/iommufd.h "Output by the drivers that do not report hardware info"
    Excluded: the drivers below all say what they are; drivers/iommufd/information.test.ts has one that does not

  @rule:IFD-INFO-05 @kind:uapi @profile:iommufd
  Rule: As much is filled as there is room for, and what is too long is cleared

    Source: Linux, include/uapi/linux/iommufd.h "kernel only fills the buffer using the given length"

    Scenario Outline: <bytes> bytes leave the rest
      Given the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user puts iommu_iova_range at P1 + <bytes>:
        | start | 0x1122_3344_5566_7788 |
        | last  | 0x99aa_bbcc_ddee_ff00 |
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id    | D1      |
        | data_len  | <bytes> |
        | data_uptr | P1      |
      Then iommu_iova_range at P1 + <bytes> has:
        | start | 0x1122_3344_5566_7788 |
        | last  | 0x99aa_bbcc_ddee_ff00 |

      Examples:
        | bytes  |
        | 0      |
        | 1      |
        | 4      |
        | 0x1000 |

    Scenario Outline: <bytes> bytes too long
      Given the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user puts iommu_iova_range at P1 + HARDWARE_BYTES + <before>:
        | start | 0x1122_3344_5566_7788 |
        | last  | 0x99aa_bbcc_ddee_ff00 |
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id    | D1                       |
        | data_len  | HARDWARE_BYTES + <bytes> |
        | data_uptr | P1                       |
      Then iommu_iova_range at P1 + HARDWARE_BYTES + <before> has:
        | start | 0 |
        | last  | 0 |

      Examples:
        | bytes  | before |
        | 16     | 0      |
        | 0x1000 | 0      |
        | 0x1000 | 0xff0  |

  @rule:IFD-INFO-06 @kind:uapi @profile:iommufd
  Rule: The length that is told is how much there is to say, whatever there was room for

    Source: Linux, include/uapi/linux/iommufd.h "@data_len will be updated to the length that kernel actually supports"

    Scenario Outline: room for <bytes> bytes
      Given the user binds d1 as D1
      And the user allocates 8 KiB as P1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id    | D1      |
        | data_len  | <bytes> |
        | data_uptr | P1      |
      Then data_len of the answer is HARDWARE_BYTES

      Examples:
        | bytes          |
        | 0              |
        | 1              |
        | HARDWARE_BYTES |
        | 0x1000         |

  @rule:IFD-INFO-07 @kind:observed @profile:iommufd
  Rule: Memory that cannot be filled or cleared is refused with EFAULT

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "if (clear_user(user_ptr + copy_len, cmd->data_len - copy_len))"

    Example: memory that is not there
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO, refused with EFAULT:
        | dev_id    | D1   |
        | data_len  | 8    |
        | data_uptr | 0x10 |
      Then data_len of the answer is 8

    Example: memory that is not all there
      Given the user binds d1 as D1
      And the user allocates 4 KiB as P1
      When the user calls IOMMU_GET_HW_INFO, refused with EFAULT:
        | dev_id    | D1     |
        | data_len  | 0x1001 |
        | data_uptr | P1     |
      Then data_len of the answer is 0x1001

    Example: memory that can only be read
      Given the user binds d1 as D1
      And the user allocates 4 KiB as P1, read-only
      When the user calls IOMMU_GET_HW_INFO, refused with EFAULT:
        | dev_id    | D1 |
        | data_len  | 8  |
        | data_uptr | P1 |
      Then data_len of the answer is 8

    Example: without room nobody looks
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id    | D1   |
        | data_uptr | 0x10 |
      Then data_len of the answer is HARDWARE_BYTES

  @rule:IFD-INFO-08 @kind:uapi @profile:iommufd
  Rule: PASIDs have the width that the device can use, and none is 0; what else it can do is in the capabilities

    Source: Linux, include/uapi/linux/iommufd.h "Output the width of PASIDs. 0 means no PASID support"

    Example: a device without PASIDs
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id | D1 |
      Then out_max_pasid_log2 of the answer is 0

    @needs:pasid
    Example: a device with PASIDs
      Given d1 has PASIDs of 16 bits
      And the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id | D1 |
      Then out_max_pasid_log2 of the answer is 16

    @needs:dirty-tracking
    Example: dirty pages are noted
      Given the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id | D1 |
      Then out_capabilities of the answer is 9

    @needs:ats
    Example: and not by hardware that cannot, of a device that keeps translations
      Given IOMMU 0 has no way to note dirty pages
      And d1 keeps translations of its own
      And the user binds d1 as D1
      When the user calls IOMMU_GET_HW_INFO:
        | dev_id | D1 |
      Then out_capabilities of the answer is 0

  @rule:IFD-INFO-09 @kind:observed @profile:iommufd
  Rule: A driver that has something to say of no type is not believed: EOPNOTSUPP

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "WARN_ON_ONCE(cmd->out_data_type == IOMMU_HW_INFO_TYPE_NONE)"
    Excluded: only a driver that is wrong shows it; drivers/iommufd/wrong-drivers.test.ts has one
