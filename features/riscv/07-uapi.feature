@area:uapi @needs:iommu @needs:nesting
Feature: What user space says of a nested domain, and is told of the hardware

  @rule:RVN-UAPI-01 @kind:review @profile:riscv-review
  Rule: The device context is in the structure itself, which is copied once

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "why do you need a pointer and length?"

    Example: one copy for an allocation
      Given a nest parent A for d1
      Then allocating nested domain B for d1 on A reads user memory once

  @rule:RVN-UAPI-02 @kind:review @profile:riscv-review
  Rule: An allocation tells user space nothing through its data

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Weird? Why?"

    Example: a nested domain
      Given a nest parent A for d1
      Then allocating nested domain B for d1 on A writes user memory never

  @rule:RVN-UAPI-03 @kind:hardened @profile:riscv-review
  Rule: What is the host's of a device context is not taken from the guest

    Source: Jason Gunthorpe, "Re: [RFC PATCH v2 07/10] iommu/riscv: support nested iommu for creating domains owned by userspace", 19 Jun 2024 "Any customization of kernel controlled bits should be done during attach only"

    Scenario Outline: <field> <value>
      Given a nest parent A for d1 with a guest
      And the driver attaches d1 to A
      When the driver allocates nested domain B for d1 on A, refused, from:
        | <field> | <value> |
      Then d1 reading 0x20_0008 reaches PA 0x8000_0008

      Examples:
        | field                    | value    |
        | iohgatp.MODE             | Sv39x4   |
        | iohgatp.GSCID            | 1        |
        | iohgatp.PPN              | 0x8_0000 |
        | ta.PSCID                 | 1        |
        | ta.bit40                 | 1        |
        | tc.EN_ATS                | 1        |
        | tc.EN_PRI                | 1        |
        | tc.T2GPA                 | 1        |
        | tc.PRPR                  | 1        |
        | tc.DTF                   | 1        |
        | tc.GADE                  | 1        |
        | tc.bit24                 | 1        |
        | msiptp.MODE              | Flat     |
        | msiptp.PPN               | 0x8_0000 |
        | msi_addr_mask.mask       | 0x1      |
        | msi_addr_pattern.pattern | 0x1      |

    Example: and what is in a context comes from the host
      Given of the PSCIDs only 7 is left
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the device context of d1 has iohgatp.GSCID 1
      And the device context of d1 has ta.PSCID 7
      And the device context of d1 has msiptp.MODE Off

    Example: nor a command that names a device by the guest's number
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the guest invalidates in B, refused with EOPNOTSUPP:
        | IODIR.INVAL_DDT | DV | DID 0x7 |
      Then d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-UAPI-04 @kind:review @profile:riscv-review
  Rule: A guest's context that is not valid blocks the device, and its requests fault with cause 258

    Source: Jason Gunthorpe, "Re: [RFC PATCH v2 07/10] iommu/riscv: support nested iommu for creating domains owned by userspace", 19 Jun 2024 "translation into blocking and ideally emulate translation failure events"

    Scenario Outline: <what>
      Given a nest parent A for d1 with a guest
      And the driver attaches d1 to A
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | tc.V    | 0       |
        | <field> | <value> |
      Then replacing the domain of d1 by B is accepted
      And d1 reading 0x1000 faults with cause 258
      And d1 writing 0x20_0000 faults with cause 258

      Examples:
        | what                          | field       | value |
        | nothing else                  | tc.V        | 0     |
        | with bits that have a meaning | tc.DPE      | 1     |
        | without a first stage         | iosatp.MODE | Bare  |

    Example: and a valid one serves it again
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | tc.V | 0 |
      And the driver attaches d1 to B
      And a nested domain C for d1 on A with its tables at GPA 0x10_0000
      When the driver replaces the domain of d1 by C
      Then d1 reading 0x1008 reaches PA 0x8000_0008
