@area:viommu @needs:iommufd
Feature: Virtual IOMMUs, their devices, events and queues

  @rule:IFD-VI-01 @kind:observed @profile:iommufd
  Rule: A virtual IOMMU is asked for with flags, a type, a device that has such, and a nest parent, in this order

    Source: Linux at 06449e9fba1e, drivers/iommu/iommufd/viommu.c "if (cmd->flags || cmd->type == IOMMU_VIOMMU_TYPE_DEFAULT)"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_VIOMMU_ALLOC, refused with <errno>:
        | flags   | <flags> |
        | type    | <type>  |
        | dev_id  | <dev>   |
        | hwpt_id | missing |
      Then the user attaches D1 to I1

      Examples:
        | what                                       | flags | type        | dev     | errno      |
        | unknown flags, and no such device          | 1     | 1           | missing | EOPNOTSUPP |
        | no type, and no such device                | 0     | 0           | missing | EOPNOTSUPP |
        | no such device, and a type that nobody has | 0     | 0xffff_fffe | missing | ENOENT     |
        | another object, and a type that nobody has | 0     | 0xffff_fffe | I1      | ENOENT     |
        | a type that nobody has, and no such HWPT   | 0     | 0xffff_fffe | D1      | EOPNOTSUPP |

  @rule:IFD-VI-02 @kind:observed @profile:iommufd
  Rule: A virtual device is asked for with a virtual IOMMU, a device behind the same IOMMU that has none yet, and an id of its own

    Source: Linux at 06449e9fba1e, drivers/iommu/iommufd/viommu.c "viommu->iommu_dev != __iommu_get_iommu_dev(idev->dev)"

    Scenario Outline: of <viommu>
      Given an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_VDEVICE_ALLOC, refused with ENOENT:
        | viommu_id | <viommu> |
        | dev_id    | D1       |
        | virt_id   | 0x10     |
      Then the user attaches D1 to I1

      Examples:
        | viommu  |
        | missing |
        | 0       |
        | I1      |
        | D1      |

  @rule:IFD-VI-03 @kind:observed @profile:iommufd
  Rule: A device that could not become a virtual one can still

    Source: Linux at 06449e9fba1e, drivers/iommu/iommufd/viommu.c "xa_cmpxchg is okay to fail if alloc failed xa_cmpxchg previously"

    Excluded: no driver below offers virtual IOMMUs yet; drivers/iommufd/events.test.ts asks the core

  @rule:IFD-VI-04 @kind:hardened @profile:iommufd
  Rule: A virtual device that its driver sizes wrongly leaves no lock taken

    Source: Linux at 06449e9fba1e, drivers/iommu/iommufd/viommu.c "ops->vdevice_size smaller than the core structure size"

    Excluded: drivers of this contract give no sizes of structures, and the locks of Linux show in no answer

  @rule:IFD-VI-05 @kind:observed @profile:iommufd
  Rule: A virtual device that is gone is nobody's: invalidating for it is refused with EIO

    Source: Linux, include/uapi/linux/iommufd.h "Virtual device ID per vIOMMU, e.g. vSID of ARM SMMUv3"

    Excluded: what a virtual id stands for is resolved by the driver below, and none offers virtual IOMMUs yet

  @rule:IFD-VEQ-01 @kind:observed @profile:iommufd
  Rule: A queue of events is asked for with flags, a type, a depth and a virtual IOMMU, in this order

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "if (!cmd->veventq_depth)"

    Scenario Outline: <what>
      Given an IOAS I1
      When the user calls IOMMU_VEVENTQ_ALLOC, refused with <errno>:
        | flags         | <flags>    |
        | __reserved    | <reserved> |
        | type          | <type>     |
        | veventq_depth | <depth>    |
        | viommu_id     | <viommu>   |
      Then out_veventq_id of the answer is 0
      And out_veventq_fd of the answer is 0

      Examples:
        | what                                  | flags | reserved | type | depth | viommu  | errno      |
        | unknown flags, and no depth           | 1     | 0        | 1    | 0     | missing | EOPNOTSUPP |
        | a reserved member, and no depth       | 0     | 1        | 1    | 0     | missing | EOPNOTSUPP |
        | no type, and no depth                 | 0     | 0        | 0    | 0     | missing | EOPNOTSUPP |
        | no depth, and no such virtual IOMMU   | 0     | 0        | 1    | 0     | missing | EINVAL     |
        | no such virtual IOMMU                 | 0     | 0        | 1    | 1     | missing | ENOENT     |
        | another object                        | 0     | 0        | 1    | 1     | I1      | ENOENT     |

  @rule:IFD-VEQ-02 @kind:uapi @profile:iommufd
  Rule: A full queue drops what comes, says so at its end, and the sequence tells how much

    Source: Linux, include/uapi/linux/iommufd.h "added to the tail, and no data would follow this header"

    Excluded: no driver below offers virtual IOMMUs yet; drivers/iommufd/events.test.ts asks the core

  @rule:IFD-VEQ-03 @kind:observed @profile:iommufd
  Rule: An event of a type that has no queue is dropped

    Source: Linux, include/uapi/linux/iommufd.h "but is confined to one per @type"

    Excluded: no driver below offers virtual IOMMUs yet; drivers/iommufd/events.test.ts asks the core

  @rule:IFD-VEQ-04 @kind:observed @profile:iommufd
  Rule: Events are read as whole records, a header with its data

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "If being a normal vEVENT, validate against the full size"

    Excluded: no driver below offers virtual IOMMUs yet; drivers/iommufd/events.test.ts asks the core

  @rule:IFD-VEQ-05 @kind:hardened @profile:iommufd
  Rule: An event whose data cannot be copied is not read, its header neither

    Source: Linux at ec2e0fb07d78, drivers/iommu/iommufd/eventq.c "copy_to_user(buf + done, cur->event_data, cur->data_len)"

    Excluded: no driver below offers virtual IOMMUs yet; drivers/iommufd/events.test.ts asks the core

  @rule:IFD-HWQ-01 @kind:observed @profile:iommufd
  Rule: A queue of the hardware is asked for with flags, a type, a length, an end and a virtual IOMMU, in this order

    Source: Linux at 06449e9fba1e, drivers/iommu/iommufd/viommu.c "check_add_overflow(cmd->nesting_parent_iova, cmd->length - 1, &last)"

    Scenario Outline: <what>
      Given an IOAS I1
      When the user calls IOMMU_HW_QUEUE_ALLOC, refused with <errno>:
        | flags               | <flags>  |
        | type                | <type>   |
        | length              | <length> |
        | nesting_parent_iova | <iova>   |
        | viommu_id           | <viommu> |
      Then out_hw_queue_id of the answer is 0

      Examples:
        | what                                   | flags | type | length | iova                  | viommu  | errno      |
        | unknown flags, and no length           | 1     | 1    | 0      | 0x1000_0000           | missing | EOPNOTSUPP |
        | no type, and no length                 | 0     | 0    | 0      | 0x1000_0000           | missing | EOPNOTSUPP |
        | no length, and no such virtual IOMMU   | 0     | 1    | 0      | 0x1000_0000           | missing | EINVAL     |
        | beyond the end, and no such            | 0     | 1    | 0x1001 | 0xffff_ffff_ffff_f000 | missing | EOVERFLOW  |
        | up to the end, of no such              | 0     | 1    | 0x1000 | 0xffff_ffff_ffff_f000 | missing | ENOENT     |
        | another object                         | 0     | 1    | 0x1000 | 0x1000_0000           | I1      | ENOENT     |

  @rule:IFD-HWQ-02 @kind:observed @profile:iommufd
  Rule: A queue of the hardware keeps what it lies in mapped

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "The area is locked by an object that has not been destroyed"

    Excluded: no driver below offers queues of the hardware, and the reference core knows none

  @rule:IFD-MMAP-01 @kind:observed @profile:iommufd
  Rule: Of the file, what the kernel has given can be mapped, shared and not to be executed

    Source: Nicolin Chen, drivers/iommu/iommufd/main.c as posted in May 2025 "The vm_pgoff must be pre-allocated from mt_mmap"

    Scenario Outline: <size> at offset <offset><how>
      Given an IOAS I1
      When the user maps <size> of the file /dev/iommu at offset <offset><how>, refused with <errno>
      Then the user calls IOMMU_DESTROY:
        | id | I1 |

      Examples:
        | size  | offset      | how                          | errno  |
        | 4 KiB | 0           | , private                    | EINVAL |
        | 4 KiB | 0           | , private, to be executed    | EINVAL |
        | 4 KiB | 0           | , to be executed             | EPERM  |
        | 4 KiB | 0x1000      | , to be executed             | EPERM  |
        | 4 KiB | 0           |                              | ENXIO  |
        | 8 KiB | 0x1000_0000 |                              | ENXIO  |
