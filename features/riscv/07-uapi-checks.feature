@area:uapi @needs:iommu @needs:nesting
Feature: What user space may get wrong about a nested domain, and every id of a device

  @rule:RVN-UAPI-05 @kind:review @profile:riscv-review
  Rule: A guest's context that hardware would call misconfigured is never given to the hardware

    Source: Jason Gunthorpe, "Re: [RFC PATCH v2 07/10] iommu/riscv: support nested iommu for creating domains owned by userspace", 19 Jun 2024 "ideally emulate translation failure events"

    A mode that hardware of this architecture can have is not meant: RVN-NST-04 leaves it to the hardware.

    Scenario Outline: <field>, with <part>
      Given IOMMU 0 has <part>
      And a nest parent A for d1 with a guest
      And the driver attaches d1 to A
      When the driver allocates nested domain B for d1 on A, refused, from:
        | <first> | 1       |
        | <field> | <value> |
      Then d1 reading 0x20_0008 reaches PA 0x8000_0008

      Examples:
        | part        | first   | field        | value |
        | no DBG      | tc.V    | tc.bit12     | 1     |
        | no DBG      | tc.V    | tc.bit32     | 1     |
        | no DBG      | tc.V    | tc.DPE       | 1     |
        | no DBG      | tc.V    | tc.SBE       | 1     |
        | no DBG      | tc.V    | tc.SXL       | 1     |
        | no DBG      | tc.V    | ta.bit0      | 1     |
        | no DBG      | tc.V    | iosatp.bit44 | 1     |
        | no DBG      | tc.V    | iosatp.bit62 | 1     |
        | no DBG      | tc.PDTV | pdtp.bit63   | 1     |
        | no PD20     | tc.PDTV | pdtp.MODE    | PD20  |
        | no PD8      | tc.PDTV | pdtp.MODE    | PD8   |
        | no AMO_HWAD | tc.V    | tc.SADE      | 1     |
        | no DBG      | tc.V    | reserved7    | 0x1   |

  @rule:RVN-UAPI-06 @kind:patch @profile:riscv-review
  Rule: A device context has 32 to 64 bytes, and nothing beyond its length is looked at

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024, of a context that a pointer leads to "if (!user_arg->dc_uptr || user_arg->dc_len != dc_len)"

    As submitted the length was another word of the structure, and 32 or 64 by the format that the hardware uses. With the context in the structure it is the structure's: 32 bytes are the base format, and what a longer one may have is the same for all hardware.

    Scenario Outline: <length> bytes, <part>
      Given IOMMU 0 has <part>
      And a nest parent A for d1
      Then the driver allocates nested domain B for d1 on A<answer>, from:
        | (length) | <length> |

      Examples:
        | length | part        | answer                |
        | 0      | no DBG      | , refused with EINVAL |
        | 31     | no DBG      | , refused with EINVAL |
        | 31     | no MSI_FLAT | , refused with EINVAL |
        | 32     | no DBG      | , accepted            |
        | 32     | no MSI_FLAT | , accepted            |
        | 33     | no DBG      | , accepted            |
        | 63     | no DBG      | , accepted            |
        | 64     | no DBG      | , accepted            |
        | 64     | no MSI_FLAT | , accepted            |
        | 65     | no DBG      | , refused with EINVAL |

    Example: what stands behind 32 bytes
      Given a nest parent A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | (length)    | 32       |
        | msiptp.MODE | Flat     |
        | msiptp.PPN  | 0x8_0000 |
      Then attaching d1 to B is accepted
      And the device context of d1 has msiptp.MODE Off
      And d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-UAPI-07 @kind:hardened @profile:riscv-review
  Rule: No byte of the kernel's reaches user memory

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024, of a record that is filled in part "if (copy_to_user(event_user, &event, event_len))"

    As submitted an allocation wrote a record of 32 bytes of which it had filled eight. The structure of the review has no record, so there is nothing to write.

    Scenario Outline: of a <kind>
      Then allocating <kind> A for d1 writes user memory never

      Examples:
        | kind        |
        | domain      |
        | nest parent |

    Example: of a nested domain
      Given a nest parent A for d1 with a guest
      Then allocating nested domain B for d1 on A with its tables at GPA 0x10_0000 writes user memory never

  @rule:RVN-UAPI-08 @kind:review @profile:riscv-review
  Rule: Every id of a device gets the nested context, not only the last

    Source: Jason Gunthorpe, "Re: [RFC PATCH v2 07/10] iommu/riscv: support nested iommu for creating domains owned by userspace", 19 Jun 2024 "looping over all the fwspecs but only memcpying the last one"

    Scenario Outline: ids <ids>
      Given d1 has the ids <ids>
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B
      Then the device context of d1 has iosatp.MODE Sv39
      And the device context of d1 has iohgatp.GSCID 1
      And d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | ids                   |
        | 0x1                   |
        | 0x1, 0x2              |
        | 0x3f, 0x40, 0x12_3456 |

  @rule:RVN-UAPI-09 @kind:patch @profile:riscv-review
  Rule: User space is told the capabilities of the IOMMU that a device is behind

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "static void *riscv_iommu_hw_info(struct device *dev, u32 *length, u32 *type)"

    Scenario Outline: where IOMMU 1 has <part>
      Given there are 2 IOMMUs
      And IOMMU 1 has <part>
      And d2 is behind IOMMU 1
      Then the hardware information of d1 is that of its IOMMU
      And the hardware information of d2 is that of its IOMMU

      Examples:
        | part        |
        | no Sv57x4   |
        | no ATS      |
        | no MSI_FLAT |
